"""Code tables: our word <-> a code, a Coding or a tuple of elements (FHIR: ConceptMap, one-to-one).

R4: https://hl7.org/fhir/R4/datatypes.html#Coding, https://hl7.org/fhir/R4/conceptmap.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter.mapping.declarations import Declaration

WORD = re.compile(r"[a-z0-9][a-z0-9_]*")
# A = seen in the standard, A- = in a draft part or an official tool, B = in third-party code only; U = not seen.
GRADES = ("A", "A-", "B")
Key = tuple[str, str]
"""(system, code); the system is "" for the code of a primitive element."""


@dataclass(frozen=True, slots=True)
class Table:
    """Words and their codes, one-to-one; `accept`ed codes are read and never written."""

    name: str
    codings: Mapping[str, Mapping[str, str]]
    words: Mapping[Key, str]
    codes: Mapping[str, str] = field(default_factory=dict)
    """code -> word without regard to system, for elements of type code."""
    retired: frozenset[Key] = frozenset()
    """accepted codes that their code system has retired"""

    @property
    def keys(self) -> frozenset[Key]:
        """Every (system, code) this table reads."""
        return frozenset(self.words)

    def content(self) -> Any:
        """What a map's hash depends on."""
        return [{w: dict(c) for w, c in self.codings.items()}, sorted([*k, w] for k, w in self.words.items())]


@dataclass(frozen=True, slots=True)
class JointTable:
    """Words and the tuple of elements each stands for; an element missing from a row must be absent."""

    name: str
    elements: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Any]]
    accept: Mapping[str, tuple[Mapping[str, Any], ...]]

    @property
    def keys(self) -> frozenset[Key]:
        """Every (system, code) this table reads."""
        readings = [*self.rows.values(), *(row for rows in self.accept.values() for row in rows)]
        return frozenset(column_key(value) for row in readings for value in row.values())

    def readings(self) -> Iterator[tuple[str, tuple[Key | None, ...]]]:
        """(word, one key or None for each element): first what is written, then what is only read."""
        for word, row in self.rows.items():
            for reading in (row, *self.accept.get(word, ())):
                yield word, tuple(column_key(reading[e]) if e in reading else None for e in self.elements)

    def content(self) -> Any:
        """What a map's hash depends on."""
        return [
            self.elements,
            {w: dict(r) for w, r in self.rows.items()},
            sorted([w, str(k)] for w, k in self.readings()),
        ]


AnyTable = Table | JointTable


def column_key(value: Any) -> Key:
    """The comparable form of a joint column: a coding by (system, code), a primitive by its text."""
    if isinstance(value, Mapping):
        return str(value.get("system", "")), str(value["code"])
    return "", str(value).lower() if isinstance(value, bool) else str(value)


def table(declared: Declaration) -> AnyTable | None:
    """The table of one file, or None after refusals."""
    before = len(declared.refusals.issues)
    declared.only(declared.content, ("system", "also_systems", "grade", "source", "elements", "rows"), "key of a table")
    _also(declared)
    if not declared.section("rows"):
        declared.refuse("a table needs [rows]")
    _grade(declared, declared.content.get("grade"))
    for word, row in declared.section("rows").items():
        _row(declared, word, row)
    if len(declared.refusals.issues) > before:
        return None
    return _joint(declared) if "elements" in declared.content else _plain(declared)


def _also(declared: Declaration) -> None:
    """`also_systems`: other URIs by which senders call the table's system; its codes are read under each of them."""
    given = declared.content.get("also_systems", [])
    if not isinstance(given, list) or not all(isinstance(system, str) and system for system in given):
        declared.refuse("also_systems is a list of URIs", "also_systems")
    elif given and ("system" not in declared.content or "elements" in declared.content):
        declared.refuse("also_systems needs the table's own system, and no joint elements", "also_systems")


def _grade(declared: Declaration, grade: Any, *place: str) -> None:
    if grade == "U":
        declared.refuse("grade U: a code nobody has seen in its standard is not shipped as fact", *place, "grade")
    elif grade not in GRADES:
        declared.refuse(f"grade must be one of {', '.join(GRADES)}", *place, "grade")


def _row(declared: Declaration, word: str, row: Any) -> None:
    if not WORD.fullmatch(word):
        declared.refuse(f"the word {word!r} is not snake_case", "rows", word)
    if not isinstance(row, dict):
        declared.refuse(f"the row {word!r} must be a table", "rows", word)
        return
    if "grade" in row:
        _grade(declared, row["grade"], "rows", word)
    if "elements" not in declared.content:
        declared.only(row, ("code", "display", "system", "grade", "source", "accept"), "key of a row", "rows", word)
        declared.text(row, "code", "rows", word)
    for accepted in row.get("accept", ()):
        if not isinstance(accepted, dict) or ("elements" not in declared.content and "code" not in accepted):
            declared.refuse("accept lists { system, code } (or the columns of a joint table)", "rows", word)
        elif "elements" not in declared.content:
            declared.only(accepted, ("code", "system", "retired"), "key of an accepted code", "rows", word)
            if accepted.get("retired", True) is not True:
                declared.refuse("retired = true, or leave it out", "rows", word)


def _plain(declared: Declaration) -> Table:
    default = declared.content.get("system", "")
    codings: dict[str, Mapping[str, str]] = {}
    words: dict[Key, str] = {}
    codes: dict[str, str] = {}
    retired: set[Key] = set()
    for word, row in declared.section("rows").items():
        system = row.get("system", default)
        coding = {"system": system, "code": row["code"], "display": row.get("display", "")}
        codings[word] = {name: text for name, text in coding.items() if text}
        also = declared.content.get("also_systems", ()) if system == default else ()
        retired |= {(a.get("system", system), a["code"]) for a in row.get("accept", ()) if "retired" in a}
        read = ((system, row["code"]), *((other, row["code"]) for other in also))
        for key in (*read, *((a.get("system", system), a["code"]) for a in row.get("accept", ()))):
            if (other := words.setdefault(key, word)) != word:
                declared.refuse(f"not one-to-one: {'|'.join(key)} stands for {other!r} and {word!r}", "rows", word)
            codes.setdefault(key[1], word)
    return Table(declared.name, codings, words, codes, frozenset(retired))


def _columns(row: Mapping[str, Any], names: Iterable[str], system: str | None) -> Mapping[str, Any]:
    """The columns of one row; a coded column without a system takes the table's."""
    columns = {name: row[name] for name in names if name in row}
    return {
        name: {"system": system, **value} if system and isinstance(value, dict) else value
        for name, value in columns.items()
    }


def _joint(declared: Declaration) -> JointTable | None:
    elements = tuple(declared.content["elements"])
    rows, accept = {}, {}
    system = declared.content.get("system")
    for word, row in declared.section("rows").items():
        rows[word] = _columns(row, elements, system)
        accept[word] = tuple(_columns(reading, reading, system) for reading in row.get("accept", ()))
        declared.only(row, (*elements, "grade", "source", "accept"), "column", "rows", word)
        for columns in (rows[word], *accept[word]):
            declared.only(columns, elements, "column", "rows", word)
            for value in columns.values():
                if isinstance(value, dict) and "code" not in value:
                    declared.refuse("a coded column needs a code", "rows", word)
                    return None
    joint = JointTable(declared.name, elements, rows, accept)
    seen: dict[tuple[Key | None, ...], str] = {}
    for word, key in joint.readings():
        if (other := seen.setdefault(key, word)) != word:
            declared.refuse(f"not one-to-one: one tuple of elements stands for {other!r} and {word!r}", "rows", word)
    return joint
