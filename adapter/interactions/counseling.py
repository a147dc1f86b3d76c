"""SUD counseling notes get in by no door, as whatever resource, contained or in a Bundle they come.

42 CFR 2.11 sets such a note apart from the record, and 2.31(b) asks a consent of its own for it. A Consent may speak of
them: without one that does, nothing could ever be done with them elsewhere.
Labels: https://hl7.org/fhir/R4/security-labels.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from adapter.fhir.json import dump
from adapter.problems import Issue, Kind, Problem

Resource = dict[str, Any]

COUNSELING_NOTE = (
    "a SUD counseling note is not kept or sent here: 42 CFR 2.11 sets it apart from the record, and 2.31(b) asks a"
    " consent of its own for it; leave it with the clinician who wrote it, and record medication, times, modality,"
    " frequency, results, diagnosis, plan and progress as themselves"
)
# Codes that say so, of whatever system: a sender who leaves the system out, or gives it by its OID, says the same.
# LOINC codes are of grade B: read, with these displays, in copies by others of a value set of LOINC's document types,
# not in LOINC itself.
CODES = frozenset(
    {
        "counseling-note",  # our own CodeSystems document-type and document-category
        "psythpn",  # HL7 v3 ActCode: psychotherapy note information sensitivity
        "hipaapsynotes",  # HL7 v3 ActCode: the policy of 45 CFR 164.508(a)(2)
        "47042-7",  # Counseling note
        "34864-9",  # Mental health Counseling note
        "34865-6",  # Psychiatry Counseling note
        "34866-4",  # Psychology Counseling note
        "34872-2",  # Social work Counseling note
        "47043-5",  # Group counseling note
        "34114-9",  # Hospital Group counseling note
        "34787-2",  # Mental health Group counseling note
        "34790-6",  # Psychiatry Group counseling note
        "34793-0",  # Psychology Group counseling note
        "34843-3",  # Social work Group counseling note
    }
)  # not refused: 34869-8, Pharmacy Counseling note, which is about medicines
_NUMBERS = tuple(f'"{code}"'.encode() for code in sorted(CODES) if code[0].isdigit())

# Their own words, within one phrase. Words catch what is called by its name; they are no wall.
_PHRASE = re.compile(r"[.;!?\n]+")
_JOINTS = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_]+")
_OTHER = r"(?<!nutrition )(?<!nutritional )(?<!dietary )(?<!genetic )(?<!genetics )(?<!lactation )(?<!pharmacy )" + (
    r"(?<!medication )(?<!contraceptive )(?<!vocational )(?<!career )(?<!financial )(?<!benefits )"
)
# What stands apart from the conversation, by 42 CFR 2.11 or because it is an errand: "counseling attendance note".
_ERRAND = r"(?!attendance |referral |appointment |scheduling |billing |consent )"
_WORDS = re.compile(
    rf"\b{_OTHER}(?:counsel+(?:ing|ors?)|psychotherap(?:y|ists?)) (?:{_ERRAND}\w+ ){{0,3}}notes?\b"
    r"|(?<!in )(?<!intake )(?<!admission )(?<!discharge )(?<!referral )(?<!billing )\bprocess (?:session )?notes?\b"
    r"|\bnotes? (?:(?:taken|made|of|from|on|about|during|in|at|the|a|an|his|her|their|individual|private|group|joint"
    rf"|family|first|last|sud|substance|use|abuse|addiction) ){{0,6}}{_OTHER}(?:counsel+ing|psychotherapy)\b"
)
# A form that permits or asks for such notes is not one.
_LEAVE = re.compile(r"\b(?:consent|authori[sz]ation|release|revocation|refusal|request)s? (?:\w+ )*$")

# Resources that can be a note, and their elements, at any depth, that say what kind of thing it is.
_CARRIERS = frozenset(("DocumentReference", "DocumentManifest", "Composition", "DiagnosticReport", "Media", "List"))
_CARRIERS |= {"Communication", "Observation", "Basic", "ClinicalImpression", "QuestionnaireResponse"}
_KINDS = frozenset(("type", "category", "code", "title", "format", "topic", "questionnaire"))
_ATTACHED = frozenset(("contentType", "url", "data"))


def check_no_note(resource: Resource) -> None:
    """422 with every place at which the resource says that it is, or holds, a SUD counseling note."""
    if issues := counseling_notes(resource, dump(resource)):
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)


def counseling_notes(resource: Resource, text: bytes) -> list[Issue]:
    """Every place that says so, as FHIRPath; `text` is the resource printed: it alone tells that there is none."""
    if not _suspect(text.lower()):
        return []
    root = str(resource.get("resourceType", ""))
    return [Issue("business-rule", COUNSELING_NOTE, path) for path in dict.fromkeys(_said(resource, root, root))]


def _suspect(text: bytes) -> bool:
    """Whether the walk is worth its while: every write comes by here, so it looks for bytes, and for few of them."""
    psy = b"psy" in text
    if psy and b"psythpn" in text:
        return True
    if (psy or b"counsel" in text or b"process" in text) and b"note" in text:
        return True
    return (b'"34' in text or b'"4704' in text) and any(number in text for number in _NUMBERS)


def _said(value: Resource, path: str, type: str) -> Iterator[str]:
    """The places within one object of a resource of a type; resources in it answer for themselves."""
    if isinstance(inner := value.get("resourceType"), str):
        type = inner
    if type != "Consent" and _is_coded(value):
        yield path
    for name, child in value.items():
        place = f"{path}.{name}"
        if type != "Consent" and _tells(name, value, path, type):
            yield from _worded(child, place)
        for index, member in enumerate(child) if isinstance(child, list) else ((None, child),):
            if isinstance(member, dict):
                yield from _said(member, place if index is None else f"{place}[{index}]", type)


def _is_coded(value: Resource) -> bool:
    return isinstance(code := value.get("code"), str) and code.lower() in CODES


def _tells(name: str, holder: Resource, path: str, type: str) -> bool:
    """Whether an element says what kind of thing its resource or attachment is, or how it must be handled."""
    if name == "securityLabel" or (name == "security" and path.endswith(".meta")):
        return True
    if type not in _CARRIERS:
        return name == "title" and not _ATTACHED.isdisjoint(holder)
    if name == "code" and isinstance(holder[name], str):
        return False  # of a Coding, which is read whole, or of a list that R4 closes
    return name in _KINDS or (name == "description" and type.startswith("Document"))


def _worded(value: Any, path: str) -> Iterator[str]:
    """The places of a text, Coding or CodeableConcept, or of a list of them, that says it in words."""
    if isinstance(value, list):
        for index, member in enumerate(value):
            yield from _worded(member, f"{path}[{index}]")
    elif isinstance(value, str):
        if is_note(value):
            yield path
    elif isinstance(value, dict):
        if any(isinstance(said := value.get(name), str) and is_note(said) for name in ("text", "display", "code")):
            yield path
        if "coding" in value:
            yield from _worded(value["coding"], f"{path}.coding")


def is_note(said: str) -> bool:
    """Whether a title or a name of a kind is that of a counseling note."""
    for phrase in _PHRASE.split(said):
        words = _JOINTS.sub(" ", phrase).lower().strip()
        found = _WORDS.search(words)
        if found and not _LEAVE.search(words[: found.start()]):
            return True
    return False
