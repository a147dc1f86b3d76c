"""Medication Activity: what was taken to MedicationStatement, what is to be taken to MedicationRequest.

https://hl7.org/fhir/R4/medicationstatement.html, https://hl7.org/fhir/R4/medicationrequest.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from adapter.referral.desk import EVENT, Around, Desk, NotRead, Object
from adapter.referral.document import Node
from adapter.referral.values import said

_INTENTS = {"INT": "plan", "RQO": "order"}
_MOODS = EVENT | frozenset(_INTENTS)
_PERIODS = ("s", "min", "h", "d", "wk", "mo", "a")  # R4 UnitsOfTime
_EVENTS = frozenset(("HS", "WAKE", "C", "CM", "CD", "CV", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV"))


def medication(desk: Desk, node: Node, _: Around) -> Object:
    """A medication with how it is taken; one that is not to be taken says so in its status or `doNotPerform`."""
    negated = desk.opened(node, _MOODS, negation=True)
    code = _product(desk, node)
    if code is None:
        raise NotRead("no medication is named")
    start, end = _taken(desk, node)
    made: Object = {"identifier": desk.values.identifiers(node.all("id")) or None}
    made |= {"status": _status(desk, node, end), "medicationCodeableConcept": code, "subject": desk.subject}
    made["reasonCode"] = [*_reasons(desk, node)] or None
    dosage, time, written = _dosage(desk, node), said({"start": start, "end": end}), desk.recorded(node)
    if node.get("moodCode") == "EVN":
        made |= {"status": "not-taken"} if negated else {}
        made |= {"effectivePeriod": time, "dateAsserted": written, "dosage": [dosage] if dosage else None}
        return {"resourceType": "MedicationStatement", **(said(made) or {})}
    made |= {"intent": _INTENTS[node.get("moodCode")], "doNotPerform": negated or None, "reportedBoolean": True}
    made |= {"authoredOn": written, "requester": desk.clinician(node), "dosageInstruction": _within(dosage, time)}
    return {"resourceType": "MedicationRequest", **(said(made) or {})}


def _product(desk: Desk, node: Node) -> Object | None:
    material = node.first("consumable", "manufacturedProduct", "manufacturedMaterial")
    if material is None:
        return None
    code, name = desk.values.concept(material.first("code")), material.first("name")
    if code or name is None:
        return code
    return said({"text": desk.values.words(name)})


def _taken(desk: Desk, node: Node) -> tuple[str | None, str | None]:
    """From when to when: the first effectiveTime that is no repetition."""
    for time in node.all("effectiveTime"):
        if time.get("xsi:type").rpartition(":")[2] not in ("PIVL_TS", "EIVL_TS", "SXPR_TS"):
            at = desk.values.moment(time)
            return (at, at) if at else desk.values.interval(time)
    return None, None


def _status(desk: Desk, node: Node, end: str | None) -> str:
    """By its status code, of which `completed` may speak of the prescribing: it is believed where the time is over."""
    code = node.first("statusCode")
    word = desk.tables.status["medication"].get(code.take().get("code"), "unknown") if code else "unknown"
    return "unknown" if word == "completed" and not desk.is_over(end) else word


def _dosage(desk: Desk, node: Node) -> Object | None:
    values, dose, rate = desk.values, node.first("doseQuantity"), node.first("rateQuantity")
    amount = said(
        {
            "doseQuantity": values.quantity(dose),
            "doseRange": values.span(dose),
            "rateQuantity": values.quantity(rate),
            "rateRange": values.span(rate),
        }
    )
    return said(
        {
            "text": _free_text(desk, node),
            "timing": _timing(desk, node),
            **_as_needed(desk, node),
            "site": values.concept(node.first("approachSiteCode")),
            "route": values.concept(node.first("routeCode")),
            "doseAndRate": [amount] if amount else None,
        }
    )


def _free_text(desk: Desk, node: Node) -> str | None:
    """Medication Free Text Sig."""
    sig = desk.part(node, "4.147")
    return desk.values.words(sig.first("text")) if sig else None


def _timing(desk: Desk, node: Node) -> Object | None:
    """The one repetition of R4; more than one, and what they mean together, is not read."""
    found = [one for time in node.all("effectiveTime") if (one := _repeat(desk, time))]
    if len(found) > 1:
        desk.values.lose(node, "more than one repetition: the first is kept")
    return {"repeat": found[0]} if found else None


def _repeat(desk: Desk, time: Node) -> Object | None:
    """PIVL_TS with a period, EIVL_TS with a time of day."""
    period, event = time.first("period"), time.first("event")
    if event is not None and event.get("code") in _EVENTS:
        return {"when": [event.take().get("code")]}
    if period is None:
        return None
    low, high = period.first("low") or period, period.first("high")
    if low.get("unit") not in _PERIODS or (high is not None and high.get("unit") != low.get("unit")):
        return None
    least, most = desk.values.quantity(low), desk.values.quantity(high)
    if not least or least["value"] <= 0 or (most and most["value"] < least["value"]):
        return None
    made = {"frequency": 1, "period": least["value"], "periodMax": most["value"] if most else None}
    return said({**made, "periodUnit": low.get("unit")})


def _as_needed(desk: Desk, node: Node) -> Object:
    """Precondition for Substance Administration: as needed, and for what."""
    criterion = node.first("precondition", "criterion")
    if criterion is None:
        return {}
    desk.asserted(criterion)
    reason = desk.values.concept(criterion.first("value"))
    criterion.take()
    return {"asNeededCodeableConcept": reason} if reason else {"asNeededBoolean": True}


def _within(dosage: Object | None, bounds: Object | None) -> list[Object] | None:
    """The dosage within the time in which it holds."""
    if bounds:
        dosage = dosage or {}
        timing = dosage.get("timing", {})
        dosage = {**dosage, "timing": {"repeat": {"boundsPeriod": bounds, **timing.get("repeat", {})}}}
    return [dosage] if dosage else None


def _reasons(desk: Desk, node: Node) -> Iterator[Object]:
    """Indication."""
    for part in desk.parts(node, "4.19"):
        if found := desk.values.concept(part.first("value")):
            yield found
