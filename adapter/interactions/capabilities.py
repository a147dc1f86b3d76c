"""What this server can do, generated from what is really there: routes, index parameters, concept profiles.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import version
from typing import Any

from adapter.consent.gate import publish
from adapter.fhir.canonical import BASE, profile
from adapter.fhir.json import dump
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.interactions.types import served, writable

READING = ("read", "vread", "search-type")
WRITING = ("create", "update", "delete")


def capabilities(program: Program, interactions: Collection[str]) -> Answer:
    """200 with the CapabilityStatement of a door that offers these interactions (R4's names)."""
    system = [{"code": "transaction"}] if "transaction" in interactions else []
    rest = {
        "mode": "server",
        "security": {
            "description": "No authorization yet: it listens on loopback only, and whoever reaches it reads all."
        },
        "resource": [_resource(program, type, interactions) for type in sorted(served(program))],
        "interaction": system,
    }
    return Answer(200, publish(dump(_statement(program) | {"rest": [rest]})))


def _statement(program: Program) -> dict[str, Any]:
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{BASE}/CapabilityStatement/{program.name}",
        "name": "IopFhirAdapter",
        "title": f"FHIR R4 server of the intensive outpatient program {program.name}",
        "status": "active",
        "date": program.clock().isoformat(timespec="seconds"),
        "kind": "instance",
        "software": {"name": "iop-fhir-adapter", "version": version("iop-fhir-adapter")},
        "implementation": {"description": "Records of an intensive outpatient program", "url": program.base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
    }


def _resource(program: Program, type: str, interactions: Collection[str]) -> dict[str, Any]:
    here = (*READING, *WRITING) if writable(type) else READING
    entry: dict[str, Any] = {"type": type}
    profiles = sorted(
        {profile(concept.profile) for concept in program.maps.concepts.values() if concept.resource_type == type}
    )
    if profiles:
        entry["supportedProfile"] = profiles
    entry |= {
        "interaction": [{"code": code} for code in here if code in interactions],
        "versioning": "versioned",
        "readHistory": "vread" in interactions,
        "updateCreate": False,
        "conditionalCreate": writable(type),
        "conditionalRead": "full-support",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical", "local"]
        + (["enforced"] if program.settings.references == "enforce" else []),
        "searchParam": [
            {"name": field.code, "definition": field.url, "type": field.kind}
            | ({"documentation": f"modifiers: {', '.join(field.modifiers)}"} if field.modifiers else {})
            for field in program.store.index.parameters(type).values()
        ],
    }
    return entry
