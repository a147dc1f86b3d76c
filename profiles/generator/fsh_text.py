"""The small grammar of FHIR Shorthand that the generator writes: names, strings, codes, and one rule a line.

https://hl7.org/fhir/uv/shorthand/reference.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable

CHANGED = "// Generated from the maps: edit mappings/ or profiles/profiles.toml, then run `make profiles`.\n\n"


def hyphenated(name: str) -> str:
    """`group_session` as an id: `group-session`."""
    return name.replace("_", "-")


def camel(name: str) -> str:
    """`group_session` or `group-session` as the name of a slice: `groupSession`."""
    first, *rest = hyphenated(name).split("-")
    return first + "".join(part.capitalize() for part in rest)


def pascal(name: str) -> str:
    """`iop-group-session` as the computable name of an artifact: `IopGroupSession`."""
    return "".join(part[:1].upper() + part[1:] for part in hyphenated(name).split("-"))


def words(name: str) -> str:
    """`group_session` as the beginning of a title: `Group session`."""
    text = hyphenated(name).replace("-", " ")
    return text[:1].upper() + text[1:]


def quoted(text: str) -> str:
    """A FSH string; its escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)


def code(system: str, code: str, display: str = "") -> str:
    """A FSH code: `http://loinc.org#72166-2 "Tobacco"`; a code with spaces is quoted."""
    said = f'"{code}"' if " " in code else code
    return f"{system}#{said}" + (f" {quoted(display)}" if display else "")


def definition(kind: str, name: str, fields: Iterable[tuple[str, str]], rules: Iterable[str]) -> str:
    """One FSH item: its keyword lines, then its rules."""
    head = [f"{kind}: {name}", *(f"{key}: {value}" for key, value in fields if value)]
    return "\n".join([*head, *(f"* {rule}" for rule in rules)]) + "\n"


def file(items: Iterable[str]) -> str:
    """A generated file of items."""
    return CHANGED + "\n".join(items)
