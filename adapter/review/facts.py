"""What a reviewer is told beyond attendance: bookings that were missed and who tried to reach the person then, results
of drug tests, scores, goals. Of each what `mappings/release/review.toml` leaves, labelled as what is left.

What is parked as incomplete is no fact, as it is in no figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from adapter.consent.renderings import Rendering
from adapter.fhir.dates import Calendar
from adapter.fhir.json import parse
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.rules import COVERED
from adapter.store.version import Version
from adapter.utilization.measures import FOLLOW_UP, TO_COME, Window, has
from adapter.utilization.measures_rows import Planned, Stay, episode_of
from adapter.utilization.measures_seen import Seen, parked_among

Resource = dict[str, Any]
SCORES = (("Observation", "screening"), ("Observation", "breath_test"), ("Observation", "drug_screen_panel"))
"""Records that are in no figure, and tell how somebody is."""
_OUTREACH = "outreach_after_no_show"
_VOID = frozenset({"entered_in_error", "cancelled", "registered"})
_PURSUED = frozenset({"accepted", "active", "on_hold"})
_REVIEWS = "goal_review"
_COUNTED = frozenset({"booking", "contact", "drug_result", "goal"})


class Fact(NamedTuple):
    """A record, and what of it is told; None where too little of it may be, or it is merely `counted` in a figure."""

    version: Version
    resource: Resource | None
    counted: bool = False


class _Known(NamedTuple):
    """By id, of the days of the report: bookings that were to come to, and those that were missed; drug results; the
    times (ms) of the reviews of goals."""

    planned: Mapping[str, Planned]
    missed: Mapping[str, Planned]
    screened: set[str]
    reviewed: Mapping[str, set[int]]


class Facts:
    """Finds them among what is seen of one episode in the days of a report."""

    def __init__(self, program: Program, predicate: Predicate, cut: Rendering, stay: Stay, window: Window) -> None:
        self._program, self._predicate, self._cut = program, predicate, cut
        self._stay, self._window = stay, window
        self._calendar = Calendar(program.zone)

    def of(self, seen: Seen, patient: str) -> list[Fact]:
        """In the order of type and time; bookings that are only counted among them."""
        parked = parked_among(self._program.store, self._predicate, patient)
        known = self._known(seen)
        found = [one for one in seen.versions if (one.type, one.id) not in parked and self._is_one(one, known)]
        found.sort(key=lambda one: (one.type, one.sort, one.vid))
        return [self._fact(one, patient, known) for one in found]

    def _known(self, seen: Seen) -> _Known:
        records = seen.records
        planned = {one.id: one for one in records.planned if self._mine(one.episode, one.start)}
        reviewed: dict[str, set[int]] = {}
        for one in records.reviewed:
            if self._mine(one.episode, one.at):
                reviewed.setdefault(one.id, set()).add(one.at)
        return _Known(
            {id: one for id, one in planned.items() if one.became in TO_COME},
            {id: one for id, one in planned.items() if one.became == "no_show"},
            {one.id for one in records.screened if self._mine(one.episode, one.at)},
            reviewed,
        )

    def _mine(self, episode: str, at: int) -> bool:
        """Whether it belongs to the episode, named or by its day, and to the days of the report."""
        return self._window.has(at) and has(self._stay, episode, at, at + 1)

    def _is_one(self, version: Version, known: _Known) -> bool:
        if version.concept == "booking":
            return version.id in known.planned
        if version.concept == "drug_result":
            return version.id in known.screened
        if version.concept not in ("contact", "goal", "screening", "breath_test", "drug_screen_panel"):
            return False
        resource = parse(version.text)
        record, episode = self._program.maps.concepts[version.concept].to_native(resource)[0], episode_of(resource)
        if version.concept == "contact":
            return episode in ("", self._stay.id) and self._is_outreach(record, known.missed)
        if version.concept == "goal":
            pursued = record.get("status") in _PURSUED and episode in ("", self._stay.id)
            return pursued or version.id in known.reviewed
        said = record.get("taken_at") or record.get("collected_at")
        within = said is not None and self._mine(episode, self._calendar.interval(said)[0])
        return within and record.get("status") not in _VOID

    def _is_outreach(self, record: Resource, missed: Mapping[str, Planned]) -> bool:
        """By the rule of the figure of no-shows."""
        if record.get("purpose") != _OUTREACH or record.get("status") != "completed" or "at" not in record:
            return False
        named = str(record.get("booking", "")).rpartition("/")[2]
        at = self._calendar.interval(record["at"])[0]
        return named in missed if named else any(one.start <= at < one.start + FOLLOW_UP for one in missed.values())

    def _fact(self, version: Version, patient: str, known: _Known) -> Fact:
        if version.concept == "booking" and version.id not in known.missed:
            return Fact(version, None, counted=True)
        if version.concept == "drug_screen_panel":
            return Fact(version, None)
        whole = dict(self._narrowed(parse(version.text), patient, version.id, known))
        # What is cut away may tell of more than what is left: its labels are those of the rest.
        outside = self._program.store.index.by_episode and not version.own & COVERED
        found = self._cut.of(version.type, whole, outside=outside)
        return Fact(version, found and found.resource, version.concept in _COUNTED)

    def _narrowed(self, whole: Resource, patient: str, id: str, known: _Known) -> Iterator[tuple[str, Any]]:
        """Of who was to take part, the person alone; of what somebody was reached about, a booking that is told of; of
        a goal's reviews, those of these days."""
        reviews, days = self._program.maps.extensions[_REVIEWS].url, known.reviewed.get(id, set())
        for name, value in whole.items():
            if name == "participant":
                value = [one for one in value if one.get("actor", {}).get("reference") == f"Patient/{patient}"]
            elif name == "about":
                said = (str(one.get("reference", "")).removeprefix("Appointment/") for one in value)
                value = [one for one, id in zip(value, said, strict=True) if id in known.missed]
            elif name == "extension":
                value = [one for one in value if one.get("url") != reviews or self._day(one) in days]
            if value:
                yield name, value

    def _day(self, review: Resource) -> int:
        """When a goal was reviewed; -1 where that is not said."""
        said = next((part["valueDate"] for part in review.get("extension", ()) if "valueDate" in part), None)
        return self._calendar.interval(said)[0] if said else -1
