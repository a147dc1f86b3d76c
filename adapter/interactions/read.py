"""Read one resource as it is now: https://hl7.org/fhir/R4/http.html#read"""

from __future__ import annotations

from dataclasses import dataclass

from adapter.consent.gate import release
from adapter.fhir.subset import WHOLE, Part
from adapter.interactions.answer import Answer, etag, found
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.version import Version


@dataclass(frozen=True, slots=True)
class Unless:
    """The reader has these versions already (If-None-Match), or what was current in that second (If-Modified-Since)."""

    tags: frozenset[str] = frozenset()
    since: int | None = None

    def fresh(self, tag: str, updated: int) -> bool:
        """Whether the reader's copy is still good; a tag, where given, decides alone (RFC 9110, 13.2.2)."""
        if self.tags:
            return tag in self.tags or "*" in self.tags
        return self.since is not None and updated // 1000 <= self.since


NOTHING = Unless()


def read(
    program: Program, predicate: Predicate, type: str, id: str, unless: Unless = NOTHING, part: Part = WHOLE
) -> Answer:
    """The current version, or that part of it; 304 when the reader has it.

    410 after its deletion, 404 when it is not there for him.
    """
    version = program.store.read(predicate, type, id)
    if version is None:
        raise Problem(Kind.NOT_FOUND, "there is no such resource")
    if version.deleted:
        raise Problem(Kind.GONE, "the resource has been deleted", shown=(version,))
    return unchanged(predicate, version, unless) or found(program, predicate, version, part)


def unchanged(predicate: Predicate, version: Version, unless: Unless) -> Answer | None:
    """304 when the reader's copy is still good."""
    if unless is NOTHING or not unless.fresh(etag(version.version), version.updated_ms):
        return None
    return Answer(304, None, etag(version.version), version.updated_ms, tells=release(predicate, b"", (version,)))
