"""Values that are legal and odd: very long, very small, only a bound; and how many there are of them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from adapter.problems import Problem
from adapter.released import Predicate
from adapter.store import terms

from .conftest import LAB, OPEN, Desk, observation, put

# Four bytes each in UTF-8, and not to be compressed.
LONG = "".join(chr(0x1F300 + (n * 7919) % 700) for n in range(3000))


def measured(id: str, value: Any, comparator: str | None = None, **more: Any) -> dict[str, Any]:
    quantity = {"value": value, "comparator": comparator, "unit": "ng/mL"} | more
    return observation(id, valueQuantity={name: said for name, said in quantity.items() if said is not None})


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("50", "is"),
        ("lt50", "at-most below"),
        ("le50", "at-least at-most below is"),
        ("ge50", "above at-least at-most is"),
        ("gt50", "above at-least"),
        ("gt49", "above at-least at-most below is"),
        ("sa50", "above"),
        ("eb50", "below"),
        ("ne50", "above at-least at-most below"),
        ("60", ""),
        ("sa40", "above at-least is"),
    ],
)
def test_a_quantity_that_is_only_a_bound_is_found_by_what_it_may_be(desk: Desk, asked: str, found: str) -> None:
    made = {"is": None, "below": "<", "at-most": "<=", "at-least": ">=", "above": ">"}
    desk.put(*(measured(id, 50, comparator) for id, comparator in made.items()))
    assert " ".join(sorted(desk.ids("Observation", ("value-quantity", asked)))) == found


def test_values_of_any_length_are_stored_and_found(desk: Desk) -> None:
    desk.put(
        observation("a", identifier=[{"system": LAB, "value": LONG}], code=f"s|{LONG}"),
        measured("b", 5, unit=LONG, system="http://u.example", code=LONG),
        measured("c", 5, unit=LONG + "x"),
        {"resourceType": "Patient", "id": "p1", "name": [{"family": LONG}], "telecom": [{"value": LONG}]},
    )
    assert desk.ids("Observation", ("identifier", f"{LAB}|{LONG}")) == ["a"]
    assert desk.ids("Observation", ("code", LONG)) == ["a"]
    assert desk.ids("Observation", ("value-quantity", f"5||{LONG}")) == ["b"]
    assert desk.ids("Observation", ("value-quantity", f"5|http://u.example|{LONG}")) == ["b"]
    assert desk.ids("Observation", ("value-quantity", f"5||{LONG}x")) == ["c"]
    assert desk.ids("Patient", ("telecom", LONG)) == ["p1"]
    assert desk.do(lambda transaction: transaction.alias("Observation", LAB, LONG)) == "a"
    assert desk.do(lambda transaction: transaction.alias("Observation", LAB, LONG[:-1])) is None

    def foreseen(transaction: Any) -> str | None:
        transaction.foresee([("Observation", LAB, LONG)], [])
        return transaction.alias("Observation", LAB, LONG)

    assert desk.do(foreseen) == "a"
    with pytest.raises(Problem, match="already has this identifier"):
        desk.put(observation("d", identifier=[{"system": LAB, "value": LONG}]))
    desk.put(observation("a", identifier=[]))
    desk.put(observation("d", identifier=[{"system": LAB, "value": LONG}]))
    assert desk.do(foreseen) == "d"


def test_a_number_too_small_for_a_database_disturbs_no_search(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "LINKED", 0)
    patient = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Invented"}]}
    text = b'{"resourceType":"Observation","id":"a","status":"final","subject":{"reference":"Patient/p1"},'
    text += b'"valueQuantity":{"value":1e-20000}}'
    resource = observation("a", None)
    desk.put(patient, observation("b", None))
    desk.do(lambda transaction: transaction.put("Observation", "a", resource, text, None, None))
    for found in (desk.ids("Observation", ("patient.family", "invented")), desk.ids("Observation")):
        assert sorted(found) == ["a", "b"]


def test_how_many_hidden_values_there_are_shows_nowhere(desk: Desk) -> None:
    def told(hides: str, *pairs: tuple[str, str]) -> int | str:
        try:
            return len(desk.store.search(Predicate(hides, {}), desk.query("Observation", *pairs)).versions)
        except Problem as problem:
            return str(problem)

    hides = "v.id NOT LIKE 'h%'"
    pairs = [("component-code-value-concept", "secret$v1"), ("component-code-value-concept", "http://s|secret$v249")]
    before = [told(hides, pair) for pair in pairs]
    desk.put(*(_secret(number) for number in range(250)))
    assert [told(hides, pair) for pair in pairs] == before == [0, 0]
    assert [told("TRUE", pair) for pair in pairs] == [1, 1]
    desk.put({**_secret(7), "id": "seen"})
    assert told(hides, ("component-code-value-concept", "secret$http://v|v7")) == 1


def _secret(number: int) -> dict[str, Any]:
    value = {"coding": [{"system": "http://v", "code": f"v{number}"}]}
    part = {"code": {"coding": [{"system": "http://s", "code": "secret"}]}, "valueCodeableConcept": value}
    return observation(f"h{number}", component=[part])


def test_what_a_commit_looks_for_takes_no_longer_than_a_search_may(index: Any, clock: Any) -> None:
    from .serving import open_store

    desk = Desk(open_store(index, clock, statement_seconds=0.2), clock)
    desk.put(*(observation(f"o{n}") for n in range(300)))
    slow = Predicate(
        "(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 200000)"
        " SELECT max(x) FROM c) > v.vid",
        {},
    )

    def work(transaction: Any) -> None:
        put(transaction, observation("made"))
        for _ in range(100):
            transaction.find(slow, desk.query("Observation"))

    with pytest.raises(Problem, match="takes longer than the server may give it") as refused:
        desk.do(work)
    assert refused.value.kind.status == 504

    def stubborn(transaction: Any) -> int:
        for _ in range(100):  # as one who gathers the faults of all entries of a Bundle does
            with suppress(Problem):
                transaction.find(slow, desk.query("Observation"))
        # Nothing is begun once the time is over, not even what would be quick.
        with pytest.raises(Problem) as last:
            transaction.find(OPEN, desk.query("Observation", ("_count", "1")))
        return last.value.kind.status

    assert desk.store.rehearse(stubborn).result(60) == 504
    assert desk.store.read(OPEN, "Observation", "made") is None
    desk.put(observation("after"))
    assert desk.store.read(OPEN, "Observation", "after")
    desk.store.close()
