"""Who wrote, as Provenances: made of rows when they are asked for, of acts all of whose versions the reader may see.

https://hl7.org/fhir/R4/provenance.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from adapter.consent.gate import release
from adapter.consent.policy import INTERNAL
from adapter.fhir.dates import instant_of
from adapter.fhir.json import dump
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.parameters import PAGE
from adapter.fhir.references import split
from adapter.interactions import audit_agents, audit_events
from adapter.interactions.answer import Answer
from adapter.interactions.audit_ids import fixed
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs
from adapter.interactions.trail_pages import answered, bounds, links
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.acts import Act, Written, acts, acts_on, size, written
from adapter.store.database import Database
from adapter.store.taken_back import taken_back

Resource = dict[str, Any]
_SIGNED = "provenance id"


def provenances(program: Program, predicate: Predicate, pairs: Pairs, *, own: bool, whole: bool) -> Answer:
    """200 with who wrote the versions of one record (`target`), of acts all of whose versions are there for the reader.

    `own`: only what the reader wrote itself; not `whole`: also acts of which it may see a part.
    """
    target = next((split(value) for name, value in pairs if name == "target"), None)
    if target is None or any(name not in ("target", "_count", PAGE) for name, _ in pairs):
        why = "search Provenance by one target: target=Type/id, with _count if need be"
        raise Problem(Kind.INVALID, why, "target", code="not-supported")
    count, after = bounds(program, predicate, "Provenance", pairs, 1)
    with program.store.asking() as database:
        seen = _signed(program, predicate, database, acts_on(database, *target, after[0]), own, whole)
        made = [one for _, one in zip(range(count + 1), seen, strict=False)]
    last = [made[count - 1][1][0].vid] if len(made) > count else None
    page = made[:count]
    shown = [version for _, versions in page for version in versions]
    following = links(program, predicate, "Provenance", pairs, last)
    return answered(program, predicate, [one for one, _ in page], following, shown)


def provenance(program: Program, predicate: Predicate, id: str, *, own: bool, whole: bool) -> Answer | None:
    """200 with one Provenance; None for an id that is none of theirs."""
    number = _number_of(program, id)
    if number is None:
        return None
    with program.store.asking() as database:
        first = next(acts(database, number - 1), None)
        found = [first] if first and first.first == number else []
        made = next(_signed(program, predicate, database, found, own, whole), None)
    if made is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    return Answer(200, release(predicate, dump(made[0]), made[1]))


def _id_of(program: Program, first: int) -> str:
    """The id of a Provenance: sealed, because acts are numbered with all that is written, about whomever."""
    return f"act-{seal([fixed(first)], program.secret, _SIGNED).replace('_', '.')}"


def _number_of(program: Program, id: str) -> int | None:
    """The number of the act; None for an id that is of none."""
    try:
        said = unseal(id.removeprefix("act-").replace(".", "_"), program.secret, _SIGNED, "id")
    except Problem:
        return None
    return int(said[0], 16) if id.startswith("act-") else None


def _signed(
    program: Program, predicate: Predicate, database: Database, found: Iterable[Act], own: bool, whole: bool
) -> Iterator[tuple[Resource, list[Written]]]:
    """The Provenances of acts, those that may be seen, and the versions they are of."""
    asker = predicate.asker
    for act in found:
        if own and (asker is None or (act.client, act.kind) != (asker.client, asker.kind)):
            continue
        seen = written(database, predicate, act)
        if seen and (not whole or len(seen) == size(database, act)):
            yield _provenance(act, seen, _id_of(program, act.first), _reason(predicate, database, seen)), seen


def _reason(predicate: Predicate, database: Database, seen: Sequence[Written]) -> str | None:
    """Why labels were taken back, as the program's own people are told."""
    inside = predicate.asker is None or predicate.asker.kind in INTERNAL
    taken = taken_back(database, seen[0].type, seen[0].id, seen[0].vid) if inside and len(seen) == 1 else []
    return taken[0].reason if taken else None


def _provenance(act: Act, seen: Sequence[Written], id: str, reason: str | None = None) -> Resource:
    """Who made these versions: https://hl7.org/fhir/R4/provenance.html

    Labelled as they are shown: what they are because of whom they name would tell of records that are hidden.
    """
    deeds = {audit_events.deed_of(one) for one in seen}
    codes = {"create": "CREATE", "update": "UPDATE", "delete": "DELETE"}
    system = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
    activity = {"activity": {"coding": [{"system": system, "code": codes[deeds.pop()]}]}} if len(deeds) == 1 else {}
    author = {"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "author"}
    who: Resource = {"who": audit_agents.who_of(_sender(act))}
    if act.person:
        who = {"who": audit_agents.person(act.kind, act.person), "onBehalfOf": who["who"]}
    return {
        "resourceType": "Provenance",
        "id": id,
        "meta": {"security": audit_events.security_for(one.own for one in seen)},
        "target": [{"reference": audit_events.address_of(one)} for one in seen],
        "recorded": instant_of(act.at_ms),
        **({"reason": [{"text": reason}]} if reason else {}),
        **activity,
        "agent": [{"type": {"coding": [author]}, **who}],
    }


def _sender(act: Act) -> audit_agents.Sender:
    return audit_agents.Sender(act.kind, act.client, act.organization, act.person, act.token, act.network)
