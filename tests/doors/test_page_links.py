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
from tests.doors.clients import FORM, register, token_of
from tests.doors.serving import Client
from tests.doors.test_guarded import OURS, Place, Sender, placed


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
        again.served._watch.close()
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
