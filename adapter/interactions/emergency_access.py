"""`Patient/$emergency-access`: a clinician elsewhere opens one patient's records in a medical emergency.

42 CFR 2.51: to medical personnel, as far as needed, where no consent can be had; and at once a record of to whom, by
whom, when, and the nature of the emergency. An operation of ours: R4 leaves breaking the glass to the server
(https://hl7.org/fhir/R4/security-labels.html#break-the-glass).
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from typing import Any

from adapter.callers import EMERGENCIES, Caller
from adapter.consent.gate import recorded, release
from adapter.consent.notice import VERSION
from adapter.consent.predicate import everything
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter, output
from adapter.fhir.references import split
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.interactions.search import parsed
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.disclosure import Disclosure, Shown
from adapter.store.emergencies import ACCESS, MINUTES, Opening, open_it, try_to_open
from adapter.store.ledger import Ledger

EMERGENCY_ACCESS = Operation(
    "emergency-access",
    canonical_operation("emergency-access"),
    "Open a patient's records in a medical emergency",
    (
        Parameter("patient", "Reference", "One patient: a reference, or an identifier with its system.", many=True),
        Parameter("reason", "string", "The nature of the emergency, in words."),
    ),
    (
        Parameter("patient", "Reference", "Whose records may be read.", required=True),
        Parameter("until", "instant", "Until when.", required=True),
    ),
    changes=True,
    clients=True,
)
LONGEST = 1_000
"""Characters of a reason."""

_FOUND_BY = everything("finding the patient of a medical emergency, which is recorded")

log = logging.getLogger(__name__)


async def emergency_access(
    program: Program, predicate: Predicate, who: Caller | None, ledger: Ledger | None, given: Inputs, name: str | None
) -> Answer:
    """200 with whose records may be read and until when; 404 for a patient who is not there, which is recorded too.

    Problem(FORBIDDEN) without a named person or for another purpose, Problem(UNPROCESSABLE) without a reason or without
    one patient, Problem(THROTTLED) for too many by one person, Problem(BUSY) when it cannot be recorded. `name` is what
    the client calls the request.
    """
    caller, kept = _checked(who), checked_ledger(ledger)
    asked, reason = _asked(given)
    patient = await asyncio.to_thread(_found, program, asked)
    id, now_ms = program.new_id(), milliseconds(program.clock())
    until_ms, too_many = now_ms + MINUTES * 60_000, await _tried(program, id, patient or "", caller, now_ms)
    opens = patient if too_many is None else None
    opening = Opening(reason, str(caller.name), asked, until_ms if opens else None)
    shown = [Shown(opens, (), id)] if opens else []
    row = Disclosure(caller, "emergency", ACCESS, shown, VERSION, name, opening.query)
    position = await asyncio.wrap_future(kept.write(row))
    if too_many is not None:
        raise too_many
    if patient is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    await _written(program, lambda database: open_it(database, id, until_ms))
    said = ("patient", "Reference", {"reference": f"Patient/{patient}"}), ("until", "instant", instant_of(until_ms))
    return Answer(200, recorded(release(predicate, dump(output(*said)), ()), position))


async def _tried(program: Program, id: str, patient: str, caller: Caller, now_ms: int) -> Problem | None:
    """Note that somebody tries; the Problem when there have been too many, which is recorded too."""
    try:
        await _written(program, lambda database: try_to_open(database, id, patient, caller, now_ms))
    except Problem as problem:
        if problem.kind is not Kind.THROTTLED:
            raise
        log.warning("emergencies: client %s has tried to open too many", caller.client)
        return problem
    return None


def _checked(caller: Caller | None) -> Caller:
    """A person who asks because of an emergency."""
    if caller is None or caller.user is None or caller.name is None:
        raise Problem(Kind.FORBIDDEN, "the token names nobody: an emergency is opened by a person (hl7-b2b subject_id)")
    if caller.purpose not in EMERGENCIES:
        raise Problem(Kind.FORBIDDEN, "the token is for another purpose: ask for one with ETREAT or BTG")
    return caller


def checked_ledger(ledger: Ledger | None) -> Ledger:
    """The ledger, where there is one."""
    if ledger is None:
        raise Problem(Kind.FORBIDDEN, "this server was started open and keeps no ledger")
    return ledger


def _asked(given: Inputs) -> tuple[str, str]:
    """The patient as `Type/id` or as `system|value`, and the reason."""
    patients, reason = given.all("patient"), str(given.one("reason") or "").strip()
    if len(patients) != 1:
        code = "business-rule" if patients else "required"
        raise Problem(Kind.UNPROCESSABLE, "name one patient", "patient", code=code)
    if not reason:
        raise Problem(Kind.UNPROCESSABLE, "say what the emergency is", "reason", code="required")
    if len(reason) > LONGEST:
        raise Problem(Kind.UNPROCESSABLE, f"say it in {LONGEST} characters", "reason", code="too-long")
    said = patients[0] if isinstance(patients[0], dict) else {}
    named = said.get("identifier") or {}
    if "reference" in said:
        return str(said["reference"]), reason
    if not named.get("system") or not named.get("value"):
        why = "name the patient by a reference, or by an identifier with its system"
        raise Problem(Kind.UNPROCESSABLE, why, "patient", code="required")
    return f"{named['system']}|{named['value']}", reason


def _found(program: Program, asked: str) -> str | None:
    """The id of the one patient who is meant."""
    if (literal := split(asked.removeprefix(f"{program.base_url}/"))) is not None:
        version = program.store.read(_FOUND_BY, "Patient", literal[1]) if literal[0] == "Patient" else None
        return None if version is None or version.deleted else version.id
    system, _, value = asked.partition("|")
    if not value:
        return None
    pairs = [("identifier", f"{_escaped(system)}|{_escaped(value)}")]
    versions = program.store.search(_FOUND_BY, parsed(program, _FOUND_BY, "Patient", pairs)).versions
    return versions[0].id if len(versions) == 1 else None


def _escaped(text: str) -> str:
    """https://hl7.org/fhir/R4/search.html#escaping"""
    return "".join(f"\\{one}" if one in "\\|,$" else one for one in text)


async def _written(program: Program, work: Any) -> None:
    done: Future[None] = program.store.write(lambda transaction: work(transaction.database))
    await asyncio.wrap_future(done)
