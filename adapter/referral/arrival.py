"""What intake is told of somebody whom it has just settled: the episodes and consents there are, and what to ask for.

Whoever comes again has a new episode; what was consented to before and has ended is not revived (42 CFR 2.31(a)(7)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapter.fhir.dates import milliseconds
from adapter.fhir.json import parse
from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.referral.candidates import CURRENT
from adapter.rules import Effect
from adapter.store.referrals import was_sent
from adapter.store.version import Version

_NEVER = frozenset({"entered-in-error", "cancelled"})
_ASK = "no consent in force names the facility: nothing is told of how the referral goes on. Ask for a two-way consent"
_WAITS = "a form that came with the referral waits to be seen"
_OPEN = "an episode of this participant goes on: is the referral for it, or a second admission?"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The records of one participant, as far as the asker sees them; `sender` is the organization that referred."""

    sight: Sight
    participant: str
    sender: str
    opened: str | None

    def told(self) -> tuple[dict[str, Any], list[Version]]:
        """What is said, and the records that it names."""
        episodes, consents = [*self._records("EpisodeOfCare")], [*self._records("Consent")]
        standing = {version.id: parse(version.body)["status"] for version in episodes}
        current = [id for id, status in standing.items() if status in CURRENT and id != self.opened]
        former = [id for id, status in standing.items() if status not in CURRENT | _NEVER]
        forms = {version.id: self._form(version) for version in consents}
        in_force = [{"consent": id, "names_sender": names} for id, (live, names, _) in forms.items() if live]
        told: dict[str, Any] = {"episodes": {"current": current, "former": former}}
        ended = [id for id, (live, _, status) in forms.items() if not live and status in ("active", "inactive")]
        told["consents"] = {"in_force": in_force, "ended": ended}
        proposed = [id for id, (_, _, status) in forms.items() if status == "proposed"]
        told["prompts"] = [*self._prompts(current, any(one["names_sender"] for one in in_force), proposed)]
        return told, [*episodes, *consents]

    def _records(self, type: str) -> Iterator[Version]:
        """Those of the program: of a stay elsewhere its sender tells."""
        transaction = self.sight.transaction
        for id in transaction.holders(type, "patient", f"Patient/{self.participant}"):
            version = transaction.current(type, id)
            elsewhere = type == "EpisodeOfCare" and was_sent(transaction.database, type, id)
            if version is not None and not version.deleted and not elsewhere and self.sight.sees(type, id):
                yield version

    def _form(self, version: Version) -> tuple[bool, bool, str]:
        """Whether a consent permits anything now, whether it names the sender, and its status."""
        program: Program = self.sight.program
        resource, now_ms = parse(version.text), milliseconds(program.clock())
        grants = [
            grant for grant in program.store.index.rows("Consent", resource).grants if grant.effect is Effect.PERMIT
        ]
        live = [grant for grant in grants if grant.valid_from <= now_ms < grant.valid_until]
        return bool(live), any(one.recipient == f"Organization/{self.sender}" for one in live), resource["status"]

    def _prompts(self, current: list[str], named: bool, proposed: list[str]) -> Iterator[dict[str, Any]]:
        sender = f"Organization/{self.sender}"
        if not named:
            yield {"prompt": "two_way_consent", "organization": sender, "why": _ASK}
        for id in proposed:
            yield {"prompt": "consent_proposed", "proposal": f"consent:Consent:{id}", "why": _WAITS}
        for id in current:
            yield {"prompt": "episode_open", "episode": id, "why": _OPEN}
