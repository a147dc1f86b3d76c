"""Invented Encounters and Appointments as lines of NDJSON: some weeks of some episodes, of every kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

ACT_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
OURS = "https://iop-fhir-adapter.org/fhir/StructureDefinition/iop-"
_FIRST = datetime(2026, 1, 5, 17, tzinfo=UTC)


def sessions(number: int, episodes: int = 7) -> Iterator[str]:
    """So many, three of each episode a week: with typed minutes, counted ones with a break, in error, or going on."""
    for n in range(number):
        start = _FIRST + timedelta(days=7 * (n // (3 * episodes)) + 2 * (n // episodes % 3))
        end, pause = start + timedelta(minutes=180 + n % 5), start + timedelta(minutes=90)
        break_ = {"start": pause.isoformat(), "end": (pause + timedelta(minutes=15)).isoformat()}
        said: dict[str, Any] = {
            "resourceType": "Encounter",
            "id": f"s{n}",
            "extension": [{"url": f"{OURS}session-break", "valuePeriod": break_}],
            "status": "entered-in-error" if n % 50 == 7 else "in-progress" if n % 50 == 8 else "finished",
            "class": {"system": ACT_CODES, "code": "VR" if n % 4 == 0 else "AMB"},
            "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "76168009"}]}],
            "subject": {"reference": f"Patient/p{n % episodes}"},
            "episodeOfCare": [{"reference": f"EpisodeOfCare/e{n % episodes}"}],
            "period": {"start": start.isoformat()} | ({} if n % 50 == 9 else {"end": end.isoformat()}),
        }
        if n % 3 == 0 and n % 50 != 9 and said["status"] == "finished":
            minutes = {"value": 165 + n % 5, "unit": "min", "system": "http://unitsofmeasure.org", "code": "min"}
            said["length"] = minutes
        yield json.dumps(said)


def bookings(number: int, episodes: int = 7) -> Iterator[str]:
    """So many, of every state; some that no map can read whole."""
    states = ("fulfilled", "fulfilled", "noshow", "cancelled", "cancelled", "booked")
    for n in range(number):
        start = _FIRST + timedelta(days=7 * (n // (3 * episodes)) + 2 * (n // episodes % 3))
        extension = [{"url": f"{OURS}episode-link", "valueReference": {"reference": f"EpisodeOfCare/e{n % episodes}"}}]
        if n % 6 == 3:
            code = {"system": "https://iop-fhir-adapter.org/fhir/CodeSystem/absence", "code": "late-cancelled"}
            extension.append({"url": f"{OURS}absence", "valueCoding": code})
        if n % 40 == 2:
            extension.append({"url": f"{OURS}absence", "valueCoding": {"system": "urn:elsewhere", "code": "odd"}})
        said = {
            "resourceType": "Appointment",
            "id": f"b{n}",
            "extension": extension,
            "status": states[n % 6],
            "start": start.isoformat(),
            "end": (start + timedelta(hours=3)).isoformat(),
            "participant": [{"actor": {"reference": f"Patient/p{n % episodes}"}, "status": "accepted"}],
        }
        yield json.dumps(said)
