"""Labels that stand in no text: a search compares them with what each version tells of itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapter import app
from adapter.consent.labels import LABELLED, MARKS, OTHER, PART2, mask
from adapter.fhir.index import Index
from adapter.settings import Settings

from .conftest import Clock, Desk, observation
from .serving import open_store

SUD, HIV, NOTE = (mask([code]) for code in ("SUD", "HIV", "PSYTHPN"))
OWN = (0, LABELLED, PART2, PART2 | LABELLED, PART2 | SUD, PART2 | SUD | HIV, HIV, OTHER, NOTE, PART2 | NOTE)


@pytest.fixture
def index() -> Index:
    """With the rules of a program, which labels."""
    return app.index_of(Settings(), app.read_maps(Settings()))


@pytest.fixture
def desk(index: Index, clock: Clock) -> Iterator[Desk]:
    """A store with an observation for each set of sensitivities, whatever its text says."""
    store = open_store(index, clock)
    desk = Desk(store, clock)
    desk.put(*(observation(f"o{own}") for own in OWN))
    for own in OWN:
        desk.do(lambda tx, own=own: tx._connection.execute("UPDATE version SET own = ? WHERE id = ?", (own, f"o{own}")))
    yield desk
    store.close()


def test_each_label_is_found_where_it_is_shown_and_its_contrary_elsewhere(desk: Desk) -> None:
    for one in MARKS:
        shown = {f"o{own}" for own in OWN if own & one.some and not own & one.none}
        for asked in (one.code, f"{one.system}|{one.code}"):
            assert set(desk.ids("Observation", ("_security", asked))) == shown, one
            assert set(desk.ids("Observation", ("_security:not", asked))) == {f"o{own}" for own in OWN} - shown, one
    assert desk.ids("Observation", ("_security:missing", "true")) == ["o0"]
    assert len(desk.ids("Observation", ("_security:missing", "false"))) == len(OWN) - 1


def test_a_label_that_nothing_has_is_looked_for_among_the_senders_alone(desk: Desk) -> None:
    labelled = observation("said", meta={"security": [{"system": "urn:of-the-sender", "code": "HIV"}]})
    desk.put(labelled)
    assert desk.ids("Observation", ("_security", "urn:of-the-sender|HIV")) == ["said"]
    assert "said" in desk.ids("Observation", ("_security", "HIV"))
    assert "said" not in desk.ids("Observation", ("_security", f"{MARKS[0].system}|HIV"))
