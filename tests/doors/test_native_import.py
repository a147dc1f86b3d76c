"""Native records by the line: what becomes of each is reported, and none stops another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapter.interactions import native
from adapter.interactions.program import Program
from tests.doors.records import UUID, ada, booking
from tests.doors.serving import BASE, Client, client_of, opened

IOP = BASE.replace("/fhir", "/iop")
LINES = {"content-type": "application/x-ndjson"}
Json = dict[str, Any]


def test_an_import_reports_each_line_and_writes_what_it_can(client: Client, program: Program) -> None:
    key = {"system": sorted(program.identifying)[0], "value": "0042"}
    lines = [
        {"concept": "booking"} | booking(key, 3),
        {"concept": "participant"} | ada(identifiers=[key]),
        {"concept": "ghost"},
        {"concept": "participant"} | ada(sex="F"),
        {"names": []},
    ]
    body = b"\n".join(json.dumps(line).encode() for line in lines) + b"\n\nnot json\n"
    got = [json.loads(line) for line in client("POST", "/iop/$import", body, LINES).body.splitlines()]
    assert [(line["line"], line["outcome"]) for line in got] == [
        (1, "created"),
        (2, "created"),
        (3, "refused"),
        (4, "refused"),
        (5, "refused"),
        (7, "refused"),
    ]
    assert got[3]["issues"][0]["expression"] == "line 4: sex"
    again = [json.loads(line) for line in client("POST", "/iop/$import", body, LINES).body.splitlines()]
    assert [line["outcome"] for line in again][1] == "unchanged"


def test_an_atomic_import_is_all_or_nothing(client: Client, program: Program) -> None:
    lines = [{"concept": "participant"} | ada(), {"concept": "participant"} | ada(sex="F")]
    body = b"\n".join(json.dumps(line).encode() for line in lines)
    got = client("POST", "/iop/$import?atomic=true", body, LINES)
    assert (got.status, got.expressions, program.store.t) == (422, ["line 2: sex"], 0)
    fine = client("POST", "/iop/$import?atomic=true", body.replace(b'"F"', b'"male"'), LINES)
    assert [json.loads(line)["outcome"] for line in fine.body.splitlines()] == ["created"] * 2


@pytest.mark.parametrize("atomic", ["", "?atomic=true"])
@pytest.mark.parametrize("body", [b"", b" \n\n"])
def test_an_import_of_nothing_is_refused(client: Client, atomic: str, body: bytes) -> None:
    got = client("POST", f"/iop/$import{atomic}", body, LINES)
    assert got.status == 400
    assert "has no line" in got.body.decode()


def ndjson(*lines: Any) -> bytes:
    """The lines as an import takes them."""
    return b"\n".join(json.dumps(line).encode() for line in lines)


def imported(client: Client, *lines: Any) -> list[Json]:
    """What an import reports of the lines."""
    got = client("POST", "/iop/$import", ndjson(*lines), LINES)
    assert got.status == 200, got.body
    return [json.loads(line) for line in got.body.splitlines()]


@pytest.mark.parametrize("concept", ["participant", "group_meeting"])
@pytest.mark.parametrize("id", [7, {"a": 1}, ["x"], "", None, "john-smith", UUID.upper(), "../x"])
def test_an_imported_line_cannot_choose_a_telling_or_a_broken_id(client: Client, concept: str, id: Any) -> None:
    wrong, right = imported(client, {"concept": concept, "id": id} | ada(), {"concept": "participant"} | ada())
    assert (wrong["line"], wrong["outcome"], wrong["issues"][0]["expression"]) == (1, "refused", "line 1: id")
    assert right["outcome"] == "created"


def test_an_imported_line_may_bring_a_uuid_and_come_again(client: Client) -> None:
    line = {"concept": "participant", "id": UUID} | ada()
    assert [told["outcome"] for told in imported(client, line, line)] == ["created", "unchanged"]


def test_a_line_that_is_no_json_is_told_by_its_own_number(client: Client) -> None:
    got = client("POST", "/iop/$import", ndjson({"concept": "participant"} | ada()) + b"\nnot json\n", LINES)
    told = json.loads(got.body.splitlines()[1])
    assert told["issues"][0]["message"].endswith("(line 2, column 1).")


def test_an_unknown_error_is_the_fault_of_its_line_alone(
    client: Client, program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    applied = native.apply

    def broken(program: Program, transaction: Any, changes: Any, terms: Any) -> Any:
        if changes[0].resource["gender"] == "other":
            raise RuntimeError("about Ada")
        return applied(program, transaction, changes, terms)

    monkeypatch.setattr(native, "apply", broken)
    lines = [{"concept": "participant"} | ada(sex=sex) for sex in ("male", "other", "female")]
    told = imported(client, *lines)
    assert [line["outcome"] for line in told] == ["created", "fault", "created"]
    issue = told[1]["issues"][0]
    assert issue["code"] == "exception"
    assert issue["message"].rpartition(" ")[2] in caplog.text
    assert "Ada" not in caplog.text + issue["message"]
    whole = client("POST", "/iop/$import?atomic=true", ndjson(*lines), LINES)
    assert (whole.status, whole.codes) == (500, ["exception"])


def test_an_import_of_too_many_lines_is_refused_whole(tmp_path: Path) -> None:
    with opened(tmp_path, entry_limit=3) as program, client_of(program) as client:
        line = ndjson({"concept": "participant"} | ada())
        assert client("POST", "/iop/$import", b"\n".join([line] * 3) + b"\n", LINES).status == 200
        assert program.store.t > 0
        before = program.store.t
        for body in (b"\n".join([line] * 4), b"\n\n\n" + line):
            got = client("POST", "/iop/$import", body, LINES)
            assert (got.status, got.codes) == (413, ["too-long"])
        assert program.store.t == before


def test_an_import_lets_others_write_between_its_lines(client: Client) -> None:
    many = ndjson(*({"concept": "participant"} | ada() for _ in range(300)))
    both = client.together([("POST", "/iop/$import", many, LINES)] * 2)
    told = [[json.loads(line) for line in one.body.splitlines()] for one in both]
    assert [line["line"] for line in told[0]] == list(range(1, 301))
    first, second = ([int(line["id"][-12:], 16) for line in one] for one in told)
    assert min(first) < max(second)
    assert min(second) < max(first)
