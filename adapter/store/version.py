"""What the store hands out: versions of records, pages of a search, and lines of the lists people work from.

https://hl7.org/fhir/R4/http.html#versions
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from adapter.fhir.dates import instant_of
from adapter.fhir.query import Cursor
from adapter.store.splice import bare


class Version(NamedTuple):
    """One version of a record, a deletion included.

    `vid` numbers all versions of a store, `version` those of the record from 1 without gaps; `updated_ms` is
    meta.lastUpdated and `sort` the natural date, both in ms since 1970; `t` is the logical time of its commit; `map`
    the hash of the map that wrote it and `concept` the concept that claims it; `patients` the ids of those it is about,
    with blanks between. `body` is the resource as it is sent,
    empty for a deletion; `cut` is where its version and time stand in it. `own` are the sensitivities that this version
    and those before it give the record. `ground` is why a reader may see it, where it is about one patient and that is
    known already.
    """

    vid: int
    type: str
    id: str
    version: int
    updated_ms: int
    t: int
    deleted: bool
    sort: int
    map: str | None
    concept: str | None
    patients: str
    cut: int
    body: bytes
    own: int
    ground: str | None = None

    @property
    def text(self) -> bytes:
        """The stored form without meta.versionId and meta.lastUpdated; empty for a deletion."""
        return bare(self.body, self.cut, self.version)

    @property
    def updated(self) -> str:
        """meta.lastUpdated: an instant in UTC with milliseconds."""
        return instant_of(self.updated_ms)


class Line(NamedTuple):
    """Of a version what a line of bulk data is made of, and what the ledger has of it; as `Version` has it."""

    vid: int
    type: str
    id: str
    version: int
    patients: str
    cut: int
    body: bytes
    own: int

    @property
    def ground(self) -> None:
        """Is not known yet."""


class Page(NamedTuple):
    """One page of a search at logical time `t`; `next` is None on the last one, `total` None unless it was asked for
    or is known anyway. `included` go along with the matches."""

    versions: Sequence[Version]
    total: int | None
    t: int
    next: Cursor | None
    included: Sequence[Version] = ()


class Permitted(NamedTuple):
    """One thing that a consent permits a reader, as `rules.Grant` says it; times in ms."""

    consent: str
    purpose: str
    type: str
    record: str
    labels: int
    data_from: int
    data_until: int
    valid_from: int
    valid_until: int


class Parked(NamedTuple):
    """Something the map could not read in a record: where, why, who deals with it and how; `since` in ms."""

    patient: str
    type: str
    id: str
    path: str
    reason: str
    owner: str | None
    resolution: str | None
    since: int


class Unmapped(NamedTuple):
    """A record that no concept claims, for one of the patients it is about ("" for none)."""

    patient: str
    type: str
    id: str
    version: int
    updated_ms: int


class Pending(NamedTuple):
    """A reference, at `path` of the record (type, id), to a record that is not there."""

    target_type: str
    target_id: str
    type: str
    id: str
    path: str


class Totals(NamedTuple):
    """How much waits."""

    parked: int
    unmapped: int
    pending: int
