"""`$consent-scope`: what the consents cover on which a client is shown records of a patient, 42 CFR 2.32(b).

Each disclosure goes with a copy of the consent or a clear explanation of its scope. A copy would name the other
recipients, so the scope is told, and only to whom it is about. An operation of ours; nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from time import monotonic
from typing import Any

from adapter.consent.gate import release
from adapter.consent.labels import NOTES, codes
from adapter.consent.notice import EXCEPTED, SHORT, statement_url
from adapter.consent.predicate import everything
from adapter.consent.referrers import OWN
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.dates import instant_of
from adapter.fhir.everything import Everything
from adapter.fhir.json import dump
from adapter.fhir.operations import Operation, Parameter
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.interactions.search import parsed
from adapter.interactions.types import served, writable
from adapter.problems import Kind, Problem
from adapter.released import Counted, Predicate
from adapter.rules import ANY, BEGINNING, END, EVERY_LABEL
from adapter.store.version import Permitted

CONSENT_SCOPE = Operation(
    "consent-scope",
    canonical_operation("consent-scope"),
    "What the consents cover under which records of a patient are disclosed",
    takes=(),
    gives=(
        Parameter("notice", "string", "The statement of 42 CFR 2.32(a)(2).", required=True),
        Parameter("statement", "uri", "Where the statement of 42 CFR 2.32(a)(1) stands.", required=True),
        Parameter("except", "string", "What holds of every scope.", required=True),
        Parameter(
            "scope",
            "",
            "One for each thing that a consent permits to the client; none where no consent shows it anything.",
            many=True,
            parts=(
                Parameter("consent", "id", "The id of the consent.", required=True),
                Parameter("purpose", "code", "What for, in v3-ActReason.", required=True),
                Parameter("type", "code", "Of which type; of any, where none is named."),
                Parameter("record", "Reference", "The record that is named; all, where none is."),
                Parameter("sensitivity", "code", "What it may tell of; of anything, where none is named.", many=True),
                Parameter("period", "Period", "While the consent holds."),
                Parameter("data", "Period", "Of which time the records are."),
            ),
        ),
    ),
)
_PAGE = 500
_WHY = "whose consents let the sender of a referral be told of it"


def consent_scope(program: Program, predicate: Predicate, patient: str) -> Answer:
    """200 whoever the patient is, and whether there is one: what is not shown has no scope here."""
    of_whom = _referred(program, predicate, patient) if predicate.beside else {}
    of_whom = of_whom or {patient: _relied_on(program, predicate, patient)}
    relied = sorted({consent for consents in of_whom.values() for consent in consents})
    found = [one for whose, of in of_whom.items() for one in program.store.permitted(predicate, whose, sorted(of))]
    constant = (
        {"name": "notice", "valueString": SHORT},
        {"name": "statement", "valueUri": statement_url(program.base_url)},
        {"name": "except", "valueString": EXCEPTED},
    )
    said = [*constant, *({"name": "scope", "part": list(_parts(*one))} for one in _together(found))]
    counted = [Counted(patient, consent, "Consent", 1) for consent in relied]
    body = dump({"resourceType": "Parameters", "parameter": said})
    return Answer(200, release(predicate, body, (), counted), told=True)


def _referred(program: Program, predicate: Predicate, patient: str) -> dict[str, set[str]]:
    """The consents by which a sender of referrals is told how those of a patient go on, by who the program knows the
    person as: that is not told."""
    asked = parsed(program, predicate, "Task", [("patient", f"Patient/{patient}")])
    of_whom, more = dict[str, set[str]](), True
    while more:
        page = program.store.search(predicate, asked)
        grounds = program.store.grounds(predicate, page.versions)
        for task in page.versions:
            itself = program.store.read(everything(_WHY), "Task", task.id)
            found = {grounds[one, task.vid] for one in task.patients.split() if (one, task.vid) in grounds}
            if itself is not None and found:
                of_whom.setdefault(itself.patients, set()).update(found - {OWN})
        asked, more = replace(asked, cursor=page.next), page.next is not None
    return of_whom


def _relied_on(program: Program, predicate: Predicate, patient: str) -> set[str]:
    """The consents by which what there is of the patient is shown now; Problem(OVERTIME) when it takes too long."""
    until = monotonic() + program.settings.statement_seconds
    types = program.store.opened(predicate, patient, [type for type in served(program) if writable(type)])
    numbers = {field.number for type in types for field in program.store.index.compartment(type)}
    asked: Everything | None = Everything("Patient", patient, tuple(sorted(numbers)), (), (), _PAGE)
    grounds: set[str] = set()
    while types and asked is not None and predicate.ground:
        if monotonic() > until:
            raise Problem(Kind.OVERTIME, "this takes longer than the server may give it")
        page = program.store.everything(predicate, asked)
        found = program.store.grounds(predicate, page.versions)
        grounds |= {ground for (about, _), ground in found.items() if about == patient}
        asked = asked.after(page.next) if page.next else None
    return grounds


def _together(found: Iterable[Permitted]) -> Iterator[tuple[Permitted, list[str]]]:
    """What differs by nothing but its purpose, with all its purposes."""
    for _, same in groupby(
        sorted(found, key=lambda one: (*one[:1], *one[2:], one[1])), key=lambda one: (one[0], one[2:])
    ):
        each = list(same)
        yield each[0], [one.purpose for one in each]


def _parts(one: Permitted, purposes: Iterable[str]) -> Iterator[dict[str, Any]]:
    yield {"name": "consent", "valueId": one.consent}
    yield from ({"name": "purpose", "valueCode": purpose} for purpose in purposes)
    if one.type != ANY:
        yield {"name": "type", "valueCode": one.type}
    if one.record != ANY:
        yield {"name": "record", "valueReference": {"reference": one.record}}
    if one.labels | NOTES != EVERY_LABEL:
        yield from ({"name": "sensitivity", "valueCode": code} for code in codes(one.labels))
    for name, low, high in (("period", one.valid_from, one.valid_until), ("data", one.data_from, one.data_until)):
        period = {"start": low, "end": high - 1}
        told = {end: instant_of(ms) for end, ms in period.items() if ms not in (BEGINNING, END - 1)}
        if told:
            yield {"name": name, "valuePeriod": told}
