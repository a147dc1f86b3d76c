"""What a program derives from each resource for who may see what: its labels, and what a consent or a tie in it says.

The store has it as rows beside the index (`rules.Rules`), made in the transaction that writes the resource.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from adapter.consent.grants import Program, grants_of, unread_refusal
from adapter.consent.labels import HIPAA, MARKS, Labeller, Origin, together
from adapter.consent.renderings import load_renderings
from adapter.consent.sent import load_sent
from adapter.consent.ties import ties_of
from adapter.fhir.dates import Calendar
from adapter.fhir.json import dump
from adapter.mapping.load import Maps
from adapter.rules import Grant, Labels, Mark, Rendering, Tie

FORM = 6
"""Raised whenever the same resources come to other rows, so that a store makes them anew."""
_CONSENT = "consent"
_POSTURE = "part2_posture"
_ERROR = "entered-in-error"


class Derived:
    """The `Rules` of a program with these maps, posture and Organizations of its own (`custodians`), and the renderings
    of a folder."""

    renderings: Sequence[Rendering]
    marks: Sequence[Mark] = MARKS

    def __init__(
        self, maps: Maps, calendar: Calendar, posture: str, custodians: frozenset[str], release: Path | None = None
    ) -> None:
        self._maps = maps
        self._calendar = calendar
        origin = Origin(posture)
        self._labeller, self.by_episode = Labeller(origin, maps.sensitive), origin.by_episode
        self._posture = maps.extensions[_POSTURE].url
        self._program = Program(maps.tables, calendar, custodians)
        concept = maps.concepts.get(_CONSENT)
        made = load_renderings(release, maps, self._told) if release else ()
        sent = load_sent(release, maps) if release else ()
        self.renderings = (*made, *sent)
        whose = "each episode's" if self.by_episode else posture
        said = [FORM, whose, sorted(custodians), concept and concept.hash, maps.sensitive.content()]
        said += [rendering.content.decode() for rendering in (*made, *sent)]
        self.hash = blake2b(dump(said), digest_size=16).hexdigest()

    def labels(self, type: str, resource: dict[str, Any], patients: Collection[str]) -> Labels:
        """What it tells of; its own sensitivities are never 0."""
        return self._labeller.labels(resource, patients)

    def frees(self, episode: dict[str, Any]) -> bool:
        """Whether it says so itself and nothing else; an episode that says nothing, or was recorded by mistake, does
        not (42 CFR 2.12(e): in doubt it is covered)."""
        extensions = (one for one in episode.get("extension", ()) if one.get("url") == self._posture)
        return {one.get("valueCode") for one in extensions} == {HIPAA} and episode.get("status") != _ERROR

    def _told(self, resource: dict[str, Any], outside: bool) -> int:
        return self.labels("", resource, ()).told(outside=outside)

    def together(self, labels: int, more: int) -> int:
        """The sensitivities of a record of which one version has these, and another those."""
        return together(labels, more)

    def grants(self, type: str, resource: dict[str, Any]) -> tuple[Grant, ...]:
        """What a Consent permits and denies; one that denies in a way that is not read denies all."""
        if type != "Consent":
            return ()
        concept, found = self._maps.concept_of(resource), tuple[Grant, ...]()
        if concept is not None and concept.name == _CONSENT:
            found = grants_of(concept.to_native(resource)[0], self._program)[0]
        return found or unread_refusal(resource)

    def ties(self, type: str, resource: dict[str, Any]) -> tuple[Tie, ...]:
        """Who treats, covers or cares for whom, by a care team, a patient, a coverage, an episode or a role."""
        return ties_of(resource, self._calendar)
