"""The checks between records, made on the draft before anything is written: keys, persons, references.

https://hl7.org/fhir/R4/references.html
"""

from __future__ import annotations

from typing import Literal

from adapter.interactions.admission import Admitted
from adapter.interactions.draft import Draft, Entry
from adapter.interactions.persons import check_one_person
from adapter.interactions.places import placed
from adapter.interactions.program import Program
from adapter.interactions.references import check_references
from adapter.interactions.said_twice import park_said_twice
from adapter.problems import Kind, Problem
from adapter.store.transaction import Transaction

# What staff who may see both records are told: a person decides whether they are one.
SUSPECT = "another record may hold this identifier"


class Duplicate(Problem):
    """409: the record is already here, as `type`/`id`."""

    def __init__(self, type: str, id: str, message: str, expression: str | None = None) -> None:
        super().__init__(Kind.DUPLICATE, message, expression)
        self.type = type
        self.id = id


def not_there(kind: Literal["create", "update", "delete"]) -> Problem:
    """What a change of a record that is not there is told, or of one that this client may not see (hidden = absent).

    An update is 405, because this server gives out the ids (R4 http.html, "update as create").
    """
    if kind == "update":
        return Problem(Kind.METHOD, "there is no such resource, and the server gives out the ids: POST it to its type")
    return Problem(Kind.NOT_FOUND, "there is no such resource")


def settle(program: Program, transaction: Transaction, draft: Draft, door: Literal["enforce", "pending"]) -> None:
    """The checks that need every proposal and consequence: keys may move between records, references point to new ones.

    Keys that a record of the draft gives up are free afterwards.
    """
    claims: dict[tuple[str, str, str], str] = {}
    for entry in draft:
        if entry.admitted is not None:
            try:
                _check_keys(transaction, draft, claims, entry, entry.admitted)
            except Problem as problem:
                raise placed(problem, entry.source, entry.type) from None
    check_references(program, draft, door)
    check_one_person(program, transaction, draft)
    park_said_twice(program, transaction, draft)
    for entry in draft:
        if entry.admitted is not None and entry.before is not None and entry.changed:
            given_up = draft.keys(entry.before).difference(entry.admitted.keys)
            transaction.disown(entry.type, entry.id, given_up)


def _check_keys(
    transaction: Transaction,
    draft: Draft,
    claims: dict[tuple[str, str, str], str],
    entry: Entry,
    admitted: Admitted,
) -> None:
    """A key names one record: one that another holds is refused, unless that other is hidden from the asker.

    Then it stays with the hidden one, and staff who may see that are told. A record keeps, unnamed by it, the key that
    it was given so. What comes from outside for intake names nothing by its keys until intake has said who it is: a
    refusal would tell its sender what the program did with what it sent before (42 CFR 2.13(c)), and a stranger's word
    would stand in the way of the program's own record.
    """
    staged = entry.sent is not None and entry.stored is None
    for system, value in admitted.keys:
        first = claims.setdefault((entry.type, system, value), entry.id)
        named = first if first != entry.id else draft.named(entry.type, system, value)
        if staged:
            entry.unclaimed.append((system, value))
            if named not in (None, entry.id):
                transaction.suspect(entry.type, named, f"{entry.type}.identifier", SUSPECT)
            continue
        if named is None or named == entry.id:
            continue
        carried = entry.before is not None and (system, value) in draft.keys(entry.before)
        holder = named if draft.seen(entry.type, named) else _seen_holder(draft, entry, system, value)
        if holder and not carried:
            message = f"another {entry.type} already has this identifier of {system}"
            raise Duplicate(entry.type, holder, message, f"{entry.type}.identifier")
        entry.unclaimed.append((system, value))
        if not carried:
            transaction.suspect(entry.type, named, f"{entry.type}.identifier", SUSPECT)


def _seen_holder(draft: Draft, entry: Entry, system: str, value: str) -> str | None:
    """The other record that has a key for the asker, to whom the one it names is hidden."""
    found = draft.sight.holders(entry.type, system, value)
    return next((id for id in found if id != entry.id and draft.carries(entry.type, id, system, value)), None)
