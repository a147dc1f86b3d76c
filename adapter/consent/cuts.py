"""Cuts a resource down to the elements that are named, and whatever stands in them to what is kept of its data type.

What is not named is not there, at any depth; an element that R4 requires and of which nothing is left takes what it
stands in with it, so that what is left is valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from adapter.fhir.elements import Definitions, Element
from adapter.mapping.declarations import Declaration
from adapter.mapping.slices import Extension

Object = dict[str, Any]
Take = Callable[[Object], Object | None]
"""What is left of an object; None for nothing."""

_VERSION = "/_history/"
_NEVER = ("id", "extension", "modifierExtension")
_EXTENSION = re.compile(r"ext\((\w+)\)")


@dataclass
class Cut:
    """What is kept of one object: `kept` by name, with the cut of what stands there (None: a primitive, as it is), of
    which `lists` repeat; `extensions` by URL; of `required` one element each must be left."""

    kept: dict[str, Cut | None] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    extensions: dict[str, Cut] = field(default_factory=dict)
    required: tuple[tuple[str, ...], ...] = ()

    def whole(self, value: Object) -> Object | None:
        """What is left of a resource, which may be nothing; None when that is not enough.

        It shares with the resource what is kept whole.
        """
        left = self._left(value)
        for names in self.required:
            if left.keys().isdisjoint(names):
                return None
        return left

    @cached_property
    def of(self) -> Take:
        """What is left of an object; None when that is nothing, or not enough. Made for its kind when first used: each
        write of what others see comes by here."""
        plain = not self.extensions and not self.lists and not any(self.kept.values())
        if plain and not self.required:
            take = _plain(frozenset(self.kept))
        elif len(self.kept) == 1 and self.kept.keys() == self.lists and not self.extensions:
            [name] = self.lists
            take = _single(name, self._takes[name])
        else:
            take = lambda value: self.whole(value) or None  # noqa: E731  # one of three that are made the same way
        return _pointing(take) if "reference" in self.kept else take

    @cached_property
    def _takes(self) -> dict[str, Callable[[Any], Any]]:
        """What is done with each element that is not kept as it is."""
        cut = {name: cut for name, cut in self.kept.items() if cut or name in self.lists}
        return {name: _members(cut) if name in self.lists else _member(cut) for name, cut in cut.items()}

    def _left(self, value: Object) -> Object:
        left, kept, takes = {}, self.kept, self._takes
        for name, member in value.items():
            if name in takes:
                part = takes[name](member)
                if part is not None:
                    left[name] = part
            elif name in kept:
                left[name] = member
            elif name == "extension" and self.extensions:
                found = [part for one in member if (part := self._extension(one)) is not None]
                if found:
                    left[name] = found
        return left

    def _extension(self, one: Object) -> Object | None:
        cut = self.extensions.get(one["url"])
        left = cut.of(one) if cut else None
        return {"url": one["url"], **left} if left else None


def _plain(names: frozenset[str]) -> Take:
    """Of an object in which nothing is cut itself: most data types."""

    def take(value: Object) -> Object | None:
        if names.issuperset(value):
            return value or None
        return {name: member for name, member in value.items() if name in names} or None

    return take


def _single(name: str, part_of: Callable[[Any], Any]) -> Take:
    """Of an object of which one list is kept: the codes of a concept."""

    def take(value: Object) -> Object | None:
        part = part_of(value[name]) if name in value else None
        return {name: part} if part else None

    return take


def _pointing(take: Take) -> Take:
    """Of a reference: what is contained is not kept, so what points to it leads nowhere; versions of a record are none
    of its rendering's."""

    def pointing(value: Object) -> Object | None:
        reference = value.get("reference")
        if type(reference) is str and (reference[:1] == "#" or _VERSION in reference):
            if reference[:1] == "#":
                return None
            value = {**value, "reference": reference.partition(_VERSION)[0]}
        return take(value)

    return pointing


def _member(cut: Cut | None) -> Callable[[Any], Any]:
    assert cut is not None
    return lambda one: cut.of(one)


def _members(cut: Cut | None) -> Callable[[list[Any]], list[Any] | None]:
    """What is left of a list, in which a primitive may be null."""
    if cut is None:
        return lambda members: [one for one in members if one is not None] or None
    return lambda members: [part for one in members if (part := cut.of(one)) is not None] or None


class Cutter:
    """Makes the cuts of one file; what it refuses, it refuses there."""

    def __init__(self, file: Declaration, definitions: Definitions, extensions: Mapping[str, Extension]) -> None:
        self._file, self._definitions, self._known = file, definitions, extensions
        self._types: Mapping[str, Any] = file.section("datatypes")
        self._made: dict[str, Cut] = {}

    def cut(self, type: str, elements: Sequence[str], dropped: Sequence[str]) -> Cut:
        """The cut of a resource type; `dropped` are the modifier elements that may go."""
        made = Cut()
        for path in elements:
            self._add(made, type, type, path.split("."))
        self._require(made, type)
        left = [element.name for element in self._own(type) if element.modifier]
        for name in left:
            if name not in dropped and not _is_kept(made, self._branches(type, name)):
                self._file.refuse(
                    f"{name} changes what the rest of a {type} means: keep it, or name it in 'dropped'", type
                )
        return made

    def _add(self, into: Cut, type: str, at: str, steps: list[str]) -> None:
        """Name what is kept at a path below `at`, a definition of R4."""
        step, rest = steps[0], steps[1:]
        found = _EXTENSION.fullmatch(step)
        if found:
            return self._add_extension(into, type, found[1], rest)
        element = self._definitions.element(f"{at}.{step}")
        if element is None or element.choice or element.name in _NEVER:
            return self._file.refuse(f"{at} has no element {step!r} that can be kept", type, "elements")
        if not rest:
            self._keep(into, element, step, type)
            return None
        below = into.kept.setdefault(step, Cut())
        if element.many:
            into.lists.add(step)
        if below is None or element.content is None:
            return self._file.refuse(f"{at}.{step} has no parts", type, "elements")
        self._add(below, type, element.content, rest)
        self._require(below, element.content)
        return None

    def _add_extension(self, into: Cut, type: str, name: str, rest: list[str]) -> None:
        known = self._known.get(name)
        if known is None or (known.key is None) != bool(rest):
            return self._file.refuse(
                f"ext({name}) is not declared so in mappings/tables/extensions.toml", type, "elements"
            )
        below = into.extensions.setdefault(known.url, Cut())
        if known.key and known.value:
            below.kept[known.key] = self._datatype(known.value, type)
            return None
        return self._add(below, type, "Extension", rest)

    def _keep(self, into: Cut, element: Element, name: str, type: str) -> None:
        """Name an element that is kept as far as its data type is."""
        into.kept[name] = self._datatype(element.content or "", type)
        if element.many:
            into.lists.add(name)

    def _datatype(self, name: str, type: str) -> Cut | None:
        """What is kept of a data type, or of a group of elements in one: of that, all."""
        if name[:1].islower() or not name:
            return None
        if name not in self._made:
            made = self._made[name] = Cut()
            group = "." in name
            if not group and name not in self._types:
                self._file.refuse(f"what is kept of a {name} is not said in [datatypes]", type, "elements")
            for child in self._children(name) if group else self._types.get(name, ()):
                element = self._definitions.element(f"{name}.{child}")
                if element is None:
                    self._file.refuse(f"{name} has no element {child!r}", "datatypes", name)
                else:
                    self._keep(made, element, child, type)
            self._require(made, name)
        return self._made[name]

    def _children(self, name: str) -> Iterator[str]:
        for child in self._definitions.children(name):
            if child.name not in _NEVER:
                yield from self._branches(name, child.name)

    def _require(self, cut: Cut, at: str) -> None:
        """R4's required elements."""
        needed = [element.name for element in self._own(at) if element.min]
        cut.required = tuple(tuple(self._branches(at, name)) for name in needed)

    def _own(self, at: str) -> list[Element]:
        return [child for child in self._definitions.children(at) if child.name not in (*_NEVER, "implicitRules")]

    def _branches(self, at: str, name: str) -> list[str]:
        """The names that an element has in JSON."""
        if not name.endswith("[x]"):
            return [name]
        element = self._definitions.element(f"{at}.{name}")
        kinds = element.types if element else ()
        return [name[:-3] + kind[0].upper() + kind[1:] for kind in kinds]


def _is_kept(cut: Cut, names: Sequence[str]) -> bool:
    return all(name in cut.kept for name in names)
