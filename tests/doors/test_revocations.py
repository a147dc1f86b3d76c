"""From the commit of a revocation on, nothing that it allowed leaves: whatever was begun before, whoever asks then.

Trust rules K7 and K8: what is asked after the commit finds nothing, also the next page of what was begun before it. The
cases are in shards, each from seeds of its own, so that `make nightly` can go on where it was interrupted.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import perf_counter
from typing import Any, NamedTuple

import pytest

from adapter import app
from adapter.interactions.program import Program
from tests.conftest import PROOF
from tests.doors.people import path
from tests.doors.serving import Client, Got
from tests.doors.test_guarded import THEIRS, Place, Sender, placed
from tests.doors.test_non_interference import Still

SHARDS = 10
INTERLEAVINGS = {"quick": 3, "ci": 15, "full": 1_000}[PROOF]
"""In each shard."""
ROUNDS = {"quick": 2, "ci": 5, "full": 100}[PROOF]
"""Revocations under readers, in each shard."""
READERS, VISITS, VERSIONS = 3, 4, 3
BEGINNINGS = (
    "/fhir/Encounter?_count=1",
    "/fhir/Encounter?patient={person}&_count=2&_sort=-date&_include=Encounter:patient",
    "/fhir/Patient/{person}/Encounter?_count=1",
    "/fhir/Patient/{person}/$everything?_count=2",
    "/fhir/Encounter/{visit}/_history?_count=1",
    "/fhir/Patient/{person}/_history",
    "/fhir/Patient/{person}",
    "/fhir/Encounter/{visit}/_history/2",
    "BATCH",
)


class Scene(NamedTuple):
    """One patient with visits of several versions, and a provider who treats the patient."""

    place: Place
    provider: Sender
    person: str
    visits: list[str]

    def request(self, beginning: str, sender: Sender | None = None) -> Got:
        """The first answer of one of `BEGINNINGS`."""
        ask, words = sender or self.provider, {"{person}": self.person, "{visit}": self.visits[0]}
        if beginning != "BATCH":
            return ask("GET", _filled(beginning, words))
        entries = [{"request": {"method": "GET", "url": _filled(b[6:], words)}} for b in BEGINNINGS[:5]]
        return ask("POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": entries})


def shows(got: Got) -> bool:
    """Whether any record is in an answer; what was asked for may be in its links."""
    if got.status != 200:
        return False
    return got.json["resourceType"] != "Bundle" or any(_records(got.json))


def _records(bundle: Any) -> Iterator[Any]:
    """What entries hold, also those of a Bundle inside."""
    for entry in bundle.get("entry", ()):
        found = entry.get("resource", {})
        if found.get("resourceType") == "Bundle":
            yield from _records(found)
        elif found.get("resourceType") not in (None, "OperationOutcome"):
            yield found


def _filled(text: str, words: dict[str, str]) -> str:
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all: each case ends with the consent revoked."""
    with placed(tmp_path_factory.mktemp("revoked"), Still()) as place:
        person = place.participant()
        place.treated(person)
        visits = [place.session(person) for _ in range(VISITS)]
        for visit in visits:
            for number in range(VERSIONS - 1):
                read = place.staff("GET", f"/fhir/Encounter/{visit}").json
                changed = read | {"language": ("en", "de")[number % 2]}
                assert place.staff("PUT", f"/fhir/Encounter/{visit}", changed).status == 200
        yield Scene(place, place.client("provider-ehr", THEIRS, "system/*.rs"), person, visits)


def following(got: Got) -> str | None:
    """The address of the next page."""
    links = got.json.get("link", ()) if got.status == 200 else ()
    return next((path(link["url"]) for link in links if link["relation"] == "next"), None)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_page_after_a_revocation_shows_anything(scene: Scene, shard: int) -> None:
    """Several walks, begun before, take their steps in any order; in the middle of it the consent is taken back."""
    for number in range(INTERLEAVINGS):
        draw = random.Random(f"{shard}-{number}")
        consent = scene.place.consent(scene.person)
        begun = draw.choices(BEGINNINGS, k=draw.randint(1, 3))
        walks: list[str | None] = []
        for beginning in begun:
            got = scene.request(beginning)
            assert shows(got), (beginning, got)
            walks.append(following(got))
        for _ in range(draw.randint(0, 4)):
            _step(scene, draw, walks, shown=True)
        scene.place.revoked(consent)
        for _ in range(draw.randint(1, 4)):
            _step(scene, draw, walks, shown=False)
        later = scene.request(draw.choice(BEGINNINGS))
        assert not shows(later), (shard, number, later)


def _step(scene: Scene, draw: random.Random, walks: list[str | None], *, shown: bool) -> None:
    """The next page of one of the walks."""
    at = draw.randrange(len(walks))
    url = walks[at]
    if url is None:
        return
    got = scene.provider("GET", url)
    assert got.status == 200 or not shown
    assert shown or not shows(got), (url, got)
    walks[at] = following(got)


class Seen(NamedTuple):
    """One answer to a reader: when it was asked for and when it was there."""

    asked: float
    answered: float
    shown: bool
    what: str


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_reader_beside_a_revocation_sees_anything_that_was_asked_for_after_its_commit(
    scene: Scene, shard: int
) -> None:
    """Readers in threads of their own go on asking; a revocation that is acknowledged holds for all of them."""
    with ExitStack() as stack:
        senders = [stack.enter_context(_reader(scene.place.program, scene.provider.token)) for _ in range(READERS)]
        pool = stack.enter_context(ThreadPoolExecutor(READERS))
        for number in range(ROUNDS):
            consent, seen, end = scene.place.consent(scene.person), list[Seen](), threading.Event()
            granted = perf_counter()
            readers = [
                pool.submit(_read, scene, sender, random.Random(f"{shard}-{number}-{n}"), seen, end)
                for n, sender in enumerate(senders)
            ]
            while len(seen) < 2 * READERS:
                end.wait(0.001)
            begun = perf_counter()
            scene.place.revoked(consent)
            revoked, before = perf_counter(), len(seen)
            while len(seen) < before + 2 * READERS:
                end.wait(0.001)
            end.set()
            for reader in readers:
                reader.result(60)
            assert [one for one in seen if one.asked > revoked and one.shown] == []
            assert [one for one in seen if one.asked > granted and one.answered < begun and not one.shown] == []


class _reader:
    """A server of the same program on a loop of its own, and the provider at it."""

    def __init__(self, program: Program, token: str) -> None:
        self._client = Client(app.asgi(program))
        self._token = token

    def __enter__(self) -> Sender:
        return Sender(self._client, self._token)

    def __exit__(self, *_: object) -> None:
        self._client.close()


def _read(scene: Scene, sender: Sender, draw: random.Random, seen: list[Seen], end: threading.Event) -> None:
    while not end.is_set():
        what = draw.choice(BEGINNINGS)
        asked = perf_counter()
        got = scene.request(what, sender)
        seen.append(Seen(asked, perf_counter(), shows(got), what))
