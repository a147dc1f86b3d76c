"""Transaction Bundles: all or nothing, in R4's order, references between entries resolved."""

from __future__ import annotations

from typing import Any

import pytest

from adapter.interactions.program import Program
from tests.doors.people import created, observation, patient, reference
from tests.doors.serving import BASE, Client, Got

ADA = "urn:uuid:8f2c9d1e-0b7a-4a44-9c53-0d9c1a2b3c4d"
Json = dict[str, Any]


def entry(method: str, url: str, resource: Json | None = None, full_url: str | None = None, **request: str) -> Json:
    """One entry."""
    made: Json = {"request": {"method": method, "url": url} | request}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def sent(client: Client, *entries: Json, **headers: str) -> Got:
    """A transaction, posted."""
    return client("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}, headers)


def statuses(got: Got) -> list[str]:
    """The status of each entry."""
    return [entry["response"]["status"][:3] for entry in got.json["entry"]]


def test_references_between_entries_become_the_new_ids(client: Client) -> None:
    got = sent(client, entry("POST", "Observation", observation(ADA)), entry("POST", "Patient", patient(), ADA))
    assert (got.status, got.json["type"], statuses(got)) == (200, "transaction-response", ["201", "201"])
    locations = [entry["response"]["location"] for entry in got.json["entry"]]
    stored = client("GET", locations[0].removeprefix("http://127.0.0.1:8000")).json
    assert stored["subject"]["reference"] == locations[1].removeprefix(f"{BASE}/").removesuffix("/_history/1")
    assert {"etag", "lastModified"} <= got.json["entry"][0]["response"].keys()


def test_a_relative_reference_is_relative_to_the_entrys_own_server(client: Client) -> None:
    ehr = "https://ehr.example/fhir"
    got = sent(
        client,
        entry("POST", "Patient", patient(), f"{ehr}/Patient/7"),
        entry("POST", "Observation", observation("Patient/7"), f"{ehr}/Observation/8"),
        entry("POST", "Observation", observation(f"{ehr}/Patient/7")),
        Prefer="return=representation",
    )
    ada = got.json["entry"][0]["resource"]["id"]
    assert [e["resource"]["subject"]["reference"] for e in got.json["entry"][1:]] == [f"Patient/{ada}"] * 2


def test_two_new_records_may_point_to_each_other(client: Client) -> None:
    one, two = ADA, ADA.replace("8f2c", "9f2c")
    got = sent(
        client,
        entry("POST", "Patient", patient(link=[{"other": {"reference": two}, "type": "seealso"}]), one),
        entry("POST", "Patient", patient(link=[{"other": {"reference": one}, "type": "seealso"}]), two),
    )
    assert statuses(got) == ["201", "201"]


def test_deletes_come_before_creates_and_reads_come_last(client: Client) -> None:
    old, other = created(client, patient()), created(client, patient())
    got = sent(
        client,
        entry("GET", f"Patient/{other.id}"),
        entry("GET", "Patient?gender=other"),
        entry("PUT", f"Patient/{other.id}", patient(id=other.id, gender="other")),
        entry("POST", "Patient", patient()),
        entry("DELETE", f"Patient/{old.id}"),
    )
    assert statuses(got) == ["200", "200", "200", "201", "204"]
    read, found = got.json["entry"][:2]
    assert (read["resource"]["gender"], found["resource"]["total"]) == ("other", 1)


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("Patient/none", 404, "not-found"),
        ("Patient/{made}/_history/2", 404, "not-found"),
        ("Patient/none/_history", 404, "not-found"),
        ("Patient/{gone}", 410, "deleted"),
        ("Patient/{gone}/_history/2", 410, "deleted"),
        ("Patient?colour=red", 400, "not-supported"),
        ("Patient/{made}?colour=red", 400, "not-supported"),
        ("Patient/_history?_count=0", 400, "invalid"),
        ("Patient?name=%ff", 400, "value"),
        ("Patient/{made}/$no", 404, "not-supported"),
        ("ValueSet/_history", 404, "not-supported"),
    ],
)
def test_a_read_that_finds_nothing_or_cannot_be_made_refuses_the_whole(
    url: str, status: int, code: str, client: Client, program: Program
) -> None:
    made, gone = created(client, patient()), created(client, patient())
    before = program.store.t
    got = sent(
        client,
        entry("POST", "Patient", patient()),
        entry("DELETE", f"Patient/{gone.id}"),
        entry("GET", url.format(made=made.id, gone=gone.id)),
    )
    assert (got.status, got.codes[0], program.store.t) == (status, code, before)
    assert got.expressions[0] == "Bundle.entry[2].request.url"


def test_reads_see_what_was_and_what_is_made(client: Client) -> None:
    gone = created(client, patient())
    got = sent(
        client,
        entry("DELETE", f"Patient/{gone.id}"),
        entry("GET", f"Patient/{gone.id}/_history"),
        entry("GET", f"Patient/{gone.id}/_history/1"),
    )
    assert statuses(got) == ["204", "200", "200"]
    assert got.json["entry"][1]["resource"]["total"] == 2


def test_one_wrong_entry_leaves_the_store_as_it_was(client: Client, program: Program) -> None:
    before = program.store.t
    got = sent(
        client, entry("POST", "Patient", patient(), ADA), entry("POST", "Observation", observation("Patient/none"))
    )
    assert (got.status, got.codes, got.expressions) == (422, ["not-found"], ["Bundle.entry[1].resource.subject"])
    assert program.store.t == before
    assert client("GET", "/fhir/Patient").json["total"] == 0


def test_every_wrong_entry_is_named_at_once(client: Client) -> None:
    got = sent(
        client,
        entry("POST", "Patient", patient(gender="f")),
        entry("POST", "Patient", patient(nickname="A")),
        entry("POST", "Patient", patient()),
    )
    assert got.status == 400
    assert got.expressions == ["Bundle.entry[0].resource.gender", "Bundle.entry[1].resource.nickname"]


def test_versions_are_checked_for_each_entry(client: Client) -> None:
    made = created(client, patient())
    body = patient(id=made.id, gender="other")
    stale = sent(client, entry("PUT", f"Patient/{made.id}", body, ifMatch='W/"4"'))
    assert (stale.status, stale.codes) == (412, ["conflict"])
    assert statuses(sent(client, entry("PUT", f"Patient/{made.id}", body, ifMatch='W/"1"'))) == ["200"]


def test_a_conditional_entry_uses_what_is_there(client: Client) -> None:
    key = {"system": "https://clinic.example/mrn", "value": "4711"}
    made = created(client, patient(identifier=[key]))
    got = sent(
        client,
        entry(
            "POST", "Patient", patient(identifier=[key]), ADA, ifNoneExist="identifier=https://clinic.example/mrn|4711"
        ),
        entry("POST", "Observation", observation(ADA)),
        entry("POST", "Observation", observation("Patient?identifier=https://clinic.example/mrn|4711")),
        Prefer="return=representation",
    )
    assert statuses(got) == ["200", "201", "201"]
    assert [e["resource"]["subject"]["reference"] for e in got.json["entry"][1:]] == [reference(made)] * 2


def test_a_reference_by_search_that_finds_none_refuses_the_whole(client: Client) -> None:
    got = sent(client, entry("POST", "Observation", observation("Patient?identifier=https://clinic.example/mrn|0")))
    assert (got.status, got.expressions) == (412, ["Bundle.entry[0].resource.subject"])


def test_a_transaction_of_nothing_is_answered_with_nothing(client: Client) -> None:
    got = client("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction"})
    assert (got.status, got.json) == (200, {"resourceType": "Bundle", "type": "transaction-response"})


WRONG: dict[str, tuple[list[Json], int, str]] = {
    "an address of another server": ([entry("POST", "https://x.example/Patient", patient())], 400, "value"),
    "an address that climbs": ([entry("GET", "../Patient")], 400, "value"),
    "a type that is not served": ([entry("GET", "Nothing/1")], 404, "not-supported"),
    "a patch that is a patient": ([entry("PATCH", "Patient/1", patient())], 400, "invalid"),
    "a create at an id": ([entry("POST", "Patient/1", patient())], 400, "value"),
    "an update without id": ([entry("PUT", "Patient", patient())], 400, "value"),
    "an update of both an id and a search": (
        [entry("PUT", "Patient/1?identifier=a|b", patient(id="1"))],
        400,
        "value",
    ),
    "a deletion of all that is named so": ([entry("DELETE", "Patient?gender=male")], 400, "invalid"),
    "a search that shapes": ([entry("DELETE", "Patient?identifier=a|b&_count=1")], 400, "invalid"),
    "a write to what was": ([entry("PUT", "Patient/1/_history/1", patient(id="1"))], 400, "value"),
    "a deletion of a history": ([entry("DELETE", "Patient/1/_history")], 400, "value"),
    "a version of a type": ([entry("GET", "Patient/_history/1")], 400, "value"),
    "two updates on one condition": (
        [entry("PUT", "Patient?identifier=a|b", patient()), entry("PUT", "Patient?identifier=a|b", patient())],
        400,
        "duplicate",
    ),
    "an update of nothing": ([entry("PUT", "Patient/none", patient(id="none"))], 405, "not-supported"),
    "a delete of nothing": ([entry("DELETE", "Patient/none")], 404, "not-found"),
    "a resource of another type": ([entry("POST", "Observation", patient())], 400, "invalid"),
    "an id that is another": ([entry("PUT", "Patient/a", patient(id="b"))], 400, "invalid"),
    "a create of nothing": ([entry("POST", "Patient")], 400, "required"),
    "a condition without a key": ([entry("POST", "Patient", patient(), ifNoneExist="gender=male")], 400, "invalid"),
    "one name for two": (
        [entry("POST", "Patient", patient(), ADA), entry("POST", "Patient", patient(), ADA)],
        400,
        "duplicate",
    ),
    "a name of nothing": ([entry("POST", "Observation", observation(ADA))], 422, "not-found"),
    "a malformed precondition": ([entry("DELETE", "Patient/a", ifMatch="*")], 400, "value"),
    "a condition that shapes a result": (
        [entry("POST", "Patient", patient(), ifNoneExist="identifier=a|b&_count=0")],
        400,
        "invalid",
    ),
    "a version for a create": ([entry("POST", "Patient", patient(), ifMatch='W/"1"')], 400, "not-supported"),
    "a condition for an update": (
        [entry("PUT", "Patient/a", patient(id="a"), ifNoneExist="identifier=a|b")],
        400,
        "not-supported",
    ),
    "a time for a read": (
        [entry("GET", "Patient/a", ifModifiedSince="2026-03-02T09:00:00Z")],
        400,
        "not-supported",
    ),
    "a version for a read": ([entry("GET", "Patient/a", ifMatch='W/"1"')], 400, "not-supported"),
    "a version for a search": ([entry("GET", "Patient", ifNoneMatch='W/"1"')], 400, "invalid"),
    "a read with a resource": ([entry("GET", "Patient/a", patient(id="a"))], 400, "invalid"),
    "one condition for two, written otherwise": (
        [
            entry("POST", "Patient", patient(), ifNoneExist="identifier=a|b&gender=male"),
            entry("POST", "Patient", patient(), ifNoneExist="gender=male&identifier=a%7Cb"),
        ],
        400,
        "duplicate",
    ),
    "a conformance type": (
        [entry("POST", "ValueSet", {"resourceType": "ValueSet", "status": "draft"})],
        405,
        "not-supported",
    ),
    "one condition for two": (
        [entry("POST", "Patient", patient(), ifNoneExist="identifier=a|b")] * 2,
        400,
        "duplicate",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_transaction_is_refused_whole(fault: str, client: Client, program: Program) -> None:
    entries, status, code = WRONG[fault]
    got = sent(client, *entries)
    assert (got.status, got.codes[0]) == (status, code)
    assert program.store.t == 0


def test_two_entries_for_one_record_are_refused(client: Client) -> None:
    made = created(client, patient())
    got = sent(client, entry("DELETE", f"Patient/{made.id}"), entry("PUT", f"Patient/{made.id}", patient(id=made.id)))
    assert (got.status, got.codes) == (400, ["duplicate"])


@pytest.mark.parametrize("kind", ["collection", "searchset", "document"])
def test_only_batches_and_transactions_are_taken(kind: str, client: Client) -> None:
    got = client("POST", "/fhir", {"resourceType": "Bundle", "type": kind})
    assert (got.status, got.expressions) == (400, ["Bundle.type"])


def test_what_was_done_with_an_entry_is_told_beside_its_response(client: Client) -> None:
    got = sent(client, entry("POST", "Patient", patient()), Prefer="return=OperationOutcome")
    made = got.json["entry"][0]
    assert made["response"]["outcome"]["issue"][0]["details"]["text"] == "created"
    assert "resource" not in made


@pytest.mark.parametrize("system", ["https://clinic.example/mrn", None])
def test_a_record_and_its_successor_under_one_identifier(system: str | None, client: Client, program: Program) -> None:
    """Without `system`, the identifier is one that names a record."""
    key = {"system": system or sorted(program.identifying)[0], "value": "4711"}
    old = created(client, patient(identifier=[key]))
    condition = f"identifier={key['system']}|4711"
    got = sent(
        client,
        entry("DELETE", f"Patient/{old.id}"),
        entry("POST", "Patient", patient(identifier=[key]), ADA, ifNoneExist=condition),
        entry("POST", "Observation", observation(ADA)),
        Prefer="return=representation",
    )
    assert statuses(got) == ["204", "201", "201"]
    successor = got.json["entry"][1]["resource"]["id"]
    assert successor != old.id
    assert got.json["entry"][2]["resource"]["subject"]["reference"] == f"Patient/{successor}"
    found = client("GET", f"/fhir/Patient?{condition}").json["entry"]
    assert [one["resource"]["id"] for one in found] == [successor]


def test_a_reference_by_search_does_not_find_what_the_bundle_deletes(client: Client) -> None:
    key = {"system": "https://clinic.example/mrn", "value": "4711"}
    old = created(client, patient(identifier=[key]))
    search = "Patient?identifier=https://clinic.example/mrn|4711"
    got = sent(client, entry("DELETE", f"Patient/{old.id}"), entry("POST", "Observation", observation(search)))
    assert (got.status, got.expressions) == (412, ["Bundle.entry[1].resource.subject"])


@pytest.mark.parametrize("giver_first", [True, False])
def test_an_identifier_moves_between_records(giver_first: bool, client: Client, program: Program) -> None:
    key = {"system": sorted(program.identifying)[0], "value": "0042"}
    giver, taker = created(client, patient(identifier=[key])), created(client, patient())
    entries = [
        entry("PUT", f"Patient/{giver.id}", patient(id=giver.id)),
        entry("PUT", f"Patient/{taker.id}", patient(id=taker.id, identifier=[key])),
    ]
    assert statuses(sent(client, *(entries if giver_first else entries[::-1]))) == ["200", "200"]
    again = client("POST", "/fhir/Patient", patient(identifier=[key]))
    assert (again.status, again.headers["location"]) == (409, f"{BASE}/Patient/{taker.id}")


def test_two_records_swap_their_identifiers(client: Client, program: Program) -> None:
    system = sorted(program.identifying)[0]
    one, two = ({"system": system, "value": value} for value in ("1", "2"))
    first, second = created(client, patient(identifier=[one])), created(client, patient(identifier=[two]))
    got = sent(
        client,
        entry("PUT", f"Patient/{first.id}", patient(id=first.id, identifier=[two])),
        entry("PUT", f"Patient/{second.id}", patient(id=second.id, identifier=[one])),
    )
    assert statuses(got) == ["200", "200"]
    holders = [client("POST", "/fhir/Patient", patient(identifier=[key])).headers["location"] for key in (one, two)]
    assert holders == [f"{BASE}/Patient/{second.id}", f"{BASE}/Patient/{first.id}"]


MRN = "https://clinic.example/mrn"
KEYED: Json = {"identifier": [{"system": MRN, "value": "4711"}]}
CONDITION = f"identifier={MRN}|4711"
SOUGHT = f"Patient?{CONDITION}"
OVERLAPS: dict[str, list[Json]] = {
    "a create and an update by search": [
        entry("POST", "Patient", patient(**KEYED)),
        entry("PUT", SOUGHT, patient(**KEYED)),
    ],
    "an update by search that has other terms": [
        entry("POST", "Patient", patient(**KEYED)),
        entry("PUT", f"{SOUGHT}&gender=female&birthdate=lt2000", patient(**KEYED)),
    ],
    "a create and a create on condition": [
        entry("POST", "Patient", patient(**KEYED)),
        entry("POST", "Patient", patient(), ifNoneExist=CONDITION),
    ],
    "two creates on conditions that are not the same": [
        entry("POST", "Patient", patient(**KEYED), ifNoneExist=CONDITION),
        entry("POST", "Patient", patient(**KEYED), ifNoneExist=f"{CONDITION}&gender=female"),
    ],
    "two updates by search, one of which brings what the other seeks": [
        entry("PUT", f"Patient?identifier={MRN}|1", patient(**KEYED)),
        entry("PUT", SOUGHT, patient()),
    ],
    "one of several identifiers": [
        entry("POST", "Patient", patient(**KEYED)),
        entry("PUT", f"Patient?identifier={MRN}|1,{MRN}|4711", patient()),
    ],
}


@pytest.mark.parametrize("overlap", OVERLAPS)
@pytest.mark.parametrize("step", [1, -1])
def test_a_condition_that_finds_what_another_entry_writes_is_refused(
    overlap: str, step: int, client: Client, program: Program
) -> None:
    got = sent(client, *OVERLAPS[overlap][::step])
    assert (got.status, set(got.codes), program.store.t) == (400, {"duplicate"}, 0)
    assert {place[: len("Bundle.entry[0]")] for place in got.expressions} == {"Bundle.entry[0]", "Bundle.entry[1]"}


def test_an_update_that_takes_the_identifier_another_entry_seeks_is_refused(client: Client, program: Program) -> None:
    made = created(client, patient())
    for other in (
        entry("PUT", SOUGHT, patient()),
        entry("POST", "Patient", patient(), ifNoneExist=CONDITION),
    ):
        got = sent(client, entry("PUT", f"Patient/{made.id}", patient(id=made.id, **KEYED)), other)
        assert (got.status, got.codes[0], program.store.t) == (400, "duplicate", 1)


def test_a_patch_by_search_beside_a_create_of_the_same_is_refused(client: Client, program: Program) -> None:
    created(client, patient(**KEYED))
    part = {"name": "operation", "part": [{"name": "type", "valueCode": "delete"}]}
    part["part"].append({"name": "path", "valueString": "Patient.gender"})  # type: ignore[attr-defined]
    patch = entry("PATCH", SOUGHT, {"resourceType": "Parameters", "parameter": [part]})
    got = sent(client, patch, entry("POST", "Patient", patient(**KEYED)))
    assert (got.status, got.codes[0], program.store.t) == (400, "duplicate", 1)
    assert statuses(sent(client, patch, entry("POST", "Patient", patient()))) == ["200", "201"]


def test_conditions_that_find_no_other_entry_are_let_in(client: Client) -> None:
    other = {"identifier": [{"system": MRN, "value": "1"}]}
    got = sent(
        client,
        entry("POST", "Patient", patient(**other)),
        entry("POST", "Patient", patient(**KEYED, gender="male")),
        entry("PUT", f"{SOUGHT}&gender=female", patient(**KEYED)),
        entry("POST", "Organization", {"resourceType": "Organization", "name": "Invented", **KEYED}),
    )
    assert statuses(got) == ["201"] * 4


def test_a_create_that_finds_its_like_stored_may_stand_beside_an_update_of_that(client: Client) -> None:
    made = created(client, patient(**KEYED))
    got = sent(
        client,
        entry("POST", "Patient", patient(**KEYED), ifNoneExist=CONDITION),
        entry("PUT", f"Patient/{made.id}", patient(id=made.id, gender="male", **KEYED)),
    )
    assert statuses(got) == ["200", "200"]


@pytest.mark.parametrize(
    "writer",
    [
        entry("POST", "Patient", patient(**KEYED)),
        entry("PUT", SOUGHT, patient(**KEYED)),
        entry("POST", "Patient", patient(**KEYED), ifNoneExist=CONDITION),
    ],
)
@pytest.mark.parametrize("step", [1, -1])
def test_a_reference_by_search_finds_what_the_transaction_makes(writer: Json, step: int, client: Client) -> None:
    entries = [writer, entry("POST", "Observation", observation(f"{SOUGHT}&gender=female"))][::step]
    got = sent(client, *entries, Prefer="return=representation")
    made, pointing = [one["resource"] for one in got.json["entry"]][::step]
    assert pointing["subject"]["reference"] == f"Patient/{made['id']}"


def test_a_reference_by_search_finds_what_the_transaction_changes(client: Client) -> None:
    giver, taker = created(client, patient(**KEYED)), created(client, patient())
    got = sent(
        client,
        entry("PUT", f"Patient/{giver.id}", patient(id=giver.id)),
        entry("PUT", f"Patient/{taker.id}", patient(id=taker.id, **KEYED)),
        entry("POST", "Observation", observation(SOUGHT)),
        Prefer="return=representation",
    )
    assert got.json["entry"][2]["resource"]["subject"]["reference"] == reference(taker)


@pytest.mark.parametrize(
    ("search", "code"),
    [
        (SOUGHT, "multiple-matches"),
        (f"{SOUGHT}&gender=other", "not-found"),
        (f"{SOUGHT}&gender=male", ""),
        (f"{SOUGHT}&gender:not=female", ""),
        (f"{SOUGHT}&birthdate:missing=false", "not-found"),
        (f"{SOUGHT}&gender=male&_lastUpdated=gt2026", "conflict"),
    ],
)
def test_a_reference_by_search_must_find_one_of_what_is_made(search: str, code: str, client: Client) -> None:
    got = sent(
        client,
        entry("POST", "Patient", patient(**KEYED)),
        entry("POST", "Patient", patient(**KEYED, gender="male")),
        entry("POST", "Observation", observation(search)),
        Prefer="return=representation",
    )
    if code:
        assert (got.status, got.codes) == (412, [code])
        assert got.expressions == ["Bundle.entry[2].resource.subject"]
    else:
        assert got.json["entry"][2]["resource"]["subject"]["reference"] == reference_in(got, 1)


def reference_in(got: Got, number: int) -> str:
    """`Type/id` of the resource that an entry answers with."""
    made = got.json["entry"][number]["resource"]
    return f"{made['resourceType']}/{made['id']}"


def test_a_reference_by_search_counts_what_is_stored_beside_what_is_made(client: Client) -> None:
    created(client, patient(**KEYED))
    got = sent(client, entry("POST", "Patient", patient(**KEYED)), entry("POST", "Observation", observation(SOUGHT)))
    assert (got.status, got.codes) == (412, ["multiple-matches"])


def test_each_identifier_of_a_condition_has_its_system(client: Client) -> None:
    got = sent(client, entry("PUT", f"{SOUGHT},4711", patient()))
    assert (got.status, got.expressions) == (400, ["Bundle.entry[0].request.url"])


def test_more_entries_of_one_identifier_than_are_looked_at_are_never_one(client: Client) -> None:
    many = [entry("POST", "Patient", patient(**KEYED))] * 101
    got = sent(client, *many, entry("POST", "Observation", observation(f"{SOUGHT}&gender=male")))
    assert (got.status, got.codes) == (412, ["multiple-matches"])


def test_conditions_that_look_at_too_much_of_what_is_made_are_refused(client: Client, program: Program) -> None:
    keys = [{"system": MRN, "value": str(number)} for number in range(15_000)]
    conditions = [f"{SOUGHT}&identifier={number}" for number in range(100)]
    got = sent(
        client,
        entry("POST", "Patient", patient(identifier=[*keys, *KEYED["identifier"]])),
        *(entry("POST", "Observation", observation(condition)) for condition in conditions),
    )
    assert (got.status, got.codes[0], program.store.t) == (400, "too-costly", 0)
