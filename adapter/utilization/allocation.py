"""Which service uses which authorization: one rule for what is stored of it and for what a report tells. Pure.

A service counts for one authorization: the one that it names, else the earliest of its code and day with something
left. What is beyond all of them counts for the last, of which less than nothing is left then. Each reader is told what
this comes to over the authorizations and services that he sees. R4: https://hl7.org/fhir/R4/claimresponse.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from adapter.fhir.dates import Interval
from adapter.mapping.facts import number

APPROVED = ("approved", "approved_in_part")
UNITS = frozenset({"units", "visits", "minutes", "hours", "days"})
"""What services are counted in: months are not, nor are units in a payer's own words."""
MOST = 1_000_000
"""Of units: more is a slip of the pen, and says nothing."""
_HOUR = 60


class Service(NamedTuple):
    """A service that was delivered `at` (ms) on a day. `authorization` is the one that it names, "" for none; `minutes`
    are None where nobody can tell."""

    id: str
    day: str
    at: int
    code: str
    authorization: str
    units: Decimal
    visits: int
    minutes: Decimal | None

    def amount(self, unit: str) -> Decimal | None:
        """How much of a unit it is."""
        if unit in ("minutes", "hours"):
            return self.minutes if self.minutes is None or unit == "minutes" else self.minutes / _HOUR
        return Decimal(self.visits) if unit == "visits" else self.units


@dataclass(slots=True)
class Line:
    """One approved service of an authorization: `amount` is what was approved of its `unit`, None for no limit; `used`
    is None where a service counts for it of which that cannot be told."""

    authorization: str
    number: int
    code: str
    unit: str
    amount: Decimal | None
    within: Interval
    used: Decimal | None = Decimal(0)
    days: set[str] = field(default_factory=set)

    @property
    def left(self) -> Decimal | None:
        """What may still be delivered; less than nothing where more was."""
        return None if self.amount is None or self.used is None else self.amount - self.used

    @property
    def open(self) -> bool:
        """Whether something is left, as far as can be told."""
        return self.left is None or self.left > 0

    def take(self, service: Service) -> None:
        """Count a service for it."""
        more = Decimal(service.day not in self.days) if self.unit == "days" else service.amount(self.unit)
        self.used = None if self.used is None or more is None else self.used + more
        self.days.add(service.day)


def allocate(lines: Iterable[Line], services: Iterable[Service]) -> None:
    """Count each service for its line, in the order of days."""
    by_code: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda line: (line.within, line.authorization, line.number)):
        by_code.setdefault(line.code, []).append(line)
    for service in sorted(services, key=lambda one: (one.day, one.id)):
        if found := _line(service, by_code.get(service.code, ())):
            found.take(service)


def _line(service: Service, lines: Sequence[Line]) -> Line | None:
    """What a service counts for."""
    there = [line for line in lines if line.within[0] <= service.at < line.within[1]]
    if service.authorization:
        there = [line for line in there if line.authorization == service.authorization]
    return next((line for line in there if line.open), there[-1] if there else None)


def amount(said: Any) -> Decimal | None:
    """A JSON number of units or minutes; None for none, and for one that cannot be."""
    value = number(said)
    return value if value is not None and 0 <= value <= MOST else None


def is_in_force(authorization: Mapping[str, Any]) -> bool:
    """Whether a native authorization approves something now."""
    decided = authorization.get("decision")
    approved = decided in APPROVED or (decided is None and "number" in authorization)
    return approved and authorization.get("status") == "active"
