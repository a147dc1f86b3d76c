"""On which consent something is shown is asked when it is about to leave: what was found before may not be shown any
more (42 CFR 2.33(a)(2): a revocation holds from its commit)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent.predicate import of_caller
from adapter.fhir.dates import milliseconds
from adapter.fhir.query import Query
from tests.doors.records import posted
from tests.doors.test_exports import diagnosis
from tests.doors.test_guarded import THEIRS, Place, tpo

Json = dict[str, Any]
Grounds = dict[tuple[str, int], str]
END = "2027-01-01"


def looking(place: Place, visits: list[str]) -> Callable[[], Grounds]:
    """What is found now, one by one and as a page, and why it may be shown, whenever that is asked."""
    store, now = place.program.store, milliseconds(place.program.clock())
    caller = Caller("ehr", ClientKind.PROVIDER_EHR, THEIRS, Purpose.TREATMENT, (), "token")
    predicate = of_caller(caller, frozenset({"Encounter"}), now, consent_free=0)
    since = store.stamp
    read = [store.read(predicate, "Encounter", id) for id in visits]
    shown = [*(one for one in read if one), *store.search(predicate, Query("Encounter", ())).versions]
    assert len(shown) == 2 * len(visits)
    return lambda: store.grounds(predicate, shown, since)


def hiv_alone(place: Place, consent: Json) -> None:
    said = {"sensitivities": ["hiv"]}
    assert place.staff("PATCH", f"/iop/consent/{consent['id']}", said, {"if-match": 'W/"1"'}).status == 200


def refused(place: Place, consent: Json) -> None:
    posted(place.staff, "consent", {**tpo(consent["participant"]), "decision": "deny"})


@pytest.mark.parametrize("change", [Place.revoked, hiv_alone, refused])
def test_what_was_found_before_a_consent_changed_has_no_ground_after_it(
    change: Callable[[Place, Json], None], place: Place
) -> None:
    person = place.participant()
    visits = [place.session(person) for _ in range(3)]
    place.treated(person)
    consent = place.consent(person)
    ask = looking(place, visits)
    assert set(ask().values()) == {consent["id"]}
    change(place, consent)
    assert ask() == {}


def test_of_two_consents_the_one_that_covers_a_record_is_its_ground(place: Place) -> None:
    person = place.participant()
    visits = [place.session(person) for _ in range(2)]
    place.treated(person)
    covering = place.consent(person, purposes=["treatment"], kind="specific", expires_with=None, expires_on=END)
    other = {"purposes": ["treatment"], "kind": "specific", "expires_with": None, "expires_on": END}
    for _ in range(2):
        place.consent(person, record_types=["goal"], **other)
    assert set(looking(place, visits)().values()) == {covering["id"]}


def test_what_needs_no_consent_has_none_as_its_ground_beside_what_needs_one(place: Place) -> None:
    person = place.participant()
    place.treated(person)
    consent = place.consent(person)
    visit, found = place.session(person), place.staff("POST", "/fhir/Condition", diagnosis(person)).id
    store, now = place.program.store, milliseconds(place.program.clock())
    caller = Caller("ehr", ClientKind.PROVIDER_EHR, THEIRS, Purpose.TREATMENT, (), "token")
    both = [("Encounter", visit), ("Condition", found)]
    predicate = of_caller(caller, frozenset({"Encounter", "Condition"}), now, consent_free=0)
    shown = [one for type, id in both if (one := store.read(predicate, type, id))]
    free, more = (one.own for one in shown)
    assert more & ~free
    freely = of_caller(caller, frozenset({"Encounter", "Condition"}), now, consent_free=free)
    listed = [one._replace(ground=None) for one in shown]
    said = store.grounds(freely, listed, store.stamp)
    assert [said[person, one.vid] for one in shown] == ["hipaa", consent["id"]]
