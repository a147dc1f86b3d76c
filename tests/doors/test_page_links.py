"""A page link is of the client that got it, for what it asked, under the rules of then; for all else it is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter import app
from adapter.settings import shipped
from tests.doors import staff
from tests.doors.clients import FORM, register, token_of
from tests.doors.serving import Client
from tests.doors.test_guarded import OTHERS, OURS, THEIRS, Place, Sender, placed
from tests.doors.test_payers import covered
from tests.doors.test_scoped import observation


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An empty program, whose rules a test may change."""
    shutil.copytree(shipped("mappings"), tmp_path / "mappings")
    with placed(tmp_path, mappings=tmp_path / "mappings") as place:
        yield place


def following(got: Any) -> str:
    """The address of the next page."""
    assert got.status == 200, got.body
    found = next(link["url"] for link in got.json["link"] if link["relation"] == "next")
    return str(found.partition("8000")[2])


def lists(place: Place) -> tuple[str, ...]:
    """The lists that have pages."""
    person = place.participant()
    for _ in range(2):
        place.session(person)
    changed = place.staff("PATCH", f"/iop/participant/{person}", {"sex": "male"}, {"if-match": 'W/"1"'})
    assert changed.status == 200
    return (
        "/fhir/Encounter?_count=1",
        f"/fhir/Patient/{person}/Encounter?_count=1",
        "/fhir?_type=Encounter,Patient&_count=1",
        f"/fhir/Patient/{person}/_history?_count=1",
        f"/fhir/Patient/{person}/$everything?_count=1",
    )


def test_a_link_is_of_the_client_that_got_it(place: Place) -> None:  # E16
    addresses = lists(place)
    own, other = place.client("program-ehr", OURS), place.client("program-ehr", OURS)
    for address in addresses:
        link = following(own("GET", address))
        refused = other("GET", link)
        assert (refused.status, refused.codes) == (400, ["invalid"]), address
        assert own("GET", link).status == 200
        start, _, sealed = link.rpartition("=")
        flipped = ("B" if sealed[9] == "A" else "A").join((sealed[:9], sealed[10:]))
        for altered in (sealed[:-4], flipped, "x", sealed * 2):
            assert own("GET", f"{start}={altered}").codes == ["invalid"]


def test_a_link_outlives_the_token_that_it_was_got_with(place: Place) -> None:
    address = lists(place)[0]
    register(place.program, "ehr", "program-ehr", "system/*.rs", "TREAT HOPERAT", agreement="qsoa", organization=OURS)

    def sender(number: int, purpose: str) -> Sender:
        claims = {"extensions": {"hl7-b2b": {"purpose_of_use": [purpose]}}}
        form = {"scope": "system/*.rs"}
        return Sender(place.guarded, token_of(place.guarded, place.program, number, claims=claims, form=form))

    link = following(sender(900, "TREAT")("GET", address))
    assert sender(901, "TREAT")("GET", link).status == 200
    assert sender(902, "HOPERAT")("GET", link).codes == ["invalid"]


def test_a_link_made_under_other_rules_is_none(place: Place) -> None:
    address = lists(place)[0]
    own = place.client("program-ehr", OURS)
    link = following(own("GET", address))
    matrix = place.program.settings.mappings / "release" / "matrix.toml"
    text = matrix.read_text("utf-8")
    for changed, status in ((text, 200), (text.replace("iterate  = [true, ", "iterate  = [false,"), 400)):
        matrix.write_text(changed, "utf-8")
        app._matrix.cache_clear()
        again = Client(app.asgi(place.program))
        assert Sender(again, own.token)("GET", link).status == status
        again.close()


def test_a_link_that_is_too_old_says_so(place: Place) -> None:  # E17
    address = lists(place)[0]
    own = place.client("program-ehr", OURS)
    link = following(own("GET", address))
    clock: Any = place.program.clock
    clock.now += timedelta(minutes=16)
    later = Sender(place.guarded, token_of(place.guarded, place.program, 950, id="program-ehr-1"))
    expired = later("GET", link)
    assert expired.status == 403  # of another scope
    again = token_of(place.guarded, place.program, 951, id="program-ehr-1", form={"scope": "system/*.cruds"})
    assert Sender(place.guarded, again)("GET", link).status == 410


LISTS = (
    "/fhir/Observation?_count=1",
    "/fhir/Observation?_count=1&_sort=_id",
    "/fhir/Patient/{}/Observation?_count=1",
    "/fhir?_type=Observation&_count=1",
    "/fhir/Patient/{}/$everything?_type=Observation&_count=1",
)


def laboratory(place: Place, person: str, many: int) -> list[str]:
    """Results of a day each; their ids."""
    dated = [observation(person, "laboratory", effectiveDateTime=f"2026-02-{1 + n:02}") for n in range(many)]
    return [place.staff("POST", "/fhir/Observation", one).id for one in dated]


def pages(sender: Sender, got: Any, until: int = 20) -> list[str]:
    """The ids on this page and all that follow."""
    found = list[str]()
    while until:
        assert got.status == 200, got.body
        found += [entry["resource"]["id"] for entry in got.json.get("entry", ())]
        link = next((link["url"] for link in got.json["link"] if link["relation"] == "next"), None)
        if link is None:
            return found
        got, until = sender("GET", link.partition("8000")[2]), until - 1
    raise AssertionError("the links do not end")


@pytest.mark.parametrize("address", LISTS)
def test_what_has_left_the_arguments_of_a_scope_is_on_no_later_page(place: Place, address: str) -> None:
    """What was changed otherwise or deleted since stays where it was."""
    person = place.participant()
    ids = laboratory(place, person, 6)
    own = place.client("program-ehr", OURS, "system/Observation.rs?category=laboratory system/Patient.rs")
    whole = place.client("program-ehr", OURS, "system/Observation.rs system/Patient.rs")
    firsts = [sender("GET", address.format(person)) for sender in (own, whole)]
    before = pages(own, firsts[0])
    assert set(ids) <= set(before)
    left, changed, deleted = [id for id in before if id in ids][2:5]
    moved = observation(person, "vital-signs", id=left, effectiveDateTime="2026-02-09")
    assert place.staff("PUT", f"/fhir/Observation/{left}", moved).status == 200
    amended = observation(person, "laboratory", id=changed, status="amended", effectiveDateTime="2026-02-09")
    assert place.staff("PUT", f"/fhir/Observation/{changed}", amended).status == 200
    assert place.staff("DELETE", f"/fhir/Observation/{deleted}").status == 204
    assert pages(own, firsts[0]) == [id for id in before if id != left]
    assert pages(whole, firsts[1]) == before
    # What left and was deleted then was no more the scope's when it was deleted.
    assert place.staff("DELETE", f"/fhir/Observation/{left}").status == 204
    assert pages(own, firsts[0]) == [id for id in before if id != left]


@pytest.mark.parametrize("address", ["/fhir/Coverage?_count=1", "/fhir/Patient/{}/Coverage?_count=1"])
def test_what_is_held_to_another_payer_now_is_on_no_later_page(place: Place, address: str) -> None:
    person = place.participant()
    ids = [covered(place, person, period={"start": f"2025-0{n}-01"}) for n in range(1, 5)]
    place.consent(person)
    payer = place.client("payer", THEIRS, "system/*.rs")
    first = payer("GET", address.format(person))
    before = pages(payer, first)
    assert sorted(before) == sorted(ids)
    stored = place.staff("GET", f"/fhir/Coverage/{before[2]}").json
    other = stored | {"payor": [{"reference": f"Organization/{OTHERS}"}]}
    assert place.staff("PUT", f"/fhir/Coverage/{before[2]}", other).status == 200
    assert pages(payer, first) == [before[0], before[1], before[3]]


def test_a_native_page_is_of_what_ones_duties_show_now(place: Place) -> None:
    """A page of the staff is of the records as they were then, of those that are in one's care as they are now."""
    one = place.participant()
    staff.app(place.program, "office")
    account = staff.account(place.program, "c1", "counselor", practitioner="c0000000-0000-4000-8000-000000000009")
    known = place.staff("PUT", f"/iop/clinician/{account.practitioner}", {"names": [{"family": "Invented"}]})
    assert known.status == 201, known.body
    place.treated(one, f"Practitioner/{account.practitioner}")
    visits = [place.session(one) for _ in range(4)]
    counselor = Sender(place.guarded, staff.token(place.program, account, "office", "user/*.rs"))
    first = counselor("GET", "/iop/session?limit=1")
    shown = [record["id"] for record in first.json["records"]]
    left = next(id for id in visits if id not in shown)
    stored = place.staff("GET", f"/fhir/Encounter/{left}").json
    inpatient = stored | {"class": stored["class"] | {"code": "IMP"}}  # no session, and nothing that a counselor sees
    assert place.staff("PUT", f"/fhir/Encounter/{left}", inpatient).status == 200
    following = first.json["next"]
    while following:
        page = counselor("GET", following.partition("8000")[2]).json
        shown += [record["id"] for record in page["records"]]
        following = page.get("next")
    assert sorted(shown) == sorted(set(visits) - {left})


def test_an_address_and_a_form_that_disagree_are_refused(place: Place) -> None:  # E26
    own = place.client("program-ehr", OURS)
    for query, form in (
        ("status=finished", b"status=planned"),
        ("_format=json", b"_format=xml"),
        ("_count=1", b"_count=2"),
    ):
        got = own("POST", f"/fhir/Encounter/_search?{query}", form, **FORM)
        assert (got.status, got.codes) == (400, ["invalid"]), query
    assert own("POST", "/fhir/Encounter/_search?status=finished", b"status=finished", **FORM).status == 200
