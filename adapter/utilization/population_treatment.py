"""Initiation and engagement of treatment of a substance use disorder, after the measure CMS137. Pure.

Of people of thirteen or older in whom a disorder is met with anew in the first ten and a half months of a year: how
many begin treatment within fourteen days, the first of them included, and how many of these go on: two events more in
the 34 days after. https://ecqi.healthit.gov/ecqm/ec/2025/cms0137v13
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from adapter.mapping.declarations import Declaration, Refusals

FILE = "treatment.toml"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
_KEYS = ("grade", "source", "disorders", "treatments", "medications", "hospice")
OLD_ENOUGH = 13
BEFORE, BEGUN, GOES_ON = timedelta(days=60), timedelta(days=13), timedelta(days=34)
_LAST = (11, 14)
"""Month and day of the last new disorder, so that its treatment falls into the year."""
Resource = Mapping[str, Any]


class Codes(NamedTuple):
    """The codes of each kind."""

    disorders: frozenset[str]
    treatments: frozenset[str]
    medications: frozenset[str]
    hospice: frozenset[str]


class Outcome(NamedTuple):
    """What one person is counted as; who is excluded is counted in neither of the last two."""

    new: bool
    excluded: bool = False
    initiated: bool = False
    engaged: bool = False


@dataclass(slots=True)
class Story:
    """What is known of one person: visits and disorders by their days, treatments, medications, hospice."""

    born: date | None = None
    visits: list[tuple[date, frozenset[str]]] = field(default_factory=list)
    """With the ids of the diagnoses that a visit names."""
    disorders: dict[str, tuple[date, date]] = field(default_factory=dict)
    treated: list[date] = field(default_factory=list)
    hospice: list[tuple[date, date]] = field(default_factory=list)


@lru_cache(8)
def codes_in(mappings: Path) -> Codes:
    """The codes of a folder of mappings; a Problem with every refusal by file and line."""
    refusals = Refusals()
    file = Declaration(mappings / FILE, f"{mappings.name}/{FILE}", refusals)
    refusals.raise_any()
    file.only(file.content, _KEYS, "key")
    for name in _KEYS[2:]:
        said = file.content.get(name)
        if not isinstance(said, list) or not all(isinstance(code, str) and code for code in said):
            file.refuse(f"{name!r} must be a list of codes", name)
    refusals.raise_any()
    return Codes(*(frozenset(file.content[name]) for name in _KEYS[2:]))


def told(stories: Iterable[Story], first: date, last: date) -> dict[str, int]:
    """How many of the people are new, excluded, and of the rest have initiated treatment and gone on with it."""
    each = [outcome(story, first, last) for story in stories]
    of = [one for one in each if one.new and not one.excluded]
    return {
        "new": sum(one.new for one in each),
        "excluded": sum(one.new and one.excluded for one in each),
        "of": len(of),
        "initiated": sum(one.initiated for one in of),
        "engaged": sum(one.engaged for one in of),
    }


def outcome(story: Story, first: date, last: date) -> Outcome:
    """What a person is counted as in a period; a whole year is the measure's."""
    met = sorted(day for day, named in story.visits if named & story.disorders.keys() or _ill(story, day))
    found = next((day for day in met if first <= day <= min(last, date(last.year, *_LAST))), None)
    if found is None or story.born is None or _age(story.born, first) < OLD_ENOUGH:
        return Outcome(False)
    if any(timedelta(0) < found - day <= BEFORE for day in (*met, *story.treated)):
        return Outcome(False)
    excluded = any(begin <= last and end >= first for begin, end in story.hospice)
    after = sorted([*(day for day in met if day >= found), *story.treated])
    after.remove(found)
    begun = next((day for day in after if timedelta(0) <= day - found <= BEGUN), None)
    if begun is None:
        return Outcome(True, excluded)
    after.remove(begun)
    further = sum(timedelta(0) < day - begun <= GOES_ON for day in after)
    return Outcome(True, excluded, True, further > 1)


def _ill(story: Story, day: date) -> bool:
    return any(begin <= day <= end for begin, end in story.disorders.values())


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def read(story: Story, codes: Codes, resource: Resource) -> None:
    """Add what a resource says, whatever its type."""
    kind, said = resource["resourceType"], _codes(resource)
    begin, end = _span(resource)
    if kind == "Patient":
        born = resource.get("birthDate", "")
        story.born = date.fromisoformat(born) if len(born) == 10 else None
    elif resource.get("status") in ("entered-in-error", "cancelled", "planned", "not-done", "draft", "stopped"):
        return
    if kind == "Patient" or begin is None:
        return
    if said & codes.hospice:
        story.hospice.append((begin, end or (date.max if kind == "Condition" else begin)))
    elif kind == "Condition" and any(_is_disorder(code, codes) for code in said):
        story.disorders[resource.get("id", "")] = begin, end or date.max
    elif kind == "Encounter":
        story.visits.append((begin, _named(resource)))
    elif said & (codes.treatments | codes.medications):
        story.treated.append(begin)


def _named(resource: Resource) -> frozenset[str]:
    said = (one.get("condition", {}).get("reference", "") for one in resource.get("diagnosis", ()))
    return frozenset(reference.rpartition("/")[2] for reference in said)


def _is_disorder(code: str, codes: Codes) -> bool:
    """F1x.x1 is in remission."""
    return code[:3] in codes.disorders and not (len(code) > 5 and code[5] == "1")


def _codes(resource: Resource) -> frozenset[str]:
    held: Sequence[Any] = [resource.get("code"), resource.get("medicationCodeableConcept"), *resource.get("type", ())]
    codings = (coding for one in held if isinstance(one, Mapping) for coding in one.get("coding", ()))
    return frozenset(str(coding["code"]) for coding in codings if "code" in coding)


def _span(resource: Resource) -> tuple[date | None, date | None]:
    """The days of a resource, by the dates as they are written."""
    period: Resource = next((resource[name] for name in _PERIODS if name in resource), {})
    moment = next((resource[name] for name in _MOMENTS if name in resource), "")
    end = period.get("end", resource.get("abatementDateTime", ""))
    return _day(period.get("start", moment)), _day(end)


_PERIODS = ("period", "performedPeriod", "onsetPeriod", "effectivePeriod", "occurrencePeriod")
_MOMENTS = (
    "performedDateTime",
    "onsetDateTime",
    "effectiveDateTime",
    "occurrenceDateTime",
    "authoredOn",
    "recordedDate",
)


def _day(said: str) -> date | None:
    return date.fromisoformat(said[:10]) if len(said) >= 10 else None
