"""Undoing the joining of two Patients: what it changed is about the first again, and what came since is named.

The joined Patient and all that nobody has changed since are put back as they were, to the letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from adapter.consent.predicate import everything
from adapter.fhir.json import parse
from adapter.identity.consents import WAITING
from adapter.identity.joining import is_live, pointing
from adapter.interactions.admission import identifying_keys
from adapter.interactions.bystanders import OF_MANY
from adapter.interactions.changes import Change, Outcome, Terms, apply
from adapter.interactions.joined import repointed
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.problems import Kind, Problem
from adapter.store.joined import Joined, Joining, Moved
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]
_PAST = everything("putting records back as they were before two Patients were joined")
UNDONE = "undone"
"""How what waited because of the joining is resolved."""


class Parted(NamedTuple):
    """From whom, what was written, and (type, id) of what was written since the joining: it stays with the survivor."""

    survivor: str
    outcomes: Sequence[Outcome]
    stays: Sequence[tuple[str, str]]


def part(program: Program, transaction: Transaction, loser: str, terms: Terms) -> Parted:
    """Undo the joining of a Patient, in this transaction.

    Problem(NOT_FOUND) for one who is not there for the asker; Problem(CONFLICT) for one who was not joined, or into one
    who has been joined since: that must be undone before.
    """
    joined = Joined(transaction.database)
    if not is_live(Sight(program, transaction, terms.predicate), loser):
        raise Problem(Kind.NOT_FOUND, "there is no such participant")
    joining = joined.into(loser)
    if joining is None:
        raise Problem(Kind.CONFLICT, "this record was not joined into another", code="business-rule")
    if joined.into(joining.survivor):
        why = "the record that this one was joined into has been joined since: undo that before"
        raise Problem(Kind.CONFLICT, why, "Patient.link", code="business-rule")
    work = _Parting(program, transaction, joined, loser, joining)
    stays = work.written_since()
    patients, others = work.patients(), [*work.others()]
    joined.forget(loser)
    outcomes = apply(program, transaction, patients, replace(terms, joining=others))
    joined.park_with(loser, [one for one in work.moved if one.type != "Patient"])
    for patient in (loser, joining.survivor):
        for id in transaction.holders("Consent", "patient", f"Patient/{patient}"):
            transaction.settle("Consent", id, "Consent.patient", WAITING, None, UNDONE)
    return Parted(joining.survivor, outcomes, stays)


class _Parting:
    """One joining, and what is to be put back."""

    def __init__(
        self, program: Program, transaction: Transaction, joined: Joined, loser: str, joining: Joining
    ) -> None:
        self._program, self._transaction, self._joined = program, transaction, joined
        self._loser, self._joining = loser, joining
        self.moved = joined.moved(loser)

    def patients(self) -> list[Change]:
        """Both as they were; of the survivor, where it was changed since, without what the joining gave it."""
        own = next(one for one in self.moved if (one.type, one.id) == ("Patient", self._loser))
        kept = next(one for one in self.moved if (one.type, one.id) == ("Patient", self._joining.survivor))
        before = self._before(own)
        survivor = self._unchanged(kept) or self._without(kept, before)
        return [
            Change("update", "Patient", self._loser, before),
            Change("update", "Patient", self._joining.survivor, survivor),
        ]

    def others(self) -> Iterator[Change]:
        """Other records, naming the first again; one about many that was changed since stays as it is."""
        for one in self.moved:
            version = self._current(one) if one.type != "Patient" else None
            if version is not None:
                before = self._unchanged(one)
                if before is None and one.type not in OF_MANY:
                    ids = {self._joining.survivor: self._loser}
                    before = repointed(parse(version.text), ids, self._program.base_url)
                if before is not None:
                    yield Change("update", one.type, one.id, before)

    def written_since(self) -> list[tuple[str, str]]:
        """(type, id) of what names the survivor and was first written after the joining, or has been changed by others
        where it is about many."""
        moved = {(one.type, one.id): one for one in self.moved}
        found = []
        for type, id in pointing(self._program, self._transaction, self._joining.survivor):
            one = moved.get((type, id))
            first = self._joined.version(_PAST, type, id, 1) if one is None else None
            if (first and first.vid > self._joining.vid) or (one and type in OF_MANY and not self._unchanged(one)):
                found.append((type, id))
        return found

    def _current(self, one: Moved) -> Version | None:
        """The record as it is; none that has been deleted."""
        version = self._transaction.current(one.type, one.id)
        return None if version is None or version.deleted else version

    def _unchanged(self, one: Moved) -> Resource | None:
        """The resource before the joining, if nobody has changed the record since."""
        version = self._current(one)
        return self._before(one) if version and version.version == one.version else None

    def _before(self, one: Moved) -> Resource:
        version = self._joined.version(_PAST, one.type, one.id, one.version - 1)
        assert version is not None
        before: Resource = parse(version.text)
        return before

    def _without(self, kept: Moved, loser: Resource) -> Resource:
        """The survivor as it is now, without the link and the identifiers that came with the joining."""
        version = self._current(kept)
        assert version is not None
        now, own = parse(version.text), set(identifying_keys(self._program, self._before(kept)))
        given = set(identifying_keys(self._program, loser)) - own
        left = {
            "identifier": [
                one for one in now.get("identifier", ()) if (one.get("system"), one.get("value")) not in given
            ],
            "link": [one for one in now.get("link", ()) if one["other"].get("reference") != f"Patient/{self._loser}"],
        }
        return {name: left.get(name, said) for name, said in now.items() if left.get(name, True) != []}
