"""What the program says about itself as FHIR resources: profiles, terminology, operations, search parameters.

Made from the maps, now or when the profiles were compiled, not stored: they have no versions, and nobody writes them
but who deploys.
https://hl7.org/fhir/R4/conformance-module.html, https://hl7.org/fhir/R4/terminology-module.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from adapter.consent.gate import publish
from adapter.fhir.bundle import searchset
from adapter.fhir.json import dump
from adapter.fhir.operations import definition
from adapter.fhir.terminology import Terminology, resources
from adapter.interactions.answer import Answer
from adapter.interactions.consent_scope import CONSENT_SCOPE
from adapter.interactions.disclosures import BREACH_SCOPE, DISCLOSURES, INTERMEDIARIES
from adapter.interactions.emergency_access import EMERGENCY_ACCESS
from adapter.interactions.everything import EPISODE
from adapter.interactions.expand import EXPAND
from adapter.interactions.explain import EXPLAIN
from adapter.interactions.lookup import LOOKUP
from adapter.interactions.measures import EPISODE_UTILIZATION, GROUP_UTILIZATION, measures
from adapter.interactions.program import Program
from adapter.interactions.search import address
from adapter.interactions.submit_claim import SUBMIT_CLAIM
from adapter.interactions.submit_referral import SUBMIT_REFERRAL
from adapter.interactions.to_fhir import TO_FHIR
from adapter.interactions.to_native import TO_NATIVE
from adapter.interactions.translate import TRANSLATE
from adapter.interactions.validate_code import IN_CODE_SYSTEM, IN_VALUE_SET
from adapter.problems import Kind, Problem, named

OURS = (TO_FHIR, TO_NATIVE, BREACH_SCOPE, EXPLAIN)
NARROWED = (
    (EXPAND, "ValueSet", True),
    (IN_VALUE_SET, "ValueSet", True),
    (IN_CODE_SYSTEM, "CodeSystem", True),
    (LOOKUP, "CodeSystem", False),
    (TRANSLATE, "ConceptMap", True),
)
"""HL7's operations as far as they are heard here, the type they are asked of, and whether of an instance too."""
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
COMPILED = ("StructureDefinition", "SearchParameter")
# Search parameters of everything published, with their types.
PARAMETERS = {"_id": "token", "url": "uri"}


def defined(terminology: Terminology) -> Iterator[dict[str, Any]]:
    """What is made from the tables and the code themselves: value sets, code systems, concept maps, operations,
    measures."""
    yield from resources(terminology)
    yield from (definition(operation, system=True) for operation in OURS)
    yield from (definition(o, system=False, types=[type], instance=at_one) for o, type, at_one in NARROWED)
    yield definition(CONSENT_SCOPE, system=False, types=["Patient"], instance=True, at_type=False)
    yield definition(EPISODE, system=False, types=["EpisodeOfCare"], instance=True, at_type=False)
    for one in (DISCLOSURES, INTERMEDIARIES):
        yield definition(one, system=False, types=["Patient"], instance=True, at_type=False)
    yield from measures()
    for one, type in ((EPISODE_UTILIZATION, "EpisodeOfCare"), (GROUP_UTILIZATION, "Group")):
        yield definition(one, system=False, types=[type], instance=True, at_type=False)
    yield definition(EMERGENCY_ACCESS, system=False, types=["Patient"])
    yield definition(SUBMIT_REFERRAL, system=True)
    yield definition(SUBMIT_CLAIM, system=False, types=["Claim"])


class Published:
    """The resources by type and id, made when first asked for; `compiled` is the folder of the compiled profiles."""

    def __init__(self, terminology: Terminology, compiled: Path) -> None:
        self._terminology, self._compiled = terminology, compiled

    @cached_property
    def _resources(self) -> Mapping[str, Mapping[str, tuple[str, bytes]]]:
        """type -> id -> (url, text)."""
        made: dict[str, dict[str, tuple[str, bytes]]] = {}
        for resource in (*defined(self._terminology), *self._read()):
            made.setdefault(resource["resourceType"], {})[resource["id"]] = resource["url"], dump(resource)
        return made

    def _read(self) -> Iterator[dict[str, Any]]:
        """The profiles and extensions, as differentials, and the search parameters of our own."""
        for type in COMPILED:
            yield from orjson.loads((self._compiled / f"{type}.json").read_bytes()).values()

    @cached_property
    def supported(self) -> Mapping[str, list[str]]:
        """type -> our profiles of it, and the US Core profiles that these are built on: what fits one fits both."""
        found: dict[str, list[str]] = {}
        for _, text in self._resources["StructureDefinition"].values():
            one = orjson.loads(text)
            if one["type"] != "Extension":
                found.setdefault(one["type"], []).append(one["url"])
                if one["baseDefinition"].startswith(US_CORE):
                    found[one["type"]].append(one["baseDefinition"])
        return {type: sorted(set(urls)) for type, urls in found.items()}

    def url(self, type: str, id: str) -> str:
        """The canonical URL of a resource; 404."""
        return self._one(type, id)[0]

    def text(self, type: str, id: str) -> bytes:
        """A resource; 404."""
        return self._one(type, id)[1]

    def find(self, type: str, wanted: Mapping[str, frozenset[str]]) -> list[tuple[str, bytes]]:
        """(id, text) of those with one of the wanted ids and one of the wanted URLs."""
        anything = frozenset[str]()
        ids, urls = wanted.get("_id", anything), wanted.get("url", anything)
        return [
            (id, text)
            for id, (url, text) in self._resources.get(type, {}).items()
            if (not ids or id in ids) and (not urls or url in urls)
        ]

    def _one(self, type: str, id: str) -> tuple[str, bytes]:
        found = self._resources.get(type, {}).get(id)
        if found is None:
            raise Problem(Kind.NOT_FOUND, "there is no such resource")
        return found


def read_published(program: Program, type: str, id: str) -> Answer:
    """200 with the resource; 404."""
    return Answer(200, publish(program.published.text(type, id)))


def search_published(program: Program, type: str, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with all that match, in one page; a parameter that is not among PARAMETERS is refused (400)."""
    wanted: dict[str, frozenset[str]] = {}
    for name, value in pairs:
        if name not in PARAMETERS:
            raise Problem(Kind.INVALID, f"unknown parameter {named(name)}", named(name), code="not-supported")
        if not value:
            raise Problem(Kind.INVALID, f"{name} has no value", name, code="value")
        values = frozenset(value.split(","))
        # Said twice, both must hold; what no value can be then matches nothing.
        wanted[name] = wanted[name] & values or frozenset({""}) if name in wanted else values
    found = program.published.find(type, wanted)
    entries = [(program.link(type, id), text) for id, text in found]
    return Answer(200, publish(searchset(entries, [("self", address(program, type, pairs))], len(entries))))
