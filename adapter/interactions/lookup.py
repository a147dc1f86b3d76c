"""`$lookup`: what a code means: https://hl7.org/fhir/R4/codesystem-operation-lookup.html"""

from __future__ import annotations

from adapter.consent.gate import publish
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter, output
from adapter.interactions.answer import Answer
from adapter.interactions.codings import CODE, CODING, SYSTEM, asked_codings
from adapter.interactions.program import Program

LOOKUP = Operation(
    "lookup",
    canonical_operation("code-system-lookup"),
    "What a code means",
    takes=(CODE, SYSTEM, CODING),
    gives=(
        Parameter("name", "string", "The name of the code system.", required=True),
        Parameter("display", "string", "The display of the code.", required=True),
    ),
    base="http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
)


def lookup(program: Program, given: Inputs) -> Answer:
    """200 with the system's name and the code's display; 404 for what is not shipped."""
    (coding,) = asked_codings(given, known=(CODE.name, CODING.name))
    display = program.terminology.display(coding)
    name = program.terminology.system(coding.system).title
    return Answer(200, publish(dump(output(("name", "string", name), ("display", "string", display)))))
