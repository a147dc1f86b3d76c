"""Codecs of data types with parts: names, addresses, identifiers, quantities, periods, timings, money, attachments.

Native parts are snake_case; what a part list does not name stays in the resource and is residue.
R4: https://hl7.org/fhir/R4/datatypes.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from adapter.mapping.codecs import NUMBERS, Codec, Options, Schema, Unfit

_STRING: Schema = {"type": "string", "minLength": 1}


class Part:
    """One part of a structure: its FHIR name, and what a native value of it must be."""

    def __init__(
        self, element: str, schema: Schema, fits: Callable[[Any], bool], inner: Structure | None = None
    ) -> None:
        self.element, self.schema, self.fits, self.inner = element, schema, fits, inner


def text(element: str) -> Part:
    """A part that is a string."""
    return Part(element, _STRING, lambda value: type(value) is str and value != "")


def texts(element: str) -> Part:
    """A part that is a list of strings."""

    def fits(value: Any) -> bool:
        return type(value) is list and bool(value) and all(type(item) is str and item for item in value)

    return Part(element, {"type": "array", "items": _STRING, "minItems": 1}, fits)


def whole(element: str) -> Part:
    """A part that is a whole number."""
    return Part(element, {"type": "integer"}, lambda value: type(value) is int)


def number(element: str) -> Part:
    """A part that is a decimal."""
    return Part(element, {"type": "number"}, lambda value: type(value) in NUMBERS)


def yes_no(element: str) -> Part:
    """A part that is a boolean."""
    return Part(element, {"type": "boolean"}, lambda value: type(value) is bool)


def of(element: str, inner: type[Structure]) -> Part:
    """A part that is itself a structure."""
    codec = inner(Options())
    return Part(element, codec.schema, lambda value: codec.fits(value), codec)


def each(element: str, inner: type[Structure]) -> Part:
    """A part that is a list of structures."""
    codec = inner(Options())

    def fits(value: Any) -> bool:
        return type(value) is list and bool(value) and all(codec.fits(item) for item in value)

    return Part(element, {"type": "array", "items": codec.schema, "minItems": 1}, fits, codec)


class Structure(Codec):
    """A data type <-> an object of named parts, each absent when the element lacks it."""

    parts: ClassVar[Mapping[str, Part]]
    inline: str | None = None

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.schema = {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {name: part.schema for name, part in self.parts.items()},
        }

    def fits(self, value: Any) -> bool:
        """Whether a native value can be written."""
        return (
            type(value) is dict
            and bool(value)
            and all(name in self.parts and self.parts[name].fits(item) for name, item in value.items())
        )

    def read(self, element: Any) -> Any:
        value = {}
        for name, part in self.parts.items():
            if part.element in element and (child := _through(part, _said(element[part.element]), "read")) != []:
                value[name] = child
        return value if value and self.fits(value) else None

    def write(self, value: Any) -> Any:
        if not self.fits(value):
            raise Unfit(f"expected an object with the parts {', '.join(self.parts)}, none of them empty")
        return {p.element: _through(p, value[name], "write") for name, p in self.parts.items() if name in value}

    def spare(self, element: Any) -> tuple[str, ...]:
        known = {part.element: part for part in self.parts.values()}
        return tuple(
            name
            for name, child in element.items()
            if name not in known or (known[name].inner is not None and _spare_inside(known[name], child))
        )


def _said(value: Any) -> Any:
    """A list without its nulls: places that have a sibling (`_given`) and no value."""
    return [item for item in value if item is not None] if type(value) is list else value


def _through(part: Part, value: Any, way: str) -> Any:
    if part.inner is None:
        return value
    step = getattr(part.inner, way)
    return [step(item) for item in value] if type(value) is list else step(value)


def _spare_inside(part: Part, child: Any) -> bool:
    assert part.inner is not None
    return any(part.inner.spare(item) for item in (child if type(child) is list else [child]))


class Period(Structure):
    name, types = "period", ("Period",)
    parts: ClassVar = {"start": text("start"), "end": text("end")}


class OpenCoding(Structure):
    name, types = "open_coding", ("Coding",)
    parts: ClassVar = {
        "system": text("system"),
        "version": text("version"),
        "code": text("code"),
        "display": text("display"),
    }


class Codes(Structure):
    """A CodeableConcept of any code system, whole."""

    name, types = "codes", ("CodeableConcept",)
    parts: ClassVar = {"codes": each("coding", OpenCoding), "text": text("text")}


class Identifier(Structure):
    name, types = "identifier", ("Identifier",)
    parts: ClassVar = {
        "system": text("system"),
        "value": text("value"),
        "type": of("type", Codes),
        "use": text("use"),
        "period": of("period", Period),
    }


class SoleIdentifier(Identifier):
    """An element that R4 allows one Identifier <-> a list of one, so that every record has its `identifiers`."""

    name = "sole_identifier"
    expected = "a list of one identifier: R4 has no room for a second here"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.schema = {"type": "array", "minItems": 1, "maxItems": 1, "items": self.schema}

    def read(self, element: Any) -> Any:
        value = super().read(element)
        return None if value is None else [value]

    def write(self, value: Any) -> Any:
        if type(value) is not list or len(value) != 1:
            raise Unfit(f"expected {self.expected}")
        return super().write(value[0])


class HumanName(Structure):
    name, types = "human_name", ("HumanName",)
    parts: ClassVar = {
        "use": text("use"),
        "text": text("text"),
        "family": text("family"),
        "given": texts("given"),
        "prefix": texts("prefix"),
        "suffix": texts("suffix"),
        "period": of("period", Period),
    }


class Telecom(Structure):
    name, types = "telecom", ("ContactPoint",)
    parts: ClassVar = {
        "system": text("system"),
        "value": text("value"),
        "use": text("use"),
        "rank": whole("rank"),
        "period": of("period", Period),
    }


class Address(Structure):
    name, types = "address", ("Address",)
    parts: ClassVar = {
        "use": text("use"),
        "type": text("type"),
        "text": text("text"),
        "lines": texts("line"),
        "city": text("city"),
        "district": text("district"),
        "state": text("state"),
        "postal_code": text("postalCode"),
        "country": text("country"),
        "period": of("period", Period),
    }


class Money(Structure):
    name, types = "money", ("Money",)
    parts: ClassVar = {"value": number("value"), "currency": text("currency")}


class Attachment(Structure):
    name, types = "attachment", ("Attachment",)
    parts: ClassVar = {
        "content_type": text("contentType"),
        "language": text("language"),
        "url": text("url"),
        "title": text("title"),
        "data": text("data"),
        "size": whole("size"),
        "hash": text("hash"),
        "created": text("creation"),
    }


class Repeat(Structure):
    """Timing.repeat: `times` per `every` `per`, `minutes` each, on `days`, `at` times of day, within `period`.

    `times_max` and `every_max` make ranges of both; `when` is of R4's event-timing (AC), `offset` minutes from it.
    https://hl7.org/fhir/R4/datatypes.html#Timing
    """

    name, types = "repeat", ("Element",)
    parts: ClassVar = {
        "times": whole("frequency"),
        "times_max": whole("frequencyMax"),
        "every": number("period"),
        "every_max": number("periodMax"),
        "per": text("periodUnit"),
        "minutes": whole("duration"),
        "days": texts("dayOfWeek"),
        "at": texts("timeOfDay"),
        "when": texts("when"),
        "offset": whole("offset"),
        "count": whole("count"),
        "period": of("boundsPeriod", Period),
    }


# The rest of Timing.repeat that bounds a dose: ranges of counts and durations, and how long it goes on in all.
_UNSAID = frozenset({"countMax", "durationMax", "boundsDuration", "boundsRange"})


class Schedule(Structure):
    """A Timing <-> the parts of Repeat, `every` being 1 if absent and `per` a word.

    One that says more of how often, how long or when is not read: without that, it would be another order. A code
    beside the parts is residue: either tells the whole (R4 Timing.code).
    """

    name, types = "schedule", ("Timing",)
    parts = Repeat.parts
    units: ClassVar = {"minute": "min", "hour": "h", "day": "d", "week": "wk", "month": "mo", "year": "a"}

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.repeat = Repeat(options)
        self.words = {unit: word for word, unit in self.units.items()}

    def read(self, element: Any) -> Any:
        repeat = element.get("repeat", {})
        value = self.repeat.read(repeat)
        if (
            value is None
            or "event" in element
            or ("per" in value) != ("every" in value)
            or not _UNSAID.isdisjoint(repeat)
        ):
            return None
        if ("minutes" in value and not _in_minutes(element)) or ("every_max" in value and "every" not in value):
            return None
        if "per" in value:
            value["per"] = self.words.get(value["per"])
            if value["every"] == 1:
                del value["every"]
        return value if value.get("per", "") is not None else None

    def write(self, value: Any) -> Any:
        if (
            not self.fits(value)
            or value.get("per", "day") not in self.units
            or (not value.keys().isdisjoint(("every", "every_max")) and "per" not in value)
        ):
            raise Unfit(
                f"expected an object with the parts {', '.join(self.parts)}; per is one of {', '.join(self.units)}"
            )
        per = {"every": value.get("every", 1), "per": self.units[value["per"]]} if "per" in value else {}
        repeat = self.repeat.write({**value, **per})
        return {"repeat": {**repeat, "durationUnit": "min"} if "minutes" in value else repeat}

    def spare(self, element: Any) -> tuple[str, ...]:
        inner = (name for name in self.repeat.spare(element["repeat"]) if name != "durationUnit")
        return (*(f"repeat.{name}" for name in inner), *(name for name in element if name != "repeat"))


def _in_minutes(element: Any) -> bool:
    return bool(element["repeat"].get("durationUnit") == "min")
