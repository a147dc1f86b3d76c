"""Change some of a resource, as it is inside the commit: https://hl7.org/fhir/R4/http.html#patch

R4 leaves to the server how the narrative stays true: one that was made of the data goes when the data changes, and one
that says more must be patched along.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from adapter.consent.security import sent_back, shown
from adapter.fhir.json import DEPTH, dump, parse, same
from adapter.fhir.json_patch import Patcher
from adapter.fhir.patch_work import Work
from adapter.interactions.answer import Answer, Prefer, written
from adapter.interactions.changes import Change, apply
from adapter.interactions.condition import Condition
from adapter.interactions.doors import fhir_terms
from adapter.interactions.program import Program
from adapter.interactions.relations import not_there
from adapter.interactions.sight import Sight
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]

_BY_THE_SERVER = ("versionId", "lastUpdated")
_ELEMENT = 20
"""Bytes of text that take about as long to read as an element to look at."""
_OF_THE_DATA = ("generated", "extensions", "empty")


def patch(
    program: Program,
    predicate: Predicate,
    type: str,
    aim: str | Condition,
    patcher: Patcher,
    if_match: int | None = None,
    prefer: Prefer = "representation",
) -> Future[Answer]:
    """200 with the new version of what an id or a condition aims at, or the old one when nothing changed.

    404 for none, 410 for one that was deleted, 412 for several; 422 where the patch cannot be done.
    """

    def work(transaction: Transaction) -> Answer:
        version = patch_aim(program, predicate, transaction, type, aim)
        resource = patched_by(program, predicate, version, patcher, Work())
        change = Change("update", type, version.id, resource, if_match, meant=True)
        try:
            outcome = apply(program, transaction, [change], fhir_terms(program, predicate))[0]
        except Problem as problem:
            # The patch itself was well formed: what it makes of the resource is not.
            problem.kind = Kind.UNPROCESSABLE if problem.kind is Kind.INVALID else problem.kind
            raise
        return written(program, predicate, outcome, prefer)

    return program.store.write(work)


def patch_aim(
    program: Program, predicate: Predicate, transaction: Transaction, type: str, aim: str | Condition
) -> Version:
    """The version that an id or a condition aims at, live and visible."""
    id = aim if isinstance(aim, str) else aim.match(transaction)
    if id is None or not Sight(program, transaction, predicate).sees(type, id):
        raise not_there("delete")  # a patch makes nothing, so there is nothing to hint at
    version = transaction.current(type, id)
    assert version is not None
    if version.deleted:
        raise Problem(Kind.GONE, "the resource has been deleted", shown=(version,))
    return version


def patched_by(program: Program, predicate: Predicate, version: Version, patcher: Patcher, work: Work) -> Resource:
    """What a reader's patch makes of a version: it is of the version as he is sent it."""
    resource = patched(shown(predicate, version), patcher, work, program.settings.depth_limit)
    return sent_back(predicate, version, resource)


def _check_version(before: Resource, after: Resource) -> None:
    """422 for a version or time of the sender's making: an update's is passed over, a patch says that it sets it."""
    now, then = after.get("meta"), before.get("meta", {})
    if isinstance(now, dict) and any(name in now and now[name] != then.get(name) for name in _BY_THE_SERVER):
        why = "a patch does not say what version a resource is, nor when it was changed"
        raise Problem(Kind.UNPROCESSABLE, why, f"{after['resourceType']}.meta", code="business-rule")


def patched(text: bytes, patcher: Patcher, work: Work, depth: int = DEPTH) -> Resource:
    """What a patch makes of a resource, of at most so many levels, its narrative still true; 400 for more than `work`
    has left."""
    work.spend(len(text) // _ELEMENT)
    before = parse(text)
    changed = patcher(parse(text), work)
    try:
        after = parse(dump(changed), depth)
    except (TypeError, Problem):
        raise Problem(Kind.UNPROCESSABLE, "the patch would nest it too deep", code="too-long") from None
    if not isinstance(after, dict) or any(after.get(name) != before[name] for name in ("resourceType", "id")):
        raise Problem(Kind.UNPROCESSABLE, "a patch keeps resourceType and id", code="business-rule")
    _check_version(before, after)
    narrative = after.get("text")
    if narrative is None or narrative != before.get("text") or same(before, after):
        return after
    if not isinstance(narrative, dict) or narrative.get("status") not in _OF_THE_DATA:
        why = "the narrative says more than the data, and may not be true after this: patch it along"
        raise Problem(Kind.UNPROCESSABLE, why, f"{after['resourceType']}.text", code="business-rule")
    del after["text"]
    return after
