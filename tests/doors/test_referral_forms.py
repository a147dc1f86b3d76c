"""A referral by a facility that has no FHIR: a small form and documents, and what is said of what is missing."""

from __future__ import annotations

import os
import tomllib
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doors.forms import BOUNDARY, FORM, KIND, PDF, SUMMARY, body, field, file, part
from tests.doors.packets import packet
from tests.doors.serving import Got
from tests.doors.test_guarded import OTHERS, THEIRS, Place, Sender, officer, placed
from tests.doors.test_referrals import SCOPES, SUBMIT, settled, told

Json = dict[str, Any]
DATA = Path(os.environ.get("TEST_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")) / "ccda"
SCAN = ("document", "scan.pdf", "application/pdf", PDF)
CCDA = ("document", "summary.xml", "text/xml", SUMMARY.read_bytes())
SIGNED = ("consent", "signed.pdf", "application/pdf", PDF)


@pytest.fixture
def house(place: Place) -> Sender:
    """A facility."""
    return place.client("facility", THEIRS, SCOPES)


def posted(house: Sender, sent: bytes, kind: str = KIND) -> Got:
    return house("POST", SUBMIT, sent, **{"content-type": kind})


def remarks(got: Got) -> dict[str, str]:
    """What is said of each place, the last of several."""
    issues = told(got)["outcome"]["issue"]
    return {issue.get("expression", [""])[0]: issue["details"]["text"] for issue in issues}


def only(place: Place, type: str) -> Json:
    [entry] = officer(place)("GET", f"/fhir/{type}").json["entry"]
    return dict(entry["resource"])


def test_a_form_and_a_scan_make_a_referral(place: Place, house: Sender) -> None:
    got = posted(house, body(FORM, SCAN, SIGNED))
    assert got.status == 201, got.body
    assert set(remarks(got)) == {"consent", "payer"}
    person, referral = only(place, "Patient"), only(place, "ServiceRequest")
    assert (person["name"], person["birthDate"]) == ([{"family": "Quill", "given": ["Ada"]}], "1990-05-17")
    assert person["address"][0]["line"] == ["1 Invented Way"]
    record = place.staff("GET", f"/iop/step_down_referral/{referral['id']}").json
    said = {"service": "co_occurring_iop", "requested_level_of_care": "level_2_1", "requested_start": "2026-03-09"}
    said |= {"facility": THEIRS, "facility_discharged_on": "2026-03-08", "priority": "urgent"}
    assert {name: record[name] for name in said} == said
    assert record["reasons"] == [{"text": "Steps down after 28 days"}]
    assert record["identifiers"][0]["value"] == "R-7"
    assert "incomplete" not in record
    cover = place.staff("GET", f"/iop/coverage/{record['insurance'][0].partition('/')[2]}").json
    assert (cover["status"], cover["identifiers"][0]["value"]) == ("draft", "M-1")
    assert only(place, "Practitioner")["name"] == [{"text": "Dr. Ines Invented"}]


def test_its_files_are_kept_as_they_came_and_seen_by_intake(place: Place, house: Sender) -> None:
    got = posted(house, body(FORM, SCAN, SIGNED))
    task = told(got)["task"]["id"]
    documents = {one["id"]: one for one in _all(house, "DocumentReference")}
    titles = {one["content"][0]["attachment"]["title"] for one in documents.values()}
    assert titles == {"scan.pdf", "signed.pdf"}
    settled(place, task)
    ehr = place.client("program-ehr", scopes="system/*.rs")
    for document in documents.values():
        address = document["content"][0]["attachment"]["url"]
        assert b64decode(ehr("GET", f"/fhir/{address}").json["data"]) == PDF
    consent = only(place, "Consent")
    assert consent["status"] == "proposed"
    assert documents[consent["sourceReference"]["reference"].partition("/")[2]]["description"] == "signed.pdf"
    assert place.staff("GET", f"/iop/consent/{consent['id']}").status == 200
    got = place.staff("POST", f"/iop/proposals/consent:Consent:{consent['id']}", {"say": "accept"})
    assert (got.status, got.expressions) == (422, ["Consent.provision.type"])  # nobody has read yet what it permits
    assert place.staff("GET", f"/fhir/Consent/{consent['id']}").json["status"] == "proposed"


def _all(house: Sender, type: str) -> list[Json]:
    return [dict(entry["resource"]) for entry in house("GET", f"/fhir/{type}").json.get("entry", [])]


def test_a_bare_document_tells_who_the_person_is_and_what_is_missing_is_named(
    place: Place,
    house: Sender,
) -> None:
    got = posted(house, body({}, CCDA))
    assert got.status == 201, got.body
    said = remarks(got)
    for name in ("family", "given", "birth_date", "gender", "phone", "address_line"):
        assert "taken from the document" in said[name]
    for name in ("payer", "requested_level_of_care", "requested_start", "discharge_date", "reason", "requester_name"):
        assert said[name].startswith("not said: intake will ask")
    assert "no Consent came with it" in said["consent"]
    assert "taken as substance_use_iop" in said["service"]
    assert not any(name.startswith("Bundle") for name in said)
    assert only(place, "Patient")["birthDate"] == "1991-06-14"
    assert officer(place)("GET", "/fhir/Condition").json["total"] > 0


@pytest.mark.parametrize("path", sorted(DATA.glob("*.xml")) or [None], ids=str)
def test_every_published_document_goes_in_bare(place: Place, house: Sender, path: Path | None) -> None:
    if path is None:
        pytest.skip(f"there are no published documents at {DATA}")
    data = path.read_bytes()
    got = posted(house, body({}, ("document", path.name, "application/xml", data)))
    assert got.status == 201, got.body[:2000]
    [kept] = _all(house, "DocumentReference")
    binary = house("GET", f"/fhir/{kept['content'][0]['attachment']['url']}").json
    assert b64decode(binary["data"]) == data


def test_the_form_comes_before_the_document(place: Place, house: Sender) -> None:
    said = {"family": "Vale", "given": "Rowan", "phone": "555-0199", "form": '{"reason": "Needs evenings"}'}
    got = posted(house, body(said, CCDA))
    assert got.status == 201, got.body
    person = only(place, "Patient")
    assert person["telecom"][0]["value"] == "555-0199"
    assert person["name"][0]["given"] == ["Rowan"]
    assert "family" not in remarks(got)
    assert only(place, "ServiceRequest")["reasonCode"] == [{"text": "Needs evenings"}]


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ({"birth_date": "1991-06-15"}, ["birth_date"]),
        ({"family": "Quill"}, ["family"]),
        ({"given": "Barnaby"}, ["given"]),
        (FORM, ["birth_date", "family", "given"]),
    ],
    ids=["born on another day", "another family name", "another given name", "somebody else"],
)
def test_a_document_of_another_person_is_named_with_its_place(
    place: Place,
    house: Sender,
    said: dict[str, str],
    places: list[str],
) -> None:
    t = place.program.store.t
    got = posted(house, body(said, SCAN, CCDA))
    assert (got.status, sorted(got.expressions)) == (422, places), got.body
    assert "document[1] says another (/ClinicalDocument/recordTarget/patientRole/patient" in got.body.decode()
    assert "1991" not in got.body.decode()
    assert place.program.store.t == t


def test_sent_twice_and_by_many_hands_it_is_one(place: Place, house: Sender) -> None:
    who = {"authorization": f"Bearer {house.token}", "content-type": KIND}
    for sent in (body(FORM, SCAN), body({}, CCDA), body({"family": "Vale", "given": "Rowan"})):
        answers = place.guarded.together([("POST", SUBMIT, sent, who)] * 16)
        assert sorted(got.status for got in answers) == [200] * 15 + [201]
        assert len({told(got)["task"]["id"] for got in answers}) == 1
    other = posted(house, body(FORM | {"phone": "555-0102"}, SCAN))
    assert other.status == 200
    assert "other content" in other.body.decode()
    got = posted(house, body(FORM | {"family": "Other"}, SCAN))
    assert (got.status, got.expressions) == (409, ["identifier"])
    assert posted(place.client("facility", OTHERS, SCOPES), body(FORM, SCAN)).status == 201


def test_without_a_number_it_goes_by_all_that_is_said(place: Place, house: Sender) -> None:
    who = {name: value for name, value in FORM.items() if name != "identifier"}
    first = posted(house, body(who, SCAN))
    assert (first.status, posted(house, body(who, SCAN)).status) == (201, 200)
    for changed in ({"reason": "Relapsed", "requested_start": "2026-06-01"}, {"family": "Vale", "given": "Rowan"}):
        assert posted(house, body(who | changed, SCAN)).status == 201
    assert len(place.staff("GET", "/iop/intake").json["items"]) == 3


@pytest.mark.parametrize("blank", [False, True], ids=["left out", "blank"])
def test_any_field_may_be_unsaid(house: Sender, blank: bool) -> None:
    for number, name in enumerate(FORM):
        said = {**FORM, "identifier": f"R-{number}", name: " "}
        got = posted(house, body(said if blank else {one: value for one, value in said.items() if one != name}, SCAN))
        assert got.status == 201, (name, got.body)


def test_a_form_and_a_bundle_of_one_number_are_one_referral(place: Place, house: Sender) -> None:
    first = house("POST", SUBMIT, packet())
    said = FORM | {"identifier": "https://house.example/referrals|R-1"}
    again = posted(house, body(said, SCAN))
    assert (first.status, again.status) == (201, 200)
    assert told(again)["task"]["id"] == told(first)["task"]["id"]


def test_it_is_answered_in_xml_too(house: Sender) -> None:
    got = house("POST", SUBMIT, body(FORM), **{"content-type": KIND, "accept": "application/fhir+xml"})
    assert got.status == 201
    assert got.body.startswith((b"<Parameters", b"<?xml"))


def test_a_consent_is_enough_where_one_must_come(tmp_path: Path) -> None:
    with placed(tmp_path, referral_consent="required") as place:
        sender = place.client("facility", THEIRS, SCOPES)
        got = posted(sender, body(FORM, SCAN))
        assert (got.status, got.expressions) == (422, ["consent"])
        assert posted(sender, body(FORM, SCAN, SIGNED)).status == 201


def test_a_form_that_is_too_large_is_refused_as_soon_as_it_is(tmp_path: Path) -> None:
    with placed(tmp_path, referral_limit=4_096) as place:
        sender = place.client("facility", THEIRS, SCOPES)
        assert posted(sender, body(FORM, ("document", "s.pdf", "application/pdf", PDF + b"%" * 9_000))).status == 413


def test_too_many_parts_and_too_long_a_field_are_refused(place: Place, house: Sender) -> None:
    many = body([(f"f{number}", "x") for number in range(200)])
    assert posted(house, many).status == 413
    assert posted(house, body({"reason": "x" * (300 << 10)})).status == 413
    assert posted(house, body(FORM, *[SCAN] * 21)).status == 422
    assert place.staff("GET", "/iop/intake").json["items"] == []


def test_what_a_browser_sends_for_what_was_not_chosen_is_nothing(house: Sender) -> None:
    unchosen = ("consent", "", "application/octet-stream", b"")
    got = posted(house, body(FORM | {"priority": ""}, SCAN, unchosen))
    assert got.status == 201, got.body
    assert "no Consent came with it" in remarks(got)["consent"]


def test_a_file_of_no_said_type_is_taken_for_what_it_is(place: Place, house: Sender) -> None:
    tiff = ("document", "fax.tif", "application/octet-stream", b"II*\x00" + b"\x00" * 64)
    got = posted(house, body(FORM, tiff))
    assert got.status == 201, got.body
    assert only(place, "DocumentReference")["content"][0]["attachment"]["contentType"] == "image/tiff"


def test_others_send_no_forms(place: Place) -> None:
    for kind in ("program-ehr", "provider-ehr", "payer"):
        assert posted(place.client(kind, scopes="system/*.cruds"), body(FORM)).status == 403
    assert place.guarded("POST", SUBMIT, body(FORM), {"content-type": KIND}).status == 401
    assert place.staff("POST", SUBMIT, body(FORM), {"content-type": KIND}).status == 403
    assert posted(place.client("facility", THEIRS, SCOPES), body(FORM), "text/csv").status == 415


def test_what_is_published_says_that_a_form_is_taken(place: Place) -> None:
    rest = place.guarded("GET", "/fhir/metadata").json["rest"][0]
    [said] = [one for one in rest["operation"] if one["name"] == "submit-referral"]
    assert "multipart/form-data" in said["documentation"]
    definition = place.guarded("GET", "/fhir/OperationDefinition/submit-referral").json
    assert "multipart/form-data" in definition["comment"]


ROWS = tomllib.loads((Path(__file__).parent / "bad_forms.toml").read_text())["row"]


def _sent(row: Json) -> bytes:
    if "raw" in row:
        return str(row["raw"]).replace("--B", f"--{BOUNDARY}").encode()
    fields = {name: value for name, value in FORM.items() if name not in row.get("drop", ())} | row.get("fields", {})
    held = [
        (field, name, kind, bytes.fromhex(data[4:]) if data.startswith("hex:") else data.encode())
        for field, name, kind, data in row.get("files", ())
    ]
    return body([*fields.items(), *row.get("twice", {}).items()], *held)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_what_is_wrong_is_named_and_nothing_is_stored(place: Place, house: Sender, row: Json) -> None:
    t = place.program.store.t
    kind = row.get("kind", KIND).replace("boundary=B", f"boundary={BOUNDARY}")
    got = posted(house, _sent(row), kind)
    assert (got.status, sorted(set(got.expressions))) == (row["status"], row["places"]), got.body
    assert place.program.store.t == t
    assert place.staff("GET", "/iop/intake").json["items"] == []


NAMES = st.sampled_from([*FORM, "form", "document", "consent", "", "x", "\u00e9", '"'])
HEADERS = st.sampled_from(["Content-Disposition", "content-type", "Content-Transfer-Encoding", "X", ""])
VALUES = st.sampled_from(
    [
        "form-data",
        'form-data; name="family"',
        'form-data; name="document"; filename="a"',
        "text/xml",
        "text/plain;",
        ";",
        "",
    ]
)
PARTS = st.one_of(
    st.builds(field, NAMES, st.text(max_size=20)),
    st.builds(
        file, NAMES, st.text(max_size=8), st.sampled_from(["text/xml", "text/plain", ""]), st.binary(max_size=30)
    ),
    st.builds(part, st.dictionaries(HEADERS, VALUES, max_size=3), st.binary(max_size=30)),
    st.binary(max_size=40),
)


@given(parts=st.lists(PARTS, max_size=6), end=st.sampled_from([f"--{BOUNDARY}--\r\n".encode(), b"--", b""]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_body_of_a_form_is_a_fault(house: Sender, parts: list[bytes], end: bytes) -> None:
    got = posted(house, b"".join(parts) + end)
    assert got.status in (200, 201, 400, 413, 415, 422), got.body
    if got.status >= 400:
        assert got.json["resourceType"] == "OperationOutcome"
