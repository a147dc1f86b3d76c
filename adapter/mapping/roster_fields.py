"""The native fields of an aggregate's document and of its lines: for OpenAPI and the review sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapter.mapping.aggregate import Place
from adapter.mapping.rows import Field, list_schema
from adapter.mapping.said_once import Shared, Words


def line_fields(
    fields: Mapping[str, tuple[Field, ...]],
    members: tuple[str, ...],
    same: Mapping[str, Shared],
    own: Mapping[str, tuple[str, Place]],
    words: Words,
    timed: Sequence[Field],
) -> tuple[Field, ...]:
    """The fields of one line, for OpenAPI and the review sheet."""
    text: dict[str, Any] = {"type": "string", "minLength": 1}
    entry = {"record": {"type": "string", "enum": list(members)}, "field": text, "value": {}}
    differs = {"type": "array", "items": {"type": "object", "properties": entry, "required": ["record", "field"]}}
    parked = {"type": "array", "items": {"type": "object"}}
    word = {"type": "string", "enum": list(words.rows)}
    shared = [field_at(fields, name, shared.places, index == 0) for index, (name, shared) in enumerate(same.items())]
    return (
        *shared,
        Field(words.name, "", "word", word, words=tuple(words.rows)),
        *(field_at(fields, name, {member: at}, False) for name, (member, at) in own.items()),
        *timed,
        *(Field(member, "id", "id", text, computed=True) for member in members),
        Field("differs", "", "differs", differs, many=True),
        Field("incomplete", "", "incomplete", parked, many=True, computed=True),
    )


def field_at(
    fields: Mapping[str, tuple[Field, ...]],
    name: str,
    places: Mapping[str, Place],
    required: bool,
) -> Field:
    """A document's field as the first member that says it declares it."""
    member, at = next(iter(places.items()))
    found = next(field for field in fields[member] if field.name == at.field)
    paths = " = ".join(f"{m}.{p.field}{f'.{p.key}' if p.key else ''}" for m, p in places.items())
    if at.key is None:
        return replace(found, name=name, path=paths, optional=not required, key=required)
    key = next(field for field in found.fields if field.name == at.key)
    schema = {"type": "array", "minItems": 1, "items": dict(key.schema)}
    return replace(key, name=name, path=paths, schema=schema, optional=not required, many=True, key=required)


def roster_field(name: str, inner: tuple[Field, ...]) -> Field:
    """The list of lines."""
    return Field(name, "", "list", list_schema(inner), optional=False, many=True, fields=inner)
