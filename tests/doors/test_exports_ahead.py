"""Of a file the next part is read while one is on its way; what may not be seen when it is its turn is not sent."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.export.fetching import File
from adapter.store import exports
from adapter.web import downloads
from tests.doors.serving import Got, Json
from tests.doors.test_exports import BASE, lines_of, manifest
from tests.doors.test_exports_resumed import VISITS, consents, file_of, visited
from tests.doors.test_guarded import OURS, Place, Sender, disclosures
from tests.doors.test_payers import RESTRICTED, payer


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Of whose files a part is of one record."""
    monkeypatch.setattr(exports, "STRETCH", 2)  # a visit, and its side for payers
    with visited(tmp_path) as place:
        yield place


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is read of files, as it is read."""
    found: list[Any] = []
    read = File.part

    def told(self: File, *of: Any) -> Any:
        found.append(part := read(self, *of))
        return part

    monkeypatch.setattr(File, "part", told)
    return found


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def got(
    place: Place, own: Sender, url: str, reads: list[Any], last: int, work: Callable[[], object], **said: str
) -> Got:
    """The answer to a request; when so many parts are in the ledger and the next with lines is read, work is done."""
    acted, before = [], len(disclosures(place))

    def meanwhile(message: Json) -> None:
        if not acted and len(disclosures(place)) == before + last:
            until(lambda: sum(part is not None for part in reads) > last)
            acted.append(work())

    own.client.meanwhile = meanwhile
    reads.clear()
    answer = own("GET", url, **said)
    own.client.meanwhile = None
    assert len(acted) == 1
    return answer


def ends(place: Place, consent: str) -> datetime:
    """When what a consent permits ends."""
    with place.program.store.asking() as database:
        row = database.execute("SELECT max(valid_until) FROM permit WHERE consent = ?", (consent,)).fetchone()
    return datetime.fromtimestamp(row[0] / 1000, UTC)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("how", ["taken back", "restricted", "ends at this moment", "ended days ago"])
def test_what_was_read_ahead_goes_only_if_it_may_be_seen_when_it_is_its_turn(
    place: Place, reads: list[Any], how: str, packed: bool
) -> None:
    clock, consent = place.program.clock, consents(place, of=1)[0]
    lasts = {"expires_with": None, "expires_on": "2026-03-03"}
    patched = place.staff("PATCH", f"/iop/consent/{consent}", lasts, {"if-match": 'W/"1"'})
    person, end = patched.json["participant"], ends(place, consent)
    clock.now = end - timedelta(seconds=30)
    own = payer(place)
    url = file_of(own, place)
    work: dict[str, Callable[[], object]] = {
        "taken back": lambda: place.revoked({"id": consent}, 2),
        "restricted": lambda: place.consent(person, **RESTRICTED),
        "ends at this moment": lambda: setattr(clock, "now", end),
        "ended days ago": lambda: setattr(clock, "now", end + timedelta(days=2)),
    }
    whole, before = own("GET", url), len(disclosures(place))
    clock.now = end - timedelta(milliseconds=downloads.FRESH_MS // 2)
    said = {"accept-encoding": "gzip"} if packed else {}
    answer = got(place, own, url, reads, VISITS + 1, work[how], **said)
    sent = gzip.decompress(answer.body) if packed else answer.body
    first = [line for line in whole.body.splitlines(keepends=True) if person.encode() not in line]
    assert len(first) == VISITS + 1
    assert sent == b"".join(first)
    told = {patient for *_, shown in disclosures(place)[before:] for patient, _ in shown}
    assert person not in told


def test_what_does_not_match_a_scope_any_more_is_not_sent(place: Place, reads: list[Any]) -> None:
    own = place.client("program-ehr", OURS, "system/Encounter.rs?status=finished")
    url = file_of_all(own, place)
    ids = [one["id"] for one in lines_of(own("GET", url))]
    visit = place.staff("GET", f"/fhir/Encounter/{ids[3]}").json | {"status": "entered-in-error"}
    answer = got(place, own, url, reads, 3, lambda: place.staff("PUT", f"/fhir/Encounter/{ids[3]}", visit))
    assert [one["id"] for one in lines_of(answer)] == ids[:3]
    assert [one["id"] for one in lines_of(own("GET", url))] == [*ids[:3], *ids[4:]]


def file_of_all(own: Sender, place: Place) -> str:
    listed = manifest(place, own, "Patient/$export?_type=Encounter")
    return str(listed["output"][0]["url"]).removeprefix(BASE)


def test_a_reader_who_is_slow_has_the_store_read_little_more_than_once(place: Place, reads: list[Any]) -> None:
    own = payer(place)
    url, clock = file_of(own, place), place.program.clock
    own("GET", url)
    number = len(reads)

    def meanwhile(message: Json) -> None:
        clock.now += timedelta(milliseconds=2 * downloads.FRESH_MS)

    reads.clear()
    own.client.meanwhile = meanwhile
    assert len(lines_of(own("GET", url))) == 2 * (VISITS + 1)
    own.client.meanwhile = None
    assert number < len(reads) <= number + number // downloads.ALONE + 1


def test_who_goes_away_is_told_of_no_more_and_leaves_his_place(place: Place, reads: list[Any]) -> None:
    own = payer(place)
    url, before = file_of(own, place), len(disclosures(place))

    def meanwhile(message: Json) -> None:
        if message["type"] == "http.response.body":
            own.client.gone = True

    own.client.meanwhile = meanwhile
    own("GET", url)
    own.client.meanwhile, own.client.gone = None, False
    assert len(disclosures(place)) == before + 1
    until(lambda: own.client.served._alone.desk.asked == 0)
