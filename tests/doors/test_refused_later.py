"""A refusal that is written after the first page, or after an export was asked for, is heard in what comes later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doors.test_exports import BASE, fetched, group, keys, manifest
from tests.doors.test_guarded import Place, placed
from tests.doors.test_payers import RESTRICTED, diagnosis, member, payer, ranked

WHAT = ["all records", "this visit"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with placed(tmp_path) as place:
        yield place


def restrict(place: Place, person: str, visit: str, what: str) -> None:
    """The person has paid for it in full, and does not want the payer to know: 45 CFR 164.522(a)(1)(vi)."""
    some = {"records": [{"record": f"Encounter/{visit}", "meaning": "this_record"}]}
    place.consent(person, **RESTRICTED, **(some if what == "this visit" else {}))


@pytest.mark.parametrize("what", WHAT)
def test_no_file_that_is_fetched_later_has_it(place: Place, what: str) -> None:
    own = payer(place)
    (person, visit), (_, theirs) = member(place), member(place)
    one = diagnosis(place, person, visit)
    ranked(place, visit, one)
    listed = manifest(place, own, f"{group(own)}/$export?_type=Condition,Encounter")
    restrict(place, person, visit, what)
    assert own("GET", f"/fhir/Encounter/{visit}").status == own("GET", f"/fhir/Condition/{one}").status == 404
    assert [key.rpartition("/")[0] for key in keys(fetched(own, listed))] == [f"Encounter/{theirs}"]


@pytest.mark.parametrize("what", WHAT)
def test_no_later_page_has_it(place: Place, what: str) -> None:
    own = payer(place)
    (person, first), (other, second) = member(place), member(place)
    visits = [first, second, place.session(person), place.session(other)]
    page = own("GET", "/fhir/Encounter?_count=1&_sort=_lastUpdated").json
    restrict(place, person, visits[2], what)
    seen = [entry["resource"]["id"] for entry in page["entry"]]
    while following := next((link["url"] for link in page["link"] if link["relation"] == "next"), None):
        page = own("GET", following.removeprefix(BASE)).json
        seen += [entry["resource"]["id"] for entry in page.get("entry", ())]
    assert seen == [visits[0], visits[1], visits[3]]
