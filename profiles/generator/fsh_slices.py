"""How the members of a list are told apart, as FHIR says it: discriminators, and what each slice fixes at them.

R4: https://hl7.org/fhir/R4/profiling.html#discriminator
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from adapter.mapping.paths import Path
from adapter.mapping.slices import Slice

from .fsh_text import camel, code, quoted

Discriminator = tuple[str, str]


@dataclass(frozen=True)
class Slicing:
    """The discriminators of one list."""

    discriminators: tuple[Discriminator, ...]

    def joined(self, other: Slicing, where: str) -> Slicing:
        """One slicing for both: the same paths, told by pattern where one of them is."""
        mine, theirs = ({path: kind for kind, path in one.discriminators} for one in (self, other))
        if mine.keys() != theirs.keys() or ("type" in {*mine.values()}) != ("type" in {*theirs.values()}):
            raise SystemExit(f"{where}: its slices are told apart in different ways, which one slicing cannot say")
        kinds = {path: kind if kind == theirs[path] else "pattern" for path, kind in mine.items()}
        return Slicing(tuple((kind, path) for path, kind in kinds.items()))


def alone(path: Path) -> tuple[Path, ...]:
    """The path once for each type that tells its members: a discriminator by type has one type for each slice."""
    several = [number for number, step in enumerate(path.steps) if len(step.slice.to) > 1]
    if not several:
        return (path,)
    number = several[0]
    step = path.steps[number]
    parts = (replace(step.slice, name=camel(step.slice.name) + kind, to=(kind,)) for kind in step.slice.to)
    steps = ((*path.steps[:number], replace(step, slice=part), *path.steps[number + 1 :]) for part in parts)
    return tuple(one for made in steps for one in alone(replace(path, steps=made)))


def told_apart(
    slice: Slice, coding: Mapping[str, str] | None, bound: str, kind: Callable[[str], str]
) -> tuple[Slicing, list[tuple[str, str]]]:
    """(the discriminators of a slice, its rules as (path below the slice, FSH)); `kind` is the type of a child."""
    inner = ".".join(part for part in slice.at if part)
    if slice.to:
        where = f"{inner}.resolve()" if inner else "$this.resolve()"
        return Slicing((("type", where),)), [(inner, "only")]
    if slice.keys is not None:
        if coding is not None:
            said = code(coding.get("system", ""), coding["code"])
            return Slicing((("pattern", inner or "$this"),)), [(inner, f"= {said}")]
        return Slicing((("value", inner or "$this"),)), [(inner, f"from {bound} (required)")]
    return _matched(slice, kind)


def _matched(slice: Slice, kind: Callable[[str], str]) -> tuple[Slicing, list[tuple[str, str]]]:
    """Literal children; what is said of codings becomes a pattern of the element that holds them."""
    discriminators: dict[str, str] = {}
    rules = []
    for path, value in slice.match.items():
        said = quoted(value) if isinstance(value, str) else str(value).lower()
        holder, coded, part = path.rpartition("coding.")
        if coded:
            inner = holder.rstrip(".")
            discriminators[inner or "$this"] = "pattern"
            literal = f"#{value}" if part == "code" else said
            rules.append((inner, f"^patternCodeableConcept.coding[0].{part} = {literal}"))
        else:
            discriminators[path] = "value"
            rules.append((path, f"= #{value}" if kind(path) == "code" else f"= {said}"))
    return Slicing(tuple((kind, path) for path, kind in discriminators.items())), rules
