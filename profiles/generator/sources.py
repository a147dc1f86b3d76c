"""The unedited HL7 R4 4.0.1 definitions, read from one pinned Maven artifact.

`ca.uhn.hapi.fhir:hapi-fhir-validation-resources-r4` carries the bundles of the FHIR download page as they were
published. `make profiles` copies it into `profiles/.sources`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ARTIFACT = "hapi-fhir-validation-resources-r4"
VERSION = "8.12.1"
SHA256 = "e3be14db8922f74dd554dfffb04e1d66fa0e10b84c7e1c65e25410a865fe161f"

FOLDER = Path(__file__).resolve().parent.parent / ".sources"
INSIDE = "org/hl7/fhir/r4/model/"
FHIR = "{http://hl7.org/fhir}"

Node = ElementTree.Element


def find() -> Path | None:
    """The artifact, where there is one: `TEST_R4_SOURCES`, `profiles/.sources` or the local Maven repository."""
    name = f"{ARTIFACT}-{VERSION}.jar"
    maven = Path.home() / ".m2/repository/ca/uhn/hapi/fhir" / ARTIFACT / VERSION
    folders = [Path(os.environ["TEST_R4_SOURCES"])] if "TEST_R4_SOURCES" in os.environ else [FOLDER, maven]
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def fetch() -> Path:
    """The artifact, copied into `profiles/.sources` by Maven where it is not there yet."""
    path = find()
    if path is None:
        artifact = f"ca.uhn.hapi.fhir:{ARTIFACT}:{VERSION}"
        command = ("mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={FOLDER}")
        subprocess.run(command, check=True)
        path = FOLDER / f"{ARTIFACT}-{VERSION}.jar"
    return path


class Sources:
    """One opened artifact; refuses any other than the pinned one."""

    def __init__(self, path: Path) -> None:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != SHA256:
            raise SystemExit(f"{path.name}: sha256 is {digest}, expected {SHA256}")
        self._jar = zipfile.ZipFile(path)

    def resources(self, member: str, *kinds: str) -> Iterator[tuple[str, Node]]:
        """(kind, resource) of every resource of the kinds asked for in an XML bundle, in the bundle's order."""
        with self._jar.open(INSIDE + member) as stream:
            root = ElementTree.parse(stream).getroot()
        for holder in root.iter(FHIR + "resource"):
            yield from ((kind, found) for kind in kinds for found in holder.findall(FHIR + kind))

    def search_parameters(self) -> list[dict]:
        """The SearchParameter resources, which the artifact holds as JSON."""
        with self._jar.open(INSIDE + "sp/search-parameters.json") as stream:
            return [entry["resource"] for entry in json.load(stream)["entry"]]


def value(node: Node, path: str) -> str | None:
    """The `value` attribute at a dotted path below `node`."""
    found = node.find("/".join(FHIR + step for step in path.split(".")))
    return None if found is None else found.get("value")


def values(node: Node, path: str) -> list[str]:
    """Every `value` attribute at a dotted path below `node`."""
    return [found.get("value", "") for found in node.findall("/".join(FHIR + step for step in path.split(".")))]
