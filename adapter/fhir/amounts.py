"""The forms in which quantities and numbers are written into index rows, and the intervals that a search means.

https://hl7.org/fhir/R4/search.html#quantity and https://hl7.org/fhir/R4/search.html#number. A value is compared as a
binary double: two decimals that differ beyond the sixteenth digit count as equal. Units are compared as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import inf, nextafter
from typing import Any

from adapter.fhir import tokens

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_DIGITS = 40
UNIT = 80
_CURRENCIES = "urn:iso:std:iso:4217"


# What a Quantity's comparator says of the true value, https://hl7.org/fhir/R4/valueset-quantity-comparator.html
_BOUNDS: Mapping[str, Callable[[float], tuple[float, float]]] = {
    "": lambda value: (value, value),
    "<": lambda value: (-inf, nextafter(value, -inf)),
    "<=": lambda value: (-inf, value),
    ">=": lambda value: (value, inf),
    ">": lambda value: (nextafter(value, inf), inf),
}


def of_number(number: float) -> tuple[float, float, str, str]:
    """(low, high, unit as a token, unit as written) of a number: it has no unit."""
    return float(number), float(number), "", ""


def of_quantity(quantity: Mapping[str, Any]) -> tuple[float, float, str, str]:
    """The same of a Quantity that has a value, its unit as the token of its code and system; without an end where its
    comparator says so."""
    value, code = float(quantity["value"]), quantity.get("code", "")
    low, high = _BOUNDS.get(quantity.get("comparator", ""), _BOUNDS[""])(value)
    return low, high, tokens.token(code, quantity.get("system")), unit(quantity.get("unit", code))


def unit(text: str) -> str:
    """The form of a unit as written: an index row holds it beside two tokens, and cannot be of any length."""
    return tokens.brief(text, UNIT)


def of_money(money: Mapping[str, Any]) -> tuple[float, float, str, str]:
    """The same of Money that has a value: its unit is the currency."""
    value, code = float(money["value"]), money.get("currency", "")
    return value, value, tokens.token(code, _CURRENCIES), code


def of_range(span: Mapping[str, Any]) -> tuple[float, float, str, str]:
    """The same of a Range, without end where it has none."""
    low, high = span.get("low", {}), span.get("high", {})
    _, _, unit, said = of_quantity({"value": 0, **high, **low})
    return float(low.get("value", -inf)), float(high.get("value", inf)), unit, said


def asked(text: str, *, approximately: bool = False) -> tuple[float, float, float]:
    """(low, number, high) of a number in a search: half a unit of its last digit either way, or a tenth of it.

    100 means [99.5, 100.5). Of 1e2 R4 says that it means [95, 105), so an exponent narrows the interval tenfold.
    ValueError when it is no decimal of R4.
    """
    if not _NUMBER.fullmatch(text) or len(text) > _DIGITS:
        raise ValueError(text)
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    last = exponent - 2 if "e" in text.lower() else exponent - 1
    slack = abs(number) / 10 if approximately else Decimal((0, (5,), last))
    return float(number - slack), float(number), float(number + slack)
