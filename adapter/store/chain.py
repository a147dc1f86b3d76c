"""The chain of the ledger: each batch of rows has a digest of itself and of the batch before.

A row that is changed, taken out or moved breaks the digest of its batch, for 42 CFR 2.16(a) and 45 CFR 164.312(c)(1).
Whoever can write to the database can also make a whole chain anew, or cut off its end: that is seen only by comparing
with a head that was noted elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from json import JSONEncoder
from typing import NamedTuple

import orjson

from adapter.store.database import Row

_escaped = JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def line(row: Row) -> bytes:
    """A row as JSON with all escaped that is not ASCII, so that the bytes depend on no version of anything."""
    try:
        told = orjson.dumps(row)  # the same for what is ASCII, in a tenth of the time
    except TypeError:
        return _escaped(row).encode()
    return told if told.isascii() else _escaped(row).encode()


class Head(NamedTuple):
    """How far the ledger has come: its newest batch, the last position, the time, the digest."""

    number: int
    last: int
    at_ms: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


EMPTY = Head(0, 0, 0, "")


def following(before: str, row: Iterable[object]) -> str:
    """The digest of one row that is a batch by itself."""
    digest = blake2b(before.encode("utf-8", "surrogateescape"), digest_size=32)
    digest.update(line(tuple(row)))
    return digest.hexdigest()


class Link:
    """The digest of one batch, of whose rows each is added in order: disclosures, each followed by what it showed of
    whom, then what was interrupted, then what was refused."""

    def __init__(self, before: str) -> None:
        self._digest = blake2b(before.encode("utf-8", "surrogateescape"), digest_size=32)

    def add(self, *row: object) -> None:
        """A row of any table; they differ in length."""
        self._digest.update(line(row) + b"\n")

    def add_told(self, told: Row) -> None:
        """A disclosure; where no network address is known, as it was before there were any."""
        self.add(*(told if told[-1] is not None else told[:-1]))

    def add_shown(self, shown: Row) -> None:
        """What was shown of a patient, without the list, for which its digest stands."""
        self.add(*shown[:-1])

    def close(self, number: int, first: int, last: int, at_ms: int) -> str:
        """The digest, with what the batch says of itself."""
        self.add(number, first, last, at_ms)
        return self._digest.hexdigest()


class Batch(NamedTuple):
    """The rows that are committed together."""

    head: Head
    first: int
    disclosures: list[Row]
    shown: list[Row]
    interrupted: list[Row]
    refused: list[Row]

    def row(self) -> Row:
        """The row of the batch itself."""
        return self.head.number, self.first, self.head.last, self.head.at_ms, self.head.digest


def batch(
    before: Head,
    disclosures: list[Row],
    shown: Iterable[Iterable[Row]],
    interrupted: list[Row],
    at_ms: int,
    refused: Iterable[Row] = (),
) -> Batch:
    """The rows of a batch after `before`; `shown` has the rows of each disclosure."""
    link, listed, number, first = Link(before.digest), [], before.number + 1, before.last + 1
    for disclosure, of_it in zip(disclosures, shown, strict=True):
        link.add_told(disclosure)
        for row in of_it:
            link.add_shown(row)
            listed.append(row)
    counted = [(number, n, *row) for n, row in enumerate(refused, 1)]
    for row in (*interrupted, *counted):
        link.add(*row)
    last = before.last + len(disclosures)
    head = Head(number, last, at_ms, link.close(number, first, last, at_ms))
    return Batch(head, first, disclosures, listed, interrupted, counted)
