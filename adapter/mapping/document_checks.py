"""Rules of documents: what a file needs, and what a document covers.

As in `checks`, each takes a native record, answers [(field, reason)] and never raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapter.mapping.times import backwards

Finding = tuple[str, str]


def document_content(record: Mapping[str, Any]) -> list[Finding]:
    """A document has a file, and each file is here (data) or has an address (url); R4 att-1: data says its type."""
    files = record.get("files")
    if not isinstance(files, list) or not files:
        return [("files", "a document has at least one")]
    found = []
    for index, item in enumerate(files):
        file = item.get("file") if isinstance(item, Mapping) else None
        if isinstance(file, Mapping) and not file.keys() & {"url", "data"}:
            found.append((f"files[{index}].file", "data or url is needed"))
        if isinstance(file, Mapping) and "data" in file and "content_type" not in file:
            found.append((f"files[{index}].file", "content_type is needed with data"))
    return found


def document_period(record: Mapping[str, Any]) -> list[Finding]:
    """What a document covers ends after it starts."""
    return [("covers", "ends before it starts")] if backwards(record.get("covers")) else []


CHECKS = (document_content, document_period)
