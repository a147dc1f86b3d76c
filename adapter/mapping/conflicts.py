"""Rules against facts of one record that cannot both hold: the finding stands at one place, its reason names the other.

422 for who types it, parked when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapter.mapping.facts import Check, Finding, Record, in_order, listed, members_in_order, objects
from adapter.mapping.times import out_of_order


def episode_course(record: Record) -> list[Finding]:
    """Levels of care and statuses end after they begin; a taper never gives back hours, nor begins above the plan."""
    found = members_in_order(record, "levels_of_care", ("from", "until"))
    found += members_in_order(record, "status_history", ("from", "until"))
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


def _steps(record: Record) -> Iterable[tuple[str, int, float]]:
    """(place, week, hours) of each step of a taper that says both as plain numbers."""
    for at, step in objects(record, "taper"):
        week, hours = step.get("from_week"), step.get("hours_a_week")
        if isinstance(week, int) and isinstance(hours, int | float):
            yield at, week, hours


def diagnosis_dates(record: Record) -> list[Finding]:
    """A diagnosis ends and changes after its onset, and two that occur together are two."""
    found = in_order(record, ("onset_on", "ended_on"), ("onset_on", "status_since"))
    if "id" in record and record["id"] in listed(record, "co_occurring_with"):
        found.append(("co_occurring_with", "this diagnosis itself: its id"))
    return found


def plan_dates(record: Record) -> list[Finding]:
    """A treatment plan ends after it starts, is reviewed and signed after it was begun, and replaces another one."""
    found = in_order(record, ("starts_on", "ends_on"), ("starts_on", "next_review_on"))
    for at, review in objects(record, "reviews"):
        if out_of_order(record.get("starts_on"), review.get("on")):
            found.append((f"{at}.on", "before starts_on"))
    if "id" in record and record["id"] in listed(record, "replaces"):
        found.append(("replaces", "this plan itself: its id"))
    return found


def goal_dates(record: Record) -> list[Finding]:
    """A goal is due and reviewed after it was started."""
    found = []
    for name, inner in (("targets", "due_on"), ("reviews", "on")):
        for at, item in objects(record, name):
            if out_of_order(record.get("started_on"), item.get(inner)):
                found.append((f"{at}.{inner}", "before started_on"))
    return found


def make_up(record: Record) -> list[Finding]:
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


def explained_positive(record: Record) -> list[Finding]:
    """A prescription explains a positive result, and a result confirms another one."""
    result, found = record.get("result"), []
    if "explained_by" in record and isinstance(result, Mapping) and result.get("finding") == "negative":
        found.append(("explained_by", "there is nothing to explain: result says negative"))
    if "id" in record and record["id"] in listed(record, "confirms"):
        found.append(("confirms", "this result itself: its id"))
    return found


def life_dates(record: Record) -> list[Finding]:
    """Nobody dies before birth."""
    return in_order(record, ("birth_date", "deceased"))


CHECKS: tuple[Check, ...] = (
    episode_course,
    diagnosis_dates,
    plan_dates,
    goal_dates,
    make_up,
    explained_positive,
    life_dates,
)
