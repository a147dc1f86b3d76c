"""Whether somebody of the staff may write what he asks to: by what the records are, and in whose care people are.

42 CFR 2.12(c)(3). A role's word is no secret, so what it forbids is told (403); a participant who is not in one's care
is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from adapter.interactions.draft import Draft, Entry
from adapter.interactions.places import placed
from adapter.interactions.program import Program
from adapter.interactions.references import pointers
from adapter.problems import Kind, Problem
from adapter.released import Predicate, Rights
from adapter.rules import Bond, Tie
from adapter.store.care import cared, holds
from adapter.store.transaction import Transaction
from adapter.store.version import Version

ASSIGNED, NO = "assigned", "no"
_WORDS = {"create": "write a new", "update": "change a", "delete": "delete a"}


def check_duties(program: Program, transaction: Transaction, draft: Draft, predicate: Predicate | None) -> None:
    """Refuse what the roles of the asker do not let him write; what only follows from it is the program's own.

    Problem(FORBIDDEN) for what no record of the kind may be written to, Problem(NOT_FOUND) for a record of somebody who
    is not in his care, Problem(UNPROCESSABLE) for a new one about such a person, as about one who is not there. It is
    asked before anything of this is written: nobody puts somebody into his own care.
    """
    if predicate is None or predicate.rights is None:
        return
    for entry in draft:
        if entry.asked and entry.changed:
            try:
                _check(program, transaction, draft, predicate, predicate.rights, entry)
            except Problem as problem:
                raise placed(problem, entry.source, entry.type) from None


def check_changeable(transaction: Transaction, predicate: Predicate, version: Version) -> None:
    """Refuse what is said of a live record to whom a change of it would be refused."""
    if predicate.rights is None:
        return
    word = _word(predicate.rights, "update", [version.concept])
    people = frozenset(version.patients.split())
    if word == ASSIGNED and not _are_cared(people, cared(transaction, predicate, people)):
        raise _nothing(version.concept or version.type)


def _check(
    program: Program, transaction: Transaction, draft: Draft, predicate: Predicate, rights: Rights, entry: Entry
) -> None:
    assert entry.kind is not None
    concepts = [*_concepts(entry)]
    word = _word(rights, entry.kind, concepts)
    before = frozenset(entry.stored.patients.split()) if entry.stored and entry.live else frozenset[str]()
    after = draft.persons(entry.type, entry.id) if entry.after is not None else frozenset[str]()
    if word == ASSIGNED:
        mine = cared(transaction, predicate, before | after)
        if entry.live and not _are_cared(before, mine):
            raise _nothing(concepts[0] or entry.type)
        if entry.after is not None and not _are_cared(after, mine):
            raise _nobody(program, entry, after - mine)
    if rights.gains:
        _check_gain(program, transaction, rights, entry)


def _word(rights: Rights, kind: str, concepts: Sequence[str | None]) -> str:
    """Whose records of these concepts may be so written; Problem(FORBIDDEN) for nobody's."""
    word = rights.word(kind, concepts)
    if word == NO:
        named = " and a ".join(dict.fromkeys(concept or "record that no map reads" for concept in concepts))
        raise Problem(Kind.FORBIDDEN, f"your role may not {_WORDS[kind]} {named}")
    return word


def _are_cared(people: Collection[str], mine: frozenset[str]) -> bool:
    return bool(people) and mine.issuperset(people)


def _nothing(what: str) -> Problem:
    return Problem(Kind.NOT_FOUND, f"there is no such {what}")


def _concepts(entry: Entry) -> Iterator[str | None]:
    """What a record is, and what it will be."""
    if entry.live and entry.stored is not None:
        yield entry.stored.concept
    if entry.admitted is not None:
        yield entry.admitted.concept


def _nobody(program: Program, entry: Entry, strangers: Collection[str]) -> Problem:
    """What a record about somebody who is not in one's care is told: the same as about somebody who is not there."""
    assert entry.after is not None
    if not strangers:
        return Problem(Kind.UNPROCESSABLE, "what you write is about a participant in your care", entry.type)
    targets = pointers(program, entry.after)[0]
    named = (target for target in targets if target[1] == "Patient" and target[2] in strangers)
    path = next(named, (entry.type,))[0]
    return Problem(Kind.UNPROCESSABLE, "the reference does not resolve", path, code="not-found")


def _check_gain(program: Program, transaction: Transaction, rights: Rights, entry: Entry) -> None:
    """Whom somebody cares for is said by others: he may not name himself, nor take over a role that has people."""
    ties = entry.admitted.rows.ties if entry.admitted else ()
    mine = [tie for tie in ties if _is_of(transaction, rights.person, tie)]
    if not mine:
        return
    index = program.store.index
    known = {_said(tie) for tie in index.rows(entry.type, entry.before).ties} if entry.before else set()
    if any(_said(tie) not in known for tie in mine):
        why = "who cares for a participant is said by others: you cannot name yourself"
        raise Problem(Kind.UNPROCESSABLE, why, entry.type, code="business-rule")


def _is_of(transaction: Transaction, person: str, tie: Tie) -> bool:
    if tie.bond not in (Bond.CARES, Bond.HOLDS):
        return False
    return tie.organization == person or (tie.bond is Bond.CARES and holds(transaction, person, tie.organization))


def _said(tie: Tie) -> tuple[str, ...]:
    """What a tie says, apart from who says it."""
    return tie.bond, tie.patient, tie.organization, str(tie.valid_from), str(tie.valid_until)
