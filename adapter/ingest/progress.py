"""How an import tells how far it is: (what is being done, rows done, rows in all), from the importing thread."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Shows nothing."""
