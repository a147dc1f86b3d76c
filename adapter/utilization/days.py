"""What follows from attendance, whatever door it changes by: the day's service, counted by the rule of who pays.

A day of an episode has one service that is counted, known by an identifier made of participant, day, rule and episode;
it is made, corrected and entered in error as the sessions are. One that somebody typed for the same day, episode and
code is that service: it gets the count beside its own figure, and what contradicts parks it. Each episode counts by
itself: it has a code of its own, and part 2 may protect it and not the one beside it (42 CFR 2.12(e)), of which the
sums of that one would tell. R4: https://hl7.org/fhir/R4/procedure.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from adapter.fhir.canonical import BASE, profile
from adapter.fhir.dates import Interval
from adapter.fhir.references import derived_id
from adapter.interactions.changes import Change
from adapter.interactions.consequences import Consequence, Reader
from adapter.mapping.load import Maps
from adapter.problems import Kind, Problem
from adapter.utilization.payers import COVERAGE, ORGANIZATION, Covers, Payers
from adapter.utilization.refusals import CONSENT, WHY, Refusals
from adapter.utilization.sessions import ENCOUNTER, LONGEST, Held, Sessions, Span, record_of
from adapter.utilization.unit_rules import Rule, Rules
from adapter.utilization.units import Attended, Counted, count

Resource = dict[str, Any]
PROGRAM_DAY = f"{BASE}/sid/program-day"
"""The system of identifiers of what is counted here: no two records have one of them."""
SERVICE, EPISODE, PROCEDURE, OF = "service", "episode", "Procedure", "EpisodeOfCare"
APART = "part 2 protects it, and not its episode"
DELIVERED = ("completed", "in_progress")
_GROUP = profile("iop-group-session")
_SAID = ("status", "class", "type", "subject", "episodeOfCare", "period", "length", "serviceProvider")
"""The elements of a session that count, its extensions and tags aside."""
_PAID = ("status", "type", "beneficiary", "payor", "period", "order")
_COMPUTED = (
    *("participant", "episode", "status", "service", "day", "session", "more_sessions", "units"),
    *("units_counted", "minutes_counted", "counted_by"),
)


class Day(NamedTuple):
    """One participant's day in an episode, by the rule of who pays: `service` is the code of what is counted, None for
    nothing. `held`: a session is known of it, be it one that does not count."""

    participant: str
    day: str
    rule: Rule
    service: str | None
    episode: str | None
    counted: Counted
    held: bool
    key: str
    """Its identifier, which nobody can guess: whoever asks for a day by it learns whether there ever was one."""


class Days:
    """The consequences of attendance; what was made for one commit is known again, and no day of it is looked at twice
    for what was proposed by then."""

    def __init__(self, maps: Maps, rules: Rules, sessions: Sessions, refusals: Refusals, secret: bytes) -> None:
        """`secret` is the program's: of it the ids of what is made here are derived."""
        self._maps, self._rules, self._sessions, self._refusals = maps, rules, sessions, refusals
        self._secret = secret
        self._payers, self._posture = Payers(maps, rules, sessions), maps.extensions["part2_posture"].url
        self._counts_heads = any(rule.group_most for rule in rules.all)
        billing = [rule for rule in rules.all if not rule.own]
        self._least = min(max(1, rule.minimum_minutes) for rule in billing)
        self._gap = max(rule.gap_minutes for rule in billing)
        self._made: WeakKeyDictionary[Reader, dict[str, Resource]] = WeakKeyDictionary()
        self._seen: WeakKeyDictionary[Reader, dict[tuple[str, str], int]] = WeakKeyDictionary()
        self._billed = {code for rule in rules.all for code in (rule.service, *rule.services.values())}

    def consequences(self) -> tuple[Consequence, ...]:
        """What `app` registers."""
        return (
            Consequence("program days", frozenset({ENCOUNTER}), self._follow_session),
            Consequence("counted services", frozenset({PROCEDURE}), self._follow_service),
            Consequence("who pays for days", frozenset({COVERAGE, OF}), self._follow_payer),
            Consequence("who payers are", frozenset({ORGANIZATION}), self._follow_organization),
            Consequence("restricted sessions", frozenset({CONSENT}), self._follow_refusal),
        )

    def anew(self, participant: str, reader: Reader) -> Iterator[Change]:
        """The changes after which all days of a participant say what their sessions come to by the rules as they are:
        what follows from a rule that was edited."""
        yield from self._all_settled([{"reference": f"Patient/{participant}"}], reader)

    def _follow_session(self, before: Resource | None, after: Resource | None, reader: Reader) -> Iterator[Change]:
        if self._counting(before) == self._counting(after) and self._refusals.tells_the_same(before, after):
            return
        spans = [span for one in (before, after) if (span := self._sessions.span(one))]
        for participant, day in sorted(
            {(span.participant, day) for span in spans for day in self._sessions.days(span)}
        ):
            yield from self._settled_once(participant, day, reader)

    def _counting(self, session: Resource | None) -> Any:
        """What of a session makes a difference; None for none."""
        if session is None:
            return None
        kept = [one for one in session.get("extension", ()) if self._counts_heads or one.get("url") != _GROUP]
        return [kept, session.get("meta", {}).get("tag"), *(session.get(name) for name in _SAID)]

    def _follow_payer(self, before: Resource | None, after: Resource | None, reader: Reader) -> Iterator[Change]:
        """Another payer, or another kind of episode: all days of the participant are looked at again."""
        one, other = before or {}, after or {}
        named = "beneficiary" if (before or after or {}).get("resourceType") == COVERAGE else "patient"
        names = _PAID if named == "beneficiary" else ("type", "patient")
        if all(one.get(name) == other.get(name) for name in names) and self._covers(one) == self._covers(other):
            return
        yield from self._all_settled((held.get(named, {}) for held in (one, other)), reader)

    def _covers(self, episode: Resource) -> Any:
        """What of an episode says whether part 2 protects what belongs to it."""
        said = [one for one in episode.get("extension", ()) if one.get("url") == self._posture]
        return said, episode.get("status") == "entered-in-error"

    def _follow_organization(self, before: Resource | None, after: Resource | None, reader: Reader) -> Iterator[Change]:
        """A payer becomes, or ceases to be, one that a rule names: the same of all whom it covers."""
        if self._payers.known(before) == self._payers.known(after):
            return
        ids = reader.pointing(COVERAGE, "payor", [(ORGANIZATION, (after or before or {})["id"])])
        covers = [one for id in ids if (one := reader.current(COVERAGE, id))]
        yield from self._all_settled((one.get("beneficiary", {}) for one in covers), reader)

    def _all_settled(self, whose: Iterable[Resource], reader: Reader) -> Iterator[Change]:
        """All days of participants (references) are looked at again."""
        said = {str(one.get("reference", "")) for one in whose}
        for participant in sorted(text.removeprefix("Patient/") for text in said if text.startswith("Patient/")):
            ids = sorted(reader.pointing(ENCOUNTER, "patient", [("Patient", participant)]))
            spans = (self._sessions.span(reader.current(ENCOUNTER, id)) for id in ids)
            for day in sorted({day for span in spans if span for day in self._sessions.days(span)}):
                yield from self._settled_once(participant, day, reader)

    def _follow_refusal(self, before: Resource | None, after: Resource | None, reader: Reader) -> Iterator[Change]:
        """A restriction of sessions that begins, changes or ends."""
        ids = self._refusals.touched(before, after, reader)
        spans = [span for id in ids if (span := self._sessions.span(reader.current(ENCOUNTER, id)))]
        for participant, day in sorted(
            {(span.participant, day) for span in spans for day in self._sessions.days(span)}
        ):
            yield from self._settled_once(participant, day, reader)

    def _follow_service(self, before: Resource | None, after: Resource | None, reader: Reader) -> Iterator[Change]:
        """A service that is typed, changed or deleted: its day is looked at again.

        Problem(UNPROCESSABLE) for one that is counted and was made to say what its sessions do not.
        """
        if after is not None and self._made.get(reader, {}).get(after["id"]) is after:
            return  # it was made here, of what is so now
        was, will = (record_of(self._maps, SERVICE, one) for one in (before, after))
        # A code that no table has is read as what it says, and not as a word.
        words = [(one, str(one.get("service"))) for one in (was, will) if one]
        if not any(_is_own(one) or word in self._billed for one, word in words):
            return
        told = ((one.get("participant"), self._day(one)) for one in (was, will))
        for participant, day in sorted({(who, day) for who, day in told if who and day}):
            for change in self._settled(participant, day, reader):
                self._check_typed(was, will, change)
                yield change

    def _check_typed(self, was: Resource, will: Resource, change: Change) -> None:
        """Nobody changes a count but by its sessions."""
        whose = was.get("participant")
        if not _is_own(was) or change.id != was.get("id") or will.get("participant", whose) != whose:
            return
        due = record_of(self._maps, SERVICE, change.resource)
        if _says(was) == _says(due) != _says(will):
            why = "the day, code, sessions and units of a program day are computed from its sessions: correct those"
            raise Problem(Kind.UNPROCESSABLE, why, PROCEDURE, code="business-rule")

    def _settled_once(self, participant: str, day: str, reader: Reader) -> Iterator[Change]:
        """The same as `_settled`; nothing where that was said of what is proposed. Its own services are no matter: who
        changes one of them is followed by itself."""
        seen, proposals = self._seen.setdefault(reader, {}), reader.proposals(PROCEDURE)
        if seen.get((participant, day)) != proposals:
            seen[participant, day] = proposals
            yield from self._settled(participant, day, reader)

    def _settled(self, participant: str, day: str, reader: Reader) -> Iterator[Change]:
        """The changes after which the services of a day say what its sessions come to."""
        within = self._sessions.interval(day)
        spent = [*self._encounters(participant, within, reader)]
        services = [*self._services(participant, day, within, reader)]
        most = sum(span.end - span.start for _, span in spent) + max(0, len(spent) - 1) * self._gap * 60_000
        if most < self._least * 60_000 and not services:
            return
        held = (self._sessions.read(one, lambda id: reader.sent(ENCOUNTER, id)) for one, _ in spent)
        found = [one for one in held if one and day in self._sessions.days(one.attended)]
        of = {record["id"]: record.get("episode") for record, _ in services}
        for made in self.counted(participant, day, found, reader, of.values()):
            mine = [one for one in services if of[one[0]["id"]] == made.episode]
            for record, resource in self._due(made, mine):
                changed = self._maps.concepts[SERVICE].to_fhir(record, resource, park=True)
                self._made.setdefault(reader, {})[record["id"]] = changed
                yield Change("create" if resource is None else "update", PROCEDURE, record["id"], changed)

    def counted(
        self, participant: str, day: str, found: Sequence[Held], reader: Covers, others: Iterable[str | None] = ()
    ) -> list[Day]:
        """What the sessions of a day come to, by episode; `others` are episodes to be there though they have none."""
        rule = self._payers.rule(participant, day, reader)
        fit = [one.attended.id for one in found if not one.attended.unfit]
        refused = self._refusals.refused(participant, fit, reader) if fit else ()
        attended: dict[str | None, list[Attended]] = {episode: [] for episode in others}
        for one in found:
            why = WHY if one.attended.id in refused else APART if _is_apart(one, reader) else one.attended.unfit
            attended.setdefault(one.episode, []).append(one.attended._replace(unfit=why))
        made = []
        for episode, sessions in sorted(attended.items(), key=lambda one: one[0] or ""):
            units = count(rule, sessions, self._sessions.interval(day))
            service = self._service(rule, episode if units.sessions else None, reader)
            key = derived_id(self._secret, PROCEDURE, PROGRAM_DAY, f"{participant}/{day}/{rule.name}/{episode or ''}")
            made.append(Day(participant, day, rule, service, episode, units, held=bool(sessions), key=key))
        return made

    def _service(self, rule: Rule, episode: str | None, reader: Covers) -> str | None:
        """What is delivered in an episode."""
        kind = record_of(self._maps, EPISODE, reader.current(OF, episode)).get("kind") if episode else None
        return rule.services.get(str(kind), rule.service)

    def _encounters(self, participant: str, day: Interval, reader: Reader) -> Iterator[tuple[Resource, Span]]:
        """What of a day may be sessions, in the order of ids."""
        within = (day[0] - LONGEST, day[1])
        for id in sorted(reader.pointing(ENCOUNTER, "patient", [("Patient", participant)], within)):
            resource = reader.current(ENCOUNTER, id)
            span = self._sessions.span(resource)
            if resource and span and span.start < day[1] and span.end > day[0]:
                yield resource, span

    def _services(
        self, participant: str, day: str, within: Interval, reader: Reader
    ) -> Iterator[tuple[Resource, Resource]]:
        """(record, resource) of the services of a day, in the order of ids."""
        for id in sorted(reader.pointing(PROCEDURE, "patient", [("Patient", participant)], within)):
            resource = reader.current(PROCEDURE, id)
            record = record_of(self._maps, SERVICE, resource)
            if resource and record and self._day(record) == day:
                yield record | {"id": id}, resource

    def _day(self, record: Resource) -> str | None:
        """The day that a service is of."""
        said = record.get("day") or record.get("period", {}).get("start")
        return self._sessions.begins(said) if said and len(said) >= 10 else None

    def _due(
        self, made: Day, services: Sequence[tuple[Resource, Resource]]
    ) -> Iterator[tuple[Resource, Resource | None]]:
        """Every service of the day as it should be, with the resource as it is."""
        own = [one for one in services if _is_own(one[0])]
        typed = [one for one in services if not _is_own(one[0])]
        counting = [one for one in typed if made.held and _may_count(one[0], made)]
        for record, resource in typed:
            first = bool(counting) and record is counting[0][0]
            if any(record is one for one, _ in counting):
                yield record | _figures(made, made.counted.units if first else 0), resource
            elif self._is_counted(record):
                yield {name: said for name, said in record.items() if name not in _FIGURES}, resource
        wanted = made.service is not None and made.counted.units > 0 and not counting
        keeper = next((one for one in sorted(own, key=lambda one: _is_not(one[0], made)) if _is_by(one[0], made)), None)
        for record, resource in own:
            if not (wanted and keeper and record is keeper[0]) and record.get("status") != "entered_in_error":
                yield _in_error(record, made), resource
        if wanted:
            yield (_counted(keeper[0] if keeper else {"id": made.key}, made), keeper[1] if keeper else None)

    def _is_counted(self, record: Resource) -> bool:
        """Whether the figures of a service are of one of our rules."""
        name = str(record.get("counted_by", "")).partition(": ")[0]
        return any(rule.name == name for rule in self._rules.all)


def _is_apart(one: Held, reader: Covers) -> bool:
    """Whether part 2 protects a session that counts and not its episode: it was said to be of another once, say. The
    service of the day is its episode's, and would tell of it."""
    counts = one.episode is not None and not one.attended.unfit
    return counts and reader.covered(ENCOUNTER, one.attended.id) and not reader.covered(OF, str(one.episode))


_FIGURES = ("units_counted", "minutes_counted", "counted_by")


def _figures(made: Day, units: int) -> Resource:
    return {"units_counted": units, "minutes_counted": made.counted.minutes, "counted_by": made.rule.said}


def _counted(record: Resource, made: Day) -> Resource:
    """The record of a day that is counted, with whatever else staff said of it."""
    first, *more = made.counted.sessions
    said = {name: value for name, value in record.items() if name not in ("session", "more_sessions", "period")}
    said |= {"participant": made.participant, "episode": made.episode, "session": first}
    said |= {"more_sessions": more} if more else {}
    said |= {"status": "completed", "service": made.service, "day": made.day, "units": made.counted.units}
    own = [{"system": PROGRAM_DAY, "value": made.key}]
    others = [one for one in record.get("identifiers", ()) if one.get("system") != PROGRAM_DAY]
    held = [one for one in record.get("identifiers", ()) if one.get("system") == PROGRAM_DAY]
    return said | _figures(made, made.counted.units) | {"identifiers": [*(held or own), *others]}


def _in_error(record: Resource, made: Day) -> Resource:
    """The record of a day that comes to no unit any more: it names no session, which may be gone."""
    left = ("session", "more_sessions", "units", "minutes_counted")
    said = {name: value for name, value in record.items() if name not in left}
    return said | {"status": "entered_in_error", "units_counted": 0, "counted_by": made.rule.said}


def _says(record: Resource) -> list[Any]:
    """What of a record is computed."""
    return [record.get(name) for name in _COMPUTED]


def _is_own(record: Resource) -> bool:
    return any(one.get("system") == PROGRAM_DAY for one in record.get("identifiers", ()))


def _is_by(record: Resource, made: Day) -> bool:
    """Whether a record of ours is counted by the rule of the day."""
    return str(record.get("counted_by", "")).partition(": ")[0] == made.rule.name


def _is_not(record: Resource, made: Day) -> bool:
    """Whether the record has another identifier: it came with another record of the same person."""
    return all(one.get("value") != made.key for one in record.get("identifiers", ()))


def _may_count(record: Resource, made: Day) -> bool:
    return record.get("status") in DELIVERED and made.service is not None and record.get("service") == made.service
