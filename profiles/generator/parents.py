"""What the parents of our profiles say already: elements of their snapshots, by id.

R4: https://hl7.org/fhir/R4/structuredefinition.html, https://hl7.org/fhir/R4/elementdefinition.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_SLICE = re.compile(r":[^.]+")
BASE = "http://hl7.org/fhir/StructureDefinition/"


class Packages:
    """The definitions in the folders of several packages."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self.by_url = cache(self._by_url)

    def structure(self, url: str) -> dict[str, Any] | None:
        """The StructureDefinition with this canonical."""
        found = self.by_url("StructureDefinition").get(url)
        return json.loads(found.read_bytes()) if found else None

    def resource(self, kind: str, url: str) -> dict[str, Any] | None:
        """The definition of a kind with this canonical, whatever its version."""
        found = self.by_url(kind).get(url.partition("|")[0])
        return json.loads(found.read_bytes()) if found else None

    def type_of(self, url: str) -> str:
        """The resource type that a target profile is about."""
        if url.startswith(BASE) and "/" not in url.removeprefix(BASE) and url.removeprefix(BASE)[0].isupper():
            return url.removeprefix(BASE)
        return str((self.structure(url) or {}).get("type", ""))

    def _by_url(self, kind: str) -> Mapping[str, Path]:
        found: dict[str, Path] = {}
        for folder in self._folders:
            for file in sorted(folder.glob(f"{kind}-*.json")):
                found[json.loads(file.read_bytes())["url"]] = file
        return found


class Parent:
    """One parent profile or resource type: its name and the elements of its snapshot."""

    def __init__(self, url: str, packages: Packages) -> None:
        structure = packages.structure(url)
        if structure is None:
            raise SystemExit(f"profiles.toml: there is no definition of {url}")
        self.url, self.type, self.packages = url, structure["type"], packages
        self.elements: dict[str, dict[str, Any]] = {e["id"]: e for e in structure["snapshot"]["element"]}

    def element(self, id: str) -> dict[str, Any]:
        """The element with this id ("Encounter.participant:clinician.individual"), else the same of every member.

        Nothing where it is inside a data type.
        """
        return self.elements.get(id) or self.elements.get(_SLICE.sub("", id), {})

    def targets(self, id: str, kinds: tuple[str, ...], always: bool = False) -> list[str] | None:
        """The target profiles of a reference that are about `kinds`; None where that is all, unless `always` asked."""
        types = self.element(id).get("type", ())
        allowed = [url for kind in types if kind["code"] == "Reference" for url in kind.get("targetProfile", ())]
        if not allowed or allowed == [BASE + "Resource"]:
            return [BASE + kind for kind in kinds]
        wanted = [url for url in allowed if self.packages.type_of(url) in kinds]
        return wanted if always or len(wanted) < len(allowed) else None

    def strength(self, id: str) -> str | None:
        """How strongly an element is bound."""
        binding: dict[str, Any] = self.element(id).get("binding", {})
        return binding.get("strength")

    def sliced(self, id: str) -> bool:
        """Whether the parent slices a list, so that its discriminators stand."""
        return "slicing" in self.element(id)

    def slices(self, id: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """(name, element) of the slices of a list."""
        for found, element in self.elements.items():
            if found.startswith(f"{id}:") and "." not in found.removeprefix(f"{id}:"):
                yield element["sliceName"], element

    def extension(self, id: str, url: str) -> str | None:
        """The name of the slice in which the parent holds an extension."""
        for name, element in self.slices(f"{id}.extension"):
            if any(url in kind.get("profile", ()) for kind in element.get("type", ())):
                return name
        return None

    def pattern(self, id: str, system: str, code: str) -> str | None:
        """The name of the slice that the parent recognizes by this code."""
        for name, element in self.slices(id):
            given = element.get("patternCodeableConcept") or element.get("fixedCodeableConcept") or {}
            if any((c.get("system"), c.get("code")) == (system, code) for c in given.get("coding", ())):
                return name
        return None
