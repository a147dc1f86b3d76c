"""The page of what is read of a C-CDA document, from `mappings/ccda.toml`."""

from __future__ import annotations

from pathlib import Path

from adapter.referral.ccda_tables import SectionKind, Tables
from docs.generator.markdown import code, page, table

INTRO = """\
A facility that has no FHIR sends a C-CDA document. It is kept as it came. Of what is coded in it records are
proposed, and everything else is named with its place, its section's title and LOINC code, and why: a section that
is only text, an entry of a template that has no row below, a part of an entry that its record does not say, a value
that R4 has no form for. So nothing is dropped unnamed, and nobody has to compare the document with the records line
by line.

* What is **negated** never becomes its opposite: a problem or allergy is refuted, a medication is *not taken* or
  *not to be taken*, a finding is not read. What is planned or wished for is not read, save medications, which are
  plans.
* **Nobody else** is named: sections and entries about relatives are not read, nor guardians, informants and who
  takes part. Of clinicians only who prescribed a medication is in a record, by name and NPI.
* **Times** stay as exact as they were sent. A time of day without an offset is kept as its day; an impossible date
  is no date. Digits are kept. A code system that FHIR has no URI for goes by its OID.
* A problem that is said to be active and to have ended stays active. A medication of status *completed* is over
  only where its time is; else its status is unknown.
* **Labels**: the confidentiality of the document and of each section, and of what it is sensitive; a section is at
  least as confidential as the document, the document as confidential as its sections.
* **Proposed** means: a record has the tag `proposed`, and what would be confirmed is unconfirmed, until the program's
  staff accept it, one by one or a whole document by one call ([intake](intake.md)).
* **Refused** are a document type (DOCTYPE), what is no ClinicalDocument, and a document about nobody or several
  people."""
HEADER = """\
## The header

The patient (recordTarget) becomes a Patient, the stay (encompassingEncounter) an Encounter with its dates and the
discharge disposition. Authors, custodian and others who took part are told by the document."""
_MAKES = {
    "wraps": "what is in it",
    "problem": "Condition",
    "allergy": "AllergyIntolerance",
    "medication": "MedicationStatement of what was taken (EVN), MedicationRequest of a plan (INT) or an order (RQO)",
    "panel": "Observation with its members",
    "finding": "Observation",
}


def ccda_page(root: Path) -> str:
    """The page as Markdown."""
    tables = Tables.load(root / "mappings")
    entries = [(one.name, code(oid), _MAKES[one.reads], one.category) for oid, one in tables.templates.items()]
    sections = [(one.name, code(loinc), _of(one)) for loinc, one in tables.sections.items()]
    graded = [
        (part, one.grade, one.source, ", ".join(f"{code(row)} {grade}" for row, grade in one.lower.items()))
        for part, one in tables.graded.items()
    ]
    systems = [(code(oid), code(uri)) for oid, uri in {**tables.systems, **tables.issuers}.items()]
    return page(
        "mappings/ccda.toml",
        "# C-CDA documents",
        INTRO,
        HEADER,
        "## Entries\n\n" + table(("entry", "template", "becomes", "category"), entries),
        "## Sections\n\nEntries are read by their template in whatever section they stand.\n\n"
        + table(("section", "LOINC", "its text and problems"), sections),
        "## Code systems and issuers of identifiers\n\n" + table(("OID", "in FHIR"), systems),
        "## How each part was checked\n\nA: in the standard itself or HL7's published samples. B: only in third"
        " parties' code or pages.\n\n" + table(("part", "grade", "source", "save"), graded),
    )


def _of(kind: SectionKind) -> str:
    if kind.another:
        return "not read: it tells of other people"
    text = "an Observation of that code" if kind.fact else "named"
    return f"{text}; problems are of the category {code(kind.category)}" if kind.category else text
