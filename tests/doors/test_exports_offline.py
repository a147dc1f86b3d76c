"""Bulk data into a folder, without a server: what a client may have, or the whole for the program itself."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adapter import exporter
from adapter.callers import Purpose
from adapter.export.folder import DRAFT, MANIFEST, STATE, Folder
from adapter.exporter import Wanted
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.store import exports
from tests.doors.test_exports import fetched, group, keys, manifest
from tests.doors.test_guarded import OURS, Json, Place, disclosures, placed
from tests.doors.test_payers import member, payer

VISITS = 5


class KilledError(Exception):
    """Stands for the end of a process: nothing is done after it."""


def wanted(client: str | None, *types: str, **more: Any) -> Wanted:
    return Wanted(**{"client": client, "purpose": None, "types": types, "roster": None, "since": None, **more})


def lines(folder: Path, listed: Json, kind: str = "output") -> list[Json]:
    found = [json.loads(line) for file in listed[kind] for line in (folder / file["url"]).read_bytes().splitlines()]
    assert len(found) == sum(file["count"] for file in listed[kind])
    return found


def made(program: Program, folder: Path, asked: Wanted) -> Json:
    exporter.export_from(program, folder, asked, lambda name: None)
    assert not (folder / STATE).exists()
    assert list(folder.glob(f"*{DRAFT}")) == []
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    return dict(json.loads((folder / MANIFEST).read_bytes()))


class Left(NamedTuple):
    """A program with a payer that has a member, and somebody who is none."""

    place: Place
    client: str
    seen: list[str]
    hidden: str

    @property
    def program(self) -> Program:
        return self.place.program


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Left]:
    """One with few lines in a file."""
    monkeypatch.setattr(exports, "STRETCH", 2)
    with placed(tmp_path, export_lines=2) as place:
        person, _ = member(place)
        for _ in range(VISITS):
            place.session(person)
        hidden = place.session(place.participant())
        own = payer(place)
        seen = keys(fetched(own, manifest(place, own, f"{group(own)}/$export")))
        yield Left(place, client_of(place, "payer"), seen, hidden)


def client_of(place: Place, kind: str) -> str:
    with place.program.store.clients() as clients:
        return next(one.id for one in clients.listed(0) if one.kind == kind)


def test_a_folder_has_what_the_client_would_be_given_and_the_ledger_has_it_too(left: Left, tmp_path: Path) -> None:
    before = len(disclosures(left.place))
    folder = tmp_path / "out"
    listed = made(left.program, folder, wanted(left.client))
    assert keys(lines(folder, listed)) == left.seen
    assert left.hidden not in str(lines(folder, listed))
    assert (listed["extension"]["recipient"], listed["extension"]["purpose"]) == (left.client, "HPAYMT")
    assert "42 CFR part 2" in listed["extension"]["notice"]["text"]
    assert listed["request"] == f"iop-adapter export --as {left.client} --purpose HPAYMT"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sum(file["type"] == "Encounter" for file in listed["output"]) > 1
    told = disclosures(left.place)[before:]
    assert {(kind, what) for kind, _, what, _ in told} == {("payer", "$export")}
    assert all(ground for *_, patients in told for _, ground in patients)
    only = made(left.program, tmp_path / "only", wanted(left.client, "Patient"))
    assert {file["type"] for file in only["output"]} == {"Patient"}


def test_the_whole_is_for_the_program_alone_and_says_so(left: Left, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    listed = made(left.program, folder, wanted(None, "Encounter", "Consent"))
    got = lines(folder, listed)
    assert left.hidden in {one["id"] for one in got}
    assert len([one for one in got if one["resourceType"] == "Encounter"]) > VISITS + 1
    assert listed["extension"]["own"] == "true"
    assert "must not leave" in listed["extension"]["warning"]
    assert any(one["meta"].get("security") for one in got)
    assert ("privacy-officer", "internal", "$export") in {row[:3] for row in disclosures(left.place)}


@pytest.mark.parametrize("files", [0, 1, 3])
def test_what_was_broken_off_goes_on_behind_the_last_whole_file(
    left: Left, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    folder, add, count = tmp_path / "out", Folder.add, iter(range(99))

    def dying(self: Folder, kind: str, type: str, of: Any, parts: Any) -> str:
        def some() -> Iterator[Any]:
            yield next(parts)
            raise KilledError

        return add(self, kind, type, of, some() if next(count) == files else parts)

    monkeypatch.setattr(Folder, "add", dying)
    with pytest.raises(KilledError):
        exporter.export_from(left.program, folder, wanted(left.client), lambda name: None)
    assert len(list(folder.glob("*.ndjson"))) == files
    assert not (folder / MANIFEST).exists()
    monkeypatch.setattr(Folder, "add", add)
    with pytest.raises(Problem) as told:
        exporter.export_from(left.program, folder, wanted(left.client, "Patient"), lambda name: None)
    assert told.value.kind is Kind.CONFLICT
    assert keys(lines(folder, made(left.program, folder, wanted(left.client)))) == left.seen


@pytest.mark.parametrize("files", range(1, 6))
def test_what_was_taken_back_meanwhile_is_in_no_file_when_it_goes_on(left: Left, tmp_path: Path, files: int) -> None:
    folder, written = tmp_path / "out", list[str]()
    other, visit = member(left.place)

    def dying(name: str) -> None:
        written.append(name)
        if len(written) == files:
            (folder / f"left.000009.ndjson{DRAFT}").write_text(visit)
            (folder / "Encounter.000009.ndjson").write_text(visit)
            raise KilledError

    with pytest.raises(KilledError):
        exporter.export_from(left.program, folder, wanted(left.client), dying)
    consents = left.place.staff("GET", "/iop/consent").json["records"]
    left.place.revoked(next(one for one in consents if one["participant"] == other))
    told = lines(folder, made(left.program, folder, wanted(left.client)))
    assert keys(told) == left.seen
    kept = b"".join(path.read_bytes() for path in folder.iterdir()).decode()
    assert visit not in kept
    assert other not in kept


def test_what_stands_is_not_written_or_recorded_twice(left: Left, tmp_path: Path) -> None:
    folder, written = tmp_path / "out", list[str]()

    def dying(name: str) -> None:
        written.append(name)
        if len(written) == 3:
            raise KilledError

    with pytest.raises(KilledError):
        exporter.export_from(left.program, folder, wanted(left.client), dying)
    before = {name: (folder / name).stat().st_ino for name in written}
    told = len(disclosures(left.place))
    again = list[str]()
    exporter.export_from(left.program, folder, wanted(left.client), again.append)
    assert not set(again) & set(written)
    assert {name: (folder / name).stat().st_ino for name in written} == before
    whole = tmp_path / "whole"
    after = len(disclosures(left.place))
    exporter.export_from(left.program, whole, wanted(left.client), again.append)
    assert after - told < len(disclosures(left.place)) - after


def test_what_a_client_may_not_have_is_refused_and_nothing_is_written_over(left: Left, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    for asked, kind in (
        (wanted("nobody"), Kind.NOT_FOUND),
        (wanted(left.client, "Observation"), Kind.FORBIDDEN),
        (wanted(left.client, purpose=Purpose.TREATMENT), Kind.FORBIDDEN),
        (wanted(left.client, roster="roster-all"), Kind.NOT_FOUND),
        (wanted(None, "Nothing"), Kind.INVALID),
    ):
        with pytest.raises(Problem) as told:
            exporter.export_from(left.program, folder, asked, lambda name: None)
        assert told.value.kind is kind, asked
    assert not folder.exists()
    folder.mkdir()
    (folder / "mine").write_text("kept")
    with pytest.raises(Problem) as told:
        exporter.export_from(left.program, folder, wanted(left.client), lambda name: None)
    assert told.value.kind is Kind.CONFLICT
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_the_programs_own_client_has_a_roster_or_all(tmp_path: Path) -> None:
    with placed(tmp_path) as place:
        visit = place.session(place.participant())
        place.client("program-ehr", OURS, "system/*.rs")
        place.client("facility", scopes="system/*.rs")
        own = client_of(place, "program-ehr")
        every, roster = (wanted(own, "Encounter", roster=name) for name in (None, "roster-active"))
        assert visit in str(lines(tmp_path / "1", made(place.program, tmp_path / "1", every)))
        assert made(place.program, tmp_path / "2", roster)["output"] == []
        with pytest.raises(Problem) as told:
            exporter.export_from(place.program, tmp_path / "3", wanted(client_of(place, "facility")), lambda name: None)
        assert told.value.kind is Kind.FORBIDDEN
