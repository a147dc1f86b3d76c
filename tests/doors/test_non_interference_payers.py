"""Two programs that differ only in what a payer may not see, whole records and what its rendering leaves out, answer it
alike: status, headers and bytes; also where one of them has written what it may not see again and again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doors.records import ada
from tests.doors.test_guarded import OTHERS, THEIRS, Json, Place, Sender, placed
from tests.doors.test_non_interference import HIDDEN, NOWHERE, SEQUENCES, SHOWN, Still, told
from tests.doors.test_payers import RESTRICTED, diagnosis, ranked


class Pair(NamedTuple):
    """The same payer at a program that says more than it may see, and at one that does not."""

    full: Sender
    bare: Sender


def person(place: Place, id: str, by: str, **more: Any) -> None:
    got = place.staff("PUT", f"/iop/participant/{id}", ada(**more))
    assert got.status == 201, got.body
    coverage = {
        "resourceType": "Coverage",
        "status": "active",
        "identifier": [{"system": f"https://{by}.example", "value": "M-1"}],
        "beneficiary": {"reference": f"Patient/{id}"},
        "payor": [{"reference": f"Organization/{by}"}],
    }
    assert place.staff("POST", "/fhir/Coverage", coverage).status == 201
    place.consent(id)


def stripped(place: Place, visit: str) -> None:
    """What a payer does not see of a visit is written, and written again."""
    for words in ("Canary", "Another"):
        stored = place.staff("GET", f"/fhir/Encounter/{visit}").json
        more: Json = {
            "reasonCode": [{"text": words}],
            "type": [{"text": words}],
            "extension": [{"url": "urn:x", "valueString": words}],
            "hospitalization": {"dischargeDisposition": {"text": words}},
            "subject": {**stored["subject"], "display": words},
        }
        assert place.staff("PUT", f"/fhir/Encounter/{visit}", stored | more).status == 200


def restricted(place: Place, shown: str) -> None:
    """Diagnoses that a payer does not see, of a visit that it does not see, and of one that says that it comes second;
    of one that it sees, what it does not see is written again and again."""
    visit = place.session(SHOWN)
    code = {"coding": [{"system": "urn:codes", "code": "Hidden"}]}
    first, second = (diagnosis(place, SHOWN, visit, code=code) for _ in range(2))
    place.consent(SHOWN, **RESTRICTED, records=[{"record": f"Encounter/{visit}", "meaning": "this_record"}])
    ranked(place, visit, first, second)
    for words in ("Canary", "Another"):
        stored = place.staff("GET", f"/fhir/Condition/{shown}").json
        assert place.staff("PUT", f"/fhir/Condition/{shown}", stored | {"note": [{"text": words}]}).status == 200


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with ExitStack() as stack:
        senders = []
        for name in ("full", "bare"):
            place = stack.enter_context(placed(tmp_path_factory.mktemp(name), Still()))
            person(place, SHOWN, THEIRS)
            visits = [place.session(SHOWN) for _ in range(3)]
            principal = diagnosis(place, SHOWN, visits[1])
            ranked(place, visits[1], principal)
            senders.append(place.client("payer", THEIRS, "system/*.rs"))
            if name == "full":
                stripped(place, visits[0])
                restricted(place, principal)
                person(place, HIDDEN, OTHERS)
                place.session(HIDDEN)
                said = {"listed_as": ["problem_list_item"], "clinical_status": "active", "participant": SHOWN}
                hidden = {"codes": [{"system": "urn:codes", "code": "Hidden"}]}
                assert place.staff("POST", "/iop/diagnosis", said | {"diagnosis": hidden}).status == 201
        yield Pair(*senders)


COMMON = (
    "_total=accurate",
    "_summary=count",
    "_count=1",
    "_sort=_lastUpdated",
    "_elements=reasonCode",
    "_summary=text",
)
COMMON += ("_lastUpdated=ge2020", "_security=R", "_security:not=HIV", "_sort=_id", "_profile=iop", "_tag=x")
OWN = {
    "Encounter": (
        *("patient={id}", "status=finished", "date=2026-02-04", "reason-code=Canary", "_include=Encounter:patient"),
        *("subject:Patient.family=Invented", "_sort=-date", "type=x", "_include=*", "reason-code:missing=false"),
    ),
    "Patient": (
        "family=Invented",
        "_has:Encounter:patient:status=finished",
        "_revinclude=Encounter:patient",
        "phone=1",
    ),
    "Coverage": ("patient={id}", "identifier=M-1", "payor=Organization/{id}", "beneficiary=Patient/{id}"),
    "Condition": (
        *("code=Hidden", "patient={id}", "_sort=-recorded-date", "encounter:missing=true", "clinical-status=active"),
        *("category=encounter-diagnosis", "onset-info=Canary"),
    ),
    "Organization": ("name=inv", "_revinclude=Coverage:payor"),
}


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, Any]:
    """One request that a payer could make."""
    id, type = draw(st.sampled_from((SHOWN, HIDDEN, THEIRS, NOWHERE))), draw(st.sampled_from([*OWN, "Encounter"]))
    chosen = draw(st.lists(st.sampled_from(OWN[type]), min_size=1, max_size=2, unique=True))
    terms = "&".join((*chosen, *draw(st.lists(st.sampled_from(COMMON), max_size=1)))).format(id=id)
    searches = [f"/fhir/{type}?{terms}"] * 4 + [f"/fhir/Patient/{id}/{type}?{terms}"]
    reads = [f"/fhir/{type}/{id}", f"/fhir/{type}/{id}/_history/1", f"/fhir/{type}/{id}/$validate"]
    address = draw(st.sampled_from(searches + reads))
    method = draw(st.sampled_from(["GET"] * 8 + ["HEAD", "DELETE", "PUT", "BATCH"]))
    if method == "BATCH":
        entry = {"request": {"method": "GET", "url": address.removeprefix("/fhir/")}}
        return "POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    return method, address, {"resourceType": type, "id": id} if method == "PUT" else None


@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_a_payer_may_not_see_changes_no_answer(pair: Pair, data: st.DataObject) -> None:
    for method, url, body in data.draw(st.lists(requests(), min_size=1, max_size=6)):
        assert told(pair.full(method, url, body)) == told(pair.bare(method, url, body)), (method, url)


def test_both_show_something(pair: Pair) -> None:
    for sender in pair:
        assert sender("GET", "/fhir/Encounter?_summary=count").json["total"] == 3
        assert sender("GET", f"/fhir/Patient/{SHOWN}").status == 200
        assert sender("GET", "/fhir/Condition?_summary=count").json["total"] == 1


def test_what_goes_along_comes_in_an_order_of_its_own(pair: Pair) -> None:
    for url in ("/fhir/Patient?_revinclude=Encounter:patient", "/fhir/Encounter?_include=Encounter:patient"):
        answers = [sender("GET", url) for sender in pair]
        assert told(answers[0]) == told(answers[1]), url
        ids = [one["resource"]["id"] for one in answers[0].json["entry"] if one["search"]["mode"] == "include"]
        assert ids == sorted(ids)
        assert ids
