"""A store as a file, and back: every version of every record, their other names and the lists that people work from;
and before them its ledger of disclosures, which no restored store may be without.

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
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from adapter.problems import Kind, Problem
from adapter.store.chain import EMPTY
from adapter.store.database import Database, Row
from adapter.store.ledger import Place, filling, head
from adapter.store.statements import statement
from adapter.store.upkeep import digest_of, meta

FORM = 6
_READ = (1, 2, 3, 4, 5, FORM)
"""Forms that are read; the first had no ledger, the second no staff and no renderings, the third no chain of who wrote,
the fourth no referrals, partners, joined patients or anybody who is told of what happens, the fifth no labels that
were taken back.
What a row of theirs lacks at its end is what a new row has."""
TABLES: Mapping[str, tuple[str, ...]] = {
    "version": (
        *("vid", "type", "id", "version", "t", "until_t", "updated", "deleted", "sort", "present", "cut", "map"),
        *("concept", "patients", "body", "rendering"),
    ),
    "alias": ("type", "system", "value", "id"),
    "pending": ("target_type", "target_id", "type", "id", "path"),
    "parked": ("patient", "type", "id", "path", "reason", "owner", "resolution", "since", "vid"),
    "unmapped": ("patient", "type", "id"),
    "act": (
        *("first", "last", "at_ms", "client", "kind", "organization", "person", "token", "purpose"),
        *("network", "request", "digest"),
    ),
    "act_patient": ("patient", "first"),
    "sent": ("type", "id", "organization", "task", "staged"),
    "submission": ("organization", "called", "digest", "referral", "task", "records", "at_ms"),
    "joined": ("loser", "survivor", "vid", "at_ms"),
    "joined_record": ("loser", "type", "id", "version"),
    "proposal": ("type", "id", "other", "document", "said", "reason", "at_ms"),
    "taken_back": ("type", "id", "vid", "system", "code", "reason"),
    "repeated_label": ("type", "id", "vid", "system", "code", "client", "kind", "at_ms"),
    "emergency": ("id", "patient", "client", "person", "opened_ms", "closed_ms"),
    "client": (
        *("id", "kind", "organization", "name", "scopes", "purposes", "jwks", "jwks_uri", "enabled", "made_ms"),
        *("redirect_uris", "endpoints"),
    ),
    "staff": (
        *("name", "practitioner", "roles", "password", "totp", "counter", "issuer", "subject", "enabled", "made_ms"),
    ),
    "agreement": ("client", "kind", "agreement", "from_ms", "until_ms", "reviewed"),
    "subscription": (
        *("id", "client", "scopes", "purpose", "person", "topic", "patient", "episode", "referral", "endpoint"),
        *("content", "heartbeat_ms", "timeout_ms", "most", "end_ms", "body", "made_ms", "status", "version"),
        *("updated_ms", "numbered", "told_ms", "failing_ms", "failure"),
    ),
    "delivery": ("subscription", "n", "event", "type", "id", "t", "at_ms", "number", "told", "state"),
    "job": (
        *("kind", "key", "payload", "at_ms", "asked", "attempts", "token", "holder", "failure", "lane", "failing_ms"),
    ),
    "export": (
        *("id", "client", "place", "asked", "scopes", "purpose", "person", "t", "made_ms", "ends_ms", "done"),
        "failure",
    ),
    "export_file": ("export", "n", "type", "after", "last", "parts"),
    "partner": (
        *("name", "organization", "base", "client", "key_file", "scope", "quirks", "hosts", "enabled", "made_ms"),
        *("every_minutes", "followed"),
    ),
    "partner_record": ("partner", "type", "remote", "id", "remote_version", "version", "theirs"),
    "partner_mark": ("partner", "type", "mark"),
    "aftercare": ("task", "referral", "partner", "asked_ms", "sent_ms", "person", "unsent", "unheard"),
    "meta": ("name", "value"),
}
"""Columns by table. Tokens, codes, used assertions and failed attempts are not among them: they end within the hour."""
LEDGER: Mapping[str, tuple[str, ...]] = {
    "disclosure": (
        *("n", "at_ms", "client", "kind", "organization", "practitioner", "token", "purpose", "ground", "notice"),
        *("interaction", "request", "query", "network"),
    ),
    "shown": ("n", "patient", "ground", "resources", "digest", "list"),
    "interrupted": ("batch", "n"),
    "refused": (
        *("batch", "n", "since_ms", "number", "client", "kind", "organization", "practitioner", "purpose", "network"),
        *("interaction", "type", "status", "reason", "token", "address", "request"),
    ),
    "batch": ("number", "first", "last", "at_ms", "digest"),
}
"""The same of its ledger; the batches come last, the newest of all at the end."""
_ORDER = {
    "disclosure": "n",
    "shown": "n, patient",
    "interrupted": "batch, n",
    "refused": "batch, n",
    "batch": "number",
    "version": "vid",
    "alias": "type, system, value",
    "pending": "target_type, target_id, type, id, path",
    "parked": "type, id, path, reason",
    "unmapped": "patient, type, id",
    "act": "first",
    "act_patient": "patient, first",
    "sent": "type, id",
    "submission": "organization, called",
    "taken_back": "type, id, vid, system, code",
    "repeated_label": "type, id, vid, system, code, client, kind",
    "emergency": "id",
    "client": "id",
    "agreement": "client, kind, agreement",
    "partner": "name",
    "partner_record": "partner, type, remote",
    "partner_mark": "partner, type",
    "aftercare": "task",
    "staff": "name",
    "subscription": "id",
    "delivery": "subscription, n",
    "job": "kind, key",
    "export": "id",
    "export_file": "export, n",
    "joined": "loser",
    "joined_record": "loser, type, id",
    "proposal": "type, id, other",
    "meta": "name",
}
_OWN = ("index", "horizon", "rendered")
"""What a store says of its own index."""
_DELETED, _BODY = TABLES["version"].index("deleted"), TABLES["version"].index("body")
_CHUNK = 1_000


def dump(database: Database, ledger: Database | None, path: Path) -> dict[str, int]:
    """Write all that is stored at one moment to a file, which is read back before it gets its name; rows by table.

    The moment of the ledger is an earlier one, so that the store has all that it tells of. Whoever writes meanwhile is
    not held up. The file is readable by its owner only.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed, database.snapshot():
                written = _write(packed, database, ledger)
            file.flush()
            os.fsync(file.fileno())
        read = Counter(table for table, _ in rows_of(draft))
        if read != written:
            raise Problem(Kind.FAULT, "the file does not hold what was written to it; its disk fails")
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
    return dict(written)


def _write(packed: gzip.GzipFile, database: Database, ledger: Database | None) -> Counter[str]:
    written: Counter[str] = Counter()
    digest = blake2b(digest_size=32)

    def add(line: object) -> None:
        text = orjson.dumps(line) + b"\n"
        digest.update(text)
        packed.write(text)

    add({"iop-store": FORM})
    for table, row in chain(_walk(ledger, LEDGER) if ledger else (), _walk(database, TABLES)):
        if table != "meta" or row[0] not in _OWN:
            written[table] += 1
            add([table, *(_said(row) if table == "version" else row)])
    packed.write(orjson.dumps({"rows": written, "digest": digest.hexdigest()}) + b"\n")
    return written


def _walk(database: Database, tables: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Row]]:
    for table, columns in tables.items():
        for row in database.walk(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {_ORDER[table]}"):
            yield table, row


def _said(row: Row) -> Row:
    said = list(row)
    said[_DELETED], said[_BODY] = bool(row[_DELETED]), bytes(row[_BODY]).decode()
    return tuple(said)


def rows_of(path: Path) -> Iterator[tuple[str, list[Any]]]:
    """(table, values) of each row in a file; Problem(INVALID) at its end at the latest if it is not whole."""
    digest, read, end = blake2b(digest_size=32), Counter[str](), None
    try:
        with gzip.open(path, "rb") as packed:
            if orjson.loads(first := packed.readline()) not in [{"iop-store": form} for form in _READ]:
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


def load(database: Database, place: Place, path: Path, key: bytes | None = None) -> dict[str, int]:
    """Fill an empty store and its ledger from a file, all or nothing; rows by table.

    Problem(CONFLICT) for a store that is not empty. A ledger that is there and goes on from the file's stays as it is,
    and Problem(CONFLICT) for any other one.
    """
    read: Counter[str] = Counter()
    # The ledger is committed first: what fails between the two is done again.
    with database.alone(), filling(place) as ledger:
        vid, *_ = database.execute(statement("newest")).fetchone()
        if vid:
            raise Problem(Kind.CONFLICT, "the store holds records already; a backup is read into an empty one")
        secret = meta(database, "secret")
        stays = head(ledger) != EMPTY
        for table, rows in _grouped(rows_of(path)):
            read[table] += len(rows)
            if table in TABLES:
                _fill(database, table, TABLES[table], rows)
            elif not stays:
                _fill(ledger, table, LEDGER[table], rows)
            elif table == "batch":
                _check_same(ledger, *rows[-1])
        # Whoever opens it next indexes it, should this end before that is done here.
        database.execute("DELETE FROM meta WHERE name = 'index'")
        own = meta(database, "secret")
        if secret not in (None, own) or (key is not None and own not in (None, digest_of(key))):
            raise Problem(Kind.CONFLICT, "the backup's store was made with another key (IOP_SECRET_FILE)")
        database.resume()
    return dict(read)


def _fill(database: Database, table: str, columns: tuple[str, ...], rows: list[list[Any]]) -> None:
    columns = columns[: len(rows[0])]
    into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    if table == "meta":
        into += " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    whole = ([*row, *[None] * (len(columns) - len(row))] for row in rows)
    database.executemany(into, [_meant(row) if table == "version" else row for row in whole])


def _check_same(ledger: Database, number: int, first: int, last: int, at_ms: int, digest: str) -> None:
    """Problem(CONFLICT) when a ledger has not this batch."""
    if ledger.execute(statement("ledger_digest"), (number,)).fetchone() != (digest,):
        why = "the ledger that is there does not go on from the backup's; was its -wal kept with it? Else move it away"
        raise Problem(Kind.CONFLICT, why)


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
