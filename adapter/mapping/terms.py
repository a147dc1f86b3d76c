"""The code tables as terminology: what each table writes is a value set, with maps to it from what the table only reads
and from the program's own words, a wider value set of all that it knows, and maps from it to the codes of states and
agencies (`concept_maps`).

https://hl7.org/fhir/R4/terminology-service.html. URLs: `adapter.fhir.canonical`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapter.fhir.canonical import accepted_id, accepted_set, code_system, concept_map, term_id, value_set
from adapter.fhir.terminology import CodeSystem, Coding, ConceptMap, Pair, Terminology, ValueSet
from adapter.mapping.concept_maps import ConceptMap as Reporting
from adapter.mapping.tables import AnyTable, JointTable, Table

Column = tuple[str, str, list[Coding], list[Pair]]
"""(table, column or "", what is written, what is read for it)."""


# By what name a code system of others goes; else its URL must do.
_NAMES = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://nucc.org/provider-taxonomy": "Health Care Provider Taxonomy",
}


def terminology(tables: Mapping[str, AnyTable], reporting: Mapping[str, Reporting]) -> Terminology:
    """All that the tables and the concept maps of `mappings/concept_maps` (`reporting`) say of codes.

    A joint table has a value set for each of its coded columns; a column of primitive codes has none, because the
    table does not say their system. A reading that takes two columns together is no translation of one code.
    """
    columns = [column for table in tables.values() for column in _columns(table)]
    shown = [column for column in columns if column[2]]
    words = [map for table in tables.values() if isinstance(table, Table) and (map := _words(table)).pairs]
    reports = [_report(name, map) for name, map in reporting.items()]
    return Terminology(
        _systems([*columns, *(("", "", [], list(map.pairs)) for map in (*words, *reports))], reporting),
        [*(_written(column) for column in shown), *(_accepted(column, tables) for column in shown if column[3])],
        [*(_variants(column) for column in shown if column[3]), *words, *reports],
    )


def _written(column: Column) -> ValueSet:
    table, name, codings, _ = column
    return ValueSet(term_id(table, name), value_set(table, name), _title(table, name), tuple(codings))


def _accepted(column: Column, tables: Mapping[str, AnyTable]) -> ValueSet:
    """What profiles hold to where a code decides what a record is: a code that is only read must pass."""
    table, name, codings, pairs = column
    known = dict.fromkeys([*codings, *(_named(pair) for pair in pairs)])
    title = f"{_title(table, name)}: all codes that are read"
    said = tables[table]
    retired = said.retired if isinstance(said, Table) else frozenset()
    return ValueSet(accepted_id(table, name), accepted_set(table, name), title, tuple(known), retired)


def _named(pair: Pair) -> Coding:
    """The source of a pair; the same code under another URI has the same display."""
    source, target = pair[:2]
    return source._replace(display=target.display) if source.code == target.code else source


def _variants(column: Column) -> ConceptMap:
    """From what a table only reads to what it writes: which of two codes is the wider, it does not say."""
    table, name, _, pairs = column
    title = f"{_title(table, name)}: other codes"
    return ConceptMap(term_id(table, name), concept_map(table, name), title, value_set(table, name), tuple(pairs))


def _words(table: Table) -> ConceptMap:
    """From the program's words to the codes that are written for them, one to one."""
    name, system = f"{table.name}_words", code_system(term_id(f"{table.name}_words"))
    pairs = [
        Pair(Coding(system, word, word.replace("_", " ")), _coding(coding), "equivalent")
        for word, coding in table.codings.items()
        if "system" in coding
    ]
    title = f"{_title(table.name, '')}: the program's words"
    return ConceptMap(term_id(name), concept_map(name), title, value_set(table.name), tuple(pairs))


def _report(name: str, map: Reporting) -> ConceptMap:
    """From the codes of a table to those of a state or agency."""
    pairs = [
        Pair(_coding(map.table.codings[word]), Coding(map.target, t.code or "", t.display), t.equivalence, t.comment)
        for word, targets in map.rows.items()
        for t in targets
    ]
    return ConceptMap(term_id(name), concept_map(name), map.title, None, tuple(pairs), value_set(map.table.name))


def _columns(table: AnyTable) -> Iterator[Column]:
    if isinstance(table, Table):
        yield table.name, "", *_plain(table)
    else:
        for column in table.elements:
            yield table.name, column, *_joint(table, column)


def _plain(table: Table) -> tuple[list[Coding], list[Pair]]:
    written = {word: _coding(coding) for word, coding in table.codings.items() if "system" in coding}
    pairs = [
        Pair(Coding(*key), written[word])
        for key, word in table.words.items()
        if word in written and key[0] and key != written[word].key
    ]
    return list(written.values()), pairs


def _joint(table: JointTable, column: str) -> tuple[list[Coding], list[Pair]]:
    """What one column of a joint table writes, each code once, and the single codes read for it."""
    written = {word: _coding(row[column]) for word, row in table.rows.items() if _is_coded(row.get(column))}
    pairs = [
        Pair(_coding(reading[column]), written[word])
        for word, readings in table.accept.items()
        for reading in readings
        if word in written and list(reading) == [column] and _is_coded(reading[column])
    ]
    return list(dict.fromkeys(written.values())), pairs


def _is_coded(value: Any) -> bool:
    return isinstance(value, Mapping) and "system" in value


def _coding(value: Mapping[str, str]) -> Coding:
    return Coding(value["system"], value["code"], value.get("display", ""))


def _systems(columns: Iterable[Column], reporting: Mapping[str, Reporting]) -> Iterator[CodeSystem]:
    """Every system with the codes of it that are shipped: of our own, all; of a reporting system, what maps lead to."""
    others = {map.target for map in reporting.values()}
    displays: dict[str, dict[str, str]] = {}
    for _, _, codings, pairs in columns:
        for coding in (*codings, *(c for pair in pairs for c in pair[:2] if c.code)):
            known = displays.setdefault(coding.system, {})
            known[coding.code] = known.get(coding.code) or coding.display
    for url, found in displays.items():
        id = url.removeprefix(code_system(""))
        ours = id != url and url not in others
        title = id.replace("-", " ").capitalize() if id != url else _NAMES.get(url, url)
        yield CodeSystem(id, url, title, ours, found)


def _title(table: str, column: str) -> str:
    return term_id(table, column).replace("-", " ").capitalize()
