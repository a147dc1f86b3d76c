"""Which organizations treat a patient, and which pay for it, as the records say: the ties that a permission needs; and
in whose care of the staff the patient is; and which diagnosis is the principal one of a visit, an episode or a claim.

42 CFR 2.11 (treating provider relationship), 2.31(a)(4). R4: https://hl7.org/fhir/R4/careteam.html,
https://hl7.org/fhir/R4/patient-definitions.html#Patient.generalPractitioner, https://hl7.org/fhir/R4/coverage.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from adapter.fhir.dates import Calendar, Interval
from adapter.fhir.references import split
from adapter.rules import BEGINNING, END, Bond, Tie

Resource = Mapping[str, Any]
_ALWAYS: Interval = (BEGINNING, END)
_NEVER_WAS = frozenset(("entered-in-error", "cancelled", "draft"))
_COMORBIDITY = "CM"  # https://hl7.org/fhir/R4/codesystem-diagnosis-role.html, which has no code for the principal one
_PRINCIPAL = "principal"  # https://hl7.org/fhir/R4/codesystem-ex-diagnosistype.html
_GOING_ON = frozenset(("planned", "waitlist", "active", "onhold"))


def ties_of(resource: Resource, calendar: Calendar) -> tuple[Tie, ...]:
    """The ties that one record says; none from a record that is not active, or names no organization.

    A practitioner ties no organization: whom somebody works for is not said by the record of whom they treat. What ties
    the staff are records that say who is responsible for a person, never those that say who did something once.
    """
    read = _READ.get(resource.get("resourceType", ""))
    found = read(resource, calendar) if read else ()
    return tuple(dict.fromkeys(tie for tie in found if tie.valid_from < tie.valid_until))


def _care_team(team: Resource, calendar: Calendar) -> Iterator[Tie]:
    """A member that is an organization treats the patient, as long as it is one, and as long as the team is."""
    if team.get("status") != "active":
        return
    whole = calendar.period(team.get("period", {}))
    for member in team.get("participant", ()):
        own = calendar.period(member.get("period", {}))
        during = max(whole[0], own[0]), min(whole[1], own[1])
        yield from _tied(Bond.TREATS, team, team.get("subject"), [member.get("member")], during)
        yield from _caring(team, team.get("subject"), [member.get("member")], during)


def _patient(patient: Resource, _calendar: Calendar) -> Iterator[Tie]:
    """The general practitioner treats the patient, for as long as the record says so."""
    if patient.get("active") is not False:
        own = {"reference": f"Patient/{patient.get('id', '')}"}
        yield from _tied(Bond.TREATS, patient, own, patient.get("generalPractitioner", ()), _ALWAYS)
        yield from _caring(patient, own, patient.get("generalPractitioner", ()), _ALWAYS)


def _episode(episode: Resource, calendar: Calendar) -> Iterator[Tie]:
    """The care manager cares until the end of the episode; one that is only planned has no beginning yet."""
    yield from _ranked(episode, episode.get("patient"), "role")
    if episode.get("status") in _GOING_ON:
        until = calendar.period(episode.get("period", {}))[1]
        yield from _caring(episode, episode.get("patient"), [episode.get("careManager")], (BEGINNING, until))


def _role(role: Resource, calendar: Calendar) -> Iterator[Tie]:
    """Who holds a role is who is named by it, as long as it lasts."""
    who, own = _id(role.get("practitioner"), "Practitioner"), f"PractitionerRole/{role.get('id', '')}"
    if who and role.get("active") is not False:
        yield Tie(Bond.HOLDS, own, f"Practitioner/{who}", own, *calendar.period(role.get("period", {})))


def _coverage(coverage: Resource, calendar: Calendar) -> Iterator[Tie]:
    """The payor pays while the coverage runs. Every payor does, whatever its place in the order."""
    if coverage.get("status") == "active":
        during = calendar.period(coverage.get("period", {}))
        yield from _tied(Bond.COVERS, coverage, coverage.get("beneficiary"), coverage.get("payor", ()), during)


def _encounter(encounter: Resource, _calendar: Calendar) -> Iterator[Tie]:
    """Its principal diagnosis."""
    return _ranked(encounter, encounter.get("subject"), "use")


def _claim(claim: Resource, _calendar: Calendar) -> Iterator[Tie]:
    """Its principal diagnosis, where that is a record: what a claim says in codes of its own is shown with it."""
    said = (one for one in claim.get("diagnosis", ()) if any(map(_codes(_PRINCIPAL), one.get("type", ()))))
    return _principal(claim, claim.get("patient"), (one.get("diagnosisReference") for one in said))


def _ranked(source: Resource, patient: Any, role: str) -> Iterator[Tie]:
    """The first of the diagnoses, in whatever role but beside another: ranks are within a role."""
    first = (one for one in source.get("diagnosis", ()) if one.get("rank") == 1)
    beside = _codes(_COMORBIDITY)
    return _principal(source, patient, (one.get("condition") for one in first if not beside(one.get(role) or {})))


def _codes(code: str) -> Callable[[Resource], bool]:
    """Whether a concept has the code."""
    return lambda concept: any(coding.get("code") == code for coding in concept.get("coding", ()))


def _principal(source: Resource, patient: Any, conditions: Iterable[Any]) -> Iterator[Tie]:
    whose, said = _id(patient, "Patient"), f"{source['resourceType']}/{source.get('id', '')}"
    for condition in conditions if whose and source.get("status") not in _NEVER_WAS else ():
        if found := _id(condition, "Condition"):
            yield Tie(Bond.PRINCIPAL, f"Condition/{found}", str(whose), said)


def _tied(bond: Bond, source: Resource, patient: Any, organizations: Iterable[Any], during: Interval) -> Iterator[Tie]:
    whose = _id(patient, "Patient")
    for organization in organizations:
        if whose and (who := _id(organization, "Organization")):
            yield Tie(bond, whose, who, f"{source['resourceType']}/{source.get('id', '')}", *during)


def _caring(source: Resource, patient: Any, people: Iterable[Any], during: Interval) -> Iterator[Tie]:
    whose, said = _id(patient, "Patient"), f"{source['resourceType']}/{source.get('id', '')}"
    for person in people:
        for type in ("Practitioner", "PractitionerRole"):
            if whose and (who := _id(person, type)):
                yield Tie(Bond.CARES, whose, f"{type}/{who}", said, *during)


def _id(reference: Any, type: str) -> str | None:
    """The id in a reference of ours to that type."""
    found = split((reference or {}).get("reference") or "")
    return found[1] if found and found[0] == type else None


_READ = {
    "CareTeam": _care_team,
    "Patient": _patient,
    "Coverage": _coverage,
    "Claim": _claim,
    "Encounter": _encounter,
    "EpisodeOfCare": _episode,
    "PractitionerRole": _role,
}
