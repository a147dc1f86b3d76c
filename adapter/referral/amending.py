"""What the sender of a referral may make of what it sent: its request as long as nobody has accepted it, its Task
cancelled, a draft deleted.

42 CFR 2.13(c): everything is judged against the side of the record that the sender sees (as it sent it, or as a consent
lets it be told), never against the record: existence, ETag, status, whether the move is legal. So what it is answered
tells nothing of how far the referral is. What becomes of the program's own records is `amended`.
https://hl7.org/fhir/R4/http.html#update, #patch, #delete
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Literal

from adapter.consent.matrix import Verdict
from adapter.consent.security import sent_back, shown
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import parse, same
from adapter.fhir.json_patch import Patcher
from adapter.fhir.patch_work import Work
from adapter.fhir.subset import is_part
from adapter.interactions.admission import admit, refused
from adapter.interactions.answer import Answer, Prefer, written
from adapter.interactions.changes import Outcome, check_version, stamped
from adapter.interactions.condition import Condition
from adapter.interactions.conditional import NOTHING_TO_DELETE
from adapter.interactions.patch import patched
from adapter.interactions.program import Program
from adapter.interactions.relations import not_there
from adapter.problems import Issue, Kind, Problem
from adapter.referral.amended import Said, carry_out
from adapter.referral.course import STEP_DOWN, TASK, any_of, record_of
from adapter.referral.external import Pointers
from adapter.referral.moves import Moves, load_moves
from adapter.referral.packet import Part
from adapter.referral.taking import as_step_down
from adapter.released import Predicate
from adapter.rules import SENT
from adapter.store.acts import OPEN, record
from adapter.store.referrals import fulfils, sender_of
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]
_KEPT = ("subject", "identifier", "requester")
"""Who it is about, what it is called and who asks stay as they were sent."""
_MAY = ("status", "statusReason")
_GONE = "the resource has been deleted"

Made = Callable[[Version], Resource]
"""What the resource is to be, of the version that is seen."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What the sender asks for: `word` is that of the matrix, `made` makes the resource of the version that is seen
    (None: a deletion). `if_match` is the version the sender saw, `versions`: it must say so."""

    word: Verdict
    type: str
    made: Made | None
    if_match: int | None = None
    versions: bool = False

    @property
    def kind(self) -> Literal["update", "delete"]:
        """R4's name of it; a patch is an update."""
        return "update" if self.made else "delete"


def put(program: Program, predicate: Predicate, resource: Resource) -> Made:
    """The resource that is sent in the place of the one that is seen; 400 or 422 for one that is not sound."""
    if issues := program.door.check(resource):
        raise refused(issues)

    def made(seen: Version) -> Resource:
        if is_part(resource) and not is_part(parse(shown(predicate, seen))):
            why = "this is part of a resource (SUBSETTED), and would take the place of the whole; read all of it first"
            raise Problem(Kind.UNPROCESSABLE, why, f"{seen.type}.meta.tag", code="business-rule")
        if resource.get("id") not in (None, seen.id):
            raise Problem(Kind.INVALID, "the resource that matches has another id", f"{seen.type}.id", code="value")
        return sent_back(predicate, seen, resource)

    return made


def patch(program: Program, predicate: Predicate, patcher: Patcher) -> Made:
    """What a patch makes of the one that is seen."""

    def made(seen: Version) -> Resource:
        said = patched(shown(predicate, seen), patcher, Work(), program.settings.depth_limit)
        if issues := program.door.check(said):
            raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
        return sent_back(predicate, seen, said)

    return made


def amend(
    program: Program, predicate: Predicate, aim: str | Condition, asked: Amendment, prefer: Prefer = "representation"
) -> Future[Answer]:
    """200 with what the sender sees now, 204 after a deletion; 404 for what it did not send, 410 for what it deleted.

    409 with what is legal where what it sees is past it, 412 for another version or several that match, 422 with every
    element that is not its to change.
    """

    def work(transaction: Transaction) -> Answer:
        id = aim if isinstance(aim, str) else aim.match(transaction)
        if id is None and asked.made is None:
            return NOTHING_TO_DELETE
        outcome = amended(program, transaction, predicate, id, asked)
        return written(program, predicate, outcome, prefer if asked.made else "minimal")

    return program.store.write(work)


def amended(
    program: Program, transaction: Transaction, predicate: Predicate, id: str | None, asked: Amendment
) -> Outcome:
    """What became of it, as its sender sees it; the refusals of `amend` as a Problem, and then nothing is done."""
    seen = transaction.seen(predicate, asked.type, id) if id else None
    if seen is None:
        raise not_there("delete")  # hidden, and never there, whatever is asked: it makes nothing
    if seen.deleted:
        if asked.made is None:
            return Outcome("delete", seen, False)
        raise Problem(Kind.GONE, _GONE, shown=(seen,))
    check_version(seen, asked.if_match, required=asked.versions)
    _check_scope(transaction, predicate, asked, seen)
    sender = _Sender(program, transaction, predicate, seen)
    if sender.said is None:
        raise not_there("delete")
    after = JUDGES[asked.word](sender, asked.made(seen) if asked.made else None)
    if after is sender.before:
        return Outcome(asked.kind, seen, False)
    _write(program, transaction, predicate, sender, after)
    now = transaction.seen(predicate, asked.type, seen.id)
    assert now is not None
    _check_scope(transaction, predicate, asked, now)
    return Outcome(asked.kind, now, now.vid != seen.vid)


class _Sender:
    """What the sender sees of one record, and what it said of it."""

    def __init__(self, program: Program, transaction: Transaction, predicate: Predicate, seen: Version) -> None:
        self.program, self.transaction, self.predicate, self.seen = program, transaction, predicate, seen
        self.moves: Moves = load_moves(program.settings.mappings, program.maps)
        self.shown: Resource = parse(seen.text)
        self.said = transaction.current(seen.type, seen.id, SENT)
        self.before: Resource = parse(self.said.text) if self.said and not self.said.deleted else {}
        self.task = self._task()
        self.now = instant_of(milliseconds(program.clock()))

    def _task(self) -> str:
        """The id of the Task of the referral that the record is the request of, or that it is itself; "" for another
        that came with it."""
        if self.seen.type == "Task":
            return self.seen.id
        _, task = sender_of(self.transaction.database, self.seen.type, self.seen.id) or ("", "")
        told = self.transaction.current("Task", task, SENT)
        focus = parse(told.text).get("focus", {}) if told is not None and not told.deleted else {}
        return task if focus.get("reference") == f"{self.seen.type}/{self.seen.id}" else ""

    def state(self) -> str | None:
        """Where the referral stands as its sender sees it."""
        task = self.transaction.seen(self.predicate, "Task", self.task)
        live = task is not None and not task.deleted
        said: str | None = record_of(self.program.maps, TASK, parse(task.text) if task and live else None).get("state")
        return said


def _request(sender: _Sender, asked: Resource | None) -> Resource:
    """A request, as it is from now on; while nobody has accepted it, as far as is seen."""
    assert asked is not None
    moves, was = sender.moves, sender.shown.get("status", "")
    if not moves.requests.get(was):
        raise _illegal(f"a request that is {was} is not changed any more", "ServiceRequest.status")
    if sender.state() in moves.bound:
        raise _illegal("the referral is accepted: its Task may become cancelled", "ServiceRequest.status")
    after = _pointed(sender, stamped(asked, sender.seen.id))
    kept = [name for name in _KEPT if not same(after.get(name), sender.shown.get(name))]
    _refuse(Issue("business-rule", "this stays as it was sent", f"ServiceRequest.{name}") for name in kept)
    status = after["status"]
    if status not in (was, *moves.requests[was]):
        raise _illegal(f"a request that is {was} becomes {any_of(moves.requests[was])}", "ServiceRequest.status")
    if same(after, sender.shown):
        return sender.before
    admitted = admit(sender.program, as_step_down(after) if sender.task else after, sent=after)
    if sender.task and admitted.concept != STEP_DOWN == sender.seen.concept:
        why = "this would be no step-down referral any more"
        raise Problem(Kind.UNPROCESSABLE, why, "ServiceRequest.category", code="business-rule")
    return after


def _pointed(sender: _Sender, asked: Resource) -> Resource:
    """The request with its references as they are taken of a referral: to what its sender sees here, else kept by
    address."""

    def known(type: str, id: str) -> bool:
        there = sender.transaction.seen(sender.predicate, type, id)
        return there is not None and not there.deleted

    part = Part("ServiceRequest", None, deepcopy(asked))
    pointers = Pointers([part], {}, sender.program.base_url, known, {})
    pointers.point()
    _refuse(pointers.issues)
    return part.resource


def _cancelled(sender: _Sender, asked: Resource | None) -> Resource:
    """A Task with nothing changed but its status, which becomes cancelled, and why."""
    assert asked is not None
    now, was = stamped(asked, sender.seen.id), sender.shown
    ended = "cancelled"
    allowed = {*_MAY, "text"} if now.get("status") == ended != was.get("status") else set[str]()
    if allowed and "text" in now and not same(now["text"], was.get("text")):
        allowed.discard("text")  # a narrative that is not true any more may go
    names = dict.fromkeys((*was, *now))
    other = [name for name in names if name not in allowed and not same(now.get(name), was.get(name))]
    why = "only the status may change here, and become cancelled; statusReason may say why"
    _refuse(Issue("business-rule", why, f"Task.{name}") for name in other)
    if not allowed:
        return sender.before
    state = record_of(sender.program.maps, TASK, was).get("state")
    if state is None or not sender.moves.ended(state):
        legal = any_of(sender.moves.legal.get(state or "", ()))
        raise _illegal(f"a referral that is {state or was.get('status')} becomes {legal}", "Task.status")
    reason = {name: now[name] for name in ("statusReason",) if name in now}
    kept = {name: value for name, value in sender.before.items() if name not in ("statusReason", "text")}
    if "text" in now:
        reason["text"] = now["text"]
    return {**kept, "status": ended, "lastModified": sender.now, **reason}


def _deleted(sender: _Sender, asked: Resource | None) -> Resource | None:
    """A draft is deleted."""
    status = sender.shown.get("status", "")
    if status != "draft":
        legal = any_of(sender.moves.requests.get(status, ()))
        raise _illegal(f"only a draft is deleted: a request that is {status} becomes {legal}", "ServiceRequest.status")
    return None


JUDGES: Mapping[Verdict, Callable[[_Sender, Resource | None], Resource | None]] = {
    Verdict.OWN_OPEN: _request,
    Verdict.OWN_CANCEL: _cancelled,
    Verdict.OWN_DRAFT: _deleted,
}
"""What each word of the matrix lets its sender make of a record: what it says of it from now on (None: nothing), or
what it said before."""


def _write(
    program: Program, transaction: Transaction, predicate: Predicate, sender: _Sender, after: Resource | None
) -> None:
    """What its sender says now, and what follows from it; the same is done whatever the program's record is."""
    seen, asker = sender.seen, predicate.asker or OPEN
    assert sender.said is not None
    said = Said(seen.type, seen.id, sender.before, after, sender.said.version + 1, sender.task)
    versions = [] if after is not None and same(after, sender.before) else [transaction.say(sender.said, after)]
    if said.withdrawn(sender.moves) and (told := _told(transaction, sender.task)) is not None:
        # When it said so itself: what the program did of its Task meanwhile, and when, shows in none of it.
        ended = {**parse(told.text), "status": "cancelled", "lastModified": sender.now}
        versions.append(transaction.say(told, ended))
    if versions:
        record(transaction, asker, versions)
    carry_out(program, transaction, sender.moves, said, asker)
    for type, id in dict.fromkeys(((seen.type, seen.id), ("Task", sender.task))):
        transaction.show(type, id)


def _told(transaction: Transaction, task: str) -> Version | None:
    """What the sender of a referral sees of its Task without a consent, if that is not cancelled yet."""
    told = transaction.current("Task", task, SENT)
    live = told is not None and not told.deleted and parse(told.text).get("status") != "cancelled"
    return told if live else None


def _check_scope(transaction: Transaction, predicate: Predicate, asked: Amendment, version: Version) -> None:
    """403 for what the scopes for such changes leave out, of what is seen."""
    bound = (predicate.written or {}).get("d" if asked.made is None else "u")
    if bound is None or version.deleted:
        return
    if not fulfils(transaction, replace(bound, rendering=predicate.rendering, beside=predicate.beside), version):
        why = f"the token's scopes have arguments, and this {asked.type} is not among what they cover"
        raise Problem(Kind.FORBIDDEN, why, asked.type)


def _refuse(issues: Iterable[Issue]) -> None:
    if found := list(issues):
        raise Problem(Kind.UNPROCESSABLE, found[0].message, found[0].expression, issues=found)


def _illegal(why: str, place: str) -> Problem:
    return Problem(Kind.CONFLICT, why, place, code="business-rule")
