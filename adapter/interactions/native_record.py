"""The form of one concept: a native document that is one record, one FHIR resource."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapter.fhir.json import dump, parse
from adapter.interactions.changes import Change
from adapter.interactions.counseling import counseling_notes
from adapter.interactions.native import Document, Loaded, TransactionView, View, native_place
from adapter.interactions.native_keys import reference_fields
from adapter.interactions.program import Program
from adapter.interactions.relations import Duplicate
from adapter.mapping.concept import Concept
from adapter.mapping.members import key_of
from adapter.mapping.rows import Field
from adapter.problems import Issue, Kind, Problem
from adapter.store.version import Version

_TOP = re.compile(r"[.\[]")


@dataclass(frozen=True, slots=True)
class RecordForm:
    """Reads and writes the records of one concept."""

    program: Program
    concept: Concept

    @property
    def name(self) -> str:
        """The concept's native name."""
        return self.concept.name

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of its document."""
        return self.concept.fields

    @property
    def listed_type(self) -> str:
        """The resource type that its lists search."""
        return self.concept.resource_type

    @property
    def references(self) -> Mapping[str, tuple[str, ...]]:
        """Its reference fields."""
        return reference_fields(self.concept.fields)

    def check(self, document: Document) -> None:
        """See `Form`."""
        self.made(document)

    def made(self, record: Document, onto: Document | None = None, *, by_hand: bool = True) -> Document:
        """The resource of a record that a person has typed, or (not `by_hand`) that is part of a document.

        What the map refuses does not hide what the door would: a time that is none, a counseling note.
        """
        try:
            return self.concept.to_fhir(record, onto, by_hand=by_hand)
        except Problem as problem:
            problem.issues = (*problem.issues, *self._behind(record, problem.issues))
            raise

    def _behind(self, record: Document, told: Sequence[Issue]) -> list[Issue]:
        """What the door says against the fields that the map takes, and against the whole if that can be written."""
        named = {_TOP.split(issue.expression or "", maxsplit=1)[0] for issue in told}
        for said in (record, {name: value for name, value in record.items() if name not in named}):
            try:
                resource = self.concept.to_fhir(said, park=True)
            except Problem:
                continue
            found = counseling_notes(resource, dump(resource))
            found += [issue for issue in self.program.door.check(resource) if issue.code == "value"]
            placed = [replace(issue, expression=native_place(self, issue.expression)) for issue in found]
            return [i for i in placed if i.expression not in named or i.code == "business-rule"]
        return []

    def fresh_id(self, view: TransactionView, document: Document) -> str:
        """Derived from the record's own practice key if it has one, else random."""
        resource = self.made({"id": "new"} | document)
        id = view.mint(view.sight.new_id(resource))
        if view.current(self.concept.resource_type, id):
            raise Duplicate(
                self.concept.resource_type, id, f"there is a {self.name} with this key already", "identifiers"
            )
        return id

    def field_at(self, expression: str) -> str | None:
        """The concept's field that owns this element."""
        return self.concept.field_at(expression)

    def load(self, view: View, id: str) -> Loaded | None:
        """The record; None also when the resource under this id belongs to another concept."""
        for type in self.concept.resource_types:
            version = view.current(type, id)
            if version is not None and (loaded := self.read(version)) is not None:
                return loaded
        return None

    def read(self, version: Version) -> Loaded | None:
        """The record of one version."""
        resource = parse(version.text)
        claimed = self.program.maps.concept_of(resource)
        if claimed is None or claimed.name != self.concept.name:
            return None
        record, residue = self.concept.to_native(resource)
        return Loaded(record, (version,), residue)

    def changes(self, program: Program, view: View, document: Document, loaded: Loaded | None) -> list[Change]:
        """One change or none; 409 when the id is taken by a record of another concept."""
        type, id = self.concept.resource_type, document["id"]
        if loaded is None:
            if view.current(type, id):
                raise Problem(Kind.CONFLICT, f"this id is taken by a record that is not a {self.name}")
            if isinstance(view, TransactionView):
                view.check_id(id)
            return [Change("create", type, id, self.made(document))]
        stored = parse(loaded.versions[0].text)
        document = with_computed(self.concept.fields, document, loaded.document)
        resource = self.made(document, stored)
        return [] if resource is stored else [Change("update", type, id, resource)]

    def removal(self, loaded: Loaded) -> list[Change]:
        """The deletion of its resource; 422 for one of a type that the concept reads and does not write."""
        type = loaded.versions[0].type
        if type != self.concept.resource_type:
            raise Problem(Kind.UNPROCESSABLE, f"this {self.name} is read from a {type}: delete it there")
        return [Change("delete", type, loaded.versions[0].id)]


def with_computed(fields: Sequence[Field], document: Document, stored: Document) -> Document:
    """The document with the fields that nobody types as they are stored, those of the members of its lists (matched by
    key) too: to leave them out does not take them away.
    """
    own = {f.name: stored[f.name] for f in fields if f.computed and f.name in stored}
    lists = [f for f in fields if any(inner.computed for inner in f.fields) and isinstance(document.get(f.name), list)]
    return own | document | {f.name: _members(f, document[f.name], stored.get(f.name, ())) for f in lists}


def _members(field: Field, items: list[Any], stored: Sequence[Document]) -> list[Any]:
    keys = tuple(f.name for f in field.fields if f.key)
    computed = [f.name for f in field.fields if f.computed]
    known = {key_of(item, keys): {name: item[name] for name in computed if name in item} for item in stored}
    return [known.get(key_of(item, keys), {}) | item if isinstance(item, dict) else item for item in items]
