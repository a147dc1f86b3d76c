"""`Patient/$match`: who of the program's participants a person is, with how sure that is.

https://hl7.org/fhir/R4/patient-operation-match.html. Nobody is found whom the asker may not see; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from adapter.consent.gate import release
from adapter.consent.security import high_water, shown
from adapter.fhir.bundle import Graded, graded
from adapter.fhir.operations import Inputs, Operation, Parameter
from adapter.fhir.references import split
from adapter.identity.blocking import queries
from adapter.identity.evidence import Evidence, evidence_of
from adapter.identity.rules import Grade, rules_in
from adapter.identity.score import Score, compared
from adapter.interactions.admission import refused
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.version import Version

Resource = dict[str, Any]
MATCH = Operation(
    "match",
    "http://hl7.org/fhir/OperationDefinition/Patient-match",
    "Who of all patients a person is",
    (
        Parameter("resource", "Resource", "A Patient: all that is known of the person.", required=True),
        Parameter("onlyCertainMatches", "boolean", "Only the one that is certain; nobody where two are."),
        Parameter("count", "integer", "At most so many, the surest first; else ten."),
    ),
    (Parameter("return", "Bundle", "A searchset; each entry with its score and grade.", required=True),),
    body="resource",
)
MOST = 10
"""Records that are answered where nobody says how many."""
DEPTH = 8
"""Joined records that are followed from one to the next."""


class Found(NamedTuple):
    """A record, and how sure it is."""

    version: Version
    score: Score


def match(program: Program, predicate: Predicate, given: Inputs) -> Answer:
    """200 with the records that may be of the person, the surest first; none is found where nobody is like it.

    400 for what is no Patient, 422 for one that tells nothing that anybody could be found by.
    """
    patient, count = _asked(program, given), _count(program, given)
    found = matches(program, predicate, patient)
    if given.one("onlyCertainMatches"):
        certain = [one for one in found if one.score.grade is Grade.CERTAIN]
        found = certain if len(certain) == 1 else []
    found = found[:count]
    entries = [
        Graded(program.link("Patient", one.id), shown(predicate, one), score.score, score.grade) for one, score in found
    ]
    links = [("self", f"{program.base_url}/Patient/$match")]
    body = graded(entries, links, high_water(predicate, program.settings.posture))
    return Answer(200, release(predicate, body, [one.version for one in found]))


def matches(program: Program, predicate: Predicate, patient: Resource) -> list[Found]:
    """The records that may be of the person, of those that the asker sees, the surest first.

    What agrees with a record that was joined into another counts for that other.
    """
    rules, sought = rules_in(program.settings.mappings), evidence_of(patient)
    best: dict[str, Found] = {}
    for version, resource in _candidates(program, predicate, sought, patient):
        score = compared(rules, sought, evidence_of(resource))
        kept = _survivor(program, predicate, version, resource)
        if score.grade is Grade.CERTAINLY_NOT or kept is None:
            continue
        known = best.get(kept.id)
        if known is None or known.score.score < score.score:
            best[kept.id] = Found(kept, score)
    return sorted(best.values(), key=lambda one: (-one.score.score, one.version.id))


def _asked(program: Program, given: Inputs) -> Resource:
    patient = given.one("resource")
    if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
        raise Problem(Kind.INVALID, "resource must be a Patient", "resource", code="value")
    if issues := program.door.check(patient):
        raise refused(issues)
    if not evidence_of(patient).enough:
        why = (
            "nobody can be found by this: say a name, a birth date, a telephone number, an address of email or a number"
        )
        raise Problem(Kind.UNPROCESSABLE, why, "Patient", code="required")
    return patient


def _count(program: Program, given: Inputs) -> int:
    count = given.one("count")
    if count is None:
        return MOST
    if not isinstance(count, int) or count < 1:
        raise Problem(Kind.INVALID, "count is a whole number from 1", "count", code="value")
    return min(count, program.settings.page_limit)


def _candidates(
    program: Program, predicate: Predicate, sought: Evidence, patient: Resource
) -> Iterable[tuple[Version, Resource]]:
    index = program.store.index.of(predicate.rendering)
    found: dict[str, Version] = {}
    for query in queries(index.parameters("Patient"), index.calendar, sought, patient):
        found |= {version.id: version for version in program.store.search(predicate, query).versions}
    return ((version, orjson.loads(version.body)) for version in found.values())


def _survivor(program: Program, predicate: Predicate, version: Version, patient: Mapping[str, Any]) -> Version | None:
    """The record that this one was joined into, at last; None for one that is not there for the asker."""
    for _ in range(DEPTH):
        into = replaced_by(patient)
        if into is None:
            return version
        found = program.store.read(predicate, "Patient", into)
        if found is None or found.deleted:
            return None
        version, patient = found, orjson.loads(found.body)
    return None


def replaced_by(patient: Mapping[str, Any]) -> str | None:
    """The id of the Patient whose record took the place of this one.

    https://hl7.org/fhir/R4/valueset-link-type.html
    """
    for link in patient.get("link", ()):
        if link.get("type") == "replaced-by" and (found := split(link["other"].get("reference") or "")):
            return found[1]
    return None
