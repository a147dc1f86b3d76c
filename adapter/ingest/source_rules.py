"""Reads the part of a source file that says what rows become: joins, conditions, fields, lists, references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from adapter.ingest.cells import SHAPES
from adapter.ingest.lookups import LOOKUPS
from adapter.ingest.source import (
    Cells,
    Column,
    Constant,
    Field,
    Group,
    Join,
    Key,
    Lookup,
    Members,
    Reference,
    Rule,
    Table,
    Words,
)
from adapter.mapping.declarations import Declaration
from adapter.mapping.load import Maps
from adapter.mapping.rows import Field as Native

# Set by the import itself, from the row's key and from how its times were read.
COMPUTED = ("id", "identifiers", "zone_assumed", "incomplete")


class RuleReader:
    """Checks every name against the tables of the file and the concept's fields, and notes which columns are used."""

    def __init__(
        self,
        declared: Declaration,
        maps: Maps,
        keys: Mapping[str, Key],
        words: Mapping[str, Words],
        tables: Mapping[str, Table],
    ) -> None:
        self._declared, self._maps, self._keys, self._words = declared, maps, keys, words
        self._tables = dict(tables)
        self._used: set[tuple[str, str]] = set()
        self._spoken: set[str] = set()
        self._listed: set[str] = set()

    def table(self, name: str, given: Mapping[str, Any]) -> Table:
        """The table with its joins checked and its rules read."""
        table = self._tables[name]
        if table.key:
            self._used.add((name, table.key))
        joins = {join.name: self._joined(table, join) for join in table.joins.values()}
        table = self._tables[name] = replace(table, joins=joins)
        rules = tuple(self._rule(table, concept, said) for concept, said in given.get("makes", {}).items())
        if rules and not (table.key and table.columns[table.key].key):
            self._declared.refuse("a table whose rows make records needs a key, of a kind in [keys]", "tables", name)
        return replace(table, rules=rules)

    def once(self, concept: str, given: Mapping[str, Any]) -> tuple[Rule, str]:
        """A record made from no row, and its key."""
        place = ("once", concept)
        self._declared.only(given, ("key", "value", "fields"), "setting", *place)
        key = self._key(given.get("key"), *place, "key")
        nothing = Table("", None, {}, {}, (), None)
        return self._made(nothing, concept, key, {"fields": given.get("fields", {})}, place), self._declared.text(
            given, "value", *place
        )

    def refuse_unused(self) -> None:
        """Refuses columns, tables and translations that nothing uses: a source file hides nothing."""
        for table in self._tables.values():
            for column in table.used:
                if (table.name, column) not in self._used:
                    self._declared.refuse(
                        f'column {column!r} is not used; say {{ ignored = "reason" }}',
                        "tables",
                        table.name,
                        "columns",
                        column,
                    )
        for name in self._words.keys() - self._spoken:
            self._declared.refuse(f"words {name!r} are not used", "words", name)

    def _joined(self, table: Table, join: Join) -> Join:
        place = ("tables", table.name, "joins", join.name)
        other = self._tables.get(join.table)
        if other is None or other.ignored is not None:
            self._declared.refuse(f"unknown table {join.table!r}", *place)
            return join
        on = join.on or other.key or ""
        if on != other.key and "makes" in self._declared.section("tables")[other.name]:
            # Rows with an equal `on` are refused as repeated, which would lose their records.
            self._declared.refuse(f"rows of {other.name!r} make records, so they are joined by their key", *place)
        before = list(table.joins)[: list(table.joins).index(join.name)]
        if "." in join.by and join.by.rpartition(".")[0] not in before:
            self._declared.refuse(f"{join.by!r} is of no join above this one", *place)
        self._column(other, on, *place)
        self._column(table, join.by, *place)
        return replace(join, on=on)

    def _rule(self, table: Table, concept: str, given: Mapping[str, Any]) -> Rule:
        place = ("tables", table.name, "makes", concept)
        self._declared.only(given, ("when", "also", "fields", "lists"), "setting", *place)
        key = table.columns[table.key].key if table.key else None
        return self._made(table, concept, key or Key("", "", None), given, place)

    def _made(self, table: Table, concept: str, key: Key, given: Mapping[str, Any], place: tuple[str, ...]) -> Rule:
        known = self._maps.concepts.get(concept)
        if known is None:
            self._declared.refuse(f"unknown concept {concept!r}", *place)
            return Rule(concept, "", key, {}, (), (), (), False, frozenset(), ())
        natives = {field.name: field for field in known.fields}
        if "identifiers" not in natives:
            self._declared.refuse(f"{concept} has no field `identifiers` to keep the practice system's key in", *place)
        fields = tuple(self._fields(table, natives, given.get("fields", {}), *place, "fields"))
        members = tuple(
            self._members(name, said, natives, *place, "lists", name) for name, said in given.get("lists", {}).items()
        )
        also = tuple((column, self._held(table, column, *place, "also")) for column in given.get("also", ()))
        owned = frozenset({field.name for field in fields} | {list.field for list in members} | {"zone_assumed"})
        pointing = tuple(field.name for field in fields if isinstance(field.value, Reference | Group))
        when = dict(self._when(table, given, place))
        return Rule(
            concept, known.resource_type, key, when, fields, members, also, "zone_assumed" in natives, owned, pointing
        )

    def _held(self, table: Table, column: str, *place: str) -> Key:
        """The kind of key that a column holds."""
        held = self._column_of(table, self._column(table, column, *place)).key
        if held is None:
            self._declared.refuse(f"column {column!r} does not hold a key", *place)
        return held or Key("", "", None)

    def _when(
        self, table: Table, given: Mapping[str, Any], place: tuple[str, ...]
    ) -> Iterator[tuple[str, frozenset[str]]]:
        for column, words in given.get("when", {}).items():
            self._column(table, column, *place, "when")
            listed = [words] if isinstance(words, str) else words
            if not listed or not all(isinstance(word, str) for word in listed):
                self._declared.refuse("a condition is a column and the words it may hold", *place, "when")
            yield column, frozenset(listed)

    def _members(self, name: str, given: Mapping[str, Any], natives: Mapping[str, Native], *place: str) -> Members:
        self._declared.only(given, ("table", "by", "order", "fields"), "setting", *place)
        table = self._tables.get(self._declared.text(given, "table", *place))
        if table is None or table.ignored is not None or table.name in self._listed:
            self._declared.refuse("a list needs a table of this file that is not a list elsewhere", *place)
            return Members(name, "", "", "", ())
        self._listed.add(table.name)
        by, order = (self._column(table, self._declared.text(given, key, *place), *place) for key in ("by", "order"))
        inside = self._parts(natives, name, *place)
        return Members(
            name, table.name, by, order, tuple(self._fields(table, inside, given.get("fields", {}), *place, "fields"))
        )

    def _parts(self, natives: Mapping[str, Native], name: str, *place: str) -> dict[str, Native]:
        """The fields of the objects in a native list."""
        if name not in natives or not natives[name].fields:
            self._declared.refuse(f"{name!r} is not a list of objects", *place)
            return {}
        return {part.name: part for part in natives[name].fields}

    def _fields(
        self,
        table: Table,
        natives: Mapping[str, Native],
        given: Mapping[str, Any],
        *place: str,
    ) -> Iterator[Field]:
        for name, said in given.items():
            native = natives.get(name)
            if native is None or native.computed or name in COMPUTED:
                self._declared.refuse(f"{name!r} is not a field that a source can give", *place, name)
            elif isinstance(said, list):
                parts = self._parts(natives, name, *place, name)
                members = tuple(tuple(self._fields(table, parts, member, *place, name)) for member in said)
                yield Field(name, Group(members))
            else:
                yield self._field(table, native, {"column": said} if isinstance(said, str) else said, *place, name)

    def _field(self, table: Table, native: Native, given: Mapping[str, Any], *place: str) -> Field:
        many = native.many
        if given.keys() == {"value"}:
            self._speaks(native, [given["value"]], *place)
            return Field(native.name, Constant(given["value"]), many)
        if "record" in given:
            return Field(native.name, self._reference(table, native, given, *place), many)
        if native.to:
            self._declared.refuse("a reference is { record = CONCEPT, key | value | lookup }", *place)
        cells = self._cells(table, given, *place)
        if cells.words:
            self._speaks(native, cells.words.words.values(), "words", cells.words.name)
        return Field(native.name, cells, many)

    def _speaks(self, native: Native, words: Iterable[Any], *place: str) -> None:
        """Refuses what is not one of our own words for the field; "" says nothing."""
        for word in words:
            if native.words and word != "" and word not in native.words:
                self._declared.refuse(f"{word!r} is not a word of {native.name} ({', '.join(native.words)})", *place)

    def _cells(self, table: Table, given: Mapping[str, Any], *place: str) -> Cells:
        self._declared.only(given, ("column", "columns", "as", "words", "unless"), "setting", *place)
        named = given.get("columns", [given["column"]] if "column" in given else [])
        if not named or not all(isinstance(column, str) for column in named) or ("words" in given and "as" in given):
            self._declared.refuse(
                "a field is a column's name, { column(s), as | words }, { record, key | value | lookup }, { value } or "
                "a list of objects",
                *place,
            )
            return Cells((), "text", None)
        columns = tuple(self._column(table, column, *place) for column in named)
        if "words" in given:
            unless = self._column(table, given["unless"], *place) if "unless" in given else None
            return Cells(columns, None, self._translation(given["words"], *place), unless)
        reader = given.get("as") or self._column_of(table, columns[0]).reader
        if SHAPES.get(reader, (0, 0))[0] != len(columns):
            self._declared.refuse(f"reader {reader!r} does not exist or does not read {len(columns)} column(s)", *place)
        return Cells(columns, reader, None)

    def _translation(self, name: str, *place: str) -> Words:
        self._spoken.add(name)
        if name not in self._words:
            self._declared.refuse(f"unknown words {name!r}", *place)
        return self._words.get(name, Words(name, {}))

    def _reference(self, table: Table, native: Native, given: Mapping[str, Any], *place: str) -> Reference:
        concept = self._maps.concepts.get(given["record"])
        type, typed = concept.resource_type if concept else "", len(native.to) > 1
        if concept is None or type not in native.to:
            self._declared.refuse(f"{native.name} cannot point to {given['record']!r}", *place)
        if "lookup" in given:
            lookup = self._lookup(table, given, *place)
            found = self._tables.get(lookup.table)
            key = found.columns[found.key].key if found and found.key else None
            return Reference(type, key or Key("", "", None), None, None, lookup, typed)
        if "value" in given:
            self._declared.only(given, ("record", "kind", "value"), "setting", *place)
            return Reference(type, self._key(given.get("kind"), *place), None, given["value"], None, typed)
        self._declared.only(given, ("record", "key"), "setting", *place)
        column = self._declared.text(given, "key", *place)
        return Reference(type, self._held(table, column, *place), column, None, None, typed)

    def _lookup(self, table: Table, given: Mapping[str, Any], *place: str) -> Lookup:
        name = self._declared.text(given, "lookup", *place)
        shape = LOOKUPS.get(name)
        other = self._tables.get(given.get("table", ""))
        if shape is None or other is None or not other.key:
            self._declared.refuse(f"a lookup needs a name ({', '.join(LOOKUPS)}) and a table with a key", *place)
            return Lookup(name, "", "", {})
        self._declared.only(given, ("record", "lookup", "table", *shape.here, *shape.there), "setting", *place)
        for settings, where in ((shape.here, table), (shape.there, other)):
            for setting in settings:
                named = given.get(setting)
                for column in [named] if isinstance(named, str) else named or [""]:
                    self._column(where, column, *place)
        return Lookup(name, other.name, other.key, {key: given.get(key) for key in (*shape.here, *shape.there)})

    def _key(self, kind: Any, *place: str) -> Key:
        if kind not in self._keys:
            self._declared.refuse(f"unknown kind of key {kind!r}", *place)
        return self._keys.get(kind, Key("", "", None))

    def _column(self, table: Table, name: str, *place: str) -> str:
        """The name itself, noted as used; refused when there is no such column, or when it is one to ignore."""
        column = self._column_of(table, name)
        if column.name == "" or column.ignored is not None:
            self._declared.refuse(f"table {table.name!r} has no column {name!r} to use", *place)
        holder, _, rest = name.rpartition(".")
        self._used.add((table.joins[holder].table if holder in table.joins else table.name, rest))
        return name

    def _column_of(self, table: Table, name: str) -> Column:
        holder, _, rest = name.rpartition(".")
        if holder:
            join = table.joins.get(holder)
            other = self._tables.get(join.table) if join else None
            return other.columns.get(rest, Column("")) if other else Column("")
        return table.columns.get(name, Column(""))
