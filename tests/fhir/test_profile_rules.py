"""What our profiles ask beyond base R4: every fixture fulfils it, and every seeded fault is found where it is."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.fhir.canonical import BASE, profile
from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse
from adapter.fhir.profile_rules import ProfileRules
from adapter.fhir.schema import Door
from adapter.mapping.concept import MappedConcept
from adapter.mapping.load import Maps, load
from tests.laws.strategies import records

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
MADE_HERE = sorted(
    path for path in FIXTURES.glob("*/*/") if (path / "fhir.json").exists() and not path.name.startswith("received")
)
OWN = f"{BASE}/StructureDefinition/"
DEFINITIONS = Definitions.load(ROOT / "profiles" / "r4")
MAPS = load(ROOT / "mappings", DEFINITIONS)
RULES = ProfileRules.load(ROOT / "profiles")


@pytest.fixture(scope="module")
def rules() -> ProfileRules:
    return RULES


@pytest.fixture(scope="module")
def door() -> Door:
    return Door(DEFINITIONS)


@pytest.fixture(scope="module")
def maps() -> Maps:
    return MAPS


def content(case: str) -> dict[str, Any]:
    made: dict[str, Any] = parse((FIXTURES / case / "fhir.json").read_bytes())
    return made


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("case", MADE_HERE, ids=name)
def test_a_fixture_fulfils_the_profile_it_claims(case: Path, rules: ProfileRules, maps: Maps) -> None:
    resource = content(name(case))
    url = profile(maps.concepts[case.parent.name].profile)
    assert rules.claims(resource) == [url]
    assert rules.check(resource, url) == []


# Narrower than its map: US Core wants a system of every identifier of an Encounter. A native session that has none is
# refused; one that somebody else sends is read whole, since it claims no profile of ours.
REFUSED = {("session", "Encounter.identifier.system")}


class Fault(NamedTuple):
    """A fixture, what is done to it, and what is found: rule kind, issue code, expression."""

    case: str
    change: Callable[[dict[str, Any]], Any]
    code: str
    expression: str


def put(*steps: Any) -> Callable[[dict[str, Any]], None]:
    """Replace what stands at a path; the last step is the value."""

    def change(resource: dict[str, Any]) -> None:
        *path, last, value = steps
        at(resource, path)[last] = value

    return change


def drop(*steps: Any) -> Callable[[dict[str, Any]], None]:
    """Take away what stands at a path."""
    return lambda resource: at(resource, steps[:-1]).__delitem__(steps[-1])


def add(*steps: Any) -> Callable[[dict[str, Any]], None]:
    """Put one more member into the list at a path, which may not be there yet."""

    def change(resource: dict[str, Any]) -> None:
        *path, last, value = steps
        at(resource, path).setdefault(last, []).append(value)

    return change


def at(value: Any, steps: Any) -> Any:
    for step in steps:
        value = value[step]
    return value


def extension(id: str, **value: Any) -> dict[str, Any]:
    return {"url": OWN + id, **value}


def index_of(resource: dict[str, Any], url: str) -> int:
    return next(i for i, member in enumerate(resource["extension"]) if member["url"].endswith(url))


def in_extension(id: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], None]:
    return lambda resource: change(resource["extension"][index_of(resource, id)])


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


OTHER = {"system": "urn:example:other", "code": "other"}
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"

# ruff: noqa: E501  (one fault a line, to be read as a table)
FAULTS = [
    # cardinality, lower
    Fault("session/full", drop("episodeOfCare"), "required", "Encounter.episodeOfCare"),
    Fault("session/full", drop("subject"), "required", "Encounter.subject"),
    Fault("session/full", drop("period"), "required", "Encounter.period"),
    Fault("session/full", drop("period", "start"), "required", "Encounter.period.start"),
    Fault("session/full", drop("identifier", 0, "system"), "required", "Encounter.identifier[0].system"),
    Fault("session/full", drop("identifier", 0, "value"), "required", "Encounter.identifier[0].value"),
    Fault("participant/full", drop("name"), "required", "Patient.name"),
    Fault("participant/full", drop("gender"), "required", "Patient.gender"),
    Fault("organization/full", drop("active"), "required", "Organization.active"),
    Fault("organization/full", drop("name"), "required", "Organization.name"),
    Fault("site/full", drop("name"), "required", "Location.name"),
    Fault("diagnosis/full", drop("code"), "required", "Condition.code"),
    Fault("goal/full", put("description", coded("urn:example:goals", "sober")), "required", "Goal.description.text"),
    Fault("screening/full", drop("subject"), "required", "Observation.subject"),
    Fault("clinician_role/full", drop("practitioner"), "required", "PractitionerRole.practitioner"),
    # cardinality, upper
    Fault("drug_result/full", add("hasMember", {"reference": "Observation/1"}), "invariant", "Observation.hasMember"),
    Fault("drug_result/full", add("component", {"code": {"text": "x"}}), "invariant", "Observation.component"),
    Fault("organization/full", put("address", [{"line": ["a", "b", "c", "d", "e"]}]), "invariant", "Organization.address[0].line"),
    # types
    Fault("session/full", put("subject", {"reference": "Group/1"}), "invariant", "Encounter.subject"),
    Fault("goal/full", put("subject", {"reference": "Organization/1"}), "invariant", "Goal.subject"),
    Fault("screening/full", put("subject", {"reference": "https://ehr.example.org/fhir/Device/1"}), "invariant", "Observation.subject"),
    Fault("drug_screen_panel/full", put("hasMember", [{"reference": "QuestionnaireResponse/1"}]), "invariant", "Observation.hasMember[0]"),
    Fault("session/full", in_extension("iop-attendance", lambda e: (e.pop("valueCoding"), e.update(valueString="late"))), "invariant", "Encounter.extension[1].value"),
    Fault("booking/full", add("extension", extension("iop-make-up-of", valueReference={"reference": "Encounter/1"})), "invariant", ""),
    # fixed and pattern, slices by pattern
    Fault("treatment_plan/full", put("category", [coded("urn:example:plans", "other")]), "required", "CarePlan.category"),
    Fault("screening/full", put("category", [coded(CATEGORY, "social-history")]), "required", "Observation.category"),
    Fault("drug_result/full", add("category", coded(CATEGORY, "laboratory")), "invariant", "Observation.category"),
    Fault("drug_screen_panel/full", drop("category", 1), "required", "Observation.category"),
    # slices by required binding, by the type of a reference, by a literal
    Fault("session/full", put("type", [{"coding": [OTHER]}]), "required", "Encounter.type"),
    Fault("session/full", add("type", coded("http://snomed.info/sct", "18512000")), "invariant", "Encounter.type"),
    Fault("booking/full", add("participant", {"actor": {"reference": "Patient/2"}, "status": "accepted"}), "invariant", "Appointment.participant"),
    Fault("booking/minimal", put("participant", [{"actor": {"reference": "Location/2"}, "status": "accepted"}]), "required", "Appointment.participant"),
    Fault("booking/full", put("participant", 0, "actor", "reference", "Device/1"), "required", "Appointment.participant"),
    # required bindings
    Fault("session/full", put("class", {"system": ACT, "code": "IMP"}), "code-invalid", "Encounter.class"),
    Fault("session/full", put("class", {"display": "ambulatory"}), "code-invalid", "Encounter.class"),
    Fault("organization/full", in_extension("iop-part2-posture", put("valueCode", "secret")), "code-invalid", "Organization.extension[0].value"),
    # extensions
    Fault("session/full", add("extension", extension("iop-attendance", valueCoding=OTHER)), "invariant", f"Encounter.extension('{OWN}iop-attendance')"),
    Fault("participant/full", in_extension("us-core-race", lambda e: e.update(extension=[p for p in e["extension"] if p["url"] != "text"])), "required", ""),
    Fault("episode/full", in_extension("iop-taper", lambda e: e.update(extension=[p for p in e["extension"] if p["url"] != "fromWeek"])), "required", ""),
    Fault("participant/full", in_extension("iop-commitment", put("extension", 0, "valueCode", "someday")), "code-invalid", ""),
    Fault("session/full", in_extension("iop-group-session", add("extension", {"url": "topic", "valueString": "two"})), "invariant", "Encounter.extension[5].extension('topic')"),
    Fault("session/full", in_extension("iop-session-break", lambda e: (e.pop("valuePeriod"), e.update(extension=[{"url": "x", "valueString": "x"}]))), "required", "Encounter.extension[0].value"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.case} {fault.code} {fault.expression}")
def test_a_seeded_fault_is_found_where_it_is(fault: Fault, rules: ProfileRules) -> None:
    resource = copy.deepcopy(content(fault.case))
    fault.change(resource)
    found = rules.check_claims(resource)
    places = {(issue.code, issue.expression) for issue in found}
    if fault.expression:
        assert (fault.code, fault.expression) in places
    else:
        kind = resource["resourceType"]
        assert any(code == fault.code and str(place).startswith(f"{kind}.extension[") for code, place in places), places
    assert all(issue.message and issue.severity == "error" for issue in found)


def test_the_base_door_lets_most_of_these_in(rules: ProfileRules, door: Door) -> None:
    """They are faults of the profile, not of R4: without these rules nobody would find them."""
    let_in = 0
    for fault in FAULTS:
        resource = copy.deepcopy(content(fault.case))
        fault.change(resource)
        let_in += not door.check(resource)
    assert let_in >= 30


@pytest.mark.parametrize("concept", MAPS.concepts.values(), ids=list(MAPS.concepts))
@settings(max_examples=settings().max_examples // 5)
@given(data=st.data())
def test_whatever_a_map_writes_fulfils_the_profile_it_claims(concept: MappedConcept, data: st.DataObject) -> None:
    resource = concept.to_fhir(data.draw(records(concept)), park=True)
    found = {(concept.name, re.sub(r"\[\d+\]", "", str(issue.expression))) for issue in RULES.check_claims(resource)}
    assert found <= REFUSED


def test_a_record_that_lacks_what_its_profile_wants_does_not_claim_it(maps: Maps, rules: ProfileRules) -> None:
    record = parse((FIXTURES / "session" / "full" / "native.json").read_bytes())
    del record["episode"]
    resource = maps.concepts["session"].to_fhir(record, park=True)
    assert "meta" not in resource
    assert rules.check(resource, profile("iop-session"))


def test_a_claim_that_an_import_makes_untrue_goes_and_the_rest_of_meta_stays(maps: Maps) -> None:
    concept, stored = maps.concepts["session"], content("session/full")
    stored["meta"] = {"source": "urn:example:practice", "profile": [profile("iop-session"), "https://example.org/p"]}
    record = {name: value for name, value in concept.to_native(stored)[0].items() if name != "episode"}
    assert concept.to_fhir(record, stored, park=True)["meta"] == {
        "source": "urn:example:practice",
        "profile": ["https://example.org/p"],
    }


def test_a_resource_is_held_to_what_it_claims_and_to_nothing_else(rules: ProfileRules) -> None:
    resource = content("session/full")
    del resource["episodeOfCare"]
    assert rules.check_claims(resource)
    resource["meta"]["profile"] = [f"{profile('iop-session')}|0.1.0"]
    assert rules.check_claims(resource)
    for others in (["http://hl7.org/fhir/us/core/StructureDefinition/us-core-encounter"], [profile("iop-of-tomorrow")]):
        resource["meta"]["profile"] = others
        assert rules.check_claims(resource) == []


def test_a_profile_of_another_type_is_said_so(rules: ProfileRules) -> None:
    [issue] = rules.check(content("goal/full"), profile("iop-session"))
    assert (issue.code, issue.expression) == ("invariant", "Goal.meta.profile")


def test_a_reference_to_something_contained_is_told_by_what_it_is(rules: ProfileRules) -> None:
    resource = content("booking/minimal")
    resource["contained"] = [{"resourceType": "Patient", "id": "p"}]
    resource["participant"] = [{"actor": {"reference": "#p"}, "status": "accepted"}]
    assert rules.check_claims(resource) == []
    resource["contained"][0]["resourceType"] = "Device"
    assert [issue.expression for issue in rules.check_claims(resource)] == ["Appointment.participant"]


def test_a_reference_that_only_says_a_type_is_believed(rules: ProfileRules) -> None:
    resource = content("session/full")
    resource["subject"] = {"type": "Group", "display": "somebody"}
    assert [issue.expression for issue in rules.check_claims(resource)] == ["Encounter.subject"]
    resource["subject"] = {"display": "somebody"}
    assert rules.check_claims(resource) == []


def test_an_element_that_says_why_it_is_absent_is_there(rules: ProfileRules) -> None:
    resource = content("organization/full")
    del resource["name"]
    why = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    resource["_name"] = {"extension": [{"url": why, "valueCode": "unknown"}]}
    assert rules.check_claims(resource) == []


def test_what_no_rule_can_check_is_named() -> None:
    listed = json.loads((ROOT / "profiles" / "rules.json").read_bytes())
    assert listed["unchecked"]
    assert all("ValueSet" in url for url in listed["unchecked"])
    assert not [url for url in listed["unchecked"] if url.startswith(BASE)]
