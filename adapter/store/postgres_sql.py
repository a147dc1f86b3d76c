"""Says the store's statements in PostgreSQL's words. https://www.postgresql.org/docs/15/sql.html

Only words differ: what must be another statement has a file of its own in `queries/postgres`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from adapter.store.statements import KEPT, statement

_WORDS = (
    (re.compile(r"--[^\n]*"), ""),
    # Which of two tables is read first is said by their order in SQLite; here by a subquery that depends on the first.
    (
        re.compile(r"\bCROSS JOIN version v ON v\.vid = (\w)\.vid"),
        r"JOIN LATERAL (SELECT * FROM version w WHERE w.vid = \1.vid OFFSET 0) v ON TRUE",
    ),
    (re.compile(r"\bCROSS JOIN\b(?! LATERAL)"), "JOIN"),
    (re.compile(r"\bINDEXED BY \w+"), ""),
    (re.compile(r"\bjson_each\((:\w+)\) (\w+)"), r"jsonb_array_elements_text(CAST(\1 AS jsonb)) AS \2(value)"),
    (
        re.compile(re.escape("""json_each('["' || replace(v.patients, ' ', '","') || '"]') s""")),
        "string_to_table(v.patients, ' ') AS s(value)",
    ),
    (
        re.compile(r"\bjson_extract\((\S+), (:\w+)\)"),
        # As json and not jsonb, which would read every number, also those that no number of its own holds.
        r"(CAST(convert_from(\1, 'UTF8') AS json) #>> string_to_array(substr(\2, 3), '.'))",
    ),
    (re.compile(r"\binstr\("), "strpos("),
    (re.compile(r"%"), "%%"),
    (re.compile(r"(?<![:\w]):(\w+)"), r"%(\1)s"),
    (re.compile(r"\?"), "%s"),
)


LONGEST = 2 * KEPT
"""Characters of a statement that is kept ready here, once it comes again: an export asks the same of each stretch, and
half of its time would be the planner's."""
_OTHERS = ("at_time", "everything", "history_type", "newest", "pointing", "referrers", "says")
"""Statements that both have, each in its own way."""


@cache
def other(name: str) -> str:
    """The text of `queries/postgres/NAME.sql`."""
    return files(__package__).joinpath("queries", "postgres", f"{name}.sql").read_text("utf-8")


def _instead(sql: str, name: str) -> str | None:
    """The other text of a statement, narrowed as this one is, if this is the statement of that name."""
    begin, _, end = statement(name).partition("{predicate}")
    if not (sql.startswith(begin) and sql.endswith(end)):
        return None
    return other(name).replace("{predicate}", sql[len(begin) : len(sql) - len(end)])


def translated(sql: str) -> str:
    """A statement with its parameters as psycopg takes them: `%(name)s` and `%s`."""
    return _remembered(sql) if len(sql) <= LONGEST else _translated(sql)


def _translated(sql: str) -> str:
    sql = next((mine for name in _OTHERS if (mine := _instead(sql, name))), sql)
    for pattern, words in _WORDS:
        sql = pattern.sub(words, sql)
    return sql


_remembered = lru_cache(maxsize=2_000)(_translated)
