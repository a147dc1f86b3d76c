"""All that a reader may see of a type at one time, a stretch of the store at a time, so that little is held.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson

from adapter.fhir.dates import milliseconds
from adapter.fhir.query import Query
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.rules import END
from adapter.store.composer import Composer
from adapter.store.database import Database
from adapter.store.database import Found as Rows
from adapter.store.history import first_since
from adapter.store.jobs import Jobs
from adapter.store.statements import narrowed, statement
from adapter.store.store import Store
from adapter.store.transaction import Transaction
from adapter.store.version import Line, Version

STRETCH = 2_000
"""Versions of a stretch, hidden ones among them: what one statement may have to look at."""
BYTES = 8 << 20
"""And of their texts together, unless it is one alone: two such are held while a file goes out, each with its lines."""

DELETIONS = 500
"""Deletions that are told of together."""


_LINE = "v.vid, v.type, v.id, v.version, v.patients, v.cut, v.body, v.own"
"""Of a million lines no more is taken than is needed."""
_VERSION = """
    v.vid, v.type, v.id, v.version, v.updated, v.t, v.deleted, v.sort,
    v.map, v.concept, v.patients, v.cut, v.body, v.own, NULL
"""


class Stretch(NamedTuple):
    """Records of a type whose numbers are above `after` and at most `last`."""

    type: str
    after: int
    last: int


class Part(NamedTuple):
    """A stretch of a file as it was found first: its bytes, and their digest."""

    after: int
    last: int
    size: int
    digest: str


class Found(NamedTuple):
    """A file as it was found; whether there is another beside it, with what of it could not be printed."""

    file: Stretch
    parts: tuple[Part, ...] = ()
    failed: bool = False


class Chosen(NamedTuple):
    """What matches a search; what a match is linked with is of all that its `reader` may see."""

    query: Query
    reader: Predicate


def stretches(store: Store, type: str, after: int = 0, last: int = END) -> Iterator[Stretch]:
    """Those that a type consists of, between two numbers, in order."""
    while after < last and (end := _end(store, type, after)) is not None:
        yield Stretch(type, after, min(end, last))
        after = end


def _end(store: Store, type: str, after: int) -> int | None:
    """Where the stretch behind a number ends, which is half as long as often as it must be; None behind the last."""
    limit = STRETCH
    with store.asking() as database:
        while True:
            values = {"type": type, "after": after, "limit": limit}
            found: tuple[int | None, int] = database.execute(statement("stretch"), values).fetchone()
            if found[0] is None or found[1] <= BYTES or limit == 1:
                return found[0]
            limit //= 2


def exported(store: Store, predicate: Predicate, stretch: Stretch, t: int, chosen: Chosen | None = None) -> list[Line]:
    """The live records of a stretch at a time, of those that the predicate permits, and that match.

    Problem(GONE) where what a match hangs on is not there any more for that time.
    """
    with store.asking() as database:
        found = [*map(Line._make, _rows(database, store, predicate, stretch, t, chosen, _LINE))]
        if chosen is not None and not store.indexed(database, t):
            raise Problem(Kind.GONE, "what it is filtered by has been indexed anew since; ask for another export")
        return found


def _rows(
    database: Database,
    store: Store,
    predicate: Predicate,
    stretch: Stretch,
    t: int,
    chosen: Chosen | None,
    columns: str,
) -> Rows:
    sql = narrowed("exported", predicate).replace("{columns}", columns)
    values = {**predicate.parameters, **stretch._asdict(), "t": t, "c_t": t}
    if chosen is None:
        return database.execute(sql.replace("{chosen}", "TRUE"), values)
    composer = Composer(database, store.index.of(predicate.rendering), chosen.reader, chosen.query, t)
    condition = composer.condition()
    return database.execute(sql.replace("{chosen}", condition), {**composer.values, **values})


def whole(store: Store, predicate: Predicate, type: str, t: int) -> Iterator[Version]:
    """All of a type."""
    for stretch in stretches(store, type):
        with store.asking() as database:
            found = [*map(Version._make, _rows(database, store, predicate, stretch, t, None, _VERSION))]
        yield from found


def deleted_stretches(store: Store, types: Sequence[str], after: int, since_ms: int) -> Iterator[Stretch]:
    """Where the deletions of some types are that were made since then, behind a number, in order."""
    with store.asking() as database:
        last = database.execute(statement("newest")).fetchone()[0]
        after = max(after, first_since(database, since_ms, last)[0] - 1)
    said = {"types": orjson.dumps(list(types)).decode(), "last": last, "limit": DELETIONS}
    while True:
        with store.asking() as database:
            end = database.execute(statement("deleted_stretch"), {**said, "after": after}).fetchone()[0]
        if end is None:
            return
        yield Stretch("", after, end)
        after = end


def deleted(
    store: Store, predicate: Predicate, types: Sequence[str], stretch: Stretch, since_ms: int, t: int
) -> list[Version]:
    """The records of some types that stand deleted at a time, by the deletions of a stretch that were made since then,
    of those that the predicate permits."""
    said = {"types": orjson.dumps(list(types)).decode(), "since": since_ms, "t": t, "c_t": t}
    values = {**predicate.parameters, **said, "after": stretch.after, "last": stretch.last}
    with store.asking() as database:
        return [Version(*row) for row in database.execute(narrowed("deleted", predicate), values)]


def whose(store: Store, versions: Iterable[Version]) -> dict[str, list[str]]:
    """The records of some versions, `Type/id`, by each patient that they were ever about: since two persons are one,
    those of one of them were the other's."""
    found: dict[str, list[str]] = defaultdict(list)
    with store.asking() as database:
        for one in versions:
            rows = database.execute(statement("patients_of"), (one.type, one.id)).fetchall()
            for patient in sorted({patient for (patients,) in rows for patient in patients.split()}):
                found[patient].append(f"{one.type}/{one.id}")
    return found


class Before(NamedTuple):
    """How it was before a moment: the newest logical time, and of whom a consent has been written since."""

    t: int
    anew: list[str]


def before(store: Store, ms: int) -> Before:
    """How it was before what was written then or later."""
    with store.asking() as database:
        last, t, _ = database.execute(statement("newest")).fetchone()
        first, following = first_since(database, ms, last)
        rows = database.execute(statement("consents_since"), {"first": first}).fetchall()
    return Before(min(following - 1, t), [patients for (patients,) in rows])


EXPORT = "export"
"""The kind of the jobs that find out where the files of an export begin and end; the key is its id."""


PLACES = ("Group/$export", "Patient/$export")
"""Stand for a type where one is told of: behind them its id, as in the address that tells how it stands."""
READY = "export-ready"
"""The topic of its end."""


class Export(NamedTuple):
    """One as it stands; the columns of its table say what each is."""

    id: str
    client: str
    place: str
    asked: str
    scopes: str
    purpose: str
    person: str | None
    t: int
    made_ms: int
    ends_ms: int
    done: int = 0
    failure: str | None = None


class Exports:
    """Questions and changes on one connection, within the transaction of what they go with. Times are ms since 1970."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, transaction: Transaction, made: Export, at_once: int, most: int) -> Export:
        """Keep a new one, at this moment: what was written is before it in time and in logical time, all else after.

        Problem(THROTTLED) where its client has `at_once` that are not ready, or `most` in all.
        """
        number, waiting = self._database.execute(statement("exports_of"), {"client": made.client}).fetchone()
        if waiting >= at_once or number >= most:
            why = f"a client has {at_once} exports under way and {most} in all: wait, or DELETE one that is fetched"
            raise Problem(Kind.THROTTLED, why)
        now = milliseconds(datetime.fromisoformat(transaction.now))
        one = made._replace(t=transaction.t - 1, made_ms=now, ends_ms=now + made.ends_ms)
        self._database.execute(statement("insert_export"), one._asdict())
        Jobs(self._database).ask(EXPORT, one.id, now)
        return one

    def named(self, id: str) -> Export | None:
        """The one of this id."""
        row = self._database.execute(statement("export"), {"id": id}).fetchone()
        return Export(*row) if row else None

    def files(self, id: str) -> list[Stretch]:
        """Its files, as far as they are known."""
        return [Stretch(*row) for row in self._database.execute(statement("export_files"), {"id": id})]

    def add_file(self, id: str, n: int, found: Found, beside: str | None = None) -> None:
        """The next of its files, from 1, and one of the type `beside` behind it, of the same records."""
        parts = orjson.dumps([list(part) for part in found.parts]).decode() if found.parts else ""
        row = {"id": id, **found.file._asdict()}
        self._database.execute(statement("insert_export_file"), {**row, "n": n, "parts": parts})
        if beside is not None:
            other = {**row, "n": n + 1, "type": beside, "parts": ""}
            self._database.execute(statement("insert_export_file"), other)

    def parts(self, id: str, n: int) -> tuple[Part, ...]:
        """What one of its files consists of, if it is still what it was."""
        row = self._database.execute(statement("export_parts"), {"id": id, "n": n}).fetchone()
        return tuple(Part(*part) for part in orjson.loads(row[0])) if row and row[0] else ()

    def forget_parts(self, id: str, n: int) -> None:
        """It is not what it was any more."""
        self._database.execute(statement("drop_export_parts"), {"id": id, "n": n})

    def stand(self, id: str, *, done: bool, failure: str | None = None) -> None:
        """All of its files are known; or they cannot be, for a reason that names no person."""
        self._database.execute(statement("set_export"), {"id": id, "done": int(done), "failure": failure})

    def drop(self, id: str) -> None:
        """Forget it; whoever works on it will be refused."""
        self._database.execute(statement("drop_export_files"), {"id": id})
        self._database.execute(statement("drop_export"), {"id": id})
        Jobs(self._database).drop(EXPORT, id)
