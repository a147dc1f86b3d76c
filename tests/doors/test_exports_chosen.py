"""Bulk data of which only a part is wanted: `_typeFilter` and `_elements`, by what the client may search and see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from adapter.store.transaction import Transaction
from adapter.store.upkeep import drop, stale
from tests.doors.test_exports import ASYNC, BASE, fetched, group, keys, manifest
from tests.doors.test_guarded import OURS, Place, placed
from tests.doors.test_payers import member, payer

LATER_MS = 1 << 50


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A program whose files have few lines."""
    with placed(tmp_path, export_lines=2) as place:
        yield place


def filters(*searches: str) -> str:
    return f"_typeFilter={quote(','.join(searches))}"


def day(number: int) -> dict[str, str]:
    return {"start": f"2026-02-{number:02}T17:00:00Z", "end": f"2026-02-{number:02}T18:00:00Z"}


def test_of_a_type_with_filters_what_matches_one_of_them_is_in_the_files(place: Place) -> None:
    person, first = member(place)
    cancelled, planned = (place.session(person, status=status) for status in ("cancelled", "planned"))
    late = place.session(person, period=day(20))
    own = payer(place)
    asked = f"{group(own)}/$export?_type=Encounter,Patient&"
    one = fetched(own, manifest(place, own, asked + filters("Encounter?status=cancelled,planned")))
    assert {line["id"] for line in one} == {person, cancelled, planned}
    two = "Encounter?status=planned", "Encounter?status=finished&date=lt2026-02-10"
    assert {line["id"] for line in fetched(own, manifest(place, own, asked + filters(*two)))} == {
        person,
        first,
        planned,
    }
    each = "&".join(filters(search) for search in two)
    assert {line["id"] for line in fetched(own, manifest(place, own, asked + each))} == {person, first, planned}
    for search, ids in (
        (f"_id={late}", {late}),
        ("status:not=finished", {cancelled, planned}),
        ("status=unknown", set()),
    ):
        got = fetched(own, manifest(place, own, asked + filters(f"Encounter?{search}")))
        assert {line["id"] for line in got} == ids | {person}, search


def test_a_filter_shows_nothing_that_is_hidden_and_is_of_the_time_of_the_export(place: Place) -> None:
    _, visit = member(place)
    hidden = place.participant()
    place.session(hidden, status="cancelled")
    own = payer(place)
    listed = manifest(place, own, f"{group(own)}/$export?_type=Encounter&" + filters("Encounter?status=finished"))
    whole = place.staff("GET", f"/fhir/Encounter/{visit}").json
    assert place.staff("PUT", f"/fhir/Encounter/{visit}", whole | {"status": "cancelled"}).status == 200

    def tidied(transaction: Transaction) -> int:
        dropped = 0
        while (slice := stale(transaction.database, LATER_MS)) is not None:
            drop(transaction.database, place.program.store.index, slice)
            dropped += len(slice.versions)
        return dropped

    place.program.store.write(tidied).result(30)
    assert keys(fetched(own, listed)) == [f"Encounter/{visit}/1"]
    assert own("DELETE", listed["output"][0]["url"].removeprefix(BASE).rpartition("/")[0]).status == 202
    assert place.program.store.write(tidied).result(30) > 0
    nothing = manifest(place, own, f"{group(own)}/$export?_type=Encounter&" + filters("Encounter?status=finished"))
    assert nothing["output"] == []


def test_lines_have_the_elements_that_are_named_and_say_that_they_are_a_part(place: Place) -> None:
    _, _ = member(place)
    own = payer(place)
    got = fetched(own, manifest(place, own, f"{group(own)}/$export?_type=Encounter,Patient&_elements=Encounter.period"))
    for line in got:
        parts = line["meta"].get("tag", [])
        assert (line["resourceType"] == "Encounter") == any(tag["code"] == "SUBSETTED" for tag in parts)
    visits = [line for line in got if line["resourceType"] == "Encounter"]
    assert all({"period", "status", "class"} <= set(line) and "subject" not in line for line in visits)
    all_of_them = fetched(
        own, manifest(place, own, f"{group(own)}/$export?_type=Encounter,Patient&_elements=birthDate")
    )
    assert all(any(tag["code"] == "SUBSETTED" for tag in line["meta"]["tag"]) for line in all_of_them)


def test_linked_records_are_looked_for_among_all_that_the_client_sees(place: Place) -> None:
    person, _ = member(place)
    own = place.client("program-ehr", OURS, "system/*.rs")
    since = manifest(place, own, "Patient/$export?_type=Patient")["transactionTime"]
    new = place.session(person)
    search = filters("Encounter?patient.family=Lovelace", "Encounter?patient.birthdate=gt1800")
    got = fetched(own, manifest(place, own, f"Patient/$export?_type=Encounter&_since={since}&{search}"))
    assert [line["id"] for line in got] == [new]


REFUSED = [
    (filters("Encounter"), 400),
    (filters("Encounter?"), 400),
    (filters("Encounter?status"), 400),
    (filters("Patient?gender=female"), 400),  # of no type that is asked for
    (filters("Nothing?status=x"), 400),
    (filters("Encounter?reason-code=x"), 400),  # a payer does not see it
    (filters("Encounter?status=finished&_sort=date"), 400),
    (filters("Encounter?status=finished&_count=1"), 400),
    (filters("Encounter?_include=Encounter:patient"), 400),
    (filters("Encounter?date=yesterday"), 400),
    (filters("Encounter?_page=x"), 400),
    (filters("Encounter?patient.family=Invented"), 403),
    (filters("Encounter?_has:Procedure:encounter:status=completed"), 400),  # nor that
    ("_elements=nothing", 400),
    ("_elements=Patient.name", 400),
    ("_elements=", 400),
]


def test_what_may_not_be_searched_is_no_filter(place: Place) -> None:
    own = payer(place)
    at = f"/fhir/{group(own)}/$export?_type=Encounter&"
    for query, status in REFUSED:
        got = own("GET", at + query, **ASYNC)
        assert got.status == status, (query, got.body)
        if status == 400:
            assert got.expressions == [query.partition("=")[0]], query
