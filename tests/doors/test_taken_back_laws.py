"""Whatever is said, repeated, named, deleted and taken back in whatever order: the store is as its texts and what was
taken back say, no other label is lowered, and indexed anew it is the same."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapter.store.check import check
from tests.doors.test_guarded import OURS, Place, placed
from tests.doors.test_guarded import officer as privacy_officer
from tests.doors.test_labels_shown import V, condition, label, made
from tests.doors.test_taken_back import ODD, SAID, take_back, whole

Json = dict[str, Any]
HIV, SUD = label("HIV"), label("SUD")
KEYS = {"V": SAID, "odd": f"{ODD['system']}|watched", "HIV": f"{HIV['system']}|HIV", "SUD": f"{SUD['system']}|SUD"}
CODINGS = {"V": V, "odd": ODD, "HIV": HIV, "SUD": SUD}
RECORDS = ("a", "b")
WORDS = st.lists(st.sampled_from(sorted(KEYS)), unique=True, max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(RECORDS), WORDS, st.sampled_from(("J45.20", "B20")), st.booleans()),
    st.tuples(st.just("name"), st.sampled_from(RECORDS)),
    st.tuples(st.just("delete"), st.sampled_from(RECORDS)),
    st.tuples(st.just("take back"), st.sampled_from(RECORDS), WORDS.filter(bool)),
)
_NOT = (404, 409, 410, 422)


class History:
    """Two records of one person and what was done to them."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._ehr, self._officer = place.client("program-ehr", OURS), privacy_officer(place)
        self._person = place.participant()
        self._ids = {name: made(self._ehr, condition(self._person, "J45.20")).id for name in RECORDS}

    def do(self, what: str, name: str, *more: Any) -> None:
        at = f"Condition/{self._ids[name]}"
        if what == "write":
            self._write(name, at, *more)
        elif what == "delete":
            self._ehr("DELETE", f"/fhir/{at}")
        elif what == "name":
            other = next(each for each in RECORDS if each != name)
            detail = {"reference": f"Condition/{self._ids[other]}", "display": "said of it"}
            self._write(name, at, [], "J45.20", True, evidence=[{"detail": [detail]}])
        else:
            self._taken(at, *more)

    def _write(self, name: str, at: str, words: list[str], code: str, known: bool, **more: Any) -> None:
        said = condition(self._person, code, *(CODINGS[word] for word in words), **more)
        etag = self._ehr("GET", f"/fhir/{at}").headers.get("etag")
        seen = {"if-match": etag} if known and etag else {}
        got = self._ehr("PUT", f"/fhir/{at}", {**said, "id": self._ids[name]}, **seen)
        # A reference to a record that was deleted is refused.
        assert got.status in (200, 201, 422), got.body

    def _taken(self, at: str, words: list[str]) -> None:
        before = self._labels()
        got = take_back(self._officer, at, *(KEYS[word] for word in words))
        assert got.status in (200, *_NOT), got.body
        after = self._labels()
        if got.status != 200:
            assert after == before
            return
        for key, labels in after.items():
            # Less is left of what was taken back alone, and never nothing.
            assert labels
            assert labels & ~before[key] == 0
            assert (before[key] & ~labels).bit_count() <= len(words)

    def _labels(self) -> dict[tuple[str, str], int]:
        with self._place.program.store.asking() as database:
            newest = "SELECT type, id, labels FROM version WHERE until_t IS NULL AND rendering = 0"
            return {(type, id): labels for type, id, labels in database.execute(newest).fetchall()}


@settings(max_examples=12)
@example([("write", "a", ["V"], "J45.20", True), ("name", "b"), ("take back", "a", ["V"]), ("delete", "a")])
@example([("write", "a", ["HIV"], "B20", True), ("write", "a", [], "J45.20", True), ("take back", "a", ["HIV"])])
@given(st.lists(STEPS, min_size=3, max_size=12))
def test_the_store_is_as_its_texts_and_what_was_taken_back_say(steps: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder, placed(Path(folder) / "it") as place:
        history = History(place)
        for step in steps:
            history.do(*step)
            with place.program.store.asking() as database:
                assert check(database, place.program.store.index).faults == [], step
        whole(place, Path(folder))
