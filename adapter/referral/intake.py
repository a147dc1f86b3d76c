"""The work list of intake: referrals of which nobody has yet said who the person is, and what intake says.

What came with a referral is for intake alone until then; its sender learns nothing of it (42 CFR 2.13(c)).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from adapter.consent.gate import release
from adapter.consent.policy import DIRECTORY
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump, parse
from adapter.fhir.page_links import seal, unseal
from adapter.identity.joining import Asked, join
from adapter.interactions.answer import Answer
from adapter.interactions.changes import Change, apply
from adapter.interactions.doors import native_terms, received_document
from adapter.interactions.native import TransactionView, native_link
from adapter.interactions.program import Program
from adapter.interactions.relations import SUSPECT
from adapter.interactions.sight import Sight
from adapter.interactions.work_lists import limit_of
from adapter.problems import Kind, Problem, named
from adapter.referral.arrival import Arrival
from adapter.referral.candidates import candidates
from adapter.referral.course import turned
from adapter.referral.elsewhere import Declined, declined, places, referral_of
from adapter.referral.moving import WITH_A_MOVE, move
from adapter.released import Predicate
from adapter.store.referrals import records_of, sender_of, staged_with, taken_over
from adapter.store.transaction import Transaction
from adapter.store.version import Parked, Version

LIST, SETTLE = "intake", "settle"
KNOWN = ("limit", "page")
NEW = "new"
"""Who a person is that was never here."""
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
SAYS: Mapping[str, Callable[[Any], bool]] = {
    "participant": lambda said: isinstance(said, str) and bool(_ID.fullmatch(said)),
    "unlike": lambda said: isinstance(said, bool),
    "consents": lambda said: said == "both",
    "directory": lambda said: isinstance(said, bool),
    "move": lambda said: isinstance(said, str),
    "state_reason": lambda said: isinstance(said, dict),
    "started_at": lambda said: isinstance(said, str),
}
"""What can be said, and how."""
_TASK, _REVIEW = "referral_task", "in_review"


def intake(program: Program, predicate: Predicate, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with `items`, in the order in which they arrived, and the address of the `next` page while there is more."""
    given = dict(pairs)
    limit, key = limit_of(program, given.get("limit")), program.link_key(predicate)
    after = int(unseal(given["page"], key, LIST, "page")[0]) if "page" in given else 0
    waiting = program.store.intake(predicate, after, limit + 1)
    shown, items = list[Version](), []
    for task, sender, _ in waiting[:limit]:
        person = program.store.read(predicate, "Patient", task.patients) if task.patients else None
        more, named = _more(program, predicate, task, person)
        more |= _parked(task, program.store.parked(predicate, task.patients))
        items.append(_item(program, predicate, task, sender, person) | more)
        shown += [task, *([person] if person else []), *named]
    body: dict[str, Any] = {"items": items}
    if len(waiting) > limit:
        token = seal([waiting[limit - 1][2]], key, LIST)
        body["next"] = program.page_link(native_link(program, LIST), [("page", token), ("limit", str(limit))])
    return Answer(200, release(predicate, dump(body), [*dict.fromkeys(shown)]))


def _item(program: Program, predicate: Predicate, task: Version, sender: str, person: Version | None) -> dict[str, Any]:
    first = task if task.version == 1 else program.store.vread(predicate, "Task", task.id, 1) or task
    record = program.maps.concepts[_TASK].to_native(parse(task.body))[0]
    with program.store.asking() as database:
        parts = Counter(type for type, _ in records_of(database, task.id))
    item = {"task": task.id, "state": record.get("state"), "referral": record.get("referral")}
    item |= {"sender": f"Organization/{sender}", "received_at": first.updated, "parts": dict(parts)}
    if person is not None and not person.deleted:
        known, _ = program.maps.concepts["participant"].to_native(parse(person.body))
        item["participant"] = {"id": person.id, **known}
    return item


def _more(
    program: Program, predicate: Predicate, task: Version, person: Version | None
) -> tuple[dict[str, Any], list[Version]]:
    """Who the person may be; of one who is declined, where else there may be help."""
    if person is None or person.deleted:
        return {}, []
    found, shown = candidates(program, predicate, person)
    said: dict[str, Any] = {"candidates": found}
    if (given := _declined(program, predicate, task)) is not None:
        said["alternatives"], services = places(program, predicate, given)
        shown += services
    return said, shown


def _declined(program: Program, predicate: Predicate, task: Version) -> Declined | None:
    at = referral_of(task)
    return declined(program, task, program.store.read(predicate, "ServiceRequest", at) if at else None)


def _parked(task: Version, waits: Sequence[Parked]) -> dict[str, Any]:
    """What a person must look at of a referral itself: what is missing, and what its sender has said since."""
    about = {f"Task/{task.id}", parse(task.body).get("focus", {}).get("reference")}
    return {"parked": [one.reason for one in waits if f"{one.type}/{one.id}" in about and one.resolution is None]}


def settle(program: Program, predicate: Predicate, task: str, body: bytes) -> Future[Answer]:
    """200 once intake has said who the person of a referral is: `participant` is `new`, or the id of one who is here.

    Of the latter all that came with the referral is about that participant from then on (`identity.joining`, whose
    refusals hold; `unlike` and `consents` as there). `directory`: the organizations and people that came with it are
    the directory's from now on; else they stay intake's. `move`: where the referral goes at once (`moving.move`). 404
    for a Task that is not there or not waiting; its records are the program's from then on, and it is in review.
    """
    said = _said(program, body)

    def work(transaction: Transaction) -> Answer:
        stored = transaction.current("Task", task) if staged_with(transaction.database, "Task", task) else None
        if stored is None or stored.deleted or not transaction.sees(predicate, "Task", task):
            raise Problem(Kind.NOT_FOUND, "there is no such referral that waits")
        taken_over(transaction.database, task, () if said.get("directory") else DIRECTORY)
        _settled(program, predicate, transaction, stored, said)
        _name(transaction, task, None if said["participant"] == NEW else stored.patients)
        if "move" in said:
            move(TransactionView(program, predicate, transaction), task, said)
        return _arrived(Sight(program, transaction, predicate), task)

    return program.store.write(work)


def _settled(
    program: Program, predicate: Predicate, transaction: Transaction, task: Version, said: Mapping[str, Any]
) -> None:
    changes, terms = _reviewed(program, task), native_terms(predicate)
    if said["participant"] == NEW:
        apply(program, transaction, changes, terms)
    else:
        unlike, both = said.get("unlike") is True, said.get("consents") == "both"
        join(
            program, transaction, Asked(task.patients, said["participant"], unlike, both, "participant"), terms, changes
        )


def _name(transaction: Transaction, task: str, joined: str | None) -> None:
    """Let what came be known by its keys from now on; where these name another record, staff are asked about the two,
    save of the person who is `joined` with it."""
    for type, id in records_of(transaction.database, task):
        version = transaction.current(type, id)
        if version is not None and not version.deleted and not staged_with(transaction.database, type, id):
            others = transaction.own(type, id, parse(version.text))
            for other in others if id != joined else ():
                transaction.suspect(type, other, f"{type}.identifier", SUSPECT)


def _arrived(sight: Sight, task: str) -> Answer:
    """Where it stands, what there is of the participant, and what to ask for."""
    transaction = sight.transaction
    transaction.flush()
    version, sender = transaction.current("Task", task), sender_of(transaction.database, "Task", task)
    assert version is not None
    assert sender is not None
    assert sight.predicate is not None
    record, _ = sight.program.maps.concepts[_TASK].to_native(parse(version.text))
    told = {"task": task, "participant": version.patients, "state": record.get("state")}
    told |= {"episode": record["episode"]} if "episode" in record else {}
    more, shown = Arrival(sight, version.patients, sender[0], record.get("episode")).told()
    if (given := _given(sight, version)) is not None:
        more["alternatives"], services = places(sight.program, sight.predicate, given)
        shown += services
    return Answer(200, release(sight.predicate, dump(told | more), [version, *shown]))


def _given(sight: Sight, task: Version) -> Declined | None:
    at = referral_of(task)
    seen = bool(at) and sight.sees("ServiceRequest", at)
    return declined(sight.program, task, sight.transaction.current("ServiceRequest", at) if seen else None)


def _said(program: Program, body: bytes) -> dict[str, Any]:
    """What intake says, checked."""
    said = received_document(program, body, SETTLE)
    for name in sorted(said.keys() - SAYS.keys()):
        raise Problem(Kind.INVALID, f"only {', '.join(SAYS)} can be said here", named(name), code="structure")
    for name, right in SAYS.items():
        if name in said and not right(said[name]):
            raise Problem(Kind.UNPROCESSABLE, f"{name} is not as it can be said", name, code="value")
    for name in sorted(WITH_A_MOVE & said.keys()) if "move" not in said else ():
        raise Problem(Kind.UNPROCESSABLE, f"{name} goes with a move", name, code="value")
    if "participant" not in said:
        why = f"say who it is: {NEW!r}, or the id of a participant who is here"
        raise Problem(Kind.UNPROCESSABLE, why, "participant", code="required")
    return said


def _reviewed(program: Program, task: Version) -> list[Change]:
    """It is under review from now on, if it was only received; and changes in any case, for whoever asks what has."""
    concept, resource = program.maps.concepts[_TASK], parse(task.text)
    record, _ = concept.to_native(resource)
    state = record.get("state", "received")
    reviewed = turned(record, _REVIEW if state == "received" else state, instant_of(milliseconds(program.clock())))
    return [Change("update", "Task", task.id, concept.to_fhir(reviewed, resource, park=True))]
