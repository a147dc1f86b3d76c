"""Searches: what matches, in which order, and how it is counted. https://hl7.org/fhir/R4/search.html"""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.fhir.index import Index
from adapter.problems import Problem
from adapter.released import Predicate

from .conftest import OPEN, Clock, Desk, observation
from .serving import POSTGRES, open_store


@pytest.fixture
def results(desk: Desk) -> Desk:
    """Six results: newest first they are e, d, c, b, a; f has no date and goes by when it was written."""
    desk.put(
        observation("a", "2026-02-01T10:00:00Z", "loinc|1"),
        observation("b", "2026-02-02", "loinc|2", status="preliminary"),
        observation("c", "2026-02-03T10:00:00-05:00", "other|1", patient="p2"),
        observation("d", "2026-02-04T10:00:00Z", "1", categories=("laboratory", "survey")),
        observation("e", "2026-02-05T10:00:00Z", "loinc|3", categories=(), subject={"reference": "Group/g"}),
        observation("f", None, "loinc|1", patient="p3"),
    )
    return desk


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([], "f e d c b a"),
        ([("_id", "c")], "c"),
        ([("_id", "a,x,c")], "c a"),
        ([("_id", "a,c"), ("_id", "c,d")], "c"),
        ([("code", "http://loinc.example|1")], "f a"),
        ([("code", "1")], "f d c a"),
        ([("code", "|1")], "d"),
        ([("code", "http://loinc.example|")], "f e b a"),
        ([("code", "2,http://loinc.example|3")], "e b"),
        ([("code", "9")], ""),
        ([("code", "9,2")], "b"),
        ([("status", "final"), ("code", "1")], "f d c a"),
        ([("status", "preliminary"), ("code", "1")], ""),
        ([("status:not", "final")], "b"),
        ([("status:not", "final,preliminary")], ""),
        ([("code:not", "1")], "e b"),
        ([("code:not", "9")], "f e d c b a"),
        ([("category:not", "laboratory")], "e"),
        ([("category", "survey"), ("category", "laboratory")], "d"),
        ([("category", "survey,laboratory")], "f d c b a"),
        ([("category:missing", "true")], "e"),
        ([("category:missing", "false")], "f d c b a"),
        ([("date:missing", "true")], "f"),
        ([("patient:missing", "true")], "e"),
        ([("subject:missing", "true")], ""),
        ([("patient", "Patient/p2")], "c"),
        ([("patient", "p2")], "c"),
        ([("subject", "p2")], "c"),
        ([("subject", "http://server.example/fhir/Patient/p2")], "c"),
        ([("subject", "http://elsewhere.example/fhir/Patient/p2")], ""),
        ([("subject:Patient", "p2")], "c"),
        ([("subject:Group", "g")], "e"),
        ([("subject", "Group/g,Patient/p2")], "e c"),
        ([("patient", "g")], ""),
        ([("date", "2026-02-02")], "b"),
        ([("date", "2026-02")], "e d c b a"),
        ([("date", "ge2026-02-03"), ("date", "lt2026-02-05")], "d c"),
        ([("date", "2026-02-01,2026-02-05")], "e a"),
        ([("date", "gt2026-02-03"), ("code", "1")], "d"),
        ([("date", "ne2026-02-02")], "e d c a"),
        ([("_lastUpdated", "2026-03-01")], "f e d c b a"),
        ([("_lastUpdated", "lt2026-03-01T12:00:00Z")], ""),
        ([("_sort", "date")], "a b c d e f"),
        ([("_sort", "-date"), ("code", "1")], "f d c a"),
        ([("_sort", "_lastUpdated")], "a b c d e f"),
        ([("_sort", "-_lastUpdated"), ("patient", "p1")], "d b a"),
        ([("_sort", "_id"), ("code", "1")], "a c d f"),
        ([("_sort", "-_id"), ("status", "final")], "f e d c a"),
        ([("_sort", "-status,_id")], "b a c d e f"),
        ([("_sort", "category,-date")], "d c b a f e"),
    ],
)
def test_a_search_finds_what_it_asks_for_in_its_order(results: Desk, pairs: list[tuple[str, str]], found: str) -> None:
    expected = found.split()
    assert results.ids("Observation", *pairs) == expected
    query = results.query("Observation", *pairs)
    assert results.store.count(OPEN, query) == len(expected)
    total = results.store.search(OPEN, replace(query, total=True, count=2)).total
    assert total == len(expected)


def test_two_codings_of_one_code_are_one_match(desk: Desk) -> None:
    coding = {"system": "http://loinc.example", "code": "1"}
    desk.put(observation("a") | {"code": {"coding": [coding, coding, {"system": "http://other.example", "code": "1"}]}})
    assert desk.ids("Observation", ("code", "1")) == ["a"]
    assert desk.page("Observation", ("code", "1"), ("_total", "accurate")).total == 1


def test_values_with_commas_bars_and_backslashes_are_found_when_escaped(desk: Desk) -> None:
    for id, value in (("a", "1,2"), ("b", "1|2"), ("c", "1\\2"), ("d", "1$2")):
        desk.put({"resourceType": "Patient", "id": id, "identifier": [{"system": "urn:x", "value": value}]})
    asked = ["urn:x|1\\,2", "urn:x|1\\|2", "urn:x|1\\\\2", "urn:x|1\\$2"]
    assert [desk.ids("Patient", ("identifier", value)) for value in asked] == [["a"], ["b"], ["c"], ["d"]]


def test_a_system_with_hundreds_of_values_is_found_too(desk: Desk) -> None:
    desk.put(
        *(
            {"resourceType": "Patient", "id": f"p{n}", "identifier": [{"system": "urn:x", "value": f"{n}"}]}
            for n in range(250)
        )
    )
    desk.put({"resourceType": "Patient", "id": "other", "identifier": [{"system": "urn:y", "value": "1"}]})
    assert desk.page("Patient", ("identifier", "urn:x|"), ("_total", "accurate")).total == 250
    assert desk.ids("Patient", ("identifier:not", "urn:x|")) == ["other"]
    assert desk.ids("Patient", ("identifier", "urn:x|,urn:y|1"), ("_id", "other")) == ["other"]


def test_episode_and_meeting_find_their_bookings_and_sessions(desk: Desk) -> None:
    ours = "https://iop-fhir-adapter.org/fhir/StructureDefinition/"
    group = {
        "url": ours + "iop-group-session",
        "extension": [{"url": "meeting", "valueString": "m1"}, {"url": "topic", "valueString": "m2"}],
    }
    episode = {"url": ours + "iop-episode-link", "valueReference": {"reference": "EpisodeOfCare/e1"}}
    standard = {**episode, "url": "http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare"}
    desk.put(
        {
            "resourceType": "Appointment",
            "id": "booking",
            "status": "booked",
            "participant": [],
            "extension": [group, episode],
        },
        {
            "resourceType": "Encounter",
            "id": "session",
            "status": "finished",
            "class": {"code": "AMB"},
            "extension": [group],
            "episodeOfCare": [{"reference": "EpisodeOfCare/e1"}],
        },
        observation("a", extension=[standard]),
    )
    for type, id in (("Appointment", "booking"), ("Encounter", "session"), ("Observation", "a")):
        assert desk.ids(type, ("episode", "EpisodeOfCare/e1")) == desk.ids(type, ("episode", "e1")) == [id]
        assert desk.ids(type, ("episode", "e2")) == []
    assert desk.ids("Encounter", ("episode-of-care", "e1"), ("meeting", "m1")) == ["session"]
    assert desk.ids("Appointment", ("meeting", "m1")) == ["booking"]
    assert desk.ids("Appointment", ("meeting", "m2")) == []


def test_an_appointment_is_found_by_each_of_those_who_take_part(desk: Desk) -> None:
    people = [
        {"actor": {"reference": text}, "status": "accepted"}
        for text in ("Patient/p1", "Practitioner/c1", "Location/l1")
    ]
    desk.put({"resourceType": "Appointment", "id": "a", "status": "booked", "participant": people})
    for name, value in (
        ("patient", "p1"),
        ("practitioner", "c1"),
        ("actor", "Location/l1"),
        ("actor", "c1"),
        ("patient:missing", "false"),
    ):
        assert desk.ids("Appointment", (name, value)) == ["a"], name
    assert desk.ids("Appointment", ("practitioner", "p1")) == []


def test_a_search_by_concept_finds_only_its_records(desk: Desk) -> None:
    desk.put(observation("a"), observation("b", code="loinc|2"), concept="screening")
    desk.put(observation("c"), concept="drug_result")
    desk.put(observation("d"), concept=None)
    every, coded = desk.query("Observation"), desk.query("Observation", ("code", "1"))
    assert [version.id for version in desk.store.search(OPEN, replace(every, concept="screening")).versions] == [
        "b",
        "a",
    ]
    assert [version.id for version in desk.store.search(OPEN, replace(coded, concept="screening")).versions] == ["a"]
    assert desk.store.count(OPEN, replace(every, concept="drug_result")) == 1
    assert desk.store.count(OPEN, replace(every, concept="unheard")) == 0
    assert len(desk.ids("Observation")) == 4


def test_more_matches_than_can_be_sorted_are_refused_by_name(index: Index, clock: Clock) -> None:
    desk = Desk(open_store(index, clock, sort_limit=5), clock)
    desk.put(*(observation(f"o{number}") for number in range(6)))
    with pytest.raises(Problem, match="more than 5 matches cannot be sorted") as refused:
        desk.page("Observation", ("_sort", "status"))
    assert refused.value.issues[0].code == "too-costly"
    assert len(desk.ids("Observation", ("_sort", "status"), ("_id", "o1,o2"))) == 2
    assert len(desk.ids("Observation", ("_sort", "-date"))) == 6
    desk.store.close()


def test_deleted_and_changed_records_are_found_only_as_they_are_now(results: Desk) -> None:
    results.delete("Observation", "a")
    results.put(observation("b", "2026-02-09", "loinc|2"))
    assert results.ids("Observation", ("code", "http://loinc.example|")) == ["f", "b", "e"]
    assert results.ids("Observation", ("_id", "a")) == []
    assert results.ids("Observation", ("_sort", "-_lastUpdated")) == ["b", "f", "e", "d", "c"]
    assert results.ids("Observation", ("status", "preliminary")) == []


def test_a_total_is_given_when_it_is_known_or_asked_for(results: Desk) -> None:
    assert results.page("Observation", ("_count", "6")).total == 6
    assert results.page("Observation", ("_count", "5")).total is None
    assert results.page("Observation", ("_count", "5"), ("_total", "estimate")).total == 6


@pytest.mark.skipif(POSTGRES, reason="tried with what SQLite counts")
def test_a_search_that_takes_too_long_is_given_up_and_the_next_is_answered(index: Index, clock: Clock) -> None:
    desk = Desk(open_store(index, clock, statement_seconds=0), clock)
    desk.put(*(observation(f"o{number}") for number in range(3000)))
    long, short = desk.query("Observation", ("code:not", "1"), ("status", "final")), desk.query("Observation")
    for ask in (desk.store.search, desk.store.count):
        with pytest.raises(Problem, match="takes longer than the server may give it") as refused:
            ask(OPEN, replace(long, count=3000))  # type: ignore[operator]
        assert (refused.value.kind.status, refused.value.issues[0].code) == (504, "timeout")
    assert len(desk.store.search(OPEN, short).versions) == 50
    assert desk.store.read(OPEN, "Observation", "o7") is not None
    desk.store.close()


def test_a_question_that_the_database_refuses_is_a_problem(desk: Desk) -> None:
    broken = Predicate("v.nothing = 1", {})
    store, query = desk.store, desk.query("Observation")
    asks = [
        lambda: store.read(broken, "Observation", "a"),
        lambda: store.vread(broken, "Observation", "a", 1),
        lambda: store.search(broken, query),
        lambda: store.count(broken, query),
        lambda: store.parked(broken),
        lambda: store.totals(broken),
    ]
    for ask in asks:
        with pytest.raises(Problem, match=r"^the store failed \((SQLITE_ERROR|42703)\)$"):
            ask()


def test_the_most_that_a_search_may_ask_is_answered_or_too_costly(desk: Desk) -> None:
    desk.put(*(observation(f"o{n}", code=f"s{n % 300}|c{n % 100}", categories=("x", "y")) for n in range(600)))
    codes = ",".join(f"c{number}" for number in range(100))
    hundred = [(name, codes) for name in ("code", "category", "code:not", "status:not")]
    assert desk.ids("Observation", hundred[0], ("_count", "5")) == desk.ids("Observation", ("_count", "5"))
    days = ",".join(f"ge2026-01-{n % 28 + 1:02}T{n // 28:02}:00:00Z" for n in range(100))
    assert desk.store.count(OPEN, desk.query("Observation", *[("date", days)] * 10, *[("code", codes)] * 5)) == 600
    wide = [("code", ",".join(f"http://s{n}.example|c{n % 100}" for n in range(20)))]
    with pytest.raises(Problem, match="too many alternatives in all") as refused:
        desk.page("Observation", *wide, *[("date", days)] * 14)
    assert refused.value.issues[0].code == "too-costly"


def test_a_status_is_found_with_the_system_that_its_binding_implies(results: Desk) -> None:
    system = "http://hl7.org/fhir/observation-status"
    assert results.ids("Observation", ("status", f"{system}|preliminary")) == ["b"]
    assert len(results.ids("Observation", ("status", f"{system}|"))) == 6
