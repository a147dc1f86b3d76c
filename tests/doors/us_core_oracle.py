"""A second opinion on what a search must find: R4's rules over plain JSON, with nothing of the adapter in it.

https://hl7.org/fhir/R4/search.html#ptypes
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.doors.us_core_package import Parameter

Json = dict[str, Any]
ALWAYS = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_TEXTS = ("text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country")
_URL = re.compile(r"extension\.where\(\s*url\s*=\s*'([^']+)'\s*\)")
_AS = re.compile(r"^\((.+) as (\w+)\)$|^(.+)\.as\((\w+)\)$")


class Value(NamedTuple):
    """One value of a parameter in a resource, and the type that a choice element names."""

    said: Any
    type: str = ""


def values(resource: Json, parameter: Parameter) -> list[Value]:
    """What stands in the resource where the guide's expression points."""
    found: list[Value] = []
    for alternative in parameter.expression.split("|"):
        path, wanted = _typed(alternative.strip())
        path, _, target = path.partition(".where(resolve() is ")
        here = _walk([Value(resource)], _steps(path))
        found += [value for value in here if _is(value, wanted) and _points(value, target.rstrip(")"))]
    return found


def _typed(path: str) -> tuple[str, str]:
    """The path without the type that it is held to, and that type."""
    held = _AS.match(path)
    return (held[1] or held[3], held[2] or held[4]) if held else (path, "")


def _is(value: Value, wanted: str) -> bool:
    return not wanted or not value.type or value.type.lower() == wanted.lower()


def _points(value: Value, target: str) -> bool:
    return not target or f"/{target}/" in "/" + value.said.get("reference", "")


def _steps(path: str) -> list[str]:
    """The names after the type's; an extension by its address is one step."""
    whole = _URL.sub(lambda found: "@" + found[1].replace(".", "\0"), path)
    return [step.replace("\0", ".") for step in whole.split(".")[1:]]


def _walk(here: list[Value], steps: list[str]) -> list[Value]:
    for step in steps:
        here = [value for one in here if isinstance(one.said, dict) for value in _children(one.said, step)]
    return here


def _children(said: Json, step: str) -> Iterator[Value]:
    if step.startswith("@"):
        yield from (Value(one) for one in said.get("extension", ()) if one["url"] == step[1:])
        return
    for key, child in said.items():
        # `effective` is written effectiveDateTime, effectivePeriod ...; so is `valueDateTime` in an extension.
        rest = key.removeprefix(step)
        if key == step or (key.startswith(step) and rest[:1].isupper()):
            for one in child if isinstance(child, list) else [child]:
                yield Value(one, rest)


def tokens(value: Value) -> list[tuple[str | None, str | None]]:
    """(system, code) of each coding, identifier, code or id; system None where the element's binding implies it."""
    said = value.said
    if isinstance(said, str):
        return [(None, said)]
    if "coding" in said or "text" in said:
        return [(one.get("system", ""), one.get("code")) for one in said.get("coding", ())]
    return [(said.get("system", ""), said.get("code", said.get("value")))]


def token_matches(value: Value, asked: str) -> bool:
    """`code`, `system|code`, `|code` and `system|`."""
    system, bar, code = asked.rpartition("|")
    for its_system, its_code in tokens(value):
        if (not bar or system == its_system or its_system is None) and (code == its_code or not code):
            return True
    return False


def reference_matches(value: Value, asked: str, base: str) -> bool:
    """An id, `Type/id`, or the address of a record on this server; a canonical is compared as it stands."""
    literal = value.said if isinstance(value.said, str) else value.said.get("reference", "")
    asked = asked.removeprefix(f"{base}/")
    return bool(literal == asked or ("/" not in asked and literal.endswith(f"/{asked}") and "://" not in literal))


def plain(text: str) -> str:
    """Without case, accents and punctuation."""
    letters = [one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one)]
    return " ".join("".join(one if one.isalnum() else " " if one.isspace() else "" for one in letters).split())


def texts(value: Value) -> list[str]:
    """The strings in a string, a name or an address."""
    if isinstance(value.said, str):
        return [value.said]
    found = [value.said.get(name, ()) for name in _TEXTS]
    return [text for one in found for text in (one if isinstance(one, list) else [one] if one else [])]


def string_matches(value: Value, asked: str) -> bool:
    """Whether one of its strings begins so."""
    return any(plain(text).startswith(plain(asked)) for text in texts(value))


class Dates:
    """Compares dates as intervals; what says no offset is of the program's own zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def matches(self, value: Value, asked: str) -> bool:
        """One date of a search, with or without a prefix."""
        prefix, text = (asked[:2], asked[2:]) if asked[:2].isalpha() else ("eq", asked)
        (low, high), (first, last) = self.interval(text), self.of(value)
        inside = low <= first and last <= high
        return {
            "eq": inside,
            "gt": last > high,
            "lt": first < low,
            "ge": last > high or inside,
            "le": first < low or inside,
        }[prefix]

    def of(self, value: Value) -> tuple[datetime, datetime]:
        """The interval of a date or Period."""
        if isinstance(value.said, str):
            return self.interval(value.said)
        start, end = value.said.get("start"), value.said.get("end")
        return (self.interval(start)[0] if start else ALWAYS[0], self.interval(end)[1] if end else ALWAYS[1])

    def interval(self, text: str) -> tuple[datetime, datetime]:
        """From the first moment that the text can mean to the end of the last."""
        if "T" in text:
            moment = datetime.fromisoformat(text)
            # Both ends in UTC: two moments of one zone would be compared by its clock, which is set back once a year.
            low = (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).astimezone(UTC)
            return low, low + timedelta(milliseconds=1 if "." in text else 1000 if text[16:17] == ":" else 60_000)
        year, month, day = (int(part) for part in (text + "-01-01")[:10].split("-"))
        after = {4: (year + 1, 1, 1), 7: (year + month // 12, month % 12 + 1, 1)}.get(len(text))
        end = datetime(*after) if after else datetime(year, month, day) + timedelta(days=1)
        return datetime(year, month, day, tzinfo=self._zone).astimezone(UTC), end.replace(tzinfo=self._zone).astimezone(
            UTC
        )
