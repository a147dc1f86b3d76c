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
    keys = _Keys(Sight(program, transaction, predicate), targets)
    issues = keys.issues
    if "id" in document and not (isinstance(document["id"], str) and document["id"]):
        issues.append(Issue("value", "an id is a string that is not empty", "id"))

    result: Document = keys.without(document, "", "")
    if issues:
        raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
    return result


class _Keys:
    """The practice keys of one document, and what was wrong with them."""

    def __init__(self, sight: Sight, targets: Targets) -> None:
        self._sight, self._targets = sight, targets
        self.issues: list[Issue] = []

    def without(self, value: Any, name: str, path: str) -> Any:
        """The value of the field `name`, with an id in the place of every key."""
        if isinstance(value, list):
            return [self.without(item, name, f"{path}[{index}]") for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if name in self._targets and {"system", "value"} <= value.keys() <= {"system", "value", "type"}:
            return self._read(value, self._targets[name], path)
        return {inner: self.without(item, inner, f"{path}.{inner}" if path else inner) for inner, item in value.items()}

    def _read(self, key: Document, types: tuple[str, ...], path: str) -> Any:
        said = key.get("type")
        if not all(isinstance(part, str) for part in key.values()) or (said is not None and said not in types):
            why = f"a key is system, value and, if need be, type: one of {', '.join(types)}"
            self.issues.append(Issue("value", why, path))
            return key
        return self._id_of((said,) if said else types, len(types) > 1, key, path)

    def _id_of(self, types: tuple[str, ...], typed: bool, key: Document, path: str) -> str:
        system, value = key["system"], key["value"]
        known = [(type, id) for type in types if (id := self._sight.named(type, system, value))]
        if not known and len(types) == 1:
            known = [(types[0], self._sight.home(types[0], system, value))]
        if len(known) != 1:
            self.issues.append(Issue("value", f"say the type this key names: one of {', '.join(types)}", path))
            return ""
        type, id = known[0]
        return f"{type}/{id}" if typed else id
