"""The functions that read native fields from the rows of one table and its joins, made once for each rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from adapter.ingest.cells import SHAPES, Reader
from adapter.ingest.lookups import LOOKUPS, columns_here
from adapter.ingest.proposals import Record, Ref, key_of
from adapter.ingest.source import Cells, Constant, Field, Group, Reference, Table
from adapter.ingest.sqlite_rows import quoted
from adapter.ingest.staging import Staging
from adapter.problems import Unreadable

Row = Sequence[Any]
Read = Callable[[Row], Any]


class Query:
    """The columns of one table and its joins, in the order in which they were first asked for; the line comes first."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._selected = ['t."line number"']
        self._at: dict[str, int] = {}

    def at(self, column: str) -> int:
        """The position of a column in the rows; `join.column` reads from a join, `join.` tells whether it was found."""
        if column not in self._at:
            holder, _, name = column.rpartition(".")
            self._at[column] = len(self._selected)
            self._selected.append(f"{quoted(holder or 't')}.{quoted(name) if name else 'rowid'}")
        return self._at[column]

    def joined(self, *, optional: bool) -> list[tuple[str, str, int, int]]:
        """(table, column by which it is joined, its position, position of what tells whether a row was found)."""
        joins = [join for join in self.table.joins.values() if join.optional is optional]
        return [(join.table, join.by, self.at(join.by), self.at(f"{join.name}.")) for join in joins]

    def sql(self, rest: str = "") -> str:
        """The statement, once every column has been asked for."""
        joins = ""
        for join in self.table.joins.values():
            holder, _, by = join.by.rpartition(".")
            joins += f" LEFT JOIN {quoted(join.table)} AS {quoted(join.name)}"
            joins += f" ON {quoted(join.name)}.{quoted(join.on)} = {quoted(holder or 't')}.{quoted(by)}"
        return f"SELECT {', '.join(self._selected)} FROM {quoted(self.table.name)} AS t{joins} {rest}"


class FieldReader:
    """Makes the functions; `notes` gets what is worth telling of the row at hand."""

    def __init__(self, readers: Mapping[str, Reader], staging: Staging, query: Query, notes: list[str]) -> None:
        self._readers, self._staging, self._query, self._notes = readers, staging, query, notes

    def read(self, said: Field) -> Read:
        """The function that reads one field; it raises Unreadable with the column and the reason, never the cell."""
        value = said.value
        if isinstance(value, Constant):
            constant = value.value
            return lambda row: constant
        if isinstance(value, Cells):
            return self._translated(value) if value.words else self._cells(value)
        return self._group(value) if isinstance(value, Group) else self._reference(value)

    def _cells(self, said: Cells) -> Read:
        name = said.reader or "text"
        ats = [self._query.at(column) for column in said.columns]
        label, reader, needed = " or ".join(said.columns), self._readers[name], ats[: SHAPES[name][1]]
        if name == "text":
            return itemgetter(*ats)  # staged cells are texts
        if len(ats) == 1:
            return _cell(ats[0], label, reader)

        def read(row: Row) -> Any:
            for at in needed:
                if row[at] is None:
                    return None
            try:
                return reader(*[row[at] for at in ats])
            except Unreadable as wrong:
                raise Unreadable(f"{label} {wrong}") from None

        return read

    def _translated(self, said: Cells) -> Read:
        assert said.words is not None
        words, name, label = said.words.words, said.words.name, " or ".join(said.columns)
        ats = [self._query.at(column) for column in said.columns]
        other = self._query.at(said.unless) if said.unless else None

        def read(row: Row) -> Any:
            if other is not None and row[other] is not None:
                return None
            text = row[ats[0]] if len(ats) == 1 else " ".join([row[at] for at in ats if row[at] is not None])
            if not text:
                return None
            if text not in words:
                raise Unreadable(f"{label} is not one of [words.{name}]")
            return words[text] or None

        return read

    def _group(self, said: Group) -> Read:
        members = [[(part.name, self.read(part)) for part in member] for member in said.members]

        def read(row: Row) -> list[Record] | None:
            made = [{name: value for name, part in member if (value := part(row)) is not None} for member in members]
            return [one for one, parts in zip(made, members, strict=True) if len(one) == len(parts)] or None

        return read

    def _reference(self, said: Reference) -> Read:
        type, key, typed = said.type, said.key, said.typed
        if said.constant is not None:
            constant = Ref(type, key.system, said.constant, typed)
            return lambda row: constant
        if said.lookup:
            return self._search(said)
        label = said.column or ""

        # Many rows point to the same few records.
        @lru_cache(maxsize=4_096)
        def pointed(text: str) -> Ref:
            return Ref(type, key.system, key_of(key, text), typed)

        return _cell(self._query.at(label), label, pointed)

    def _search(self, said: Reference) -> Read:
        assert said.lookup is not None
        type, key, typed, notes = said.type, said.key, said.typed, self._notes
        columns = columns_here(said.lookup)
        ats, label = [self._query.at(column) for column in columns], columns[-1]
        find = LOOKUPS[said.lookup.name].prepare(said.lookup, self._staging)

        def read(row: Row) -> Ref | None:
            found, why = find(tuple(row[at] for at in ats))
            if why:
                notes.append(f"{label} {why}")
            return Ref(type, key.system, found, typed) if found else None

        return read


def _cell(at: int, label: str, reader: Reader) -> Read:
    """Reads one cell, nothing if it is empty."""

    def read(row: Row) -> Any:
        cell = row[at]
        if cell is None:
            return None
        try:
            return reader(cell)
        except Unreadable as wrong:
            raise Unreadable(f"{label} {wrong}") from None

    return read
