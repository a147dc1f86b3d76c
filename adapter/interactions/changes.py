"""The one way to write, for every door: proposals, their consequences, the checks between records, then the store.

Nothing is written before everything is known to be right, so a record that a consequence touches again still gets one
version, and a proposal that ends where it began gets none. https://hl7.org/fhir/R4/http.html#update
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from adapter.fhir.json import same
from adapter.fhir.subset import is_part
from adapter.interactions.admission import Admitted, admit, fresh_id
from adapter.interactions.covered import check_after, check_before, check_draft
from adapter.interactions.draft import Draft, Entry
from adapter.interactions.duties import check_duties
from adapter.interactions.events import tell
from adapter.interactions.joined import check_joined, names_after, repointed
from adapter.interactions.persons import check_person
from adapter.interactions.places import placed
from adapter.interactions.program import Program
from adapter.interactions.referrers import list_referrers
from adapter.interactions.relations import Duplicate, not_there, settle
from adapter.interactions.repeated_labels import heard, note_repeated
from adapter.interactions.sight import Sight
from adapter.mapping.concept import Concept
from adapter.problems import Kind, Problem
from adapter.released import Asker, Predicate
from adapter.store.acts import OPEN, PROGRAM, record
from adapter.store.placement import EPISODE
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]

_SERVERS = frozenset(("versionId", "lastUpdated", "_versionId", "_lastUpdated"))

# A consequence of a consequence of a consequence is already unusual; more rounds than this is two rules quarrelling.
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Change:
    """What a door asks for. `source` is where it stands in the request ("Bundle.entry[3].resource"), for messages.

    A create without `id` gets a new one. `if_match` is the version the sender saw, `sent` the resource as it is from
    now on for somebody outside who sent it. `meant`: it is made of the record as it is, so that what it says of labels
    it says on purpose; `anyway`: it makes a version though nothing differs. `admitted` may carry the result of
    `ready`, done before the store's writer is asked, so that a bad resource never waits in its queue.
    """

    kind: Literal["create", "update", "delete"]
    type: str
    id: str | None = None
    resource: Resource | None = None
    if_match: int | None = None
    source: str = ""
    admitted: Admitted | None = None
    sent: Resource | None = None
    meant: bool = False
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a door insists on, and for whom.

    `predicate` is what the asker may see (law 8: the rest answers as absent); None is the program itself, as when its
    operator imports its files.
    `references`: `enforce` refuses a reference to a record that is not there, `pending` stores and lists it.
    `moves`: whether an update may turn a record into another concept. `versions`: whether changing a record that is
    there needs the version seen (428). `creates`: whether an update of an id that is not there makes it.
    `joining`: two records of one person are joined or parted, and what is written of other records because of that; so
    is what staff say of what others told of it.
    """

    references: Literal["enforce", "pending"] = "enforce"
    moves: bool = False
    versions: bool = False
    creates: bool = False
    predicate: Predicate | None = None
    joining: Sequence[Change] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one change: the version now current, whether this commit made it, and a move between concepts."""

    kind: Literal["create", "update", "delete"]
    version: Version
    changed: bool
    moved: tuple[str | None, str | None] | None = None


def apply(program: Program, transaction: Transaction, changes: Sequence[Change], terms: Terms) -> list[Outcome]:
    """Write all changes and what follows from them, or raise one Problem and write nothing.

    The outcomes of `changes` come first, in their order; those of consequences follow.
    """
    draft = Draft(program, transaction, Sight(program, transaction, terms.predicate))
    asked = [_propose(program, draft, change, terms) for change in changes]
    for change in terms.joining or ():
        _take(program, draft, change)
    _follow(program, draft)
    for entry in draft:
        if entry.after is not None and entry.admitted is None:
            entry.admitted = admit(program, entry.after)
    settle(program, transaction, draft, terms.references)
    check_duties(program, transaction, draft, terms.predicate)
    # Deletions first: a record that takes the key of one that goes finds it free. Then the episodes, where what belongs
    # to one is labelled by what it says.
    by_episode = program.store.index.by_episode
    order = sorted(draft, key=lambda entry: (entry.after is not None, by_episode and entry.type != EPISODE))
    written = {(entry.type, entry.id): _write(transaction, entry) for entry in order}
    _sign(transaction, terms, [outcome.version for outcome in written.values() if outcome.changed])
    note_repeated(transaction, [(entry, written[entry.type, entry.id].version) for entry in asked], _asker(terms))
    made = ((entry, written[entry.type, entry.id]) for entry in order)
    tell(program, transaction, [(entry, outcome.version) for entry, outcome in made if outcome.changed])
    list_referrers(program, transaction, [entry for entry in order if entry.after is None and entry.live])
    check_after(transaction, asked, terms.predicate)
    first = [written.pop((entry.type, entry.id)) for entry in asked]
    return first + [written[entry.type, entry.id] for entry in draft if _follows(written, entry)]


def _sign(transaction: Transaction, terms: Terms, versions: Sequence[Version]) -> None:
    """Write down who wrote them."""
    if versions:
        record(transaction, _asker(terms), versions)


def _asker(terms: Terms) -> Asker:
    return terms.predicate.asker or OPEN if terms.predicate else PROGRAM


def _follows(written: Mapping[tuple[str, str], Outcome], entry: Entry) -> bool:
    outcome = written.get((entry.type, entry.id))
    return outcome is not None and outcome.changed


def ready(program: Program, change: Change, complete: Concept | None = None) -> Change:
    """The change with its id given and its resource stamped and admitted; a Problem says where in the request.

    `complete` as in `admission.admit`.
    """
    if change.resource is None or change.admitted:
        return change
    id = change.id or fresh_id(program, change.resource)
    resource = stamped(change.resource, id)
    try:
        admitted = admit(program, resource, complete, sent=change.resource)
    except Problem as problem:
        raise placed(problem, change.source, change.type) from None
    return replace(change, id=id, resource=resource, admitted=admitted)


def stamped(resource: Resource, id: str) -> Resource:
    """The resource under its id, without the version and time that a sender may have copied from an answer.

    One that is so already is given back as it is.
    """
    meta = resource.get("meta")
    if resource.get("id") == id and not (isinstance(meta, dict) and not _SERVERS.isdisjoint(meta)):
        return resource
    fresh: Resource = {}
    for name, value in resource.items():
        if name == "meta" and isinstance(value, dict) and value:
            value = {k: v for k, v in value.items() if k not in _SERVERS}
            if not value:
                continue
        if name != "id":
            fresh[name] = value
        elif "id" not in fresh:
            fresh["id"] = id
        if name == "resourceType" and "id" not in resource:
            fresh["id"] = id
    return fresh


def _propose(program: Program, draft: Draft, change: Change, terms: Terms) -> Entry:
    change = _onward(program, draft, ready(program, change))
    assert change.id is not None
    if draft.holds(change.type, change.id):
        raise Problem(Kind.INVALID, "two entries change the same record", change.source or None, code="duplicate")
    entry = draft.open(change.type, change.id, change.source)
    entry.asked, entry.sent, entry.anyway = True, change.sent, change.anyway
    try:
        if change.kind != "create" and entry.stored is not None and not draft.sight.sees(entry.type, entry.id):
            raise not_there(change.kind)
        check_before(draft, entry, change.kind)
        check_draft(terms.predicate, change.type, change.resource)
        change = ready(program, heard(draft.sight.transaction, entry, change, terms.predicate, _asker(terms)))
        _PROPOSE[change.kind](entry, change, terms)
        # Who joins two persons moves records from one to the other.
        if terms.joining is None:
            check_joined(draft.sight.transaction, entry)
            check_person(program, entry)
        if change.admitted:
            _note_move(program, entry, terms)
    except Problem as problem:
        raise placed(problem, change.source, change.type) from None
    return entry


def _onward(program: Program, draft: Draft, change: Change) -> Change:
    """The change as it should be where it names a Patient who was joined into another."""
    if change.admitted is None:
        return change
    ids = names_after(program, draft.sight.transaction, change.type, change.admitted.literals)
    if not ids:
        return change
    return ready(
        program, replace(change, resource=repointed(change.admitted.resource, ids, program.base_url), admitted=None)
    )


def _create(entry: Entry, change: Change, terms: Terms) -> None:
    if entry.live:
        raise Duplicate(entry.type, entry.id, f"this {entry.type} is already here", f"{entry.type}.identifier")
    entry.propose("create", change.resource, change.admitted)


def _update(entry: Entry, change: Change, terms: Terms) -> None:
    if entry.stored is None and not terms.creates:
        raise not_there("update")
    if change.resource is not None and is_part(change.resource) and not is_part(entry.before or {}):
        why = "this is part of a resource (SUBSETTED), and would take the place of the whole; read all of it first"
        raise Problem(Kind.UNPROCESSABLE, why, f"{entry.type}.meta.tag", code="business-rule")
    entry.propose("update" if entry.live else "create", change.resource, change.admitted)
    check_version(entry.stored, change.if_match, required=terms.versions)


def _delete(entry: Entry, change: Change, terms: Terms) -> None:
    if entry.stored is None:
        raise not_there("delete")
    if entry.live:
        check_version(entry.stored, change.if_match, required=terms.versions)
    entry.propose("delete", None, None)


_PROPOSE: dict[str, Callable[[Entry, Change, Terms], None]] = {"create": _create, "update": _update, "delete": _delete}


def check_version(stored: Version | None, if_match: int | None, *, required: bool) -> None:
    """412 where the version that the sender saw is not the newest, 428 where it must say so of a live one and does
    not."""
    live = stored is not None and not stored.deleted
    if if_match is None:
        if required and live:
            raise Problem(
                Kind.PRECONDITION_REQUIRED, "say which version you saw: If-Match is required to change a record"
            )
        return
    if not live or stored is None or stored.version != if_match:
        raise Problem(Kind.PRECONDITION, f"the record is no longer at version {if_match}; read it again")


def _note_move(program: Program, entry: Entry, terms: Terms) -> None:
    if entry.before is None or entry.admitted is None:
        return
    concept = program.maps.concept_of(entry.before)
    was, will = concept.name if concept else None, entry.admitted.concept
    if was == will:
        return
    if not terms.moves:
        raise Problem(
            Kind.UNPROCESSABLE,
            f"this would turn the {was} into {will or 'something no map covers'}",
            code="business-rule",
        )
    entry.moved = (was, will)


def _follow(program: Program, draft: Draft) -> None:
    """Run every consequence of every change, and of what they change, until nothing moves."""
    watched = {type for consequence in program.consequences for type in consequence.watches}
    waiting = [entry for entry in draft if entry.type in watched and entry.changed]
    for _ in range(ROUNDS):
        waiting = [
            touched
            for entry in waiting
            for consequence in program.consequences
            if entry.type in consequence.watches
            for change in consequence.follow(entry.before, entry.after, draft)
            if (touched := _take(program, draft, change)) is not None
        ]
        if not waiting:
            return
    names = ", ".join(consequence.name for consequence in program.consequences)
    raise Problem(Kind.FAULT, f"consequences do not settle after {ROUNDS} rounds: {names}")


def _take(program: Program, draft: Draft, change: Change) -> Entry | None:
    """Put a consequence into the draft; None when the record will be so already."""
    entry = draft.open(change.type, change.id or program.new_id())
    after = None if change.resource is None else stamped(change.resource, entry.id)
    if entry.kind is None:
        entry.after, entry.kind = entry.before, change.kind
    if same(entry.after, after):
        return None
    entry.propose(entry.kind, after, None)
    return entry


def _write(transaction: Transaction, entry: Entry) -> Outcome:
    assert entry.kind is not None
    if not entry.changed:
        assert entry.stored is not None
        return Outcome(entry.kind, entry.stored, False)
    if entry.after is None:
        return Outcome("delete", transaction.delete(entry.type, entry.id), True)
    admitted = entry.admitted
    assert admitted is not None
    version = transaction.put(
        entry.type,
        entry.id,
        entry.after,
        admitted.text,
        admitted.map_hash,
        admitted.concept,
        admitted.parked,
        entry.unresolved,
        rows=admitted.rows,
        unclaimed=entry.unclaimed,
        sent=entry.sent,
    )
    return Outcome(entry.kind, version, True, entry.moved)
