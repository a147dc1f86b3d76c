"""What others put into a resource around what a map says: additions inside, around and beside what its rows own.

Every addition carries a mark, a text found nowhere else, so a law can ask afterwards whether it is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump
from adapter.mapping.concept import MappedConcept
from adapter.mapping.edits import clone
from adapter.mapping.members import canonical, key_of
from adapter.mapping.paths import ANY, Path, Step
from adapter.mapping.rows import Each, Row, Shape
from tests.laws.strategies import Record, shuffled


@dataclass(frozen=True, slots=True)
class Mark:
    """An addition: its text, and the test whether it should still be there after `other` is written."""

    text: str
    stays: Callable[[Record], bool]


def spots(node: Any, path: Path) -> Iterator[tuple[Record, str, int | None]]:
    """(holder, JSON name, index or None) of every element at a path."""
    holders = [node]
    for step in path.steps[:-1]:
        inner = [(holder[step.key]) for holder in holders if step.key in holder]
        holders = [
            member
            for child in inner
            for member in (child if isinstance(child, list) else [child])
            if step.kind != "list" or step.slice.has(member)
        ]
    last = path.steps[-1]
    for holder in holders:
        for name in [name for name, _ in last.branches] or [last.key]:
            for index, member in enumerate(holder.get(name, ())) if last.kind == "list" else ():
                if not last.slice.has(member):
                    continue
                yield (member, path.wrap, None) if path.wrap else (holder, name, index)
            if last.kind != "list" and name in holder:
                yield holder, name, None


def touch(holder: Record, name: str, index: int | None, text: str) -> None:
    """Add an extension with the mark to an element, in the form its kind asks for."""
    extension = {"url": f"http://example.org/{text}", "valueBoolean": True}
    element = holder[name] if index is None else holder[name][index]
    if isinstance(element, dict):
        element.setdefault("extension", []).append(extension)
    elif index is None:
        holder[f"_{name}"] = {"extension": [extension]}
    else:
        beside = holder.setdefault(f"_{name}", [None] * len(holder[name]))
        beside[index] = {"extension": [extension]}


@st.composite
def decorated(
    draw: st.DrawFn,
    concept: MappedConcept,
    definitions: Definitions,
    record: Record,
) -> tuple[Record, list[Mark]]:
    """The resource of a record with additions inside what rows own, around it, and beside it in lists."""
    resource = clone(concept.to_fhir(record, park=True))
    marks: list[Mark] = []

    def mark(stays: Callable[[Record], bool]) -> str:
        marks.append(Mark(f"mark{len(marks)}x", stays))
        return marks[-1].text

    _inside(draw, concept.shape, resource, record, mark)
    for each in concept.shape.eaches:
        for holder, name, index in spots(resource, each.path):
            _member(draw, each, holder[name][index], record, mark)
    _beside(draw, concept.shape, resource, mark)
    _around(draw, concept.shape, resource, record, definitions, mark)
    return shuffled(draw, resource), marks


Marker = Callable[..., str]


def _inside(draw: st.DrawFn, shape: Shape, node: Record, record: Record, mark: Marker) -> None:
    """Extensions, displays and further codings inside the elements of rows."""
    for row in shape.rows:
        if not row.paths[0].steps or row.name not in record:
            continue
        for path in row.paths:
            for position, (holder, name, index) in enumerate(list(spots(node, path))):
                if row.many and [dump(item) for item in record[row.name]].count(dump(record[row.name][position])) > 1:
                    continue  # equal values of a list cannot be told apart
                if draw(st.integers(0, 3)) == 0:
                    touch(holder, name, index, mark(_same(row, record, position)))
                element = holder[name] if index is None else holder[name][index]
                if (
                    isinstance(element, dict)
                    and "coding" in element
                    and row.codec.name == "concept"
                    and draw(st.booleans())
                ):
                    element["coding"].append({"system": "urn:other", "code": mark(_same(row, record, position))})
                if isinstance(element, dict) and "reference" in element and draw(st.booleans()):
                    element["display"] = mark(_same(row, record, position))


def _same(row: Row, record: Record, position: int) -> Callable[[Record], bool]:
    """Whether the value an addition sits in is still the same; of a list, the value at its position."""
    if not row.many:
        return lambda other: canonical(other.get(row.name)) == canonical(record[row.name])
    return lambda other: canonical(record[row.name][position]) in map(canonical, other.get(row.name, ()))


def _member(draw: st.DrawFn, each: Each, member: Any, record: Record, mark: Marker) -> None:
    """Additions in a member of a list: in the elements of its rows, and beside them."""
    if not all(row.paths[0].steps for row in each.shape.rows):
        return
    item = next((item for item in record.get(each.name, ()) if _is(each, item, member)), None)
    if item is None:
        return
    key = key_of(item, each.keys)

    def now(other: Record) -> Record | None:
        return next((found for found in other.get(each.name, ()) if key_of(found, each.keys) == key), None)

    def inner(stays: Callable[[Record], bool]) -> str:
        return mark(lambda other: (found := now(other)) is not None and stays(found))

    _inside(draw, each.shape, member, item, inner)
    if draw(st.booleans()):
        text = mark(lambda other: now(other) is not None)
        member.setdefault("extension", []).append({"url": f"http://example.org/{text}", "valueBoolean": True})


def _is(each: Each, item: Record, member: Record) -> bool:
    """Whether a member is the one of an item: all its key elements are what the codecs write."""
    for row in each.shape.rows:
        if row.name in each.keys:
            found = [
                holder[name] if index is None else holder[name][index]
                for holder, name, index in spots(member, row.paths[0])
            ]
            values = [row.codec.read(element) for element in found]
            wanted = item.get(row.name, [] if row.many else None)
            if dump(values) != dump(wanted if row.many else [] if wanted is None else [wanted]):
                return False
    return True


def _beside(draw: st.DrawFn, shape: Shape, resource: Record, mark: Marker) -> None:
    """Foreign members in the lists of which slices, keys or readable values are owned."""
    for _, path in shape.paths():
        last = path.steps[-1]
        foreign = last.kind == "list" and not last.primitive and len(path.steps) == 1 and last.key in resource
        owned_in_part = last.slice is not ANY or _keyed(shape, path) or _listed(shape, path)
        if foreign and owned_in_part and last.key != "extension" and draw(st.integers(0, 2)) == 0:
            text = mark(lambda other: True)
            member = {"extension": [{"url": f"http://example.org/{text}", "valueBoolean": True}]}
            resource[last.key].insert(draw(st.integers(0, len(resource[last.key]))), member)


def _keyed(shape: Shape, path: Path) -> bool:
    return any(each.path is path for each in shape.eaches)


def _listed(shape: Shape, path: Path) -> bool:
    return any(row.many and path in row.paths for row in shape.rows)


FILLERS: dict[str, Callable[[str], Any]] = {
    "string": lambda text: text,
    "markdown": lambda text: text,
    "CodeableConcept": lambda text: {"text": text},
    "Reference": lambda text: {"display": text},
    "Annotation": lambda text: {"text": text},
    "Identifier": lambda text: {"value": text},
    "uri": lambda text: f"urn:x:{text}",
    "Period": lambda text: {"id": text},
}


def _around(
    draw: st.DrawFn, shape: Shape, resource: Record, record: Record, definitions: Definitions, mark: Marker
) -> None:
    """Elements no row owns: of the resource itself and of the objects on the way to what rows own."""
    owned = {path.steps[0].key for _, path in shape.paths()}
    for child in definitions.children(shape.base):
        usual = (
            child.types and child.types[0] in FILLERS and not child.choice and child.name not in ("id", "implicitRules")
        )
        if usual and child.name not in owned and child.name not in resource and draw(st.integers(0, 2)) == 0:
            filled = FILLERS[child.types[0]](mark(lambda other: True))
            resource[child.name] = [filled] if child.many else filled
    if draw(st.booleans()):
        url = f"http://example.org/{mark(lambda other: True)}"
        resource.setdefault("extension", []).insert(0, {"url": url, "valueBoolean": True})
    if draw(st.booleans()):
        resource.setdefault("meta", {})["tag"] = [{"code": mark(lambda other: True)}]
    if status := draw(st.sampled_from([None, "generated", "extensions", "additional"])):
        stays = status == "additional"  # it may say what no element says
        resource["text"] = {"status": status, "div": f"<div>{mark(lambda other: stays)}</div>"}
    inner = {path.steps[0].key: path.steps[0] for _, path in shape.paths() if len(path.steps) > 1}
    for key, step in inner.items():
        if step.kind == "one" and key in resource and draw(st.booleans()):
            url = f"http://example.org/{mark(_unless_said_anew(shape, step, record))}"
            resource[key].setdefault("extension", []).append({"url": url, "valueBoolean": True})


def _unless_said_anew(shape: Shape, step: Step, record: Record) -> Callable[[Record], bool]:
    """What stands beside a row's element stays, save where both are parts of one statement and the row changes, and
    where the object loses a part that R4 wants in it."""
    rows = [row for row in shape.rows if any(path.steps and path.steps[0] == step for path in row.paths)]
    needed = [row.name for row in rows if row.paths[0].steps[-1].required and row.name in record]
    same = [row.name for row in rows] if step.one_meaning else []

    def stays(other: Record) -> bool:
        unchanged = all(canonical(other.get(name)) == canonical(record.get(name)) for name in same)
        return unchanged and all(name in other for name in needed)

    return stays
