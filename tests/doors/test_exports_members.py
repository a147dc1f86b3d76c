"""Two plans pull their members, whole and then what is new, round after round: to the record what `membership_oracle`
says of the facts that were written, and of each record what the plan is shown."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import PROOF, ROOT
from tests.doors.clients import register, token_of
from tests.doors.membership import CANARY, PLANS, Membership
from tests.doors.membership_oracle import View, deleted_since, key, pulled, pulled_since
from tests.doors.membership_records import written
from tests.doors.serving import door
from tests.doors.test_exports import fetched, group, manifest
from tests.doors.test_exports_deleted import gone as deleted
from tests.doors.test_guarded import Json, Place, Sender, placed

SIZE = "quick" if os.environ.get("TEST_STORE") == "postgresql" and PROOF == "ci" else PROOF
MEMBERS = {"quick": 24, "ci": 40, "full": 2_000}[SIZE]
ROUNDS = {"quick": 1, "ci": 1, "full": 6}[PROOF]
START = date(2026, 3, 2)
LINES, WRITTEN = 1_000, ("created", "updated")
"""Of one import, and what becomes of each."""
SHOWN = tomllib.loads((ROOT / "mappings" / "release" / "payment.toml").read_text("utf-8"))
DIRECTORY = ("Organization", "Location", "HealthcareService", "Endpoint")
TYPES = {"Patient", "Coverage", "EpisodeOfCare", "Encounter", "Procedure", "Condition", "Claim", "ClaimResponse"}
"""Of the records about members."""


class Hour:
    """A clock that goes on a millisecond each time it is read, and by days when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(START.year, START.month, START.day, 17, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture
def clock() -> Hour:
    return Hour()


@pytest.fixture
def place(tmp_path: Path, clock: Hour) -> Iterator[Place]:
    with placed(tmp_path, clock, export_lines=50) as place:
        yield place


def write(place: Place, now: Membership) -> None:
    """What the round says, as staff import and delete it."""
    lines = list(written(now))
    for start in range(0, len(lines), LINES):
        portion = lines[start : start + LINES]
        body = "\n".join(map(json.dumps, portion)).encode()
        got = place.staff("POST", "/iop/$import", body, {"content-type": "application/x-ndjson"})
        assert got.status == 200, got.body
        told = [json.loads(line) for line in got.body.splitlines()]
        odd = [(line, one) for line, one in zip(portion, told, strict=True) if one["outcome"] not in WRITTEN]
        assert odd == []
    for record in now.deleted():
        assert place.staff("DELETE", f"/fhir/{record}").status == 204, record


def check(lines: list[Json], start: date) -> set[str]:
    """Their keys, none of them twice; each has the elements that a plan is shown, and no others."""
    assert CANARY not in str(lines)
    for one in lines:
        said = SHOWN[one["resourceType"]]["elements"]
        allowed = {element.partition(".")[0] for element in said if not element.startswith("ext(")}
        allowed |= {"extension"} if any(element.startswith("ext(") for element in said) else set()
        assert set(one) <= allowed | {"resourceType", "id", "meta"}, one
        assert door().check(one) == [], one
    keys = [key(one, start) for one in lines]
    assert len(keys) == len(set(keys))
    return {one for one in keys if one.partition("/")[0] not in DIRECTORY}


class Pulled(NamedTuple):
    """What a plan has got: until when it is, the keys of the lines, and what is told to be deleted."""

    time: str
    keys: set[str]
    gone: set[str]


class Plan:
    """A plan with its client, and what it has been sent."""

    def __init__(self, place: Place, organization: str) -> None:
        self.place, self.organization, self.sent = place, organization, set[str]()
        said = (self._id, "payer", "system/*.rs", "HPAYMT")
        register(place.program, *said, agreement="contract", organization=organization)
        self.at = f"{group(self.reader())}/$export"

    @property
    def _id(self) -> str:
        return f"plan-{self.organization[-1]}"

    def reader(self) -> Sender:
        """Its client with a token of this moment."""
        number = next(self.place.numbers)
        form = {"scope": "system/*.rs"}
        return Sender(
            self.place.guarded, token_of(self.place.guarded, self.place.program, number, id=self._id, form=form)
        )

    def pull(self, since: str | None = None) -> Pulled:
        """What is in the files, and what is told to be deleted."""
        reader = self.reader()
        listed = manifest(self.place, reader, self.at + (f"?_since={since}" if since else ""))
        keys = check(fetched(reader, listed), START)
        self.sent |= keys
        return Pulled(listed["transactionTime"], keys, deleted(reader, listed))


def test_plans_pull_their_members_to_the_record_whole_and_what_is_new(place: Place, clock: Hour) -> None:
    now, plans = Membership(MEMBERS, START), [Plan(place, one) for one in PLANS]
    since, gone = dict[str, str](), set[str]()
    write(place, now)
    for plan in plans:
        first = plan.pull()
        assert first.keys == pulled(now, plan.organization, 0)
        since[plan.organization] = first.time
    assert {one.partition("/")[0] for plan in plans for one in plan.sent} == TYPES
    for number in range(1, ROUNDS + 1):
        clock.now += timedelta(days=1)
        now.change()
        write(place, now)
        for plan in plans:
            whose, sent = plan.organization, set(plan.sent)
            view, then = View(whose, number, number), View(whose, number - 1, number - 1)
            new = plan.pull(since[whose])
            assert new.keys == pulled_since(now, view, then)
            assert new.gone == deleted_since(now, view, then, sent)
            assert plan.pull().keys == pulled(now, whose, number)
            since[whose], gone = new.time, gone | new.gone
    assert gone
