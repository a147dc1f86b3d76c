"""Who is let in at the FHIR door, and what for: what kinds of clients may ask, before consent says what they see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from adapter.callers import Caller
from adapter.released import Predicate
from adapter.web.call import Call


class Entrant(Protocol):
    """Whoever sent one request."""

    @property
    def predicate(self) -> Predicate:
        """Which records are there for it."""

    @property
    def caller(self) -> Caller | None:
        """The client that its token proves; None where no token is asked for."""

    def check(self, interaction: str, type: str) -> None:
        """Problem(FORBIDDEN) for what clients of its kind, or its scopes, may not ask; whatever is stored."""


class Access(Protocol):
    """The rule of one door."""

    def admit(self, call: Call) -> Entrant:
        """Who asks. Problem(LOGIN) where it cannot be told."""


@dataclass(frozen=True, slots=True)
class Anyone:
    """Whoever reaches the door, under one predicate; its own `Access`."""

    predicate: Predicate
    caller: Caller | None = None

    def check(self, interaction: str, type: str) -> None:
        """May ask anything."""

    def admit(self, call: Call) -> Entrant:
        """Is let in."""
        return self
