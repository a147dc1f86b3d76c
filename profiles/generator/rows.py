"""Rows of the element table: what the StructureDefinition snapshots say of every element, in element order.

https://hl7.org/fhir/R4/elementdefinition.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .codes import Codes
from .sources import FHIR, Node, Sources, value, values

TYPES = "http://hl7.org/fhir/StructureDefinition/"
FHIR_TYPE = TYPES + "structuredefinition-fhir-type"
_FLAGS = {"s": "isSummary", "m": "isModifier"}
BACKBONES = ("BackboneElement", "Element")


@dataclass(frozen=True)
class Row:
    """One element; `content` is the path of the definition that holds its children, where it has its own.

    `flags` has "s" where R4 counts it to the summary, and "m" where it changes the meaning of the rest.
    """

    path: str
    name: str
    types: tuple[str, ...]
    profiles: tuple[str, ...]
    targets: tuple[str, ...]
    min: int
    many: bool
    content: str | None
    binding: str | None
    flags: str = ""

    @property
    def choice(self) -> bool:
        return self.name.endswith("[x]")


@dataclass(frozen=True)
class Definition:
    """One resource, data type or nested group of elements: its path, kind and rows."""

    path: str
    kind: str
    rows: tuple[Row, ...]


class Table:
    """Every definition by path, the resource types, the codes of every closed required binding by value set, the
    compartments, and every constraint as (path, key, severity, expression)."""

    def __init__(self, sources: Sources) -> None:
        self.definitions: dict[str, Definition] = {}
        self.codes: dict[str, list[tuple[str, str]]] = {}
        self.compartments: dict[str, Node] = {}
        self.constraints: list[tuple[str, str, str, str]] = []
        for bundle in ("profile/profiles-types.xml", "profile/profiles-resources.xml"):
            for kind, node in sources.resources(bundle, "StructureDefinition", "CompartmentDefinition"):
                if kind == "CompartmentDefinition":
                    self.compartments[value(node, "id") or ""] = node
                elif value(node, "kind") != "logical":
                    self._read(node)
        self._expand(Codes(sources))
        self.resources = sorted(d.path for d in self.definitions.values() if d.kind == "resource")

    def _read(self, structure: Node) -> None:
        name = (value(structure, "url") or "").removeprefix(TYPES)
        kind = value(structure, "kind") or ""
        if kind == "resource" and value(structure, "abstract") == "true":
            kind = "abstract"
        nodes = structure.findall(f"{FHIR}snapshot/{FHIR}element")
        paths = [renamed(value(node, "path") or "", name) for node in nodes]
        parents = {path.rpartition(".")[0] for path in paths}
        rows: dict[str, list[Row]] = {}
        for node, path in zip(nodes, paths, strict=True):
            self.constraints += [(path, *_constraint(found)) for found in node.findall(FHIR + "constraint")]
            if "." in path and value(node, "max") != "0":
                rows.setdefault(path.rpartition(".")[0], []).append(_row(node, path, path in parents))
        if kind in ("resource", "abstract"):  # their snapshots say string; the datatypes page says id
            rows[name] = [replace(row, types=("id",)) if row.name == "id" else row for row in rows[name]]
        for path, found in rows.items():
            self.definitions[path] = Definition(path, kind if "." not in path else "backbone", tuple(found))

    def _expand(self, codes: Codes) -> None:
        bindings = {row.binding for d in self.definitions.values() for row in d.rows if row.binding}
        for binding in sorted(bindings):
            pairs = codes.expand(binding)
            if pairs is not None:
                self.codes[set_name(binding)] = pairs


def _constraint(node: Node) -> tuple[str, str, str]:
    """(key, severity, expression)"""
    return value(node, "key") or "", value(node, "severity") or "", value(node, "expression") or ""


def set_name(canonical: str) -> str:
    """The last part of a value set's URL, which is unique among R4's required bindings."""
    return canonical.split("|")[0].rpartition("/")[2]


def renamed(path: str, name: str) -> str:
    """SimpleQuantity and MoneyQuantity constrain Quantity and are kept under their own names."""
    root, dot, rest = path.partition(".")
    return name + dot + rest if root != name else path


def _row(node: Node, path: str, has_children: bool) -> Row:
    reference = value(node, "contentReference")
    types = node.findall(FHIR + "type")
    content = reference.lstrip("#") if reference else path if has_children else None
    targets = [
        t.removeprefix(TYPES)
        for kind in types
        for t in values(kind, "targetProfile")
        if value(kind, "code") == "Reference"
    ]
    return Row(
        path=path,
        name=path.rpartition(".")[2],
        types=tuple(_type(kind, path) for kind in types) or ("BackboneElement",),
        profiles=tuple(p.removeprefix(TYPES) for kind in types for p in values(kind, "profile")),
        targets=tuple(sorted(set(targets))),
        min=int(value(node, "min") or 0),
        many=value(node, "max") == "*" or int(value(node, "max") or 0) > 1,
        content=content,
        binding=value(node, "binding.valueSet") if value(node, "binding.strength") == "required" else None,
        flags="".join(flag for flag, name in _FLAGS.items() if value(node, name) == "true"),
    )


def _type(node: Node, path: str) -> str:
    """The FHIR type; ids and primitive values name a FHIRPath system type and say the FHIR type in an extension."""
    code = value(node, "code") or ""
    if not code.startswith("http://hl7.org/fhirpath/"):
        return code
    said = [value(e, "valueUrl") for e in node.findall(FHIR + "extension") if e.get("url") == FHIR_TYPE]
    return (said[0] if said else None) or "string"
