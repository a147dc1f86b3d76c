"""FHIRPath Patch on HL7's own recorded cases of R4, which come with its validator: https://github.com/FHIR/fhir-test-cases"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from adapter.fhir.fhirpath_patch import fhirpath_patch
from adapter.fhir.json import same
from adapter.fhir.patch_work import Work
from adapter.fhir.xml_in import XmlReader
from adapter.problems import Problem
from tests.conformance import tools
from tests.conformance.conftest import Ask
from tests.conformance.subjects import definitions, fixtures

FILE = "org/hl7/fhir/testcases/r4/patch/fhir-path-tests.xml"


class Case(NamedTuple):
    """A resource, a patch, and what becomes of it, None where it cannot be done."""

    name: str
    given: dict[str, Any]
    patch: dict[str, Any]
    wanted: dict[str, Any] | None


def cases() -> Iterator[Case]:
    reader = XmlReader(definitions())
    with zipfile.ZipFile(tools.recorded_cases()) as archive:
        root = etree.fromstring(archive.read(FILE))
    for case in root.iter("{*}case"):
        said = {
            etree.QName(part).localname: next(part.iterchildren("{*}*"), None) for part in case.iterchildren("{*}*")
        }
        given, patch, wanted = (
            None if (node := said.get(name)) is None else reader.read(etree.tostring(node))
            for name in ("input", "diff", "output")
        )
        assert given is not None
        assert patch is not None
        yield Case(case.get("name"), given, patch, wanted)


def test_every_recorded_patch_makes_what_it_should(ask: Ask) -> None:
    ask("java", [next(fixtures())])  # which has it installed, or skips
    found = list(cases())
    assert len(found) > 25
    wrong = []
    for case in found:
        try:
            made = fhirpath_patch(definitions(), case.patch)(case.given, Work())
        except Problem:
            made = None
        if not same(made, case.wanted):
            wrong.append(case.name)
    assert wrong == []
