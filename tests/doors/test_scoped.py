"""Scopes with arguments: they cover what a search by them finds, on every way to a record and in every write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from adapter.callers import ClientKind
from adapter.consent.arguments import UNBOUND
from adapter.web.access import Clients
from adapter.web.smart.scopes import parsed
from tests.doors.test_guarded import OURS, Place, Sender, placed

Json = dict[str, Any]
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
LAB = f"category={CATEGORY}|laboratory"
# Scopes for Observations, as one searches by their arguments.
SCOPES = (
    ["category=laboratory"],
    [LAB],
    ["category=laboratory", "category=vital-signs"],
    ["category=laboratory,vital-signs"],
    [f"{LAB}&status=final"],
    ["category=laboratory", "status=amended"],
    ["date=ge2026-02-01"],
    ["value-quantity=gt3"],
    ["_tag=urn:x|shown"],
    ["category=nothing"],
    ["category=laboratory", ""],
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, str]]:
    """One person with a session and results of every sort."""
    with placed(tmp_path_factory.mktemp("scoped")) as place:
        person = place.participant()
        visit = place.session(person)
        for n, category in enumerate(("laboratory", "vital-signs", "survey")):
            for m, status in enumerate(("final", "amended")):
                result = observation(person, category, status=status, encounter={"reference": f"Encounter/{visit}"})
                result |= {"effectiveDateTime": f"2026-0{m + 1}-03", "valueQuantity": {"value": n + 3}}
                result |= {"meta": {"tag": [{"system": "urn:x", "code": "shown"}]}} if n + m == 2 else {}
                assert place.staff("POST", "/fhir/Observation", result).status == 201
        yield place, person


def observation(person: str, category: str, system: str = CATEGORY, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": system, "code": category}]}],
        "code": {"text": "Invented"},
        "subject": {"reference": f"Patient/{person}"},
    } | more


def ids(got: Any) -> set[str]:
    assert got.status == 200, got.body
    resources = [entry["resource"] for entry in got.json.get("entry", ())]
    return {resource["id"] for resource in resources if resource["resourceType"] == "Observation"}


def limited(place: Place, *arguments: str, letters: str = "cruds") -> Sender:
    said = [f"system/Observation.{letters}?{one}" if one else f"system/Observation.{letters}" for one in arguments]
    return place.client("program-ehr", OURS, " ".join(["system/Patient.rs", "system/Encounter.rs", *said]))


def by_id(own: Sender, all_ids: set[str], path: str = "") -> set[str]:
    return {id for id in all_ids if own("GET", f"/fhir/Observation/{id}{path}").status == 200}


@pytest.mark.parametrize("arguments", SCOPES, ids=" or ".join)
def test_what_scopes_cover_is_what_a_search_by_them_finds(world: tuple[Place, str], arguments: list[str]) -> None:
    place, person = world
    everything = ids(place.staff("GET", "/fhir/Observation"))
    covered = set().union(*(ids(place.staff("GET", f"/fhir/Observation?{one}")) for one in arguments))
    own = limited(place, *arguments)
    assert ids(own("GET", "/fhir/Observation")) == covered
    assert ids(own("GET", f"/fhir/Patient/{person}/Observation")) == covered
    assert ids(own("GET", "/fhir?_type=Observation")) == covered
    assert ids(own("GET", "/fhir/Encounter?_revinclude=Observation:encounter")) == covered
    assert own("GET", "/fhir/Observation?_summary=count").json["total"] == len(covered)
    assert own("GET", "/fhir/Observation?_count=1&_total=accurate").json["total"] == len(covered)
    for path in ("", "/_history", "/_history/1"):
        assert by_id(own, everything, path) == covered
    for status in ("final", "amended"):
        fit = covered & ids(place.staff("GET", f"/fhir/Observation?status={status}"))
        pointed = own("GET", f"/fhir/Encounter?_has:Observation:encounter:status={status}&_summary=count").json
        assert pointed["total"] == bool(fit)


@pytest.mark.parametrize("arguments", SCOPES, ids=" or ".join)
def test_what_they_do_not_cover_is_as_if_it_were_not_there(world: tuple[Place, str], arguments: list[str]) -> None:
    place, _ = world
    own = limited(place, *arguments)
    left_out = ids(place.staff("GET", "/fhir/Observation")) - ids(own("GET", "/fhir/Observation"))
    nowhere = "00000000-0000-7000-8000-0000000000ff"
    for method, body in (("GET", None), ("DELETE", None), ("PUT", observation("1", "laboratory"))):
        for id in left_out:
            hidden, absent = (
                own(method, f"/fhir/Observation/{one}", body and body | {"id": one}) for one in (id, nowhere)
            )
            assert (hidden.status, hidden.body) == (absent.status, absent.body)


def test_pages_keep_to_them_and_show_one_state(place: Place) -> None:
    person = place.participant()
    made = [place.staff("POST", "/fhir/Observation", observation(person, "laboratory")).id for _ in range(3)]
    own = limited(place, LAB)
    first = own("GET", "/fhir/Observation?_count=1").json
    following = next(link["url"] for link in first["link"] if link["relation"] == "next").partition("8000")[2]
    moved = next(id for id in made if id not in str(first["entry"]))
    changed = observation(person, "survey", id=moved)
    assert place.staff("PUT", f"/fhir/Observation/{moved}", changed).status == 200
    shown = ids(own("GET", following)) | {first["entry"][0]["resource"]["id"]}
    assert len(shown) == 2
    assert moved not in ids(own("GET", "/fhir/Observation"))


def test_a_record_is_covered_as_it_is_not_as_it_was(place: Place) -> None:
    person = place.participant()
    id = place.staff("POST", "/fhir/Observation", observation(person, "survey")).id
    own = limited(place, LAB)
    assert own("GET", f"/fhir/Observation/{id}").status == 404
    changed = observation(person, "laboratory", id=id)
    assert place.staff("PUT", f"/fhir/Observation/{id}", changed).status == 200
    assert own("GET", f"/fhir/Observation/{id}").status == 200
    assert place.staff("PUT", f"/fhir/Observation/{id}", changed | {"status": "amended"}).status == 200
    assert own("GET", f"/fhir/Observation/{id}/_history").json["total"] == 1
    for version, status in ((1, 404), (2, 404), (3, 200)):
        assert own("GET", f"/fhir/Observation/{id}/_history/{version}").status == status


def test_what_would_be_written_must_be_covered(place: Place) -> None:
    person = place.participant()
    own = limited(place, LAB)
    inside, outside = observation(person, "laboratory"), observation(person, "survey")
    refused = own("POST", "/fhir/Observation", outside)
    assert (refused.status, refused.codes) == (403, ["forbidden"])
    made = own("POST", "/fhir/Observation", inside)
    assert made.status == 201
    assert own("PUT", f"/fhir/Observation/{made.id}", outside | {"id": made.id}).status == 403
    patch = [{"op": "replace", "path": "/category/0/coding/0/code", "value": "survey"}]
    kind = {"content-type": "application/json-patch+json"}
    assert own("PATCH", f"/fhir/Observation/{made.id}", patch, **kind).status == 403
    changed = own("PUT", f"/fhir/Observation/{made.id}", inside | {"id": made.id, "status": "amended"})
    assert changed.json["meta"]["versionId"] == "2"
    entries = [{"resource": one, "request": {"method": "POST", "url": "Observation"}} for one in (inside, outside)]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    whole = own("POST", "/fhir", bundle)
    assert (whole.status, whole.expressions) == (403, ["Bundle.entry[1].resource"])
    each = own("POST", "/fhir", bundle | {"type": "batch"}).json["entry"]
    assert [entry["response"]["status"].split()[0] for entry in each] == ["201", "403"]
    assert place.staff("GET", "/fhir/Observation?_summary=count").json["total"] == 2
    said = own("POST", "/fhir/Observation/$validate?mode=create", outside)
    assert (said.status, "forbidden" in said.codes) == (200, True)
    assert own("DELETE", f"/fhir/Observation/{made.id}").status == 204


def test_letters_may_have_arguments_of_their_own(place: Place) -> None:
    person = place.participant()
    scopes = f"system/Observation.rs system/Observation.c system/Observation.ud?{LAB}"
    own = place.client("program-ehr", OURS, f"system/Patient.rs {scopes}")
    made = {kind: own("POST", "/fhir/Observation", observation(person, kind)) for kind in ("survey", "laboratory")}
    assert {got.status for got in made.values()} == {201}
    for kind, status in (("survey", 403), ("laboratory", 200)):
        id = made[kind].id
        changed = observation(person, "laboratory", id=id, status="amended")
        assert own("GET", f"/fhir/Observation/{id}").status == 200
        assert own("PUT", f"/fhir/Observation/{id}", changed).status == status
    assert own("DELETE", f"/fhir/Observation/{made['survey'].id}").status == 403
    assert own("DELETE", f"/fhir/Observation/{made['laboratory'].id}").status == 204


def test_a_code_of_a_system_that_nobody_has_used_yet_is_covered_at_once(place: Place) -> None:
    person = place.participant()
    own = limited(place, "category=laboratory")
    entries: list[Json] = [
        {
            "resource": observation(person, "laboratory", system="urn:new"),
            "request": {"method": "POST", "url": "Observation"},
        },
        {"request": {"method": "GET", "url": "Observation?_summary=count"}},
    ]
    answered = own("POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": entries}).json["entry"]
    assert answered[0]["response"]["status"].startswith("201")
    assert answered[1]["resource"]["total"] == 1


def test_conditions_and_references_keep_to_them(place: Place) -> None:
    person = place.participant()
    named = {"identifier": [{"system": "urn:lab", "value": "7"}]}
    hidden = place.staff("POST", "/fhir/Observation", observation(person, "survey", **named)).id
    own = limited(place, LAB)
    condition = {"if-none-exist": "identifier=urn:lab|7"}
    made = own("POST", "/fhir/Observation", observation(person, "laboratory", **named), **condition)
    assert made.status == 201
    again = own("POST", "/fhir/Observation", observation(person, "laboratory", **named), **condition)
    assert (again.status, again.id) == (200, made.id)
    pointing = observation(person, "laboratory", hasMember=[{"reference": f"Observation/{hidden}"}])
    assert own("POST", "/fhir/Observation", pointing).status == 422
    assert own("DELETE", "/fhir/Observation?identifier=urn:lab|7").status == 204
    assert place.staff("GET", f"/fhir/Observation/{hidden}").status == 200


def test_a_consent_is_asked_as_well(place: Place) -> None:
    shown, other = place.participant(), place.participant()
    place.treated(shown)
    place.consent(shown)
    for person in (shown, other):
        for category in ("laboratory", "survey"):
            place.staff("POST", "/fhir/Observation", observation(person, category))
    provider = place.client("provider-ehr", scopes=f"system/Patient.rs system/Observation.rs?{LAB}")
    assert len(ids(provider("GET", "/fhir/Observation"))) == 1
    assert len(ids(provider("GET", f"/fhir/Patient/{shown}/$everything"))) == 1


def test_a_scope_of_all_types_may_have_arguments_that_all_have(place: Place) -> None:
    person = place.participant()
    tagged = {"meta": {"tag": [{"system": "urn:x", "code": "shown"}]}}
    made = place.staff("POST", "/fhir/Observation", observation(person, "survey", **tagged))
    place.staff("POST", "/fhir/Observation", observation(person, "survey"))
    own = place.client("program-ehr", OURS, "system/*.rs?_tag=urn:x|shown")
    assert ids(own("GET", "/fhir/Observation")) == {made.id}
    assert own("GET", f"/fhir/Patient/{person}").status == 404
    assert own("GET", "/fhir/Encounter?_summary=count").json["total"] == 0


def test_a_token_without_arguments_is_not_bound_by_anything(world: tuple[Place, str]) -> None:
    place, _ = world
    access = next(iter(place.guarded.served._programs.values())).fhir._access
    assert isinstance(access, Clients)
    scopes = "system/Patient.rs system/Observation.cruds"
    assert access.entitled.reach(ClientKind.PROGRAM_EHR, parsed(scopes))[1] is UNBOUND
    assert access.entitled.reach(ClientKind.PROGRAM_EHR, parsed(f"{scopes} system/Observation.rs?{LAB}"))[1] == UNBOUND
