"""Who is let in at the native door: the program's staff, each held to the words of `staff.toml` for his roles.

Every answer to them that shows a person's records is in the ledger before it leaves, as an internal use (42 CFR
2.12(c)(3)), and every request is a line in the log: who, what, of which kind of record, by which id; no value of it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from adapter.callers import Caller, ClientKind
from adapter.consent.arguments import UNBOUND
from adapter.consent.duties import Rights
from adapter.consent.matrix import Assignment
from adapter.consent.predicate import of_person, signed
from adapter.consent.scopes import permits
from adapter.fhir.dates import milliseconds
from adapter.interactions.forms import AnyForm
from adapter.interactions.native_aggregate import AggregateForm
from adapter.problems import Kind, Problem
from adapter.released import Predicate, Released
from adapter.web.access import Client, Clients
from adapter.web.call import Call

log = logging.getLogger(__name__)

LETTERS = {"list": "rs", "get": "r", "create": "cr", "put": "cru", "patch": "ru", "delete": "rd", "import": "cru"}
LETTERS |= dict.fromkeys(("merge", "unmerge", "settle", "say", "send", "submit", "take_back"), "ru")
"""What scopes of SMART a verb needs for the resource types of its concept; the work lists show records of all."""
_PEOPLE = (ClientKind.STAFF, ClientKind.PRIVACY_OFFICER)
_ANY = ("*",)
_ID = re.compile(r"[A-Za-z0-9\-.:]{1,200}", re.ASCII)  # of a proposal the ids of two records


class Insider(Protocol):
    """Whoever sent one request."""

    def predicate_for(self, verb: str, kind: AnyForm | None) -> Predicate:
        """Which records are there for it under a verb, of a kind of document or at the base; Problem(FORBIDDEN) for
        what the roles of the sender may not, whatever is stored."""

    async def record(self, call: Call, released: Released | None) -> None:
        """Record the answer that is about to leave. Problem(BUSY) when that cannot be: then nothing may."""

    def tell(self, call: Call, status: int) -> None:
        """Log that it was answered."""


class Insiders(Protocol):
    """The rule of the native door."""

    def admit(self, call: Call) -> Insider:
        """Who asks. Problem(LOGIN) where it cannot be told."""


class Openly:
    """Whoever reaches the door, under one predicate; its own `Insiders`."""

    def __init__(self, predicate: Predicate) -> None:
        self._predicate = predicate

    def admit(self, call: Call) -> Insider:
        """Is let in."""
        return self

    def predicate_for(self, verb: str, kind: AnyForm | None) -> Predicate:
        """May do all that is possible."""
        return self._predicate

    async def record(self, call: Call, released: Released | None) -> None:
        """Is not recorded: nobody can say who it is."""

    def tell(self, call: Call, status: int) -> None:
        """Nor logged."""


class Staff:
    """People who prove themselves by a token of this server."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def admit(self, call: Call) -> Insider:
        """The person that the token proves; Problem(FORBIDDEN) for a machine's."""
        now = self._clients.program.clock()
        caller = self._clients.caller_of(call, now)
        if caller.kind not in _PEOPLE or not caller.user:
            raise Problem(Kind.FORBIDDEN, "this is for the program's staff; other systems ask /fhir")
        return Person(self._clients, caller, milliseconds(now), call)


class Person(Client):
    """One request of somebody of the staff."""

    def __init__(self, access: Clients, caller: Caller, now_ms: int, call: Call) -> None:
        super().__init__(access, caller, now_ms, call)
        self._duties = access.entitled.duties(caller.roles)

    def predicate_for(self, verb: str, kind: AnyForm | None) -> Predicate:
        """What his duties show him; every part of an aggregate must be open to the verb."""
        names = [""] if kind is None else _names(kind)
        if self._duties.allows(names, (verb,)) is Assignment.NO:
            raise Problem(Kind.FORBIDDEN, "your role may not do this with records of this kind")
        self._check_scopes(LETTERS.get(verb, "r"), _types(kind))
        bound = "" if kind is None else kind.name
        listed = verb == "list" or (kind is None and verb != "import")
        shown = self._duties.shown(verb, bound) if listed else self._duties.shown()
        rights = Rights(self._duties, f"Practitioner/{self._caller.user}", ("patch" if verb == "patch" else "put",))
        reach = self._access.entitled.reach(self._caller.kind, self._caller.scopes)
        types, within = (None, UNBOUND) if self._reads_all() else reach
        policy, apart = self._access.matrix.version, self._access.entitled.apart(shown)
        seen = of_person(*(self._caller, shown, self._now_ms, rights, types), bounds=within, policy=policy, apart=apart)
        self._narrowed = signed(seen, self._call.network, self._call.request_id)
        return self._narrowed

    def _check_scopes(self, letters: str, types: Iterable[str]) -> None:
        for type in types:
            for letter in letters:
                if not permits(self._caller.scopes, letter, type, "user").whole:
                    raise Problem(Kind.FORBIDDEN, f"the token has no scope for this: user/{type}.{letters} is needed")

    def _reads_all(self) -> bool:
        """Whether the token lets records of all types be read."""
        return permits(self._caller.scopes, "r", "*", "user").whole

    async def record(self, call: Call, released: Released | None) -> None:
        """Write it into the ledger, and wait until it is on the disk."""
        await self.disclose(call, f"{call.interaction} {call.type}".strip(), released)

    def tell(self, call: Call, status: int) -> None:
        """A line of who did what with which record, and how it was answered."""
        id = call.scope.get("path_params", {}).get("id", "")
        id = id if _ID.fullmatch(id) else "?" * bool(id)  # what is no id could be a line of its own
        said = {"user": self._caller.user, "verb": call.interaction, "concept": call.type, "id": id, "status": status}
        said["request_id"] = call.request_id
        log.info(" ".join(f"{name}={value}" for name, value in said.items() if value), extra=said)


def _names(kind: AnyForm) -> Sequence[str]:
    return (kind.name, *kind.aggregate.members) if isinstance(kind, AggregateForm) else (kind.name,)


def _types(kind: AnyForm | None) -> Iterable[str]:
    """The resource types that a document is made of; at the base any."""
    if kind is None:
        return _ANY
    if isinstance(kind, AggregateForm):
        return [type for name in kind.aggregate.members for type in kind.form(name).concept.resource_types]
    return kind.concept.resource_types
