"""What comes in one transaction, in any order, comes to the units that it comes to one by one."""

from __future__ import annotations

from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.utilization.unit_rules import DEFAULT, load_units
from tests.doors.serving import Client, parts
from tests.journeys.test_program_days import STARTS, Json, Model, Person, client, program, rules, visit

__all__ = ["client", "program", "rules"]
PLAN = "urn:uuid:00000000-0000-4000-8000-00000000f001"
VISITS = st.lists(st.tuples(st.sampled_from(STARTS), st.sampled_from([60, 120, 180])), min_size=1, max_size=6)


def lasting(person: Person, start: str, minutes: int) -> Json:
    """A visit that begins then and takes so long."""
    said = person.said(start, minutes)
    return visit(person, {"start": said["started_at"], "end": said["ended_at"]})


def payer(person: Person) -> list[Json]:
    """A plan that pays by the quarter of an hour, and that it covers the person."""
    plan = {"resourceType": "Organization", "identifier": [{"system": "urn:payers", "value": "7"}], "name": "A plan"}
    cover = {"resourceType": "Coverage", "status": "active", "payor": [{"reference": PLAN}]}
    return [plan, cover | {"beneficiary": {"reference": f"Patient/{person.id}"}}]


@settings(max_examples=12)
@given(before=VISITS, visits=VISITS, quarters=st.booleans(), order=st.randoms(use_true_random=False))
def test_a_day_is_counted_once_for_all_that_comes_with_it(
    client: Client,
    rules: Path,
    before: list[tuple[str, int]],
    visits: list[tuple[str, int]],
    quarters: bool,
    order: Random,
) -> None:
    model = Model(Person(client))
    for start, minutes in before:
        model.do("write", 0, start, minutes)
    sent = [lasting(model.person, *one) for one in visits] + (payer(model.person) if quarters else [])
    order.shuffle(sent)
    entries = [{"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in sent]
    for entry in entries:
        if entry["resource"]["resourceType"] == "Organization":
            entry["fullUrl"] = PLAN
    got = client("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert got.status == 200, got.body
    model.held += [(f"sent {n}", *one) for n, one in enumerate(visits)]
    rule = next(one for one in load_units(rules, parts()[1]).all if one.name == ("quarters" if quarters else DEFAULT))
    assert model.person.units() == model.due(rule)
