"""A referral as it is sent: a Bundle of any of R4's kinds, or a ServiceRequest with what it contains, taken apart.

https://hl7.org/fhir/R4/bundle.html, https://hl7.org/fhir/R4/servicerequest.html; shapes of BSeR and Gravity's SDOH
guide. Pure: nothing here knows what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from adapter.fhir.references import references, split
from adapter.problems import Issue, Kind, Problem

Resource = dict[str, Any]
KINDS = ("transaction", "collection", "document", "message")
"""Kinds of Bundles that a referral may come as."""
WHOLE = {"document": "Composition", "message": "MessageHeader"}
"""What those begin with that are kept as they came besides: order, signature and head are a part of what they say."""
FULFILL = "fulfill"
_BOUND = ("ifNoneExist", "ifMatch", "ifNoneMatch", "ifModifiedSince")


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a referral: where it stands in what was sent, what others call it (fullUrl, or `#id`)."""

    place: str
    name: str | None
    resource: Resource

    @property
    def type(self) -> str:
        """Its resource type."""
        return str(self.resource["resourceType"])


class Names:
    """What the parts of a referral are called: by their fullUrl, and by type and id where these are of one alone."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._by_name = {part.name: part for part in reversed(parts) if part.name is not None}
        by_key: dict[tuple[str, Any], list[Part]] = {}
        for part in parts:
            by_key.setdefault((part.type, part.resource.get("id")), []).append(part)
        self._by_key = {key: found[0] for key, found in by_key.items() if len(found) == 1}

    def part_of(self, source: Part, literal: str) -> Part | None:
        """The part that a reference in another means: as it is, relative to the source's fullUrl, or by type and id."""
        plain = literal.partition("/_history/")[0]
        key = split(plain)
        named = self._by_name.get(plain) or self._by_name.get(f"{base_of(source.name)}{plain}")
        return named or (self._by_key.get(key) if key else None)


@dataclass(frozen=True, slots=True)
class Packet:
    """What was sent: all parts in their order, and which of them is what."""

    kind: str
    parts: tuple[Part, ...]
    names: Names
    referral: Part
    patient: Part
    task: Part | None
    senders: tuple[Part, ...]
    """The Organizations in it that stand for who asks."""

    def of(self, type: str) -> Iterator[Part]:
        """The parts of a type."""
        return (part for part in self.parts if part.type == type)


def read_packet(given: Resource) -> Packet:
    """The parts of a sound Bundle or ServiceRequest; Problem(UNPROCESSABLE) that names all that is missing or too much.

    What was given is not changed.
    """
    kind, parts = _parts(given)
    names = Names(parts)
    referral = _referral(parts, names)
    patient = _patient(parts, names, referral)
    senders = tuple(_senders(names, referral))
    return Packet(kind, tuple(parts), names, referral, patient, _task(parts, names, referral), senders)


def _parts(given: Resource) -> tuple[str, list[Part]]:
    if given["resourceType"] == "ServiceRequest":
        return "resource", _contained(deepcopy(given))
    kind = given.get("type")
    if kind not in KINDS:
        raise Problem(Kind.UNPROCESSABLE, f"a referral is a Bundle of one of {', '.join(KINDS)}", "Bundle.type")
    listed, issues = deepcopy(given.get("entry", [])), list[Issue]()
    parts = []
    for number, entry in enumerate(listed):
        place = f"Bundle.entry[{number}]"
        issues += _misplaced(kind, entry, place)
        if "resource" in entry:
            parts.append(Part(f"{place}.resource", entry.get("fullUrl"), entry["resource"]))
    if kind in WHOLE and (not parts or parts[0].type != WHOLE[kind]):
        issues.append(Issue("invariant", f"a {kind} begins with a {WHOLE[kind]}", "Bundle.entry[0].resource"))
    if issues:
        raise _refused(issues)
    return kind, parts


def _misplaced(kind: str, entry: Resource, place: str) -> Iterator[Issue]:
    """What an entry of a referral asks for besides being taken."""
    if "resource" not in entry:
        yield Issue("required", "an entry of a referral has a resource", f"{place}.resource")
    request = entry.get("request") or {}
    if kind == "transaction" and request.get("method") != "POST":
        yield Issue("not-supported", "a referral creates its parts: POST", f"{place}.request.method")
    for name in _BOUND:
        if name in request:
            why = f"{name} is not for a referral: sent twice, it is one referral"
            yield Issue("not-supported", why, f"{place}.request.{name}")


def _contained(referral: Resource) -> list[Part]:
    """A ServiceRequest and what it contains, each a part of its own."""
    inner = referral.pop("contained", [])
    parts = [Part("ServiceRequest", "#", referral)]
    for number, resource in enumerate(inner):
        place = f"ServiceRequest.contained[{number}]"
        parts.append(Part(place, f"#{resource.pop('id', '')}", resource))
    return parts


def _referral(parts: Sequence[Part], names: Names) -> Part:
    """The one ServiceRequest that is meant: the only one, or the one that a Task to fulfill is about."""
    found = [part for part in parts if part.type == "ServiceRequest"]
    if len(found) > 1:
        meant = {id(named): named for task in _tasks(parts) if (named := _named(names, task, "focus"))}
        found = [part for part in meant.values() if part.type == "ServiceRequest"]
    if len(found) != 1:
        why = "a referral has one ServiceRequest" if not found else "several ServiceRequests: which is the referral?"
        raise _refused([Issue("required", f"{why}; of several the one is meant that a Task to fulfill has as focus")])
    return found[0]


def _patient(parts: Sequence[Part], names: Names, referral: Part) -> Part:
    found = [part for part in parts if part.type == "Patient"]
    if len(found) != 1:
        why = "a referral tells of one person, and there is no Patient in it"
        issues = [Issue("required", why, referral.place)]
        if found:
            why = "a referral tells of one person, and there are several Patients in it"
            issues = [Issue("business-rule", why, part.place) for part in found]
        raise _refused(issues)
    if _named(names, referral, "subject") is not found[0]:
        why = "the subject is not the Patient that came with it"
        raise _refused([Issue("business-rule", why, f"{referral.place}.subject")])
    return found[0]


def _tasks(parts: Sequence[Part]) -> Iterator[Part]:
    """The Tasks to fulfill something."""
    for part in parts:
        coded = part.resource.get("code", {}) if part.type == "Task" else {}
        if FULFILL in [coding.get("code") for coding in coded.get("coding", ())]:
            yield part


def _task(parts: Sequence[Part], names: Names, referral: Part) -> Part | None:
    found = [task for task in _tasks(parts) if _named(names, task, "focus") is referral]
    if len(found) > 1:
        why = "several Tasks to fulfill the referral: one follows it"
        raise _refused([Issue("business-rule", why, task.place) for task in found])
    return found[0] if found else None


def _senders(names: Names, referral: Part) -> Iterator[Part]:
    """The Organization that asks, by itself or by somebody in a role there."""
    who = _named(names, referral, "requester")
    if who is not None and who.type == "PractitionerRole":
        who = _named(names, who, "organization")
    if who is not None and who.type == "Organization":
        yield who


def _named(names: Names, source: Part, element: str) -> Part | None:
    """The part that an element of another refers to."""
    said = source.resource.get(element)
    literal = said.get("reference") if isinstance(said, dict) else None
    return names.part_of(source, literal) if isinstance(literal, str) else None


def base_of(name: str | None) -> str:
    """`https://server/fhir/` of `https://server/fhir/Patient/1`; "" where a name is no address of a record."""
    parts = (name or "").rsplit("/", 2)
    return parts[0] + "/" if len(parts) == 3 and split("/".join(parts[1:])) else ""


def pointed(part: Part) -> Iterator[tuple[str, Resource, str]]:
    """Each literal reference of a part that leads out of it: (place, element, what it says)."""
    for path, element in references(part.resource):
        literal = element["reference"]
        if not literal.startswith("#") or (part.name or "").startswith("#"):
            yield f"{part.place}{path.removeprefix(part.type)}", element, literal


def attachments(value: Any) -> Iterator[Resource]:
    """Every Attachment with an address, at any depth: https://hl7.org/fhir/R4/datatypes.html#Attachment"""
    if isinstance(value, dict):
        if isinstance(value.get("url"), str) and ("contentType" in value or "title" in value):
            yield value
        for member in value.values():
            yield from attachments(member)
    elif isinstance(value, list):
        for member in value:
            yield from attachments(member)


def _refused(issues: Sequence[Issue]) -> Problem:
    return Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=list(issues))
