"""The days of one participant, as the sessions that the reader sees come to units: each with its reason.

It is computed when it is asked for; what is stored of a day is its service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from adapter.consent.gate import release
from adapter.fhir.dates import EVER, Interval
from adapter.fhir.json import dump, parse
from adapter.fhir.page_links import seal, unseal
from adapter.interactions.answer import Answer
from adapter.interactions.native import native_link
from adapter.interactions.program import Program
from adapter.interactions.search import parsed
from adapter.interactions.work_lists import limit_of
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.rules import COVERED
from adapter.store.referrals import was_sent
from adapter.store.version import Version
from adapter.utilization.days import PROCEDURE, SERVICE, Days
from adapter.utilization.refusals import Refusals
from adapter.utilization.sessions import ENCOUNTER, Held, Sessions, record_of
from adapter.utilization.unit_rules import load_units
from adapter.utilization.units import count

Resource = dict[str, Any]
LIST = "program_day"
KNOWN = ("participant", "from", "until", "limit", "page")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)


class Asked(NamedTuple):
    """Whose days, from and until which, and how many; those of a later page are before `before`."""

    participant: str
    begins: str | None
    ends: str | None
    before: str | None
    limit: int


class Seen:
    """The records about one participant that the reader sees."""

    def __init__(self, program: Program, predicate: Predicate, participant: str) -> None:
        self._program, self._predicate, self._participant = program, predicate, participant

    def current(self, type: str, id: str) -> Resource | None:
        """A resource, or nothing."""
        version = self._program.store.read(self._predicate, type, id)
        return None if version is None or version.deleted else parse(version.body)

    def covered(self, type: str, id: str) -> bool:
        """Whether part 2 protects a record, which one that is not seen may be; False where that does not depend on the
        episode."""
        if not self._program.store.index.by_episode:
            return False
        version = self._program.store.read(self._predicate, type, id)
        return version is None or bool(version.own & COVERED)

    def pointing(
        self, type: str, parameter: str, targets: Iterable[tuple[str, str]], within: Interval = EVER
    ) -> set[str]:
        """Ids of those that point to one of the targets, whatever their date."""
        asked = [(parameter, ",".join(f"{type}/{id}" for type, id in targets))]
        return {version.id for version in self.search(type, None, asked)}

    def search(self, type: str, concept: str | None, pairs: Sequence[tuple[str, str]]) -> Iterator[Version]:
        """All that a search finds."""
        most = str(self._program.settings.page_limit)
        query = replace(parsed(self._program, self._predicate, type, [*pairs, ("_count", most)]), concept=concept)
        while True:
            page = self._program.store.search(self._predicate, query)
            yield from page.versions
            if page.next is None:
                return
            query = replace(query, cursor=page.next)


def program_days(program: Program, predicate: Predicate, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with `days`, the newest first, and the address of the `next` page while there is more.

    A day is there once for each episode that it has sessions of; one that has no unit is there too, and says why.
    `also` is what the program's own rules make of it.
    """
    asked = _asked(program, predicate, pairs)
    seen = Seen(program, predicate, asked.participant)
    sessions = Sessions(program.maps, program.zone, program.settings.custodians)
    found = _sessions(program, seen, sessions, asked)
    days = sorted({day for held, _ in found for day in sessions.days(held.attended) if _is_asked(day, asked)})[::-1]
    services = [*_services(program, seen, asked)]
    shown: list[Version] = []
    body: Resource = {"days": []}
    for day in days[: asked.limit]:
        of_day = [one for one in found if day in sessions.days(one[0].attended)]
        told = [one for one in services if one[0].get("day", "")[:10] == day]
        shown += [version for _, version in (*of_day, *told)]
        body["days"] += _told(program, sessions, seen, day, [held for held, _ in of_day], [one for one, _ in told])
    if len(days) > asked.limit:
        more = asked._replace(before=days[asked.limit - 1])
        token = seal([*more], program.link_key(predicate), LIST)
        body["next"] = program.page_link(native_link(program, LIST), [("page", token)])
    return Answer(200, release(predicate, dump(body), [*dict.fromkeys(shown)]))


def _asked(program: Program, predicate: Predicate, pairs: Sequence[tuple[str, str]]) -> Asked:
    given = dict(pairs)
    if "page" in given:
        if len(given) > 1:
            raise Problem(Kind.INVALID, "a page link is followed as it is", "page")
        return Asked(*unseal(given["page"], program.link_key(predicate), LIST, "page"))
    if not _ID.fullmatch(given.get("participant", "")):
        raise Problem(Kind.INVALID, "say whose days: participant=ID", "participant", code="required")
    begins, ends = (_date(given, name) for name in ("from", "until"))
    if begins and ends and ends < begins:
        raise Problem(Kind.INVALID, "until is before from", "until", code="value")
    return Asked(given["participant"], begins, ends, None, limit_of(program, given.get("limit")))


def _date(given: dict[str, str], name: str) -> str | None:
    if name not in given:
        return None
    try:
        return date.fromisoformat(given[name]).isoformat()
    except ValueError:
        raise Problem(Kind.INVALID, f"{name} is a day, such as 2026-01-31", name, code="value") from None


def _is_asked(day: str, asked: Asked) -> bool:
    return (
        (asked.begins is None or asked.begins <= day)
        and (asked.ends is None or day <= asked.ends)
        and (asked.before is None or day < asked.before)
    )


def _about(asked: Asked) -> list[tuple[str, str]]:
    """The search of what has to do with the days that are asked for."""
    last = asked.before or asked.ends
    dates = [("date", f"ge{asked.begins}")] if asked.begins else []
    return [("patient", f"Patient/{asked.participant}"), *dates, *([("date", f"le{last}")] if last else [])]


def _sessions(program: Program, seen: Seen, sessions: Sessions, asked: Asked) -> list[tuple[Held, Version]]:
    with program.store.asking() as database:
        found = (
            (sessions.read(parse(version.body), lambda id: was_sent(database, ENCOUNTER, id)), version)
            for version in seen.search(ENCOUNTER, "session", _about(asked))
        )
        return [(held, version) for held, version in found if held]


def _services(program: Program, seen: Seen, asked: Asked) -> Iterator[tuple[Resource, Version]]:
    for version in seen.search(PROCEDURE, SERVICE, _about(asked)):
        record = record_of(program.maps, SERVICE, parse(version.body))
        if "counted_by" in record and record.get("status") != "entered_in_error":
            yield record, version


def _told(
    program: Program, sessions: Sessions, seen: Seen, day: str, found: Sequence[Held], services: Sequence[Resource]
) -> Iterator[Resource]:
    """One day, by episode; `services` are the records of it, `minutes` are those that its rule counts."""
    rules = load_units(program.settings.mappings, program.maps)
    refusals = Refusals(program.store.index, program.clock)
    counting = Days(program.maps, rules, sessions, refusals, program.secret)
    for made in counting.counted(found[0].participant, day, found, seen):
        told: Resource = {"day": day} | ({"episode": made.episode} if made.episode else {})
        told |= {"units": made.counted.units, "minutes": made.counted.minutes}
        told |= {"rule": made.rule.said} | ({"code": made.service} if made.service else {})
        told |= {"sessions": list(made.counted.sessions), "explained": list(made.counted.explained)}
        mine = [one["id"] for one in services if one.get("episode") == made.episode]
        told |= {"services": mine} if mine else {}
        attended = [one.attended for one in found if one.episode == made.episode]
        also = ((rule, count(rule, attended, sessions.interval(day))) for rule in rules.own)
        yield told | {"also": [{"rule": rule.said, "units": n.units, "minutes": n.minutes} for rule, n in also]}
