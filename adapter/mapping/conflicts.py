"""Rules against facts of one record that cannot both hold: the finding stands at one place, its reason names the other.

As in `checks`: (field, reason), never raising; 422 for who types it, parked when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from adapter.mapping.times import out_of_order

Finding = tuple[str, str]


def in_order(record: Mapping[str, Any], *pairs: tuple[str, str], at: str = "") -> list[Finding]:
    """A finding for each (first, later) of fields whose later one is before the first; `at` is put before both."""
    return [
        (f"{at}{later}", f"before {at}{first}")
        for first, later in pairs
        if out_of_order(record.get(first), record.get(later))
    ]


def items(record: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(`name[index]`, item) of each object in a list."""
    given = record.get(name, ())
    for index, item in enumerate(given if isinstance(given, list) else ()):
        if isinstance(item, Mapping):
            yield f"{name}[{index}]", item


def within(record: Mapping[str, Any], name: str, *pairs: tuple[str, str]) -> list[Finding]:
    """`in_order` for the members of a list."""
    return [found for at, item in items(record, name) for found in in_order(item, *pairs, at=f"{at}.")]


def episode_course(record: Mapping[str, Any]) -> list[Finding]:
    """Levels of care and statuses end after they begin; a taper never gives back hours, nor begins above the plan."""
    found = within(record, "levels_of_care", ("from", "until")) + within(record, "status_history", ("from", "until"))
    steps = sorted(_steps(record), key=lambda step: step[1])
    before: tuple[str, float] | None = None
    planned = record.get("planned_hours_a_week")
    if isinstance(planned, int | float):
        before = ("planned_hours_a_week", planned)
    for at, _, hours in steps:
        if before and hours > before[1]:
            found.append((f"{at}.hours_a_week", f"more than {before[0]}: a taper has fewer hours"))
        before = (f"{at}.hours_a_week", hours)
    return found


def _steps(record: Mapping[str, Any]) -> Iterable[tuple[str, int, float]]:
    """(place, week, hours) of each step of a taper that says both as plain numbers."""
    for at, step in items(record, "taper"):
        week, hours = step.get("from_week"), step.get("hours_a_week")
        if isinstance(week, int) and isinstance(hours, int | float):
            yield at, week, hours


def diagnosis_dates(record: Mapping[str, Any]) -> list[Finding]:
    """A diagnosis ends and changes after its onset, and two that occur together are two."""
    found = in_order(record, ("onset_on", "ended_on"), ("onset_on", "status_since"))
    together = record.get("co_occurring_with", ())
    if "id" in record and isinstance(together, list) and record["id"] in together:
        found.append(("co_occurring_with", "this diagnosis itself: its id"))
    return found


def plan_dates(record: Mapping[str, Any]) -> list[Finding]:
    """A treatment plan ends after it starts, is reviewed and signed after it was begun, and replaces another one."""
    found = in_order(record, ("starts_on", "ends_on"), ("starts_on", "next_review_on"))
    for at, review in items(record, "reviews"):
        if out_of_order(record.get("starts_on"), review.get("on")):
            found.append((f"{at}.on", "before starts_on"))
    replaced = record.get("replaces", ())
    if "id" in record and isinstance(replaced, list) and record["id"] in replaced:
        found.append(("replaces", "this plan itself: its id"))
    return found


def goal_dates(record: Mapping[str, Any]) -> list[Finding]:
    """A goal is due and reviewed after it was started."""
    found = []
    for name, inner in (("targets", "due_on"), ("reviews", "on")):
        for at, item in items(record, name):
            if out_of_order(record.get("started_on"), item.get(inner)):
                found.append((f"{at}.{inner}", "before started_on"))
    return found


def make_up(record: Mapping[str, Any]) -> list[Finding]:
    """A booking makes up for another one, and is moved to yet another."""
    own, made_up, moved = record.get("id"), record.get("make_up_of"), record.get("rescheduled_to")
    found = [
        (name, "this booking itself: its id")
        for name, other in (("make_up_of", made_up), ("rescheduled_to", moved))
        if own is not None and other == own
    ]
    if made_up is not None and made_up == moved:
        found.append(("make_up_of", "the same booking as rescheduled_to"))
    return found


def explained_positive(record: Mapping[str, Any]) -> list[Finding]:
    """A prescription explains a positive result, and a result confirms another one."""
    result, found = record.get("result"), []
    if "explained_by" in record and isinstance(result, Mapping) and result.get("finding") == "negative":
        found.append(("explained_by", "there is nothing to explain: result says negative"))
    confirmed = record.get("confirms", ())
    if "id" in record and isinstance(confirmed, list) and record["id"] in confirmed:
        found.append(("confirms", "this result itself: its id"))
    return found


def life_dates(record: Mapping[str, Any]) -> list[Finding]:
    """Nobody dies before birth."""
    return in_order(record, ("birth_date", "deceased"))


CHECKS: tuple[Callable[[Mapping[str, Any]], list[Finding]], ...] = (
    episode_course,
    diagnosis_dates,
    plan_dates,
    goal_dates,
    make_up,
    explained_positive,
    life_dates,
)
