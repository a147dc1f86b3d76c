"""A condition that names a resource by identifier, decided inside the commit: `If-None-Exist`, conditional references.

It must hold an identifier with its system, as the R4 text recommends, so that "the same one" means something; of many
parallel tries exactly one creates, because the store has one writer. https://hl7.org/fhir/R4/http.html#ccreate
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from adapter.fhir.form_pairs import form_pairs
from adapter.fhir.query import Query, Term, Tokens
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, parsed
from adapter.problems import Kind, Problem, named
from adapter.released import Predicate
from adapter.store.transaction import Transaction

# The parameters with an underscore that match; the others shape the result (R4 search.html, 3.1.1.5).
SEARCHED = ("_id", "_lastUpdated", "_tag", "_profile", "_security", "_source", "_has")


@dataclass(frozen=True, slots=True)
class Condition:
    """The resource that a search finds; `source` is where the condition stands in the request."""

    predicate: Predicate
    query: Query
    source: str

    @classmethod
    def of(cls, program: Program, predicate: Predicate, type: str, condition: str, source: str) -> Condition:
        """Read search parameters as in an address; without `identifier=system|value` among them it is refused.

        Parameters that shape a result, such as `_count`, are refused too: a condition has none.
        """
        return cls.of_pairs(program, predicate, type, form_pairs(condition.removeprefix("?"), source), source)

    @classmethod
    def of_pairs(cls, program: Program, predicate: Predicate, type: str, pairs: Pairs, source: str) -> Condition:
        """`of` for parameters that have been read already."""
        shaping = next((name for name, _ in pairs if name.startswith("_") and name.split(":")[0] not in SEARCHED), None)
        if shaping is not None:
            why = f"{named(shaping)} says how to answer a search; a condition only matches"
            raise Problem(Kind.INVALID, why, source)
        if not any(name == "identifier" and all(value.partition("|")) for name, value in pairs):
            raise Problem(Kind.INVALID, "the condition must hold identifier=system|value", source)
        made = cls(predicate, parsed(program, predicate, type, pairs), source)
        if not made.keys:
            raise Problem(Kind.INVALID, "each identifier of a condition is system|value", source)
        return made

    @property
    def keys(self) -> frozenset[str]:
        """The index forms of the identifiers of which a resource must have one."""
        terms = [
            t for t in self.query.terms if isinstance(t, Tokens) and t.field.code == "identifier" and not t.negated
        ]
        forms = (frozenset(match.exact or "" for match in term.matches) for term in terms)
        return next((found for found in forms if "" not in found), frozenset())

    @property
    def meaning(self) -> tuple[str, frozenset[Term]]:
        """The same for conditions that find the same, whatever the order in which they were written."""
        return self.query.type, frozenset(_plain(term) for term in self.query.terms)

    def match(self, transaction: Transaction, gone: Collection[str] = ()) -> str | None:
        """The id of the one visible resource that matches, None when none does; several are a Problem (412).

        `gone` are ids that will not be there when the condition counts.
        """
        query = replace(self.query, count=2 + len(gone))
        found = [version for version in transaction.find(self.predicate, query) if version.id not in gone]
        if len(found) > 1:
            raise Problem(
                Kind.PRECONDITION, "several resources match the condition", self.source, code="multiple-matches"
            )
        return found[0].id if found else None


def _plain(term: Term) -> Term:
    """The term with its alternatives in one order."""
    if isinstance(term, Tokens):
        return replace(term, matches=tuple(sorted(set(term.matches), key=repr)))
    return term
