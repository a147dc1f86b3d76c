"""Whether who writes may write this: scopes with arguments cover the record as it was and as it becomes, and what may
only be a draft is one.

https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from adapter.interactions.draft import Draft, Entry
from adapter.interactions.places import placed
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction

DRAFTS = ("draft", "proposed")
_LETTER = {"create": "c", "update": "u", "delete": "d"}


def check_before(draft: Draft, entry: Entry, kind: Literal["create", "update", "delete"]) -> None:
    """403 for a change of a record, there and seen, that the scopes for such changes leave out.

    A consent that a client writes grants nothing until staff, who saw the form, have made it active (42 CFR 2.31).
    """
    bound = _bound(draft.sight.predicate, kind)
    if bound is not None and kind != "create" and entry.live and not draft.sees_under(bound, entry):
        raise _left_out(entry)


def check_after(transaction: Transaction, asked: Iterable[Entry], predicate: Predicate | None) -> None:
    """403 for what was written and is left out; the whole work is then undone."""
    for entry in asked:
        bound = _bound(predicate, "create" if entry.stored is None else "update")
        if bound is not None and entry.after is not None and not transaction.sees(bound, entry.type, entry.id):
            raise placed(_left_out(entry), entry.source, entry.type)


def check_draft(predicate: Predicate | None, type: str, resource: dict[str, Any] | None) -> None:
    """422 for what would be more than a draft."""
    if predicate and type in predicate.drafts and resource is not None and resource.get("status") not in DRAFTS:
        why = f"a {type} of this kind of client is a draft until the program's staff make it active"
        raise Problem(Kind.UNPROCESSABLE, why, f"{type}.status", code="business-rule")


def _bound(predicate: Predicate | None, kind: str) -> Predicate | None:
    return predicate.written.get(_LETTER[kind]) if predicate and predicate.written else None


def _left_out(entry: Entry) -> Problem:
    why = f"the token's scopes have arguments, and this {entry.type} is not among what they cover"
    return Problem(Kind.FORBIDDEN, why, entry.type)
