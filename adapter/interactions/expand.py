"""`$expand`: the codes of a value set: https://hl7.org/fhir/R4/valueset-operation-expand.html"""

from __future__ import annotations

from adapter.consent.gate import publish
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter
from adapter.fhir.terminology import expansion
from adapter.interactions.answer import Answer
from adapter.interactions.codings import the_url
from adapter.interactions.program import Program

EXPAND = Operation(
    "expand",
    canonical_operation("value-set-expand"),
    "The codes of a value set",
    takes=(
        Parameter("url", "uri", "The value set."),
        Parameter("filter", "string", "Text that the code or its display must have in it."),
        Parameter("offset", "integer", "How many codes to pass over."),
        Parameter("count", "integer", "The most codes to answer with."),
        Parameter("activeOnly", "boolean", "Without codes that their code system has retired."),
    ),
    gives=(Parameter("return", "ValueSet", "The value set with its codes.", required=True),),
    base="http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
)


def expand(program: Program, given: Inputs, url: str | None = None) -> Answer:
    """200 with the value set expanded; 404 for one that is not shipped. `url`: that in the address."""
    value_set = program.terminology.value_set(the_url(given, url))
    at = program.clock().isoformat(timespec="seconds")
    text, offset, count = given.one("filter") or "", given.one("offset"), given.one("count")
    active = given.one("activeOnly")
    return Answer(200, publish(dump(expansion(value_set, at, text, offset, count, active))))
