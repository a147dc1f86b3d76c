"""FHIRPath Patch: a Parameters resource whose operations name elements: https://hl7.org/fhir/R4/fhirpatch.html

Of FHIRPath, what names an element: names, `[n]`, `first()`, `last()` and `where(a.b = 'c' and ...)`; anything else is
refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from adapter.fhir.elements import Definitions, Element
from adapter.fhir.json_patch import OPERATIONS, Patcher
from adapter.problems import Kind, Problem

Resource = dict[str, Any]

_TYPE = re.compile(r"[A-Z][A-Za-z]+")
_TEXT = r"'(?:[^'\\]|\\.)*'"
_STEP = re.compile(
    rf"\.where\((?P<where>(?:[^()']|{_TEXT})*)\)|\.(?P<end>first|last)\(\)|\[(?P<number>[0-9]{{1,6}})\]"
    r"|\.(?P<name>[a-z][A-Za-z0-9]*)(?![A-Za-z0-9(])"
)
_TERM = re.compile(rf"\s*(?P<path>[a-z][A-Za-z0-9.]*)\s*=\s*(?P<value>{_TEXT}|true|false|-?[0-9]+)\s*(?:and\b|$)")
_NEEDS = {
    "add": ("name", "value"),
    "insert": ("index", "value"),
    "delete": (),
    "replace": ("value",),
    "move": ("source", "destination"),
}
_NUMBERS = ("index", "source", "destination")
_PARTS = ("type", "path", "name", "value", *_NUMBERS)


class Spot(NamedTuple):
    """Where an element stands: the object that holds it, its JSON name there, its number in a list, its definition."""

    holder: Resource
    name: str
    number: int | None
    path: str

    @property
    def value(self) -> Any:
        """The element."""
        return self.holder[self.name] if self.number is None else self.holder[self.name][self.number]


def fhirpath_patch(definitions: Definitions, parameters: Resource) -> Patcher:
    """The patch in Parameters, which changes nothing when it has no operation; 400 for what is none."""
    given = parameters.get("parameter", ())
    if any(one.get("name") != "operation" for one in given):
        raise Problem(Kind.INVALID, "a FHIRPath Patch has parameters named operation", "Parameters.parameter")
    if len(given) > OPERATIONS:
        raise Problem(Kind.TOO_LONG, f"a patch may have {OPERATIONS} operations")
    operations = [_operation(one, f"Parameters.parameter[{n}]") for n, one in enumerate(given)]

    def applied(resource: Resource) -> Resource:
        for operation in operations:
            _Patching(definitions, resource, operation).apply()
        return resource

    return applied


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its parts by name, and where it stands in the request."""

    parts: dict[str, Resource]
    place: str

    @property
    def kind(self) -> str:
        """What it does."""
        return str(self.said("type"))

    @property
    def path(self) -> str:
        """What it does it to."""
        return str(self.said("path"))

    def said(self, name: str) -> Any:
        """The value of one of its parts, whatever its type."""
        part = self.parts.get(name, {})
        return next((value for key, value in part.items() if key.startswith("value")), None)

    def number(self, name: str) -> int:
        """One of its parts that is a number."""
        found = int(self.said(name))
        if found < 0:
            raise self.refuse("0 or more", name)
        return found

    def refuse(self, why: str, part: str = "path") -> Problem:
        """422 at one of its parts."""
        return Problem(Kind.UNPROCESSABLE, f"{part}: {why}", self.place, code="value")


def _operation(given: Resource, place: str) -> Operation:
    listed = [part["name"] for part in given.get("part", ())]
    for name in listed:
        if name not in _PARTS or listed.count(name) > 1:
            why = f"an operation has {', '.join(_PARTS)}, each once at most"
            raise Problem(Kind.INVALID, why, place, code="structure")
    operation = Operation({part["name"]: part for part in given.get("part", ())}, place)
    if operation.kind not in _NEEDS:
        raise Problem(Kind.INVALID, f"type is one of {', '.join(_NEEDS)}", place, code="value")
    for name in ("path", *_NEEDS[operation.kind]):
        said = operation.said(name)
        if name not in operation.parts or (name != "value" and type(said) is not (int if name in _NUMBERS else str)):
            kind = "a number" if name in _NUMBERS else "a text" if name != "value" else "a value"
            raise Problem(Kind.INVALID, f"{operation.kind} needs {name}, {kind}", place, code="required")
    return operation


@dataclass(slots=True)
class _Patching:
    """One operation on one resource."""

    definitions: Definitions
    resource: Resource
    operation: Operation

    def apply(self) -> None:
        getattr(self, f"_{self.operation.kind}")()

    def _add(self) -> None:
        name = self.operation.said("name")
        holder, path = self.resource, self.resource["resourceType"]
        if spots := self._spots():
            holder, path = self._only(spots).value, self._only(spots).path
        elif self.operation.path != path:
            raise self.operation.refuse("there is no such element")
        element = self._element(path, name)
        if not isinstance(holder, dict) or element is None:
            raise self.operation.refuse("the element has no such child", "name")
        key, value, beside = self._value(element, name)
        if element.many:
            self._put(holder, key, len(holder[key] if key in holder else holder.get(f"_{key}", ())), value, beside)
        elif _there(holder, element):
            raise self.operation.refuse("the element is there already: replace it", "name")
        else:
            holder |= {key: value} if value is not None else {}
            holder |= {f"_{key}": beside} if beside else {}

    def _insert(self) -> None:
        holder, key, element = self._list()
        index = self.operation.number("index")
        if index > len(holder.get(key, ())):
            raise self.operation.refuse(f"the list has {len(holder.get(key, ()))} members", "index")
        _, value, beside = self._value(element, key)
        self._put(holder, key, index, value, beside)

    def _delete(self) -> None:
        spots = self._spots()
        if spots:
            spot = self._only(spots)
            for name in (spot.name, f"_{spot.name}"):
                self._take(spot, name)
            _prune(self.resource)

    def _replace(self) -> None:
        spots = self._spots()
        if not spots:
            raise self.operation.refuse("there is no such element")
        spot = self._only(spots)
        key, value, beside = self._value(self._defined(spot), spot.name)
        if spot.number is not None:
            self._take(spot, spot.name)
            self._take(spot, f"_{spot.name}")
            self._put(spot.holder, key, spot.number, value, beside)
            return
        spot.holder.pop(f"_{spot.name}", None)
        del spot.holder[spot.name]
        spot.holder.update({key: value} | ({f"_{key}": beside} if beside else {}))

    def _defined(self, spot: Spot) -> Element:
        """The definition of an element, of a branch that of its choice: another may take its place."""
        for child in self.definitions.children(spot.path.rpartition(".")[0]):
            if child.name == spot.name or spot.name in _branches(child):
                return child
        raise self.operation.refuse("there is no such element")

    def _move(self) -> None:
        holder, key, _ = self._list()
        source, target = (self.operation.number(name) for name in ("source", "destination"))
        if max(source, target) >= len(holder.get(key, ())):
            raise self.operation.refuse(f"the list has {len(holder.get(key, ()))} members", "source")
        members, extras = holder[key], holder.get(f"_{key}")
        members.insert(target, members.pop(source))
        if extras:
            extras.extend([None] * (len(members) - len(extras)))
            extras.insert(target, extras.pop(source))

    def _list(self) -> tuple[Resource, str, Element]:
        """The object that holds the list a path names, its name there, and its definition."""
        path, _, name = self.operation.path.rpartition(".")
        holders = self._spots(path) if "." in path else []
        holder = self._only(holders).value if holders else self.resource
        above = holders[0].path if holders else self.resource["resourceType"]
        element = self._element(above, name)
        if element is None or not element.many or (not holders and path != above):
            raise self.operation.refuse("this is no list")
        return holder, name, element

    def _only(self, spots: list[Spot]) -> Spot:
        if len(spots) != 1:
            raise self.operation.refuse(f"this names {len(spots)} elements, and one is needed")
        return spots[0]

    def _spots(self, path: str | None = None) -> list[Spot]:
        """Every element that a path names; none for the resource itself."""
        text = self.operation.path if path is None else path
        head = _TYPE.match(text)
        if not head or head[0] != self.resource["resourceType"]:
            raise self.operation.refuse(f"a path begins with {self.resource['resourceType']}")
        at, spots, root = head.end(), list[Spot](), True
        while at < len(text):
            step = _STEP.match(text, at)
            if not step:
                raise self.operation.refuse("names, [n], first(), last() and where(a = 'b') are known here")
            spots = self._stepped(step, spots, root=root)
            at, root = step.end(), False
        return spots

    def _stepped(self, step: re.Match[str], spots: list[Spot], *, root: bool) -> list[Spot]:
        if step["name"]:
            above = [(self.resource, self.resource["resourceType"])] if root else [(s.value, s.path) for s in spots]
            return [found for holder, path in above for found in self._children(holder, path, step["name"])]
        if step["number"]:
            return spots[int(step["number"]) : int(step["number"]) + 1]
        if step["end"]:
            return spots[:1] if step["end"] == "first" else spots[-1:]
        terms = list(self._terms(step["where"]))
        return [spot for spot in spots if all(self._says(spot, path, value) for path, value in terms)]

    def _terms(self, where: str) -> Iterator[tuple[str, Any]]:
        at = 0
        while at < len(where):
            term = _TERM.match(where, at)
            if not term:
                raise self.operation.refuse("where(a = 'b' and c = 'd') is known here")
            said = term["value"]
            text = re.sub(r"\\(.)", r"\1", said[1:-1])
            yield term["path"], text if said[0] == "'" else {"true": True, "false": False}.get(said) or _whole(said)
            at = term.end()

    def _says(self, spot: Spot, path: str, value: Any) -> bool:
        nodes = [(spot.value, spot.path)]
        for name in path.split("."):
            nodes = [(s.value, s.path) for node, above in nodes for s in self._children(node, above, name)]
        return any(type(node) is type(value) and node == value for node, _ in nodes)

    def _children(self, holder: Any, path: str, name: str) -> Iterator[Spot]:
        element = self._element(path, name) if isinstance(holder, dict) else None
        for key in _there(holder, element) if element else ():
            below = f"{path}.{key}"
            if isinstance(holder[key], list):
                yield from (Spot(holder, key, index, below) for index in range(len(holder[key])))
            else:
                yield Spot(holder, key, None, below)

    def _element(self, path: str, name: str) -> Element | None:
        """The definition of a child: of `value` that of the choice."""
        return self.definitions.element(f"{path}.{name}") or self.definitions.element(f"{path}.{name}[x]")

    def _value(self, element: Element, name: str) -> tuple[str, Any, Any]:
        """(JSON name, value, what stands beside it) of the operation's value as a child of this definition."""
        part = self.operation.parts["value"]
        key = next((k for k in part if k.startswith("value")), None)
        if key is None:
            if "part" not in part:
                raise self.operation.refuse("it has none", "value")
            return name, self._built(element, part["part"]), None
        chosen = element.name.removesuffix("[x]") + key.removeprefix("value") if element.choice else name
        return chosen, deepcopy(part[key]), deepcopy(part.get(f"_{key}"))

    def _built(self, element: Element, parts: list[Resource]) -> Resource:
        """A group of elements, which has no type of its own, from its parts."""
        made: Resource = {}
        for part in parts:
            child = self._element(element.content or "", part["name"])
            if child is None:
                raise self.operation.refuse(f"it has no {part['name'][:40]}", "value")
            inner = Operation({"value": part}, self.operation.place)
            key, value, beside = _Patching(self.definitions, made, inner)._value(child, part["name"])
            if child.many:
                self._put(made, key, len(made.get(key, ())), value, beside)
            else:
                made |= {key: value} | ({f"_{key}": beside} if beside else {})
        return made

    @staticmethod
    def _put(holder: Resource, key: str, index: int, value: Any, beside: Any) -> None:
        """A member of a list, with what JSON says beside it."""
        members, extras = holder.get(key, []), holder.get(f"_{key}", [])
        members.insert(index, value)
        holder[key] = members
        if extras or beside:
            extras.extend([None] * (len(members) - 1 - len(extras)))
            extras.insert(index, beside)
            holder[f"_{key}"] = extras

    @staticmethod
    def _take(spot: Spot, name: str) -> None:
        """Take an element away, and its list when it was the last."""
        if name not in spot.holder:
            return
        if spot.number is None:
            del spot.holder[name]
            return
        if spot.number < len(spot.holder[name]):
            del spot.holder[name][spot.number]
        if not any(member is not None for member in spot.holder[name]):
            del spot.holder[name]


def _branches(element: Element) -> list[str]:
    """The JSON names of an element: of a choice one for each type."""
    if not element.choice:
        return [element.name]
    return [element.name.removesuffix("[x]") + type[0].upper() + type[1:] for type in element.types]


def _there(holder: Resource, element: Element) -> list[str]:
    """The JSON names under which a child is there."""
    return [name for name in _branches(element) if name in holder]


def _prune(holder: Resource) -> None:
    """Take away what has become empty: R4 has no empty elements."""
    for name, value in list(holder.items()):
        for member in value if isinstance(value, list) else [value]:
            if isinstance(member, dict):
                _prune(member)
        if isinstance(value, list) and {} in value:
            holder[name] = value = [member for member in value if member != {}]
        if value in ({}, []):
            del holder[name]


def _whole(text: str) -> int | bool:
    return False if text == "false" else int(text)
