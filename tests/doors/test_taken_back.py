"""Labels said by mistake: the privacy officer takes them back, and what merely repeats them is left out."""

from __future__ import annotations

from base64 import b64encode
from json import dumps
from pathlib import Path
from typing import Any

import pytest

from adapter import keeper
from adapter.settings import Settings
from adapter.store.backup import dump
from adapter.store.check import check
from tests.doors.serving import place as store_at
from tests.doors.test_guarded import OURS, THEIRS, Place, Sender, placed
from tests.doors.test_guarded import officer as privacy_officer
from tests.doors.test_labels_shown import CONFIDENTIALITY, V, condition, found, label, made, patient, security
from tests.doors.test_payers import VISIT, covered, payer

Json = dict[str, Any]
ODD = {"system": "urn:of-the-sender", "code": "watched"}
SAID = f"{CONFIDENTIALITY}|V"
LABELS = "SELECT type, id, version, rendering, labels, own FROM version ORDER BY type, id, rendering, version"
NAMED = ["substance_use", "mental_health", "hiv"]


@pytest.fixture
def ehr(place: Place) -> Sender:
    return place.client("program-ehr", OURS)


@pytest.fixture
def officer(place: Place) -> Sender:
    return privacy_officer(place)


def shown_to_a_provider(place: Place, ehr: Sender, *labels: Json, **more: Any) -> tuple[str, str, Sender]:
    """A participant with a consent that names sensitivities, a record labelled so, and who asks by it."""
    id = place.participant()
    place.treated(id)
    place.consent(id, sensitivities=NAMED)
    record = made(ehr, condition(id, "F10.20", *labels, **more)).id
    return id, record, place.client("provider-ehr", THEIRS)


def take_back(officer: Sender, record: str, *labels: str, why: str = "said by mistake") -> Any:
    return asked(officer, record, {"take_back": list(labels), "reason": why})


def asked(officer: Sender, record: str, body: Any, **headers: str) -> Any:
    return officer("POST", f"/iop/labels/{record}", body, **{"content-type": "application/json"}, **headers)


def whole(place: Place, folder: Path) -> None:
    """The store is as its texts say, and would be the same if it were indexed anew."""
    index, settings = place.program.store.index, place.program.settings
    with place.program.store.asking() as database:
        assert check(database, index).faults == []
        before = database.execute(LABELS).fetchall()
        folder.mkdir(exist_ok=True)
        dump(database, None, folder / "backup")
    copy = settings.model_copy(update={"store": Settings(store=store_at(folder / "copy.db")).store})
    keeper.restore(copy, folder / "backup")
    with keeper.asked(copy) as database:
        assert database.execute(LABELS).fetchall() == before


@pytest.mark.parametrize("said", [V, ODD])
def test_a_label_that_is_taken_back_hides_nothing_any_more(
    place: Place, ehr: Sender, officer: Sender, said: Json, tmp_path: Path
) -> None:
    _, record, provider = shown_to_a_provider(place, ehr, said)
    at, key = f"Condition/{record}", f"{said['system']}|{said['code']}"
    assert found(provider, "Condition") == set()
    told = officer("GET", f"/iop/labels/{at}")
    assert told.status == 200, told.body
    [one] = told.json["said"]
    assert (one["label"], one["since"]["version"], one["stands"]) == (key, 1, True)
    assert one["since"]["client"].startswith("program-ehr")
    assert (told.json["otherwise"], "otherwise" in one["without"]) == (True, False)
    got = take_back(officer, at, key)
    assert got.status == 200, got.body
    assert (got.json["version"], got.json["said"], "otherwise" in got.json) == (2, [], False)
    assert [(one["label"], one["reason"]) for one in got.json["taken_back"]] == [(key, "said by mistake")]
    assert found(provider, "Condition") == {record}
    read = provider("GET", f"/fhir/{at}")
    assert (read.headers["etag"], said in security(read.json)) == ('W/"2"', False)
    first = provider("GET", f"/fhir/{at}/_history/1")
    assert (first.status, said in security(first.json)) == (200, True)  # it stays as it was sent
    whole(place, tmp_path)


def at_a_record(place: Place, ehr: Sender, *labels: Json) -> str:
    return f"Condition/{made(ehr, condition(place.participant(), 'F10.20', *labels)).id}"


def sensitive(officer: Sender, at: str) -> bool:
    """Whether the record is known to be sensitive in a way that is not known."""
    return "otherwise" in officer("GET", f"/iop/labels/{at}").json


def stored(place: Place, at: str) -> list[Json]:
    return list(place.staff("GET", f"/fhir/{at}").json["meta"].get("security", []))


def test_what_merely_repeats_it_does_not_bring_it_back(
    place: Place, ehr: Sender, officer: Sender, tmp_path: Path
) -> None:
    at = at_a_record(place, ehr, V)
    old = ehr("GET", f"/fhir/{at}").json
    assert take_back(officer, at, SAID).status == 200
    entry = {"resource": old, "request": {"method": "PUT", "url": at}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    for again in (lambda: ehr("PUT", f"/fhir/{at}", old), lambda: ehr("POST", "/fhir", bundle)):
        assert again().status == 200
        assert ehr("GET", f"/fhir/{at}").headers["etag"] == 'W/"2"'  # it says nothing else that is new
    got = ehr("PUT", f"/fhir/{at}", {**old, "recordedDate": "2026-03-01"})
    assert (got.headers["etag"], V in security(got.json)) == ('W/"3"', False)
    assert (stored(place, at), sensitive(officer, at)) == ([], False)
    [taken] = officer("GET", f"/iop/labels/{at}").json["taken_back"]
    assert {one["client"].rstrip("-0123456789") for one in taken["repeated"]} == {"program-ehr"}
    assert len(taken["repeated"]) == 2
    whole(place, tmp_path)


@pytest.mark.parametrize("how", ["if-match", "patch", "patch in a bundle", "sent without", "another label"])
def test_who_says_it_anew_on_purpose_is_heard(
    place: Place, ehr: Sender, officer: Sender, how: str, tmp_path: Path
) -> None:
    at = at_a_record(place, ehr, V)
    assert take_back(officer, at, SAID).status == 200
    subject = ehr("GET", f"/fhir/{at}").json["subject"]["reference"].partition("/")[2]
    plain, said = ({**condition(subject, "F10.20", *labels), "id": at.partition("/")[2]} for labels in ([], [V]))
    patch = [{"op": "add", "path": "/meta/security/-", "value": V}]
    if how == "if-match":
        assert ehr("PUT", f"/fhir/{at}", said, **{"if-match": 'W/"2"'}).status == 200
    elif how == "patch":
        as_patch = {"content-type": "application/json-patch+json"}
        assert ehr("PATCH", f"/fhir/{at}", patch, **as_patch).status == 200
    elif how == "patch in a bundle":
        data = b64encode(dumps(patch).encode()).decode()
        binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
        entry = {"resource": binary, "request": {"method": "PATCH", "url": at}}
        got = ehr("POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
        assert got.status == 200, got.body
    elif how == "sent without":
        assert ehr("PUT", f"/fhir/{at}", {**plain, "recordedDate": "2026-03-01"}).status == 200
        assert not sensitive(officer, at)
        assert ehr("PUT", f"/fhir/{at}", said).status == 200
    else:
        assert ehr("PUT", f"/fhir/{at}", {**plain, "meta": {"security": [V, ODD]}}).status == 200
        assert stored(place, at) == [ODD]
    assert sensitive(officer, at)
    assert V in stored(place, at) or how == "another label"
    whole(place, tmp_path)


def test_another_who_sends_it_without_does_not_make_the_repetition_of_the_first_one_new(
    place: Place, ehr: Sender, officer: Sender
) -> None:
    at = at_a_record(place, ehr, V)
    old = ehr("GET", f"/fhir/{at}").json
    assert take_back(officer, at, SAID).status == 200
    other = place.client("program-ehr", OURS)
    assert other("PUT", f"/fhir/{at}", {**other("GET", f"/fhir/{at}").json, "recordedDate": "2026-03-01"}).status == 200
    assert ehr("PUT", f"/fhir/{at}", old).status == 200
    assert not sensitive(officer, at)


def test_it_can_be_taken_back_again_and_from_earlier_versions_alone(
    place: Place, ehr: Sender, officer: Sender, tmp_path: Path
) -> None:
    at = at_a_record(place, ehr, V, ODD)
    assert take_back(officer, at, SAID).status == 200
    assert sensitive(officer, at)  # by the other
    subject = ehr("GET", f"/fhir/{at}").json["subject"]["reference"].partition("/")[2]
    again = {**condition(subject, "F10.20", V), "id": at.partition("/")[2]}
    assert ehr("PUT", f"/fhir/{at}", again, **{"if-match": 'W/"2"'}).status == 200
    told = officer("GET", f"/iop/labels/{at}").json
    assert {one["label"]: one["stands"] for one in told["said"]} == {f"{ODD['system']}|watched": False, SAID: True}
    assert take_back(officer, at, SAID, f"{ODD['system']}|watched").status == 200
    assert not sensitive(officer, at)
    whole(place, tmp_path)
    assert ehr("DELETE", f"/fhir/{at}").status == 204
    assert take_back(officer, at, SAID).status == 410
    whole(place, tmp_path / "deleted")
    assert ehr("PUT", f"/fhir/{at}", again).status == 201
    assert not sensitive(officer, at)


def test_whoever_names_the_record_tells_of_it_no_more(
    place: Place, ehr: Sender, officer: Sender, tmp_path: Path
) -> None:
    person, record, provider = shown_to_a_provider(place, ehr, V, ODD)
    detail = {"reference": f"Condition/{record}", "display": "what was found"}
    naming = made(ehr, condition(person, "J45.20", evidence=[{"detail": [detail]}])).id
    hiv = made(ehr, condition(person, "B20")).id
    both = [{"detail": [detail, {"reference": f"Condition/{hiv}", "display": "HIV"}]}]
    named = made(ehr, condition(person, "J45.20", evidence=both)).id
    assert found(provider, "Condition") == {hiv}
    assert take_back(officer, f"Condition/{record}", SAID).status == 200
    assert found(provider, "Condition") == {hiv}
    assert take_back(officer, f"Condition/{record}", f"{ODD['system']}|watched").status == 200
    assert found(provider, "Condition") == {hiv, record, naming, named}
    told = officer("GET", f"/iop/labels/Condition/{named}").json
    assert {one["record"]: one["labels"][-1] for one in told["named"]}[f"Condition/{hiv}"] == "HIV"
    assert "HIV" in told["labels"]
    whole(place, tmp_path)


def test_what_follows_from_elsewhere_cannot_be_taken_back(place: Place, ehr: Sender, officer: Sender) -> None:
    at = f"Condition/{made(ehr, condition(place.participant(), 'B20', V, label('HIV'), label('SUD'))).id}"
    before = officer("GET", f"/iop/labels/{at}").json
    assert before["origin"]["labels"] == ["42CFRPart2", "SUD"]
    assert before["codes"][0]["labels"] == ["HIV"]
    act = label("x")["system"]
    for code, why in (("42CFRPart2", "42 CFR part 2"), ("SUD", "42 CFR part 2"), ("HIV", "a code")):
        got = take_back(officer, at, SAID, f"{act}|{code}")
        assert (got.status, got.expressions) == (409, ["take_back"])
        assert why in got.json["issue"][0]["details"]["text"]
    assert take_back(officer, at, f"{CONFIDENTIALITY}|R").status == 409
    assert officer("GET", f"/iop/labels/{at}").json == before
    assert ehr("GET", f"/fhir/{at}").headers["etag"] == 'W/"1"'


def test_only_the_privacy_officer_takes_labels_back(place: Place, ehr: Sender, officer: Sender) -> None:
    at = at_a_record(place, ehr, V)
    for other in (place.client("staff", scopes="user/*.cruds"), ehr):
        assert other("GET", f"/iop/labels/{at}").status == 403
        assert take_back(other, at, SAID).status == 403
    for gone in ("Condition/unknown", "Nothing/x"):
        assert officer("GET", f"/iop/labels/{gone}").status == 404
        assert take_back(officer, gone, SAID).status == 404


@pytest.mark.parametrize(
    ("body", "status", "place_"),
    [
        ({"take_back": [SAID]}, 422, "reason"),
        ({"take_back": [SAID], "reason": " "}, 422, "reason"),
        ({"take_back": [SAID], "reason": "x" * 1_001}, 422, "reason"),
        ({"take_back": [], "reason": "x"}, 422, "take_back"),
        ({"take_back": SAID, "reason": "x"}, 422, "take_back"),
        ({"take_back": ["V"], "reason": "x"}, 422, "take_back"),
        ({"take_back": [1], "reason": "x"}, 422, "take_back"),
        ({"take_back": ["urn:x|none"], "reason": "x"}, 422, "take_back"),
        ({"take_back": [SAID], "reason": "x", "more": 1}, 400, "more"),
        ([], 400, None),
    ],
)
def test_a_wrong_word_is_refused_by_its_name(
    place: Place, ehr: Sender, officer: Sender, body: Any, status: int, place_: str | None
) -> None:
    at = at_a_record(place, ehr, V)
    got = asked(officer, at, body)
    assert (got.status, got.expressions) == (status, [place_] if place_ else [])
    assert ehr("GET", f"/fhir/{at}").headers["etag"] == 'W/"1"'


def test_a_version_that_was_not_seen_is_not_judged(place: Place, ehr: Sender, officer: Sender) -> None:
    at = at_a_record(place, ehr, V)
    body = {"take_back": [SAID], "reason": "said by mistake"}
    assert asked(officer, at, body, **{"if-match": 'W/"7"'}).status == 412
    assert asked(officer, at, body, **{"if-match": 'W/"1"'}).status == 200


def test_who_took_it_back_and_why_is_told_to_the_programs_own_alone(place: Place, ehr: Sender, officer: Sender) -> None:
    person, record, provider = shown_to_a_provider(place, ehr, V)
    assert take_back(officer, f"Condition/{record}", SAID, why="clicked by mistake").status == 200
    url = f"/fhir/Provenance?target=Condition/{record}"
    reasons = [one["resource"].get("reason") for one in officer("GET", url).json["entry"]]
    assert reasons == [None, [{"text": "clicked by mistake"}]]
    outside = provider("GET", url).json["entry"]
    assert [one["resource"].get("reason") for one in outside] == [None, None]
    events = officer("GET", f"/fhir/AuditEvent?patient={person}&_count=100").json["entry"]
    told = [one["resource"] for one in events if "clicked" in one["resource"].get("outcomeDesc", "")]
    assert [one["action"] for one in told] == ["U"]
    assert SAID in told[0]["outcomeDesc"]


def test_a_payer_sees_it_where_a_consent_covers_what_is_left(
    place: Place, ehr: Sender, officer: Sender, tmp_path: Path
) -> None:
    person = place.participant()
    covered(place, person)
    place.consent(person, sensitivities=NAMED)
    at, asking = f"Encounter/{place.session(person, **VISIT)}", payer(place)
    first = asking("GET", f"/fhir/{at}")
    assert first.status == 200
    read = ehr("GET", f"/fhir/{at}").json
    said = {**read, "meta": {**read["meta"], "security": [*read["meta"]["security"], ODD]}}
    assert ehr("PUT", f"/fhir/{at}", said).status == 200
    assert asking("GET", f"/fhir/{at}").status == 404
    assert take_back(officer, at, f"{ODD['system']}|watched").status == 200
    now = asking("GET", f"/fhir/{at}")
    assert (now.status, now.json["meta"]["security"]) == (200, first.json["meta"]["security"])
    whole(place, tmp_path)


def test_under_hipaa_alone_r_that_says_nothing_else_can_be_taken_back(tmp_path: Path) -> None:
    restricted = label("R", CONFIDENTIALITY)
    with placed(tmp_path / "it", posture="hipaa") as place:
        ehr, officer = place.client("program-ehr", OURS), privacy_officer(place)
        person = place.participant()
        place.treated(person)
        record = made(ehr, condition(person, "J45.20", restricted)).id
        provider = place.client("provider-ehr", THEIRS)
        assert found(provider, "Condition") == set()
        first = ehr("GET", f"/fhir/Condition/{record}/_history/1").body
        assert take_back(officer, f"Condition/{record}", f"{CONFIDENTIALITY}|R").status == 200
        assert found(provider, "Condition") == {record}
        assert security(ehr("GET", f"/fhir/Condition/{record}").json) == [label("N", CONFIDENTIALITY)]
        assert ehr("GET", f"/fhir/Condition/{record}/_history/1").body == first
        whole(place, tmp_path)


def test_under_hipaa_alone_a_payer_sees_what_was_restricted_for_that_label_alone(tmp_path: Path) -> None:
    with placed(tmp_path / "it", posture="hipaa") as place:
        ehr, officer, asking = place.client("program-ehr", OURS), privacy_officer(place), payer(place)
        person = place.participant()
        covered(place, person)
        at = f"Encounter/{place.session(person, **VISIT)}"
        assert asking("GET", f"/fhir/{at}").status == 200
        assert ehr("PUT", f"/fhir/{at}", {**ehr("GET", f"/fhir/{at}").json, "meta": {"security": [ODD]}}).status == 200
        assert asking("GET", f"/fhir/{at}").status == 404
        assert take_back(officer, at, f"{ODD['system']}|watched").status == 200
        assert asking("GET", f"/fhir/{at}").status == 200
        whole(place, tmp_path)


def test_a_patient_too(place: Place, ehr: Sender, officer: Sender, tmp_path: Path) -> None:
    id = made(ehr, patient(ODD)).id
    assert take_back(officer, f"Patient/{id}", f"{ODD['system']}|watched").status == 200
    assert not sensitive(officer, f"Patient/{id}")
    whole(place, tmp_path)


def test_what_a_document_says_of_itself_stays_when_an_old_copy_is_written_back(place: Place) -> None:
    ehr, officer, person = (
        place.client("program-ehr", OURS, "system/*.cruds"),
        privacy_officer(place),
        place.participant(),
    )
    said = [{"coding": [label("HIV")], "text": "said by the laboratory"}]
    attachment = {"contentType": "text/plain", "data": b64encode(b"x").decode()}
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": f"Patient/{person}"},
        "meta": {"security": [V]},
        "securityLabel": said,
        "content": [{"attachment": attachment}],
    }
    url = f"/fhir/DocumentReference/{made(ehr, document).id}"
    copy = ehr("GET", url).json
    assert take_back(officer, url.removeprefix("/fhir/"), f"{CONFIDENTIALITY}|V").status == 200
    assert ehr("PUT", url, copy | {"description": "changed"}).status == 200
    assert ehr("GET", url).json["securityLabel"] == said
