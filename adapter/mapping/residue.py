"""What a map does not cover, named element by element with what to do about it: keep, show, park or refuse.

R4: https://hl7.org/fhir/R4/extensibility.html#modifierExtension, https://hl7.org/fhir/R4/fhirpath.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple, cast, get_args

Policy = Literal["keep", "show", "park", "refuse"]
POLICIES: tuple[str, ...] = get_args(Policy)
# A modifier may turn the meaning of what holds it around, so what we do not know refuses the resource (law).
MODIFIERS = ("modifierExtension", "implicitRules")
_URL = re.compile(r"extension\('([^']*)'\)")
_INDEX = re.compile(r"\[\d+\]")
_PATHS, _LONG = 1_000, 200
"""Paths of a map whose policy is remembered, and the longest of them: a sender leaves the same out again and again."""
_OURS = frozenset({"profile", "versionId", "lastUpdated"})


class Residue(NamedTuple):
    """One element no row says: its FHIRPath, the policy, and why."""

    path: str
    policy: Policy
    reason: str


class Policies:
    """The [residue] section: the policy of the longest prefix of a path."""

    def __init__(self, declared: Mapping[str, str], names: Mapping[str, str]) -> None:
        self.declared, self._names = declared, names
        self._remembered = lru_cache(_PATHS)(self._of)

    def of(self, path: str) -> Policy:
        """The policy of a FHIRPath that begins with the resource type."""
        return self._remembered(path) if len(path) <= _LONG else self._of(path)

    def _of(self, path: str) -> Policy:
        place = _INDEX.sub("", path).partition(".")[2]
        if place.rpartition(".")[2] in MODIFIERS:
            return "refuse"
        named = _URL.sub(lambda url: f"ext({self._names.get(url.group(1), '')})", place)
        for candidate in (named, _URL.sub("extension", place)):
            while candidate:
                if candidate in self.declared:
                    return cast(Policy, self.declared[candidate])
                candidate = candidate.rpartition(".")[0]
        # The words of a reference may name somebody: whoever reads the record should see them.
        return "show" if place.endswith(".display") else cast(Policy, self.declared["*"])


class Notes:
    """The residue of one reading, in the order it is found."""

    def __init__(self, policies: Policies) -> None:
        self.policies = policies
        self.found: list[Residue] = []

    def keep(self, path: str, reason: str = "no field of the map says it") -> None:
        """Name an element no row owns, with the policy of its path."""
        self.found.append(Residue(path, self.policies.of(path), reason))

    def park(self, path: str, reason: str) -> None:
        """Name something that makes the record incomplete."""
        self.found.append(Residue(path, "park", reason))

    def inner(self, path: str, names: Collection[str]) -> None:
        """Name the children of an owned element that its native value does not say."""
        for name in names:
            self.keep(f"{path}.{name[1:]}.extension" if name.startswith("_") else f"{path}.{name}")

    def extra(self, node: Mapping[str, Any], known: Collection[str], literals: Mapping[str, Any], at: str) -> None:
        """Name every child of `node` that is neither known nor equal to its literal."""
        for name, child in node.items():
            if name in known or (name in literals and literals[name] == child):
                continue
            if name == "extension":
                self.foreign(child, (), f"{at}.extension")
            elif name.startswith("_"):
                self._sibling(child, f"{at}.{name[1:]}")
            else:
                self.keep(f"{at}.{name}")

    def foreign(self, members: list[Any], claims: Collection[Any], at: str) -> None:
        """Name the members of a list that no claim (a test of a member) takes; extensions by their URL."""
        for index, member in enumerate(members):
            if not any(claim(member) for claim in claims):
                self.keep(f"{at}('{member.get('url')}')" if at.endswith(".extension") else f"{at}[{index}]")

    def strangers(self, found: Mapping[str, Collection[int]], urls: Collection[str], at: str) -> None:
        """Name the extensions, given by URL, whose URL no row knows."""
        for url in found:
            if url not in urls:
                self.keep(f"{at}.extension('{url}')")

    def meta(self, meta: Mapping[str, Any], at: str) -> None:
        """Name what a sender put into meta; profile, version and time are the server's."""
        self.inner(f"{at}.meta", [name for name in meta if name not in _OURS])

    def _sibling(self, sibling: Any, path: str) -> None:
        """Name the id and extensions of a primitive element."""
        for index, item in enumerate(sibling if isinstance(sibling, list) else [sibling]):
            self.inner(f"{path}[{index}]" if isinstance(sibling, list) else path, item or ())

    def incomplete(self) -> list[dict[str, str]]:
        """What is parked so far and why, as the `incomplete` of a native record says it."""
        return [{"path": note.path, "reason": note.reason} for note in self.found if note.policy == "park"]
