"""One TOML file of `mappings/` as its author wrote it: content, the comment at its head, the comment beside a key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

from adapter.mapping.declarations import Declaration, Refusals

# A comment begins at a number sign outside quotes.
_COMMENT = re.compile(r"""^(?:[^"'#]|"[^"]*"|'[^']*')*#\s*(.*)$""")
_ADDRESS = re.compile(r"https?://\S+[^\s,.]")


@dataclass(frozen=True)
class MapFile:
    """A file that `adapter.mapping.load` has accepted."""

    path: Path
    shown: str
    """its path below the repository"""

    @property
    def name(self) -> str:
        """The native name: a concept, an aggregate, a table."""
        return self.path.stem

    @cached_property
    def _declared(self) -> Declaration:
        return Declaration(self.path, self.shown, Refusals())

    @cached_property
    def _lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines()

    @property
    def content(self) -> dict[str, Any]:
        """What the file says."""
        return self._declared.content

    @cached_property
    def head(self) -> list[str]:
        """The comment before the first key in two paragraphs: what it is, the rest; addresses alone left out."""
        said = [line.lstrip("# ").rstrip() for line in takewhile(lambda line: line.startswith("#"), self._lines)]
        ends = next((n for n, line in enumerate(said) if n and _is_new(said[n - 1], line)), len(said))
        parts = (" ".join(line for line in part if not _is_address(line)) for part in (said[:ends], said[ends:]))
        return [part if part.endswith(".") else f"{part}." for part in parts if part]

    def comment(self, *place: str) -> str:
        """The comment on the line of a key or header, "" where that line has none."""
        line = self._lines[int(self._declared.where(*place).rpartition(":")[2]) - 1]
        key = place[-1]
        found = _COMMENT.match(line)
        return found.group(1).strip() if found and key in line else ""

    def above(self, *place: str) -> str:
        """The comment in the lines above a key or header, "" where there is none."""
        line = int(self._declared.where(*place).rpartition(":")[2]) - 1
        said = takewhile(lambda line: line.startswith("#"), reversed(self._lines[:line]))
        return " ".join(reversed([line.lstrip("# ").rstrip() for line in said]))


def _is_address(line: str) -> bool:
    return bool(line) and not _ADDRESS.sub("", line).strip(" ,")


def _is_new(before: str, line: str) -> bool:
    """Whether a line of the comment at the head begins what follows its first sentence."""
    return _is_address(line) or (before[-1:].isalnum() and line[:1].isupper())


def files(root: Path, folder: str) -> dict[str, MapFile]:
    """The files of one folder of `mappings/` by name."""
    paths = sorted((root / "mappings" / folder).glob("*.toml"))
    return {path.stem: MapFile(path, path.relative_to(root).as_posix()) for path in paths}
