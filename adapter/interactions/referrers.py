"""What points to a deleted record is listed with what waits for records that are not there.

A deletion is not refused for it: who may delete need not see everything that points there.
https://hl7.org/fhir/R4/references.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapter.fhir import tokens
from adapter.fhir.json import parse
from adapter.interactions.draft import Entry
from adapter.interactions.program import Program
from adapter.interactions.references import pointers
from adapter.interactions.types import served
from adapter.store.transaction import Transaction


def list_referrers(program: Program, transaction: Transaction, deleted: Sequence[Entry]) -> None:
    """List every reference to these records that the index knows; it goes when the record or its referrer changes."""
    for entry in deleted:
        numbers = sorted(set(pointers_to(program, entry.type)))
        for type, id in transaction.referrers(numbers, tokens.target(f"{entry.type}/{entry.id}")):
            version = transaction.current(type, id)
            if version is not None and not version.deleted:
                targets, _ = pointers(program, parse(version.text))
                transaction.pend(type, id, [found for found in targets if found[1:] == (entry.type, entry.id)])


def pointers_to(program: Program, target: str) -> Iterator[int]:
    """The parameters, of whatever type, whose rows may point to a record of this type."""
    for type in served(program):
        for field in program.store.index.parameters(type).values():
            if field.kind == "reference" and (not field.targets or target in field.targets):
                yield field.number
