"""Practice keys at the border of `/iop`: a native reference may be given as `{"system": .., "value": ..}`.

It becomes the id of the record that is called so, else the id that record will get when it comes (architecture,
decision 2); the reference then waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from adapter.fhir.references import derived_id
from adapter.interactions.program import Program
from adapter.mapping.rows import Field
from adapter.problems import Issue, Kind, Problem
from adapter.store.transaction import Transaction

Document = dict[str, Any]
Targets = Mapping[str, tuple[str, ...]]


def reference_fields(fields: Iterable[Field]) -> dict[str, tuple[str, ...]]:
    """The names of all fields that hold references, lists of objects included, with the types they point to."""
    found: dict[str, tuple[str, ...]] = {}
    for field in fields:
        if field.codec in ("reference", "named_reference"):
            found[field.name] = tuple(dict.fromkeys(found.get(field.name, ()) + field.to))
        found |= reference_fields(field.fields)
    return found


def translated(program: Program, transaction: Transaction, targets: Targets, document: Document) -> Document:
    """The document with every practice key as an id; one Problem (422) for all keys that could mean several types."""
    issues: list[Issue] = []

    def walk(value: Any, name: str, path: str) -> Any:
        if isinstance(value, list):
            return [walk(item, name, f"{path}[{index}]") for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if name in targets and {"system", "value"} <= value.keys() <= {"system", "value", "type"}:
            return translate(value, targets[name], path)
        return {inner: walk(item, inner, f"{path}.{inner}" if path else inner) for inner, item in value.items()}

    def translate(key: Document, types: tuple[str, ...], path: str) -> Any:
        said = key.get("type")
        if not all(isinstance(part, str) for part in key.values()) or (said is not None and said not in types):
            issues.append(
                Issue("value", f"a key is system, value and, if need be, type: one of {', '.join(types)}", path)
            )
            return key
        return _id_of(program, transaction, (said,) if said else types, len(types) > 1, key, path, issues)

    result: Document = walk(document, "", "")
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    return result


def _id_of(
    program: Program,
    transaction: Transaction,
    types: tuple[str, ...],
    typed: bool,
    key: Document,
    path: str,
    issues: list[Issue],
) -> str:
    system, value = key["system"], key["value"]
    known = [(type, id) for type in types if (id := transaction.alias(type, system, value))]
    if not known and len(types) == 1:
        known = [(types[0], derived_id(program.secret, types[0], system, value))]
    if len(known) != 1:
        issues.append(Issue("value", f"say the type this key names: one of {', '.join(types)}", path))
        return ""
    type, id = known[0]
    return f"{type}/{id}" if typed else id
