"""Compares the columns of a file with those that the source file knows.

A name that is not known is repeated only beside as many that are: a file whose header was lost begins with
somebody's data, and reports do not repeat cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence


def differences(header: Sequence[str], known: Collection[str]) -> Iterator[str]:
    """What is wrong with a header line: columns there twice, unknown, missing."""
    if not names_columns(header, known):
        yield "is not a header: most of its cells are no column of this table"
        return
    for column, times in Counter(header).items():
        if times > 1:
            yield f"column {column!r} is there twice"
    yield from (f"unknown column {column!r}" for column in dict.fromkeys(header) if column not in known)
    yield from (f"column {column!r} is missing" for column in known if column not in header)


def names_columns(given: Collection[str], known: Collection[str]) -> bool:
    """Whether these are names of columns by all appearances: half of them are known."""
    return 2 * sum(name in known for name in given) >= len(given)
