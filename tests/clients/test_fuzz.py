"""Whatever is asked of /fhir is answered as R4 has it: never a fault, and a refusal always with its OperationOutcome.

https://hl7.org/fhir/R4/http.html#Status-Codes
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings

from adapter.fhir.elements import Definitions
from adapter.fhir.schema import Door
from adapter.fhir.xml_in import XmlReader
from adapter.problems import Kind
from tests.clients.asking import READING, WRITING, Sent, Statement, requests, writes
from tests.clients.serving import Server, running
from tests.doors.serving import parts

TYPES = {
    "application/fhir+json; charset=utf-8": lambda body: json.loads(body),
    "application/fhir+xml; charset=utf-8": lambda body: XmlReader(parts()[0]).read(body),
}
DONE, REFUSED = {200, 201, 204, 304}, {kind.status for kind in Kind if kind.status < 500}
EXAMPLES = 6 * settings().max_examples


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: a fuzz may delete and change anything."""
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    with running(folder) as server:
        yield server
    assert server.faults() == []


@pytest.fixture(scope="module")
def wire(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as wire:
        yield wire


@pytest.fixture(scope="module")
def statement(server: Server, wire: httpx.Client) -> Statement:
    """What the server says of itself, and what is there."""
    told = wire.get(f"{server.base}/metadata").json()
    known: dict[str, list[str]] = {}
    for entry in wire.get(f"{server.base}/_history?_count=200").json()["entry"]:
        known.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"]["id"])
    known["ValueSet"] = [one["resource"]["id"] for one in wire.get(f"{server.base}/ValueSet").json()["entry"]]
    return Statement(told, known)


@pytest.fixture(scope="module")
def door() -> Door:
    return Door(parts()[0])


@pytest.fixture(scope="module")
def codes() -> frozenset[str]:
    """The codes of an issue that R4 knows."""
    definitions: Definitions = parts()[0]
    found = next(one.codes for one in definitions.children("OperationOutcome.issue") if one.name == "code")
    assert found
    return frozenset(found)


def checked(sent: Sent, got: httpx.Response, door: Door, codes: frozenset[str]) -> None:
    """Holds an answer to what R4 and the house say of every answer."""
    assert got.status_code in DONE | REFUSED
    assert "x-request-id" not in got.headers, "only a fault has a number in the log"
    if sent.method == "HEAD" or got.status_code in (204, 304) or not got.content:
        assert got.content == b""
        assert sent.method == "HEAD" or got.status_code < 400
        return
    resource = TYPES[got.headers["content-type"]](got.content)
    assert door.check(resource) == []
    if got.status_code >= 400:
        assert resource["resourceType"] == "OperationOutcome"
        assert {issue["code"] for issue in resource["issue"]} <= codes
        assert {issue["severity"] for issue in resource["issue"]} & {"error", "fatal"}


@pytest.mark.parametrize("methods", [READING, WRITING], ids=["reading", "writing"])
def test_whatever_is_asked_is_answered_and_what_is_refused_is_explained(
    methods: tuple[str, ...],
    server: Server,
    wire: httpx.Client,
    statement: Statement,
    door: Door,
    codes: frozenset[str],
) -> None:
    seen: set[int] = set()
    wild = requests(statement, methods)

    @settings(max_examples=EXAMPLES)
    @given(wild | writes(statement) if methods is WRITING else wild)
    def ask(sent: Sent) -> None:
        headers = {name: value.encode("utf-8", "replace") for name, value in sent.headers.items()}
        got = wire.request(sent.method, f"{server.base}/{sent.address}", headers=headers, content=sent.body)
        seen.add(got.status_code)
        checked(sent, got, door, codes)

    ask()
    # The requests are near enough to what is served that both happen.
    assert min(seen) < 300
    assert max(seen) >= 400
