"""Long work as rows: whoever claims a job holds it for a time, and what he does after that time is refused.

A job is due again whenever it is asked for, so its key is what order is kept by: all notifications of a subscription
are one job, one export is another. Claims go through the store's writer, which is alone on either database.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import orjson

from adapter.problems import Kind, Problem
from adapter.rules import END
from adapter.store.database import Database
from adapter.store.statements import statement

RESTS = END
"""When a job is due that waits to be asked for."""


class Job(NamedTuple):
    """A job; of a claimed one `at_ms` is when the lease ends, `attempts` counts the claim and those before it since one
    ended well, `failure` is why the last one did not, `failing_ms` since when that is so. Of the jobs of one `lane` one
    is held at a time, in the order in which they are due."""

    kind: str
    key: str
    payload: str
    at_ms: int
    asked: int
    attempts: int
    token: int
    holder: str | None
    failure: str | None
    lane: str | None = None
    failing_ms: int | None = None


class End(NamedTuple):
    """How a job ended: a `remark` stands in the place of a failure, and where something is still lacking staff see it
    among what fails; `payload` takes the place of the one that there is."""

    remark: str | None = None
    lacks: bool = False
    payload: str | None = None


WELL = End()
"""With nothing to be said."""


class Jobs:
    """Questions and changes on one connection, within the transaction of what they go with. Times are ms since 1970."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, kind: str, key: str, due_ms: int, payload: str = "", lane: str | None = None) -> None:
        """Have it done from then on. One that is held is done once more afterwards; one that has failed is not done
        sooner for that. Without a payload it keeps the one that it has."""
        values = {"kind": kind, "key": key, "payload": payload, "due": due_ms, "lane": lane}
        self._database.execute(statement("ask_job"), values)

    def renew(self, kind: str, key: str, now_ms: int) -> None:
        """Have it done now, as if it had never failed."""
        self._database.execute(statement("renew_job"), {"kind": kind, "key": key, "now": now_ms})

    def wake(self, lane: str, now_ms: int) -> None:
        """The same for all of a lane that have failed, or ended with a remark."""
        self._database.execute(statement("wake_jobs"), {"lane": lane, "now": now_ms})

    def rest(self, kind: str, lane: str, now_ms: int) -> None:
        """Have those of a kind that are due later, and have not failed, wait until they are asked for."""
        values = {"kind": kind, "lane": lane, "now": now_ms, "rests": RESTS}
        self._database.execute(statement("rest_jobs"), values)

    def drop(self, kind: str, key: str) -> None:
        """Forget it; whoever holds it will be refused."""
        self._database.execute(statement("drop_job"), {"kind": kind, "key": key})

    def named(self, kind: str, key: str) -> Job | None:
        """How it stands."""
        row = self._database.execute(statement("job"), {"kind": kind, "key": key}).fetchone()
        return Job(*row) if row else None

    def failing(self, kinds: Collection[str], after: tuple[str, str], limit: int) -> list[Job]:
        """Those of these kinds that fail, by kind and key, behind one of them; those that rest are given up."""
        asked = {"kind": after[0], "key": after[1], "kinds": _listed(kinds), "limit": limit}
        return [Job(*row) for row in self._database.execute(statement("jobs_failing"), asked)]

    def of_lane(self, lane: str) -> list[Job]:
        """All of a lane, in the order in which they are due."""
        return [Job(*row) for row in self._database.execute(statement("jobs_of_lane"), {"lane": lane})]

    def any_due(self, now_ms: int) -> bool:
        """Whether there may be something to claim: the question that is asked again and again."""
        return self._database.execute(statement("any_job_due"), {"now": now_ms}).fetchone() is not None

    def claim(self, kinds: Collection[str], holder: str, now_ms: int, until_ms: int, most: int) -> list[Job]:
        """So many jobs of these kinds that are due, or whose lease has ended, held until then."""
        asked = {"now": now_ms, "kinds": _listed(kinds), "most": most}
        claimed = []
        for kind, key in self._database.execute(statement("jobs_due"), asked).fetchall():
            self._database.execute(
                statement("claim_job"), {"kind": kind, "key": key, "holder": holder, "until": until_ms}
            )
            job = self.named(kind, key)
            assert job is not None
            claimed.append(job)
        return claimed

    def extend(self, job: Job, until_ms: int) -> None:
        """Hold it longer. This, and what follows, is Problem(CONFLICT) for a claim that is not the newest any more:
        said in the transaction of what was done under it, nothing of that is kept."""
        self._held("extend_job", job, until=until_ms)

    def free(self, now_ms: int) -> None:
        """Let go of all that is held, where nobody can hold it any more."""
        self._database.execute(statement("free_jobs"), {"now": now_ms})

    def finish(self, job: Job, now_ms: int, due_ms: int = RESTS, end: End = WELL) -> None:
        """It has ended, and is due again then, or now if it was asked for meanwhile."""
        said = {"failure": end.remark, "lacks": int(end.lacks), "kept": end.payload}
        self._held("finish_job", job, asked=job.asked, now=now_ms, due=due_ms, **said)

    def moved(self, job: Job) -> None:
        """Something of it was done: what failed before is over, and does not count for what may fail next."""
        if job.attempts > 1 or job.failing_ms is not None:
            self._held("moved_job", job)

    def fail(self, job: Job, due_ms: int, failure: str, now_ms: int) -> None:
        """It did not, for a reason that names no person; it is due again then (`RESTS`: it is given up)."""
        self._held("fail_job", job, due=due_ms, failure=failure, now=now_ms)

    def release(self, job: Job, now_ms: int) -> None:
        """Let somebody else do it: this attempt does not count."""
        self._held("release_job", job, now=now_ms)

    def _held(self, name: str, job: Job, **values: object) -> None:
        claim = {"kind": job.kind, "key": job.key, "token": job.token}
        if not self._database.execute(statement(name), {**claim, **values}).rowcount:
            raise Problem(Kind.CONFLICT, f"somebody else has claimed the {job.kind} job since, or it is gone")


def _listed(kinds: Collection[str]) -> str:
    return orjson.dumps(sorted(kinds)).decode()
