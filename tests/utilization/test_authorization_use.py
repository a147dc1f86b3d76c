"""What of authorizations is used: each service counts once, whatever was written first."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.interactions.program import Program
from tests.doors.people import created, patient
from tests.doors.serving import Client, client_of, opened
from tests.doors.test_utilization import report

Json = dict[str, Any]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One for all: each test has a participant of its own."""
    with opened(tmp_path_factory.mktemp("program")) as program:
        yield program


@pytest.fixture(scope="module")
def client(program: Program) -> Iterator[Client]:
    """A client that may see all."""
    with client_of(program) as client:
        yield client


class Person:
    """A participant of whom services are typed, so that no session is needed."""

    def __init__(self, client: Client) -> None:
        self.client, self.id = client, created(client, patient()).id
        self.payer = created(client, {"resourceType": "Organization", "name": "A plan"}).id
        self.episode = self.written("episode", participant=self.id, status="active", admitted_on="2026-02-01")

    def written(self, concept: str, **said: Any) -> str:
        got = self.client("POST", f"/iop/{concept}", said)
        assert got.status == 201, got.body
        return got.id

    def approved(self, starts: str, ends: str, unit: str = "units", value: float = 5, **more: Any) -> str:
        service = {"number": 1, "service": "sud_group_counseling", "amount": {"value": value, "unit": unit}}
        said = {"participant": self.id, "status": "active", "form": "professional", "payer": self.payer}
        decided = {"outcome": "complete", "decision": "approved", "number": "A1", "answered_at": "2026-02-27"}
        return self.written(
            "authorization", **{**said, **decided, "starts_on": starts, "ends_on": ends, "services": [service], **more}
        )

    def delivered(self, day: str, units: float | None = 1, **more: Any) -> str:
        said = {
            "participant": self.id,
            "episode": self.episode,
            "status": "completed",
            "service": "sud_group_counseling",
        }
        typed = {"units": units} if units is not None else {}
        return self.written("service", **{**said, "day": day, **typed, **more})

    def use(self, id: str) -> tuple[Any, Any]:
        (service,) = self.client("GET", f"/iop/authorization/{id}").json["services"]
        return service.get("used"), service.get("left")


_USE = ("used ", "left ")


def reported(person: Person) -> tuple[float | None, float | None]:
    """The same as `use`, of all authorizations together, in a report that is counted when it is asked for."""
    url = f"/fhir/EpisodeOfCare/{person.episode}/$utilization?start=2026-03-01&end=2026-03-31"
    found = report(person.client("GET", url))
    used, left = (next((each[""] for name, each in found.items() if name.startswith(one)), None) for one in _USE)
    return used, left


@pytest.fixture
def person(client: Client) -> Person:
    """Somebody new."""
    return Person(client)


def test_services_of_another_code_day_or_standing_do_not_count(person: Person) -> None:
    id = person.approved("2026-03-02", "2026-03-04")
    person.delivered("2026-03-01")
    person.delivered("2026-03-05")
    person.delivered("2026-03-03", service="sud_counseling")
    person.delivered("2026-03-03", status="not_done", units=None)
    assert person.use(id) == (0, 5)
    person.delivered("2026-03-02", 1.5)
    person.delivered("2026-03-04", None)
    assert person.use(id) == reported(person) == (2.5, 2.5)


def test_a_second_service_of_a_counted_day_counts_for_nothing_though_it_says_no_units(person: Person) -> None:
    service = {"number": 1, "service": "sud_intensive_outpatient", "amount": {"value": 5, "unit": "days"}}
    id = person.approved("2026-03-02", "2026-03-04", services=[service])
    times = {"started_at": "2026-03-02T09:00:00-05:00", "ended_at": "2026-03-02T12:00:00-05:00"}
    who = {"participant": person.id, "episode": person.episode, "status": "completed"}
    person.written("session", **who, **times, kind="group", mode="in_person")
    short = {"started_at": "2026-03-03T09:00:00-05:00", "ended_at": "2026-03-03T10:00:00-05:00"}
    person.written("session", **who, **short, kind="group", mode="in_person")
    for day in ("2026-03-02", "2026-03-02", "2026-03-03"):
        person.delivered(day, None, service="sud_intensive_outpatient")
    assert person.use(id) == reported(person) == (1, 4)
    held = person.client("GET", f"/iop/authorization/{id}")
    units = [{**service, "amount": {"value": 5, "unit": "units"}}]
    person.client("PATCH", f"/iop/authorization/{id}", {"services": units}, {"If-Match": held.headers["etag"]})
    assert person.use(id) == (1, 4)


@pytest.mark.parametrize(
    ("unit", "used"), [("units", 6), ("days", 2), ("hours", 1.5), ("minutes", 90), ("visits", 3), ("months", None)]
)
def test_what_is_used_is_in_the_unit_that_was_approved(person: Person, unit: str, used: float | None) -> None:
    id = person.approved("2026-03-02", "2026-03-31", unit, 10)
    for day in ("2026-03-02", "2026-03-02", "2026-03-03"):
        person.delivered(day, 2, minutes_per_unit=15)
    assert person.use(id) == (used, None if used is None else pytest.approx(10 - used))
    assert reported(person) == person.use(id)


def test_of_two_that_run_at_once_the_first_is_used_up_and_one_that_is_named_comes_first(person: Person) -> None:
    first, second = person.approved("2026-03-01", "2026-03-31", value=1), person.approved("2026-03-02", "2026-03-31")
    person.delivered("2026-03-05")
    person.delivered("2026-03-06")
    assert [person.use(id) for id in (first, second)] == [(1, 0), (1, 4)]
    person.delivered("2026-03-01")
    assert [person.use(id) for id in (first, second)] == [(1, 0), (2, 3)]
    person.delivered("2026-03-31", authorization=first)
    assert [person.use(id) for id in (first, second)] == [(2, -1), (2, 3)]
    assert reported(person) == (4, 2)


def test_a_denied_one_has_no_use_and_what_is_typed_by_an_ehr_is_computed_again(person: Person) -> None:
    id = person.approved("2026-03-01", "2026-03-31")
    person.delivered("2026-03-02")
    resource = person.client("GET", f"/fhir/ClaimResponse/{id}").json
    use = next(one for one in resource["item"][0]["extension"] if one["url"].endswith("iop-authorization-use"))
    use["extension"] = [{"url": "used", "valueDecimal": 4}, {"url": "left", "valueDecimal": 1}]
    assert person.client("PUT", f"/fhir/ClaimResponse/{id}", resource).status == 200
    assert person.use(id) == (1, 4)
    held = person.client("GET", f"/iop/authorization/{id}")
    denied = {"decision": "denied", "number": None, "services": [{"number": 1, "service": "sud_group_counseling"}]}
    got = person.client("PATCH", f"/iop/authorization/{id}", denied, {"If-Match": held.headers["etag"]})
    assert got.status == 200, got.body
    assert person.use(id) == (None, None)


@pytest.mark.parametrize(("unit", "used"), [("hours", 3.5), ("minutes", 210), ("visits", 2), ("units", 1), ("days", 1)])
def test_a_day_that_is_counted_from_attendance_uses_what_was_attended(person: Person, unit: str, used: float) -> None:
    service = {"number": 1, "service": "sud_intensive_outpatient", "amount": {"value": 1000, "unit": unit}}
    id = person.approved("2026-03-02", "2026-03-04", services=[service])
    who = {"participant": person.id, "episode": person.episode, "status": "completed"}
    for start, end in (("09:00", "11:00"), ("11:30", "13:00")):
        times = {"started_at": f"2026-03-02T{start}:00-05:00", "ended_at": f"2026-03-02T{end}:00-05:00"}
        person.written("session", **who, **times, kind="group", mode="in_person")
    assert person.use(id) == reported(person) == (used, 1000 - used)


def test_a_slip_of_the_pen_says_nothing_of_units(person: Person) -> None:
    id = person.approved("2026-03-01", "2026-03-31", value=1e300)
    person.delivered("2026-03-02", 1e300)
    assert person.use(id) == reported(person) == (1, None)


SPANS = st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(1, 4))
SERVICES = st.tuples(st.integers(1, 12), st.integers(1, 3))


@settings(max_examples=8)
@given(data=st.data(), spans=st.lists(SPANS, max_size=2), services=st.lists(SERVICES, max_size=4))
def test_each_service_counts_once_whatever_was_written_first(
    client: Client, data: st.DataObject, spans: list[tuple[int, int, int]], services: list[tuple[int, int]]
) -> None:
    person = Person(client)
    deeds = [("approved", one) for one in spans] + [("delivered", one) for one in services]
    ids = []
    for what, said in data.draw(st.permutations(deeds)):
        if what == "approved":
            start, more, value = said
            ids.append(person.approved(f"2026-03-{start:02}", f"2026-03-{start + more:02}", value=value))
        else:
            person.delivered(f"2026-03-{said[0]:02}", said[1])
    covered = sum(units for day, units in services if any(start <= day <= start + more for start, more, _ in spans))
    uses = [person.use(id) for id in ids]
    assert sum(used for used, _ in uses) == covered
    assert reported(person) == ((covered, sum(left for _, left in uses)) if spans else (None, None))
    assert sum(Decimal(left) for _, left in uses) == sum(value for *_, value in spans) - covered
