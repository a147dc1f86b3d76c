"""Writes proposed records in batches through the one way to write; one that is refused never stops the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from adapter.consent.predicate import everything
from adapter.fhir.json import dump, parse
from adapter.fhir.references import derived_id
from adapter.ingest.proposals import Item, Native, Proposed, Record, Ref
from adapter.interactions.changes import Change, Outcome, Terms, apply, ready, stamped
from adapter.interactions.native import TransactionView
from adapter.interactions.native_aggregate import AggregateForm
from adapter.interactions.native_keys import check_new_id, reference_fields, translated
from adapter.interactions.native_record import with_computed
from adapter.interactions.native_time import zoned
from adapter.interactions.program import Program
from adapter.mapping.concept import Concept
from adapter.mapping.rows import Field
from adapter.problems import Problem, placed
from adapter.store.transaction import Transaction
from adapter.store.version import Version

# Records of one batch; ids of other records that are remembered from batch to batch.
BATCH, FOUND = 500, 20_000
READER = everything("an import looks for the records it writes and points to")
TERMS = Terms(references="pending", creates=True)

Fate = Literal["made", "changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one proposed record; `reason` when refused, `note` when something is worth telling."""

    fate: Fate
    parked: bool = False
    reason: str = ""
    note: str = ""


_Done = tuple[list[Result], dict[Ref, str]]


class Submitted(NamedTuple):
    """A batch that the store's writer has been given."""

    batch: Sequence[Item]
    done: Future[_Done]


class Writing:
    """The writing of one import, batch by batch; `found` holds the ids of records that rows pointed to before."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._found: dict[Ref, str] = {}

    def submit(self, batch: Sequence[Item]) -> Submitted:
        """Hand over a batch; what it became is told by `settle`, which must be asked before the next is submitted.

        A batch is one unit of work: all of it that is not refused, or nothing.
        """
        return Submitted(batch, self._submit(batch))

    def settle(self, submitted: Submitted) -> list[Result]:
        """The results in the order of the batch, which is on disk when this returns.

        If only the checks between records find a fault, each record becomes a unit of its own; the store still commits
        them together.
        """
        try:
            results, found = submitted.done.result()
        except Problem as problem:
            if problem.ours or len(submitted.batch) == 1:
                return [_refused(problem)]
            return [_alone(future) for future in [self._submit([item]) for item in submitted.batch]]
        # A changed record may have given its key to another.
        if len(self._found) > FOUND or any(result.fate == "changed" for result in results):
            self._found.clear()
        else:
            self._found.update(found)
        return results

    def _submit(self, batch: Sequence[Item]) -> Future[_Done]:
        return self._program.store.write(
            lambda transaction: _Work(self._program, transaction, self._found).write(batch)
        )


def _alone(submitted: Future[_Done]) -> Result:
    try:
        return submitted.result()[0][0]
    except Problem as problem:
        return _refused(problem)


def _refused(problem: Problem) -> Result:
    if problem.ours:
        raise problem
    return Result("refused", reason=reason(problem))


def reason(problem: Problem) -> str:
    """Every issue in one line, each with its path, said once."""
    return "; ".join(placed(i.expression, i.message) if i.expression else i.message for i in problem.issues)


class _Work:
    """One batch within one transaction. `found`: what to write for those that were pointed to before."""

    def __init__(self, program: Program, transaction: Transaction, found: Mapping[Ref, str]) -> None:
        self._program, self._transaction = program, transaction
        self._before = found
        self._found: dict[Ref, str] = {}
        self._derived: dict[Ref, str] = {}
        self._ids: dict[tuple[str, ...], tuple[str, bool]] = {}

    def write(self, batch: Sequence[Item]) -> _Done:
        """The results in the order of the batch, and which records were found to point to."""
        self._look_ahead(batch)
        results: list[Result | None] = [None] * len(batch)
        asked: list[tuple[int, Change]] = []
        for number, item in enumerate(batch):
            try:
                done = self._document(item) if item.concept in self._program.maps.aggregates else self._prepared(item)
            except Problem as problem:
                done = Result("refused", reason=reason(problem))
            if isinstance(done, Result):
                results[number] = done
            else:
                asked += [(number, change) for change in done]
        outcomes = apply(self._program, self._transaction, [change for _, change in asked], TERMS)
        for (number, change), outcome in zip(asked, outcomes, strict=False):
            results[number] = _together(results[number], change, outcome)
        return [result for result in results if result is not None], self._found

    def _look_ahead(self, batch: Sequence[Item]) -> None:
        """Have the store look up together the records of the batch and those they point to."""
        own, pointed = [], set[Ref]()
        for item in batch:
            if isinstance(item, Proposed):
                own.append((item.rule.type, item.rule.key.system, item.key))
                for name in item.rule.pointing:
                    _gather(item.record.get(name), pointed)
        new = [to[:3] for to in pointed if to not in self._before]
        self._transaction.foresee([*own, *new], ())
        records = [(key[0], self._id(*key)[0]) for key in (*own, *new)]
        known = [(to.type, self._before[to].rpartition("/")[2]) for to in pointed if to in self._before]
        self._transaction.foresee((), [*records, *known])

    def _document(self, item: Item) -> list[Change] | Result:
        """The changes that make an aggregate's records read as this document."""
        form = AggregateForm(self._program, self._program.maps.aggregates[item.concept])
        view = TransactionView(self._program, READER, self._transaction)
        document = self._translated(item, form.fields, form.references)
        loaded = form.load(view, document["id"])
        if loaded is None:
            check_new_id(document["id"])
        return form.changes(self._program, view, document, loaded) or Result("unchanged")

    def _prepared(self, item: Item) -> list[Change] | Result:
        """The change that brings the record in, or its result when there is nothing to change."""
        concept = self._program.maps.concepts[item.concept]
        record = self._said(item, concept)
        stored = self._stored(concept, record["id"])
        if stored is None:
            check_new_id(record["id"])
        whole = _whole(concept, record)
        if stored is None:
            fresh = whole or concept.to_fhir(record, park=True, by_hand=True)
            return self._ready(concept, fresh, complete=whole is not None)
        if stored.deleted:
            return Result("refused", reason="was deleted here; an import does not bring it back")
        if whole and dump(stamped(whole, stored.id)) == stored.text:
            return Result("unchanged")
        return self._updated(item, concept, record, stored)

    def _stored(self, concept: Concept, id: str) -> Version | None:
        """What is stored under the id, be it of a type that the concept only reads: one id is one record."""
        found = (self._transaction.current(type, id) for type in concept.resource_types)
        return next((version for version in found if version is not None), None)

    def _updated(self, item: Item, concept: Concept, record: Record, stored: Version) -> list[Change] | Result:
        """The stored resource with the record put in, or nothing to change; elements that no map covers stay."""
        onto = parse(stored.text)
        before, _ = concept.to_native(onto)
        parked = before.pop("incomplete", None) is not None  # what is incomplete is found anew from what is written
        if isinstance(item, Native):
            after = with_computed(concept.fields, record, before)
        elif _linked(before, item):
            return Result("unchanged", parked, note="was linked to the record of another row, which speaks for it")
        else:
            after = _overlaid(before, record, item.rule.owned)
        same = after == before and stored.map == concept.hash
        resource = onto if same else concept.to_fhir(after, onto, park=True, by_hand=True)
        return Result("unchanged", parked) if resource is onto else self._ready(concept, resource, complete=False)

    def _ready(self, concept: Concept, resource: Record, *, complete: bool) -> list[Change]:
        change = Change("update", concept.resource_type, resource["id"], resource)
        return [ready(self._program, change, concept if complete else None)]

    def _said(self, item: Item, concept: Concept) -> Record:
        """The record under its id, with ids in place of practice keys."""
        if isinstance(item, Proposed):
            id = self._id(item.rule.type, item.rule.key.system, item.key)[0]
            record = {"id": id, **item.record}
            for name in item.rule.pointing:
                if name in record:
                    record[name] = self._resolved(record[name])
            return record
        record = self._translated(item, concept.fields, reference_fields(concept.fields))
        named = self._id(concept.resource_type, *item.key)[0] if item.key else None
        return {"id": named} | record

    def _translated(self, item: Item, fields: Sequence[Field], references: Mapping[str, tuple[str, ...]]) -> Record:
        """What a native line says, with times of the program's zone and ids in place of practice keys."""
        document = zoned(self._program.zone, fields, item.record)
        return translated(self._program, self._transaction, references, document, READER)

    def _resolved(self, value: Any) -> Any:
        if type(value) is Ref:
            return self._before.get(value) or self._found.get(value) or self._derived.get(value) or self._pointed(value)
        if type(value) is list:
            return [self._resolved(item) for item in value]
        if type(value) is dict:
            return {name: self._resolved(item) for name, item in value.items()}
        return value

    def _pointed(self, to: Ref) -> str:
        id, stored = self._id(to.type, to.system, to.value)
        said = f"{to.type}/{id}" if to.typed else id
        # One that is not there yet may come under another of its keys, and so under another id.
        (self._found if stored else self._derived)[to] = said
        return said

    def _id(self, *key: str) -> tuple[str, bool]:
        """The record that is called so (type, system, value), or the id it will have when it comes, and whether it is
        there: the same id in every import.
        """
        known = self._ids.get(key)
        if known is None:
            stored = self._transaction.alias(*key)
            known = self._ids[key] = stored or derived_id(self._program.secret, *key), stored is not None
        return known


def _gather(value: Any, found: set[Ref]) -> None:
    """Every record that a field of a proposed record points to."""
    if type(value) is Ref:
        found.add(value)
    elif isinstance(value, list | dict):
        for item in value if isinstance(value, list) else value.values():
            _gather(item, found)


def _together(before: Result | None, change: Change, outcome: Outcome) -> Result:
    """What became of a document so far, one more of its records considered."""
    fate: Fate = "unchanged" if not outcome.changed else "made" if outcome.kind == "create" else "changed"
    parked = bool(change.admitted and change.admitted.parked)
    if before is None or before.fate == fate:
        return Result(fate, parked or (before is not None and before.parked))
    return Result("changed", parked or before.parked)


def _whole(concept: Concept, record: Record) -> Record | None:
    """The fresh resource of a record that lacks nothing; one that does is written the careful way, and parked."""
    try:
        return concept.to_fhir(record, by_hand=True)
    except Problem:
        return None


def _linked(before: Record, item: Proposed) -> bool:
    """Whether the record is known by several keys of this kind and this row's is not the first: one row must speak."""
    named = [one["value"] for one in before.get("identifiers", ()) if one.get("system") == item.rule.key.system]
    return item.key in named[1:]


def _overlaid(before: Record, said: Record, owned: frozenset[str]) -> Record:
    """The stored record with what the source says put in: it speaks for the fields of its rule; others' stay."""
    kept = {name: value for name, value in before.items() if name not in owned}
    return kept | said | {"identifiers": _joined(before.get("identifiers", []), said["identifiers"])}


def _joined(stored: Sequence[Record], ours: Sequence[Record]) -> list[Record]:
    """Everybody's identifiers, in the stored order; a new one of the source takes the place of its older one."""
    held = {(identifier.get("system"), identifier.get("value")) for identifier in stored}
    new = {one["system"]: one for one in ours if (one["system"], one["value"]) not in held}
    kept = [new.pop(identifier.get("system", ""), identifier) for identifier in stored]
    return kept + list(new.values())
