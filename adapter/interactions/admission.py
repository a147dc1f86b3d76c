"""The checks that one resource passes alone before it may be written, whatever door it came by.

Everything wrong is found at once. https://hl7.org/fhir/R4/validation.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapter.fhir.index import Rows
from adapter.fhir.json import dump
from adapter.fhir.references import derived_id
from adapter.interactions.bystanders import bystanders
from adapter.interactions.counseling import counseling_notes
from adapter.interactions.program import Program
from adapter.mapping.concept import Concept
from adapter.problems import Issue, Kind, Problem
from adapter.store.splice import prepare

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Admitted:
    """A resource that may be stored: its text, the concept that claims it, what is parked, and what it points to.

    `keys` are its identifying (system, value) pairs, `literals` what its references say, `indirect` whether it may name
    a record otherwise than by them, `rows` its index rows: found here to keep the store's writer free.
    """

    resource: Resource
    text: bytes
    concept: str | None
    map_hash: str | None
    parked: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, str], ...]
    literals: frozenset[bytes]
    indirect: bool
    rows: Rows


_REFERENCE = b'"reference":"'
"""The text is compact and escapes the quotes inside values, so this is every member `reference` and nothing else."""


def admit(
    program: Program, resource: Resource, complete: Concept | None = None, sent: Resource | None = None
) -> Admitted:
    """The resource as it may be stored; raises one Problem (422 or 400) that names every issue.

    A resource is held to every profile of ours that it claims: all that the maps write from a whole record claims one,
    and what others send may. `complete` is the concept that has just made it fresh from a whole record: it claims what
    it made, which fulfils its profile, and reading it back would give that record (law 2), so nothing in it is parked
    or refused. `sent` is the resource as it came, with what is left out of it in the store: that must be well formed.
    """
    issues = program.door.check(resource if sent is None else sent)
    issues = issues or ([] if complete else program.profiles.check_claims(resource))
    if issues:
        raise refused([*issues, *counseling_notes(resource, dump(resource))])
    concept = complete or program.maps.concept_of(resource)
    record, residue = concept.to_native(resource) if concept and not complete else ({}, [])
    text, rows = prepare(resource), program.store.index.rows(resource["resourceType"], resource)
    literals = frozenset(_literals(text))
    issues = [Issue("business-rule", not_kept(r.reason), r.path) for r in residue if r.policy == "refuse"]
    issues += _unfit(program, resource, text, literals, rows)
    if issues:
        raise refused(issues)
    return Admitted(
        resource=resource,
        text=text,
        concept=concept.name if concept else None,
        map_hash=concept.hash if concept else None,
        parked=tuple((item["path"], item["reason"]) for item in record.get("incomplete", ())),
        keys=tuple(identifying_keys(program, resource)),
        literals=literals,
        indirect=_may_name_indirectly(text),
        rows=rows,
    )


def not_kept(reason: str) -> str:
    """Why residue of the policy `refuse` is none that is kept."""
    return f"{reason}, and it may change what the rest means or name somebody: leave it out"


def unfit(program: Program, resource: Resource) -> list[Issue]:
    """What a sound resource says that no door lets in, whatever is stored: a counseling note, or another person."""
    text, rows = prepare(resource), program.store.index.rows(resource["resourceType"], resource)
    return _unfit(program, resource, text, frozenset(_literals(text)), rows)


def _unfit(program: Program, resource: Resource, text: bytes, literals: frozenset[bytes], rows: Rows) -> list[Issue]:
    others = bystanders(program.store.index, program.base_url, resource, text, literals, rows)
    return [*counseling_notes(resource, text), *others]


def _may_name_indirectly(text: bytes) -> bool:
    """Whether there may be a logical reference, a link, or a person's address outside of a reference."""
    if b'"identifier":{' in text or b"href" in text or b"RelatedPerson/" in text:
        return True
    return text.count(b"Patient/") != text.count(_REFERENCE + b"Patient/")


def _literals(text: bytes) -> Iterator[bytes]:
    """What the references say; one with an escaped quote is cut short, and then resolves to nothing."""
    parts = iter(text.split(_REFERENCE))
    next(parts)
    for part in parts:
        yield part[: part.index(b'"')]


# Malformed content is 400; content that is well formed but says what it may not is 422 (R4 http.html, "create").
_MALFORMED = frozenset({"structure", "value"})
_OF_CONTENT = (".reference", ".hash")


def refused(issues: list[Issue]) -> Problem:
    """One Problem of all issues: 400 if any is about form, else 422.

    What a reference may point to is a matter of content, although the schema knows it; so is what a hash is made of.
    """
    malformed = any(issue.code in _MALFORMED and not (issue.expression or "").endswith(_OF_CONTENT) for issue in issues)
    first = issues[0]
    return Problem(Kind.INVALID if malformed else Kind.UNPROCESSABLE, first.message, first.expression, issues=issues)


def identifying_keys(program: Program, resource: Resource) -> Iterator[tuple[str, str]]:
    """The (system, value) pairs in `identifier` that name this record and no other."""
    held = resource.get("identifier", ())
    for identifier in held if isinstance(held, list) else [held]:
        if isinstance(identifier, dict):
            system, value = identifier.get("system"), identifier.get("value")
            if isinstance(system, str) and system in program.identifying and isinstance(value, str):
                yield system, value


def fresh_id(program: Program, resource: Resource) -> str:
    """The id of a new resource: derived from its first identifying key, so that what waits finds it; else random."""
    key = next(identifying_keys(program, resource), None)
    return derived_id(program.secret, resource["resourceType"], *key) if key else program.new_id()
