"""The ledger that belongs to a store: beside the file of an SQLite store, in the database of a PostgreSQL store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from adapter.problems import Kind, Problem
from adapter.settings import Database as Address
from adapter.store.database import Database
from adapter.store.ledger import Place
from adapter.store.ledger_file import LedgerFile, beside, opened_file
from adapter.store.migrate import check_form


def place_of(store: Path | Address | None) -> Place:
    """Where the ledger of a store is, made if it is not there; of None, one that is gone when it is closed."""
    if isinstance(store, Address):
        from adapter.store.ledger_schema import LedgerSchema  # the driver is loaded by those who use it

        return LedgerSchema(store.uri)
    return LedgerFile(beside(store) if store else None)


@contextmanager
def opened_ledger(store: Path | Address) -> Iterator[Database]:
    """The ledger of a store that is there, for reading, of one moment's state, while it is served or not.

    Problem(NOT_FOUND) when it is not, Problem(CONFLICT) when it is of an older form than this program reads.
    """
    if isinstance(store, Address):
        from adapter.store.ledger_schema import opened_schema

        with opened_schema(store.uri) as schema:
            check_form(schema, "ledger_postgres")
            yield schema
        return
    if not beside(store).exists():
        raise Problem(Kind.NOT_FOUND, f"there is no ledger of the store at {store}", "IOP_STORE")
    with opened_file(beside(store)) as file:
        check_form(file, "ledger")
        yield file


@contextmanager
def ledger_if_any(store: Path | Address) -> Iterator[Database | None]:
    """The ledger of a store, for reading, or None."""
    with ExitStack() as stack:
        try:
            ledger = stack.enter_context(opened_ledger(store))
        except Problem as problem:
            if problem.kind is not Kind.NOT_FOUND:
                raise
            ledger = None
        yield ledger
