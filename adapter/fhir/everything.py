"""What `$everything` asks for, as data: https://hl7.org/fhir/R4/operation-patient-everything.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapter.fhir.dates import BEGINNING, FOREVER
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.parameters import PAGE
from adapter.fhir.query import Cursor, Include
from adapter.problems import Issue, Kind, Problem

_PURPOSE = "everything"

# What is not about a person and is needed to understand what is: it goes along with what points to it.
_UNDERSTOOD_BY = (
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Location",
    "HealthcareService",
    "Medication",
    "Device",
    "Questionnaire",
)


@dataclass(frozen=True, slots=True)
class Everything:
    """One record, called `type` and `id`, and what points to it, under the parameters of these `numbers`.

    `start` and `end` (ms) bound the dates of care, `since` (ms) when it was written here, `types` what kind it is.
    """

    type: str
    id: str
    numbers: tuple[int, ...]
    includes: tuple[Include, ...]
    naturals: tuple[int, ...]
    count: int
    start: int = BEGINNING
    end: int = FOREVER
    since: int = 0
    applied: tuple[tuple[str, str], ...] = ()
    cursor: Cursor | None = None

    def after(self, cursor: Cursor) -> Everything:
        """The page that follows."""
        return replace(self, cursor=cursor)

    @property
    def dated(self) -> bool:
        """Whether dates matter."""
        return (self.start, self.end) != (BEGINNING, FOREVER)


Given = Mapping[str, Sequence[Any]]


def parse_everything(
    type: str, id: str, given: Given, types: Sequence[str], index: Index, limits: Limits
) -> Everything:
    """What the parameters ask for, `types` being all that there are; Problem(INVALID) for those that cannot be read."""
    issues: list[Issue] = []
    start, end, since = (_time(name, given, index, issues) for name in ("start", "end", "_since"))
    kept = _kept(given, types, issues)
    count = min(int(given.get("_count", [limits.default_count])[0]), limits.max_count)
    if count < 1:
        issues.append(Issue("value", "_count is 1 or more", "_count"))
    if issues:
        raise Problem(Kind.INVALID, issues[0].message, issues[0].expression, issues=issues)
    return Everything(
        type,
        id,
        tuple({field.number: 1 for one in kept for field in _pointing(one, type, index)}),
        _includes([type, *kept], type, index),
        tuple(field.number for one in kept if (field := index.natural(one))),
        count,
        start[0] if start else BEGINNING,
        end[1] if end else FOREVER,
        since[0] if since else 0,
        tuple((name, str(said)) for name, values in {**given, "_count": [count]}.items() for said in values),
    )


def _kept(given: Given, types: Sequence[str], issues: list[Issue]) -> Sequence[str]:
    """The types wanted."""
    wanted = [part for value in given.get("_type", ()) for part in value.split(",")]
    unknown = [one for one in wanted if one not in types]
    issues += [Issue("value", "_type names what is no type that is served", "_type") for _ in unknown[:1]]
    return wanted or types


def _time(name: str, given: Given, index: Index, issues: list[Issue]) -> tuple[int, int] | None:
    said = next(iter(given.get(name, ())), None)
    try:
        return index.calendar.asked(said) if said is not None else None
    except ValueError:
        issues.append(Issue("value", f"{name} is not a time such as 2026-03-01 or 2026-03-01T17:00:00Z", name))
        return None


def _pointing(type: str, target: str, index: Index) -> list[Any]:
    """The parameters by which a record of the type belongs to the target."""
    if target == "Patient":
        return list(index.compartment(type))
    fields = index.parameters(type).values()
    return [field for field in fields if field.kind == "reference" and target in field.targets]


def _includes(types: Sequence[str], target: str, index: Index) -> tuple[Include, ...]:
    """Every reference of the types to what they are understood by; a record of care also by whose it is."""
    to = _UNDERSTOOD_BY if target == "Patient" else (*_UNDERSTOOD_BY, "Patient")
    made = {
        (field.number, one): Include(type, field, one, reverse=False, iterate=False)
        for type in types
        for field in index.parameters(type).values()
        if field.kind == "reference"
        for one in to
        if one in field.targets
    }
    return tuple(made.values())


def everything_token(asked: Everything, cursor: Cursor, secret: bytes) -> str:
    """What goes after `?_page=` to show the page that follows."""
    return seal([asked.type, asked.id, asked.applied, cursor.t, cursor.vid], secret, _PURPOSE)


def continued(type: str, id: str, link: str, types: Sequence[str], index: Index, limits: Limits) -> Everything:
    """What a page link continues; Problem(INVALID) for a link of another record."""
    *of, applied, t, vid = unseal(link, limits.secret, _PURPOSE)
    if of != [type, id]:
        raise Problem(Kind.INVALID, "this page link belongs to another record", PAGE)
    given: dict[str, list[str]] = {}
    for name, value in applied:
        given.setdefault(name, []).append(value)
    return replace(parse_everything(type, id, given, types, index, limits), cursor=Cursor(t, 0, vid))
