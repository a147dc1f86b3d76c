"""Sessions of which a patient lets a payer know nothing, as when they were paid in full: they are no part of what is
counted for that payer. 42 CFR 2.26; 45 CFR 164.522(a)(1)(vi). R4: https://hl7.org/fhir/R4/consent.html

A refusal is read as the store reads it, so that it hides the unit of whatever session it hides: named, or by its type,
date or sensitivities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent.policy import Asked, refuses
from adapter.fhir.dates import milliseconds
from adapter.fhir.index import Index
from adapter.fhir.json import dump, parse
from adapter.fhir.references import split
from adapter.rules import BEGINNING, Effect, Facts, Grant
from adapter.utilization.payers import COVERAGE, Covers
from adapter.utilization.sessions import ENCOUNTER

Resource = dict[str, Any]
CONSENT, EPISODE = "Consent", "EpisodeOfCare"
_DAY = 24 * 3_600_000
_KEPT = 256
"""Consents of which is remembered what they refuse."""
WHY = "the patient restricted it: the payer is not told (42 CFR 2.26)"


class Refusals:
    """What refusals say of sessions, as the `index` of the program reads both."""

    def __init__(self, index: Index, clock: Callable[[], datetime]) -> None:
        self._index, self._clock = index, clock
        # A consent is asked about with each day of its participant's, and reading it takes longest.
        self._read = lru_cache(_KEPT)(self._said)

    def refused(self, participant: str, sessions: Iterable[str], reader: Covers) -> frozenset[str]:
        """The ids among these of a participant's sessions of which a payer of theirs is not told, now or later."""
        about = [("Patient", participant)]
        consents = (reader.current(CONSENT, id) for id in reader.pointing(CONSENT, "patient", about))
        said = ((self._past(one), grant) for one in consents if one for grant in self._denies(one))
        denies = [grant for past, grant in said if grant.valid_until > past]
        return frozenset(self._hit(participant, denies, sessions, reader)) if denies else frozenset()

    def touched(self, before: Resource | None, after: Resource | None, reader: Covers) -> Iterator[str]:
        """The ids of the sessions that a Consent refuses, or did."""
        denies = [grant for one in (before, after) if one for grant in self._denies(one)]
        for participant in sorted({grant.patient for grant in denies}):
            sessions = sorted(reader.pointing(ENCOUNTER, "patient", [("Patient", participant)]))
            yield from self._hit(participant, denies, sessions, reader)

    def tells_the_same(self, before: Resource | None, after: Resource | None) -> bool:
        """Whether two versions of a session have the same sensitivities."""
        said = [one and self._index.rows(ENCOUNTER, one).labels for one in (before, after)]
        return said[0] == said[1]

    def _denies(self, consent: Resource) -> Sequence[Grant]:
        return self._read(dump(consent))

    def _said(self, consent: bytes) -> Sequence[Grant]:
        grants = self._index.rows(CONSENT, parse(consent)).grants
        return tuple(grant for grant in grants if grant.effect is Effect.DENY)

    def _past(self, consent: Resource) -> int:
        """The moment (ms) by which a refusal has ended, or is to have. One that was taken back today ends with the day,
        when nothing is written that would bring the units back."""
        return milliseconds(self._clock()) + (_DAY if consent.get("status") == "inactive" else 0)

    def _hit(self, participant: str, denies: Iterable[Grant], sessions: Iterable[str], reader: Covers) -> Iterator[str]:
        # Whatever time it has: a refusal that begins later must find nothing that it comes too late for.
        whose = [replace(grant, valid_from=BEGINNING) for grant in denies if grant.patient == participant]
        callers = [*_payers(participant, reader)]
        for id in sessions:
            facts = self._facts(id, participant, reader)
            asked = [Asked(caller, facts, BEGINNING) for caller in callers] if facts else ()
            if any(refuses(grant, one) for grant in whose for one in asked):
                yield id

    def _facts(self, id: str, participant: str, reader: Covers) -> Facts | None:
        """What the store knows of a session."""
        resource = reader.current(ENCOUNTER, id)
        if resource is None:
            return None
        rows = self._index.rows(ENCOUNTER, resource)
        told, episodes = rows.labels, (reader.current(EPISODE, one) for one in rows.labels.episodes)
        outside = bool(told.outside and told.episodes) and all(one and self._index.frees(one) for one in episodes)
        return Facts(ENCOUNTER, id, frozenset({participant}), told.told(outside=outside), rows.sort)


def _payers(participant: str, reader: Covers) -> Iterator[Caller]:
    """Who pays for a participant, or did; and one whom no coverage names yet, whom a refusal of all payers is for."""
    ids = reader.pointing(COVERAGE, "patient", [("Patient", participant)])
    payors = (one for id in ids for one in (reader.current(COVERAGE, id) or {}).get("payor", ()))
    named = (split(one.get("reference", "")) for one in payors)
    for organization in sorted({"", *(one[1] for one in named if one and one[0] == "Organization")}):
        yield Caller("", ClientKind.PAYER, organization, Purpose.PAYMENT, (), "")
