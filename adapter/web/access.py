"""Who is let in at the FHIR door, and what for: what kinds of clients may ask, before consent says what they see.

Every answer to a client that shows a person's records is in the ledger of disclosures before its first byte goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import datetime
from typing import Protocol

from adapter.callers import Caller
from adapter.consent import scopes
from adapter.consent.gate import is_published
from adapter.consent.matrix import Matrix, Verdict
from adapter.consent.notice import VERSION, headers
from adapter.consent.predicate import nobody, signed
from adapter.consent.told import count, told
from adapter.fhir.dates import milliseconds
from adapter.fhir.parameters import PAGE
from adapter.fhir.query import All, Chained, Either, Include, PointedTo, Query, Term
from adapter.interactions.program import Program
from adapter.notifications.sight import Readers
from adapter.problems import Kind, Problem
from adapter.released import Predicate, Released
from adapter.store.disclosure import Disclosure
from adapter.store.ledger import Ledger
from adapter.web.call import Call
from adapter.web.entitlements import Entitlements, check_kept
from adapter.web.negotiation import Pairs
from adapter.web.recorder import Recorder
from adapter.web.refusals import Refusals
from adapter.web.smart.bearer import Bearers
from adapter.web.smart.outside import Outside, jwt_in
from adapter.web.subscribers import Pullers, Subscribers
from adapter.web.writer import Header

_FEW = 3
"""Patients in an answer whose grounds are looked up at once."""
_GATHERING = frozenset({"$everything", "$consent-scope", "$export"})
"""Of which the type says nothing of what is looked at."""
_CHANGES = {"PUT": ("put",), "PATCH": ("patch",)}


class Entrant(Protocol):
    """Whoever sent one request."""

    @property
    def predicate(self) -> Predicate:
        """Which records are there for it."""

    guarded: bool
    """Whether it had to say who it is."""
    caller: Caller | None
    """Who it is, if that is known."""
    ledger: Ledger | None
    """Where what it gets is recorded, if it is."""
    matrix: Matrix | None
    """What kinds of clients may ask, if that matters."""

    subscribers: Readers | None
    """Who the clients of subscriptions are, if any are told of anything."""
    lenient: bool
    """Whether it may ask that what is not known of a search be passed over."""

    def check(self, interaction: str, type: str, *, conditional: bool = False) -> Verdict | None:
        """Problem(FORBIDDEN) for what clients of its kind, or its scopes, may not ask; whatever is stored. The word of
        the matrix for what they may, where there is one.

        `conditional`: a write that depends on what a search finds.
        """

    def check_query(self, query: Query) -> None:
        """The same for where a search leads: chains, `_has` and includes."""

    def check_read(self, types: Sequence[str]) -> None:
        """The same for what goes along; whatever is stored."""

    def check_types(self, types: Iterable[str], pairs: Pairs) -> None:
        """The same for a search of several types."""

    def renewed(self) -> Entrant:
        """The same by the rules of this moment, where an answer goes on for long; the database may be asked."""

    async def disclose(self, call: Call, name: str, released: Released | None) -> None:
        """Record the answer to an interaction that is about to leave. Problem(BUSY) when that cannot be: then nothing
        may."""


class Access(Protocol):
    """The rule of one door."""

    headers: tuple[Header, ...]
    """What goes with every answer."""

    @property
    def alive(self) -> bool:
        """Whether it can let anybody in."""

    async def admit(self, call: Call) -> Entrant:
        """Who asks. Problem(LOGIN) where it cannot be told."""

    def interrupted(self, positions: Sequence[int]) -> None:
        """Remark that the reader of an answer went away before its end."""


class Anyone:
    """Whoever reaches the door, under one predicate; its own `Access`."""

    headers: tuple[Header, ...] = ()
    alive = True
    guarded = False
    lenient = True
    caller: Caller | None = None
    ledger: Ledger | None = None
    matrix: Matrix | None = None
    subscribers: Readers | None = None

    def __init__(self, predicate: Predicate) -> None:
        self.predicate = predicate

    def check(self, interaction: str, type: str, *, conditional: bool = False) -> Verdict | None:
        """May ask anything."""
        return None

    def check_query(self, query: Query) -> None:
        """May search anything."""

    def check_read(self, types: Sequence[str]) -> None:
        """May have all go along."""

    def check_types(self, types: Iterable[str], pairs: Pairs) -> None:
        """May search all."""

    def renewed(self) -> Entrant:
        """Sees all at any moment."""
        return self

    async def disclose(self, call: Call, name: str, released: Released | None) -> None:
        """Is not recorded: nobody can say who it is."""

    async def admit(self, call: Call) -> Entrant:
        """Is let in."""
        return self

    def interrupted(self, positions: Sequence[int]) -> None:
        """Is not remarked."""


class Clients:
    """Clients that prove themselves by a token of this server; others get what is open to all."""

    def __init__(
        self, program: Program, bearers: Bearers, matrix: Matrix, ledger: Ledger, types: Iterable[str]
    ) -> None:
        self.program, self.matrix, self.ledger = program, matrix, ledger
        self.recorder = Recorder(ledger)
        self.refusals = Refusals(ledger, program.clock)
        self.headers: tuple[Header, ...] = headers(program.base_url)
        self._bearers = bearers
        self._outside = Outside(program) if program.settings.issuer else None
        self.entitled = Entitlements(program, matrix, types)
        self.subscribers = Subscribers(program, self.entitled)
        self.pullers = Pullers(program, self.entitled)

    @property
    def alive(self) -> bool:
        """Whether disclosures can be recorded, as far as is known."""
        return self.ledger.alive

    async def admit(self, call: Call) -> Entrant:
        """The client that the token proves; without one, somebody who sees nothing."""
        if b"authorization" not in call.headers:
            return Guest(self.matrix)
        now, call.refusals = self.program.clock(), self.refusals
        if self._outside and (token := jwt_in(call.headers[b"authorization"])):
            caller = call.caller = await self._outside.caller_of(token, now)
        else:
            caller = self.caller_of(call, now)
        # A Bundle may change records by both verbs.
        return Client(self, caller, milliseconds(now), call, _CHANGES.get(call.method, ("put", "patch")))

    def caller_of(self, call: Call, now: datetime) -> Caller:
        """The client, and the person, that the token proves; Problem(LOGIN) where it proves nobody."""
        call.refusals = self.refusals
        call.caller = caller = self._bearers.caller_of(call.headers, now)
        return caller

    def interrupted(self, positions: Sequence[int]) -> None:
        """The rows stay, and are marked; nobody waits for that, and a ledger that fails has said so."""
        for position in positions:
            self.ledger.interrupted(position)


class Guest:
    """Somebody without a token."""

    guarded = True
    lenient = False
    caller: Caller | None = None
    ledger: Ledger | None = None
    matrix: Matrix | None
    subscribers: Readers | None = None

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = self.matrix = matrix
        self.predicate = nobody()

    def check(self, interaction: str, type: str, *, conditional: bool = False) -> Verdict | None:
        """May ask what is open; Problem(LOGIN) for all else."""
        return scopes.check(self._matrix, None, interaction, type)

    def check_query(self, query: Query) -> None:
        """Finds nothing that is stored."""

    def check_read(self, types: Sequence[str]) -> None:
        """Finds nothing that is stored."""

    def check_types(self, types: Iterable[str], pairs: Pairs) -> None:
        """Finds nothing that is stored."""

    def renewed(self) -> Entrant:
        """Sees nothing at any moment."""
        return self

    async def disclose(self, call: Call, name: str, released: Released | None) -> None:
        """Gets nothing that is about a person."""
        if released is not None and not is_published(released):
            raise Problem(Kind.FAULT, "an answer without a client is about to leave")


class Client:
    """One request of a client."""

    guarded = True

    def __init__(
        self, access: Clients, caller: Caller, now_ms: int, call: Call, verbs: tuple[str, ...] = ("put",)
    ) -> None:
        self._access, self._caller, self._call, self._verbs, self._now_ms = access, caller, call, verbs, now_ms
        self._narrowed: Predicate | None = None
        self._type = ""
        self._stamp = access.program.store.stamp
        self.caller: Caller | None = caller
        self.ledger: Ledger | None = access.ledger
        self.matrix: Matrix | None = access.matrix
        self.subscribers: Readers | None = access.subscribers
        self.lenient = access.matrix.limits(caller.kind).lenient

    @property
    def predicate(self) -> Predicate:
        """Which records are there for it, now."""
        if self._narrowed is None:
            self._narrowed = self._access.entitled.seen(self._caller, self._verbs, self._now_ms, self._type)
            if self._call.method not in ("GET", "HEAD"):
                self._narrowed = signed(self._narrowed, self._call.network, self._call.request_id)
        return self._narrowed

    def check(self, interaction: str, type: str, *, conditional: bool = False) -> Verdict | None:
        """As the matrix and the scopes say."""
        verdict = self._access.entitled.check(self._caller, interaction, type, conditional)
        if self._call.interaction in scopes.BY_PART:
            self._check_alone([type])
        self._type = self._type or ("" if interaction in _GATHERING else type)
        return verdict

    def check_query(self, query: Query) -> None:
        """As far as its kind may search by what is linked."""
        matrix, caller = self._access.matrix, self._caller
        for term in query.terms:
            for types, has in _paths(term):
                scopes.check_path(matrix, caller, types, has=has)
                check_kept(*types)
                self._check_alone([self._type, *types])
        for include in query.includes:
            check_kept(include.type)
            scopes.check_include(matrix, caller, f"{include.type}:{include.field.code}", iterate=include.iterate)
        # Of `*` what may be seen goes along.
        ways = [_led_to(include) for include in query.includes]
        if ways:
            self._check_alone([self._type])
        self.check_read([type for types in ways for type in types] if all(ways) else ())

    def _check_alone(self, types: Iterable[str]) -> None:
        """What is seen by itself alone is in no Bundle, nor does a search lead there or from there."""
        for type in types:
            if self._access.entitled.names(self._caller, type):
                why = f"a {type} that names you is read and searched by itself: no chains, no includes, in no Bundle"
                raise Problem(Kind.INVALID, why, code="not-supported")

    def check_read(self, types: Sequence[str]) -> None:
        """403 where nothing of these types could be read, if there were any: it would be left out without a word."""
        if types and self._access.entitled.reach(self._caller.kind, self._caller.scopes)[0].isdisjoint(types):
            needed = ", ".join(f"{scopes.level(self._caller)}/{type}.r" for type in types)
            raise Problem(Kind.FORBIDDEN, f"the token has no scope for this, or its kind may not: {needed} is needed")

    def check_types(self, types: Iterable[str], pairs: Pairs) -> None:
        """Each of them, so they must be named; a page link names what was let through when it was made."""
        found = False
        for type in types:
            self.check("search-type", type)
            check_kept(type)
            found = True
        if not found and all(name != PAGE for name, _ in pairs):
            raise Problem(Kind.FORBIDDEN, "name the types that are searched: _type", "_type")

    def renewed(self) -> Entrant:
        """The same request by consents and ties as they are now; its token was good when it came."""
        later = copy(self)
        later._now_ms, later._narrowed = milliseconds(self._access.program.clock()), None
        later._stamp = self._access.program.store.moment
        return later

    async def disclose(self, call: Call, name: str, released: Released | None) -> None:
        """Write it into the ledger, and wait until it is on the disk; what is there already is not written twice."""
        if released is None or is_published(released) or released.ledger is not None:
            return
        query = call.asked(searched=name.startswith(("search", "list")))
        # A few patients are looked up at once; for more, others are let through meanwhile.
        shown, whose = released.shown, {one.patients for one in released.shown}
        asked = (self._access.program.store, self.predicate, shown, self._stamp)
        found = told(*asked) if len(whose) <= _FEW else await asyncio.to_thread(told, *asked)
        count(found, released.counted)
        rows = [
            Disclosure(
                self._caller, ground or released.grant, name, listed, VERSION, call.request_id, query, call.network
            )
            for ground, listed in found.items()
        ]
        call.disclosed += await self._access.recorder.write(rows)


def _led_to(include: Include) -> Sequence[str]:
    """The types that an include leads to; none where it may be any."""
    if include.reverse:
        return [include.type]
    return [include.target] if include.target else include.field.targets


def _paths(term: Term) -> Iterator[tuple[list[str], bool]]:
    """The types that a term leads through, and whether by `_has`."""
    if isinstance(term, Either | All):
        for part in term.terms:
            yield from _paths(part)
    elif isinstance(term, Chained | PointedTo):
        inner = list(_paths(term.term)) or [([], False)]
        for types, has in inner:
            yield [term.type, *types], has or isinstance(term, PointedTo)
