"""What a reviewer is told beyond attendance: bookings that were missed and who tried to reach the person then, results
of drug tests, scores, goals. Of each what `mappings/release/review.toml` leaves.

What is parked as incomplete is no fact, as it is in no figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from adapter.consent.renderings import REVIEW, Rendering, profile
from adapter.consent.security import shown
from adapter.fhir.dates import Calendar
from adapter.fhir.json import parse
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.version import Version
from adapter.utilization.measures import FOLLOW_UP, Window
from adapter.utilization.measures_rows import Planned
from adapter.utilization.measures_seen import Seen, parked_among

Resource = dict[str, Any]
SCORES = (("Observation", "screening"), ("Observation", "breath_test"))
"""Records that are in no figure, and tell how somebody is."""
_OUTREACH = "outreach_after_no_show"
_SAID = frozenset({"final", "amended", "corrected"})
_PURSUED = frozenset({"accepted", "active", "on_hold"})


class Fact(NamedTuple):
    """A record, and what of it is told; None where too little of it may be."""

    version: Version
    resource: Resource | None


class _Known(NamedTuple):
    """By id, of the days of the report: bookings that were missed, drug results that say something, goals reviewed."""

    missed: dict[str, Planned]
    screened: set[str]
    reviewed: set[str]


class Facts:
    """Finds them among what is seen of one episode in the days of a report."""

    def __init__(self, program: Program, predicate: Predicate, cut: Rendering, episode: str, window: Window) -> None:
        self._program, self._predicate, self._cut = program, predicate, cut
        self._episode, self._window = episode, window
        self._calendar = Calendar(program.zone)

    def of(self, seen: Seen, patient: str) -> list[Fact]:
        """In the order of type and time."""
        parked = parked_among(self._program.store, self._predicate, patient)
        known = self._known(seen)
        found = [one for one in seen.versions if (one.type, one.id) not in parked and self._is_one(one, known)]
        found.sort(key=lambda one: (one.type, one.sort, one.vid))
        return [Fact(one, self._told(one, patient, known)) for one in found]

    def _known(self, seen: Seen) -> _Known:
        window, records = self._window, seen.records
        missed = (one for one in records.planned if one.became == "no_show" and window.has(one.start))
        return _Known(
            {one.id: one for one in missed if one.episode in ("", self._episode)},
            {one.id for one in records.screened if window.has(one.at)},
            {one.id for one in records.reviewed if window.has(one.at)},
        )

    def _is_one(self, version: Version, known: _Known) -> bool:
        if version.concept == "booking":
            return version.id in known.missed
        if version.concept == "drug_result":
            return version.id in known.screened
        if version.concept == "contact":
            return self._is_outreach(self._native(version), known.missed)
        if version.concept == "goal":
            return version.id in known.reviewed or self._native(version).get("status") in _PURSUED
        if version.concept in ("screening", "breath_test"):
            record = self._native(version)
            return record.get("status") in _SAID and self._is_within(record.get("taken_at"))
        return False

    def _is_outreach(self, record: Resource, missed: Mapping[str, Planned]) -> bool:
        """By the rule of the figure of no-shows."""
        if record.get("purpose") != _OUTREACH or record.get("status") != "completed" or "at" not in record:
            return False
        named = str(record.get("booking", "")).rpartition("/")[2]
        at = self._calendar.interval(record["at"])[0]
        return named in missed if named else any(one.start <= at < one.start + FOLLOW_UP for one in missed.values())

    def _is_within(self, said: str | None) -> bool:
        return said is not None and self._window.has(self._calendar.interval(said)[0])

    def _native(self, version: Version) -> Resource:
        assert version.concept is not None
        return dict(self._program.maps.concepts[version.concept].to_native(parse(version.text))[0])

    def _told(self, version: Version, patient: str, known: _Known) -> Resource | None:
        """What is left of it, labelled as the whole is."""
        whole = parse(shown(self._predicate, version))
        if "modifierExtension" in whole:
            return None
        left = self._cut.cut_of(version.type).whole(dict(_narrowed(whole, patient, known.missed)))
        if left is None:
            return None
        security = whole.get("meta", {}).get("security")
        meta = {"profile": [profile(REVIEW, version.type)], **({"security": security} if security else {})}
        return {"resourceType": version.type, "id": version.id, "meta": meta, **left}


def _narrowed(whole: Resource, patient: str, missed: Mapping[str, Planned]) -> Iterator[tuple[str, Any]]:
    """Of who was to take part, the person alone; of what somebody was reached about, a booking that is told of."""
    for name, value in whole.items():
        if name == "participant":
            value = [one for one in value if one.get("actor", {}).get("reference") == f"Patient/{patient}"]
        elif name == "about":
            value = [one for one in value if str(one.get("reference", "")).removeprefix("Appointment/") in missed]
        if value:
            yield name, value
