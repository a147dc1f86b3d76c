"""A partner whose server is played by respx, and time that passes only when somebody sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from adapter.released import Released
from adapter.remote.backend import new_key
from adapter.remote.guarded import Guard
from adapter.remote.line import Line
from adapter.remote.partner import Partner
from adapter.remote.patience import Patience
from adapter.remote.quirks import Quirks
from adapter.remote.tokens import Identity

T = TypeVar("T")
Json = dict[str, Any]
ADDRESS, HOST = "93.184.216.34", "ehr.example"
BASE, AT = f"https://{HOST}/fhir", f"https://{ADDRESS}/fhir"
"""Where it is said to be, and where it is asked: the name stays in Host."""
FHIR = {"content-type": "application/fhir+json; charset=utf-8"}
RECIPIENT = "partner:ehr"
KEY = new_key("ES384", "key-1")


class Time:
    """Seconds that pass when somebody sleeps; `slept` is how long each time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


async def resolved(host: str, port: int) -> list[str]:
    assert host == HOST
    return [ADDRESS]


def run(
    work: Callable[[Partner], Awaitable[T]],
    time: Time | None = None,
    quirks: Quirks | None = None,
    patience: Patience | None = None,
    *,
    proved: bool = False,
) -> T:
    """What the work gives with a partner, who is asked for a token if it is to be `proved`."""
    time, identity = time or Time(), Identity("us", KEY, "system/*.rs") if proved else None

    async def with_partner() -> T:
        line = Line(
            "ehr",
            BASE,
            Guard([HOST], resolve=resolved),
            time.now,
            identity=identity,
            patience=patience,
            seconds=time.monotonic,
            sleep=time.sleep,
        )
        async with line:
            return await work(Partner("ehr", BASE, RECIPIENT, line, quirks))

    return asyncio.run(with_partner())


def sent(body: bytes = b'{"resourceType":"Goal"}', recipient: str = RECIPIENT, ledger: int | None = 1) -> Released:
    """What may be sent to the partner; only tests make one by hand."""
    return Released(body, recipient, "consent", ledger=ledger)


def patient(id: str = "p1", **more: Any) -> Json:
    return {"resourceType": "Patient", "id": id, "gender": "unknown", **more}


def condition(id: str = "c1", of: str = "p1", **more: Any) -> Json:
    return {"resourceType": "Condition", "id": id, "subject": {"reference": f"Patient/{of}"}, **more}


def searchset(*resources: Json, next: str | None = None, **more: Any) -> Json:
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    links = [{"relation": "next", "url": next}] if next else []
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries, **more}


def outcome(code: str = "processing", severity: str = "error") -> Json:
    issue = {"severity": severity, "code": code, "diagnostics": "Ada Quill has no coverage"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
