"""Whose a record is: it stays its person's, and neither names another person nor points to another's record.

What leaves about one participant may say nothing of another, whose own records are protected too (42 CFR 2.12(a)).
https://hl7.org/fhir/R4/compartmentdefinition-patient.html
"""

from __future__ import annotations

from collections.abc import Iterator

from adapter.fhir.references import split
from adapter.interactions.draft import Draft, Entry
from adapter.interactions.places import within
from adapter.interactions.program import Program
from adapter.interactions.references import is_there, pointers
from adapter.problems import Issue, Kind, Problem
from adapter.store.transaction import Transaction

# What staff are told of a record that waited for one which, when it came, was another person's.
ESTRANGED = "points to a record of another person"
# About many by their nature: what a reader gets of them is chosen person by person. A Patient links to the same person
# under another record.
_OF_MANY = frozenset({"Patient", "Group", "List", "AuditEvent"})


def check_person(program: Program, entry: Entry) -> None:
    """A record does not leave its person: what was written about the wrong one is entered in error, not moved."""
    before, admitted = entry.before, entry.admitted
    if before is None or admitted is None:
        return
    index = program.store.index
    was = index.patients(entry.type, entry.id, index.rows(entry.type, before))
    if set(was) <= set(index.patients(entry.type, entry.id, admitted.rows)):
        return
    place = next((name for name in ("subject", "patient", "participant") if name in before), None)
    raise Problem(
        Kind.UNPROCESSABLE,
        "a record cannot be moved to another person; mark it entered-in-error and write a new one",
        f"{entry.type}.{place}" if place else entry.type,
        code="business-rule",
    )


def check_one_person(program: Program, transaction: Transaction, draft: Draft) -> None:
    """422 with every place at which a record about one person names another or a record of another.

    One that has waited for a record of the draft, which now turns out to be another person's, is parked instead.
    """
    known: dict[tuple[bool, bytes], frozenset[str]] = {}
    issues: list[Issue] = []
    for entry in draft:
        if entry.admitted is not None and entry.changed and entry.type not in _OF_MANY:
            mine = _own(program, entry)
            if mine and (len(mine) > 1 or not _alone(program, draft, entry, mine, known)):
                issues += _strangers(program, draft, entry, mine)
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    _part(transaction, draft)


def _own(program: Program, entry: Entry) -> frozenset[str]:
    """The persons whom a record is about; of one that a concept claims only its subject may be one."""
    assert entry.admitted is not None
    index, rows = program.store.index, entry.admitted.rows
    subject = index.subjects(entry.type, rows) if entry.admitted.concept else ()
    return frozenset(subject or index.patients(entry.type, entry.id, rows))


def _alone(
    program: Program, draft: Draft, entry: Entry, mine: frozenset[str], known: dict[tuple[bool, bytes], frozenset[str]]
) -> bool:
    """The usual case, told without looking for the places: all that it points to is its person's or nobody's."""
    for literal in entry.admitted.literals if entry.admitted else ():
        key = entry.asked, literal
        whose = known.get(key)
        if whose is None:
            here = split(literal.decode().removeprefix(program.base_url + "/"))
            whose = known[key] = _whose(draft, entry, *here) if here else frozenset()
        if whose and whose.isdisjoint(mine):
            return False
    return True


def _whose(draft: Draft, entry: Entry, type: str, id: str) -> frozenset[str]:
    """The persons of a record that is there for whoever answers for the entry: of a hidden one nothing is told."""
    return draft.persons(type, id) if is_there(draft, entry)(type, id) else frozenset()


def _strangers(program: Program, draft: Draft, entry: Entry, mine: frozenset[str]) -> Iterator[Issue]:
    assert entry.admitted is not None
    said = {target[1:] for target in pointers(program, entry.before)[0]} if entry.before else set()
    first = min(mine)
    for path, type, id in pointers(program, entry.admitted.resource)[0]:
        whose = _whose(draft, entry, type, id)
        named = type == "Patient" and entry.admitted.concept is not None and id != first
        if (type, id) not in said and whose and (named or whose.isdisjoint(mine)):
            message = "a record is about one person: this names another, or a record of another"
            yield Issue("business-rule", message, within(entry.source, entry.type, path))


def _part(transaction: Transaction, draft: Draft) -> None:
    """Park what waited for a record of another person than it thought."""
    fresh = {(entry.type, entry.id) for entry in draft if entry.stored is None and entry.admitted is not None}
    for target, key, type, id, path in transaction.waiting(fresh) if fresh else ():
        whose, mine = draft.persons(target, key), draft.persons(type, id)
        if whose and mine and whose.isdisjoint(mine) and not draft.holds(type, id):
            transaction.suspect(type, id, path, ESTRANGED)
