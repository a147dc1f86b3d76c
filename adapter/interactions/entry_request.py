"""What one entry of a transaction asks: its method and relative address, read strictly.

https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.request.url
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapter.fhir.bundle import Entry
from adapter.interactions.admission import fresh_id
from adapter.interactions.answer import version_of
from adapter.interactions.condition import Condition
from adapter.interactions.doors import check_visible
from adapter.interactions.program import Program
from adapter.interactions.types import check_served, served, writable
from adapter.problems import Kind, Problem
from adapter.released import Predicate

_ADDRESS = re.compile(
    r"(?P<type>[A-Z][A-Za-z]+)(?:/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/(?P<version>[1-9][0-9]{0,8}))?)?"
    r"(?:\?(?P<query>.*))?"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One entry and what it aims at. `id` of a POST is the id that its resource will get if it is created."""

    entry: Entry
    type: str
    id: str | None
    version: int | None
    query: str | None
    if_match: int | None
    unless: Condition | None

    @property
    def name(self) -> str:
        """The record that a writing entry leaves behind, as a reference."""
        return f"{self.type}/{self.id}"


def step(program: Program, predicate: Predicate, entry: Entry) -> Step:
    """Read one entry; refuses (400) an absolute or malformed address, and what this server does not do in a Bundle."""
    match = _ADDRESS.fullmatch(entry.url)
    if not match:
        raise Problem(
            Kind.INVALID,
            "the address must be relative: Type, Type/id or Type?search",
            f"{entry.place}.request.url",
            code="value",
        )
    type, id, version, query = match.group("type", "id", "version", "query")
    check_served(served(program), type)
    _check_shape(entry, type, id, version, query)
    unless = None
    if entry.method == "POST":
        id = fresh_id(program, entry.resource or {})
        if entry.if_none_exist is not None:
            unless = Condition.of(program, predicate, type, entry.if_none_exist, f"{entry.place}.request.ifNoneExist")
    elif entry.method == "PUT" and entry.resource and entry.resource.get("id") != id:
        raise Problem(
            Kind.INVALID, "the id in the resource must be the id in the address", f"{entry.place}.resource.id"
        )
    if_match = None if entry.if_match is None else version_of(entry.if_match, f"{entry.place}.request.ifMatch")
    if entry.method in ("PUT", "DELETE") and id is not None:
        check_visible(program, predicate, "update" if entry.method == "PUT" else "delete", type, id)
    return Step(entry, type, id, int(version) if version else None, query, if_match, unless)


def _check_shape(entry: Entry, type: str, id: str | None, version: str | None, query: str | None) -> None:
    where = f"{entry.place}.request"
    _check_preconditions(entry, where)
    if entry.method not in ("GET", "POST", "PUT", "DELETE"):
        raise Problem(
            Kind.INVALID,
            f"{entry.method} inside a transaction is not supported",
            f"{where}.method",
            code="not-supported",
        )
    if entry.method == "GET":
        _check_read(entry, id, where)
    else:
        _check_write(entry, type, id, version, query, where)


def _check_read(entry: Entry, id: str | None, where: str) -> None:
    if entry.resource is not None:
        raise Problem(Kind.INVALID, "a GET has no resource", f"{entry.place}.resource")
    if entry.if_none_match is not None and id is None:
        raise Problem(Kind.INVALID, "a search has no version to compare", f"{where}.ifNoneMatch")


def _check_write(entry: Entry, type: str, id: str | None, version: str | None, query: str | None, where: str) -> None:
    if not writable(type):
        raise Problem(Kind.METHOD, f"{type} is read only", f"{where}.url")
    if query is not None:
        raise Problem(
            Kind.INVALID, "conditional update and delete are not supported", f"{where}.url", code="not-supported"
        )
    if version or (id is None) != (entry.method == "POST"):
        raise Problem(Kind.INVALID, "POST goes to a type, PUT and DELETE to one resource", f"{where}.url", code="value")
    if (entry.resource is None) != (entry.method == "DELETE"):
        raise Problem(
            Kind.INVALID, "POST and PUT need a resource, DELETE has none", f"{entry.place}.resource", code="required"
        )
    if entry.resource and entry.resource.get("resourceType") != type:
        raise Problem(
            Kind.INVALID, f"the address is for {type}, the resource is another type", f"{entry.place}.resource"
        )


# What each method may be made to depend on; anything else would be ignored, and the sender relies on it.
PRECONDITIONS = {"GET": "ifNoneMatch", "POST": "ifNoneExist", "PUT": "ifMatch", "DELETE": "ifMatch"}


def _check_preconditions(entry: Entry, where: str) -> None:
    said = {
        "ifMatch": entry.if_match,
        "ifNoneExist": entry.if_none_exist,
        "ifNoneMatch": entry.if_none_match,
        "ifModifiedSince": entry.if_modified_since,
    }
    for name, value in said.items():
        if value is not None and PRECONDITIONS.get(entry.method) != name:
            raise Problem(
                Kind.INVALID, f"{name} is not supported for {entry.method}", f"{where}.{name}", code="not-supported"
            )
