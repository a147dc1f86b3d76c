"""Problems and allergies: Problem Observation to Condition, Allergy Intolerance Observation to AllergyIntolerance.

https://hl7.org/fhir/R4/condition.html, https://hl7.org/fhir/R4/allergyintolerance.html. What is negated is refuted, and
never active.
"""

from __future__ import annotations

from collections.abc import Iterator

from adapter.referral.desk import Around, Desk, NotRead, Object
from adapter.referral.document import Node
from adapter.referral.values import said

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
_ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ALLERGY_VERIFIED = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_SNOMED = "http://snomed.info/sct"
_OVER = ("inactive", "resolved", "remission")
_UNIT_OF_AGE = {"a": "years", "mo": "months", "wk": "weeks", "d": "days"}


def condition(desk: Desk, node: Node, around: Around) -> Object:
    """A problem. R4 con-4: what has an end is over; an end that its status denies is told as lost."""
    negated = desk.opened(node, negation=True)
    desk.asserted(node)
    nothing = _nothing(desk, node, "problem") if negated else None
    code = nothing or desk.values.concept(node.first("value"))
    if code is None:
        raise NotRead("no problem is named")
    status = None if negated else _status(desk, node, around, "clinical_status", "4.6")
    severity = desk.part(node, "4.8")
    concern = around.concern
    return {
        "resourceType": "Condition",
        **_some("identifier", desk.values.identifiers(node.all("id"))),
        **_some("clinicalStatus", _coded(_CLINICAL, status)),
        "verificationStatus": _coded(_VERIFIED, "refuted" if negated and not nothing else "confirmed"),
        "category": [_coded(_CATEGORY, around.category)],
        **_some("severity", desk.values.concept(severity.first("value")) if severity else None),
        "code": code,
        "subject": desk.subject,
        **_course(desk, node, status, negated),
        **_some("recordedDate", desk.recorded(node) or desk.recorded(concern)),
    }


def _course(desk: Desk, node: Node, status: str | None, negated: bool) -> Object:
    """Onset and abatement; of what was not there, neither."""
    time = node.first("effectiveTime")
    if negated or time is None:
        return {}
    onset, end = desk.values.interval(time)
    onset = onset or desk.values.moment(time)
    age = None if onset else _age(desk, node)
    if end and status not in _OVER:
        desk.values.lose(time, "it is said to have ended, and not to be over: the end is not kept")
        end = None
    return said({"onsetDateTime": onset, "onsetAge": age, "abatementDateTime": end}) or {}


def _age(desk: Desk, node: Node) -> Object | None:
    """Age Observation, where R4 age-1 has a unit for it."""
    found = desk.part(node, "4.31")
    value = found.first("value") if found else None
    if found is None or value is None or value.get("unit") not in _UNIT_OF_AGE:
        return None
    return desk.values.quantity(value)


def _status(desk: Desk, node: Node, around: Around, table: str, template: str) -> str:
    """By the status observation, else by whether it has ended, else by the concern."""
    for part in desk.parts(node, template):
        if word := desk.values.word(part.first("value"), table):
            return word
    end = node.first("effectiveTime", "high")
    if end is not None and (end.get("value") or end.get("nullFlavor") in ("UNK", "ASKU", "NAV")):
        return "resolved"
    code = around.concern.first("statusCode") if around.concern is not None else None
    return desk.tables.status["concern"].get(code.take().get("code"), "active") if code else "active"


def _nothing(desk: Desk, node: Node, kind: str) -> Object | None:
    """That none is known, where what is denied is the general."""
    value = node.first("value")
    found = desk.tables.nothing[kind].get(value.get("code")) if value else None
    if found is None or value is None:
        return None
    value.take()
    return {"coding": [{"system": _SNOMED, **found}]}


def allergy(desk: Desk, node: Node, around: Around) -> Object:
    """An allergy, an intolerance, or that none is known. R4 ait-1: it has a clinical status."""
    negated = desk.opened(node, negation=True)
    desk.asserted(node)
    known = _allergen(desk, node)
    code = known or (_nothing(desk, node, "allergy") if negated else None)
    if code is None:
        raise NotRead("no substance is named")
    value, concern = node.first("value"), around.concern
    refuted = negated and known is not None
    status = _status(desk, node, around, "allergy_status", "4.28")
    criticality = desk.part(node, "4.145")
    return {
        "resourceType": "AllergyIntolerance",
        **_some("identifier", desk.values.identifiers(node.all("id"))),
        "clinicalStatus": _coded(_ALLERGY_CLINICAL, "inactive" if refuted else status),
        "verificationStatus": _coded(_ALLERGY_VERIFIED, "refuted" if refuted else "confirmed"),
        **_kind(desk, value),
        **_some("criticality", criticality and desk.values.word(criticality.first("value"), "criticality")),
        "code": code,
        "patient": desk.subject,
        **({} if negated else _since(desk, node)),
        **_some("recordedDate", desk.recorded(node) or desk.recorded(concern)),
        **_some("reaction", [*_reactions(desk, node)]),
    }


def _allergen(desk: Desk, node: Node) -> Object | None:
    """The substance: coded, or by its name."""
    for entity in node.all("participant", "participantRole", "playingEntity"):
        named = entity.first("name")
        words = desk.values.words(named) if named else None
        if code := desk.values.concept(entity.first("code")):
            return code
        if words:
            return {"text": words}
    return None


def _kind(desk: Desk, value: Node | None) -> Object:
    """Allergy or intolerance, to food, medication or surroundings, as far as the kind says so."""
    type, category = desk.values.word(value, "allergy_type"), desk.values.word(value, "allergy_category")
    if value is not None and value.get("code") in desk.tables.nothing["allergy"]:
        value.take()  # that somebody is disposed to react is what the resource says by itself
    return said({"type": type, "category": [category] if category else None}) or {}


def _since(desk: Desk, node: Node) -> Object:
    """The onset; R4 has no end of an allergy but its status."""
    time = node.first("effectiveTime")
    onset = desk.values.moment(time) or (desk.values.moment(time.first("low")) if time else None)
    return {"onsetDateTime": onset} if onset else {}


def _reactions(desk: Desk, node: Node) -> Iterator[Object]:
    for part in desk.parts(node, "4.9"):
        shown = desk.values.concept(part.first("value"))
        if shown is None:
            continue
        onset, _ = desk.values.interval(part.first("effectiveTime"))
        severity = desk.part(part, "4.8")
        word = desk.values.word(severity.first("value"), "reaction_severity") if severity else None
        yield said({"manifestation": [shown], "onset": onset, "severity": word}) or {}


def _coded(system: str, code: str | None) -> Object | None:
    return {"coding": [{"system": system, "code": code}]} if code else None


def _some(name: str, value: object) -> Object:
    """The member where there is something to say."""
    return {name: value} if value else {}
