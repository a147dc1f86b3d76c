"""Bad input at the FHIR door: each gets its status, an OperationOutcome that says where, and changes nothing."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.elements import Definitions
from adapter.fhir.schema import Door
from adapter.interactions.program import Program
from tests.doors.people import created, observation, patient
from tests.doors.serving import Client, client_of, opened, parts

ROWS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("bad_inputs.toml").read_text("utf-8"))

XML = b'<Patient xmlns="http://hl7.org/fhir"'
MAKE: dict[str, Callable[[], bytes]] = {
    "xml_doctype": lambda: b'<!DOCTYPE Patient SYSTEM "file:///etc/passwd">' + XML + b"/>",
    "xml_entity": lambda: (
        b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + XML + b'><id value="&b;"/></Patient>'
    ),
    "xml_xinclude": lambda: (
        XML + b'><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></Patient>'
    ),
    "xml_stylesheet": lambda: b'<?xml-stylesheet href="http://example.org/x.xsl"?>' + XML + b"/>",
    "xml_deep": lambda: XML + b">" + b"<extension>" * 10_000 + b"</extension>" * 10_000 + b"</Patient>",
    "xml_attributes": lambda: XML + b"".join(b' a%d="x"' % number for number in range(100_000)) + b"/>",
    "xml_half": lambda: XML + b'><active value="true"',
    "xml_other": lambda: b'<Patient xmlns="urn:hl7-org:v3"/>',
    "twenty_megabytes": lambda: b'{"resourceType":"Patient","name":[{"family":"' + b"a" * (20 << 20) + b'"}]}',
    "deep": lambda: b'{"resourceType":"Patient","name":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "deep_objects": lambda: b'{"resourceType":"Patient","name":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
    "deep_extensions": lambda: (
        b'{"resourceType":"Patient",'
        + b'"extension":[{"url":"urn:x",' * 5_000
        + b'"valueCode":"x"'
        + b"}]" * 5_000
        + b"}"
    ),
    "compressed": lambda: gzip.compress(b'{"resourceType":"Patient","name":[{"family":"' + b"a" * (64 << 20) + b'"}]}'),
    "compressed_form": lambda: gzip.compress(b"name=" + b"a" * (64 << 20)),
    "million": lambda: b'{"resourceType":"Patient","name":[{"given":[' + b"1," * 1_000_000 + b"1]}]}",
    "long_name": lambda: b'{"resourceType":"Patient","name":[{"family":"' + b"a" * ((1 << 20) + 1) + b'"}]}',
    "nul_as_it_is": lambda: b'{"resourceType":"Patient","name":[{"family":"a\0b"}]}',
    "many_operations": lambda: json.dumps([{"op": "test", "path": "/gender", "value": "female"}] * 1_000).encode(),
    "many_alternatives": lambda: b"identifier=" + b",".join([b"a"] * 5_000),
    "many_fields": lambda: b"&".join([b"gender=male"] * 1_000),
    "long_form": lambda: b"name=" + b"a" * (1 << 20),
    "regular_expression": lambda: b"name=" + b"(a%2B)%2B$" * 10_000,
    "byte_order_mark": lambda: b'\xef\xbb\xbf{"resourceType":"Patient"}',
    "not_utf8": lambda: b'{"resourceType":"Patient","name":[{"family":"Inv\xe9nted"}]}',
    "long_number": lambda: (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":'
        + b"1" * 400
        + b"}}"
    ),
    "many_entries": lambda: json.dumps(
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"request": {"method": "GET", "url": "Patient/x"}}] * 4_001,
        }
    ).encode(),
}


@pytest.fixture(scope="session")
def door() -> Door:
    """Checks that what we answer is valid R4 too."""
    definitions: Definitions = parts()[0]
    return Door(definitions)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Client, dict[str, str]]]:
    """One program for all rows, since none may change it, and what stands for the words of a row."""
    with opened(tmp_path_factory.mktemp("rows")) as program, client_of(program) as client:
        people = {name: created(client, patient()).id for name in ("{id}", "{other}", "{gone}")}
        finding = created(client, observation(f"Patient/{people['{id}']}")).id
        assert client("DELETE", f"/fhir/Patient/{people['{gone}']}").status == 204
        yield program, client, people | {"{finding}": finding, "{long}": "a" * 10_000}


def filled(text: str, words: dict[str, str]) -> str:
    """The text of a row with what its words stand for."""
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text


@pytest.mark.parametrize("row", ROWS)
def test_bad_input_is_told_where_it_is_wrong_and_changes_nothing(
    row: str, shared: tuple[Program, Client, dict[str, str]], door: Door
) -> None:
    case = ROWS[row]
    program, client, words = shared
    before = program.store.t
    url = filled(case["url"], words)
    body = MAKE[case["make"]]() if "make" in case else filled(case["body"], words).encode() if "body" in case else None
    headers = {name: filled(value, words) for name, value in case.get("headers", {}).items()}
    got = client(case["method"], url, body, headers)
    assert got.status == case["status"] >= 400
    assert got.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert door.check(got.json) == []
    assert got.codes[0] == case["code"]
    told = case["expression"]
    assert any(place.startswith(told) for place in got.expressions) if told else got.expressions == []
    assert got.headers.get("allow") == case.get("allow")
    assert "access-control-allow-origin" not in got.headers
    assert got.headers["x-content-type-options"] == "nosniff"
    assert program.store.t == before


def test_everything_wrong_in_one_resource_is_told_at_once(client: Client) -> None:
    got = client("POST", "/fhir/Patient", patient(gender="F", birthDate="soon", nickname="A"))
    assert set(got.expressions) == {"Patient.gender", "Patient.birthDate", "Patient.nickname"}


def test_an_unknown_error_says_an_id_and_nothing_else(
    client: Client,
    program: Program,
    caplog: pytest.LogCaptureFixture,
) -> None:
    id = created(client, patient()).id
    program.store.close()
    got = client("GET", f"/fhir/Patient/{id}")
    said = got.json["issue"][0]["details"]["text"]
    assert (got.status, got.codes) == (500, ["exception"])
    assert got.headers["x-request-id"] in said
    assert got.headers["x-request-id"] in caplog.text
    assert f"GET /fhir/Patient/{id}: " in caplog.text
    assert "iop-store-" not in said + caplog.text
