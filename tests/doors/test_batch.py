"""A batch: every entry for itself, reads see its writes, and one that is refused, or breaks, stops no other."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from adapter.interactions import transaction
from adapter.interactions.answer import Answer
from adapter.interactions.native_import import IN_FLIGHT
from adapter.interactions.program import Program
from adapter.web import entry_reads
from tests.doors.people import created, observation, patient
from tests.doors.serving import Client, Got, client_of, opened
from tests.doors.test_transaction import ADA, Json, entry, statuses

MRN = "https://clinic.example/mrn"


def batch(client: Client, *entries: Json, **headers: str) -> Got:
    """A batch, posted."""
    return client("POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": list(entries)}, headers)


def outcome(got: Got, number: int) -> Json:
    """What an entry is told."""
    found: Json = got.json["entry"][number]["response"]["outcome"]["issue"][0]
    return found


def test_each_entry_is_answered_in_its_place(client: Client) -> None:
    made, gone = created(client, patient()), created(client, patient())
    address = f"Patient/{made.id}"
    got = batch(
        client,
        entry("GET", address),
        entry("PUT", address, patient(id=made.id, gender="male")),
        entry("POST", "Patient", patient()),
        entry("DELETE", f"Patient/{gone.id}"),
        entry("GET", "Patient?gender=male"),
        entry("GET", f"{address}/_history"),
        entry("GET", f"{address}/_history/1"),
        entry("GET", "Patient/_history?_count=1"),
        entry("GET", "_history"),
    )
    assert (got.status, got.json["type"]) == (200, "batch-response")
    assert statuses(got) == ["200", "200", "201", "204", "200", "200", "200", "200", "200"]
    seen = [one.get("resource", {}) for one in got.json["entry"]]
    assert (seen[0]["gender"], seen[0]["meta"]["versionId"]) == ("male", "2")
    assert [one["resource"]["id"] for one in seen[4]["entry"]] == [made.id]
    assert [seen[5]["total"], seen[6]["gender"], len(seen[7]["entry"]), seen[8]["total"]] == [2, "female", 1, 5]
    assert got.json["entry"][2]["response"]["location"].endswith("/_history/1")


def test_an_address_may_begin_at_the_root_of_the_service(client: Client) -> None:
    """As it does in HL7's own example, and in what Medplum's client sends."""
    made = created(client, patient())
    got = batch(
        client,
        entry("GET", f"/Patient/{made.id}"),
        entry("GET", "/Patient?gender=female"),
        entry("POST", "/Patient", patient()),
        entry("DELETE", f"/Patient/{made.id}"),
        entry("GET", f"//Patient/{made.id}"),
        entry("GET", f"/fhir/Patient/{made.id}"),
    )
    assert statuses(got) == ["410", "200", "201", "204", "400", "400"]


def test_what_the_program_publishes_is_read_as_at_its_own_address(client: Client) -> None:
    alone = client("GET", "/fhir/ValueSet/attendance").json
    urls = ("ValueSet/attendance", f"ValueSet?url={alone['url']}", "ValueSet/none", "ValueSet/attendance?_elements=url")
    got = batch(client, *(entry("GET", url) for url in (*urls, "ValueSet/attendance/_history", "ValueSet/_history")))
    assert statuses(got) == ["200", "200", "404", "400", "404", "404"]
    assert got.json["entry"][0]["resource"] == alone
    assert got.json["entry"][1]["resource"] == client("GET", f"/fhir/ValueSet?url={alone['url']}").json
    assert [outcome(got, number)["code"] for number in (2, 3, 4)] == ["not-found", "not-supported", "not-supported"]


def test_what_is_wrong_with_one_stops_no_other(client: Client) -> None:
    got = batch(
        client,
        entry("POST", "Patient", patient(gender="F")),
        entry("POST", "Patient", patient()),
        entry("PATCH", "Patient/1", patient()),
        entry("GET", "https://elsewhere.example/Patient/1"),
        entry("GET", "Nothing/1"),
        entry("PUT", "Patient/none", patient(id="none")),
        entry("POST", "Observation", observation("Patient/none")),
        entry("POST", "Patient"),
    )
    assert statuses(got) == ["422", "201", "400", "400", "404", "405", "422", "400"]
    assert outcome(got, 0)["expression"] == ["Bundle.entry[0].resource.gender"]
    assert outcome(got, 6)["expression"] == ["Bundle.entry[6].resource.subject"]


READS = [
    ("ValueSet?url=urn:none", 200),
    ("ValueSet/{value_set}", 200),
    ("ValueSet/none", 404),
    ("ValueSet/_history", 404),
    ("ValueSet?name=x", 400),
    ("ValueSet/{value_set}/$expand", 200),
    ("ConceptMap/$translate?url=urn:none&code=x&system=urn:x", 404),
    ("Patient/{id}/Observation?status=final", 200),
    ("Patient/{id}/Organization", 404),
    ("Patient/{id}/$everything?_count=1", 200),
    ("Patient/{id}/$validate", 200),
    ("Patient/{id}/$no", 404),
    ("Patient/$everything", 404),
    ("Patient/{id}/_history?_since=2026", 200),
    ("Patient/{id}/_history/1", 200),
    ("Patient/{id}/_history/9", 404),
    ("metadata?mode=terminology", 200),
    ("_history?_count=1", 200),
]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize(("url", "status"), READS)
def test_a_read_is_answered_as_at_the_door(kind: str, url: str, status: int, client: Client) -> None:
    made = created(client, patient())
    created(client, observation(f"Patient/{made.id}"))
    sets = client("GET", "/fhir/ValueSet").json["entry"]
    url = url.format(id=made.id, value_set=sets[0]["resource"]["id"])
    alone = client("GET", f"/fhir/{url}")
    assert alone.status == status
    got = client("POST", "/fhir", {"resourceType": "Bundle", "type": kind, "entry": [entry("GET", url)]})
    if got.status != 200:
        assert (kind, got.status, got.codes) == ("transaction", status, alone.codes)
        return
    [answer] = got.json["entry"]
    assert answer["response"]["status"][:3] == str(status)
    body = answer["response"].get("outcome") or answer["resource"]
    assert body["resourceType"] == alone.json["resourceType"]
    if "_history?" not in url and body["resourceType"] == "Bundle":
        assert body.get("entry") == alone.json.get("entry")


def test_a_read_that_is_there_already_is_not_sent_again(client: Client) -> None:
    made = created(client, patient())
    got = batch(
        client,
        entry("GET", f"Patient/{made.id}", ifNoneMatch='W/"1"'),
        entry("GET", f"Patient/{made.id}", ifNoneMatch='W/"2"'),
        entry("GET", f"Patient/{made.id}/$everything", ifNoneMatch='W/"2"'),
    )
    assert statuses(got) == ["304", "200", "400"]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_the_reads_of_a_bundle_find_no_more_than_one_answer_may_hold(kind: str, tmp_path: Path) -> None:
    with opened(tmp_path, answer_limit=20_000) as program, client_of(program) as client:
        made = created(client, patient(name=[{"family": "x" * 8000}]))
        entries = [entry("POST", "Patient", patient()), *[entry("GET", f"Patient/{made.id}")] * 4]
        got = client("POST", "/fhir", {"resourceType": "Bundle", "type": kind, "entry": entries})
        assert (got.status, statuses(got)) == (200, ["201", "200", "200", "403", "403"])
        assert {outcome(got, n)["code"] for n in (3, 4)} == {"too-costly"}
        assert client("GET", "/fhir/Patient").json["total"] == 2


def test_the_reads_of_a_bundle_take_no_more_time_than_two_searches_may(
    client: Client, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = created(client, patient())
    seconds = iter(range(0, 1000, program.settings.statement_seconds))
    monkeypatch.setattr(entry_reads, "monotonic", lambda: float(next(seconds)))
    got = batch(client, entry("POST", "Patient", patient()), *[entry("GET", f"Patient/{made.id}")] * 4)
    assert statuses(got) == ["201", "200", "200", "504", "504"]
    assert outcome(got, 4)["code"] == "timeout"


def test_an_address_is_read_as_at_the_door(client: Client) -> None:
    query = "name=%ff"
    assert client("GET", f"/fhir/Patient?{query}").status == 400
    key = {"system": MRN, "value": "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}"}
    condition = f"identifier={MRN}|{key['value']}"
    got = batch(
        client,
        entry("GET", f"Patient?{query}"),
        entry("GET", f"Patient/_history?{query}"),
        entry("POST", "Patient", patient(identifier=[key]), ifNoneExist=condition),
        entry("PUT", f"Patient?identifier={MRN}|%ff", patient()),
        entry("POST", "Observation", observation(f"Patient?identifier={MRN}|%ff")),
        entry("POST", "Patient", patient(identifier=[key]), ifNoneExist=f"identifier={MRN}|Zo%C3%AB"),
        entry("POST", "Patient", patient(identifier=[key]), ifNoneExist=f"identifier={MRN}|Zo%C3%AB"),
    )
    assert statuses(got) == ["400", "400", "400", "400", "400", "201", "200"]
    assert [outcome(got, n).get("expression") for n in (2, 3, 4)] == [
        ["Bundle.entry[2].request.ifNoneExist"],
        ["Bundle.entry[3].request.url"],
        ["Bundle.entry[4].resource.subject"],
    ]


def test_a_reference_to_another_entry_is_not_resolved(client: Client) -> None:
    got = batch(client, entry("POST", "Patient", patient(), ADA), entry("POST", "Observation", observation(ADA)))
    assert statuses(got) == ["201", "422"]


def test_conditions_hold_for_each_entry_after_those_before_it(client: Client) -> None:
    key = {"identifier": [{"system": MRN, "value": "1"}]}
    create = entry("POST", "Patient", patient(**key), ifNoneExist=f"identifier={MRN}|1")
    got = batch(client, create, create, entry("PUT", f"Patient?identifier={MRN}|1", patient(**key, gender="male")))
    assert statuses(got) == ["201", "200", "200"]


def test_an_error_nobody_knows_is_the_fault_of_its_entry(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    applied = transaction.apply

    def broken(program: Program, stored: Any, changes: Any, terms: Any) -> Any:
        if changes[0].resource["gender"] == "other":
            raise RuntimeError("about Ada")
        return applied(program, stored, changes, terms)

    monkeypatch.setattr(transaction, "apply", broken)
    got = batch(client, *(entry("POST", "Patient", patient(gender=one)) for one in ("male", "other", "female")))
    assert statuses(got) == ["201", "500", "201"]
    assert "Ada" not in got.body.decode() + caplog.text.replace('"Ada"', "")


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_read_that_breaks_takes_no_write_with_it(
    kind: str, client: Client, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: Any) -> None:
        raise RuntimeError("about Ada")

    monkeypatch.setattr(program.store, "search", broken)
    entries = [entry("POST", "Patient", patient()), entry("GET", "Patient?name=Ada")]
    got = client("POST", "/fhir", {"resourceType": "Bundle", "type": kind, "entry": entries})
    assert (got.status, statuses(got), program.store.t) == (200, ["201", "500"], 1)


def test_a_batch_of_too_many_entries_is_refused_whole(tmp_path: Path) -> None:
    with opened(tmp_path, entry_limit=3) as program, client_of(program) as client:
        many = [entry("POST", "Patient", patient())] * 4
        got = batch(client, *many)
        assert (got.status, got.expressions, program.store.t) == (413, ["Bundle.entry"], 0)
        assert batch(client, *many[:3]).status == 200


def test_a_batch_of_nothing_is_answered_with_nothing(client: Client) -> None:
    got = client("POST", "/fhir", {"resourceType": "Bundle", "type": "batch"})
    assert (got.status, got.json) == (200, {"resourceType": "Bundle", "type": "batch-response"})


def test_a_batch_hands_the_store_a_portion_at_a_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, most, submitted = 0, 0, transaction.submit

    def counted(*given: Any) -> Future[dict[int, Answer]]:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        future = submitted(*given)
        future.add_done_callback(done)
        return future

    def done(_: object) -> None:
        nonlocal waiting
        waiting -= 1

    monkeypatch.setattr(transaction, "submit", counted)
    got = batch(client, *[entry("POST", "Patient", patient())] * 300)
    assert statuses(got) == ["201"] * 300
    assert 1 < most <= IN_FLIGHT
