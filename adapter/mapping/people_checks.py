"""Rules over records of intake, family, care team, contacts, safety and groups (`checks = [...]` of a concept file).

As in `checks`: a native record in, [(field, reason)] out, never an exception. Two facts that contradict each other are
told with both places: the field of the finding, and the other one in its reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from adapter.mapping.checks import DONE
from adapter.mapping.facts import (
    OLDEST,
    Finding,
    Record,
    in_order,
    listed,
    members_in_order,
    objects,
    other_patient,
    period_in_order,
)

# The bands of meetings in 30 days: (fewest, most); `some` is a number that nobody knows.
BANDS: Mapping[str, tuple[int, int]] = {
    "none": (0, 0),
    "one_to_three": (1, 3),
    "four_to_seven": (4, 7),
    "eight_to_thirty": (8, 30),
    "some": (1, 10**9),
}
# Several substances go by one of these words, so that two of them need not be the same one.
COLLECTIVE = ("other",)
DAYS = 30
# Outcomes of a contact that was at least tried.
TRIED = (
    "reached",
    "left_message",
    "no_answer",
    "call_back_asked",
    "declined",
    "wrong_number",
    "not_in_service",
    "returned",
)
UNMADE = ("planned", "not_done")
_RULE = re.compile(r"[A-Z]{0,4}-?[0-9]{1,12}")


def name_or_relationship(record: Record) -> list[Finding]:
    """US Core us-core-14: a family member has a name or a relationship."""
    said = any(name in record for name in ("names", "relationships", "contact_roles"))
    return [] if said else [("names", "a name, or what the person is to the participant")]


def family_member_period(record: Record) -> list[Finding]:
    """A relationship ends after it begins."""
    return in_order(record, ("from", "until"))


def care_team_members(record: Record) -> list[Finding]:
    """US Core 6.1.0: members, each with a role. R4 ctm-1: only a practitioner acts for an organization.

    The one Patient among them is the participant.
    """
    if "members" not in record:
        return [("members", "a care team has members")]
    found = []
    for at, member in objects(record, "members"):
        who = member.get("member")
        if "role" not in member:
            found.append((f"{at}.role", "a member has a role"))
        if "on_behalf_of" in member and type(who) is str and not who.startswith("Practitioner/"):
            found.append((f"{at}.on_behalf_of", f"only with a Practitioner, and {at}.member is none"))
        if type(who) is str and "role" in member and (member["role"] == "participant") != who.startswith("Patient/"):
            found.append((f"{at}.role", f"participant is the role of the Patient and of nobody else: see {at}.member"))
        if other_patient(who, record.get("participant")):
            found.append((f"{at}.member", "a participant other than the team's: see participant"))
    return found


def care_team_periods(record: Record) -> list[Finding]:
    """A team, and each member's time in it, ends after it begins."""
    return in_order(record, ("from", "until")) + members_in_order(record, "members", ("from", "until"))


def substances_ranked(record: Record) -> list[Finding]:
    """One substance has one rank, and no rank comes without the one before it; two of one rank have one key."""
    found: list[Finding] = []
    places: dict[str, str] = {}
    ranks: dict[str, str] = {}
    for at, item in objects(record, "substances"):
        substance, rank = item.get("substance"), item.get("rank")
        if type(substance) is str and substance not in COLLECTIVE:
            first = places.setdefault(substance, at)
            if first != at:
                found.append((f"{at}.substance", f"the same as {first}.substance"))
        if type(rank) is str:
            ranks.setdefault(rank, at)
    for rank, before in (("secondary", "primary"), ("tertiary", "secondary")):
        if rank in ranks and before not in ranks:
            found.append(("substances", f"{ranks[rank]}.rank is {rank}, and there is no {before} one"))
    return found


def substance_use(record: Record) -> list[Finding]:
    """How often agrees with on how many days; at most 30 of 30 days; an age that somebody can have."""
    found = []
    for at, item in objects(record, "substances"):
        often, days, age = (item.get(name) for name in ("frequency", "days_used", "first_use_age"))
        if type(age) is int and age > OLDEST:
            found.append((f"{at}.first_use_age", f"an age is from 0 to {OLDEST} years"))
        if type(days) is int and days > DAYS:
            found.append((f"{at}.days_used", f"at most {DAYS} of the last {DAYS} days"))
        elif type(days) is int and often is not None and (days == 0) != (often == "none"):
            found.append((f"{at}.days_used", f"{days} days, and {at}.frequency says {often}"))
    return found


def admission_dates(record: Record) -> list[Finding]:
    """An appointment is offered after the first contact, and both come before the assessment."""
    order = ("first_contact_on", "first_offered_on", "assessed_at")
    pairs = ((order[0], order[1]), (order[1], order[2]), (order[0], order[2]))
    return in_order(record, *pairs)


def meetings_or_reason(record: Record) -> list[Finding]:
    """A final answer says how many meetings, or which band, or why neither; R4 obs-6: a reason only without a value."""
    told = [name for name in ("meetings", "frequency") if name in record]
    if "missing" in record and told:
        return [("missing", f"there is {told[0]}")]
    if record.get("status") in DONE and not told and "missing" not in record:
        return [("meetings", "meetings, frequency, or missing with the reason")]
    return []


def meetings_in_band(record: Record) -> list[Finding]:
    """The number of meetings is within the band."""
    count, band = record.get("meetings"), record.get("frequency")
    if type(count) is not int or type(band) is not str or band not in BANDS:
        return []
    fewest, most = BANDS[band]
    # More than 30 meetings in 30 days is heard of; the highest band is still theirs.
    fits = fewest <= count and (count <= most or band == "eight_to_thirty")
    return [] if fits else [("frequency", f"{band}, and meetings is {count}")]


def contact_outcome(record: Record) -> list[Finding]:
    """What was not done has no outcome, and what was done no reason for not being done."""
    status, outcome, found = record.get("status"), record.get("outcome"), []
    if status in UNMADE and outcome in TRIED:
        found.append(("outcome", f"{outcome}, and status is {status}"))
    if "not_done_reason" in record and status in ("completed", "in_progress", "planned"):
        found.append(("not_done_reason", f"given, and status is {status}"))
    return found


def contact_times(record: Record) -> list[Finding]:
    """What is received was sent before."""
    return in_order(record, ("at", "received_at"))


def contact_parties(record: Record) -> list[Finding]:
    """A contact is made by or to its own participant, or to somebody who is none."""
    made_to = [(f"made_to[{index}]", who) for index, who in enumerate(listed(record, "made_to"))]
    parties = [("made_by", record.get("made_by")), *made_to]
    reason = "a participant other than the record's: see participant"
    return [(place, reason) for place, who in parties if other_patient(who, record.get("participant"))]


def flag_period(record: Record) -> list[Finding]:
    """A flag ends after it begins."""
    return in_order(record, ("from", "until"))


def keeps_apart_without_a_name(record: Record) -> list[Finding]:
    """A no-contact flag has the number of its rule and no words, which could name the other; no other has a rule."""
    rule, found = record.get("rule"), []
    if record.get("kind") == "no_contact":
        if "rule" not in record:
            found.append(("rule", "a no_contact flag needs the number of its rule in the program's own list"))
        if "instructions" in record:
            found.append(("instructions", "not where kind is no_contact: words could name the other person"))
    elif "rule" in record and "kind" in record:
        found.append(("rule", "only where kind is no_contact"))
    if type(rule) is str and not _RULE.fullmatch(rule):
        found.append(("rule", "a number, with at most four capitals before it (R-0042): words could name somebody"))
    return found


def group_seats(record: Record) -> list[Finding]:
    """A group has a seat at least, and ends after it begins."""
    return ([("capacity", "1 or more")] if record.get("capacity") == 0 else []) + period_in_order(record, "period")


CHECKS = (
    name_or_relationship,
    family_member_period,
    care_team_members,
    care_team_periods,
    substances_ranked,
    substance_use,
    admission_dates,
    meetings_or_reason,
    meetings_in_band,
    contact_outcome,
    contact_times,
    contact_parties,
    flag_period,
    keeps_apart_without_a_name,
    group_seats,
)
