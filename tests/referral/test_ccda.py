"""A C-CDA document is read into records: nothing becomes its opposite, nobody else is named, what is left out is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.fhir.json import Lexeme, dump
from adapter.fhir.references import references
from adapter.problems import Problem
from adapter.referral.ccda import Limits, Reading, Tables, read_ccda
from adapter.referral.document import Node, read_document
from tests.doors.serving import counted_ids, door

ROOT = Path(__file__).resolve().parents[2]
TABLES = Tables.load(ROOT / "mappings")
RESIDENTIAL = (Path(__file__).parent / "documents" / "residential_discharge.xml").read_bytes()
RELATIVE = ("Marguerite", "Osterhagen")
V3 = 'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
PERSON = "<recordTarget><patientRole><patient><name><family>Vale</family></name></patient></patientRole></recordTarget>"
Change = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(RESIDENTIAL)


@pytest.fixture(scope="module", params=["residential", "published"])
def documents(request: pytest.FixtureRequest) -> list[bytes]:
    """Our invented document, and every published one where they are."""
    if request.param == "residential":
        return [RESIDENTIAL]
    found = sorted((request.getfixturevalue("shared_data") / "ccda").glob("*.xml"))
    if not found:
        pytest.skip("no published documents")
    return [path.read_bytes() for path in found]


def read(data: bytes, **limits: int) -> Reading:
    return read_ccda(data, TABLES, counted_ids(), Limits(**limits))


def document(body: str, header: str = "") -> bytes:
    return (
        f"<ClinicalDocument {V3}>{header}{PERSON}"
        f"<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>"
    ).encode()


def section(*entries: str, code: str = "30954-2") -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<component><section><code code="{code}"/><title>It</title>{inner}</section></component>'


def result(value: str, more: str = "", attributes: str = "") -> str:
    return (
        f'<observation classCode="OBS" moodCode="EVN" {attributes}>'
        '<templateId root="2.16.840.1.113883.10.20.22.4.2"/>'
        '<code code="2161-8" codeSystem="2.16.840.1.113883.6.1"/>'
        f'<statusCode code="completed"/>{more}{value}</observation>'
    )


def problem(inner: str, attributes: str = "", around: str = "") -> str:
    return (
        f'<act classCode="ACT" moodCode="EVN" {around}><templateId root="2.16.840.1.113883.10.20.22.4.3"/>'
        f'<statusCode code="active"/><entryRelationship><observation classCode="OBS" moodCode="EVN" {attributes}>'
        f'<templateId root="2.16.840.1.113883.10.20.22.4.4"/>{inner}</observation></entryRelationship></act>'
    )


F10 = '<value xsi:type="CD" code="F10.20" codeSystem="2.16.840.1.113883.6.90"/>'


def of(reading: Reading, type: str) -> list[Any]:
    return [one for one in reading.resources if one["resourceType"] == type]


def only(data: bytes) -> Any:
    (resource,) = read(data).resources
    return resource


def code(concept: dict[str, Any]) -> str:
    return str(concept["coding"][0]["code"])


# The residential program's summary


def test_the_patient_is_read_with_numbers_names_and_ways_to_reach_her(reading: Reading) -> None:
    patient = reading.patient
    assert patient["name"] == [{"use": "official", "family": "Vale", "given": ["Rowan", "J"]}]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1991-06-14")
    assert [one["value"] for one in patient["identifier"]] == ["MR-0042"]
    assert [(one["system"], one["value"]) for one in patient["telecom"]] == [
        ("phone", "+1-518-555-0142"),
        ("email", "rowan.vale@example.org"),
    ]
    assert patient["communication"] == [
        {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}, "preferred": True}
    ]


def test_the_stay_tells_when_she_came_left_and_to_where(reading: Reading) -> None:
    (stay,) = of(reading, "Encounter")
    assert stay["status"] == "finished"
    assert stay["class"]["code"] == "IMP"
    assert stay["period"] == {"start": "2026-01-30", "end": "2026-02-27"}
    assert code(stay["hospitalization"]["dischargeDisposition"]) == "01"


def test_a_diagnosis_keeps_every_code_its_words_and_the_oid_of_a_system_that_is_not_known(reading: Reading) -> None:
    concept = of(reading, "Condition")[0]["code"]
    assert concept["text"] == "Opioid use disorder, severe"
    assert [(one["system"], one["code"]) for one in concept["coding"]] == [
        ("http://hl7.org/fhir/sid/icd-10-cm", "F11.20"),
        ("http://snomed.info/sct", "5602001"),
        ("urn:oid:1.3.6.1.4.1.99999.9", "OUD-S"),
    ]


def test_a_negated_problem_is_refuted_and_has_neither_status_nor_onset(reading: Reading) -> None:
    denied = of(reading, "Condition")[1]
    assert code(denied["code"]) == "F10.20"
    assert code(denied["verificationStatus"]) == "refuted"
    assert not denied.keys() & {"clinicalStatus", "onsetDateTime", "abatementDateTime"}


def test_what_has_ended_is_resolved_and_what_was_only_said_in_words_is_kept_in_words(reading: Reading) -> None:
    rash = of(reading, "Condition")[-1]
    assert rash["code"] == {"text": "Rash of the forearm"}
    assert (code(rash["clinicalStatus"]), rash["abatementDateTime"]) == ("resolved", "2026-02-10")


def test_an_impossible_date_is_no_date_and_is_named(reading: Reading) -> None:
    depression = of(reading, "Condition")[2]
    assert "onsetDateTime" not in depression
    assert [one.place for one in reading.unread if one.why == "this is no date"] == [
        "/ClinicalDocument/component/structuredBody/component[2]/section/entry[1]/act/entryRelationship[2]"
        "/observation/effectiveTime/low"
    ]


def test_the_medication_to_go_on_with_is_a_plan_that_somebody_else_reported(reading: Reading) -> None:
    (plan,) = of(reading, "MedicationRequest")
    assert (plan["status"], plan["intent"], plan["reportedBoolean"]) == ("active", "plan", True)
    assert plan["requester"]["display"] == "Ira Quill"
    (dosage,) = plan["dosageInstruction"]
    assert dosage["timing"]["repeat"] == {
        "boundsPeriod": {"start": "2026-02-27"},
        "frequency": 1,
        "period": 1,
        "periodUnit": "d",
    }
    assert dosage["doseAndRate"][0]["doseQuantity"]["value"] == 1.0


def test_a_medication_that_was_not_taken_says_so(reading: Reading) -> None:
    (statement,) = of(reading, "MedicationStatement")
    assert statement["status"] == "not-taken"


def test_that_no_allergy_is_known_is_no_allergy_and_a_denied_one_is_refuted(reading: Reading) -> None:
    none, latex = of(reading, "AllergyIntolerance")
    assert (code(none["code"]), code(none["verificationStatus"])) == ("409137002", "confirmed")
    assert code(latex["verificationStatus"]) == "refuted"
    assert code(latex["clinicalStatus"]) != "active"


def test_results_keep_their_digits_and_a_negated_one_is_named_and_not_read(reading: Reading) -> None:
    amount = next(one for one in of(reading, "Observation") if "valueQuantity" in one)
    assert dump(amount["valueQuantity"]["value"]) == b"110.50"
    assert amount["effectiveDateTime"] == "2026-02-26"
    assert not [one for one in of(reading, "Observation") if code(one["code"]) == "93494-3"]
    assert [one.why for one in reading.unread if "organizer/component[3]" in one.place] == ["it is negated"]


def test_a_panel_holds_the_results_that_were_read(reading: Reading) -> None:
    (panel,) = [one for one in of(reading, "Observation") if "hasMember" in one]
    named = {record.full_url: record.resource["code"] for record in reading.records if "code" in record.resource}
    assert [code(named[one["reference"]]) for one in panel["hasMember"]] == ["14316-4", "2161-8"]


def test_an_instrument_has_its_answers_and_a_masked_value_its_reason(reading: Reading) -> None:
    phq9 = next(one for one in of(reading, "Observation") if code(one["code"]) == "44261-6")
    assert (phq9["valueInteger"], phq9["component"][0]["valueInteger"]) == (11, 2)
    smoking = next(one for one in of(reading, "Observation") if code(one["code"]) == "72166-2")
    assert code(smoking["dataAbsentReason"]) == "masked"


def test_the_hospital_course_is_a_record_of_the_stay(reading: Reading) -> None:
    course = next(one for one in of(reading, "Observation") if code(one["code"]) == "8648-8")
    assert course["valueString"] == "Completed 28 days. Attended all groups."
    stay = next(one for one in reading.records if one.resource["resourceType"] == "Encounter")
    assert course["encounter"] == {"reference": stay.full_url}


def test_a_document_is_labelled_with_the_most_that_is_in_it_and_a_record_as_its_section(reading: Reading) -> None:
    assert [one["code"] for one in reading.security] == ["V", "ETH"]
    labels = {tuple(one["code"] for one in record.resource["meta"]["security"]) for record in reading.records}
    assert labels == {("R",), ("V", "ETH")}
    assert [one["code"] for one in of(reading, "Observation")[-1]["meta"]["security"]] == ["V", "ETH"]


def test_no_record_names_a_relative_though_the_document_does(reading: Reading) -> None:
    assert all(name.encode() in RESIDENTIAL for name in RELATIVE)
    for record in reading.records:
        assert not [name for name in RELATIVE if name.encode() in dump(record.resource)]
    told = {one.title for one in reading.unread if "another person" in one.why or "other people than" in one.why}
    assert told == {"FAMILY HISTORY", "SOCIAL HISTORY"}
    assert not [one for one in reading.unread if any(name in str(one) for name in RELATIVE)]


# Every document


def test_every_record_of_every_document_is_valid_and_about_its_one_patient(documents: list[bytes]) -> None:
    for data in documents:
        made = read(data)
        urls = {record.full_url for record in made.records}
        assert len(urls) == len(made.records)
        for record in made.records:
            assert door().check(record.resource) == [], record.place
            pointers = [one["reference"] for _, one in references(record.resource) if "reference" in one]
            assert set(pointers) <= urls
            assert (made.records[0].full_url in pointers) == (record is not made.records[0])


def test_every_entry_of_every_document_is_a_record_or_is_named(documents: list[bytes]) -> None:
    for data in documents:
        made = read(data)
        root = read_document(data, Limits())
        entries = [one for one in root.below() if one.name == "entry"]
        assert entries or b"<entry" not in data
        whole = [one.place for one in made.unread if one.what == "section"]
        for entry in entries:
            if not any(entry.place.startswith(f"{place}/") for place in whole):
                assert places(made, entry), entry.place


def test_every_text_of_every_section_is_a_record_or_is_named(documents: list[bytes]) -> None:
    for data in documents:
        made = read(data)
        texts = {one.place for one in made.unread if one.what == "text"}
        named = texts | {f"{one.place}/text" for one in made.unread if one.what == "section"}
        named |= {f"{record.place}/text" for record in made.records}
        for node in read_document(data, Limits()).below():
            if node.name == "section" and (text := node.first("text")) and text.text:
                assert text.place in named


def places(reading: Reading, entry: Node) -> list[str]:
    """Of the records and of what is unread, what is in an entry."""
    found = [record.place for record in reading.records]
    found += [one.place for one in reading.unread if one.what == "entry"]
    return [place for place in found if place == entry.place or place.startswith(f"{entry.place}/")]


def test_every_part_of_an_entry_that_no_record_says_is_named() -> None:
    performed = '<performer><time value="2026"/></performer>'
    made = read(document(section(result('<value xsi:type="PQ" value="1"/>', performed))))
    assert [one.parts for one in made.unread if one.what == "part"] == [("performer",)]


def test_the_reading_is_the_same_each_time() -> None:
    assert read(RESIDENTIAL) == read(RESIDENTIAL)


# What must not be turned into its opposite


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (problem(F10, around='negationInd="true"'), "it is negated"),
        (problem(F10, 'nullFlavor="NI"'), "it says that there is nothing to say (nullFlavor)"),
        (problem(""), "no problem is named"),
        (problem('<value xsi:type="CD" nullFlavor="UNK"/>'), "no problem is named"),
        (problem(f"<subject><relatedSubject/></subject>{F10}"), "it is about another person than the patient"),
        (
            problem(F10).replace('moodCode="EVN"', 'moodCode="INT"'),
            "it is planned, wished for or asked for, and did not happen",
        ),
        ("<regionOfInterest/>", "there is no reader for this kind (regionOfInterest)"),
        ("<observation/>", "there is no reader for its template (it has none)"),
        ("", "there is nothing in it"),
    ],
)
def test_what_says_that_something_is_not_so_is_named_and_makes_no_record(entry: str, why: str) -> None:
    made = read(document(section(entry, code="11450-4")))
    assert made.resources == ()
    assert why in [one.why for one in made.unread if one.what == "entry"]


def test_a_problem_said_to_be_active_and_to_have_ended_stays_active_and_the_end_is_named() -> None:
    status = (
        '<effectiveTime><low value="2020"/><high value="2021"/></effectiveTime>' + F10 + "<entryRelationship>"
        '<observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.6"/>'
        '<value xsi:type="CD" code="55561003"/></observation></entryRelationship>'
    )
    data = document(section(problem(status)))
    assert code(only(data)["clinicalStatus"]) == "active"
    assert "abatementDateTime" not in only(data)
    assert [one for one in read(data).unread if "the end is not kept" in one.why]


def test_a_negated_status_is_no_status() -> None:
    status = (
        F10 + '<entryRelationship><observation classCode="OBS" moodCode="EVN" negationInd="true">'
        '<templateId root="2.16.840.1.113883.10.20.22.4.6"/><value xsi:type="CD" code="413322009"/>'
        "</observation></entryRelationship>"
    )
    assert code(only(document(section(problem(status))))["clinicalStatus"]) == "active"


@pytest.mark.parametrize(
    ("time", "status"),
    [
        ("", "unknown"),
        ('<effectiveTime xsi:type="IVL_TS"><low value="2026"/></effectiveTime>', "unknown"),
        ('<effectiveTime xsi:type="IVL_TS"><high value="20260301"/></effectiveTime>', "unknown"),
        ('<effectiveTime xsi:type="IVL_TS"><high value="20260201"/></effectiveTime>', "completed"),
    ],
)
def test_a_completed_medication_is_over_only_where_its_time_is(time: str, status: str) -> None:
    entry = (
        '<substanceAdministration classCode="SBADM" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.16"/>'
        f'<statusCode code="completed"/>{time}<consumable><manufacturedProduct><manufacturedMaterial>'
        '<code code="1" codeSystem="2.16.840.1.113883.6.88"/></manufacturedMaterial></manufacturedProduct></consumable>'
        "</substanceAdministration>"
    )
    assert only(document(section(entry), '<effectiveTime value="20260227"/>'))["status"] == status


# Values


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ('<value xsi:type="ST">low</value>', {"valueString": "low"}),
        ('<value xsi:type="ED"> low </value>', {"valueString": "low"}),
        ('<value xsi:type="BL" value="true"/>', {"valueBoolean": True}),
        ('<value xsi:type="INT" value="-3"/>', {"valueInteger": -3}),
        ('<value xsi:type="TS" value="202601"/>', {"valueDateTime": "2026-01"}),
        ('<value xsi:type="PQ" value=".5" unit="two words"/>', {"valueQuantity": {"value": 0.5, "unit": "two words"}}),
        ('<value xsi:type="IVL_PQ"><high value="2"/></value>', {"valueQuantity": {"value": 2, "comparator": "<="}}),
        (
            '<value xsi:type="IVL_PQ"><low value="2" inclusive="false"/></value>',
            {"valueQuantity": {"value": 2, "comparator": ">"}},
        ),
        (
            '<value xsi:type="IVL_PQ"><low value="1"/><high value="2"/></value>',
            {"valueRange": {"low": {"value": 1}, "high": {"value": 2}}},
        ),
        (
            '<value xsi:type="RTO_PQ_PQ"><numerator value="1"/><denominator value="2"/></value>',
            {"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 2}}},
        ),
        (
            '<value xsi:type="CD" nullFlavor="ASKU"/>',
            {
                "dataAbsentReason": {
                    "coding": [
                        {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "asked-unknown"}
                    ]
                }
            },
        ),
        ("", {}),
    ],
)
def test_a_value_is_read_by_its_type(value: str, made: dict[str, Any]) -> None:
    found = only(document(section(result(value))))
    assert door().check(found) == []
    assert {name: said for name, said in found.items() if name.startswith(("value", "dataAbsent"))} == made


@pytest.mark.parametrize(
    "value",
    [
        '<value xsi:type="PQ" value="many" unit="mg"/>',
        '<value xsi:type="INT" value="1.5"/>',
        '<value xsi:type="INT" value="99999999999"/>',
        '<value xsi:type="BL" value="maybe"/>',
        '<value xsi:type="SLIST_PQ"><origin value="1"/></value>',
        '<value value="1"/>',
        '<value xsi:type="ED" representation="B64" mediaType="application/pdf">AAAA</value>',
    ],
)
def test_a_value_that_r4_cannot_say_is_named(value: str) -> None:
    made = read(document(section(result(value))))
    assert not [name for name in made.resources[0] if name.startswith("value")]
    assert [one.place for one in made.unread if one.place.endswith("/observation/value")]


@given(st.text(alphabet="0123456789+-.T :Z", max_size=24))
def test_whatever_stands_for_a_date_is_read_as_a_date_of_r4_or_named(text: str) -> None:
    made = read(document(section(result('<value xsi:type="INT" value="1"/>', f'<effectiveTime value="{text}"/>'))))
    assert door().check(made.resources[0]) == []
    read_so = made.resources[0].get("effectiveDateTime")
    if text.strip():
        assert read_so or [one for one in made.unread if one.place.endswith("effectiveTime")]
    if read_so:
        assert text.strip().startswith(read_so[:10].replace("-", ""))


@given(st.datetimes(), st.integers(-840, 840))
def test_a_time_with_its_offset_is_the_same_time(moment: Any, minutes: int) -> None:
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    text = f"{moment.year:04}{moment:%m%d%H%M%S}{offset}"
    made = only(document(section(result("", f'<effectiveTime value="{text}"/>'))))
    assert made["effectiveDateTime"] == f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}{offset[:3]}:{offset[3:]}"
    assert door().check(made) == []


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_a_quantity_has_the_digits_that_it_was_sent_with(value: Any) -> None:
    made = only(document(section(result(f'<value xsi:type="PQ" value="{value:f}" unit="mg"/>'))))
    number = made["valueQuantity"]["value"]
    assert (number.text if isinstance(number, Lexeme) else dump(number).decode()) == f"{value:f}"


@given(st.binary(max_size=200))
def test_whatever_bytes_come_are_read_or_refused(data: bytes) -> None:
    for body in (data, RESIDENTIAL[:1500] + data + RESIDENTIAL[1500:]):
        with suppress(Problem):
            assert read(body).records


# What is refused


def _deep(_: bytes) -> bytes:
    return document("<component>" * 200 + "</component>" * 200)


REFUSED: dict[str, tuple[Change, int, str, str | None]] = {
    "a document type": (
        lambda data: data.replace(b"<ClinicalDocument", b'<!DOCTYPE x [<!ENTITY a "b">]><ClinicalDocument', 1),
        400,
        "the document has a document type (DOCTYPE), which is not read",
        None,
    ),
    "an entity": (lambda data: data.replace(b"<title>", b"<title>&a;", 1), 400, "the document is not XML", None),
    "no XML": (lambda _: b"%PDF-1.7", 400, "the document is not XML (line 1, column 1)", None),
    "nothing": (lambda _: b"", 400, "the document is not XML", None),
    "another root": (lambda _: b"<Patient/>", 422, "this is no clinical document", "/"),
    "no namespace": (
        lambda _: b"<ClinicalDocument/>",
        422,
        "this is no clinical document: its root is of another namespace than urn:hl7-org:v3",
        "/",
    ),
    "another encoding": (
        lambda _: b'<?xml version="1.0" encoding="x-none"?><a/>',
        400,
        "the document is not XML",
        None,
    ),
    "nobody": (
        lambda data: data.replace(b"recordTarget>", b"target>"),
        422,
        "the document names no patient (recordTarget)",
        "/ClinicalDocument",
    ),
    "two patients": (
        lambda data: data.replace(b"<recordTarget>", PERSON.encode() + b"<recordTarget>"),
        422,
        "the document is about more than one patient",
        "/ClinicalDocument/recordTarget[2]",
    ),
    "no person": (
        lambda data: data.replace(b"<patient>", b"<nobody>").replace(b"</patient>", b"</nobody>"),
        422,
        "the document says of one patient who that is (patientRole/patient)",
        "/ClinicalDocument/recordTarget",
    ),
    "too deep": (_deep, 400, "the document is nested deeper than 100 levels", "ClinicalDocument"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_document_about_one_patient_is_refused_with_its_place(kind: str) -> None:
    change, status, message, place = REFUSED[kind]
    with pytest.raises(Problem) as raised:
        read(change(RESIDENTIAL))
    assert raised.value.kind.status == status
    assert raised.value.message.startswith(message)
    assert raised.value.expression == place


def test_a_document_beyond_the_limits_is_refused() -> None:
    for limits, status in (({"size": 1000}, 413), ({"elements": 50}, 400)):
        with pytest.raises(Problem) as raised:
            read(RESIDENTIAL, **limits)
        assert raised.value.kind.status == status


def test_a_scan_of_forty_megabytes_in_a_document_is_named_with_its_size_and_the_patient_is_read() -> None:
    scan = b"JVBERi0x" * (5 << 20)
    data = document("").replace(
        b"<structuredBody></structuredBody>",
        b'<nonXMLBody><text mediaType="application/pdf" representation="B64">' + scan + b"</text></nonXMLBody>",
    )
    made = read(data)
    assert made.patient["name"] == [{"family": "Vale"}]
    assert [one.why for one in made.unread if one.what == "body"] == [
        "the body is a file (application/pdf, 41,943,040 characters)"
    ]


def test_an_unknown_confidentiality_narrows_who_may_see_it() -> None:
    for told, labels in {
        '<confidentialityCode code="HIV" codeSystem="2.16.840.1.113883.5.25"/>': ["R", "HIV"],
        '<confidentialityCode code="X9" codeSystem="2.16.840.1.113883.5.25"/>': ["R", "X9"],
        '<confidentialityCode code="X9" codeSystem="1.2.3"/>': ["X9"],
        '<confidentialityCode nullFlavor="MSK"/>': ["R"],
        "": [],
    }.items():
        assert [one["code"] for one in read(document("", told)).security] == labels


def test_each_part_of_the_tables_says_how_it_was_checked() -> None:
    assert TABLES.graded.keys() == {one.name for one in fields(TABLES)} - {"graded"}
    for part, said in TABLES.graded.items():
        assert said.grade in ("A", "A-", "B", "U")
        assert said.source
        assert said.lower.keys() <= getattr(TABLES, part).keys(), part
