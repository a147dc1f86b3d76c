"""The clients of a program: tokens by one look-up, assertions used once, what a backup keeps of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from adapter import keeper
from adapter.callers import ClientKind
from adapter.fhir.index import Index
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.store.clients import LOOKED_AT_MS, Agreement, Bearer, Client, Clients, Token
from adapter.store.store import Store

from .conftest import Clock, Desk
from .serving import open_store, place

NOW = 1_772_366_400_000
PEOPLE = (ClientKind.STAFF, ClientKind.PRIVACY_OFFICER)
NEEDED = {ClientKind.PROGRAM_EHR: "qsoa", ClientKind.PAYER: "contract"}


def registered(id: str = "ehr", kind: str = "provider-ehr", **changed: Any) -> Client:
    made = Client(id, kind, "org-1", "An EHR", "system/Patient.rs", "TREAT HOPERAT", None, None, True, NOW, False)
    return made._replace(**changed)


def token(digest: str = "d1", client: str = "ehr", issued_ms: int = NOW) -> Token:
    return Token(digest, client, "system/Patient.rs", "TREAT", None, None, issued_ms, issued_ms + 300_000)


def change(store: Store, *works: Any) -> list[Any]:
    return [store.change_clients(work).result(30) for work in works]


def bearer(store: Store, digest: str = "d1", now_ms: int = NOW) -> Bearer | None:
    with store.clients() as clients:
        return clients.bearer(digest, now_ms)


@pytest.fixture
def store(desk: Desk) -> Store:
    change(desk.store, lambda clients: clients.add(registered()))
    return desk.store


def test_a_token_says_whose_it_is_until_its_client_is_disabled(store: Store) -> None:
    assert change(store, lambda clients: clients.issue(token(), "j1", NOW + 1)) == [True]
    assert bearer(store) == Bearer(
        *("ehr", "system/Patient.rs", "TREAT", None, None, NOW, NOW + 300_000, "provider-ehr", "org-1", True, "", None)
    )
    change(store, lambda clients: clients.enable("ehr", False))
    assert bearer(store) is None
    change(store, lambda clients: clients.issue(token(), "j2", NOW + 1))
    found = bearer(store)
    assert found is not None
    assert not found.stands
    change(store, lambda clients: clients.enable("ehr", True))
    assert bearer(store).stands  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", [kind for kind in ClientKind if kind not in PEOPLE])
def test_the_agreement_that_a_kind_needs_is_looked_at_with_each_token(store: Store, kind: ClientKind) -> None:
    def agreed(kind: str, from_ms: int, until_ms: int | None) -> tuple[bool, bool]:
        change(store, lambda clients: clients.agree(Agreement("other", kind, "A1", from_ms, until_ms)))
        with store.clients() as clients:
            found, named = clients.bearer("d2", NOW), clients.named("other", NOW)
        assert found is not None
        assert named is not None
        return bool(found.stands), named.stands

    change(store, lambda clients: clients.add(registered("other", kind)))
    change(store, lambda clients: clients.issue(token("d2", "other"), "j1", NOW + 1))
    needed = NEEDED.get(kind)
    expected = (needed is None,) * 2
    for other in {"qsoa", "contract", "baa"} - {needed}:
        assert agreed(other, NOW - 1, None) == expected
    if needed:
        assert agreed(needed, NOW + 1, None) == (False, False)
        assert agreed(needed, NOW - 9, NOW) == (False, False)
        assert agreed(needed, NOW, NOW + 1) == (True, True)
        assert agreed(needed, NOW, None) == (True, True)


def test_one_assertion_gives_one_token_however_often_it_is_used_at_a_time(store: Store) -> None:
    def use(number: int) -> bool:
        return store.change_clients(lambda clients: clients.issue(token(f"t{number}"), "once", NOW + 1)).result(30)

    with ThreadPoolExecutor(64) as pool:
        assert sum(pool.map(use, range(64))) == 1
    assert sum(bearer(store, f"t{number}") is not None for number in range(64)) == 1
    other = registered("other")
    mine = token("o1", "other")
    assert change(store, lambda c: c.add(other), lambda c: c.issue(mine, "once", NOW + 1)) == [None, True]


def test_an_assertion_is_used_once_by_two_programs_and_after_a_restart(
    tmp_path: Path, index: Index, clock: Clock
) -> None:
    first = open_store(index, clock, tmp_path / "a.db")
    change(first, lambda clients: clients.add(registered()))
    assert change(first, lambda clients: clients.issue(token(), "once", NOW + 1)) == [True]
    if isinstance(place(tmp_path / "a.db"), Path):
        first.close()
    second = open_store(index, clock, tmp_path / "a.db")
    assert change(second, lambda clients: clients.issue(token("d2"), "once", NOW + 1)) == [False]
    assert bearer(second) is not None
    assert bearer(second, "d2") is None
    works = [store for store in (first, second) if store.alive] * 32
    futures = [
        store.change_clients(lambda clients, n=n: clients.issue(token(f"t{n}"), "twice", NOW + 1))  # type: ignore[misc]
        for n, store in enumerate(works)
    ]
    assert sum(future.result(30) for future in futures) == 1
    first.close()
    second.close()


def test_what_is_long_over_is_forgotten(store: Store) -> None:
    change(store, lambda clients: clients.issue(token(), "j1", NOW + 1_000))
    later = NOW + 300_000 + LOOKED_AT_MS
    assert change(store, lambda clients: clients.issue(token("d2", issued_ms=later), "j1", later)) == [False]
    assert change(store, lambda clients: clients.issue(token("d2", issued_ms=later), "j2", later)) == [True]
    assert bearer(store) is not None
    assert change(store, lambda clients: clients.issue(token("d3", issued_ms=later + 1), "j1", later)) == [True]
    assert bearer(store) is None


def test_a_client_is_registered_once_and_an_unknown_one_not_enabled(store: Store) -> None:
    with pytest.raises(Problem) as twice:
        change(store, lambda clients: clients.add(registered(name="Another")))
    assert twice.value.kind is Kind.CONFLICT
    with pytest.raises(Problem) as unknown:
        change(store, lambda clients: clients.enable("nobody", True))
    assert unknown.value.kind is Kind.NOT_FOUND
    with store.clients() as clients:
        assert [(client.id, client.name, bool(client.stands)) for client in clients.listed(NOW)] == [
            ("ehr", "An EHR", True)
        ]


def test_a_backup_keeps_clients_and_agreements_and_no_token(tmp_path: Path, index: Index, clock: Clock) -> None:
    store = open_store(index, clock, tmp_path / "a.db", secret=b"a secret")
    agreement = Agreement("ehr", "qsoa", "Q-1", NOW, None)
    change(
        store,
        lambda clients: clients.add(registered(kind="program-ehr", jwks='{"keys":[]}')),
        lambda clients: clients.agree(agreement),
        lambda clients: clients.enable("ehr", False),
        lambda clients: clients.issue(token(), "j1", NOW + 1),
    )
    store.close()
    settings = [Settings(store=place(tmp_path / name), secret_file=tmp_path / "key") for name in ("a.db", "b.db")]  # type: ignore[arg-type]
    written = keeper.backup(settings[0], tmp_path / "backup")
    assert (written["client"], written["agreement"]) == (1, 1)
    keeper.restore(settings[1], tmp_path / "backup")
    again = open_store(index, clock, tmp_path / "b.db", secret=b"a secret")
    with again.clients() as clients:
        named = clients.named("ehr", NOW)
        assert named is not None
        assert named._replace(enabled=False) == registered(
            kind="program-ehr", jwks='{"keys":[]}', enabled=False, agreed=True
        )
        assert not named.enabled
        assert clients.agreements("ehr") == [agreement]
    assert bearer(again) is None
    assert change(again, lambda clients: Clients.issue(clients, token(), "j1", NOW + 1)) == [True]
    again.close()
