"""The one thread that writes to a store: all work that waits is one transaction, each piece of it whole or undone.

https://sqlite.org/lang_savepoint.html, https://www.postgresql.org/docs/15/sql-savepoint.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from adapter.fhir.dates import milliseconds
from adapter.problems import Problem
from adapter.store.database import Database
from adapter.store.group import Group, Outcome
from adapter.store.transaction import Transaction
from adapter.store.version_rows import Position

Work = Callable[[Transaction], Any]
Begin = Callable[[Position], Transaction]


class Job(NamedTuple):
    """A piece of work; one that is a rehearsal is undone when it is done."""

    work: Work
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


class Writer(Group[Job]):
    """Owns the writing connection once started.

    `begin` makes the transaction of a piece of work; `committed` hears of each commit before its futures are resolved,
    and `rest` is called after them and every `idle` seconds without work, for what nobody waits for; it gets the time
    (ms) and answers whether it wants to go on as soon as no work waits.
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
        super().__init__("store", idle)
        self._writing = writing
        self._latest_ms = 0
        self._clock = clock
        self._begin = begin
        self._committed = committed
        self._rest_at = rest

    def submit(self, work: Work, *, rehearsal: bool = False) -> Future[Any]:
        """Queue a piece of work; Problem(BUSY) once closed."""
        return self._enqueue(Job(work, rehearsal))

    def _let_go(self) -> None:
        self._writing.close()

    def _rest(self) -> bool:
        return self._rest_at(self._now_ms())

    def _now_ms(self) -> int:
        """The time; a clock that was set back must not make a later version look older."""
        return max(self._latest_ms, milliseconds(self._clock()))

    def _commit(self, jobs: Sequence[Job]) -> list[Outcome]:
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

    def _problem_of(self, error: BaseException) -> BaseException:
        return self._writing.problem_of(error) if isinstance(error, self._writing.failures) else error


def _undo(database: Database) -> None:
    database.execute("ROLLBACK TO work")
    database.execute("RELEASE work")


def _cause(error: BaseException | None, failures: type[Exception]) -> Exception:
    """Why the database gave up the whole transaction: some errors, a full disk among them, make it do so."""
    return error if isinstance(error, (Problem, failures)) else failures("the transaction was given up")
