"""XML before another's converter: npm's fhir reads what we write, and we read what it writes, as the JSON says.

It gives decimals as texts, prints a narrative anew and drops white space in it; so numbers are compared by value and
narratives as canonical XML without white space. https://www.w3.org/TR/xml-c14n2/
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from adapter.fhir.json import dump, parse
from adapter.fhir.xml_in import XmlReader
from adapter.fhir.xml_out import XmlWriter
from tests.conformance import tools
from tests.conformance.subjects import definitions, fixtures

Json = dict[str, Any]
# R4's own example of decimals: 1E-22 is one by R4, and none for this reader.
UNREAD = {"decimal"}
READER, WRITER = XmlReader(definitions()), XmlWriter(definitions())


def resources() -> list[Json]:
    """Every fixture and, where they are, R4's own examples."""
    paths = sorted((tools.SHARED / "r4-examples").glob("*.json"))
    return [subject.resource for subject in fixtures()] + [parse(path.read_bytes()) for path in paths]


@pytest.fixture(scope="module")
def told() -> list[tuple[Json, Any, Any]]:
    """(resource, what the other reads in our XML, the XML the other writes) of each."""
    try:
        command = ["node", str(tools.HERE / "xml.mjs"), str(tools.modules())]
    except tools.Missing as missing:
        pytest.skip(f"npm's fhir: {missing}")
    given = resources()
    lines = [dump({"json": one, "xml": WRITER.write(one).decode()}) for one in given]
    ended = subprocess.run(command, input=b"\n".join(lines) + b"\n", capture_output=True, check=True)
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    return [(one, said["read"], said["written"]) for one, said in zip(given, answers, strict=True)]


def differences(ours: Any, theirs: Any, at: str) -> Iterator[str]:
    """The places at which two say something else."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in {**ours, **theirs}:
            yield from differences(ours.get(name), theirs.get(name), f"{at}.{name}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(*pair, f"{at}[{index}]")
    elif _plain(ours, at) != _plain(theirs, at):
        yield at


def _plain(value: Any, at: str) -> Any:
    if at.endswith(".div"):
        root = etree.fromstring(value.encode())
        return re.sub(r"\s+", "", etree.tostring(root, method="c14n", with_comments=False).decode())
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return float(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def test_another_reads_our_xml_as_the_json_says(told: list[tuple[Json, Any, Any]]) -> None:
    failed = {one.get("id"): read["failure"] for one, read, _ in told if "failure" in read}
    assert failed.keys() <= UNREAD
    readable = [(one, read) for one, read, _ in told if "failure" not in read]
    found = {f"{one.get('id')} {at}" for one, read in readable for at in differences(one, read, one["resourceType"])}
    assert found == set()


def test_we_read_the_xml_of_another_as_the_json_says(told: list[tuple[Json, Any, Any]]) -> None:
    read = [(one, READER.read(written.encode())) for one, _, written in told]
    found = {f"{one.get('id')} {at}" for one, made in read for at in differences(one, made, one["resourceType"])}
    assert found == set()
    assert len(read) > 100
