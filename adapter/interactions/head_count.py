"""The head count of a group meeting: how many attended is computed from its sessions, by whatever door they change.

A session (Encounter) carries the meeting's id and the number attending, never who else was there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adapter.fhir.canonical import profile
from adapter.interactions.changes import Change
from adapter.interactions.consequences import Consequence, Reader
from adapter.mapping.load import Maps

Resource = dict[str, Any]
# The native words of mappings/concepts/session.toml that this rule reads and writes.
SESSION, MEETING, COUNT, PERSON = "session", "meeting", "attending", "participant"
GROUP = profile("iop-group-session")


def head_count(maps: Maps) -> Consequence:
    """When a session joins, leaves or changes a meeting, every session of that meeting gets the new number."""
    concept = maps.concepts[SESSION]

    def counted(resource: Resource, number: int) -> Iterator[Change]:
        held = _session(maps, resource)
        if held.get(COUNT) == number:
            return
        changed = concept.to_fhir(held | {COUNT: number}, resource, park=True)
        yield Change("update", resource["resourceType"], resource["id"], changed)

    def follow(before: Resource | None, after: Resource | None, reader: Reader) -> Iterator[Change]:
        held = (_session(maps, resource) for resource in (before, after))
        for meeting in sorted({session[MEETING] for session in held if MEETING in session}):
            ids = reader.holders(concept.resource_type, MEETING, meeting)
            sessions = [found for id in ids if (found := reader.current(concept.resource_type, id))]
            # Two sessions of one person are one person; a session that does not say whose it is, is somebody's.
            people = {_session(maps, session).get(PERSON, session["id"]) for session in sessions}
            for session in sessions:
                yield from counted(session, len(people))

    return Consequence("head count", frozenset({concept.resource_type}), follow)


def _session(maps: Maps, resource: Resource | None) -> dict[str, Any]:
    """The native session of a meeting; empty for any other resource."""
    # Most sessions are of one person: those are told from the outside, before any map reads them.
    if resource is None or not any(extension.get("url") == GROUP for extension in resource.get("extension", ())):
        return {}
    concept = maps.concept_of(resource)
    return concept.to_native(resource)[0] if concept is maps.concepts[SESSION] else {}
