"""The rows of a map grouped by the object of the resource they live in: what the three writers of source walk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter.mapping.paths import ANY, Path, Step
from adapter.mapping.rows import Each, Fixed, Row, Shape
from adapter.mapping.slices import Slice

SELF = Step("one", ".", ".", "")
"""The step of a row whose element is the member itself."""


class Scope:
    """The names a compiled map uses for what it does not spell out: tables, codecs, slices, literals."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self._tests: dict[int, tuple[Slice, str]] = {}

    def bind(self, name: str, value: Any) -> str:
        """A Python name for `value`: `name`, or `name_2` where that is another value already."""
        base = re.sub(r"\W+", "_", name).strip("_")
        unique, number = base, 1
        while unique in self.names and not _equal(self.names[unique], value):
            number += 1
            unique = f"{base}_{number}"
        self.names[unique] = value
        return unique

    def bind_test(self, name: str, slice: Slice) -> str:
        """A name for the test of a slice, made once for each."""
        if id(slice) not in self._tests:
            self._tests[id(slice)] = (slice, self.bind(name, slice.test()))
        return self._tests[id(slice)][1]


def _equal(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and bool(a == b))


@dataclass(slots=True)
class Leaf:
    """The last step of one path, and what owns it; `column` counts the paths of a joint row."""

    step: Step
    path: Path
    row: Row | None = None
    each: Each | None = None
    fixed: Fixed | None = None
    column: int = 0

    @property
    def joint(self) -> bool:
        """Whether the row owns several elements."""
        return self.row is not None and len(self.row.paths) > 1

    @property
    def wrap(self) -> Mapping[str, Any] | None:
        """What an extension holds besides its value."""
        return self.step.slice.new if self.path.wrap else None

    @property
    def certain(self) -> bool:
        """Whether every complete record writes it."""
        if self.fixed:
            return True
        return self.row is not None and not self.row.optional and not self.row.many and not self.joint


@dataclass(slots=True)
class Node:
    """One object: its leaves and the objects within it."""

    variable: str
    step: Step | None
    place: str
    """where it is, as the inside of an f-string"""
    new: Mapping[str, Any] = field(default_factory=dict)
    """the literal content every new one starts with"""
    members: tuple[str, ...] = ()
    """the variables, from outside in, of the list members on the way here, its own included"""
    leaves: list[Leaf] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    parts: list[Leaf | Node] = field(default_factory=list)
    """leaves and objects in the order of the file"""

    def in_order(self) -> list[Leaf | Node]:
        """The parts in the order in which they fill a list: what is fixed, what every record has, then the rest."""
        return sorted(self.parts, key=_rank)

    @property
    def itself(self) -> Row | None:
        """The row that is the whole member, if there is one: then there is no other."""
        return next((leaf.row for leaf in self.leaves if leaf.step is SELF), None)

    def fields(self) -> list[str]:
        """The native fields written within this object."""
        names = [owner.name for leaf in self.leaves if (owner := leaf.row or leaf.each)]
        return list(dict.fromkeys([*names, *(name for node in self.nodes for name in node.fields())]))

    def holds_fixed(self) -> bool:
        """Whether a fixed element is within, so the object is always there."""
        return any(leaf.fixed for leaf in self.leaves) or any(node.holds_fixed() for node in self.nodes)

    def certain(self) -> bool:
        """Whether every complete record writes something here."""
        return any(leaf.certain for leaf in self.leaves) or any(node.certain() for node in self.nodes)

    def walk(self) -> Iterator[Node]:
        """This object and all within, outer ones first."""
        yield self
        for node in self.nodes:
            yield from node.walk()

    def known(self) -> frozenset[str]:
        """The JSON names this map knows in the object."""
        names = {name for leaf in self.leaves for name in _names(leaf.step)}
        return frozenset(names | {node.step.key for node in self.nodes if node.step})

    def claims(self, key: str) -> list[Slice]:
        """The slices claimed of the list `key`."""
        steps = [*(leaf.step for leaf in self.leaves), *(node.step for node in self.nodes if node.step)]
        return list({step.slice.name: step.slice for step in steps if step.kind == "list" and step.key == key}.values())

    def lists(self) -> list[str]:
        """The JSON names of the lists in which only some members are claimed."""
        keys = {step.key: None for step in (leaf.step for leaf in self.leaves) if step.kind == "list"}
        keys.update({node.step.key: None for node in self.nodes if node.step and node.step.kind == "list"})
        return [key for key in keys if ANY not in self.claims(key)]

    def claim(self, step: Step, scope: Scope) -> str:
        """The source of the test for the members that `step` takes; "None" where it takes all."""
        others = [other for other in self.claims(step.key) if other is not ANY]
        if step.slice is not ANY:
            return scope.bind_test(f"is_{step.slice.name}_{step.key}", step.slice)
        return scope.bind(f"is_other_{step.key}", Rest(tuple(others))) if others else "None"


@dataclass(frozen=True, slots=True)
class Rest:
    """The members that belong to none of the other slices."""

    others: tuple[Slice, ...]

    def __call__(self, member: Any) -> bool:
        return not any(other.has(member) for other in self.others)


def _rank(part: Leaf | Node) -> int:
    if isinstance(part, Leaf):
        return 0 if part.fixed else 1 if part.certain else 2
    return 1 if part.certain() else 2


def _names(step: Step) -> list[str]:
    return [name for name, _ in step.branches] or [step.key]


def tree(shape: Shape) -> Node:
    """The tree of a shape."""
    root = Node("part" if "." in shape.base else "resource", None, "{at}", shape.new)
    for row in shape.rows:
        for number, path in enumerate(row.paths):
            _hang(root, path, Leaf(_last(path), path, row=row, column=number))
    for each in shape.eaches:
        _hang(root, each.path, Leaf(_last(each.path), each.path, each=each))
    for fixed in shape.fixed:
        _hang(root, fixed.path, Leaf(_last(fixed.path), fixed.path, fixed=fixed))
    return root


def _last(path: Path) -> Step:
    return path.steps[-1] if path.steps else SELF


def _hang(root: Node, path: Path, leaf: Leaf) -> None:
    node = root
    for step in path.steps[:-1]:
        found = next((inner for inner in node.nodes if inner.step and inner.step.text == step.text), None)
        if found is None:
            variable = (
                re.sub(r"\W+", "_", f"{'' if node is root else node.variable + '_'}{step.text}").strip("_").lower()
                + "_"
            )
            place = f"{node.place}.{step.key}" if step.kind == "one" else f"{{at_{variable}}}"
            members = (*node.members, variable) if step.kind == "list" else node.members
            found = Node(variable, step, place, step.slice.new, members)
            node.nodes.append(found)
            node.parts.append(found)
        node = found
    node.leaves.append(leaf)
    node.parts.append(leaf)
