"""The store: all records of one program, every version, each question answered at a logical time.

Versions of resources: https://hl7.org/fhir/R4/http.html#versions; searching: https://hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

import orjson

from adapter.fhir.dates import milliseconds
from adapter.fhir.everything import Everything
from adapter.fhir.history import History
from adapter.fhir.index import Index
from adapter.fhir.query import Query
from adapter.problems import Kind, Problem
from adapter.released import Counted, Predicate, Shown
from adapter.store.clients import Clients
from adapter.store.database import Database
from adapter.store.everything import everything
from adapter.store.grounds import Grounds, found_with, grounds
from adapter.store.history import history
from adapter.store.included import Included
from adapter.store.search import count, counted, search
from adapter.store.staff import Staff
from adapter.store.statements import narrowed, statement
from adapter.store.transaction import Transaction
from adapter.store.upkeep import Code
from adapter.store.version import Page, Parked, Pending, Permitted, Totals, Unmapped, Version
from adapter.store.writer import Writer

T = TypeVar("T")


class Options(NamedTuple):
    """What a store is told beside where it is.

    `identifying` are the systems whose identifiers name one record, `secret` the key that derives ids, `codes` all that
    the maps read; the last two are compared with those of before where they are given. `cursor_minutes` is how long a
    page link shows the state of its first page, `sort_limit` how many matches are sorted where no index serves the
    order, `include_limit` how many records go along with a page, `statement_seconds` how long a question may take.
    """

    identifying: Collection[str] = frozenset()
    secret: bytes | None = None
    codes: Collection[Code] | None = None
    cursor_minutes: int = 15
    sort_limit: int = 10_000
    include_limit: int = 1_000
    statement_seconds: float = 5


DEFAULTS = Options()


_RENDERED = 1_000
"""Records of which renderings are made in one commit."""


class Seen(NamedTuple):
    """The newest logical time, and the oldest one that can still be searched."""

    t: int
    horizon: int


class Counts(NamedTuple):
    """Work that waits for the writer; commits, and the pieces of work in them, since the start of this process."""

    waiting: int
    commits: int
    committed: int


class Store(ABC):
    """Every question takes a predicate, which is applied before any limit or count. Questions may be asked from any
    thread and run where they are asked; work is done by one writer thread.
    """

    _writer: Writer

    def __init__(self, index: Index, clock: Callable[[], datetime], options: Options) -> None:
        self.index = index
        self._clock = clock
        self._identifying = frozenset(options.identifying)
        self._cursor_ms = options.cursor_minutes * 60_000
        self._sort_limit = options.sort_limit
        self._include_limit = options.include_limit
        self._seconds = options.statement_seconds

    @property
    @abstractmethod
    def t(self) -> int:
        """The newest logical time."""

    @abstractmethod
    def close(self) -> None:
        """Finish the work that waits and let go of the database; harmless when called twice."""

    @abstractmethod
    def _asked(self) -> AbstractContextManager[Database]:
        """This thread's connection for one question; a Problem for what the database says no to, OVERTIME for taking
        too long."""

    @abstractmethod
    def _one(self, name: str, predicate: Predicate, values: dict[str, Any]) -> Version | None:
        """The version that a statement finds, which looks at one place."""

    @abstractmethod
    def _seen(self, database: Database) -> Seen:
        """What a search sees now."""

    def hurried(self, seconds: float) -> AbstractContextManager[None] | None:
        """Within it this thread's questions may take so many seconds each, a Problem(OVERTIME) where they do not; None
        where they travel, which nobody knows the time of."""
        return None

    def read(self, predicate: Predicate, type: str, id: str) -> Version | None:
        """The newest version of a record, also when it is a deletion; None when there is none or it is hidden."""
        return self._one("read", predicate, {**predicate.parameters, "type": type, "id": id})

    def vread(self, predicate: Predicate, type: str, id: str, version: int) -> Version | None:
        """One version of a record, also when it is a deletion; None when there is none or it is hidden."""
        return self._one("vread", predicate, {**predicate.parameters, "type": type, "id": id, "version": version})

    def search(self, predicate: Predicate, query: Query) -> Page:
        """One page: the first at the newest logical time, later ones at that of the first.

        Problem(GONE) for a cursor whose time has passed, Problem(TOO_COSTLY) for too many matches to sort or records to
        include, Problem(OVERTIME) for taking longer than allowed.
        """
        with self._asked() as database:
            t = self._seen(database).t if query.cursor is None else query.cursor.t
            page = search(database, self._index_of(predicate), predicate, query, t, self._sort_limit)
            if query.includes:
                along = Included(database, self._index_of(predicate), predicate, t, self._include_limit)
                page = page._replace(included=along.of(query.includes, page.versions))
            if query.cursor is not None:
                self._check_horizon(database, t, aged=self._aged(query))
        return page

    def count(self, predicate: Predicate, query: Query, t: int | None = None) -> int:
        """How many records match now, or at `t`, of those permitted; Problem(OVERTIME) for taking longer than
        allowed."""
        with self._asked() as database:
            seen = self._seen(database).t if t is None else t
            return count(database, self._index_of(predicate), predicate, query, seen)

    def counted(self, predicate: Predicate, query: Query, t: int) -> list[Counted]:
        """Whom a count at `t` tells of, for a reader to whom each record is shown on a ground of its own."""
        if not predicate.ground:
            return []
        with self._asked() as database:
            return counted(database, self._index_of(predicate), predicate, query, t)

    def everything(self, predicate: Predicate, asked: Everything) -> Page:
        """One page of a record and what points to it: the first at the newest logical time, later ones at its.

        Problem(GONE) for a page whose time has passed, Problem(TOO_COSTLY) for too many records to go along,
        Problem(OVERTIME) for taking longer than allowed.
        """
        with self._asked() as database:
            t = self._seen(database).t if asked.cursor is None else asked.cursor.t
            page = everything(database, predicate, asked, t)
            along = Included(database, self._index_of(predicate), predicate, t, self._include_limit)
            page = page._replace(included=along.of(asked.includes, page.versions))
            if asked.cursor is not None:
                self._check_horizon(database, t)
        return page

    def _check_horizon(self, database: Database, t: int, *, aged: bool = False) -> None:
        """Asked after the page was read, because the horizon may move meanwhile."""
        newest, horizon = self._seen(database)
        if t < horizon or t > newest or aged:
            raise Problem(Kind.GONE, "this page link has expired; start the search again", "_page", code="processing")

    def indexed(self, database: Database, t: int) -> bool:
        """Whether a search can still be asked of a time; asked after what was found was read."""
        return t >= self._seen(database).horizon

    def history(self, predicate: Predicate, asked: History) -> Page:
        """One page of versions: the first at the newest logical time, later ones at that of the first.

        Versions are never dropped, so its page links do not age. Problem(OVERTIME) for taking longer than allowed.
        """
        with self._asked() as database:
            t = self._seen(database).t if asked.cursor is None else asked.cursor.t
            return history(database, predicate, asked, t)

    def parked(
        self,
        predicate: Predicate,
        patient: str | None = None,
        after: Parked | None = None,
        limit: int = 50,
    ) -> list[Parked]:
        """What the maps could not read, by record; `after` is the last item of the page before."""
        last = after or Parked("", "", "", "", "", None, None, 0)
        values = {
            "patient": patient,
            "after_type": last.type,
            "after_id": last.id,
            "after_path": last.path,
            "after_reason": last.reason,
            "limit": limit,
        }
        return [Parked(*row) for row in self._rows("parked", predicate, values)]

    def unmapped(
        self,
        predicate: Predicate,
        patient: str | None = None,
        after: Unmapped | None = None,
        limit: int = 50,
    ) -> list[Unmapped]:
        """The records that no concept claims, by patient; one that is about two patients is there for each."""
        last = after or Unmapped("", "", "", 0, 0)
        values = {
            "patient": patient,
            "after_patient": last.patient,
            "after_type": last.type,
            "after_id": last.id,
            "limit": limit,
        }
        return [Unmapped(*row) for row in self._rows("unmapped", predicate, values)]

    def pending(self, predicate: Predicate, after: Pending | None = None, limit: int = 50) -> list[Pending]:
        """The references to records that are not there, by target."""
        last = after or Pending("", "", "", "", "")
        values = {f"after_{name}": value for name, value in last._asdict().items()}
        return [Pending(*row) for row in self._rows("pending", predicate, {**values, "limit": limit})]

    def intake(self, predicate: Predicate, after: int, limit: int) -> list[tuple[Version, str, int]]:
        """The Tasks of referrals of which intake has not yet said who the person is, with the organization that sent
        each, by the number of the first version of each."""
        rows = self._rows("intake", predicate, {"after": after, "limit": limit})
        return [(Version(*row[:-2]), *row[-2:]) for row in rows]

    def totals(self, predicate: Predicate) -> Totals:
        """How much is parked, unmapped and pending."""
        return Totals(*self._rows("totals", predicate, {})[0])

    def grounds(self, predicate: Predicate, shown: Sequence[Shown], since: int | None = None) -> Grounds:
        """By which consent each patient's part in these versions may be seen now; none where it may not any more.

        `since` is the `stamp` from before they were found.
        """
        if not predicate.ground:
            return {}
        if since is not None and since == self.stamp and (known := found_with(shown)) is not None:
            return known
        with self._asked() as database:
            return grounds(database, predicate, shown, same=since is not None and since == self._stamped(database))

    @property
    def stamp(self) -> int | None:
        """Another number once a change of records was acknowledged; None where the database would have to be asked."""
        return None

    @property
    def moment(self) -> int:
        """The same, for whoever shows so much at a time that it is worth to ask."""
        return self.t

    def _stamped(self, database: Database) -> int:
        stamp = self.stamp
        return self._seen(database).t if stamp is None else stamp

    def opened(self, predicate: Predicate, patient: str, types: Sequence[str]) -> list[str]:
        """Those of the types in records of which there can be anything of a patient for this reader to see."""
        if not predicate.opened or not types:
            return list(types)
        sql = statement("opened_types").replace("{opened}", predicate.opened.replace(":type", "x.value"))
        said = {**predicate.parameters, "patients": orjson.dumps([patient]).decode()}
        with self._asked() as database:
            rows = database.execute(sql, {**said, "types": orjson.dumps(types).decode()}).fetchall()
        return [type for (type,) in rows]

    def permitted(self, predicate: Predicate, patient: str, consents: Sequence[str]) -> list[Permitted]:
        """What these consents of a patient permit this reader."""
        if not predicate.names or not consents:
            return []
        sql = statement("scope_of_consents").replace("{names}", predicate.names)
        said = {**predicate.parameters, "patient": patient, "consents": orjson.dumps(consents).decode()}
        with self._asked() as database:
            return [Permitted(*row) for row in database.execute(sql, said)]

    def write(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Have work done by the writer, alone, all or nothing.

        The future resolves when the result is on the disk. It fails with what the work raised, or with
        Problem(BUSY, `no-store`) when the disk is full; then nothing of this work was stored.
        """
        return self._writer.submit(work)

    def rehearse(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Have work done as `write` does it, and undone: what would become of it, without a trace."""
        return self._writer.submit(work, rehearsal=True)

    @contextmanager
    def clients(self) -> Iterator[Clients]:
        """Who may ask, for one question; a Problem for what the database says no to."""
        with self._asked() as database:
            yield Clients(database)

    def asking(self) -> AbstractContextManager[Database]:
        """A connection for one question about who asks or who wrote; a Problem for what the database says no to."""
        return self._asked()

    def change_clients(self, work: Callable[[Clients], T]) -> Future[T]:
        """Have a change of the clients or their tokens done as `write` does it."""
        return self._writer.submit(lambda transaction: work(Clients(transaction.database)))

    @contextmanager
    def staff(self) -> Iterator[Staff]:
        """Who may log in, for one question; a Problem for what the database says no to."""
        with self._asked() as database:
            yield Staff(database)

    def change_staff(self, work: Callable[[Staff], T]) -> Future[T]:
        """Have a change of the accounts, attempts or codes done as `write` does it."""
        return self._writer.submit(lambda transaction: work(Staff(transaction.database)))

    @property
    def alive(self) -> bool:
        """Whether the writer takes work."""
        return self._writer.alive

    @property
    def counts(self) -> Counts:
        """How much work waits, and what has been done since the start."""
        return Counts(self._writer.waiting, self._writer.commits, self._writer.committed)

    def _render(self) -> None:
        """Make what others see of the records anew, as this program makes it; a piece at a time, so that a store that
        is closed meanwhile goes on with it when it is opened."""
        made = [rendering.parameters for rendering in self.index.renderings if not rendering.kept]
        try:
            types = self.write(Transaction.rendered_types).result().union(*made)
            after: int | None = 0
            while after is not None and types:
                after = self.write(partial(Transaction.render, after=after, limit=_RENDERED, types=types)).result()
            self.write(lambda transaction: transaction.note("rendered", self.index.hash)).result()
        except BaseException:
            self.close()
            raise

    def _index_of(self, predicate: Predicate) -> Index:
        """The index of what a reader sees of the records."""
        return self.index.of(predicate.rendering)

    def _rows(self, name: str, predicate: Predicate, values: dict[str, str | int | None]) -> list[tuple[Any, ...]]:
        with self._asked() as database:
            return database.execute(narrowed(name, predicate, values), {**predicate.parameters, **values}).fetchall()

    def _aged(self, query: Query) -> bool:
        """Whether the first page is longer ago than its links last, be its rows still there or not."""
        asked = query.asked
        return asked is not None and milliseconds(self._clock()) - milliseconds(asked) > self._cursor_ms
