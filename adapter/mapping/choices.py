"""Codecs of elements that say one thing in one of two ways: a code or a reference, yes or who, our word or any code.

R4: https://hl7.org/fhir/R4/formats.html#choice
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from adapter.mapping.codecs import Codec, Concept, Options, Reference, Unfit, coded_spare
from adapter.mapping.quantities import Quantity
from adapter.mapping.structures import Codes, Structure, number, text
from adapter.mapping.tables import Table

_REFERENCE = frozenset({"reference", "identifier", "display", "type"})


class BooleanOrReference(Codec):
    """A choice of yes / no and who (MedicationRequest.reported[x]): true, false, or `Type/id`."""

    name, types = "boolean_or_reference", ("boolean", "Reference")
    needs = frozenset({"to"})
    inline = None

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.reference = Reference(options)
        self.expected = f"true, false or {self.reference.expected}"
        self.schema = {"anyOf": [{"type": "boolean"}, self.reference.schema]}

    def read(self, element: Any) -> Any:
        return element if type(element) is bool else self.reference.read(element)

    def write(self, value: Any) -> Any:
        return value if type(value) is bool else self.reference.write(value)

    def write_choice(self, value: Any, kinds: tuple[str, ...]) -> tuple[str, Any]:
        return ("boolean" if type(value) is bool else "Reference"), self.write(value)

    def spare(self, element: Any) -> tuple[str, ...]:
        return self.reference.spare(element)

    def why(self, element: Any) -> str:
        return self.reference.why(element)


class CodesOrReference(Codec):
    """A choice of a CodeableConcept, whole, as {codes, text}, and a reference, as its id (medication[x])."""

    name, types = "codes_or_reference", ("CodeableConcept", "Reference")
    needs = frozenset({"to"})
    inline = None

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.codes, self.reference = Codes(Options()), Reference(options)
        self.expected = f"{{codes, text}} or {self.reference.expected}"
        self.schema = {"anyOf": [self.codes.schema, self.reference.schema]}

    def read(self, element: Any) -> Any:
        return self._of(element).read(element)

    def write(self, value: Any) -> Any:
        return (self.reference if type(value) is str else self.codes).write(value)

    def write_choice(self, value: Any, kinds: tuple[str, ...]) -> tuple[str, Any]:
        return ("Reference" if type(value) is str else "CodeableConcept"), self.write(value)

    def spare(self, element: Any) -> tuple[str, ...]:
        return self._of(element).spare(element)

    def why(self, element: Any) -> str:
        return self._of(element).why(element)

    def _of(self, element: Any) -> Codec:
        return self.reference if element.keys() & _REFERENCE else self.codes


class ConceptOrCodes(Codec):
    """A CodeableConcept <-> a word of the table; one that says none of its words, or two, is {codes, text}, whole.

    For code systems of which only a part may be shipped: a code of ours has one native form, its word.
    """

    name, types = "concept_or_codes", ("CodeableConcept",)
    needs = frozenset({"table"})
    inline = None

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.words, self.codes = Concept(options), Codes(Options())
        self.expected = f"a word of table {self.words.table.name}, or {{codes, text}}"
        self.schema = {"anyOf": [self.words.schema, self.codes.schema]}

    def read(self, element: Any) -> Any:
        word = self.words.read(element)
        return self.codes.read(element) if word is None else word

    def write(self, value: Any) -> Any:
        if type(value) is str:
            return self.words.write(value)
        written = self.codes.write(value)
        if word := self.words.read(written):
            raise Unfit(f"this code has a word of table {self.words.table.name}: {word}")
        return written

    def spare(self, element: Any) -> tuple[str, ...]:
        return self.codes.spare(element) if self.words.read(element) is None else coded_spare(element)


class OpenQuantity(Structure):
    """A Quantity as it stands, of any unit system or none."""

    name, types = "open_quantity", ("Quantity",)
    parts: ClassVar = {
        "value": number("value"),
        "comparator": text("comparator"),
        "unit_text": text("unit"),
        "system": text("system"),
        "code": text("code"),
    }


class Counted(Codec):
    """A Quantity that counts what is paid for: {value, unit} with a word of the table, else as it stands.

    Some count in code systems whose numbers are licensed (X12): such a unit passes as {value, unit_text, system, code}.
    """

    name, types = "counted", ("Quantity",)
    needs = frozenset({"table"})
    inline = None

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        assert isinstance(options.table, Table)
        self.table, self.open = options.table, OpenQuantity(Options())
        self.expected = f"{{value, unit}} with a unit of table {self.table.name}, or {{value, unit_text, system, code}}"
        named = {"value": {"type": "number"}, "unit": {"type": "string", "enum": list(self.table.codings)}}
        words = {"type": "object", "additionalProperties": False, "required": list(named), "properties": named}
        self.schema = {"anyOf": [words, self.open.schema]}

    def read(self, element: Any) -> Any:
        value = self.open.read(element)
        word = self._word(value) if value else None
        return {"value": value["value"], "unit": word} if word else value

    def _word(self, value: Any) -> str | None:
        """The unit's word, for a plain amount of it."""
        plain = "value" in value and "comparator" not in value
        return self.table.words.get((value.get("system", ""), value.get("code", ""))) if plain else None

    def write(self, value: Any) -> Any:
        if type(value) is dict and value.keys() == {"value", "unit"}:
            unit = self.table.codings.get(value["unit"]) if type(value["unit"]) is str else None
            if unit is None:
                raise Unfit(f"unit is not a word of table {self.table.name}; known: {', '.join(self.table.codings)}")
            said = {"unit_text": _unit_text(unit), "system": unit["system"], "code": unit["code"]}
            return self.open.write({"value": value["value"], **said})
        written = self.open.write(value)
        if word := self._word(value):
            raise Unfit(f"this unit has a word of table {self.table.name}: {word}")
        return written

    def spare(self, element: Any) -> tuple[str, ...]:
        word = self._word(self.open.read(element) or {})
        other = word is not None and element.get("unit", "") not in ("", _unit_text(self.table.codings[word]))
        return (*self.open.spare(element), "unit") if other else self.open.spare(element)

    def why(self, element: Any) -> str:
        return "a quantity that says nothing"


class Dose(Codec):
    """A Quantity in a unit of UCUM as {value, unit}; one counted otherwise (tablets, puffs) as it stands."""

    name, types = "dose", ("Quantity",)
    expected = "{value, unit} with a unit of UCUM, or {value, unit_text, system, code}"
    inline = None

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.measured, self.open = Quantity(Options()), OpenQuantity(Options())
        self.schema = {"anyOf": [self.measured.schema, self.open.schema]}

    def read(self, element: Any) -> Any:
        measured = self.measured.read(element)
        return self.open.read(element) if measured is None else measured

    def write(self, value: Any) -> Any:
        if type(value) is dict and "unit" in value:
            return self.measured.write(value)
        written = self.open.write(value)
        if self.measured.read(written) is not None:
            raise Unfit("this unit is UCUM's: say {value, unit}")
        return written

    def spare(self, element: Any) -> tuple[str, ...]:
        return (self.open if self.measured.read(element) is None else self.measured).spare(element)

    def why(self, element: Any) -> str:
        return "a quantity that says nothing"


def _unit_text(unit: Mapping[str, str]) -> str:
    return unit.get("display", unit["code"])
