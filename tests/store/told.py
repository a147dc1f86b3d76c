"""Disclosures of invented people, for the tests of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from adapter.callers import Caller, ClientKind, Purpose
from adapter.problems import Problem
from adapter.store.disclosure import Disclosure, Shown


def caller(client: str = "payer-one", **more: Any) -> Caller:
    """A client."""
    said = {
        "kind": ClientKind.PAYER,
        "organization": "org-1",
        "purpose": Purpose.PAYMENT,
        "scopes": (),
        "token": "5f3a",
        **more,
    }
    return Caller(client, **said)


def disclosure(
    *patients: str,
    client: str = "payer-one",
    ground: str = "consent-1",
    resources: Sequence[str] = ("Observation/o1/1", "Encounter/e1/2"),
    by: dict[str, Any] | None = None,
    **more: Any,
) -> Disclosure:
    """A page of records, the same for each patient."""
    shown = [Shown(patient, resources) for patient in patients]
    return Disclosure(caller(client, **(by or {})), ground, more.pop("interaction", "search-type"), shown, **more)


def refusing(problem: Problem) -> Callable[..., Any]:
    """What stands in place of `Ledger._appended` where nothing can be written, whoever would."""

    def appended(ledger: object, hand: Any, database: object, items: Sequence[object]) -> list[Any]:
        hand.give_up()
        return [(None, problem) for _ in items]

    return appended
