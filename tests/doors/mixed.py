"""A program of which some episodes are under HIPAA alone, and what others see of their records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapter.consent.labels import PART2
from adapter.store.check import check
from tests.doors.test_guarded import OURS, THEIRS, Json, Place, Sender, placed
from tests.doors.test_payers import covered, payer

POSTURE = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-part2-posture"
OF_EPISODE = "http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare"

OUR_LINK = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-episode-link"


def episode(person: str, posture: str | None = None, **more: Any) -> Json:
    """An episode that says this of its posture."""
    said = {"extension": [{"url": POSTURE, "valueCode": posture}]} if posture else {}
    return {
        "resourceType": "EpisodeOfCare",
        "status": "active",
        "patient": {"reference": f"Patient/{person}"},
        **said,
        **more,
    }


def link(id: str) -> Json:
    return {"reference": f"EpisodeOfCare/{id}"}


@contextmanager
def mixed(folder: Path, *clock: Any, **more: Any) -> Iterator[Place]:
    """A mixed program; references may come before what they point to."""
    with placed(folder, *clock, posture="mixed", references="pending", **more) as place:
        yield place


class Sides:
    """A patient who is treated by a provider and covered by a payer, neither of whom has a consent; and the program's
    own EHR."""

    def __init__(self, place: Place) -> None:
        self.place, self.person = place, place.participant()
        place.treated(self.person)
        covered(place, self.person)
        self.ehr = place.client("program-ehr", OURS)
        self.provider, self.payer = place.client("provider-ehr", THEIRS), payer(place)

    def opened(self, posture: str | None = None, **more: Any) -> str:
        """An episode of the patient; its id."""
        got = self.ehr("POST", "/fhir/EpisodeOfCare", episode(self.person, posture, **more))
        assert got.status == 201, got.body
        return got.id

    def says(self, id: str, posture: str | None, **more: Any) -> Any:
        """The episode says this from now on."""
        said = {**episode(self.person, posture, **more), "id": id}
        got = self.place.staff("PUT", f"/fhir/EpisodeOfCare/{id}", said)
        assert got.status in (200, 201), got.body
        return got

    def visit(self, *episodes: str, **more: Any) -> str:
        """A visit in these episodes; its id."""
        in_them = {"episodeOfCare": [link(one) for one in episodes]} if episodes else {}
        return self.place.session(self.person, **more, **in_them)

    def moved(self, id: str, *episodes: str) -> None:
        """The visit is in these episodes from now on."""
        stored = self.place.staff("GET", f"/fhir/Encounter/{id}").json
        rest = {name: value for name, value in stored.items() if name != "episodeOfCare"}
        visit = {**rest, "episodeOfCare": [link(one) for one in episodes]} if episodes else rest
        assert self.place.staff("PUT", f"/fhir/Encounter/{id}", visit).status == 200

    def seen(self, type: str) -> set[str]:
        """What both see of the patient's records of a type; it is the same."""
        found = [self.seen_by(asker, type) for asker in (self.provider, self.payer)]
        assert found[0] == found[1]
        return found[0]

    def seen_by(self, asker: Sender, type: str) -> set[str]:
        """What somebody sees of them."""
        return ids(asker, f"{type}?{'_id' if type == 'Patient' else 'patient'}={self.person}")


def ids(asker: Sender, url: str) -> set[str]:
    got = asker("GET", f"/fhir/{url}")
    assert got.status == 200, got.body
    return {entry["resource"]["id"] for entry in got.json.get("entry", ())}


def protected(place: Place, *names: str) -> dict[str, bool]:
    """Whether part 2 protects each of these records (`Type/id`): all versions and sides of it alike."""
    found: dict[str, set[bool]] = {}
    sql = "SELECT labels FROM version WHERE type = ? AND id = ? AND rendering IN (0, 1)"
    with place.program.store.asking() as database:
        for name in names:
            rows = database.execute(sql, tuple(name.split("/"))).fetchall()
            found[name] = {bool(labels & PART2) for (labels,) in rows}
    assert all(len(one) == 1 for one in found.values()), found
    return {name: True in one for name, one in found.items()}


def faults(place: Place) -> list[str]:
    """What is not as the texts in the store say."""
    with place.program.store.asking() as database:
        return check(database, place.program.store.index).faults
