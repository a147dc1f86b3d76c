"""Referrals out of the program that are open: where each stands with whom, since when, and what holds it up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from adapter.consent.gate import release
from adapter.consent.predicate import on_later_pages
from adapter.fhir.dates import Calendar, instant_of, milliseconds
from adapter.fhir.json import dump, parse
from adapter.fhir.parameters import PAGE, page_token
from adapter.interactions.answer import Answer
from adapter.interactions.failing_jobs import Manner, Told
from adapter.interactions.native import native_link
from adapter.interactions.program import Program
from adapter.interactions.search import parsed
from adapter.interactions.work_lists import limit_of
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.aftercare import AFTERCARE, CHANGE, Sending, Sendings
from adapter.store.database import Database
from adapter.store.jobs import RESTS, Job, Jobs
from adapter.store.version import Version

Resource = dict[str, Any]
# The native words of mappings/concepts that this journey reads and writes.
TASK, REFERRAL = "referral_task", "aftercare_referral"
ENDED = frozenset(("declined", "cancelled", "completed", "failed", "entered_in_error"))
"""States in which a Task goes on no more."""
LIST = "aftercare"
KNOWN = ("limit", "page", "overdue")
_WAITS = "what has changed waits to be told"
_TOGETHER = 50
"""Referrals whose Tasks are looked up by one search."""


def record_of(program: Program, concept: str, version: Version) -> Resource:
    """The native record of a version."""
    return program.maps.concepts[concept].to_native(parse(version.body))[0] | {"id": version.id}


def aftercare(program: Program, predicate: Predicate, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with `items` and the address of the `next` page while there is more; with `overdue=true` a page may have
    fewer of them than its `limit`. One that was declined stands here until its referral is closed; `untold`, on the
    first page, are those that are closed and of which telling the receiver so fails."""
    given = _given(pairs)
    first = [("status", "active,on-hold"), ("_count", str(limit_of(program, given.get("limit"))))]
    asked = [(PAGE, given["page"])] if "page" in given else first
    query = replace(parsed(program, predicate, "ServiceRequest", asked), concept=REFERRAL)
    page = program.store.search(on_later_pages(predicate) if query.cursor else predicate, query)
    tasks = _tasks(program, predicate, page.versions)
    with program.store.asking() as database:
        rows = [(one, item(program, database, one, tasks.get(one.id))) for one in page.versions]
    kept = [(one, row) for one, row in rows if given.get("overdue") != "true" or row["overdue"]]
    body: Resource = {"items": [row for _, row in kept]}
    untold = {} if query.cursor else _closed(program, predicate)
    body |= {"untold": [row for _, row in untold.values()]} if untold else {}
    if page.next:
        more = [("page", page_token(query, page.next, program.link_key(predicate)))]
        more += [("overdue", given["overdue"])] if "overdue" in given else []
        body["next"] = program.page_link(native_link(program, LIST), more)
    shown = [version for one, _ in kept for version in (one, tasks.get(one.id)) if version is not None]
    shown += [version for versions, _ in untold.values() for version in versions]
    return Answer(200, release(predicate, dump(body), shown))


def _closed(program: Program, predicate: Predicate) -> dict[str, tuple[tuple[Version, Version], Resource]]:
    """By Task, what is no more on the list and whose receiver cannot be told of it."""
    found: dict[str, tuple[tuple[Version, Version], Resource]] = {}
    with program.store.asking() as database:
        failing = Jobs(database).failing((CHANGE,), ("", ""), program.settings.page_limit)
        for sending in filter(None, (Sendings(database).of(job.key) for job in failing)):
            referral = program.store.read(predicate, "ServiceRequest", sending.referral)
            task = program.store.read(predicate, "Task", sending.task)
            if referral is None or task is None or referral.deleted or task.deleted:
                continue
            if parse(referral.body).get("status") not in ("active", "on-hold"):
                found[task.id] = (referral, task), item(program, database, referral, task)
    return found


def _given(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    given = dict(pairs)
    if given.get("overdue") not in (None, "true", "false"):
        raise Problem(Kind.INVALID, "overdue: true or false", "overdue", code="value")
    if "page" in given and "limit" in given:
        raise Problem(Kind.INVALID, "a page link keeps its limit; follow it as it is", "limit")
    return given


def _tasks(program: Program, predicate: Predicate, referrals: Sequence[Version]) -> dict[str, Version]:
    """The Task of each referral that was changed last, as far as the reader may see them."""
    found: dict[str, Version] = {}
    for start in range(0, len(referrals), _TOGETHER):
        ids = ",".join(f"ServiceRequest/{one.id}" for one in referrals[start : start + _TOGETHER])
        query = parsed(program, predicate, "Task", [("focus", ids), ("_count", str(program.settings.page_limit))])
        query = replace(query, concept=TASK)
        while True:
            page = program.store.search(predicate, query)
            _newest(page.versions, found)
            if page.next is None:
                break
            query = replace(query, cursor=page.next)
    return found


def _newest(versions: Iterable[Version], found: dict[str, Version]) -> None:
    for version in versions:
        focus = parse(version.body).get("focus", {}).get("reference", "").partition("/")[2]
        if focus not in found or found[focus].updated_ms <= version.updated_ms:
            found[focus] = version


def item(program: Program, database: Database, referral: Version, task: Version | None) -> Resource:
    """How one referral stands: `overdue` while its Task goes on after `due_by`, or was declined and nobody else is
    asked; `unsent` is what no consent lets the receiver see, by address."""
    said = record_of(program, REFERRAL, referral)
    kept = ("participant", "service", "performers", "authored_at", "answer", "answered_on", "answer_reason")
    made = {"referral": referral.id} | {name: said[name] for name in kept if name in said}
    if task is None:
        return {**made, "overdue": False}
    record = record_of(program, TASK, task)
    made |= {"task": task.id, "state": record.get("state"), "since": record.get("changed_at")}
    made |= {"receiver": record.get("owner"), "due_by": record.get("due_by"), "overdue": _overdue(program, record)}
    if sending := Sendings(database).of(task.id):
        made |= _sending(database, sending)
    return {name: value for name, value in made.items() if value is not None}


def _sending(database: Database, sending: Sending) -> Resource:
    job = Jobs(database).named(AFTERCARE, sending.task)
    made: Resource = {"partner": sending.partner, "asked_at": instant_of(sending.asked_ms)}
    made |= {"sent_at": instant_of(sending.sent_ms)} if sending.sent_ms is not None else {}
    made |= {"unsent": sending.unsent.splitlines()} if sending.unsent else {}
    made |= {"not_taken": sending.unheard.splitlines()} if sending.unheard else {}
    made |= {"failure": job.failure, "attempts": job.attempts} if job and job.failure else {}
    return made | ({"untold": why} if (why := _untold(database, sending.task)) else {})


def _untold(database: Database, task: str) -> str | None:
    """Why its receiver has not been told what has changed since; None where it has."""
    job = Jobs(database).named(CHANGE, task)
    return (job.failure or _WAITS) if job and (job.failure or job.at_ms < RESTS) else None


def _told(program: Program, predicate: Predicate, database: Database, job: Job) -> Told | None:
    """Of work that fails, which referral it is; nothing to whom its Task is hidden from."""
    sending, task = Sendings(database).of(job.key), program.store.read(predicate, "Task", job.key)
    if sending is None or task is None:
        return None
    return Told({"referral": sending.referral, "partner": sending.partner}, (task,))


MANNER = Manner(_told)


def _overdue(program: Program, record: Resource) -> bool:
    """Whether it should have been answered, or somebody else asked, by now; days end in the program's time zone."""
    due = record.get("due_by")
    if not isinstance(due, str) or record.get("state") in ENDED - {"declined"}:
        return False
    return Calendar(program.zone).interval(due)[1] <= milliseconds(program.clock())
