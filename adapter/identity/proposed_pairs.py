"""Records that may be one: two sessions of one visit, two records under one identifier, two people who are one.

Nothing is looked for when records are written: sessions are compared participant by participant when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson

from adapter.fhir.query import Match, Query, Tokens
from adapter.identity.match import matches, replaced_by
from adapter.identity.proposals import Hunt, Item, Portion, origin, told
from adapter.identity.rules import Grade, rules_in
from adapter.identity.standing import is_in_error
from adapter.identity.visits import alike, visit_of
from adapter.interactions.admission import identifying_keys
from adapter.interactions.native import by_token
from adapter.interactions.relations import SUSPECT
from adapter.interactions.sight import HOLDERS
from adapter.store.proposals import DIFFERENT, SAME, Asked, pair, said_of
from adapter.store.referrals import staged_with
from adapter.store.version import Version

_SAY = [SAME, DIFFERENT]
_LIKELY = (Grade.CERTAIN, Grade.PROBABLE)
PEOPLE = 100
"""Participants that are looked at for one page: of most nothing is found."""
_SESSION = "session"
_SUSPECTED, _ONE_BY_ONE = "0", "1"
"""The two ways in which two records are found, one after the other."""
Look = Callable[[Hunt, Version], Iterable[Item]]
"""Finds the items of one participant."""


def same(hunt: Hunt, after: Sequence[str]) -> Portion:
    """Two records under one identifier, then two sessions that may be one visit."""
    return _both_ways(hunt, after, "same", _visits)


def persons(hunt: Hunt, after: Sequence[str]) -> Portion:
    """Two participants under one identifier, then those who are certainly or probably one."""
    return _both_ways(hunt, after, "person", _twins)


def _both_ways(hunt: Hunt, after: Sequence[str], kind: str, look: Look) -> Portion:
    way, *place = after or (_SUSPECTED,)
    items: list[Item] = []
    if way == _SUSPECTED:
        items, last = _suspected(hunt, place, kind)
        if last is not None or len(items) >= hunt.room:
            return Portion(items, (_SUSPECTED, *last) if last else (_ONE_BY_ONE,))
        place = []
    portion = _each_person(hunt._replace(room=hunt.room - len(items)), place[0] if place else "", look)
    return Portion([*items, *portion.items], portion.last and (_ONE_BY_ONE, *portion.last))


def _each_person(hunt: Hunt, after: str, look: Look) -> Portion:
    """What is found of each participant in turn, until there is no more room; the last is told of whole."""
    if hunt.patient is not None:
        one = hunt.program.store.read(hunt.predicate, "Patient", hunt.patient)
        found = [] if one is None or one.deleted else [one]
    else:
        with hunt.program.store.asking() as database:
            found = Asked(database, hunt.predicate, None, PEOPLE + 1).persons(after)
    items: list[Item] = []
    for number, person in enumerate(found):
        if len(items) >= hunt.room or number == PEOPLE:
            return Portion(items, (found[number - 1].id,))
        items += look(hunt, person)
    return Portion(items, None)


def _visits(hunt: Hunt, person: Version) -> Iterator[Item]:
    program, calendar = hunt.program, hunt.program.store.index.calendar
    versions = {version.id: version for version in _sessions(hunt, person.id)}
    visits = [visit for version in versions.values() if (visit := visit_of(orjson.loads(version.body), calendar))]
    for one, other, why in alike(rules_in(program.settings.mappings).visits, visits):
        yield from _pair(hunt, "same", versions[one.id], versions[other.id], why, apart=True)


def _sessions(hunt: Hunt, patient: str) -> Iterator[Version]:
    query = replace(by_token(hunt.program, "Encounter", "patient", patient), concept=_SESSION)
    while True:
        page = hunt.program.store.search(hunt.predicate, query)
        yield from page.versions
        if page.next is None:
            return
        query = replace(query, cursor=page.next)


def _twins(hunt: Hunt, person: Version) -> Iterator[Item]:
    """Each pair once: with those behind in the list, unless one participant is asked about."""
    patient = orjson.loads(person.body)
    if replaced_by(patient) is not None:
        return
    for version, score in matches(hunt.program, hunt.predicate, patient):
        behind = version.id > person.id or (hunt.patient is not None and version.id != person.id)
        if behind and score.grade in _LIKELY:
            findings = [f"{kind}: {finding}" for kind, finding in score.findings]
            why = {"grade": score.grade.value, "score": score.score, "findings": findings}
            yield from _pair(hunt, "person", person, version, why)


def _suspected(hunt: Hunt, place: Sequence[str], kind: str) -> tuple[list[Item], tuple[str, str] | None]:
    """Records of which another may hold an identifier, with those others."""
    last = (place[0], place[1]) if place else ("", "")
    with hunt.program.store.asking() as database:
        asked = Asked(database, hunt.predicate, hunt.patient, hunt.room + 1)
        found = asked.suspected(SUSPECT, last, people=kind == "person")
    items: list[Item] = []
    for number, version in enumerate(found):
        if number == hunt.room:
            before = found[number - 1]
            return items, (before.type, before.id)
        for other in _holders(hunt, version):
            items += _pair(hunt, kind, version, other, {"rule": "identifier"})
    return items, None


def _holders(hunt: Hunt, version: Version) -> Iterable[Version]:
    """Other live records that carry an identifier of this one that should name one record alone."""
    keys = [*identifying_keys(hunt.program, orjson.loads(version.body))]
    field = hunt.program.store.index.parameters(version.type).get("identifier")
    if field is None or not keys:
        return ()
    query = Query(version.type, (Tokens(field, tuple(Match.token(*key) for key in keys)),), count=HOLDERS)
    return [one for one in hunt.program.store.search(hunt.predicate, query).versions if one.id != version.id]


def _pair(
    hunt: Hunt, kind: str, one: Version, other: Version, why: dict[str, Any], *, apart: bool = False
) -> Iterator[Item]:
    """Two records of which nobody has said whether they are one, and it can be said; `apart`: only where different
    systems wrote them."""
    key = pair(one.type, one.id, other.id)
    with hunt.program.store.asking() as database:
        if said_of(database, key) == DIFFERENT:
            return
        if any(staged_with(database, version.type, version.id) for version in (one, other)):
            return
    if any(is_in_error(orjson.loads(version.body)) for version in (one, other)):
        return
    origins = [origin(hunt.program, hunt.predicate, version) for version in (one, other)]
    if apart and origins[0].system == origins[1].system:
        return
    records = [told(hunt.program, version) for version in (one, other)]
    records = [record | {"from": by.told()} for record, by in zip(records, origins, strict=True)]
    said = {"proposal": f"{kind}:{key.type}:{key.id}:{key.other}", "kind": kind, "participant": one.patients}
    yield Item(said | {"records": records, "why": why, "say": _SAY}, (one, other))
