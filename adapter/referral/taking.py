"""What becomes of a part's words when a record is made of it: what would be in force here waits for the program's
staff.

What its sender sees of it stays as it was sent. A form grants nothing before intake has seen it (42 CFR 2.31); who
treats or pays for somebody, and so could be shown his records by a consent to a class, is not for an outsider to say
(2.13(a)).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from adapter.fhir.canonical import code_system
from adapter.fhir.json import parse
from adapter.fhir.references import split
from adapter.referral.external import ADDRESS
from adapter.store.version import Version

Resource = dict[str, Any]
_ORGANIZATION = re.compile(r"/Organization/[A-Za-z0-9\-.]{1,64}$", re.ASCII)
STEP_DOWN = {"system": code_system("referral-kind"), "code": "step-down"}
STEP_DOWN["display"] = "Step-down referral into the program"


class Here(NamedTuple):
    """Who the program is: the first of its Organizations, and what all of them are called."""

    organization: str
    identifiers: frozenset[tuple[str, str]]


def here_of(custodians: Iterable[str], current: Callable[[str, str], Version | None]) -> Here | None:
    """The same, by their newest records; None for a program that has said no Organization."""
    known, names = sorted(custodians), set[tuple[str, str]]()
    for id in known:
        version = current("Organization", id)
        said = parse(version.text) if version is not None and not version.deleted else {}
        names |= {(one.get("system", ""), one.get("value", "")) for one in said.get("identifier", ())}
    return Here(known[0], frozenset(names)) if known else None


def as_asked(resource: Resource, here: Here | None) -> Resource:
    """A ServiceRequest that says by our own id that we are asked: where its sender names us by an identifier of ours,
    or one Organization alone by an address of its own, for it has sent it here."""
    performers = resource.get("performer", [])
    if here is None or not performers:
        return resource
    made = [_of_us(one, here, alone=len(performers) == 1) for one in performers]
    return resource if made == performers else {**resource, "performer": made}


def _of_us(performer: Resource, here: Here, *, alone: bool) -> Resource:
    held = performer.get("identifier", {})
    known = (held.get("system"), held.get("value")) in here.identifiers - {("", "")}
    asked = alone and held.get("system") == ADDRESS and _ORGANIZATION.search(held.get("value", ""))
    if "reference" in performer or not (known or asked):
        return performer
    return {"reference": f"Organization/{here.organization}", **performer}


def taken(resource: Resource, base_url: str) -> tuple[Resource, str | None]:
    """The record that is made of what was sent, and what of it is another, in words; None where nothing is."""
    take = _TAKEN.get(resource["resourceType"])
    record = take(resource, base_url) if take else resource
    return record, None if record is resource else _SAID[resource["resourceType"]]


def as_step_down(resource: Resource) -> Resource:
    """A ServiceRequest as a step-down referral: what its sender calls a referral out of its own program is one into
    this."""
    categories = [left for one in resource.get("category", []) if (left := _undirected(one))]
    made = {**resource, "category": [*categories, {"coding": [dict(STEP_DOWN)]}]}
    said = [coding for one in resource.get("category", ()) for coding in one.get("coding", ())]
    ways = [coding.get("code") for coding in said if coding.get("system") == STEP_DOWN["system"]]
    return resource if ways == [STEP_DOWN["code"]] else made


def _undirected(category: Resource) -> Resource:
    """A category without the way that a referral goes; empty where it says nothing else."""
    codings = category.get("coding", [])
    left = [coding for coding in codings if coding.get("system") != STEP_DOWN["system"]]
    return category if left == codings else {**category, "coding": left} if left else {}


def labelled(resource: Resource, labels: list[Resource]) -> Resource:
    """With these labels beside its own."""
    meta = resource.get("meta", {})
    more = [label for label in labels if label not in meta.get("security", ())]
    return {**resource, "meta": {**meta, "security": [*meta.get("security", ()), *more]}} if more else resource


def _status(was: tuple[str | None, ...], becomes: str) -> Callable[[Resource, str], Resource]:
    def take(resource: Resource, base_url: str) -> Resource:
        return {**resource, "status": becomes} if resource.get("status") in was else resource

    return take


def _named_only(element: str) -> Callable[[Resource, str], Resource]:
    """Whom an element refers to stays named by an address, and is tied to nobody by it."""

    def take(resource: Resource, base_url: str) -> Resource:
        held = resource.get(element)
        listed = held if isinstance(held, list) else [held] if held else []
        loose = [_loosed(one, base_url) for one in listed]
        if loose == listed:
            return resource
        return {**resource, element: loose if isinstance(held, list) else loose[0]}

    return take


def _loosed(reference: Resource, base_url: str) -> Resource:
    key = split(reference.get("reference", ""))
    if key is None:
        return reference
    address = {"system": ADDRESS, "value": f"{base_url}/{key[0]}/{key[1]}"}
    kept = {name: value for name, value in reference.items() if name != "reference"}
    return {"type": key[0], "identifier": address, **kept}


_TAKEN: Mapping[str, Callable[[Resource, str], Resource]] = {
    "Consent": _status(("active", "inactive"), "proposed"),
    "CareTeam": _status(("active", None), "proposed"),
    "Coverage": _status(("active",), "draft"),
    "EpisodeOfCare": _named_only("careManager"),
    "Patient": _named_only("generalPractitioner"),
}
WAITING = frozenset({"CareTeam", "Coverage"})
"""What staff are asked about, beside forms: it is in force once they accept it."""
_WAITS = "until the program's staff have made it active"
_SAID: Mapping[str, str] = {
    "Consent": "taken as proposed: it is in force once the program's intake has seen the form",
    "CareTeam": f"taken as proposed {_WAITS}",
    "Coverage": f"taken as a draft {_WAITS}",
    "EpisodeOfCare": "the care manager is kept by address, and has nobody in care by it",
    "Patient": "who treats the person is kept by address, and is shown nothing by it",
}
