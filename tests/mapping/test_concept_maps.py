"""Concept maps: what the loader refuses, with file and line, and what those that ship say of TEDS and of the BHA."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapter.mapping.concept_maps import EXPLAINED, ConceptMap
from adapter.mapping.load import Maps
from adapter.problems import Problem
from tests.mapping.conftest import Spoil
from tests.mapping.test_tables import LICENSED

MAP = """\
table  = "check"
target = "/invented-checks"
title  = "Checks as an agency counts them"
grade  = "B"
source = "an agency that does not exist"

[rows]
mouth_rinsed = { code = "1", display = "Rinsed", equivalence = "equivalent" }
waited       = [
    { code = "2", display = "Waited", equivalence = "narrower", comment = "less than an hour" },
    { code = "3", display = "Waited long", equivalence = "narrower", comment = "an hour and more" },
]
"""
RINSED = '{ code = "1", display = "Rinsed", equivalence = "equivalent" }'
REFUSED = [
    ('table  = "check"', 'table  = "cheque"', 1, "'cheque' is no table"),
    ('target = "/invented-checks"', "", 1, "'target' must be a string"),
    ('"/invented-checks"', '"http://hl7.org/fhir/ValueSet/checks"', 2, "not a value set"),
    ('title  = "Checks as an agency counts them"', 'titel = ""', 3, "unknown key of a concept map 'titel'"),
    ('grade  = "B"', 'grade  = "U"', 4, "what nobody has seen is not shipped"),
    ("[rows]", "[row]", 7, "unknown key of a concept map 'row'"),
    ("mouth_rinsed =", "mouth_washed =", 8, "'mouth_washed' is not a word of table check"),
    ("mouth_rinsed =", "mouth_washed =", 7, "table check has words without a row: mouth_rinsed"),
    (RINSED, "[]", 8, "an empty list"),
    (RINSED, '"1"', 8, "a row is { code, display"),
    (RINSED, '{ code = "1", equivalence = "same" }', 8, "equivalence is one of relatedto, equivalent"),
    (RINSED, '{ code = "1", equivalence = "equal", why = "x" }', 8, "unknown key of a row 'why'"),
    (RINSED, '{ code = 1, equivalence = "equal" }', 8, "a code is a string"),
    (RINSED, '{ equivalence = "equal" }', 8, "a code is a string"),
    (RINSED, '{ code = "1", equivalence = "inexact" }', 8, "inexact needs a comment"),
    (RINSED, '{ equivalence = "unmatched" }', 8, "unmatched needs a comment"),
    (RINSED, '{ code = "1", equivalence = "unmatched", comment = "x" }', 8, "unmatched has no code"),
    (RINSED, '{ code = "1", equivalence = "equal", grade = "U" }', 8, "what nobody has seen is not shipped"),
    ('code = "3"', 'code = "2"', 9, "waited: one code twice"),
    ('code = "3", display = "Waited long"', 'code = "1", display = "Cleaned"', 9, "displayed as 'Cleaned' here"),
    (
        '{ code = "2", display = "Waited", equivalence = "narrower"',
        '{ code = "1", display = "Rinsed", equivalence = "equal"',
        9,
        "1 cannot be equal to 'mouth_rinsed' and 'waited'",
    ),
]


@pytest.fixture
def spoilt(loaded: Spoil, folder: Path) -> Spoil:
    """Loads a folder whose one concept map was spoilt in one place."""
    (folder / "concept_maps").mkdir()
    (folder / "concept_maps" / "agency.toml").write_text(MAP)
    return loaded


@pytest.mark.parametrize(("old", "new", "line", "why"), REFUSED, ids=[why for *_, why in REFUSED])
def test_a_concept_map_is_refused_with_file_and_line(spoilt: Spoil, old: str, new: str, line: int, why: str) -> None:
    with pytest.raises(Problem) as refused:
        spoilt("concept_maps/agency.toml", old, new)
    told = [issue.message for issue in refused.value.issues]
    assert any(message.startswith(f"mappings/concept_maps/agency.toml:{line}: ") and why in message for message in told)


def test_a_concept_map_is_read(spoilt: Spoil) -> None:
    found = spoilt().concept_maps["agency"]
    assert found.target == "https://iop-fhir-adapter.org/fhir/CodeSystem/invented-checks"
    assert found.codes("waited") == ("2", "3")
    [rinsed] = found.rows["mouth_rinsed"]
    assert (rinsed.display, rinsed.grade, rinsed.source) == ("Rinsed", "B", "an agency that does not exist")


def test_two_maps_display_a_code_alike(spoilt: Spoil, folder: Path) -> None:
    (folder / "concept_maps" / "other.toml").write_text(MAP.replace('"Rinsed"', '"Washed"'))
    with pytest.raises(Problem, match=r"other\.toml:8: 1 is displayed as 'Washed' here and as 'Rinsed' in agency\."):
        spoilt()


def test_a_joint_table_has_no_concept_map(spoilt: Spoil, folder: Path) -> None:
    joint = 'elements = ["status"]\ngrade = "A"\n[rows]\nfinal = { status = "final" }\n'
    (folder / "tables" / "state.toml").write_text(joint)
    with pytest.raises(Problem, match=r"agency\.toml:1: 'state' is no table of words and single codes"):
        spoilt("concept_maps/agency.toml", 'table  = "check"', 'table  = "state"')


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("teds_services", [str(code) for code in range(1, 9)]),
        ("teds_program_services", [str(code) for code in range(1, 9)]),
        ("teds_discharge_reason", [str(code) for code in range(1, 8)]),
        ("teds_referral_source", [str(code) for code in range(1, 8)]),
        ("bha_end_of_treatment", [str(code) for code in range(1, 12)]),
        ("bha_discharge_type", ["01", "02", "03"]),
        ("bha_referral_source", [str(code) for code in range(1, 18)]),
        ("bha_diagnosis_type", ["MH", "SUD"]),
    ],
)
def test_a_shipped_map_gives_only_codes_of_its_list(maps: Maps, name: str, known: list[str]) -> None:
    found = maps.concept_maps[name]
    assert {code for word in found.rows for code in found.codes(word)} <= set(known)


@pytest.mark.parametrize(
    ("name", "word", "codes"),
    [
        ("teds_services", "level_2_1", ("6",)),
        ("teds_services", "level_3_5", ("4", "5")),
        ("teds_services", "level_0_5", ()),
        ("teds_program_services", "substance_use_iop", ("6",)),
        ("teds_program_services", "mental_health_iop", ()),
        ("teds_discharge_reason", "completed", ("1",)),
        ("teds_discharge_reason", "incarcerated", ("5",)),
        ("teds_referral_source", "substance_use_provider", ("2",)),
        ("teds_referral_source", "court", ("7",)),
        ("bha_level_of_care", "level_2_1", ("2.1",)),
        ("bha_program_service", "substance_use_iop", ("09",)),
        ("bha_end_of_treatment", "dropped_out", ("3",)),
        ("bha_discharge_type", "transferred", ("02",)),
        ("bha_referral_source", "drug_court", ("11",)),
    ],
)
def test_what_states_count_by_is_what_their_lists_say(maps: Maps, name: str, word: str, codes: tuple[str, ...]) -> None:
    assert maps.concept_maps[name].codes(word) == codes


def test_the_words_a_level_is_read_from_are_the_codes_it_is_counted_by(maps: Maps) -> None:
    """Colorado's level, read with the table and written with the map, is the same level."""
    found: ConceptMap = maps.concept_maps["bha_level_of_care"]
    for word in found.rows:
        for code in found.codes(word):
            assert found.table.words[found.target, code] == word


def test_no_shipped_map_goes_to_a_licensed_system_or_hides_a_loss(maps: Maps) -> None:
    for found in maps.concept_maps.values():
        assert not LICENSED.search(found.target)
        assert re.match(r"https?://", found.target)
        assert found.rows.keys() == found.table.codings.keys()
        for target in (target for targets in found.rows.values() for target in targets):
            assert target.comment or target.equivalence not in EXPLAINED
