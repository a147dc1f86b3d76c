"""A request for authorization as an EHR sends it, read strictly: a collection that begins with the Claim. Pure but for
the door.

http://hl7.org/fhir/us/davinci-pas/STU2.2/StructureDefinition-profile-pas-request-bundle.html. What its profiles bind to
X12's licensed codes is taken as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from adapter.fhir import bundle
from adapter.fhir.references import split
from adapter.interactions.admission import refused
from adapter.interactions.places import within
from adapter.interactions.program import Program
from adapter.interactions.types import served, writable
from adapter.problems import Issue, Kind, Problem

Resource = dict[str, Any]
CLAIM, PATIENT = "Claim", "Patient"
_APART = "Subscription"
"""What is made by itself, and in no Bundle."""
_STAND_IN: Resource = {"resourceType": "Parameters"}


class Part(NamedTuple):
    """One entry: where it stands, its name in the Bundle, and its resource."""

    place: str
    full_url: str
    resource: Resource

    @property
    def type(self) -> str:
        """Of the resource."""
        return str(self.resource["resourceType"])

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Its identifiers that say both system and value."""
        held = self.resource.get("identifier", ())
        listed = held if isinstance(held, list) else [held]
        return [(one["system"], one["value"]) for one in listed if "system" in one and "value" in one]


def read_request(program: Program, given: Resource) -> list[Part]:
    """The parts in their order: the Claim first, and one Patient among the rest.

    Problem(INVALID, UNPROCESSABLE, TOO_LONG) with all that is wrong, by place: first of the form, then of what it says.
    """
    if given.get("resourceType") != "Bundle":
        raise Problem(Kind.UNPROCESSABLE, "a request is a Bundle that begins with the Claim", "resourceType")
    listed = given.get("entry", [])
    if isinstance(listed, list) and len(listed) > program.settings.entry_limit:
        raise Problem(Kind.TOO_LONG, f"a request may have {program.settings.entry_limit} parts", "Bundle.entry")
    bundle.check_names(listed)
    issues = [*program.door.check(_shell(given, listed)), *_wrong(program, listed)]
    if issues:
        raise refused(issues)
    issues = [*_unfit(program, given, listed)]
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    return [Part(f"Bundle.entry[{n}]", one["fullUrl"], one["resource"]) for n, one in enumerate(listed)]


def _shell(given: Resource, listed: Any) -> Resource:
    """The Bundle with something in the place of each resource, so that the door checks what surrounds them."""
    if not isinstance(listed, list) or not listed:
        return given
    return given | {"entry": [{**one, "resource": _STAND_IN} if _holds(one) else one for one in listed]}


def _holds(entry: Any) -> bool:
    return isinstance(entry, dict) and "resource" in entry


def _wrong(program: Program, listed: Any) -> Iterator[Issue]:
    """What is wrong with the form of the resources themselves."""
    for number, entry in enumerate(listed if isinstance(listed, list) else ()):
        place = f"Bundle.entry[{number}].resource"
        if not _holds(entry):
            yield Issue("required", "each entry has a resource", place)
            continue
        resource = entry["resource"]
        if not isinstance(resource, dict) or not isinstance(type := resource.get("resourceType"), str):
            yield Issue("structure", "a resource is an object that says its resourceType", place)
            continue
        for issue in program.door.check(resource):
            yield replace(issue, expression=within(place, type, issue.expression))


def _unfit(program: Program, given: Resource, listed: list[Resource]) -> Iterator[Issue]:
    """What makes sound resources no request for authorization."""
    if given.get("type") != "collection":
        yield Issue("value", "a request is a Bundle of type collection", "Bundle.type")
    types = [entry["resource"]["resourceType"] for entry in listed]
    for number, entry in enumerate(listed):
        if "fullUrl" not in entry:
            yield Issue(
                "required", "each entry has a name by which others point to it", f"Bundle.entry[{number}].fullUrl"
            )
        if types[number] not in served(program) or not writable(types[number]) or types[number] == _APART:
            why = f"{types[number]} is not taken here"
            yield Issue("not-supported", why, f"Bundle.entry[{number}].resource")
    yield from _repeated(listed)
    if types[:1] != [CLAIM] or types.count(CLAIM) > 1:
        yield Issue("business-rule", "the first entry is the Claim, and there is no other", "Bundle.entry")
    else:
        yield from _unfit_claim(listed[0]["resource"], "Bundle.entry[0].resource")
    if types.count(PATIENT) != 1:
        yield Issue("business-rule", "one entry is the Patient for whom it is asked, and no other", "Bundle.entry")


def _repeated(listed: list[Resource]) -> Iterator[Issue]:
    """Entries that would be one record: which of them counts, nobody could say."""
    seen = set[tuple[str, str, str]]()
    for number, entry in enumerate(listed):
        part = Part(f"Bundle.entry[{number}]", "", entry["resource"])
        keys = {(part.type, *key) for key in part.keys}
        if keys & seen:
            yield Issue("duplicate", "two entries have this identifier", f"{part.place}.resource.identifier")
        seen |= keys


def _unfit_claim(claim: Resource, place: str) -> Iterator[Issue]:
    for element, wanted in (("use", "preauthorization"), ("status", "active")):
        if claim.get(element) != wanted:
            yield Issue("value", f"a request has the {element} {wanted}", f"{place}.{element}")
    if not Part(place, "", claim).keys:
        why = "a request has an identifier with its system, so that sent twice it is one"
        yield Issue("required", why, f"{place}.identifier")
    if not claim.get("insurer", {}).get("reference"):
        yield Issue("required", "a request points to the payer that is asked", f"{place}.insurer")


def here(program: Program, part: Part) -> tuple[str, str] | None:
    """(type, id) of a part whose name is an address of this server; None for any other."""
    base = f"{program.base_url}/"
    return split(part.full_url.removeprefix(base)) if part.full_url.startswith(base) else None
