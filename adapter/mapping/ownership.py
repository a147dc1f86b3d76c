"""Proves that no element, branch of a choice or member of a list has two owners within one map."""

from __future__ import annotations

from collections.abc import Iterator

from adapter.mapping.paths import ANY, Path, Step
from adapter.mapping.rows import Shape


def clashes(shape: Shape) -> Iterator[tuple[str, str, str]]:
    """(owner, other owner, why) for each pair of paths that may mean one element."""
    owned = list(shape.paths())
    for index, (name, path) in enumerate(owned):
        for other_name, other in owned[:index]:
            if why := clash(other, path):
                yield name, other_name, why


def clash(a: Path, b: Path) -> str:
    """Why the two paths may own one element, or "" when they cannot.

    A path owns all that is beneath its end. Two paths through one list part where their slices exclude each other;
    the bare list next to a slice of it means the other members.
    """
    for one, two in zip(a.steps, b.steps, strict=False):
        ends = one is a.steps[-1] or two is b.steps[-1]
        if "choice" in (one.kind, two.kind):
            return f"both own {_branch(one, two)}" if _branch(one, two) else ""
        if one.key != two.key:
            return ""
        if one.kind == "list" and one.slice.name != two.slice.name:
            return _members(one, two)
        if ends:
            return f"both own {one.text}"
    return f"both own {a.text}"


def _branch(one: Step, two: Step) -> str:
    """A JSON name of a choice that both steps own, or ""."""
    mine = {name for name, _ in one.branches} or {one.key}
    theirs = {name for name, _ in two.branches} or {two.key}
    return min(mine & theirs, default="")


def _members(one: Step, two: Step) -> str:
    if ANY in (one.slice, two.slice) or one.slice.excludes(two.slice) or two.slice.excludes(one.slice):
        return ""
    return f"the slices {one.slice.name} and {two.slice.name} of {one.key} are not known to exclude each other"
