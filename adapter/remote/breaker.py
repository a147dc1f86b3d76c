"""Leaves a server that is not well alone for a while, so that its partner's work fails at once and nobody waits."""

from __future__ import annotations

from collections.abc import Callable


class Breaker:
    """Of one partner: opened by so many failures in a row, for so many seconds; then one request tries it."""

    def __init__(self, failures: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most, self._seconds, self._clock = failures, seconds, clock
        self._failed, self._until, self._trying = 0, 0.0, False

    def left(self) -> float:
        """Seconds for which it must not be asked; 0 for whoever may ask now, who then says how it went."""
        if self._failed < self._most:
            return 0.0
        left = self._until - self._clock()
        if left > 0 or self._trying:
            return max(left, 1.0)
        self._trying = True
        return 0.0

    def worked(self) -> None:
        """It answered."""
        self._failed, self._trying = 0, False

    def failed(self) -> None:
        """It is not well."""
        self._failed, self._trying = self._failed + 1, False
        if self._failed >= self._most:
            self._until = self._clock() + self._seconds

    def left_off(self) -> None:
        """Whoever asked has gone before it was known."""
        self._trying = False
