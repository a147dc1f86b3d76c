"""Further resource types that a concept reads, a rule that lets nothing in by any door, computed members of lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse
from adapter.mapping.load import Maps, load
from adapter.mapping.review import sheet
from adapter.problems import Problem
from tests.mapping.conftest import Spoil

Record = dict[str, Any]
UNKNOWN_TYPE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK"}]}
READS = """
[reads.DiagnosticReport]
says = { given = "by a machine" }

[reads.DiagnosticReport.fields]
participant = { element = "subject", as = "reference", to = "Patient" }
status      = { element = "status", as = "code", table = "result_status" }

[reads.DiagnosticReport.residue]
"*" = "show"
"""
REPORT = {"resourceType": "DiagnosticReport", "id": "1", "status": "final", "subject": {"reference": "Patient/p"}}


@pytest.fixture(scope="module")
def shipped(root: Path) -> Maps:
    return load(root / "mappings", Definitions.load(root / "profiles" / "r4"))


def fixture(root: Path, case: str) -> Record:
    resource: Record = parse((root / "fixtures" / case / "fhir.json").read_bytes())
    return resource


def test_a_resource_of_another_type_reads_as_the_same_record_with_what_its_type_says(loaded: Spoil) -> None:
    maps = loaded("concepts/breath_test.toml", "", READS)
    concept = maps.concepts["breath_test"]
    record, residue = concept.to_native({**REPORT, "conclusion": "Sober."})
    assert record == {"id": "1", "participant": "p", "status": "final", "given": "by a machine"}
    assert [(note.path, note.policy) for note in residue] == [("DiagnosticReport.conclusion", "show")]
    assert maps.concept_of(REPORT) is concept
    assert concept.resource_types == ("Observation", "DiagnosticReport")
    assert concept.field_at("DiagnosticReport.subject") == "participant"
    assert "reads DiagnosticReport too" in sheet(maps, "breath_test")


def test_what_is_only_read_goes_back_untouched_and_is_not_changed(loaded: Spoil) -> None:
    concept = loaded("concepts/breath_test.toml", "", READS).concepts["breath_test"]
    record, _ = concept.to_native(REPORT)
    assert concept.to_fhir(record, REPORT) is REPORT
    with pytest.raises(Problem, match="cannot be written") as refused:
        concept.to_fhir({**record, "status": "preliminary"}, REPORT)
    assert "read from a DiagnosticReport" in refused.value.issues[0].message


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("status      =", "state =", "no field of the concept"),
        ("reads.Diag", "reads.Dia", "no other resource type"),
        ("reads.DiagnosticReport", "reads.Observation", "no other resource type"),
        ('given = "by', 'found = "by', "no field of the concept"),
        (
            'as = "code", table = "result_status"',
            'as = "code", table = "result_status", list = true',
            "needs one element",
        ),
        ('"*" = "show"', "", "must say what happens to everything else"),
        ("says =", "tells =", "unknown section of a reading"),
    ],
)
def test_a_reading_that_does_not_fit_its_concept_is_refused_with_its_line(
    loaded: Spoil, old: str, new: str, why: str
) -> None:
    assert old in READS
    with pytest.raises(Problem, match=r"concepts/breath_test\.toml:[1-9]") as refused:
        loaded("concepts/breath_test.toml", "", READS.replace(old, new))
    assert why in str(refused.value)


def test_words_that_the_field_does_not_have_are_refused(loaded: Spoil, folder: Path) -> None:
    (folder / "tables" / "other_status.toml").write_text(
        'grade = "A"\n[rows]\nfinal = {code = "final"}\nodd = {code = "partial"}\n'
    )
    with pytest.raises(Problem, match="words that the concept's own field does not have: odd"):
        loaded("concepts/breath_test.toml", "", READS.replace('"result_status"', '"other_status"'))


def test_two_concepts_that_read_one_type_must_be_told_apart(loaded: Spoil, folder: Path) -> None:
    path = folder / "concepts" / "breath_test.toml"
    path.write_text(path.read_text() + READS)
    second = path.read_text().replace('"breath_test"', '"second"').replace('is = "laboratory"', 'is = "survey"', 1)
    (folder / "concepts" / "second.toml").write_text(second.replace("[when]\n", '[when]\ncomponent = "absent"\n'))
    with pytest.raises(Problem, match="a DiagnosticReport might be"):
        loaded()


def test_a_system_of_another_name_is_read_and_the_tables_own_is_written(loaded: Spoil) -> None:
    maps = loaded("tables/check.toml", 'system = "urn:check"', 'system = "urn:check"\nalso_systems = ["urn:old"]')
    assert maps.tables["check"].keys >= {("urn:check", "wait"), ("urn:old", "wait")}
    assert maps.tables["check"].codings["waited"]["system"] == "urn:check"  # type: ignore[union-attr]


@pytest.mark.parametrize("given", ['also_systems = "urn:old"', 'also_systems = [""]'])
def test_other_names_of_a_system_are_a_list(loaded: Spoil, given: str) -> None:
    with pytest.raises(Problem, match="also_systems"):
        loaded("tables/check.toml", 'system = "urn:check"', f'system = "urn:check"\n{given}')


@pytest.mark.parametrize("system", ["https", "http", "urn:oid"])
def test_hcpcs_is_read_by_each_of_its_three_names(root: Path, shipped: Maps, system: str) -> None:
    names = {
        "https": "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "http": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "urn:oid": "urn:oid:2.16.840.1.113883.6.285",
    }
    procedure = {**fixture(root, "service/minimal"), "code": {"coding": [{"system": names[system], "code": "H0015"}]}}
    assert shipped.concepts["service"].to_native(procedure)[0]["service"] == "sud_intensive_outpatient"


def test_a_code_of_another_system_passes_as_it_stands(root: Path, shipped: Maps) -> None:
    code = {"coding": [{"system": "urn:licensed", "code": "00000"}], "text": "As the payer calls it"}
    service, procedure = shipped.concepts["service"], {**fixture(root, "service/minimal"), "code": code}
    record, residue = service.to_native(procedure)
    assert record["service"] == {"codes": code["coding"], "text": code["text"]}
    assert residue == []
    assert service.to_fhir(record)["code"] == code


def test_a_code_that_has_a_word_is_told_the_word(root: Path, shipped: Maps) -> None:
    coding = dict(shipped.tables["billed_service"].codings["sud_assessment"])  # type: ignore[union-attr]
    record = {
        **shipped.concepts["service"].to_native(fixture(root, "service/minimal"))[0],
        "service": {"codes": [coding]},
    }
    with pytest.raises(Problem) as refused:
        shipped.concepts["service"].to_fhir(record)
    assert "sud_assessment" in refused.value.issues[0].message


@pytest.mark.parametrize("options", [{}, {"park": True}, {"by_hand": True}])
def test_a_counseling_note_is_written_by_no_way(root: Path, shipped: Maps, options: dict[str, bool]) -> None:
    document = shipped.concepts["document"]
    record = {**document.to_native(fixture(root, "document/minimal"))[0], "type": "counseling_note"}
    with pytest.raises(Problem) as refused:
        document.to_fhir(record, **options)
    assert "42 CFR 2.11" in refused.value.issues[0].message


def test_a_counseling_note_that_is_read_is_to_be_refused_and_is_not_parked(root: Path, shipped: Maps) -> None:
    note = {**fixture(root, "document/minimal"), "type": {**UNKNOWN_TYPE, "text": "SUD counseling note"}}
    record, residue = shipped.concepts["document"].to_native(note)
    assert [(item.path, item.policy) for item in residue] == [("DocumentReference.type", "refuse")]
    assert "incomplete" not in record


def test_what_is_used_of_an_authorization_is_never_typed(root: Path, shipped: Maps) -> None:
    authorization, stored = shipped.concepts["authorization"], fixture(root, "authorization/full")
    record, _ = authorization.to_native(stored)
    first, second = record["services"]
    for typed in ({**first, "used": 4}, {**first, "left": 6}, {n: v for n, v in first.items() if n != "used"}):
        with pytest.raises(Problem, match="cannot be written") as refused:
            authorization.to_fhir({**record, "services": [typed, second]}, stored, by_hand=True)
        assert "computed" in refused.value.issues[0].message
    changed = authorization.to_fhir({**record, "services": [{**first, "used": 4, "left": 4}, second]}, stored)
    assert authorization.to_native(changed)[0]["services"][0]["used"] == 4
    assert authorization.to_fhir({**record, "words": "As before"}, stored, by_hand=True)["disposition"] == "As before"


def test_units_that_attendance_gives_are_never_typed(root: Path, shipped: Maps) -> None:
    service = shipped.concepts["service"]
    record, _ = service.to_native(fixture(root, "service/minimal"))
    with pytest.raises(Problem) as refused:
        service.to_fhir({**record, "units_counted": 1}, by_hand=True)
    assert refused.value.issues[0].expression == "units_counted"


def test_an_authorization_that_ends_before_it_starts_is_refused_natively_with_both_places(
    root: Path, shipped: Maps
) -> None:
    authorization = shipped.concepts["authorization"]
    record, _ = authorization.to_native(fixture(root, "authorization/minimal"))
    with pytest.raises(Problem) as refused:
        authorization.to_fhir({**record, "starts_on": "2026-02-01", "ends_on": "2026-01-01"})
    assert refused.value.issues[0].message == "ends_on: before starts_on"
