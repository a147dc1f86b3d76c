"""HL7's R4 4.0.1 as the package folder that SUSHI and HL7's validator read: one JSON file for each definition.

The definitions are those of the pinned artifact, unedited but for their narratives, which no tool reads.
R4: https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/xml.html
"""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from adapter.fhir.elements import Definitions, Element

from .sources import FHIR, Node, Sources

CORE = "hl7.fhir.r4.core"
CORE_VERSION = "4.0.1"
US_CORE = "hl7.fhir.us.core"
US_CORE_VERSION = "6.1.0"
BUNDLES = (
    "profile/profiles-types.xml",
    "profile/profiles-resources.xml",
    "profile/profiles-others.xml",
    "extension/extension-definitions.xml",
    "valueset/valuesets.xml",
    "valueset/v3-codesystems.xml",
    "valueset/v2-tables.xml",
)
KINDS = ("StructureDefinition", "ValueSet", "CodeSystem")
WHOLE = ("integer", "positiveInt", "unsignedInt")


class UsCoreMissing(Exception):
    """The US Core package is not where it should be; the text says where it was looked for."""


def core(sources: Sources, definitions: Definitions, cache: Path) -> Path:
    """The folder of R4's definitions in a FHIR package cache, made once."""
    folder = cache / f"{CORE}#{CORE_VERSION}" / "package"
    if (folder / "package.json").is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for resource in _resources(sources, definitions):
        name = f"{resource['resourceType']}-{resource['id']}.json"
        (folder / name).write_text(json.dumps(resource, ensure_ascii=False), encoding="utf-8")
    about = {"name": CORE, "version": CORE_VERSION, "fhirVersions": [CORE_VERSION], "type": "fhir.core"}
    (folder / "package.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def us_core(archives: Path, cache: Path) -> Path:
    """The folder of US Core in a FHIR package cache, unpacked from its archive; raises UsCoreMissing."""
    folder = cache / f"{US_CORE}#{US_CORE_VERSION}"
    if not (folder / "package" / "package.json").is_file():
        archive = archives / f"{US_CORE}-{US_CORE_VERSION}.tgz"
        if not archive.is_file():
            raise UsCoreMissing(f"{archive.name} is not in {archives.name}/: the profiles are built on it")
        shutil.rmtree(folder, ignore_errors=True)
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    return folder / "package"


def _resources(sources: Sources, definitions: Definitions) -> Iterator[dict[str, Any]]:
    for bundle in BUNDLES:
        for kind, node in sources.resources(bundle, *KINDS):
            yield {"resourceType": kind, **_object(node, kind, definitions)}
    yield from sources.search_parameters()


def _object(node: Node, path: str, definitions: Definitions) -> dict[str, Any]:
    """The JSON form of what an XML element holds, by the definition at `path`; without narratives."""
    made: dict[str, Any] = dict(node.attrib)
    for child in node:
        name = child.tag.removeprefix(FHIR)
        element = definitions.element(f"{path}.{name}")
        if element is None:
            raise ValueError(f"{path} has no element {name}")
        if element.types != ("Narrative",):
            _put(made, name, element, child, definitions)
    return made


def _put(made: dict[str, Any], name: str, element: Element, node: Node, definitions: Definitions) -> None:
    kind = element.types[0]
    if kind[0].islower() and kind != "xhtml":
        value, more = _primitive(node, kind, definitions)
        if element.many:
            # A list of primitives has a list of siblings beside it, with null where there is none.
            made.setdefault(name, []).append(value)
            if more or f"_{name}" in made:
                siblings = made.setdefault(f"_{name}", [None] * (len(made[name]) - 1))
                siblings += [None] * (len(made[name]) - 1 - len(siblings)) + [more]
            return
        made.update({key: found for key, found in ((name, value), (f"_{name}", more)) if found is not None})
        return
    if kind == "Resource":
        [inner] = node
        inner_kind = inner.tag.removeprefix(FHIR)
        value = {"resourceType": inner_kind, **_object(inner, inner_kind, definitions)}
    else:
        value = _object(node, element.content or kind, definitions)
    if element.many:
        made.setdefault(name, []).append(value)
    else:
        made[name] = value


def _primitive(node: Node, kind: str, definitions: Definitions) -> tuple[Any, dict[str, Any] | None]:
    """(value, what stands beside it): extensions and id of a primitive."""
    text = node.get("value")
    bare = ElementTree.Element(node.tag, {key: given for key, given in node.attrib.items() if key != "value"})
    bare.extend(list(node))
    more = _object(bare, "Element", definitions) or None
    if text is None:
        return None, more
    if kind == "boolean":
        return text == "true", more
    return (int(text) if kind in WHOLE else float(text) if kind == "decimal" else text), more
