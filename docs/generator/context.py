"""What every page is made from: the files of `mappings/`, the maps they become, and what `profiles/` adds."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from adapter.fhir.elements import Definitions
from adapter.mapping.load import Maps, load
from docs.generator.map_file import MapFile, files

# A table that more concepts use than this is on a page of its own, and not on each of theirs.
FEW = 3


@dataclass(frozen=True)
class Context:
    """The repository below `root`, whose maps load."""

    root: Path
    maps: Maps

    @classmethod
    def of(cls, root: Path) -> Context:
        """Raises Problem with every refusal of the maps."""
        return cls(root, load(root / "mappings", Definitions.load(root / "profiles" / "r4")))

    @cached_property
    def concepts(self) -> dict[str, MapFile]:
        """The files of the concepts."""
        return files(self.root, "concepts")

    @cached_property
    def aggregates(self) -> dict[str, MapFile]:
        """The files of the aggregates."""
        return files(self.root, "aggregates")

    @cached_property
    def tables(self) -> dict[str, MapFile]:
        """The files of the code tables, `slices` and `extensions` among them."""
        return files(self.root, "tables")

    @cached_property
    def profiles(self) -> dict[str, dict[str, Any]]:
        """Parent, title and sentence of every profile."""
        text = (self.root / "profiles" / "profiles.toml").read_text(encoding="utf-8")
        return dict(tomllib.loads(text)["profiles"])

    def profile(self, file: MapFile) -> dict[str, Any]:
        """What profiles.toml says of a concept's profile; SystemExit where it says nothing."""
        name = file.content["profile"]
        if name not in self.profiles:
            raise SystemExit(f"profiles/profiles.toml has no [profiles.{name}] for {file.shown}")
        return self.profiles[name]

    @cached_property
    def shared(self) -> frozenset[str]:
        """The tables that more than a few concepts use."""
        used = Counter(table for file in self.concepts.values() for table in set(tables_of(file.content)))
        return frozenset(table for table, count in used.items() if count > FEW)

    @cached_property
    def written_by(self) -> dict[str, list[str]]:
        """Resource type -> the concepts that write it."""
        found: dict[str, list[str]] = {}
        for name, file in self.concepts.items():
            found.setdefault(file.content["resource"], []).append(name)
        return found

    def targets(self, types: Sequence[str]) -> str:
        """Types that a reference may point to, each with the concept it is, where it is one."""
        *first, last = map(self._target, types)
        return f"{', '.join(first)} or {last}" if first else last

    def _target(self, kind: str) -> str:
        known = self.written_by.get(kind, ())
        return f"[{kind}]({known[0]}.md)" if len(known) == 1 else kind


def tables_of(node: Any) -> Iterator[str]:
    """The tables that a part of a file names, in its order."""
    if isinstance(node, dict):
        for key, child in node.items():
            if key in ("table", "missing") and isinstance(child, str):
                yield child
            else:
                yield from tables_of(child)
    elif isinstance(node, list):
        for child in node:
            yield from tables_of(child)
