"""The rows of `guarded_inputs.toml`: what a client of a kind gets for a request that depends on who it is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.doors.mounted import filled
from tests.doors.serving import Got
from tests.doors.test_guarded import OURS, THEIRS, Place, Sender, disclosures, placed
from tests.doors.test_non_interference import Still

ROWS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("guarded_inputs.toml").read_text("utf-8"))
ABSENT = "00000000-0000-7000-8000-fffffffffffe"
HIDDEN = ("{hidden}", "{hidden visit}", "{hidden gone}")


class World(NamedTuple):
    """A program, what the words of a row stand for, and the clients that have asked."""

    place: Place
    words: dict[str, str]
    senders: dict[tuple[str, str], Sender]

    def sender(self, row: dict[str, Any]) -> Sender:
        """The client of a row."""
        kind, scopes = row["kind"], row.get("scopes", "system/*.cruds")
        if (kind, scopes) not in self.senders:
            organization = OURS if kind == "program-ehr" else THEIRS
            self.senders[kind, scopes] = self.place.client(kind, organization, scopes)
        return self.senders[kind, scopes]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all rows."""
    with placed(tmp_path_factory.mktemp("rows"), Still()) as place:
        words = {"{absent}": ABSENT}
        for who, more in (("shown", ""), ("hidden", "hidden ")):
            person = place.participant()
            place.treated(person)
            words |= {f"{{{who}}}": person, f"{{{more}visit}}": visit(place, person, "1" if who == "shown" else who)}
            words[f"{{{more}other visit}}"] = visit(place, person, f"2 {who}")
            words[f"{{{more}gone}}"] = gone = visit(place, person, f"3 {who}")
            assert place.staff("DELETE", f"/fhir/Encounter/{gone}").status == 204
        words["{consent}"] = str(place.consent(words["{shown}"])["id"])
        yield World(place, words, {})


def visit(place: Place, person: str, number: str) -> str:
    """A visit with a number of its own, and one that it has in common with all."""
    names = {"urn:visits": number, "urn:kinds": "individual"}
    return place.session(person, identifier=[{"system": system, "value": value} for system, value in names.items()])


def answer(world: World, row: dict[str, Any], words: dict[str, str]) -> Got:
    """What the client of a row gets, without the ids that it asked for."""
    body = filled(row["body"], words).encode() if "body" in row else None
    got = world.sender(row)(row.get("method", "GET"), filled(row["url"], words), body, **row.get("headers", {}))
    ids = [words[word] for word in (*HIDDEN, "{absent}")]
    told = {name: _masked(value.encode(), ids).decode() for name, value in got.headers.items() if name != "date"}
    return Got(got.status, told, _masked(got.body, ids))


def _masked(text: bytes, ids: list[str]) -> bytes:
    for id in ids:
        text = text.replace(id.encode(), b"ID")
    return text


@pytest.mark.parametrize("name", ROWS)
def test_a_client_gets_what_its_kind_its_scopes_and_the_consents_let_it(name: str, world: World) -> None:
    row = ROWS[name]
    world.sender(row)
    t, told = world.place.program.store.t, len(disclosures(world.place))
    got = answer(world, row, world.words)
    assert got.status == row["status"], got.body
    if "code" in row:
        assert got.codes[0] == row["code"]
    if "total" in row:
        assert got.json["total"] == row["total"]
    if "entries" in row:
        assert [entry["response"]["status"].split()[0] for entry in got.json["entry"]] == row["entries"]
    assert (world.place.program.store.t != t) == row.get("writes", False)
    if got.status >= 400 and got.status != 410:  # which tells that there was something
        assert len(disclosures(world.place)) == told
    if any(word in row["url"] + row.get("body", "") for word in HIDDEN):
        absent = world.words | dict.fromkeys(HIDDEN, ABSENT)
        assert answer(world, row, absent) == got
