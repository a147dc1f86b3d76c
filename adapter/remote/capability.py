"""What a partner's server says it can do, which decides what is asked of it.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Resource = dict[str, Any]
RELEASE = "4.0."
"""What its FHIR version begins with: R4, with its technical corrections."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be done with one type: codes of interactions, and names of search parameters."""

    interactions: frozenset[str]
    parameters: frozenset[str]
    conditional_create: bool = False


NOTHING = Offered(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Capability:
    """What a server can do; `version` is that of FHIR, `software` what it calls itself, `operations` are the canonical
    addresses of those that it has at its base."""

    version: str
    software: str
    transaction: bool
    types: Mapping[str, Offered]
    operations: frozenset[str] = frozenset()

    def of(self, type: str) -> Offered:
        """What can be done with a type; nothing with one that it does not name."""
        return self.types.get(type, NOTHING)

    def can(self, type: str, interaction: str) -> bool:
        """Whether an interaction with a type is offered."""
        return interaction in self.of(type).interactions


def capability(said: Resource) -> Capability:
    """What a CapabilityStatement says; what it says in another form than R4's is not offered."""
    rest = next((one for one in _objects(said.get("rest")) if one.get("mode") == "server"), {})
    software = said.get("software")
    name = software.get("name") if isinstance(software, dict) else None
    types = {str(one.get("type")): _offered(one) for one in _objects(rest.get("resource"))}
    operations = frozenset(str(one.get("definition")).partition("|")[0] for one in _objects(rest.get("operation")))
    return Capability(str(said.get("fhirVersion")), str(name or ""), "transaction" in _codes(rest), types, operations)


def _offered(said: Resource) -> Offered:
    names = frozenset(str(one.get("name")) for one in _objects(said.get("searchParam")))
    return Offered(_codes(said), names, said.get("conditionalCreate") is True)


def _codes(said: Resource) -> frozenset[str]:
    return frozenset(str(one.get("code")) for one in _objects(said.get("interaction")))


def _objects(said: Any) -> Iterator[Resource]:
    yield from (one for one in (said if isinstance(said, list) else []) if isinstance(one, dict))
