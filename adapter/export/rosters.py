"""Rosters: who the members of a payer are, and who is in the program, as a Group that is made when it is asked for.

None is stored: it is computed for its reader from the Coverages, or of the program's own clients the EpisodesOfCare,
that he sees, so it names nobody whom he is not shown anyway. https://hl7.org/fhir/R4/group.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

from adapter.callers import Caller, ClientKind
from adapter.consent.gate import release
from adapter.consent.security import high_water
from adapter.fhir.bundle import searchset
from adapter.fhir.canonical import BASE
from adapter.fhir.dates import Calendar, milliseconds
from adapter.fhir.json import dump, parse
from adapter.fhir.references import derived_id, split
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.interactions.read import NOTHING, Unless
from adapter.interactions.search import Pairs, address
from adapter.problems import Kind, Problem, named
from adapter.released import Predicate
from adapter.store.exports import whole
from adapter.store.version import Version

Resource = dict[str, Any]
SYSTEM = f"{BASE}/roster"
"""Of the identifier of a roster: `members` of a payer, else a status of the episodes, or `all`."""
PREFIX = "roster-"
"""How their ids begin; the ids of stored Groups do not."""
MEMBERS, ALL = "members", "all"
STATUSES = ("planned", "waitlist", "active", "onhold", "finished", "cancelled")
"""Of https://hl7.org/fhir/R4/valueset-episode-of-care-status.html those that say that somebody was there."""
_OVER = frozenset({"finished", "cancelled"})
SEARCHED = ("_id", "identifier")


class Roster(NamedTuple):
    """A roster as one reader has it: the Group, whose patients these are, and the records that say so."""

    group: Resource
    patients: frozenset[str]
    shown: list[Version]

    @property
    def etag(self) -> str:
        """The same as long as its members and their dates are."""
        return f'W/"{self.group["meta"]["versionId"]}"'


class _Member(NamedTuple):
    patient: str
    period: Resource
    ended: bool


def source(caller: Caller) -> str:
    """The type that the rosters of a caller are computed from."""
    return "Coverage" if caller.kind is ClientKind.PAYER else "EpisodeOfCare"


def names(program: Program, caller: Caller) -> dict[str, str]:
    """What the rosters of a caller are called, by their ids, which stay the same. A payer's is its own alone."""
    if caller.kind is ClientKind.PAYER:
        return {_id(program, caller.organization): MEMBERS}
    return {f"{PREFIX}{name}": name for name in (*STATUSES, ALL)}


def _id(program: Program, organization: str) -> str:
    """The id of a payer's roster, which does not tell whose it is."""
    return f"{PREFIX}{derived_id(program.secret, 'Group', SYSTEM, organization)}"


def roster(program: Program, predicate: Predicate, caller: Caller, id: str, t: int) -> Roster | None:
    """The roster of this id at a time, as the caller has it; None where he has none."""
    name = names(program, caller).get(id)
    if name is None:
        return None
    shown = [one for one in whole(program.store, predicate, source(caller), t) if one.patients]
    members, told = [], []
    for version in shown:
        if member := _member(program, parse(version.body), name):
            members.append(member)
            told.append(version)
    members.sort(key=lambda one: (one.patient, dump(one.period)))
    group = _group(program, predicate, caller, id, name, members)
    return Roster(group, frozenset(member.patient for member in members), told)


def _member(program: Program, resource: Resource, name: str) -> _Member | None:
    """What one Coverage or EpisodeOfCare says of a member."""
    status, period = resource.get("status"), resource.get("period", {})
    if name == MEMBERS:
        if status != "active":
            return None
        whose = resource.get("beneficiary")
    elif status in STATUSES and name in (ALL, status):
        whose = resource.get("patient")
    else:
        return None
    target = split((whose or {}).get("reference") or "")
    if target is None or target[0] != "Patient":
        return None
    dates = {key: period[key] for key in ("start", "end") if key in period}
    over = Calendar(program.zone).period(dates)[1] <= milliseconds(program.clock())
    return _Member(target[1], dates, over or status in _OVER)


def _group(
    program: Program, predicate: Predicate, caller: Caller, id: str, name: str, members: list[_Member]
) -> Resource:
    manager = {"managingEntity": {"reference": f"Organization/{caller.organization}"}} if name == MEMBERS else {}
    listed = list(_listed(members))
    said = {
        "identifier": [{"system": SYSTEM, "value": name}],
        "active": True,
        "type": "person",
        "actual": True,
        "name": "Members" if name == MEMBERS else f"Participants ({name})",
        "quantity": len({member.patient for member in members}),
        **manager,
        **({"member": listed} if listed else {}),
    }
    digest = blake2b(dump(said), digest_size=16).hexdigest()
    security = high_water(predicate, program.settings.posture)
    meta = {"versionId": digest, **({"security": security} if security else {})}
    return {"resourceType": "Group", "id": id, "meta": meta, **said}


def _listed(members: Iterable[_Member]) -> Iterator[Resource]:
    """R4 has no period without a date, and no false that is not meant."""
    for member in members:
        period = {"period": member.period} if member.period else {}
        ended = {"inactive": True} if member.ended else {}
        yield {"entity": {"reference": f"Patient/{member.patient}"}, **period, **ended}


def read_roster(
    program: Program, predicate: Predicate, caller: Caller, id: str, unless: Unless = NOTHING
) -> Answer | None:
    """200 with a roster as it is now, 304 when the reader has it; None for an id that is no roster's of his."""
    found = roster(program, predicate, caller, id, program.store.t)
    if found is None:
        return None
    if found.etag in unless.tags or "*" in unless.tags:
        return Answer(304, None, found.etag, tells=release(predicate, b"", found.shown))
    return Answer(200, release(predicate, dump(found.group), found.shown), found.etag)


def search_rosters(program: Program, predicate: Predicate, caller: Caller, pairs: Pairs) -> Answer:
    """200 with the rosters of a caller, by `_id` and by `identifier`; they are few, so there is one page."""
    ids, t = _sought(program, caller, pairs), program.store.t
    found = [one for id in ids if (one := roster(program, predicate, caller, id, t))]
    entries = [(program.link("Group", one.group["id"]), dump(one.group)) for one in found]
    links, security = [("self", address(program, "Group", pairs))], high_water(predicate, program.settings.posture)
    body = searchset(entries, links, len(entries), security=security)
    return Answer(200, release(predicate, body, list({one.vid: one for each in found for one in each.shown}.values())))


def _sought(program: Program, caller: Caller, pairs: Pairs) -> list[str]:
    known, said = names(program, caller), dict(pairs)
    for name, _ in pairs:
        if name not in SEARCHED or len(said) < len(pairs):
            why = f"rosters are searched by {' and '.join(SEARCHED)}, each once"
            raise Problem(Kind.INVALID, why, named(name), code="not-supported")
    ids = [id for id in known if id in said.get("_id", id).split(",")]
    wanted = [one.rpartition("|") for one in said.get("identifier", SYSTEM + "|").split(",")]
    return [id for id in ids if any(system in ("", SYSTEM) and value in ("", known[id]) for system, _, value in wanted)]


def is_asked_for(pairs: Pairs) -> bool:
    """Whether a search of Groups is one of rosters: by an id of theirs, or by their system of identifiers."""
    return any(
        (name == "_id" and value.startswith(PREFIX)) or (name == "identifier" and value.startswith(f"{SYSTEM}|"))
        for name, value in pairs
    )
