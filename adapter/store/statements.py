"""The fixed statements, read once from `queries/*.sql`; those that may show a record have a place for its predicate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from adapter.released import Predicate, condition, own_ground

PLAIN = (
    *("insert_version", "insert_token", "insert_moment", "insert_amount", "insert_alias"),
    *("insert_disclosure", "insert_shown", "insert_interrupted", "insert_act", "insert_act_patient"),
)
"""Insertions of rows that are sent many at a time."""
MANY = 64
"""Rows in one such statement: it takes two thirds of the time of as many executions of a statement for one row."""
KEPT = 8 << 10
"""Characters of a statement that is kept ready to run again. A search with many alternatives makes a longer one, seldom
the same twice, and hundreds of them in each thread would fill the memory."""


_GIVEN = re.compile(r"\{given (\w+): ([^{}]+)\}")


@cache
def statement(name: str) -> str:
    """The text of `queries/NAME.sql`."""
    return files(__package__).joinpath("queries", f"{name}.sql").read_text("utf-8")


@cache
def repeated(name: str, times: int) -> str:
    """The text of `queries/NAME.sql` with its list of values, the last `VALUES (...)` in it, so many times."""
    text = statement(name)
    start = text.index("(", text.rindex("VALUES"))
    end = text.index(")", start) + 1
    return text[:end] + f", {text[start:end]}" * (times - 1) + text[end:]


@lru_cache(4_096)
def _narrowed(name: str, sql: str, ground: str, sides: tuple[int, ...]) -> str:
    text = statement(name)
    if "{predicate}" not in text:
        raise LookupError(f"queries/{name}.sql has no place for a predicate")
    text = text.replace("{predicate}", condition(sql, sides)).replace("{newest}", _newest(sides))
    return text.replace("{ground}", own_ground(ground))


def _newest(sides: tuple[int, ...]) -> str:
    """Whether a number is that of the newest version of a record, or of a side of it."""
    each = [statement("head").partition("\n")[2].strip().replace("{rendering}", str(side)) for side in sides]
    return f"= {each[0]}" if len(each) == 1 else f"IN ({', '.join(each)})"


def narrowed(name: str, predicate: Predicate, values: Mapping[str, object] | None = None) -> str:
    """The text of `queries/NAME.sql`, narrowed to what the predicate permits; `{ground}` in it is why it does.

    `{given PARAMETER: CONDITION}` in it is the condition where that of the `values` is not None: an index leads to what
    is asked for by a condition, and not by one that may be none.
    """
    text = _narrowed(name, predicate.sql, predicate.ground, predicate.sides)
    if values is None or "{given " not in text:
        return text
    return _GIVEN.sub(lambda found: "TRUE" if values[found[1]] is None else found[2], text)
