"""Where in a resource a native field is said: the FHIRPath of what a rule over native fields finds.

Senders of FHIR know elements, not our fields: `services[0].diagnoses` is told to them as
`Claim.item[0].diagnosisSequence`. R4: https://hl7.org/fhir/R4/operationoutcome-definitions.html
(OperationOutcome.issue.expression)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapter.mapping.members import claimed, whereabouts
from adapter.mapping.paths import ANY, Path, Step
from adapter.mapping.rows import Row, Shape
from adapter.mapping.slices import Slice
from adapter.mapping.tree import Rest

_PART = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d+)\])?")
Place = tuple[str, Any]
"""A FHIRPath, and the element there (None: it is not there)."""


def element_place(shape: Shape, resource: Mapping[str, Any], field: str) -> str:
    """The FHIRPath of the element that a field of the record is read from, with the indexes of this resource.

    `field` is a native field as rules name it: `ended_at`, `items[2].answer`. What is inside a codec's value is told as
    the whole element, an element that is not there as where it would be, and what no row has as the resource.
    """
    at: str = resource["resourceType"]
    node: Any = resource
    for name, index in _parts(field):
        each = next((each for each in shape.eaches if each.name == name), None)
        row = next((row for row in shape.rows if row.name == name), None)
        if each is None and row is None:
            break
        path = each.path if each else _said(row, node)
        at, node = _walk(path, index, node, at, _slices(shape))
        if each is None or index is None:
            break
        shape = each.shape
    return at


def _parts(field: str) -> Iterator[tuple[str, int | None]]:
    """`items[2].answer` as (items, 2), (answer, None)."""
    for part in field.split("."):
        if match := _PART.fullmatch(part):
            yield match["name"], None if match["index"] is None else int(match["index"])


def _said(row: Row | None, node: Any) -> Path:
    """Of the elements that a joint row owns, the first that is there."""
    assert row is not None
    return next((path for path in row.paths if _first(path, node)), row.paths[0])


def _first(path: Path, node: Any) -> bool:
    """Whether the first step of a path leads anywhere."""
    if not path.steps or not isinstance(node, Mapping):
        return False
    step = path.steps[0]
    return bool(_members(step, node, ())) if step.kind == "list" else _branch(step, node) is not None


def _walk(path: Path, index: int | None, node: Any, at: str, slices: Mapping[tuple[str, ...], list[Slice]]) -> Place:
    """Down a path; `index` is that of the native list, whose members the last step finds."""
    gone: tuple[str, ...] = ()
    for step in path.steps:
        gone = (*gone, step.key)
        wanted = index if step is path.steps[-1] else None
        at, node = _step(step, wanted, node if isinstance(node, Mapping) else {}, at, slices.get(gone, ()))
    return at, node


def _step(step: Step, index: int | None, node: Mapping[str, Any], at: str, beside: Sequence[Slice]) -> Place:
    """One step down. A list that is meant as a whole, or of which several members may be meant, has no index."""
    if step.kind != "list":
        key = _branch(step, node)
        return f"{at}.{step.key}", node.get(key) if key else None
    positions = _members(step, node, beside)
    if index is None and len(positions) == 1 and step.slice is not ANY:
        index = 0
    if index is not None and index < len(positions):
        return whereabouts(at, step.key, node[step.key], positions[index]), node[step.key][positions[index]]
    if step.key == "extension":
        return f"{at}.extension('{step.slice.match['url']}')", None
    return f"{at}.{step.key}", node[step.key][positions[0]] if len(positions) == 1 else None


def _branch(step: Step, node: Mapping[str, Any]) -> str | None:
    """The JSON name of the step that is there."""
    return next((key for key in [name for name, _ in step.branches] or [step.key] if key in node), None)


def _members(step: Step, node: Mapping[str, Any], beside: Sequence[Slice]) -> list[int]:
    """The positions of the members a step means: those of its slice, or those of no other slice."""
    members = node.get(step.key)
    claim = step.slice.has if step.slice is not ANY else Rest(tuple(beside))
    return claimed(members, claim) if isinstance(members, list) else []


def _slices(shape: Shape) -> Mapping[tuple[str, ...], list[Slice]]:
    """The slices that the rows of a shape name, by the path of their list."""
    found: dict[tuple[str, ...], list[Slice]] = {}
    for _, path in shape.paths():
        for number, step in enumerate(path.steps):
            if step.kind == "list" and step.slice is not ANY:
                found.setdefault(tuple(s.key for s in path.steps[: number + 1]), []).append(step.slice)
    return found
