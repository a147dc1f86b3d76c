"""Looks a ledger over: recomputes the chain, and finds rows that are missing, too many, changed or moved.

45 CFR 164.312(c)(1) and (b). What is found names positions and batches, never whom or what they tell of. An end that
was cut off with its batches is found only with a head that was noted elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from adapter.store.chain import EMPTY, Head, Link
from adapter.store.database import Database, Row
from adapter.store.disclosure import list_digest
from adapter.store.pages import pages

MOST = 100
"""Faults that are told."""


class Inspected(NamedTuple):
    """Disclosures and batches looked at, the head, how many faults were found, and a line for each of the first."""

    disclosures: int
    batches: int
    head: Head
    found: int
    faults: list[str]


class Noted(NamedTuple):
    """A head that was noted elsewhere: the number of a batch and its digest."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


def inspect(database: Database, noted: Noted | None = None) -> Inspected:
    """All faults of a ledger, of which the first are told; the database shows the state of one moment."""
    return _Inspection(database, noted).run()


def noted(text: str) -> Noted:
    """A head as it is printed, `NUMBER:DIGEST`; ValueError for anything else."""
    number, _, digest = text.partition(":")
    if len(digest) != 64 or not number.isdecimal():
        raise ValueError("a head is NUMBER:DIGEST, as check-ledger prints it")
    return Noted(int(number), digest)


class _Rows:
    """Rows in order, taken up to a key in the first column."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.next = next(rows, None)

    def until(self, key: float) -> Iterator[Row]:
        """The next rows, as long as their first column is not beyond the key."""
        while self.next is not None and self.next[0] <= key:
            row, self.next = self.next, next(self._rows, None)
            yield row


class _Inspection:
    def __init__(self, database: Database, noted: Noted | None) -> None:
        self._database = database
        self._noted = noted
        self._batches = pages(database, "ledger_batches", {"number": 0})
        self._disclosures = _Rows(pages(database, "ledger_disclosures", {"n": -(2**62)}))
        self._shown = _Rows(pages(database, "ledger_shown", {"n": -(2**62), "patient": ""}))
        self._interrupted = _Rows(pages(database, "ledger_interrupted", {"batch": -(2**62), "n": 0}))
        self._refused = _Rows(pages(database, "ledger_refused", {"batch": -(2**62), "n": 0}))
        self._read = self._found = 0
        self._faults: list[str] = []

    def run(self) -> Inspected:
        if damage := self._database.damage():
            # Its first line, which names a table or page; a chain of what cannot be read right tells nothing.
            self._tell(f"the file is damaged: {damage.strip().splitlines()[0]}")
            return Inspected(0, 0, EMPTY, self._found, self._faults)
        before, batches = EMPTY, 0
        for number, first, last, at_ms, digest in self._batches:
            batches += 1
            self._order(before, number, first, last, at_ms)
            if self._link(before, number, first, last, at_ms) != digest:
                self._tell(f"batch {number} (disclosures {first} to {last}): its digest is not that of its rows")
            before = Head(number, last, at_ms, digest)
            self._compare(before)
        for n, *_ in self._disclosures.until(float("inf")):
            self._read += 1
            self._tell(f"disclosure {n}: it is in no batch")
            self._list(Link(""), n)
        self._tail(before)
        return Inspected(self._read, batches, before, self._found, self._faults)

    def _tell(self, fault: str) -> None:
        self._found += 1
        if self._found <= MOST:
            self._faults.append(fault)

    def _order(self, before: Head, number: int, first: int, last: int, at_ms: int) -> None:
        """Each batch goes on where the one before ended."""
        if number != before.number + 1:
            self._tell(f"batch {before.number + 1}: it is missing, the next one there is {number}")
        if first != before.last + 1 or last < first - 1:
            self._tell(f"batch {number}: disclosures {first} to {last} do not follow {before.last}")
        if at_ms < before.at_ms:
            self._tell(f"batch {number}: it is older than the one before")

    def _link(self, before: Head, number: int, first: int, last: int, at_ms: int) -> str:
        """The digest of a batch as its rows are now."""
        link, expected = Link(before.digest), first
        for row in self._disclosures.until(last):
            self._read += 1
            if row[0] != expected:
                self._tell(f"disclosure {row[0]}: {expected} should stand here")
            expected = row[0] + 1
            link.add_told(row)
            self._list(link, row[0])
        if expected != last + 1:
            self._tell(f"disclosure {expected}: it is missing from the end of batch {number}")
        for row in (*self._interrupted.until(number), *self._refused.until(number)):
            link.add(*row)
        return link.close(number, first, last, at_ms)

    def _list(self, link: Link, n: int) -> None:
        """What was shown in one disclosure."""
        for row in self._shown.until(n):
            if row[0] != n:
                self._tell(f"disclosure {row[0]}: it is missing, and what it showed is there")
            if list_digest(row[-1]) != row[-2]:
                self._tell(f"disclosure {n}: a list of what it showed is changed")
            link.add_shown(row)

    def _compare(self, head: Head) -> None:
        if self._noted is not None and self._noted.number == head.number and self._noted.digest != head.digest:
            self._tell(f"batch {head.number}: its digest is not the one that was noted")

    def _tail(self, head: Head) -> None:
        """What is behind the last batch, and what should be there."""
        for n, *_ in self._shown.until(float("inf")):
            self._tell(f"disclosure {n}: it is missing, and what it showed is there")
        for number, n in self._interrupted.until(float("inf")):
            self._tell(f"disclosure {n}: it was interrupted in batch {number}, which is missing")
        for number, n, *_ in self._refused.until(float("inf")):
            self._tell(f"refusal {n} of batch {number}: its batch is missing")
        if self._noted is not None and self._noted.number > head.number:
            self._tell(f"batch {self._noted.number}: it was noted and is missing: the end was cut off")
