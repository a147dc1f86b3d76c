"""`$to-fhir`: what a native document is in FHIR R4. An operation of ours, to try the maps out; nothing is stored.

Practice keys in references become ids as at `/iop`: that of the record the asker may see under the key, else the one
it will get when it comes. A document without an id makes a resource without one; the records of an aggregate refer to
each other, so each gets an id. What follows from a write (a session's number attending) is not in it.
https://hl7.org/fhir/R4/operations.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from adapter.consent.gate import release
from adapter.fhir.canonical import operation
from adapter.fhir.json import dump, parse
from adapter.fhir.operations import Inputs, Operation, Parameter, output
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.schema import Door
from adapter.interactions.answer import Answer
from adapter.interactions.counseling import counseling_notes
from adapter.interactions.doors import named_document
from adapter.interactions.forms import form, forms
from adapter.interactions.native import Document, native_place
from adapter.interactions.native_aggregate import AggregateForm, told_at
from adapter.interactions.native_keys import translated
from adapter.interactions.native_time import zoned
from adapter.interactions.program import Program
from adapter.mapping.aggregate import Aggregate
from adapter.mapping.concept import Concept
from adapter.mapping.residue import Residue
from adapter.problems import Issue, Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction

Resource = dict[str, Any]

RESIDUE = Parameter(
    "residue",
    "",
    "What the map does not say of the resource, and what is done about it.",
    many=True,
    parts=(
        Parameter("path", "string", "FHIRPath of the element, or the native field of a rule.", required=True),
        Parameter("policy", "code", "keep | show | park | refuse", required=True),
        Parameter("reason", "string", "Why.", required=True),
    ),
)
OUTCOME = Parameter("outcome", "OperationOutcome", "What was done, and what is incomplete.", required=True)
TO_FHIR = Operation(
    "to-fhir",
    operation("to-fhir"),
    "Native to FHIR: what a native document is in FHIR R4",
    takes=(
        Parameter("concept", "code", "The native name of the concept or aggregate, as in /iop.", required=True),
        Parameter(
            "record",
            "string",
            "The native document: one JSON object, as text. A body that is not Parameters is taken for it.",
            required=True,
        ),
    ),
    gives=(
        Parameter("resource", "Resource", "The resource; of an aggregate, one for each record.", True, many=True),
        RESIDUE,
        OUTCOME,
    ),
    body="record",
)


def prepared(program: Program, predicate: Predicate, given: Inputs) -> Future[Document]:
    """The native document with its practice keys as ids; 422 for keys that could mean several types."""
    known = form(forms(program), given.one("concept"))
    document = zoned(program.zone, known.fields, named_document(_document(program, given.one("record")), known.name))

    def work(transaction: Transaction) -> Document:
        return translated(program, transaction, known.references, document, predicate)

    return program.store.rehearse(work)


def to_fhir(program: Program, predicate: Predicate, given: Inputs, document: Document) -> Answer:
    """200 with Parameters of a prepared document; 422 with every issue of it, each at its native field."""
    known = form(forms(program), given.one("concept"))
    if isinstance(known, AggregateForm):
        made = [*_members(program, known, document)]
    else:
        made = [(known.concept, resource_of(program.door, known.concept, document))]
    left = [finding for concept, resource in made for finding in concept.to_native(resource)[1]]
    said = [("resource", "Resource", resource) for _, resource in made]
    return Answer(200, release(predicate, dump(output(*said, *told(left))), ()))


def resource_of(door: Door, concept: Concept, record: Document) -> Resource:
    """The fresh resource of a native record; 422 with every issue, at its native field where one is meant.

    A record that says it is incomplete may be: what it lacks was parked on the way to being native.
    """
    resource = concept.to_fhir(record, park="incomplete" in record)
    found = door.check(resource) or counseling_notes(resource, dump(resource))
    issues = [replace(issue, expression=native_place(concept, issue.expression)) for issue in found]
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    return resource


def _document(program: Program, record: str | Document) -> Document:
    try:
        document = parse(record.encode(), program.settings.depth_limit) if isinstance(record, str) else record
    except Problem as problem:
        problem.issues = tuple(replace(issue, expression="record") for issue in problem.issues)
        raise
    if not isinstance(document, dict):
        raise Problem(Kind.INVALID, "a record is one JSON object", "record", code="structure")
    return document


def _members(program: Program, known: AggregateForm, document: Document) -> Iterator[tuple[Concept, Resource]]:
    """The resources of an aggregate's records, each refused at its line of the document."""
    whole = {"id": program.new_id()} | document
    stored = _as_read(program, known, whole)
    for part in known.aggregate.split(whole, stored, program.new_id):
        concept = program.maps.concepts[part.concept]
        with told_at(part.place):
            yield concept, resource_of(program.door, concept, part.record)


def _as_read(program: Program, known: AggregateForm, document: Document) -> dict[str, list[Document]]:
    """The records that a document names by their ids, as if stored, with what says which line they belong to.

    An aggregate takes no ids for records that are not there, so a document just read could not be shown without these.
    """
    aggregate = known.aggregate
    lines = [line for value in document.values() if isinstance(value, list) for line in value if isinstance(line, dict)]
    if aggregate.root:
        ids = [line["id"] for line in lines if isinstance(line.get("id"), str)]
        others = {name: [{"id": id} for id in ids] for name in aggregate.members if name != aggregate.root}
        root: Document = {"id": document["id"], str(aggregate.link): ids}
        return others | {aggregate.root: [root] if ids else []}
    return {name: list(_on_lines(program, aggregate, document, lines, name)) for name in aggregate.members}


def _on_lines(
    program: Program, aggregate: Aggregate, document: Document, lines: list[Document], member: str
) -> Iterator[Document]:
    fields = {field.name for field in program.maps.concepts[member].fields}
    for line in lines:
        if isinstance(line.get(member), str):
            said = {name: line[name] for name in ("participant", *aggregate.members) if name in line and name in fields}
            yield {"id": line[member], str(aggregate.shared_by): document["id"], **said}


def told(residue: Iterable[Residue]) -> list[tuple[str, str, Any]]:
    """The outputs `residue` and `outcome` of what a map does not cover."""
    found = list(residue)
    parts = [
        ("residue", "", [("path", "string", path), ("policy", "code", policy), ("reason", "string", reason)])
        for path, policy, reason in found
    ]
    parked = [
        Issue("business-rule", f"parked, the record being incomplete: {at}: {why}", at, "warning")
        for at, policy, why in found
        if policy == "park"
    ]
    return [*parts, ("outcome", "Resource", operation_outcome(parked))]
