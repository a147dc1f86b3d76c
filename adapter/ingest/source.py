"""What a source file says (`mappings/sources/NAME.toml`): a practice system's tables and what is made of their rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Key:
    """A kind of key of the practice system: the identifier system it becomes, and its width where it is all digits.

    The width tells a key that lost its leading zeros in a spreadsheet from a sound one.
    """

    kind: str
    system: str
    digits: int | None
    form: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how its cells are read (a name of `cells.READERS`), or whose key it holds, or why it is not used."""

    name: str
    reader: str = "text"
    key: Key | None = None
    ignored: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A translation of the practice system's words into ours; several columns are one word with spaces between.

    A word translated as "" says nothing: the field is left out.
    """

    name: str
    words: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Join:
    """`NAME.column` in fields: a column of the row of `table` whose column `on` equals this row's column `by`."""

    name: str
    table: str
    by: str
    on: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value in every record."""

    value: Any


@dataclass(frozen=True, slots=True)
class Cells:
    """A value of one or several columns, by a reader or a translation; only where `unless`, if given, is empty."""

    columns: tuple[str, ...]
    reader: str | None
    words: Words | None
    unless: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """The record of another concept: by its key in a column, by a constant key, or found by a lookup.

    `typed`: whether natively it is "Type/id", because the field may point to several types.
    """

    type: str
    key: Key
    column: str | None
    constant: str | None
    lookup: Lookup | None
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """A named search (`lookups.LOOKUPS`) for a row of `table`; its key is the answer."""

    name: str
    table: str
    key_column: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """A list of objects whose parts are all in the same row; one that lacks a part is left out."""

    members: tuple[tuple[Field, ...], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One native field; `many` makes a list of the one value."""

    name: str
    value: Constant | Cells | Reference | Group
    many: bool = False


@dataclass(frozen=True, slots=True)
class Members:
    """A native list: one member for each row of `table` whose column `by` holds this row's key, in `order`."""

    field: str
    table: str
    by: str
    order: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One record of `concept` from each row (or once); only where the named columns hold one of the words.

    `also`: columns whose keys name the same record, besides the table's own. `dated`: whether the concept can say that
    a time's zone was assumed. `owned`: the native fields for which the source speaks; absent there is absent here.
    `pointing`: those that hold references.
    """

    concept: str
    type: str
    key: Key
    when: Mapping[str, frozenset[str]]
    fields: tuple[Field, ...]
    members: tuple[Members, ...]
    also: tuple[tuple[str, Key], ...]
    dated: bool
    owned: frozenset[str]
    pointing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, and what its rows become. `ignored` says why a table is only counted."""

    name: str
    key: str | None
    columns: Mapping[str, Column]
    joins: Mapping[str, Join]
    rules: tuple[Rule, ...]
    ignored: str | None

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are read, in the order of the source file."""
        return tuple(name for name, column in self.columns.items() if column.ignored is None)


@dataclass(frozen=True, slots=True)
class Once:
    """A record made once, from no row: the practice itself."""

    rule: Rule
    value: str


@dataclass(frozen=True, slots=True)
class Source:
    """A practice system, as its source file describes it. `zone` is where its clocks hang."""

    name: str
    zone: ZoneInfo
    keys: Mapping[str, Key]
    once: tuple[Once, ...]
    tables: Mapping[str, Table]
