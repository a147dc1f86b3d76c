"""The exact forms in which tokens and references are written into index rows and looked for.

https://hl7.org/fhir/R4/search.html#token and https://hl7.org/fhir/R4/search.html#reference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

SEPARATOR = "\x1f"
"""Between the code and what qualifies it; no FHIR string may hold this character, nor the ones below."""
LOGICAL = "\x1e"
"""Before the identifier in a Reference, so that it is not taken for an id."""
_TYPED = "\x1d"
BESIDE = "\x1c"
"""Between two values that stand together."""
_DIGEST = "\x1b"


_FORMS, _SHORT = 1 << 14, 100
"""Forms of codes and references that are remembered, and the most characters of such: they come again and again."""
LONGEST = 250
"""Characters of a code, value or address that stand in a row as they are; no index takes a value of any length."""


def brief(text: str, longest: int = LONGEST) -> str:
    """The text, or its beginning and its digest where it is long."""
    if len(text) <= longest:
        return text
    return f"{text[: longest * 2 // 5]}{_DIGEST}{blake2b(text.encode(), digest_size=16).hexdigest()}"


def mark(system: str | None) -> str:
    """What stands for a system after the separator: nothing for none, else 16 characters of its digest.

    A digest keeps index rows at a third of their size (the system is most of a token) and needs no table of systems.
    """
    return (_remembered if len(system) <= LONGEST else _digest)(system) if system else ""


def _digest(system: str) -> str:
    return blake2b(system.encode(), digest_size=8).hexdigest()


# Systems are few and short; thousands of long ones would fill the memory.
_remembered = lru_cache(maxsize=4096)(_digest)


def token(code: str, system: str | None) -> str:
    """The form of a code in a system."""
    return f"{brief(code)}{SEPARATOR}{mark(system)}"


_token = lru_cache(_FORMS)(token)


def of_coding(coding: Mapping[str, Any]) -> str:
    """The form of a Coding; without a code it is found by its system alone."""
    code, system = coding.get("code", ""), coding.get("system")
    return (_token if len(code) <= _SHORT and len(system or "") <= LONGEST else token)(code, system)


def of_identifier(identifier: Mapping[str, Any]) -> str:
    """The form of an Identifier; without a value it is found by its system alone."""
    return f"{brief(identifier.get('value', ''))}{SEPARATOR}{mark(identifier.get('system'))}"


def of_type(identifier: Mapping[str, Any]) -> Iterator[str]:
    """The form of an Identifier under each code of its type: what the modifier `:of-type` asks for."""
    for coding in identifier.get("type", {}).get("coding", ()):
        yield typed(coding.get("system"), coding.get("code", ""), identifier.get("value", ""))


def typed(system: str | None, code: str, value: str) -> str:
    """The form of an identifier's value under the code of its type; no other form begins or ends like it."""
    return f"{_TYPED}{brief(code)}{BESIDE}{mark(system)}{BESIDE}{brief(value)}{SEPARATOR}{_TYPED}"


def named(identifier: Mapping[str, Any]) -> str:
    """The form of a Reference by the identifier in it: what the modifier `:identifier` asks for."""
    return LOGICAL + of_identifier(identifier)


def pair(first: str, second: str) -> str:
    """The form of two values that stand together: what a composite parameter asks for."""
    return f"{first}{BESIDE}{second}"


def halves(form: str) -> list[str]:
    """The two values of a pair."""
    return form.split(BESIDE, 1)


def of_reference(reference: Mapping[str, Any]) -> str | None:
    """The form of a Reference: its id and type if it points here, else its URL; None if contained or logical."""
    text: str | None = reference.get("reference")
    return None if text is None else (_remembered_literal if len(text) <= _SHORT else _literal)(text)


def _literal(text: str) -> str | None:
    type, _, id = text.partition("/")
    if id and type.isalpha() and "/" not in id:
        return f"{brief(id)}{SEPARATOR}{brief(type)}"
    return None if text.startswith("#") else target(text)


_remembered_literal = lru_cache(_FORMS)(_literal)


def of_patient(begins: str) -> str:
    """The form of a reference to a patient, of which this is the beginning."""
    return begins + "Patient"


def target(text: str) -> str:
    """The form of a literal reference: `Patient/1` and `Patient/1/_history/2` alike, a URL or URN as it is."""
    if ":" in text:
        return brief(text) + SEPARATOR
    parts = text.split("/")
    return f"{brief(parts[1])}{SEPARATOR}{brief(parts[0])}" if len(parts) > 1 else brief(text) + SEPARATOR
