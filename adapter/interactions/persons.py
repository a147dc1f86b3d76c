"""Whose a record is: it stays its person's, and neither names another person nor points to another's record.

What leaves about one participant may say nothing of another, whose own records are protected too (42 CFR 2.12(a)).
https://hl7.org/fhir/R4/compartmentdefinition-patient.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from adapter.fhir.mentions import addresses, logical
from adapter.fhir.references import split
from adapter.interactions.admission import Admitted
from adapter.interactions.bystanders import (
    NAMES_ANOTHER,
    NAMES_SOMEBODY,
    OF_MANY,
    PEOPLE,
    entries_of,
    is_link,
    names_nobody,
)
from adapter.interactions.draft import Draft, Entry
from adapter.interactions.places import within
from adapter.interactions.program import Program
from adapter.interactions.references import is_there, pointers
from adapter.interactions.types import served
from adapter.problems import Issue, Kind, Problem
from adapter.store.transaction import Transaction

Resource = dict[str, Any]

# What staff are told of a record that waited for one which, when it came, was another person's.
ESTRANGED = "points to a record of another person"


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
    """422 with every place at which a record names a person it is not about, or a record of another.

    What a resource tells of that by itself was refused when it was admitted (`bystanders`). One that has waited for a
    record of the draft, which now turns out to be another person's, is parked instead.
    """
    known: dict[tuple[bool, bytes], frozenset[str]] = {}
    issues: list[Issue] = []
    for entry in draft:
        if entry.admitted is not None and entry.changed and entry.type not in OF_MANY:
            mine = _own(program, entry, entry.admitted)
            if not _alone(program, draft, entry, mine, known):
                issues += _strangers(program, draft, entry, mine)
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    _part(transaction, draft)


def _own(program: Program, entry: Entry, admitted: Admitted) -> frozenset[str]:
    """The persons whom a record is about: its subject, else whoever its place in a compartment tells."""
    index, rows = program.store.index, admitted.rows
    return frozenset(index.subjects(entry.type, rows) or index.patients(entry.type, entry.id, rows))


def _alone(
    program: Program, draft: Draft, entry: Entry, mine: frozenset[str], known: dict[tuple[bool, bytes], frozenset[str]]
) -> bool:
    """The usual case, told without looking for the places: all that it points to is its person's or nobody's."""
    assert entry.admitted is not None
    if entry.admitted.indirect:
        return False
    for literal in entry.admitted.literals:
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
    """An issue at every place that names somebody else; a record that says not whom it is about is of the first."""
    assert entry.admitted is not None
    nobody = names_nobody(program.store.index, entry.type)
    said = {named for _, named, _ in _mentions(program, draft, entry, entry.before)} if entry.before else set()
    for path, named, whose in _mentions(program, draft, entry, entry.admitted.resource):
        if not mine and not nobody:
            mine = whose
        elif whose and named not in said and whose.isdisjoint(mine):
            message = NAMES_SOMEBODY if nobody else NAMES_ANOTHER
            yield Issue("business-rule", message, within(entry.source, entry.type, path))


_Mention: TypeAlias = tuple[str, tuple[str, ...], frozenset[str]]


def _mentions(program: Program, draft: Draft, entry: Entry, resource: Resource) -> Iterator[_Mention]:
    """(path, what it says, whose that is) of everything that names a record, in a Bundle too.

    The links of a Patient are left out: they name the same person.
    """
    for place, _, inner in entries_of(resource, "Bundle") if entry.type == "Bundle" else ():
        yield from (
            (place + path.removeprefix(inner["resourceType"]), named, whose)
            for path, named, whose in _mentions_in(program, draft, entry, inner)
        )
        if inner["resourceType"] == "Patient" and "id" in inner:
            yield place, ("Patient", inner["id"]), _whose(draft, entry, "Patient", inner["id"])
    yield from _mentions_in(program, draft, entry, resource)


def _mentions_in(program: Program, draft: Draft, entry: Entry, resource: Resource) -> Iterator[_Mention]:
    for path, type, id in (*pointers(program, resource)[0], *addresses(resource, program.base_url)):
        if not is_link(path):
            yield path, (type, id), _whose(draft, entry, type, id)
    for path, reference in logical(resource):
        system, value = reference["identifier"].get("system"), reference["identifier"].get("value")
        if isinstance(system, str) and isinstance(value, str) and not is_link(path):
            records = _identified(program, draft, reference.get("type"), system, value)
            found = [_whose(draft, entry, *record) for record in records]
            yield f"{path}.identifier", (system, value), frozenset().union(*found)


def _identified(program: Program, draft: Draft, type: Any, system: str, value: str) -> Iterator[tuple[str, str]]:
    """The records that an identifier may mean: people by any that they carry, others by one that names them alone."""
    types = {type} if type in program.definitions.types else {*PEOPLE, *served(program)}
    for each in types & PEOPLE:
        yield from ((each, id) for id in draft.holders(each, "identifier", f"{system}|{value}"))
    for each in types - PEOPLE if system in program.identifying else ():
        if (id := draft.named(each, system, value)) is not None:
            yield each, id


def _part(transaction: Transaction, draft: Draft) -> None:
    """Park what waited for a record of another person than it thought."""
    fresh = {(entry.type, entry.id) for entry in draft if entry.stored is None and entry.admitted is not None}
    for target, key, type, id, path in transaction.waiting(fresh) if fresh else ():
        whose, mine = draft.persons(target, key), draft.persons(type, id)
        if whose and mine and whose.isdisjoint(mine) and not draft.holds(type, id):
            transaction.suspect(type, id, path, ESTRANGED)
