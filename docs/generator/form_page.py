"""The page of the small form of a referral, from what it can say and the code tables of its words."""

from __future__ import annotations

from adapter.mapping.tables import Table
from adapter.referral.files import TAKEN
from adapter.referral.form_fields import FIELDS, FILES, Field
from docs.generator.context import Context
from docs.generator.markdown import code, codes, page, table

SOURCE = "adapter/referral/form_fields.py"
INTRO = """\
A facility that has no FHIR sends a referral as a form with files: `multipart/form-data` to
`POST /fhir/$submit-referral`, or by `iop-adapter refer`. Every field is said once; all can be said together as an
object of strings in JSON, in the part `form`. Empty fields count as not said.

Of the form are made a Patient, a ServiceRequest, a Practitioner who refers, a Coverage with its payer, a
DocumentReference with a Binary of each file, and of a signed form a proposed Consent; they go in as a packet in FHIR
does, and are answered alike.

* What is **wrong** is refused with all of it named by field: an unknown field, one said twice and JSON that is none
  with 400, what a field cannot hold with 422.
* What is **not said** is taken from the header of the first C-CDA document where that tells of the person, and is named
  so; else it is named as missing where intake asks for it. A person without a name or a number is refused.
* A **contradiction** (another birth date, another name in a document) is refused with the field and the place in the
  document. Names are compared as two records of people are: accents, case and small slips make no other name.
* **Sent again** under the same `identifier` it is the same referral. Without one it goes by the digest of its
  fields and documents: one in which a field was corrected is another referral, which intake sees besides the first.
* A **file** is of the type that its first bytes show. One whose type is not said (`application/octet-stream`) is taken
  for what it is. Nothing in it is looked for or run; a document type (DOCTYPE) is refused. XML is C-CDA, in UTF-8."""


def form_page(context: Context) -> str:
    """The page as Markdown."""
    rows = [
        (code(name), field.means, _held(context, field), "yes" if field.wanted else "")
        for name, field in FIELDS.items()
    ]
    files = [(code(name), str(most)) for name, most in FILES.items()]
    return page(
        SOURCE,
        "# The form of a referral",
        INTRO,
        "## Fields\n\n" + table(("field", "means", "one of", "asked for"), rows),
        f"## Files\n\nOf the types {codes(TAKEN)}.\n\n" + table(("field", "at most"), files),
    )


def _held(context: Context, field: Field) -> str:
    held = context.maps.tables.get(field.table)
    return codes(held.codings) if isinstance(held, Table) else ""
