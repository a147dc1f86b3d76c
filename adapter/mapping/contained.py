"""Contained resources that an edit leaves without a reference to them.

R4: https://hl7.org/fhir/R4/references.html#contained (invariant dom-3)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Resource = dict[str, Any]


def drop_orphans(before: Resource, after: Resource) -> None:
    """Remove, in place, the contained resources of `after` that were referred to in `before` and no longer are."""
    if "contained" not in after:
        return
    lost = _reached(before) - _reached(after)
    kept = [inner for inner in after["contained"] if inner.get("id") not in lost]
    if kept:
        after["contained"] = kept
    else:
        del after["contained"]


def _reached(resource: Resource) -> frozenset[str]:
    """The ids of contained resources that the resource refers to, itself or through other contained ones."""
    inner = {contained.get("id"): contained for contained in resource.get("contained", ())}
    ahead = list(_local({name: child for name, child in resource.items() if name != "contained"}))
    ahead += [id for id, contained in inner.items() if id and "" in _local(contained)]
    reached: set[str] = set()
    while ahead:
        id = ahead.pop()
        if id in inner and id not in reached:
            reached.add(id)
            ahead.extend(_local(inner[id]))
    return frozenset(reached)


def _local(value: Any) -> Iterator[str]:
    """What follows the # of every local reference within; "" is the container."""
    if isinstance(value, dict):
        reference = value.get("reference")
        if isinstance(reference, str) and reference.startswith("#"):
            yield reference[1:]
        for child in value.values():
            yield from _local(child)
    elif isinstance(value, list):
        for item in value:
            yield from _local(item)
