"""Who a request is of, by its token: the good one, and every bad one of the acceptance list."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.callers import Caller, ClientKind, Purpose, Scope
from adapter.fhir.dates import milliseconds
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.store.clients import Agreement, Clients
from adapter.web.errors import refusal
from adapter.web.smart.bearer import Bearers
from tests.doors.clients import register, token_of
from tests.doors.mounted import at, client_at
from tests.doors.serving import Client

ROWS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("bad_bearers.toml").read_text("utf-8"))


def change(program: Program, work: Callable[[Clients], None]) -> None:
    program.store.change_clients(work).result(30)


def ended(program: Program) -> None:
    now = milliseconds(program.clock())
    change(program, lambda clients: clients.agree(Agreement("ehr", "qsoa", "A-1", now - 9_000, now - 1)))


def later(program: Program) -> None:
    program.clock.now += timedelta(seconds=300)  # type: ignore[attr-defined]


# What happens to a good token before it is used.
HAPPENS: dict[str, Callable[[Program], None]] = {
    "revoked": lambda program: change(program, lambda clients: clients.revoke("ehr")),
    "disabled": lambda program: change(program, lambda clients: clients.enable("ehr", False)),
    "ended": ended,
    "expired": later,
}
SAYS = {"long": "Bearer " + "x" * 10_240, "in_the_address": None}


def caller_of(program: Program, authorization: str | None) -> Caller:
    headers = {} if authorization is None else {b"authorization": authorization.encode()}
    return Bearers(program.store).caller_of(headers, program.clock())


def check(problem: Problem, row: dict[str, Any]) -> None:
    assert problem.kind is Kind.LOGIN
    assert [issue.code for issue in problem.issues] == [row["code"]]
    answer = refusal(problem)
    assert answer.status == 401
    error = f', error="{row["error"]}"' if row["error"] else ""
    assert dict(answer.headers)[b"www-authenticate"] == f'Bearer realm="fhir"{error}'.encode()


@pytest.mark.parametrize("name", [name for name in ROWS if name != "A6"])
def test_a_bad_token_proves_nobody(name: str, client: Client, program: Program) -> None:
    row = ROWS[name]
    register(program, kind="program-ehr", agreement="qsoa")
    token = token_of(client, program)
    assert caller_of(program, f"Bearer {token}").client == "ehr"
    make, said = row.get("make", ""), row.get("authorization", "Bearer {token}" if "make" in row else None)
    if make in HAPPENS:
        HAPPENS[make](program)
    with pytest.raises(Problem) as refused:
        caller_of(program, SAYS[make] if make in SAYS else said and said.replace("{token}", token))
    check(refused.value, row)


def test_a_token_of_another_program_proves_nobody(tmp_path: Path) -> None:
    """A6."""
    with at(tmp_path, "east") as east, at(tmp_path, "west") as west, client_at(east, west, "east") as client:
        register(east)
        register(west)
        token = token_of(client, east)
        assert caller_of(east, f"Bearer {token}").client == "ehr"
        with pytest.raises(Problem) as refused:
            caller_of(west, f"Bearer {token}")
    check(refused.value, ROWS["A6"])


def test_every_row_of_the_acceptance_list_is_there() -> None:
    assert {name.rstrip("abcdef") for name in ROWS} == {f"A{number}" for number in range(1, 8)}


def test_a_good_token_says_who_asks_and_what_for(client: Client, program: Program) -> None:
    register(program, kind="payer", scopes="system/Observation.rs?category=laboratory", agreement="contract")
    token = token_of(client, program, form={"scope": "system/Observation.r"})
    for scheme in ("Bearer", "bearer"):
        caller = caller_of(program, f"{scheme} {token}")
    expected = Caller(
        client="ehr",
        kind=ClientKind.PAYER,
        organization="org-of-ehr",
        purpose=Purpose.TREATMENT,
        scopes=(Scope("system", "Observation", "r", (("category", "laboratory"),)),),
        token=caller.token,
    )
    assert caller == expected
    assert len(caller.token) == 16
    assert caller.token not in token


def test_nothing_in_the_store_is_a_token(client: Client, program: Program) -> None:
    register(program)
    token = token_of(client, program)
    with program.store._asked() as database:
        rows = [str(tuple(row)) for row in database.execute("SELECT * FROM access_token")]
    assert len(rows) == 1
    assert token not in rows[0]
