"""The store against a plain model in memory: any history of writes, any search, pages read while others write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.parameters import page_token

from .conftest import OPEN, SECRET, Clock, Desk, observation
from .serving import open_store

ZONE = ZoneInfo("America/New_York")
PROFILES = Path(__file__).resolve().parents[2] / "profiles"
INDEX = Index.load(PROFILES, Definitions.load(PROFILES / "r4"), ZONE)
Span = tuple[datetime, datetime]

ids = st.sampled_from(["a", "b", "c", "d", "e", "f"])
codes = st.sampled_from(["s|1", "s|2", "t|1", "1"])
statuses = st.sampled_from(["final", "amended", "preliminary"])
# Around the day on which New York's clocks go forward, and around midnight in UTC.
dates = st.sampled_from(
    ["2026", "2026-03", "2026-03-07", "2026-03-08", "2026-03-08T03:30:00-04:00", "2026-03-09T01:00:00Z", "2026-03-09"]
)
periods = st.sampled_from(
    [{"start": "2026-03-07"}, {"end": "2026-03-08"}, {"start": "2026-03-07", "end": "2026-03-09T01:00:00Z"}, {}]
)
asked_dates = st.tuples(st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]), dates)


def span(text: str) -> Span:
    """From the first moment a date means to the first it no longer means."""
    if "T" in text:
        moment = datetime.fromisoformat(text)
        return moment, moment + timedelta(seconds=1)
    year, month, day = (int(part) for part in (*text.split("-"), "0", "0")[:3])
    first = date(year, month or 1, day or 1)
    last = date(year + 1, 1, 1) if not month else date(year, month + 1, 1) if not day else first + timedelta(days=1)
    return tuple(datetime.combine(edge, time(), ZONE).astimezone(UTC) for edge in (first, last))  # type: ignore[return-value]


def when(resource: dict[str, Any]) -> Span | None:
    """The span of a result's date."""
    if "effectiveDateTime" in resource:
        return span(resource["effectiveDateTime"])
    if "effectivePeriod" in resource:
        period = resource["effectivePeriod"]
        start = span(period["start"])[0] if "start" in period else datetime.min.replace(tzinfo=UTC)
        return start, span(period["end"])[1] if "end" in period else datetime.max.replace(tzinfo=UTC)
    return None


def compares(found: Span, prefix: str, asked: Span) -> bool:
    """R4's table of prefixes, word for word."""
    (low, high), (a, b) = found, asked
    contained = a <= low and high <= b
    return {
        "eq": contained,
        "ne": not contained,
        "gt": high > b,
        "lt": low < a,
        "ge": high > b or contained,
        "le": low < a or contained,
        "sa": low >= b,
        "eb": high <= a,
    }[prefix or "eq"]


def made_of(id: str, code: str, status: str, taken: Any) -> dict[str, Any]:
    """A result taken at a date, over a period, or nobody knows when."""
    if isinstance(taken, dict):
        return observation(id, None, code, status, effectivePeriod=taken)
    return observation(id, taken, code, status)


class StoreMachine(RuleBasedStateMachine):
    """Rules write to both; every search is answered by both."""

    @initialize()
    def open(self) -> None:
        self.clock = Clock()
        self.desk = Desk(open_store(INDEX, self.clock), self.clock)
        self.versions: dict[str, list[tuple[dict[str, Any] | None, int]]] = {}
        self.written: dict[str, tuple[int, int]] = {}
        self.count = 0
        self.reading: tuple[Any, list[str], list[str]] | None = None
        self.put(
            {
                "a": ("s|1", "final", "2026-03-08"),
                "b": ("t|1", "amended", None),
                "c": ("1", "final", {"end": "2026-03-09"}),
            }
        )

    def teardown(self) -> None:
        self.desk.store.close()

    @rule(chosen=st.dictionaries(ids, st.tuples(codes, statuses, dates | periods | st.none()), min_size=1))
    def put(self, chosen: dict[str, tuple[str, str, Any]]) -> None:
        self.clock.on(seconds=1)
        made = [made_of(id, *what) for id, what in chosen.items()]
        for resource, version in zip(made, self.desk.put(*made), strict=True):
            self.count += 1
            self.versions.setdefault(resource["id"], []).append((resource, version.t))
            self.written[resource["id"]] = (int(self.clock.now.timestamp() * 1000), self.count)

    @rule(id=ids)
    def delete(self, id: str) -> None:
        if self.live(id):
            self.count += 1
            self.versions[id].append((None, self.desk.delete("Observation", id).t))

    @rule(
        code=st.none() | st.sampled_from(["http://s.example|1", "1", "|1", "http://t.example|"]),
        status=st.none() | statuses,
        denied=st.booleans(),
        taken=st.none() | asked_dates,
        order=st.sampled_from(["", "date", "-date", "_lastUpdated", "-_lastUpdated"]),
    )
    def search(
        self, code: str | None, status: str | None, denied: bool, taken: tuple[str, str] | None, order: str
    ) -> None:
        pairs = self.pairs(code, status, denied, taken, order)
        found = self.desk.ids("Observation", *pairs)
        expected = self.expected(code, status, denied, taken)
        assert sorted(found) == sorted(expected)
        assert found == sorted(expected, key=self.key(order), reverse=order[:1] != "d" and order[:1] != "_")
        assert self.desk.store.count(OPEN, self.desk.query("Observation", *pairs)) == len(expected)

    @rule(taken=asked_dates)
    def search_dates(self, taken: tuple[str, str]) -> None:
        self.search(None, None, False, taken, "")

    @rule(
        status=st.none() | statuses,
        taken=st.none() | asked_dates,
        order=st.sampled_from(["", "date", "-_lastUpdated", "status"]),
    )
    def begin_pages(self, status: str | None, taken: tuple[str, str] | None, order: str) -> None:
        pairs = self.pairs(None, status, False, taken, order)
        whole = self.desk.ids("Observation", *pairs)
        query = self.desk.query("Observation", *pairs, ("_count", "1"))
        page = self.desk.store.search(OPEN, query)
        self.reading = (
            page_token(query, page.next, SECRET) if page.next else None,
            [v.id for v in page.versions],
            whole,
        )

    @rule()
    def next_page(self) -> None:
        if self.reading and self.reading[0]:
            token, seen, whole = self.reading
            query = self.desk.query("Observation", ("_page", token))
            page = self.desk.store.search(OPEN, query)
            seen += [version.id for version in page.versions]
            self.reading = (page_token(query, page.next, SECRET) if page.next else None, seen, whole)

    @rule(chosen=st.dictionaries(ids, st.tuples(codes, statuses, dates), min_size=1))
    def write_between_pages(self, chosen: dict[str, tuple[str, str, Any]]) -> None:
        self.put(chosen)
        self.next_page()

    @invariant()
    def pages_show_the_state_of_the_first_page(self) -> None:
        if getattr(self, "reading", None):
            token, seen, whole = self.reading  # type: ignore[misc]
            assert seen == whole[: len(seen)]
            assert token or seen == whole

    @invariant()
    def every_version_is_there_and_the_newest_is_current(self) -> None:
        for id, versions in getattr(self, "versions", {}).items():
            for number, (resource, t) in enumerate(versions, 1):
                found = self.desk.store.vread(OPEN, "Observation", id, number)
                assert found is not None
                assert (found.t, found.deleted) == (t, resource is None)
                assert resource is None or orjson.loads(found.text) == resource
            assert self.desk.store.read(OPEN, "Observation", id) == found
            assert self.desk.store.vread(OPEN, "Observation", id, len(versions) + 1) is None

    def live(self, id: str) -> dict[str, Any] | None:
        return self.versions[id][-1][0] if id in self.versions else None

    @staticmethod
    def pairs(
        code: str | None, status: str | None, denied: bool, taken: tuple[str, str] | None, order: str
    ) -> list[tuple[str, str]]:
        asked = [
            ("code", code),
            ("status:not" if denied else "status", status),
            ("date", taken and "".join(taken)),
            ("_sort", order),
        ]
        return [(name, value) for name, value in asked if value]

    def expected(self, code: str | None, status: str | None, denied: bool, taken: tuple[str, str] | None) -> list[str]:
        def fits(resource: dict[str, Any]) -> bool:
            coding, found = resource["code"]["coding"][0], when(resource)
            system, bar, value = (code or "").rpartition("|")
            return (
                (
                    not code
                    or ((not value or coding["code"] == value) and (not bar or coding.get("system", "") == system))
                )
                and (not status or (resource["status"] == status) != denied)
                and (not taken or (found is not None and compares(found, taken[0], span(taken[1]))))
            )

        return [id for id in self.versions if (resource := self.live(id)) and fits(resource)]

    def key(self, order: str) -> Callable[[str], tuple[int, int]]:
        def natural(id: str) -> tuple[int, int]:
            updated, number = self.written[id]
            found = None if "_lastUpdated" in order else when(self.live(id) or {})
            if found is None:
                return (number if "_lastUpdated" in order else updated), number
            first = found[0]
            return -(1 << 62) if first.year == 1 else int(first.timestamp() * 1000), number

        return natural


StoreMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
TestStoreAgainstAModel = StoreMachine.TestCase
