"""When a job that failed is tried again: after pauses that double, for a day; then it rests, and waits for staff.

Nothing is needed for this to be so of another kind of job: what it raises is tried again, save a `Fault` of a partner
which says that this is no use.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from adapter.fhir.dates import milliseconds
from adapter.remote.faults import Fault
from adapter.store.jobs import RESTS, Job, Jobs

DAY_MS = 86_400_000
"""For how long what fails is tried again; after an attempt in which something of it was done, once more."""
FIRST_MS, LONGEST_MS = 10_000, 6 * 3_600_000
"""Before the second attempt, and between any two: twice as long each time, less a random part of up to a half."""


class Attempts:
    """Ends attempts of jobs that failed, in the transaction of what goes with it."""

    def __init__(self, clock: Callable[[], datetime], chance: Callable[[], float] = random.random) -> None:
        """`chance` is from 0 to 1, anew each time."""
        self._clock, self._chance = clock, chance

    def failed(self, jobs: Jobs, job: Job, why: str, after: float = 0.0) -> bool:
        """Have it tried again, but not before so many seconds (a Retry-After); False where it is given up.

        `why` names no person. Problem(CONFLICT) for whoever does not hold it any more.
        """
        now, stands = self._now(), jobs.named(job.kind, job.key) or job
        since = stands.failing_ms if stands.attempts > 1 else None  # else the last time, it was done but for something
        if since is not None and now - since >= DAY_MS:
            self.given_up(jobs, job, why)
            return False
        wait = min(FIRST_MS * 2 ** min(max(stands.attempts, 1) - 1, 20), LONGEST_MS) * (1 - self._chance() / 2)
        jobs.fail(job, now + max(int(wait), int(after * 1000)), why, now)
        return True

    def given_up(self, jobs: Jobs, job: Job, why: str) -> None:
        """Have it rest until staff replay it."""
        jobs.fail(job, RESTS, why, self._now())

    def faulted(self, jobs: Jobs, job: Job, fault: Fault) -> bool:
        """The same, as the fault says; False where it is given up."""
        if fault.again:
            return self.failed(jobs, job, fault.message, fault.after or 0.0)
        self.given_up(jobs, job, fault.message)
        return False

    def _now(self) -> int:
        return milliseconds(self._clock())
