"""Laws of documents over several records: join(split(d)) shows d, split(join(r)) writes nothing, the rest is kept."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump, same
from adapter.mapping.aggregate import Aggregate, Part
from adapter.mapping.concept import MappedConcept
from adapter.mapping.load import load
from adapter.problems import Problem
from tests.laws.strategies import ID, Record, records

ROOT = Path(__file__).resolve().parents[2]
MAPS = load(ROOT / "mappings", Definitions.load(ROOT / "profiles" / "r4"))
AGGREGATES = [pytest.param(aggregate, id=name) for name, aggregate in MAPS.aggregates.items()]
SHARE = settings(max_examples=settings().max_examples // 2)
Stored = dict[str, list[Record]]


def fresh_ids() -> Callable[[], str]:
    numbers = itertools.count()
    return lambda: f"new-{next(numbers)}"


def after(stored: Stored, parts: list[Part]) -> Stored:
    """The records once the parts are written."""
    records = {(concept, record["id"]): record for concept, found in stored.items() for record in found}
    for part in parts:
        if part.delete:
            del records[part.concept, part.record["id"]]
        else:
            records[part.concept, part.record["id"]] = part.record
    result: Stored = {}
    for (concept, _), record in records.items():
        result.setdefault(concept, []).append(record)
    return result


@st.composite
def member_records(draw: st.DrawFn, aggregate: Aggregate) -> Stored:
    """Records that belong together, each saying what it likes."""
    found: Stored = {}
    for name in aggregate.members:
        concept = MAPS.concepts[name]
        assert isinstance(concept, MappedConcept)
        most = 1 if name == aggregate.root else 3
        made = draw(st.lists(records(concept), min_size=1, max_size=most, unique_by=lambda record: record["id"]))
        found[name] = [{**record, "id": f"{name}-{index}"} for index, record in enumerate(made)]
    if aggregate.root:
        listed = [record["id"] for record in found[aggregate.members[1]]]
        strangers = draw(st.lists(ID.map("other-{}".format), max_size=2, unique=True))
        found[aggregate.root][0][str(aggregate.link)] = draw(st.permutations([*listed, *strangers]))
    for record in (record for made in found.values() for record in made) if aggregate.shared_by else ():
        record[str(aggregate.shared_by)] = "meeting-1"
        record["participant"] = draw(st.sampled_from(["p1", "p2", "p3"]))
        if "booking" in record or record["id"].startswith("session"):
            record["booking"] = draw(st.sampled_from(["booking-0", "booking-1", "elsewhere"]))
    return found


@pytest.mark.parametrize("aggregate", AGGREGATES)
@SHARE
@given(data=st.data())
def test_splitting_what_was_joined_writes_nothing(aggregate: Aggregate, data: st.DataObject) -> None:
    stored = data.draw(member_records(aggregate))
    before = dump(stored)
    document = aggregate.join(stored)
    assert aggregate.split(document, stored, fresh_ids()) == []
    assert dump(stored) == before


def lines_of(aggregate: Aggregate) -> str:
    return next(field.name for field in aggregate.fields if field.codec == "list" and field.path == "")


def changeable(aggregate: Aggregate, document: Record) -> list[Record]:
    return [dict(line) for line in document.get(lines_of(aggregate), ())]


@pytest.mark.parametrize("aggregate", AGGREGATES)
@SHARE
@given(data=st.data())
def test_a_line_that_is_removed_takes_its_records_along_and_the_rest_are_kept(
    aggregate: Aggregate, data: st.DataObject
) -> None:
    stored = data.draw(member_records(aggregate))
    document, name = aggregate.join(stored), lines_of(aggregate)
    lines = changeable(aggregate, document)
    gone = data.draw(st.integers(0, len(lines) - 1))
    left = [line for index, line in enumerate(lines) if index != gone]
    written = try_split(aggregate, {**document, name: left} if left else _without(document, name), stored)
    if written is None:
        return  # the head said what only that line carried: told with 422, see test_aggregates
    now = after(stored, written)
    ids = {lines[gone].get(key) for key in ("id", *aggregate.members)} - {None}
    assert not ids & {record["id"] for made in now.values() for record in made}
    assert sum(part.delete for part in written) == len(ids)
    assert _all_fields_kept(stored, now, {"attending", str(aggregate.link)})


@pytest.mark.parametrize("aggregate", AGGREGATES)
@SHARE
@given(data=st.data())
def test_a_document_that_is_accepted_is_shown_again_and_untold_fields_are_kept(
    aggregate: Aggregate, data: st.DataObject
) -> None:
    stored = data.draw(member_records(aggregate))
    document = aggregate.join(stored)
    if "topic" in document or aggregate.root is None:
        document = {**document, "topic": data.draw(st.sampled_from(["A topic", "Another"]))}
        document[lines_of(aggregate)] = [
            {**line, "differs": left}
            if (left := [d for d in line.get("differs", ()) if d["field"] != "topic"])
            else _without(line, "differs")
            for line in changeable(aggregate, document)
        ]
    else:
        document = {**document, "participant": "somebody"}
    written = try_split(aggregate, document, stored)
    assert written is not None
    again = aggregate.join(after(stored, written))
    assert same(_without(again, "attending"), _without(document, "attending"))
    assert _all_fields_kept(stored, after(stored, written), {"topic", "attending", "participant"})


def try_split(aggregate: Aggregate, document: Record, stored: Stored) -> list[Part] | None:
    try:
        return aggregate.split(document, stored, fresh_ids())
    except Problem:
        return None


def _without(document: Record, name: str) -> Record:
    return {key: value for key, value in document.items() if key != name}


def _all_fields_kept(before: Stored, now: Stored, but: set[str]) -> bool:
    known = {(concept, record["id"]): record for concept, made in before.items() for record in made}
    return all(
        same(
            {k: v for k, v in known[concept, record["id"]].items() if k not in but},
            {k: v for k, v in record.items() if k not in but},
        )
        for concept, made in now.items()
        for record in made
    )
