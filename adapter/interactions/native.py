"""What the verbs of `/iop` share: a native document, where it is read from, and the form that knows how.

A concept's document is one record (`native_record.py`); an aggregate's is what staff record as one form over several
records (`native_aggregate.py`). Both are a `Form`. Not FHIR: the program's own words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Protocol

from adapter.consent.gate import release
from adapter.fhir.json import dump
from adapter.fhir.query import Ids, Match, Query, Tokens
from adapter.interactions.answer import Answer, etag
from adapter.interactions.changes import Change, Outcome, apply
from adapter.interactions.doors import native_terms
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.mapping.residue import Residue
from adapter.mapping.rows import Field
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Document = dict[str, Any]
# Records that one aggregate joins: a meeting of more people is not a group.
MEMBERS = 1000


class View(Protocol):
    """Where a form reads its records: the store for one reader, or a transaction that sees its own writes."""

    def current(self, type: str, id: str) -> Version | None:
        """The live version, or nothing."""

    def holders(self, type: str, parameter: str, value: str) -> Sequence[Version]:
        """The live records that a search by this token or reference finds, in the order of their ids."""


@dataclass(frozen=True, slots=True)
class StoreView:
    """Committed records that the reader may see."""

    program: Program
    predicate: Predicate

    def current(self, type: str, id: str) -> Version | None:
        version = self.program.store.read(self.predicate, type, id)
        return None if version is None or version.deleted else version

    def holders(self, type: str, parameter: str, value: str) -> Sequence[Version]:
        page = self.program.store.search(self.predicate, by_token(self.program, type, parameter, value))
        if page.next:
            raise Problem(Kind.TOO_COSTLY, f"more than {MEMBERS} records belong to this")
        return sorted(page.versions, key=lambda version: version.id)


@dataclass(frozen=True, slots=True)
class TransactionView:
    """Records as a transaction sees them, its own writes included. `minted` are the ids given to new records here."""

    program: Program
    predicate: Predicate
    transaction: Transaction
    minted: set[str] = field(default_factory=set)

    @property
    def sight(self) -> Sight:
        """What the asker sees in this transaction."""
        return Sight(self.program, self.transaction, self.predicate)

    def new_id(self) -> str:
        """A random id for a new record."""
        return self.mint(self.program.new_id())

    def mint(self, id: str) -> str:
        """Note an id as given here."""
        self.minted.add(id)
        return id

    def check_id(self, id: str) -> None:
        """422 for an id of the client's own, from one who may not see every record.

        The id might be a hidden record's; to say so would show it (law 8), so none is taken, whether it is free or not.
        """
        if self.sight.limited and id not in self.minted:
            raise Problem(Kind.UNPROCESSABLE, "a new record gets its id here: leave it out, or POST it", "id")

    def current(self, type: str, id: str) -> Version | None:
        found = self.transaction.find(self.predicate, Query(type, (Ids((id,)),), count=1))
        return found[0] if found else None

    def holders(self, type: str, parameter: str, value: str) -> Sequence[Version]:
        query = by_token(self.program, type, parameter, value)
        found = self.transaction.find(self.predicate, replace(query, count=MEMBERS + 1))
        if len(found) > MEMBERS:
            raise Problem(Kind.TOO_COSTLY, f"more than {MEMBERS} records belong to this")
        return sorted(found, key=lambda version: version.id)


def by_token(program: Program, type: str, parameter: str, value: str) -> Query:
    """All records of a type with this token or reference."""
    found = program.store.index.parameters(type)[parameter]
    return Query(type, (Tokens(found, (Match.plain(found, value),)),), count=MEMBERS)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A native document as it is, the versions it was read from, and what its maps do not cover."""

    document: Document
    versions: Sequence[Version]
    residue: Sequence[Residue]

    @property
    def etag(self) -> str:
        """The version of the one record, or a mark over those of all."""
        return etag(self.versions[0].version) if len(self.versions) == 1 else mark(self.versions)

    @property
    def updated(self) -> int:
        """When the youngest of its versions was made, in ms since 1970."""
        return max(version.updated_ms for version in self.versions)


def mark(versions: Sequence[Version], *, more: bool = False) -> str:
    """A weak entity tag that changes whenever one of several records does, or whether `more` follow."""
    said = "\n".join(f"{v.type}/{v.id}/{v.version}" for v in versions) + "\nmore" * more
    return f'W/"{blake2b(said.encode(), digest_size=12).hexdigest()}"'


class Form(Protocol):
    """A kind of native document."""

    @property
    def name(self) -> str:
        """Its native name."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the document."""

    @property
    def references(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that hold references, with the types they may point to."""

    def load(self, view: View, id: str) -> Loaded | None:
        """The document, or None when it is not there for this view."""

    def check(self, document: Document) -> None:
        """Raise the Problem with every issue that a new document would be refused for."""

    def fresh_id(self, view: TransactionView, document: Document) -> str:
        """The id of a new document; 409 `duplicate` when a record has its key already."""

    def changes(self, program: Program, view: View, document: Document, loaded: Loaded | None) -> list[Change]:
        """What must be written so that the document (its id is in it) reads as given; nothing when it does already."""

    def field_at(self, expression: str) -> str | None:
        """The native field that a FHIR expression of one of its records means."""

    def removal(self, loaded: Loaded) -> list[Change]:
        """What must be deleted for the document to be gone."""


def write(form: Form, view: TransactionView, changes: Sequence[Change]) -> list[Outcome]:
    """Write the changes of one document; a Problem of the FHIR side is told in native fields where one is meant.

    At this door the JSON was sound and the document is not: 422, also where FHIR's own door would say 400.
    """
    try:
        return apply(view.program, view.transaction, changes, native_terms(view.predicate))
    except Problem as problem:
        problem.kind = Kind.UNPROCESSABLE if problem.kind is Kind.INVALID else problem.kind
        problem.issues = tuple(
            replace(issue, expression=native_place(form, issue.expression)) for issue in problem.issues
        )
        raise


class Owner(Protocol):
    """A form or a concept: what knows its native field of a FHIR element."""

    def field_at(self, expression: str) -> str | None:
        """The native field that a FHIR expression means."""


def native_place(form: Owner, expression: str | None) -> str | None:
    """The native field, where the expression says more than the type."""
    return (form.field_at(expression) if expression and "." in expression else None) or expression


def shown(
    program: Program, predicate: Predicate, form: Form, loaded: Loaded, status: int = 200, *, residue: bool = False
) -> Answer:
    """The document as an answer; with what its maps do not cover where that is asked for."""
    body = loaded.document
    if residue:
        body = body | {"residue": [item._asdict() for item in loaded.residue]}
    location = native_link(program, form.name, loaded.document["id"]) if status == 201 else None
    return Answer(status, release(predicate, dump(body), loaded.versions), loaded.etag, loaded.updated, location)


def native_link(program: Program, name: str, id: str = "") -> str:
    """The absolute address of a native document, or of its kind."""
    base = program.base_url.removesuffix("/fhir")
    return f"{base}/iop/{name}/{id}" if id else f"{base}/iop/{name}"


def missing(form: Form) -> Problem:
    """404."""
    return Problem(Kind.NOT_FOUND, f"there is no such {form.name}")
