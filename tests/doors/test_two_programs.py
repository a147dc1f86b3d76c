"""Two programs in one process: nothing of one is reachable, countable or to be inferred through the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from json import dumps, loads
from pathlib import Path
from typing import NamedTuple

import pytest

from adapter import app
from adapter.interactions.program import Program
from adapter.problems import Problem
from tests.doors.mounted import Mounted, at, client_at, fill, filled
from tests.doors.people import created, observation, path, patient, reference
from tests.doors.serving import Client, Got, opened
from tests.doors.test_hidden import ABSENT, NDJSON, REQUESTS, STORIES, Step

Words = dict[str, str]
Answer = tuple[int, dict[str, str], bytes]
MRN = "https://clinic.example/mrn"
EAST = "http://127.0.0.1:8000/east/fhir"
PAGES: dict[str, str] = {
    "{search page}": "/fhir/Patient",
    "{history page}": "/fhir/Patient/{own}/_history",
    "{everything page}": "/fhir/Patient/{own}/$everything",
    "{compartment page}": "/fhir/Patient/{own}/Observation",
    "{list page}": "/iop/participant",
    "{pending page}": "/iop/pending",
}
# What asks for everything there is, and what asks for what only east has.
LOOKS: list[Step] = [
    ("GET", url, None, {})
    for url in (
        "/fhir/metadata",
        "/fhir/metadata?mode=terminology",
        "/iop/openapi.json",
        "/fhir/Patient?_total=accurate",
        "/fhir/Patient?_summary=count",
        "/fhir/Patient?_sort=-_lastUpdated&_count=2",
        f"/fhir/Patient?identifier={MRN}|1",
        "/fhir/Patient?identifier={system}|0042",
        "/fhir/Patient?_has:Observation:patient:status=final",
        "/fhir/Observation?patient=Patient/{hidden}",
        "/fhir/Observation?patient=" + EAST + "/Patient/{hidden}",
        "/fhir/Observation?patient.identifier={system}|0042",
        "/fhir/Observation?_include=Observation:patient",
        "/fhir/Observation/{finding}",
        "/fhir/Patient/{gone}",
        "/fhir/Patient/{gone}/_history",
        "/fhir/Appointment/{booking}",
        "/fhir/_history?_count=3",
        "/fhir/Patient/_history?_since=2026-03-02",
        "/fhir/ValueSet/severity",
        "/iop/participant?limit=2",
        "/iop/booking/{booking}",
        "/iop/booking?participant={hidden}",
        "/iop/group_meeting",
        "/iop/pending",
        "/iop/parked",
        "/iop/unmapped",
    )
]
LOOKS += [("GET", f"{url}?{word}", None, {}) for word, url in PAGES.items()]


class Pair(NamedTuple):
    """West's client and store, east's, and what is known of east by who has seen all of it."""

    client: Mounted
    west: Program
    east: Program
    words: Words


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    """East full, west empty."""
    with at(folder, "east") as east, at(folder, "west") as west, client_at(east, west) as client:
        with client_at(east, west, "east") as other:
            words = fill(other, sorted(east.identifying)[0])
        yield Pair(client, west, east, words)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """One pair for all that change nothing in it."""
    with pair(tmp_path_factory.mktemp("both")) as made:
        yield made


@pytest.fixture(scope="module")
def words(both: Pair) -> Words:
    """What is known of east."""
    return both.words


@pytest.fixture(scope="module")
def client(both: Pair) -> Mounted:
    """A client of west."""
    return both.client


def asked(client: Client, step: Step, words: Words) -> Answer:
    """The answer to a step of a story."""
    method, url, body, headers = step
    sent = filled(dumps(body), words).encode() if body is not None else None
    got = client(method, filled(url, words), sent, {name: filled(value, words) for name, value in headers.items()})
    return got.status, got.headers, got.body


def story(client: Client, steps: list[Step], words: Words) -> list[Answer]:
    """The answers to the steps of a story; {last} is the record made last."""
    answers = []
    for step in steps:
        status, headers, body = asked(client, step, words)
        if status == 201 and "location" in headers:
            words = words | {"{last}": path(headers["location"]).split("/")[3]}
        answers.append((status, headers, body))
    return answers


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_record_of_the_other_is_answered_as_one_that_never_was(request_: str, both: Pair) -> None:
    client, west, _, words = both
    method, url, body, headers = REQUESTS[request_]
    before = west.store.t
    step = (method, url.replace("{id}", "{hidden}"), loads(dumps(body).replace("{id}", "{hidden}")), headers)
    answers = []
    for id in (words["{hidden}"], ABSENT):
        status, said, got = asked(client, step, words | {"{hidden}": id})
        answers.append((status, said, got.replace(id.encode(), b"ID")))
    assert answers[0] == answers[1]
    assert west.store.t == before


@pytest.mark.parametrize("word", PAGES)
def test_a_page_link_of_the_other_is_as_good_as_none(word: str, client: Mounted, words: Words) -> None:
    own = created(client, patient())
    url = PAGES[word].replace("{own}", own.id)
    name, _, rest = words[word].partition("=")
    token, mark, more = rest.partition("&")
    answers = [client("GET", f"{url}?{name}={said}{mark}{more}") for said in (token, "A" * len(token))]
    assert answers[0].status == 400
    assert answers[0].codes == ["invalid"]
    assert answers[0].body == answers[1].body


@pytest.mark.parametrize("door", ["/fhir/Observation", "/fhir/Basic"])
def test_the_address_of_a_record_of_the_other_is_one_of_a_stranger(door: str, client: Mounted, words: Words) -> None:
    answers = []
    for base in (EAST, "https://ehr.example/r4", "http://127.0.0.1:8000/nowhere/fhir"):
        subject = {"reference": f"{base}/Patient/{words['{hidden}']}"}
        body = {"resourceType": "Basic", "code": {"text": "x"}, "subject": subject}
        if door.endswith("Observation"):
            body = observation("x") | {"subject": subject}
        got = client("POST", door, body)
        answers.append((got.status, got.body.replace(base.encode(), b"BASE")))
    assert answers[0][0] == 422
    assert answers[0] == answers[1] == answers[2]


def test_both_may_hold_the_same_person_under_ids_of_their_own(tmp_path: Path) -> None:
    with pair(tmp_path) as (client, _, _, words):
        keyed = patient(identifier=[{"system": words["{system}"], "value": "0042"}])
        made = client("POST", "/fhir/Patient", keyed, {"If-None-Exist": f"identifier={words['{system}']}|0042"})
        assert made.status == 201
        assert made.id != words["{hidden}"]
        assert client("GET", "/fhir/Patient?_total=accurate").json["total"] == 1
        assert client("GET", f"/fhir/Patient/{made.id}/_history").json["total"] == 1
        again = client("POST", "/fhir/Patient", keyed)
        assert (again.status, again.headers["location"].rpartition("/")[2]) == (409, made.id)


def test_no_address_leads_from_one_to_the_other(client: Mounted, words: Words) -> None:
    id = words["{hidden}"]
    for url in (
        f"/../east/fhir/Patient/{id}",
        f"/fhir/../../east/fhir/Patient/{id}",
        f"/fhir/Patient/../../../east/fhir/Patient/{id}",
        f"/east/fhir/Patient/{id}",
        f"//east/fhir/Patient/{id}",
        f"/fhir/east/Patient/{id}",
        f"/iop/../../east/iop/participant/{id}",
    ):
        got = client("GET", url)
        assert got.status in (400, 404), url
        assert b"Invented" not in got.body


def test_a_bundle_of_one_reaches_nothing_of_the_other(client: Mounted, words: Words) -> None:
    def read(id: str) -> Got:
        urls = [f"Patient/{id}", f"Patient/{id}/_history", f"Patient?_id={id}", f"{EAST}/Patient/{id}"]
        entries = [{"request": {"method": "GET", "url": url}} for url in urls]
        return client("POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": entries})

    there, absent = (read(id) for id in (words["{hidden}"], ABSENT))
    assert there.body.replace(words["{hidden}"].encode(), b"ID") == absent.body.replace(ABSENT.encode(), b"ID")
    assert [entry["response"]["status"][:3] for entry in there.json["entry"]] == ["404", "404", "200", "400"]


def everything_asked(folder: Path, words: Words, *, full: bool) -> list[Answer]:
    """West's answers to all looks, stories and looks again, while east is asked the same; east is `full` or empty."""
    folder.mkdir()
    with (
        at(folder, "east") as east,
        at(folder, "west") as west,
        client_at(east, west, "east") as other,
        client_at(east, west) as client,
    ):
        if full:
            assert fill(other, words["{system}"]) == words
        own = created(client, patient(identifier=[{"system": MRN, "value": "77"}]))
        created(client, observation(reference(own)))
        words = words | {"{own}": own.id}
        answers = []
        for steps in (*([step] for step in LOOKS), *STORIES.values(), *([step] for step in LOOKS)):
            story(other, steps, words)
            answers += story(client, steps, words)
        return answers


def test_answers_do_not_depend_on_what_the_other_holds(tmp_path: Path, words: Words) -> None:
    beside_full = everything_asked(tmp_path / "full", words, full=True)
    beside_empty = everything_asked(tmp_path / "empty", words, full=False)
    for number, (one, other) in enumerate(zip(beside_full, beside_empty, strict=True)):
        assert one == other, number
    assert {status // 100 for status, _, _ in beside_full} == {2, 4}


def test_what_one_is_told_to_import_is_not_the_others(tmp_path: Path) -> None:
    with pair(tmp_path) as (client, _, east, words):
        before = east.store.t
        told = []
        for id in (words["{hidden}"], ABSENT):
            line = {"concept": "participant", "id": id, "names": [{"text": "Invented Bea"}], "sex": "female"}
            told.append(client("POST", "/iop/$import", line, NDJSON).body.replace(id.encode(), b"ID"))
        assert b'"created"' in told[0]
        assert told[0] == told[1]
        assert east.store.t == before


def test_programs_with_one_key_are_not_served_together(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "secret").write_bytes(b"the same" * 4)
    with (
        opened(tmp_path / "a") as one,
        opened(tmp_path / "b") as other,
        pytest.raises(Problem, match="key of its own"),
    ):
        app.asgi({"one": one, "other": other}, open_reason="a test")
