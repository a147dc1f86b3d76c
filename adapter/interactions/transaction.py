"""A transaction Bundle: all of it or nothing, in the order DELETE, POST, PUT, GET.

https://hl7.org/fhir/R4/http.html#transaction

Not done: links in narratives and in elements of type uri that name another entry are left as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

from adapter.consent.predicate import sees_all
from adapter.consent.security import sent_back
from adapter.fhir import bundle
from adapter.fhir.patch_work import Work
from adapter.interactions.admission import identifying_keys
from adapter.interactions.answer import Answer, Prefer, written
from adapter.interactions.changes import Change, apply, ready
from adapter.interactions.conditional import NOTHING_TO_DELETE, aimed
from adapter.interactions.create import there
from adapter.interactions.doors import fhir_terms
from adapter.interactions.entry_request import Step, step
from adapter.interactions.own_entries import OwnEntries
from adapter.interactions.patch import patch_aim, patched_by
from adapter.interactions.places import placed
from adapter.interactions.posted import check_read
from adapter.interactions.program import Program
from adapter.interactions.searched_references import SearchedReferences
from adapter.interactions.sight import Sight
from adapter.interactions.types import writable
from adapter.problems import Issue, Kind, Problem
from adapter.released import Predicate
from adapter.store.transaction import Transaction

Resource = dict[str, Any]
T = TypeVar("T")
# R4 fixes this order, so that a Bundle can delete a record and create its successor under the same identifier.
ORDER = ("delete", "create", "update")


def submit(
    program: Program, predicate: Predicate, steps: Sequence[Step], prefer: Prefer = "minimal"
) -> Future[dict[int, Answer]]:
    """Hand the writes of the steps to the store as one unit: the answer of each writing step by its number.

    Raises one Problem that names every fault by entry.
    """
    _check_overlap(steps)
    early = None if _needs_store(program, predicate, steps) else _changes(program, steps, {})

    def work(transaction: Transaction) -> dict[int, Answer]:
        changes, answers = early, dict[int, Answer]()
        if changes is None:
            changes, answers = _resolved(program, predicate, transaction, steps, prefer)
        outcomes = apply(program, transaction, list(changes.values()), fhir_terms(program, predicate))
        for n, outcome in zip(changes, outcomes, strict=False):
            answers[n] = written(program, predicate, outcome, prefer)
        sight = Sight(program, transaction, predicate)
        _each((s for s in steps if s.kind is None), lambda s: _check_there(sight, s))
        return answers

    return program.store.write(work)


def read_steps(program: Program, predicate: Predicate, given: Resource) -> list[Step]:
    """What every entry asks; one Problem with every fault."""

    def read_one(entry: bundle.Entry) -> Step:
        s = step(program, predicate, entry)
        if s.kind is None:
            check_read(program, predicate, s)
        return s

    return _each(bundle.entries(given), read_one)


def _resolved(
    program: Program, predicate: Predicate, transaction: Transaction, steps: Sequence[Step], prefer: Prefer
) -> tuple[dict[int, Change], dict[int, Answer]]:
    """The changes of steps whose ids depend on what is stored, and the answers of those that change nothing."""
    sight = Sight(program, transaction, predicate)
    given = steps = [_found(transaction, s) if s.kind == "delete" and s.sought else s for s in steps]
    gone = _by_type(s for s in steps if s.kind == "delete" and s.id)
    work = Work()
    steps = _each(steps, lambda s: _patched(program, predicate, transaction, s, work) if s.patcher else s)
    matched = {n: id for n, s in enumerate(steps) if s.unless and (id := s.unless.match(transaction, gone[s.type]))}
    aims = _each(steps, lambda s: _housed(sight, _aimed(sight, transaction, s, gone[s.type]), gone[s.type]))
    writing = {n: s for n, s in enumerate(aims) if s.kind in ("create", "update") and n not in matched}
    own = OwnEntries(program, writing, work)
    _each(enumerate(given), lambda numbered: _check_apart(own, matched, *numbered))
    pointer = SearchedReferences(program, predicate, transaction, own, gone)
    _each((s for n, s in enumerate(aims) if n not in matched), pointer.point)
    answers = {n: there(program, predicate, transaction, (aims[n].type, id), prefer) for n, id in matched.items()}
    answers |= {n: NOTHING_TO_DELETE for n, s in enumerate(aims) if s.kind == "delete" and s.id is None}
    return _changes(program, aims, matched), answers


def _by_type(steps: Iterable[Step]) -> Mapping[str, frozenset[str]]:
    """The ids of the steps by type."""
    made = defaultdict[str, frozenset[str]](frozenset)
    for type, those in groupby(sorted(steps, key=lambda s: s.type), key=lambda s: s.type):
        made[type] = frozenset(s.id for s in those if s.id)
    return made


def _check_apart(own: OwnEntries, matched: Mapping[int, str], n: int, s: Step) -> None:
    """400 for a condition that finds what another entry makes or changes.

    A create that finds its resource stored changes nothing, so that another entry may change it.
    """
    condition = s.unless or (s.sought if s.kind != "delete" else None)
    for other, number, _ in own.fitting(condition) if condition else ():
        if number != n and matched.get(n) != other.id:
            assert condition is not None
            why = "two entries are one record: what {} finds is what {} makes or changes"
            why = why.format(s.entry.place, other.entry.place)
            places = (condition.source, other.entry.place)
            raise Problem(Kind.INVALID, why, places[0], issues=[Issue("duplicate", why, place) for place in places])


def _check_there(sight: Sight, s: Step) -> None:
    """404 or 410 for a read of what will not be there: R4 has every entry done, or none.

    What else a read may come to, a search that takes too long say, is told in its entry: the writes are done by then.
    """
    address = s.address
    if address.id is None or not address.plain or not writable(s.type):
        return
    place = f"{s.entry.place}.request.url"
    version = sight.transaction.current(s.type, address.id) if sight.sees(s.type, address.id) else None
    if version is None or (address.version or 0) > version.version:
        raise Problem(Kind.NOT_FOUND, "there is no such resource", place)
    if version.deleted and not address.past and address.version in (None, version.version):
        raise Problem(Kind.GONE, "the resource has been deleted", place, shown=(version,))


def _found(transaction: Transaction, s: Step) -> Step:
    return replace(s, id=s.sought.match(transaction) if s.sought else s.id)


def _patched(program: Program, predicate: Predicate, transaction: Transaction, s: Step, work: Work) -> Step:
    """The update that a patch makes of the record as it is now."""
    assert s.patcher is not None
    try:
        version = patch_aim(program, predicate, transaction, s.type, s.sought or s.id or "")
        resource = patched_by(program, predicate, version, s.patcher, work)
    except Problem as problem:
        raise placed(problem, f"{s.entry.place}.resource", s.type) from None
    return replace(s, entry=s.entry._replace(resource=resource), id=version.id, sought=None)


def _aimed(sight: Sight, transaction: Transaction, s: Step, gone: Collection[str]) -> Step:
    if s.kind != "update" or s.sought is None:
        return s
    place = f"{s.entry.place}.resource.id"
    kind, id = aimed(sight, transaction, s.sought, s.resource, s.if_match, place, gone)
    if kind == "create" or sight.predicate is None:
        return replace(s, kind=kind, id=id)
    resource = sent_back(sight.predicate, transaction.current(s.type, id), s.resource)
    return replace(s, entry=s.entry._replace(resource=resource), kind=kind, id=id)


def _each(items: Iterable[Any], read_one: Callable[[Any], T]) -> list[T]:
    """Every item read; one Problem with the issues of all that could not be."""
    made, problems = [], []
    for item in items:
        try:
            made.append(read_one(item))
        except Problem as problem:
            problems.append(problem)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        worst = max(problems, key=lambda problem: problem.kind is Kind.INVALID)
        raise Problem(worst.kind, worst.message, issues=[i for problem in problems for i in problem.issues])
    return made


def _check_overlap(steps: Sequence[Step]) -> None:
    """Two creates on one condition would make the same record twice: R4 lets the server refuse the Bundle."""
    seen: set[object] = set()
    for condition in (s.unless or s.sought for s in steps if s.kind != "delete"):
        if condition is not None:
            if condition.meaning in seen:
                why = "two entries create on the same condition"
                raise Problem(Kind.INVALID, why, condition.source, code="duplicate")
            seen.add(condition.meaning)


def _needs_store(program: Program, predicate: Predicate, steps: Sequence[Step]) -> bool:
    """Whether ids in the Bundle depend on what is stored: conditions, or a key that may not be free for its record."""
    doubtful = not sees_all(predicate) or any(s.kind == "delete" for s in steps)
    return any(
        s.unless or s.sought or s.patcher or _searches(s) or (doubtful and s.kind == "create" and _keyed(program, s))
        for s in steps
    )


def _keyed(program: Program, s: Step) -> bool:
    return any(True for _ in identifying_keys(program, s.resource))


def _housed(sight: Sight, s: Step, gone: Collection[str]) -> Step:
    """A new resource gets an id that no deleted record of the Bundle has, nor one that the sender cannot see."""
    if s.kind != "create" or s.sought or not _keyed(sight.program, s):
        return s
    return replace(s, id=sight.new_id(s.resource, gone))


def _searches(s: Step) -> bool:
    return s.entry.resource is not None and any(True for _ in bundle.conditional_references(s.entry.resource))


def _changes(program: Program, steps: Sequence[Step], matched: Mapping[int, str]) -> dict[int, Change]:
    """The changes in R4's order by entry number, references to other entries resolved, every resource admitted."""
    names = {
        s.entry.full_url: f"{s.type}/{matched.get(n, s.id)}"
        for n, s in enumerate(steps)
        if s.entry.full_url and s.kind in ("create", "update")
    }
    numbers = [n for kind in ORDER for n, s in enumerate(steps) if s.kind == kind and s.id and n not in matched]
    for n in numbers:
        if steps[n].entry.resource is not None:
            bundle.point(steps[n].resource, steps[n].entry.full_url, names)
    return dict(zip(numbers, _each(numbers, lambda n: _ready(program, steps[n])), strict=True))


def _ready(program: Program, s: Step) -> Change:
    assert s.kind is not None
    place, meant = f"{s.entry.place}.resource", s.patcher is not None
    change = Change(s.kind, s.type, s.id, s.entry.resource, s.if_match, place, meant=meant)
    try:
        return ready(program, change)
    except Problem as problem:
        # A patch itself was well formed: what it makes of the resource is not.
        problem.kind = Kind.UNPROCESSABLE if s.patcher and problem.kind is Kind.INVALID else problem.kind
        raise
