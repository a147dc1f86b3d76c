"""Codes that tell of something sensitive, and which sensitivity each tells of (`mappings/tables/sensitive_codes.toml`).

R4: https://hl7.org/fhir/R4/security-labels.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter.mapping.declarations import Declaration
from adapter.mapping.tables import GRADES, AnyTable, Key, Table

_LIST = ("system", "also_systems", "grade", "source", "starts", "codes")
Codes = frozenset[str]
"""Codes of the table sensitivity: SUD, HIV."""


@dataclass(frozen=True, slots=True)
class SensitiveCodes:
    """(system, code) -> codes of the table sensitivity, by the whole code and by how it begins."""

    exact: Mapping[Key, Codes] = field(default_factory=dict)
    starts: Mapping[str, Mapping[str, Codes]] = field(default_factory=dict)

    def labels(self, system: str, code: str) -> Codes:
        """The sensitivities that a code tells of; none when it is not in a list."""
        found = self.exact.get((system, code), frozenset())
        if beginnings := self.starts.get(system):
            said = code.strip().upper()
            for length in range(1, len(said) + 1):
                found |= beginnings.get(said[:length], frozenset())
        return found

    def content(self) -> Any:
        """All of it, in one order."""
        whole = sorted([*key, sorted(labels)] for key, labels in self.exact.items())
        return [
            whole,
            sorted([s, start, sorted(labels)] for s, found in self.starts.items() for start, labels in found.items()),
        ]


def sensitive_codes(declared: Declaration | None, tables: Mapping[str, AnyTable]) -> SensitiveCodes:
    """The lists of the file; every fault of it is refused with its line. Without a file there are none."""
    exact: dict[Key, Codes] = {}
    starts: dict[str, dict[str, Codes]] = {}
    if declared is None:
        return SensitiveCodes()
    for name in declared.content:
        if name == "tables":
            for key, labels in _of_tables(declared, tables):
                exact[key] = exact.get(key, frozenset()) | labels
            continue
        part = declared.part(name)
        for system in _systems(part):
            for code, labels in _labelled(part, "codes", tables):
                exact[system, code] = exact.get((system, code), frozenset()) | labels
            starts.setdefault(system, {}).update(_labelled(part, "starts", tables))
    return SensitiveCodes(exact, starts)


def _systems(part: Declaration) -> tuple[str, ...]:
    """The URIs of the system of one list, which says where its codes were seen."""
    part.only(part.content, _LIST, "key of a list of codes")
    if part.content.get("grade") not in GRADES:
        part.refuse(f"grade must be one of {', '.join(GRADES)}", "grade")
    part.text(part.content, "source")
    return (part.text(part.content, "system"), *part.content.get("also_systems", ()))


def _labelled(part: Declaration, key: str, tables: Mapping[str, AnyTable]) -> Iterator[tuple[str, Codes]]:
    for code, words in part.section(key).items():
        yield code, frozenset(_codes(part, words, tables, key, code))


def _of_tables(declared: Declaration, tables: Mapping[str, AnyTable]) -> Iterator[tuple[Key, Codes]]:
    for name, words in declared.section("tables").items():
        if name not in tables:
            declared.refuse(f"unknown table {name!r}", "tables", name)
            continue
        labels = frozenset(_codes(declared, words, tables, "tables", name))
        yield from ((key, labels) for key in tables[name].keys)


def _codes(declared: Declaration, words: Any, tables: Mapping[str, AnyTable], *place: str) -> Iterable[str]:
    """The codes of words of the table sensitivity."""
    known = tables.get("sensitivity")
    codings = known.codings if isinstance(known, Table) else {}
    for word in words if isinstance(words, list) else [words]:
        if word in codings:
            yield codings[word]["code"]
        else:
            declared.refuse(f"{word!r} is no word of the table sensitivity", *place)
