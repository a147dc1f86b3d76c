"""Whatever is opened, said otherwise, moved, named and deleted in whatever order: the records that part 2 protects are
those that a plain reading of all versions says, the store is as its texts say, and indexed anew it is the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.doors.mixed import OF_EPISODE, OUR_LINK, episode, link, mixed, protected
from tests.doors.test_guarded import Json, Place
from tests.doors.test_labels_shown import condition
from tests.doors.test_taken_back import whole

HISTORIES = {"quick": 25, "ci": 25, "full": 2_000}[os.environ.get("TEST_PROOF", "quick")]
EPISODES, VISITS, COVERAGES = ("e1", "e2"), ("v1", "v2"), ("c1", "c2")
IN = st.lists(st.sampled_from(EPISODES), unique=True, max_size=2)
STEPS = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(EPISODES), st.sampled_from(("hipaa", "hipaa", "part2", None))),
    st.tuples(st.just("move"), st.sampled_from(VISITS), IN),
    st.tuples(st.just("name"), st.sampled_from(VISITS), IN),
    st.tuples(st.just("cover"), st.sampled_from(COVERAGES), IN),
    st.tuples(st.just("delete"), st.sampled_from((*EPISODES, *VISITS, *COVERAGES))),
)
PROTECTED_AND_BACK = [
    *(("say", "e1", "hipaa"), ("move", "v1", ["e1"]), ("move", "v1", ["e2"]), ("move", "v1", ["e1"])),
    *(("say", "e2", "hipaa"), ("delete", "e2"), ("say", "e2", "hipaa"), ("say", "e1", None)),
]
BEFORE_ITS_EPISODE = [("move", "v1", ["e1"]), ("name", "v1", ["e2"]), ("say", "e2", "hipaa"), ("say", "e1", "hipaa")]
COVERED = [
    *(("cover", "c1", []), ("say", "e1", "hipaa"), ("cover", "c2", []), ("cover", "c1", ["e2"])),
    *(("say", "e2", "hipaa"), ("delete", "e1"), ("cover", "c2", ["e1"]), ("cover", "c2", []), ("say", "e1", "hipaa")),
]


class History:
    """Two episodes and two visits of one person, what names them, and what was said of each; ids are given natively."""

    numbers = iter(range(1, 10_000_000))

    def __init__(self, place: Place) -> None:
        self._place, self._person = place, place.participant()
        self._covers: dict[str, list[list[str]]] = {}
        self._says: dict[str, str | None] = {}
        self._versions: dict[str, list[list[str]]] = {}
        self._named: dict[str, tuple[str, list[str]]] = {}
        self._ids: dict[str, str] = {}
        number = next(self.numbers)
        self._keys = {name: f"e{name[1]}000000-0000-4000-8000-{number:012}" for name in EPISODES}

    def do(self, what: str, name: str, *more: Any) -> None:
        if what == "say":
            self._say(name, *more)
        elif what == "move":
            self._move(name, *more)
        elif what == "name":
            self._name(name, *more)
        elif what == "cover":
            self._cover(name, *more)
        else:
            self._delete(name)

    def _say(self, name: str, posture: str | None) -> None:
        said: Json = {
            "participant": self._person,
            "status": "active",
            **({"part2_posture": posture} if posture else {}),
        }
        url = f"/iop/episode/{self._keys[name]}"
        if name in self._says:
            url = f"/fhir/EpisodeOfCare/{self._keys[name]}"
            said = {**episode(self._person, posture), "id": self._keys[name]}
        got = self._place.staff("PUT", url, said)
        assert got.status in (200, 201), got.body
        self._says[name] = posture

    def _move(self, name: str, episodes: list[str]) -> None:
        places = {"episodeOfCare": [link(self._keys[one]) for one in episodes]} if episodes else {}
        if name not in self._ids:
            self._ids[name], self._versions[name] = self._place.session(self._person, **places), []
        else:
            url = f"/fhir/Encounter/{self._ids[name]}"
            visit = {**_VISIT, "id": self._ids[name], "subject": {"reference": f"Patient/{self._person}"}, **places}
            got = self._place.staff("PUT", url, visit)
            assert got.status in (200, 201), got.body
        self._versions[name].append(episodes)

    def _cover(self, name: str, episodes: list[str]) -> None:
        """A coverage that points to these episodes."""
        whose = {"reference": f"Patient/{self._person}"}
        links = [{"url": OUR_LINK, "valueReference": link(self._keys[one])} for one in episodes]
        more = {"extension": links} if links else {}
        said = {"resourceType": "Coverage", "status": "active", "beneficiary": whose, **more}
        said["payor"] = [{"display": "A plan"}]
        if name not in self._ids:
            got = self._place.staff("POST", "/fhir/Coverage", said)
            self._ids[name], self._covers[name] = got.id, []
        else:
            got = self._place.staff("PUT", f"/fhir/Coverage/{self._ids[name]}", {**said, "id": self._ids[name]})
        assert got.status in (200, 201), got.body
        self._covers[name].append(episodes)

    def _name(self, name: str, episodes: list[str]) -> None:
        """A condition in these episodes that says more of a visit than where it is."""
        if name in self._ids:
            links = [{"url": OF_EPISODE, "valueReference": link(self._keys[one])} for one in episodes]
            detail = {"reference": f"Encounter/{self._ids[name]}", "display": "said there"}
            more = {"extension": links} if links else {}
            said = condition(self._person, "J45.20", evidence=[{"detail": [detail]}], **more)
            got = self._place.staff("POST", "/fhir/Condition", said)
            if got.status == 201:  # what names a visit that was deleted waits for it
                self._named[got.id] = name, episodes

    def _delete(self, name: str) -> None:
        if name in EPISODES and name in self._says:
            self._place.staff("DELETE", f"/fhir/EpisodeOfCare/{self._keys[name]}")
            self._says[name] = None
        elif name in self._ids:
            type = "Encounter" if name in VISITS else "Coverage"
            self._place.staff("DELETE", f"/fhir/{type}/{self._ids[name]}")

    def expected(self) -> dict[str, bool]:
        """The plain reading."""
        free = {name for name in EPISODES if self._says.get(name) == "hipaa"}

        def is_free(versions: list[list[str]]) -> bool:
            return bool(versions[-1]) and all(one in free for said in versions for one in said)

        found = {f"Patient/{self._person}": not free}
        found |= {f"EpisodeOfCare/{self._keys[name]}": name not in free for name in self._says}
        found |= {f"Encounter/{self._ids[name]}": not is_free(said) for name, said in self._versions.items()}
        for name, versions in self._covers.items():
            found[f"Coverage/{self._ids[name]}"] = not all(free.issuperset(said) if said else free for said in versions)
        for id, (name, episodes) in self._named.items():
            found[f"Condition/{id}"] = not is_free([episodes]) or found[f"Encounter/{self._ids[name]}"]
        return found


_VISIT: Json = {
    "resourceType": "Encounter",
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    "period": {"start": "2026-02-04T17:00:00Z", "end": "2026-02-04T18:00:00Z"},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with mixed(tmp_path_factory.mktemp("mixed") / "it") as place:
        yield place


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(PROTECTED_AND_BACK)
@example(BEFORE_ITS_EPISODE)
@example(COVERED)
@given(st.lists(STEPS, min_size=4, max_size=14))
def test_what_part_2_protects_is_what_all_versions_say(place: Place, steps: list[tuple[Any, ...]]) -> None:
    history = History(place)
    for step in steps:
        history.do(*step)
        expected = history.expected()
        assert protected(place, *expected) == expected, step


def test_indexed_anew_the_store_is_the_same(place: Place, tmp_path: Path) -> None:
    """After all those histories."""
    history = History(place)
    for step in (*PROTECTED_AND_BACK, *BEFORE_ITS_EPISODE, *COVERED[:3]):
        history.do(*step)
    whole(place, tmp_path)


def test_the_histories_reach_both(place: Place) -> None:
    history = History(place)
    for step in BEFORE_ITS_EPISODE:
        history.do(*step)
    history.do("say", "e1", "part2")
    assert set(history.expected().values()) == {True, False}
