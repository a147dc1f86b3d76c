"""The parameters of an operation as a request gives them, checked as far as they can be without doing it.

https://hl7.org/fhir/R4/operations.html#executing
"""

from __future__ import annotations

from collections.abc import Sequence

from adapter.fhir.json import parse
from adapter.fhir.operations import Inputs, Operation, inputs, shell
from adapter.interactions.admission import refused
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem


def read_inputs(program: Program, operation: Operation, pairs: Sequence[tuple[str, str]], body: bytes) -> Inputs:
    """The inputs in an address and a body, which may be empty; a Problem (400, 422) with all that is wrong.

    Resources in them are not looked at: what an operation asks of them is its own affair.
    """
    if not body:
        return inputs(operation, pairs, None)
    given = parse(body, program.settings.depth_limit)
    if not isinstance(given, dict):
        raise Problem(Kind.INVALID, "the body must be one JSON object", code="structure")
    if given.get("resourceType") == "Parameters" and (issues := program.door.check(shell(given))):
        raise refused(issues)
    return inputs(operation, pairs, given)
