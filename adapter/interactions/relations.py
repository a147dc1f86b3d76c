"""The checks between records, made on the draft before anything is written: keys, persons, references.

https://hl7.org/fhir/R4/references.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from adapter.fhir.references import references, split
from adapter.interactions.admission import Admitted, identifying_keys
from adapter.interactions.draft import Draft, Entry
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem
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


def within(source: str, type: str, expression: str | None) -> str | None:
    """A path from a type ("Patient.name") as one from its place in the request ("Bundle.entry[0].resource.name")."""
    if not source:
        return expression
    inside = (expression or "").removeprefix(type)
    return source + (inside if inside.startswith(".") or not inside else f".{inside}")


def placed(problem: Problem, source: str, type: str) -> Problem:
    """The Problem with its expressions starting at a place in the request instead of at the type."""
    problem.issues = tuple(replace(i, expression=within(source, type, i.expression)) for i in problem.issues)
    return problem


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
    for entry in draft:
        if entry.admitted is not None and entry.before is not None and entry.changed:
            given_up = set(identifying_keys(program, entry.before)).difference(entry.admitted.keys)
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
    it was given so.
    """
    for system, value in admitted.keys:
        first = claims.setdefault((entry.type, system, value), entry.id)
        named = first if first != entry.id else draft.named(entry.type, system, value)
        if named is None or named == entry.id:
            continue
        carried = entry.before is not None and (system, value) in identifying_keys(draft.sight.program, entry.before)
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


def check_references(program: Program, draft: Draft, door: Literal["enforce", "pending"]) -> None:
    """Find what does not resolve; `enforce` refuses it with every place named, `pending` leaves it to the store.

    For a record that the request names, that is what the asker cannot see. What a record said before is not refused:
    it may have been deleted since, and its author cannot mend that.
    """
    issues: list[Issue] = []
    sound: dict[bool, set[bytes]] = {True: set(), False: set()}
    for entry in draft:
        if entry.admitted is None or not entry.changed or _all_there(program, entry, draft, sound[entry.asked]):
            continue
        targets, elsewhere = pointers(program, entry.admitted.resource)
        there = _there(draft, entry)
        entry.unresolved = [target for target in targets if not there(*target[1:])]
        if door == "enforce":
            issues += _broken(entry, elsewhere, pointers(program, entry.before) if entry.before else ([], []))
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)


def _there(draft: Draft, entry: Entry) -> Callable[[str, str], bool]:
    """Whether a record will be there, for whoever answers for the entry."""
    return draft.seen if entry.asked and draft.sight.limited else draft.exists


def _all_there(program: Program, entry: Entry, draft: Draft, sound: set[bytes]) -> bool:
    """The usual case, told without looking for the places of the references; `sound` are those known to resolve."""
    there = _there(draft, entry)
    for literal in entry.admitted.literals.difference(sound) if entry.admitted else ():
        here = split(literal.decode().removeprefix(program.base_url + "/"))
        if here is None or not there(*here):
            return False
        sound.add(literal)
    return True


Pointers: TypeAlias = tuple[list[tuple[str, str, str]], list[tuple[str, str]]]


def pointers(program: Program, resource: dict[str, Any]) -> Pointers:
    """Literal references within this server as (path, type, id), and those that lead elsewhere as (path, literal)."""
    targets, elsewhere = [], []
    for path, element in references(resource):
        literal = element.get("reference", "")
        here = split(literal.removeprefix(program.base_url + "/"))
        if here:
            targets.append((path, *here))
        elif literal and not literal.startswith("#"):
            elsewhere.append((path, literal))
    return targets, elsewhere


def _broken(entry: Entry, elsewhere: list[tuple[str, str]], before: Pointers) -> Iterator[Issue]:
    said = {target[1:] for target in before[0]}
    for path, type, id in entry.unresolved:
        if (type, id) in said:
            continue
        yield Issue("not-found", f"the reference {type}/{id} does not resolve", within(entry.source, entry.type, path))
    led = {literal for _, literal in before[1]}
    for path, literal in elsewhere:
        if literal in led:
            continue
        path = within(entry.source, entry.type, path) or path
        if literal.startswith("urn:"):
            yield Issue("not-found", "the reference does not resolve: it names nothing in this request", path)
        else:
            yield Issue("value", "the reference leads to another server or is not of the form Type/id", path)
