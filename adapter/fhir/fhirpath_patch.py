"""FHIRPath Patch: a Parameters resource whose operations name elements: https://hl7.org/fhir/R4/fhirpatch.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from adapter.fhir.element_paths import Elements, Path, Spot, Step, branches, read_path
from adapter.fhir.elements import Definitions, Element
from adapter.fhir.json_patch import OPERATIONS, Patcher
from adapter.fhir.patch_work import Work
from adapter.problems import Kind, Problem, named

Resource = dict[str, Any]

_NEEDS = {
    "add": ("name", "value"),
    "insert": ("index", "value"),
    "delete": (),
    "replace": ("value",),
    "move": ("source", "destination"),
}
_NUMBERS = ("index", "source", "destination")
_EACH = 20
"""What an operation costs beside the elements that it looks at."""
_PARTS = ("type", "path", "name", "value", *_NUMBERS)


def fhirpath_patch(definitions: Definitions, parameters: Resource) -> Patcher:
    """The patch in Parameters, which changes nothing when it has no operation; 400 for what is none."""
    given = parameters.get("parameter", ())
    if any(one.get("name") != "operation" for one in given):
        raise Problem(Kind.INVALID, "a FHIRPath Patch has parameters named operation", "Parameters.parameter")
    if len(given) > OPERATIONS:
        raise Problem(Kind.TOO_LONG, f"a patch may have {OPERATIONS} operations")
    operations = [_operation(one, f"Parameters.parameter[{n}]") for n, one in enumerate(given)]
    elements = Elements(definitions)

    def applied(resource: Resource, work: Work) -> Resource:
        for operation in operations:
            work.spend(_EACH)
            _Patching(definitions, elements, work, resource, operation).apply()
        return resource

    return applied


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its parts by name, and where it stands in the request."""

    parts: dict[str, Resource]
    place: str
    path: Path

    @property
    def kind(self) -> str:
        """What it does."""
        return str(self.said("type"))

    def said(self, name: str) -> Any:
        """The value of one of its parts, whatever its type."""
        return _said(self.parts, name)

    def number(self, name: str) -> int:
        """One of its parts that is a number."""
        found = int(self.said(name))
        if found < 0:
            raise self.refuse("0 or more", name)
        return found

    def refuse(self, why: str, part: str = "path") -> Problem:
        """422 at one of its parts."""
        return _refusal(self.place, why, part)


def _said(parts: Mapping[str, Resource], name: str) -> Any:
    return next((value for key, value in parts.get(name, {}).items() if key.startswith("value")), None)


def _refusal(place: str, why: str, part: str = "path") -> Problem:
    return Problem(Kind.UNPROCESSABLE, f"{part}: {why}", place, code="value")


def _operation(given: Resource, place: str) -> Operation:
    listed = [part["name"] for part in given.get("part", ())]
    for name in listed:
        if name not in _PARTS or listed.count(name) > 1:
            why = f"an operation has {', '.join(_PARTS)}, each once at most"
            raise Problem(Kind.INVALID, why, place, code="structure")
    parts = {part["name"]: part for part in given.get("part", ())}
    kind = str(_said(parts, "type"))
    if kind not in _NEEDS:
        raise Problem(Kind.INVALID, f"type is one of {', '.join(_NEEDS)}", place, code="value")
    for name in ("path", *_NEEDS[kind]):
        if name not in parts or (
            name != "value" and type(_said(parts, name)) is not (int if name in _NUMBERS else str)
        ):
            what = "a number" if name in _NUMBERS else "a text" if name != "value" else "a value"
            raise Problem(Kind.INVALID, f"{kind} needs {name}, {what}", place, code="required")
    return Operation(parts, place, read_path(_said(parts, "path"), partial(_refusal, place)))


@dataclass(slots=True)
class _Patching:
    """One operation on one resource."""

    definitions: Definitions
    elements: Elements
    work: Work
    resource: Resource
    operation: Operation

    def apply(self) -> None:
        getattr(self, f"_{self.operation.kind}")()

    def _add(self) -> None:
        name = self.operation.said("name")
        holder, path = self.resource, self.resource["resourceType"]
        if spots := self._spots():
            holder, path = self._only(spots).value, self._only(spots).path
        elif self.operation.path.steps:
            raise self.operation.refuse("there is no such element")
        element = self.elements.element(path, name)
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
            self._take(spot)
            self._prune(spot)

    def _replace(self) -> None:
        spots = self._spots()
        if not spots:
            raise self.operation.refuse("there is no such element")
        spot = self._only(spots)
        key, value, beside = self._value(self._defined(spot), spot.name)
        if spot.number is not None:
            self._take(spot)
            self._put(spot.holder, key, spot.number, value, beside)
            return
        spot.holder.pop(f"_{spot.name}", None)
        del spot.holder[spot.name]
        spot.holder.update({key: value} | ({f"_{key}": beside} if beside else {}))

    def _defined(self, spot: Spot) -> Element:
        """The definition of an element, of a branch that of its choice: another may take its place."""
        for child in self.definitions.children(spot.path.rpartition(".")[0]):
            if child.name == spot.name or spot.name in branches(child):
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
        *above, name = self.operation.path.steps or (None,)
        spots = self._spots(above)
        holder, path = (self._only(spots).value, spots[0].path) if spots else (self.resource, self.operation.path.type)
        element = self.elements.element(path, name) if isinstance(name, str) else None
        if not isinstance(name, str) or element is None or not element.many or (above and not spots):
            raise self.operation.refuse("this is no list")
        return holder, name, element

    def _only(self, spots: list[Spot]) -> Spot:
        if len(spots) != 1:
            raise self.operation.refuse(f"this names {len(spots)} elements, and one is needed")
        return spots[0]

    def _spots(self, steps: Sequence[Step] | None = None) -> list[Spot]:
        """Every element that a path names; none for the resource itself."""
        if self.operation.path.type != self.resource["resourceType"]:
            raise self.operation.refuse(f"a path begins with {self.resource['resourceType']}")
        return self.elements.find(self.resource, self.operation.path.steps if steps is None else steps, self.work)

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
            child = self.elements.element(element.content or "", part["name"])
            if child is None:
                raise self.operation.refuse(f"it has no {named(part['name'])}", "value")
            inner = replace(self, resource=made, operation=replace(self.operation, parts={"value": part}))
            key, value, beside = inner._value(child, part["name"])
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

    def _take(self, spot: Spot) -> None:
        """Take an element away with what JSON says beside it, and its list when it was the last."""
        for name in (spot.name, f"_{spot.name}"):
            if name not in spot.holder:
                continue
            if spot.number is None:
                del spot.holder[name]
                continue
            members = spot.holder[name]
            if spot.number < len(members):
                del members[spot.number]
            # Beside the members of a list stands mostly nothing, and that may be long.
            self.work.spend(len(members) >> 5)
            if not any(member is not None for member in members):
                del spot.holder[name]

    def _prune(self, spot: Spot) -> None:
        """Take away what has become empty around an element that is gone: R4 has no empty elements."""
        while not spot.holder and spot.above is not None and spot.above.above is not None:
            spot = spot.above
            self._take(spot)


def _there(holder: Resource, element: Element) -> list[str]:
    """The JSON names under which a child is there."""
    return [name for name in branches(element) if name in holder]
