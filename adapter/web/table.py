"""The route table of the FHIR door: which function answers at an address, be it of a request or of a Bundle's entry.

https://hl7.org/fhir/R4/http.html#summary
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from adapter.interactions.program import Program
from adapter.interactions.types import check_served, served, writable
from adapter.problems import Kind, Problem
from adapter.web.asked import Route

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_WORDS = frozenset({"metadata", "_search", "_history"})
_NOTHING: Shapes = {}

Shapes = Mapping[tuple[str, ...], Mapping[str, Route]]
"""Routes by the shape of their address, and by method."""


class Found(NamedTuple):
    """The routes of an address by method (none: unknown address), and the parts that the client filled in."""

    methods: Mapping[str, Route]
    parts: tuple[str, ...]


class RouteTable:
    """The routes of a program: those of the base, and for each type that is served its own."""

    def __init__(self, program: Program, routes: Sequence[Route]) -> None:
        self._tables = _tables(served(program), tuple(routes))

    def find(self, address: str) -> Found:
        """What stands at an address relative to the base."""
        segments = address.split("/") if address else []
        # An empty part stays one, and no route has any: an id left out must not turn a read into a search of all.
        shape = tuple([part if part in _WORDS or part[:1] in ("$", "_", "") else "*" for part in segments])
        parts = tuple([part for part in segments if part not in _WORDS and part[:1] != "$"])
        return Found(self._tables.get(parts[0] if parts else "", _NOTHING).get(shape, {}), parts)

    def route(self, found: Found, method: str) -> Route:
        """The route for a method; 404 for nothing there, 405 for another method, 400 for what is no id."""
        methods, parts = found
        if parts:
            check_served(self._tables, parts[0])
        if not methods:
            raise Problem(Kind.NOT_SUPPORTED, "there is nothing at this address; /metadata lists what there is")
        route = methods.get(method)
        if route is None:
            raise Problem(Kind.METHOD, "this method is not possible here")
        if len(parts) > 1 and (not _ID.fullmatch(parts[1]) or parts[1] in (".", "..")):
            raise Problem(Kind.INVALID, "this is not an id: up to 64 of A-Z, a-z, 0-9, - and .", "id", code="value")
        return route


def _table(routes: Iterable[Route]) -> Shapes:
    table: dict[tuple[str, ...], dict[str, Route]] = {}
    for route in routes:
        table.setdefault(route.shape, {})[route.method] = route
        if route.method == "GET":
            table[route.shape]["HEAD"] = route
    return table


@lru_cache(8)  # programs of one process serve the same types
def _tables(types: frozenset[str], routes: tuple[Route, ...]) -> Mapping[str, Shapes]:
    """The table of each type that is served, and that of the base under ""."""
    made: dict[tuple[Route, ...], Shapes] = {}
    tables = {"": _table(route for route in routes if route.on == "system")}
    for type in types:
        own = tuple(route for route in routes if route.serves(type, writable(type)))
        tables[type] = made.setdefault(own, _table(own))
    return tables
