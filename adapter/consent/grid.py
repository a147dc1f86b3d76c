"""A grid of what may be done where, read from one TOML file: for each cell, one word for each kind of asker.

The file is a table to read: `[cells.GROUP]` says for a group of places, line by line, what of a group of deeds each
column may. Every cell that the program has is there once; the reasons to refuse a file name its lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from adapter.mapping.declarations import Declaration

C = TypeVar("C", bound=StrEnum)
W = TypeVar("W", bound=StrEnum)
BASE = "base"
"""Stands in a file for the place that is no type and no concept; in code it is ""."""

Offered = Mapping[str, Collection[str]]
"""What can be done at each place of a program."""


class Names(NamedTuple):
    """What the sections with groups of places and groups of deeds are called in a file."""

    places: str
    deeds: str


@dataclass(frozen=True, slots=True)
class Row(Generic[C, W]):
    """What each column may, by a row at `place` of the file.

    `opens` is what the row waits for: until then all it says is the first word, which is no.
    """

    words: Mapping[C, W]
    place: tuple[str, ...]
    opens: str | None = None


class Grid(Generic[C, W]):
    """Rows by cell: (place, deed)."""

    def __init__(self, file: Declaration, names: Names, columns: type[C], words: type[W], offered: Offered) -> None:
        self._file, self._columns, self._words, self._offered = file, columns, words, offered
        self._deeds_there = frozenset(deed for deeds in offered.values() for deed in deeds)
        self.cells: dict[tuple[str, str], Row[C, W]] = {}
        self.means: Mapping[str, str] = file.section("words")
        self._check_head()
        self._places = self._groups(names.places, {**{p: [p] for p in offered if p}, BASE: [""]})
        self._deeds = self._groups(names.deeds, {deed: [deed] for deed in self._deeds_there})
        for group, rows in file.section("cells").items():
            self._read_group(group, rows)
        self._check_whole()

    def _check_head(self) -> None:
        wanted = [column.value for column in self._columns]
        if self._file.content.get("columns") != wanted:
            self._file.refuse(f"'columns' must be {wanted}", "columns")
        self._file.only(self.means, self._words, "word", "words")
        for word in self._words:
            self._file.text(self.means, word, "words")

    def _groups(self, section: str, known: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
        """What each name stands for: itself, or the members of its group, which may be earlier groups."""
        found = dict(known)
        for name, members in self._file.section(section).items():
            if name in known:
                self._file.refuse(f"{name!r} is no name for a group: it is one of {section} itself", section, name)
            found[name] = list(self._members(found, members, section, name))
        return found

    def _members(self, found: Mapping[str, list[str]], members: Any, *place: str) -> Iterator[str]:
        for member in members if isinstance(members, list) else [members]:
            if isinstance(member, str) and member in found:
                yield from found[member]
            else:
                self._file.refuse(f"unknown in {place[0]}: {member!r}", *place)

    def _read_group(self, group: str, rows: Any) -> None:
        if group not in self._places:
            self._file.refuse(f"unknown place or group of places {group!r}", "cells", group)
        elif not isinstance(rows, dict):
            self._file.refuse("must be a table of rows", "cells", group)
        else:
            for deed, said in rows.items():
                self._read_row(group, deed, said)

    def _read_row(self, group: str, deed: str, said: Any) -> None:
        row = self._waiting(group, deed, said) if isinstance(said, dict) else self._row(group, deed, said)
        if row is None:
            return
        deeds = self._deeds.get(deed) or ([deed] if row.opens else [])
        if not deeds:
            self._file.refuse(f"unknown {deed!r}: nothing of this name can be done here", "cells", group, deed)
        cells = [(place, one) for place in self._places[group] for one in deeds if row.opens or self._there(place, one)]
        for cell in cells:
            self._own(group, deed, cell, row)
        if deeds and not cells:
            self._file.refuse(f"{deed!r} owns no cell: it cannot be done there", "cells", group, deed)

    def _there(self, place: str, deed: str) -> bool:
        return deed in self._offered.get(place, ())

    def _own(self, group: str, deed: str, cell: tuple[str, str], row: Row[C, W]) -> None:
        other = self.cells.setdefault(cell, row)
        if other is not row:
            named = f"{cell[1]} of {cell[0] or BASE}"
            self._file.refuse(f"{named} is said already at {self._file.where(*other.place)}", "cells", group, deed)

    def _waiting(self, group: str, deed: str, said: dict[str, Any]) -> Row[C, W] | None:
        place = ("cells", group, deed)
        self._file.only(said, ("opens",), "key", *place)
        opens, no = self._file.text(said, "opens", *place), next(iter(self._words))
        return Row(dict.fromkeys(self._columns, no), place, opens) if opens else None

    def _row(self, group: str, deed: str, said: Any) -> Row[C, W] | None:
        place, columns = ("cells", group, deed), list(self._columns)
        if not isinstance(said, list) or len(said) != len(columns):
            self._file.refuse(f"must be {len(columns)} words, one for each of 'columns'", *place)
            return None
        known = {word.value: word for word in self._words}
        unknown = [word for word in said if not isinstance(word, str) or word not in known]
        for word in unknown:
            self._file.refuse(f"unknown word {word!r}; known: {', '.join(known)}", *place)
        if unknown:
            return None
        return Row({column: known[word] for column, word in zip(columns, said, strict=True)}, place)

    def _check_whole(self) -> None:
        """What the program has and no row owns: it would be refused to everybody, by oversight."""
        for place in sorted(self._offered):
            missing = sorted(deed for deed in self._offered[place] if (place, deed) not in self.cells)
            if missing:
                self._file.refuse(f"no row says who may at {place or BASE}: {', '.join(missing)}", "cells")


def read(folder: Path, name: str, refusals: Any) -> Declaration:
    """The file of that name, shown as it is found from the folder above."""
    return Declaration(folder / name, f"{folder.name}/{name}", refusals)
