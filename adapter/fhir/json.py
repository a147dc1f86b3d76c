"""JSON in and out without losing what was sent: duplicate keys are seen and digits are kept.

https://hl7.org/fhir/R4/json.html; decimals keep their precision: https://hl7.org/fhir/R4/datatypes.html#decimal
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Self

import orjson

from adapter.fhir.outcome import at_most
from adapter.problems import Issue, Kind, Problem

DEPTH = 64
"""Levels of objects and arrays that are read at all; R4 resources stay far below."""
DIGITS = 64
"""Characters of one number; R4 asks for at least 18 digits."""

_WHITESPACE = b" \t\r\n"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_NESTED = re.compile(rb'(?:"extension"\s*:\s*\[\s*\{[^{}\[\]]*){16}')


class Lexeme(float):
    """A number whose text is not what its float would print: `1.10`, `1e2`, `-0`, more digits than a double holds.

    Arithmetic sees the float. Equality and hash see the text, because R4 holds 1.10 and 1.1 apart.
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lexeme) and other.text == self.text

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Lexeme({self.text!r})"

    def __getnewargs__(self) -> tuple[str]:  # type: ignore[override]  # float's own would copy the number, not the text
        return (self.text,)


def parse(body: bytes, depth: int = DEPTH) -> Any:
    """The JSON value in `body`, with a `Lexeme` for every number that would not be printed again as it was sent.

    Raises Problem(INVALID), code `structure` for malformed text, a byte order mark, duplicate keys (each with its
    place) or more than `depth` levels, and `value` for invalid UTF-8, NUL, and numbers too large or too long; and
    Problem(UNPROCESSABLE), code `too-long`, for extensions in extensions beyond that depth.

    The fast path is taken when printing the value gives back what was sent, whitespace aside; then no key was
    doubled and no number altered. Anything else is read a second time by a slower reader that sees both.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _malformed(error, body, depth) from None
    if b"\\" in body and b"\\u0000" in body and _NUL.search(body):
        raise Problem(Kind.INVALID, "A string holds the character NUL.", code="value")
    printed = _printed(value, body, depth)
    if printed == body:
        return value
    if _is_spaced(body) and printed.translate(None, _WHITESPACE) == body.translate(None, _WHITESPACE):
        return value
    try:
        if body.count(b":") == printed.count(b":") and b"\\u003" not in body:
            return _KEEPS_DIGITS.decode(body.decode())
        return _SEES_DOUBLES.decode(body.decode())
    except _Doubled:
        value = json.loads(body, object_pairs_hook=_Members)
        raise Problem(Kind.INVALID, "The JSON names a key twice.", issues=at_most(_doubles(value, ""))) from None


def dump(value: Any) -> bytes:
    """Compact UTF-8, key order kept, a `Lexeme` as it was written."""
    return orjson.dumps(value, default=_lexeme)


def same(a: Any, b: Any) -> bool:
    """JSON equality: key order does not matter, digits and types do (1.10, 1.1 and true, 1 differ)."""
    return _ordered(a) == _ordered(b)


def _ordered(value: Any) -> bytes:
    return orjson.dumps(value, default=_lexeme, option=orjson.OPT_SORT_KEYS)


def plain(value: Any) -> Any:
    """A copy with every `Lexeme` as a float, for readers that know only JSON's own types.

    Raises TypeError for what `parse` never gives: half of a surrogate pair, more than 254 levels, huge integers.
    """
    return orjson.loads(orjson.dumps(value, default=_float))


def _lexeme(value: object) -> orjson.Fragment:
    if isinstance(value, Lexeme):
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _float(value: object) -> float:
    if isinstance(value, Lexeme):
        return float(value.text)  # also of -0, which is no integer of R4
    raise TypeError(f"{type(value).__name__} is not JSON")


def _is_spaced(body: bytes) -> bool:
    """Whether the body begins as if written with whitespace; a wrong guess costs time and changes nothing else."""
    return body[1:2].isspace() or body[:1].isspace() or body[(colon := body.find(b":") + 1) : colon + 1].isspace()


def _printed(value: Any, body: bytes, depth: int) -> bytes:
    """The value printed compactly; raises Problem for one that is nested too deep.

    orjson prints _PRINTABLE levels and no more, so a value printed inside so many lists less `depth` is known to have
    no more than `depth`. A small body with few brackets needs no such proof.
    """
    if len(body) < 4096 and body.count(b"{") + body.count(b"[") <= depth:
        return orjson.dumps(value)
    try:
        return orjson.dumps(_nest(depth), default=lambda _: value)[_PRINTABLE - depth : depth - _PRINTABLE]
    except orjson.JSONEncodeError:
        raise _too_deep(body, depth) from None


_PRINTABLE = 254


@cache
def _nest(depth: int) -> list[Any]:
    """So many lists, one in the other, around a place to fill, that a value of `depth` levels can just be printed."""
    made: Any = _Place()
    for _ in range(_PRINTABLE - depth):
        made = [made]
    return made  # type: ignore[no-any-return]


class _Place:
    """Where a nest takes the value to print."""


def _too_deep(body: bytes, depth: int) -> Problem:
    if _NESTED.search(body):
        return Problem(Kind.UNPROCESSABLE, f"Extensions are nested deeper than {depth} levels.", code="too-long")
    return Problem(Kind.INVALID, f"The JSON is nested deeper than {depth} levels.", code="structure")


_OF_VALUES = ("str is not valid UTF-8", "number is infinity", "unexpected control character in string")
"""How orjson begins what it says of a character or number that may not be, where all else is well formed."""
_NO_VALUE = ("unexpected character, expected a JSON value", "no digit after sign")


def _malformed(error: orjson.JSONDecodeError, body: bytes, depth: int) -> Problem:
    """orjson's reason and position; its `doc` holds the body, so the error itself must not travel further."""
    if error.msg.startswith("depth limit"):
        return _too_deep(body, depth)
    value = "surrogate" in error.msg or error.msg.startswith(_OF_VALUES)
    # A sender's library may write what JSON has no number for.
    value |= error.msg in _NO_VALUE and error.doc.startswith(("NaN", "Infinity"), error.pos)
    message = f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
    return Problem(Kind.INVALID, message, code="value" if value else "structure")


class _Doubled(Exception):
    """A key was met twice; the place is found by a second reading, which only a refused body pays for."""


def _integer(text: str) -> int | float:
    return int(text) if len(text) < 19 and text != "-0" else _number(text)


def _number(text: str) -> int | float:
    if len(text) > DIGITS:
        raise Problem(Kind.INVALID, f"A number has more than {DIGITS} characters.", code="value")
    number: int | float = orjson.loads(text)
    return number if orjson.dumps(number) == text.encode() else Lexeme(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Doubled
    return made


# A key dropped as a double takes its colon along, so equal counts of colons in the body and in what was printed mean
# that none was dropped; only a colon written as an escape could hide one.
_KEEPS_DIGITS = json.JSONDecoder(parse_float=_number, parse_int=_integer)
_SEES_DOUBLES = json.JSONDecoder(parse_float=_number, parse_int=_integer, object_pairs_hook=_object)


class _Members(list[tuple[str, Any]]):
    """The members of an object as they were sent, doubles included."""


def _doubles(value: Any, place: str) -> Iterator[Issue]:
    """An issue for every key named twice below `place`; the depth of `value` is bounded."""
    if isinstance(value, _Members):
        seen: set[str] = set()
        root = place or next((element_name(f"{child}") or "" for name, child in value if name == "resourceType"), "")
        for name, child in value:
            where = ".".join(filter(None, (root, element_name(name))))
            if name in seen:
                what = f"The element {element_name(name)}" if element_name(name) else UNNAMED
                yield Issue("structure", f"{what} is there twice.", where or None)
            seen.add(name)
            yield from _doubles(child, where)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _doubles(child, f"{place}[{index}]")


UNNAMED = "An element whose name is not a FHIR name"


def element_name(key: str) -> str | None:
    """A sender's key where a message may repeat it: any other may hold what belongs into no message."""
    return key if _NAME.fullmatch(key) else None
