"""The result of a test: value, interpretation and dataAbsentReason read and written as one native object.

R4: https://hl7.org/fhir/R4/observation.html#interpretation (a missing value says why: invariant obs-6)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from adapter.mapping.codecs import NUMBERS, Concept, Options, Unfit, coded_spare
from adapter.mapping.joints import Several, column
from adapter.mapping.quantities import Quantity
from adapter.mapping.tables import JointTable, Key, column_key

_PARTS = frozenset({"finding", "value", "unit", "comparator", "missing"})
# The only texts that are a finding. Whatever says more ("Negative, confirmation to follow") may say something else.
_TEXTS: Mapping[str, str] = {"pos": "positive", "positive": "positive", "neg": "negative", "negative": "negative"}
# Said beside a code, these agree with it or not.
_DETECTED: Mapping[str, str] = {"detected": "positive", "not detected": "negative", "none detected": "negative"}


class Finding(Several):
    """[value[x], interpretation, dataAbsentReason] <-> {finding, value, unit, comparator} or {missing}.

    Written as a quantity where there is one, else as the table's coded value, with the table's interpretation. A text
    is read only if it is one of the words pos, positive, neg and negative and nothing else; texts and codes beside a
    code that say more or otherwise keep it from being read. An interpretation that the table accepts only together
    with a value (abnormal, normal) confirms it and says nothing alone.
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
        self.values, self.interpretations = (_by_key(self.table, name, alone=True) for name in self.columns)
        self.confirmations = _by_key(self.table, self.columns[1], alone=False)
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
        if value is not None and value[0] != "Quantity":
            words = self._said(*value)
            if interpretation is not None:
                words &= self._flagged(interpretation, self.confirmations, self.confirmations)
            return {"finding": next(iter(words))} if len(words) == 1 else None
        flags = (
            None if interpretation is None else self._flagged(interpretation, self.interpretations, self.confirmations)
        )
        if value is not None:
            return self._measured(value[1], flags)
        return {"finding": next(iter(flags))} if flags and len(flags) == 1 else None

    def _measured(self, element: Any, words: set[str] | None) -> Any:
        quantity = self.quantity.read(element)
        if quantity is None or (words is not None and len(words) != 1):
            return None
        return {"finding": next(iter(words)), **quantity} if words else quantity

    def _said(self, kind: str, element: Any) -> set[str]:
        """The words of a coded value or a text; none where its texts say something else than its codes."""
        if kind == "CodeableConcept":
            return self._flagged(element, self.values, self.values)
        return {word} & self.table.rows.keys() if kind == "string" and (word := _word(element)) else set()

    def _flagged(self, element: Any, words: Mapping[Key, set[str]], known: Mapping[Key, set[str]]) -> set[str]:
        """The words of the codes of an element; none where it also says something else."""
        found = self._coded(element, words)
        return found if self._coded(element, known) <= found and _agrees(element, known, found) else set()

    def _coded(self, element: Any, words: Mapping[Key, set[str]]) -> set[str]:
        return set().union(*(words.get(_key(coding), set()) for coding in element.get("coding", ())))

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
        value, interpretation, _ = element if type(element) is tuple else (None, None, None)
        if value is not None and value[0] == "string" and (word := _beginning(value[1])) and not _word(value[1]):
            return f"a text that begins with {word} and says more"
        if value is None and interpretation is not None and self._coded(interpretation, self.confirmations):
            return "an interpretation that confirms a value, without the value"
        if value is not None and value[0] == "Quantity" and self.quantity.read(value[1]) is None:
            return self.quantity.why(value[1])
        return f"value, interpretation and data-absent reason together are no finding of table {self.table.name}"


def _by_key(table: JointTable, name: str, *, alone: bool) -> dict[Key, set[str]]:
    """Key of a column -> words; `alone`: without the readings that need the other column too."""
    words: dict[Key, set[str]] = {}
    for word, row in table.rows.items():
        for reading in (row, *(one for one in table.accept.get(word, ()) if not alone or len(one) == 1)):
            if name in reading:
                words.setdefault(column_key(reading[name]), set()).add(word)
    return words


def _key(coding: Mapping[str, Any]) -> Key:
    return coding.get("system", ""), coding.get("code", "")


def _agrees(element: Mapping[str, Any], known: Mapping[Key, set[str]], found: set[str]) -> bool:
    """Whether what an element says besides is plainly what its codes say: no other finding, and no remark."""
    codings, text = element.get("coding", ()), element.get("text")
    systems = {system for system, _ in known}
    if any(coding.get("system", "") in systems and _key(coding) not in known for coding in codings):
        return False
    names = {coding.get("display", "").casefold() for coding in codings if _key(coding) in known}
    plain = text is None or _word(text) is not None or text.casefold() in (names | _DETECTED.keys())
    spoken = [coding["display"] for coding in codings if "display" in coding] + ([] if text is None else [text])
    others = {_TEXTS[part] for said in spoken for part in _tokens(said) if part in _TEXTS}
    others |= {_DETECTED[said.casefold()] for said in spoken if said.casefold() in _DETECTED}
    return plain and others <= found


def _word(text: str) -> str | None:
    """The finding a text is, when it is nothing else."""
    return _TEXTS.get(text.strip().rstrip(".!;,").casefold())


def _beginning(text: str) -> str | None:
    """The finding a text begins with."""
    return _TEXTS.get(next(iter(_tokens(text)), ""))


def _tokens(text: str) -> list[str]:
    """The words of a text, in small letters."""
    return re.findall(r"[^\W\d_]+", text.casefold())
