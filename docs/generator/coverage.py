"""What the adapter makes of a resource of somebody else: its concept, the fields read, the residue, or why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from adapter.app import assemble
from adapter.fhir.elements import Definitions
from adapter.interactions.admission import admit
from adapter.interactions.program import Program
from adapter.interactions.types import served, writable
from adapter.mapping.load import load
from adapter.mapping.residue import Residue
from adapter.problems import Problem
from adapter.settings import Settings
from docs.generator.received import Received

Verdict = Literal["mapped", "kept unmapped", "refused", "not served"]
VERDICTS: tuple[Verdict, ...] = ("mapped", "kept unmapped", "refused", "not served")
COLUMNS = ("mapped whole", "mapped, incomplete", *VERDICTS[1:])
"""The verdicts as counted: what is mapped, by whether a part of it is parked."""
_INDEX = re.compile(r"\[\d+\]")
_EXTENSION = re.compile(r"extension\('([^']*)'\)")


@dataclass(frozen=True, slots=True)
class Understood:
    """One resource as the door and the maps see it."""

    received: Received
    verdict: Verdict
    concept: str = ""
    fields: tuple[str, ...] = ()
    residue: tuple[Residue, ...] = ()
    where: str = ""
    """of one that is refused: the first fault's place"""

    @property
    def column(self) -> str:
        """Which of COLUMNS it is counted in."""
        if self.verdict != "mapped":
            return self.verdict
        return COLUMNS[1] if any(note.policy == "park" for note in self.residue) else COLUMNS[0]


@contextmanager
def program(root: Path) -> Iterator[Program]:
    """A program of the shipped maps that forgets everything when closed."""
    with TemporaryDirectory() as folder:
        settings = Settings(store=Path(folder) / "iop.db", secret_file=Path(folder) / "secret")
        definitions = Definitions.load(root / "profiles" / "r4")
        made = assemble(settings, definitions, load(root / "mappings", definitions), durable=False)
        try:
            yield made
        finally:
            made.store.close()


def understood(program: Program, received: Received) -> Understood:
    """What a POST of the resource to its type would do, and what is read of it."""
    kind = received.type
    if kind not in served(program) or not writable(kind):
        return Understood(received, "not served")
    try:
        admitted = admit(program, received.resource)
    except Problem as problem:
        return Understood(received, "refused", where=problem.issues[0].expression or "")
    if admitted.concept is None:
        return Understood(received, "kept unmapped")
    record, residue = program.maps.concepts[admitted.concept].to_native(received.resource)
    fields = tuple(name for name in record if name not in ("id", "incomplete"))
    return Understood(received, "mapped", admitted.concept, fields, tuple(residue))


def element(path: str) -> str:
    """A path of the residue as an element: without type and positions, an extension by the last part of its URL."""
    inner = _EXTENSION.sub(lambda url: f"extension({url.group(1).rpartition('/')[2]})", path)
    return _INDEX.sub("", inner).partition(".")[2] or inner
