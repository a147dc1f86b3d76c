"""What is told of each answer: a number for Prometheus, a line in the log and a span, where they are wanted.

All of them say which interaction on which resource type had which status, and how long it took; never an id, a
parameter, an address or an element's value.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter

from adapter.settings import Settings
from adapter.web.call import Call, Told
from adapter.web.metrics import Metrics
from adapter.web.traces import Traces

log = logging.getLogger("adapter.access")


class Watch:
    """One for each server."""

    def __init__(self, settings: Settings) -> None:
        self.metrics = Metrics()
        self._lines = settings.access_log
        self._traces = Traces(settings.traces) if settings.traces else None

    def of(self, program: str, door: str, gauges: Callable[[], tuple[int, ...]] | None = None) -> Told:
        """What a door calls with each request that has been answered, and its status."""
        if gauges:
            self.metrics.watch(program, gauges)
        count = self.metrics.count

        def told(call: Call, status: int) -> None:
            seconds = perf_counter() - call.started
            count((program, door, call.interaction, call.type, str(status)), seconds)
            if self._lines:
                self._line(program, door, call, status, seconds)
            if self._traces:
                self._traces.ended(program, door, call, status, seconds)

        return told

    def refused(self, status: int, request_id: str | None) -> None:
        """Count a request that reached no door, and log it where they are logged."""
        self.metrics.count(("", "", "", "", str(status)), 0.0)
        if self._lines:
            self._log({"status": status, "request_id": request_id})

    def _line(self, program: str, door: str, call: Call, status: int, seconds: float) -> None:
        told = {
            "program": program,
            "door": door,
            "interaction": call.interaction,
            "type": call.type,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "request_id": call.request_id,
        }
        self._log(told)

    def _log(self, told: dict[str, object]) -> None:
        log.info(" ".join(f"{name}={value}" for name, value in told.items() if value), extra=told)

    def close(self) -> None:
        """Say and send what waits."""
        self.metrics.leave()
        if self._traces:
            self._traces.close()
