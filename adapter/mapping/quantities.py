"""Codecs of what is counted and measured: quantities in UCUM, scores, answers, minutes and hours.

R4: https://hl7.org/fhir/R4/datatypes.html#Quantity, https://ucum.org/ucum
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal as Exact
from typing import Any, ClassVar

from adapter.fhir.json import Lexeme
from adapter.mapping.codecs import NUMBERS, UCUM, Codec, Concept, Decimal, Options, Schema, Unfit
from adapter.mapping.structures import Structure, number, text

# The units of UCUM that a program like ours meets: those that take a prefix, and those that do not.
_METRIC = r"(?:m\[Hg\]|\[IU\]|mol|cal|kat|Cel|osm|eq|Pa|Hz|bar|[gmslLJWVAKUt])"
_PLAIN = r"(?:min|h|d|wk|mo|a|%|\[(?:pH|degF|lb_av|oz_av|in_i|ft_i|ppm|ppb|arb'U|drp|foz_us)\]|10\*|10\^|deg)"
_ATOM = rf"(?:[fpnumcdhkM]?{_METRIC}|da{_METRIC}|{_PLAIN})(?:-?[1-9]\d?)?"
_TERM = rf"(?:(?:{_ATOM}|[1-9]\d{{0,5}})(?:\{{[!-z|~]{{1,40}}\}})?|\{{[!-z|~]{{1,40}}\}})"
_UNIT = re.compile(rf"/?{_TERM}(?:[./]{_TERM}){{0,3}}")
# Units that senders write without saying that they are UCUM's, and that mean nothing else.
_BARE = frozenset(
    {"ng/mL", "ug/mL", "mg/mL", "pg/mL", "ng/dL", "ug/dL", "mg/dL", "g/dL", "ng/L", "ug/L", "mg/L", "g/L"}
    | {"mmol/L", "umol/L", "nmol/L", "ng/mg", "ug/g", "mg/g", "%", "mg", "min", "h", "{score}", "[pH]", "Cel", "[degF]"}
)
_DIGITS = 9


def whole(value: Any) -> int | None:
    """The whole number, 0 or more, that a JSON number is however it is written (17, 17.0, 1.7e1); else None."""
    exact = by_digits(value) if type(value) in NUMBERS and 0 <= value < 10**_DIGITS else None
    return None if exact is None or exact != exact.to_integral_value() else int(exact)


def by_digits(value: Any) -> Exact:
    """A JSON number by its digits, never by its nearest double."""
    return Exact(value) if type(value) is int else Exact(value.text if type(value) is Lexeme else repr(value))


def unit_of(element: Mapping[str, Any], own: frozenset[str] = frozenset()) -> str | None:
    """The UCUM unit of a quantity, None for one that is not known here.

    A unit without system and code is taken as UCUM's only when it can mean nothing else, or is one of the row's `own`.
    """
    if element.get("system") == UCUM:
        code = element.get("code")
        return code if code in own or (type(code) is str and _UNIT.fullmatch(code)) else None
    bare = element.get("unit") if "system" not in element and "code" not in element else None
    return bare if bare in _BARE or bare in own else None


class Quantity(Structure):
    """An amount: with the row's `unit` (UCUM) a plain number, else {value, unit, comparator}."""

    name, types = "quantity", ("Quantity", "Age", "Duration", "Count", "Distance")
    takes: ClassVar = frozenset({"unit"})
    parts: ClassVar = {"value": number("value"), "unit": text("code"), "comparator": text("comparator")}

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.unit = options.unit
        self.own = frozenset({self.unit} if self.unit else ())
        if self.unit:
            self.expected, self.schema = f"a number of {self.unit}", {"type": "number"}
            self.inline = (
                f'{{"value": {{v}}, "unit": "{self.unit}", "system": "{UCUM}", "code": "{self.unit}"}}'
                " if type({first}) in NUMBERS else unfit()"
            )

    def read(self, element: Any) -> Any:
        unit = unit_of(element, self.own)
        if self.unit:
            plain = unit == self.unit and "comparator" not in element and type(element.get("value")) in NUMBERS
            return element["value"] if plain else None
        return super().read({**element, "code": unit}) if unit and "value" in element else None

    def write(self, value: Any) -> Any:
        if self.unit:
            value = {"value": value, "unit": self.unit}
            if type(value["value"]) not in NUMBERS:
                raise Unfit(f"expected {self.expected}")
        if "value" not in value or "unit" not in value:
            raise Unfit("expected an object with value, unit (UCUM) and perhaps comparator")
        written = super().write(value)
        if not self.unit and not _UNIT.fullmatch(written["code"]):
            raise Unfit("unit: not a unit of UCUM that is known here (ng/mL, mg/dL, d, {sessions}/wk, ...)")
        comparator = {"comparator": written["comparator"]} if "comparator" in written else {}
        return {
            "value": written["value"],
            **comparator,
            "unit": written["code"],
            "system": UCUM,
            "code": written["code"],
        }

    def spare(self, element: Any) -> tuple[str, ...]:
        extra, unit = _beside(element, "comparator"), unit_of(element, self.own)
        return (*extra, "unit") if element.get("unit", unit) != unit else extra

    def why(self, element: Any) -> str:
        return f"not a plain quantity in {self.unit}" if self.unit else "a quantity without a unit of UCUM known here"


def _beside(element: Mapping[str, Any], *more: str) -> tuple[str, ...]:
    """The names in a quantity besides its value and unit."""
    return tuple(name for name in element if name not in ("value", "unit", "system", "code", *more))


class Score(Codec):
    """A whole number of points, 0 or more: reads integer, a quantity in points, a string of digits; writes integer."""

    name, types = "score", ("integer", "Quantity", "string")
    expected = "a whole number, 0 or more"
    schema: Schema = {"type": "integer", "minimum": 0}  # noqa: RUF012
    inline = "{v} if type({first}) is int and {v} >= 0 else unfit()"
    units: ClassVar = frozenset({"1", "{score}", "{points}", "{#}"})

    def read(self, element: Any) -> Any:
        if type(element) is dict:
            return whole(element.get("value")) if self._points(element) else None
        if type(element) is str:
            plain = re.fullmatch(rf"0|[1-9][0-9]{{0,{_DIGITS - 1}}}", element)
            return int(element) if plain else None
        return element if type(element) is int and element >= 0 else None

    def _points(self, element: Mapping[str, Any]) -> bool:
        """Whether a quantity counts points: no unit at all, or one of points, of UCUM or of no system."""
        if "comparator" in element or element.get("system", UCUM) != UCUM:
            return False
        unit = element.get("code", element.get("unit"))
        return unit in self.units or (unit is None and "system" not in element)

    def write(self, value: Any) -> Any:
        if type(value) is not int or value < 0:
            raise Unfit(f"expected {self.expected}")
        return value

    def spare(self, element: Any) -> tuple[str, ...]:
        extra = _beside(element)
        return (*extra, "unit") if element.get("unit") not in (None, element.get("code"), *self.units) else extra


class Answer(Codec):
    """The answer to a question: points as `score` reads them, or a word of the table; each is written as itself."""

    name, types = "answer", ("integer", "CodeableConcept", "Quantity", "string")
    needs = frozenset({"table"})
    inline = None

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.points, self.words = Score(Options()), Concept(options)
        self.expected = f"{self.points.expected}, or a word of table {self.words.table.name}"
        self.schema = {"anyOf": [self.points.schema, self.words.schema]}

    def read(self, element: Any) -> Any:
        return self._of(element).read(element)

    def write(self, value: Any) -> Any:
        if type(value) is not str:
            return self.points.write(value)
        try:
            return self.words.write(value)
        except Unfit as error:
            raise Unfit(f"no number of points, and {error}") from None

    def write_choice(self, value: Any, kinds: tuple[str, ...]) -> tuple[str, Any]:
        return ("CodeableConcept" if type(value) is str else "integer"), self.write(value)

    def spare(self, element: Any) -> tuple[str, ...]:
        return self._of(element).spare(element)

    def why(self, element: Any) -> str:
        coded = self._of(element) is self.words
        return self.words.why(element) if coded else "not a whole number of points"

    def _of(self, element: Any) -> Score | Concept:
        coded = type(element) is dict and not element.keys() & {"value", "unit", "system", "code", "comparator"}
        return self.words if coded else self.points


class Minutes(Codec):
    """A Duration <-> whole minutes, 0 or more; hours and seconds are read where they come out even."""

    name, types = "minutes", ("Duration", "Quantity")
    expected = "a whole number of minutes, 0 or more"
    schema: Schema = {"type": "integer", "minimum": 0}  # noqa: RUF012
    inline = (
        '{"value": {v}, "unit": "min", "system": "http://unitsofmeasure.org", "code": "min"}'
        " if type({first}) is int and {v} >= 0 else unfit()"
    )
    seconds: ClassVar = {"s": 1, "min": 60, "h": 3600}

    def read(self, element: Any) -> Any:
        value, seconds = element.get("value"), self.seconds.get(unit_of(element, frozenset(self.seconds)) or "")
        if type(value) not in NUMBERS or not 0 <= value < 10**_DIGITS or seconds is None or "comparator" in element:
            return None
        minutes, rest = divmod(by_digits(value) * seconds, 60)
        return int(minutes) if rest == 0 else None

    def write(self, value: Any) -> Any:
        if type(value) is not int or value < 0:
            raise Unfit(f"expected {self.expected}")
        return {"value": value, "unit": "min", "system": UCUM, "code": "min"}

    def spare(self, element: Any) -> tuple[str, ...]:
        return _beside(element)

    def why(self, element: Any) -> str:
        return "not a whole number of minutes"


class Hours(Decimal):
    """A number of hours, 0 to 168 (a week), whose digits are kept as written."""

    name = "hours"
    expected = "a number of hours, 0 to 168"
    schema: Schema = {"type": "number", "minimum": 0, "maximum": 168}  # noqa: RUF012
    inline = "{v} if type({first}) in NUMBERS and 0 <= {v} <= 168 else unfit()"

    def read(self, element: Any) -> Any:
        return element if type(element) in NUMBERS and 0 <= element <= 168 else None


class Rating(Codec):
    """A risk rating, 0 to 4: the number alone. What each means is written in criteria that are not ours to print."""

    name, types = "rating", ("integer", "positiveInt", "unsignedInt")
    expected = "a whole number, 0 to 4"
    schema: Schema = {"type": "integer", "minimum": 0, "maximum": 4}  # noqa: RUF012
    inline = "{v} if type({first}) is int and 0 <= {v} <= 4 else unfit()"

    def read(self, element: Any) -> Any:
        return element if type(element) is int and 0 <= element <= 4 else None
