"""List the documents of one aggregate, filtered and paged by the records they are made of.

An aggregate with a root has one document for each root. One without (a group meeting) is walked through each of its
concepts in turn, and a document is shown where the first of its records stands, so that none comes twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from adapter.consent.gate import release
from adapter.consent.predicate import on_later_pages
from adapter.fhir.json import dump
from adapter.fhir.parameters import page_token
from adapter.fhir.query import Match, Query, Tokens
from adapter.interactions.answer import Answer
from adapter.interactions.native import Loaded, StoreView, mark, native_link
from adapter.interactions.native_aggregate import AggregateForm
from adapter.interactions.native_list import filters, list_query
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs
from adapter.problems import Kind, Problem
from adapter.released import Predicate

# Says in a page's address through which of its concepts an aggregate without root is walked.
THROUGH = "through"


def list_aggregates(program: Program, predicate: Predicate, form: AggregateForm, pairs: Pairs) -> Answer:
    """200 with `records` and, while there is more, the address of the `next` page."""
    walk = _Walk(program, predicate, form, dict(pairs).get(THROUGH), [pair for pair in pairs if pair[0] != THROUGH])
    documents = list(walk.documents())
    body: dict[str, Any] = {"records": [loaded.document for loaded in documents]}
    following = walk.following()
    if following:
        body["next"] = program.page_link(native_link(program, form.name), following)
    versions = [version for loaded in documents for version in loaded.versions]
    return Answer(200, release(predicate, dump(body), versions), mark(versions, more=bool(following)))


class _Walk:
    """One page of the walk through the records of one concept."""

    def __init__(
        self, program: Program, predicate: Predicate, form: AggregateForm, through: str | None, pairs: Pairs
    ) -> None:
        self._program, self._predicate, self._form = program, predicate, form
        root = form.aggregate.root
        self._walked = (root,) if root else form.aggregate.members
        self._through = through or self._walked[0]
        if self._through not in self._walked:
            raise Problem(Kind.INVALID, f"{THROUGH} is one of {', '.join(self._walked)}", THROUGH, code="value")
        self._query = replace(list_query(program, predicate, self._type(self._through), pairs), concept=self._through)
        reader = on_later_pages(predicate) if self._query.cursor else predicate
        self._page = program.store.search(reader, self._query)

    def documents(self) -> Iterator[Loaded]:
        """The documents that this page shows."""
        shared_by = self._form.aggregate.shared_by
        view = StoreView(self._program, self._predicate)
        for version in self._page.versions:
            read = self._form.form(self._through).read(version)
            shared = read.document.get(shared_by) if read and shared_by else version.id
            if shared is not None and (not shared_by or self._is_first(shared_by, shared, version.id)):
                loaded = self._form.load(view, shared)
                if loaded:
                    yield loaded

    def following(self) -> list[tuple[str, str]]:
        """The parameters of the next page: of this concept, else of the next one; nothing at the end."""
        here = (THROUGH, self._through)
        if self._page.next:
            return [here, ("page", page_token(self._query, self._page.next, self._program.link_key(self._predicate)))]
        later = self._walked[self._walked.index(self._through) + 1 :]
        return [(THROUGH, later[0]), *self._native_pairs()] if later else []

    def _type(self, concept: str) -> str:
        return self._form.form(concept).concept.resource_type

    def _is_first(self, shared_by: str, shared: str, id: str) -> bool:
        """Whether the document has no record before this one in the walk."""
        for concept in self._walked[: self._walked.index(self._through)]:
            asked = list_query(self._program, self._predicate, self._type(concept), self._native_pairs())
            query = replace(asked, concept=concept)
            if self._first(query, shared_by, shared):
                return False
        return self._first(replace(self._query, cursor=None), shared_by, shared) == id

    def _first(self, query: Query, shared_by: str, shared: str) -> str | None:
        field = self._program.store.index.parameters(query.type)[shared_by]
        narrowed = replace(query, terms=(*query.terms, Tokens(field, (Match.plain(field, shared),))), count=1)
        versions = self._program.store.search(self._predicate, narrowed).versions
        return versions[0].id if versions else None

    def _native_pairs(self) -> list[tuple[str, str]]:
        """What was asked for, in native words again."""
        words = {code: name for name, code in filters(self._program, self._query.type).items()} | {"_count": "limit"}
        return [(words[name], value) for name, value in self._query.applied if name in words]
