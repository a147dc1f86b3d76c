"""The matrix of the staff at /iop, cell by cell: each role, concept and verb, with records of somebody in one's care,
of somebody else, and of nobody there is. What is expected is read from `staff.toml`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapter import app
from adapter.consent.duties import Duties
from adapter.consent.matrix import Role
from adapter.consent.predicate import everything
from adapter.interactions.program import Program
from adapter.web.native_verbs import VERBS
from tests.consent.release import matrix, offered
from tests.doors import staff
from tests.doors.serving import Client, Got, opened, served

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CONCEPTS = sorted(concept for concept in offered()[1] if concept not in ("", "other"))
MINE, OTHERS, ABSENT = (f"a0000000-0000-4000-8000-00000000009{n}" for n in (1, 2, 3))
NOTHING = "00000000-0000-4000-8000-0000000000ff"
_PERSON = re.compile(r"a0000000-0000-4000-8000-\d{12}")
Json = dict[str, Any]


def document(concept: str, participant: str) -> Json:
    """The smallest document of a concept, about somebody; without what names one record alone, or is given here."""
    text = (FIXTURES / concept / "minimal" / "native.json").read_text("utf-8")
    made: Json = json.loads(_PERSON.sub(participant, text))
    for name in ("id", "identifiers", "attending"):
        made.pop(name, None)
    for line in made.get("roster", ()):
        line.pop("booking", None)
    return made


def is_personal(concept: str) -> bool:
    """Whether its records are about a participant."""
    return concept == "participant" or MINE in json.dumps(document(concept, MINE))


@dataclass
class House:
    """A program with two participants, one of them in everybody's care, and a record of each concept for each."""

    program: Program
    office: Client
    door: Client
    tokens: dict[str, str] = field(default_factory=dict)
    records: dict[tuple[str, str], str] = field(default_factory=dict)

    def ask(self, roles: str, method: str, url: str, body: Any = None, **headers: str) -> Got:
        """Somebody with these roles asks."""
        if roles not in self.tokens:
            name = roles.replace(" ", ".")
            self.tokens[roles] = staff.token(self.program, staff.account(self.program, name, roles))
        said = {"authorization": f"Bearer {self.tokens[roles]}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.door(method, url, body, said)

    def made(self, concept: str, participant: str) -> str:
        """A new record, written by who may do all."""
        got = self.office("POST", f"/iop/{concept}", document(concept, participant))
        assert got.status == 201, (concept, got.body)
        return got.id

    def seen(self, concept: str, id: str) -> str:
        """The ETag of a record."""
        got = self.office("GET", f"/iop/{concept}/{id}")
        assert got.status == 200, (concept, got.body)
        return got.headers["etag"]

    def cared(self, participant: str, *roles: str, **more: Any) -> str:
        """A care team with the people of these roles."""
        members = [{"member": f"Practitioner/pr-{role}", "role": "addiction_counselor"} for role in roles]
        team = {"participant": participant, "status": "active", "members": members, **more}
        got = self.office("POST", "/iop/care_team", team)
        assert got.status == 201, got.body
        return got.id


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with housed(tmp_path_factory.mktemp("house")) as house:
        yield house


@contextmanager
def housed(folder: Path) -> Iterator[House]:
    """A house of its own."""
    with opened(folder) as program:
        house = House(program, Client(served(program, everything("the office"))), Client(app.asgi(program)))
        staff.app(program)
        try:
            for person in (MINE, OTHERS):
                made = house.office("PUT", f"/iop/participant/{person}", document("participant", person))
                assert made.status == 201, made.body
                house.records["participant", person] = person
                house.records |= {(one, person): house.made(one, person) for one in CONCEPTS if one != "participant"}
            house.cared(MINE, *Role)
            yield house
        finally:
            house.office.close()
            house.door.close()


def masked(got: Got) -> tuple[Any, ...]:
    """An answer without the ids that were asked for."""
    body = re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", b"ID", got.body)
    return (
        got.status,
        body,
        {name: said for name, said in got.headers.items() if name not in ("content-length", "date")},
    )


def word(role: str, concept: str, verb: str) -> str:
    """What the role may: of an aggregate, what it may with all its parts."""
    parts = {"group_meeting": ("session", "booking"), "drug_screen": ("drug_screen_panel", "drug_result")}
    duties = Duties(matrix(), role.split())
    return duties.allows((concept, *parts.get(concept, ())), (verb,)).value


# One predicate in SQL says all of them: on PostgreSQL each third is asked, and all at full size.
SAMPLED = os.environ.get("TEST_STORE") == "postgresql" and os.environ.get("TEST_PROOF") != "full"
CELLS = [(role, concept) for role in Role for concept in CONCEPTS][:: 3 if SAMPLED else 1]


@pytest.mark.parametrize(("role", "concept"), CELLS)
def test_what_is_there_to_read(house: House, role: str, concept: str) -> None:
    mine, others = (house.records[concept, person] for person in (MINE, OTHERS))
    listing, got = (
        house.ask(role, "GET", f"/iop/{concept}?limit=200"),
        {id: house.ask(role, "GET", f"/iop/{concept}/{id}") for id in (mine, others, NOTHING)},
    )
    if word(role, concept, "get") == "no":
        assert {one.status for one in (listing, *got.values())} == {403}
        assert len({masked(one)[1] for one in (listing, *got.values())}) == 1
        return
    shown = {record["id"] for record in listing.json["records"]}
    assert got[mine].status == 200
    assert mine in shown
    assert got[NOTHING].status == 404
    if word(role, concept, "get") == "all":
        assert got[others].status == 200
        assert others in shown
    else:
        assert masked(got[others]) == masked(got[NOTHING])
        assert others not in shown
        assert OTHERS not in listing.body.decode()


@pytest.mark.parametrize(("role", "concept"), CELLS)
def test_what_can_be_written_anew(house: House, role: str, concept: str) -> None:
    may = word(role, concept, "create")
    got = {
        person: house.ask(role, "POST", f"/iop/{concept}", document(concept, person))
        for person in (MINE, OTHERS, ABSENT)
    }
    if may == "no":
        assert {one.status for one in got.values()} == {403}
    elif may == "all":
        assert {one.status for one in got.values()} == {201}, got[MINE].body
    else:
        assert got[MINE].status == 201, got[MINE].body
        assert got[OTHERS].status == 422
        assert masked(got[OTHERS]) == masked(got[ABSENT])
        assert got[OTHERS].codes == ["not-found"]


@pytest.mark.parametrize(("role", "concept"), CELLS)
def test_what_can_be_changed(house: House, role: str, concept: str) -> None:
    for verb, method in (("put", "PUT"), ("patch", "PATCH")):
        may, looks = word(role, concept, verb), word(role, concept, "get")

        def change(id: str, method: str = method) -> Got:
            etag = house.seen(concept, id) if id != NOTHING else 'W/"1"'
            body = house.office("GET", f"/iop/{concept}/{id}").json if id != NOTHING else {"id": NOTHING}
            return house.ask(role, method, f"/iop/{concept}/{id}", body if method == "PUT" else {}, if_match=etag)

        got = {person: change(house.records[concept, person]) for person in (MINE, OTHERS)}
        absent = change(NOTHING)
        if may == "no":
            assert {one.status for one in (*got.values(), absent)} == {403}
            continue
        assert got[MINE].status == 200, got[MINE].body
        if may == "all":
            assert got[OTHERS].status == 200, got[OTHERS].body
        elif looks == "assigned":
            assert masked(got[OTHERS]) == masked(absent)
        assert absent.status in (404, 412, 422)


@pytest.mark.parametrize(("role", "concept"), CELLS)
def test_what_can_be_deleted(house: House, role: str, concept: str) -> None:
    may = word(role, concept, "delete")
    for person in (MINE, OTHERS):
        id = house.made(concept, person)
        got = house.ask(role, "DELETE", f"/iop/{concept}/{id}", if_match=house.seen(concept, id))
        assert got.status == {"no": 403, "all": 204}[may], got.body


def test_every_verb_has_its_test() -> None:
    assert {verb.name for verb in VERBS} == {"list", "get", "create", "put", "patch", "delete"}
    assert sum(is_personal(concept) for concept in CONCEPTS) > 25


BASE = {"parked": "GET", "unmapped": "GET", "pending": "GET", "import": "POST"}


@pytest.mark.parametrize("role", Role)
def test_the_base_is_held_to_the_same_words(house: House, role: str) -> None:
    for name, method in BASE.items():
        may = Duties(matrix(), [role]).word("", name).value
        line = json.dumps({"concept": "session", **document("session", MINE)}).encode()
        headers = {"content_type": "application/x-ndjson"} if method == "POST" else {}
        address = "/iop/$import" if name == "import" else f"/iop/{name}"
        got = house.ask(role, method, address, line if method == "POST" else None, **headers)
        assert got.status == (403 if may == "no" else 200), (name, got.body)
    assert house.ask(role, "GET", "/iop/openapi.json").status == 200


def test_a_list_of_what_is_incomplete_names_nobody_else(house: House) -> None:
    for person in (MINE, OTHERS):
        odd = {"resourceType": "Encounter", "status": "finished", "subject": {"reference": f"Patient/{person}"}}
        odd["class"] = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
        assert house.office("POST", "/fhir/Encounter", odd).status == 201
    everybody = {
        item["participant"] for item in house.ask("program-lead", "GET", "/iop/parked?limit=200").json["items"]
    }
    mine = {item["participant"] for item in house.ask("counselor", "GET", "/iop/parked?limit=200").json["items"]}
    assert everybody >= {MINE, OTHERS}
    assert mine == {MINE}


def test_several_roles_may_what_the_widest_of_them_may(house: House) -> None:
    session, screen = (house.records[concept, OTHERS] for concept in ("session", "drug_result"))
    for roles, concept, id, status in (
        ("counselor", "session", session, 404),
        ("billing", "session", session, 200),
        ("counselor billing", "session", session, 200),
        ("billing", "drug_result", screen, 403),
        ("counselor billing", "drug_result", screen, 404),
        ("counselor prescriber", "drug_result", screen, 200),
    ):
        assert house.ask(roles, "GET", f"/iop/{concept}/{id}").status == status, (roles, concept)


def test_a_role_is_heeded_and_taken_away_with_the_next_request(house: House) -> None:
    session = house.records["session", OTHERS]
    name = "counselor.program-lead"
    assert house.ask("counselor program-lead", "GET", f"/iop/session/{session}").status == 200
    house.program.store.change_staff(lambda known: known.set_roles(name, "counselor")).result(30)
    assert house.ask("counselor program-lead", "GET", f"/iop/session/{session}").status == 404


def test_references_to_what_is_hidden_wait_as_to_what_is_not_there(house: House) -> None:
    told = [
        house.ask("counselor", "POST", "/iop/session", document("session", MINE) | {"booking": booking})
        for booking in (house.records["booking", OTHERS], NOTHING)
    ]
    assert [one.status for one in told] == [201, 201]
    assert masked(told[0])[1] == masked(told[1])[1]
    # Staff who may see both are shown that something is wrong with it.
    ids = [one.id for one in told]
    pending = house.ask("counselor", "GET", f"/iop/session/{ids[0]}")
    assert pending.status == 200


def test_a_meeting_shows_those_in_ones_care_and_is_written_for_them(house: House) -> None:
    line = document("group_meeting", MINE)["roster"][0]
    other = {**line, "participant": OTHERS}
    meeting = house.office("POST", "/iop/group_meeting", document("group_meeting", MINE) | {"roster": [line, other]})
    assert meeting.status == 201, meeting.body
    address = f"/iop/group_meeting/{meeting.id}"
    shown = house.ask("peer-mentor", "GET", address)
    assert [one["participant"] for one in shown.json["roster"]] == [MINE]
    changed = shown.json | {"topic": "Sleep"}
    done = house.ask("peer-mentor", "PUT", address, changed, if_match=shown.headers["etag"])
    assert done.status == 200, done.body
    assert {one["participant"] for one in house.office("GET", address).json["roster"]} == {MINE, OTHERS}
    refused = house.ask(
        "peer-mentor", "PUT", address, changed | {"roster": [line, other]}, if_match=done.headers["etag"]
    )
    assert refused.status == 422


def test_who_is_taken_off_a_roster_is_deleted_from_it(house: House) -> None:
    second = house.made("participant", MINE)
    house.cared(second, "peer-mentor")
    lines = [{**document("group_meeting", MINE)["roster"][0], "participant": person} for person in (MINE, second)]
    meeting = house.ask(
        "peer-mentor", "POST", "/iop/group_meeting", document("group_meeting", MINE) | {"roster": lines}
    )
    assert meeting.status == 201, meeting.body
    fewer = meeting.json | {"roster": meeting.json["roster"][:1]}
    address, etag = f"/iop/group_meeting/{meeting.id}", meeting.headers["etag"]
    # A peer may write bookings, and delete none.
    assert house.ask("peer-mentor", "PUT", address, fewer, if_match=etag).status == 403
    assert house.ask("program-lead", "PUT", address, fewer, if_match=etag).status == 200


def test_a_machine_or_nobody_is_not_let_in(house: House) -> None:
    assert house.door("GET", "/iop/session").status == 401
    assert house.door("GET", "/iop/session", headers={"authorization": "Bearer x"}).status == 401
    from tests.doors.clients import register, token_of

    register(house.program, "ehr", "program-ehr", agreement="qsoa")
    machine = token_of(house.door, house.program)
    got = house.door("GET", "/iop/session", headers={"authorization": f"Bearer {machine}"})
    assert got.status == 403


def test_the_scopes_of_the_token_narrow_what_a_role_may(house: House) -> None:
    held = staff.account(house.program, "narrow", "program-lead")
    narrow = staff.token(house.program, held, scopes="user/Encounter.rs user/Patient.cruds")

    def ask(method: str, url: str, body: Any = None) -> int:
        return house.door(method, url, body, {"authorization": f"Bearer {narrow}"}).status

    assert ask("GET", "/iop/session") == 200
    assert ask("GET", "/iop/booking") == 403
    assert ask("GET", "/iop/group_meeting") == 403
    assert ask("POST", "/iop/session", document("session", MINE)) == 403
    assert ask("POST", "/iop/participant", document("participant", MINE)) == 201
    assert ask("GET", "/iop/parked") == 403


def test_all_that_is_shown_is_in_the_ledger_and_no_more(house: House, caplog: pytest.LogCaptureFixture) -> None:
    session = house.records["session", MINE]
    caplog.set_level("INFO", "adapter.web.insiders")
    house.ask("counselor", "GET", f"/iop/session/{session}")
    house.ask("counselor", "GET", f"/iop/session/{house.records['session', OTHERS]}")
    house.ask("counselor", "GET", "/iop/session/x\nuser=somebody-else")
    lines = [record.getMessage() for record in caplog.records]
    assert lines.pop() == "user=pr-counselor verb=get concept=session id=? status=404"
    assert lines[0] == f"user=pr-counselor verb=get concept=session id={session} status=200"
    assert lines[1].endswith("status=404")
    from adapter.store.ledger import Ledger
    from adapter.store.ledger_places import place_of

    ledger = Ledger(place_of(house.program.settings.store), house.program.clock)
    with ledger.reading() as database:
        told = database.execute(
            "SELECT d.practitioner, d.kind, d.ground, d.interaction, s.patient, s.list FROM disclosure d"
            " JOIN shown s ON s.n = d.n WHERE d.practitioner = 'pr-counselor' ORDER BY d.n DESC LIMIT 1"
        ).fetchall()
        patients = {
            patient
            for (patient,) in database.execute(
                "SELECT s.patient FROM disclosure d JOIN shown s ON s.n = d.n WHERE d.practitioner = 'pr-counselor'"
                " AND d.interaction LIKE '%session'"
            )
        }
    ledger.close()
    assert [tuple(row) for row in told] == [
        ("pr-counselor", "staff", "internal", "get session", MINE, f"Encounter/{session}/1")
    ]
    assert OTHERS not in patients
