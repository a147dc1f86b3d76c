"""Views: SQL on FHIR v2 ViewDefinitions, each a flat table of one resource type, its columns named by our words.

Everything that a definition says is understood or refused when it is read. http://hl7.org/fhir/uv/sql-on-fhir/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, product
from math import isfinite
from typing import Any

from adapter.problems import Kind, Problem, Unreadable
from adapter.utilization.views_paths import NUMBERS, Evaluate

Row = tuple[Any, ...]
_MOST = 307
"""The power of ten, up or down, as far as a double holds numbers whatever their digits are."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the primitive type of its values, and whether each is a list of them."""

    name: str
    type: str = "string"
    many: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """One selection: what it repeats for, its own columns, and the selections and the union beside them."""

    columns: tuple[Column, ...]
    paths: tuple[Evaluate, ...] = ()
    each: Evaluate | None = None
    or_null: bool = False
    selects: tuple[Select, ...] = ()
    union: tuple[Select, ...] = ()

    @property
    def names(self) -> tuple[Column, ...]:
        """All columns in the order of the table: its own, those of the selections in it, those of the union."""
        inner = chain.from_iterable(one.names for one in self.selects)
        return (*self.columns, *inner, *(self.union[0].names if self.union else ()))

    def rows(self, item: Any, constants: Mapping[str, Any]) -> list[Row]:
        """The rows of one item: one cross product for each of what it repeats for."""
        foci = [item] if self.each is None else self.each(item, constants)
        if self.or_null and not foci:
            return [(None,) * len(self.names)]
        return [row for focus in foci for row in self._product(focus, constants)]

    def _product(self, focus: Any, constants: Mapping[str, Any]) -> Iterator[Row]:
        pairs = zip(self.columns, self.paths, strict=True)
        own = tuple(_cell(column, path(focus, constants)) for column, path in pairs)
        parts = [one.rows(focus, constants) for one in self.selects]
        if self.union:
            parts.append([row for one in self.union for row in one.rows(focus, constants)])
        return ((*own, *chain.from_iterable(made)) for made in product(*parts))


@dataclass(frozen=True, slots=True)
class View:
    """A view that has been read: its name, the resource type it is of, and its rows."""

    name: str
    title: str
    resource: str
    columns: tuple[Column, ...]
    select: Select
    where: tuple[Evaluate, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)

    def rows(self, resource: dict[str, Any]) -> list[Row]:
        """The rows of a resource of the view's type; UNPROCESSABLE where one has several values in one cell."""
        constants = {**self.constants, "resource": resource}
        try:
            if all(_holds(where(resource, constants)) for where in self.where):
                return self.select.rows(resource, constants)
        except Unreadable as wrong:
            raise Problem(Kind.UNPROCESSABLE, f"view {self.name}: {wrong}") from None
        return []


def _holds(found: Sequence[Any]) -> bool:
    """Whether a condition holds; Unreadable for one that is neither true nor false."""
    values = list(found)
    if len(values) > 1 or not all(isinstance(value, bool) for value in values):
        raise Unreadable("a condition of where is neither true nor false")
    return values == [True]


def _cell(column: Column, found: Sequence[Any]) -> Any:
    values = list(found)
    if any(isinstance(value, dict | list) for value in values):
        raise Unreadable(f"column {column.name} is no primitive")
    for value in values:
        if not _is(value, column.type):
            raise Unreadable(f"column {column.name} is no {column.type}")
    if column.many:
        return values
    if len(values) > 1:
        raise Unreadable(f"column {column.name} has {len(values)} values")
    return values[0] if values else None


def _is(value: Any, type: str) -> bool:
    """Whether a value is of a primitive type, as all that is written can hold it: integers of 64 bits, decimals as far
    as a double goes, texts that are UTF-8. A `string`, which is also what no type is said of, may be any primitive."""
    if isinstance(value, str):
        return type not in NUMBERS and type != "boolean" and _is_text(value)
    if isinstance(value, bool):
        return type in ("boolean", "string")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return False
    if isinstance(value, int):
        return type in NUMBERS or type == "string"
    return type in ("decimal", "string") and isfinite(value) and abs(Decimal(value).adjusted()) <= _MOST


def _is_text(value: str) -> bool:
    """Whether it can be written: half a character cannot."""
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False
