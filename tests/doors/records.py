"""Native records of plainly invented people, for tests of the native doors."""

from __future__ import annotations

from typing import Any

from tests.doors.serving import Client, Got

Json = dict[str, Any]
UUID = "6b1f7c1e-4c1d-4b60-9a0e-0f3b1c2d4e5f"


def ada(**more: Any) -> Json:
    """A participant."""
    return {"names": [{"family": "Invented", "given": ["Ada"]}], "birth_date": "1990-01-02", "sex": "female"} | more


def booking(participant: Any, day: int, **more: Any) -> Json:
    """A booked session."""
    return {
        "participant": participant,
        "status": "booked",
        "kind": "individual",
        "planned_start": f"2026-03-{day:02}T14:00:00Z",
        "planned_end": f"2026-03-{day:02}T15:00:00Z",
    } | more


def posted(client: Client, concept: str, record: Json) -> Got:
    """The record, written."""
    got = client("POST", f"/iop/{concept}", record)
    assert got.status == 201, got.body
    return got
