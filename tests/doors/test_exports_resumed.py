"""A file of bulk data that broke off goes on where it did, as long as what may be sent of it is what it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapter.store import exports
from tests.doors.serving import Clock
from tests.doors.test_exports import BASE, fetched, group, keys, lines_of, manifest, seen
from tests.doors.test_guarded import OURS, Place, Sender, disclosures, placed
from tests.doors.test_payers import member, payer

VISITS = 7


class Quick(Clock):
    """A millisecond passes each time, so that what is read ahead is not too old when it is its turn."""

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@contextmanager
def visited(folder: Path) -> Iterator[Place]:
    """A program with two members who have some visits, one after the other."""
    with placed(folder, Quick()) as place:
        for _ in range(2):
            person, _ = member(place)
            for _ in range(VISITS):
                place.session(person)
        yield place


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Of whose files a part is of few records."""
    monkeypatch.setattr(exports, "STRETCH", 3)
    with visited(tmp_path) as place:
        yield place


def file_of(own: Sender, place: Place, query: str = "") -> str:
    listed = manifest(place, own, f"{group(own)}/$export?_type=Encounter{query}")
    return str(listed["output"][0]["url"]).removeprefix(BASE)


def consents(place: Place, *, of: int) -> list[str]:
    found = place.staff("GET", "/fhir/Consent?_sort=_lastUpdated").json["entry"]
    return [found[of]["resource"]["id"]]


def test_what_is_left_of_a_file_is_sent_by_its_etag(place: Place) -> None:
    own = payer(place)
    url = file_of(own, place)
    whole = own("GET", url)
    size, tag = len(whole.body), whole.headers["etag"]
    assert (whole.status, whole.headers["accept-ranges"], int(whole.headers["content-length"])) == (200, "bytes", size)
    assert tag.startswith('"')
    head = own("HEAD", url)
    assert (head.status, head.headers["etag"], head.headers["accept-ranges"], head.body) == (200, tag, "bytes", b"")
    having = {"if-range": tag}
    for said, begin, end, more in (
        ("bytes=0-", 0, size, {}),
        ("bytes=100-", 100, size, having),
        (f"bytes={size - 1}-", size - 1, size, having | {"accept-encoding": "gzip"}),
        ("bytes=5-9", 5, 10, {}),
        (f"bytes=2000-{size + 5}", 2000, size, {}),
        ("bytes=-700", size - 700, size, {}),
        (f"bytes=-{size + 1}", 0, size, having),
    ):
        got = own("GET", url, range=said, **more)
        assert (got.status, got.headers["etag"]) == (206, tag), said
        assert got.headers["content-range"] == f"bytes {begin}-{end - 1}/{size}"
        assert got.body == whole.body[begin:end], said
        assert int(got.headers["content-length"]) == end - begin


def test_what_is_no_range_of_a_file_is_refused_or_not_heard(place: Place) -> None:
    own = payer(place)
    url = file_of(own, place)
    whole = own("GET", url)
    size = len(whole.body)
    for said in (f"bytes={size}-", f"bytes={size + 9}-", "bytes=-0"):
        got = own("GET", url, range=said)
        assert (got.status, got.headers["content-range"], got.codes) == (416, f"bytes */{size}", ["value"])
    for said in ("bytes=0-1,4-5", "bytes=5-1", "bytes=-", "lines=1-2", "bytes=a-"):
        assert own("GET", url, range=said).body == whole.body, said


def test_only_the_parts_that_are_sent_are_in_the_ledger(place: Place) -> None:
    own = payer(place)
    url = file_of(own, place)
    whole = own("GET", url)
    before = len(disclosures(place))
    own("GET", url, range=f"bytes={len(whole.body) - 10}-")
    assert len(disclosures(place)) == before + 1


def test_who_has_something_else_is_sent_the_whole(place: Place) -> None:
    own = payer(place)
    url = file_of(own, place)
    whole = own("GET", url)
    for more in ({"if-range": '"other"'}, {"if-range": "Mon, 02 Mar 2026 09:30:00 GMT"}):
        got = own("GET", url, range="bytes=100-", **more)
        assert (got.status, got.body) == (200, whole.body)
    packed = own("GET", url, range="bytes=100-", **{"accept-encoding": "gzip"})
    assert (packed.status, packed.headers["content-encoding"]) == (200, "gzip")
    assert "etag" not in packed.headers


@pytest.mark.parametrize("which", [0, 1])
def test_what_was_taken_back_since_ends_the_file_that_was_begun(place: Place, which: int) -> None:
    own = payer(place)
    url = file_of(own, place)
    whole = own("GET", url)
    tag, middle = whole.headers["etag"], len(whole.body) // 2
    place.revoked({"id": consents(place, of=which)[0]})
    if which == 0:  # of the first half: what comes behind it may be sent
        assert own("GET", url, range=f"bytes={middle + 3000}-", **{"if-range": tag}).status == 206
    else:  # what comes before it, and then it is cut off
        broken = own("GET", url, range="bytes=5-", **{"if-range": tag})
        assert (broken.status, len(broken.body) < middle + 3000) == (206, True)
    anew = own("GET", url, range="bytes=5-", **{"if-range": tag})
    assert (anew.status, "etag" in anew.headers, "content-length" in anew.headers) == (200, False, False)
    assert keys(lines_of(anew)) == seen(own, "Encounter")
    assert 0 < len(lines_of(anew)) < len(lines_of(whole))
    for more in ({"range": "bytes=5-"}, {"range": "bytes=5-", "if-range": tag}):
        assert own("GET", url, **more).body == anew.body


def test_a_file_is_cut_off_where_what_was_promised_may_not_be_sent(place: Place) -> None:
    own = payer(place)
    url = file_of(own, place)
    place.revoked({"id": consents(place, of=1)[0]})
    broken = own("GET", url)
    assert len(broken.body) < int(broken.headers["content-length"])
    assert keys(lines_of(own("GET", url))) == seen(own, "Encounter")


def test_a_privacy_officer_who_looks_at_a_file_changes_nothing_for_its_client(place: Place) -> None:
    own = place.client("program-ehr", OURS, "system/*.rs")
    listed = manifest(place, own, "Patient/$export?_type=Encounter")
    url = str(listed["output"][0]["url"]).removeprefix(BASE)
    tag = own("HEAD", url).headers["etag"]
    looked = place.client("privacy-officer", OURS, "user/*.rs")("GET", url)
    assert (looked.status, "etag" in looked.headers) == (200, False)
    assert own("GET", url).headers["etag"] == tag


def test_a_record_that_cannot_be_printed_is_told_of_and_keeps_no_other_from_going(place: Place) -> None:
    own = payer(place)
    visits = sorted(seen(own, "Encounter"))
    hidden = place.session(place.participant())
    damaged = {"body": b'{"resourceType": "Enc', "one": visits[3].split("/")[1], "other": hidden}
    sql = "UPDATE version SET body = :body WHERE type = 'Encounter' AND id IN (:one, :other)"
    place.program.store.write(lambda t: t.database.execute(sql, damaged)).result(30)
    listed = manifest(place, own, f"{group(own)}/$export?_type=Encounter")
    assert keys(fetched(own, listed)) == [visit for visit in visits if visit != visits[3]]
    (error,) = listed["error"]
    assert error["type"] == "OperationOutcome"
    (line,) = lines_of(own("GET", error["url"].removeprefix(BASE)))
    assert visits[3].rpartition("/")[0] in json.dumps(line)
    assert hidden not in json.dumps(line)
    file = listed["output"][0]["url"].removeprefix(BASE)
    assert own("GET", file, range="bytes=10-").status == 206


def test_who_has_joined_is_on_the_roster_of_the_next_export_at_once(place: Place) -> None:
    """Who is on one is remembered for the files of one export."""
    own = payer(place)
    before = len(lines_of(own("GET", file_of(own, place))))
    person, _ = member(place)
    lines = lines_of(own("GET", file_of(own, place)))
    assert len(lines) == before + 1
    assert sum(line["subject"]["reference"] == f"Patient/{person}" for line in lines) == 1
