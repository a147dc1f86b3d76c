"""What is still to be told is found without reading what has arrived, and what is due without reading other jobs."""

from __future__ import annotations

import os
from typing import Any

import pytest

from adapter.store.jobs import Jobs
from adapter.store.postgres_sql import translated
from adapter.store.statements import statement
from adapter.store.transaction import Transaction

from .conftest import Desk

_BY_NUMBER = "version_pkey" if os.environ.get("TEST_STORE") == "postgresql" else "INTEGER PRIMARY KEY"
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "deliveries_waiting": ("delivery_waiting", {"subscription": "s", "limit": 1}),
    "jobs_due": ("job_at", {"now": 1, "kinds": '["notify"]', "most": 1}),
    "any_job_due": ("job_at", {"now": 1}),
    "deliveries_number": ("delivery_waiting", {"subscription": "s"}),
    "jobs_of_lane": ("job_lane", {"lane": "clinic"}),
    "changed_after": (_BY_NUMBER, {"after": 1, "limit": 1}),
    "jobs_failing": ("job_failing", {"kind": "", "key": "", "kinds": '["notify"]', "limit": 1}),
    "ask_deliveries": ("delivery_of", {"kind": "notify", "n": 1, "now": 1}),
    "insert_deliveries": (
        "subscription_topic",
        {"n": 1, "event": "e", "type": "T", "id": "i", "t": 1, "at": 1, "topic": "x"}
        | dict.fromkeys(("patient", "episode", "referral"), "[]"),
    ),
}


def _many_jobs(transaction: Transaction) -> None:
    for number in range(500):
        Jobs(transaction.database).ask("notify", str(number), number)
    transaction.database.execute("ANALYZE job")


@pytest.mark.parametrize("name", ASKED)
def test_an_index_leads_to_what_waits(desk: Desk, name: str) -> None:
    index, values = ASKED[name]
    if name == "jobs_failing":
        # On an empty table PostgreSQL takes the key's own index for as good.
        desk.store.write(_many_jobs).result(30)
    with desk.store.asking() as database:
        if os.environ.get("TEST_STORE") == "postgresql":
            raw = database._raw  # type: ignore[attr-defined]
            plan = "\n".join(step for (step,) in raw.execute(f"EXPLAIN {translated(statement(name))}", values))
        else:
            plan = "\n".join(step for *_, step in database.execute(f"EXPLAIN QUERY PLAN {statement(name)}", values))
    assert index in plan, plan
