"""The forms in which strings are written into index rows and looked for: without case, accents and punctuation.

https://hl7.org/fhir/R4/search.html#string
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from adapter.fhir.tokens import SEPARATOR

LONGEST = 200
"""Characters of a string that can be searched; what is longer is found by its beginning, or exactly."""

_NAME = ("text", "family", "given", "prefix", "suffix")
_ADDRESS = ("text", "line", "city", "district", "state", "postalCode", "country")


def normal(text: str) -> str:
    """The text as R4 compares strings: no case, no combining marks, no punctuation, blanks as one.

    Of a long text the beginning: more than `LONGEST` characters where there are as many.
    """
    return _remembered(text) if len(text) <= LONGEST else _normal(text)


def _normal(text: str) -> str:
    kept, room = [], LONGEST + 1
    for character in unicodedata.normalize("NFKD", text.casefold()):
        kind = unicodedata.category(character)
        if kind[0] == "Z" or character.isspace():
            kept.append(" ")
        elif kind[0] not in "PMC":
            kept.append(character)
            room -= 1
        if not room:
            break
    return " ".join("".join(kept).split())


# Names come again and again; a long text does not, and eight thousand of them would fill the memory.
_remembered = lru_cache(maxsize=8192)(_normal)


def form(text: str) -> str:
    """The form of a string: as it is compared, then as it was written, or a digest of that where it is long."""
    said = text if len(text) <= LONGEST else blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{normal(text)[:LONGEST]}{SEPARATOR}{said}"


def of_name(name: Mapping[str, Any]) -> Iterator[str]:
    """The form of each part of a HumanName."""
    return _parts(name, _NAME)


def of_address(address: Mapping[str, Any]) -> Iterator[str]:
    """The form of each part of an Address."""
    return _parts(address, _ADDRESS)


def _parts(value: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        found = value.get(name)
        for text in found if isinstance(found, list) else (found,):
            if text is not None:
                yield form(text)
