"""Clients that subscribe, what they subscribe to, and a worker that is run by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapter import app
from adapter.fhir.canonical import BASE
from adapter.notifications.criteria import CONTENT, FILTER, GUIDE
from adapter.notifications.subscribing import SECRET
from adapter.store.clients import Clients
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.store.subscriptions import Subscription, Subscriptions
from tests.doors.clients import register, token_of
from tests.doors.receiving import Receiver
from tests.doors.serving import Got
from tests.doors.test_guarded import AGREED, OURS, Place, Sender, placed

Json = dict[str, Any]
SCOPES = "system/Subscription.crds system/Task.rs system/EpisodeOfCare.rs system/Patient.rs system/ClaimResponse.rs"


@contextmanager
def place_to_tell(folder: Path, **changes: Any) -> Iterator[Place]:
    """A program that may tell this machine."""
    with placed(folder, notify_networks="127.0.0.0/8", **changes) as place:
        yield place


def topic(name: str) -> str:
    return f"{BASE}/SubscriptionTopic/{name}"


def subscription(receiver: Receiver | str, name: str = "admitted", filters: str = "", **channel: Any) -> Json:
    """A Subscription as it is sent."""
    url = receiver if isinstance(receiver, str) else receiver.url
    content = {"extension": [{"url": CONTENT, "valueCode": channel.pop("content", "id-only")}]}
    more = {"_criteria": {"extension": [{"url": FILTER, "valueString": filters}]}} if filters else {}
    numbers = [
        {"url": f"{GUIDE}backport-{name}", f"value{'PositiveInt' if name == 'max-count' else 'UnsignedInt'}": value}
        for name, value in channel.pop("numbers", {}).items()
    ]
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "To plan the next visit",
        "criteria": topic(name),
        **more,
        "channel": {
            **({"extension": numbers} if numbers else {}),
            "type": "rest-hook",
            "endpoint": url,
            "payload": "application/fhir+json",
            "_payload": content,
        }
        | channel,
    }


def subscriber(
    place: Place, receiver: Receiver | str, kind: str = "program-ehr", organization: str = OURS, scopes: str = SCOPES
) -> Sender:
    """A client of a kind that may be told at the receiver."""
    id, url = f"told-{next(place.numbers)}", receiver if isinstance(receiver, str) else receiver.url
    purpose = "HPAYMT" if kind == "payer" else "TREAT"
    register(place.program, id, kind, scopes, purpose, agreement=AGREED.get(kind), organization=organization)
    change(place, id, endpoints=url)
    token = token_of(place.guarded, place.program, next(place.numbers), id=id, form={"scope": scopes})
    return Sender(place.guarded, token)


def change(place: Place, id: str, **changes: Any) -> None:
    """Have another thing registered of a client."""

    def work(clients: Clients) -> None:
        client = clients.named(id, 0)
        assert client is not None
        clients.change(client._replace(**changes))

    place.program.store.change_clients(work).result(30)


def subscribed(client: Sender, receiver: Receiver, name: str = "admitted", filters: str = "", **channel: Any) -> Got:
    """A Subscription that was made."""
    got = client("POST", "/fhir/Subscription", subscription(receiver, name, filters, **channel))
    assert got.status == 201, got.body
    return got


def secret(got: Got) -> str:
    """By what its notifications are signed."""
    [line] = got.json["channel"]["header"]
    assert line.startswith(f"{SECRET}: ")
    return str(line.partition(": ")[2])


def work(place: Place, *, ledger_fails: bool = False) -> None:
    """Do all that is due."""

    async def done() -> None:
        ledger = Ledger(place_of(place.program.settings.store), place.program.clock)
        worker = app.worker(app.clients(place.program, ledger))
        if ledger_fails:
            ledger.close()
        await worker.finish()
        await worker.end()
        ledger.close()

    asyncio.run(done())


def episode(place: Place, patient: str, status: str = "active", **more: Any) -> Got:
    """An episode of care, written by staff."""
    made = {
        "resourceType": "EpisodeOfCare",
        "status": status,
        "patient": {"reference": f"Patient/{patient}"},
        "period": {"start": "2026-02-01T09:00:00Z"},
        **more,
    }
    got = place.staff("POST", "/fhir/EpisodeOfCare", made)
    assert got.status == 201, got.body
    return got


def changed(place: Place, got: Got, **more: Any) -> Got:
    """The same resource with some elements changed."""
    url = f"/fhir/{got.json['resourceType']}/{got.id}"
    now = place.staff("GET", url).json
    done = place.staff("PUT", url, {**now, **more})
    assert done.status == 200, done.body
    return done


def standing(place: Place, id: str) -> Subscription:
    """How a subscription stands."""
    with place.program.store.asking() as database:
        one = Subscriptions(database).named(id)
    assert one is not None
    return one
