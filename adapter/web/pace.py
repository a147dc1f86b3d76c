"""How often something that is not ready yet is asked for, by each process for itself."""

from __future__ import annotations

from collections import OrderedDict

MOST = 10_000
"""Keys that are remembered; of the others nobody is told that he asks too soon."""


class Pace:
    """When each thing was asked for last; from one event loop."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, float] = OrderedDict()

    def too_soon(self, key: str, now: float, apart: float) -> bool:
        """Whether it was asked for less than `apart` seconds ago; if not, it is asked for now."""
        before = self._asked.get(key)
        if before is not None and 0 <= now - before < apart:
            return True
        self._asked[key] = now
        self._asked.move_to_end(key)
        if len(self._asked) > MOST:
            self._asked.popitem(last=False)
        return False
