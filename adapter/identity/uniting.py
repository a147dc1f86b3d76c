"""Two records of one visit become one: one stays, the other is entered in error and names it.

What pointed to the other points to the one that stays, which takes its identifiers over, so whoever asks or writes by
one of them meets the record that stays. The other's own address goes on answering.
https://hl7.org/fhir/R4/valueset-encounter-status.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from adapter.fhir import tokens
from adapter.fhir.canonical import profile
from adapter.fhir.json import parse
from adapter.fhir.references import without
from adapter.identity.standing import in_error
from adapter.interactions.changes import Change, Outcome, Terms, apply
from adapter.interactions.joined import repointed
from adapter.interactions.program import Program
from adapter.interactions.referrers import pointers_to
from adapter.problems import Kind, Problem
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]
LINKED = frozenset({"Encounter"})
"""Types that can name the record that took their place."""
_SUPERSEDED = profile("iop-superseded-by")
_STAYS = frozenset({"AuditEvent"})


def unite(
    program: Program, transaction: Transaction, type: str, loser: str, survivor: str, terms: Terms
) -> list[Outcome]:
    """Make two live records of one person and concept one, in this transaction.

    Problem(CONFLICT) where they are of two people or concepts, Problem(UNPROCESSABLE) for a type that cannot be entered
    in error.
    """
    gone, kept = (_live(transaction, type, id) for id in (loser, survivor))
    if gone.patients != kept.patients or gone.concept != kept.concept:
        why = "they are about two people, or are records of two kinds: they cannot be one"
        raise Problem(Kind.CONFLICT, why, type, code="business-rule")
    before, after = parse(gone.text), parse(kept.text)
    held = {(one.get("system"), one.get("value")) for one in after.get("identifier", ())}
    taken = [one for one in before.get("identifier", ()) if (one.get("system"), one.get("value")) not in held]
    if taken:
        after = after | {"identifier": [*after.get("identifier", ()), *taken]}
    # It is no part of itself, nor was it superseded by itself.
    own = (f"{type}/{survivor}", program.link(type, survivor))
    after = without(repointed(after, {loser: survivor}, program.base_url, type), own)
    changes = [Change("update", type, loser, _gone(program, before, survivor)), Change("update", type, survivor, after)]
    others = [*_pointing(program, transaction, type, loser, survivor)]
    return apply(program, transaction, changes, replace(terms, joining=others))


def _live(transaction: Transaction, type: str, id: str) -> Version:
    version = transaction.current(type, id)
    if version is None or version.deleted:
        raise Problem(Kind.NOT_FOUND, "there is no such proposal")
    return version


def _gone(program: Program, resource: Resource, survivor: str) -> Resource:
    """The record that is entered in error: without its identifiers, naming the one that stays."""
    left = in_error(program, {name: said for name, said in resource.items() if name != "identifier"})
    if left["resourceType"] not in LINKED:
        return left
    link = {"url": _SUPERSEDED, "valueReference": {"reference": f"{left['resourceType']}/{survivor}"}}
    own = [one for one in left.get("extension", ()) if one.get("url") != _SUPERSEDED]
    return left | {"extension": [*own, link]}


def _pointing(program: Program, transaction: Transaction, type: str, loser: str, survivor: str) -> Iterator[Change]:
    """What the index knows to point to the one, also to a version of it, pointing to the other."""
    transaction.flush()
    numbers = sorted(set(pointers_to(program, type)))
    forms = (f"{type}/{loser}", program.link(type, loser))
    found = {one for form in forms for one in transaction.referrers(numbers, tokens.target(form))}
    for of, id in sorted(found - {(type, loser), (type, survivor)}):
        version = transaction.current(of, id)
        if version is None or version.deleted or of in _STAYS:
            continue
        resource = repointed(parse(version.text), {loser: survivor}, program.base_url, type)
        yield Change("update", of, id, resource)
