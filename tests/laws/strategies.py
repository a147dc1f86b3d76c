"""Records made from the maps themselves: what a map can say, and how a record may change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from adapter.fhir.json import Lexeme
from adapter.mapping.choices import BooleanOrReference, CodesOrReference, ConceptOrCodes, Counted, Dose
from adapter.mapping.codecs import NamedReference, Reference
from adapter.mapping.concept import MappedConcept
from adapter.mapping.findings import Finding
from adapter.mapping.members import key_of
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


def shuffled(draw: st.DrawFn, value: Any) -> Any:
    """The same JSON with the keys of its objects in another order."""
    if isinstance(value, list):
        return [shuffled(draw, item) for item in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, reverse=draw(st.booleans()))
    return {name: shuffled(draw, value[name]) for name in names}
