"""Codecs that own several elements at once: the tuple of them is one word of a joint table.

R4: https://hl7.org/fhir/R4/conceptmap.html
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from adapter.mapping.codecs import Codec, Options, coded_spare, word_of
from adapter.mapping.tables import JointTable


class Several(Codec, ABC):
    """Base: elements are read and written together; None is an absent element."""

    inline = None

    @abstractmethod
    def read_all(self, elements: tuple[Any, ...]) -> Any:
        """The native value of a tuple of elements, or None when it cannot be said."""

    @abstractmethod
    def write_all(self, value: Any) -> tuple[Any, ...]:
        """The elements of a native value; raises `Unfit`."""

    def spare_all(self, elements: tuple[Any, ...]) -> tuple[tuple[str, ...], ...]:
        """For each element, the children that the native value does not say."""
        return tuple(map(coded_spare, elements))


class Joint(Several):
    """Several elements <-> one word of a joint table; elements that a row does not name must be absent."""

    name = "joint"
    types: ClassVar[tuple[str, ...]] = ("code", "Coding", "CodeableConcept", "boolean", "string")
    needs = frozenset({"table"})

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        assert isinstance(options.table, JointTable)
        self.table = options.table
        self.known = {key: word for word, key in reversed(tuple(self.table.readings()))}
        self.schema = {"type": "string", "enum": list(self.table.rows)}

    def read_all(self, elements: tuple[Any, ...]) -> Any:
        """The word of a tuple of elements (None = absent), or None."""
        keys: list[tuple[tuple[str, str] | None, ...]] = [()]
        for element in elements:
            keys = [(*key, candidate) for key in keys for candidate in _candidates(element)]
        found = {self.known[key] for key in keys if key in self.known}
        return found.pop() if len(found) == 1 else None

    def write_all(self, value: Any) -> tuple[Any, ...]:
        """The elements of a word, None for absent ones."""
        row = self.table.rows[word_of(value, self.table)]
        columns = zip(self.table.elements, self.options.columns, strict=True)
        return tuple(column(row[name], kind) if name in row else None for name, kind in columns)

    def why(self, element: Any) -> str:
        return f"these elements together are no row of table {self.table.name}"


def column(value: Any, kind: str) -> Any:
    """A joint table's column as an element of FHIR type `kind`."""
    if not isinstance(value, Mapping):
        return value
    return {"coding": [dict(value)]} if kind == "CodeableConcept" else dict(value)


def _candidates(element: Any) -> list[tuple[str, str] | None]:
    if element is None:
        return [None]
    if isinstance(element, Mapping):
        codings = element.get("coding", [element])
        return [(coding.get("system", ""), coding.get("code", "")) for coding in codings]
    return [("", str(element).lower() if isinstance(element, bool) else str(element))]
