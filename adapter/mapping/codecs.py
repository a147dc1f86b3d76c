"""The closed list of codecs: how one element is read as a native value and written from one (FHIR: data types).

A codec reads what it can say exactly and answers None for the rest, which is then parked; it raises `Unfit` for a
native value it cannot write. Lexical forms (dates, ids, regular expressions) are judged by the door, which sees every
resource before it is stored.
R4: https://hl7.org/fhir/R4/datatypes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from adapter.fhir.json import Lexeme
from adapter.mapping.tables import AnyTable, JointTable, Table

UCUM = "http://unitsofmeasure.org"
NUMBERS = (int, float, Lexeme)
Schema = dict[str, Any]


class Unfit(Exception):
    """A native value that cannot be written; the text says why, without the value."""


def unfit(reason: str = "") -> Any:
    """Raise `Unfit`: the form for use inside an expression of a compiled map."""
    raise Unfit(reason)


@dataclass(frozen=True, slots=True)
class Options:
    """What a row says about its codec."""

    table: AnyTable | None = None
    to: tuple[str, ...] = ()
    unit: str | None = None
    missing: Table | None = None
    columns: tuple[str, ...] = ()
    """FHIR types of the elements of a row that owns several."""


class Codec:
    """Base: a value that is the same on both sides, of one Python type."""

    name: ClassVar[str]
    types: ClassVar[tuple[str, ...]]
    """FHIR types it reads; on a choice it writes the first the element allows."""
    needs: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    expected: str = "a string that is not empty"
    schema: Schema = {"type": "string", "minLength": 1}  # noqa: RUF012  (a codec whose schema depends on its row sets its own)
    inline: str | None = "{v} if type({first}) is str and {v} else unfit()"
    """The fresh builder's expression; `{first}` fetches the value into `{v}`. None: call `write`."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def read(self, element: Any) -> Any:
        """The native value, or None when it cannot be said."""
        return element if type(element) is str and element else None

    def write(self, value: Any) -> Any:
        """The element; raises `Unfit`."""
        if self.read(value) is None:
            raise Unfit(f"expected {self.expected}")
        return value

    def spare(self, element: Any) -> tuple[str, ...]:
        """Names of the children of a readable element that the native value does not say."""
        return ()

    def why(self, element: Any) -> str:
        """Why `element` cannot be read."""
        return f"cannot be read as {self.name}"

    def why_choice(self, kind: str, element: Any) -> str:
        """Why the branch `kind` of a choice cannot be read."""
        return self.why(element) if kind in self.types else f"a {kind} is not read here"

    def read_choice(self, kind: str, element: Any) -> Any:
        """Read the branch `kind` of a choice."""
        return self.read(element) if kind in self.types else None

    def write_choice(self, value: Any, kinds: tuple[str, ...]) -> tuple[str, Any]:
        """(branch type, element) for a choice that allows `kinds`."""
        return next(kind for kind in self.types if kind in kinds), self.write(value)

    def constants(self) -> dict[str, Any]:
        """Names the inline expression uses, to be bound in the compiled map under a prefix."""
        return {}


class Text(Codec):
    name, types = "text", ("string", "markdown")


class Markdown(Codec):
    name, types = "markdown", ("markdown", "string")


class Uri(Codec):
    name, types = "uri", ("uri", "url", "canonical")


class Url(Codec):
    name, types = "url", ("url", "uri")


# JSON Schema's `time` has an offset, R4's has none.
TIME = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?$", "examples": ["09:00:00"]}


class Time(Codec):
    name, types = "time", ("time",)
    schema = TIME


# R4 lets the month and the day be unknown: https://hl7.org/fhir/R4/datatypes.html#dateTime
_PART = {"pattern": "^[0-9]{4}(-(0[1-9]|1[0-2]))?$"}
DAY = {"type": "string", "anyOf": [{"format": "date"}, _PART]}
MOMENT = {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}, _PART]}


class Moment(Codec):
    """A dateTime as stored: digits and offset are kept."""

    name, types = "moment", ("dateTime", "instant")
    expected = "a FHIR dateTime"
    schema = MOMENT


class Instant(Codec):
    name, types = "instant", ("instant", "dateTime")
    expected = "a FHIR instant"
    schema = MOMENT


class Date(Codec):
    """A day (or month, or year); a dateTime with a time of day is not one."""

    name, types = "date", ("date", "dateTime")
    expected = "a date without time of day"
    schema = DAY
    inline = '{v} if type({first}) is str and 4 <= len({v}) <= 10 and "T" not in {v} else unfit()'

    def read(self, element: Any) -> Any:
        return element if type(element) is str and 4 <= len(element) <= 10 and "T" not in element else None


class Boolean(Codec):
    name, types = "boolean", ("boolean",)
    expected = "true or false"
    schema = {"type": "boolean"}  # noqa: RUF012
    inline = "{v} if type({first}) is bool else unfit()"

    def read(self, element: Any) -> Any:
        return element if type(element) is bool else None


class Integer(Codec):
    """A whole number, 0 or more: all that the maps count has none below."""

    name, types = "integer", ("integer", "positiveInt", "unsignedInt")
    expected = "a whole number, 0 or more"
    schema = {"type": "integer", "minimum": 0}  # noqa: RUF012
    inline = "{v} if type({first}) is int and {v} >= 0 else unfit()"

    def read(self, element: Any) -> Any:
        return element if type(element) is int and element >= 0 else None


class Decimal(Codec):
    """A number whose digits are kept as written."""

    name, types = "decimal", ("decimal",)
    expected = "a number"
    schema = {"type": "number"}  # noqa: RUF012
    inline = "{v} if type({first}) in NUMBERS else unfit()"

    def read(self, element: Any) -> Any:
        return element if type(element) in NUMBERS else None


class Code(Codec):
    """A primitive code <-> a word of the table."""

    name, types = "code", ("code", "string", "uri")
    needs = frozenset({"table"})
    inline = "{at}_code[{first}]"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        assert isinstance(options.table, Table)
        self.table = options.table
        self.codes = {word: coding["code"] for word, coding in self.table.codings.items()}
        self.schema = {"type": "string", "enum": list(self.codes)}

    def read(self, element: Any) -> Any:
        return self.table.codes.get(element)

    def write(self, value: Any) -> Any:
        return self.codes[word_of(value, self.table)]

    def why(self, element: Any) -> str:
        return f"code {element} is not in table {self.table.name}"

    def constants(self) -> dict[str, Any]:
        return {"code": self.codes}


class Coding(Codec):
    """A Coding <-> a word of the table, by system and code; the display is the table's."""

    name, types = "coding", ("Coding",)
    needs = frozenset({"table"})
    inline = "{at}_coding[{first}].copy()"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        assert isinstance(options.table, Table)
        self.table = options.table
        self.schema = {"type": "string", "enum": list(self.table.codings)}

    def read(self, element: Any) -> Any:
        return self.table.words.get((element.get("system", ""), element.get("code", "")))

    def write(self, value: Any) -> Any:
        return dict(self.table.codings[word_of(value, self.table)])

    def spare(self, element: Any) -> tuple[str, ...]:
        return () if element.keys() <= _CODING else tuple(name for name in element if name not in _CODING)

    def why(self, element: Any) -> str:
        return f"{_said(element)} is not in table {self.table.name}"

    def constants(self) -> dict[str, Any]:
        return {"coding": self.table.codings}


_CODING = frozenset({"system", "code", "display"})


class Concept(Coding):
    """A CodeableConcept <-> the one word of the table that its codings say."""

    name, types = "concept", ("CodeableConcept",)
    inline = '{"coding": [{at}_coding[{first}].copy()]}'

    def read(self, element: Any) -> Any:
        words, codings = self.table.words, element.get("coding", ())
        if len(codings) == 1:
            [coding] = codings
            return words.get((coding.get("system", ""), coding.get("code", "")))
        found = {words.get((coding.get("system", ""), coding.get("code", ""))) for coding in codings}
        found.discard(None)
        return found.pop() if len(found) == 1 else None

    def write(self, value: Any) -> Any:
        return {"coding": [super().write(value)]}

    def spare(self, element: Any) -> tuple[str, ...]:
        return coded_spare(element)

    def why(self, element: Any) -> str:
        codings = element.get("coding", ())
        if not codings:
            return f"no coding of table {self.table.name}"
        return f"{', '.join(map(_said, codings))} is not in table {self.table.name}, or says two of its words"


def coded_spare(element: Any) -> tuple[str, ...]:
    """What an element whose one code is read holds besides; primitives hold nothing."""
    if not isinstance(element, Mapping):
        return ()
    if "coding" not in element:
        return tuple(name for name in element if name not in _CODING)
    codings = element["coding"]
    if len(element) == 1 and len(codings) == 1 and codings[0].keys() <= _CODING:
        return ()
    extra = len(codings) > 1 or any(not coding.keys() <= _CODING for coding in codings)
    return (*(("coding",) if extra else ()), *(name for name in element if name != "coding"))


def _said(coding: Any) -> str:
    return f"{coding.get('system', '')}|{coding.get('code', '')}"


def word_of(value: Any, table: Table | JointTable) -> str:
    """The value if it is a word of the table; raises `Unfit` naming those that are."""
    words = table.codings if isinstance(table, Table) else table.rows
    if type(value) is str and value in words:
        return value
    raise Unfit(f"not a word of table {table.name}; known: {', '.join(words)}")


class Reference(Codec):
    """A literal relative reference <-> an id, or `Type/id` where several types are possible."""

    name, types = "reference", ("Reference",)
    needs = frozenset({"to"})

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.to = options.to
        self.single = f"{options.to[0]}/" if len(options.to) == 1 else ""
        self.expected = "an id" if self.single else f"TYPE/id with TYPE one of {', '.join(self.to)}"
        self.starts = tuple(f"{kind}/" for kind in self.to)
        self.inline = (
            f'{{"reference": "{self.single}" + {{v}}}} if {{first}} and "/" not in {{v}} else unfit()'
            if self.single
            else '{"reference": {v}} if ({first}).startswith({at}_starts) and {v}.count("/") == 1 else unfit()'
        )

    def read(self, element: Any) -> Any:
        reference = element.get("reference", "")
        if not reference.startswith(self.starts) or reference.count("/") != 1 or reference[-1] == "/":
            return None
        return reference[len(self.single) :]

    def write(self, value: Any) -> Any:
        whole = {"reference": self.single + value} if type(value) is str else {}
        if not whole or self.read(whole) != value:
            raise Unfit(f"expected {self.expected}")
        return whole

    def spare(self, element: Any) -> tuple[str, ...]:
        if len(element) == 1:
            return ()
        return tuple(name for name in element if name != "reference")

    def constants(self) -> dict[str, Any]:
        return {} if self.single else {"starts": self.starts}

    def why(self, element: Any) -> str:
        return f"not a relative reference to {' or '.join(self.to)}"


class NamedReference(Reference):
    """As `reference`, and where the reference is no more than a name: {name}, its display."""

    name = "named_reference"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.expected, self.inline = f"{self.expected}, or {{name}}", None
        named = {"type": "object", "additionalProperties": False, "required": ["name"]}
        self.schema = {"anyOf": [self.schema, {**named, "properties": {"name": Codec.schema}}]}

    def read(self, element: Any) -> Any:
        if "reference" in element or "identifier" in element or not element.get("display"):
            return super().read(element)
        return {"name": element["display"]}

    def write(self, value: Any) -> Any:
        if type(value) is not dict:
            return super().write(value)
        if value.keys() != {"name"} or type(value["name"]) is not str or not value["name"]:
            raise Unfit(f"expected {self.expected}")
        return {"display": value["name"]}

    def spare(self, element: Any) -> tuple[str, ...]:
        said = "reference" if "reference" in element else "display"
        return tuple(name for name in element if name != said)


class Note(Codec):
    """The text of an Annotation; its author and time are residue."""

    name, types = "note", ("Annotation",)
    inline = '{"text": {v}} if type({first}) is str and {v} else unfit()'

    def read(self, element: Any) -> Any:
        return element.get("text") or None

    def write(self, value: Any) -> Any:
        return {"text": super().read(value) or unfit(f"expected {self.expected}")}

    def spare(self, element: Any) -> tuple[str, ...]:
        return tuple(name for name in element if name != "text")


class BooleanOrMoment(Codec):
    """A choice of yes / no and a moment (Patient.deceased[x])."""

    name, types = "boolean_or_moment", ("boolean", "dateTime")
    expected = "true, false or a FHIR dateTime"
    schema = {"anyOf": [{"type": "boolean"}, MOMENT]}  # noqa: RUF012
    inline = None

    def read(self, element: Any) -> Any:
        return element if type(element) is bool or (type(element) is str and element) else None

    def write_choice(self, value: Any, kinds: tuple[str, ...]) -> tuple[str, Any]:
        return ("boolean" if type(value) is bool else "dateTime"), self.write(value)
