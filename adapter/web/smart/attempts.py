"""How often who claims to be a client has failed to prove it: after too many times in a minute it has to wait."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime

from adapter.problems import Kind, Problem

MOST, SECONDS = 20, 60
_CLAIMED = 4_096
"""Names that are remembered; a name can be anything."""


class Attempts:
    """The failures of the last minute by the name that was claimed, registered or not; of this process only."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, name: str, now: datetime) -> None:
        """Problem(THROTTLED) for a name that has failed too often."""
        times = self._failed.get(name)
        while times and times[0] <= now.timestamp() - SECONDS:
            times.popleft()
        if times and len(times) >= MOST:
            why = f"more than {MOST} bad assertions in {SECONDS} seconds: wait"
            raise Problem(Kind.THROTTLED, why, code="temporarily_unavailable")

    def failed(self, name: str, now: datetime) -> None:
        """It has failed once more."""
        self._failed.setdefault(name, deque(maxlen=MOST)).append(now.timestamp())
        self._failed.move_to_end(name)
        if len(self._failed) > _CLAIMED:
            self._failed.popitem(last=False)
