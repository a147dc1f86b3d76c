"""Which sessions of one participant may be one visit, by the rule of `mappings/identity.toml`: [visits].

https://hl7.org/fhir/R4/encounter.html#Encounter.period
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from adapter.fhir.dates import Calendar
from adapter.identity.rules import Visits

_NONE = frozenset({"entered-in-error", "cancelled", "planned"})
_MINUTE = 60_000


class Visit(NamedTuple):
    """A session: its id, [start, end) in ms (`end` None: it is not known), and the codes of its kind."""

    start: int
    id: str
    end: int | None
    kinds: frozenset[tuple[str, str]]


def visit_of(encounter: Mapping[str, Any], calendar: Calendar) -> Visit | None:
    """The visit that an Encounter tells of; None where it does not say when it began, or was none."""
    period = encounter.get("period", {})
    if "start" not in period or encounter.get("status") in _NONE:
        return None
    codings = [coding for kind in encounter.get("type", ()) for coding in kind.get("coding", ())]
    kinds = frozenset((coding.get("system", ""), coding.get("code", "")) for coding in codings)
    end = calendar.interval(period["end"])[0] if "end" in period else None
    return Visit(calendar.interval(period["start"])[0], encounter["id"], end, kinds)


def alike(rule: Visits, visits: Iterable[Visit]) -> Iterator[tuple[Visit, Visit, dict[str, Any]]]:
    """The pairs that may be one visit, the earlier first, and why."""
    open: list[Visit] = []
    for visit in sorted(visits):
        open = [one for one in open if _reaches(rule, one, visit)]
        for one in open:
            if why := compared(rule, one, visit):
                yield one, visit, why
        open.append(visit)


def compared(rule: Visits, one: Visit, other: Visit) -> dict[str, Any] | None:
    """Why two sessions may be one visit; None where the rule does not say so."""
    share = _overlap(one, other)
    if share > rule.overlap:
        return {"rule": "overlap", "share": round(share, 2)}
    apart = abs(one.start - other.start) / _MINUTE
    same_kind = not one.kinds or not other.kinds or not one.kinds.isdisjoint(other.kinds)
    return {"rule": "start", "minutes": round(apart)} if apart <= rule.minutes and same_kind else None


def _reaches(rule: Visits, one: Visit, later: Visit) -> bool:
    """Whether what begins as late as this, or later, may be the same visit."""
    return later.start - one.start <= rule.minutes * _MINUTE or (one.end is not None and later.start < one.end)


def _overlap(one: Visit, other: Visit) -> float:
    """The share of the shorter one in which the other goes on."""
    if one.end is None or other.end is None:
        return 0.0
    shorter = min(one.end - one.start, other.end - other.start)
    return max(0, min(one.end, other.end) - max(one.start, other.start)) / shorter if shorter > 0 else 0.0
