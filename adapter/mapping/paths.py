"""The closed grammar of element paths, resolved against the R4 definitions.

`name`, `name[x]`, `name[slice=KEY]` and `ext(NAME)`, joined by dots; no index, ever. "." alone is the member itself.
R4: https://hl7.org/fhir/R4/elementdefinition.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adapter.fhir.elements import Definitions, Element
from adapter.mapping.slices import Extension, Slice, Slices

_STEP = re.compile(
    r"ext\((?P<ext>[A-Za-z][\w-]*)\)|(?P<name>[a-z][A-Za-z0-9]*)(?P<choice>\[x\])?(?:\[slice=(?P<slice>[A-Za-z][\w-]*)\])?"
)
# Their parts are one statement: what a part says cannot change while the rest keeps saying the old.
ONE_MEANING = ("CodeableConcept", "Coding", "Quantity", "Age", "Duration", "Reference", "Annotation")
ANY = Slice("any")
"""The slice every member belongs to."""


class PathError(ValueError):
    """A path that the grammar or the R4 definitions refuse; the text says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way down: `one` child, the branches of a `choice`, or the members of a list (`list`) that are in `slice`."""

    kind: Literal["one", "choice", "list"]
    key: str
    text: str
    at: str
    """the definition path the step arrives at, without slices"""
    primitive: bool = False
    slice: Slice = ANY
    branches: tuple[tuple[str, str], ...] = ()
    """of a choice: (JSON name, type) that this path owns"""
    siblings: tuple[str, ...] = ()
    """of a choice or one branch of it: every JSON name of the choice"""
    required: bool = False
    """whether R4 wants the element in whatever holds it"""
    one_meaning: bool = False
    """whether its parts say one thing together (a CodeableConcept's codings and text)"""


@dataclass(frozen=True, slots=True)
class Path:
    """A resolved path. `wrap` is the JSON name of the value when it ends in an extension that has one."""

    text: str
    steps: tuple[Step, ...]
    types: tuple[str, ...]
    codes: frozenset[str] | None = None
    targets: tuple[str, ...] = ()
    wrap: str | None = None

    @property
    def many(self) -> bool:
        """Whether it ends in a list."""
        return bool(self.steps) and self.steps[-1].kind == "list"


class Paths:
    """Resolves paths with the definitions and the declared slices and extensions."""

    def __init__(self, definitions: Definitions, slices: Slices, extensions: Mapping[str, Extension]) -> None:
        self.definitions, self.slices, self.extensions = definitions, slices, extensions

    def resolve(self, text: str, base: str) -> Path:
        """The path `text` from the definition `base` ("Encounter", "Observation.component"); raises PathError."""
        if text == ".":
            element = self.definitions.element(base)
            return Path(text, (), element.types if element else (base,), element.codes if element else None)
        steps: list[Step] = []
        at = base
        for part in split(text):
            if steps and steps[-1].kind == "choice":
                raise PathError(f"nothing can follow a choice: name the branch, not {steps[-1].text}")
            steps.append(self._extension(part, at, steps) if part.startswith("ext(") else self._name(part, at))
            at = steps[-1].at
        return self._path(text, tuple(steps))

    def _path(self, text: str, steps: tuple[Step, ...]) -> Path:
        last = steps[-1]
        if last.text.startswith("ext("):
            declared = self.extensions[last.text[4:-1]]
            return Path(text, steps, (declared.value or "Extension",), wrap=declared.key)
        element = self.definitions.element(last.at)
        assert element is not None
        types = tuple(kind for _, kind in last.branches) or element.types
        return Path(text, steps, types, element.codes, element.targets)

    def _extension(self, part: str, at: str, before: list[Step]) -> Step:
        name = part[4:-1]
        declared = self.extensions.get(name)
        if declared is None:
            raise PathError(f"unknown extension {name!r}: declare it in tables/extensions.toml")
        if before and before[-1].text.startswith("ext("):
            above = self.extensions[before[-1].text[4:-1]]
            if above.value:
                raise PathError(f"the extension {above.name!r} has a value, not parts")
        if before and before[-1].primitive:
            raise PathError("extensions of a primitive element are not mapped: they are residue")
        return Step("list", "extension", part, f"{at}.extension", slice=declared.slice())

    def _name(self, part: str, at: str) -> Step:
        match = _STEP.fullmatch(part)
        assert match is not None
        name, choice, key = match["name"], match["choice"], match["slice"]
        element = self.definitions.element(f"{at}.{name}{choice or ''}")
        if element is None:
            raise PathError(f"unknown element {at}.{name}{choice or ''}")
        if element.choice:
            return self._choice(name, part, at, element)
        primitive, needed = element.types[0][0].islower(), element.min > 0
        whole = element.types[0] in ONE_MEANING
        if not element.many:
            if key:
                raise PathError(f"{at}.{name} does not repeat, so it has no slices")
            siblings = self._siblings(name, at)
            return Step("one", name, part, f"{at}.{name}", primitive, ANY, (), siblings, needed, whole)
        members = self._slice(f"{at}.{name}", key)
        return Step("list", name, part, f"{at}.{name}", primitive, members, required=needed, one_meaning=whole)

    def _choice(self, name: str, part: str, at: str, element: Element) -> Step:
        branches = tuple((name + kind[0].upper() + kind[1:], kind) for kind in element.types)
        return Step("choice", name, part, f"{at}.{name}[x]", branches=branches, siblings=tuple(k for k, _ in branches))

    def _siblings(self, name: str, at: str) -> tuple[str, ...]:
        """The JSON names of the choice that `name` is a branch of, or none."""
        for child in self.definitions.children(at):
            names = tuple(child.name[:-3] + kind[0].upper() + kind[1:] for kind in child.types) if child.choice else ()
            if name in names:
                return names
        return ()

    def _slice(self, path: str, key: str | None) -> Slice:
        if key is None:
            return ANY
        if found := self.slices.find(path, key):
            return found
        raise PathError(f"unknown slice {key!r} of {path}: declare it in tables/slices.toml")


def split(text: str) -> list[str]:
    """The steps of a path as text; raises PathError for anything outside the grammar."""
    if re.search(r"\[\d+\]", text):
        raise PathError("a positional index is not allowed: members of a list are found by slice or key")
    parts, rest = [], text
    while rest:
        match = _STEP.match(rest)
        tail = rest[match.end() :] if match else rest
        if match is None or (tail and not tail.startswith(".")) or tail == ".":
            raise PathError(f"not a path: {text!r} (name, name[x], name[slice=KEY], ext(NAME), joined by dots)")
        parts.append(match.group())
        rest = tail[1:]
    if not parts:
        raise PathError("an empty path")
    return parts


def plain(text: str) -> str:
    """The path without slices, as the keys of [residue] are written."""
    return re.sub(r"\[slice=[^\]]*\]", "", text)
