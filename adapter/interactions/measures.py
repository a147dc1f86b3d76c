"""`$utilization` and its measures, as they are published: what each figure counts, in words. The journey that computes
them is `adapter.utilization`.

https://hl7.org/fhir/R4/measure.html, https://hl7.org/fhir/R4/measurereport.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapter.fhir.canonical import BASE, VERSION, code_system
from adapter.fhir.canonical import operation as canonical_operation
from adapter.fhir.operations import Operation, Parameter

HOURS, ONE = "h", "1"
"""UCUM. Hours are given to two decimals."""
FIGURE = code_system("utilization-figure")
_SCORING = "http://terminology.hl7.org/CodeSystem/measure-scoring"
_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its code, its rule in words, what it is a number of (`unit`; "" where each record says its own), and
    by what it is divided (`by`).

    `needs` are the types and concepts of the records that it is made of: who may see none of them is given no figure,
    not a nought. A `ratio` is a part of a whole. `payers`: whether a payer gets it.
    """

    code: str
    title: str
    rule: str
    unit: str
    by: str
    needs: tuple[tuple[str, str], ...]
    ratio: bool = False
    payers: bool = False


SESSION, BOOKING = ("Encounter", "session"), ("Appointment", "booking")
SERVICE, AUTHORIZATION = ("Procedure", "service"), ("ClaimResponse", "authorization")
_ATTENDED = (
    "A session is attended when it is finished; one that is parked as incomplete is left out (not of a payer's figures:"
    " what is incomplete may be what it is not shown). What came with a referral is its sender's, and in no figure."
)
_LINE = "An approved line counts whose authorization is in force and whose days overlap the period of the report."
FIGURES = (
    Figure(
        "planned-hours",
        "Hours planned",
        "Length of the bookings that the participant was to come to (booked, arrived, checked in, attended, missed,"
        " cancelled late, excused), by the week in which they begin. What was cancelled in time or by the program, or"
        " moved to another time, is not planned any more.",
        HOURS,
        "week",
        (BOOKING,),
    ),
    Figure(
        "attended-hours",
        "Hours attended",
        f"{_ATTENDED} Its minutes are those recorded; else from its start to its end without the breaks. Of sessions"
        " of one participant that overlap in time, no minute counts twice. By the week in which they begin.",
        HOURS,
        "week",
        (SESSION,),
        payers=True,
    ),
    Figure("attended-sessions", "Sessions attended", f"{_ATTENDED} By week.", ONE, "week", (SESSION,), payers=True),
    Figure(
        "attended-days",
        "Days attended",
        "Days, in the program's time zone, on which an attended session begins; of several people the days of each.",
        ONE,
        "week",
        (SESSION,),
        payers=True,
    ),
    Figure(
        "sessions-by-kind",
        "Sessions attended by kind",
        "Attended sessions by their kind; `unknown` where the kind has no word here.",
        ONE,
        "kind",
        (SESSION,),
    ),
    Figure(
        "attendance-rate",
        "Attendance rate",
        "Of the planned bookings (see planned-hours) that began before the report was made and of which it is recorded"
        " what became of them: how many were attended. A booking counts as attended when it says so, or when a finished"
        " session names it.",
        ONE,
        "week",
        (BOOKING, SESSION),
        ratio=True,
    ),
    Figure(
        "level-hours",
        "Hours of the level of care",
        "Hours a week from which the level of care in force in this program begins (mappings/levels.toml), in each week"
        " of the period in which it was, by level; none for a level without such a number.",
        HOURS,
        "week",
        (("EpisodeOfCare", "episode"),),
    ),
    Figure(
        "weeks-at-level",
        "Weeks that reached the level of care",
        "Of the weeks that are over, wholly within the period and the episode, and at a level with hours (see"
        " level-hours): in how many the attended hours reached them.",
        ONE,
        "week",
        (("EpisodeOfCare", "episode"), SESSION),
        ratio=True,
    ),
    Figure(
        "units",
        "Units delivered",
        "Units of completed services, by billed code and week: those recorded, else those counted from attendance."
        " Codes are never added up: what a unit is differs with each.",
        "{units}",
        "week",
        (SERVICE,),
        payers=True,
    ),
    Figure(
        "authorized",
        "Units authorized",
        f"{_LINE} What is approved, by billed code and what is counted (units, visits, days, hours).",
        "",
        "authorization",
        (AUTHORIZATION,),
        payers=True,
    ),
    Figure(
        "used",
        "Authorized units used",
        f"{_LINE} Completed services of its code within its own days, whether or not within the period, in what it"
        " counts: units (one where none are said), visits (one where no session is seen), days, minutes or hours. A"
        " service counts for the authorization that it names, else for the earliest with something left, else for the"
        " last. Nothing is told where that of one of them cannot be told, or in another unit.",
        "",
        "authorization",
        (AUTHORIZATION, SERVICE),
        payers=True,
    ),
    Figure(
        "left",
        "Authorized units left",
        f"{_LINE} Authorized less used; below nought where more was delivered than approved.",
        "",
        "authorization",
        (AUTHORIZATION, SERVICE),
        payers=True,
    ),
    Figure(
        "no-shows",
        "No-shows followed up",
        "Of the bookings that the participant missed without a word: after how many somebody tried to reach the person"
        " (a contact of the purpose outreach_after_no_show that names the booking, or names none and was made within"
        " seven days after its start).",
        ONE,
        "week",
        (BOOKING, ("Communication", "contact")),
        ratio=True,
    ),
    Figure(
        "screens",
        "Drug test results",
        "Results of drug tests, one for each substance and test, collected in the period, by finding; `none` where"
        " there is no result. Those entered in error or cancelled are left out.",
        ONE,
        "result",
        (("Observation", "drug_result"),),
    ),
    Figure(
        "goals",
        "Movement of goals",
        "Goals reviewed in the period, by the achievement that the last review in it says.",
        ONE,
        "achievement",
        (("Goal", "goal"),),
    ),
    Figure(
        "left-out",
        "Records left out",
        "Sessions, bookings, services, authorizations, contacts, drug test results and goals in the period that are"
        " parked as incomplete, or attended sessions of which nobody can tell how long they were (nothing lasts less"
        " than nothing, or more than a day): they are in no figure.",
        ONE,
        "type",
        (SESSION,),
    ),
)
ALL, PAYERS = f"{BASE}/Measure/utilization", f"{BASE}/Measure/utilization-payment"
"""The measure of all figures, and that of those which a payer gets."""
_WITHHELD = (
    " In a summary for a payer, a figure of fewer people than the smallest that may be told (IOP_SMALLEST_COUNT) is"
    " withheld: it has a data-absent-reason in the place of its number, and is in no total, so that no total and no"
    " difference of two reports gives it away. What is authorized, used and left is of no week and would do so: it is"
    " in a payer's reports of single episodes alone."
)
_WINDOW = (
    Parameter("start", "date", "The first day of the report; of an episode it may be left out: the day of admission."),
    Parameter("end", "date", "The last day; of an episode it may be left out: the day of discharge, else today."),
    Parameter("document", "boolean", "A document of one page, with a table and charts, in the place of the report."),
)
_COMMENT = (
    "At most 53 weeks; a week is from Monday, in the program's time zone. Only records that the asker may see are"
    " counted, all at one time. `_format` may also be text/csv or application/vnd.apache.parquet: a row for each figure"
    " and part."
)
EPISODE_UTILIZATION = Operation(
    "utilization",
    canonical_operation("episode-utilization"),
    "Utilization of an episode of care",
    _WINDOW,
    (Parameter("return", "Resource", "A MeasureReport (individual), or a document.", required=True),),
    comment=_COMMENT,
)
GROUP_UTILIZATION = Operation(
    "utilization",
    canonical_operation("group-utilization"),
    "Utilization of the members of a roster",
    (
        Parameter("start", "date", "The first day of the report; without it, that of the four weeks before `end`."),
        Parameter("end", "date", "The last day; without it, the last Sunday."),
        _WINDOW[2],
    ),
    (Parameter("return", "Resource", "A MeasureReport (summary), or a document.", required=True),),
    comment=_COMMENT + _WITHHELD + " A payer's summary is of whole weeks.",
)


def measures() -> Iterator[dict[str, Any]]:
    """The Measure of each figure, and those that are made of them."""
    for one in FIGURES:
        scoring = "proportion" if one.ratio else "continuous-variable"
        yield _measure(f"utilization-{one.code}", one.title, one.rule) | {
            "scoring": {"coding": [{"system": _SCORING, "code": scoring}]},
            "group": [_group(one)],
        }
    for url, title, parts in (
        (ALL, "Utilization", FIGURES),
        (PAYERS, "Utilization for payers", tuple(one for one in FIGURES if one.payers)),
    ):
        yield _measure(url.rpartition("/")[2], title, f"All of these figures.{_WITHHELD if url == PAYERS else ''}") | {
            "relatedArtifact": [
                {"type": "composed-of", "resource": f"{BASE}/Measure/utilization-{one.code}"} for one in parts
            ],
            "group": [_group(one) for one in parts],
        }


def coded(one: Figure) -> dict[str, Any]:
    """The figure as a CodeableConcept."""
    return {"coding": [{"system": FIGURE, "code": one.code, "display": one.title}]}


def populations(one: Figure) -> tuple[str, ...]:
    """The populations of a figure, in codes of measure-population."""
    return ("denominator", "numerator") if one.ratio else ("measure-population",)


def population(code: str) -> dict[str, Any]:
    """The code of a population."""
    return {"coding": [{"system": _POPULATION, "code": code}]}


def _measure(id: str, title: str, rule: str) -> dict[str, Any]:
    return {
        "resourceType": "Measure",
        "id": id,
        "url": f"{BASE}/Measure/{id}",
        "version": VERSION,
        "name": "".join(word.capitalize() for word in id.split("-")),
        "title": title,
        "status": "active",
        "experimental": False,
        "description": rule,
    }


def _group(one: Figure) -> dict[str, Any]:
    said = {"language": "text/plain", "expression": one.rule}
    return {
        "code": coded(one),
        "description": one.rule,
        "population": [{"code": population(code), "criteria": said} for code in populations(one)],
        "stratifier": [{"code": {"text": one.by}, "criteria": {"language": "text/plain", "expression": one.by}}],
    }
