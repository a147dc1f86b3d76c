"""What Prometheus is told: counts and times by interaction, resource type and status, never by whom or about whom.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import logging
import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds, in seconds."""

PROMETHEUS = (b"content-type", CONTENT_TYPE_LATEST.encode())
LABELS = ("program", "door", "interaction", "type", "status")
SHARED = "ADAPTER_METRICS_FOLDER"
"""Names the folder in which workers leave their numbers for each other: whichever is asked answers for all."""

log = logging.getLogger(__name__)

_GAUGES = (
    (GaugeMetricFamily, "iop_searches_in_progress", "Searches and Bundles worked on or waiting for their turn."),
    (GaugeMetricFamily, "iop_store_writes_waiting", "Pieces of work that wait for the store's writer."),
    (CounterMetricFamily, "iop_store_commits", "Commits of the store's writer."),
    (CounterMetricFamily, "iop_store_writes", "Pieces of work in these commits."),
)
Key = tuple[str, ...]


class Metrics(Collector):
    """The numbers of one process. The hot path only counts: the library's own counters would cost it a tenth."""

    def __init__(self) -> None:
        self._answers: dict[Key, list[float]] = {}
        self._programs: dict[str, Callable[[], tuple[int, ...]]] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        self._folder = Path(folder) if (folder := os.environ.get(SHARED)) else None

    @property
    def shared(self) -> bool:
        """Whether other workers are told."""
        return self._folder is not None

    def watch(self, program: str, gauges: Callable[[], tuple[int, ...]]) -> None:
        """Tell of this program too: its values of `_GAUGES`."""
        self._programs[program] = gauges

    def count(self, key: Key, seconds: float) -> None:
        """One answer; `key` are the values of `LABELS`."""
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = [0.0] * (len(BUCKETS) + 2)
        found[bisect_left(BUCKETS, seconds)] += 1
        found[-1] += seconds

    def text(self) -> bytes:
        """All numbers, in Prometheus' text format."""
        return generate_latest(self._registry)

    def leave(self) -> None:
        """Write this process's numbers where the other workers find them; once it cannot, it says so and no more."""
        if self._folder is None:
            return
        try:
            draft = self._folder / f".{os.getpid()}"
            draft.write_bytes(orjson.dumps(self._own()))
            draft.rename(self._folder / f"{os.getpid()}.json")
        except OSError as error:
            log.warning("the numbers for /metrics cannot be left for other workers: %s", error.strerror)
            self._folder = None

    def collect(self) -> Iterator[Metric]:
        """The metrics, as the library asks for them."""
        answers, programs = self._all()
        name, help = "iop_http_request_duration_seconds", "Time to answer, from the request's headers to the last byte."
        times = HistogramMetricFamily(name, help, labels=LABELS)
        for key, numbers in sorted(answers.items()):
            times.add_metric(key, list(_cumulated(numbers)), numbers[-1])
        yield times
        yield from _gauges(programs)

    def _own(self) -> list[object]:
        answers = [[list(key), numbers] for key, numbers in list(self._answers.items())]
        return [answers, [[name, list(gauges())] for name, gauges in self._programs.items()]]

    def _all(self) -> tuple[dict[Key, list[float]], dict[str, list[int]]]:
        """The numbers of all workers together."""
        told = [self._own()]
        if self._folder is not None:
            mine = f"{os.getpid()}.json"
            told += [orjson.loads(path.read_bytes()) for path in self._folder.glob("*.json") if path.name != mine]
        answers: dict[Key, list[float]] = {}
        programs: dict[str, list[int]] = {}
        for one, others in told:
            _sum(answers, ((tuple(key), numbers) for key, numbers in one))  # type: ignore[attr-defined]
            _sum(programs, others)  # type: ignore[arg-type]
        return answers, programs


def _sum(into: dict, rows: Iterable[tuple]) -> None:  # type: ignore[type-arg]
    for key, numbers in rows:
        before = into.get(key)
        into[key] = list(numbers) if before is None else [a + b for a, b in zip(before, numbers, strict=True)]


def _cumulated(numbers: list[float]) -> Iterator[tuple[str, float]]:
    """(upper bound, how many took no longer)."""
    total = 0.0
    for bound, number in zip([*map(str, BUCKETS), "+Inf"], numbers[:-1], strict=True):
        total += number
        yield bound, total


def _gauges(programs: dict[str, list[int]]) -> Iterator[Metric]:
    for place, (kind, name, help) in enumerate(_GAUGES):
        family = kind(name, help, labels=("program",))
        for program, numbers in sorted(programs.items()):
            family.add_metric((program,), numbers[place])
        yield family
