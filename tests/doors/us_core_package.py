"""What US Core asks of a server's searches, and its examples, read from the published package; nothing of it is kept.

Expectations: http://hl7.org/fhir/R4/extension-capabilitystatement-expectation.html, with the combinations in
http://hl7.org/fhir/R4/extension-capabilitystatement-search-parameter-combination.html
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
PACKAGE = Path("packages") / "hl7.fhir.us.core-6.1.0.tgz"
ASKED = ("SHALL", "SHOULD")
_EXPECTATION = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-expectation"
_COMBINATION = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-search-parameter-combination"


@dataclass(frozen=True)
class Parameter:
    """A search parameter of one type: where its values stand, and what of it a server shall or should know."""

    type: str
    code: str
    kind: str
    expression: str
    comparators: tuple[str, ...]
    chains: tuple[str, ...]
    any_of: bool
    """whether several values between commas are expected"""
    all_of: bool
    """whether the parameter is expected to be taken twice"""


@dataclass(frozen=True)
class Wanted:
    """What is expected of the searches of one type: which parameters together, and what goes along."""

    type: str
    interactions: tuple[str, ...]
    parameters: dict[str, Parameter]
    searches: tuple[tuple[str, ...], ...]
    includes: tuple[str, ...]
    reverse: tuple[str, ...]


@dataclass(frozen=True)
class Package:
    """The expectations by type, and every example: the files, and what stands in their Bundles."""

    wanted: dict[str, Wanted]
    examples: tuple[Json, ...]


def read(file: Path) -> Package:
    """The package."""
    with tarfile.open(file) as archive:
        every = {name: json.load(_opened(archive, name)) for name in archive.getnames() if _is_resource(name)}
    statement = every["package/CapabilityStatement-us-core-server.json"]
    definitions = [one for one in every.values() if one["resourceType"] == "SearchParameter"]
    parameters = {(base, one["code"]): _parameter(base, one) for one in definitions for base in one["base"]}
    wanted = {said["type"]: _wanted(said, parameters) for said in statement["rest"][0]["resource"]}
    return Package(wanted, tuple(_examples([every[name] for name in sorted(every) if "/example/" in name])))


def _is_resource(name: str) -> bool:
    kinds = ("CapabilityStatement-us-core-server", "SearchParameter-", "example/")
    return name.endswith(".json") and name.removeprefix("package/").startswith(kinds) and "/." not in name


def _opened(archive: tarfile.TarFile, name: str) -> Any:
    file = archive.extractfile(name)
    assert file is not None
    return file


def _examples(files: list[Json]) -> Iterator[Json]:
    """Each resource once: a file, or an entry of one of the Bundles among them."""
    inside = [entry["resource"] for file in files if file["resourceType"] == "Bundle" for entry in file["entry"]]
    seen = set()
    for one in [*files, *inside]:
        name = (one["resourceType"], one["id"])
        if name not in seen:
            yield one
        seen.add(name)


def _expected(said: Json | None) -> bool:
    """Whether this says SHALL or SHOULD of what it stands at; without a word it is not asked."""
    extensions = (said or {}).get("extension", ())
    return any(one["url"] == _EXPECTATION and one["valueCode"] in ASKED for one in extensions)


def _listed(holder: Json, name: str) -> tuple[str, ...]:
    """Those of a list of primitive values that are asked; the expectations stand in a list beside it."""
    return tuple(
        value for value, said in zip(holder.get(name, ()), holder.get(f"_{name}", ()), strict=True) if _expected(said)
    )


def _parameter(base: str, said: Json) -> Parameter:
    return Parameter(
        type=base,
        code=said["code"],
        kind=said["type"],
        expression=said["expression"],
        comparators=_listed(said, "comparator"),
        chains=_listed(said, "chain"),
        any_of=said.get("multipleOr", False) and _expected(said.get("_multipleOr")),
        all_of=said.get("multipleAnd", False) and _expected(said.get("_multipleAnd")),
    )


def _wanted(said: Json, parameters: dict[tuple[str, str], Parameter]) -> Wanted:
    type = said["type"]
    alone = [(one["name"],) for one in said.get("searchParam", ()) if _expected(one)]
    together = [
        tuple(part["valueString"] for part in one["extension"] if part["url"] == "required")
        for one in said.get("extension", ())
        if one["url"] == _COMBINATION and _expected(one)
    ]
    searches = tuple(dict.fromkeys([*alone, *together]))
    return Wanted(
        type=type,
        interactions=tuple(one["code"] for one in said.get("interaction", ()) if _expected(one)),
        parameters={code: _known(type, code, parameters) for search in searches for code in search},
        searches=searches,
        includes=_listed(said, "searchInclude"),
        reverse=_listed(said, "searchRevInclude"),
    )


def _known(type: str, code: str, parameters: dict[tuple[str, str], Parameter]) -> Parameter:
    """The guide's own definition; for `_id` of some types it leaves that to R4."""
    if code == "_id" and (type, code) not in parameters:
        return Parameter(type, code, "token", f"{type}.id", (), (), any_of=False, all_of=False)
    return parameters[type, code]
