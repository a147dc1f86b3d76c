"""Aggregates: what staff record as one form, over several records that FHIR keeps apart.

`join` shows the records as one document, `split` gives the records to write or delete so that `join` shows the document
again: join(split(d)) == d, and split(join(r)) writes nothing. What a document does not show of a record is kept.
R4: https://hl7.org/fhir/R4/observation.html#obsgrouping, https://hl7.org/fhir/R4/appointment.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from adapter.fhir.json import same
from adapter.mapping.rows import Field
from adapter.problems import Issue, Kind, Problem

Record = dict[str, Any]
Document = dict[str, Any]
Stored = Mapping[str, Sequence[Record]]


class Part(NamedTuple):
    """One record to write, or (`delete`) to remove, so that the store shows the document."""

    concept: str
    record: Record
    delete: bool = False
    place: str = ""
    """the line of the document the record is said by ("roster[0]"), empty for the root and for what is deleted"""


class Aggregate(Protocol):
    """What everything outside the mapping floor knows of an aggregate."""

    @property
    def name(self) -> str:
        """The native name."""

    @property
    def members(self) -> tuple[str, ...]:
        """The concepts of its records, the root's first."""

    @property
    def root(self) -> str | None:
        """The concept whose record the document is, if there is one."""

    @property
    def link(self) -> str | None:
        """The root record's field with the ids of the other members."""

    @property
    def shared_by(self) -> str | None:
        """Without a root: the field, and search parameter, by which the members belong together."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The native fields of the document."""

    @property
    def source(self) -> str:
        """The file, for the review sheet."""

    def join(self, records: Stored) -> Document:
        """One document, with `id`; raises Problem(NOT_FOUND) where there is nothing to show."""

    def split(self, document: Document, stored: Stored, new_id: Callable[[], str]) -> list[Part]:
        """The records to write or delete; `stored` is what `join` was or would be given.

        Raises Problem(UNPROCESSABLE) with every issue. Changes neither argument.
        """


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member says a value: a field, or the keys of a list of objects."""

    field: str
    key: str | None = None

    @classmethod
    def of(cls, text: str) -> Place:
        """`field` or `list.key`."""
        name, _, key = text.partition(".")
        return cls(name, key or None)

    def read(self, record: Record) -> Any:
        """The value, or None when absent."""
        value = record.get(self.field)
        return value if self.key is None or value is None else [item[self.key] for item in value]

    def write(self, record: Record, value: Any) -> None:
        """Set or (None) remove the value; objects of a list that keep their key keep what they hold."""
        if same(self.read(record), value):
            return
        if value is not None and self.key is not None:
            old = {item[self.key]: item for item in record.get(self.field, ())}
            value = [old.get(key, {self.key: key}) for key in value]
        if value is None:
            record.pop(self.field, None)
        else:
            record[self.field] = value


def bare(record: Record) -> Record:
    """A copy without what is computed about a record."""
    return {name: value for name, value in record.items() if name != "incomplete"}


def refuse(name: str, issues: Sequence[Issue]) -> None:
    """Raise Problem(UNPROCESSABLE) with the issues, or return when there are none."""
    if issues:
        raise Problem(Kind.UNPROCESSABLE, f"This {name.replace('_', ' ')} cannot be written.", issues=issues)


def lacking(fields: Sequence[Field], given: Record, at: str) -> list[Issue]:
    """Issues of required fields that a new document, or a new line of one, does not have."""
    names = [field.name for field in fields if not field.optional and field.name not in given]
    return [Issue("required", f"{at}{name} is missing", f"{at}{name}") for name in names]


def foreign(at: str, name: str) -> str:
    """Why the id of a record is refused that the stored document does not have."""
    return f"{at}: no record of this {name.replace('_', ' ')} as it is stored; a new one gets its id here: leave it out"


def differing(given: Record, places: Mapping[str, Any], record: str | None = None) -> dict[str, Any]:
    """What a line's `differs` says about one of its records: field -> value, None for a field it lacks."""
    entries = given.get("differs", ())
    return {
        entry["field"]: entry.get("value")
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and entry.get("field") in places and entry.get("record") == record
    }


def unheard(given: Any, again: Any, at: str, computed: frozenset[str]) -> list[Issue]:
    """Where a document and what its records would show differ, by path; `computed` names may be left out."""
    if isinstance(given, dict) and isinstance(again, dict):
        issues = []
        for name in [*given, *(name for name in again if name not in given)]:
            if name in computed and name not in given:
                continue
            issues += unheard(given.get(name), again.get(name), f"{at}.{name}" if at else name, computed)
        return issues
    if isinstance(given, list) and isinstance(again, list) and len(given) == len(again):
        return [
            issue
            for index, pair in enumerate(zip(given, again, strict=True))
            for issue in unheard(*pair, f"{at}[{index}]", computed)
        ]
    if same(given, again):
        return []
    shown = "nothing" if again is None else "something else"
    return [Issue("business-rule", f"{at}: the records of this document would show {shown} here", at)]


def order_of(fields: Sequence[str], document: Document) -> Document:
    """The document with `id` first and its fields in one order."""
    return {name: document[name] for name in ("id", *fields, "incomplete") if name in document}


_KINDS: Mapping[Any, type] = {"string": str, "array": list, "object": dict}


def misshapen(fields: Iterable[Field], document: Mapping[str, Any], at: str = "") -> Iterator[Issue]:
    """Issues of values that are no string, list or object where the field's schema says so, in lists of objects too."""
    for field in fields:
        if field.name not in document:
            continue
        value = document[field.name]
        yield from _misfit(field.schema, value, f"{at}{field.name}")
        for index, item in enumerate(value if field.fields and isinstance(value, list) else ()):
            if isinstance(item, dict):
                yield from misshapen(field.fields, item, f"{at}{field.name}[{index}].")


def _misfit(schema: Mapping[str, Any], value: Any, at: str) -> Iterator[Issue]:
    kind = schema.get("type", "string" if "enum" in schema else None)
    if kind not in _KINDS:
        if kind is not None and (value is None or isinstance(value, list | dict)):
            yield Issue("value", f"{at}: expected one {kind}", at)
    elif not isinstance(value, _KINDS[kind]):
        yield Issue("value", f"{at}: expected {'an' if kind[0] in 'ao' else 'a'} {kind}", at)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _misfit(schema.get("items", {}), item, f"{at}[{index}]")
