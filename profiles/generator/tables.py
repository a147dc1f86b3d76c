"""The committed tables: elements and codes, search parameters, and the Patient compartment.

https://hl7.org/fhir/R4/searchparameter.html, https://hl7.org/fhir/R4/compartmentdefinition-patient.html
"""

from __future__ import annotations

from typing import Any

from .invariants import ELSEWHERE, INVARIANTS
from .rows import Row, Table, set_name
from .sources import FHIR, Sources, value, values


def elements(table: Table) -> dict[str, Any]:
    """The content of elements.json: resource types, code sets by system, and rows `[name, types, min, many, more]`."""
    return {
        "types": table.resources,
        "codes": {name: _by_system(pairs) for name, pairs in sorted(table.codes.items())},
        "elements": {path: [_row(row, table) for row in d.rows] for path, d in sorted(table.definitions.items())},
    }


def _by_system(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for system, code in pairs:
        grouped.setdefault(system, []).append(code)
    return grouped


def _row(row: Row, table: Table) -> list[Any]:
    more: dict[str, Any] = {}
    if row.targets:
        more["targets"] = list(row.targets)
    if row.content and row.content != row.path:
        more["content"] = row.content
    if row.binding and set_name(row.binding) in table.codes:
        more["codes"] = set_name(row.binding)
    if row.flags:
        more["is"] = row.flags
    short: list[Any] = [row.name, list(row.types), row.min, int(row.many)]
    return [*short, more] if more else short


def search_parameters(sources: Sources, table: Table) -> dict[str, Any]:
    """The content of search-parameters.json: `Type.code` to `[type, url, expression, targets, components]`."""
    found = {}
    for resource in sources.search_parameters():
        for base in resource["base"]:
            found[f"{base}.{resource['code']}"] = _parameter(resource, base, table)
    return dict(sorted(found.items()))


def _parameter(resource: dict[str, Any], base: str, table: Table) -> list[Any]:
    targets = [t for t in resource.get("target", []) if t in table.resources]
    components = [[c["definition"], c["expression"]] for c in resource.get("component", [])]
    short = [resource["type"], resource["url"], _own_branches(resource.get("expression", ""), base)]
    return [*short, targets, components] if components else [*short, targets] if targets else short


def _own_branches(expression: str, base: str) -> str:
    """Of a union over many types, the branches of one type; the whole where a union names no type."""
    branches = [branch.strip() for branch in _split(expression)]
    own = [branch for branch in branches if branch.lstrip("(").startswith((f"{base}.", f"{base} "))]
    return " | ".join(own or branches)


def _split(expression: str) -> list[str]:
    """The branches of a FHIRPath union, outside brackets."""
    branches, depth = [""], 0
    for character in expression:
        depth += (character == "(") - (character == ")")
        if character == "|" and not depth:
            branches.append("")
        else:
            branches[-1] += character
    return branches


def patient_compartment(table: Table) -> dict[str, list[str]]:
    """The content of patient-compartment.json: resource type to the search parameters that place it there."""
    rows = table.compartments["patient"].findall(FHIR + "resource")
    return {value(row, "code") or "": values(row, "param") for row in rows if values(row, "param")}


def constraints(table: Table) -> dict[str, list[str]]:
    """The content of invariants.json: `PATH KEY` to `[severity, where it is checked, our sentence or R4's expression]`.

    Where: `schema`, `code` (adapter/fhir), `advice` (a warning of R4, not refused) or `unchecked`, which is what is
    left to do.
    """
    ours = {(_root(found.path), found.key): found.message for found in INVARIANTS}
    listed: dict[str, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    for path, key, severity, expression in table.constraints:
        inherited = (key, expression) in seen and (_root(path), key) not in ours
        seen.add((key, expression))
        if not inherited:
            listed[f"{path} {key}"] = _where(path, key, severity, expression, ours)
    return listed


def _root(path: str) -> str:
    return path.partition(".")[0]


def _where(path: str, key: str, severity: str, expression: str, ours: dict[tuple[str, str], str]) -> list[str]:
    message = ours.get((_root(path), key), ours.get(("Extension", key)))
    if message is not None:
        return [severity, "schema", message]
    if key in ELSEWHERE:
        return [severity, ELSEWHERE[key], ""]
    return [severity, "advice" if severity == "warning" else "unchecked", expression]
