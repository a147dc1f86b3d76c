"""An authorization is told to be running out: once when few units are left, and once some days before it ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.doors.receiving import Receiver
from tests.doors.subscribers import place_to_tell, subscribed, subscriber, work
from tests.doors.test_guarded import THEIRS, Place

Json = dict[str, Any]
TOPIC = "authorization-running-out"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with place_to_tell(tmp_path, authorization_units_left=1) as place:
        yield place


class Case:
    """A participant with an authorization of three days until the end of March."""

    def __init__(self, place: Place, days: int = 3, until: str = "2026-03-31") -> None:
        self.place, self.person = place, place.participant()
        said = {"participant": self.person, "status": "active", "admitted_on": "2026-01-05", "kind": "substance_use"}
        self.episode = self.written("episode", **said)
        amount = {"value": days, "unit": "days"}
        decided = {"outcome": "complete", "decision": "approved", "number": "A1", "answered_at": "2026-02-27"}
        self.id = self.written(
            "authorization",
            **{"participant": self.person, "status": "active", "form": "professional", "payer": THEIRS, **decided},
            starts_on="2026-03-01",
            ends_on=until,
            services=[{"number": 1, "service": "sud_intensive_outpatient", "amount": amount}],
        )

    def written(self, concept: str, **said: Any) -> str:
        got = self.place.staff("POST", f"/iop/{concept}", said)
        assert got.status == 201, got.body
        return got.id

    def attends(self, day: int) -> str:
        times = {"started_at": f"2026-03-{day:02}T09:00:00-05:00", "ended_at": f"2026-03-{day:02}T12:00:00-05:00"}
        who = {"participant": self.person, "episode": self.episode, "status": "completed"}
        return self.written("session", **who, kind="group", mode="in_person", **times)

    def use(self) -> tuple[int, int]:
        """What is used and what is left."""
        (service,) = self.place.staff("GET", f"/iop/authorization/{self.id}").json["services"]
        return service["used"], service["left"]


def focuses(receiver: Receiver) -> list[str]:
    return [one.said["events"][0]["focus"]["reference"].rpartition("/")[2] for one in receiver.events]


def test_it_is_told_once_when_few_units_are_left_and_again_when_they_were_more(
    place: Place, receiver: Receiver
) -> None:
    subscribed(subscriber(place, receiver), receiver, TOPIC)
    case = Case(place)
    case.attends(2)
    work(place)
    assert (case.use(), receiver.events) == ((1, 2), [])
    last = case.attends(3)
    work(place)
    assert (case.use(), focuses(receiver)) == ((2, 1), [case.id])
    case.attends(4)
    work(place)
    assert (case.use(), len(receiver.events)) == ((3, 0), 1)
    place.staff("DELETE", f"/fhir/Encounter/{last}")
    assert place.staff("GET", f"/iop/authorization/{case.id}").json["services"][0]["left"] == 1
    work(place)
    assert len(receiver.events) == 1


def test_it_is_told_once_some_days_before_its_end(place: Place, receiver: Receiver) -> None:
    subscribed(subscriber(place, receiver), receiver, TOPIC)
    case, clock = Case(place, days=20, until="2026-03-20"), place.program.clock
    work(place)
    assert receiver.events == []
    clock.now += timedelta(days=12)  # type: ignore[attr-defined]
    work(place)
    assert focuses(receiver) == [case.id]
    case.attends(15)
    work(place)
    assert len(receiver.events) == 1
    held = place.staff("GET", f"/iop/authorization/{case.id}")
    longer = place.staff(
        "PATCH", f"/iop/authorization/{case.id}", {"ends_on": "2026-04-20"}, {"If-Match": held.headers["etag"]}
    )
    assert longer.status == 200
    work(place)
    assert len(receiver.events) == 1
    clock.now += timedelta(days=31)  # type: ignore[attr-defined]
    work(place)
    assert len(receiver.events) == 2
