"""The form of an aggregate: one native document over several records, written in one transaction.

A group meeting is its sessions and bookings, found by the meeting they share; a drug screen is a panel and the
results it names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from adapter.fhir.json import parse
from adapter.interactions.changes import Change
from adapter.interactions.native import Document, Loaded, TransactionView, View
from adapter.interactions.native_keys import reference_fields
from adapter.interactions.native_record import RecordForm
from adapter.interactions.program import Program
from adapter.mapping.aggregate import Aggregate, Part, Stored, misshapen, refuse
from adapter.mapping.rows import Field
from adapter.problems import Issue, Kind, Problem
from adapter.store.version import Version

Member = tuple[str, Version, Loaded]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AggregateForm:
    """Reads and writes the documents of one aggregate."""

    program: Program
    aggregate: Aggregate

    @property
    def name(self) -> str:
        """The aggregate's native name."""
        return self.aggregate.name

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of its document."""
        return self.aggregate.fields

    @property
    def listed_type(self) -> str:
        """The resource type by whose records its lists are narrowed and ordered."""
        return self.form(self.aggregate.root or self.aggregate.members[0]).concept.resource_type

    @property
    def references(self) -> Mapping[str, tuple[str, ...]]:
        """The reference fields of its document."""
        return reference_fields(self.aggregate.fields)

    def check(self, document: Document) -> None:
        """See `Form`."""
        nothing: dict[str, list[Document]] = {name: [] for name in self.aggregate.members}
        parts = self._split(document, nothing, self.program.new_id)
        _each(parts, lambda part: self.form(part.concept).check(part.record))

    def fresh_id(self, view: TransactionView, document: Document) -> str:
        """A new id: an aggregate has no key of its own, its records have."""
        return view.new_id()

    def field_at(self, expression: str) -> str | None:
        """The field of the first of its concepts that owns this element."""
        type = expression.partition(".")[0]
        forms = [form for name in self.aggregate.members if (form := self.form(name)).concept.resource_type == type]
        return next((field for form in forms if (field := form.field_at(expression))), None)

    def load(self, view: View, id: str) -> Loaded | None:
        """The document joined from its live records; None when its root, or all of what shares the id, is not there."""
        members = list(self._members(view, id))
        if not members:
            return None
        records: dict[str, list[Document]] = {name: [] for name in self.aggregate.members}
        for name, _, loaded in members:
            records[name].append(loaded.document)
        residue = [item for _, _, loaded in members for item in loaded.residue]
        return Loaded(self.aggregate.join(records), [version for _, version, _ in members], residue)

    def changes(self, program: Program, view: View, document: Document, loaded: Loaded | None) -> list[Change]:
        """The changes of its records; what is wrong with several of them is told at once."""
        held = list(self._members(view, document["id"]))
        stored: dict[str, list[Document]] = {name: [] for name in self.aggregate.members}
        for name, _, one in held:
            stored[name].append(one.document)
        versions = {(name, version.id): version for name, version, _ in held}
        new_id = view.new_id if isinstance(view, TransactionView) else program.new_id
        parts = self._split(document, stored, new_id)
        made = _each(parts, lambda part: self._change(view, versions, part))
        return [change for change in made if change is not None]

    def _split(self, document: Document, stored: Stored, new_id: Callable[[], str]) -> list[Part]:
        """The parts; 422 for a document whose values are so wrong in kind that it cannot be taken apart."""
        try:
            return self.aggregate.split(document, stored, new_id)
        except (AttributeError, TypeError):
            refuse(self.name, list(misshapen(self.aggregate.fields, document)))
            raise

    def removal(self, loaded: Loaded) -> list[Change]:
        """The deletion of every record it is made of."""
        return [Change("delete", version.type, version.id) for version in loaded.versions]

    def _change(self, view: View, versions: Mapping[tuple[str, str], Version], part: Part) -> Change | None:
        form, id = self.form(part.concept), part.record["id"]
        type, version = form.concept.resource_type, versions.get((part.concept, id))
        if part.delete:
            return Change("delete", type, id)
        if version is None:
            if view.current(type, id):
                raise Problem(Kind.CONFLICT, f"this {part.concept} does not belong to this {self.name}", "id")
            if isinstance(view, TransactionView):
                view.check_id(id)
            return Change("create", type, id, form.made(part.record, by_hand=False))
        stored = parse(version.text)
        resource = form.made(part.record, stored, by_hand=False)
        return None if resource is stored else Change("update", type, id, resource)

    def form(self, concept: str) -> RecordForm:
        """The form of one of its concepts."""
        return RecordForm(self.program, self.program.maps.concepts[concept])

    def _members(self, view: View, id: str) -> Iterator[Member]:
        """Every live record of the document, concept by concept, in the order of ids."""
        aggregate = self.aggregate
        if aggregate.shared_by:
            for name in aggregate.members:
                form = self.form(name)
                yield from _read(form, view.holders(form.concept.resource_type, aggregate.shared_by, id))
        elif aggregate.root:
            yield from self._rooted(view, aggregate.root, id)

    def _rooted(self, view: View, root: str, id: str) -> Iterator[Member]:
        form = self.form(root)
        version = view.current(form.concept.resource_type, id)
        for member in _read(form, [version] if version else []):
            yield member
            ids: Any = member[2].document.get(self.aggregate.link or "", ())
            for name in self.aggregate.members:
                if name != root:
                    other = self.form(name)
                    found = (view.current(other.concept.resource_type, id) for id in ids)
                    yield from _read(other, [version for version in found if version])


def _each(parts: Sequence[Part], do: Callable[[Part], T]) -> list[T]:
    """What is done with each part; Problem(UNPROCESSABLE) with the issues of all that are refused for their content."""
    done, issues = [], list[Issue]()
    for part in parts:
        try:
            with told_at(part.place):
                done.append(do(part))
        except Problem as problem:
            if problem.kind is not Kind.UNPROCESSABLE:
                raise
            issues += problem.issues
    if issues:
        raise Problem(Kind.UNPROCESSABLE, "This document cannot be written.", issues=issues)
    return done


@contextmanager
def told_at(place: str) -> Iterator[None]:
    """Tell what is wrong with one record from its line in the document."""
    try:
        yield
    except Problem as problem:
        issues = (replace(i, expression=f"{place}.{i.expression}" if i.expression else place) for i in problem.issues)
        problem.issues = tuple(issues) if place else problem.issues
        raise


def _read(form: RecordForm, versions: Sequence[Version]) -> Iterator[Member]:
    """Those of the versions that are records of the form's concept."""
    for version in versions:
        loaded = form.read(version)
        if loaded is not None:
            yield form.name, version, loaded
