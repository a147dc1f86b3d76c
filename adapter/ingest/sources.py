"""Reads and checks `mappings/sources/*.toml`; every refusal names file and line.

The form is a table that an analyst fills in, without expressions: `[keys]`, `[words.NAME]`, `[once.CONCEPT]`, and for
each table of the practice system `[tables.NAME]` with its `columns` (what each cell is, or why it is not used), `joins`
and `makes.CONCEPT` (`when`, `fields`, `lists`). Every column is used or ignored with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapter.fhir.canonical import BASE
from adapter.ingest.cells import SHAPES
from adapter.ingest.source import Column, Join, Key, Once, Source, Table, Words
from adapter.ingest.source_form import well_formed
from adapter.ingest.source_rules import RuleReader
from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.load import Maps
from adapter.problems import Kind, Problem


def load_source(folder: Path, name: str, maps: Maps) -> Source:
    """The source file `folder/NAME.toml`; a Problem with every refusal at once, or NOT_FOUND naming the others."""
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise Problem(
            Kind.NOT_FOUND, f"no source {name!r}; there is {known or 'none'}, and native (NDJSON of native records)"
        )
    refusals = Refusals()
    source = _source(path, maps, refusals)
    refusals.raise_any()
    assert source is not None
    return source


def load_sources(folder: Path, maps: Maps) -> dict[str, Source]:
    """Every source file by its name; a Problem with the refusals of all of them."""
    refusals = Refusals()
    made = {path.stem: _source(path, maps, refusals) for path in sorted(folder.glob("*.toml"))}
    refusals.raise_any()
    return {name: source for name, source in made.items() if source is not None}


def _source(path: Path, maps: Maps, refusals: Refusals) -> Source | None:
    declared = Declaration(path, f"sources/{path.name}", refusals)
    return SourceFile(declared, maps).read() if well_formed(declared) else None


def identifying_systems(folder: Path) -> frozenset[str]:
    """The identifier systems of every source file: a value of one of these names one record and no other."""
    refusals = Refusals()
    found = set()
    for path in sorted(folder.glob("*.toml")):
        declared = Declaration(path, f"sources/{path.name}", refusals)
        if well_formed(declared):
            found |= {key.system for key in _keys(declared).values()}
    refusals.raise_any()
    return frozenset(found)


def _keys(declared: Declaration) -> dict[str, Key]:
    keys = {}
    for kind, given in declared.section("keys").items():
        place = ("keys", kind)
        declared.only(given, ("system", "digits"), "setting", *place)
        system = declared.text(given, "system", *place)
        digits = given.get("digits")
        form = re.compile(f"[0-9]{{{digits}}}") if isinstance(digits, int) else None
        keys[kind] = Key(kind, BASE + system if system.startswith("/") else system, digits, form)
    return keys


class SourceFile:
    """One pass over a source file: keys and words first, then tables, then what they make, then what was forgotten."""

    def __init__(self, declared: Declaration, maps: Maps) -> None:
        self._declared = declared
        self._maps = maps
        self._keys = _keys(declared)
        self._words = {name: Words(name, words) for name, words in declared.section("words").items()}

    def read(self) -> Source:
        declared = self._declared
        declared.only(declared.content, ("source", "zone", "keys", "words", "once", "tables"), "section")
        name = declared.text(declared.content, "source")
        if name != declared.name:
            declared.refuse(f"source must be the file's name, {declared.name!r}", "source")
        given = declared.section("tables")
        tables = {table: self._table(table, rows) for table, rows in given.items()}
        rules = RuleReader(declared, self._maps, self._keys, self._words, tables)
        made = {table: rules.table(table, given[table]) for table in tables}
        once = tuple(Once(*rules.once(concept, given)) for concept, given in declared.section("once").items())
        rules.refuse_unused()
        return Source(name, self._zone(), self._keys, once, made)

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self._declared.text(self._declared.content, "zone"))
        except (ZoneInfoNotFoundError, ValueError):
            self._declared.refuse("zone must be an IANA time zone, such as America/New_York", "zone")
            return ZoneInfo("UTC")

    def _table(self, name: str, given: Mapping[str, Any]) -> Table:
        place = ("tables", name)
        declared = self._declared
        declared.only(given, ("key", "columns", "joins", "makes", "ignored"), "setting", *place)
        if "ignored" in given:
            if given.keys() != {"ignored"}:
                declared.refuse("a table that is ignored has nothing but the reason", *place)
            return Table(name, None, {}, {}, (), declared.text(given, "ignored", *place))
        columns = {
            column: self._column(column, said, *place, "columns", column)
            for column, said in given.get("columns", {}).items()
        }
        if not columns:
            declared.refuse("a table needs its columns, or `ignored` with the reason", *place)
        key = given.get("key")
        if key is not None and (key not in columns or columns[key].ignored is not None):
            declared.refuse("key must name a column that is not ignored", *place, "key")
            key = None
        joins = {join: self._join(join, said, *place, "joins", join) for join, said in given.get("joins", {}).items()}
        return Table(name, key, columns, joins, (), None)

    def _column(self, name: str, said: Any, *place: str) -> Column:
        declared = self._declared
        if isinstance(said, str):
            if SHAPES.get(said) != (1, 1):
                declared.refuse(
                    f"unknown kind of cell {said!r}; known: {', '.join(k for k, v in SHAPES.items() if v == (1, 1))}",
                    *place,
                )
            return Column(name, said)
        if isinstance(said, dict) and said.keys() == {"ignored"}:
            return Column(name, ignored=declared.text(said, "ignored", *place))
        if isinstance(said, dict) and said.keys() == {"key"} and said["key"] in self._keys:
            return Column(name, key=self._keys[said["key"]])
        declared.refuse(
            f'a column is a kind of cell, {{ key = KIND of [keys] }} or {{ ignored = "reason" }}, not {said!r}', *place
        )
        return Column(name)

    def _join(self, name: str, said: Mapping[str, Any], *place: str) -> Join:
        declared = self._declared
        declared.only(said, ("table", "by", "on", "optional"), "setting", *place)
        by = declared.text(said, "by", *place)
        return Join(name, declared.text(said, "table", *place), by, said.get("on", ""), said.get("optional", False))
