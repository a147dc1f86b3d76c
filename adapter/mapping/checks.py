"""Rules over several fields of one record, named by concept files (`checks = [...]`).

Each takes a native record and answers [(field, reason)]: a 422 for who types it, and parked when it is read. They never
raise: what cannot be compared (a date without time against a moment) is not judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adapter.mapping.times import moment as _moment
from adapter.mapping.times import out_of_order as _reversed

Finding = tuple[str, str]
Check = Callable[[Mapping[str, Any]], list[Finding]]

MINUTES_TOLERANCE = 5
# Tuples, not sets: what is typed may be anything, also something without a hash.
CANCELLED = ("cancelled", "late_cancelled", "rescheduled", "excused", "cancelled_by_program")
TIMELESS = ("proposed", "waitlisted", *CANCELLED)
OLDEST = 130
DONE = ("final", "amended", "corrected")
TO_THE_DAY = len("2026-01-31")


def _breaks(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = record.get("breaks", ())
    return [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []


def session_times(record: Mapping[str, Any]) -> list[Finding]:
    """A session ends after it starts, and its breaks are within it."""
    start, end = record.get("started_at"), record.get("ended_at")
    found = [("ended_at", "before started_at")] if _reversed(start, end) else []
    for pause in _breaks(record) if "breaks" in record else ():
        first, last = pause.get("start"), pause.get("end")
        if _reversed(start, first) or _reversed(first, last) or _reversed(last, end):
            found.append(("breaks", "a break is not within the session"))
    return found


def minutes_attended(tolerance: int = MINUTES_TOLERANCE) -> Check:
    """A typed figure may differ from end - start - breaks by at most `tolerance` minutes."""

    def minutes(record: Mapping[str, Any]) -> list[Finding]:
        typed = record.get("minutes_attended")
        computed = minutes_between(record) if type(typed) is int else None
        if type(typed) is not int or computed is None or abs(typed - computed) <= tolerance:
            return []
        source = f"{computed} computed from started_at, ended_at and breaks"
        return [("minutes_attended", f"{typed} minutes typed, {source}: more than {tolerance} apart")]

    return minutes


def minutes_between(record: Mapping[str, Any]) -> int | None:
    """end - start - recorded breaks in whole minutes, or None where a moment is missing."""
    start, end = _moment(record.get("started_at")), _moment(record.get("ended_at"))
    if start is None or end is None:
        return None
    seconds = (end - start).total_seconds()
    if "breaks" in record:
        paused = _paused(_breaks(record))
        if paused is None:
            return None
        seconds -= paused
    return int(seconds // 60)


def _paused(breaks: list[Mapping[str, Any]]) -> float | None:
    """The seconds of all breaks, what two of them share counted once; None where one is not whole."""
    spans = []
    for pause in breaks:
        first, last = _moment(pause.get("start")), _moment(pause.get("end"))
        if first is None or last is None:
            return None
        spans.append((first, last))
    seconds, until = 0.0, None
    for first, last in sorted(spans):
        begin = first if until is None else max(first, until)
        seconds += max((last - begin).total_seconds(), 0.0)
        until = last if until is None else max(last, until)
    return seconds


def booking_times(record: Mapping[str, Any]) -> list[Finding]:
    """R4 app-2 and app-3: both times or neither, and neither only while proposed, waitlisted or cancelled."""
    start, end = record.get("planned_start"), record.get("planned_end")
    if (start is None) != (end is None):
        return [("planned_end" if end is None else "planned_start", "planned_start and planned_end come together")]
    if start is None and record.get("status") not in TIMELESS and "status" in record:
        return [("planned_start", "a booking needs its planned times, save one proposed, waitlisted or cancelled")]
    return [("planned_end", "before planned_start")] if _reversed(start, end) else []


def cancel_reason(record: Mapping[str, Any]) -> list[Finding]:
    """R4 app-4: a cancellation reason only where the session was cancelled; one that was missed has its own."""
    status, found = record.get("status"), []
    if "reason" in record and status is not None and status not in CANCELLED:
        hint = ": say no_show_reason" if status == "no_show" else ""
        found.append(("reason", f"only for a booking that was cancelled{hint}"))
    if "no_show_reason" in record and status is not None and status != "no_show":
        found.append(("no_show_reason", "only for a booking that was missed (no_show)"))
    return found


def total_or_reason(record: Mapping[str, Any]) -> list[Finding]:
    """A screening has a total or says why there is none; answers alone, or members that hold them, also do."""
    if "total" in record and "total_missing" in record:
        return [("total_missing", "there is a total")]
    if not any(name in record for name in ("total", "total_missing", "items", "members", "answers", "finding")):
        return [("total", "a total, or total_missing with the reason")]
    return []


def items_answered(record: Mapping[str, Any]) -> list[Finding]:
    """Each question of a screening has an answer or the reason why there is none: silence is never a zero.

    R4 obs-7: the instrument itself is none of its questions.
    """
    items = record.get("items", ())
    found = []
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, Mapping) and "total" in record and item.get("item", "") == record.get("instrument"):
            found.append((f"items[{index}].item", "the instrument itself: its total says it"))
        if isinstance(item, Mapping) and ("answer" in item) == ("missing" in item):
            reason = "there is an answer" if "answer" in item else "an answer, or missing with the reason"
            found.append((f"items[{index}].{'missing' if 'answer' in item else 'answer'}", reason))
    return found


def result_or_reason(record: Mapping[str, Any]) -> list[Finding]:
    """A drug result says what was found, or why nothing was: one that is awaited is temp_unknown.

    US Core 6.1.0 us-core-2: an Observation has a value, members, components, or a reason.
    """
    if "result" not in record:
        return [("result", "it says what was found, or missing with the reason: temp_unknown while it is awaited")]
    return []


def day_known(record: Mapping[str, Any]) -> list[Finding]:
    """US Core 6.1.0 us-core-1: when a test or screening was done is known to the day at least."""
    return [
        (name, "to the day at least")
        for name in ("taken_at", "collected_at")
        if isinstance(record.get(name), str) and len(record[name]) < TO_THE_DAY
    ]


def screen_has_results(record: Mapping[str, Any]) -> list[Finding]:
    """A drug screen has results, or says why it has none, so that none can pass for all negative; never both."""
    if any(name in record for name in ("results", "readings")):
        return [("missing", "there are results")] if "missing" in record else []
    if "missing" not in record:
        return [("results", "results or readings, or missing with the reason: temp_unknown while they are awaited")]
    return []


def targets_measured(record: Mapping[str, Any]) -> list[Finding]:
    """R4 gol-1: a target value belongs to a measure."""
    targets = record.get("targets", ())
    return [
        (f"targets[{index}].measure", "needed with amount, words or yes_no")
        for index, target in enumerate(targets if isinstance(targets, list) else ())
        if isinstance(target, Mapping) and target.keys() & {"amount", "words", "yes_no"} and "measure" not in target
    ]


def whole_position(record: Mapping[str, Any]) -> list[Finding]:
    """R4 Location.position: latitude and longitude come together, each within its range."""
    found = []
    for name, other, most in (("latitude", "longitude", 90), ("longitude", "latitude", 180)):
        value = record.get(name)
        if isinstance(value, int | float) and not -most <= value <= most:
            found.append((name, f"{name} is from -{most} to {most}"))
        if name not in record and other in record:
            found.append((name, "latitude and longitude come together"))
    return found


def race_text(record: Mapping[str, Any]) -> list[Finding]:
    """US Core 6.1.0: a race or ethnicity extension always has its text."""
    return [
        (f"{name}_text", f"needed with {name}")
        for name in ("race", "ethnicity")
        if (name in record or f"{name}_detail" in record) and f"{name}_text" not in record
    ]


def discharge(record: Mapping[str, Any]) -> list[Finding]:
    """A finished episode has a discharge date, not before admission."""
    if record.get("status") == "finished" and "discharged_on" not in record:
        return [("discharged_on", "a finished episode has a discharge date")]
    late = _reversed(record.get("admitted_on"), record.get("discharged_on"))
    return [("discharged_on", "before admitted_on")] if late else []


def diagnosis_status(record: Mapping[str, Any]) -> list[Finding]:
    """R4 con-4 and con-5; a kind of remission only in remission; an age that somebody can have."""
    clinical, age, found = record.get("clinical_status"), record.get("onset_age", 0), []
    if isinstance(age, int | float) and not 0 <= age <= OLDEST:
        found.append(("onset_age", f"an age is from 0 to {OLDEST} years"))
    if record.get("verification_status") == "entered_in_error" and clinical is not None:
        found.append(("clinical_status", "none for a diagnosis entered in error"))
    if "ended_on" in record and clinical not in ("inactive", "resolved", "remission"):
        found.append(("clinical_status", "an ended diagnosis is inactive, resolved or in remission"))
    if "remission" in record and clinical != "remission":
        found.append(("remission", "only with clinical_status remission"))
    return found


CHECKS = (
    session_times,
    booking_times,
    cancel_reason,
    total_or_reason,
    items_answered,
    result_or_reason,
    day_known,
    screen_has_results,
    targets_measured,
    whole_position,
    race_text,
    discharge,
    diagnosis_status,
)
