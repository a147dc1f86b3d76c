"""Rows as CSV that a spreadsheet may open: no cell is a formula, no cell holds a control character.

https://www.rfc-editor.org/rfc/rfc4180, https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import IO, Any

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def write_sheet(file: IO[str], columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a line of names and one for each row."""
    sheet = csv.writer(file)
    sheet.writerow(columns)
    for row in rows:
        sheet.writerow(cell(value) for value in row)


def cell(value: object) -> object:
    """A value as it may stand in a sheet: numbers as they are, a text that begins as a formula behind an apostrophe."""
    if isinstance(value, int | float | Decimal):
        return value
    text = str(value)
    if not text.isprintable():
        text = "".join(map(_shown, text))
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _shown(character: str) -> str:
    """A control, format or broken character by its number: none of them may turn what stands beside it."""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"\\u{ord(character):04x}"
    return character
