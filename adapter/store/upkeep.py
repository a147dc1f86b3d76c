"""What keeps the index true and small: rebuilding it when what is indexed has changed, and dropping what page links
no longer need."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple

import orjson

from adapter.fhir.index import Index
from adapter.problems import Issue, Kind, Problem
from adapter.store.database import Database, Row
from adapter.store.mentions import spread
from adapter.store.placement import placements
from adapter.store.rule_rows import permit_rows, tie_rows
from adapter.store.statements import statement
from adapter.store.taken_back import relabel_all
from adapter.store.version import Version
from adapter.store.version_rows import whole_row

log = logging.getLogger(__name__)

Code = tuple[str, str, str]
"""(where it is declared, system, code); the system is "" for the code of a primitive element."""

UPKEEPS = 15
"""Times that the store is tidied while a page link lasts, whether anything is written or not."""
_CHUNK = 1000
SLICE = 200
"""Versions whose index rows are dropped at a time, in some ten milliseconds for which the writer's work waits."""


def ready(connection: Database, index: Index, secret: bytes | None, codes: Collection[Code] | None) -> bool:
    """Compare the store with the secret and the maps, where they are given, and index it as this program does; whether
    what others see of its records is still to be made."""
    with connection.alone():
        if secret is not None:
            claim(connection, secret)
        if codes is not None:
            keep_codes(connection, codes)
    rebuild(connection, index)
    return meta(connection, "rendered") != index.hash


def meta(connection: Database, name: str) -> str | None:
    """A value the store remembers about itself."""
    row = connection.execute(statement("meta"), (name,)).fetchone()
    return row[0] if row else None


def digest_of(secret: bytes) -> str:
    """What a store remembers of the secret that derives its ids."""
    return blake2b(secret, person=b"store owner", digest_size=16).hexdigest()


def claim(connection: Database, secret: bytes) -> None:
    """Remember whose secret derives this store's ids, by a digest; Problem(FAULT) for any other one later.

    With another secret every import would make its records a second time, under other ids.
    """
    digest = digest_of(secret)
    known = meta(connection, "secret")
    if known is None:
        connection.execute(statement("set_meta"), ("secret", digest))
    elif known != digest:
        raise Problem(Kind.FAULT, "the key is not the one that this store's ids were derived with", "IOP_SECRET_FILE")


def keep_codes(connection: Database, codes: Collection[Code]) -> None:
    """Remember which codes the maps read; Problem(UNPROCESSABLE) names those that are read no more and are in a record.

    A code in a version of long ago counts: it must still be read there.
    """
    told = orjson.dumps(sorted(codes)).decode()
    before = meta(connection, "codes")
    if before == told:
        return
    lost = [(where, system, code) for where, system, code in orjson.loads(before or "[]")]
    issues = [
        Issue("business-rule", f"{where}: {said} is read no more, and the store's records say it: move it to accept")
        for where, system, code in lost
        for said in [f"{system}|{code}".removeprefix("|")]
        if (where, system, code) not in codes and _is_said(connection, code)
    ]
    if issues:
        raise Problem(Kind.UNPROCESSABLE, "the maps are refused", issues=issues)
    connection.execute(statement("set_meta"), ("codes", told))


def _is_said(connection: Database, code: str) -> bool:
    """Whether any version has the code as a JSON string, in whatever system."""
    return connection.execute(statement("says"), (orjson.dumps(code),)).fetchone() is not None


def rebuild(connection: Database, index: Index, *, anyway: bool = False) -> bool:
    """Make all index rows anew if they were made by another index, or `anyway`; True if so. All or nothing.

    Page links given out before end here, because superseded versions are not indexed again.
    """
    if meta(connection, "index") == index.hash and not anyway:
        return False
    with connection.alone():
        if meta(connection, "index") == index.hash and not anyway:  # another process was quicker
            return False
        for table in ("token", "moment", "amount", "permit", "tie", "superseded", "mention", "placement"):
            connection.execute(f"DELETE FROM {table}")
        for versions in _bodies(connection):
            _reindex(connection, index, versions)
        connection.execute(statement("place_deletions"))
        _label(connection, index)
        connection.execute(statement("set_meta"), ("index", index.hash))
        vid, t, _ = connection.execute(statement("newest")).fetchone()
        connection.execute(statement("set_meta"), ("horizon", str(t)))
        if not vid:  # nothing is there to be seen
            connection.execute(statement("set_meta"), ("rendered", index.hash))
    if vid and not anyway:
        log.warning("the store was indexed anew, by this program and its IOP_ZONE, IOP_POSTURE and IOP_ORGANIZATIONS")
    return True


class Stale(NamedTuple):
    """Versions superseded first of all, and which rendering each is of; `at` (ms) and `until_t` of the last of them,
    which is the oldest logical time that is whole without their index rows."""

    versions: list[tuple[Version, int]]
    at: int
    until_t: int


def stale(connection: Database, before_ms: int) -> Stale | None:
    """A slice of the versions superseded before a time (ms), the first ones first; None when there are none."""
    rows = connection.execute(statement("stale"), {"before": before_ms, "limit": SLICE}).fetchall()
    return Stale([(Version(*row[:-3]), row[-3]) for row in rows], *rows[-1][-2:]) if rows else None


def drop(connection: Database, index: Index, slice: Stale) -> None:
    """Drop the index rows of these versions, and remember the oldest logical time that can still be searched.

    Within a transaction, alone.
    """
    _drop(connection, index, slice.versions)
    connection.execute(statement("drop_superseded"), (slice.at, slice.until_t, slice.versions[-1][0].vid))
    horizon = max(int(meta(connection, "horizon") or 0), slice.until_t)
    connection.execute(statement("set_meta"), ("horizon", str(horizon)))


def _bodies(connection: Database) -> Iterator[list[tuple[Version, bool, int]]]:
    """All versions but deletions, whether each is the newest of its record, and which rendering of it."""
    after = 0
    while True:
        rows = connection.execute(statement("indexed"), {"after": after, "limit": _CHUNK}).fetchall()
        if not rows:
            return
        versions = [(Version(*row[:-2]), bool(row[-2]), row[-1]) for row in rows]
        after = versions[-1][0].vid
        yield versions


def _label(connection: Database, index: Index) -> None:
    """Every version of a record has the sensitivities of all, and of what it names; of its own, those so far."""
    for record in connection.execute(statement("differing_labels")).fetchall():
        versions = connection.execute(statement("labels_of"), tuple(record)).fetchall()
        so_far = list(accumulate((own for _, own in versions), index.together))
        rows = [(own, vid) for own, (vid, _) in zip(so_far, versions, strict=True)]
        connection.executemany(statement("place_labels"), rows)
        connection.execute(statement("raise_labels"), (so_far[-1], *record))
    relabel_all(connection, index)
    spread(connection, index.together)


def _reindex(connection: Database, whole: Index, versions: list[tuple[Version, bool, int]]) -> None:
    tokens, moments, amounts, places, permits, ties, mentions = [], [], [], [], [], [], []
    placed = list[Row]()
    for version, live, rendering in versions:
        index = whole.of(rendering)
        rows = index.rows(version.type, orjson.loads(version.body))
        vid, sort, t = version.vid, version.updated_ms if rows.sort is None else rows.sort, version.t
        whose, told = " ".join(index.patients(version.type, version.id, rows)), rows.labels
        places.append((sort, rows.present, whose, told.own, told.own, told.addressees, vid))
        mentions += [(type, id, version.type, version.id) for type, id in told.names]
        placed += placements(version._replace(patients=whose), told) if index.by_episode else []
        if live:
            tokens += [(number, value, sort, vid, t) for number, value in (*rows.tokens, whole_row(index, version))]
            moments += [(number, sort, vid, low, high, t) for number, low, high in rows.dates]
            amounts += [(number, sort, vid, *amount, t) for number, *amount in rows.amounts]
            permits += permit_rows(version, rows)
            ties += tie_rows(version, rows)
    connection.executemany(statement("place_version"), places)
    connection.fill("insert_token", sorted(tokens))
    connection.fill("insert_moment", moments)
    connection.fill("insert_amount", amounts)
    connection.fill("insert_permit", permits)
    connection.fill("insert_tie", ties)
    connection.fill("insert_mention", mentions)
    connection.fill("insert_placement", placed)


def _drop(connection: Database, whole: Index, versions: Iterable[tuple[Version, int]]) -> None:
    tokens, moments, amounts = [], [], []
    for version, rendering in versions:
        index = whole.of(rendering)
        rows, at = index.rows(version.type, orjson.loads(version.body)), (version.sort, version.vid)
        tokens += [(number, value, *at) for number, value in (*rows.tokens, whole_row(index, version))]
        moments += [(number, *at) for number in {number for number, _, _ in rows.dates}]
        amounts += [(number, *at) for number in {number for number, *_ in rows.amounts}]
    for name, found in (("drop_token", tokens), ("drop_moment", moments), ("drop_amount", amounts)):
        connection.executemany(statement(name), found)
