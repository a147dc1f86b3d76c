"""What whoever keeps a store does to it: back it up, restore it, index it anew, look it over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep

from adapter.fhir.index import Index
from adapter.problems import Kind, Problem
from adapter.settings import Database as Address
from adapter.settings import Settings
from adapter.store.backup import dump, load
from adapter.store.check import Looked, check
from adapter.store.connections import connect, problem_of
from adapter.store.database import Database
from adapter.store.ledger_places import ledger_if_any, place_of
from adapter.store.lock import Lock
from adapter.store.migrate import check_form, migrate, migrations
from adapter.store.upkeep import meta, rebuild


def backup(settings: Settings, path: Path) -> dict[str, int]:
    """Write the store and its ledger of disclosures to a file, while it is served or not; rows by table.

    Problem(CONFLICT) when the file is there already, Problem(NOT_FOUND) when the store is not.
    """
    if path.exists():
        raise Problem(Kind.CONFLICT, f"{path} is there already")
    if not path.parent.is_dir():
        raise Problem(Kind.NOT_FOUND, f"there is no folder {path.parent}")
    with ledger_if_any(settings.store) as ledger, asked(settings) as database:
        return dump(database, ledger, path)


def restore(settings: Settings, path: Path) -> dict[str, int]:
    """Fill a new store and its ledger from a file and index it; rows by table.

    Problem(CONFLICT) for a store that holds records, has another key than the file's, or is open elsewhere.
    """
    with _alone(settings) as database, closing(place_of(settings.store)) as place:
        key = settings.secret_file.read_bytes() if settings.secret_file.exists() else None
        read = load(database, place, path, key)
        rebuild(database, _index(settings), anyway=True)
    return read


def reindex(settings: Settings) -> None:
    """Make all index rows anew; page links given out before end here. The store must not be open elsewhere."""
    with asked(settings, older=True):
        pass  # it is there
    with _alone(settings) as database:
        rebuild(database, _index(settings), anyway=True)


def check_store(settings: Settings) -> Looked:
    """Compute every index row again and compare, while the store is served or not.

    Problem(CONFLICT) when it was indexed by another program, with other settings or definitions.
    """
    index = _index(settings)
    with asked(settings) as database:
        if meta(database, "index") != index.hash:
            raise Problem(
                Kind.CONFLICT,
                "the store was indexed by another program, or with another IOP_ZONE, IOP_POSTURE or IOP_ORGANIZATIONS",
            )
        return check(database, index)


def _index(settings: Settings) -> Index:
    from adapter import app  # its half second is not for those who need no maps

    return app.index_of(settings, app.read_maps(settings))


@contextmanager
def asked(settings: Settings, *, older: bool = False) -> Iterator[Database]:
    """The database of a store that is there, for reading; Problem(CONFLICT) for one of an older form, unless that will
    do."""
    if isinstance(settings.store, Path) and not settings.store.exists():
        raise Problem(Kind.NOT_FOUND, f"there is no store at {settings.store}", "IOP_STORE")
    with opened(settings) as database:
        if not database.schema():
            raise Problem(Kind.NOT_FOUND, f"there is no store at {settings.store}", "IOP_STORE")
        if not older:
            check_form(database, "postgres" if settings.shared else "")
        yield database


@contextmanager
def _alone(settings: Settings) -> Iterator[Database]:
    """The database of a store, made if it is not there, and open nowhere else."""
    if isinstance(settings.store, Address):
        with opened(settings) as database:
            until = monotonic() + 2  # who has just left is still seen for a moment
            while database.others() and monotonic() < until:
                sleep(0.05)
            if database.others():
                raise Problem(Kind.CONFLICT, "the store is open elsewhere: stop what serves it first", "IOP_STORE")
            migrate(database, migrations("postgres"))
            yield database
        return
    settings.store.parent.mkdir(parents=True, exist_ok=True)
    lock = Lock(settings.store)
    try:
        with opened(settings) as database:
            migrate(database, migrations())
            yield database
    finally:
        lock.let_go()


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """A connection; what the database says no to is a Problem."""
    if isinstance(settings.store, Address):
        from adapter.store.postgres_connection import opened

        with opened(settings.store.uri) as shared:
            yield shared
        return
    import sqlite3

    try:
        with closing(connect(settings.store, durable=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise problem_of(error, "") from error
