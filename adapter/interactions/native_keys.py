"""Practice keys at the border of `/iop`: a native reference may be given as `{"system": .., "value": ..}`.

It becomes the id of the record that is called so, else the id that record will get when it comes (architecture,
decision 2); the reference then waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from adapter.interactions.program import Program
from adapter.interactions.sight import Sight
from adapter.mapping.rows import Field
from adapter.problems import Issue, Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction

Document = dict[str, Any]
Targets = Mapping[str, tuple[str, ...]]

# Ids stand in addresses and logs, so a client's own may not be telling: R4's id, in the form of a UUID (RFC 9562).
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def check_new_id(id: str) -> None:
    """422 unless a client may give this id to a new document, through whichever native door it comes."""
    if not _UUID.fullmatch(id):
        raise Problem(
            Kind.UNPROCESSABLE,
            "the id of a new record must be a UUID in lower case, or leave it out to be given one",
            "id",
            code="value",
        )


def reference_fields(fields: Iterable[Field]) -> dict[str, tuple[str, ...]]:
    """The names of all fields that hold references, lists of objects included, with the types they point to."""
    found: dict[str, tuple[str, ...]] = {}
    for field in fields:
        if field.codec in ("reference", "named_reference"):
            found[field.name] = tuple(dict.fromkeys(found.get(field.name, ()) + field.to))
        found |= reference_fields(field.fields)
    return found


def translated(
    program: Program,
    transaction: Transaction,
    targets: Targets,
    document: Document,
    predicate: Predicate | None = None,
) -> Document:
    """The document with every practice key as an id; one Problem (422) for all keys that could mean several types.

    A key means a record that the asker may see by `predicate` (None: the program itself), or the one that is to come.
    Its own id, where it has one, must be a string: what is not would mean nothing to the store.
    """
    issues: list[Issue] = []
    sight = Sight(program, transaction, predicate)
    if "id" in document and not (isinstance(document["id"], str) and document["id"]):
        issues.append(Issue("value", "an id is a string that is not empty", "id"))

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
        return _id_of(sight, (said,) if said else types, len(types) > 1, key, path, issues)

    result: Document = walk(document, "", "")
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    return result


def _id_of(
    sight: Sight,
    types: tuple[str, ...],
    typed: bool,
    key: Document,
    path: str,
    issues: list[Issue],
) -> str:
    system, value = key["system"], key["value"]
    known = [(type, id) for type in types if (id := sight.named(type, system, value))]
    if not known and len(types) == 1:
        known = [(types[0], sight.home(types[0], system, value))]
    if len(known) != 1:
        issues.append(Issue("value", f"say the type this key names: one of {', '.join(types)}", path))
        return ""
    type, id = known[0]
    return f"{type}/{id}" if typed else id
