"""The checks between records, made on the draft before anything is written: keys, persons, references.

https://hl7.org/fhir/R4/references.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from adapter.fhir.references import references, split
from adapter.interactions.admission import Admitted
from adapter.interactions.draft import Draft, Entry
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem


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


def check_keys(draft: Draft, entry: Entry, admitted: Admitted) -> None:
    """No other record may hold one of the keys that name this one."""
    for system, value in admitted.keys:
        holder = draft.claim(entry.type, system, value, entry.id)
        if holder:
            raise Duplicate(
                entry.type,
                holder,
                f"another {entry.type} already has this identifier of {system}",
                f"{entry.type}.identifier",
            )


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
    """Find what does not resolve; `enforce` refuses it with every place named, `pending` leaves it to the store."""
    issues: list[Issue] = []
    for entry in draft:
        if entry.admitted is None or not entry.changed or _all_there(program, draft, entry.admitted.literals):
            continue
        targets, elsewhere = _pointers(program, entry.admitted)
        entry.unresolved = [target for target in targets if not draft.exists(*target[1:])]
        if door == "enforce":
            issues += _broken(entry, elsewhere)
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)


def _all_there(program: Program, draft: Draft, literals: frozenset[bytes]) -> bool:
    """The usual case, told without looking for the places of the references."""
    for literal in literals:
        here = split(literal.decode().removeprefix(program.base_url + "/"))
        if here is None or not draft.exists(*here):
            return False
    return True


def _pointers(program: Program, admitted: Admitted) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """Literal references within this server as (path, type, id), and those that lead elsewhere as (path, literal)."""
    targets, elsewhere = [], []
    for path, element in references(admitted.resource):
        literal = element.get("reference", "")
        here = split(literal.removeprefix(program.base_url + "/"))
        if here:
            targets.append((path, *here))
        elif literal and not literal.startswith("#"):
            elsewhere.append((path, literal))
    return targets, elsewhere


def _broken(entry: Entry, elsewhere: list[tuple[str, str]]) -> Iterator[Issue]:
    for path, type, id in entry.unresolved:
        yield Issue("not-found", f"the reference {type}/{id} does not resolve", within(entry.source, entry.type, path))
    for path, literal in elsewhere:
        path = within(entry.source, entry.type, path) or path
        if literal.startswith("urn:"):
            yield Issue("not-found", "the reference does not resolve: it names nothing in this request", path)
        else:
            yield Issue("value", "the reference leads to another server or is not of the form Type/id", path)
