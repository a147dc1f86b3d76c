"""What somebody who sent records sees of them: as they were sent; and of a referral's Task, where a consent lets it be
told, how it goes on.

42 CFR 2.13(c): without a consent the program says nothing from which it could be told whether the person is its
patient. So whatever the program does with what was sent, its sender sees the same bytes, version and time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapter.callers import ClientKind
from adapter.consent.cuts import Cutter
from adapter.consent.policy import DIRECTORY
from adapter.fhir.json import dump
from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.load import Maps
from adapter.rules import EVERY_PARAMETER, SENT, TOLD, Shown

_FILE = "told"
_KEYS = ("elements", "dropped")
FIRST = 1
"""The number of the version as which something came."""
_HEAD = ("number", "kinds", "datatypes")


class Sent:
    """Records as they were sent; a `rules.Rendering`. Of the directory its reader sees the records themselves."""

    name, number, onto, kept, first = "sent", SENT, 0, True, FIRST
    shared = DIRECTORY
    content = b"sent 1"

    def __init__(self, maps: Maps) -> None:
        self.parameters: Mapping[str, frozenset[str]] = dict.fromkeys(
            maps.definitions.types - DIRECTORY, EVERY_PARAMETER
        )

    def of(
        self,
        type: str,
        resource: dict[str, Any],
        told: int = 0,
        onto: dict[str, Any] | None = None,
        *,
        outside: bool = False,
    ) -> Shown | None:
        """None: it is written as it is sent, and never made of the record."""
        return None

    def addressees(self, type: str, shown: dict[str, Any]) -> str | None:
        """None: who sent it stands beside it."""
        return None


class Told:
    """How a Task goes on, onto what was sent; a `rules.Rendering`.

    Its versions have other numbers than those of what was sent: an ETag is never of both.
    """

    name, onto, kept, first = "told", SENT, False, 1_000
    shared = DIRECTORY

    def __init__(self, file: Declaration, maps: Maps) -> None:
        self.number: int = file.content.get("number", 0)
        if self.number != TOLD:
            file.refuse(f"'number' is {TOLD}", "number")
        self.kinds = frozenset(map(ClientKind, file.content.get("kinds", ())))
        self.content = dump(file.content)
        cutter = Cutter(file, maps.definitions, maps.extensions)
        self._cuts = {}
        for type, said in file.content.items():
            if type in _HEAD:
                continue
            if type not in maps.definitions.types:
                file.refuse(f"{type!r} is no resource type", type)
                continue
            file.only(said, _KEYS, "key", type)
            self._cuts[type] = cutter.cut(type, said.get("elements", ()), said.get("dropped", ()))
        self.parameters: Mapping[str, frozenset[str]] = dict.fromkeys(self._cuts, EVERY_PARAMETER)

    def of(
        self,
        type: str,
        resource: dict[str, Any],
        told: int = 0,
        onto: dict[str, Any] | None = None,
        *,
        outside: bool = False,
    ) -> Shown | None:
        """What was sent (`onto`), with what is told of the record; None where nothing was, or nothing can be told.

        One with a modifierExtension is not told: what is left of it could mean the contrary.
        """
        cut = self._cuts.get(type)
        if cut is None or onto is None or "modifierExtension" in resource:
            return None
        now = cut.whole(resource)
        if now is None:
            return None
        kept = {name: now.pop(name, None) if name in cut.kept else value for name, value in onto.items()}
        return Shown({name: value for name, value in {**kept, **now}.items() if value is not None}, None)

    def addressees(self, type: str, shown: dict[str, Any]) -> str | None:
        """None: who sent it stands beside it."""
        return None


def load_sent(folder: Path, maps: Maps) -> tuple[Sent, Told]:
    """Both, as `told.toml` of a folder (mappings/release) says; Problem(UNPROCESSABLE) with every refusal."""
    refusals = Refusals()
    file = Declaration(folder / f"{_FILE}.toml", f"release/{_FILE}.toml", refusals)
    refusals.raise_any()
    made = Sent(maps), Told(file, maps)
    refusals.raise_any()
    return made
