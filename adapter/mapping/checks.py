"""Rules over several fields of one record, named by concept files (`checks = [...]`).

What breaks one is a 422 for who types it, and parked when it is read.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapter.mapping.facts import Check, Finding, Record, age, in_order, number, objects
from adapter.mapping.times import moment, out_of_order, seconds_at_most

MINUTES_TOLERANCE = 5
# Tuples, not sets: what is typed may be anything, also something without a hash.
CANCELLED = ("cancelled", "late_cancelled", "rescheduled", "excused", "cancelled_by_program")
UNHELD = ("planned", "cancelled")
TIMELESS = ("proposed", "waitlisted", *CANCELLED)
UNENDED = ("planned", "waitlisted", "active", "on_hold")
# Reasons that say the treatment was not completed; after the others it may have been.
CUT_SHORT = (
    "dropped_out",
    "participant_decision",
    "terminated_by_program",
    "higher_level_needed",
    "incarcerated",
    "died",
)
DONE = ("final", "amended", "corrected")
TO_THE_DAY = len("2026-01-31")


def session_times(record: Record) -> list[Finding]:
    """A session ends after it starts, and its breaks are within it."""
    start, end = record.get("started_at"), record.get("ended_at")
    found = in_order(record, ("started_at", "ended_at"))
    for at, pause in objects(record, "breaks"):
        first, last = pause.get("start"), pause.get("end")
        if out_of_order(start, first) or out_of_order(first, last) or out_of_order(last, end):
            found.append((at, "a break is not within started_at and ended_at"))
    return found


def session_held(record: Record) -> list[Finding]:
    """Nobody attended what was only planned, or cancelled."""
    status = record.get("status")
    if status not in UNHELD:
        return []
    told = [name for name in ("attendance", "minutes_attended") if record.get(name)]
    return [(name, f"somebody came, and status is {status}") for name in told]


def minutes_attended(tolerance: int = MINUTES_TOLERANCE) -> Check:
    """A typed figure may differ from end - start - breaks by at most `tolerance` minutes.

    Where a break has no end, or only the days are known, it may at least not be more than there was time for.
    """

    def minutes(record: Record) -> list[Finding]:
        typed, most = record.get("minutes_attended"), minutes_at_most(record)
        if type(typed) is not int or most is None:
            return []
        computed = minutes_between(record)
        if typed <= most + tolerance and (computed is None or typed >= computed - tolerance):
            return []
        source = "at most " * (computed is None) + f"{most} computed from started_at, ended_at and breaks"
        return [("minutes_attended", f"{typed} minutes typed, {source}: more than {tolerance} apart")]

    return minutes


def minutes_between(record: Record) -> int | None:
    """end - start - recorded breaks in whole minutes, or None where a moment is missing."""
    whole = all(moment(pause.get(name)) for _, pause in objects(record, "breaks") for name in ("start", "end"))
    start, end = moment(record.get("started_at")), moment(record.get("ended_at"))
    return minutes_at_most(record) if whole and start and end else None


def minutes_at_most(record: Record) -> int | None:
    """How many minutes were there to attend: those of the breaks that have an end left out, or None if nobody knows."""
    seconds = seconds_at_most(record.get("started_at"), record.get("ended_at"))
    return None if seconds is None else int((seconds - _paused(record)) // 60)


def _paused(record: Record) -> float:
    """The seconds of all breaks that are whole, what two of them share counted once."""
    spans = []
    for _, pause in objects(record, "breaks"):
        first, last = moment(pause.get("start")), moment(pause.get("end"))
        if first and last:
            spans.append((first, last))
    seconds, until = 0.0, None
    for first, last in sorted(spans):
        begin = first if until is None else max(first, until)
        seconds += max((last - begin).total_seconds(), 0.0)
        until = last if until is None else max(last, until)
    return seconds


def booking_times(record: Record) -> list[Finding]:
    """R4 app-2 and app-3: both times or neither, and neither only while proposed, waitlisted or cancelled.

    R4 Appointment.minutesDuration: it may take less time than there is between them, not more.
    """
    start, end = record.get("planned_start"), record.get("planned_end")
    if (start is None) != (end is None):
        return [("planned_end" if end is None else "planned_start", "planned_start and planned_end come together")]
    if start is None and record.get("status") not in TIMELESS and "status" in record:
        return [("planned_start", "a booking needs its planned times, save one proposed, waitlisted or cancelled")]
    if out_of_order(start, end):
        return [("planned_end", "before planned_start")]
    minutes, seconds = record.get("minutes_planned"), seconds_at_most(start, end)
    if type(minutes) is int and seconds is not None and minutes * 60 > seconds:
        return [("minutes_planned", f"{minutes}, and from planned_start to planned_end there are {int(seconds // 60)}")]
    return []


def cancel_reason(record: Record) -> list[Finding]:
    """R4 app-4: a cancellation reason only where the session was cancelled; one that was missed has its own."""
    status, found = record.get("status"), []
    if "reason" in record and status is not None and status not in CANCELLED:
        hint = ": say no_show_reason" if status == "no_show" else ""
        found.append(("reason", f"only for a booking that was cancelled{hint}"))
    if "no_show_reason" in record and status is not None and status != "no_show":
        found.append(("no_show_reason", "only for a booking that was missed (no_show)"))
    return found


def total_or_reason(record: Record) -> list[Finding]:
    """A screening has a total or says why there is none; answers alone, or members that hold them, also do."""
    if "total" in record and "total_missing" in record:
        return [("total_missing", "there is a total")]
    if not any(name in record for name in ("total", "total_missing", "items", "members", "answers", "finding")):
        return [("total", "a total, or total_missing with the reason")]
    return []


def result_or_reason(record: Record) -> list[Finding]:
    """A drug result says what was found, or why nothing was: one that is awaited is temp_unknown.

    US Core 6.1.0 us-core-2: an Observation has a value, members, components, or a reason.
    """
    if "result" not in record:
        return [("result", "it says what was found, or missing with the reason: temp_unknown while it is awaited")]
    return []


def finding_and_amount(record: Record) -> list[Finding]:
    """A finding agrees with its amount: nothing is not positive, and a cut-off in the same unit decides."""
    result, cutoff = record.get("result"), record.get("cutoff")
    value = number(result.get("value")) if isinstance(result, Mapping) else None
    if not isinstance(result, Mapping) or value is None:
        return []
    finding = result.get("finding")
    if value < 0:
        return [("result.value", "an amount is 0 or more")]
    if "comparator" in result or finding not in ("positive", "negative"):
        return []
    if finding == "positive" and value == 0:
        return [("result.finding", "positive, and result.value is 0")]
    if not isinstance(cutoff, Mapping) or cutoff.get("unit") != result.get("unit"):
        return []
    limit = number(cutoff.get("value"))
    if limit is None or (value >= limit) == (finding == "positive"):
        return []
    return [("result.finding", f"{finding}, and result.value is {'below' if value < limit else 'not below'} cutoff")]


def day_known(record: Record) -> list[Finding]:
    """US Core 6.1.0 us-core-1: where it is said when a test or screening was done, to the day at least."""
    return [
        (name, "to the day at least")
        for name in ("taken_at", "collected_at")
        if isinstance(record.get(name), str) and len(record[name]) < TO_THE_DAY
    ]


def screen_has_results(record: Record) -> list[Finding]:
    """A drug screen has results, or says why it has none, so that none can pass for all negative; never both."""
    if any(name in record for name in ("results", "readings")):
        return [("missing", "there are results")] if "missing" in record else []
    if "missing" not in record:
        return [("results", "results or readings, or missing with the reason: temp_unknown while they are awaited")]
    return []


def targets_measured(record: Record) -> list[Finding]:
    """R4 gol-1: a target value belongs to a measure."""
    return [
        (f"{at}.measure", "needed with amount, words or yes_no")
        for at, target in objects(record, "targets")
        if target.keys() & {"amount", "words", "yes_no"} and "measure" not in target
    ]


def whole_position(record: Record) -> list[Finding]:
    """R4 Location.position: latitude and longitude come together, each within its range."""
    found = []
    for name, other, most in (("latitude", "longitude", 90), ("longitude", "latitude", 180)):
        value = record.get(name)
        if isinstance(value, int | float) and not -most <= value <= most:
            found.append((name, f"{name} is from -{most} to {most}"))
        if name not in record and other in record:
            found.append((name, "latitude and longitude come together"))
    return found


def race_text(record: Record) -> list[Finding]:
    """US Core 6.1.0: a race or ethnicity extension always has its text."""
    return [
        (f"{name}_text", f"needed with {name}")
        for name in ("race", "ethnicity")
        if (name in record or f"{name}_detail" in record) and f"{name}_text" not in record
    ]


def discharge(record: Record) -> list[Finding]:
    """A finished episode was begun and has a discharge date, not before admission; one that goes on has none."""
    status = record.get("status")
    found = in_order(record, ("admitted_on", "discharged_on"))
    if status == "finished":
        needed = ("admitted_on", "discharged_on")
        found += [(name, "a finished episode has one") for name in needed if name not in record]
    told = ("discharged_on", "discharge_reason", "discharge_type")
    if status in UNENDED:
        found += [(name, f"status is {status}: it has not ended") for name in told if name in record]
    return found + _how_it_ended(record)


def _how_it_ended(record: Record) -> list[Finding]:
    """Reason, type and disposition that can all be true of one discharge."""
    reason, kind, went = (record.get(name) for name in ("discharge_reason", "discharge_type", "disposition"))
    found = []
    if (reason == "completed" and kind == "not_completed") or (reason in CUT_SHORT and kind == "completed"):
        found.append(("discharge_type", f"{kind}, but discharge_reason is {reason}"))
    if reason is not None and went is not None and "other" not in (reason, went):
        found += (
            [("disposition", f"{went}, but discharge_reason is {reason}")]
            if (reason == "died") != (went == "died")
            else []
        )
    return found


def diagnosis_status(record: Record) -> list[Finding]:
    """R4 con-4 and con-5; a kind of remission only in remission; an age that somebody can have."""
    clinical, found = record.get("clinical_status"), age(record, "onset_age")
    if record.get("verification_status") == "entered_in_error" and clinical is not None:
        found.append(("clinical_status", "none for a diagnosis entered in error"))
    if "ended_on" in record and clinical not in ("inactive", "resolved", "remission"):
        found.append(("clinical_status", "an ended diagnosis is inactive, resolved or in remission"))
    if "remission" in record and clinical != "remission":
        found.append(("remission", "only with clinical_status remission"))
    return found


CHECKS = (
    session_times,
    session_held,
    booking_times,
    cancel_reason,
    total_or_reason,
    result_or_reason,
    finding_and_amount,
    day_known,
    screen_has_results,
    targets_measured,
    whole_position,
    race_text,
    discharge,
    diagnosis_status,
)
