"""A history as data: of which records, since when, and from where on. https://hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapter.fhir.dates import Calendar, Interval
from adapter.fhir.limits import Limits
from adapter.fhir.page_links import seal, unseal
from adapter.fhir.parameters import PAGE
from adapter.fhir.query import Cursor
from adapter.problems import Issue, Kind, Problem, named

_HISTORY = "history"
"""What page links of histories are sealed for."""


@dataclass(frozen=True, slots=True)
class History:
    """Versions asked for, newest first: of one record, of a type (`id` None), or of everything (`type` None).

    `since` (ms) leaves out what was made before it; `at` keeps what was current at some time in that interval.
    `applied` are the parameters as they were really applied, for the self link.
    """

    type: str | None
    id: str | None
    count: int
    since: int | None = None
    at: Interval | None = None
    applied: tuple[tuple[str, str], ...] = ()
    cursor: Cursor | None = None


def parse_history(
    type: str | None, id: str | None, pairs: Sequence[tuple[str, str]], calendar: Calendar, limits: Limits
) -> History:
    """The history that these decoded name-value pairs ask for.

    Problem(INVALID) with an issue for each parameter that is unknown, said twice or cannot be read; a `_page` link
    stands alone and brings back its history.
    """
    if any(name == PAGE for name, _ in pairs):
        return _continued(type, id, pairs, calendar, limits)
    read: dict[str, Any] = {}
    issues = []
    for name, value in pairs:
        try:
            if name in read:
                raise ValueError("can be given only once")
            read[name] = _readers(calendar, limits)[name](value)
        except KeyError:
            issues.append(Issue("not-supported", f"{named(name)}: not a parameter of a history", named(name)))
        except ValueError as wrong:
            issues.append(Issue("invalid", f"{name}: {wrong}", name))
    if issues:
        raise Problem(Kind.INVALID, "; ".join(issue.message for issue in issues), issues=issues)
    count = read.get("_count", limits.default_count)
    applied = (*((name, value) for name, value in pairs if name != "_count"), ("_count", str(count)))
    return History(type, id, count, read.get("_since"), read.get("_at"), applied)


def history_token(history: History, cursor: Cursor, secret: bytes) -> str:
    """What goes after `?_page=` to show the page that follows `cursor`."""
    return seal([history.type, history.id, history.applied, cursor.t, cursor.vid], secret, _HISTORY)


def _continued(
    type: str | None, id: str | None, pairs: Sequence[tuple[str, str]], calendar: Calendar, limits: Limits
) -> History:
    if len(pairs) > 1:
        raise Problem(Kind.INVALID, "a page link is followed as it is; nothing can be added to it", PAGE)
    *of, applied, t, vid = unseal(pairs[0][1], limits.secret, _HISTORY)
    if of != [type, id]:
        raise Problem(Kind.INVALID, "this page link belongs to another history", PAGE)
    history = parse_history(type, id, [(name, value) for name, value in applied], calendar, limits)
    return replace(history, cursor=Cursor(t, 0, vid))


def _readers(calendar: Calendar, limits: Limits) -> dict[str, Callable[[str], Any]]:
    return {
        "_count": lambda value: _count(value, limits.max_count),
        "_since": lambda value: _interval(value, calendar)[0],
        "_at": lambda value: _interval(value, calendar),
    }


def _count(value: str, most: int) -> int:
    if not value.isascii() or not value.isdigit() or not value.lstrip("0"):
        raise ValueError("is not a whole number of 1 or more")
    return min(int(value.lstrip("0")[:9]), most)


def _interval(value: str, calendar: Calendar) -> Interval:
    try:
        return calendar.asked(value)
    except ValueError:
        hint = "; write + as %2B in a URL" if " " in value else ""
        raise ValueError(f"is not a time such as 2026-03-01T17:00:00Z or 2026-03-01{hint}") from None
