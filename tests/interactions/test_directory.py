"""The program's directory names no participant, at whatever depth: a therapy group does not list its members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adapter.interactions.bystanders import names_nobody
from adapter.interactions.program import Program
from adapter.interactions.types import served, writable
from tests.doors.people import created, reference
from tests.doors.serving import Client
from tests.interactions.two_people import TEXT, THIS, People, extension, held, made

Json = dict[str, Any]
GROUP = {"system": "https://iop-fhir-adapter.org/fhir/CodeSystem/service-category", "code": "therapy-group"}


def group(**more: Any) -> Json:
    return made("HealthcareService", category=[{"coding": [GROUP]}], name="Evening group", **more)


Naming = Callable[[Json], Json]


def extended(kind: str) -> Naming:
    needs = {"name": "A payer", "active": True} if kind == "Organization" else {}
    return lambda named: made(kind, **needs, extension=extension(valueReference=named))


# The program's directory: the record around a Reference, and the place of it.
NOBODY: dict[str, tuple[Naming, str]] = {
    "a group's telecom": (
        lambda r: group(telecom=[{"system": "phone", "value": "5550100", "extension": extension(valueReference=r)}]),
        "HealthcareService.telecom[0].extension[0].valueReference",
    ),
    "a group's name": (
        lambda r: group(_name={"extension": extension(valueReference=r)}),
        "HealthcareService._name.extension[0].valueReference",
    ),
    "a group's eligibility": (
        lambda r: group(eligibility=[{"code": TEXT, "extension": extension(valueReference=r)}]),
        "HealthcareService.eligibility[0].extension[0].valueReference",
    ),
    "a group's provider": (
        lambda r: group(providedBy={"display": "Us", "extension": extension(valueReference=r)}),
        "HealthcareService.providedBy.extension[0].valueReference",
    ),
    **{
        kind: (extended(kind), f"{kind}.extension[0].valueReference")
        for kind in ("Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService", "Medication")
    },
}


@pytest.mark.parametrize("name", list(NOBODY))
def test_the_directory_names_no_person_and_no_record_of_one(
    client: Client, two: tuple[People, People], name: str
) -> None:
    (build, at), (mine, _) = NOBODY[name], two
    type = at.partition(".")[0]
    for named, inner in (
        (mine.ref, ""),
        ({"reference": mine.relative}, ""),
        ({"reference": mine.visit}, ""),
        ({"type": "Patient", "display": "Ada"}, ""),
        (mine.identified(), ".identifier"),
    ):
        got = client("POST", f"/fhir/{type}", build(named))
        assert (got.status, [i["expression"][0] for i in got.json["issue"]]) == (422, [at + inner])
    nurse = {"reference": reference(created(client, made("Practitioner", active=True)))}
    assert client("POST", f"/fhir/{type}", build(nurse)).status == 201


def test_the_directory_is_what_no_parameter_places_with_a_patient(program: Program) -> None:
    directory = {type for type in served(program) if writable(type) and names_nobody(program.store.index, type)}
    assert directory == {
        "Endpoint",
        "HealthcareService",
        "Location",
        "Medication",
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "Questionnaire",
        "Subscription",
    }


def test_the_directory_contains_no_list_of_people(client: Client, two: tuple[People, People]) -> None:
    mine, other = two
    members = held("Group", type="person", actual=True, member=[{"entity": mine.ref}, {"entity": other.ref}])
    resource = made("Location", name="Room 1", contained=members, extension=extension(valueReference=THIS))
    got = client("POST", "/fhir/Location", resource)
    assert got.status == 422
    assert [i["expression"][0] for i in got.json["issue"]] == [
        "Location.contained[0].member[0].entity",
        "Location.contained[0].member[1].entity",
    ]
    things = held("Group", type="device", actual=False)
    assert client("POST", "/fhir/Location", resource | {"contained": things}).status == 201


def test_an_address_in_the_directory_is_no_persons(client: Client, two: tuple[People, People]) -> None:
    for value, status in ((two[0].patient, 422), ("https://ehr.example.org", 201)):
        resource = made("Location", name="Room 1", extension=extension(valueUrl=value))
        assert client("POST", "/fhir/Location", resource).status == status
