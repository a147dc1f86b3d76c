"""Results, vital signs, social history and assessments: Observation.

https://hl7.org/fhir/R4/observation.html. Result Organizer and Vital Signs Organizer are an Observation with members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from adapter.referral.desk import Around, Desk, NotRead, Object
from adapter.referral.document import Node
from adapter.referral.values import said

_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def finding(desk: Desk, node: Node, around: Around) -> Object:
    """One observation with its value, or why there is none. What is negated is not read: R4 has no way to say it."""
    desk.opened(node)
    code = desk.values.concept(node.first("code"))
    if code is None:
        raise NotRead("it does not say what was observed")
    bodies = [found for one in node.all("targetSiteCode") if (found := desk.values.concept(one))]
    if len(bodies) > 1:
        desk.values.lose(node, "R4 has one body site: the first is kept")
    made = {
        "bodySite": bodies[0] if bodies else None,
        "method": desk.values.concept(node.first("methodCode")),
        "referenceRange": [*_ranges(desk, node)] or None,
        "component": [*_components(desk, node)] or None,
    }
    interpretations = [found for one in node.all("interpretationCode") if (found := desk.values.concept(one))]
    return {
        **_head(desk, node, around, code),
        **value(desk, node),
        **({"interpretation": interpretations} if interpretations else {}),
        **(said(made) or {}),
    }


def panel(desk: Desk, node: Node, around: Around, members: list[str]) -> Object:
    """Observations that were made together; NotRead where it has no name of its own."""
    code = desk.values.concept(node.first("code"))
    if code is None:
        raise NotRead("the panel has no name; what is in it stands by itself")
    return {**_head(desk, node, around, code), "hasMember": [{"reference": member} for member in members]}


def _head(desk: Desk, node: Node, around: Around, code: Object) -> Object:
    status, ids = node.first("statusCode"), desk.values.identifiers(node.all("id"))
    word = desk.tables.status["finding"].get(status.take().get("code")) if status else None
    return {
        "resourceType": "Observation",
        **({"identifier": ids} if ids else {}),
        "status": word or "unknown",
        "category": [{"coding": [{"system": _CATEGORY, "code": around.category}]}],
        "code": code,
        "subject": desk.subject,
        **desk.values.when(node.first("effectiveTime"), "effective"),
    }


def value(desk: Desk, node: Node) -> Object:
    """`value[x]` by the type of the value; `dataAbsentReason` where it says that there is none."""
    found = node.first("value")
    if found is None:
        return {}
    if found.null and not any(found.children):
        reason = desk.tables.words["absent"].get(found.take().get("nullFlavor"), "unknown")
        return {"dataAbsentReason": {"coding": [{"system": _ABSENT, "code": reason}]}}
    read = _TYPES.get(found.get("xsi:type").rpartition(":")[2])
    made = read(desk, found) if read else None
    if not made:
        found.read = False
        desk.values.lose(found, "R4 has no value of this kind, or it is none")
    return made or {}


def _text(desk: Desk, node: Node) -> Object | None:
    return said({"valueString": desk.values.words(node)})


def _coded(desk: Desk, node: Node) -> Object | None:
    return said({"valueCodeableConcept": desk.values.concept(node)})


def _measured(desk: Desk, node: Node) -> Object | None:
    return said({"valueQuantity": desk.values.quantity(node)})


def _whole(desk: Desk, node: Node) -> Object | None:
    found = (desk.values.quantity(node) or {}).get("value")
    return {"valueInteger": found} if type(found) is int and abs(found) < 1 << 31 else None


def _yes_or_no(_: Desk, node: Node) -> Object | None:
    said = {"true": True, "false": False}.get(node.take().get("value"))
    return None if said is None else {"valueBoolean": said}


def _time(desk: Desk, node: Node) -> Object | None:
    return desk.values.when(node, "value")


def _between(desk: Desk, node: Node) -> Object | None:
    """A range; with one end, a quantity that says on which side of it."""
    low, high = node.first("low"), node.first("high")
    one = low if high is None or high.null else high if low is None or low.null else None
    if one is None:
        return said({"valueRange": desk.values.span(node)})
    sign = "<" if one is high else ">"
    return said({"valueQuantity": desk.values.quantity(one, sign + ("" if one.get("inclusive") == "false" else "="))})


def _ratio(desk: Desk, node: Node) -> Object | None:
    over, under = (desk.values.quantity(node.first(name)) for name in ("numerator", "denominator"))
    return {"valueRatio": {"numerator": over, "denominator": under}} if over and under else None


_TYPES: Mapping[str, Callable[[Desk, Node], Object | None]] = {
    **dict.fromkeys(("ST", "ED"), _text),
    **dict.fromkeys(("CD", "CE", "CO", "CV", "CS"), _coded),
    **dict.fromkeys(("PQ", "REAL"), _measured),
    **dict.fromkeys(("TS", "IVL_TS"), _time),
    "INT": _whole,
    "BL": _yes_or_no,
    "IVL_PQ": _between,
    "RTO": _ratio,
    "RTO_PQ_PQ": _ratio,
}


def _ranges(desk: Desk, node: Node) -> Iterator[Object]:
    """Reference ranges: a range with its words, or words alone. R4 takes one for normal, so only such are read."""
    for one in node.all("referenceRange", "observationRange"):
        code = one.first("interpretationCode")
        if code is not None and not code.null:
            if code.get("code") != "N":
                continue
            code.take()
        span = desk.values.span(one.first("value"))
        if made := said({**(span or {}), "text": desk.values.words(one.first("text"))}):
            yield made


def _components(desk: Desk, node: Node) -> Iterator[Object]:
    """Assessment Scale Supporting Observation: one answer of an instrument."""
    for part in desk.parts(node, "4.86"):
        if code := desk.values.concept(part.first("code")):
            yield {"code": code, **value(desk, part)}
