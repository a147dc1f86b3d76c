"""Group meetings and drug screens: what is said once is written everywhere, and nobody is forgotten or named twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from adapter.mapping.aggregate import Aggregate, Part
from adapter.mapping.load import Maps
from adapter.problems import Problem
from tests.mapping.conftest import Spoil

Record = dict[str, Any]
START, END = "2026-03-04T09:00:00-05:00", "2026-03-04T12:00:00-05:00"
MEETING: Record = {
    "id": "m1",
    "kind": "group",
    "topic": "Cravings",
    "facilitators": ["Practitioner/c1"],
    "mode": "in_person",
    "planned_start": START,
    "planned_end": END,
    "started_at": START,
    "ended_at": END,
    "roster": [
        {"participant": "p1", "episode": "e1", "attendance": "attended"},
        {
            "participant": "p2",
            "episode": "e2",
            "attendance": "late",
            "started_at": "2026-03-04T09:30:00-05:00",
            "minutes_attended": 150,
        },
        {"participant": "p3", "episode": "e3", "attendance": "no_show"},
    ],
}


@pytest.fixture
def meeting(maps: Maps) -> Aggregate:
    return maps.aggregates["group_meeting"]


@pytest.fixture
def screen(maps: Maps) -> Aggregate:
    return maps.aggregates["drug_screen"]


def ids() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"n{next(numbers)}"


def stored(parts: list[Part]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for part in parts:
        found.setdefault(part.concept, []).append(part.record)
    return found


@pytest.fixture
def held(meeting: Aggregate) -> dict[str, list[Record]]:
    """The records of the meeting, each with something that the document does not show."""
    records = stored(meeting.split(MEETING, {}, ids()))
    for record in records["booking"]:
        record["instructions"] = "Bring the homework."
    return records


def issues(aggregate: Aggregate, document: Any, records: Any = None) -> list[str | None]:
    with pytest.raises(Problem) as refused:
        aggregate.split(document, records or {}, ids())
    return [issue.expression for issue in refused.value.issues]


def test_who_came_has_a_session_and_who_did_not_has_only_a_booking(maps: Maps, held: dict[str, list[Record]]) -> None:
    assert [record["participant"] for record in held["booking"]] == ["p1", "p2", "p3"]
    assert [record["participant"] for record in held["session"]] == ["p1", "p2"]
    assert [record["booking"] for record in held["session"]] == [record["id"] for record in held["booking"][:2]]
    for name, records in held.items():
        for record in records:
            maps.concepts[name].to_fhir(record)


def test_every_session_has_the_head_count_and_nobody_else(held: dict[str, list[Record]]) -> None:
    assert [record["attending"] for record in held["session"]] == [2, 2]
    assert "p2" not in str(held["session"][0])


def test_a_shared_field_is_corrected_in_one_place(meeting: Aggregate, held: dict[str, list[Record]]) -> None:
    parts = meeting.split({**meeting.join(held), "topic": "Triggers"}, held, ids())
    assert {(part.concept, part.record["topic"], part.delete) for part in parts} == {
        ("booking", "Triggers", False),
        ("session", "Triggers", False),
    }
    assert len(parts) == 5
    assert all(part.record["instructions"] for part in parts if part.concept == "booking")


def test_a_late_addition_touches_the_others_only_for_the_head_count(
    meeting: Aggregate, held: dict[str, list[Record]]
) -> None:
    document = meeting.join(held)
    document["roster"] = [*document["roster"], {"participant": "p4", "episode": "e4", "attendance": "attended"}]
    parts = meeting.split(document, held, lambda: "new")
    assert [(part.concept, part.record["participant"], part.place) for part in parts] == [
        ("session", "p1", "roster[0]"),
        ("session", "p2", "roster[1]"),
        ("booking", "p4", "roster[3]"),
        ("session", "p4", "roster[3]"),
    ]
    assert {part.record["attending"] for part in parts if part.concept == "session"} == {3}


def test_a_line_without_ids_means_the_stored_line_of_that_person(
    meeting: Aggregate, held: dict[str, list[Record]]
) -> None:
    assert meeting.split(MEETING, held, ids()) == []


def test_who_turns_out_not_to_have_come_loses_the_session_and_keeps_the_booking(
    meeting: Aggregate, held: dict[str, list[Record]]
) -> None:
    document = meeting.join(held)
    document["roster"][1] = {"participant": "p2", "episode": "e2", "attendance": "excused", "booking": "n3"}
    parts = meeting.split(document, held, ids())
    assert {(part.concept, part.record["participant"], part.delete) for part in parts} == {
        ("session", "p1", False),
        ("booking", "p2", False),
        ("session", "p2", True),
    }


def test_a_session_that_an_ehr_made_without_a_booking_is_shown_and_left_alone(
    meeting: Aggregate, held: dict[str, list[Record]]
) -> None:
    made = {**held["session"][0], "id": "ehr", "participant": "p9", "episode": "e9"}
    del made["booking"], made["topic"]
    records = {**held, "session": [*held["session"], made]}
    document = meeting.join(records)
    assert document["roster"][-1] == {
        "participant": "p9",
        "episode": "e9",
        "attendance": "attended",
        "session": "ehr",
        "differs": [{"record": "session", "field": "topic"}],
    }
    assert meeting.split(document, records, ids()) == []


def test_what_a_record_says_against_the_others_is_shown_on_its_line(
    meeting: Aggregate, held: dict[str, list[Record]]
) -> None:
    held["session"][0]["topic"] = "Sleep"
    document = meeting.join(held)
    assert document["topic"] == "Cravings"
    assert document["roster"][0]["differs"] == [{"record": "session", "field": "topic", "value": "Sleep"}]
    del document["roster"][0]["differs"]
    assert [part.record["topic"] for part in meeting.split(document, held, ids())] == ["Cravings"]


def test_a_head_that_no_record_would_carry_is_refused_with_its_place(meeting: Aggregate) -> None:
    nobody = [{"participant": "p3", "episode": "e3", "attendance": "no_show"}]
    assert issues(meeting, {**MEETING, "roster": nobody}) == ["started_at", "ended_at"]
    late = [{**line, "started_at": END} for line in MEETING["roster"][:1]]
    assert "started_at" in issues(meeting, {**MEETING, "roster": late})
    assert (
        issues(meeting, {**MEETING, "roster": [{**nobody[0], "minutes_attended": 5}]})[-1]
        == "roster[0].minutes_attended"
    )


def test_every_fault_of_a_document_is_told_at_once(meeting: Aggregate) -> None:
    lines = [{"participant": "p1", "attendance": "came", "colour": 1}, "p2", {"attendance": "attended"}]
    assert issues(
        meeting,
        {
            "subject": "x",
            "roster": [*lines, *[{"participant": "p5", "attendance": "booked"}] * 2],
        },
    ) == [
        "subject",
        "id",
        "roster[0].colour",
        "roster[0].attendance",
        "roster[1]",
        "roster[2].participant",
        "roster[4]",
    ]
    assert issues(meeting, {"id": "m1", "roster": []}) == ["roster"]


def test_the_head_count_is_computed_and_never_typed(meeting: Aggregate, held: dict[str, list[Record]]) -> None:
    document = meeting.join(held)
    assert document["attending"] == 2
    assert issues(meeting, {**document, "attending": 7}, held) == ["attending"]


def test_one_person_with_two_sessions_came_once(meeting: Aggregate, held: dict[str, list[Record]]) -> None:
    again = {**held["session"][0], "id": "again", "started_at": "2026-03-04T11:00:00-05:00"}
    document = meeting.join({**held, "session": [*held["session"], again]})
    assert (document["attending"], len(document["roster"])) == (2, 4)


def test_records_that_contradict_each_other_make_the_line_incomplete(
    meeting: Aggregate, held: dict[str, list[Record]]
) -> None:
    held["booking"][0]["status"] = "no_show"
    line = meeting.join(held)["roster"][0]
    assert "attendance" not in line
    assert line["incomplete"] == [
        {
            "record": "booking",
            "path": "attendance",
            "reason": "no word for: booking.status no_show, session.status completed, session.attendance attended",
        }
    ]
    assert meeting.split(meeting.join(held), held, ids()) == []


def test_nothing_to_join_is_not_found(meeting: Aggregate, screen: Aggregate) -> None:
    for aggregate in (meeting, screen):
        with pytest.raises(Problem, match=r"no such|there are 0"):
            aggregate.join({})


SCREEN: Record = {
    "id": "d1",
    "participant": "p1",
    "episode": "e1",
    "status": "final",
    "panel": "drug_screen",
    "collected_at": "2026-03-04",
    "results": [
        {"status": "final", "test": "amphetamines_screen", "result": {"finding": "negative"}},
        {"status": "final", "test": "amphetamines_screen_over_500", "result": {"finding": "positive"}},
    ],
}


@pytest.fixture
def screened(screen: Aggregate) -> dict[str, list[Record]]:
    return stored(screen.split(SCREEN, {}, ids()))


def test_the_panel_lists_its_results_and_they_share_what_it_says(screened: dict[str, list[Record]]) -> None:
    [panel] = screened["drug_screen_panel"]
    assert panel["results"] == [record["id"] for record in screened["drug_result"]]
    assert {(r["participant"], r["episode"], r["collected_at"]) for r in screened["drug_result"]} == {
        ("p1", "e1", "2026-03-04")
    }


def test_a_result_that_is_taken_out_is_deleted_and_no_longer_listed(
    screen: Aggregate, screened: dict[str, list[Record]]
) -> None:
    document = screen.join(screened)
    parts = screen.split({**document, "results": document["results"][1:]}, screened, ids())
    assert [(part.concept, part.record["id"], part.delete) for part in parts] == [
        ("drug_screen_panel", "d1", False),
        ("drug_result", "n1", True),
    ]
    assert parts[0].record["results"] == ["n2"]


def test_listed_records_that_are_no_results_stay_listed_in_their_place(
    screen: Aggregate, screened: dict[str, list[Record]]
) -> None:
    screened["drug_screen_panel"][0]["results"].insert(1, "elsewhere")
    document = screen.join(screened)
    assert document["other_results"] == ["elsewhere"]
    assert screen.split(document, screened, ids()) == []
    document["results"] = document["results"][:1]
    assert screen.split(document, screened, ids())[0].record["results"] == ["n1", "elsewhere"]


def test_a_result_that_says_another_day_is_shown_with_it(screen: Aggregate, screened: dict[str, list[Record]]) -> None:
    screened["drug_result"][0]["collected_at"] = "2026-03-05"
    del screened["drug_result"][1]["episode"]
    document = screen.join(screened)
    assert [line["differs"] for line in document["results"]] == [
        [{"field": "collected_at", "value": "2026-03-05"}],
        [{"field": "episode"}],
    ]
    assert screen.split(document, screened, ids()) == []


def test_two_results_of_one_substance_are_refused_with_both_places(
    screen: Aggregate, screened: dict[str, list[Record]]
) -> None:
    document = screen.join(screened)
    again = {"status": "final", "test": "amphetamines_screen", "result": {"finding": "positive"}}
    with pytest.raises(Problem) as refused:
        screen.split({**document, "results": [*document["results"], again]}, screened, ids())
    [issue] = refused.value.issues
    assert (issue.code, issue.expression) == ("duplicate", "results[2]")
    assert "results[2] and results[0]" in issue.message


def test_a_substance_of_a_cup_is_not_also_a_result(screen: Aggregate, screened: dict[str, list[Record]]) -> None:
    document = screen.join(screened)
    cup = [{"test": "amphetamines_screen_over_500", "result": {"finding": "negative"}}]
    assert issues(screen, {**document, "readings": cup}, screened) == ["readings[0]"]


def test_two_results_of_one_substance_that_are_stored_are_shown_and_stay(
    screen: Aggregate, screened: dict[str, list[Record]]
) -> None:
    screened["drug_result"][1]["test"] = "amphetamines_screen"
    document = screen.join(screened)
    assert screen.split(document, screened, ids()) == []
    [part] = screen.split({**document, "reported_at": "2026-03-05T09:00:00Z"}, screened, ids())
    assert part.concept == "drug_screen_panel"
    third = {"status": "final", "test": "amphetamines_screen"}
    assert issues(screen, {**document, "results": [*document["results"], third]}, screened) == ["results[2]"]


def test_a_strange_result_is_refused_with_its_place(screen: Aggregate, screened: dict[str, list[Record]]) -> None:
    document = screen.join(screened)
    lines = [{**document["results"][0], "id": "foreign"}, {**document["results"][1], "colour": 1}, 7]
    assert issues(screen, {**document, "results": lines, "other_results": ["x"], "x": 1}, screened) == [
        "x",
        "other_results",
        "results[0].id",
        "results[1].colour",
        "results[2]",
    ]


AGGREGATE = """\
native = "visit"
[root]
concept = "breath_test"
link = "given"
[members.breath_test]
[lines]
name = "lines"
"""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('link = "given"', 'link = "results"', r"visit\.toml:4: breath_test has no field results"),
        ('concept = "breath_test"', 'concept = "screen"', r"unknown concept 'screen'"),
        ("[members.breath_test]", "[members.screen]", r"visit\.toml:5: unknown concept 'screen'"),
        ('native = "visit"', 'native = "visits"', r"visit\.toml:1: native must be 'visit'"),
        (
            "[lines]",
            "[head]\nstatus = { breath_test = 'state' }\n[lines]",
            r"visit\.toml:7: breath_test has no field state",
        ),
        ("[lines]", "[extra]\n[lines]", "unknown section 'extra'"),
        ('name = "lines"', 'name = "lines"\nonly = 1', r"visit\.toml:8: unknown key of \[lines\] 'only'"),
        ('name = "lines"', 'name = "lines"\nonce = ["test"]', r"visit\.toml:8: 'test' is not LIST.KEY"),
        ('name = "lines"', 'name = "lines"\nonce = ["lines.test"]', r"visit\.toml:8: breath_test has no field test"),
        (
            'name = "lines"',
            'name = "lines"\nonce = ["checks.of"]',
            r"visit\.toml:8: breath_test has no field checks.of",
        ),
    ],
)
def test_an_aggregate_that_names_what_is_not_there_is_refused(
    loaded: Spoil, folder: Any, old: str, new: str, why: str
) -> None:
    (folder / "aggregates").mkdir()
    assert loaded("aggregates/visit.toml", "", AGGREGATE).aggregates["visit"].members == ("breath_test", "breath_test")
    with pytest.raises(Problem, match=why):
        loaded("aggregates/visit.toml", old, new)
