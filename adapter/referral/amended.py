"""What becomes of the program's own records when the sender of a referral changes or withdraws what it sent.

Where it is legal as the record really stands, and the program has not changed the same of it, what the sender says is
done to the record too, with all that follows; else the record stays as it is, and a line of the work list says what the
sender said. The sender is answered alike, whichever it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.consent.predicate import everything_for
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import parse, same
from adapter.fhir.references import references, split
from adapter.interactions.changes import Change, Terms, apply
from adapter.interactions.joined import names_after, repointed
from adapter.interactions.program import Program
from adapter.problems import Problem
from adapter.referral.course import TASK, record_of, turned
from adapter.referral.moves import Moves
from adapter.referral.taking import as_asked, as_step_down, here_of
from adapter.released import Asker
from adapter.store.transaction import Transaction

Resource = dict[str, Any]
WHY = "what came with a referral, changed by who sent it"
WITHDREW, CHANGED, ASKED = "the sender withdrew it", "the sender changed", "the sender asks for it to be cancelled"
_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Said:
    """What a sender says of a record: as it was and is (None: it is deleted), as which version; `task` is the id of the
    Task of the referral, "" of a record that came with it and is not its request."""

    type: str
    id: str
    before: Resource
    after: Resource | None
    version: int
    task: str

    @property
    def now(self) -> Resource:
        """What it comes to for the program, which keeps what was sent."""
        return self.before | {"status": _ERROR} if self.after is None else self.after

    def withdrawn(self, moves: Moves) -> bool:
        """Whether a request is withdrawn by it."""
        was, now = self.before.get("status"), self.now.get("status")
        return self.type == "ServiceRequest" and now != was and now in moves.withdrawn


def carry_out(program: Program, transaction: Transaction, moves: Moves, said: Said, asker: Asker) -> None:
    """Do it to the program's records as far as that may be, or have the program's staff told of it."""
    carrier = _Carrier(program, transaction, moves, said, Terms("pending", predicate=everything_for(WHY, asker)))
    if said.type == "Task":
        carrier.end()
    else:
        carrier.change()


class _Carrier:
    def __init__(self, program: Program, transaction: Transaction, moves: Moves, said: Said, terms: Terms) -> None:
        self._program, self._transaction, self._moves, self._said, self._terms = (
            program,
            transaction,
            moves,
            said,
            terms,
        )
        self._task = self._live("Task", said.task)
        self._state: str | None = record_of(program.maps, TASK, self._task).get("state")

    def end(self, *, heard: bool = False) -> None:
        """The Task, whose referral is withdrawn: cancelled, or staff are asked to. `heard`: they are told already."""
        target = self._moves.ended(self._state) if self._state else None
        done = self._state == self._moves.ends or (target is not None and self._become(target))
        if not done and not heard:
            self._list("Task.status", WITHDREW)
        elif target == self._moves.asks and not heard:
            self._list("Task.status", ASKED)

    def change(self) -> None:
        """The request; what of it the program has changed otherwise stays as the program has it."""
        said, withdrawn = self._said, self._said.withdrawn(self._moves)
        if self._state in self._moves.bound:
            self._list("ServiceRequest.status", self._words(withdrawn, said.before.keys() | said.now.keys()))
            if withdrawn:
                self.end(heard=True)
            return
        record = self._live("ServiceRequest", said.id)
        was, now = self._taken(said.before), self._taken(said.now)
        changed = [name for name in dict.fromkeys((*was, *now)) if not same(was.get(name), now.get(name))]
        held = [name for name in changed if record is None or not _free(record, was, now, name)]
        # A withdrawal counts, whatever else of the request the program has written itself.
        meant = [name for name in changed if name not in held] if not held or withdrawn else []
        meant = [name for name in meant if not held or name == "status"]
        if record is not None and meant and not self._update(record, now, meant):
            held = changed
        if held:
            self._list("ServiceRequest.status", self._words(withdrawn and "status" in held, held))

    def _update(self, record: Resource, now: Resource, names: Sequence[str]) -> bool:
        """The record with these elements as the sender has them; False where it may not be so."""
        after = {name: now.get(name) if name in names else value for name, value in record.items()}
        after |= {name: now[name] for name in names if name in now}
        after = {name: value for name, value in after.items() if value is not None}
        return self._applied("ServiceRequest", self._said.id, lambda: after)

    def _become(self, state: str) -> bool:
        """The Task in this state from now on, for the sender's reason; False where that may not be."""
        task, concept = self._task, self._program.maps.concepts[TASK]
        if task is None or state == self._state:
            return task is not None
        now, reason = instant_of(milliseconds(self._program.clock())), self._said.now.get("statusReason")
        record = turned(record_of(self._program.maps, TASK, task), state, now)

        def made() -> Resource:
            moved = concept.to_fhir(record, task, park=True)
            return {**moved, "statusReason": reason} if reason and self._said.type == "Task" else moved

        return self._applied("Task", self._said.task, made)

    def _applied(self, type: str, id: str, made: Callable[[], Resource]) -> bool:
        try:
            apply(self._program, self._transaction, [Change("update", type, id, made())], self._terms)
        except Problem as problem:
            if problem.ours:
                raise
            return False  # nothing was written; a person has to look at it
        return True

    def _taken(self, sent: Resource) -> Resource:
        """The record as it is made of what is sent, about whom it is now."""
        here = here_of(self._program.settings.custodians, self._transaction.current)
        record = as_asked(as_step_down(sent), here) if self._said.task else sent
        literals = frozenset(element["reference"].encode() for _, element in references(record))
        ids = names_after(self._program, self._transaction, "ServiceRequest", literals)
        return repointed(record, ids, self._program.base_url) if ids else record

    def _words(self, withdrawn: bool, names: Any) -> str:
        """What a person is told; each version of what was sent is told for itself."""
        said = self._said
        changed = sorted(name for name in names if not same(said.before.get(name), said.now.get(name)))
        what = WITHDREW if withdrawn else f"{CHANGED} {', '.join(changed)}"
        return f"{what} (version {said.version} of what it sent)"

    def _list(self, path: str, words: str) -> None:
        """On the work list beside the record, or where that is gone beside what is left of the referral."""
        said = self._said
        named = [said.before.get(name, {}).get("reference", "") for name in ("focus", "subject", "for")]
        for type, id in filter(None, map(split, [f"{said.type}/{said.id}", f"Task/{said.task}", *named])):
            if self._live(type, id) is not None:
                self._transaction.suspect(type, id, path, words)
                return

    def _live(self, type: str, id: str) -> Resource | None:
        """A record as it is stored now."""
        version = self._transaction.current(type, id) if id else None
        return None if version is None or version.deleted else parse(version.text)


def _free(record: Resource, was: Resource, now: Resource, name: str) -> bool:
    """Whether the program has left an element as it came, or made of it what the sender makes of it now."""
    return same(record.get(name), was.get(name)) or same(record.get(name), now.get(name))
