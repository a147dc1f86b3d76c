"""How often our door and HL7's validator come to the same verdict, and why they do not where they do not.

`agreement.json` is what a run of `make conformance` found; docs/agreement.md is made from it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
CELLS = ("both refuse", "both accept", "ours refuses", "theirs refuses")


class Judged(NamedTuple):
    """One resource before both: its kind, its name, and the complaints of either; none is acceptance."""

    kind: str
    name: str
    ours: list[str]
    theirs: list[str]

    @property
    def cell(self) -> str:
        """Which of the four cells of the table it is counted in."""
        if bool(self.ours) == bool(self.theirs):
            return "both refuse" if self.ours else "both accept"
        return "ours refuses" if self.ours else "theirs refuses"


@dataclass(frozen=True)
class Reason:
    """Why the verdicts differ: who refuses, of which resources, saying what."""

    refuses: str
    of: str
    message: re.Pattern[str]
    why: str

    def explains(self, judged: Judged, message: str) -> bool:
        """Whether this is why the one refuses for that message and the other does not."""
        return (
            judged.cell == f"{self.refuses} refuses"
            and fnmatch(judged.name, self.of)
            and self.message.search(message) is not None
        )


def reasons() -> list[Reason]:
    """The reasons of disagreements.toml, in its order."""
    given = tomllib.loads((HERE / "disagreements.toml").read_text("utf-8"))["reason"]
    return [Reason(**{"of": "*", **said, "message": re.compile(said["message"], re.DOTALL)}) for said in given]


def explained(judged: Iterable[Judged]) -> tuple[dict[str, Counter[str]], list[Judged]]:
    """(why -> how often each refuses for it, what is not explained whole); the first message says which why counts."""
    counts: dict[str, Counter[str]] = {}
    left = []
    known = reasons()
    for one in judged:
        if one.cell in ("ours refuses", "theirs refuses"):
            found = [next((r for r in known if r.explains(one, said)), None) for said in one.ours or one.theirs]
            if found[0] is None or None in found:
                left.append(one)
            else:
                counts.setdefault(found[0].why, Counter())[found[0].refuses] += 1
    return counts, left


def table(judged: Iterable[Judged]) -> dict[str, dict[str, int]]:
    """Kind -> cell -> how many."""
    counted: dict[str, Counter[str]] = {}
    for one in judged:
        counted.setdefault(one.kind, Counter())[one.cell] += 1
    return {kind: {cell: found[cell] for cell in CELLS} for kind, found in counted.items()}


def result(judged: list[Judged], meanings: dict[str, str], **about: Any) -> dict[str, Any]:
    """All that is kept of a run."""
    counts, _ = explained(judged)
    return {
        **about,
        "kinds": {kind: {"means": meanings[kind], **cells} for kind, cells in table(judged).items()},
        "reasons": [{"why": why, **count} for why, count in counts.items()],
    }
