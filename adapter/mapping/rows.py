"""What a concept map says once it is read and checked: rows, lists, fixed elements, and the shape that holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter.mapping import choices, codecs, joints, quantities, structures
from adapter.mapping.codecs import Codec
from adapter.mapping.findings import Finding
from adapter.mapping.paths import Path
from adapter.mapping.slices import Slice

CODECS: Mapping[str, type[Codec]] = {
    codec.name: codec
    for codec in (
        codecs.Text,
        codecs.Markdown,
        codecs.Uri,
        codecs.Url,
        codecs.Time,
        codecs.Moment,
        codecs.Instant,
        codecs.Date,
        codecs.Boolean,
        codecs.Integer,
        codecs.Decimal,
        codecs.Code,
        codecs.Coding,
        codecs.Concept,
        codecs.Reference,
        codecs.NamedReference,
        codecs.Note,
        codecs.BooleanOrMoment,
        joints.Joint,
        Finding,
        structures.Period,
        structures.OpenCoding,
        structures.Codes,
        structures.Identifier,
        structures.SoleIdentifier,
        structures.HumanName,
        structures.Telecom,
        structures.Address,
        structures.Money,
        structures.Attachment,
        quantities.Quantity,
        quantities.Score,
        quantities.Answer,
        quantities.Minutes,
        quantities.Hours,
        quantities.Rating,
        structures.Schedule,
        choices.BooleanOrReference,
        choices.CodesOrReference,
        choices.ConceptOrCodes,
        choices.Counted,
        choices.Dose,
    )
}
"""The closed list of codecs (law: no expressions in TOML; a hard element becomes a codec here)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One native field and the element (or elements, for a joint codec) it owns."""

    name: str
    paths: tuple[Path, ...]
    codec: Codec
    table: str | None = None
    optional: bool = False
    many: bool = False
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Fixed:
    """An element that is always written and never a native field; `slice` tells whether one is there already."""

    path: Path
    element: Any
    slice: Slice | None = None
    """None: the element is compared with the literal."""


@dataclass(frozen=True, slots=True)
class Each:
    """A native list of objects and the members of one repeating element, matched by key."""

    name: str
    path: Path
    keys: tuple[str, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Shape:
    """The rows of a resource, or of one member of a list; `base` is its definition path."""

    name: str
    base: str
    rows: tuple[Row, ...]
    eaches: tuple[Each, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    new: Mapping[str, Any] = field(default_factory=dict)
    """literal content of a member of a slice"""

    @property
    def names(self) -> tuple[str, ...]:
        """The native fields in the order of the file."""
        return (*(row.name for row in self.rows), *(each.name for each in self.eaches))

    def paths(self) -> Iterator[tuple[str, Path]]:
        """(who, path) of everything this shape owns, the members of its lists as one."""
        for row in self.rows:
            for path in row.paths:
                yield row.name, path
        for each in self.eaches:
            yield each.name, each.path
        for fixed in self.fixed:
            yield f"fixed {fixed.path.text}", fixed.path


@dataclass(frozen=True, slots=True)
class Field:
    """One native field as others need to know it: OpenAPI, the review sheet, the columns of a source."""

    name: str
    path: str
    codec: str
    schema: Mapping[str, Any]
    table: str | None = None
    words: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    unit: str | None = None
    optional: bool = True
    many: bool = False
    computed: bool = False
    key: bool = False
    fields: tuple[Field, ...] = ()


def fields(shape: Shape, keys: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """The native fields of a shape, lists of objects with their own fields."""
    return (*(_field(row, row.name in keys) for row in shape.rows), *(_list(each) for each in shape.eaches))


def _field(row: Row, key: bool) -> Field:
    schema = {"type": "array", "items": row.codec.schema, "minItems": 1} if row.many else row.codec.schema
    options = row.codec.options
    return Field(
        row.name,
        " + ".join(path.text for path in row.paths),
        row.codec.name,
        schema,
        table=row.table,
        words=tuple(row.codec.schema.get("enum", ())),
        to=options.to,
        unit=options.unit,
        optional=row.optional,
        many=row.many,
        computed=row.computed,
        key=key,
    )


def _list(each: Each) -> Field:
    inner = fields(each.shape, each.keys)
    return Field(each.name, each.path.text, "list", list_schema(inner), many=True, fields=inner)


def list_schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """The JSON Schema of a native list of objects with these fields."""
    return {"type": "array", "minItems": 1, "items": object_schema(fields)}


def object_schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """The JSON Schema of a native object with these fields."""
    required = [field.name for field in fields if not field.optional]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {f.name: dict(f.schema) for f in fields},
        **({"required": required} if required else {}),
    }
