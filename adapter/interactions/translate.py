"""`$translate`: from one code to another: the program's words to codes, codes that are read to those that are written,
and those to the codes that states and agencies count by.

https://hl7.org/fhir/R4/conceptmap-operation-translate.html
"""

from __future__ import annotations

from adapter.consent.gate import publish
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter, output
from adapter.fhir.terminology import ConceptMap
from adapter.interactions.answer import Answer
from adapter.interactions.codings import CODE, CODING, CONCEPT, SYSTEM, asked_codings, the_url
from adapter.interactions.program import Program

TRANSLATE = Operation(
    "translate",
    canonical_operation("concept-map-translate"),
    "What a code is in another system",
    takes=(
        Parameter("url", "uri", "The concept map; else every one."),
        CODE,
        SYSTEM,
        CODING,
        CONCEPT,
        Parameter("source", "uri", "The value set to translate from; else any."),
        Parameter("target", "uri", "The value set to translate to; else any."),
        Parameter("targetsystem", "uri", "The code system to translate to; else any."),
        Parameter("reverse", "boolean", "From the target of a map to its source."),
    ),
    gives=(
        Parameter("result", "boolean", "Whether there is a translation.", required=True),
        Parameter("message", "string", "Why there is none."),
        Parameter(
            "match",
            "",
            "A translation.",
            many=True,
            parts=(
                Parameter("equivalence", "code", "How the codes are related."),
                Parameter("concept", "Coding", "The translation."),
                Parameter("source", "uri", "The map it comes from."),
            ),
        ),
    ),
    base="http://hl7.org/fhir/OperationDefinition/ConceptMap-translate",
)


_UNSAID = "no map that is shipped here translates this code so"


def translate(program: Program, given: Inputs, url: str | None = None) -> Answer:
    """200 with every translation, and with what a map says has none (`unmatched`, and then the result is false).

    404 for a map that is not shipped. `url`: that in the address.
    """
    source, target, system = given.one("source"), given.one("target"), given.one("targetsystem")
    maps = [one for one in _maps(program, given, url) if source in (None, one.source) and target in (None, one.target)]
    found = program.terminology.translations(maps, asked_codings(given), system, given.one("reverse") is True)
    matches = [
        (
            "match",
            "",
            [
                ("equivalence", "code", match.equivalence),
                *([("concept", "Coding", match.coding.json())] if match.coding.code else []),
                ("source", "uri", match.map),
            ],
        )
        for match in found
    ]
    translated = any(match.equivalence not in ("unmatched", "disjoint") for match in found)
    said = "the map says that none stands for this code" if found else _UNSAID
    why = [] if translated else [("message", "string", said)]
    return Answer(200, publish(dump(output(("result", "boolean", translated), *why, *matches))))


def _maps(program: Program, given: Inputs, url: str | None) -> list[ConceptMap]:
    if url is None and "url" not in given:
        return list(program.terminology.maps.values())
    return [program.terminology.map(the_url(given, url))]
