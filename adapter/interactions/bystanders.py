"""Whom a resource names besides the one it is about, as far as it tells by itself; `persons` asks the store the rest.

A record is about one person. Outside R4's Patient compartment are types that are about nobody (the program's directory:
Practitioner, Organization, Location, HealthcareService and so on, save what the parameter `patient` places: Device and
Task); they name nobody at all. Binary and Bundle are about whomever they hold. Group, List and AuditEvent are about
many, what a reader gets of them being chosen person by person; Provenance, Person, Account and Schedule, which R4 lets
be about several, are not: nobody could be shown one without being told of the other.
https://hl7.org/fhir/R4/compartmentdefinition-patient.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from adapter.fhir.index import Index, Rows
from adapter.fhir.json import dump
from adapter.fhir.mentions import typed
from adapter.fhir.references import references, split
from adapter.problems import Issue

Resource = dict[str, Any]

OF_MANY = frozenset({"Group", "List", "AuditEvent"})
NAMES_ANOTHER = "a record is about one person: this names another, or a record of another"
NAMES_SOMEBODY = "a record about no person names another's: it may name no patient, no relative and no record of theirs"
CONTAINS_ANOTHER = "a contained person is allowed only as the subject itself: this names another"
_OF_WHAT_THEY_HOLD = frozenset({"Binary", "Bundle", "Patient"})
PEOPLE = frozenset({"Patient", "RelatedPerson"})
_PATIENT = re.compile(r"(?:^|/)Patient/([A-Za-z0-9\-.]{1,64})(?:/_history/|$)")
# The elements that say whom a resource is about.
_SUBJECTS = ("subject", "patient", "for", "beneficiary", "individual", "candidate")


def names_nobody(index: Index, type: str) -> bool:
    """Whether resources of the type are about no person."""
    return type not in _OF_WHAT_THEY_HOLD and type not in OF_MANY and not index.personal(type)


def bystanders(
    index: Index, base: str, resource: Resource, text: bytes, literals: Collection[bytes], rows: Rows
) -> list[Issue]:
    """Every place that names somebody whom a resource of its type may not name.

    `text` is the resource printed, `literals` what its references say and `rows` its index rows: they tell the usual
    case, in which nobody is, without a walk.
    """
    type = resource["resourceType"]
    if type == "Bundle":
        return [*_in_bundle(resource)]
    found = [*_contained(resource, type)] if b'"contained":[' in text else []
    if names_nobody(index, type):
        if (
            b'Patient"' in text
            or b'Person"' in text
            or any(b"Patient/" in said or b"Person/" in said for said in literals)
        ):
            found += _somebody(resource, base)
    elif type not in OF_MANY and len([1 for said in literals if b"Patient/" in said or said[:1] == b"#"]) > (
        type != "Patient"
    ):
        found += _others(resource, base, _own(index, resource, rows))
    return found


def _own(index: Index, resource: Resource, rows: Rows) -> Collection[str]:
    """The ids of those whom the resource says it is about; of a contained one `#id`."""
    if resource["resourceType"] == "Patient":
        return (str(resource.get("id")),)
    return [*_stand_in(resource), *index.subjects(resource["resourceType"], rows)]


def _contained(resource: Resource, path: str) -> Iterator[Issue]:
    """Contained patients who are not the subject, and contained Persons, who never are."""
    allowed = {*_stand_in(resource), *_known_as(resource)}
    for index, inner in enumerate(resource.get("contained", ())):
        if inner["resourceType"] == "Person" or (inner["resourceType"] == "Patient" and _local(inner) not in allowed):
            yield Issue("business-rule", CONTAINS_ANOTHER, f"{path}.contained[{index}]")


def _stand_in(resource: Resource) -> list[str]:
    """`#id` of the contained patient whom the resource is about, if it is so."""
    contained = {_local(inner) for inner in resource.get("contained", ()) if inner["resourceType"] == "Patient"}
    return [said for said in _subjects(resource) if said in contained][:1] if contained else []


def _local(inner: Resource) -> str:
    return f"#{inner.get('id')}"


def _subjects(resource: Resource) -> Iterator[str]:
    """What the references to the subject say."""
    for name in _SUBJECTS:
        place = resource.get(name)
        for reference in place if isinstance(place, list) else (place,):
            yield from _literal(reference)


def _known_as(resource: Resource) -> Iterator[str]:
    """The subject of a document as its source knew him."""
    context = resource.get("context")
    yield from _literal(context.get("sourcePatientInfo") if isinstance(context, dict) else None)


def _literal(reference: Any) -> Iterator[str]:
    if isinstance(reference, dict) and isinstance(said := reference.get("reference"), str):
        yield said


def _somebody(resource: Resource, base: str) -> Iterator[Issue]:
    named = [path for path, type, _ in _pointers(resource, base) if type in PEOPLE]
    named += [path for path, type in typed(resource) if type in PEOPLE]
    named += [
        f"{resource['resourceType']}.contained[{index}]"
        for index, inner in enumerate(resource.get("contained", ()))
        if inner["resourceType"] in PEOPLE
    ]
    yield from (Issue("business-rule", NAMES_SOMEBODY, path) for path in dict.fromkeys(named))


def _others(resource: Resource, base: str, own: Collection[str]) -> Iterator[Issue]:
    """Every reference to a patient but one: the subject, else whoever is named first; a Patient may have links."""
    named = [(path, id) for path, type, id in _pointers(resource, base) if type == "Patient" and not is_link(path)]
    one = next((id for id in own if id[:1] == "#" or resource["resourceType"] == "Patient"), None)
    one = one or next((id for _, id in named if id in own), named[0][1] if named else None)
    yield from (Issue("business-rule", NAMES_ANOTHER, path) for path, id in named if id != one)


def _pointers(resource: Resource, base: str) -> Iterator[tuple[str, str, str]]:
    for path, element in references(resource):
        if here := split(element["reference"].removeprefix(f"{base}/")):
            yield path, *here


def is_link(path: str) -> bool:
    """The same person under another record."""
    return path.startswith("Patient.link[")


def _in_bundle(bundle: Resource) -> Iterator[Issue]:
    """Every place in a Bundle that is stored as such which names a second person, or contains one."""
    entries = [*entries_of(bundle, "Bundle")]
    keys = {full_url: key for _, full_url, resource in entries if full_url and (key := _key(full_url, resource))}
    one = None
    for path, full_url, resource in entries:
        yield from _contained(resource, path)
        named = [(path, _key(full_url, resource))] if resource["resourceType"] == "Patient" else []
        named += [(f"{path}.contained", _content(inner)) for inner in _people_in(resource)]
        for place, element in references(resource):
            said = element["reference"]
            if not is_link(place):
                named.append((path + place.removeprefix(resource["resourceType"]), keys.get(said) or _tail(said)))
        for place, key in named:
            one = one or key
            if key not in (None, one):
                yield Issue("business-rule", NAMES_ANOTHER, place)


def _people_in(resource: Resource) -> Iterator[Resource]:
    yield from (inner for inner in resource.get("contained", ()) if inner["resourceType"] == "Patient")


def _content(inner: Resource) -> str:
    """A contained patient's key: who is told of in the same words is the same."""
    return dump({name: value for name, value in inner.items() if name != "id"}).decode()


def entries_of(bundle: Resource, path: str) -> Iterator[tuple[str, str, Resource]]:
    """(place, fullUrl, resource) of everything in a Bundle, and in the Bundles in it."""
    for index, entry in enumerate(bundle.get("entry", ())):
        if "resource" in entry:
            place = f"{path}.entry[{index}].resource"
            yield place, entry.get("fullUrl", ""), entry["resource"]
            if entry["resource"]["resourceType"] == "Bundle":
                yield from entries_of(entry["resource"], place)


def _key(full_url: str, resource: Resource) -> str | None:
    """What a patient in a Bundle is called, by whatever name: its id, else its fullUrl; None for other resources."""
    if resource["resourceType"] != "Patient":
        return None
    return str(resource.get("id") or (_tail(full_url) or full_url).removeprefix("Patient/") or id(resource))


def _tail(literal: str) -> str | None:
    """The id of the patient whom a reference names, at whatever server."""
    found = _PATIENT.search(literal)
    return found[1] if found else None
