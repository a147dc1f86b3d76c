"""$validate, $to-fhir and $to-native: everything is told, and nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.canonical import profile
from adapter.interactions.program import Program
from tests.doors.people import created, observation, patient, reference
from tests.doors.serving import Client, Got, client_of, door, opened
from tests.doors.test_hidden import ABSENT, reader

Json = dict[str, Any]
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
R4 = "http://hl7.org/fhir/StructureDefinition/"
AGGREGATES = ("drug_screen", "group_meeting")
CASES = [
    pytest.param(case.parent.name, case, id=f"{case.parent.name}/{case.name}")
    for case in sorted(FIXTURES.glob("*/*"))
    if case.parent.name not in AGGREGATES
]
FORMS = [
    pytest.param(case.parent.name, case, id=f"{case.parent.name}/{case.name}")
    for name in AGGREGATES
    for case in sorted((FIXTURES / name).iterdir())
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Client]]:
    """One program for all tests that leave it as it was."""
    with opened(tmp_path_factory.mktemp("still")) as program, client_of(program) as client:
        yield program, client


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Program:
    """The shared one for who asks that it be still, else one of its own."""
    if "still" in request.fixturenames:
        return request.getfixturevalue("shared")[0]  # type: ignore[no-any-return]
    return request.getfixturevalue("own")  # type: ignore[no-any-return]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Program]:
    """A program that forgets everything when closed."""
    with opened(tmp_path) as program:
        yield program


@pytest.fixture
def client(request: pytest.FixtureRequest, program: Program) -> Iterator[Client]:
    """A client of the program."""
    if "still" in request.fixturenames:
        yield request.getfixturevalue("shared")[1]
        return
    with client_of(program) as client:
        yield client


@pytest.fixture
def still(program: Program) -> Iterator[None]:
    """Nothing is stored while the test runs; asked for after what the test creates first."""
    before = program.store.t
    yield
    assert program.store.t == before


def parameters(**given: Any) -> Json:
    """Parameters of (value[x] name, value) or resources, by name; a list gives several."""
    entries = []
    for name, values in given.items():
        for value in values if isinstance(values, list) else [values]:
            typed = {"resource": value} if isinstance(value, dict) else dict([value])
            entries.append({"name": name} | typed)
    return {"resourceType": "Parameters", "parameter": entries}


def issues(got: Got, severity: str) -> list[tuple[str, str]]:
    """(code, expression or "") of the issues of one severity in a 200."""
    assert got.status == 200, got.body
    assert door().check(got.json) == []
    return [
        (issue["code"], issue.get("expression", [""])[0])
        for issue in got.json["issue"]
        if issue["severity"] == severity
    ]


def read(name: str, case: str, kind: str) -> Any:
    """A fixture."""
    return json.loads((FIXTURES / name / case / f"{kind}.json").read_text())


# ---- $validate


def test_an_invalid_resource_is_200_with_every_fault(client: Client, still: None) -> None:
    got = client("POST", "/fhir/Patient/$validate", patient(gender="F", birthDate="soon", nickname="A"))
    assert {place for _, place in issues(got, "error")} == {"Patient.gender", "Patient.birthDate", "Patient.nickname"}


def test_parameters_and_the_resource_itself_are_validated_alike(client: Client) -> None:
    wrong = patient(gender="F")
    alone = client("POST", "/fhir/Patient/$validate", wrong)
    assert alone.body == client("POST", "/fhir/Patient/$validate", parameters(resource=wrong)).body


def test_a_valid_resource_has_no_errors_and_says_what_was_not_checked(client: Client) -> None:
    got = client("POST", "/fhir/Basic/$validate", {"resourceType": "Basic", "code": {"text": "a remark"}})
    assert (issues(got, "error"), issues(got, "warning")) == ([], [])
    told = [issue["details"]["text"] for issue in got.json["issue"]]
    assert any(text.startswith("Not checked: dom-6 (a warning in R4)") for text in told)
    assert any("No concept claims it" in text for text in told)


def test_the_unchecked_constraints_of_what_is_inside_are_listed_too(client: Client) -> None:
    inside = {"resourceType": "CareTeam", "status": "active"}
    got = client(
        "POST",
        "/fhir/Bundle/$validate",
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inside}]},
    )
    assert ("informational", "CareTeam.participant") in issues(got, "information")


def test_what_the_maps_would_park_is_a_warning(client: Client) -> None:
    got = client("POST", "/fhir/Observation/$validate", read("drug_result", "received-unknown-code", "fhir"))
    assert issues(got, "error") == []
    assert [code for code, _ in issues(got, "warning")] == ["business-rule"]


def test_what_the_maps_refuse_is_an_error(client: Client) -> None:
    strange = patient(modifierExtension=[{"url": "https://clinic.example/not", "valueBoolean": True}])
    assert issues(client("POST", "/fhir/Patient/$validate", strange), "error") != []


@pytest.mark.parametrize(
    ("named", "code"),
    [
        (f"{R4}Patient", None),
        (f"{R4}Patient|4.0.1", None),
        (f"{R4}DomainResource", None),
        (f"{R4}Patient|5.0.0", "not-supported"),
        (f"{R4}Observation", "value"),
        (f"{R4}nonsense", "not-supported"),
        ("https://elsewhere.example/StructureDefinition/x", "not-supported"),
    ],
)
def test_a_named_profile_is_checked_or_said_to_be_unknown(client: Client, named: str, code: str | None) -> None:
    by_address = client("POST", f"/fhir/Patient/$validate?profile={named}", patient())
    by_body = client("POST", "/fhir/Patient/$validate", parameters(resource=patient(), profile=("valueUri", named)))
    assert [found for found, _ in issues(by_address, "error")] == ([code] if code else [])
    assert by_address.body == by_body.body


def test_a_profile_that_is_only_claimed_and_not_known_is_told(client: Client) -> None:
    got = client("POST", "/fhir/Patient/$validate", patient(meta={"profile": [f"{R4}Patient", "urn:x"]}))
    assert issues(got, "error") == []
    assert [place for code, place in issues(got, "information") if code == "not-supported"] == ["Patient.meta.profile"]
    assert "urn:x" in got.body.decode()


def test_a_profile_of_ours_is_checked_where_it_is_claimed_or_named(client: Client) -> None:
    ours = profile("iop-episode")
    claiming = {"resourceType": "EpisodeOfCare", "status": "active", "meta": {"profile": [ours]}}
    claiming["patient"] = {"reference": reference(created(client, patient()))}
    assert issues(client("POST", "/fhir/EpisodeOfCare/$validate", claiming), "error") == []
    other = patient(meta={"profile": [ours]})
    assert issues(client("POST", "/fhir/Patient/$validate", other), "error") == [("invariant", "Patient.meta.profile")]
    named = client("POST", f"/fhir/Patient/$validate?profile={ours}|0.1.0", patient())
    assert issues(named, "error") == [("invariant", "Patient.meta.profile")]
    assert issues(client("POST", "/fhir/Patient/$validate?profile=urn:x", patient()), "error") == [
        ("not-supported", "")
    ]


def test_a_version_of_ours_that_is_not_here_is_not_known(client: Client) -> None:
    ours = profile("iop-episode")
    other = client("POST", f"/fhir/EpisodeOfCare/$validate?profile={ours}|9.9.9", {"resourceType": "EpisodeOfCare"})
    assert ("not-supported", "") in issues(other, "error")
    assert "9.9.9 is not known here" in other.body.decode()


def test_a_claim_of_another_version_of_ours_is_told_and_held_to_todays_rules(client: Client) -> None:
    claiming = patient(meta={"profile": [f"{profile('iop-episode')}|9.9.9"]})
    told = client("POST", "/fhir/Patient/$validate", claiming)
    assert ("not-supported", "Patient.meta.profile") in issues(told, "information")
    assert issues(told, "error") == [("invariant", "Patient.meta.profile")]
    assert client("POST", "/fhir/Patient", claiming).status == 422


def test_a_resource_that_is_not_sound_is_not_held_to_a_profile_yet(client: Client) -> None:
    broken = {"resourceType": "EpisodeOfCare", "meta": {"profile": [profile("iop-episode")]}}
    got = client("POST", "/fhir/EpisodeOfCare/$validate", broken)
    assert {place for _, place in issues(got, "error")} >= {"EpisodeOfCare.patient"}
    assert "is checked when the resource is sound R4" in got.body.decode()


def test_a_create_is_tried_and_leaves_no_trace(client: Client, program: Program) -> None:
    got = client("POST", "/fhir/Patient/$validate?mode=create", patient())
    assert issues(got, "error") == []
    assert "The create would be accepted now." in got.body.decode()
    assert (program.store.t, client("GET", "/fhir/Patient?_summary=count").json["total"]) == (0, 0)
    assert created(client, patient()).headers["etag"] == 'W/"1"'


def test_a_create_that_would_be_refused_says_why(client: Client, program: Program) -> None:
    keyed = patient(identifier=[{"system": next(iter(program.identifying)), "value": "1"}])
    created(client, keyed)
    before = program.store.t
    got = client("POST", "/fhir/Patient/$validate?mode=create", keyed)
    assert [code for code, _ in issues(got, "error")] == ["duplicate"]
    got = client("POST", "/fhir/Observation/$validate?mode=create", observation("Patient/none"))
    assert issues(got, "error") == [("not-found", "Observation.subject")]
    assert program.store.t == before


def test_an_update_is_tried_under_its_own_id(client: Client, program: Program) -> None:
    made = created(client, patient())
    before = program.store.t
    for address in (f"/fhir/Patient/{made.id}/$validate", "/fhir/Patient/$validate"):
        got = client(
            "POST", address, parameters(resource=patient(id=made.id, gender="other"), mode=("valueCode", "update"))
        )
        assert issues(got, "error") == []
        assert "The update would be accepted now." in got.body.decode()
    assert client("GET", f"/fhir/Patient/{made.id}").json["gender"] == "female"
    assert program.store.t == before


@pytest.mark.parametrize(
    ("address", "resource", "found"),
    [
        ("/fhir/Patient/{id}/$validate", patient(id="other"), ("value", "Patient.id")),
        ("/fhir/Patient/{id}/$validate", patient(), ("value", "Patient.id")),
        ("/fhir/Patient/{id}/$validate?mode=update", patient(id="other"), ("value", "Patient.id")),
        ("/fhir/Patient/$validate?mode=update", patient(), ("required", "Patient.id")),
        ("/fhir/Patient/none/$validate?mode=update", patient(id="none"), ("not-found", "")),
        ("/fhir/Patient/$validate?mode=update", patient(id="none"), ("not-found", "")),
        ("/fhir/Patient/none/$validate?mode=delete", None, ("not-found", "")),
        (
            "/fhir/ValueSet/$validate?mode=create",
            {"resourceType": "ValueSet", "status": "draft"},
            ("not-supported", "resourceType"),
        ),
    ],
)
def test_a_write_that_cannot_be_is_an_error_in_the_outcome(
    client: Client, address: str, resource: Json | None, found: tuple[str, str]
) -> None:
    id = created(client, patient()).id
    assert issues(client("POST", address.replace("{id}", id), resource), "error") == [found]


def test_a_delete_is_tried_without_looking_at_the_content(client: Client, program: Program) -> None:
    made = created(client, patient())
    before = program.store.t
    for body in (None, patient(gender="F"), parameters(mode=("valueCode", "delete"))):
        address = f"/fhir/Patient/{made.id}/$validate" + ("" if body and "parameter" in body else "?mode=delete")
        got = client("POST", address, body)
        assert issues(got, "error") == []
        assert "The delete would be accepted now." in got.body.decode()
    assert program.store.t == before


def test_what_is_stored_is_validated_where_nothing_is_sent(client: Client) -> None:
    made = created(client, patient(name=[{"text": "Ada"}]))
    for method, query in (("GET", ""), ("POST", ""), ("GET", f"?mode=profile&profile={R4}Patient")):
        assert issues(client(method, f"/fhir/Patient/{made.id}/$validate{query}"), "error") == []
    client("DELETE", f"/fhir/Patient/{made.id}")
    assert client("GET", f"/fhir/Patient/{made.id}/$validate").status == 410


def test_a_move_between_concepts_is_foretold(client: Client) -> None:
    survey = read("screening", "minimal", "fhir") | {"subject": reference_to(created(client, patient()))}
    made = created(client, {name: value for name, value in survey.items() if name not in ("performer", "encounter")})
    moved = {name: value for name, value in made.json.items() if name != "meta"}
    moved["category"] = [{"text": "something else"}]
    got = client("POST", f"/fhir/Observation/{made.id}/$validate?mode=update", moved)
    assert "would be read as no concept, before as screening" in got.body.decode()


def reference_to(got: Got) -> Json:
    """A Reference to what was just created."""
    return {"reference": reference(got)}


# ---- $to-fhir and $to-native


def out(got: Got, name: str) -> list[Any]:
    """The outputs of one name."""
    assert got.status == 200, got.body
    assert door().check(got.json) == []
    entries = [entry for entry in got.json["parameter"] if entry["name"] == name]
    return [next(value for key, value in entry.items() if key != "name") for entry in entries]


@pytest.mark.storeless
@pytest.mark.parametrize(("name", "case"), CASES)
def test_every_fixture_is_read_as_its_record(client: Client, still: None, name: str, case: Path) -> None:
    got = client("POST", "/fhir/$to-native", read(name, case.name, "fhir"))
    (record,) = out(got, "record")
    assert json.loads(record) == read(name, case.name, "native")
    assert out(got, "concept") == [name]
    told = [{p["name"]: p.get("valueString", p.get("valueCode")) for p in part} for part in out(got, "residue")]
    assert told == read(name, case.name, "residue")
    parked = sum(item["policy"] == "park" for item in told)
    (outcome,) = out(got, "outcome")
    assert sum(issue["severity"] == "warning" for issue in outcome["issue"]) == parked


@pytest.mark.storeless
@pytest.mark.parametrize(("name", "case"), [c for c in CASES if "received" not in str(c.id)])
def test_every_native_fixture_becomes_its_resource(client: Client, still: None, name: str, case: Path) -> None:
    document = read(name, case.name, "native")
    text = json.dumps(document)
    told = client("POST", "/fhir/$to-fhir", parameters(concept=("valueCode", name), record=("valueString", text)))
    assert out(told, "resource") == [read(name, case.name, "fhir")]
    assert client("POST", f"/fhir/$to-fhir?concept={name}", document).body == told.body


@pytest.mark.parametrize(("name", "case"), FORMS)
def test_an_aggregate_goes_to_its_records_and_back(client: Client, still: None, name: str, case: Path) -> None:
    document = read(name, case.name, "native")
    made = out(client("POST", f"/fhir/$to-fhir?concept={name}", document), "resource")
    records = read(name, case.name, "records")
    assert {resource["id"] for resource in made} == {record["id"] for kind in records.values() for record in kind}
    back = client("POST", "/fhir/$to-native", parameters(resource=made, concept=("valueCode", name)))
    assert json.loads(out(back, "record")[0]) == document


def test_a_new_aggregate_gets_ids_so_that_its_records_can_refer_to_each_other(client: Client, still: None) -> None:
    document = read("group_meeting", "minimal", "native")
    del document["id"], document["roster"][0]["booking"]
    (booking,) = out(client("POST", "/fhir/$to-fhir?concept=group_meeting", document), "resource")
    assert booking["id"]
    assert booking["resourceType"] == "Appointment"


def test_a_document_without_an_id_makes_a_resource_without_one(client: Client, still: None) -> None:
    document = read("goal", "minimal", "native")
    del document["id"]
    (resource,) = out(client("POST", "/fhir/$to-fhir?concept=goal", document), "resource")
    assert "id" not in resource


def test_a_practice_key_is_the_id_that_iop_would_give_it(client: Client, program: Program) -> None:
    key = {"system": next(iter(program.identifying)), "value": "0042"}
    document = read("goal", "minimal", "native") | {"participant": key}
    before = program.store.t
    (first,) = out(client("POST", "/fhir/$to-fhir?concept=goal", document), "resource")
    assert program.store.t == before
    made = created(client, patient(identifier=[key]))
    (second,) = out(client("POST", "/fhir/$to-fhir?concept=goal", document), "resource")
    assert first["subject"]["reference"] == second["subject"]["reference"] == f"Patient/{made.id}"


def test_every_fault_of_a_document_is_told_at_its_native_field(client: Client, still: None) -> None:
    got = client("POST", "/fhir/$to-fhir?concept=goal", {"id": "x", "nickname": "A", "status": "soon"})
    assert got.status == 422
    assert {"nickname", "status", "participant", "in_own_words"} <= set(got.expressions)


def test_what_only_the_door_finds_is_told_natively_too(client: Client, still: None) -> None:
    document = read("goal", "minimal", "native") | {"participant": "not an id"}
    got = client("POST", "/fhir/$to-fhir?concept=goal", document)
    assert (got.status, got.expressions) == (422, ["participant"])


def test_a_fault_in_an_aggregate_is_told_at_its_line(client: Client, still: None) -> None:
    document = read("group_meeting", "full", "native")
    document["roster"][1]["participant"] = "not an id"
    got = client("POST", "/fhir/$to-fhir?concept=group_meeting", document)
    assert got.status == 422
    assert "roster[1].participant" in got.expressions


def test_digits_go_through_as_they_were_written(client: Client, still: None) -> None:
    resource = json.dumps(read("drug_result", "full", "fhir")).encode().replace(b"212.5", b"212.50")
    (record,) = out(client("POST", "/fhir/$to-native", resource), "record")
    assert "212.50" in record
    got = client(
        "POST", "/fhir/$to-fhir", parameters(concept=("valueCode", "drug_result"), record=("valueString", record))
    )
    assert b'"value":212.50' in got.body


def test_a_reader_who_sees_less_validates_as_if_the_rest_never_was(client: Client, program: Program) -> None:
    hidden = created(client, patient()).id
    limited = reader(program, hidden)
    try:
        for method, query, body in (
            ("GET", "", None),
            ("POST", "?mode=delete", None),
            ("POST", "?mode=update", patient(id="{id}")),
        ):
            answers = []
            for id in (hidden, ABSENT):
                sent = json.loads(json.dumps(body).replace("{id}", id)) if body else None
                got = limited(method, f"/fhir/Patient/{id}/$validate{query}", sent)
                answers.append((got.status, got.headers, got.body.replace(id.encode(), b"ID")))
            assert answers[0] == answers[1]
        finding = observation(f"Patient/{hidden}")
        got = limited("POST", "/fhir/Observation/$validate?mode=create", finding)
        assert issues(got, "error") == [("not-found", "Observation.subject")]
    finally:
        limited.close()
