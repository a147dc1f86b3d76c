"""The code tables as R4 terminology: every one is published, expanded, validated, looked up and translated."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from adapter.fhir.canonical import code_system, concept_map, value_set
from adapter.fhir.terminology import Terminology
from adapter.interactions.program import Program
from tests.doors.serving import Client, Got, door

pytestmark = pytest.mark.storeless
Json = dict[str, Any]
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
EQUIVALENCES = {"relatedto", "equivalent", "equal", "wider", "narrower", "inexact"}
SEVERITY = value_set("severity")
LEVELS = "http://bha.colorado.gov/fhir/bha-ig/CodeSystem/bha-asam-level-of-care-cs"


@pytest.fixture
def terms(program: Program) -> Terminology:
    """All that is shipped."""
    return program.terminology


def said(got: Got) -> Json:
    """The outputs that are plain values, by name."""
    assert got.status == 200, got.body
    assert door().check(got.json) == []
    return {p["name"]: v for p in got.json["parameter"] for key, v in p.items() if key.startswith("value")}


def ask(client: Client, address: str, **given: str) -> Got:
    """GET with these parameters; `_` in a name is not one of R4's."""
    query = "&".join(f"{name}={quote(value)}" for name, value in given.items())
    return client("GET", f"/fhir/{address}?{query}")


def matches(got: Got) -> list[tuple[str, str]]:
    """(system, code) of every translation; what a map says has none is none."""
    told = [p["part"] for p in got.json["parameter"] if p["name"] == "match"]
    parts_of = [part for part in told if part[0]["valueCode"] != "unmatched"]
    assert said(got)["result"] is bool(parts_of)
    assert {part[0]["valueCode"] for part in parts_of} <= EQUIVALENCES
    return [(part[1]["valueCoding"]["system"], part[1]["valueCoding"]["code"]) for part in parts_of]


def test_everything_published_is_valid_read_by_id_and_found_by_url(client: Client) -> None:
    for type in ("ValueSet", "CodeSystem", "ConceptMap", "OperationDefinition"):
        listed = client("GET", f"/fhir/{type}").json
        assert listed["total"] == len(listed["entry"]) > 0
        for entry in listed["entry"]:
            resource = entry["resource"]
            assert door().check(resource) == [], resource["id"]
            assert resource["url"].endswith(f"/{type}/{resource['id']}")
            assert client("GET", f"/fhir/{type}/{resource['id']}").json == resource
            found = client("GET", f"/fhir/{type}?url={resource['url']}").json
            assert [one["resource"]["id"] for one in found["entry"]] == [resource["id"]]


def test_a_search_of_what_is_published_narrows_by_all_that_is_said(client: Client) -> None:
    def ids(query: str) -> list[str]:
        return [entry["resource"]["id"] for entry in client("GET", f"/fhir/ValueSet?{query}").json.get("entry", ())]

    assert ids("_id=severity,weekday") == ["severity", "weekday"]
    assert ids(f"_id=severity,weekday&url={SEVERITY}") == ["severity"]
    assert ids("_id=severity&_id=weekday") == []
    assert ids("url=https://clinic.example/x") == []
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client("POST", "/fhir/ValueSet/_search", b"_id=severity", form).json["total"] == 1


def test_every_code_table_is_a_value_set_and_every_code_of_it_is_valid(client: Client, program: Program) -> None:
    wanted = {name.replace("_", "-") for name, table in program.maps.tables.items() if not hasattr(table, "elements")}
    published = {entry["resource"]["id"] for entry in client("GET", "/fhir/ValueSet").json["entry"]}
    joint = {
        "booking-status-absence",
        "drug-finding-value-codeable-concept",
        "drug-finding-interpretation",
        "referral-state-business-status",
    }
    accepted = {id for id in published if id.endswith("-accepted")}
    assert published - accepted == wanted | joint
    assert {id.removesuffix("-accepted") for id in accepted} <= wanted | joint
    for url, found in program.terminology.value_sets.items():
        expanded = client("GET", f"/fhir/ValueSet/$expand?url={url}").json["expansion"]
        assert expanded["total"] == len(expanded["contains"]) == len(found.codings)
        for coding in found.codings:
            asked = {"resourceType": "Parameters", "parameter": [
                {"name": "url", "valueUri": url}, {"name": "coding", "valueCoding": coding.json()},
            ]}  # fmt: skip
            assert said(client("POST", "/fhir/ValueSet/$validate-code", asked))["result"] is True


def test_every_pair_of_every_map_is_translated_both_ways(client: Client, terms: Terminology) -> None:
    tried = 0
    for url, map in terms.maps.items():
        for pair in map.pairs:
            got = ask(client, "ConceptMap/$translate", url=url, system=pair.source.system, code=pair.source.code)
            assert (pair.target.key in matches(got)) is (pair.equivalence != "unmatched")
            if pair.equivalence == "unmatched":
                told = [p["part"] for p in got.json["parameter"] if p["name"] == "match"]
                assert {part[0]["valueCode"] for part in told} == {"unmatched"}
                assert all("valueCoding" not in one for part in told for one in part)
                assert "none stands for this code" in str(said(got)["message"])
                continue
            back = ask(
                client,
                f"ConceptMap/{map.id}/$translate",
                system=pair.target.system,
                code=pair.target.code,
                reverse="true",
            )
            assert pair.source.key in matches(back)
            tried += 1
    assert tried > 500


def test_the_programs_words_and_the_codes_of_an_agency_are_translated(client: Client) -> None:
    asked = {"system": code_system("level-of-care-words"), "code": "level_2_1"}
    [level] = matches(ask(client, "ConceptMap/level-of-care-words/$translate", **asked))
    teds = ask(client, "ConceptMap/teds-services/$translate", system=level[0], code=level[1])
    assert matches(teds) == [(code_system("teds-services"), "6")]
    [match] = [p["part"] for p in teds.json["parameter"] if p["name"] == "match"]
    assert match[0]["valueCode"] == "wider"
    back = ask(
        client, "ConceptMap/teds-services/$translate", system=code_system("teds-services"), code="6", reverse="true"
    )
    assert {p["part"][0]["valueCode"] for p in back.json["parameter"] if p["name"] == "match"} == {"narrower"}
    early = ask(client, "ConceptMap/teds-services/$translate", system=level[0], code="level-0-5")
    assert said(early)["result"] is False


def test_every_code_with_a_display_is_looked_up(client: Client, terms: Terminology) -> None:
    for system in terms.systems.values():
        for code, display in system.displays.items():
            got = ask(client, "CodeSystem/$lookup", system=system.url, code=code)
            if display:
                assert said(got) == {"name": system.title, "display": display}
            else:
                assert (got.status, got.codes) == (404, ["not-found"])


def test_an_expansion_is_filtered_and_paged(client: Client) -> None:
    def codes(query: str) -> list[str]:
        held = client("GET", f"/fhir/ValueSet/severity/$expand{query}").json["expansion"]
        return [entry["display"] for entry in held.get("contains", ())]

    assert codes("") == ["Mild", "Moderate", "Severe"]
    assert codes("?filter=%20MOD") == ["Moderate"]
    assert codes("?filter=24484") == ["Severe"]
    assert codes("?offset=1&count=1") == ["Moderate"]
    assert codes("?count=0") == codes("?offset=3") == []
    page = client("GET", "/fhir/ValueSet/severity/$expand?offset=1&count=1").json["expansion"]
    assert (page["total"], page["offset"]) == (3, 1)
    assert {p["name"] for p in page["parameter"]} == {"offset", "count"}


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        ({"system": SNOMED, "code": "24484000"}, True),
        ({"system": SNOMED, "code": "24484000", "display": "SEVERE"}, True),
        ({"system": SNOMED, "code": "24484000", "display": "Mild"}, False),
        ({"system": SNOMED, "code": "10828004"}, False),
        ({"system": LOINC, "code": "24484000"}, False),
        ({"system": "https://clinic.example/x", "code": "24484000"}, False),
    ],
)
def test_a_code_is_in_a_value_set_or_not_and_why(client: Client, asked: dict[str, str], result: bool) -> None:
    by_type = said(ask(client, "ValueSet/$validate-code", url=SEVERITY, **asked))
    by_instance = said(ask(client, "ValueSet/severity/$validate-code", **asked))
    assert by_type == by_instance
    assert by_type["result"] is result
    assert ("message" in by_type) is not result
    if asked.get("display"):
        assert by_type["display"] == "Severe"


def test_one_right_coding_makes_a_concept_right(client: Client) -> None:
    concept = {"coding": [{"system": LOINC, "code": "x"}, {"system": SNOMED, "code": "24484000"}]}
    asked = {"resourceType": "Parameters", "parameter": [{"name": "codeableConcept", "valueCodeableConcept": concept}]}
    assert said(client("POST", "/fhir/ValueSet/severity/$validate-code", asked))["result"] is True
    assert matches(client("POST", "/fhir/ConceptMap/$translate", asked)) == []


def test_a_code_is_in_a_code_system_as_far_as_it_is_shipped(client: Client) -> None:
    ours = code_system("absence")
    assert said(ask(client, "CodeSystem/$validate-code", url=ours, code="excused"))["display"] == "Excused absence"
    no = said(ask(client, "CodeSystem/absence/$validate-code", code="x"))
    assert (no["result"], no["message"]) == (False, f"there is no such code in {ours}")
    part = said(ask(client, "CodeSystem/$validate-code", url=LOINC, code="1-8"))
    assert part["result"] is False
    assert "shipped here, which are a part of it" in part["message"]


def test_a_translation_is_narrowed_by_target_and_system(client: Client) -> None:
    asked = {"system": LEVELS, "code": "2.1"}
    into = [(code_system("level-of-care"), "level-2-1")]
    assert matches(ask(client, "ConceptMap/$translate", **asked)) == into
    assert matches(ask(client, "ConceptMap/$translate", **asked, target=value_set("level_of_care"))) == into
    assert matches(ask(client, "ConceptMap/$translate", **asked, target=SEVERITY)) == []
    assert matches(ask(client, "ConceptMap/$translate", **asked, source=SEVERITY)) == []
    assert matches(ask(client, "ConceptMap/$translate", **asked, targetsystem=SNOMED)) == []
    none = said(ask(client, "ConceptMap/$translate", url=concept_map("language"), **asked))
    assert (none["result"], "message" in none) == (False, True)


def test_every_code_system_of_our_namespace_that_is_named_is_served(client: Client, terms: Terminology) -> None:
    named = {one.system for map in terms.maps.values() for pair in map.pairs for one in pair[:2]}
    named |= {coding.system for value_set in terms.value_sets.values() for coding in value_set.codings}
    ours = {system for system in named if system.startswith(code_system(""))}
    assert code_system("teds-services") in ours
    for system in ours:
        (entry,) = client("GET", f"/fhir/CodeSystem?url={quote(system)}").json["entry"]
        assert entry["resource"]["content"] == ("complete" if terms.systems[system].complete else "fragment")
    assert not terms.systems[code_system("teds-services")].complete


def test_names_are_made_of_table_and_column() -> None:
    assert value_set("drug_finding", "valueCodeableConcept").endswith("/ValueSet/drug-finding-value-codeable-concept")
    assert value_set("booking_status", "ext(absence)").endswith("/ValueSet/booking-status-absence")
    assert concept_map("level_of_care").endswith("/ConceptMap/level-of-care")


def test_a_code_that_is_read_and_retired_is_told_as_inactive_and_left_out_where_only_active_ones_are_asked_for(
    client: Client,
) -> None:
    address = "/fhir/ValueSet/handling-accepted/$expand"
    codes = client("GET", address).json["expansion"]["contains"]
    assert [code["code"] for code in codes if code.get("inactive")] == ["NORDSLCD"]
    active = client("GET", f"{address}?activeOnly=true").json["expansion"]
    assert {"name": "activeOnly", "valueBoolean": True} in active["parameter"]
    assert [code for code in codes if "inactive" not in code] == active["contains"]
    assert active["total"] == len(codes) - 1
