"""The rows of the versions that one transaction writes: of the records themselves, and of what others may see of them.

https://hl7.org/fhir/R4/http.html#versions
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import orjson

from adapter.fhir.dates import instant_of
from adapter.fhir.index import Index, Rows
from adapter.rules import COVERED, SENT, Labels
from adapter.store.batch import Batch
from adapter.store.database import Database
from adapter.store.mentions import Mentions
from adapter.store.placement import EPISODE, Placements, placements
from adapter.store.rule_rows import permit_rows, tie_rows
from adapter.store.splice import place, prepare, stamp
from adapter.store.statements import MANY, repeated, statement
from adapter.store.taken_back import relabel_along
from adapter.store.version import Version

_UNASKED = Labels(0)
"""Where nobody asks what a version tells of, it need not be found out."""


class Position(NamedTuple):
    """How far a store has come: the last logical time, version number and commit time (ms) used, and the digest of the
    newest act, of who wrote."""

    t: int
    vid: int
    now_ms: int
    signed: str = ""


class Written(NamedTuple):
    """A version that was written, and the one before it."""

    version: Version
    before: Version | None


class VersionRows:
    """Writes the next versions of records into a batch; `t` is the logical time of the commit, `now` its instant.

    What is asked for by (type, id) is the record itself; a rendering of it is asked for by its number besides.
    """

    def __init__(self, database: Database, batch: Batch, index: Index, start: Position) -> None:
        self._database, self._batch, self._index = database, batch, index
        self._versions, self._tokens, self._moments, self._amounts, self._arrivals = (
            batch.rows(name)
            for name in ("insert_version", "insert_token", "insert_moment", "insert_amount", "resolve_pending")
        )
        self._seen: dict[tuple[str, str, int], Version | None] = {}
        self._mentions = Mentions(database, index.together)
        self._placements = Placements(database, index, self.current) if index.by_episode else None
        self._vid = start.vid
        self._now_ms = start.now_ms
        self.t = start.t + 1
        self.now = instant_of(start.now_ms)
        self._stamp = self.now.encode()

    def current(self, type: str, id: str, rendering: int = 0) -> Version | None:
        """The newest version, also when it is a deletion."""
        key = (type, id, rendering)
        if key not in self._seen:
            row = self._database.execute(statement("current"), key).fetchone()
            self._seen[key] = Version(*row) if row else None
        return self._seen[key]

    def foresee(self, records: Iterable[tuple[str, str]]) -> None:
        """Look up together what `current` will be asked for."""
        unseen = [record for record in dict.fromkeys(records) if (*record, 0) not in self._seen]
        self._seen.update({(*record, 0): None for record in unseen})
        for row in found(self._database, "currents", unseen):
            self._seen[row[1], row[2], 0] = Version(*row)

    def put(
        self,
        type: str,
        id: str,
        resource: dict[str, Any],
        text: bytes,
        made_by: tuple[str | None, str | None],
        rows: Rows,
        *,
        sent: dict[str, Any] | None = None,
    ) -> Written:
        """Write the next version of a record and of its renderings; `made_by` are the hash of the map and the concept.

        `text` is `splice.prepare(resource)`; `sent` is what somebody outside sees from now on who sent it.
        """
        self._batch.begin(type, id)
        outside = self._placements is not None and self._is_outside(type, id, resource, rows, sent=sent is not None)
        written = self._put(type, id, resource, text, made_by, rows, outside=outside)
        if sent is not None:
            own = self._index.of(SENT).rows(type, sent)
            self._put(type, id, sent, prepare(sent), (None, made_by[1]), own, SENT)
        version, before = written
        if before is None or before.deleted:
            self._arrivals.append((type, id))
        if rows.grants:
            self._batch.rows("insert_permit").extend(permit_rows(version, rows))
        if rows.ties:
            self._batch.rows("insert_tie").extend(tie_rows(version, rows))
        if self._placements is not None and self._placements.has_moved(type, id):
            return Written(self._settle(type, id), before)
        self._render(version, resource, rows.labels.told(outside=outside), new=before is None)
        return written

    def delete(self, before: Version) -> Version:
        """Write a deletion as the next version of a record that is there, and of its renderings."""
        self._batch.begin(before.type, before.id)
        version = self._delete(before, 0)
        if self._placements is not None and before.type == EPISODE:
            self._placements.turn(before, before.id, None, (), sent=False)
        self._render(version, None)
        return version

    def say(self, before: Version, sent: dict[str, Any] | None) -> Version:
        """Write what its sender says of a record from now on (None: it is deleted), after `before`, what he said of it;
        the record itself stays as it is."""
        self._batch.begin(before.type, before.id)
        if sent is None:
            return self._delete(before, SENT)
        own = self._index.of(SENT).rows(before.type, sent)
        return self._put(before.type, before.id, sent, prepare(sent), (None, before.concept), own, SENT).version

    def render(self, version: Version) -> bool:
        """Make what others see of a record anew from its newest version; whether that is another than it was."""
        self._batch.begin(version.type, version.id)
        start = self._vid
        self._render(version, None if version.deleted else orjson.loads(version.body), anew=True)
        return self._vid != start

    def show(self, type: str, id: str) -> None:
        """Make what others see of a record anew, of what it is and tells of now; of none that is not there."""
        version = self.current(type, id)
        if version is not None and self._placements is not None:
            self._settle(type, id)
        elif version is not None:
            self.render(version)

    def spread(self) -> None:
        """Label what belongs to an episode as that now says, and those who name a record as the record itself; after
        the batch was written, before the commit."""
        for record in self._placements.unsettled() if self._placements is not None else ():
            self._settle(*record)
        self._batch.flush()
        self._mentions.spread(awaited=self._batch.resolved > 0)

    def position(self) -> Position:
        """How far the store is once this is committed."""
        return Position(self.t, self._vid, self._now_ms)

    def _render(
        self,
        version: Version,
        resource: dict[str, Any] | None,
        told: int = 0,
        *,
        new: bool = False,
        anew: bool = False,
    ) -> None:
        """What is to be seen of a record now (None: it is deleted), as the next version of each rendering that changes.

        It tells of `told` itself (0: not known); a `new` record was never seen.
        """
        type, id = version.type, version.id
        outside = self._placements is not None and not version.own & COVERED
        for rendering in self._index.renderings:
            number = rendering.number
            # Of most types nothing is shown; something may have been, by another file of the rendering.
            if rendering.kept or (type not in rendering.parameters and not anew):
                continue
            if new:
                self._seen[type, id, number] = None
            live = self._live(type, id, number)
            onto = self._live(type, id, rendering.onto) if rendering.onto else None
            under = orjson.loads(onto.text) if onto else None
            shown = rendering.of(type, resource, told, under, outside=outside) if resource is not None else None
            if shown is not None:
                text = prepare(shown.resource)
                known = live or onto
                if known is None or known.text != text:
                    rows = self._index.of(number).rows(type, *shown)
                    self._put(type, id, shown.resource, text, (None, version.concept), rows, number, outside=outside)
            elif live is not None:
                self._delete(live, number)

    def _live(self, type: str, id: str, rendering: int) -> Version | None:
        """The newest version of a rendering, if that is no deletion."""
        newest = self.current(type, id, rendering)
        return newest if newest is not None and not newest.deleted else None

    def _put(
        self,
        type: str,
        id: str,
        resource: dict[str, Any],
        text: bytes,
        made_by: tuple[str | None, str | None],
        rows: Rows,
        rendering: int = 0,
        *,
        outside: bool = False,
    ) -> Written:
        """One version of a record (`rendering` 0) or of what is seen of it; `outside`: part 2 does not protect it."""
        index = self._index.of(rendering)
        cut = place(resource, text)
        before = self._open(type, id, rendering)
        number, t, now = before.version + 1 if before else index.first, self.t, self._now_ms
        sort, vid = now if rows.sort is None else rows.sort, self._vid
        whose = " ".join(index.patients(type, id, rows))
        labels, own = self._labelled(before, rows.labels.told(outside=outside), rendering)
        body = stamp(text, cut, number, self._stamp)
        version = Version(vid, type, id, number, now, t, False, sort, *made_by, whose, cut, body, own)
        if rendering == 0:
            self._name(version, before, rows)
        elif outside and before is not None and before.own & COVERED and self._placements is not None:
            self._placements.move(type, id)  # what was seen of it is still labelled as if it were protected
        self._versions.append((*version[:-1], rows.present, labels, rendering, rows.labels.addressees))
        self._tokens += [(parameter, value, sort, vid, t) for parameter, value in rows.tokens]
        self._tokens.append((*whole_row(index, version), sort, vid, t))
        self._moments += [(parameter, sort, vid, low, high, t) for parameter, low, high in rows.dates]
        self._amounts += [(parameter, sort, vid, *amount, t) for parameter, *amount in rows.amounts]
        self._seen[type, id, rendering] = version
        return Written(version, before)

    def _delete(self, before: Version, rendering: int) -> Version:
        self._open(before.type, before.id, rendering)
        number, now = before.version + 1, self._now_ms
        # Who may know of a deletion is asked as of the record: what it was, and its day where it had one.
        sort = now if before.sort == before.updated_ms else before.sort
        kept = (None, before.concept, before.patients, 0, b"", before.own)
        version = Version(self._vid, before.type, before.id, number, now, self.t, True, sort, *kept)
        labels, addressees = self._held(before)
        self._versions.append((*version[:-1], 0, labels, rendering, addressees))
        self._seen[before.type, before.id, rendering] = version
        return version

    def _open(self, type: str, id: str, rendering: int) -> Version | None:
        """Begin the next version; answers the one before."""
        self._vid += 1
        before = self.current(type, id, rendering)
        if before is not None:
            self._batch.add("close_version", self.t, before.vid)
            if not before.deleted:
                self._close(before, rendering)
        return before

    def _close(self, old: Version, rendering: int) -> None:
        """End the time in which the index rows of a version are seen."""
        index = self._index.of(rendering)
        rows = index.rows(old.type, orjson.loads(old.body), _UNASKED)
        add = self._batch.add
        add("insert_superseded", self._now_ms, self.t, old.vid)
        for number, value in {*rows.tokens, whole_row(index, old)}:
            add("close_token", self.t, number, value, old.sort, old.vid)
        for number in {number for number, _, _ in rows.dates}:
            add("close_moment", self.t, number, old.sort, old.vid)
        for number in {number for number, *_ in rows.amounts}:
            add("close_amount", self.t, number, old.sort, old.vid)
        for patient in {grant.patient for grant in rows.grants}:
            add("drop_permit", patient, old.vid)
        for patient in {tie.patient for tie in rows.ties}:
            add("drop_tie", patient, old.vid)

    def _held(self, version: Version) -> tuple[int, str | None]:
        """The sensitivities of a stored version's record, and whom it is held to."""
        labels, addressees = self._database.execute(statement("labels"), (version.vid,)).fetchone()
        return labels, addressees

    def _is_outside(self, type: str, id: str, resource: dict[str, Any], rows: Rows, *, sent: bool) -> bool:
        """Whether part 2 does not protect a record whose next version this is, where that depends on its episode."""
        assert self._placements is not None
        before, patients = self.current(type, id), self._index.patients(type, id, rows)
        if type == EPISODE:
            self._placements.turn(before, id, resource, patients, sent=sent)
        return self._placements.is_outside(type, id, rows.labels, patients, before, sent=sent)

    def _settle(self, type: str, id: str) -> Version:
        """Label all versions of a record, and what others see of it, by what its episodes say now; the newest one."""
        self._batch.flush()
        relabel_along(self._database, self._index, (type, id))
        for number in (0, *(rendering.number for rendering in self._index.renderings)):
            self._seen.pop((type, id, number), None)
        version = self.current(type, id)
        assert version is not None
        self._batch.begin(type, id)
        self._render(version, None if version.deleted else orjson.loads(version.body))
        return version

    def _labelled(self, before: Version | None, own: int, rendering: int) -> tuple[int, int]:
        """The sensitivities of a record with its next version, and those of its own among them.

        The versions before it get the former too; those that its name tells of are added once all is written.
        """
        if before is None:
            return own, own
        held, together = self._held(before)[0], self._index.together
        labels = together(held, own)
        if labels != held:
            self._batch.add("raise_labels", labels, before.type, before.id, rendering)
        return labels, together(before.own, own)

    def _name(self, version: Version, before: Version | None, rows: Rows) -> None:
        """Note whom a version of a record names."""
        risen = before is None or version.own != before.own
        named = self._mentions.note(version, rows.labels.names, risen=risen)
        if named:
            self._batch.rows("insert_mention").extend(named)
        if self._placements is not None:
            self._batch.rows("insert_placement").extend(placements(version, rows.labels))


def found(database: Database, name: str, keys: Sequence[tuple[str, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement over many keys, nothing of this work waiting to be written under them."""
    for start in range(0, len(keys), MANY):
        part = keys[start : start + MANY]
        yield from database.execute(repeated(name, len(part)), tuple(chain.from_iterable(part)))


def whole_row(index: Index, version: Version) -> tuple[int, str]:
    """The token row that says that a version is there, and of which concept it is."""
    return index.whole(version.type), version.concept or ""
