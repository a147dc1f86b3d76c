"""The FHIRPath of search parameters, read into steps: that part of it which R4's parameters use, and no more.

Names, `|`, `as`, `.as(T)`, `.ofType(T)`, `.where(resolve() is T)`, `.where(name='literal')`, `.extension('url')`, and
`X.exists() and X != false`. Anything else is refused when the index is built. https://hl7.org/fhir/R4/fhirpath.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adapter.fhir.elements import Definitions, Element
from adapter.problems import Kind, Problem

_STEP = re.compile(
    r"\.?(?:(?:as|ofType)\((?P<cast>\w+)\)|where\(resolve\(\) is (?P<target>\w+)\)"
    r"|where\((?P<member>\w+) ?= ?'(?P<literal>[^']*)'\)|extension\('(?P<url>[^']+)'\)|(?P<name>\w+))"
)
_NARROW = re.compile(r"\.where\(resolve\(\) is \w+\)")
_CAST = re.compile(r"\((?P<path>[\w.]+) as (?P<type>\w+)\)")
_TRUTH = re.compile(r"(?P<path>[\w.]+)\.exists\(\) and (?P=path) != false")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path; exactly one of the five is set. `equals` is a member and the string it must be."""

    name: str | None = None
    cast: str | None = None
    target: str | None = None
    url: str | None = None
    equals: tuple[str, str] | None = None


def branches(expression: str) -> list[tuple[Step, ...]]:
    """The alternatives of an expression, each as steps after the resource type; Problem(FAULT) if not understood."""
    return [_steps(part.strip(), expression) for part in truth_of(expression).split(" | ")]


def truth_of(expression: str) -> str:
    """`X` of `X.exists() and X != false`, which asks whether X is there and not false; else the expression itself."""
    match = _TRUTH.fullmatch(expression)
    return match["path"] if match else expression


def stem(expression: str) -> str:
    """The expression with references of every type: whose rows also answer for one type of them."""
    return _NARROW.sub("", expression)


def targets(expression: str) -> tuple[str, ...]:
    """The types that an expression narrows its references to; none when any branch takes all."""
    ends = [path[-1].target for path in branches(expression)] if expression else [None]
    return tuple(dict.fromkeys(end for end in ends if end)) if all(ends) else ()


def repeats(type: str, expression: str, definitions: Definitions) -> bool:
    """Whether a resource can have several values for this expression."""
    found = branches(expression)
    return len(found) > 1 or any(_repeats(type, path, definitions) for path in found)


def plain(type: str, expression: str, definitions: Definitions) -> tuple[str, ...] | None:
    """The elements of an expression when all are primitive, so that no system stands beside a code; else None."""
    found = [_leaf_of(type, path, definitions) for path in branches(expression)]
    return tuple(place for place, _ in found) if all(kind[:1].islower() for _, kind in found) else None


def child(type: str, name: str, definitions: Definitions) -> Element | None:
    """The element of a type by the name that FHIRPath gives it: a choice without `[x]`."""
    return definitions.element(f"{type}.{name}") or definitions.element(f"{type}.{name}[x]")


def _leaf_of(type: str, path: Sequence[Step], definitions: Definitions) -> tuple[str, str]:
    """Where a path ends: the element and its type ("" where it has several)."""
    place = type
    for step in path:
        if step.name:
            element = child(type, step.name, definitions)
            place, type = (element.path, element.content or "") if element else (place, "")
        elif not step.equals:
            type = step.cast or "Extension"
    return place, type


def _repeats(type: str, path: Sequence[Step], definitions: Definitions) -> bool:
    for number, step in enumerate(path, 1):
        if step.url:
            return True
        if step.name:
            element = child(type, step.name, definitions)
            if element is None or element.many:
                return True
            more = len(path) > number and path[number].cast
            type = more or element.content or element.path
    return False


def _steps(part: str, expression: str) -> tuple[Step, ...]:
    part = _CAST.sub(r"\g<path>.as(\g<type>)", part)
    at, steps = 0, []
    while at < len(part):
        match = _STEP.match(part, at)
        if match is None or match.end() == at:
            raise Problem(Kind.FAULT, f"search parameter expression not understood: {expression}")
        equals = (match["member"], match["literal"]) if match["member"] else None
        steps.append(Step(match["name"], match["cast"], match["target"], match["url"], equals))
        at = match.end()
    return tuple(steps[1:])
