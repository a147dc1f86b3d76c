"""A store as a file, and back: every version of every record, their other names and the lists that people work from.

The file is the same for SQLite and PostgreSQL, so a store can move from one to the other. What is indexed is not in it:
it is made anew. Lines of JSON, compressed; the last one says how many there are of each kind, and their digest.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from adapter.problems import Kind, Problem
from adapter.store.database import Database, Row
from adapter.store.statements import statement
from adapter.store.upkeep import meta

FORM = 1
TABLES: Mapping[str, tuple[str, ...]] = {
    "version": (
        *("vid", "type", "id", "version", "t", "until_t", "updated", "deleted", "sort", "present", "cut", "map"),
        *("concept", "patients", "body"),
    ),
    "alias": ("type", "system", "value", "id"),
    "pending": ("target_type", "target_id", "type", "id", "path"),
    "parked": ("patient", "type", "id", "path", "reason", "owner", "resolution", "since", "vid"),
    "unmapped": ("patient", "type", "id"),
    "meta": ("name", "value"),
}
"""Columns by table."""
_ORDER = {
    "version": "vid",
    "alias": "type, system, value",
    "pending": "target_type, target_id, type, id, path",
    "parked": "type, id, path, reason",
    "unmapped": "patient, type, id",
    "meta": "name",
}
_OWN = ("index", "horizon")
"""What a store says of its own index."""
_DELETED, _BODY = TABLES["version"].index("deleted"), TABLES["version"].index("body")
_CHUNK = 1_000


def dump(database: Database, path: Path) -> dict[str, int]:
    """Write all that is stored at one moment to a file, which is read back before it gets its name; rows by table.

    Whoever writes meanwhile is not held up. The file is readable by its owner only.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed, database.snapshot():
                written = _write(packed, database)
            file.flush()
            os.fsync(file.fileno())
        read = Counter(table for table, _ in rows_of(draft))
        if read != written:
            raise Problem(Kind.FAULT, "the file does not hold what was written to it; its disk fails")
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return dict(written)


def _write(packed: gzip.GzipFile, database: Database) -> Counter[str]:
    written: Counter[str] = Counter()
    digest = blake2b(digest_size=32)

    def add(line: object) -> None:
        text = orjson.dumps(line) + b"\n"
        digest.update(text)
        packed.write(text)

    add({"iop-store": FORM})
    for table, columns in TABLES.items():
        for row in database.walk(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {_ORDER[table]}"):
            if table != "meta" or row[0] not in _OWN:
                written[table] += 1
                add([table, *(_said(row) if table == "version" else row)])
    packed.write(orjson.dumps({"rows": written, "digest": digest.hexdigest()}) + b"\n")
    return written


def _said(row: Row) -> Row:
    said = list(row)
    said[_DELETED], said[_BODY] = bool(row[_DELETED]), bytes(row[_BODY]).decode()
    return tuple(said)


def rows_of(path: Path) -> Iterator[tuple[str, list[Any]]]:
    """(table, values) of each row in a file; Problem(INVALID) at its end at the latest if it is not whole."""
    digest, read, end = blake2b(digest_size=32), Counter[str](), None
    try:
        with gzip.open(path, "rb") as packed:
            if orjson.loads(first := packed.readline()) != {"iop-store": FORM}:
                raise Problem(Kind.INVALID, f"{path} is not a backup that this program can read")
            digest.update(first)
            for line in packed:
                said = orjson.loads(line)
                if isinstance(said, dict):
                    end = said
                    break
                digest.update(line)
                read[said[0]] += 1
                yield said[0], said[1:]
    except (OSError, EOFError, ValueError, zlib.error) as wrong:
        raise Problem(Kind.INVALID, f"{path} is not a backup, or is damaged ({type(wrong).__name__})") from None
    if end != {"rows": dict(read), "digest": digest.hexdigest()}:
        raise Problem(Kind.INVALID, f"{path} is damaged: it does not hold what it says")


def load(database: Database, path: Path) -> dict[str, int]:
    """Fill an empty store from a file, all or nothing; rows by table. Problem(CONFLICT) for one that is not empty."""
    read: Counter[str] = Counter()
    with database.alone():
        vid, *_ = database.execute(statement("newest")).fetchone()
        if vid:
            raise Problem(Kind.CONFLICT, "the store holds records already; a backup is read into an empty one")
        secret = meta(database, "secret")
        for table, rows in _grouped(rows_of(path)):
            columns = TABLES[table]
            into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            if table == "meta":
                into += " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
            database.executemany(into, [_meant(row) if table == "version" else row for row in rows])
            read[table] += len(rows)
        # Whoever opens it next indexes it, should this end before that is done here.
        database.execute("DELETE FROM meta WHERE name = 'index'")
        if secret not in (None, meta(database, "secret")):
            raise Problem(Kind.CONFLICT, "the store was made with another key (IOP_SECRET_FILE) than the backup's")
        database.resume()
    return dict(read)


def _meant(row: list[Any]) -> list[Any]:
    return [*row[:_BODY], row[_BODY].encode(), *row[_BODY + 1 :]]


def _grouped(rows: Iterable[tuple[str, list[Any]]]) -> Iterator[tuple[str, list[list[Any]]]]:
    """The rows of one table that follow each other, so many at a time."""
    waiting: list[list[Any]] = []
    table = ""
    for name, row in rows:
        if waiting and (name != table or len(waiting) == _CHUNK):
            yield table, waiting
            waiting = []
        table = name
        waiting.append(row)
    if waiting:
        yield table, waiting
