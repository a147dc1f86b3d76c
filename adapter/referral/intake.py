"""The work list of intake: referrals of which nobody has yet said who the person is, and what intake says.

What came with a referral is for intake alone until then; its sender learns nothing of it (42 CFR 2.13(c)).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from adapter.consent.gate import release
from adapter.consent.policy import DIRECTORY
from adapter.fhir.json import dump, parse
from adapter.fhir.page_links import seal, unseal
from adapter.interactions.answer import Answer
from adapter.interactions.changes import Change, apply
from adapter.interactions.doors import native_terms, received_document
from adapter.interactions.native import native_link
from adapter.interactions.program import Program
from adapter.interactions.work_lists import limit_of
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.referrals import records_of, staged_with, taken_over
from adapter.store.transaction import Transaction
from adapter.store.version import Version

LIST, SETTLE = "intake", "settle"
KNOWN = ("limit", "page")
NEW = "new"
"""Who a person is that was never here."""
_TASK, _REVIEW = "referral_task", "in_review"


def intake(program: Program, predicate: Predicate, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with `items`, the oldest first, and the address of the `next` page while there is more."""
    given = dict(pairs)
    limit, key = limit_of(program, given.get("limit")), program.link_key(predicate)
    after = int(unseal(given["page"], key, LIST, "page")[0]) if "page" in given else 0
    waiting = program.store.intake(predicate, after, limit + 1)
    shown, items = list[Version](), []
    for task, sender in waiting[:limit]:
        person = program.store.read(predicate, "Patient", task.patients) if task.patients else None
        items.append(_item(program, task, sender, person))
        shown += [task, *([person] if person else [])]
    body: dict[str, Any] = {"items": items}
    if len(waiting) > limit:
        token = seal([waiting[limit - 1][0].vid], key, LIST)
        body["next"] = program.page_link(native_link(program, LIST), [("page", token), ("limit", str(limit))])
    return Answer(200, release(predicate, dump(body), shown))


def _item(program: Program, task: Version, sender: str, person: Version | None) -> dict[str, Any]:
    record = program.maps.concepts[_TASK].to_native(parse(task.body))[0]
    with program.store.asking() as database:
        parts = Counter(type for type, _ in records_of(database, task.id))
    item = {"task": task.id, "state": record.get("state"), "referral": record.get("referral")}
    item |= {"sender": f"Organization/{sender}", "received_at": record.get("changed_at"), "parts": dict(parts)}
    if person is not None and not person.deleted:
        known, _ = program.maps.concepts["participant"].to_native(parse(person.body))
        item["participant"] = {"id": person.id, **known}
    return item


def settle(program: Program, predicate: Predicate, task: str, body: bytes) -> Future[Answer]:
    """200 once intake has said who the person of a referral is: `participant` is `new`.

    404 for a Task that is not there or not waiting; its records are the program's from then on, and it is in review.
    """
    said = received_document(program, body, SETTLE)
    if said.keys() - {"participant"}:
        unknown = sorted(said.keys() - {"participant"})[0]
        raise Problem(Kind.INVALID, "only participant can be said here", unknown, code="structure")
    if said.get("participant") != NEW:
        raise Problem(Kind.UNPROCESSABLE, f"participant is {NEW!r}", "participant", code="value")

    def work(transaction: Transaction) -> Answer:
        if staged_with(transaction.database, "Task", task) is None or not transaction.sees(predicate, "Task", task):
            raise Problem(Kind.NOT_FOUND, "there is no such referral that waits")
        taken_over(transaction.database, task, DIRECTORY)
        stored = transaction.current("Task", task)
        assert stored is not None
        changes = _reviewed(program, stored)
        outcomes = apply(program, transaction, changes, native_terms(predicate))
        version = outcomes[0].version if outcomes else stored
        told = {"task": task, "participant": version.patients}
        return Answer(200, release(predicate, dump(told), (version,)))

    return program.store.write(work)


def _reviewed(program: Program, task: Version) -> list[Change]:
    """It is under review from now on, if it was only received."""
    concept, resource = program.maps.concepts[_TASK], parse(task.text)
    record, _ = concept.to_native(resource)
    if record.get("state") != "received":
        return []
    return [Change("update", "Task", task.id, concept.to_fhir({**record, "state": _REVIEW}, resource, park=True))]
