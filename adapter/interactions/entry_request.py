"""What one entry of a batch or transaction asks: its method and relative address, read strictly.

https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.request.url
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from adapter.consent.security import sent_back
from adapter.fhir.bundle import Entry
from adapter.fhir.fhirpath_patch import fhirpath_patch
from adapter.fhir.form_pairs import form_pairs
from adapter.fhir.json_patch import Patcher, json_patch
from adapter.interactions.admission import fresh_id, refused
from adapter.interactions.answer import version_of
from adapter.interactions.condition import Condition
from adapter.interactions.doors import check_visible, last_read
from adapter.interactions.places import placed
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs
from adapter.interactions.types import check_served, served, writable
from adapter.problems import Kind, Problem
from adapter.released import Predicate

Resource = dict[str, Any]

# "Relative to the root" of the service: HL7's own example begins with a slash (bundle-request-medsallergies.html).
_ADDRESS = re.compile(
    r"/?(?:(?P<type>[A-Z][A-Za-z]+)(?:/(?P<id>[A-Za-z0-9\-.]{1,64}))?(?P<past>/_history(?:/(?P<version>[1-9][0-9]{0,8}))?)?"
    r"|(?P<all>_history))(?:\?(?P<query>.*))?"
)
_PART = r"(?!\.{1,2}(?:[/?]|$))[A-Za-z0-9\-.$_]{1,64}"
_OTHER = re.compile(rf"(?P<path>(?:{_PART}(?:/{_PART}){{0,4}})?)(?:\?(?P<query>.*))?")
"""A compartment, an operation, a search of all types or `metadata`: what is there the door knows."""


@dataclass(frozen=True, slots=True)
class Address:
    """A relative address: of a type ("" for all), a resource or a version; `past` asks for a history.

    One that is not `plain` is of something else that is read only.
    """

    type: str
    id: str | None
    version: int | None
    past: bool
    query: str | None
    plain: bool = True

    @classmethod
    def of(cls, entry: Entry) -> Address:
        """400 for an address that is absolute or malformed."""
        match = _ADDRESS.fullmatch(entry.url)
        if not match and entry.method == "GET" and (other := _OTHER.fullmatch(entry.url)):
            first = other["path"].partition("/")[0]
            return cls(first if first[:1].isupper() else "", None, None, False, other["query"], plain=False)
        if not match or (match["version"] and not match["id"]):
            why = "the address must be relative: Type, Type/id, Type?search, or a history of one of these"
            raise Problem(Kind.INVALID, why, f"{entry.place}.request.url", code="value")
        version = int(match["version"]) if match["version"] else None
        past = bool(match["all"] or match["past"]) and version is None
        return cls(match["type"] or "", match["id"], version, past, match["query"])

    @property
    def pairs(self) -> Pairs:
        """The parameters; 400 for what cannot be read."""
        return form_pairs(self.query or "")


@dataclass(frozen=True, slots=True)
class Step:
    """One entry and what it aims at. `id` of a POST is the id that its resource will get if it is created.

    `unless` is the condition of a create, `sought` that of an update or deletion, which get their `id` inside the
    commit. `kind` is what a writing entry does; an update with a `patcher` gets its resource there too.
    """

    entry: Entry
    address: Address
    kind: Literal["create", "update", "delete"] | None
    id: str | None
    if_match: int | None = None
    unless: Condition | None = None
    sought: Condition | None = None
    patcher: Patcher | None = None

    @property
    def type(self) -> str:
        """The resource type, "" for a history of all."""
        return self.address.type

    @property
    def resource(self) -> Resource:
        """The resource of a POST or PUT."""
        return self.entry.resource or {}


KINDS: Mapping[str, Literal["create", "update", "delete"]] = {
    "POST": "create",
    "PUT": "update",
    "PATCH": "update",
    "DELETE": "delete",
}


def step(program: Program, predicate: Predicate, entry: Entry) -> Step:
    """Read one entry; refuses (400) a malformed address, and what this server does not do in a Bundle."""
    address = Address.of(entry)
    if address.type:
        check_served(served(program), address.type)
    _check_shape(entry, address)
    request, kind, id = f"{entry.place}.request", KINDS.get(entry.method), address.id
    patcher = _patcher(program, entry) if entry.method == "PATCH" else None
    unless = sought = None
    if kind == "create":
        id = fresh_id(program, entry.resource or {})
        if entry.if_none_exist is not None:
            unless = Condition.of(program, predicate, address.type, entry.if_none_exist, f"{request}.ifNoneExist")
    elif kind and address.query is not None:
        sought = Condition.of(program, predicate, address.type, address.query, f"{request}.url")
    elif kind == "update" and not patcher and entry.resource and entry.resource.get("id") != id:
        why = "the id in the resource must be the id in the address"
        raise Problem(Kind.INVALID, why, f"{entry.place}.resource.id")
    if_match = None if entry.if_match is None else version_of(entry.if_match, f"{request}.ifMatch")
    if kind in ("update", "delete") and id is not None:
        # A patch makes nothing, so there is nothing to hint at.
        seen = check_visible(program, predicate, "delete" if patcher else kind, address.type, id)
        if entry.resource is not None and not patcher:
            seen = last_read(program, predicate, seen)
            entry = entry._replace(resource=sent_back(predicate, seen, entry.resource))
    return Step(entry, address, kind, id, if_match, unless, sought, patcher)


def _patcher(program: Program, entry: Entry) -> Patcher:
    """What a PATCH brings: FHIRPath Patch as Parameters, JSON Patch as a Binary of its media type.

    https://hl7.org/fhir/R4/http.html#patch
    """
    given = entry.resource or {}
    try:
        if issues := program.door.check(given):
            raise refused(issues)
        if given["resourceType"] == "Parameters":
            return fhirpath_patch(program.definitions, given)
        if given.get("contentType") != "application/json-patch+json":
            why = "the Binary of a PATCH holds a JSON Patch: contentType is application/json-patch+json"
            raise Problem(Kind.INVALID, why, "Binary.contentType", code="value")
        settings = program.settings
        return json_patch(b64decode(given.get("data", "")), settings.resource_limit, settings.depth_limit)
    except Problem as problem:
        raise placed(problem, f"{entry.place}.resource", given["resourceType"]) from None


def _check_shape(entry: Entry, address: Address) -> None:
    where = f"{entry.place}.request"
    _check_preconditions(entry, where)
    if entry.method != "GET" and entry.method not in KINDS:
        why = f"{entry.method} inside a Bundle is not supported"
        raise Problem(Kind.INVALID, why, f"{where}.method", code="not-supported")
    if entry.method == "GET":
        _check_read(entry, address, where)
    else:
        _check_write(entry, address, where)


def _check_read(entry: Entry, address: Address, where: str) -> None:
    if entry.resource is not None:
        raise Problem(Kind.INVALID, "a GET has no resource", f"{entry.place}.resource")
    if entry.if_none_match is not None and (address.id is None or address.past):
        raise Problem(Kind.INVALID, "a list has no version to compare", f"{where}.ifNoneMatch")


def _check_write(entry: Entry, address: Address, where: str) -> None:
    type = address.type
    if address.version or address.past:
        raise Problem(Kind.INVALID, "what was is not written to", f"{where}.url", code="value")
    if not writable(type):
        raise Problem(Kind.METHOD, f"{type} is read only", f"{where}.url")
    if not _aims(entry.method, address):
        why = "POST goes to a type, PUT, PATCH and DELETE to one resource: Type/id, or Type?search"
        raise Problem(Kind.INVALID, why, f"{where}.url", code="value")
    if (entry.resource is None) != (entry.method == "DELETE"):
        why = "POST, PUT and PATCH need a resource, DELETE has none"
        raise Problem(Kind.INVALID, why, f"{entry.place}.resource", code="required")
    said = entry.resource.get("resourceType") if entry.resource else None
    if entry.method == "PATCH" and said not in ("Parameters", "Binary"):
        why = "a PATCH brings Parameters (FHIRPath Patch) or a Binary (JSON Patch)"
        raise Problem(Kind.INVALID, why, f"{entry.place}.resource")
    if entry.resource and entry.method != "PATCH" and said != type:
        why = f"the address is for {type}, the resource is another type"
        raise Problem(Kind.INVALID, why, f"{entry.place}.resource")


def _aims(method: str, address: Address) -> bool:
    """Whether a write goes where it can: by an id or by a search, never by both."""
    if method == "POST":
        return address.id is None and address.query is None
    return (address.id is None) != (address.query is None)


# What each method may be made to depend on; anything else would be ignored, and the sender relies on it.
PRECONDITIONS = {"GET": "ifNoneMatch", "POST": "ifNoneExist", "PUT": "ifMatch", "PATCH": "ifMatch", "DELETE": "ifMatch"}


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
