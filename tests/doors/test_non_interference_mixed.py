"""Two mixed programs of which one has a part 2 episode besides, of the same patient and of another, answer who has no
consent alike: status, headers and bytes; also where what belongs to it is written again, and the episode says otherwise
and takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doors import test_non_interference as providers
from tests.doors import test_non_interference_payers as payers
from tests.doors.mixed import OF_EPISODE, episode, ids, link, mixed
from tests.doors.records import ada
from tests.doors.test_guarded import THEIRS, Place, Sender
from tests.doors.test_labels_shown import condition, made
from tests.doors.test_non_interference import HIDDEN, SEQUENCES, SHOWN, Still, told
from tests.doors.test_payers import covered

FEW = max(SEQUENCES // 5, 10)


class Pair(NamedTuple):
    """The same provider and the same payer at both."""

    full: tuple[Sender, Sender]
    bare: tuple[Sender, Sender]
    ids: list[str]


def person(place: Place, id: str, name: str) -> None:
    got = place.staff("PUT", f"/iop/participant/{id}", ada(names=[{"family": name, "given": ["Ada"]}]))
    assert got.status == 201, got.body
    place.treated(id)
    covered(place, id)


def opened(place: Place, id: str, key: str, posture: str | None) -> list[str]:
    """An episode with visits and a diagnosis; the ids of all."""
    said = {"participant": id, "status": "active", **({"part2_posture": posture} if posture else {})}
    assert place.staff("PUT", f"/iop/episode/{key}", said).status == 201
    visits = [place.session(id, episodeOfCare=[link(key)]) for _ in range(2)]
    own = {"extension": [{"url": OF_EPISODE, "valueReference": link(key)}]}
    return [key, *visits, made(place.staff, condition(id, "J45.20", **own)).id]


def hidden(place: Place, ours: str) -> list[str]:
    """All that the other program does not have; the episode of the same patient once said that it was under HIPAA."""
    person(place, HIDDEN, "Hidden")
    keys = [f"e0000000-0000-4000-8000-00000000000{n}" for n in (8, 9)]
    found = [*opened(place, HIDDEN, keys[0], None), *opened(place, SHOWN, keys[1], "part2")]
    visit = place.staff("GET", f"/fhir/Encounter/{found[-2]}").json
    assert place.staff("PUT", f"/fhir/Encounter/{found[-2]}", {**visit, "status": "cancelled"}).status == 200
    for posture in ("mixed", None):
        said = {**episode(SHOWN, posture), "id": keys[1], "referralRequest": [], "status": "onhold"}
        del said["referralRequest"]
        assert place.staff("PUT", f"/fhir/EpisodeOfCare/{keys[1]}", said).status == 200
    place.session(SHOWN, episodeOfCare=[link(ours), link(keys[1])])
    return found


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    ours = "e0000000-0000-4000-8000-000000000001"
    with ExitStack() as stack:
        senders, known = [], list[str]()
        for name in ("full", "bare"):
            place = stack.enter_context(mixed(tmp_path_factory.mktemp(name), Still()))
            person(place, SHOWN, "Shown")
            shown = opened(place, SHOWN, ours, "hipaa")
            senders.append((place.client("provider-ehr", THEIRS, "system/*.rs"), place.client("payer", THEIRS)))
            known += [*shown, *(hidden(place, ours) if name == "full" else ())]
        yield Pair(*senders, [SHOWN, HIDDEN, *dict.fromkeys(known)])


@settings(max_examples=FEW, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_part_2_episode_changes_no_answer(pair: Pair, data: st.DataObject) -> None:
    asked: list[tuple[int, Any]] = [(0, providers.requests(pair.ids)), (1, payers.requests())]
    who, requests = data.draw(st.sampled_from(asked))
    for method, url, body in data.draw(st.lists(requests, min_size=1, max_size=5)):
        assert told(pair.full[who](method, url, body)) == told(pair.bare[who](method, url, body)), (method, url)


def test_both_show_the_other_episode(pair: Pair) -> None:
    for who in (0, 1):
        for sender in (pair.full[who], pair.bare[who]):
            counts = [len(ids(sender, type)) for type in ("Patient", "EpisodeOfCare", "Encounter")]
            assert counts == [1, 1, 2]
            got = sender("GET", f"/fhir/Patient/{SHOWN}")
            assert got.status == 200
    assert told(pair.full[0]("GET", "/fhir/Condition")) == told(pair.bare[0]("GET", "/fhir/Condition"))
