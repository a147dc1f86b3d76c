"""What staff are told of a partner's job that fails: which partner, and of what is pushed, whose records they are."""

from __future__ import annotations

import json

from adapter.interactions.failing_jobs import Manner, Manners, Told
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.database import Database
from adapter.store.jobs import Job
from adapter.store.partners import FOLLOW, PULL, PUSH


def _of_partner(program: Program, predicate: Predicate, database: Database, job: Job) -> Told:
    return Told({"partner": job.key} | _left(job))


def _of_patient(program: Program, predicate: Predicate, database: Database, job: Job) -> Told | None:
    """None where the reader may not know of the patient."""
    partner, _, patient = job.key.partition("/")
    version = program.store.read(predicate, "Patient", patient)
    if version is None:
        return None
    return Told({"partner": partner, "participant": patient} | _left(job), [version])


def _left(job: Job) -> dict[str, int]:
    """How many records were left, if any were."""
    number = len(json.loads(job.payload)) if job.payload else 0
    return {"left": number} if number else {}


MANNERS: Manners = {PULL: Manner(_of_partner), PUSH: Manner(_of_patient), FOLLOW: Manner(_of_partner)}
