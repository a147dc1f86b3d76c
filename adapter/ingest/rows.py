"""Turns staged rows into proposed native records, as a source file's rules say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapter.ingest.cells import Reader
from adapter.ingest.fields import FieldReader, Query, Row
from adapter.ingest.proposals import Made, Proposed, Record, Ref, Refused, key_of
from adapter.ingest.source import Constant, Field, Members, Once, Reference, Rule, Source, Table
from adapter.ingest.sqlite_rows import quoted
from adapter.ingest.staging import Staging
from adapter.mapping.clinic_time import Moment
from adapter.problems import Unreadable

Place = Callable[[str, int], str]


class RowReader:
    """Reads one table of the staging and makes the records of its rules; `place` names a row of a table by its line."""

    def __init__(
        self, source: Source, table: Table, staging: Staging, place: Place, readers: Mapping[str, Reader]
    ) -> None:
        self._table, self._staging, self._place = table, staging, place
        self._query = Query(table)
        self._key_at = self._query.at(table.key or "")
        self._makers = [_Maker(source, rule, staging, self._query, place, readers) for rule in table.rules]
        self._needed = self._query.joined(optional=False)
        self._attached = self._query.joined(optional=True)

    def __iter__(self) -> Iterator[Made]:
        for row in self._staging.select(self._query.sql()):
            made = Made(
                self._place(self._table.name, row[0]),
                parts={table: 1 for table, _, _, found in self._attached if row[found] is not None},
            )
            lost = [
                f"{table} has no row for its {by}"
                for table, by, at, found in self._needed
                if row[found] is None and row[at] is not None
            ]
            for maker in self._makers:
                maker.make(row, row[self._key_at], lost, made)
            yield made

    def expected(self) -> Iterator[tuple[Rule, int]]:
        """How many rows each rule should make a record of, counted apart from the reading."""
        for rule in self._table.rules:
            yield rule, self._staging.count_where(self._table.name, rule.when)


class _Maker:
    """Makes the records of one rule."""

    def __init__(
        self, source: Source, rule: Rule, staging: Staging, query: Query, place: Place, readers: Mapping[str, Reader]
    ) -> None:
        self._rule = rule
        self._notes: list[str] = []
        fields = FieldReader(readers, staging, query, self._notes)
        self._when = [(query.at(column), words) for column, words in rule.when.items()]
        self._reads = [(said.name, fields.read(said), said.many) for said in rule.fields]
        self._also = [(query.at(column), column, key) for column, key in rule.also]
        self._lists = [_MemberReader(said, source.tables[said.table], staging, place, readers) for said in rule.members]

    def make(self, row: Row, key: str, lost: list[str], made: Made) -> None:
        """Adds the row's record, or why there cannot be one, to what is made of it."""
        self._notes.clear()
        reasons = list(lost)
        # Members are read even where no record is made of their row, for they are counted with it.
        lists = self._members(key, made.parts, reasons)
        if any(row[at] not in words for at, words in self._when):
            return
        record = self._fields(row, reasons) | lists
        record["identifiers"] = self._identifiers(row, key, reasons)
        if reasons:
            made.refused.append(Refused(self._rule.concept, made.place, "; ".join(reasons)))
        else:
            made.proposed.append(Proposed(self._rule, key, record, made.place, list(self._notes)))

    def _members(self, key: str, parts: dict[str, int], reasons: list[str]) -> Record:
        lists: Record = {}
        for reader in self._lists:
            try:
                members = reader.read(key, parts)
            except Unreadable as wrong:
                reasons.append(str(wrong))
            else:
                if members:
                    lists[reader.name] = members
        return lists

    def _identifiers(self, row: Row, own: str, reasons: list[str]) -> list[dict[str, str]]:
        held = [("its key", self._rule.key, own)]
        held += [(column, key, row[at]) for at, column, key in self._also if row[at] is not None]
        identifiers = []
        for label, key, value in held:
            try:
                identifiers.append({"system": key.system, "value": key_of(key, value)})
            except Unreadable as wrong:
                reasons.append(f"{label} {wrong}")
        return identifiers

    def _fields(self, row: Row, reasons: list[str]) -> Record:
        record: Record = {}
        assumed = False
        for name, read, many in self._reads:
            try:
                value = read(row)
            except Unreadable as wrong:
                reasons.append(str(wrong))
                continue
            if value is None:
                continue
            if type(value) is Moment:
                assumed = assumed or value.assumed
                if value.oddity:
                    self._notes.append(f"{name} {value.oddity}")
                value = value.text
            record[name] = [value] if many else value
        if assumed and self._rule.dated:
            record["zone_assumed"] = True
        return record


class _MemberReader:
    """Reads one list of a record by the record's key, and counts its rows."""

    def __init__(
        self, said: Members, table: Table, staging: Staging, place: Place, readers: Mapping[str, Reader]
    ) -> None:
        self.name = said.field
        query = Query(table)
        fields = FieldReader(readers, staging, query, [])
        self._reads = [(member.name, fields.read(member)) for member in said.fields]
        self._needed = query.joined(optional=False)
        self._table, self._select, self._place = table.name, staging.select, place
        staging.index(table.name, said.by)
        by, order = quoted(said.by), quoted(said.order)
        self._sql = query.sql(f'WHERE t.{by} = ? ORDER BY CAST(t.{order} AS INTEGER), t."line number"')

    def read(self, key: str, parts: dict[str, int]) -> list[Record]:
        """The members in order; Unreadable names the first row that cannot be read, with file and line."""
        rows = self._select(self._sql, (key,)).fetchall()
        parts[self._table] = parts.get(self._table, 0) + len(rows)
        return [self._member(row) for row in rows]

    def _member(self, row: Row) -> Record:
        try:
            for table, by, _, found in self._needed:
                if row[found] is None:
                    raise Unreadable(f"{table} has no row for its {by}")
            return {name: value for name, read in self._reads if (value := read(row)) is not None}
        except Unreadable as wrong:
            raise Unreadable(f"{self._place(self._table, row[0])}: {wrong}") from None


def once(said: Once, place: str) -> Proposed:
    """The record that the source file makes from no row."""
    given = ((field, _constant(field)) for field in said.rule.fields)
    record: Record = {field.name: [value] if field.many else value for field, value in given}
    record["identifiers"] = [{"system": said.rule.key.system, "value": said.value}]
    return Proposed(said.rule, said.value, record, place)


def _constant(said: Field) -> Any:
    if isinstance(said.value, Reference):
        return Ref(said.value.type, said.value.key.system, said.value.constant or "", said.value.typed)
    return said.value.value if isinstance(said.value, Constant) else None
