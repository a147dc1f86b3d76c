"""Invented members of two health plans, as facts whose days alone are compared; `membership_records` writes them down.

What is said of each is spread so that every shape of consent meets every change: who is covered when, who permitted
what, who joined, left, took back, restricted. What follows from that for a plan, `membership_oracle` says.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.doors.test_guarded import OTHERS, THEIRS

Json = dict[str, Any]
CANARY = "Canary"
"""Stands wherever words do that no plan is shown."""
PLANS = (THEIRS, OTHERS)
ALWAYS = 10_000
"""A day that never comes; days count from that of the first pull."""
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


@dataclass(frozen=True)
class Cover:
    """A plan covers a person from the first to the last day."""

    id: str
    plan: str
    first: int
    last: int = ALWAYS
    active: bool = True
    written: int = 0


@dataclass(frozen=True)
class Word:
    """A consent, or (`denies`) a restriction; of which `types` (None: all), to whom by name (None: to any plan of the
    person), of records made between two days (None: whenever), of which HIV is one or not."""

    id: str
    types: frozenset[str] | None = None
    plan: str | None = None
    data: tuple[int, int] | None = None
    hiv: bool = False
    last: int = ALWAYS
    first: int = -60
    purpose: str = "payment"
    status: str = "active"
    denies: bool = False
    record: str | None = None
    written: int = 0


@dataclass(frozen=True)
class Held:
    """A record about a person: of a day, or of none; the rounds in which it came, was last written, last became another
    for a plan (`shown`), and was deleted."""

    type: str
    id: str
    day: int | None = None
    hiv: bool = False
    plan: str | None = None
    hours: int = 1
    leads: str | None = None
    """The diagnosis that a visit says is its first."""
    came: int = 0
    written: int = 0
    shown: int = 0
    gone: int | None = None
    kind: str = "individual"
    words: int = 0
    """What of it no plan is shown."""


@dataclass
class Member:
    """One person, and all that is said of them."""

    id: str
    covers: list[Cover] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def visits(self) -> list[Held]:
        """Those that are there."""
        return [one for one in self.held if one.type == "Encounter" and one.gone is None]


class Membership:
    """The members, and what becomes of them round by round; what is `deleted` is of the last one."""

    def __init__(self, members: int, start: date, seed: int = 1) -> None:
        self.start, self.round, self._random = start, 0, random.Random(seed)
        self.members = [self._member(number) for number in range(members)]

    def new_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _member(self, number: int) -> Member:
        """Every shape of consent in turn, and of coverage in another turn."""
        one = Member(self.new_id())
        one.covers = COVERED[number % len(COVERED)](self)
        one.words = PERMITTED[number % len(PERMITTED)](self)
        one.held = [Held("Patient", one.id), Held("EpisodeOfCare", self.new_id(), -50)]
        leads = Held("Condition", self.new_id(), -49, hiv=number % 4 == 3)
        beside = Held("Condition", self.new_id())
        days = self._random.sample(range(-45, 0), 3)
        visits = [Held("Encounter", self.new_id(), day, hiv=number % 5 == 1 and day == days[0]) for day in days]
        visits[1] = replace(visits[1], hours=4, leads=leads.id)
        one.held += [leads, beside, *visits, *self._asked(one)]
        return one

    def _asked(self, member: Member) -> Iterator[Held]:
        """A request for authorization and its answer, for the first plan."""
        if member.covers:
            plan = member.covers[0].plan
            yield from (Held(type, self.new_id(), -20, plan=plan) for type in ("Claim", "ClaimResponse"))

    def day(self, day: int) -> str:
        return (self.start + timedelta(days=day)).isoformat()

    def change(self) -> None:
        """The next round: to every member something happens, or nothing."""
        self.round += 1
        for number, member in enumerate(self.members):
            CHANGES[(number + self.round) % len(CHANGES)](self, member)
        self.members += [self._joiner(number) for number in range(max(2, len(self.members) // 20))]

    def _joiner(self, number: int) -> Member:
        one = self._member(number)
        one.covers = [replace(each, written=self.round) for each in one.covers]
        one.words = [replace(each, written=self.round) for each in one.words]
        one.held = [replace(each, came=self.round, written=self.round, shown=self.round) for each in one.held]
        return one

    def deleted(self) -> Iterator[str]:
        """What is deleted in this round, Type/id."""
        yield from (f"{one.type}/{one.id}" for each in self.members for one in each.held if one.gone == self.round)


def _whole(now: Membership) -> list[Word]:
    return [Word(now.new_id(), hiv=True)]


def _plans_words(now: Membership) -> list[Word]:
    return [Word(now.new_id(), plan=THEIRS, hiv=True)]


def _others_words(now: Membership) -> list[Word]:
    return [Word(now.new_id(), plan=OTHERS, hiv=True)]


def _few_types(now: Membership) -> list[Word]:
    return [Word(now.new_id(), types=frozenset(("Patient", "Coverage", "Encounter")))]


def _visits_alone(now: Membership) -> list[Word]:
    return [Word(now.new_id(), types=frozenset(("Encounter", "Condition")), hiv=True)]


def _of_a_time(now: Membership) -> list[Word]:
    who = Word(now.new_id(), types=frozenset(("Patient", "Coverage")))
    return [who, Word(now.new_id(), data=(-30, -10), hiv=True)]


def _ending(now: Membership) -> list[Word]:
    return [Word(now.new_id(), last=0)]


def _beginning(now: Membership) -> list[Word]:
    return [Word(now.new_id(), first=1, hiv=True)]


def _for_treatment(now: Membership) -> list[Word]:
    return [Word(now.new_id(), purpose="treatment", hiv=True)]


def _unsigned(now: Membership) -> list[Word]:
    return [Word(now.new_id(), status="draft", hiv=True)]


def _no_hiv(now: Membership) -> list[Word]:
    return [Word(now.new_id())]


def _nothing(_now: Membership) -> list[Word]:
    return []


PERMITTED = (
    *(_whole, _no_hiv, _plans_words, _few_types, _of_a_time, _ending, _beginning),
    *(_nothing, _visits_alone, _others_words, _for_treatment, _unsigned, _whole),
)


def _covered(*covers: tuple[str, int, int]) -> Any:
    return lambda now: [Cover(now.new_id(), *one) for one in covers]


COVERED = (
    _covered((THEIRS, -60, ALWAYS)),
    _covered((THEIRS, -60, ALWAYS), (OTHERS, -25, ALWAYS)),
    _covered((THEIRS, -30, ALWAYS)),
    _covered((OTHERS, -60, ALWAYS)),
    _covered((THEIRS, -60, -31), (THEIRS, -15, ALWAYS)),
    _covered((THEIRS, -60, 0)),
    _covered((THEIRS, 1, ALWAYS)),
    _covered(),
)


def _nothing_happens(_now: Membership, _member: Member) -> None:
    return


def _came_again(now: Membership, member: Member) -> None:
    """Another visit, on the last day before the first pull."""
    new = Held("Encounter", now.new_id(), -1, hours=4, came=now.round, written=now.round, shown=now.round)
    if all(one.day != -1 for one in member.visits()):
        member.held.append(new)


def _edited(now: Membership, member: Member, *, shown: bool = True) -> None:
    """One visit becomes another, for plans too or (not `shown`) in words that no plan is shown."""
    visit = member.visits()[-1]
    other = replace(visit, written=now.round, words=visit.words + 1)
    other = replace(other, shown=now.round, kind="family") if shown else other
    member.held[member.held.index(visit)] = other


def _edited_in_words(now: Membership, member: Member) -> None:
    _edited(now, member, shown=False)


def _struck(now: Membership, member: Member) -> None:
    """A visit is deleted, save the last."""
    first, *others = member.visits()
    if others:
        member.held[member.held.index(first)] = replace(first, written=now.round, gone=now.round)


def _consents(now: Membership, member: Member) -> None:
    member.words.append(Word(now.new_id(), hiv=True, first=-1, written=now.round))


def _takes_back(now: Membership, member: Member) -> None:
    """All that is in force, restrictions too."""
    ended = [replace(one, status="inactive", written=now.round) for one in member.words if one.status == "active"]
    member.words = [*ended, *(one for one in member.words if one.status != "active")]


def _restricts(now: Membership, member: Member) -> None:
    """One visit, to each plan that covers them."""
    record = f"Encounter/{member.visits()[-1].id}"
    for plan in sorted({one.plan for one in member.covers}):
        member.words.append(Word(now.new_id(), plan=plan, denies=True, record=record, written=now.round))


def _refuses_all(now: Membership, member: Member) -> None:
    member.words.append(Word(now.new_id(), plan=THEIRS, denies=True, written=now.round))


def _joins(now: Membership, member: Member) -> None:
    member.covers.append(Cover(now.new_id(), THEIRS, -40, written=now.round))


def _leaves(now: Membership, member: Member) -> None:
    """What covers them ended the day before."""
    ended = [replace(one, last=-1, written=now.round) for one in member.covers if one.first < -1 < one.last]
    member.covers = [*ended, *(one for one in member.covers if not one.first < -1 < one.last)]


def _was_none(now: Membership, member: Member) -> None:
    """Each coverage is cancelled."""
    over = [replace(one, active=False, written=now.round) for one in member.covers if one.active]
    member.covers = [*over, *(one for one in member.covers if not one.active)]


CHANGES = (
    *(_takes_back, _edited, _restricts, _joins, _leaves, _struck, _edited_in_words, _refuses_all, _was_none),
    *(_nothing_happens, _struck, _came_again, _nothing_happens, _came_again, _consents),
)
