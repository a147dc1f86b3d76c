"""What the FHIR door asks of a body before it looks inside, and the terms on which each door lets changes in."""

from __future__ import annotations

from typing import Any, Literal

from adapter.fhir.json import parse
from adapter.interactions.changes import Terms
from adapter.interactions.program import Program
from adapter.interactions.relations import not_there
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.version import Version

Resource = dict[str, Any]


def fhir_terms(program: Program, predicate: Predicate) -> Terms:
    """`/fhir`: references and If-Match as the program's settings say; an update may move a record between concepts."""
    settings = program.settings
    return Terms(settings.references, moves=True, versions=settings.require_if_match, predicate=predicate)


def native_terms(predicate: Predicate) -> Terms:
    """`/iop`: a reference may name a record that is still to come; the native verbs check versions themselves."""
    return Terms(references="pending", creates=True, predicate=predicate)


def check_visible(
    program: Program, predicate: Predicate, kind: Literal["update", "delete"], type: str, id: str
) -> Version:
    """The newest version of a record; one that this client may not see is not there for its changes either."""
    version = program.store.read(predicate, type, id)
    if version is None:
        raise not_there(kind)
    return version


def last_read(program: Program, predicate: Predicate, newest: Version) -> Version:
    """The version that this client may have read and now sends back: of a deleted record the one before."""
    if not newest.deleted:
        return newest
    return program.store.vread(predicate, newest.type, newest.id, newest.version - 1) or newest


def received(program: Program, body: bytes, type: str) -> Resource:
    """The body as a JSON object that says it is of the type in the address."""
    if not body:
        raise Problem(Kind.INVALID, "the body is empty", code="structure")
    resource = parse(body, program.settings.depth_limit)
    return of_type(resource, type)


def of_type(resource: Any, type: str) -> Resource:
    """The JSON value, if it is an object that says it is of the type in the address."""
    if not isinstance(resource, dict):
        raise Problem(Kind.INVALID, "the body must be one JSON object", code="structure")
    said = resource.get("resourceType")
    if said is None:
        raise Problem(Kind.INVALID, "resourceType is missing", "resourceType", code="required")
    if said != type:
        raise Problem(Kind.INVALID, f"the address is for {type}, the body is another type", "resourceType")
    return resource


def received_document(program: Program, body: bytes, name: str) -> Resource:
    """The body as a native document: one JSON object, which may say what it is as a line of an import does."""
    if not body:
        raise Problem(Kind.INVALID, "the body is empty", code="structure")
    document = parse(body, program.settings.depth_limit)
    if not isinstance(document, dict):
        raise Problem(Kind.INVALID, "the body must be one JSON object", code="structure")
    return named_document(document, name)


def named_document(document: Resource, name: str) -> Resource:
    """The document without its `concept`; 400 when that is another than the one asked for."""
    if document.get("concept", name) != name:
        raise Problem(Kind.INVALID, f"concept: the request is about a {name}", "concept", code="value")
    return {field: value for field, value in document.items() if field != "concept"}
