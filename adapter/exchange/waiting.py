"""What waits for a partner, for whoever runs the program: its jobs, how often each was tried, why it has not ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from adapter.store.database import Database
from adapter.store.jobs import RESTS, Job, Jobs
from adapter.store.partners import FOLLOW, PULL, PUSH, Partners


class Waiting(NamedTuple):
    """One job of a partner."""

    job: Job

    @property
    def state(self) -> str:
        """How it stands, in one word."""
        job = self.job
        if job.holder is not None:
            return "held"
        if job.attempts and job.failure is not None:
            return "given up" if job.at_ms == RESTS else "failing"
        return "waiting" if job.at_ms < RESTS else "ended"

    @property
    def left(self) -> dict[str, str]:
        """Why each record was left, by where it is."""
        return json.loads(self.job.payload) if self.job.payload and self.job.kind in (PULL, PUSH) else {}

    def said(self, zone: ZoneInfo) -> dict[str, Any]:
        """All of it."""
        job = self.job
        said = {"kind": job.kind, "key": job.key, "state": self.state, "attempts": job.attempts}
        more = {"reason": job.failure, "failing_since": job.failing_ms and _at(job.failing_ms, zone)}
        due = {"due": _at(job.at_ms, zone)} if job.at_ms < RESTS else {}
        return said | {name: value for name, value in more.items() if value} | due | {"left": self.left}

    def lines(self, zone: ZoneInfo) -> Iterator[str]:
        """All of it for a terminal."""
        job = self.job
        when = f", {'until' if self.state == 'held' else 'due'} {_at(job.at_ms, zone)}" if job.at_ms < RESTS else ""
        tried = f", {job.attempts} attempts" if job.attempts else ""
        yield f"{job.kind} {job.key}: {self.state}{when}{tried}"
        if job.failure:
            yield f"  {job.failure}"
        yield from (f"  left {place}: {why}" for place, why in self.left.items())


def waiting(database: Database, name: str) -> list[Waiting]:
    """In the order in which they are due, without those that have ended well; Problem(NOT_FOUND) for no partner."""
    Partners(database).named(name)
    jobs = Jobs(database)
    following = jobs.named(FOLLOW, name)
    found = [*jobs.of_lane(name), *([following] if following else [])]
    return [Waiting(job) for job in found if job.at_ms < RESTS or job.failure is not None]


def _at(ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).isoformat(timespec="seconds")
