"""What an interaction gives back: a status, what may leave, and the version it speaks of. No transport in it.

https://hl7.org/fhir/R4/http.html#Status-Codes
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal

from adapter.consent.gate import publish, release
from adapter.consent.security import shown
from adapter.fhir.json import dump
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.subset import WHOLE, Part
from adapter.interactions.changes import Outcome
from adapter.interactions.part import cut
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem
from adapter.released import Predicate, Released
from adapter.store.version import Version

# https://hl7.org/fhir/R4/http.html#ops: what the sender wants to get back after a write.
Prefer = Literal["minimal", "representation", "OperationOutcome"]


@dataclass(frozen=True, slots=True)
class Answer:
    """`etag` and `updated` (ms since 1970) describe the body; `location` is an absolute address.

    `told`: the body says what happened (an OperationOutcome), it is not the resource. `tells` is what an answer without
    a body, or a refusal, tells of records all the same. `media` is what else than FHIR it is. `headers` are those that
    nothing else says. `parts` are a body that is not made before it goes; each is recorded by whoever makes it.
    """

    status: int
    body: Released | None = None
    etag: str | None = None
    updated: int | None = None
    location: str | None = None
    told: bool = False
    tells: Released | None = None
    media: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    parts: AsyncGenerator[Released, None] | None = None


def etag(version: int) -> str:
    """The weak entity tag of a version: https://hl7.org/fhir/R4/http.html#versioning."""
    return f'W/"{version}"'


def found(program: Program, predicate: Predicate, version: Version, part: Part = WHOLE) -> Answer:
    """200 with the resource, or that part of it."""
    text = cut(program, shown(predicate, version), part)
    return Answer(200, release(predicate, text, (version,)), etag(version.version), version.updated_ms)


def written(program: Program, predicate: Predicate, outcome: Outcome, prefer: Prefer) -> Answer:
    """200 or 201 after a write, with as much in it as the sender prefers; 204 after a deletion."""
    version = outcome.version
    if outcome.kind == "delete":
        return Answer(204, None, etag(version.version), version.updated_ms)
    created = outcome.kind == "create"
    location = program.link(version.type, version.id, version.version) if created else None
    body: Released | None = None
    if prefer == "representation":
        body = release(predicate, shown(predicate, version), (version,))
    elif prefer == "OperationOutcome":
        body = publish(dump(operation_outcome([Issue("informational", _told(outcome), severity="information")])))
    told = prefer == "OperationOutcome"
    return Answer(201 if created else 200, body, etag(version.version), version.updated_ms, location, told)


def _told(outcome: Outcome) -> str:
    if outcome.moved:
        was, will = (name or "no concept" for name in outcome.moved)
        return f"updated; the record is now read as {will}, before as {was}"
    if not outcome.changed:
        return "nothing changed, so no version was made"
    return "created" if outcome.kind == "create" else "updated"


_TAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')


def version_of(tag: str, source: str) -> int:
    """The version in an entity tag of ours; anything else, `*` and lists too, is 400 with its place in the request."""
    match = _TAG.fullmatch(tag.strip())
    if not match:
        raise Problem(Kind.INVALID, 'the precondition must be one ETag of the record, as W/"1"', source, code="value")
    return int(match.group(1))
