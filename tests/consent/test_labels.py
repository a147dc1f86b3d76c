"""Labels: what a record is, by where it is from, its codes and its sender; they are only ever added."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.consent.labels import (
    ACT_CODE,
    CONFIDENTIALITY,
    LABELLED,
    NOTES,
    OTHER,
    OTHERS,
    PART2,
    REASON,
    Origin,
    codes,
    confidentiality,
    mask,
    with_narrower,
)
from adapter.fhir.json import parse
from adapter.mapping.load import Maps
from adapter.mapping.sensitive_codes import SensitiveCodes
from adapter.mapping.tables import Table
from adapter.rules import EVERY_LABEL
from tests.consent.table import labels_of

SUD = mask(["SUD"])
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
SNOMED, RXNORM = "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
HIPAA = Origin("hipaa")


def coded(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "code": {"coding": [{"system": system, "code": code}]}, **more}


def labelled(*security: tuple[str, str]) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "meta": {"security": [{"system": system, "code": code} for system, code in security]},
    }


def test_every_sensitivity_of_the_table_has_a_bit_of_its_own(maps: Maps) -> None:
    table = maps.tables["sensitivity"]
    assert isinstance(table, Table)
    named = [coding["code"] for coding in table.codings.values()]
    bits = [mask([code]) for code in [*named, "42CFRPart2"]]
    assert len(set(bits)) == len(bits)
    assert all(bit & (bit - 1) == 0 and bit not in (LABELLED, OTHER, 0) and bit <= EVERY_LABEL for bit in bits)
    assert set(codes(mask(named))) == set(named)


def test_a_code_without_a_bit_is_told_from_all_that_have_one() -> None:
    assert mask(["STD"]) == OTHER
    assert codes(OTHER | LABELLED) == ()


def test_a_stored_bit_never_gets_another_meaning() -> None:
    """Bits are in databases: this list may grow, and nothing in it may change."""
    assert (LABELLED, PART2, OTHER) == (1, 2, 4)
    order = ["SUD", "ETH", "ETHUD", "OPIOIDUD", "MH", "BH", "PSY", "PSYTHPN", "SDV", "HIV"]
    assert [mask([code]) for code in order] == [1 << bit for bit in range(8, 18)]


@pytest.mark.parametrize(
    ("origin", "labels"),
    [
        (Origin("part2"), PART2 | SUD),
        (Origin(None), PART2 | SUD),
        (Origin("neither"), PART2 | SUD),
        (Origin("part2", substance_use=False), PART2 | LABELLED),
        (Origin("part2", episode="hipaa"), PART2 | SUD),
        (Origin("mixed"), PART2 | SUD),
        (Origin("mixed", episode="part2"), PART2 | SUD),
        (Origin("mixed", episode="hipaa"), LABELLED),
        (HIPAA, LABELLED),
    ],
)
def test_where_a_record_is_from_labels_it_and_what_is_not_declared_is_under_part_2(origin: Origin, labels: int) -> None:
    assert labels_of({"resourceType": "Encounter"}, origin, SensitiveCodes()).own == labels


@pytest.mark.parametrize(
    ("system", "code", "said"),
    [
        (ICD, "F10.20", "SUD ETHUD"),
        (ICD, "F1120", "SUD OPIOIDUD"),
        (ICD, "f19.10", "SUD"),
        ("urn:oid:2.16.840.1.113883.6.90", "F33.1", "MH PSY"),
        (ICD, "B20", "HIV"),
        (ICD, "Z21", "HIV"),
        (ICD, "T76.11XA", "SDV"),
        (ICD, "F17.210", ""),
        (ICD, "E11.9", ""),
        ("urn:somebody", "F10.20", ""),
        (LOINC, "68961-2", "HIV"),
        (LOINC, "19261-7", "SUD"),
        (LOINC, "44261-6", "MH"),
        (LOINC, "75626-2", "SUD ETHUD"),
        (LOINC, "8867-4", ""),
        (RXNORM, "351266", "SUD OPIOIDUD"),
        (RXNORM, "197623", "SUD ETHUD"),
        (RXNORM, "835829", ""),
        (HCPCS, "H0015", "SUD"),
        (HCPCS.replace("https", "http"), "Q9991", "SUD OPIOIDUD"),
        (HCPCS, "H0004", ""),
        ("http://www.ama-assn.org/go/cpt", "80307", "SUD"),
        ("http://www.ama-assn.org/go/cpt", "90834", ""),
        (SNOMED, "310653000", "SUD OPIOIDUD"),
        (SNOMED, "308477009", "MH PSY"),
        (SNOMED, "185317003", ""),
        ("http://terminology.hl7.org/CodeSystem/episodeofcare-type", "da", "SUD"),
        ("http://terminology.hl7.org/CodeSystem/episodeofcare-type", "hacc", ""),
    ],
)
def test_codes_add_what_they_tell_of(maps: Maps, system: str, code: str, said: str) -> None:
    assert labels_of(coded(system, code), HIPAA, maps.sensitive).own == (mask(said.split()) or LABELLED)
    assert labels_of(coded(system, code), Origin("part2"), maps.sensitive).own == PART2 | SUD | mask(said.split())


def test_what_is_contained_labels_what_contains_it(maps: Maps) -> None:
    assert labels_of(
        {"resourceType": "Encounter", "contained": [coded(ICD, "B20")]}, HIPAA, maps.sensitive
    ).own == mask(["HIV"])


@pytest.mark.parametrize(
    ("security", "labels"),
    [
        ([(ACT_CODE, "HIV")], mask(["HIV"])),
        ([(ACT_CODE, "42CFRPart2")], PART2 | LABELLED),
        ([(CONFIDENTIALITY, "N")], LABELLED),
        ([(CONFIDENTIALITY, "R")], OTHER),
        ([(CONFIDENTIALITY, "R"), (ACT_CODE, "SDV")], mask(["SDV"])),
        ([(CONFIDENTIALITY, "V")], OTHER),
        ([(ACT_CODE, "STD"), (ACT_CODE, "HIV")], OTHER | mask(["HIV"])),
        ([("urn:somebody", "secret")], OTHER),
        ([(ACT_CODE, "NORDSCLCD"), (REASON, "HTEST")], LABELLED),
    ],
)
def test_what_the_sender_says_is_kept_and_what_is_not_understood_narrows(
    security: list[tuple[str, str]], labels: int
) -> None:
    assert labels_of(labelled(*security), HIPAA, SensitiveCodes()).own == labels


@pytest.mark.parametrize(("said", "labels"), [("V", OTHER), ("R", OTHER), ("N", LABELLED)])
def test_a_document_says_its_labels_as_concepts(said: str, labels: int) -> None:
    concept = {"coding": [{"system": CONFIDENTIALITY, "code": said}]}
    document = {"resourceType": "DocumentReference", "securityLabel": [concept]}
    assert labels_of(document, HIPAA, SensitiveCodes()).own == labels


def test_a_sender_takes_no_label_away() -> None:
    assert labels_of(labelled((CONFIDENTIALITY, "N")), Origin("part2"), SensitiveCodes()).own == PART2 | SUD


def test_a_consent_that_speaks_of_notes_is_none() -> None:
    label = {"securityLabel": [{"system": ACT_CODE, "code": "PSYTHPN"}]}
    assert labels_of({"resourceType": "Consent", "provision": label}, HIPAA, SensitiveCodes()).own & NOTES == 0
    assert labels_of({"resourceType": "DocumentReference", **label}, HIPAA, SensitiveCodes()).own == NOTES


def test_a_word_on_a_form_takes_in_what_is_narrower() -> None:
    assert set(codes(with_narrower(["SUD"]))) == {"SUD", "ETH", "ETHUD", "OPIOIDUD"}
    assert set(codes(with_narrower(["PSY"]))) == {"PSY"}
    assert with_narrower(["BH"]) & mask(["HIV", "SDV", "PSYTHPN"]) == 0


def test_confidentiality_follows_from_the_labels() -> None:
    assert [confidentiality(labels) for labels in (LABELLED, PART2 | LABELLED, SUD, OTHER, 0, NOTES)] == list("NRRRRV")


WORDS = ["SUD", "HIV", "42CFRPart2", "STD", "NORDSCLCD", "N", "R", "V"]
SYSTEMS = [ACT_CODE, CONFIDENTIALITY, ICD, "urn:somebody"]
SECURITY = st.lists(st.tuples(st.sampled_from(SYSTEMS), st.sampled_from([*WORDS, "F10.1", "B20"])), max_size=4)
ORIGINS = st.builds(Origin, *[st.sampled_from([None, "part2", "hipaa", "mixed"])] * 2, st.booleans())


@given(SECURITY, SECURITY, ORIGINS)
def test_more_said_is_never_fewer_sensitivities(
    maps: Maps, first: list[tuple[str, str]], more: list[tuple[str, str]], origin: Origin
) -> None:
    """`LABELLED` alone may go, and R alone be explained: both only when a sensitivity is there instead."""
    less = labels_of(labelled(*first), origin, maps.sensitive).own
    all = labels_of(labelled(*first, *more), origin, maps.sensitive).own
    assert less != 0
    gone = less & ~all
    assert gone & ~(LABELLED | OTHER) == 0
    assert gone == 0 or all & ~(PART2 | LABELLED)


def test_every_fixture_of_a_part_2_program_is_labelled_so(root: Path, maps: Maps) -> None:
    for path in (root / "fixtures").glob("*/*/fhir.json"):
        resource = parse(path.read_bytes())
        for part in resource if isinstance(resource, list) else [resource]:
            labels = labels_of(part, Origin("part2"), maps.sensitive).own
            assert labels & (PART2 | SUD) == PART2 | SUD
            assert labels & (NOTES | OTHER) == 0, path


@pytest.mark.parametrize(
    ("reference", "names", "others"),
    [
        ({"reference": "Condition/c"}, (), False),
        ({"reference": "Condition/c", "type": "Condition"}, (), False),
        ({"reference": "Condition/c", "display": "said"}, (("Condition", "c"),), False),
        ({"reference": "Condition/c/_history/2", "display": "said"}, (("Condition", "c"),), False),
        ({"reference": "https://iop.example/fhir/Condition/c", "display": "said"}, (("Condition", "c"),), False),
        ({"reference": "Condition/c", "identifier": {"value": "1"}}, (("Condition", "c"),), False),
        ({"display": "said"}, (), False),
        ({"reference": "#c", "display": "said"}, (), False),
        ({"reference": "Practitioner/p", "display": "said"}, (), False),
        ({"reference": "Patient/own", "display": "said"}, (), False),
        ({"reference": "Patient/other"}, (), False),
        ({"reference": "Patient/other", "display": "said"}, (), True),
        ({"reference": "https://elsewhere.example/Patient/other", "display": "said"}, (), True),
        ({"type": "Patient", "display": "said"}, (), True),
        ({"type": "Patient", "identifier": {"value": "1"}}, (), True),
    ],
)
def test_a_reference_that_says_more_than_where_it_leads_names_its_target(
    reference: dict[str, Any], names: tuple[Any, ...], others: bool
) -> None:
    resource = {"resourceType": "Encounter", "contained": [], "extension": [{"valueReference": reference}]}
    found = labels_of(resource, Origin("part2"), SensitiveCodes(), ["own"])
    assert (found.names, found.own & OTHERS > 0) == (names, others)


def test_a_contained_patient_is_another_person() -> None:
    resource = {"resourceType": "Encounter", "contained": [{"resourceType": "Patient", "id": "p"}]}
    assert labels_of(resource, HIPAA, SensitiveCodes()).own & OTHERS
    assert not labels_of({"resourceType": "Patient"}, HIPAA, SensitiveCodes()).own & OTHERS


def test_a_person_is_linked_to_another() -> None:
    linked = {"resourceType": "Patient", "link": [{"other": {"reference": "Patient/2", "display": "said"}}]}
    assert labels_of(linked, HIPAA, SensitiveCodes()).own & OTHERS


LINK = "http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare"


@pytest.mark.parametrize(
    ("said", "episodes"),
    [
        ({}, ()),
        ({"episodeOfCare": [{"reference": "EpisodeOfCare/1"}, {"reference": "EpisodeOfCare/2"}]}, ("1", "2")),
        ({"extension": [{"url": LINK, "valueReference": {"reference": "EpisodeOfCare/1/_history/2"}}]}, ("1",)),
        ({"extension": [{"url": LINK, "valueReference": {"display": "the other"}}]}, ("",)),
        ({"context": {"reference": "https://elsewhere.example/fhir/EpisodeOfCare/1"}}, ("",)),
        ({"context": {"reference": "EpisodeOfCare/1?x"}}, ("",)),
        ({"context": {"type": "EpisodeOfCare", "identifier": {"value": "1"}}}, ("",)),
        ({"episodeOfCare": [{"identifier": {"value": "1"}}]}, ("",)),
        ({"contained": [{"resourceType": "EpisodeOfCare", "id": "e"}], "context": {"reference": "#e"}}, ("",)),
        ({"resourceType": "EpisodeOfCare", "id": "own", "status": "active"}, ("own",)),
        ({"note": [{"text": "EpisodeOfCare/1"}], "context": {"reference": "Encounter/1"}}, ()),
    ],
)
def test_the_episodes_that_a_resource_points_to_are_known_and_one_that_is_not_here_too(
    said: dict[str, Any], episodes: tuple[str, ...]
) -> None:
    resource = {"resourceType": "Encounter", **said}
    found = labels_of(resource, Origin("mixed"), SensitiveCodes())
    assert (found.episodes, found.own, found.outside) == (episodes, PART2 | SUD, LABELLED)
    for posture in ("part2", "hipaa"):
        assert labels_of(resource, Origin(posture), SensitiveCodes())[3:] == ((), 0)


@pytest.mark.parametrize(
    ("more", "outside"),
    [
        ({"meta": {"security": [{"system": ACT_CODE, "code": "MH"}]}}, mask(["MH"])),
        ({"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}, OTHER),
        ({"meta": {"security": [{"system": ACT_CODE, "code": "42CFRPart2"}]}}, 0),
        ({"resourceType": "Consent"}, 0),
    ],
)
def test_what_a_resource_says_itself_it_tells_outside_part_2_too(more: dict[str, Any], outside: int) -> None:
    episode = {"context": {"reference": "EpisodeOfCare/1"}}
    found = labels_of({"resourceType": "Encounter", **episode, **more}, Origin("mixed"), SensitiveCodes())
    assert found.outside == outside
    assert found.own & PART2
