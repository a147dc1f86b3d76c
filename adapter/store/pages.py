"""Reads a long answer in pages, each after the last row of the one before, so that little is held at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapter.store.database import Database, Row
from adapter.store.statements import statement

PAGE = 500
"""Rows, or disclosures with all their rows, of one page."""


def pages(database: Database, name: str, key: Mapping[str, Any], **values: Any) -> Iterator[Row]:
    """The rows of `queries/NAME.sql`, which asks for `:page` of those after `key`: first columns and a beginning."""
    last: Row | None = tuple(key.values())
    while last is not None:
        after, last = dict(zip(key, last, strict=True)), None
        for row in database.execute(statement(name), {**values, **after, "page": PAGE}):
            last = tuple(map(_bound, row[: len(key)]))
            yield row


def _bound(value: Any) -> Any:
    """A key as it is asked by; a text that is none any more, because a bit of it was changed, by its bytes."""
    if isinstance(value, str) and any("\udc80" <= character <= "\udcff" for character in value):
        return value.encode("utf-8", "surrogateescape")
    return value
