"""What this server can do, generated from what is really there: routes and index parameters.

Profiles are named once they can be read here, and search parameters of our own by their definition likewise.
https://hl7.org/fhir/R4/capabilitystatement.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from adapter.consent.gate import publish
from adapter.fhir.canonical import BASE
from adapter.fhir.json import dump
from adapter.fhir.operations import Operation
from adapter.fhir.query import Field
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.interactions.published import PARAMETERS
from adapter.interactions.search_all import COMMON
from adapter.interactions.trail_asked import MADE
from adapter.interactions.types import served, writable

READING = ("read", "vread", "history-instance", "history-type", "search-type")
AT_BASE = ("transaction", "batch", "search-system", "history-system")
WRITING = ("create", "update", "patch", "delete")
_ROSTERS = (
    "A payer has one Group, its roster, and searches it by _id and identifier alone. The program's own clients find "
    f"rosters by the status of episodes with identifier={BASE}/roster|; they are made when they are asked for and have "
    "no history."
)
_GUIDE = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
_SUBSCRIPTION = f"{_GUIDE}backport-subscription"
_TOPIC = f"{_GUIDE}capabilitystatement-subscriptiontopic-canonical"


class Offered(NamedTuple):
    """What a door offers: interactions by R4's names, and operations with the types they are there for.

    Instead of a type, "system" is the base, "any" every type, "records" and "published" those that clients may write,
    and may not.
    """

    interactions: Collection[str]
    operations: Sequence[tuple[Operation, str]]
    guarded: bool = False
    """Whether clients must prove themselves."""


_OPEN = {
    "description": "Started open: it listens on loopback only, and whoever reaches it reads and writes all. What "
    "leaves has the labels of its sender; _security finds this server's too."
}
# https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html; what is hidden is told once here, and nowhere else.
_GUARDED = {
    "cors": False,
    "service": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                    "code": "SMART-on-FHIR",
                    "display": "SMART-on-FHIR",
                }
            ],
            "text": "SMART Backend Services; its addresses are in .well-known/smart-configuration",
        }
    ],
    "description": "What a client may not see is answered as if it were not there, for every client and every patient "
    "alike (42 CFR 2.13). 42 CFR part 2 prohibits unauthorized use or disclosure of these records. What leaves has in "
    "meta.security the labels of its sender and of this server, a Bundle those of what may be in it; _security finds "
    "both. This server's are not written by clients, and what is sent back with them is as it was.",
}


def capabilities(program: Program, offered: Offered) -> Answer:
    """200 with the CapabilityStatement of a door that offers this."""
    system = [{"code": code} for code in AT_BASE if code in offered.interactions]
    common = program.store.index.parameters("Basic")
    there = dict.fromkeys(o for o, on in offered.operations if on == "system")
    at_base = [_operation(operation) for operation in there]
    rest = {
        "mode": "server",
        "security": _GUARDED if offered.guarded else _OPEN,
        "resource": [_resource(program, type, offered) for type in sorted(served(program))],
        "interaction": system,
        "searchParam": [_parameter(common[code]) for code in COMMON],
        "compartment": ["http://hl7.org/fhir/CompartmentDefinition/patient"],
        **({"operation": at_base} if at_base else {}),
    }
    more = {
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "application/fhir+xml", "json", "xml"],
        "patchFormat": ["application/json-patch+json", "application/fhir+json", "application/fhir+xml"],
        "rest": [rest],
    }
    return Answer(200, publish(dump(statement(program, "CapabilityStatement") | more)))


def statement(program: Program, type: str) -> dict[str, Any]:
    """What the statements of a running server have in common: what it is, and since when it says so."""
    return {
        "resourceType": type,
        "url": f"{BASE}/{type}/{program.name}",
        "name": "IopFhirAdapter",
        "title": f"FHIR R4 server of {program.name}, an intensive outpatient program",
        "status": "active",
        "date": _changed(program.settings.mappings),
        "kind": "instance",
        "software": {"name": "iop-fhir-adapter", "version": version("iop-fhir-adapter")},
        "implementation": {"description": "Records of an intensive outpatient program", "url": program.base_url},
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


def _resource(program: Program, type: str, offered: Offered) -> dict[str, Any]:
    operations = [
        _operation(operation)
        for operation, on in offered.operations
        if on in ("any", type, "records" if writable(type) else "published")
    ]
    unique = [operation for number, operation in enumerate(operations) if operation not in operations[:number]]
    claims = _record(program, type, offered.interactions) if writable(type) else _published(offered.interactions)
    if offered.guarded and type in MADE:
        claims = _made(MADE[type])
    supported = program.published.supported.get(type)
    if offered.guarded and type == "Subscription":
        claims, supported = _subscription(program), [_SUBSCRIPTION]
    profiles = {"supportedProfile": supported} if supported else {}
    if offered.guarded and type == "Group":
        claims = claims | {"documentation": _ROSTERS}
    return {"type": type, **profiles, **claims, **({"operation": unique} if unique else {})}


def _operation(operation: Operation) -> dict[str, Any]:
    said = {"documentation": operation.comment} if operation.comment else {}
    return {"name": operation.code, "definition": operation.url, **said}


def _published(interactions: Collection[str]) -> dict[str, Any]:
    """What the program says about itself is made from its maps: it has no versions and no writers."""
    return {
        "interaction": [{"code": code} for code in ("read", "search-type") if code in interactions],
        "versioning": "no-version",
        "searchParam": [{"name": name, "type": kind} for name, kind in PARAMETERS.items()],
    }


def _made(parameters: Mapping[str, str]) -> dict[str, Any]:
    """What is made of rows when it is asked for."""
    return {
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "searchParam": [{"name": name, "type": kind} for name, kind in parameters.items()],
    }


def _subscription(program: Program) -> dict[str, Any]:
    """What is kept apart from the records: with the topics that it may be of, as R4 has them said here."""
    topics = [topic.url for topic in program.maps.topics.values()]
    return {
        "extension": [{"url": _TOPIC, "valueCanonical": url} for url in topics],
        "interaction": [{"code": code} for code in ("read", "search-type", "create", "delete")],
        "versioning": "no-version",
        "searchParam": [{"name": name, "type": "token"} for name in ("_id", "status")],
    }


def _record(program: Program, type: str, interactions: Collection[str]) -> dict[str, Any]:
    pointed = [
        f"{other}:{code}"
        for other in sorted(served(program))
        if writable(other)
        for code in _references(program, other, type)
    ]
    includes = {
        "searchInclude": [f"{type}:{code}" for code in _references(program, type)],
        "searchRevInclude": pointed,
    }
    return {
        "interaction": [{"code": code} for code in (*READING, *WRITING) if code in interactions],
        "versioning": "versioned",
        "readHistory": "vread" in interactions,
        "updateCreate": False,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        # Not "enforced": a record that others point to can be deleted, and what then dangles is listed as pending.
        "referencePolicy": ["literal", "logical", "local"],
        **{name: claims for name, claims in includes.items() if claims},
        "searchParam": [_parameter(field) for field in program.store.index.parameters(type).values()],
    }


def _references(program: Program, type: str, target: str | None = None) -> list[str]:
    """The reference parameters of a type, or those of them that may point to another."""
    fields = program.store.index.parameters(type).items()
    return [
        code
        for code, field in fields
        if field.kind == "reference" and (target is None or not field.targets or target in field.targets)
    ]
