"""Names and values of an address or a form, read strictly and in one way wherever they stand.

https://url.spec.whatwg.org/#application/x-www-form-urlencoded, as R4 wants it: https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from adapter.problems import Kind, Problem

FIELD_LIMIT = 300


def form_pairs(form: bytes | str, place: str | None = None) -> list[tuple[str, str]]:
    """The pairs, in order, empty values kept; 400 for what is not UTF-8 in percent-encoding, or has too many fields.

    `place` is where the form stands in the request, for the message.
    """
    sent = form.encode() if isinstance(form, str) else form
    if sent.count(b"&") >= FIELD_LIMIT:
        raise Problem(Kind.TOO_COSTLY, f"more than {FIELD_LIMIT} parameters at a time are not served", place)
    try:
        return parse_qsl(sent.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise Problem(Kind.INVALID, "the parameters are not UTF-8 in percent-encoding", place, code="value") from None
