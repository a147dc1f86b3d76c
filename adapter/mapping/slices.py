"""Slices and extensions by name: which members of a repeating element a path means (FHIR: slicing by discriminator).

R4: https://hl7.org/fhir/R4/profiling.html#slicing, https://hl7.org/fhir/R4/extensibility.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from adapter.fhir.canonical import BASE
from adapter.mapping.declarations import Declaration
from adapter.mapping.tables import AnyTable, Table


@dataclass(frozen=True)
class Slice:
    """The members of a list that satisfy every given condition; `new` is what a member made by us starts with."""

    name: str
    new: Mapping[str, Any] = field(default_factory=dict)
    match: Mapping[str, Any] = field(default_factory=dict)
    """dotted child -> literal; a child that repeats matches if one of its members does"""
    keys: frozenset[tuple[str, str]] | None = None
    """(system, code) of a Coding or CodeableConcept member, or of the member's child `at`"""
    at: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    """reference types of the member's child `at`"""

    def test(self) -> Callable[[Any], bool]:
        """The fastest form of `has` for this slice."""
        if len(self.match) == 1 and self.keys is None and not self.to:
            [(name, literal)] = self.match.items()
            if "." not in name and type(literal) is str:
                return lambda member: (said := member.get(name)) == literal or (type(said) is list and literal in said)
        if self.to and len(self.at) == 1 and not self.match:
            [at], to = self.at, self.to
            return lambda member: _kind(member.get(at, NOBODY)) in to
        return self.has

    def has(self, member: Any) -> bool:
        """Whether `member` belongs to this slice."""
        if self.keys is not None and not any(key in self.keys for key in _codings(_inside(member, self.at))):
            return False
        if self.to and not any(_kind(element) in self.to for element in _inside(member, self.at)):
            return False
        return all(value in _inside(member, tuple(path.split("."))) for path, value in self.match.items())

    def excludes(self, other: Slice) -> bool:
        """Whether no member can belong to both (as far as can be proved from the declarations)."""
        if any(other.match.get(path, value) != value for path, value in self.match.items() if path in other.match):
            return True
        if self.at == other.at and self.keys is not None and other.keys is not None and not self.keys & other.keys:
            return True
        return self.at == other.at and bool(self.to and other.to) and not set(self.to) & set(other.to)

    def content(self) -> Any:
        """What a map's hash depends on."""
        return [self.name, dict(self.new), dict(self.match), sorted(self.keys or ()), self.at, self.to]


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension: its URL and the type of its value, or None for one made of parts."""

    name: str
    url: str
    value: str | None

    @property
    def key(self) -> str | None:
        """The JSON name of the value, `valueCode`."""
        return f"value{self.value[0].upper()}{self.value[1:]}" if self.value else None

    @cache  # noqa: B019  (extensions live as long as the maps)
    def slice(self) -> Slice:
        """The members of an `extension` list with this URL."""
        return Slice(f"ext({self.name})", {"url": self.url}, {"url": self.url})


def _inside(member: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    """The elements at a dotted place inside a member, through lists."""
    if isinstance(member, list):
        for item in member:
            yield from _inside(item, steps)
    elif not steps:
        yield member
    elif isinstance(member, dict) and steps[0] in member:
        yield from _inside(member[steps[0]], steps[1:])


def _codings(elements: Iterator[Any]) -> Iterator[tuple[str, str]]:
    for element in elements:
        for coding in element.get("coding", ()) if "system" not in element and "code" not in element else (element,):
            yield coding.get("system", ""), coding.get("code", "")


NOBODY: Mapping[str, Any] = {}


def _kind(element: Any) -> str:
    return str(element.get("reference", "")).partition("/")[0]


class Slices:
    """The declared slices, found by the element's full path first, then by its last name."""

    def __init__(self, declared: Declaration | None, tables: Mapping[str, AnyTable]) -> None:
        self._slices: dict[tuple[str, str], Slice] = {}
        if declared is None:
            return
        for element, keys in declared.content.items():
            for key, given in keys.items() if isinstance(keys, dict) else ():
                if made := _slice(declared, element, key, given, tables):
                    self._slices[element, key] = made

    def find(self, path: str, key: str) -> Slice | None:
        """The slice `key` of the element at `path` ("Encounter.participant")."""
        return self._slices.get((path, key)) or self._slices.get((path.rpartition(".")[2], key))


def _slice(declared: Declaration, element: str, key: str, given: Any, tables: Mapping[str, AnyTable]) -> Slice | None:
    place = (element, key)
    if not isinstance(given, dict):
        declared.refuse("a slice is a table", *place)
        return None
    declared.only(given, ("table", "is", "at", "match", "reference", "to", "new"), "key of a slice", *place)
    if sum(name in given for name in ("table", "match", "reference")) != 1:
        declared.refuse("a slice has one of: table, match, reference", *place)
        return None
    new = given.get("new", {})
    if "match" in given:
        return Slice(key, {**_nested(given["match"]), **new}, given["match"])
    if "reference" in given:
        to = given.get("to", ())
        at = () if given["reference"] == "." else tuple(given["reference"].split("."))  # ".": the member itself
        return Slice(key, new, at=at, to=(to,) if isinstance(to, str) else tuple(to))
    return _coded(declared, key, given, tables.get(given["table"]), place)


def _coded(declared: Declaration, key: str, given: Any, table: AnyTable | None, place: tuple[str, str]) -> Slice | None:
    if not isinstance(table, Table):
        declared.refuse(f"unknown table {given['table']!r}", *place)
        return None
    words = words_of(given.get("is", "*"), table)
    for word in words - table.codings.keys():
        declared.refuse(f"{word!r} is not a word of table {table.name}", *place)
    at = tuple(given["at"].split(".")) if "at" in given else ()
    return Slice(key, given.get("new", {}), keys=frozenset(k for k, w in table.words.items() if w in words), at=at)


def words_of(given: Any, table: Table) -> frozenset[str]:
    """The words of `is` or `not`: one, a list, or "*" for all of the table."""
    if given == "*":
        return frozenset(table.codings)
    return frozenset([given] if isinstance(given, str) else given)


def _nested(match: Mapping[str, Any]) -> dict[str, Any]:
    """The literal of a match with plain names only; a dotted one cannot be built without knowing what repeats."""
    return {name: value for name, value in match.items() if "." not in name}


def extensions(declared: Declaration | None) -> dict[str, Extension]:
    """The declared extensions by name."""
    found: dict[str, Extension] = {}
    for name, given in (declared.content if declared else {}).items():
        assert declared is not None
        if not isinstance(given, dict):
            declared.refuse("an extension is a table", name)
            continue
        declared.only(given, ("url", "value", "parts", "source", "grade"), "key of an extension", name)
        url = declared.text(given, "url", name)
        if ("value" in given) == bool(given.get("parts")):
            declared.refuse("an extension has either value = TYPE or parts = true", name)
        found[name] = Extension(
            name, f"{BASE}/StructureDefinition{url}" if url.startswith("/") else url, given.get("value")
        )
    return found
