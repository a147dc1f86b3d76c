"""Who the clients of subscriptions and exports are when these go on: as they are registered then, and not as they once
asked."""

from __future__ import annotations

from adapter.callers import Caller, ClientKind, Purpose
from adapter.export.sight import Puller
from adapter.interactions.program import Program
from adapter.notifications.sight import Reader
from adapter.store.clients import Clients
from adapter.store.exports import Export
from adapter.store.subscriptions import Subscription
from adapter.web.entitlements import Entitlements
from adapter.web.smart.scopes import granted, parsed


class Subscribers:
    """Those of one program: `Readers`."""

    def __init__(self, program: Program, entitled: Entitlements) -> None:
        self._program, self._entitled = program, entitled

    def __call__(self, one: Subscription, now_ms: int, type: str) -> Reader | None:
        """The client, and what it may see: of the scopes that it asked by, those that it still has."""
        with self._program.store.asking() as database:
            client = Clients(database).named(one.client, now_ms)
        if client is None or not client.stands or one.purpose not in client.purposes.split():
            return None
        kind = ClientKind(client.kind)
        if one.endpoint not in (client.endpoints or "").split() or kind not in self._topic(one):
            return None
        scopes = granted(parsed(one.scopes), parsed(client.scopes))
        purpose, source = Purpose(one.purpose), f"Subscription/{one.id}"
        caller = Caller(client.id, kind, client.organization, purpose, scopes, source, one.person)
        return Reader(caller, self._entitled.seen(caller, ("put",), now_ms, type))

    def _topic(self, one: Subscription) -> frozenset[ClientKind]:
        return self._program.maps.topics[one.topic].kinds


class Pullers:
    """Those of the exports of one program."""

    def __init__(self, program: Program, entitled: Entitlements) -> None:
        self._program, self._entitled = program, entitled

    def __call__(self, one: Export, now_ms: int) -> Puller | None:
        """The client, and what it may see: of the scopes that it asked by, those that it still has."""
        with self._program.store.asking() as database:
            client = Clients(database).named(one.client, now_ms)
        if client is None or not client.stands or one.purpose not in client.purposes.split():
            return None
        scopes, source = granted(parsed(one.scopes), parsed(client.scopes)), f"export/{one.id}"
        purpose, kind = Purpose(one.purpose), ClientKind(client.kind)
        caller = Caller(client.id, kind, client.organization, purpose, scopes, source, one.person)
        return Puller(caller, self._entitled.seen(caller, ("put",), now_ms, ""))
