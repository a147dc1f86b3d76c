"""The result of a test: value, interpretation and dataAbsentReason read and written as one native object.

R4: https://hl7.org/fhir/R4/observation.html#interpretation (a missing value says why: invariant obs-6)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from adapter.mapping.codecs import NUMBERS, Concept, Options, Unfit, coded_spare
from adapter.mapping.joints import Several, column
from adapter.mapping.structures import Quantity
from adapter.mapping.tables import JointTable, Key, column_key

_PARTS = frozenset({"finding", "value", "unit", "comparator", "missing"})


class Finding(Several):
    """[value[x], interpretation, dataAbsentReason] <-> {finding, value, unit, comparator} or {missing}.

    Written as a quantity where there is one, else as the table's coded value, with the table's interpretation. A
    string that begins with pos or neg is read as the words `positive` and `negative`: laboratories send both forms.
    """

    name, types = "finding", ("CodeableConcept", "Quantity", "string")
    needs: ClassVar = frozenset({"table", "missing"})
    columns: ClassVar = ("valueCodeableConcept", "interpretation")

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        assert isinstance(options.table, JointTable)
        assert options.missing is not None
        self.table, self.missing = options.table, Concept(Options(options.missing))
        self.quantity = Quantity(Options())
        self.values, self.interpretations = (_by_key(self.table, name) for name in self.columns)
        self.schema = {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {
                "finding": {"type": "string", "enum": list(self.table.rows)},
                "missing": self.missing.schema,
                **self.quantity.schema["properties"],
            },
        }

    def read_all(self, elements: tuple[Any, ...]) -> Any:
        """The finding of (value as (type, element), interpretation, dataAbsentReason), None = absent; or None."""
        value, interpretation, missing = elements
        if missing is not None:
            word = self.missing.read(missing) if value is None and interpretation is None else None
            return {"missing": word} if word else None
        words = self._coded(interpretation, self.interpretations) if interpretation is not None else None
        if value is not None and value[0] == "Quantity":
            return self._measured(value[1], words)
        if value is not None:
            said = self._said(*value)
            words = said if words is None else said & words
        return {"finding": next(iter(words))} if words and len(words) == 1 else None

    def _measured(self, element: Any, words: set[str] | None) -> Any:
        quantity = self.quantity.read(element)
        if quantity is None or (words is not None and len(words) != 1):
            return None
        return {"finding": next(iter(words)), **quantity} if words else quantity

    def _said(self, kind: str, element: Any) -> set[str]:
        if kind == "CodeableConcept":
            return self._coded(element, self.values)
        start = element[:3].lower() if kind == "string" else ""
        return {"positive", "negative"} & self.table.rows.keys() & {f"{start}itive", f"{start}ative"}

    def _coded(self, element: Any, words: Mapping[Key, set[str]]) -> set[str]:
        keys = [(c.get("system", ""), c.get("code", "")) for c in element.get("coding", ())]
        return set().union(*(words.get(key, set()) for key in keys))

    def write_all(self, value: Any) -> tuple[Any, ...]:
        """(value as (type, element), interpretation, dataAbsentReason); raises `Unfit`."""
        if type(value) is not dict or not value or value.keys() - _PARTS or ("missing" in value and len(value) > 1):
            raise Unfit("expected {finding, value, unit, comparator} or {missing}")
        if "missing" in value:
            return None, None, self.missing.write(value["missing"])
        row = self._row(value.get("finding"))
        interpretation = row.get("interpretation")
        spoken = column(interpretation, "CodeableConcept") if interpretation else None
        if "value" in value or "unit" in value or "comparator" in value:
            return ("Quantity", self._quantity(value)), spoken, None
        return ("CodeableConcept", column(row["valueCodeableConcept"], "CodeableConcept")), spoken, None

    def spare_all(self, elements: tuple[Any, ...]) -> tuple[tuple[str, ...], ...]:
        """For each element, the children that the finding does not say."""
        value, *others = elements
        inner: tuple[str, ...] = ()
        if value is not None and value[0] == "Quantity":
            inner = self.quantity.spare(value[1])
        elif value is not None and value[0] == "CodeableConcept":
            inner = coded_spare(value[1])
        return (inner, *map(coded_spare, others))

    def _quantity(self, value: Mapping[str, Any]) -> Any:
        if type(value.get("value")) not in NUMBERS:
            raise Unfit("expected value to be a number")
        return self.quantity.write({name: value[name] for name in ("value", "unit", "comparator") if name in value})

    def _row(self, word: Any) -> Mapping[str, Any]:
        if word is None:
            return {}
        if type(word) is str and word in self.table.rows:
            return self.table.rows[word]
        raise Unfit(f"finding is not a word of table {self.table.name}; known: {', '.join(self.table.rows)}")

    def why(self, element: Any) -> str:
        return f"value, interpretation and data-absent reason together are no finding of table {self.table.name}"


def _by_key(table: JointTable, name: str) -> dict[Key, set[str]]:
    words: dict[Key, set[str]] = {}
    for word, row in table.rows.items():
        for reading in (row, *table.accept.get(word, ())):
            if name in reading:
                words.setdefault(column_key(reading[name]), set()).add(word)
    return words
