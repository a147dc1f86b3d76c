"""The paths of FHIRPath Patch: read once, then looked up in a resource, every element that is looked at counted.

Of FHIRPath, what names an element: names, `[n]`, `first()`, `last()` and `where(a.b = 'c' and ...)`; anything else is
refused by name. https://hl7.org/fhir/R4/fhirpatch.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from adapter.fhir.elements import Definitions, Element
from adapter.fhir.patch_work import Work
from adapter.problems import Problem

Resource = dict[str, Any]
Refuse = Callable[[str], Problem]

_TYPE = re.compile(r"[A-Z][A-Za-z]+")
_TEXT = r"'(?:[^'\\]|\\.)*'"
_STEP = re.compile(
    rf"\.where\((?P<where>(?:[^()']|{_TEXT})*)\)|\.(?P<end>first|last)\(\)|\[(?P<number>[0-9]{{1,6}})\]"
    r"|\.(?P<name>[a-z][A-Za-z0-9]*)(?![A-Za-z0-9(])"
)
_TERM = re.compile(rf"\s*(?P<path>[a-z][A-Za-z0-9.]*)\s*=\s*(?P<value>{_TEXT}|true|false|-?[0-9]+)\s*(?:and\b|$)")


class Where(NamedTuple):
    """Keeps the elements of which all of these (names of descendants, value) are true."""

    terms: tuple[tuple[tuple[str, ...], Any], ...]


Step = str | int | Where
"""The name of a child, which of those found so far (-1: the last), or what they must say."""


class Path(NamedTuple):
    """A path: the resource type it begins with, and the steps from there."""

    type: str
    steps: tuple[Step, ...]


class Spot(NamedTuple):
    """Where an element stands: the object that holds it, its JSON name there, its number in a list, its definition.

    `above` is where the holder stands, None for the resource itself.
    """

    holder: Resource
    name: str
    number: int | None
    path: str
    above: Spot | None

    @property
    def value(self) -> Any:
        """The element."""
        return self.holder[self.name] if self.number is None else self.holder[self.name][self.number]


def read_path(text: str, refuse: Refuse) -> Path:
    """The path that a text means; raises what `refuse` makes of a reason."""
    head = _TYPE.match(text)
    if not head:
        raise refuse("a path begins with a resource type")
    at, steps = head.end(), list[Step]()
    while at < len(text):
        step = _STEP.match(text, at)
        if not step:
            raise refuse("names, [n], first(), last() and where(a = 'b') are known here")
        steps.append(_step(step, refuse))
        at = step.end()
    return Path(head[0], tuple(steps))


def _step(step: re.Match[str], refuse: Refuse) -> Step:
    if step["name"]:
        return step["name"]
    if step["number"]:
        return int(step["number"])
    if step["end"]:
        return 0 if step["end"] == "first" else -1
    return Where(tuple(_terms(step["where"], refuse)))


def _terms(where: str, refuse: Refuse) -> Iterator[tuple[tuple[str, ...], Any]]:
    at = 0
    while at < len(where):
        term = _TERM.match(where, at)
        if not term:
            raise refuse("where(a = 'b' and c = 'd') is known here")
        said = term["value"]
        text = re.sub(r"\\(.)", r"\1", said[1:-1])
        plain = text if said[0] == "'" else {"true": True, "false": False}.get(said)
        yield tuple(term["path"].split(".")), int(said) if plain is None else plain
        at = term.end()


class Elements:
    """Looks paths up; what it learns of the definitions it keeps for the next."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._known: dict[tuple[str, str], Element | None] = {}
        self._ways: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}

    def element(self, path: str, name: str) -> Element | None:
        """The definition of a child: of `value` that of the choice."""
        if (path, name) not in self._known:
            found = self._definitions.element(f"{path}.{name}") or self._definitions.element(f"{path}.{name}[x]")
            self._known[path, name] = found
        return self._known[path, name]

    def find(self, resource: Resource, steps: Sequence[Step], work: Work) -> list[Spot]:
        """Every element that the steps name; none for the resource itself."""
        spots = [Spot({"": resource}, "", None, resource["resourceType"], None)]
        at = 0
        while at < len(steps):
            work.spend(1)
            step, following = steps[at], steps[at + 1] if at + 1 < len(steps) else None
            at += 1
            if isinstance(step, Where):
                spots = [spot for spot in spots if self._fits(spot, step, work)]
            elif isinstance(step, int):
                spots = _numbered(spots, step)
            elif isinstance(following, int):
                spots, at = self._child(spots, step, following, work), at + 1
            else:
                spots = self._children(spots, step, work)
        return spots if steps else []

    def _keys(self, path: str, name: str) -> tuple[tuple[str, str], ...]:
        """(JSON name, path) of each way in which a child may be there."""
        if (path, name) not in self._ways:
            element = self.element(path, name)
            self._ways[path, name] = tuple((key, f"{path}.{key}") for key in branches(element)) if element else ()
        return self._ways[path, name]

    def _held(self, above: Sequence[Spot], name: str, work: Work) -> Iterator[tuple[Spot, Resource, str, str, int]]:
        """(holder's place, holder, JSON name, path, how many; 0: no list) of the children of this name."""
        for spot in above:
            work.spend(1)
            holder = spot.value
            for key, path in self._keys(spot.path, name) if isinstance(holder, dict) else ():
                if key in holder:
                    child = holder[key]
                    yield spot, holder, key, path, len(child) if isinstance(child, list) else 0

    def _children(self, above: Sequence[Spot], name: str, work: Work) -> list[Spot]:
        found = []
        for spot, holder, key, path, many in self._held(above, name, work):
            work.spend(many)
            found += [Spot(holder, key, n, path, spot) for n in range(many)] or [Spot(holder, key, None, path, spot)]
        return found

    def _child(self, above: Sequence[Spot], name: str, number: int, work: Work) -> list[Spot]:
        """The one child of this number; the others are not looked at."""
        held = list(self._held(above, name, work))
        for spot, holder, key, path, many in held[-1:] if number < 0 else held:
            if number < max(many, 1):
                index = number if number >= 0 else many - 1
                return [Spot(holder, key, index if many else None, path, spot)]
            number -= max(many, 1)
        return []

    def _fits(self, spot: Spot, where: Where, work: Work) -> bool:
        value = spot.value
        return all(self._says(value, spot.path, names, wanted, work) for names, wanted in where.terms)

    def _says(self, node: Any, path: str, names: tuple[str, ...], wanted: Any, work: Work) -> bool:
        work.spend(1)
        if not names:
            return type(node) is type(wanted) and bool(node == wanted)
        for key, below in self._keys(path, names[0]) if isinstance(node, dict) else ():
            child = node.get(key)
            for one in child if isinstance(child, list) else (child,):
                if self._says(one, below, names[1:], wanted, work):
                    return True
        return False


def _numbered(spots: list[Spot], number: int) -> list[Spot]:
    return spots[number : number + 1] if number >= 0 else spots[-1:]


def branches(element: Element) -> list[str]:
    """The JSON names of an element: of a choice one for each type."""
    if not element.choice:
        return [element.name]
    return [element.name.removesuffix("[x]") + type[0].upper() + type[1:] for type in element.types]
