"""The one thread that writes: takes all work that waits, commits it together, and only then says it is done.

A group costs one fsync, so many small writes are as durable as one and nearly as cheap as none.
https://sqlite.org/wal.html#performance_considerations
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, Protocol

from adapter.fhir.dates import milliseconds
from adapter.problems import Kind, Problem
from adapter.store.database import Database
from adapter.store.transaction import Position, Transaction

log = logging.getLogger(__name__)

GROUP = 256
"""Most pieces of work in one commit."""

Work = Callable[[Transaction], Any]
Begin = Callable[[Position], Transaction]
Outcome = tuple[Any, BaseException | None]


class Job(NamedTuple):
    """A piece of work and the future that waits for it; one that is a rehearsal is undone when it is done."""

    work: Work
    future: Future[Any]
    rehearsal: bool = False


class Writing(Protocol):
    """How a database is written to."""

    @property
    def failures(self) -> type[Exception]:
        """What its statements raise."""

    @property
    def database(self) -> Database:
        """The connection that transactions are run on."""

    def begin(self) -> Position:
        """Open a transaction, alone on the database; answers how far the store has come."""

    def end(self, position: Position) -> None:
        """Commit it: the store has come so far. What it raises says that nothing was committed."""

    def problem_of(self, error: Exception) -> Problem:
        """What to tell those whose work failed."""

    def close(self) -> None:
        """Let go of the connection."""


class Writer:
    """Owns the writing connection once started.

    `begin` makes the transaction of a piece of work; `committed` hears of each commit before its futures are resolved,
    and `rest` is called after them and every `idle` seconds without work, for what nobody waits for; it gets the time
    (ms) and answers whether it wants to go on as soon as no work waits. Its failures are logged.
    """

    def __init__(
        self,
        writing: Writing,
        clock: Callable[[], datetime],
        begin: Begin,
        committed: Callable[[Position], None],
        rest: Callable[[int], bool],
        idle: float,
    ) -> None:
        self._writing = writing
        self._latest_ms = 0
        self._clock = clock
        self._begin = begin
        self._committed = committed
        self._rest = rest
        self._idle = idle
        self._more = False
        self.commits = self.committed = 0
        """Commits since the start, and the pieces of work in them."""
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="store writer", daemon=True)
        self._open = True

    @property
    def alive(self) -> bool:
        """Whether it takes work."""
        return self._open and self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How much work waits."""
        return self._queue.qsize()

    def start(self) -> None:
        """Begin to take work."""
        self._thread.start()

    def submit(self, work: Work, *, rehearsal: bool = False) -> Future[Any]:
        """Queue a piece of work; Problem(BUSY) once closed."""
        if not self._open:
            raise Problem(Kind.BUSY, "the store is closed")
        future: Future[Any] = Future()
        self._queue.put(Job(work, future, rehearsal))
        return future

    def close(self) -> None:
        """Finish what waits, then stop; harmless when called twice."""
        if self._open:
            self._open = False
            self._queue.put(None)
            self._thread.join()
            self._writing.close()

    def _run(self) -> None:
        going = True
        while going:
            going, jobs = self._take()
            if jobs:
                self._settle(jobs, self._committing(jobs))
            self._more = going and self._resting()

    def _resting(self) -> bool:
        """Do a part of what nobody waits for; whatever fails in it must not stop the writer."""
        try:
            return self._rest(self._now_ms())
        except Exception as error:
            # The kind of error only: its message may quote a record.
            log.error("upkeep of the store failed: %s", type(error).__name__)
            return False

    def _now_ms(self) -> int:
        """The time; a clock that was set back must not make a later version look older."""
        return max(self._latest_ms, milliseconds(self._clock()))

    def _take(self) -> tuple[bool, list[Job]]:
        """Wait for work, not for ever, then take all that is there; False when asked to stop."""
        jobs: list[Job] = []
        try:
            item = self._queue.get(timeout=0 if self._more else self._idle)
            while item is not None:
                if item.future.set_running_or_notify_cancel():
                    jobs.append(item)
                if len(jobs) == GROUP:
                    return True, jobs
                item = self._queue.get_nowait()
        except Empty:
            return True, jobs
        return False, jobs

    def _committing(self, jobs: list[Job]) -> list[Outcome]:
        """The outcomes of the jobs, also when something fails that no job did: nobody may wait for ever."""
        try:
            return self._commit(jobs)
        except Exception as error:
            log.error("the writer of the store failed: %s", type(error).__name__)
            self._give_up()
            return [(None, error) for _ in jobs]

    def _commit(self, jobs: Iterable[Job]) -> list[Outcome]:
        """Run the jobs in one transaction; when that fails, none of them has happened."""
        outcomes = []
        try:
            position = self._writing.begin()
            for job in jobs:
                outcome, position = self._try(job, position)
                outcomes.append(outcome)
                if not self._writing.database.in_transaction:
                    raise _cause(outcome[1], self._writing.failures)
            self._writing.end(position)
            self.commits, self.committed = self.commits + 1, self.committed + len(outcomes)
        except (Problem, self._writing.failures) as error:
            problem = error if isinstance(error, Problem) else self._writing.problem_of(error)
            self._give_up()
            return [(None, problem) for _ in jobs]
        self._latest_ms = position.now_ms
        self._committed(position)
        return outcomes

    def _give_up(self) -> None:
        """Undo all; where that fails too, the database has done so, or has gone."""
        with suppress(self._writing.failures):
            if self._writing.database.in_transaction:
                self._writing.database.execute("ROLLBACK")

    def _try(self, job: Job, position: Position) -> tuple[Outcome, Position]:
        """Run one job; its failure undoes only what it did."""
        database = self._writing.database
        database.execute("SAVEPOINT work")
        try:
            transaction = self._begin(position._replace(now_ms=max(position.now_ms, self._now_ms())))
            result = job.work(transaction)
            transaction.flush()
            if job.rehearsal:
                _undo(database)
                return (result, None), position
        except BaseException as error:
            if database.in_transaction:
                _undo(database)
            return (None, error), position
        database.execute("RELEASE work")
        return (result, None), transaction.position() if transaction.changed else position

    def _settle(self, jobs: Iterable[Job], outcomes: Iterable[Outcome]) -> None:
        for job, (result, error) in zip(jobs, outcomes, strict=True):
            if isinstance(error, self._writing.failures):
                error = self._writing.problem_of(error)
            if error is None:
                job.future.set_result(result)
            else:
                job.future.set_exception(error)


def _undo(database: Database) -> None:
    database.execute("ROLLBACK TO work")
    database.execute("RELEASE work")


def _cause(error: BaseException | None, failures: type[Exception]) -> Exception:
    """Why the database gave up the whole transaction: some errors, a full disk among them, make it do so."""
    return error if isinstance(error, (Problem, failures)) else failures("the transaction was given up")
