"""What a plan may pull of the members of `membership`, from the facts alone: the rules once more, in days.

42 CFR 2.13(a), 2.26, 2.31, 2.33; 45 CFR 164.502(b). A record of a day is shown to who covers the person on that day,
one of none to who covers them now, where a consent in force covers it and no restriction hits it. Members are those of
whom a coverage is shown. https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from tests.doors.membership import Cover, Held, Json, Member, Membership, Word

Key = str
"""Type/id; of a day's service, whose id is the program's own, Procedure/person/day."""
HOURS = 3
"""Of a day that is a unit (mappings/units/default.toml)."""


def key(resource: Json, start: date) -> Key:
    """Of a line of a file; `start` is the day from which days count."""
    type = resource["resourceType"]
    if type == "Procedure":
        day = date.fromisoformat(resource["performedDateTime"][:10]) - start
        return f"{type}/{resource['subject']['reference'].removeprefix('Patient/')}/{day.days}"
    return f"{type}/{resource['id']}"


class View(NamedTuple):
    """What a plan asks on a day, by what was written up to a round (`known`) of who is covered and what visits say."""

    plan: str
    today: int
    known: int


def pulled(now: Membership, plan: str, today: int) -> set[Key]:
    """All of all members."""
    view = View(plan, today, now.round)
    return {_key(one) for member in now.members for one in _shown(member, view)}


def pulled_since(now: Membership, view: View, then: View) -> set[Key]:
    """Of that, what has become another for plans since, or was not to be seen then; and all of whom a consent was
    written since, as a refusal that has ended leaves nothing to compare with."""
    found = set[Key]()
    for member in now.members:
        anew = any(word.written > then.known for word in member.words)
        before = {_key(one) for one in _seen(member, then)}
        new = [one for one in _shown(member, view) if anew or one.shown > then.known or _key(one) not in before]
        found |= {_key(one) for one in new}
    return found


def deleted_since(now: Membership, view: View, then: View, sent: set[Key]) -> set[Key]:
    """Of what was sent, the records of members that were deleted since and would be seen if they were there."""
    found = set[Key]()
    for member in now.members:
        gone = [one for one in member.held if one.gone is not None and one.gone > then.known]
        if _is_member(member, view):
            found |= {_key(one) for one in gone if _key(one) in sent and _is_shown(member, one, view)}
    return found


def _shown(member: Member, view: View) -> Iterator[Held]:
    if _is_member(member, view):
        yield from _seen(member, view)


def _seen(member: Member, view: View) -> Iterator[Held]:
    """Whether or not they are a member."""
    held = [one for one in (*member.held, *_coverages(member), *_services(member)) if one.gone is None]
    seen = [one for one in held if _is_shown(member, one, view)]
    first = {one.leads for one in seen if one.written <= view.known}
    return (one for one in seen if one.type != "Condition" or one.id in first)


def _is_member(member: Member, view: View) -> bool:
    active = {one.id for one in member.covers if one.active}
    return any(one.id in active and _is_shown(member, one, view) for one in _coverages(member))


def _coverages(member: Member) -> Iterator[Held]:
    """Held to the plan that it is of."""
    yield from (Held("Coverage", one.id, plan=one.plan, shown=one.written) for one in member.covers)


def _services(member: Member) -> Iterator[Held]:
    """Of each day of three hours; what the person restricts to any plan of theirs is no part of it (docs/units.md)."""
    plans = {one.plan for one in member.covers}
    denied = [word for word in member.words if word.plan in plans]
    for one in member.visits():
        if one.hours >= HOURS and not any(_hits(word, one) for word in denied):
            yield Held("Procedure", f"{member.id}/{one.day}", one.day, shown=one.came)


def _key(one: Held) -> Key:
    return f"{one.type}/{one.id}"


def _is_shown(member: Member, one: Held, view: View) -> bool:
    """Covered on its day, held to no other plan, refused by nothing, and permitted."""
    day = _day(one)
    day = view.today if day is None else day
    if one.plan not in (None, view.plan) or not any(_covers(cover, day, view) for cover in member.covers):
        return False
    own = [word for word in member.words if _reaches(word, view)]
    return not any(_hits(word, one) for word in own) and any(_permits(word, one, view.today) for word in own)


def _day(one: Held) -> int | None:
    """Its day, as far as a plan is shown it: of a diagnosis it is not told when that was found."""
    return None if one.type == "Condition" else one.day


def _tells_of_hiv(one: Held) -> bool:
    """By what a plan is shown of it: the reason of a visit is not."""
    return one.hiv and one.type == "Condition"


def _covers(cover: Cover, day: int, view: View) -> bool:
    known = cover.active and cover.plan == view.plan and cover.written <= view.known
    return known and cover.first <= day <= cover.last


def _reaches(word: Word, view: View) -> bool:
    return word.plan in (None, view.plan)


def _hits(word: Word, one: Held) -> bool:
    """A restriction in force, of this record or of all."""
    return word.denies and word.status == "active" and word.record in (None, _key(one))


def _permits(word: Word, one: Held, today: int) -> bool:
    """One for payment in force, that covers the type, what it tells of, and its day where it is of a time."""
    if word.denies or word.status != "active" or word.purpose != "payment" or not word.first <= today <= word.last:
        return False
    day = _day(one)
    dated = word.data is None or (day is not None and word.data[0] <= day <= word.data[1])
    return dated and (word.types is None or one.type in word.types) and (word.hiv or not _tells_of_hiv(one))
