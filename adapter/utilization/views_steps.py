"""The steps that most paths of views are made of, as functions: a table is made some fifteen times as fast by them.

Each answers as fhirpathpy does, which a test compares, save for dates; what else a path says is left to it. Items are
plain JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from adapter.mapping.times import moment

Items = list[Any]
Step = Callable[[Items, Mapping[str, Any]], Items]
"""From some items, and the constants, to others."""

_REFERENCE = re.compile(r"(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?")


def same(items: Items, constants: Mapping[str, Any]) -> Items:
    """The items themselves: `$this`, or the type that a path begins with."""
    return items


def then(first: Step, second: Step) -> Step:
    """One step after another."""
    return lambda items, constants: second(first(items, constants), constants)


def value(said: Any) -> Step:
    """A literal."""
    return lambda items, constants: [said]


def constant(name: str) -> Step:
    """What a constant of the view says."""
    return lambda items, constants: [constants[name]]


def member(name: str) -> Step:
    """The children of a name; a member of a list that has no value, only extensions, is none."""

    def step(items: Items, constants: Mapping[str, Any]) -> Items:
        found: Items = []
        for item in items:
            child = item.get(name)
            if type(child) is list:
                found += [one for one in child if one is not None]
            elif child is not None:
                found.append(child)
        return found

    return step


def extension(url: Step) -> Step:
    """The extensions with a URL."""

    def step(items: Items, constants: Mapping[str, Any]) -> Items:
        wanted = url(items, constants)[0]
        return [one for item in items for one in item.get("extension", ()) if one.get("url") == wanted]

    return step


def where(condition: Step) -> Step:
    """The items for each of which a condition holds."""
    return lambda items, constants: [item for item in items if condition([item], constants) == [True]]


def first(items: Items, constants: Mapping[str, Any]) -> Items:
    """The first item, if there is one."""
    return items[:1]


def exists(items: Items, constants: Mapping[str, Any]) -> Items:
    """Whether there are any."""
    return [bool(items)]


def empty(items: Items, constants: Mapping[str, Any]) -> Items:
    """Whether there is none."""
    return [not items]


def count(items: Items, constants: Mapping[str, Any]) -> Items:
    """How many there are."""
    return [len(items)]


def negated(items: Items, constants: Mapping[str, Any]) -> Items:
    """not(): of one truth value the other."""
    return [not items[0]] if items else []


def equal(left: Step, right: Step) -> Step:
    """Whether both sides are the same; nothing where either is nothing."""

    def step(items: Items, constants: Mapping[str, Any]) -> Items:
        one, other = left(items, constants), right(items, constants)
        return [one == other] if one and other else []

    return step


def equal_times(left: Step, right: Step) -> Step:
    """Whether two dates or times are the same; nothing where one is of another precision, or has no offset."""

    def step(items: Items, constants: Mapping[str, Any]) -> Items:
        one, other = left(items, constants), right(items, constants)
        if len(one) != 1 or len(other) != 1:
            return [False] if one and other else []
        moments = moment(one[0]), moment(other[0])
        if all(moments):
            return [moments[0] == moments[1]]
        return [one == other] if len(one[0]) == len(other[0]) and not any(moments) else []

    return step


def both(left: Step, right: Step) -> Step:
    """and, in the logic of three values."""

    def step(items: Items, constants: Mapping[str, Any]) -> Items:
        said = left(items, constants), right(items, constants)
        return [False] if [False] in said else [True] if said == ([True], [True]) else []

    return step


def either(left: Step, right: Step) -> Step:
    """or, in the logic of three values."""

    def step(items: Items, constants: Mapping[str, Any]) -> Items:
        said = left(items, constants), right(items, constants)
        return [True] if [True] in said else [False] if said == ([False], [False]) else []

    return step


def resource_keys(items: Items, constants: Mapping[str, Any] | None = None) -> Items:
    """The ids of resources."""
    return [item["id"] for item in items if isinstance(item, dict) and "resourceType" in item and "id" in item]


def reference_keys(wanted: str | None) -> Step:
    """The ids of relative references, which alone are to records of the same folder; of a type where one is named."""

    def step(items: Items, constants: Mapping[str, Any] | None = None) -> Items:
        said = [str(item.get("reference", "")) for item in items if isinstance(item, dict)]
        found = [match for one in said if (match := _REFERENCE.fullmatch(one))]
        return [match["id"] for match in found if wanted in (None, match["type"])]

    return step
