"""References by search in a transaction, `Patient?identifier=system|value`: resolved as if all were written already.

https://hl7.org/fhir/R4/http.html#trules
"""

from __future__ import annotations

from collections.abc import Mapping

from adapter.fhir import bundle
from adapter.interactions.condition import Condition
from adapter.interactions.entry_request import Step
from adapter.interactions.own_entries import OwnEntries
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction


class SearchedReferences:
    """Points the references of the entries of one transaction; `gone` are the ids that it deletes, by type."""

    def __init__(
        self,
        program: Program,
        predicate: Predicate,
        transaction: Transaction,
        own: OwnEntries,
        gone: Mapping[str, frozenset[str]],
    ) -> None:
        self._program, self._predicate, self._transaction = program, predicate, transaction
        self._own, self._gone = own, gone
        self._past: dict[str, frozenset[str]] = {}
        self._known: dict[tuple[str, str], str] = {}

    def point(self, s: Step) -> None:
        """Resolve the references of one entry, in place; each must find exactly one resource (412)."""
        for path, element, type, query in bundle.conditional_references(s.resource):
            source = f"{s.entry.place}.resource{path.removeprefix(s.type)}"
            if (type, query) not in self._known:
                self._known[type, query] = self._one(type, query, source)
            element["reference"] = f"{type}/{self._known[type, query]}"

    def _one(self, type: str, query: str, source: str) -> str:
        condition = Condition.of(self._program, self._predicate, type, query, source)
        if type not in self._past:
            self._past[type] = self._gone.get(type, frozenset()) | self._own.changed(type)
        id = condition.match(self._transaction, self._past[type])
        found = {id: True} if id is not None else {}
        for step, _, sure in self._own.fitting(condition):
            found[step.id or ""] = sure
        if len(found) > 1:
            why = "several resources match this reference"
            raise Problem(Kind.PRECONDITION, why, source, code="multiple-matches")
        for id, sure in found.items():
            if not sure:
                why = "whether an entry of this Bundle matches is not known before it is written: name it by fullUrl"
                raise Problem(Kind.PRECONDITION, why, source)
            return id
        raise Problem(Kind.PRECONDITION, "no resource matches this reference", source, code="not-found")
