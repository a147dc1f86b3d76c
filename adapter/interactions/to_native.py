"""`$to-native`: what FHIR resources are in the program's words. An operation of ours, to try the maps out.

Nothing is stored or looked up: references are ids, as they stand. https://hl7.org/fhir/R4/operations.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from adapter.consent.gate import release
from adapter.fhir.canonical import operation
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter, output
from adapter.interactions.admission import refused
from adapter.interactions.answer import Answer
from adapter.interactions.counseling import check_no_note
from adapter.interactions.forms import form, forms
from adapter.interactions.native import Document
from adapter.interactions.native_aggregate import AggregateForm
from adapter.interactions.program import Program
from adapter.interactions.to_fhir import OUTCOME, RESIDUE, told
from adapter.mapping.concept import Concept
from adapter.mapping.load import Maps
from adapter.mapping.residue import Residue
from adapter.problems import Issue, Kind, Problem
from adapter.released import Predicate

Resource = dict[str, Any]

TO_NATIVE = Operation(
    "to-native",
    operation("to-native"),
    "FHIR to native: what resources are in the program's words",
    takes=(
        Parameter("resource", "Resource", "The resource; of an aggregate, each of its records.", True, many=True),
        Parameter("concept", "code", "The concept or aggregate to read it as; else the concept that claims it."),
    ),
    gives=(
        Parameter("concept", "code", "What it was read as.", required=True),
        Parameter("record", "string", "The native document: one JSON object, as text.", required=True),
        RESIDUE,
        OUTCOME,
    ),
    body="resource",
)


def to_native(program: Program, predicate: Predicate, given: Inputs) -> Answer:
    """200 with Parameters; 400 or 422 with every issue of the resources, and for what the concept does not claim."""
    resources, name = given.all("resource"), given.one("concept")
    known = form(forms(program), name) if name else None
    _check(program, resources)
    if isinstance(known, AggregateForm):
        document, residue = _joined(program, known, resources)
    elif len(resources) > 1:
        raise Problem(Kind.INVALID, "several resources are one document only of an aggregate; name it", "concept")
    else:
        concept, document, residue = record_of(program.maps, resources[0])
        if name not in (None, concept.name):
            raise Problem(Kind.UNPROCESSABLE, f"this {concept.resource_type} is read as {concept.name}", "concept")
        name = concept.name
    text = dump(document).decode()
    return Answer(
        200,
        release(predicate, dump(output(("concept", "code", name), ("record", "string", text), *told(residue))), ()),
    )


def record_of(maps: Maps, resource: Resource) -> tuple[Concept, Document, list[Residue]]:
    """The concept, record and residue of a sound resource; 422 when no concept claims it or the map refuses it."""
    concept = maps.concept_of(resource)
    if concept is None:
        raise Problem(Kind.UNPROCESSABLE, f"no concept covers this {resource.get('resourceType')}")
    record, residue = concept.to_native(resource)
    issues = [Issue("business-rule", item.reason, item.path) for item in residue if item.policy == "refuse"]
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    return concept, record, residue


def _check(program: Program, resources: Sequence[Resource]) -> None:
    issues = []
    for index, resource in enumerate(resources):
        at = f"resource[{index}]: " if len(resources) > 1 else ""
        issues += [replace(issue, message=at + issue.message) for issue in program.door.check(resource)]
    if issues:
        raise refused(issues)
    for resource in resources:
        check_no_note(resource)


def _joined(program: Program, known: AggregateForm, resources: Sequence[Resource]) -> tuple[Document, list[Residue]]:
    """The document of an aggregate's records; each needs its id, by which the others name it."""
    records: dict[str, list[Document]] = {name: [] for name in known.aggregate.members}
    left: list[Residue] = []
    for resource in resources:
        concept, record, residue = record_of(program.maps, resource)
        if concept.name not in records:
            raise Problem(Kind.UNPROCESSABLE, f"a {concept.name} is no part of a {known.name}", "resource")
        if "id" not in record:
            place = f"{concept.resource_type}.id"
            raise Problem(Kind.UNPROCESSABLE, f"each record of a {known.name} needs its id", place)
        records[concept.name].append(record)
        left += residue
    try:
        return known.aggregate.join(records), left
    except Problem as problem:
        # Nothing is looked for here, so what cannot be joined is not absent but wrong.
        raise Problem(Kind.UNPROCESSABLE, problem.message, "resource") from None
