"""What is indexed, the rows of a resource, and the readable code that finds them."""

from __future__ import annotations

import tarfile
import tomllib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from adapter.fhir.dates import BEGINNING, FOREVER, Calendar, instant_of
from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.search_paths import branches, plain
from adapter.fhir.tokens import token
from adapter.problems import Problem

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
DEFINITIONS = Definitions.load(PROFILES / "r4")
ZONE = ZoneInfo("America/New_York")
INDEX = Index.load(PROFILES, DEFINITIONS, ZONE)


def rows(type: str, **members: Any) -> dict[str, list[str]]:
    """The token rows of a resource by the code of the parameter that owns them."""
    served = {field.number: code for code, field in reversed(INDEX.parameters(type).items())}
    found: dict[str, list[str]] = {}
    for number, value in INDEX.rows(type, {"resourceType": type, **members}).tokens:
        found.setdefault(served[number], []).append(value)
    return found


def test_every_type_has_an_index_that_compiles() -> None:
    for type in sorted(DEFINITIONS.types):
        assert {"_id", "_lastUpdated"} <= set(INDEX.parameters(type))
        INDEX.rows(type, {"resourceType": type})


def test_every_code_served_exists_and_numbers_do_not_collide() -> None:
    owners: dict[int, set[str]] = {}
    for type in DEFINITIONS.types:
        for field in INDEX.parameters(type).values():
            if field.number >= 0:
                owners.setdefault(field.number, set()).add(type)
        owners.setdefault(INDEX.whole(type), set()).add(type)
    assert all(len(types) == 1 for types in owners.values())
    enabled = tomllib.loads((PROFILES / "search.toml").read_text())
    served = {code for type in DEFINITIONS.types for code in INDEX.parameters(type)}
    known = {code for type in DEFINITIONS.types for code in DEFINITIONS.search_parameters(type)}
    off = {name.rpartition(".")[2] for name in enabled["off"]}
    assert off <= known
    assert known - served == {name for name in off if name not in served}
    assert set(enabled["sort"]) <= DEFINITIONS.types


def test_the_rows_of_a_result() -> None:
    found = rows(
        "Observation",
        status="final",
        identifier=[{"system": "urn:x", "value": "7"}, {"value": "8"}],
        category=[{"text": "no code"}, {"coding": [{"code": "laboratory"}]}],
        code={"coding": [{"system": "s", "code": "1"}, {"system": "t", "code": "2"}, {"display": "nothing else"}]},
        subject={"reference": "Patient/p1/_history/2"},
        encounter={"reference": "http://other.example/Encounter/1"},
    )
    assert found == {
        "status": ["final\x1f"],
        "identifier": [token("7", "urn:x"), "8\x1f"],
        "category": ["laboratory\x1f"],
        "code": [token("1", "s"), token("2", "t"), "\x1f"],
        "patient": ["p1\x1fPatient"],
        "encounter": ["http://other.example/Encounter/1\x1f"],
    }


@pytest.mark.parametrize(
    "reference", [{"reference": "#inside"}, {"identifier": {"value": "7"}}, {"display": "somebody"}]
)
def test_a_reference_that_points_nowhere_outside_has_no_row_but_is_present(reference: dict[str, Any]) -> None:
    made = INDEX.rows("Observation", {"subject": reference})
    fields = INDEX.parameters("Observation")
    assert made.tokens == ([(fields["subject"].number, "\x1e7\x1f")] if "identifier" in reference else [])
    assert made.present >> fields["subject"].bit & 1 == 1
    assert made.present >> fields["patient"].bit & 1 == 0


def test_a_parameter_that_narrows_another_shares_its_rows_and_has_its_own_presence() -> None:
    fields = INDEX.parameters("Observation")
    assert fields["patient"].number == fields["subject"].number
    made = INDEX.rows("Observation", {"subject": {"reference": "Patient/p1"}})
    assert len(made.tokens) == 1
    assert made.present == 1 << fields["patient"].bit | 1 << fields["subject"].bit
    typed = INDEX.rows("Observation", {"subject": {"reference": "urn:uuid:1", "type": "Patient"}})
    assert typed.present == made.present


def test_the_natural_date_is_the_start_of_a_session_and_of_nothing_when_it_is_unknown() -> None:
    start = 1772539200000  # 2026-03-03T12:00Z
    assert INDEX.rows("Encounter", {"period": {"start": "2026-03-03T07:00:00-05:00"}}).sort == start
    assert INDEX.rows("Encounter", {"period": {"end": "2026-03-03"}}).sort == BEGINNING
    assert INDEX.rows("Encounter", {}).sort is None
    assert INDEX.rows("Goal", {"startDate": "2026-03-03"}).sort == start - 7 * 3_600_000
    assert INDEX.rows("Patient", {"birthDate": "1990-01-01"}).sort is None
    assert INDEX.natural("Patient") is None


@pytest.mark.parametrize(("type", "expected"), [("Patient", ("me",)), ("Observation", ("p1",)), ("Organization", ())])
def test_the_patients_a_record_is_about(type: str, expected: tuple[str, ...]) -> None:
    resource = {"subject": {"reference": "Patient/p1"}} if type == "Observation" else {}
    assert INDEX.patients(type, "me", INDEX.rows(type, resource)) == expected


@pytest.mark.parametrize(
    ("parameter", "value", "fits"),
    [
        ("code", "s|1", True),
        ("code", "1", True),
        ("code", "s|", True),
        ("code", "|1", False),
        ("code", "t|1", False),
        ("patient", "p1", True),
        ("subject", "Patient/p1", True),
        ("subject", "Group/p1", False),
        ("status", "final", False),
    ],
)
def test_a_record_not_yet_written_can_be_matched(parameter: str, value: str, fits: bool) -> None:
    resource = {"code": {"coding": [{"system": "s", "code": "1"}]}, "subject": {"reference": "Patient/p1"}}
    assert INDEX.matches("Observation", resource, parameter, value) is fits


FORM = "https://example.org/Questionnaire/intake"


@pytest.mark.parametrize(
    ("said", "asked", "fits"),
    [
        (FORM, FORM, True),
        (f"{FORM}|2", FORM, True),
        (f"{FORM}|2", f"{FORM}|2", True),
        (f"{FORM}|2", f"{FORM}|1", False),
        (FORM, f"{FORM}|2", False),
        (f"{FORM}-long", FORM, False),
    ],
)
def test_a_canonical_asked_for_without_a_version_is_any_version_of_it(said: str, asked: str, fits: bool) -> None:
    assert INDEX.matches("QuestionnaireResponse", {"questionnaire": said}, "questionnaire", asked) is fits


def test_a_parameter_of_us_core_has_its_url_and_leaves_r4s_of_other_types() -> None:
    team = {"participant": [{"role": [{"coding": [{"system": "s", "code": "1"}]}]}, {"role": [{"text": "none"}]}]}
    assert INDEX.matches("CareTeam", team, "role", "s|1")
    assert INDEX.parameters("CareTeam")["role"].url.startswith("http://hl7.org/fhir/us/core/SearchParameter/")
    assert INDEX.parameters("PractitionerRole")["role"].expression == "PractitionerRole.code"
    assert "episode" not in INDEX.parameters("Patient")


def test_the_code_that_finds_the_rows_can_be_read() -> None:
    source = INDEX.source("Encounter")
    assert source.startswith("def extract(resource):  # Encounter\n")
    for field in ("status: Encounter.status", "date: Encounter.period", "episode: Encounter.episodeOfCare"):
        assert f"    # {field}\n" in source


@pytest.mark.parametrize("expression", ["Patient.name.first()", "Patient.deceased.exists()", "a + b"])
def test_fhirpath_beyond_the_known_part_is_refused_not_guessed(expression: str) -> None:
    with pytest.raises(Problem, match="not understood"):
        branches(expression)


@pytest.mark.parametrize(
    "change",
    [
        {"sort": {"Patient": "colour"}},
        {"own": {f"c{n}": {"type": "token", "expressions": {"Observation": "Observation.status"}} for n in range(40)}},
    ],
)
def test_a_search_file_that_cannot_work_is_refused(change: dict[str, Any]) -> None:
    enabled = tomllib.loads((PROFILES / "search.toml").read_text())
    with pytest.raises(Problem, match=r"search\.toml"):
        Index(DEFINITIONS, {**enabled, **change}, ZONE).parameters("Observation")


def test_a_type_cannot_be_sorted_by_a_date_that_repeats() -> None:
    enabled = tomllib.loads((PROFILES / "search.toml").read_text())
    index = Index(DEFINITIONS, {**enabled, "sort": {"Composition": "period"}}, ZONE)
    with pytest.raises(Problem, match="repeats"):
        index.rows("Composition", {})


def test_the_index_changes_its_hash_with_the_zone_and_with_what_is_indexed() -> None:
    enabled = tomllib.loads((PROFILES / "search.toml").read_text())
    less = {**enabled, "off": [*enabled["off"], "status"]}
    made = [
        Index(DEFINITIONS, what, zone) for what, zone in ((enabled, ZONE), (enabled, ZoneInfo("UTC")), (less, ZONE))
    ]
    assert made[0].hash == INDEX.hash
    assert len({index.hash for index in made}) == 3


def test_the_rows_of_every_published_example_can_be_found(shared_data: Path) -> None:
    examples = [orjson.loads(path.read_bytes()) for path in sorted((shared_data / "r4-examples").glob("*.json"))]
    assert len(examples) > 100
    some = [INDEX.rows(resource["resourceType"], resource) for resource in examples]
    assert sum(bool(made.tokens) for made in some) > 100


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("9999", "9999-01-01T05:00:00.000Z", None),
        ("9999-12", "9999-12-01T05:00:00.000Z", None),
        ("9999-12-31", "9999-12-31T05:00:00.000Z", None),
        ("2024-02-29", "2024-02-29T05:00:00.000Z", "2024-03-01T05:00:00.000Z"),
        ("2026-12", "2026-12-01T05:00:00.000Z", "2027-01-01T05:00:00.000Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z", "2017-01-01T00:00:01.000Z"),
        ("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00.124Z"),
        ("2026-01-01T00:00:00.12Z", "2026-01-01T00:00:00.120Z", "2026-01-01T00:00:00.130Z"),
    ],
)
def test_dates_of_any_precision_are_intervals(text: str, low: str, high: str | None) -> None:
    found = Calendar(ZONE).interval(text)
    assert instant_of(found[0]) == low
    assert (None if found[1] == FOREVER else instant_of(found[1])) == high


def test_a_timing_spans_its_events_and_bounds() -> None:
    calendar = Calendar(ZONE)
    timing = {
        "event": ["2026-03-01T00:00:00Z", "2026-03-05T00:00:00Z"],
        "repeat": {"boundsPeriod": {"start": "2026-02-01", "end": "2026-03-02"}},
    }
    assert calendar.timing(timing) == (calendar.interval("2026-02-01")[0], calendar.interval("2026-03-05T00:00:00Z")[1])
    assert calendar.timing({}) == calendar.period({}) == (BEGINNING, FOREVER)


def test_the_systems_of_code_elements_are_those_of_their_required_bindings() -> None:
    raw = orjson.loads((PROFILES / "r4" / "elements.json").read_bytes())
    bound: dict[str, set[str]] = {}
    for type in DEFINITIONS.types:
        for field in INDEX.parameters(type).values():
            elements = (
                plain(type, field.expression, DEFINITIONS) if field.kind == "token" and field.number >= 0 else None
            )
            for element in elements or ():
                group, _, name = element.rpartition(".")
                more = next((row[4] for row in raw["elements"].get(group, ()) if row[0] == name and len(row) > 4), {})
                for system in raw["codes"][more["codes"]] if "codes" in more else ():
                    bound.setdefault(system, set()).add(element)
    said = tomllib.loads((PROFILES / "search.toml").read_text())["systems"]
    assert {system: set(elements) for system, elements in said.items()} == bound
    assert bound["http://hl7.org/fhir/administrative-gender"] >= {"Patient.gender", "Practitioner.gender"}


def test_what_us_core_searches_by_is_served(shared_data: Path) -> None:
    """Every search parameter of US Core 6.1.0."""
    count = 0
    with tarfile.open(shared_data / "packages" / "hl7.fhir.us.core-6.1.0.tgz") as archive:
        for member in archive:
            file = archive.extractfile(member) if "/SearchParameter-" in member.name else None
            said = orjson.loads(file.read()) if file else {"base": []}
            for type in said["base"]:
                field = INDEX.parameters(type)[said["code"]]
                assert field.kind == said["type"], (type, said["code"])
                count += 1
    assert count > 100
