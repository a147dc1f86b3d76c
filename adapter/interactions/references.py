"""Whether what a record points to is there, for whoever answers for the record.

https://hl7.org/fhir/R4/references.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

from adapter.fhir.references import references, split
from adapter.interactions.draft import Draft, Entry
from adapter.interactions.places import within
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem


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
        there = is_there(draft, entry)
        entry.unresolved = [target for target in targets if not there(*target[1:])]
        if door == "enforce":
            issues += _broken(entry, elsewhere, pointers(program, entry.before) if entry.before else ([], []))
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)


def is_there(draft: Draft, entry: Entry) -> Callable[[str, str], bool]:
    """Whether a record will be there, for whoever answers for the entry."""
    return draft.seen if entry.asked and draft.sight.limited else draft.exists


def _all_there(program: Program, entry: Entry, draft: Draft, sound: set[bytes]) -> bool:
    """The usual case, told without looking for the places of the references; `sound` are those known to resolve."""
    there = is_there(draft, entry)
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
        yield Issue("not-found", "the reference does not resolve", within(entry.source, entry.type, path))
    led = {literal for _, literal in before[1]}
    for path, literal in elsewhere:
        if literal in led:
            continue
        path = within(entry.source, entry.type, path) or path
        if literal.startswith("urn:"):
            yield Issue("not-found", "the reference does not resolve: it names nothing in this request", path)
        else:
            yield Issue("value", "the reference leads to another server or is not of the form Type/id", path)
