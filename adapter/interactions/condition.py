"""A condition that names a resource by identifier, decided inside the commit: `If-None-Exist`, conditional references.

It must hold an identifier with its system, as the R4 text recommends, so that "the same one" means something; of many
parallel tries exactly one creates, because the store has one writer. https://hl7.org/fhir/R4/http.html#ccreate
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from adapter.fhir.query import Query
from adapter.interactions.program import Program
from adapter.interactions.search import parsed
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Condition:
    """The resource that a search finds; `source` is where the condition stands in the request."""

    predicate: Predicate
    query: Query
    source: str

    @classmethod
    def of(cls, program: Program, predicate: Predicate, type: str, condition: str, source: str) -> Condition:
        """Read search parameters as in an address; without `identifier=system|value` among them it is refused."""
        pairs = parse_qsl(condition.removeprefix("?"), keep_blank_values=True)
        if not any(name == "identifier" and all(value.partition("|")) for name, value in pairs):
            raise Problem(Kind.INVALID, "the condition must hold identifier=system|value", source)
        return cls(predicate, parsed(program, type, pairs), source)

    def match(self, transaction: Transaction) -> str | None:
        """The id of the one visible resource that matches, None when none does; several are a Problem (412)."""
        found = transaction.find(self.predicate, self.query)
        if len(found) > 1:
            raise Problem(
                Kind.PRECONDITION, "several resources match the condition", self.source, code="multiple-matches"
            )
        return found[0].id if found else None
