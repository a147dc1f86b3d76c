"""What the ledger has of answers that tell of a record without showing it, and of those that nobody waited for."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from tests.doors.clients import FORM
from tests.doors.test_guarded import Place, Sender


@pytest.fixture
def provider(place: Place) -> Sender:
    """A client that sees one person, with two sessions, and not another."""
    shown, hidden = place.participant(), place.participant()
    for person in (shown, shown, hidden):
        place.session(person)
    place.treated(shown)
    place.treated(hidden)
    place.consent(shown)
    return place.client("provider-ehr", scopes="system/*.rs")


def told(place: Place) -> list[tuple[Any, ...]]:
    """(interaction, query, patients, list) of each row of what was shown; without one, of the disclosure alone."""
    ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
    with ledger.reading() as database:
        rows = database.execute(
            "SELECT d.interaction, d.query, s.patient, s.list, s.ground FROM disclosure d"
            " LEFT JOIN shown s ON s.n = d.n ORDER BY d.n, s.patient"
        ).fetchall()
    ledger.close()
    return [tuple(row) for row in rows]


def seen(place: Place, provider: Sender) -> tuple[str, str]:
    """The session and the person that the client sees."""
    found = provider("GET", "/fhir/Encounter").json["entry"][0]["resource"]
    return found["id"], found["subject"]["reference"].removeprefix("Patient/")


def test_that_nothing_has_changed_is_recorded(place: Place, provider: Sender) -> None:
    visit, person = seen(place, provider)
    for address in (f"/fhir/Encounter/{visit}", f"/fhir/Encounter/{visit}/_history/1"):
        got = provider("GET", address, **{"if-none-match": 'W/"1"'})
        assert (got.status, got.body, "content-type" in got.headers) == (304, b"", False)
        assert told(place)[-1][2:4] == (person, f"Encounter/{visit}/1")


def test_that_a_record_was_deleted_is_recorded_and_that_there_is_none_is_not(place: Place, provider: Sender) -> None:
    visit, person = seen(place, provider)
    assert place.staff("DELETE", f"/fhir/Encounter/{visit}").status == 204
    for address in ("", "/_history/2", "/$validate"):
        assert provider("GET", f"/fhir/Encounter/{visit}{address}").status == 410
        assert told(place)[-1][2:4] == (person, f"Encounter/{visit}/2")
    before = len(told(place))
    assert provider("GET", "/fhir/Encounter/none").status == 404
    assert len(told(place)) == before
    entry = {"request": {"method": "GET", "url": f"Encounter/{visit}"}}
    batch = provider("POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    assert batch.json["entry"][0]["response"]["status"].startswith("410")
    assert told(place)[-1][2:4] == (person, f"Encounter/{visit}/2")


def test_who_is_counted_is_recorded(place: Place, provider: Sender) -> None:
    _, person = seen(place, provider)
    assert provider("GET", "/fhir/Encounter?_summary=count").json["total"] == 2
    assert told(place)[-1][2:4] == (person, "2 Encounter counted")
    assert told(place)[-1][4].count("-") == 4  # the consent
    assert provider("GET", "/fhir/Encounter?_count=1&_total=accurate").json["total"] == 2
    assert told(place)[-1][3].endswith("/1\n2 Encounter counted")
    assert provider("GET", "/fhir/Encounter?status=planned&_summary=count").json["total"] == 0
    assert told(place)[-1][2] is None
    assert provider("GET", "/fhir/Encounter?status=finished,planned&date=2026&_summary=count").json["total"] == 2
    assert told(place)[-1][3] == "2 Encounter counted"


def test_a_request_for_the_head_alone_is_recorded_as_one_for_all(place: Place, provider: Sender) -> None:
    visit, person = seen(place, provider)
    assert provider("HEAD", f"/fhir/Encounter/{visit}").status == 200
    assert told(place)[-1][2:4] == (person, f"Encounter/{visit}/1")


def test_the_form_of_a_search_is_recorded_with_its_address(place: Place, provider: Sender) -> None:
    assert provider("POST", "/fhir/Encounter/_search?_count=1", b"status=finished", **FORM).status == 200
    assert b64decode(told(place)[-1][1]) == b"POST /fhir/Encounter/_search?_count=1\r\n\r\nstatus=finished"


def test_a_record_that_is_looked_at_for_faults_is_recorded(place: Place, provider: Sender) -> None:
    visit, person = seen(place, provider)
    assert provider("GET", f"/fhir/Encounter/{visit}/$validate").status == 200
    assert told(place)[-1][::2] == ("$validate", person, told(place)[-1][4])
    assert told(place)[-1][3] == f"Encounter/{visit}/1"
    before = len(told(place))
    assert provider("GET", "/fhir/Encounter/none/$validate").status == 404
    assert len(told(place)) == before
