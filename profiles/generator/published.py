"""What is committed of the compiled definitions: differentials, in a compact form, without anything of HL7's texts.

R4: https://hl7.org/fhir/R4/structuredefinition.html#differential
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from adapter.fhir.canonical import VERSION

# Inherited from HL7's definitions: said by the parent already.
INHERITED = ("snapshot", "mapping")


def published(compiled: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """File name to text: one file for each kind of definition, one definition a line by its id; all of one version."""
    kinds: dict[str, dict[str, dict[str, Any]]] = {}
    for resource in compiled.values():
        bare = {name: value for name, value in resource.items() if name not in INHERITED}
        kinds.setdefault(resource["resourceType"], {})[resource["id"]] = {**bare, "version": VERSION}
    return {f"{kind}.json": lines(found.items()) for kind, found in sorted(kinds.items())}


def lines(members: Iterable[tuple[str, Any]]) -> str:
    """One object, one member a line, so that a change of one definition is one changed line."""
    texts = (f"{json.dumps(key)}:{_compact(value)}" for key, value in members)
    return "{\n" + ",\n".join(texts) + "\n}\n"


def sections(content: Mapping[str, Any]) -> str:
    """An object of objects, one line per inner member."""
    parts = (f"{json.dumps(name)}:{_section(inner)}" for name, inner in content.items())
    return "{" + ",".join(parts) + "}\n"


def _section(inner: Any) -> str:
    return lines(inner.items()) if isinstance(inner, dict) else _compact(inner) + "\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
