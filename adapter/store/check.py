"""Looks a store over: every index row is computed again and compared, every record's versions follow each other.

What is found names records by type and id, never what they hold.
"""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from hashlib import blake2b
from typing import NamedTuple

import orjson

from adapter.fhir.index import Index
from adapter.store.database import Database
from adapter.store.rule_rows import permit_rows, tie_rows
from adapter.store.taken_back import relabelled_all
from adapter.store.version import Version
from adapter.store.version_rows import whole_row

_VERSIONS = (
    "SELECT v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort, v.map, v.concept, v.patients, v.cut,"
    " v.body, v.own, v.until_t, v.present, v.addressees, v.labels, v.rendering FROM version v ORDER BY v.vid"
)
_ROWS = {
    "token": "SELECT vid, parameter, value, sort, from_t, until_t FROM token",
    "moment": "SELECT vid, parameter, sort, low, high, from_t, until_t FROM moment",
    "amount": "SELECT vid, parameter, sort, code, low, high, unit, said, from_t, until_t FROM amount",
    "permit": (
        "SELECT vid, patient, vid, rule, effect, consent, recipient, purpose, type, record, labels, data_from,"
        " data_until, valid_from, valid_until, from_t FROM permit"
    ),
    "tie": "SELECT vid, patient, vid, rule, bond, organization, valid_from, valid_until, from_t FROM tie",
}


class Looked(NamedTuple):
    """What a check has looked at, how many faults it found, and a line for each of the first."""

    versions: int
    rows: int
    found: int
    faults: list[str]


_Key = tuple[str, str, int]
"""(type, id, which rendering)"""


class _Said(NamedTuple):
    """What a version's row says of it besides."""

    until_t: int | None
    present: int
    addressees: str | None
    labels: int
    rendering: int


class _Newest(NamedTuple):
    version: int
    until_t: int | None
    deleted: bool
    unmapped: bool


def check(database: Database, index: Index, most: int = 100) -> Looked:
    """All faults, of which `most` are told. Whoever writes meanwhile is not held up."""
    with database.snapshot():
        return _Check(database, index, most).run()


class _Check:
    """One check: `_sums` tells for each version what is missing or too much among its index rows."""

    def __init__(self, database: Database, index: Index, most: int) -> None:
        self._database = database
        self._index = index
        self._most = most
        self._sums: defaultdict[int, int] = defaultdict(int)
        self._of: dict[int, str] = {}
        self._own: dict[_Key, int] = {}
        self._names: defaultdict[_Key, set[_Key]] = defaultdict(set)
        self._stored: defaultdict[_Key, set[int]] = defaultdict(set)
        self._records: dict[_Key, _Newest] = {}
        self._found = 0
        self._faults: list[str] = []

    def run(self) -> Looked:
        kept = {vid for (vid,) in self._database.walk("SELECT vid FROM superseded")}
        versions, taken = 0, relabelled_all(self._database, self._index)
        for row in self._database.walk(_VERSIONS):
            versions += 1
            version, said = Version(*row[:-5]), _Said(*row[-5:])
            key = version.type, version.id, said.rendering
            self._of[version.vid] = _told(key)
            self._follow(key, version, said.until_t)
            self._stored[key].add(said.labels)
            if not version.deleted:
                self._expect(key, version, said, seen=said.until_t is None or version.vid in kept)
            if version.vid in taken:
                self._own[key] = taken[version.vid]
            if version.own != self._own.get(key):
                self._tell(self._of[version.vid], "its own labels are not those of its text and the versions before it")
        rows = sum(self._subtract(table, sql) for table, sql in _ROWS.items())
        for vid in sorted(vid for vid, left in self._sums.items() if left):
            record = self._of.get(vid, f"version {vid}, which is not there")
            self._tell(record, "its index rows are not of its text")
        self._labels()
        for key, newest in self._records.items():
            if newest.until_t is not None:
                self._tell(_told(key), "it has no newest version")
        self._lists()
        return Looked(versions, rows, self._found, self._faults)

    def _labels(self) -> None:
        """All versions of a record tell of the same: of what it tells itself, and of what those tell that it names."""
        for key, own in self._own.items():
            labels = reduce(self._index.together, (self._own.get(name, 0) for name in self._names[key]), own)
            if self._stored[key] != {labels}:
                self._tell(_told(key), "its versions are not labelled as their texts say")

    def _tell(self, record: str, fault: str) -> None:
        self._found += 1
        if self._found <= self._most:
            self._faults.append(f"{record}: {fault}")

    def _follow(self, key: _Key, version: Version, until_t: int | None) -> None:
        """Each version is one more than the one before, which ended when it began."""
        before = self._records.get(key)
        first = self._index.of(key[2]).first
        if (before.version + 1 if before else first) != version.version or (before and before.until_t != version.t):
            self._tell(self._of[version.vid], f"version {version.version} does not follow the one before it")
        unmapped = version.concept is None and not version.deleted and not key[2]
        self._records[key] = _Newest(version.version, until_t, bool(version.deleted), unmapped)

    def _expect(self, key: _Key, version: Version, said: _Said, *, seen: bool) -> None:
        """Add up what the index should say of a version, if it should say anything."""
        index, until_t = self._index.of(said.rendering), said.until_t
        rows = index.rows(version.type, orjson.loads(version.body))
        own, names, addressees, *_ = rows.labels
        patients = " ".join(index.patients(version.type, version.id, rows))
        if (rows.present, patients, addressees) != (said.present, version.patients, said.addressees):
            self._tell(self._of[version.vid], "its row does not say of it what its text does")
        self._own[key] = index.together(self._own.get(key, own), own)
        self._names[key].update((*name, 0) for name in names)
        if not seen:
            return
        sort, times = version.sort, (version.t, until_t)
        expected: set[tuple[object, ...]] = {
            ("token", number, value, sort, *times) for number, value in (*rows.tokens, whole_row(index, version))
        }
        expected |= {("moment", number, sort, low, high, *times) for number, low, high in rows.dates}
        expected |= {("amount", number, sort, *amount, *times) for number, *amount in rows.amounts}
        if until_t is None:
            expected |= {("permit", *row) for row in permit_rows(version, rows)}
            expected |= {("tie", *row) for row in tie_rows(version, rows)}
        self._sums[version.vid] += sum(map(_hash, expected))

    def _subtract(self, table: str, sql: str) -> int:
        """Take off what it does say; answers how many rows."""
        rows = 0
        for vid, *row in self._database.walk(sql):
            rows += 1
            self._sums[vid] -= _hash((table, *row))
        return rows

    def _lists(self) -> None:
        """What people work from is of records that are there."""
        listed = {(type, id) for type, id in self._database.walk("SELECT type, id FROM unmapped")}
        unmapped = {(type, id) for (type, id, _), newest in self._records.items() if newest.unmapped}
        for type, id in sorted(listed ^ unmapped):
            self._tell(f"{type}/{id}", "it is listed as unmapped and is not, or the reverse")
        for table in ("parked", "pending"):
            for type, id in set(self._database.walk(f"SELECT type, id FROM {table}")):
                newest = self._records.get((type, id, 0))
                if newest is None or newest.deleted:
                    self._tell(f"{type}/{id}", f"it is listed as {table} and is not there")
        for type, id in self._database.walk("SELECT DISTINCT type, id FROM alias"):
            if (type, id, 0) not in self._records:
                self._tell(f"{type}/{id}", "an identifier names it, and it was never there")


def _told(key: _Key) -> str:
    type, id, rendering = key
    return f"{type}/{id}" + (f" (rendering {rendering})" if rendering else "")


def _hash(row: tuple[object, ...]) -> int:
    """A number that stands for a row; those of all rows of a version are added up, in whatever order they come."""
    return int.from_bytes(blake2b(repr(row).encode(), digest_size=16).digest())
