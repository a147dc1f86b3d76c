"""References as they are said here and at a partner: https://hl7.org/fhir/R4/references.html#literal"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapter.fhir.references import ELEMENTS, split

Resource = dict[str, Any]
Resolve = Callable[[str, str], str]


def readdressed(value: Any, base: str, resolve: Resolve) -> Any:
    """The value with every literal reference to `base`, relative or whole, said as `resolve(type, id)` says it.

    So is the address of an attachment that is a record there. What leads elsewhere, or into the record itself, stays.
    """
    if isinstance(value, list):
        return [readdressed(item, base, resolve) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: readdressed(item, base, resolve) for name, item in value.items()}
    for name in ("reference", "url"):
        said = value.get(name)
        if isinstance(said, str) and (name == "url" or value.keys() <= ELEMENTS):
            made[name] = _said(said, base, resolve)
    return made


def _said(literal: str, base: str, resolve: Resolve) -> str:
    place = split(literal.removeprefix(f"{base}/"))
    return resolve(*place) if place else literal
