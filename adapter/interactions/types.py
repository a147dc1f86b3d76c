"""Which resource types are served: the store is generic, so all that an intensive outpatient program could be sent.

https://hl7.org/fhir/R4/resourcelist.html
"""

from __future__ import annotations

from collections.abc import Container

from adapter.fhir.elements import Definitions
from adapter.interactions.program import Program
from adapter.mapping.load import Maps
from adapter.problems import Kind, Problem

DIRECTORY = frozenset(
    {
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "Location",
        "HealthcareService",
        "Endpoint",
        "Group",
        "Medication",
        "Device",
        "Questionnaire",
        "Binary",
        "Bundle",
        "Composition",
        "Provenance",
        "AuditEvent",
        "List",
        "Basic",
        "Subscription",
    }
)
CONFORMANCE = frozenset(
    {
        "StructureDefinition",
        "ValueSet",
        "CodeSystem",
        "ConceptMap",
        "SearchParameter",
        "OperationDefinition",
        "CapabilityStatement",
        "Measure",
    }
)


def served(program: Program) -> frozenset[str]:
    """The Patient compartment, the directory, whatever a map reads and, read only, the conformance types.

    R4 leaves Task out of the compartment, although it is about a patient (`for`).
    """
    return served_by(program.maps, program.definitions)


def served_by(maps: Maps, definitions: Definitions) -> frozenset[str]:
    """`served` of a program with these maps and definitions."""
    mapped = {kind for concept in maps.concepts.values() for kind in concept.resource_types}
    return frozenset(definitions.patient_compartment) | {"Patient"} | mapped | DIRECTORY | CONFORMANCE


def writable(type: str) -> bool:
    """Whether clients may write it: what the server says about itself they may not."""
    return type not in CONFORMANCE


def check_served(types: Container[str], type: str) -> None:
    """404 `not-supported` for a type that is not served."""
    if type not in types:
        raise Problem(Kind.NOT_SUPPORTED, "this resource type is not served; /metadata lists those that are")
