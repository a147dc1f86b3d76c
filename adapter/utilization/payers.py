"""Who pays for a participant's day, and by which rule that payer counts it.

Who pays first (Coverage.order) counts; https://hl7.org/fhir/R4/coverage.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any, Protocol

from adapter.mapping.load import Maps
from adapter.utilization.sessions import Sessions, record_of
from adapter.utilization.unit_rules import Rule, Rules, payers_of

Resource = dict[str, Any]
COVERAGE, ORGANIZATION = "Coverage", "Organization"
_NO_ORDER = 1 << 31


class Covers(Protocol):
    """Where coverages are looked up."""

    def current(self, type: str, id: str) -> Resource | None:
        """A resource, or nothing."""

    def covered(self, type: str, id: str) -> bool:
        """Whether part 2 protects a record; False where that does not depend on the episode."""

    def pointing(self, type: str, parameter: str, targets: Iterable[tuple[str, str]]) -> Set[str]:
        """Ids of the resources that point to one of the targets."""


class Payers:
    """Finds the rule of a day."""

    def __init__(self, maps: Maps, rules: Rules, sessions: Sessions) -> None:
        self._maps, self._rules, self._sessions = maps, rules, sessions
        # What would be looked up for nothing where no rule is for a payer.
        self._by_payer = any(rule.payers or rule.payer_types for rule in rules.all)
        self._identifiers = frozenset(payer for rule in rules.all for payer in rule.payers if "|" in payer)

    def rule(self, participant: str, day: str, reader: Covers) -> Rule:
        """By which a participant's day is counted."""
        first = min(self._coverages(participant, day, reader), default=None) if self._by_payer else None
        if first is None:
            return self._rules.of((), None, day)
        _, _, payer, payer_type = first
        id = payer.removeprefix("Organization/")
        organization = reader.current(ORGANIZATION, id) if self._identifiers and id != payer else None
        return self._rules.of(payers_of(payer, organization), payer_type, day)

    def known(self, organization: Resource | None) -> frozenset[str]:
        """By which of its identifiers a rule knows an Organization: all that of it says who pays."""
        return self._identifiers.intersection(payers_of(None, organization))

    def _coverages(self, participant: str, day: str, reader: Covers) -> Iterator[tuple[int, str, str, str]]:
        """(order, id, payer, type) of the coverages that run on a day."""
        begins, ends = self._sessions.interval(day)
        for id in reader.pointing(COVERAGE, "patient", [("Patient", participant)]):
            record = record_of(self._maps, "coverage", reader.current(COVERAGE, id))
            if record.get("status") == "active":
                start, end = self._sessions.period(record)
                if start < ends and end > begins:
                    payer, kind = str(record.get("payer", "")), record.get("payer_type")
                    yield record.get("order", _NO_ORDER), id, payer, kind if isinstance(kind, str) else ""
