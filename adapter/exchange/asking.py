"""Staff have something sent to a partner: what the consent allows of one patient, as soon as its turn comes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from adapter.consent.gate import release
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump
from adapter.interactions.answer import Answer
from adapter.interactions.doors import received_document
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.partners import PUSH, Partners
from adapter.store.transaction import Transaction

VERB = "push"
PATIENT = "patient"


async def ask_push(program: Program, predicate: Predicate, name: str, body: bytes) -> Answer:
    """202: it is asked for. What the partner may see is looked at when it is sent, so that this tells nothing of it.

    Problem(NOT_FOUND) for a partner or a patient who is not there for the sender, Problem(FORBIDDEN) for a partner that
    is disabled, whoever it is about, Problem(UNPROCESSABLE) for another document.
    """
    patient = _patient(received_document(program, body, VERB))
    version = await asyncio.to_thread(program.store.read, predicate, "Patient", patient)
    now_ms = milliseconds(program.clock())

    def work(transaction: Transaction) -> None:
        partners = Partners(transaction.database)
        if not partners.named(name).enabled:
            raise Problem(Kind.FORBIDDEN, f"the partner {name} is disabled")
        if version is None or version.deleted:
            raise Problem(Kind.NOT_FOUND, "there is no such participant")
        partners.push(name, patient, now_ms)

    await asyncio.wrap_future(program.store.write(work))
    said = {"kind": PUSH, "key": f"{name}/{patient}", "partner": name, "participant": patient}
    return Answer(202, release(predicate, dump(said), [version] if version else []))


def _patient(document: Mapping[str, Any]) -> str:
    if unknown := sorted(document.keys() - {PATIENT}):
        raise Problem(Kind.UNPROCESSABLE, f"{unknown[0]} is not known here; {PATIENT} is", unknown[0])
    said = document.get(PATIENT)
    if not isinstance(said, str):
        raise Problem(Kind.UNPROCESSABLE, f"{PATIENT} is the id of a participant", PATIENT)
    return said.removeprefix("Patient/")
