"""The JSON form of every R4 primitive: what its datatypes page says, and the days that each month has.

https://hl7.org/fhir/R4/datatypes.html#primitive, https://hl7.org/fhir/R4/json.html#primitive. Patterns are for a
linear-time engine (no look-around); `[0-9]` because `\\d` would let other scripts' digits in.
"""

from __future__ import annotations

from typing import Any

YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
DAY = (
    f"(?:{YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{LEAP}-02-29)"
)
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
ID = r"[A-Za-z0-9\-.]{1,64}"
BASE64 = (
    r"^[ \t\r\n]*(?:(?:[A-Za-z0-9+/][ \t\r\n]*){4})*(?:(?:[A-Za-z0-9+/][ \t\r\n]*){4}"
    r"|(?:[A-Za-z0-9+/][ \t\r\n]*){2}=[ \t\r\n]*=[ \t\r\n]*|(?:[A-Za-z0-9+/][ \t\r\n]*){3}=[ \t\r\n]*)$"
)
TEXT = {"type": "string", "pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]+$", "maxLength": 1048576}

NO_SPACE = {"type": "string", "pattern": r"^[^\s\x00-\x1f]+$"}
ABSOLUTE = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x1f]+$", "is": "absolute url"}


def _string(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


PRIMITIVES: dict[str, dict[str, Any]] = {
    "base64Binary": {"type": "string", "minLength": 1, "pattern": BASE64},
    "boolean": {"type": "boolean"},
    "canonical": NO_SPACE,
    "code": _string(r"[^\s\x00-\x1f]+(?: [^\s\x00-\x1f]+)*"),
    "date": _string(f"(?:{YEAR}(?:-(?:0[1-9]|1[0-2]))?|{DAY})"),
    "dateTime": _string(f"(?:{YEAR}(?:-(?:0[1-9]|1[0-2]))?|{DAY}(?:T{CLOCK}{ZONE})?)"),
    "decimal": {"type": "number"},
    "id": _string(ID),
    "instant": _string(f"{DAY}T{CLOCK}{ZONE}"),
    "integer": {"type": "integer", "minimum": -2147483648, "maximum": 2147483647},
    "markdown": TEXT,
    "oid": _string(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+"),
    "positiveInt": {"type": "integer", "minimum": 1, "maximum": 2147483647},
    "string": TEXT,
    "time": _string(CLOCK),
    "unsignedInt": {"type": "integer", "minimum": 0, "maximum": 2147483647},
    "uri": NO_SPACE,
    "url": NO_SPACE,
    "uuid": _string("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "xhtml": {"type": "string", "rule": "txt-1"},
}

OPEN_CODES: dict[str, dict[str, Any]] = {
    "mimetypes": _string(r"[!#$&^_.+A-Za-z0-9\-]+/[!#$&^_.+A-Za-z0-9\-]+(?:[ ]?;[ ]?\S.*)?"),
    "currencies": _string("[A-Z]{3}"),
}
"""Patterns for the required bindings whose codes R4 does not enumerate."""


def reference(targets: tuple[str, ...]) -> dict[str, Any]:
    """Literal references in their usual forms: relative, absolute and RESTful, `urn:uuid`, `urn:oid`, conditional.

    Fragments and other absolute URLs are looked at one by one in `adapter/fhir/faults.py`.
    """
    kinds = "|".join(targets)
    version = f"(?:/_history/{ID})?"
    forms = (
        rf"(?:https?://\S+/)?(?:{kinds})/{ID}{version}",
        "urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+",
        rf"(?:{kinds})\?\S+",
    )
    return _string(f"(?:{'|'.join(forms)})")
