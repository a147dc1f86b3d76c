"""What this server can do, generated from what is really there: routes and index parameters.

Profiles are named once they can be read here, and search parameters of our own by their definition likewise.
https://hl7.org/fhir/R4/capabilitystatement.html
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from adapter.consent.gate import publish
from adapter.fhir.canonical import BASE
from adapter.fhir.json import dump
from adapter.fhir.query import Field
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
        "date": _changed(program.settings.mappings),
        "kind": "instance",
        "software": {"name": "iop-fhir-adapter", "version": version("iop-fhir-adapter")},
        "implementation": {"description": "Records of an intensive outpatient program", "url": program.base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
    }


@cache
def _changed(maps: Path) -> str:
    """When what the statement is made of last changed: the file time of the youngest map, in UTC, as installed."""
    newest = max(path.stat().st_mtime for path in maps.rglob("*.toml"))
    return datetime.fromtimestamp(int(newest), UTC).isoformat()


def _parameter(field: Field) -> dict[str, Any]:
    claim = {"name": field.code, "type": field.kind}
    if not field.url.startswith(f"{BASE}/"):
        claim["definition"] = field.url
    if field.modifiers:
        claim["documentation"] = f"modifiers: {', '.join(field.modifiers)}"
    return claim


def _resource(program: Program, type: str, interactions: Collection[str]) -> dict[str, Any]:
    here = (*READING, *WRITING) if writable(type) else READING
    return {
        "type": type,
        "interaction": [{"code": code} for code in here if code in interactions],
        "versioning": "versioned",
        "readHistory": "vread" in interactions,
        "updateCreate": False,
        "conditionalCreate": writable(type),
        "conditionalRead": "full-support",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        # Not "enforced": a record that others point to can be deleted, and what then dangles is listed as pending.
        "referencePolicy": ["literal", "logical", "local"],
        "searchParam": [_parameter(field) for field in program.store.index.parameters(type).values()],
    }
