"""Other people's published resources, read where they lie beside the repository and never copied.

A file that is a Bundle is the Bundle and each resource in it, and so on within.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from adapter.fhir.json import parse

Resource = dict[str, Any]
PACKAGES: Mapping[str, str] = {
    "hl7.fhir.us.core-3.1.1.tgz": "US Core 3.1.1",
    "hl7.fhir.us.core-6.1.0.tgz": "US Core 6.1.0",
    "r4-examples": "R4 examples",
    "qicore-sud": "QI-Core substance use",
}
"""Folder, or HL7 package below `packages`: how it is called here."""


class Received(NamedTuple):
    """One resource: the file it is in, where in it ("" for the whole), and what it says."""

    file: str
    place: str
    resource: Resource

    @property
    def type(self) -> str:
        """Its resource type."""
        return str(self.resource["resourceType"])


def files(data: Path, package: str) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of every example of a package, in the order of names."""
    if not package.endswith(".tgz"):
        yield from ((path.name, path.read_bytes()) for path in sorted((data / package).glob("*.json")))
        return
    with tarfile.open(data / "packages" / package) as archive:
        yield from sorted(_examples(archive))


def _examples(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """In the order of the archive: to go back in it is to unpack it again."""
    for member in archive:
        name = member.name.removeprefix("package/example/")
        content = archive.extractfile(member) if name != member.name else None
        if content is not None and name.endswith(".json") and not name.startswith("."):
            yield name, content.read()


def resources(data: Path, package: str) -> Iterator[Received]:
    """Every resource of a package, Bundles before what is in them."""
    for name, body in files(data, package):
        yield from _within(name, "", parse(body))


def _within(file: str, place: str, resource: Resource) -> Iterator[Received]:
    yield Received(file, place, resource)
    if resource["resourceType"] == "Bundle":
        for number, entry in enumerate(resource.get("entry", ())):
            if "resource" in entry:
                yield from _within(file, f"{place}entry[{number}].", entry["resource"])


def reasons(root: Path) -> Mapping[str, Mapping[str, list[str]]]:
    """Package -> file -> [where, why] of every published resource that is refused, as the tests defend it.

    In one file those that are not R4, in the other those that name a second person.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for name in ("examples.json", "persons.json"):
        for package, files in json.loads((root / "tests" / "fhir" / "verdicts" / name).read_bytes()).items():
            found.setdefault(package, {}).update(files)
    return found
