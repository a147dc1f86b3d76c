"""Two programs in one process: east, which is full, and west, whose client must not be able to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from adapter import app
from adapter.interactions.program import Program
from tests.doors.people import created, observation, patient, reference
from tests.doors.serving import Client, Got, opened

Json = dict[str, Any]
FIRST_ID = {"east": 0xEA5700000000, "west": 1}
"""East's ids are none of west's."""
PEOPLE = 5


class Steps:
    """A clock that goes on with each request to its program, not with each look at it: a store at rest looks too."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Mounted(Client):
    """A client of one program: what it says of `/fhir` and `/iop` goes to where the program stands."""

    def __init__(self, east: Program, west: Program, name: str = "west") -> None:
        super().__init__(app.asgi({"east": east, "west": west}, open_reason="a test"))
        self._name, self._clock = name, {"east": east, "west": west}[name].clock

    async def send(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Got:
        """One request, awaited."""
        if isinstance(self._clock, Steps):
            self._clock.now += timedelta(seconds=1)
        return await super().send(method, f"/{self._name}{url}", body, headers)


@contextmanager
def at(folder: Path, name: str, **changes: Any) -> Iterator[Program]:
    """The program of this name, its key the same at each run, so that only what it holds may differ."""
    (folder / name).mkdir()
    (folder / name / "secret").write_bytes(name.encode() * 8)
    with opened(folder / name, FIRST_ID[name], Steps(), **changes) as program:
        yield program


@contextmanager
def client_at(east: Program, west: Program, name: str = "west") -> Iterator[Mounted]:
    """A client of the program of this name, mounted beside the other."""
    client = Mounted(east, west, name)
    try:
        yield client
    finally:
        client.close()


def fill(client: Client, system: str) -> dict[str, str]:
    """Write of everything some; what a guesser at the other program could know of it, by the words of a story."""
    people = [created(client, _person(number, system)) for number in range(PEOPLE)]
    person = people[0]
    assert client("PUT", f"/fhir/Patient/{person.id}", person.json | {"gender": "other"}).status == 200
    findings = [created(client, observation(reference(person))) for _ in range(3)]
    gone = created(client, patient())
    assert client("DELETE", f"/fhir/Patient/{gone.id}").status == 204
    created(client, {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": reference(person)}})
    bookings = [_booked(client, f"00000000-0000-7000-8000-00000000000{number}") for number in range(3)]
    pages = {
        "{search page}": "/fhir/Patient?_count=1",
        "{history page}": f"/fhir/Patient/{person.id}/_history?_count=1",
        "{everything page}": f"/fhir/Patient/{person.id}/$everything?_count=1",
        "{compartment page}": f"/fhir/Patient/{person.id}/Observation?_count=1",
        "{list page}": "/iop/participant?limit=1",
        "{pending page}": "/iop/pending?limit=1",
    }
    words = {"{hidden}": person.id, "{finding}": findings[0].id, "{gone}": gone.id, "{booking}": bookings[0].id}
    return words | {word: following(client, url) for word, url in pages.items()} | {"{system}": system}


def _person(number: int, system: str) -> Json:
    keys = {system: f"004{2 + number}", "https://clinic.example/mrn": f"{1 + number}"}
    return patient(identifier=[{"system": name, "value": value} for name, value in keys.items()])


def _booked(client: Client, who: str) -> Got:
    times = {"planned_start": "2026-02-06T17:00:00Z", "planned_end": "2026-02-06T18:00:00Z"}
    got = client("POST", "/iop/booking", {"participant": who, "status": "booked"} | times)
    assert got.status == 201, got.body
    return got


def following(client: Client, url: str) -> str:
    """The query of the link to the next page of a list."""
    told = client("GET", url).json
    links = [told["next"]] if "next" in told else [one["url"] for one in told["link"] if one["relation"] == "next"]
    assert len(links) == 1, told
    return urlsplit(links[0]).query


def filled(text: str, words: Mapping[str, str]) -> str:
    """The text with what its words stand for."""
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text
