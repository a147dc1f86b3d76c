"""What follows from the course of a referral, whatever door it changes by: illegal moves are refused, an admission
opens the episode, and a request that is withdrawn ends it.

A ServiceRequest is its requester's statement, a Task ours: https://hl7.org/fhir/R4/task.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from adapter.fhir.dates import instant_of, milliseconds
from adapter.interactions.changes import Change
from adapter.interactions.consequences import Consequence, Reader
from adapter.mapping.load import Maps
from adapter.problems import Kind, Problem
from adapter.referral.moves import Moves

Resource = dict[str, Any]
# The native words of mappings/concepts that these rules read and write.
TASK, STEP_DOWN, EPISODE = "referral_task", "step_down_referral", "episode"
_REFERRAL_OF = "incoming-referral"
_EPISODES = UUID("5f0f2f7e-2c0e-5d0a-9a53-8a2f6f0b9c11")
"""The namespace of ids of episodes, each made from that of the Task whose admission opens it."""


def course(maps: Maps, moves: Moves, clock: Callable[[], datetime]) -> tuple[Consequence, ...]:
    """The rules over Tasks and their ServiceRequests."""
    follow = partial(_follow_task, maps, moves, clock)
    return (
        Consequence("course of a referral", frozenset({maps.concepts[TASK].resource_type}), follow),
        Consequence("withdrawn referral", frozenset({"ServiceRequest"}), partial(_follow_request, maps, moves, clock)),
    )


def _follow_task(
    maps: Maps,
    moves: Moves,
    clock: Callable[[], datetime],
    before: Resource | None,
    after: Resource | None,
    reader: Reader,
) -> Iterator[Change]:
    if after is None and before is not None and reader.staged("Task", before["id"]):
        raise _refused("what waits for intake is not deleted: intake says who the person is, and declines it")
    stored = reader.last("Task", after["id"]) if before is None and after is not None else before
    now, was = record_of(maps, TASK, after), record_of(maps, TASK, stored)
    state, stood = now.get("state"), was.get("state")
    if after is None or state is None or state == stood:
        return
    if stood is not None and not moves.may(stood, state):
        raise _refused(f"a referral that is {stood} becomes {any_of(moves.legal[stood])}")
    if state not in moves.unknown and reader.staged("Task", after["id"]):
        why = "intake has not yet said who the person is"
        raise _refused(f"{why}: until then a referral is {any_of(sorted(moves.unknown))}")
    at = clock()
    if stood is not None and now.get("changed_at") == was.get("changed_at") and _is_before(now.get("changed_at"), at):
        # Whoever moves it and says no time moves it now: dates of what follows are made of it.
        now = now | {"changed_at": instant_of(milliseconds(at))}
        after = maps.concepts[TASK].to_fhir(now, after, park=True)
        yield Change("update", "Task", after["id"], after)
    if state in moves.opens:
        yield from _opened(maps, now, after, reader)


def _is_before(said: str | None, at: datetime) -> bool:
    """Whether a moment is before another, as far as it says; one without a time of day or a zone is."""
    moment = datetime.fromisoformat(said) if said and len(said) > len("2026-01-01") else None
    return moment is None or moment.tzinfo is None or moment < at


def _opened(maps: Maps, task: Resource, after: Resource, reader: Reader) -> Iterator[Change]:
    """The episode of an admission, if the referral is into the program and has none yet."""
    referral = reader.current("ServiceRequest", str(task.get("referral")))
    if not record_of(maps, STEP_DOWN, referral) or "episode" in task:
        return
    address = f"ServiceRequest/{task['referral']}"
    known = [id for id in reader.holders("EpisodeOfCare", _REFERRAL_OF, address) if _is_ours(reader, id)]
    id = known[0] if known else str(uuid5(_EPISODES, after["id"]))
    if not known:
        begun = task.get("started_at") or task.get("changed_at")
        said = {"participant": task["participant"], "status": "active", "referrals": [task["referral"]]}
        said |= {"admitted_on": begun} if begun else {}
        owner = task.get("owner", "")
        said |= {"organization": owner.partition("/")[2]} if owner.startswith("Organization/") else {}
        yield Change("create", "EpisodeOfCare", id, maps.concepts[EPISODE].to_fhir(said))
    yield Change("update", "Task", after["id"], maps.concepts[TASK].to_fhir({**task, "episode": id}, after, park=True))


def _is_ours(reader: Reader, id: str) -> bool:
    """Whether an episode is one of the program's that goes on, and not a stay of which its sender tells."""
    episode = reader.current("EpisodeOfCare", id)
    going_on = episode is not None and episode.get("status") in ("planned", "waitlist", "active", "onhold")
    return going_on and not reader.sent("EpisodeOfCare", id)


def _follow_request(
    maps: Maps,
    moves: Moves,
    clock: Callable[[], datetime],
    before: Resource | None,
    after: Resource | None,
    reader: Reader,
) -> Iterator[Change]:
    if after is None or before is None or not {after.get("status")} - {before.get("status")} & moves.withdrawn:
        return
    for id in reader.holders("Task", "focus", f"ServiceRequest/{after['id']}"):
        resource = reader.current("Task", id)
        task = record_of(maps, TASK, resource)
        if task.get("state") is not None and moves.ends in moves.legal[task["state"]]:
            ended = turned(task, moves.ends, instant_of(milliseconds(clock())))
            yield Change("update", "Task", id, maps.concepts[TASK].to_fhir(ended, resource, park=True))


def record_of(maps: Maps, name: str, resource: Resource | None) -> Resource:
    """The native record of a concept; empty for any other resource, or none."""
    concept = maps.concept_of(resource) if resource else None
    return concept.to_native(resource)[0] if concept is maps.concepts[name] and resource else {}


def turned(record: Resource, state: str, at: str) -> Resource:
    """A referral's record in a state since the instant `at`; why it is in another one is not why it is in this."""
    left = () if record.get("state") == state else ("state_reason",)
    return {name: said for name, said in record.items() if name not in left} | {"state": state, "changed_at": at}


def any_of(states: Any) -> str:
    """States as a message names them."""
    return " or ".join(states) or "nothing else"


def _refused(why: str) -> Problem:
    return Problem(Kind.CONFLICT, why, "Task.status", code="business-rule")
