"""The shipped tables, slices and extensions as data: what may be in them, and that nothing lies about unused."""

from __future__ import annotations

import json
import re
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.canonical import BASE
from adapter.fhir.elements import Definitions

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
OURS = f"{BASE}/CodeSystem/"
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
# Their texts are licensed; a code of theirs may be read, never written out with words.
LICENSED = re.compile(r"ama-assn\.org|nubc\.org|nucc\.org|x12\.org|asam\.org", re.IGNORECASE)
# The lower triangle of the dihedral group D5 and its permutation: the check digit of a SNOMED CT identifier (Verhoeff).
PRODUCT = ["0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
           "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"]  # fmt: skip
PERMUTATION = ["0123456789", "1576283094", "5803796142", "8916043527",
               "9453126870", "4286573901", "2793806415", "7046913258"]  # fmt: skip


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


TABLES = {
    path.stem: load(path)
    for path in sorted((MAPPINGS / "tables").glob("*.toml"))
    if path.stem not in ("slices", "extensions", "sensitive_codes")
}
CONCEPTS = {path.stem: load(path) for path in sorted((MAPPINGS / "concepts").glob("*.toml"))}
WRITTEN = "\n".join(path.read_text(encoding="utf-8") for path in (MAPPINGS / "concepts").glob("*.toml"))


def codings(table: dict[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """(system, code, display) of everything a table writes or reads; joint columns included."""
    for row in table["rows"].values():
        for reading in (row, *row.get("accept", ())):
            for column in (reading, *reading.values()):
                if isinstance(column, dict) and isinstance(column.get("code"), str):
                    yield column.get("system", table.get("system", "")), column["code"], column.get("display")


def every_code(system: str) -> list[str]:
    return sorted({code for table in TABLES.values() for found, code, _ in codings(table) if found == system})


@pytest.mark.parametrize("code", every_code(LOINC))
def test_every_loinc_code_and_answer_ends_in_its_check_digit(code: str) -> None:
    """Luhn's, the letters of an answer (LA6576-8) counting by their place after "0"."""
    number, _, digit = code.partition("-")
    values = [ord(sign) - ord("0") for sign in reversed(number)]
    total = sum(sum(divmod(value * 2, 10)) if place % 2 == 0 else value for place, value in enumerate(values))
    assert (10 - total % 10) % 10 == int(digit)


@pytest.mark.parametrize("code", every_code(SNOMED))
def test_every_snomed_code_ends_in_its_check_digit(code: str) -> None:
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = int(PRODUCT[check][int(PERMUTATION[place % 8][int(digit)])])
    assert check == 0


@pytest.mark.parametrize("name", TABLES)
def test_licensed_code_systems_are_only_read_and_bring_no_words(name: str) -> None:
    for row in TABLES[name]["rows"].values():
        assert not LICENSED.search(str({key: value for key, value in row.items() if key != "accept"}))
        for accepted in row.get("accept", ()):
            assert "display" not in accepted


@pytest.mark.parametrize("name", TABLES)
def test_our_own_codes_are_words_and_say_what_they_mean(name: str) -> None:
    for system, code, _ in codings(TABLES[name]):
        if system.startswith(OURS):
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    for row in TABLES[name]["rows"].values():
        for column in (row, *row.values()):
            if isinstance(column, dict) and column.get("system", TABLES[name].get("system", "")).startswith(OURS):
                assert column.get("display") or "code" not in column


def test_one_code_of_ours_means_the_same_everywhere() -> None:
    meanings: dict[tuple[str, str], set[str]] = {}
    for table in TABLES.values():
        for system, code, display in codings(table):
            if system.startswith(OURS) and display:
                meanings.setdefault((system, code), set()).add(display)
    assert {key: said for key, said in meanings.items() if len(said) > 1} == {}


@pytest.mark.parametrize(("wholes", "parts"), [("instrument", "screening_item"), ("drug_panel", "drug_test")])
def test_a_code_of_a_whole_and_of_a_part_has_one_word(wholes: str, parts: str) -> None:
    """R4 obs-7: an Observation with the code of one of its components has no value. By the word a rule can tell."""
    whole, part = (
        {
            (row.get("system", TABLES[name].get("system")), code): word
            for word, row in TABLES[name]["rows"].items()
            for code in (row["code"], *(accepted["code"] for accepted in row.get("accept", ())))
        }
        for name in (wholes, parts)
    )
    assert {key for key in whole.keys() & part.keys() if whole[key] != part[key]} == set()


def test_no_system_of_a_table_is_a_value_set() -> None:
    assert [name for name in TABLES for system, _, _ in codings(TABLES[name]) if "/ValueSet/" in system] == []


OF_NO_MAP = {"record_standing", "utilization_figure"}
"""What stands in meta, which no map reads; what reports are made of."""


def test_every_table_extension_and_slice_is_used() -> None:
    slices, extensions = load(MAPPINGS / "tables" / "slices.toml"), load(MAPPINGS / "tables" / "extensions.toml")
    asked = {value for concept in CONCEPTS.values() for value in _conditions(concept) if isinstance(value, str)}
    unused = sorted(TABLES.keys() - set(named_tables([CONCEPTS, slices])) - OF_NO_MAP)
    unused += [name for name in extensions if f"ext({name})" not in WRITTEN]
    unused += [key for keys in slices.values() for key in keys if f"slice={key}]" not in WRITTEN and key not in asked]
    assert unused == []


def _conditions(concept: dict[str, Any]) -> Iterator[Any]:
    """What the paths of [when], or of each [[when]], must be."""
    given = concept.get("when", {})
    for group in given if isinstance(given, list) else [given]:
        yield from group.values()


def named_tables(value: Any) -> Iterator[str]:
    """Every table that a row, a condition or a slice names."""
    if isinstance(value, list):
        for child in value:
            yield from named_tables(child)
    elif isinstance(value, dict):
        yield from (value[name] for name in ("table", "missing") if isinstance(value.get(name), str))
        for child in value.values():
            yield from named_tables(child)


def test_a_code_element_with_a_required_binding_has_a_word_for_every_code(root: Path) -> None:
    definitions = Definitions.load(root / "profiles" / "r4")
    compared = 0
    for concept in CONCEPTS.values():
        for row in concept["fields"].values():
            element = definitions.element(f"{concept['resource']}.{row.get('element')}")
            if row["as"] == "code" and element is not None and element.codes:
                assert {entry["code"] for entry in TABLES[row["table"]]["rows"].values()} == element.codes
                compared += 1
    assert compared > 8


def test_codes_said_to_come_from_us_core_are_in_its_package(shared_data: Path) -> None:
    package = shared_data / "packages" / "hl7.fhir.us.core-6.1.0.tgz"
    seen: set[tuple[str, str]] = set()
    with tarfile.open(package) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".json") else None
            content = json.loads(file.read().decode("utf-8-sig")) if file else None
            seen |= {(coding["system"], coding["code"]) for coding in _codings(content)}
    for name in ("instrument", "screening_item", "screening_answer", "plan_category"):
        table = TABLES[name]
        for word, row in table["rows"].items():
            if "source" not in row:
                assert (table["system"], row["code"]) in seen, f"{name}.{word}"


def _codings(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("system"), str) and isinstance(value.get("code"), str):
            yield value
        if isinstance(value.get("url"), str) and isinstance(value.get("concept"), list):
            yield from ({"system": value["url"], "code": concept["code"]} for concept in value["concept"])
        for child in value.values():
            yield from _codings(child)
    elif isinstance(value, list):
        for child in value:
            yield from _codings(child)
