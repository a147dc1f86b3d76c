"""What a document tells of the stay it is from: encompassingEncounter to Encounter, and telling texts to Observation.

https://hl7.org/fhir/R4/encounter.html: when the patient came, left, and to where.
"""

from __future__ import annotations

from adapter.referral.desk import Desk, Object
from adapter.referral.document import Node
from adapter.referral.values import said

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_UNKNOWN = {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK", "display": "unknown"}
_LONGEST = 1 << 20
"""Bytes of a string in R4."""


def stay(desk: Desk, node: Node) -> Object:
    """The Encounter; R4 wants a class, which is unknown unless the document has one of v3-ActCode."""
    values, code = desk.values, node.first("code")
    start, end = values.interval(node.first("effectiveTime"))
    disposition = values.concept(node.first("dischargeDispositionCode"))
    kind = values.concept(code)
    classes = [one for one in (kind or {}).get("coding", ()) if one.get("system") == _ACT_CODE]
    made = {
        "identifier": values.identifiers(node.all("id")) or None,
        "status": "finished" if desk.is_over(end) else "unknown",
        "class": classes[0] if classes else _UNKNOWN,
        "type": [kind] if kind and not classes else None,
        "subject": desk.subject,
        "period": said({"start": start, "end": end}),
        "hospitalization": {"dischargeDisposition": disposition} if disposition else None,
    }
    return {"resourceType": "Encounter", **(said(made) or {})}


def fact(desk: Desk, section: Node, stay: str | None) -> Object | None:
    """The text of a section as an Observation; None where it has none, or one longer than a string of R4 may be."""
    text, code = section.first("text"), desk.values.concept(section.first("code"))
    words = text.text if text else ""
    if text is None or not words or code is None:
        return None
    if len(words.encode()) > _LONGEST:
        desk.values.lose(text, "the text is longer than a string of R4 may be")
        return None
    for part in (text, *text.below()):
        part.take()
    made = {"encounter": {"reference": stay} if stay else None, "effectiveDateTime": desk.written}
    made["valueString"] = desk.values.words(text)
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": code,
        "subject": desk.subject,
        **(said(made) or {}),
    }
