"""What a piece of work may do inside its transaction: look at the newest state and write the next versions.

https://hl7.org/fhir/R4/http.html#transaction-integrity
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any

import orjson

from adapter.fhir import tokens
from adapter.fhir.dates import EVER, Interval
from adapter.fhir.index import Index, Rows
from adapter.fhir.query import Match, Query
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.aliases import keys_of
from adapter.store.batch import Batch
from adapter.store.database import Database
from adapter.store.search import search
from adapter.store.statements import narrowed, statement
from adapter.store.version import Version
from adapter.store.version_rows import Position, VersionRows, found

_LAST = "\U0010ffff"
_ANY_VERSION = 2**63 - 1


class Transaction:
    """One piece of work on the writer's connection; it sees its own writes.

    `t` is the logical time of its commit and `now` the instant that becomes meta.lastUpdated. `resolved` counts the
    pending references whose target it brought, `signed` is the digest of the newest act.
    """

    def __init__(
        self,
        connection: Database,
        index: Index,
        identifying: Collection[str],
        start: Position,
        seconds: float = 5,
    ) -> None:
        """`seconds` is what all its searches together may take: others wait for it."""
        self._connection = connection
        self._left = seconds
        self._index = index
        self._identifying = identifying
        self._batch = Batch(connection)
        self._rows = VersionRows(connection, self._batch, index, start)
        self._names: dict[tuple[str, str, str], str | None] = {}
        self._now_ms = start.now_ms
        self.t, self.now = self._rows.t, self._rows.now
        self.changed = False
        self.signed = start.signed

    @property
    def database(self) -> Database:
        """The connection it runs on, for what is no record."""
        return self._connection

    @property
    def resolved(self) -> int:
        """Pending references resolved so far."""
        self._batch.flush()
        return self._batch.resolved

    def current(self, type: str, id: str, rendering: int = 0) -> Version | None:
        """The newest version, also when it is a deletion."""
        return self._rows.current(type, id, rendering)

    def alias(self, type: str, system: str, value: str) -> str | None:
        """The id of the record that an identifier names; also when that record is deleted."""
        key = _named(type, system, value)
        if key not in self._names:
            row = self._connection.execute(statement("alias"), key).fetchone()
            self._names[key] = row[0] if row else None
        return self._names[key]

    def foresee(self, names: Iterable[tuple[str, str, str]], records: Iterable[tuple[str, str]]) -> None:
        """Look up together what `alias` and `current` will be asked for: one statement for many of each.

        Only for what the work would ask anyway; what is not foreseen is looked up when it is asked for.
        """
        keys = dict.fromkeys(_named(*name) for name in names)
        unnamed = [key for key in keys if key not in self._names]
        self._names.update(dict.fromkeys(unnamed))
        for type, system, value, id in found(self._connection, "aliases", unnamed):
            self._names[type, system, value] = id
        self._rows.foresee(records)

    def holders(self, type: str, parameter: str, value: str) -> list[str]:
        """The ids of the live records that a search by this token or reference finds, sorted.

        `value` is a token in any of its four forms, `Type/id` or an id, without escapes.
        """
        self._batch.flush()
        field = self._index.parameters(type)[parameter]
        match = Match.plain(field, value)
        low, high = (match.exact, match.exact) if match.exact is not None else (match.begins, match.begins + _LAST)
        rows = self._connection.execute(
            statement("holders"), {"parameter": field.number, "low": low, "high": high}
        ).fetchall()
        return sorted({id for id, key in rows if match.fits(key)})

    def pointing(self, type: str, parameter: str, forms: Collection[str], within: Interval = EVER) -> set[str]:
        """The ids of the live records that hold one of these forms of references under a parameter, and have their
        natural date within an interval."""
        self._batch.flush()
        number = self._index.parameters(type)[parameter].number
        values = {"parameter": number, "values": orjson.dumps(sorted(forms)).decode()}
        values |= {"low": within[0], "high": within[1]}
        return {id for (id,) in self._connection.execute(statement("pointing_to"), values)}

    def find(self, predicate: Predicate, query: Query) -> Sequence[Version]:
        """The first page of a search of this transaction's own state, for conditional operations.

        Problem(OVERTIME) when such searches take too long together; from then on no more of them is begun.
        """
        if self._left <= 0:
            raise Problem(Kind.OVERTIME, "this takes longer than the server may give it; ask for less")
        self._batch.flush()
        begun = monotonic()
        try:
            with self._connection.hurried(self._left):
                return search(self._connection, self._index.of(predicate.rendering), predicate, query, self.t).versions
        finally:
            self._left -= monotonic() - begun

    def sees(self, predicate: Predicate, type: str, id: str) -> bool:
        """Whether the newest version of a record, also a deletion, is there and permitted."""
        return self.seen(predicate, type, id) is not None

    def seen(self, predicate: Predicate, type: str, id: str) -> Version | None:
        """The newest version of a record, also a deletion, as far as it is permitted."""
        self._batch.flush()
        values = {**predicate.parameters, "type": type, "id": id}
        row = self._connection.execute(narrowed("read", predicate), values).fetchone()
        return Version(*row) if row else None

    def referrers(self, numbers: Sequence[int], target: str) -> list[tuple[str, str]]:
        """(type, id) of the live records whose index rows under one of these parameters hold this reference form."""
        self._batch.flush()
        values = {"numbers": orjson.dumps(numbers).decode(), "value": target}
        return sorted({(type, id) for type, id in self._connection.execute(statement("referrers"), values)})

    def waiting(self, records: Collection[tuple[str, str]]) -> list[tuple[str, str, str, str, str]]:
        """What waits for these records, as (type, id, type and id of the record that points to it, path)."""
        self._batch.flush()
        if not self._connection.execute(statement("any_pending")).fetchone()[0]:
            return []
        return [tuple(row) for row in found(self._connection, "waiting", list(records))]

    def pend(self, type: str, id: str, references: Sequence[tuple[str, str, str]]) -> None:
        """List references (path, type, id) of a stored record whose target is not there any more."""
        self._batch.begin(type, id)
        self._batch.rows("insert_pending").extend([(target, key, type, id, path) for path, target, key in references])

    def suspect(self, type: str, id: str, path: str, reason: str) -> None:
        """Park something about a live record that no later version of it clears: a person must look at it."""
        record = self.current(type, id)
        if record is None or record.deleted:
            return
        self._batch.begin(type, id)
        self._batch.add(
            "insert_parked", record.patients.partition(" ")[0], type, id, path, reason, self._now_ms, _ANY_VERSION
        )

    def own(self, type: str, id: str, resource: dict[str, Any]) -> set[str]:
        """Let those identifiers of a record name it that name none yet; answers which records the others name."""
        others = set()
        for system, value in keys_of(resource, self._identifying):
            holder = self.alias(type, system, value)
            if holder is None:
                key = _named(type, system, value)
                self._names[key] = id
                self._batch.begin(type, id)
                self._batch.add("insert_alias", *key, id)
            elif holder != id and self._lives(type, holder):
                others.add(holder)
        return others

    def disown(self, type: str, id: str, keys: Collection[tuple[str, str]]) -> None:
        """Let identifiers that the record gives up in this transaction name nothing, so that another can take them."""
        for system, value in keys:
            if self.alias(type, system, value) == id:
                key = _named(type, system, value)
                self._names[key] = None
                self._batch.begin(type, id)
                self._batch.add("drop_alias", *key, id)

    def settle(self, type: str, id: str, path: str, reason: str, owner: str | None, resolution: str | None) -> bool:
        """Say who deals with a parked item and how it was resolved; False when there is no such item."""
        self._batch.flush()
        row = (owner, resolution, type, id, path, reason)
        done = self._connection.execute(statement("settle_parked"), row).rowcount
        self.changed = self.changed or done > 0
        return done > 0

    def put(
        self,
        type: str,
        id: str,
        resource: dict[str, Any],
        text: bytes,
        map_hash: str | None,
        concept: str | None,
        parked: Sequence[tuple[str, str]] = (),
        references: Sequence[tuple[str, str, str]] = (),
        rows: Rows | None = None,
        unclaimed: Collection[tuple[str, str]] = (),
        *,
        sent: dict[str, Any] | None = None,
    ) -> Version:
        """Write the next version of a record.

        `text` is `splice.prepare(resource)`; `parked` are (path, reason), `references` the (path, type, id) whose
        target is not there. `rows` are its index rows, where they were found before the writer was asked. `unclaimed`
        are identifiers that it carries but that must go on naming whatever they name. `sent`: see `VersionRows.put`.
        Problem(DUPLICATE) when an identifying identifier names another live record.
        """
        rows = rows or self._index.rows(type, resource)
        keys = self._keys(type, id, resource, unclaimed) if self._identifying else None
        self.changed = True
        version, before = self._rows.put(type, id, resource, text, (map_hash, concept), rows, sent=sent)
        if keys is not None:
            self._name(type, id, keys, before, unclaimed)
        if before is not None:
            self._clear(version)
        if references or parked or concept is None:
            self._list(version, parked, references)
        return version

    def say(self, before: Version, sent: dict[str, Any] | None) -> Version:
        """Write what its sender says of a record from now on: see `VersionRows.say`. Then `show` it."""
        self.changed = True
        return self._rows.say(before, sent)

    def show(self, type: str, id: str) -> None:
        """Make what others see of a record anew, of what it is now and what its sender says of it."""
        self._rows.show(type, id)

    def delete(self, type: str, id: str) -> Version:
        """Write a deletion as the next version; the record's identifiers still name it.

        KeyError: it was never there. A record that is deleted already stays as it is.
        """
        before = self.current(type, id)
        if before is None:
            raise KeyError((type, id))
        if before.deleted:
            return before
        self.changed = True
        version = self._rows.delete(before)
        self._clear(version)
        return version

    def rendered_types(self) -> set[str]:
        """The types of which anything is seen otherwise than as it is."""
        return {type for (type,) in self._connection.execute(statement("rendered_types"))}

    def render(self, after: int, limit: int, types: Collection[str]) -> int | None:
        """Make what others see of records of these types anew, of so many after a number of a version; answers the last
        one looked at, None when there are no more."""
        values = {"after": after, "limit": limit, "types": f" {' '.join(sorted(types))} "}
        rows = self._connection.execute(statement("seen_otherwise"), values).fetchall()
        for row in rows:
            self.changed |= self._rows.render(Version(*row))
        return rows[-1][0] if rows else None

    def note(self, name: str, value: str) -> None:
        """Have the store remember something about itself."""
        self._connection.execute(statement("set_meta"), (name, value))

    def flush(self) -> None:
        """Write what waits; the writer calls it before the commit."""
        self._batch.flush()
        self._rows.spread()

    def position(self) -> Position:
        """How far the store is once this is committed."""
        return self._rows.position()._replace(signed=self.signed)

    def _list(
        self,
        version: Version,
        parked: Sequence[tuple[str, str]],
        references: Sequence[tuple[str, str, str]],
    ) -> None:
        """Put the version on the lists of what is pending, parked and unmapped."""
        type, id = version.type, version.id
        self._batch.rows("insert_pending").extend([(target, key, type, id, path) for path, target, key in references])
        patients = version.patients.split(" ")
        if version.concept is None:
            self._batch.rows("insert_unmapped").extend([(patient, type, id) for patient in patients])
        self._batch.rows("insert_parked").extend(
            [(patients[0], type, id, path, reason, self._now_ms, version.vid) for path, reason in parked]
        )

    def _clear(self, version: Version) -> None:
        """Take the version before off the lists."""
        self._batch.add("drop_pending", version.type, version.id)
        self._batch.add("drop_parked", version.type, version.id, version.vid)
        self._batch.add("drop_unmapped", version.type, version.id)

    def _keys(
        self,
        type: str,
        id: str,
        resource: dict[str, Any],
        unclaimed: Collection[tuple[str, str]],
    ) -> dict[tuple[str, str], str | None]:
        """The identifying identifiers of the resource and whom they name, which may be no other live record."""
        given = keys_of(resource, self._identifying).difference(unclaimed)
        keys = {key: self.alias(type, *key) for key in given}
        for (system, _), holder in keys.items():
            if holder is not None and holder != id and self._lives(type, holder):
                raise Problem(
                    Kind.DUPLICATE, f"another {type} already has this identifier of {system}", f"{type}.identifier"
                )
        return keys

    def _name(
        self,
        type: str,
        id: str,
        keys: Mapping[tuple[str, str], str | None],
        before: Version | None,
        unclaimed: Collection[tuple[str, str]],
    ) -> None:
        """Let the identifiers name the record, and those it no longer has name nothing."""
        for (system, value), holder in keys.items():
            if holder != id:
                key = _named(type, system, value)
                self._names[key] = id
                self._batch.add("insert_alias", *key, id)
        if before is not None and not before.deleted:
            self.disown(type, id, keys_of(orjson.loads(before.body), self._identifying).difference(keys, unclaimed))

    def _lives(self, type: str, id: str) -> bool:
        found = self.current(type, id)
        return found is not None and not found.deleted


def _named(type: str, system: str, value: str) -> tuple[str, str, str]:
    """The key of an alias: no database takes one of any length."""
    return type, system, value if len(value) <= tokens.LONGEST else tokens.brief(value)
