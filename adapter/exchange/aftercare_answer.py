"""What follows for a referral out of the program when its Task moves, whatever door that comes by: it is answered, and
closed when what was asked for is done.

BSeR Referral Task; the ServiceRequest is the program's own statement, so what it heard stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from adapter.exchange.aftercare_listing import REFERRAL, TASK
from adapter.interactions.changes import Change
from adapter.interactions.consequences import Consequence, Reader
from adapter.mapping.load import Maps

Resource = dict[str, Any]
_ANSWERS: Mapping[str, str] = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "admitted": "accepted",
    "in_progress": "accepted",
    "completed": "accepted",
    "waitlisted": "waitlisted",
    "declined": "declined",
}
"""What a state tells of the answer; any other leaves what was heard before."""
_DONE, _ATTENDED = "completed", "attended"


def answered(maps: Maps) -> Consequence:
    """The rule over Tasks of referrals out; one that comes new may stand anywhere, and says nothing of how it came."""
    return Consequence("answer to a referral", frozenset({"Task"}), partial(_follow, maps))


def _follow(maps: Maps, before: Resource | None, after: Resource | None, reader: Reader) -> Iterator[Change]:
    if before is None or after is None:
        return
    now, was = _record(maps, TASK, after), _record(maps, TASK, before)
    if not now or not was or now.get("state") == was.get("state"):
        return
    resource = reader.current("ServiceRequest", str(now.get("referral")))
    referral = _record(maps, REFERRAL, resource)
    if resource is None or not referral or referral.get("status") not in ("active", "on_hold"):
        return
    told = {**referral, **_answer(referral, now), **_closure(referral, now)}
    made = maps.concepts[REFERRAL].to_fhir(_in_order(told), resource, park=True)
    if made is not resource:
        yield Change("update", "ServiceRequest", resource["id"], made)


def _answer(referral: Resource, task: Resource) -> Resource:
    answer = _ANSWERS.get(str(task.get("state")))
    if answer is None or answer == referral.get("answer"):
        return {}
    reason = task.get("state_reason")
    said = reason.get("text") if isinstance(reason, dict) else None
    return {"answer": answer, "answered_on": _day(task), "answer_reason": said if answer == "declined" else None}


def _closure(referral: Resource, task: Resource) -> Resource:
    """The event of a referral is the first visit: fulfilled, it was attended (BSeR business status 7.0)."""
    if task.get("state") != _DONE:
        return {}
    closed = _day(task)
    return {"status": "completed"} | ({"closed_on": closed, "outcome": _ATTENDED} if closed else {})


def _day(task: Resource) -> str | None:
    """The day of a change, as the Task says it."""
    said = task.get("changed_at")
    return said[:10] if isinstance(said, str) and len(said) >= 10 else None


def _in_order(record: Resource) -> Resource:
    """Written, answered, closed: of two clocks the later day holds. What is not known is left out."""
    least = str(record.get("authored_at", ""))[:10]
    for name in ("answered_on", "closed_on"):
        if record.get(name):
            least = record[name] = max(record[name], least)
    return {name: value for name, value in record.items() if value is not None}


def _record(maps: Maps, name: str, resource: Resource | None) -> Resource:
    """The native record of a concept; empty for any other resource, or none."""
    concept = maps.concept_of(resource) if resource else None
    return concept.to_native(resource)[0] if concept is maps.concepts[name] and resource else {}
