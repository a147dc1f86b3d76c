"""Takes records of a partner into the store: each once, under one id, and never over what was written here since.

A page is one commit, with how far it goes and which record is which, so that a kill leaves nothing half done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from adapter.consent.predicate import everything_for
from adapter.exchange.addresses import readdressed
from adapter.exchange.report import Done
from adapter.fhir.json import parse, same
from adapter.fhir.references import derived_id
from adapter.interactions.admission import identifying_keys
from adapter.interactions.changes import Change, Terms, apply, ready, stamped
from adapter.interactions.program import Program
from adapter.problems import Problem, placed
from adapter.released import Asker
from adapter.store.partners import Link, Links, PartnerRow
from adapter.store.transaction import Transaction
from adapter.store.version import Version

Resource = dict[str, Any]
WHY = "a partner's records are compared with those that are here"
OTHERWISE = "a partner says otherwise, and this was not written over"


class Mark(NamedTuple):
    """How far the records of a type are taken with a page."""

    type: str
    until: str


class Taking:
    """Takes what one partner's server has, of these types; of others only the address is kept."""

    def __init__(self, program: Program, row: PartnerRow, types: Sequence[str]) -> None:
        self._program, self._row, self._types = program, row, frozenset(types)
        self._base = row.base.rstrip("/")
        asker = Asker(row.recipient, "partner", row.organization, None, "", "")
        self._terms = Terms("pending", moves=True, creates=True, predicate=everything_for(WHY, asker))

    async def take(self, resources: Sequence[Resource], mark: Mark | None = None) -> list[Done]:
        """What became of each, once it is on the disk: together, or each alone where one of them stands in the way."""
        try:
            return await self._written(resources, mark)
        except Problem as problem:
            if problem.ours:
                raise
        done = [await self._alone(resource) for resource in resources]
        await self._written([], mark)
        return done

    async def _alone(self, resource: Resource) -> Done:
        try:
            return (await self._written([resource], None))[0]
        except Problem as problem:
            if problem.ours:
                raise
            return Done(_place(resource), "left", _reason(problem))

    async def _written(self, resources: Sequence[Resource], mark: Mark | None) -> list[Done]:
        return await asyncio.wrap_future(self._program.store.write(lambda work: self._work(work, resources, mark)))

    def _work(self, transaction: Transaction, resources: Sequence[Resource], mark: Mark | None) -> list[Done]:
        links = Links(transaction.database, self._row.name)
        results: list[Done | None] = []
        asked: list[tuple[int, Change, str | None]] = []
        for resource in resources:
            try:
                found = self._looked_at(transaction, links, resource)
            except Problem as problem:
                found = Done(_place(resource), "left", _reason(problem))
            results.append(found if isinstance(found, Done) else None)
            if isinstance(found, Change):
                asked.append((len(results) - 1, found, _version(resource)))
        outcomes = apply(self._program, transaction, [change for _, change, _ in asked], self._terms) if asked else []
        for (number, change, version), outcome in zip(asked, outcomes, strict=False):
            remote, written = resources[number]["id"], outcome.version
            links.set(Link(change.type, remote, written.id, version, written.version, True))
            fate = "unchanged" if not outcome.changed else "made" if outcome.kind == "create" else "changed"
            results[number] = Done(f"{change.type}/{remote}", fate)  # type: ignore[arg-type]  # one of the three
        if mark:
            links.set_mark(*mark)
        return [result for result in results if result is not None]

    def _looked_at(self, transaction: Transaction, links: Links, resource: Resource) -> Change | Done:
        """The change that brings a record in, or what becomes of it without one."""
        type, remote, version, place = resource["resourceType"], resource["id"], _version(resource), _place(resource)
        link = links.of(type, remote)
        if link and version is not None and version == link.remote_version:
            return Done(place, "unchanged")
        if link and not link.theirs:
            return Done(place, "left", "it is ours and was changed there: it is not taken back")
        id = link.id if link else self._id(transaction, type, resource)
        if not link and links.ours(type, id):
            return Done(place, "left", "another record of this partner is the same one here")
        ours = stamped(self._ours(transaction, links, resource), id)
        stored = transaction.current(type, id)
        if stored is not None:
            return self._beside(transaction, links, link, stored, ours, Link(type, remote, id, version, 0, True))
        return ready(self._program, Change("update", type, id, ours))

    def _beside(
        self, transaction: Transaction, links: Links, link: Link | None, stored: Version, ours: Resource, new: Link
    ) -> Change | Done:
        """What becomes of one that is here: it is changed where nobody else has changed it since it was taken."""
        place = f"{new.type}/{new.remote}"
        if stored.deleted:
            return Done(place, "left", "it was deleted here, and is not brought back")
        if same(parse(stored.text), ours):
            links.set(new._replace(version=stored.version))
            return Done(place, "unchanged")
        if link and link.version == stored.version:
            return ready(self._program, Change("update", new.type, new.id, ours))
        links.set(new)
        transaction.suspect(new.type, new.id, new.type, f"{OTHERWISE}: {self._row.name}")
        why = "it was changed here since it was taken" if link and link.version else "it is here from elsewhere"
        return Done(place, "left", f"{why} and says otherwise: a person must look at it")

    def _ours(self, transaction: Transaction, links: Links, resource: Resource) -> Resource:
        """The record with references as they are said here; to what is never taken as they are said there."""

        def resolve(type: str, id: str) -> str:
            if type not in self._types:
                return f"{self._base}/{type}/{id}"
            link = links.of(type, id)
            return f"{type}/{link.id if link else self._derived(type, id)}"

        made: Resource = readdressed(resource, self._base, resolve)
        return made

    def _id(self, transaction: Transaction, type: str, resource: Resource) -> str:
        """The id of a record that is seen first: that of the one here with its key, else one made of where it is."""
        for system, value in identifying_keys(self._program, resource):
            found = transaction.alias(type, system, value)
            if found is not None:
                return found
        key = next(identifying_keys(self._program, resource), None)
        return derived_id(self._program.secret, type, *key) if key else self._derived(type, resource["id"])

    def _derived(self, type: str, remote: str) -> str:
        return derived_id(self._program.secret, type, f"{self._base}/{type}", remote)


def _place(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _version(resource: Resource) -> str | None:
    meta = resource.get("meta")
    said = meta.get("versionId") if isinstance(meta, dict) else None
    return said if isinstance(said, str) else None


def _reason(problem: Problem) -> str:
    return "; ".join(placed(one.expression, one.message) if one.expression else one.message for one in problem.issues)
