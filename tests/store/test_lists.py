"""What waits for a person: pending references, parked items, records that no concept claims; and other names."""

from __future__ import annotations

import pytest

from adapter.problems import Problem
from adapter.released import Predicate
from adapter.store.version import Pending, Totals

from .conftest import LAB, OPEN, Desk, observation, put

WAITING = [("Observation.subject", "Patient", "p1")]


def patient(id: str, *numbers: str, **more: object) -> dict[str, object]:
    return {
        "resourceType": "Patient",
        "id": id,
        "identifier": [{"system": LAB, "value": value} for value in numbers],
        **more,
    }


def test_a_reference_to_a_record_that_is_not_there_waits_and_is_resolved_when_it_arrives(desk: Desk) -> None:
    desk.put(observation("a"), observation("b"), references=WAITING)
    assert desk.store.pending(OPEN) == [
        Pending("Patient", "p1", "Observation", "a", "Observation.subject"),
        Pending("Patient", "p1", "Observation", "b", "Observation.subject"),
    ]

    def arrive(transaction):
        put(transaction, patient("p1"))
        return transaction.resolved

    assert desk.do(arrive) == 2
    assert desk.store.pending(OPEN) == []


def test_a_target_that_arrives_later_in_the_same_work_leaves_nothing_pending(desk: Desk) -> None:
    def work(transaction):
        put(transaction, observation("a"), references=WAITING)
        put(transaction, patient("p1"))

    desk.do(work)
    assert desk.store.totals(OPEN).pending == 0


def test_pending_references_go_with_the_version_that_held_them(desk: Desk) -> None:
    desk.put(observation("a"), observation("b"), references=WAITING)
    desk.put(observation("a", patient="p2"), references=[("Observation.subject", "Patient", "p2")])
    desk.delete("Observation", "b")
    assert desk.store.pending(OPEN) == [Pending("Patient", "p2", "Observation", "a", "Observation.subject")]


def test_a_target_that_is_made_again_resolves_what_waited_for_it(desk: Desk) -> None:
    desk.put(patient("p1"))
    desk.delete("Patient", "p1")
    desk.put(observation("a"), references=WAITING)
    assert desk.store.totals(OPEN).pending == 1
    desk.put(patient("p1"))
    assert desk.store.totals(OPEN).pending == 0


def test_pending_references_are_listed_in_pages(desk: Desk) -> None:
    desk.put(*(observation(f"o{number:02}") for number in range(25)), references=WAITING)
    pages, last = [], None
    while page := desk.store.pending(OPEN, last, limit=10):
        pages.append(len(page))
        last = page[-1]
    assert pages == [10, 10, 5]


def test_what_is_parked_is_listed_for_its_patient_until_a_version_no_longer_parks_it(desk: Desk) -> None:
    desk.put(observation("a"), parked=[("code", "not in the table"), ("status", "odd")])
    desk.put(observation("b", patient="p2"), parked=[("code", "not in the table")])
    assert [(item.id, item.path) for item in desk.store.parked(OPEN, "p1")] == [("a", "code"), ("a", "status")]
    desk.put(observation("a"), parked=[("status", "odd")])
    assert [(item.id, item.path) for item in desk.store.parked(OPEN)] == [("a", "status"), ("b", "code")]
    desk.put(observation("a"))
    desk.delete("Observation", "b")
    assert desk.store.parked(OPEN) == []


def test_an_item_parked_again_keeps_its_owner_and_how_long_it_waited(desk: Desk) -> None:
    desk.put(observation("a"), parked=[("code", "not in the table")])
    since = desk.store.parked(OPEN)[0].since
    place = ("Observation", "a", "code", "not in the table")
    assert desk.do(lambda transaction: transaction.settle(*place, "intake", "accepted"))
    desk.clock.on(days=3)
    desk.put(observation("a", status="amended"), parked=[("code", "not in the table")])
    [item] = desk.store.parked(OPEN)
    assert (item.owner, item.resolution, item.since) == ("intake", "accepted", since)


def test_settling_an_item_that_is_not_there_says_so(desk: Desk) -> None:
    assert not desk.do(lambda transaction: transaction.settle("Observation", "a", "code", "x", "intake", None))


def test_records_that_no_concept_claims_are_listed_for_each_patient_they_are_about(desk: Desk) -> None:
    desk.put(observation("a"), observation("b", patient="p2"), concept=None)
    desk.put({"resourceType": "Organization", "id": "o"}, concept=None)
    assert [(row.patient, row.type, row.id, row.version) for row in desk.store.unmapped(OPEN)] == [
        ("", "Organization", "o", 1),
        ("p1", "Observation", "a", 1),
        ("p2", "Observation", "b", 1),
    ]
    desk.put(observation("a"), concept="result")
    desk.delete("Observation", "b")
    assert [row.id for row in desk.store.unmapped(OPEN)] == ["o"]
    assert desk.store.unmapped(OPEN, "p1") == []


def test_totals_count_a_record_once_even_if_it_is_about_two_patients(desk: Desk) -> None:
    meeting = {
        "resourceType": "Appointment",
        "id": "m",
        "status": "booked",
        "participant": [
            {"actor": {"reference": "Patient/p1"}, "status": "accepted"},
            {"actor": {"reference": "Patient/p2"}, "status": "accepted"},
        ],
    }
    desk.put(meeting, concept=None, parked=[("status", "odd")])
    assert [row.patient for row in desk.store.unmapped(OPEN)] == ["p1", "p2"]
    assert desk.store.totals(OPEN) == Totals(1, 1, 0)


def test_an_identifying_identifier_names_one_record(desk: Desk) -> None:
    desk.put(patient("p1", "7"))
    assert desk.do(lambda transaction: transaction.alias("Patient", LAB, "7")) == "p1"
    assert desk.do(lambda transaction: transaction.alias("Observation", LAB, "7")) is None
    with pytest.raises(Problem, match="another Patient already has this identifier") as refused:
        desk.put(patient("p2", "7"))
    assert refused.value.kind.status == 409
    assert refused.value.issues[0].expression == "Patient.identifier"
    desk.put(patient("p1", "7", active=True))


def test_a_refused_duplicate_leaves_the_rest_of_the_same_work_whole(desk: Desk) -> None:
    desk.put(patient("p1", "7"), patient("p2", "8"))

    def work(transaction):
        with pytest.raises(Problem):
            put(transaction, patient("p2", "7"))
        put(transaction, observation("a"))

    desk.do(work)
    assert desk.ids("Patient", ("identifier", "8")) == ["p2"]
    assert desk.ids("Observation") == ["a"]


def test_identifiers_of_other_systems_are_no_names(desk: Desk) -> None:
    for id in ("p1", "p2"):
        desk.put(
            {
                "resourceType": "Patient",
                "id": id,
                "identifier": [{"system": "urn:member", "value": "7"}, {"value": "7"}],
            }
        )
    assert desk.do(lambda transaction: transaction.alias("Patient", "urn:member", "7")) is None


def test_an_identifier_that_a_record_gives_up_is_free(desk: Desk) -> None:
    desk.put(patient("p1", "7"))
    desk.put(patient("p1", "8"))
    assert desk.do(lambda transaction: transaction.alias("Patient", LAB, "7")) is None
    desk.put(patient("p2", "7"))
    assert desk.do(lambda transaction: transaction.alias("Patient", LAB, "7")) == "p2"


def test_a_deleted_record_keeps_its_name_until_another_takes_it(desk: Desk) -> None:
    desk.put(patient("p1", "7"))
    desk.delete("Patient", "p1")
    assert desk.do(lambda transaction: transaction.alias("Patient", LAB, "7")) == "p1"
    desk.put(patient("p2", "7"))
    assert desk.do(lambda transaction: transaction.alias("Patient", LAB, "7")) == "p2"
    with pytest.raises(Problem, match="already"):
        desk.put(patient("p1", "7"))


def test_an_identifier_that_is_no_list_names_its_record_too(desk: Desk) -> None:
    answers = {
        "resourceType": "QuestionnaireResponse",
        "id": "q",
        "status": "completed",
        "identifier": {"system": LAB, "value": "9"},
    }
    desk.put(answers)
    assert desk.do(lambda transaction: transaction.alias("QuestionnaireResponse", LAB, "9")) == "q"


@pytest.mark.parametrize("value", ["http://loinc.example|1", "1", "http://loinc.example|"])
def test_the_holders_of_a_token_are_the_live_records_that_have_it(desk: Desk, value: str) -> None:
    desk.put(observation("b"), observation("a"), observation("c"), observation("d", code="other|2"))
    desk.put(observation("c", code="other|1") if value != "1" else observation("c", code="other|2"))
    desk.delete("Observation", "b")
    assert desk.do(lambda transaction: transaction.holders("Observation", "code", value)) == ["a"]


def test_the_holders_of_a_reference_are_found_by_type_and_id(desk: Desk) -> None:
    desk.put(observation("a"), observation("b", patient="p2"))
    assert desk.do(lambda transaction: transaction.holders("Observation", "patient", "Patient/p2")) == ["b"]
    assert desk.do(lambda transaction: transaction.holders("Observation", "subject", "p2")) == ["b"]


def test_a_transaction_finds_what_it_has_just_written(desk: Desk) -> None:
    desk.put(observation("a"))
    query = desk.query("Observation", ("code", "http://loinc.example|1"))

    def work(transaction):
        put(transaction, observation("b"))
        transaction.delete("Observation", "a")
        return [version.id for version in transaction.find(OPEN, query)]

    assert desk.do(work) == ["b"]


def test_a_record_that_is_made_again_has_one_newest_version_and_waits_once(desk: Desk) -> None:
    for _ in range(2):
        desk.put(observation("a"), concept=None, parked=[("code", "odd")], references=WAITING)
        desk.delete("Observation", "a")
    desk.put(observation("a"), concept=None, parked=[("code", "odd")], references=WAITING)
    assert (len(desk.store.parked(OPEN)), len(desk.store.unmapped(OPEN)), len(desk.store.pending(OPEN))) == (1, 1, 1)
    assert desk.store.totals(OPEN) == Totals(1, 1, 1)
    times = "SELECT version, deleted, t, until_t FROM version ORDER BY version"
    found = desk.rows(times)
    assert found == [(1, 0, 1, 2), (2, 1, 2, 3), (3, 0, 3, 4), (4, 1, 4, 5), (5, 0, 5, None)]


def test_a_record_made_deleted_and_made_again_in_one_work_has_one_newest_version(desk: Desk) -> None:
    def work(transaction):
        put(transaction, observation("a"))
        transaction.delete("Observation", "a")
        put(transaction, observation("a", status="amended"))

    desk.do(work)
    newest = desk.rows("SELECT version FROM version WHERE until_t IS NULL")
    assert newest == [(3,)]
    assert desk.ids("Observation") == ["a"]


def test_a_hidden_record_does_not_show_the_deletion_before_it(desk: Desk) -> None:
    desk.put(observation("a"))
    desk.delete("Observation", "a")
    desk.put(observation("a"))
    hidden = Predicate("v.deleted", {})
    assert desk.store.read(hidden, "Observation", "a") is None
