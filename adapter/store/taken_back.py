"""Labels that a sender said by mistake and the privacy officer took back: what a record tells of without them.

A label once said stays (`mentions`, `version_rows`); what was taken back counts as never said by the versions before
that, and what those versions looked like stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple

import orjson

from adapter.fhir.index import Index
from adapter.fhir.said_labels import Label, said, without
from adapter.rules import SOMEHOW
from adapter.store.database import Database
from adapter.store.mentions import Record
from adapter.store.placement import free_records, is_outside
from adapter.store.statements import statement

_NEWEST = 1 << 62
_RESTRICTED = ("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R")
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_OURS = frozenset((_RESTRICTED, (_ACT_CODE, "42CFRPart2"), (_ACT_CODE, "SUD")))
"""What part 2 has a record labelled with."""


class Taken(NamedTuple):
    """A label (`system`, `code`) that is not said from version `vid` on, and why."""

    vid: int
    system: str
    code: str
    reason: str

    @property
    def label(self) -> Label:
        """Which it is."""
        return self.system, self.code


class Repeated(NamedTuple):
    """That a client sent a label again (`at_ms`), which was left out of `vid` or left that the newest version."""

    vid: int
    system: str
    code: str
    client: str
    at_ms: int


class Relabelled(NamedTuple):
    """What each version of a record, or of a side of it, tells of itself (vid, own); and what all of them together."""

    versions: list[tuple[int, int]]
    labels: int


def taken_back(database: Database, type: str, id: str, vid: int | None = None) -> list[Taken]:
    """What was taken back of a record, by one version or all, first the first."""
    if vid is None:
        return [Taken(*row) for row in database.execute(statement("taken_back"), (type, id))]
    return [Taken(*row) for row in database.execute(statement("taken_back_in"), (type, id, vid))]


def left_of(database: Database, type: str, id: str) -> list[dict[str, Any]]:
    """What the versions of a record say, in their order, without what was taken back and without deletions."""
    taken = taken_back(database, type, id)
    return [left for text in _texts(database, (type, id), 0) if (left := _left(*text, taken)) is not None]


def repeated_labels(database: Database, type: str, id: str) -> list[Repeated]:
    """Who sent again what was taken back, first the first."""
    return [Repeated(*row) for row in database.execute(statement("repeated_labels"), (type, id))]


def take_back(database: Database, index: Index, record: Record, labels: Collection[Label], vid: int, why: str) -> None:
    """Take labels of a record back from its version `vid` on, which is written and says none of them.

    Whoever names the record goes on telling of what is left.
    """
    database.executemany(statement("insert_taken_back"), [(*record, vid, *label, why) for label in sorted(labels)])
    relabel_along(database, index, record)


def relabel_along(database: Database, index: Index, record: Record) -> None:
    """Say of each version of a record, and of who names it, what it tells of now, be it less than before."""
    relabel(database, index, record)
    for name in _naming(database, record):
        own = database.execute(statement("own_now"), name).fetchone()[0]
        told = reduce(index.together, _told_by(database, index, name), own)
        database.execute(statement("spread_labels"), (told, *name))


def relabel_all(database: Database, index: Index) -> None:
    """The same of every record of which any was taken back, or that part 2 may not protect, after the index was
    rebuilt; those who name them come later."""
    for record in _known(database, index):
        _place(database, index, record)


def relabel(database: Database, index: Index, record: Record) -> None:
    """Say of each version, and of what others see of the record, what it tells of."""
    labels = _place(database, index, record)
    if told := _told_by(database, index, record):
        database.execute(statement("raise_labels"), (reduce(index.together, told, labels), *record, 0))


def _place(database: Database, index: Index, record: Record) -> int:
    """The same without what it tells of because of whom it names; what the record itself tells of."""
    all_of_it = relabelled(database, index, record)
    for rendering, found in all_of_it.items():
        database.executemany(statement("place_labels"), [(own, vid) for vid, own in found.versions])
        database.execute(statement("raise_labels"), (found.labels, *record, rendering))
    return all_of_it[0].labels


def relabelled_all(database: Database, index: Index) -> dict[int, int]:
    """What each version (vid) tells of itself, of all records of which any label was taken back, or that part 2 may not
    protect."""
    return {
        vid: own
        for record in _known(database, index)
        for found in relabelled(database, index, record).values()
        for vid, own in found.versions
    }


def _known(database: Database, index: Index) -> list[Record]:
    known = {(type, id) for type, id in database.execute(statement("any_taken_back")).fetchall()}
    return sorted(known | free_records(database, index) if index.by_episode else known)


def relabelled(database: Database, index: Index, record: Record, also: Collection[Label] = ()) -> dict[int, Relabelled]:
    """What the record (0) and what is made of it tell of, by rendering; `also` are labels to be taken back now.

    What a sender sees of what it sent stays as it was sent.
    """
    taken = [*taken_back(database, *record), *(Taken(_NEWEST, *label, "") for label in also)]
    texts = _texts(database, record, 0)
    outside = index.by_episode and is_outside(database, index, record, (_left(*text, taken) for text in texts))
    found = {0: _so_far(index, record[0], texts, taken, outside)}
    until = [text for text in texts if outside or (taken and text[0] <= taken[-1].vid)]
    least = _all(index, record[0], until, taken, outside) & SOMEHOW
    ours = _OURS.difference(*(said(left) for text in texts if (left := _left(*text, taken)))) if outside else ()
    for rendering in index.renderings:
        seen = [] if rendering.kept or rendering.onto else _texts(database, record, rendering.number)
        if seen:
            found[rendering.number] = _side(index.of(rendering.number), record[0], seen, taken, least, ours)
    return found


def sent_without(database: Database, record: Record, taken: Taken, client: str, kind: str) -> bool:
    """Whether this client has itself sent the record without a label since it was taken back."""
    who = {"type": record[0], "id": record[1], "client": client, "kind": kind}
    values = {**who, "vid": taken.vid, "system": taken.system, "code": taken.code}
    return database.execute(statement("sent_without"), values).fetchone() is not None


def repeat(
    database: Database, record: Record, vid: int, labels: Iterable[Label], client: str, kind: str, at_ms: int
) -> None:
    """Note that a client sent labels that were taken back."""
    rows = [(*record, vid, *label, client, kind, at_ms) for label in labels]
    database.executemany(statement("insert_repeated_label"), rows)


_Text = tuple[int, dict[str, Any] | None]
"""(vid, resource); None for a deletion"""


def _texts(database: Database, record: Record, rendering: int) -> list[_Text]:
    rows = database.execute(statement("texts"), (*record, rendering)).fetchall()
    return [(vid, orjson.loads(bytes(body)) if body else None) for vid, body in rows]


def _naming(database: Database, record: Record) -> list[Record]:
    return [(type, id) for type, id in database.execute(statement("naming_one"), record).fetchall()]


def _told_by(database: Database, index: Index, record: Record) -> list[int]:
    """What each record tells of itself that this one names in any of its versions."""
    names = {
        name
        for _, resource in _texts(database, record, 0)
        for name in (index.rows(record[0], resource).labels.names if resource else ())
    }
    rows = (database.execute(statement("own_now"), name).fetchone() for name in sorted(names))
    return [row[0] for row in rows if row]


def _left(vid: int, text: dict[str, Any] | None, taken: Iterable[Taken], *more: Label) -> dict[str, Any] | None:
    """What is left of what a version says, without what was taken back after it."""
    return text and without(text, {*more, *(one.label for one in taken if one.vid > vid)})


def _all(index: Index, type: str, texts: Iterable[_Text], taken: Sequence[Taken], outside: bool, *more: Label) -> int:
    """What these say together, without what was taken back after each."""
    each = (
        index.rows(type, left).labels.told(outside=outside)
        for text in texts
        if (left := _left(*text, taken, *more)) is not None
    )
    return reduce(index.together, each, 0)


def _so_far(index: Index, type: str, texts: Sequence[_Text], taken: Sequence[Taken], outside: bool) -> Relabelled:
    """Of each version what those until it say, save what was taken back until then."""
    versions, heeded, own = list[tuple[int, int]](), 0, 0
    for n, (vid, text) in enumerate(texts):
        known = [one for one in taken if one.vid <= vid]
        if n == 0 or len(known) != heeded:
            own, heeded = _all(index, type, texts[: n + 1], known, outside), len(known)
        elif text:
            own = index.together(own, _all(index, type, [(vid, text)], (), outside))
        versions.append((vid, own))
    return Relabelled(versions, _all(index, type, texts, taken, outside))


def _side(
    index: Index, type: str, texts: Sequence[_Text], taken: Sequence[Taken], least: int, ours: Collection[Label]
) -> Relabelled:
    """The same of what is made of a record, whose text alone shows its labels: how restricted it is called there is our
    own word for what was said, so it is what is left of the record's (`least`). `ours` are the labels that no sender
    of it says: it was given them while part 2 protected it, and that it does no more."""
    versions, own = list[tuple[int, int]](), least
    for vid, text in texts:
        before = [one for one in taken if one.vid > vid]
        if text:
            more = (*([_RESTRICTED] if before else []), *ours)
            told = _all(index, type, [(vid, text)], taken, bool(ours), *more)
            own = index.together(own, told)
        versions.append((vid, own))
    return Relabelled(versions, own)
