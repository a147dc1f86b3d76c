"""The page of one aggregate: the form that staff fill in, and the records it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapter.fhir.json import parse
from adapter.mapping.aggregate import Aggregate
from adapter.mapping.rows import Field
from docs.generator.context import Context
from docs.generator.markdown import block, bullets, code, codes, page, table
from docs.generator.values import value

HEAD = ("native field", "how it is said", "required", "written to", "note")


def aggregate_page(context: Context, name: str) -> str:
    """The page as Markdown."""
    file, made = context.aggregates[name], context.maps.aggregates[name]
    lines = file.content["lines"]
    root = f"{made.root}." if made.root else ""
    head = file.content.get("head", {})
    said = {field.name: _places(root, field, head.get(field.name, {})) for field in made.fields}
    notes = {key: file.comment("head", key) for key in head}
    inner = next(field for field in made.fields if field.name == lines["name"])
    return page(
        file.shown,
        f"# {name}",
        *file.head,
        _facts(context, name, made.members, made.root, made.shared_by),
        "## Said once\n\n" + table(HEAD, _rows(context, made.fields, said, notes, skip=lines["name"])),
        f"## Each line of {code(lines['name'])}\n\n"
        + table(HEAD, _rows(context, inner.fields, _line(made, inner, lines), {})),
        _once(lines),
        *(_words(key, words) for key, words in file.content.get("words", {}).items()),
        "## Residue\n\nThat of its records, each by its own page. What the form does not show of a record stays in it.",
        _example(context, name),
    )


def _facts(context: Context, name: str, members: Sequence[str], root: str | None, shared_by: str | None) -> str:
    links = " and ".join(f"[{member}]({member}.md)" for member in members)
    held = f"The form is the record {code(root)} and what it lists." if root else ""
    held = held or f"It has no record of its own: its records share {code(shared_by or '')}."
    shown = context.aggregates[name].shown
    return bullets(
        [
            f"Natively: `/iop/{name}`; one form, one commit. Map: [{shown}](../../{shown}).",
            f"Made of {links}. {held}",
        ]
    )


def _places(root: str, field: Field, to: Mapping[str, str]) -> str:
    """The records' fields that a field is written to."""
    own = [f"{root}{field.name}"] if root and not field.computed else []
    return codes([*own, *(f"{member}.{name}" for member, name in to.items() if member != "elect")])


def _line(made: Aggregate, line: Field, lines: Mapping[str, Any]) -> dict[str, str]:
    """The same for the fields of a line; with a root, a line is one record of the other concept."""
    if made.root:
        said = {f.name: f"{made.members[1]}.{f.name}" for f in line.fields if f.path and not f.computed}
        return {name: code(place) for name, place in said.items()}
    same = {key: _places("", line, to) for key, to in lines.get("same", {}).items()}
    return same | {key: code(to) for key, to in lines.get("own", {}).items()}


def _rows(
    context: Context, fields: Sequence[Field], said: Mapping[str, str], notes: Mapping[str, str], skip: str = ""
) -> Iterator[tuple[str, ...]]:
    for field in fields:
        if field.name != skip:
            yield (
                code(field.name),
                _how(context, field),
                "" if field.optional else "yes",
                said.get(field.name, ""),
                notes.get(field.name) or ("computed" if field.computed else ""),
            )


def _how(context: Context, field: Field) -> str:
    if field.fields:
        return f"a list of `{{{', '.join(inner.name for inner in field.fields)}}}`"
    how = value(field.codec, field.to, field.unit, context.targets)
    how += f" {code(field.table)}" if field.table else ""
    return f"a list: {how}" if field.many else how


def _once(lines: Mapping[str, Any]) -> str:
    return f"No two lines may have the same {codes(lines['once'])}." if "once" in lines else ""


def _words(key: str, words: Mapping[str, Any]) -> str:
    """The words that stand for several columns of the records together."""
    columns = list(dict.fromkeys(column for row in words.values() for column in row if column != "accept"))
    rows = (
        (
            code(word),
            *(code(row[column]) if column in row else "" for column in columns),
            "; ".join(" + ".join(code(f"{c} = {v}") for c, v in reading.items()) for reading in row.get("accept", ())),
        )
        for word, row in words.items()
    )
    text = f"## Words of {code(key)}\n\nWhat each writes; a record of which no column is named is not there."
    return f"{text}\n\n{table(('word', *map(code, columns), 'also read'), rows)}"


def _example(context: Context, name: str) -> str:
    folder = context.root / "fixtures" / name / "minimal"
    records = parse((folder / "records.json").read_bytes())
    resources = [context.maps.concepts[kind].to_fhir(record) for kind, listed in records.items() for record in listed]
    shown = f"fixtures/{name}"
    return "\n\n".join(
        [
            "## Example",
            f"The smallest form, and the resources it is. More: [{shown}](../../{shown}).",
            block("json", (folder / "native.json").read_text(encoding="utf-8")),
            *(block("json", json.dumps(resource, indent=2, ensure_ascii=False)) for resource in resources),
        ]
    )
