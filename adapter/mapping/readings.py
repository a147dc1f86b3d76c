"""The other resource types that a concept reads: it writes one type, and never these (architecture, decision 3).

A reading is a shape of its own with some of the concept's fields, so that the same record comes out of it
(MedicationStatement and MedicationRequest: what a person takes).
R4: https://hl7.org/fhir/R4/medicationstatement.html#bnr
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter.fhir.elements import Definitions
from adapter.mapping.compile import Compiled
from adapter.mapping.residue import Policies
from adapter.mapping.rows import Each, Row, Shape


@dataclass(frozen=True, slots=True)
class Reading:
    """How the resources of one type are read; `says` is what their type says by itself, where no element does."""

    shape: Shape
    policies: Policies
    made: Compiled
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """A reading as its file says it, before it is compiled."""

    shape: Shape
    policies: Policies
    says: Mapping[str, Any]

    def reading(self, definitions: Definitions, profile: str) -> Reading:
        """The compiled reading; what could build and edit is never called."""
        name = f"{self.shape.name} from {self.shape.base}"
        return Reading(
            self.shape, self.policies, Compiled(self.shape, definitions, profile, self.policies, name), self.says
        )


def misfits(shape: Shape, says: Mapping[str, Any], own: Shape) -> Iterator[tuple[str, str]]:
    """(field, why) of everything in a reading's shape that the concept's own fields do not say the same way."""
    rows, eaches = {row.name: row for row in own.rows}, {each.name: each for each in own.eaches}
    for row in shape.rows:
        yield from _row_misfits(row, rows.get(row.name))
    for each in shape.eaches:
        yield from _list_misfits(each, eaches.get(each.name))
    for name in says.keys() - rows.keys():
        yield name, "no field of the concept"


def _row_misfits(row: Row, own: Row | None) -> Iterator[tuple[str, str]]:
    if own is None:
        yield row.name, "no field of the concept"
        return
    if row.many != own.many:
        yield row.name, "a list in one and not in the other"
    strange = set(row.codec.schema.get("enum", ())) - set(own.codec.schema.get("enum", ()))
    if strange and "enum" in own.codec.schema:
        yield row.name, f"words that the concept's own field does not have: {', '.join(sorted(strange))}"


def _list_misfits(each: Each, own: Each | None) -> Iterator[tuple[str, str]]:
    if own is None or each.keys != own.keys:
        yield each.name, "no list of the concept with these keys"
        return
    rows = {row.name: row for row in own.shape.rows}
    for row in each.shape.rows:
        yield from ((f"{each.name}.{name}", why) for name, why in _row_misfits(row, rows.get(row.name)))
