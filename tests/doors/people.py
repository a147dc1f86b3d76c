"""Invented resources for tests."""

from __future__ import annotations

from typing import Any

from tests.doors.serving import BASE, Client, Got

Json = dict[str, Any]


def patient(**more: Any) -> Json:
    """A patient."""
    return {"resourceType": "Patient", "name": [{"family": "Invented", "given": ["Ada"]}], "gender": "female"} | more


def observation(subject: str, **more: Any) -> Json:
    """A finding that no concept of ours claims."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "mood"},
        "subject": {"reference": subject},
        "effectiveDateTime": "2026-03-02T09:00:00-05:00",
        "valueString": "steady",
    } | more


def created(client: Client, resource: Json) -> Got:
    """The resource, created."""
    got = client("POST", f"/fhir/{resource['resourceType']}", resource)
    assert got.status == 201, got.body
    return got


def reference(got: Got) -> str:
    """`Type/id` of a resource just read or written."""
    return f"{got.json['resourceType']}/{got.id}"


def path(url: str) -> str:
    """The address of a link, without the server."""
    return url.removeprefix(BASE.removesuffix("/fhir"))
