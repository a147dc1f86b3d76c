"""The review sheet of a map: what an analyst signs off, one line for each native field, and the source it became."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from adapter.fhir.json import dump
from adapter.mapping.aggregate import Aggregate
from adapter.mapping.concept import Concept
from adapter.mapping.load import Maps
from adapter.mapping.rows import Field
from adapter.mapping.tables import JointTable
from adapter.problems import Kind, Problem


class Line(NamedTuple):
    """One native field: where it goes, how, with which table, and an example."""

    field: str
    path: str
    codec: str
    table: str
    example: str


_HEADER = Line("native field", "FHIR path", "codec", "table", "example")
_WIDTH = 60


def review_sheet(fields: Iterable[Field], record: Mapping[str, Any] | None = None) -> list[Line]:
    """One line for each field, the fields of lists indented below it; examples from `record`, else from the table."""
    return list(_lines(fields, record or {}, ""))


def _lines(fields: Iterable[Field], record: Mapping[str, Any], indent: str) -> Iterator[Line]:
    for field in fields:
        notes = [
            text
            for text, holds in (
                ("key", field.key),
                ("optional", field.optional and not field.fields),
                ("list", field.many and not field.fields),
                ("computed", field.computed),
            )
            if holds
        ]
        to = f" to {' | '.join(field.to)}" if field.to else ""
        unit = f" in {field.unit}" if field.unit else ""
        codec = f"{field.codec}{to}{unit}" + (f" ({', '.join(notes)})" if notes else "")
        value = record.get(field.name)
        example = "" if field.fields else _example(field, value)
        yield Line(indent + field.name, field.path, codec, field.table or "", example)
        if field.fields:
            first = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else {}
            yield from _lines(field.fields, first, indent + "  ")


def _example(field: Field, value: Any) -> str:
    if value is None:
        return " | ".join(field.words)[:_WIDTH]
    return dump(value).decode()[:_WIDTH]


def _table(lines: Iterable[Line]) -> str:
    rows = [_HEADER, *lines]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)), row.example]).rstrip()
        for row in rows
    )


def sheet(maps: Maps, name: str, record: Mapping[str, Any] | None = None) -> str:
    """The review sheet of a concept or aggregate as text, with its tables and source; examples from `record`."""
    found: Concept | Aggregate | None = maps.concepts.get(name) or maps.aggregates.get(name)
    if found is None:
        known = ", ".join([*maps.concepts, *maps.aggregates])
        raise Problem(Kind.NOT_FOUND, f"There is no map called {name!r}; there are {known}.")
    if isinstance(found, Concept):
        also = "".join(f", reads {kind} too" for kind in found.resource_types[1:])
        title = f"{found.name} <-> {found.resource_type} ({found.profile}){also}, map {found.hash}"
        tables = "\n\n".join(_codes(maps, table) for table in sorted(set(_tables(found.fields))))
        return "\n\n".join([title, _table(review_sheet(found.fields, record)), tables, found.source])
    held = found.root or f"records that share {found.shared_by}"
    title = f"{found.name} <-> {', '.join(found.members)} ({held}), {found.source}"
    return "\n\n".join([title, _table(review_sheet(found.fields, record))])


def _tables(fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        if field.table:
            yield field.table
        yield from _tables(field.fields)


def _codes(maps: Maps, name: str) -> str:
    """One table: word, what is written, and what is read besides."""
    table = maps.tables[name]
    if isinstance(table, JointTable):
        rows = [f"  {word:<28} {dump(dict(row)).decode()}" for word, row in table.rows.items()]
        return "\n".join([f"table {name} ({', '.join(table.elements)})", *rows])
    written = {
        word: f"{c.get('system', '')}|{c['code']} {c.get('display', '')}".strip() for word, c in table.codings.items()
    }
    read: dict[str, list[str]] = {}
    for (system, code), word in table.words.items():
        if (system, code) != (table.codings[word].get("system", ""), table.codings[word]["code"]):
            read.setdefault(word, []).append(f"{system}|{code}")
    also = {word: f"  (also read: {', '.join(keys)})" for word, keys in read.items()}
    rows = [f"  {word:<28} {text}{also.get(word, '')}" for word, text in written.items()]
    return "\n".join([f"table {name}", *rows])


def summary(maps: Maps, sources: Sequence[str]) -> str:
    """One line for each concept, aggregate, concept map and practice system (`sources`), in columns."""
    rows = [
        (made.name, made.resource_type, made.profile, f"{_count(made.fields)} fields", made.hash)
        for made in maps.concepts.values()
    ]
    rows += [
        (found.name, "aggregate", " + ".join(found.members), f"{_count(found.fields)} fields", "")
        for found in maps.aggregates.values()
    ]
    rows += [
        (found.name, "concept map", found.table.name, f"{len(found.rows)} words", found.target)
        for found in maps.concept_maps.values()
    ]
    rows += [(name, "practice system", f"mappings/sources/{name}.toml", "", "") for name in sources]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        f"{name:<{widths[0]}}  {kind:<{widths[1]}}  {of:<{widths[2]}}  {size:>{widths[3]}}  {more}".rstrip()
        for name, kind, of, size, more in rows
    ]
    counted = {"concepts": maps.concepts, "aggregates": maps.aggregates, "concept maps": maps.concept_maps}
    counts = [f"{len(each)} {what}" for what, each in {**counted, "tables": maps.tables, "sources": sources}.items()]
    return "\n".join([*lines, f"{', '.join(counts)}: no refusals"])


def _count(fields: Iterable[Field]) -> int:
    return sum(1 + _count(field.fields) for field in fields)
