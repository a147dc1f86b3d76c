"""Staff have a referral out of the program sent to a partner: a Task that follows it, and the work of sending it.

https://hl7.org/fhir/R4/servicerequest.html, https://hl7.org/fhir/R4/task.html: in one commit, so that what was asked
for is never forgotten, and nothing is sent that was not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, NamedTuple

from adapter.consent.gate import release
from adapter.consent.predicate import everything_for
from adapter.exchange.aftercare_asked import asked, check_asked, sendable
from adapter.exchange.aftercare_listing import ENDED, REFERRAL, TASK, item, record_of
from adapter.fhir.dates import Calendar, instant_of, milliseconds
from adapter.fhir.json import dump, parse
from adapter.interactions.answer import Answer
from adapter.interactions.changes import Change, Terms, apply
from adapter.interactions.doors import received_document
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem, named
from adapter.released import Predicate
from adapter.store.acts import OPEN
from adapter.store.aftercare import AFTERCARE, Sending, Sendings
from adapter.store.jobs import Jobs
from adapter.store.partners import PartnerRow, Partners
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]
SEND = "send"
SAYS = ("partner", "due_by")
"""What can be said: the name of a partner, and until when an answer is awaited."""
WHY = "a referral is sent by who may write it"


class Followed(NamedTuple):
    """A Task that follows a referral, with its native record."""

    version: Version
    record: Resource

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.record.get("state") not in ENDED


def send(program: Program, predicate: Predicate, id: str, body: bytes) -> Future[Answer]:
    """202 with how the referral stands: it will be sent, as far as a consent covers it then.

    Problem(NOT_FOUND) for a referral that is not there, Problem(CONFLICT) for one that is not active, asks nobody who
    is a partner or several who are, or was sent and still goes on. Asked for again before it was sent, it is one.
    """
    said = _said(program, body)

    def work(transaction: Transaction) -> Answer:
        referral = _referral(program, transaction, predicate, id)
        record = sendable(program, referral)
        row = _partner(transaction, record, said.get("partner"))
        task = _task(program, transaction, record, row, said)
        _apply(program, transaction, predicate, task)
        now = milliseconds(program.clock())
        sendings = Sendings(transaction.database)
        if sendings.of(task["id"]) is None:
            sendings.set(Sending(task["id"], id, row.name, now))
        jobs = Jobs(transaction.database)
        jobs.ask(AFTERCARE, task["id"], now, lane=row.name)
        jobs.renew(AFTERCARE, task["id"], now)  # one that was given up is tried again
        followed = _followed(program, transaction, task["id"])
        told = item(program, transaction.database, referral, followed and followed.version)
        return Answer(202, release(predicate, dump(told), [referral, *([followed.version] if followed else [])]))

    return program.store.write(work)


def _said(program: Program, body: bytes) -> Mapping[str, str]:
    said = received_document(program, body, SEND) if body else {}
    for name, value in said.items():
        if name not in SAYS:
            raise Problem(Kind.INVALID, f"only {', '.join(SAYS)} can be said here", named(name), code="structure")
        if not isinstance(value, str) or not value:
            raise Problem(Kind.UNPROCESSABLE, f"{name} is not as it can be said", name, code="value")
    try:
        Calendar(program.zone).asked(said.get("due_by", "2000"))
    except ValueError:
        raise Problem(Kind.UNPROCESSABLE, "due_by is no date or time", "due_by", code="value") from None
    return said


def _referral(program: Program, transaction: Transaction, predicate: Predicate, id: str) -> Version:
    version = transaction.current("ServiceRequest", id)
    seen = version is not None and not version.deleted and transaction.sees(predicate, "ServiceRequest", id)
    if version is None or not seen or version.concept != REFERRAL:
        raise Problem(Kind.NOT_FOUND, f"there is no such {REFERRAL}")
    return version


def _partner(transaction: Transaction, record: Resource, name: str | None) -> PartnerRow:
    """The partner that is named, or the one whose organization is asked."""
    known = Partners(transaction.database).listed()
    organizations = asked(transaction.current, record)
    if name is not None:
        found = [row for row in known if row.name == name]
        if not found:
            raise Problem(Kind.UNPROCESSABLE, f"there is no partner {named(name)}", "partner", code="not-found")
        check_asked(organizations, found[0].organization, name)
    else:
        found = [row for row in known if row.organization in organizations and row.enabled]
    if len(found) != 1:
        many = f"several partners are asked ({', '.join(row.name for row in found)})"
        why = many if found else "nobody whom the referral asks is a partner with a server"
        raise Problem(Kind.CONFLICT, f"{why}: say which partner", "performers", code="business-rule")
    if not found[0].enabled:
        raise Problem(Kind.CONFLICT, f"the partner {found[0].name} is disabled", "partner")
    return found[0]


def _task(
    program: Program, transaction: Transaction, record: Resource, row: PartnerRow, said: Mapping[str, str]
) -> Resource:
    """The Task as it will be: the one that waits to be sent to this partner, or a new one."""
    ids = transaction.holders("Task", "focus", f"ServiceRequest/{record['id']}")
    tasks = [followed for id in ids if (followed := _followed(program, transaction, id))]
    sendings = Sendings(transaction.database)
    waiting = None
    for task in tasks:
        sending = sendings.of(task.version.id)
        if task.open:
            _check_waiting(task, sending, row)
            waiting = task
        elif sending and sending.partner == row.name and sending.sent_ms is not None:
            why = f"{row.name} has answered this referral: it is {task.record.get('state')}; write another one"
            raise Problem(Kind.CONFLICT, why, "partner", code="business-rule")
    return _sent(program, record, row, said, waiting)


def _check_waiting(task: Followed, sending: Sending | None, row: PartnerRow) -> None:
    state, owner = task.record.get("state"), task.record.get("owner")
    begun = (sending is not None and sending.sent_ms is not None) or state not in ("draft", "sent")
    to = sending.partner if sending else row.name if owner in (None, f"Organization/{row.organization}") else owner
    if begun or to != row.name:
        why = f"the referral is sent already, to {to if sending else owner or 'somebody'}, and is {state}"
        raise Problem(Kind.CONFLICT, f"{why}: another is sent only when it has ended", code="business-rule")


def _sent(
    program: Program, record: Resource, row: PartnerRow, said: Mapping[str, str], waiting: Followed | None
) -> Resource:
    clock, concept = program.clock(), program.maps.concepts[TASK]
    now = instant_of(milliseconds(clock))
    due = (clock.astimezone(program.zone) + timedelta(days=program.settings.aftercare_due_days)).date()
    first = {"participant": record["participant"], "referral": record["id"], "authored_at": now}
    first |= {name: record[name] for name in ("requester", "priority") if name in record}
    before = waiting.record if waiting else first
    id = waiting.version.id if waiting else program.new_id()
    own = {"system": f"{program.base_url}/Task", "value": id, "type": "placer_number"}
    known = [one for one in before.get("identifiers", ()) if one.get("value") != id]
    task = {"due_by": due.isoformat(), **before, "state": "sent", "owner": f"Organization/{row.organization}"}
    task |= {"id": id, "identifiers": [*known, own]} | ({"due_by": said["due_by"]} if "due_by" in said else {})
    onto = parse(waiting.version.text) if waiting else None
    if waiting is None or before.get("state") != "sent":
        task["changed_at"] = now
    return {**concept.to_fhir(task, onto, park=True), "id": id}


def _apply(program: Program, transaction: Transaction, predicate: Predicate, task: Resource) -> None:
    """The Task is the program's own consequence of what was asked for: whoever may refer need not be of intake."""
    terms = Terms("pending", creates=True, predicate=everything_for(WHY, predicate.asker or OPEN))
    apply(program, transaction, [Change("update", "Task", task["id"], task)], terms)


def _followed(program: Program, transaction: Transaction, id: str) -> Followed | None:
    version = transaction.current("Task", id)
    if version is None or version.deleted or version.concept != TASK:
        return None
    return Followed(version, record_of(program, TASK, version))
