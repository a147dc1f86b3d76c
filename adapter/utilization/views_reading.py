"""Reads ViewDefinitions of SQL on FHIR v2, and refuses by file and place whatever in them is not understood.

http://hl7.org/fhir/uv/sql-on-fhir/StructureDefinition/ViewDefinition
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapter.fhir.elements import Definitions
from adapter.problems import Issue, Kind, Problem, Unreadable
from adapter.utilization.views import Column, Select, View
from adapter.utilization.views_paths import PRIMITIVES, TEXTS, Evaluate, Paths

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ABOUT = frozenset(
    (
        *("resourceType", "id", "meta", "url", "identifier", "name", "title", "version", "status", "experimental"),
        *("date", "publisher", "contact", "description", "useContext", "jurisdiction", "copyright", "fhirVersion"),
    )
)
"""What a definition says of itself, which makes no row."""
_KEYS = _ABOUT | {"resource", "constant", "select", "where"}
_SELECT_KEYS = frozenset(("column", "select", "forEach", "forEachOrNull", "unionAll"))
_COLUMN_KEYS = frozenset(("name", "path", "description", "collection", "type"))
_CONSTANTS: dict[str, tuple[type, ...]] = {
    **{f"value{name[0].upper()}{name[1:]}": (str,) for name in TEXTS},
    "valueBoolean": (bool,),
    "valueDecimal": (Decimal, int),
    **dict.fromkeys(("valueInteger", "valueInteger64", "valuePositiveInt", "valueUnsignedInt"), (int,)),
}
"""Each value[x] of a constant, and what it is in JSON."""


def read_views(files: Iterable[Path], definitions: Definitions) -> list[View]:
    """The views of some files, each named as its file; UNPROCESSABLE with all that is wrong, by file and place."""
    issues: list[Issue] = []
    views = []
    for file in files:
        reader = ViewReader(definitions, file.name, issues)
        view = reader.read(file.read_bytes())
        if view and view.name != file.stem:
            reader.refuse("name", f"a view is named as its file: {file.stem}")
        views += [view] if view else []
    if issues:
        listed = "\n".join(issue.message for issue in issues)
        raise Problem(Kind.UNPROCESSABLE, f"the views are refused:\n{listed}", issues=issues)
    return views


class ViewReader:
    """Reads one ViewDefinition; what is wrong with it is added to `issues`, and `read` answers None.

    With `by_library` no path is taken by steps of ours.
    """

    def __init__(self, definitions: Definitions, file: str, issues: list[Issue], *, by_library: bool = False) -> None:
        self._definitions, self._file, self._issues, self._by_library = definitions, file, issues, by_library

    def refuse(self, place: str, message: str) -> None:
        """Note what is wrong at a place of the definition."""
        self._issues.append(Issue("structure", f"{self._file}: {place}: {message}", place))

    def read(self, text: bytes) -> View | None:
        """The view of a definition, or None if any of it was refused."""
        before = len(self._issues)
        try:
            said = json.loads(text, parse_float=Decimal)
        except (ValueError, ArithmeticError, RecursionError) as wrong:
            self.refuse("ViewDefinition", f"not JSON: {wrong}")
            return None
        if not isinstance(said, dict):
            self.refuse("ViewDefinition", "not an object")
            return None
        self._known("ViewDefinition", said, _KEYS)
        name, resource = self._head(said)
        found = list(self._constants(said))
        constants = {name: value for name, _, value in found}
        types = {name: type for name, type, _ in found}
        self._paths = Paths(self._definitions, types, by_library=self._by_library)
        wheres = self._listed(said, "where", "path")
        where = tuple(self._path(f"where[{n}].path", one["path"], resource)[0] for n, one in wheres)
        selects = [self._select(f"select[{n}]", one, resource) for n, one in self._listed(said, "select")]
        select = Select((), selects=tuple(selects))
        self._names(select.names)
        if len(self._issues) > before:
            return None
        return View(name, str(said.get("title", "")), resource, select.names, select, where, constants)

    def _head(self, said: dict[str, Any]) -> tuple[str, str]:
        name, resource, versions = said.get("name"), said.get("resource"), said.get("fhirVersion", ["4.0.1"])
        if said.get("resourceType", "ViewDefinition") != "ViewDefinition":
            self.refuse("resourceType", "not ViewDefinition")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.refuse("name", "letters, digits and underscores, a letter first")
        if not isinstance(resource, str) or resource not in self._definitions.types:
            self.refuse("resource", "no resource type of R4")
        if not isinstance(versions, list) or "4.0.1" not in versions:
            self.refuse("fhirVersion", "R4 (4.0.1) is not among them")
        if not said.get("select"):
            self.refuse("select", "a view has at least one")
        return str(name), str(resource)

    def _known(self, place: str, said: dict[str, Any], keys: Iterable[str]) -> None:
        for key in said:
            if key not in keys:
                self.refuse(place, f"{key} is not supported")

    def _listed(self, said: dict[str, Any], key: str, only: str = "") -> Iterator[tuple[int, dict[str, Any]]]:
        """The numbered objects of a list; with `only`, each has that key, a text, and at most a description."""
        listed = said.get(key, [])
        for number, one in enumerate(listed if isinstance(listed, list) else [None]):
            if not isinstance(one, dict) or (only and not isinstance(one.get(only), str)):
                self.refuse(f"{key}[{number}]", f"not an object with {only}" if only else "not an object")
                continue
            if only:
                self._known(f"{key}[{number}]", one, (only, "description"))
            yield number, one

    def _constants(self, said: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
        """(name, type, value) of each constant."""
        for number, one in self._listed(said, "constant"):
            place, values = f"constant[{number}]", [key for key in one if key != "name"]
            name = one.get("name")
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                self.refuse(place, "its name is letters, digits and underscores, a letter first")
            elif len(values) != 1 or values[0] not in _CONSTANTS:
                self.refuse(place, f"has one value of a primitive type, not {', '.join(values) or 'none'}")
            elif type(one[values[0]]) not in _CONSTANTS[values[0]]:
                self.refuse(place, f"the value is no {values[0].removeprefix('value')}")
            else:
                kind = values[0].removeprefix("value")
                yield name, f"{kind[0].lower()}{kind[1:]}", one[values[0]]

    def _select(self, place: str, said: dict[str, Any], at: str | None) -> Select:
        self._known(place, said, _SELECT_KEYS)
        each = None
        if "forEach" in said and "forEachOrNull" in said:
            self.refuse(place, "has both forEach and forEachOrNull")
        for key in ("forEach", "forEachOrNull"):
            if key in said:
                each, at = self._path(f"{place}.{key}", said[key], at)
        columns = [self._column(f"{place}.column[{n}]", one, at) for n, one in self._listed(said, "column")]
        selects = [self._select(f"{place}.select[{n}]", one, at) for n, one in self._listed(said, "select")]
        union = [self._select(f"{place}.unionAll[{n}]", one, at) for n, one in self._listed(said, "unionAll")]
        for number, one in enumerate(union):
            if one.names != union[0].names:
                self.refuse(f"{place}.unionAll[{number}]", "has other columns than the first")
        if not (columns or selects or union):
            self.refuse(place, "selects nothing")
        own, paths = tuple(column for column, _ in columns), tuple(path for _, path in columns)
        return Select(own, paths, each, "forEachOrNull" in said, tuple(selects), tuple(union))

    def _column(self, place: str, said: dict[str, Any], at: str | None) -> tuple[Column, Evaluate]:
        self._known(place, said, _COLUMN_KEYS)
        name, type, many = said.get("name"), said.get("type", "string"), said.get("collection", False)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.refuse(place, "its name is letters, digits and underscores, a letter first")
        if not isinstance(type, str) or type not in PRIMITIVES:
            self.refuse(place, f"{type} is no primitive type")
        if not isinstance(many, bool):
            self.refuse(place, "collection is true or false")
        path, _ = self._path(f"{place}.path", said.get("path"), at)
        return Column(str(name), str(type), many is True), path

    def _path(self, place: str, said: Any, at: str | None) -> tuple[Evaluate, str | None]:
        try:
            if not isinstance(said, str):
                raise Unreadable("a path is a text")
            return self._paths.read(said, at)
        except Unreadable as wrong:
            self.refuse(place, str(wrong))
            return _nothing, None

    def _names(self, columns: Sequence[Column]) -> None:
        names = [column.name for column in columns]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                self.refuse("select", f"two columns are named {name}")


def _nothing(item: Any, constants: Mapping[str, Any]) -> list[Any]:
    """What stands for a path that was refused."""
    return []
