"""JSON to XML and back says the same to the letter; XML that is none, or more than FHIR, is told where."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse, same
from adapter.fhir.xml_in import XmlReader
from adapter.fhir.xml_out import XmlWriter
from adapter.problems import Problem

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = Definitions.load(ROOT / "profiles" / "r4")
READER, WRITER = XmlReader(DEFINITIONS), XmlWriter(DEFINITIONS)
OPEN = '<Patient xmlns="http://hl7.org/fhir">'
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'


def read(inner: str) -> Json:
    """A Patient of these elements."""
    return READER.read(f"{OPEN}{inner}</Patient>".encode())


def faults(inner: str) -> list[tuple[str, str | None]]:
    with pytest.raises(Problem) as refused:
        read(inner)
    return [(issue.message, issue.expression) for issue in refused.value.issues]


def again(resource: Json) -> None:
    assert same(READER.read(WRITER.write(resource)), resource)
    assert same(READER.read(WRITER.write(resource, pretty=True)), resource)


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures").glob("*/*/fhir.json")), ids=lambda path: str(path.parent))
def test_every_fixture_comes_back_from_xml_to_the_letter(path: Path) -> None:
    again(parse(path.read_bytes()))


def examples(shared_data: Path) -> Iterator[bytes]:
    for folder in ("r4-examples", "qicore-sud"):
        yield from (path.read_bytes() for path in sorted((shared_data / folder).glob("*.json")))
    for package in sorted((shared_data / "packages").glob("*.tgz")):
        with tarfile.open(package) as files:
            for member in files:
                if "/example/" in member.name and member.name.endswith(".json") and (file := files.extractfile(member)):
                    yield file.read()


def test_every_published_example_comes_back_from_xml_to_the_letter(shared_data: Path) -> None:
    resources = [resource for body in examples(shared_data) if "resourceType" in (resource := parse(body))]
    assert len(resources) > 300
    for resource in resources:
        again(resource)


DIGITS = st.sampled_from("0123456789-+.eE")
TEXT = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32) | st.sampled_from("\t\n\r"), min_size=1)
NUMBER = st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9])?", fullmatch=True, alphabet=DIGITS)
EXTENSION = st.recursive(
    st.fixed_dictionaries({"url": TEXT}, optional={"id": TEXT, "valueString": TEXT, "valueBoolean": st.booleans()}),
    lambda inner: st.fixed_dictionaries({"url": TEXT, "extension": st.lists(inner, min_size=1, max_size=3)}),
    max_leaves=6,
)
BESIDE = st.fixed_dictionaries({}, optional={"id": TEXT, "extension": st.lists(EXTENSION, min_size=1)}).filter(bool)


@st.composite
def given_names(draw: st.DrawFn) -> Json:
    """A name whose parts are said, described, or both."""
    parts = draw(st.lists(st.tuples(st.none() | TEXT, st.none() | BESIDE).filter(any), min_size=1, max_size=4))
    said, beside = [part for part, _ in parts], [extra for _, extra in parts]
    return {**({"given": said} if any(said) else {}), **({"_given": beside} if any(beside) else {})}


@given(
    st.fixed_dictionaries(
        {"resourceType": st.just("Patient")},
        optional={
            "id": TEXT,
            "extension": st.lists(EXTENSION, min_size=1),
            "active": st.booleans(),
            "name": st.lists(given_names(), min_size=1),
            "_birthDate": BESIDE,
            "multipleBirthInteger": st.integers(-9, 9),
            "contained": st.lists(st.fixed_dictionaries({"resourceType": st.just("Basic"), "id": TEXT}), min_size=1),
        },
    ),
    NUMBER,
)
def test_whatever_json_says_xml_says_too(patient: Json, number: str) -> None:
    extension = {"url": "urn:x", "valueDecimal": parse(number.encode())}
    again(patient | {"extension": [*patient.get("extension", []), extension]})


def test_elements_are_written_in_the_order_of_the_definition() -> None:
    resource = {"name": [{"given": ["Ada"], "family": "Invented"}], "id": "a", "resourceType": "Patient"}
    written = WRITER.write(resource).decode()
    assert written.endswith(
        f'{OPEN}<id value="a"/><name><family value="Invented"/><given value="Ada"/></name></Patient>'
    )
    assert written.startswith('<?xml version="1.0" encoding="UTF-8"?>')


def test_the_printed_form_has_an_element_a_line_and_the_same_narrative() -> None:
    text = {"status": "generated", "div": f"{DIV}a\n <b>b</b></div>"}
    lines = WRITER.write({"resourceType": "Patient", "text": text}, pretty=True).decode().split("\n")
    assert lines[1:4] == [OPEN, "  <text>", '    <status value="generated"/>']


@pytest.mark.parametrize(
    "div",
    [
        f"{DIV}<br /><b>&lt;&amp;&gt;&quot;</b><!-- c --></div>",
        f"{DIV}<![CDATA[a > b]]>&#160;'\u00e4\r\n</div>",
        "<div xmlns='http://www.w3.org/1999/xhtml' title='\"'>x</div>",
        f"{DIV}<div>within</div></div>",
    ],
)
def test_a_narrative_keeps_its_very_text(div: str) -> None:
    again({"resourceType": "Patient", "text": {"status": "generated", "div": div}})


def test_a_narrative_that_leans_on_its_surroundings_is_written_to_stand_alone() -> None:
    body = (
        '<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:xsi="urn:unused">'
        '<f:text><f:status value="generated"/><h:div><h:b title="x">a</h:b> b<!-- c --> d</h:div></f:text></f:Patient>'
    )
    assert READER.read(body.encode())["text"]["div"] == f'{DIV}<b title="x">a</b> b d</div>'


def test_what_says_nothing_of_the_resource_is_passed_over() -> None:
    body = (
        '\ufeff<?xml version="1.0" encoding="utf-8"?><!-- a comment --><Patient xmlns="http://hl7.org/fhir"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir patient.xsd">\n'
        ' <!-- another --> <active value="true"/>\n</Patient>'
    )
    assert READER.read(body.encode()) == {"resourceType": "Patient", "active": True}


@pytest.mark.parametrize(
    ("inner", "why", "place"),
    [
        ('<active value="true"/><id value="a"/>', "id stands behind what R4 has after it", "Patient.id"),
        ('<name><given value="A"/><family value="B"/></name>', "family stands behind", "Patient.name[0].family"),
        ('<active value="true"/><active value="true"/>', "may be there once", "Patient.active"),
        ("<active/>", "this element is empty", "Patient.active"),
        ("<name/>", "this element is empty", "Patient.name[0]"),
        ('<active value="true" lang="en"/>', "an attribute that is not there in R4: lang", "Patient.active"),
        ('<name value="x"><family value="A"/></name>', "is not there in R4: value", "Patient.name[0]"),
        ('<active value="true"/>Ada', "text between elements", "Patient"),
        ("<contained/>", "holds one resource and nothing else", "Patient.contained[0]"),
        ('<extension><url value="u"/></extension>', "url is an attribute here", "Patient.extension[0].url"),
        ('<active xmlns="urn:x" value="true"/>', "another namespace than http://hl7.org/fhir: active", "Patient"),
        ('<text><status value="generated"/><div>x</div></text>', "another namespace than http://www", "Patient.text"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_xml_is_told_at_its_place(inner: str, why: str, place: str) -> None:
    [(message, expression), *_] = faults(inner)
    assert (why in message, expression) == (True, place), message


def test_every_fault_is_told_at_once() -> None:
    assert len(faults('<active/><id value="a" b="c"/>x<name/>')) == 5


@pytest.mark.parametrize(
    ("inner", "says"),
    [
        ('<nickname value="A"/>', {"nickname": "A"}),
        ('<nickname of="A"/>', {"nickname": {"of": {}}}),
        ('<active value="yes"/>', {"active": "yes"}),
        ('<active value=""/>', {"active": ""}),
        ('<multipleBirthInteger value="+1"/>', {"multipleBirthInteger": "+1"}),
    ],
)
def test_what_r4_does_not_know_is_left_for_the_door_to_refuse(inner: str, says: Json) -> None:
    assert read(inner) == {"resourceType": "Patient", **says}


def test_levels_beyond_all_use_are_refused() -> None:
    [(message, _)] = faults('<extension url="u">' * 100 + "</extension>" * 100)
    assert message == "The XML is nested deeper than 64 levels."


def test_a_text_that_xml_cannot_hold_is_refused_by_its_number() -> None:
    with pytest.raises(Problem, match=r"U\+0001, which XML cannot"):
        WRITER.write({"resourceType": "Patient", "name": [{"text": "a\x01"}]})


def test_a_member_that_r4_does_not_have_is_never_left_out() -> None:
    with pytest.raises(ValueError, match="Patient has no element nickname"):
        WRITER.write({"resourceType": "Patient", "nickname": "A"})


def test_what_is_written_is_what_an_xml_reader_reads() -> None:
    patient = {"resourceType": "Patient", "name": [{"id": "n", "text": 'a"<&\n\t'}], "_active": {"id": "x"}}
    root = etree.fromstring(WRITER.write(patient))
    ns = {"f": "http://hl7.org/fhir"}
    assert root.xpath("string(f:name/@id)", namespaces=ns) == "n"
    assert root.xpath("string(f:name/f:text/@value)", namespaces=ns) == 'a"<&\n\t'
    assert root.xpath("string(f:active/@id)", namespaces=ns) == "x"
    assert json.loads(json.dumps(READER.read(etree.tostring(root)))) == patient


WRITTEN = [WRITER.write(parse(path.read_bytes())) for path in sorted((ROOT / "fixtures").glob("*/full/fhir.json"))]
BITS = [b"<", b">", b'"', b"&", b"<!--", b"]]>", b"<![CDATA[", b"\xff", b"</div>", DIV.encode(), b"<contained>"]


@given(st.sampled_from(WRITTEN), st.lists(st.tuples(st.integers(0), st.integers(0, 60), st.sampled_from([b"", *BITS]))))
def test_xml_with_anything_done_to_it_is_read_or_refused(body: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    for at, length, put in edits:
        start = at % (len(body) + 1)
        body = body[:start] + put + body[start + length :]
    with suppress(Problem):
        assert isinstance(READER.read(body), dict)
