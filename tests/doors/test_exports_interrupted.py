"""Whoever works on an export may be killed, stopped or overtaken: its files are whole, and no line is there twice."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from adapter import app
from adapter.export import lines, planning
from adapter.export.fetching import File
from adapter.export.planning import Planner
from adapter.fhir.dates import milliseconds
from adapter.problems import Kind, Problem
from adapter.store import exports
from adapter.store.exports import EXPORT, Export, Exports, Found, Stretch
from adapter.store.jobs import Job, Jobs
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.web.access import Clients
from tests.doors.serving import Clock
from tests.doors.test_exports import begun, fetched, group, keys, seen, work
from tests.doors.test_guarded import Place, disclosures, placed
from tests.doors.test_payers import covered, payer

VISITS = 7


class KilledError(Exception):
    """Stands for the end of a process: nothing is done after it."""


class Dying(Planner):
    """Finds so many files and is killed, at the latest before it says that all are known."""

    def __init__(self, access: Clients, files: int) -> None:
        super().__init__(access.program, access.pullers, access.ledger)
        self._left = files

    async def _found(self, job: Job, one: Export, n: int, found: Found) -> None:
        if self._left == 0:
            raise KilledError
        self._left -= 1
        await super()._found(job, one, n, found)

    async def _over(self, job: Job, one: Export, failure: str | None = None) -> None:
        raise KilledError


class Overnight(Clock):
    """Two days pass once something is `over`."""

    def __init__(self) -> None:
        super().__init__()
        self.over: Callable[[], bool] | None = None

    def __call__(self) -> datetime:
        asked, self.over = self.over, None
        if asked is not None:
            if asked():
                self.now += timedelta(days=2)
            else:
                self.over = asked
        return super().__call__()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A program whose files have few lines, with a member who has some visits."""
    monkeypatch.setattr(exports, "STRETCH", 3)
    with placed(tmp_path, export_lines=1, lease_seconds=1) as place:
        person = place.participant()
        covered(place, person)
        place.consent(person)
        for _ in range(VISITS):
            place.session(person)
        yield place


@pytest.fixture
def access(place: Place) -> Iterator[Clients]:
    """Who may ask."""
    ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
    yield app.clients(place.program, ledger)
    ledger.close()


def claimed(place: Place, lease_ms: int = 1) -> Job:
    """The job, held by somebody of whom no more is heard."""
    now = milliseconds(place.program.clock())
    (job,) = place.program.store.write(
        lambda t: Jobs(t.database).claim([EXPORT], "killed", now, now + lease_ms, 9)
    ).result(30)
    return job


def files(place: Place, id: str) -> list[Stretch]:
    with place.program.store.asking() as database:
        return Exports(database).files(id)


@pytest.mark.parametrize("found", [0, 1, 2, 3, 99])
def test_whoever_is_killed_while_files_are_looked_for_is_followed_by_another(
    place: Place, access: Clients, found: int
) -> None:
    own = payer(place)
    status = begun(own, f"{group(own)}/$export?_type=Encounter")
    job = claimed(place)
    with pytest.raises(KilledError):
        asyncio.run(Dying(access, found)(job))
    waiting = own("GET", status)
    assert (waiting.status, waiting.headers["x-progress"]) == (202, f"{len(files(place, job.key))} files are ready")
    assert own("GET", f"{status}/1").status == 404
    work(place)
    listed = own("GET", status).json
    assert len(listed["output"]) >= 4
    got = keys(fetched(own, listed))
    assert got == seen(own, "Encounter")
    assert len(got) == len(set(got)) == VISITS


def test_whoever_was_overtaken_changes_nothing(place: Place, access: Clients) -> None:
    own = payer(place)
    begun(own, f"{group(own)}/$export?_type=Encounter")
    slow = claimed(place)
    with pytest.raises(KilledError):
        asyncio.run(Dying(access, 1)(slow))
    work(place)
    known = files(place, slow.key)
    with place.program.store.asking() as database:
        one = Exports(database).named(slow.key)
    assert one is not None
    planner = Planner(place.program, access.pullers, access.ledger)
    for late in (planner._found(slow, one, len(known) + 1, Found(Stretch("Encounter", 0, 99))), planner(slow)):
        with pytest.raises(Problem) as told:
            asyncio.run(late)
        assert told.value.kind is Kind.CONFLICT
    assert files(place, slow.key) == known


def test_whoever_takes_long_to_find_a_file_holds_the_job_meanwhile(
    place: Place, access: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = payer(place)
    status = begun(own, f"{group(own)}/$export?_type=Encounter")
    job = claimed(place)

    def held_until() -> int:
        with place.program.store.asking() as database:
            stands = Jobs(database).named(EXPORT, job.key)
        assert stands is not None
        return stands.at_ms

    def slowly(*said: Any) -> Found | None:
        end, begin = monotonic() + 30, held_until()
        while held_until() == begin and monotonic() < end:
            sleep(0.05)
        extended.append(held_until() > begin)
        return lines.file_of(*said)

    extended: list[bool] = []
    monkeypatch.setattr(planning, "file_of", slowly)
    asyncio.run(Planner(place.program, access.pullers, access.ledger)(job))
    assert all(extended[:2])
    assert len(own("GET", status).json["output"]) >= 4


def test_an_export_of_which_files_are_found_goes_on_however_often_it_breaks_off(place: Place, access: Clients) -> None:
    own = payer(place)
    status = begun(own, f"{group(own)}/$export?_type=Encounter")
    for found in (0, 0, 0, 0, 1, 0, 0, 0):
        with pytest.raises(KilledError):
            asyncio.run(Dying(access, found)(claimed(place)))
    work(place)
    assert keys(fetched(own, own("GET", status).json)) == seen(own, "Encounter")


def test_what_cannot_be_done_five_times_has_failed_and_says_so(
    place: Place, access: Clients, caplog: pytest.LogCaptureFixture
) -> None:
    own = payer(place)
    status = begun(own, f"{group(own)}/$export?_type=Encounter")
    for _ in range(5):
        with pytest.raises(KilledError):
            asyncio.run(Dying(access, 0)(claimed(place)))
    work(place)
    got = own("GET", status)
    assert (got.status, got.codes) == (500, ["exception"])
    assert "tried too often" in got.json["issue"][0]["details"]["text"]
    assert "fault" not in caplog.text
    assert own("DELETE", status).status == 202


def test_an_export_of_a_client_that_may_not_ask_any_more_fails(place: Place) -> None:
    own = payer(place)
    status = begun(own, f"{group(own)}/$export?_type=Encounter")
    id = status.rpartition("/")[2]
    with place.program.store.asking() as database:
        one = Exports(database).named(id)
    assert one is not None
    place.program.store.change_clients(lambda clients: clients.enable(one.client, False)).result(30)
    work(place)
    assert own("GET", status).status == 401
    with place.program.store.asking() as database:
        failed = Exports(database).named(id)
    assert failed is not None
    assert failed.failure == "the client may not have it any more"


def test_a_consent_that_is_taken_back_ends_a_file_that_is_going_out(place: Place, access: Clients) -> None:
    own = payer(place)
    status = begun(own, f"{group(own)}/$export?_type=Encounter")
    work(place)
    now = milliseconds(place.program.clock())
    with place.program.store.asking() as database:
        one = Exports(database).named(status.rpartition("/")[2])
    assert one is not None
    puller = access.pullers(one, now)
    assert puller is not None
    file = File(place.program, puller, access.ledger, "Group", one.id, "1")
    meant = file.meant()
    stretch = next(part for part in file.stretches(meant) if file.part(meant, part))
    with place.program.store.asking() as database:
        consents = database.execute("SELECT id FROM version WHERE type = 'Consent' AND rendering = 0").fetchall()
    place.revoked({"id": consents[0][0]})
    assert file.part(meant, stretch) is None


@pytest.mark.parametrize("lasts", [False, True])
def test_a_consent_that_ends_by_its_date_ends_in_a_file_that_is_going_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasts: bool
) -> None:
    monkeypatch.setattr(exports, "STRETCH", 1)
    clock = Overnight()
    with placed(tmp_path, clock) as place:
        person = place.participant()
        covered(place, person)
        ends = place.consent(person, kind=None, laws=None, expires_with=None, expires_on="2026-03-02")["id"]
        other = [place.consent(person)["id"]] if lasts else []
        for _ in range(VISITS):
            place.session(person)
        own = payer(place)
        status = begun(own, f"{group(own)}/$export?_type=Encounter")
        work(place)
        before = len(disclosures(place))
        clock.over = lambda: len(disclosures(place)) > before
        got = own("GET", f"{status}/1", **{"accept-encoding": "gzip"})
        lines = gzip.decompress(got.body).splitlines()  # whole: it was not cut off
        assert len(lines) == (VISITS if lasts else 1)
        grounds = [patients for *_, patients in disclosures(place)[before:]]
        assert grounds == [[(person, ground)] for ground in [ends, *other * (VISITS - 1)]]


@pytest.mark.parametrize(("bytes", "most"), [(1, 1), (1_500, 3), (1 << 20, 3)])
def test_a_part_holds_no_more_bytes_than_it_may_and_no_less_than_a_record(
    place: Place, monkeypatch: pytest.MonkeyPatch, bytes: int, most: int
) -> None:
    monkeypatch.setattr(exports, "BYTES", bytes)
    with place.program.store.asking() as database:
        asked = "SELECT vid, length(body) FROM version WHERE type = 'Encounter' ORDER BY vid"
        sizes = database.execute(asked).fetchall()
    parts = []
    for stretch in exports.stretches(place.program.store, "Encounter"):
        part = [size for vid, size in sizes if stretch.after < vid <= stretch.last]
        assert 1 <= len(part) <= most
        assert len(part) == 1 or sum(part) <= bytes
        parts += part
    assert parts == [size for _, size in sizes]
    own = payer(place)
    status = begun(own, f"{group(own)}/$export?_type=Encounter")
    work(place)
    assert keys(fetched(own, own("GET", status).json)) == seen(own, "Encounter")


def test_exports_are_forgotten_when_they_end(place: Place) -> None:
    own = payer(place)
    status = begun(own, f"{group(own)}/$export?_type=Encounter")
    work(place)
    ended = "UPDATE export SET ends_ms = 1"
    place.program.store.write(lambda t: t.database.execute(ended)).result(30)
    place.program.store.write(lambda t: Jobs(t.database).renew(EXPORT, status.rpartition("/")[2], 1)).result(30)
    work(place)
    assert own("GET", status).status == 404
    assert files(place, status.rpartition("/")[2]) == []
