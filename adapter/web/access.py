"""Who is let in at the FHIR door, and what for: what kinds of clients may ask, before consent says what they see.

Every answer to a client that shows a person's records is in the ledger of disclosures before its first byte goes.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.consent import scopes
from adapter.consent.gate import is_published
from adapter.consent.matrix import Matrix, Verdict
from adapter.consent.notice import HEADERS, VERSION
from adapter.consent.predicate import nobody, of_caller
from adapter.fhir.dates import milliseconds
from adapter.fhir.parameters import PAGE
from adapter.fhir.query import All, Chained, Either, PointedTo, Query, Term
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate, Released, Shown
from adapter.store.disclosure import Disclosure
from adapter.store.disclosure import Shown as Told
from adapter.store.ledger import Ledger
from adapter.web.call import Call
from adapter.web.negotiation import Pairs
from adapter.web.smart.bearer import Bearers
from adapter.web.writer import Header

DONE = frozenset(
    {
        *(Verdict.OPEN, Verdict.TOKEN, Verdict.ALL, Verdict.DIRECTORY, Verdict.CONSENT, Verdict.READ_ONLY),
        Verdict.NAMED,
    }
)
"""What is worked out; what has another word in the matrix is refused until it is."""
SIGNED = frozenset({("Provenance", "read"), ("Provenance", "search-type")})
"""Where what a client sent itself, or what goes with what it sees, is worked out too."""
WRITES = frozenset({"create", "update", "patch", "delete"})
_FEW = 3


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

    def check(self, interaction: str, type: str, *, conditional: bool = False) -> None:
        """Problem(FORBIDDEN) for what clients of its kind, or its scopes, may not ask; whatever is stored.

        `conditional`: a write that depends on what a search finds.
        """

    def check_query(self, query: Query) -> None:
        """The same for where a search leads: chains, `_has` and includes."""

    def check_types(self, types: Iterable[str], pairs: Pairs) -> None:
        """The same for a search of several types."""

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

    def admit(self, call: Call) -> Entrant:
        """Who asks. Problem(LOGIN) where it cannot be told."""


class Anyone:
    """Whoever reaches the door, under one predicate; its own `Access`."""

    headers: tuple[Header, ...] = ()
    alive = True
    guarded = False
    caller: Caller | None = None
    ledger: Ledger | None = None
    matrix: Matrix | None = None

    def __init__(self, predicate: Predicate) -> None:
        self.predicate = predicate

    def check(self, interaction: str, type: str, *, conditional: bool = False) -> None:
        """May ask anything."""

    def check_query(self, query: Query) -> None:
        """May search anything."""

    def check_types(self, types: Iterable[str], pairs: Pairs) -> None:
        """May search all."""

    async def disclose(self, call: Call, name: str, released: Released | None) -> None:
        """Is not recorded: nobody can say who it is."""

    def admit(self, call: Call) -> Entrant:
        """Is let in."""
        return self


class Clients:
    """Clients that prove themselves by a token of this server; others get what is open to all."""

    headers = HEADERS

    def __init__(
        self, program: Program, bearers: Bearers, matrix: Matrix, ledger: Ledger, types: Iterable[str]
    ) -> None:
        self.program, self.matrix, self.ledger = program, matrix, ledger
        self._bearers = bearers
        self._all = frozenset(types)
        self.types = lru_cache(1024)(self._types)

    @property
    def alive(self) -> bool:
        """Whether disclosures can be recorded, as far as is known."""
        return self.ledger.alive

    def admit(self, call: Call) -> Entrant:
        """The client that the token proves; without one, somebody who sees nothing."""
        if b"authorization" not in call.headers:
            return Guest(self.matrix)
        now = self.program.clock()
        caller = self._bearers.caller_of(call.headers, now)
        return Client(self, caller, milliseconds(now))

    def _types(self, kind: ClientKind, granted: tuple[Scope, ...]) -> frozenset[str]:
        """The types of which a client may see anything."""
        asking = Caller("", kind, "", Purpose.TREATMENT, granted, "")
        return frozenset(type for type in self._all if scopes.goes_along(self.matrix, asking, type) in scopes.SEEN)


class Guest:
    """Somebody without a token."""

    guarded = True
    caller: Caller | None = None
    ledger: Ledger | None = None
    matrix: Matrix | None

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = self.matrix = matrix
        self.predicate = nobody()

    def check(self, interaction: str, type: str, *, conditional: bool = False) -> None:
        """May ask what is open; Problem(LOGIN) for all else."""
        scopes.check(self._matrix, None, interaction, type)

    def check_query(self, query: Query) -> None:
        """Finds nothing that is stored."""

    def check_types(self, types: Iterable[str], pairs: Pairs) -> None:
        """Finds nothing that is stored."""

    async def disclose(self, call: Call, name: str, released: Released | None) -> None:
        """Gets nothing that is about a person."""
        if released is not None and not is_published(released):
            raise Problem(Kind.FAULT, "an answer without a client is about to leave")


class Client:
    """One request of a client."""

    guarded = True

    def __init__(self, access: Clients, caller: Caller, now_ms: int) -> None:
        self._access, self._caller = access, caller
        self.caller: Caller | None = caller
        self.ledger: Ledger | None = access.ledger
        self.matrix: Matrix | None = access.matrix
        self.predicate = of_caller(caller, access.types(caller.kind, caller.scopes), now_ms)

    def check(self, interaction: str, type: str, *, conditional: bool = False) -> None:
        """As the matrix and the scopes say."""
        allowed = scopes.check(self._access.matrix, self._caller, interaction, type, conditional=conditional)
        if allowed.whole() not in DONE and (type, interaction) not in SIGNED:
            raise Problem(Kind.FORBIDDEN, "this is not open yet to this kind of client")
        if interaction in WRITES and type not in self._access.types(self._caller.kind, self._caller.scopes):
            # Who cannot see what is there would make it again under its key.
            why = f"what is written is looked up first: {scopes.level(self._caller)}/{type}.r is needed too"
            raise Problem(Kind.FORBIDDEN, why)

    def check_query(self, query: Query) -> None:
        """As far as its kind may search by what is linked."""
        matrix, caller = self._access.matrix, self._caller
        for term in query.terms:
            for types, has in _paths(term):
                scopes.check_path(matrix, caller, types, has=has)
        for include in query.includes:
            scopes.check_include(matrix, caller, f"{include.type}:{include.field.code}", iterate=include.iterate)

    def check_types(self, types: Iterable[str], pairs: Pairs) -> None:
        """Each of them, so they must be named; a page link names what was let through when it was made."""
        found = False
        for type in types:
            self.check("search-type", type)
            found = True
        if not found and all(name != PAGE for name, _ in pairs):
            raise Problem(Kind.FORBIDDEN, "name the types that are searched: _type", "_type")

    async def disclose(self, call: Call, name: str, released: Released | None) -> None:
        """Write it into the ledger, and wait until it is on the disk; what is there already is not written twice."""
        if released is None or is_published(released) or released.ledger is not None:
            return
        query: bytes = call.scope.get("query_string", b"")
        # One record is looked up at once; for a page, others are let through meanwhile.
        shown = released.shown
        told = self._told(shown) if len(shown) <= _FEW else await asyncio.to_thread(self._told, shown)
        rows = [
            Disclosure(self._caller, ground or released.grant, name, listed, VERSION, call.request_id, query or None)
            for ground, listed in told.items()
        ]
        await asyncio.gather(*(asyncio.wrap_future(self._access.ledger.write(row)) for row in rows))

    def _told(self, shown: Sequence[Shown]) -> dict[str, list[Told]]:
        """What is shown of each patient, by the consent it is shown under; "" where it is by none.

        Problem(BUSY) when one has just been taken back.
        """
        grounds = self._access.program.store.grounds(self.predicate, [version.vid for version in shown])
        listed: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for version in shown:
            for patient in version.patients.split():
                ground = grounds.get((patient, version.vid), "")
                if self.predicate.ground and not ground:
                    raise Problem(Kind.BUSY, "what was found may not be seen any more; ask again")
                listed[ground][patient].append(f"{version.type}/{version.id}/{version.version}")
        told = {ground: [Told(*of) for of in patients.items()] for ground, patients in listed.items()}
        return told or {"": []}


def _paths(term: Term) -> Iterator[tuple[list[str], bool]]:
    """The types that a term leads through, and whether by `_has`."""
    if isinstance(term, Either | All):
        for part in term.terms:
            yield from _paths(part)
    elif isinstance(term, Chained | PointedTo):
        inner = list(_paths(term.term)) or [([], False)]
        for types, has in inner:
            yield [term.type, *types], has or isinstance(term, PointedTo)
