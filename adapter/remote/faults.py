"""What can go wrong with a partner's server: each misbehaviour is a fault with a name, and never data."""

from __future__ import annotations

from enum import StrEnum

from adapter.problems import Kind, Problem


class Wrong(StrEnum):
    """What a partner's server did."""

    UNREACHABLE = "unreachable"
    """It cannot be connected to, or breaks the connection."""
    LATE = "late"
    """It takes longer than it may, be it that it trickles."""
    THROTTLED = "throttled"
    """It asks to be left alone for a while: 429."""
    UNAVAILABLE = "unavailable"
    """It cannot answer now: 408, 5xx, or an OperationOutcome that says so."""
    RESTING = "resting"
    """It failed so often that it is not asked for a while."""
    CROWDED = "crowded"
    """More requests wait for it than may."""
    ELSEWHERE = "elsewhere"
    """It sends to another address, or its name is led to one that must not be reached."""
    LOGIN = "login"
    """It gives no token, or does not take the one it gave."""
    REFUSED = "refused"
    """It refuses what it is asked: 4xx."""
    ABSENT = "absent"
    """It has no such record, or has it no more: 404, 410."""
    CONFLICT = "conflict"
    """Its record is another than was thought: 409, 412."""
    OUTCOME = "outcome"
    """It says by its status that all is well, and in the answer that it is not."""
    NOT_FHIR = "not-fhir"
    """It answers with something else than a FHIR resource in JSON."""
    CUT = "cut"
    """Its JSON ends too early, or is none."""
    TOO_LARGE = "too-large"
    """Its answer is longer than it may be."""
    ANOTHER = "another"
    """Its answer is about something else than was asked for."""
    LOOP = "loop"
    """Its pages lead back to one that was there before."""
    UNABLE = "unable"
    """It says that it cannot do what is needed."""


_AGAIN = frozenset(
    (Wrong.UNREACHABLE, Wrong.LATE, Wrong.THROTTLED, Wrong.UNAVAILABLE, Wrong.RESTING, Wrong.CROWDED, Wrong.CUT)
)
ILL = frozenset((Wrong.UNREACHABLE, Wrong.LATE, Wrong.UNAVAILABLE, Wrong.CUT))
"""What tells that a server is not well, whatever it is asked."""


class Fault(Problem):
    """A request that a partner's server did not answer as it should.

    `again`: whether the same may succeed later, after `after` seconds where the server said so. The message names the
    partner, what was asked and what is wrong with the answer, and nothing that the answer says: that is its `body`, for
    whoever may read it.
    """

    def __init__(self, partner: str, wrong: Wrong, message: str, *, after: float | None = None) -> None:
        self.partner, self.wrong, self.after = partner, wrong, after
        self.again, self.body = wrong in _AGAIN, b""
        super().__init__(Kind.BUSY if self.again else Kind.FAULT, f"partner {partner}: {message} ({wrong})")
