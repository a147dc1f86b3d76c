"""`$validate-code`: whether a code is in a value set, or in a code system, as far as either is shipped.

https://hl7.org/fhir/R4/valueset-operation-validate-code.html,
https://hl7.org/fhir/R4/codesystem-operation-validate-code.html
"""

from __future__ import annotations

from collections.abc import Callable

from adapter.consent.gate import publish
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter, output
from adapter.fhir.terminology import Coding, Verdict
from adapter.interactions.answer import Answer
from adapter.interactions.codings import CODE, CODING, CONCEPT, DISPLAY, SYSTEM, asked_codings, the_url
from adapter.interactions.program import Program

_GIVES = (
    Parameter("result", "boolean", "Whether it is.", required=True),
    Parameter("message", "string", "Why not."),
    Parameter("display", "string", "The display of the code."),
)
IN_VALUE_SET = Operation(
    "validate-code",
    canonical_operation("value-set-validate-code"),
    "Whether a code is in a value set",
    takes=(Parameter("url", "uri", "The value set."), CODE, SYSTEM, DISPLAY, CODING, CONCEPT),
    gives=_GIVES,
    base="http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code",
)
IN_CODE_SYSTEM = Operation(
    "validate-code",
    canonical_operation("code-system-validate-code"),
    "Whether a code is in a code system",
    takes=(Parameter("url", "uri", "The code system."), CODE, DISPLAY, CODING, CONCEPT),
    gives=_GIVES,
    base="http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code",
)


def in_value_set(program: Program, given: Inputs, url: str | None = None) -> Answer:
    """200 with result, message and display; 404 for a value set that is not shipped. `url`: that in the address."""
    value_set = program.terminology.value_set(the_url(given, url))
    return _answer(asked_codings(given), lambda coding: program.terminology.in_value_set(value_set, coding))


def in_code_system(program: Program, given: Inputs, url: str | None = None) -> Answer:
    """200 with result, message and display; 404 for a code system of which nothing is shipped."""
    system = program.terminology.system(the_url(given, url))
    return _answer(asked_codings(given, system.url), lambda coding: program.terminology.in_system(system, coding))


def _answer(codings: list[Coding], check: Callable[[Coding], Verdict]) -> Answer:
    """The verdict on the first code that is right, else on the first."""
    verdicts = [check(coding) for coding in codings]
    verdict = next((one for one in verdicts if one.result), verdicts[0])
    said = [("message", "string", verdict.message), ("display", "string", verdict.display)]
    told = output(("result", "boolean", verdict.result), *(one for one in said if one[2]))
    return Answer(200, publish(dump(told)))
