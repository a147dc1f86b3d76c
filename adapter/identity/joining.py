"""Joining two records of one person: all is about the surviving Patient afterwards, and the old id still resolves.

The joined Patient stays, inactive, with a link of R4's type `replaced-by`; identifiers that name it name the survivor.
https://hl7.org/fhir/R4/patient-definitions.html#Patient.link, https://hl7.org/fhir/R4/valueset-link-type.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapter.fhir import tokens
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import parse
from adapter.identity.consents import WAITING, check_consents
from adapter.identity.evidence import evidence_of
from adapter.identity.rules import Grade, rules_in
from adapter.identity.score import compared
from adapter.interactions.admission import identifying_keys
from adapter.interactions.bystanders import names_nobody
from adapter.interactions.changes import Change, Outcome, Terms, apply
from adapter.interactions.joined import KEPT, repointed
from adapter.interactions.program import Program
from adapter.interactions.referrers import pointers_to
from adapter.interactions.sight import Sight
from adapter.problems import Kind, Problem
from adapter.store.joined import Joined, Joining, Moved
from adapter.store.referrals import staged_with
from adapter.store.transaction import Transaction

Resource = dict[str, Any]
INTO = "into"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is joined into whom. `unlike`: although nothing says that they are one person; `both`: the consents of each
    are for the records of both; `place`: where the asker says who the survivor is."""

    loser: str
    survivor: str
    unlike: bool = False
    both: bool = False
    place: str = INTO


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of the two Patients, and what is written of other records because of them."""

    patients: Sequence[Change]
    others: Sequence[Change]


def join(
    program: Program, transaction: Transaction, asked: Asked, terms: Terms, also: Sequence[Change] = ()
) -> list[Outcome]:
    """Join two Patients, with other changes, in this transaction: what became of these, of the two and of all else.

    Problem(NOT_FOUND) where the first is not there for the asker, Problem(UNPROCESSABLE) where the other is not, or is
    the same; Problem(CONFLICT) where one was joined already, where nothing says that they are one person, or where
    consents of one would show records of the other and nobody said that they may.
    """
    _check_there(Sight(program, transaction, terms.predicate), asked)
    waiting = check_consents(program, transaction, asked.loser, asked.survivor, both=asked.both)
    made = merge_changes(program, transaction, asked.loser, asked.survivor)
    _check_like(program, asked, made.patients)
    # A record that is changed besides is about the survivor as it becomes, not as it was.
    also = [_about(program, change, asked) for change in also]
    apart = {(change.type, change.id) for change in also}
    others = [change for change in made.others if (change.type, change.id) not in apart]
    outcomes = apply(program, transaction, [*also, *made.patients], replace(terms, joining=others))
    _note(program, transaction, asked, made, outcomes)
    for consent in waiting:
        transaction.suspect("Consent", consent, "Consent.patient", WAITING)
    return outcomes


def _about(program: Program, change: Change, asked: Asked) -> Change:
    """The change, of the survivor."""
    if change.resource is None:
        return change
    return replace(change, resource=repointed(change.resource, {asked.loser: asked.survivor}, program.base_url))


def merge_changes(program: Program, transaction: Transaction, loser: str, survivor: str) -> Changes:
    """What joining one Patient into another writes; both are there, and neither was joined."""
    before, kept = _patient(transaction, loser), _patient(transaction, survivor)
    keys = set(identifying_keys(program, before))
    held = {(one.get("system"), one.get("value")) for one in kept.get("identifier", ())}
    own = before.get("identifier", [])
    given_up = [one for one in own if (one.get("system"), one.get("value")) in keys]
    taken = [one for one in given_up if (one.get("system"), one.get("value")) not in held]
    after = {name: said for name, said in before.items() if name != "identifier"}
    after |= _some("identifier", [one for one in own if one not in given_up])
    after |= {"active": False, "link": [*before.get("link", ()), _link(survivor, "replaced-by")]}
    kept = kept | _some("identifier", [*kept.get("identifier", ()), *taken])
    kept = kept | {"link": [*kept.get("link", ()), _link(loser, "replaces")]}
    others = [*_repointed(program, transaction, {loser: survivor}, pointing(program, transaction, loser))]
    return Changes([Change("update", "Patient", loser, after), Change("update", "Patient", survivor, kept)], others)


def pointing(program: Program, transaction: Transaction, patient: str) -> list[tuple[str, str]]:
    """(type, id) of the live records that name a Patient, save those that go on naming one who was joined.

    Found by the index, and where the index does not know whom an unmapped record is about, by looking at it.
    """
    numbers = sorted(set(pointers_to(program, "Patient")))
    forms = (f"Patient/{patient}", program.link("Patient", patient))
    found = {one for form in forms for one in transaction.referrers(numbers, tokens.target(form))}
    named, index = f"Patient/{patient}".encode(), program.store.index
    for type, id in Joined(transaction.database).unplaced():
        if not names_nobody(index, type) and (version := transaction.current(type, id)) and named in version.body:
            found.add((type, id))
    return sorted(one for one in found if one[0] not in KEPT)


def _repointed(
    program: Program, transaction: Transaction, ids: dict[str, str], records: Sequence[tuple[str, str]]
) -> Iterator[Change]:
    for type, id in records:
        version = transaction.current(type, id)
        if version is not None and not version.deleted:
            yield Change("update", type, id, repointed(parse(version.text), ids, program.base_url))


def _patient(transaction: Transaction, id: str) -> Resource:
    version = transaction.current("Patient", id)
    assert version is not None
    resource: Resource = parse(version.text)
    return resource


def _link(id: str, type: str) -> Resource:
    return {"other": {"reference": f"Patient/{id}"}, "type": type}


def _some(name: str, listed: list[Any]) -> Resource:
    """R4 has no empty arrays."""
    return {name: listed} if listed else {}


def _check_there(sight: Sight, asked: Asked) -> None:
    joined = Joined(sight.transaction.database)
    if not is_live(sight, asked.loser):
        raise Problem(Kind.NOT_FOUND, "there is no such participant")
    if asked.loser == asked.survivor:
        raise Problem(Kind.UNPROCESSABLE, "a record cannot be joined into itself", asked.place, code="business-rule")
    if not is_live(sight, asked.survivor):
        raise Problem(Kind.UNPROCESSABLE, "the reference does not resolve", asked.place, code="not-found")
    for place, id in ((None, asked.loser), (asked.place, asked.survivor)):
        if staged_with(sight.transaction.database, "Patient", id):
            why = "this person came with a referral: intake says who it is, at /iop/intake"
            raise Problem(Kind.CONFLICT, why, place, code="business-rule")
        if joined.into(id):
            why = "this record was joined into another already (Patient.link): join that one, or undo the joining"
            raise Problem(Kind.CONFLICT, why, place, code="business-rule")


def is_live(sight: Sight, id: str) -> bool:
    """Whether a Patient is there for the asker, and not deleted."""
    version = sight.transaction.current("Patient", id) if sight.sees("Patient", id) else None
    return version is not None and not version.deleted


def _check_like(program: Program, asked: Asked, patients: Sequence[Change]) -> None:
    """A slip in an id would show one person's records as another's."""
    one, other = (evidence_of(change.resource or {}) for change in patients)
    score = compared(rules_in(program.settings.mappings), one, other)
    if score.grade is Grade.CERTAINLY_NOT and not asked.unlike:
        why = "nothing says that the two are one person; if they are, say so by `unlike`: true"
        raise Problem(Kind.CONFLICT, why, asked.place, code="business-rule")


def _note(program: Program, transaction: Transaction, asked: Asked, made: Changes, outcomes: Sequence[Outcome]) -> None:
    """Remember what was written, so that it can be undone."""
    ours = {(change.type, change.id) for change in (*made.patients, *made.others)}
    written = [one.version for one in outcomes if one.changed and (one.version.type, one.version.id) in ours]
    now_ms, joined = milliseconds(program.clock()), Joined(transaction.database)
    vid = next(version.vid for version in written if (version.type, version.id) == ("Patient", asked.loser))
    moved = [Moved(version.type, version.id, version.version) for version in written]
    joined.note(asked.loser, Joining(asked.survivor, vid), now_ms, moved)
    joined.park_with(asked.survivor, [one for one in moved if one.type != "Patient"])
    joined.move_emergencies(asked.loser, asked.survivor, now_ms)
