"""What the peers are given and asked: patients with screenings, in transactions of a hundred, and twelve questions.

The resources have identifiers of ours, so that answers of different servers can be compared whatever ids they give.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.bench.bench_http import OBSERVATION

Json = dict[str, Any]
PATIENTS, RESULTS, SIZE = 1_000, 9, 100
COMMON, RARE, SOME = 30, 5, 200
LOINC, PEOPLE, SCREENINGS = "http://loinc.org", "https://practice.example.org/people", "https://practice.example.org/s"


class Question(NamedTuple):
    """A kind of request: its name, and addresses below the base, asked in turn."""

    name: str
    paths: list[str]


def transactions() -> Iterator[Json]:
    """Ten patients each, with nine screenings of each, linked within the transaction."""
    each = SIZE // (RESULTS + 1)
    for start in range(0, PATIENTS, each):
        entries = [entry for number in range(start, start + each) for entry in _person(number)]
        yield {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _person(number: int) -> Iterator[Json]:
    name, *names = (f"urn:uuid:0192f1c4-7d0e-7a51-9c1{place:x}-{number:012x}" for place in range(RESULTS + 1))
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": PEOPLE, "value": f"P{number}"}],
        "name": [{"family": f"Family{number}", "given": ["Invented"]}],
        "gender": "female" if number % 2 else "male",
        "birthDate": "1980-02-03",
    }
    yield {"fullUrl": name, "resource": patient, "request": {"method": "POST", "url": "Patient"}}
    for place in range(RESULTS):
        screening = _screening(name, _code(number, place), number * RESULTS + place)
        request = {"method": "POST", "url": "Observation"}
        yield {"fullUrl": names[place], "resource": screening, "request": request}


def _code(number: int, place: int) -> str:
    """Every fiftieth patient has a certain rare one; the others are spread evenly."""
    rare = place == 0 and number % 50 < RARE
    return f"r{number % 50}" if rare else f"c{(number * 7_919 + place * 104_729) // 7 % COMMON}"


def _screening(patient: str, code: str, number: int) -> Json:
    """At a time of its own: which are the newest has one answer."""
    taken = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 7_919 % 1_000_003)
    return OBSERVATION | {
        "identifier": [{"system": SCREENINGS, "value": f"S{number}"}],
        "code": {"coding": [{"system": LOINC, "code": code}], "text": "a screening"},
        "subject": {"reference": patient},
        "effectiveDateTime": taken.isoformat(timespec="seconds"),
        "valueInteger": number % 22,
    }


def questions(ids: dict[str, list[str]]) -> list[Question]:
    """All but the create, for a server that gave these ids, by type and in the order of what it was given."""
    rng = random.Random(8)
    numbers = rng.sample(range(PATIENTS), SOME)
    patients = [ids["Patient"][number] for number in numbers]
    codes = [quote(f"{LOINC}|c{number}") for number in range(COMMON)]
    rare = [quote(f"{LOINC}|r{number}") for number in range(RARE)]
    both = [f"patient={ids['Patient'][number]}&code={quote(f'{LOINC}|{_code(number, 1)}')}" for number in numbers]
    newest = "_sort=-date&_count=50"
    return [
        Question("read by id", [f"Observation/{one}" for one in rng.sample(ids["Observation"], SOME)]),
        Question("50 newest", [f"Observation?{newest}"]),
        Question("50 newest of a code", [f"Observation?code={code}&{newest}" for code in codes]),
        Question("by patient", [f"Observation?patient={one}" for one in patients]),
        Question("by patient and code", [f"Observation?{one}" for one in both]),
        Question("chain to one", [f"Observation?patient.identifier={_person_token(number)}" for number in numbers]),
        Question("chain that half fit, code", [f"Observation?patient.gender=male&code={c}&{newest}" for c in codes]),
        Question("_include", [f"Observation?code={c}&_include=Observation:patient&{newest}" for c in codes]),
        Question("_has of a rare code", [f"Patient?_has:Observation:patient:code={code}&_count=50" for code in rare]),
        Question("$everything", [f"Patient/{one}/$everything" for one in patients]),
        Question("_total=accurate", [f"Observation?code={c}&_total=accurate&_sort=-date&_count=10" for c in codes]),
    ]


def _person_token(number: int) -> str:
    return quote(f"{PEOPLE}|P{number}")


def created(patient: str) -> Json:
    """What is created again and again: a screening without an identifier."""
    made = _screening(f"Patient/{patient}", "c7", PATIENTS * RESULTS)
    return {name: value for name, value in made.items() if name != "identifier"}


class Answer(NamedTuple):
    """What an answer says that no server is free to say otherwise."""

    status: int
    found: frozenset[str] = frozenset()
    included: frozenset[str] = frozenset()
    total: int | None = None

    def __str__(self) -> str:
        if self.status != 200:
            return f"status {self.status}"
        more = f", {len(self.included)} included" if self.included else ""
        return f"{len(self.found)} found{more}" + ("" if self.total is None else f", total {self.total}")


def answer(question: Question, status: int, body: Json) -> Answer:
    """The identifiers of what was found; the total only where it was asked for."""
    if status != 200:
        return Answer(status)
    entries = body.get("entry", []) if body["resourceType"] == "Bundle" else [{"resource": body}]
    modes: dict[str, set[str]] = {"match": set(), "include": set()}
    whole = question.name == "$everything"
    for entry in entries:
        mode = "match" if whole else entry.get("search", {}).get("mode", "match")
        for identifier in entry["resource"].get("identifier", []):
            modes.setdefault(mode, set()).add(identifier["value"])
    total = body.get("total") if "_total" in question.name else None
    return Answer(status, frozenset(modes["match"]), frozenset(modes["include"]), total)
