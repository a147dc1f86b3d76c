"""Which value set an element is bound to: those of the code tables (`adapter.mapping.terms`).

R4: https://hl7.org/fhir/R4/terminologies.html#strength
"""

from __future__ import annotations

from collections.abc import Mapping

from adapter.fhir.canonical import accepted_set, value_set
from adapter.fhir.terminology import Terminology
from adapter.mapping.tables import AnyTable, Key, Table


class Terms:
    """The value sets of all tables; one is missing where a table has codes without a system."""

    def __init__(self, tables: Mapping[str, AnyTable], terminology: Terminology) -> None:
        self._tables, self._sets = tables, terminology.value_sets

    def of(self, table: str | None, column: str = "") -> str | None:
        """The canonical of what a table, or one column of a joint table, writes."""
        url = value_set(table or "", column)
        return url if url in self._sets else None

    def accepted(self, table: str | None, column: str = "") -> str | None:
        """The canonical of all codes that it knows: what a required binding must allow."""
        url = accepted_set(table or "", column)
        return url if url in self._sets else self.of(table, column)

    def of_keys(self, name: str, keys: frozenset[Key]) -> tuple[Mapping[str, str] | None, str]:
        """(the one code that the keys of a slice stand for, or None; the value set of them); raises SystemExit."""
        for table in self._tables.values():
            if isinstance(table, Table):
                for word, coding in table.codings.items():
                    if keys == {key for key, found in table.words.items() if found == word}:
                        return coding, ""
                if keys == table.keys:
                    return None, self.accepted(table.name) or ""
        raise SystemExit(f"the slice {name} is neither one word of a table nor all of it: it has no value set")
