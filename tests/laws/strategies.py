"""Records and resources made from the maps themselves: what a map can say, and what it cannot say around it.

Every addition carries a mark, a text found nowhere else, so a law can ask afterwards whether it is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from adapter.fhir.elements import Definitions
from adapter.fhir.json import Lexeme, dump
from adapter.mapping.choices import BooleanOrReference, CodesOrReference, ConceptOrCodes, Counted, Dose
from adapter.mapping.codecs import NamedReference, Reference
from adapter.mapping.concept import MappedConcept
from adapter.mapping.edits import clone
from adapter.mapping.findings import Finding
from adapter.mapping.members import canonical, key_of
from adapter.mapping.paths import ANY, Path, Step
from adapter.mapping.quantities import Answer, Quantity
from adapter.mapping.rows import Each, Row, Shape
from adapter.mapping.structures import Structure

Record = dict[str, Any]
TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)
ID = st.from_regex(r"[A-Za-z0-9.\-]{1,8}", fullmatch=True)
DAY = st.dates().map(str)
MOMENT = st.one_of(
    DAY,
    st.sampled_from(["2026", "2026-03"]),
    st.builds(
        "{}T{:02}:{:02}:00{}".format, DAY, st.integers(0, 23), st.integers(0, 59), st.sampled_from(["Z", "-05:00"])
    ),
)
NUMBER = st.one_of(st.integers(-999, 999), st.sampled_from([Lexeme("1.10"), Lexeme("1e2"), 0.5]))
_SCHEDULE = st.fixed_dictionaries(
    {"times": st.integers(1, 5), "per": st.sampled_from(["day", "week", "month"])},
    optional={
        "every": st.integers(2, 4),
        "times_max": st.integers(6, 9),
        "every_max": st.integers(5, 9),
        "minutes": st.integers(1, 240),
        "days": st.just(["mon", "thu"]),
        "count": st.integers(1, 9),
        "period": st.just({"start": "2026-01-05"}),
    },
)
# R4 tim-9 and tim-10: an offset is from an event, and events stand for times of day.
_OF_DAY = st.one_of(
    st.just({}),
    st.just({"at": ["09:00:00"]}),
    st.fixed_dictionaries({"when": st.just(["MORN"])}, optional={"offset": st.integers(1, 60)}),
)
SCHEDULE = st.builds(lambda often, day: {**often, **day}, _SCHEDULE, _OF_DAY)
BY_CODEC: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "markdown": TEXT,
    "uri": TEXT.map("urn:x:{}".format),
    "url": TEXT.map("https://example.org/{}".format),
    "time": st.just("09:30:00"),
    "moment": MOMENT,
    "instant": st.just("2026-03-04T09:00:00.120Z"),
    "date": DAY,
    "boolean": st.booleans(),
    "integer": st.integers(0, 999),
    "decimal": NUMBER,
    "note": TEXT,
    "score": st.integers(0, 99),
    "minutes": st.integers(0, 999),
    "rating": st.integers(0, 4),
    "hours": st.one_of(st.integers(0, 168), st.sampled_from([Lexeme("1.10"), 0.5])),
    "boolean_or_moment": st.one_of(st.booleans(), DAY),
    "schedule": SCHEDULE,
}


def once(make: Callable[[Any], st.SearchStrategy[Any]]) -> Callable[[Any], st.SearchStrategy[Any]]:
    """One strategy for each row or shape: making them is what takes time."""
    made: dict[int, tuple[Any, st.SearchStrategy[Any]]] = {}

    def cached(thing: Any) -> st.SearchStrategy[Any]:
        if id(thing) not in made:
            made[id(thing)] = (thing, make(thing))
        return made[id(thing)][1]

    return cached


@once
def value(row: Row) -> st.SearchStrategy[Any]:
    """One native value of a row."""
    codec = row.codec
    if words := codec.schema.get("enum"):
        return st.sampled_from(words)
    if isinstance(codec, Finding):
        return _finding(codec)
    if isinstance(codec, Reference):
        to = codec.options.to
        target = ID if len(to) == 1 else st.builds("{}/{}".format, st.sampled_from(to), ID)
        return target | st.builds(lambda name: {"name": name}, TEXT) if isinstance(codec, NamedReference) else target
    if isinstance(codec, BooleanOrReference | CodesOrReference | ConceptOrCodes | Counted | Dose):
        return _either(codec)
    if isinstance(codec, Quantity):
        return (
            NUMBER if codec.unit else st.fixed_dictionaries({"value": NUMBER, "unit": st.sampled_from(["mg", "ng/mL"])})
        )
    if isinstance(codec, Answer):
        return st.one_of(st.integers(0, 4), st.sampled_from(list(codec.words.table.codings)))
    if codec.name in BY_CODEC:
        return BY_CODEC[codec.name]
    assert isinstance(codec, Structure)
    if codec.schema["type"] == "array":
        return structure(codec).map(lambda sole: [sole])
    return structure(codec)


def _reference(to: tuple[str, ...]) -> st.SearchStrategy[str]:
    return ID if len(to) == 1 else st.builds("{}/{}".format, st.sampled_from(to), ID)


def _either(codec: BooleanOrReference | CodesOrReference | ConceptOrCodes | Counted | Dose) -> st.SearchStrategy[Any]:
    """A value of a codec that has two forms."""
    if isinstance(codec, BooleanOrReference):
        return st.booleans() | _reference(codec.options.to)
    if isinstance(codec, CodesOrReference):
        return structure(codec.codes) | _reference(codec.options.to)
    if isinstance(codec, ConceptOrCodes):
        return st.sampled_from(list(codec.words.table.codings)) | structure(codec.codes)
    known = ["mg", "ng/mL"] if isinstance(codec, Dose) else list(codec.table.codings)
    units = st.sampled_from(known)
    return st.fixed_dictionaries({"value": NUMBER, "unit": units}) | structure(codec.open)


def _finding(codec: Finding) -> st.SearchStrategy[Any]:
    quantity = {"value": NUMBER, "unit": st.just("ng/mL")}
    alone = [w for w, row in codec.table.rows.items() if "valueCodeableConcept" in row]
    spoken = [
        w
        for w, row in codec.table.rows.items()
        if "interpretation" in row
        and len(codec._coded({"coding": [row["interpretation"]]}, codec.interpretations)) == 1
    ]
    choices = [
        st.fixed_dictionaries({"finding": st.sampled_from(alone)}),
        st.fixed_dictionaries(quantity),
        st.fixed_dictionaries({"missing": st.sampled_from(list(codec.missing.table.codings))}),
    ]
    if spoken:
        choices.append(st.fixed_dictionaries({"finding": st.sampled_from(spoken), **quantity}))
    return st.one_of(choices)


def structure(codec: Structure) -> st.SearchStrategy[Record]:
    """One native object of a data type with parts."""
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for name, part in codec.parts.items():
        kind = part.schema["type"]
        if part.inner is not None:
            inner = structure(part.inner)
            parts[name] = st.lists(inner, min_size=1, max_size=2) if kind == "array" else inner
        else:
            parts[name] = {
                "integer": st.integers(1, 99),
                "number": NUMBER,
                "boolean": st.booleans(),
                "string": TEXT,
            }.get(kind, st.lists(TEXT, min_size=1, max_size=2))
    return st.fixed_dictionaries({}, optional=parts).filter(bool)


@once
def field(row: Row) -> st.SearchStrategy[Any]:
    """The native value of a field: one value, or a list of them."""
    return st.lists(value(row), min_size=1, max_size=3) if row.many else value(row)


@once
def items(each: Each) -> st.SearchStrategy[list[Record]]:
    """A native list of objects with keys of their own."""
    return st.lists(
        record_of(each.shape).filter(bool), min_size=1, max_size=3, unique_by=lambda item: key_of(item, each.keys)
    )


@once
def record_of(shape: Shape) -> st.SearchStrategy[Record]:
    """A record in which no two fields want one choice."""
    required = {row.name: field(row) for row in shape.rows if not row.optional}
    optional: dict[str, st.SearchStrategy[Any]] = {row.name: field(row) for row in shape.rows if row.optional}
    optional.update({each.name: items(each) for each in shape.eaches})
    return st.fixed_dictionaries(required, optional=optional).map(lambda record: peaceful(shape, record))


def peaceful(shape: Shape, record: Record) -> Record:
    """The record without the later of two fields that want different branches of one choice."""
    taken: set[Any] = set()
    kept = {}
    for name, value in record.items():
        row = next((row for row in shape.rows if row.name == name), None)
        last = row.paths[0].steps[-1] if row and row.paths[0].steps else None
        siblings = last.siblings if last and last.kind == "one" else ()
        if siblings and siblings in taken:
            continue
        taken.add(siblings)
        kept[name] = value
    order = [name for name in shape.names if name in kept]
    return {name: kept[name] for name in order}


@once
def records(concept: MappedConcept) -> st.SearchStrategy[Record]:
    """Native records of a concept; its rules may be broken, as in what is imported."""
    return st.builds(lambda id, rest: {"id": id, **rest}, ID, record_of(concept.shape))


@st.composite
def changed(draw: st.DrawFn, shape: Shape, record: Record) -> Record:
    """Another record: each field kept, replaced, dropped or added; lists keep some of their keys."""
    other = {}
    for row in shape.rows:
        fate = draw(st.sampled_from(["keep", "keep", "new", "drop"]))
        if fate == "new" and (row.name in record or row.optional):
            other[row.name] = draw(field(row))
        elif row.name in record and not (fate == "drop" and row.optional):
            other[row.name] = record[row.name]
    for each in shape.eaches:
        if members := draw(_changed_items(each, record.get(each.name, []))):
            other[each.name] = members
    return shuffled(draw, peaceful(shape, other))


@st.composite
def _changed_items(draw: st.DrawFn, each: Each, old: list[Record]) -> list[Record]:
    members = []
    for item in old:
        fate = draw(st.sampled_from(["keep", "edit", "drop"]))
        if fate == "keep":
            members.append(item)
        elif fate == "edit":
            key = {name: item[name] for name in each.keys if name in item}
            edited = {**draw(changed(each.shape, item)), **key}
            for name in each.keys:
                if name not in key:
                    edited.pop(name, None)
            members += [{name: edited[name] for name in each.shape.names if name in edited}] if edited else []
    members += draw(st.just([]) | items(each))
    unique = {key_of(item, each.keys): item for item in reversed(members)}
    return draw(st.permutations(list(unique.values())))


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


def shuffled(draw: st.DrawFn, value: Any) -> Any:
    """The same JSON with the keys of its objects in another order."""
    if isinstance(value, list):
        return [shuffled(draw, item) for item in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, reverse=draw(st.booleans()))
    return {name: shuffled(draw, value[name]) for name in names}


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
