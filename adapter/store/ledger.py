"""The ledger of disclosures: a row for each answer that leaves, on the disk before its first byte goes.

42 CFR 2.25, 2.24 and 2.16(b). Rows are added and never changed; those that wait are committed together, and the chain
of their digests (`chain`) shows what was done to them since.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from threading import Lock
from time import monotonic
from typing import NamedTuple, Protocol

from adapter.fhir.dates import milliseconds
from adapter.problems import Kind, Problem
from adapter.store.chain import EMPTY, Batch, Head, batch
from adapter.store.database import Database, Row
from adapter.store.disclosure import Disclosure, Entry, entry
from adapter.store.group import Group, Outcome
from adapter.store.statements import statement

log = logging.getLogger(__name__)

IDLE = 60.0
"""Seconds without a disclosure after which the writer looks around."""

FEW, LINES = 256, 4
"""Most rows in a commit by the thread that asks for it, where so many lines of what one lists count as one more."""

PROMPT, SHARE = 0.005, 20
"""Seconds after which such a commit was slow, and how many times as long as it took all go by the writer then: a loop
waits for a disk that is so slow no more than a twentieth of its time."""

_LISTED = 2
"""Where a row of what was shown says how many lines it lists."""


class Hand(Protocol):
    """A connection that appends."""

    @property
    def failures(self) -> type[Exception]:
        """What its statements raise."""

    def begin(self) -> Database:
        """The connection, in a transaction, alone on the ledger."""

    def give_up(self) -> None:
        """Undo the transaction, if there is one."""


class Place(Hand, Protocol):
    """Where a ledger is kept, with the hand of its writer, which waits for who else is at it."""

    @property
    def prompt(self) -> Hand | None:
        """One that waits for nobody; None where what it says travels."""

    def reading(self) -> AbstractContextManager[Database]:
        """A connection by itself, for one moment's state; what the database says no to is a Problem."""

    def problem_of(self, error: Exception) -> Problem:
        """What a failure means."""

    def rest(self, commits: int) -> None:
        """What nobody waits for, after so many commits in all."""

    def close(self) -> None:
        """Let go of it."""


class Remark(NamedTuple):
    """The recipient of a disclosure went away before the end of the answer."""

    n: int


@dataclass(frozen=True, slots=True)
class Together:
    """Disclosures that are waited for as one."""

    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was refused, as rows without batch and number."""

    rows: Sequence[Row]


Item = Entry | Remark | Refusals


class Ledger(Group[Item | Together]):
    """Appends for one process; several may append to one place that lets them."""

    def __init__(self, place: Place, clock: Callable[[], datetime]) -> None:
        super().__init__("ledger", IDLE)
        self._place = place
        self._clock = clock
        self._failing = False
        self._one_hand = Lock()
        self._at_work, self._patient_until = False, 0.0
        self.start()

    def write(self, disclosure: Disclosure) -> Future[int]:
        """Its position, once it is on the disk; only then may a byte of it leave.

        The future fails with Problem(BUSY) when the ledger cannot be written; a later one may succeed. ValueError for a
        patient named twice.
        """
        return self._enqueue(entry(disclosure))

    def write_together(self, entries: Sequence[Entry]) -> Future[list[int]]:
        """The same for all of these: one answer for all, so that whoever waits for many is woken once."""
        return self._enqueue(Together(entries))

    def write_here(self, entries: Sequence[Entry]) -> Future[list[int]]:
        """The same, by the thread that asks, where that takes less time than to wake another: few rows, nobody else at
        the ledger, a disk that syncs at once. The future is then done."""
        hand, busy = self._place.prompt, self._at_work or self.waiting or monotonic() < self._patient_until
        if hand is None or busy or not self._one_hand.acquire(False):
            return self.write_together(entries)
        try:
            done = self._at_once(hand, entries) if self._open and _rows(entries) <= FEW else None
        finally:
            self._one_hand.release()
        if done is None:
            return self.write_together(entries)
        self._resting()
        return done

    def _at_once(self, hand: Hand, entries: Sequence[Entry]) -> Future[list[int]] | None:
        """None where it cannot begin, because somebody else is at it, say: the writer waits, or says why not."""
        begun = monotonic()
        try:
            positions, error = _of_all(self._appended(hand, hand.begin(), entries))
        except hand.failures:
            return None
        except BaseException as failure:
            log.error("who asked could not write to the ledger: %s", type(failure).__name__)
            hand.give_up()
            raise
        finally:
            took = monotonic() - begun
            self._patient_until = begun + took * (1 + SHARE) if took > PROMPT else 0.0
        done: Future[list[int]] = Future()
        done.set_exception(error) if error else done.set_result(positions)
        return done

    def interrupted(self, n: int) -> Future[None]:
        """Remark that the recipient of disclosure `n` went away before the end; its row stays as it is."""
        return self._enqueue(Remark(n))

    def refuse(self, rows: Sequence[Row]) -> Future[None]:
        """Write down what was refused; nobody waits for that."""
        return self._enqueue(Refusals(rows))

    def reading(self) -> AbstractContextManager[Database]:
        """A connection for `reports` and `inspection`, of one moment's state."""
        return self._place.reading()

    def head(self) -> Head:
        """How far it has come."""
        with self.reading() as database:
            return head(database)

    def _commit(self, items: Sequence[Item | Together]) -> list[Outcome]:
        parts = [item.entries if isinstance(item, Together) else (item,) for item in items]
        outcomes = iter(self._written(list(chain.from_iterable(parts))))
        return [
            _of_all([next(outcomes) for _ in part]) if isinstance(item, Together) else next(outcomes)
            for item, part in zip(items, parts, strict=True)
        ]

    def _written(self, items: Sequence[Item]) -> list[Outcome]:
        place, self._at_work = self._place, True  # nobody else begins now, so that it is soon the writer's turn
        try:
            with self._one_hand:
                return self._appended(place, place.begin(), items)
        except place.failures as error:
            place.give_up()
            return [(None, self._told(error)) for _ in items]
        finally:
            self._at_work = False

    def _appended(self, hand: Hand, database: Database, items: Sequence[Item]) -> list[Outcome]:
        made = None
        try:
            before = head(database)
            made = _batch(before, items, max(before.at_ms, milliseconds(self._clock())))
            _append(database, made)
        except hand.failures as error:
            hand.give_up()
            if made is None or not self._is_there(hand, made.head):
                return [(None, self._told(error)) for _ in items]
        self._count(len(items))
        return _outcomes(made, items)

    def _count(self, items: int) -> None:
        if self._failing:
            log.warning("the ledger is written again")
        self._failing = False
        self.commits, self.committed = self.commits + 1, self.committed + items

    def _is_there(self, hand: Hand, made: Head) -> bool:
        """Whether a batch was committed although the connection was lost in the middle of it."""
        try:
            with suppress(hand.failures):
                there = hand.begin().execute(statement("ledger_digest"), (made.number,)).fetchone()
                return there is not None and there[0] == made.digest
            return False
        finally:
            hand.give_up()

    def _told(self, error: Exception) -> Problem:
        """Always BUSY: an answer that cannot be recorded is not given, whatever the reason."""
        issue = self._place.problem_of(error).issues[0]
        if not self._failing:
            log.error("the ledger cannot be written (%s); what needs it is answered 503", type(error).__name__)
        self._failing = True
        code = issue.code if issue.code == "no-store" else None
        return Problem(Kind.BUSY, "the disclosure cannot be recorded, so nothing is disclosed; try again", code=code)

    def _give_up(self) -> None:
        self._place.give_up()

    def _rest(self) -> bool:
        self._place.rest(self.commits)
        return False

    def _problem_of(self, error: BaseException) -> BaseException:
        return error

    def _let_go(self) -> None:
        with self._one_hand:
            self._place.close()


def head(database: Database) -> Head:
    """How far a ledger has come."""
    row = database.execute(statement("ledger_head")).fetchone()
    return Head(*row) if row else EMPTY


@contextmanager
def moment(database: Database) -> Iterator[Database]:
    """The state of one moment, which begins now; Problem(NOT_FOUND) where there is no ledger."""
    if not database.schema():
        raise Problem(Kind.NOT_FOUND, "there is no ledger of this store", "IOP_STORE")
    with database.snapshot():
        head(database)
        yield database


@contextmanager
def filling(place: Place) -> Iterator[Database]:
    """All or nothing of a backup's rows, while nobody appends."""
    try:
        database = place.begin()
        yield database
        database.execute("COMMIT")
    except place.failures as error:
        raise place.problem_of(error) from error
    finally:
        place.give_up()


def _batch(before: Head, items: Sequence[Item], at_ms: int) -> Batch:
    entries = [item for item in items if isinstance(item, Entry)]
    numbered = list(enumerate(entries, before.last + 1))
    remarks = sorted({item.n for item in items if isinstance(item, Remark) and 0 < item.n <= before.last})
    return batch(
        before,
        [(n, at_ms, *one.told) for n, one in numbered],
        [[(n, *row) for row in one.shown] for n, one in numbered],
        [(before.number + 1, n) for n in remarks],
        at_ms,
        [row for item in items if isinstance(item, Refusals) for row in item.rows],
    )


def _rows(entries: Iterable[Entry]) -> int:
    return sum(1 + sum(1 + row[_LISTED] // LINES for row in one.shown) for one in entries)


def _of_all(outcomes: Sequence[Outcome]) -> Outcome:
    """They are of one commit: all have a position, or none."""
    error = next((error for _, error in outcomes if error is not None), None)
    return (None, error) if error else ([position for position, _ in outcomes], None)


def _append(database: Database, made: Batch) -> None:
    with database.together(len(made.disclosures) + len(made.shown)):
        database.fill("insert_disclosure", made.disclosures)
        database.fill("insert_shown", made.shown)
        database.fill("insert_interrupted", made.interrupted)
        if made.refused:
            database.executemany(statement("insert_refused"), made.refused)
        database.execute(statement("insert_batch"), made.row())
    database.execute("COMMIT")


def _outcomes(made: Batch, items: Sequence[Item]) -> list[Outcome]:
    positions = iter(range(made.first, made.head.last + 1))
    remarked = {n for _, n in made.interrupted}
    unknown = Problem(Kind.FAULT, "there is no such disclosure to remark on")

    def outcome(item: Item) -> Outcome:
        if isinstance(item, Entry):
            return next(positions), None
        return None, unknown if isinstance(item, Remark) and item.n not in remarked else None

    return list(map(outcome, items))
