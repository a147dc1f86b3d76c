"""What holds whatever two people have when their records are joined, over generated people."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doors.people import observation
from tests.doors.test_guarded import OTHERS, THEIRS, Place, Sender, placed
from tests.doors.test_joining import merge, record_of, unmerge
from tests.doors.test_non_interference import Still

Json = dict[str, Any]
FOLDERS = itertools.count()
HIV = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}
NAMED: Json = {"recipient": f"Organization/{THEIRS}"}
CONSENTS: dict[str, Json] = {
    "to treat": {},
    "to one": {"recipients": [NAMED]},
    "but HIV": {"exceptions": [{"decision": "deny", "sensitivities": ["hiv"]}]},
    "refused to one": {"kind": "restriction", "decision": "deny", "expires_with": None, "recipients": [NAMED]},
}


class Somebody(NamedTuple):
    """Who treats a person, what consents there are, and of each finding whether it tells of HIV."""

    treated: frozenset[str]
    consents: tuple[str, ...]
    findings: tuple[bool, ...]


def people() -> st.SearchStrategy[Somebody]:
    return st.builds(
        Somebody,
        st.frozensets(st.sampled_from([THEIRS, OTHERS])),
        st.lists(st.sampled_from(sorted(CONSENTS)), max_size=2, unique=True).map(tuple),
        st.lists(st.booleans(), min_size=1, max_size=2).map(tuple),
    )


def written(place: Place, who: Somebody, id: str, numbers: Iterator[int]) -> list[str]:
    """The records of a person; of each `Type/id`."""
    for organization in sorted(who.treated):
        place.treated(id, organization)
    made = [f"Consent/{place.consent(id, **CONSENTS[name])['id']}" for name in who.consents]
    for is_hiv in who.findings:
        labels = {"meta": {"security": [HIV]}} if is_hiv else {}
        got = place.staff(
            "POST", "/fhir/Observation", observation(f"Patient/{id}", valueString=f"{next(numbers)}", **labels)
        )
        made.append(f"Observation/{got.id}")
    return made


def told(sender: Sender) -> set[str]:
    """The findings that a client is shown, by their numbers."""
    entries = sender("GET", "/fhir/Observation").json.get("entry", [])
    return {entry["resource"]["valueString"] for entry in entries}


def shown(clients: list[Sender]) -> list[set[str]]:
    return [told(client) for client in clients]


def providers(place: Place) -> list[Sender]:
    return [place.client("provider-ehr", organization) for organization in (THEIRS, OTHERS)]


@given(people(), people())
@settings(max_examples=12)
def test_joined_records_are_shown_as_if_they_had_always_been_of_one_person(
    tmp_path_factory: pytest.TempPathFactory, one: Somebody, other: Somebody
) -> None:
    folder = tmp_path_factory.mktemp(f"joined{next(FOLDERS)}")
    with placed(folder / "two", Still()) as two, placed(folder / "one", Still()) as whole:
        numbers, loser, survivor = itertools.count(), two.participant(), two.participant()
        records = [written(two, who, id, numbers) for who, id in ((one, loser), (other, survivor))]
        places = [f"Patient/{loser}", f"Patient/{survivor}", *itertools.chain(*records)]
        clients, before = providers(two), [record_of(two.staff, place) for place in places]
        seen = shown(clients)
        unasked = merge(two.staff, loser, survivor)
        assert unasked.status in (200, 409)
        if unasked.status == 200:
            assert all(after <= now for after, now in zip(shown(clients), seen, strict=True))
        else:
            assert shown(clients) == seen
            assert merge(two.staff, loser, survivor, consents="both").status == 200
        same, again = whole.participant(), itertools.count()
        for who in (one, other):
            written(whole, who, same, again)
        assert shown(clients) == shown(providers(whole))
        assert not any(f"Patient/{loser}" in str(record_of(two.staff, place)) for place in places[2:])
        assert unmerge(two.staff, loser).status == 200
        assert [record_of(two.staff, place) for place in places] == before
        assert shown(clients) == seen
