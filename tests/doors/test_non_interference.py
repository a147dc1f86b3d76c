"""Two programs that differ only in records that a client may not see answer it alike: status, headers and bytes.

What a page link holds is sealed, and differs by the time of the store; it is left out of the comparison.
"""

from __future__ import annotations

import math
import os
import re
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doors.records import ada
from tests.doors.serving import Got
from tests.doors.test_guarded import OURS, THEIRS, Place, Sender, placed

SEQUENCES = {"quick": 40, "ci": 200, "full": 2_000}[os.environ.get("TEST_PROOF", "quick")]
SHOWN = "a0000000-0000-4000-8000-000000000001"
HIDDEN = "a0000000-0000-4000-8000-000000000002"
DIAGNOSIS = "10000000-0000-4000-8000-000000000001"
NOWHERE = "a0000000-0000-4000-8000-0000000000ff"
_PAGE = re.compile(rb"_page=[A-Za-z0-9_\-%.=]+")


class Pair(NamedTuple):
    """The same client at a program with hidden records and at one without them."""

    full: Sender
    empty: Sender
    ids: list[str]
    times: list[tuple[float, float]]
    """Seconds that each took to answer the same request."""

    def ask(self, *request: Any) -> tuple[Got, Got]:
        """Both answers; each program is asked first as often as the other."""
        answers, seconds = list[Got](), list[float]()
        order = (self.full, self.empty) if len(self.times) % 2 else (self.empty, self.full)
        for sender in order:
            begun = perf_counter()
            answers.append(sender(*request))
            seconds.append(perf_counter() - begun)
        by_name = slice(None) if order[0] is self.full else slice(None, None, -1)
        self.times.append(tuple(seconds[by_name]))  # type: ignore[arg-type]
        one, other = answers[by_name]
        return one, other

    def timing(self) -> str:
        """Whether one answers sooner: medians, and how likely as many quicker ones are by chance (a sign test)."""
        gaps = [full - empty for full, empty in self.times if full != empty]
        full, empty = (statistics.median(seconds) * 1e3 for seconds in zip(*self.times, strict=True))
        slower = sum(gap > 0 for gap in gaps)
        chance = math.erfc(abs(slower - len(gaps) / 2) / math.sqrt(len(gaps) / 2))
        return (
            f"timing: {len(gaps)} requests; with hidden records {full:.3f} ms, without {empty:.3f} ms, median gap"
            f" {statistics.median(gaps) * 1e3:+.3f} ms, slower {slower} times, p = {chance:.3f}"
        )


class Still:
    """A clock that stands, so that only what is stored may differ."""

    now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def person(place: Place, id: str, name: str) -> list[str]:
    """A participant with visits, a result and a care team; the ids of all."""
    got = place.staff("PUT", f"/iop/participant/{id}", ada(names=[{"family": name, "given": ["Ada"]}]))
    assert got.status == 201, got.body
    place.treated(id)
    made = [place.session(id) for _ in range(3)]
    result = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": f"{name}-1"}]},
        "subject": {"reference": f"Patient/{id}"},
        "valueInteger": 1,
    }
    return [id, *made, place.staff("POST", "/fhir/Observation", result).id]


def excepted(place: Place) -> None:
    """A diagnosis that tells of HIV."""
    code = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "B20"}
    diagnosis = {"codes": [code], "text": "Hidden"}
    told = {
        "participant": SHOWN,
        "listed_as": ["problem_list_item"],
        "diagnosis": diagnosis,
        "clinical_status": "active",
    }
    got = place.staff("PUT", f"/iop/diagnosis/{DIAGNOSIS}", told)
    assert got.status == 201, got.body


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both have a person with a consent. One has another, treated by the same organization, who gave none, and a
    diagnosis that the consent leaves out, although a visit that is shown points to it."""
    with ExitStack() as stack:
        senders, ids = [], list[str]()
        for name in ("full", "empty"):
            place = stack.enter_context(placed(tmp_path_factory.mktemp(name), Still(), references="pending"))
            ids = [*person(place, SHOWN, "Shown"), DIAGNOSIS]
            place.session(SHOWN, reasonReference=[{"reference": f"Condition/{DIAGNOSIS}"}])
            place.consent(SHOWN, exceptions=[{"sensitivities": ["hiv"], "decision": "deny"}])
            senders.append(place.client("provider-ehr", THEIRS, "system/*.rs"))
            if name == "full":
                ids += person(place, HIDDEN, "Hidden")
                place.consent(HIDDEN, status="draft")
                excepted(place)
                hidden = ids
        pair = Pair(senders[0], senders[1], [*hidden, NOWHERE], [])
        yield pair
        capture = request.config.pluginmanager.get_plugin("capturemanager")
        if capture and pair.times:
            with capture.global_and_fixture_disabled():
                print(f"\n{pair.timing()}")


COMMON = ("_total=accurate", "_summary=count", "_count=1", "_sort=_lastUpdated", "_id={id}", "_elements=id")
COMMON += ("_lastUpdated=ge2020", "_security=R", "_security=HIV", "_security:not=HIV", "_sort=_id")
# Nothing else is asked for as often: it is where links lead that something hidden could show.
OWN = {
    "Encounter": (
        *("reason-reference:Condition.code=B20", "reason-reference:Condition.clinical-status=active"),
        *("reason-reference=Condition/{id}", "_include=Encounter:reason-reference", "_include=Encounter:patient"),
        *("patient={id}", "patient.family=Hidden", "patient.family=Shown", "status=finished", "date=2026-02-04"),
        *("_sort=-date", "patient._has:Observation:patient:code=Hidden-1", "subject:Patient.gender=female"),
    ),
    "Patient": (
        *("_has:Encounter:patient:status=finished", "_has:Observation:patient:code=Hidden-1", "name=hid", "name=sho"),
        *("_has:Condition:patient:code=B20", "family:contains=idde", "_revinclude=Encounter:patient"),
        *("_revinclude=Condition:patient", "gender=female", "_sort=family", "general-practitioner:missing=true"),
    ),
    "Observation": ("code=Hidden-1", "code=Shown-1", "patient={id}", "subject=Patient/{id}", "patient.family=Hidden"),
    "Condition": (
        *("code=B20", "patient={id}", "clinical-status=active", "_has:Encounter:reason-reference:status=finished"),
        *("_revinclude=Encounter:reason-reference", "patient.family=Shown"),
    ),
    "CareTeam": ("participant=Organization/{id}", "patient.family=Hidden", "_include=CareTeam:patient"),
    "Organization": ("name=inv", "_revinclude=CareTeam:participant", "_has:CareTeam:participant:patient.family=Hidden"),
    "Consent": ("patient={id}", "status=active", "_revinclude=*", "actor=Organization/{id}"),
}


@st.composite
def requests(draw: st.DrawFn, ids: list[str]) -> tuple[str, str, Any]:
    """One request that a client could make."""
    id, type = draw(st.sampled_from(ids)), draw(st.sampled_from([*OWN, "Encounter", "Patient", "Condition"]))
    chosen = draw(st.lists(st.sampled_from(OWN[type]), min_size=1, max_size=2, unique=True))
    terms = "&".join((*chosen, *draw(st.lists(st.sampled_from(COMMON), max_size=1)))).format(id=id)
    searches = [f"/fhir/{type}?{terms}"] * 4 + [f"/fhir/Patient/{id}/{type}?{terms}", f"/fhir?_type={type}"]
    reads = [f"/fhir/{type}/{id}", f"/fhir/{type}/{id}/_history", f"/fhir/{type}/{id}/_history/1"]
    others = [
        f"/fhir/Patient/{id}/$everything",
        f"/fhir/{type}/{id}/$validate",
        f"/fhir/{type}/_history",
        "/fhir/_history",
    ]
    address = draw(st.sampled_from(searches + reads + others))
    written = draw(st.sampled_from(["GET"] * 8 + ["HEAD", "DELETE", "PUT", "BATCH"]))
    if written == "PUT":
        return "PUT", f"/fhir/{type}/{id}", {"resourceType": type, "id": id}
    if written == "DELETE":
        return "DELETE", f"/fhir/{type}/{id}", None
    if written == "BATCH":
        entry = {"request": {"method": "GET", "url": address.removeprefix("/fhir/")}}
        return "POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    return written, address, None


def told(got: Got) -> tuple[Any, ...]:
    """What a client can tell answers apart by."""
    headers = {name: value for name, value in got.headers.items() if name not in ("date", "content-length")}
    return got.status, headers, _PAGE.sub(b"_page=", got.body)


@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_hidden_changes_no_answer(pair: Pair, data: st.DataObject) -> None:
    for method, url, body in data.draw(st.lists(requests(pair.ids), min_size=1, max_size=6)):
        one, other = pair.ask(method, url, body)
        assert told(one) == told(other), (method, url)


def test_the_comparison_would_see_a_difference(pair: Pair) -> None:
    """Both show something, and the one with hidden records really has them."""
    assert pair.full("GET", "/fhir/Encounter?_summary=count").json["total"] == 4
    assert pair.full("GET", f"/fhir/Encounter?reason-reference={DIAGNOSIS}&_summary=count").json["total"] == 1
    assert pair.full("GET", "/fhir/Condition?_summary=count").json["total"] == 0
    assert pair.empty("GET", f"/fhir/Patient/{SHOWN}").status == 200
    assert len(pair.ids) > 10
    assert OURS
