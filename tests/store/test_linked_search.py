"""Searches by strings, quantities, pairs, and what is linked: against a small world, and against brute force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.problems import Problem
from adapter.released import Predicate
from adapter.store import terms

from .conftest import OPEN, Clock, Desk, Index
from .serving import open_store

Resource = dict[str, Any]


def coded(code: str, system: str = "s") -> Resource:
    return {"coding": [{"system": system, "code": code}]}


WORLD: list[Resource] = [
    {"resourceType": "Organization", "id": "o1", "name": "St. Mary's"},
    {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "O'Brién", "given": ["Ann", "Lee"]}],
        "identifier": [
            {"type": coded("MR", "http://types.example"), "system": "urn:mrn", "value": "77"},
            {"system": "urn:mrn", "value": "78"},
        ],
        "managingOrganization": {"reference": "Organization/o1"},
    },
    {"resourceType": "Patient", "id": "p2", "name": [{"text": "Bob  Smith"}], "deceasedBoolean": True},
    {"resourceType": "Patient", "id": "p3", "name": [{"text": "x" * 300}], "deceasedBoolean": False},
    {
        "resourceType": "Observation",
        "id": "b1",
        "status": "final",
        "code": coded("1"),
        "subject": {"reference": "Patient/p1"},
        "valueQuantity": {"value": 5.4, "unit": "milligram", "system": "u", "code": "mg"},
        "performer": [{"identifier": {"system": "urn:npi", "value": "9"}}],
    },
    {
        "resourceType": "Observation",
        "id": "b2",
        "status": "final",
        "code": coded("2"),
        "subject": {"reference": "Patient/p2"},
        "performer": [{"reference": "Organization/o1"}],
        "component": [
            {"code": coded("c1"), "valueQuantity": {"value": 3}},
            {"code": coded("c2"), "valueQuantity": {"value": 9}},
            {"code": coded("c3"), "valueCodeableConcept": coded("yes", "t")},
        ],
    },
    {
        "resourceType": "Observation",
        "id": "b3",
        "status": "final",
        "code": coded("1"),
        "valueCodeableConcept": coded("yes", "t"),
        "hasMember": [{"reference": "Observation/b1"}],
    },
    {"resourceType": "Condition", "id": "c1", "onsetRange": {"low": {"value": 10}, "high": {"value": 20}}},
]


@pytest.fixture(params=[terms.LINKED, 0], ids=["found beforehand", "looked at in turn"])
def world(desk: Desk, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The world, and both ways in which links are followed."""
    monkeypatch.setattr(terms, "LINKED", request.param)
    desk.put(*WORLD)
    return desk


@pytest.mark.parametrize(
    ("type", "search", "found"),
    [
        ("Patient", "name=obr", "p1"),
        ("Patient", "name=O'BRIEN", "p1"),
        ("Patient", "name=bob smi", "p2"),
        ("Patient", "name=ann,bob", "p1 p2"),
        ("Patient", "name=smith", ""),
        ("Patient", "name:contains=smith", "p2"),
        ("Patient", "name:exact=O'Brién", "p1"),
        ("Patient", "name:exact=O'Brien", ""),
        ("Patient", "given=lee", "p1"),
        ("Patient", "name:missing=false", "p1 p2 p3"),
        ("Patient", "name:exact=" + "x" * 300, "p3"),
        ("Patient", "name:exact=" + "x" * 299, ""),
        ("Patient", "name=" + "x" * 200, "p3"),
        ("Patient", "deceased=true", "p2"),
        ("Patient", "deceased=false", "p1 p3"),
        ("Patient", "identifier:of-type=http://types.example|MR|77", "p1"),
        ("Patient", "identifier:of-type=http://types.example|MR|78", ""),
        ("Patient", "identifier=http://types.example|", ""),
        ("Patient", "organization.name=st mary", "p1"),
        ("Patient", "_has:Observation:patient:code=s|1", "p1"),
        ("Patient", "_has:Observation:patient:code=1", "p1"),
        ("Patient", "_has:Observation:patient:value-quantity=gt5", "p1"),
        ("Patient", "_has:Observation:subject:component-code=c1", "p2"),
        ("Patient", "_has:Observation:patient:code=3", ""),
        ("Organization", "_has:Patient:organization:name=obr", "o1"),
        ("Organization", "_has:Patient:organization:name=bob", ""),
        ("Observation", "patient.name=obrien", "b1"),
        ("Observation", "patient.name=ann,bob", "b1 b2"),
        ("Observation", "subject:Patient.organization.name=st", "b1"),
        ("Observation", "patient.organization.name=xx", ""),
        ("Observation", "patient._id=p2", "b2"),
        ("Observation", "patient.deceased=true", "b2"),
        ("Observation", "patient.name=ann&code=1", "b1"),
        ("Observation", "patient.name=ann&code=2", ""),
        ("Observation", "performer:identifier=urn:npi|9", "b1"),
        ("Observation", "performer:identifier=9", "b1"),
        ("Observation", "performer:identifier=urn:npi|8", ""),
        ("Observation", "performer=9", ""),
        ("Observation", "value-quantity=5.4", "b1"),
        ("Observation", "value-quantity=5", "b1"),
        ("Observation", "value-quantity=5.40", "b1"),
        ("Observation", "value-quantity=5.5", ""),
        ("Observation", "value-quantity=ge5.4", "b1"),
        ("Observation", "value-quantity=gt5.4", ""),
        ("Observation", "value-quantity=ap5", "b1"),
        ("Observation", "value-quantity=5.4||mg", "b1"),
        ("Observation", "value-quantity=5.4||milligram", "b1"),
        ("Observation", "value-quantity=5.4|u|mg", "b1"),
        ("Observation", "value-quantity=5.4|u|kg", ""),
        ("Observation", "component-code-value-quantity=c1$lt4", "b2"),
        ("Observation", "component-code-value-quantity=c2$lt4", ""),
        ("Observation", "component-code-value-concept=c3$t|yes", "b2"),
        ("Observation", "component-code-value-concept=s|c3$yes", "b2"),
        ("Observation", "component-code-value-concept=s|c1$yes", ""),
        ("Observation", "code-value-concept=1$yes", "b3"),
        ("Observation", "code-value-quantity=1$5.4,2$3", "b1"),
        ("Observation", "combo-code-value-quantity=c2$gt4,s|1$5.4", "b1 b2"),
        ("Observation", "combo-code-value-concept=s|c3$t|yes,s|1$t|yes", "b2 b3"),
        ("Observation", "combo-code=s|1,c2", "b1 b2 b3"),
        ("Observation", "combo-code:not=s|1", "b2"),
        ("Observation", "combo-code:missing=true", ""),
        ("Observation", "combo-value-quantity=9", "b2"),
        ("Observation", "has-member.code=1", "b3"),
        ("Condition", "onset-age=gt15", "c1"),
        ("Condition", "onset-age=lt9", ""),
        ("Condition", "onset-age=sa9", "c1"),
    ],
)
def test_what_is_asked_for_is_found(world: Desk, type: str, search: str, found: str) -> None:
    pairs = [tuple(part.split("=", 1)) for part in search.split("&")]
    if terms.LINKED == 0 and search.startswith("has-member."):
        # Many references at one place cannot be looked at in turn.
        with pytest.raises(Problem, match="more than 0 records"):
            world.ids(type, *pairs)
        return
    assert sorted(world.ids(type, *pairs)) == found.split()
    assert world.store.count(OPEN, world.query(type, *pairs)) == len(found.split())


def test_a_page_sorted_by_a_string_or_a_quantity(world: Desk) -> None:
    assert world.ids("Patient", ("_sort", "name")) == ["p1", "p2", "p3"]
    assert world.ids("Patient", ("_sort", "-name")) == ["p3", "p1", "p2"]
    assert world.ids("Observation", ("_sort", "-value-quantity"))[0] == "b1"


def along(desk: Desk, type: str, *pairs: tuple[str, str]) -> list[str]:
    page = desk.page(type, *pairs)
    return [f"{version.type}/{version.id}" for version in page.included]


def test_what_goes_along_is_there_once_and_is_no_match(world: Desk) -> None:
    by_patient, further = ("_include", "Observation:patient"), ("_include:iterate", "Patient:organization")
    assert along(world, "Observation", ("code", "1"), by_patient) == ["Patient/p1"]
    assert along(world, "Observation", ("code", "1"), by_patient, further) == ["Patient/p1", "Organization/o1"]
    assert along(world, "Observation", ("code", "1"), further) == []
    assert along(world, "Observation", ("_include", "Observation:has-member")) == []
    assert along(world, "Observation", ("_id", "b3"), ("_include", "*")) == ["Observation/b1"]
    assert along(world, "Observation", ("_id", "b2"), ("_include", "Observation:*")) == [
        "Patient/p2",
        "Organization/o1",
    ]
    assert along(world, "Observation", ("_id", "b2"), ("_include", "Observation:subject:Patient")) == ["Patient/p2"]
    assert along(world, "Patient", ("_id", "p2"), ("_revinclude", "Observation:subject")) == ["Observation/b2"]
    both = along(
        world, "Organization", ("_revinclude", "Patient:organization"), ("_revinclude:iterate", "Observation:patient")
    )
    assert both == ["Patient/p1", "Observation/b1"]


def test_more_than_may_go_along_is_refused(index: Index, clock: Clock) -> None:
    with_limit = open_store(index, clock, include_limit=2)
    desk = Desk(with_limit, clock)
    desk.put({"resourceType": "Patient", "id": "p"})
    for number in range(3):
        assert len(along(desk, "Patient", ("_revinclude", "Observation:patient"))) == number
        desk.put(
            {
                "resourceType": "Observation",
                "id": f"o{number}",
                "status": "final",
                "code": {},
                "subject": {"reference": "Patient/p"},
            }
        )
    with pytest.raises(Problem, match="more than 2 records") as refused:
        desk.page("Patient", ("_revinclude", "Observation:patient"))
    assert refused.value.issues[0].code == "too-costly"
    with_limit.close()


HIDES = Predicate("v.id <> :c_hidden", {"c_hidden": "p1"})


@pytest.mark.parametrize(
    ("type", "pair"),
    [
        ("Observation", ("patient.name", "ann")),
        ("Observation", ("patient.organization.name", "st")),
        ("Organization", ("_has:Patient:organization:name", "obr")),
    ],
)
def test_a_hidden_record_links_nothing(world: Desk, type: str, pair: tuple[str, str]) -> None:
    query = world.query(type, pair)
    assert len(world.store.search(OPEN, query).versions) == 1
    assert world.store.search(HIDES, query).versions == []
    assert world.store.count(HIDES, query) == 0


def test_a_hidden_record_does_not_go_along(world: Desk) -> None:
    for type, pair in (
        ("Observation", ("_include", "Observation:patient")),
        ("Organization", ("_revinclude", "Patient:organization")),
    ):
        query = world.query(type, ("_count", "9"), pair)
        assert {version.id for version in world.store.search(OPEN, query).included} >= {"p1"}
        assert {version.id for version in world.store.search(HIDES, query).included} <= {"p2"}


def test_links_are_those_of_the_time_of_the_first_page(world: Desk) -> None:
    query = world.query(
        "Observation", ("patient.name", "ann,bob"), ("_count", "1"), ("_include", "Observation:patient")
    )
    first = world.store.search(OPEN, query)
    world.put(
        {"resourceType": "Patient", "id": "p1", "name": [{"text": "Carol"}]}, {"resourceType": "Patient", "id": "p2"}
    )
    assert world.ids("Observation", ("patient.name", "ann,bob")) == []
    second = world.store.search(OPEN, query_after(query, first.next))
    assert {version.id for version in (*first.versions, *second.versions)} == {"b1", "b2"}
    assert [version.version for version in second.included] == [1]


def query_after(query: Any, cursor: Any) -> Any:
    from dataclasses import replace

    return replace(query, cursor=cursor)


people = st.lists(st.tuples(st.sampled_from(["ann", "bob"]), st.booleans()), min_size=1, max_size=4)
results = st.lists(st.tuples(st.integers(0, 4), st.sampled_from("123"), st.booleans()), max_size=8)


@given(people, results, st.sampled_from(["ann", "bob"]), st.sampled_from("123"), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_links_followed_are_those_found_by_looking_at_everything(
    index: Index,
    persons: list[tuple[str, bool]],
    taken: list[tuple[int, str, bool]],
    name: str,
    code: str,
    by_turn: bool,
) -> None:
    desk = Desk(open_store(index, Clock()), Clock())
    limit, terms.LINKED = terms.LINKED, 0 if by_turn else terms.LINKED
    try:
        desk.put(
            *(
                {"resourceType": "Patient", "id": f"p{n}", "name": [{"text": name}]}
                for n, (name, _) in enumerate(persons)
            )
        )
        desk.put(*_results(taken)) if taken else None
        live = {f"p{n}": said for n, (said, stays) in enumerate(persons) if stays}
        for number, (_, stays) in enumerate(persons):
            if not stays:
                desk.delete("Patient", f"p{number}")
        of = [(f"o{n}", f"p{whose}", said) for n, (whose, said, stays) in enumerate(taken) if stays]
        for number, (_, _, stays) in enumerate(taken):
            if not stays:
                desk.delete("Observation", f"o{number}")
        assert set(desk.ids("Observation", ("patient.name", name))) == {o for o, p, _ in of if live.get(p) == name}
        assert set(desk.ids("Patient", ("_has:Observation:patient:code", code))) == {
            p for _, p, c in of if c == code and p in live
        }
        both = desk.ids("Observation", ("code", code), ("patient.name", name))
        assert set(both) == {o for o, p, c in of if live.get(p) == name and c == code}
    finally:
        terms.LINKED = limit
        desk.store.close()


def _results(taken: list[tuple[int, str, bool]]) -> Iterator[Resource]:
    for number, (whose, code, _) in enumerate(taken):
        yield {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": "final",
            "code": coded(code),
            "subject": {"reference": f"Patient/p{whose}"},
        }
