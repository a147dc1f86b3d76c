"""What a piece of work may do inside its transaction: look at the newest state and write the next versions.

https://hl7.org/fhir/R4/http.html#transaction-integrity
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from time import monotonic
from typing import Any, NamedTuple

import orjson

from adapter.fhir import tokens
from adapter.fhir.dates import instant_of
from adapter.fhir.index import Index, Rows
from adapter.fhir.query import Match, Query
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.aliases import keys_of
from adapter.store.batch import Batch
from adapter.store.database import Database
from adapter.store.rule_rows import permit_rows, tie_rows
from adapter.store.search import search
from adapter.store.splice import place, stamp
from adapter.store.statements import MANY, narrowed, repeated, statement
from adapter.store.version import Version

_LAST = "\U0010ffff"
_ANY_VERSION = 2**63 - 1


class Position(NamedTuple):
    """How far a store has come: the last logical time, version number and commit time (ms) used."""

    t: int
    vid: int
    now_ms: int


class Transaction:
    """One piece of work on the writer's connection; it sees its own writes.

    `t` is the logical time of its commit and `now` the instant that becomes meta.lastUpdated. `resolved` counts the
    pending references whose target it brought.
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
        self._versions, self._tokens, self._moments, self._amounts, self._arrivals = (
            self._batch.rows(name)
            for name in ("insert_version", "insert_token", "insert_moment", "insert_amount", "resolve_pending")
        )
        self._seen: dict[tuple[str, str], Version | None] = {}
        self._names: dict[tuple[str, str, str], str | None] = {}
        self._vid = start.vid
        self._now_ms = start.now_ms
        self.t = start.t + 1
        self.now = instant_of(start.now_ms)
        self._stamp = self.now.encode()
        self.changed = False

    @property
    def database(self) -> Database:
        """The connection it runs on, for what is no record."""
        return self._connection

    @property
    def resolved(self) -> int:
        """Pending references resolved so far."""
        self._batch.flush()
        return self._batch.resolved

    def current(self, type: str, id: str) -> Version | None:
        """The newest version, also when it is a deletion."""
        key = (type, id)
        if key not in self._seen:
            row = self._connection.execute(statement("current"), key).fetchone()
            self._seen[key] = Version(*row) if row else None
        return self._seen[key]

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
        for type, system, value, id in self._found("aliases", unnamed):
            self._names[type, system, value] = id
        unseen = [record for record in dict.fromkeys(records) if record not in self._seen]
        self._seen.update(dict.fromkeys(unseen))
        for row in self._found("currents", unseen):
            self._seen[row[1], row[2]] = Version(*row)

    def _found(self, name: str, keys: Sequence[tuple[str, ...]]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement over many keys, nothing of this work waiting to be written under them."""
        for start in range(0, len(keys), MANY):
            part = keys[start : start + MANY]
            yield from self._connection.execute(repeated(name, len(part)), tuple(chain.from_iterable(part)))

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
                return search(self._connection, self._index, predicate, query, self.t).versions
        finally:
            self._left -= monotonic() - begun

    def sees(self, predicate: Predicate, type: str, id: str) -> bool:
        """Whether the newest version of a record, also a deletion, is there and permitted."""
        self._batch.flush()
        values = {**predicate.parameters, "type": type, "id": id}
        return self._connection.execute(narrowed("read", predicate), values).fetchone() is not None

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
        return [tuple(row) for row in self._found("waiting", list(records))]

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
    ) -> Version:
        """Write the next version of a record.

        `text` is `splice.prepare(resource)`; `parked` are (path, reason), `references` the (path, type, id) whose
        target is not there. `rows` are its index rows, where they were found before the writer was asked. `unclaimed`
        are identifiers that it carries but that must go on naming whatever they name.
        Problem(DUPLICATE) when an identifying identifier names another live record.
        """
        rows = rows or self._index.rows(type, resource)
        keys = self._keys(type, id, resource, unclaimed) if self._identifying else None
        cut = place(resource, text)
        before = self._open(type, id)
        number, t, now = before.version + 1 if before else 1, self.t, self._now_ms
        sort, vid = now if rows.sort is None else rows.sort, self._vid
        whose = " ".join(self._index.patients(type, id, rows))
        body = stamp(text, cut, number, self._stamp)
        version = Version(vid, type, id, number, now, t, False, sort, map_hash, concept, whose, cut, body)
        self._versions.append((*version, rows.present, self._raised(before, rows.labels)))
        self._tokens += [(parameter, value, sort, vid, t) for parameter, value in rows.tokens]
        self._tokens.append((*whole_row(self._index, version), sort, vid, t))
        self._moments += [(parameter, sort, vid, low, high, t) for parameter, low, high in rows.dates]
        self._amounts += [(parameter, sort, vid, *amount, t) for parameter, *amount in rows.amounts]
        self._rule(version, rows)
        self._seen[type, id] = version
        if keys is not None:
            self._name(type, id, keys, before, unclaimed)
        if before is not None:
            self._clear(version)
        if references or parked or concept is None:
            self._list(version, parked, references)
        return version

    def delete(self, type: str, id: str) -> Version:
        """Write a deletion as the next version; the record's identifiers still name it.

        KeyError: it was never there. A record that is deleted already stays as it is.
        """
        before = self.current(type, id)
        if before is None:
            raise KeyError((type, id))
        if before.deleted:
            return before
        self._open(type, id)
        number, t, now, whose = before.version + 1, self.t, self._now_ms, before.patients
        labels = self._labels(before)
        version = Version(self._vid, type, id, number, now, t, True, now, None, None, whose, 0, b"")
        self._versions.append((*version, 0, labels))
        self._seen[type, id] = version
        self._clear(version)
        return version

    def flush(self) -> None:
        """Write what waits; the writer calls it before the commit."""
        self._batch.flush()

    def position(self) -> Position:
        """How far the store is once this is committed."""
        return Position(self.t, self._vid, self._now_ms)

    def _open(self, type: str, id: str) -> Version | None:
        """Begin the next version of a record; answers the one before."""
        self._batch.begin(type, id)
        self._vid += 1
        self.changed = True
        before = self.current(type, id)
        if before is not None:
            self._batch.add("close_version", self.t, before.vid)
        if before is None or before.deleted:
            self._arrivals.append((type, id))
        else:
            self._close(before)
        return before

    def _close(self, old: Version) -> None:
        """End the time in which the index rows of a version are seen."""
        rows = self._index.rows(old.type, orjson.loads(old.body))
        add = self._batch.add
        add("insert_superseded", self._now_ms, self.t, old.vid)
        for number, value in {*rows.tokens, whole_row(self._index, old)}:
            add("close_token", self.t, number, value, old.sort, old.vid)
        for number in {number for number, _, _ in rows.dates}:
            add("close_moment", self.t, number, old.sort, old.vid)
        for number in {number for number, *_ in rows.amounts}:
            add("close_amount", self.t, number, old.sort, old.vid)
        for patient in {grant.patient for grant in rows.grants}:
            add("drop_permit", patient, old.vid)
        for patient in {tie.patient for tie in rows.ties}:
            add("drop_tie", patient, old.vid)

    def _labels(self, version: Version) -> int:
        """The sensitivities of a stored version's record."""
        return int(self._connection.execute(statement("labels"), (version.vid,)).fetchone()[0])

    def _raised(self, before: Version | None, labels: int) -> int:
        """The sensitivities of a record with its next version; those before it get them too."""
        if before is None:
            return labels
        held = self._labels(before)
        both = self._index.together(held, labels)
        if both != held:
            self._batch.add("raise_labels", both, before.type, before.id)
        return both

    def _rule(self, version: Version, rows: Rows) -> None:
        """What a version says of who may see what."""
        if rows.grants:
            self._batch.rows("insert_permit").extend(permit_rows(version, rows))
        if rows.ties:
            self._batch.rows("insert_tie").extend(tie_rows(version, rows))

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
    ) -> set[tuple[str, str]]:
        """The identifying identifiers of the resource, none of which may name another live record."""
        keys = keys_of(resource, self._identifying).difference(unclaimed)
        for system, value in keys:
            holder = self.alias(type, system, value)
            if holder is not None and holder != id and self._lives(type, holder):
                raise Problem(
                    Kind.DUPLICATE, f"another {type} already has this identifier of {system}", f"{type}.identifier"
                )
        return keys

    def _name(
        self,
        type: str,
        id: str,
        keys: set[tuple[str, str]],
        before: Version | None,
        unclaimed: Collection[tuple[str, str]],
    ) -> None:
        """Let the identifiers name the record, and those it no longer has name nothing."""
        for system, value in keys:
            if self.alias(type, system, value) != id:
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
    return type, system, tokens.brief(value)


def whole_row(index: Index, version: Version) -> tuple[int, str]:
    """The token row that says that a version is there, and of which concept it is."""
    return index.whole(version.type), version.concept or ""
