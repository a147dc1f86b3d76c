"""The FSH project: everything that is published, made from the maps, the tables and three small data files.

The maps are the only source of what a profile constrains, so a profile cannot drift from what is written and read.
https://hl7.org/fhir/uv/shorthand/reference.html
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from adapter.consent.renderings import load_renderings, load_review
from adapter.fhir.canonical import BASE, VERSION
from adapter.fhir.elements import Definitions
from adapter.fhir.terminology import Terminology
from adapter.interactions.published import defined
from adapter.mapping.concept import MappedConcept
from adapter.mapping.load import Maps
from adapter.mapping.paths import Paths
from adapter.mapping.questionnaire import questionnaires
from adapter.mapping.terms import terminology

from . import fsh_conformance, fsh_examples, fsh_renderings
from .fsh_extensions import OURS, Extensions
from .fsh_profiles import Profile
from .fsh_terms import Terms
from .fsh_text import CHANGED, file, words
from .parents import BASE as R4
from .parents import Packages, Parent

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
_CONFIG = """\
id: iop-fhir-adapter
canonical: {canonical}
name: IopFhirAdapter
title: Intensive outpatient program records in FHIR R4
description: >-
  Profiles, extensions, terminology, search parameters and operations of the IOP FHIR adapter,
  generated from its concept maps.
status: active
version: {version}
fhirVersion: 4.0.1
license: Apache-2.0
copyrightYear: 2026+
releaseLabel: ci-build
publisher:
  name: IOP FHIR adapter
jurisdiction: urn:iso:std:iso:3166#US "United States of America"
menu:
  Artifacts: artifacts.html
dependencies:
  hl7.fhir.us.core: 6.1.0
resources:
{examples}"""
_EXAMPLE = """\
  {type}/{id}:
    name: {title}
    exampleCanonical: {profile}
"""


@dataclass(frozen=True)
class Project:
    """What the FSH is made from: the checkout's folders and the packages that our profiles build on."""

    root: Path
    maps: Maps
    packages: Packages

    @cached_property
    def about(self) -> dict[str, Any]:
        """profiles.toml"""
        return _toml(self.root / "profiles" / "profiles.toml")

    @property
    def definitions(self) -> Definitions:
        return self.maps.definitions

    def files(self) -> dict[str, str]:
        """Every file below profiles/fsh, the same for the same sources; raises SystemExit naming what is missing."""
        terms = Terms(self.maps.tables, self._terminology)
        extensions = Extensions(terms, self.about.get("extensions", {}))
        profiles = {name: self._profile(name, terms, extensions) for name in sorted(self.maps.concepts)}
        self._known(extensions)
        search = _toml(self.root / "profiles" / "search.toml")["own"]
        made = {
            "extensions.fsh": extensions.definitions(),
            "search-parameters.fsh": fsh_conformance.search_parameters(search),
        }
        return {
            "sushi-config.yaml": CHANGED.replace("//", "#") + self._config(),
            **{f"input/fsh/profiles/{self._id(name)}.fsh": text for name, text in profiles.items()},
            **{f"input/fsh/renderings/{id}.fsh": file([text]) for id, text in self._renderings()},
            **{f"input/examples/{name}": text for name, text in self._examples()},
            **{f"input/fsh/{name}": file(items) for name, items in made.items()},
        }

    @cached_property
    def _terminology(self) -> Terminology:
        return terminology(self.maps.tables, self.maps.concept_maps)

    def defined(self) -> dict[str, dict[str, Any]]:
        """What the tables and the code make, by `Type/id`: as the server serves it, and the forms of the maps."""
        forms = questionnaires(self.maps.concepts.values())
        return {f"{made['resourceType']}/{made['id']}": made for made in (*defined(self._terminology), *forms)}

    def waiting(self) -> list[str]:
        """The profiles that profiles.toml describes and no map makes yet."""
        made = {concept.profile for concept in self.maps.concepts.values()}
        return sorted(set(self.about["profiles"]) - made)

    def _config(self) -> str:
        said = []
        for name, concept in sorted(self.maps.concepts.items()):
            for case, resource in fsh_examples.resources(concept, self.root / "fixtures"):
                about = {"type": resource["resourceType"], "id": resource["id"], "title": f"{words(name)}, {case}"}
                said.append(_EXAMPLE.format(**about, profile=OURS + concept.profile))
        return _CONFIG.format(canonical=BASE, version=VERSION, examples="".join(said))

    def _id(self, name: str) -> str:
        return self.maps.concepts[name].profile

    def _profile(self, name: str, terms: Terms, extensions: Extensions) -> str:
        """The file of one concept's profile."""
        concept = self.maps.concepts[name]
        if concept.profile not in self.about["profiles"]:
            raise SystemExit(
                f"profiles.toml: there is no [profiles.{concept.profile}] for mappings/concepts/{name}.toml"
            )
        if not isinstance(concept, MappedConcept):
            raise SystemExit(f"{name}: a concept that is a Python class has to say its profile itself")
        about = self.about["profiles"][concept.profile]
        for key in ("parent", "title", "description"):
            if key not in about:
                raise SystemExit(f"profiles.toml: [profiles.{concept.profile}] has no {key}")
        parent = Parent(_canonical(about["parent"]), self.packages)
        profile = Profile(concept, about, parent, terms, extensions, self.definitions, self.about["elsewhere"])
        for path, value in self._conditions(name, concept):
            profile.require(path, value, terms)
        return file([profile.text()])

    def _renderings(self) -> Iterator[tuple[str, str]]:
        """What others than the program see of a type; labels are none of a profile."""
        folder = self.root / "mappings" / "release"
        for rendering in (
            *load_renderings(folder, self.maps, lambda resource, outside: 0),
            load_review(folder, self.maps, lambda resource, outside: 0),
        ):
            yield from fsh_renderings.profiles(rendering, self.definitions, set(self.about["elsewhere"]))

    def _examples(self) -> Iterator[tuple[str, str]]:
        for _, concept in sorted(self.maps.concepts.items()):
            yield from fsh_examples.examples(concept, self.root / "fixtures")

    def _conditions(self, name: str, concept: MappedConcept) -> list[tuple[Any, Any]]:
        """What a map's only [when] says of single elements: absent, or any code of a table."""
        when = _toml(self.root / "mappings" / "concepts" / f"{name}.toml").get("when", {})
        paths = Paths(self.definitions, _NONE, {})
        said = when.items() if isinstance(when, dict) else ()
        plain = [(text, value) for text, value in said if value == "absent" or (_every(value) and "[" not in text)]
        found = [(paths.resolve(text, concept.resource_type), value) for text, value in plain if "(" not in text]
        return [(path, value) for path, value in found if value == "absent" or not path.many]

    def _known(self, extensions: Extensions) -> None:
        """Refuse an extension that nothing defines, and a profile with the canonical of an extension."""
        for url in extensions.found:
            if not (url.startswith(OURS) or url in self.about["elsewhere"] or self.packages.structure(url)):
                raise SystemExit(f"nothing here defines the extension {url}: name it in profiles.toml [elsewhere]")
        for concept in self.maps.concepts.values():
            if OURS + concept.profile in extensions.found:
                raise SystemExit(f"{concept.profile} is the canonical of a profile and of an extension")


class _NoSlices:
    def find(self, path: str, key: str) -> None:
        return None


_NONE: Any = _NoSlices()


def _every(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("is") == "*"


def _canonical(parent: str) -> str:
    """A parent as profiles.toml names it: `us-core-encounter`, or a resource type."""
    return (US_CORE if parent.startswith("us-core-") else R4) + parent


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
