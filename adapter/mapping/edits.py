"""Edits of a resource that nobody else holds: set, replace and remove elements, leaving no trace of the old value.

A primitive element takes its sibling (`_birthDate`) with it. R4: https://hl7.org/fhir/R4/json.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapter.mapping.codecs import Codec, unfit
from adapter.mapping.members import Claim, canonical, claimed, inside, place

Node = dict[str, Any]


def clone(value: Any) -> Any:
    """A deep copy of a JSON value."""
    if isinstance(value, dict):
        return {name: clone(child) for name, child in value.items()}
    return [clone(item) for item in value] if isinstance(value, list) else value


def written(codec: Codec, value: Any) -> Any:
    """The element of a native value, None for an absent one."""
    return None if value is None else codec.write(value)


def put(node: Node, key: str, element: Any, siblings: tuple[str, ...] = (), strangers: tuple[str, ...] = ()) -> None:
    """Set or (None) remove one element, its primitive sibling, and the other branches if it belongs to a choice.

    Raises `Unfit` where the resource uses a branch of the choice that no row owns (a stranger).
    """
    node.pop(f"_{key}", None)
    if element is None:
        node.pop(key, None)
        return
    for other in strangers:
        if other in node or f"_{other}" in node:
            unfit(f"it says this otherwise, as {other}, which no field says")
    for other in siblings:
        if other != key:
            node.pop(other, None)
            node.pop(f"_{other}", None)
    node[key] = element


def put_choice(node: Node, branches: tuple[tuple[str, str], ...], choice: tuple[str, Any] | None) -> None:
    """Set the branch of a choice by its type, or remove them all."""
    for key, kind in branches:
        put(node, key, choice[1] if choice and choice[0] == kind else None)


def chosen_as(codec: Codec, kinds: tuple[str, ...], value: Any) -> tuple[str, Any] | None:
    """(type, element) of a native value on a choice, None for an absent one."""
    return None if value is None else codec.write_choice(value, kinds)


def child(node: Node, key: str) -> Node:
    """The child object, made when there is none; `tidy` removes it if it stays empty."""
    return node.setdefault(key, {})  # type: ignore[no-any-return]


def member(node: Node, key: str, claim: Claim | None, new: Mapping[str, Any]) -> Node:
    """The one claimed member, made from `new` when there is none; raises `Unfit` where several could be meant."""
    members = node.setdefault(key, [])
    positions = claimed(members, claim)
    if len(positions) > 1:
        unfit("the resource has several members where the map expects one")
    if not positions:
        members.append(clone(dict(new)))
        return members[-1]  # type: ignore[no-any-return]
    return members[positions[0]]  # type: ignore[no-any-return]


def say_anew(node: Node, known: frozenset[str], claims: Mapping[str, tuple[Claim, ...]]) -> None:
    """Remove what no row owns from an element whose parts say one thing together: it would go on saying the old."""
    for key in list(node):
        if key not in known:
            del node[key]
        elif key in claims:
            node[key] = [item for item in node[key] if any(claim(item) for claim in claims[key])]


def drop(node: Node, key: str, made: Node) -> None:
    """Remove an object that lost the part it cannot be without."""
    held = node.get(key)
    if held is made:
        del node[key]
    elif isinstance(held, list):
        node[key] = [other for other in held if other is not made]


def trim(node: Node, key: str, made: Node, new: Mapping[str, Any]) -> None:
    """Remove a member that holds nothing but what every new one starts with."""
    tidy(made)
    if made == new:
        node[key] = [other for other in node[key] if other is not made]


def put_lone(
    node: Node,
    key: str,
    claim: Claim | None,
    wrap: Mapping[str, Any] | None,
    inner: str | None,
    codec: Codec,
    element: Any,
) -> None:
    """Set or remove the one readable member of a list.

    With none readable (all parked), the unreadable ones are the old value and go; otherwise they stay.
    """
    members = node.get(key, [])
    positions = claimed(members, claim)
    read = [i for i in positions if (e := inside(members[i], inner)) is not None and codec.read(e) is not None]
    place(node, key, read or positions, made(wrap, inner, element))


def put_sole(
    node: Node,
    key: str,
    claim: Claim | None,
    wrap: Mapping[str, Any] | None,
    inner: str | None,
    element: Any,
) -> None:
    """Set or remove all claimed members of a list that is one column of a joint row."""
    place(node, key, claimed(node.get(key, []), claim), made(wrap, inner, element))


def put_several(
    node: Node,
    key: str,
    claim: Claim | None,
    wrap: Mapping[str, Any] | None,
    inner: str | None,
    codec: Codec,
    values: list[Any],
) -> None:
    """Set the readable members of a list; members whose value stays are kept whole, unreadable ones too."""
    members = node.get(key, [])
    mine: list[int] = []
    old: dict[bytes, list[Any]] = {}
    for index in claimed(members, claim):
        element = inside(members[index], inner)
        if element is not None and (value := codec.read(element)) is not None:
            mine.append(index)
            old.setdefault(canonical(value), []).append(members[index])
    elements = []
    for value in values:
        same = old.get(canonical(value))
        elements.extend([same.pop(0)] if same else made(wrap, inner, codec.write(value)))
    place(node, key, mine, elements)


def made(wrap: Mapping[str, Any] | None, inner: str | None, element: Any) -> list[Any]:
    """The element as a list of one member, inside an extension where the path ends in one; none for None."""
    if element is None:
        return []
    return [element if inner is None else {**(wrap or {}), inner: element}]


def replace(node: Node, element: Node) -> None:
    """Make the object itself another one, in place."""
    node.clear()
    node.update(element)


def fix(node: Node, key: str, element: Any, claim: Claim | None, *, many: bool) -> None:
    """Write a fixed element where it is missing."""
    if not many:
        node.setdefault(key, clone(element))
    elif claim is None or not any(map(claim, node.get(key, ()))):
        node.setdefault(key, []).append(clone(element))


def tidy(value: Any) -> Any:
    """Remove empty objects and lists, which FHIR does not have; returns `value`."""
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(item, dict | list):
            tidy(item)
        if isinstance(value, dict) and (item == {} or item == []):
            del value[key]
    if isinstance(value, list):
        value[:] = [item for item in value if item != {} and item != []]
    return value
