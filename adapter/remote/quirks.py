"""What is peculiar about a kind of server, as data: `mappings/partners/*.toml`, with file and line in every refusal.

A file says only what is otherwise than R4 says it; `docs/partners.md` says what each word means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapter.mapping.declarations import Declaration, Refusals
from adapter.problems import Kind, Problem

_SERVER = frozenset(("transaction", "conditional_create", "if_match", "total", "sort", "since", "rebase"))
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_PARAMETER = re.compile(r"_?[a-z][A-Za-z0-9_.:-]{0,63}")
_OURS = frozenset(("authorization", "host", "accept-encoding", "connection", "cookie", "if-match", "if-none-exist"))
"""Headers that no file may say."""


@dataclass(frozen=True, slots=True)
class Searching:
    """How a type is searched: `patient` by patient where a server lets it be searched no other way, by the parameter of
    that name; `needs` are parameters that must be said, each of their values in a search of its own."""

    patient: str | None = None
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PLAIN = Searching()


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one kind of server differs from what R4 says.

    `total`: whether its Bundle.total may be believed. `since`: whether it searches by `_lastUpdated`. `rebase`: whether
    its links name another host than the one it is reached at. `count` is the page size that it is asked for, 0 for
    none, and `offset` the parameter by which a page is asked for by the number of entries before it, where there are no
    links to follow.
    """

    name: str = "plain"
    about: str = ""
    transaction: bool = True
    conditional_create: bool = True
    if_match: bool = True
    total: bool = True
    sort: bool = True
    since: bool = True
    rebase: bool = False
    count: int = 100
    offset: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    searches: Mapping[str, Searching] = field(default_factory=dict)

    def search(self, type: str) -> Searching:
        """How a type is searched."""
        return self.searches.get(type, PLAIN)


def load_quirks(folder: Path, name: str) -> Quirks:
    """Those of `folder/NAME.toml`; Problem(NOT_FOUND) naming the others, Problem(UNPROCESSABLE) with every refusal."""
    path = folder / f"{name}.toml"
    if not _NAME.fullmatch(name) or not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise Problem(Kind.NOT_FOUND, f"no such file of partners {name!r}; there is {known or 'none'}", "--quirks")
    refusals = Refusals()
    quirks = _read(Declaration(path, f"partners/{path.name}", refusals))
    refusals.raise_any()
    return quirks


def all_quirks(folder: Path) -> dict[str, Quirks]:
    """Every file by its name; a Problem with the refusals of all of them."""
    refusals = Refusals()
    paths = sorted(folder.glob("*.toml"))
    found = {path.stem: _read(Declaration(path, f"partners/{path.name}", refusals)) for path in paths}
    refusals.raise_any()
    return found


def _read(file: Declaration) -> Quirks:
    file.only(file.content, ("about", "server", "paging", "headers", "search"), "section")
    server, paging = file.section("server"), file.section("paging")
    file.only(server, _SERVER, "setting", "server")
    file.only(paging, ("count", "offset"), "setting", "paging")
    said: dict[str, Any] = {name: _truth(file, name, server[name]) for name in server.keys() & _SERVER}
    if "count" in paging:
        said["count"] = _count(file, paging)
    if "offset" in paging:
        said["offset"] = _parameter(file, paging["offset"], "paging", "offset")
    searches = {type: _search(file, type, one) for type, one in file.section("search").items()}
    return Quirks(file.name, file.text(file.content, "about"), **said, headers=_headers(file), searches=searches)


def _truth(file: Declaration, name: str, said: Any) -> bool:
    if type(said) is not bool:
        file.refuse(f"{name!r} must be true or false", "server", name)
    return bool(said)


def _count(file: Declaration, paging: Mapping[str, Any]) -> int:
    count = paging["count"]
    if type(count) is not int or not 0 <= count <= 1_000:
        file.refuse("'count' must be a number from 0 (it is not said) to 1000", "paging", "count")
        return 0
    return count


def _parameter(file: Declaration, said: Any, *place: str) -> str:
    if isinstance(said, str) and _PARAMETER.fullmatch(said):
        return said
    file.refuse(f"{place[-1]!r} must be the name of a parameter", *place)
    return ""


def _headers(file: Declaration) -> dict[str, str]:
    found = file.section("headers")
    for name, value in found.items():
        if not _NAME.fullmatch(name) or name.lower() in _OURS or name.lower().startswith(("content-", "x-conf")):
            file.refuse(f"the header {name!r} is none that a file may say", "headers", name)
        elif not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
            file.refuse(f"the header {name!r} must be a text of one line", "headers", name)
    return {name: str(value) for name, value in found.items()}


def _search(file: Declaration, type: str, said: Any) -> Searching:
    place = ("search", type)
    if not _TYPE.fullmatch(type) or not isinstance(said, dict):
        file.refuse("a search is a table with the name of a resource type", *place)
        return PLAIN
    file.only(said, ("patient", "needs"), "setting", *place)
    patient = _parameter(file, said["patient"], *place, "patient") if "patient" in said else None
    needs = said.get("needs", {})
    if not isinstance(needs, dict) or not all(_words(values) for values in needs.values()):
        file.refuse("'needs' must be a table of parameters, each with a list of its values", *place, "needs")
        return PLAIN
    return Searching(
        patient, {_parameter(file, name, *place, "needs", name): tuple(values) for name, values in needs.items()}
    )


def _words(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(one, str) and one for one in values)
