"""Reads the TOML files of `mappings/` and remembers on which line each key stands, so a refusal can say `file:line`.

TOML: https://toml.io/en/v1.0.0 (`tomllib` reports no lines, so the text is scanned once more for headers and keys).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import Any

from adapter.problems import Issue, Kind, Problem

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=""")
_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(?:\.|$)""")

Place = tuple[str, ...]


class Refusals:
    """Everything the loader has to say against the maps, collected so that an author sees all of it at once."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def add(self, where: str, message: str) -> None:
        """Note one refusal; `where` is `file:line`."""
        self.issues.append(Issue("structure", f"{where}: {message}", where))

    def forget(self, messages: Iterable[str]) -> None:
        """Drop refusals that only follow from another."""
        following = tuple(f": {message}" for message in messages)
        self.issues = [issue for issue in self.issues if not issue.message.endswith(following)]

    def raise_any(self) -> None:
        """Raise one Problem with every refusal noted so far, or return."""
        if self.issues:
            listed = "\n".join(issue.message for issue in self.issues)
            raise Problem(Kind.UNPROCESSABLE, f"the maps are refused:\n{listed}", issues=self.issues)


class Declaration:
    """One TOML file: its content, the line of each key, and a place to note refusals."""

    def __init__(self, file: Path, shown: str, refusals: Refusals) -> None:
        self.name, self.shown, self.refusals = file.stem, shown, refusals
        self.content: dict[str, Any] = {}
        self._at: Place = ()
        self._text = ""
        text = file.read_text(encoding="utf-8")
        try:
            self.content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            refusals.add(f"{shown}:{line.group(1) if line else 1}", f"not TOML: {error}")
        else:
            self._text = text

    def where(self, *place: str) -> str:
        """`file:line` of a key, or of the nearest enclosing key that has a line of its own."""
        place, lines = (*self._at, *place), dict(_lines(self._text))
        for end in range(len(place), 0, -1):
            if line := lines.get(place[:end]):
                return f"{self.shown}:{line}"
        return f"{self.shown}:1"

    def part(self, *place: str) -> Declaration:
        """A section of this file as a declaration of its own, with the same name and lines."""
        made, content = copy(self), self.content
        for key in place:
            inner = content.get(key)
            content = inner if isinstance(inner, dict) else {}
        made.content, made._at = content, (*self._at, *place)
        return made

    def refuse(self, message: str, *place: str) -> None:
        """Note a refusal at the line of `place`."""
        self.refusals.add(self.where(*place), message)

    def section(self, key: str) -> dict[str, Any]:
        """A table of this file, empty when absent; anything but a table is refused."""
        value = self.content.get(key, {})
        if isinstance(value, dict):
            return value
        self.refuse(f"[{key}] must be a table", key)
        return {}

    def only(self, given: Mapping[str, Any], allowed: Iterable[str], what: str, *place: str) -> None:
        """Refuse every key of `given` that is not `allowed`."""
        for key in given.keys() - set(allowed):
            self.refuse(f"unknown {what} {key!r}; known: {', '.join(sorted(allowed))}", *place, key)

    def text(self, given: Mapping[str, Any], key: str, *place: str) -> str:
        """A required non-empty string, or "" after a refusal."""
        value = given.get(key)
        if isinstance(value, str) and value:
            return value
        self.refuse(f"{key!r} must be a string that is not empty", *place, key)
        return ""


def _lines(text: str) -> Iterator[tuple[Place, int]]:
    """(place, line) of each header and key; of the tables of an array, the first header is kept."""
    section: Place = ()
    seen: set[Place] = set()
    for number, line in enumerate(text.splitlines(), 1):
        place: Place | None = None
        if line.lstrip().startswith("["):
            if header := _HEADER.match(line):
                place = section = _parts(header.group(1))
        elif key := _KEY.match(line):
            place = (*section, *_parts(key.group(1)))
        for end in range(1, len(place or ()) + 1):
            prefix = (place or ())[:end]
            if prefix not in seen:
                seen.add(prefix)
                yield prefix, number


def _parts(dotted: str) -> Place:
    return tuple(next(group for group in match.groups() if group is not None) for match in _PART.finditer(dotted))
