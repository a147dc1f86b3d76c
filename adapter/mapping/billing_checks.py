"""Rules of what is delivered, asked for, approved and paid: services, medications, allergies, coverage, authorizations.

As in `checks`, each takes a native record, answers [(field, reason)] and never raises; a reason names the other field
that the first one contradicts.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapter.mapping.facts import Finding, Record, age, in_order, listed, number, objects, other_patient
from adapter.mapping.times import backwards, minutes_of, out_of_order, outside

# Tuples, not sets: what is typed may be anything, also something without a hash.
DELIVERED = ("completed", "in_progress")
NEGATIVE = ("denied", "withdrawn")
ORDERS = ("order", "original_order", "reflex_order", "filler_order", "instance_order")
APPROVED = ("approved", "approved_in_part")
ANSWERED = (*APPROVED, "denied")


def service_day(record: Record) -> list[Finding]:
    """US Core us-core-7: what is delivered has a day or a period; a period ends after it starts."""
    if backwards(record.get("period")):
        return [("period", "ends before it starts")]
    if record.get("status") in DELIVERED and "day" not in record and "period" not in record:
        return [("day", "a service that is delivered has a day or a period")]
    return []


def service_units(record: Record) -> list[Finding]:
    """Units are more than none, none for what was not done, those that were counted, and fit into the period.

    Only where the contract says how many minutes a unit has are units and period compared: less than one unit over
    is rounding, which payers do by their own rules.
    """
    units, counted = number(record.get("units")), number(record.get("units_counted"))
    if units is None:
        return []
    if units <= 0:
        return [("units", "more than none: leave them out where there are none")]
    if record.get("status") == "not_done":
        return [("units", "none for a service with status not_done")]
    if counted is not None and units != counted:
        return [("units", f"{units} typed, units_counted {counted} from attendance")]
    return _units_in_period(record)


def _units_in_period(record: Record) -> list[Finding]:
    units, each, minutes = (
        number(record.get("units")),
        record.get("minutes_per_unit"),
        minutes_of(record.get("period")),
    )
    if units is None or type(each) is not int or minutes is None or float(units) * each - minutes < each:
        return []
    return [("units", f"{units} units of {each} minutes_per_unit do not fit into the {minutes:g} minutes of period")]


def sessions_once(record: Record) -> list[Finding]:
    """A service covers a session once."""
    more = listed(record, "more_sessions")
    if "session" in record and record["session"] in more:
        return [("more_sessions", "lists the one that session names")]
    return [("more_sessions", "lists a session twice")] if len(set(map(repr, more))) < len(more) else []


def reported_by_whom(record: Record) -> list[Finding]:
    """No record names another participant; what the participant takes of their own accord is a plan (US Core 6.1.0)."""
    myself = f"Patient/{record.get('participant')}"
    found = [
        (name, "names a Patient who is not the participant")
        for name in ("reported", "prescriber")
        if other_patient(record.get(name), record.get("participant"))
    ]
    if record.get("prescriber") == myself and "intent" in record and record["intent"] != "plan":
        found.append(("intent", "plan where the prescriber is the participant"))
    return found


def ordered_by_whom(record: Record) -> list[Finding]:
    """US Core 6.1.0 us-core-21: an order says who ordered it."""
    if record.get("intent") in ORDERS and "prescriber" not in record:
        return [("prescriber", f"needed with intent {record['intent']}; what is only reported is a plan")]
    return []


def supply_dates(record: Record) -> list[Finding]:
    """A prescription is filled within dates that are in order, and not before it is written."""
    within = record.get("fill_within")
    if backwards(within):
        return [("fill_within", "ends before it starts")]
    last = within.get("end") if isinstance(within, Mapping) else None
    return [("fill_within", "ends before prescribed_on")] if out_of_order(record.get("prescribed_on"), last) else []


def dose_given(record: Record) -> list[Finding]:
    """R4: a dose has its time, and what is said of it an amount (mad-1); what was not given nobody saw taken."""
    found = []
    if "given_at" not in record and "given_within" not in record:
        found.append(("given_at", "given_at or given_within is needed"))
    if backwards(record.get("given_within")):
        found.append(("given_within", "ends before it starts"))
    if "dose" not in record and record.keys() & {"dose_in_words", "route", "body_site"}:
        found.append(("dose", "needed with dose_in_words, route or body_site"))
    if record.get("status") == "not_done" and record.get("observed") is True:
        found.append(("observed", "nobody saw a dose taken whose status is not_done"))
    return found


def allergy_state(record: Record) -> list[Finding]:
    """R4 ait-1 and ait-2: a clinical status, save for what was entered in error; reactions and ages that can be."""
    mistaken, found = record.get("certainty") == "entered_in_error", age(record, "onset_age")
    if mistaken and "clinical_status" in record:
        found.append(("clinical_status", "none where certainty is entered_in_error"))
    if not mistaken and "clinical_status" not in record:
        found.append(("clinical_status", "needed, save where certainty is entered_in_error"))
    return found + in_order(record, ("onset_on", "last_on"))


def member_known(record: Record) -> list[Finding]:
    """US Core us-core-15: the member's number or the subscriber's."""
    numbers = (item.get("type") for _, item in objects(record, "identifiers"))
    if "subscriber_id" in record or "member_number" in numbers:
        return []
    return [("identifiers", "one of type member_number, or subscriber_id, is needed")]


def coverage_dates(record: Record) -> list[Finding]:
    """A coverage ends after it starts; the payer that pays first is number 1."""
    found = in_order(record, ("starts_on", "ends_on"))
    return [*found, ("order", "counts from 1")] if record.get("order") == 0 else found


def subscriber_is_who(record: Record) -> list[Finding]:
    """The subscriber is the participant exactly where the relationship is self; a relative is a family member."""
    who, myself, found = record.get("subscriber"), f"Patient/{record.get('participant')}", []
    for name in ("subscriber", "policy_holder", "payer"):
        if other_patient(record.get(name), record.get("participant")):
            found.append((name, "names a Patient who is not the participant: a relative is a RelatedPerson"))
    if (
        who is not None
        and "relationship" in record
        and not found
        and (record["relationship"] == "self") != (who == myself)
    ):
        found.append(("relationship", "self where the subscriber is the participant, and only there"))
    return found


def request_whole(record: Record) -> list[Finding]:
    """A request asks one payer for at least one service, and what a service points to is there."""
    found = []
    asked = [item for _, item in objects(record, "coverages") if item.get("asked") is True]
    if len(asked) != 1:
        found.append(("coverages", "one of them, and only one, is asked"))
    if record.get("status") == "active" and not any(objects(record, "services")):
        found.append(("services", "an active request asks for at least one"))
    for name in ("diagnoses", "facts", "clinicians"):
        known = [item.get("number") for _, item in objects(record, name)]
        for at, service in objects(record, "services"):
            if any(each not in known for each in listed(service, name)):
                found.append((f"{at}.{name}", f"a number that no member of {name} has"))
    return found + _numbers(record, ("coverages", "diagnoses", "facts", "clinicians", "services"))


def _numbers(record: Record, names: tuple[str, ...]) -> list[Finding]:
    """R4 positiveInt: numbers of members count from 1."""
    return [
        (f"{at}.number", "counts from 1")
        for name in names
        for at, item in objects(record, name)
        if item.get("number") == 0
    ]


def request_dates(record: Record) -> list[Finding]:
    """A request, and each service in it, ends after it starts; a service is within the request."""
    return _dates(record, "starts_on", "ends_on") + [
        (f"{at}.period", "ends before it starts")
        for at, fact in objects(record, "facts")
        if backwards(fact.get("period"))
    ]


def _dates(record: Record, first: str, last: str) -> list[Finding]:
    start, end = record.get(first), record.get(last)
    found = in_order(record, (first, last))
    for at, service in objects(record, "services"):
        period = service.get("period")
        if backwards(period):
            found.append((f"{at}.period", "ends before it starts"))
        elif outside(period, start, end):
            found.append((f"{at}.period", f"not within {first} and {last}"))
    return found


def authorization_dates(record: Record) -> list[Finding]:
    """An authorization, and each service in it, ends after it starts; a service is within the authorization."""
    return _dates(record, "starts_on", "ends_on") + _numbers(record, ("coverages", "services"))


def authorization_decided(record: Record) -> list[Finding]:
    """The decision fits what comes with it.

    Nothing is decided while the request waits (queued) nor approved of one with errors, and what is answered says what
    was decided, in whatever form; an approval has a number to bill by; a denial approves no amount; and no amount is
    less than none.
    """
    decision, found = record.get("decision"), _undecided(record)
    if decision in ANSWERED and record.get("outcome") == "queued":
        found.append(("decision", "none while outcome is queued: pended"))
    if decision == "pended" and record.get("outcome") == "complete":
        found.append(("decision", "pended, but outcome is complete"))
    if decision in APPROVED and record.get("outcome") == "error":
        found.append(("decision", f"{decision}, but outcome is error: the request was not worked on"))
    if decision in APPROVED and record.get("status") == "active" and "number" not in record:
        found.append(("number", f"needed where decision is {decision}"))
    for at, service in objects(record, "services"):
        amount = service.get("amount")
        value = number(amount.get("value")) if isinstance(amount, Mapping) else None
        if value is not None and (value < 0 or (value > 0 and decision in NEGATIVE)):
            why = "less than none" if value < 0 else f"an amount, but decision is {decision}"
            found.append((f"{at}.amount", why))
    return found


def _undecided(record: Record) -> list[Finding]:
    """A complete answer with neither a decision nor its words, where the review of a service, or of all, is missing."""
    told = any(name in record for name in ("decision", "words"))
    if told or record.get("status") != "active" or record.get("outcome") != "complete":
        return []
    services = list(objects(record, "services"))
    if not services:
        return [("decision", "outcome is complete, and nothing says what was decided")]
    why = "outcome is complete, and neither decision nor this says what was decided"
    return [(f"{at}.review", why) for at, service in services if "review" not in service]


CHECKS = (
    service_day,
    service_units,
    sessions_once,
    reported_by_whom,
    ordered_by_whom,
    supply_dates,
    dose_given,
    allergy_state,
    member_known,
    coverage_dates,
    subscriber_is_who,
    request_whole,
    request_dates,
    authorization_dates,
    authorization_decided,
)
