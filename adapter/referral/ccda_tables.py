"""What is read of a C-CDA document, and as what: `mappings/ccda.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of entry: `reads` names what reads it, `category` goes into what is made of it."""

    name: str
    reads: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class SectionKind:
    """A kind of section: the category of problems in it, whether its text is a fact, or tells of other people."""

    name: str = ""
    category: str = ""
    fact: bool = False
    another: bool = False


@dataclass(frozen=True, slots=True)
class Graded:
    """How well a part of the file was checked, against what, and which of its rows less well."""

    grade: str
    source: str
    lower: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tables:
    """The file as read: how each part was checked, OIDs, templates, sections, words of one side for the other's."""

    graded: Mapping[str, Graded]
    systems: Words
    issuers: Words
    templates: Mapping[str, Template]
    sections: Mapping[str, SectionKind]
    status: Mapping[str, Words]
    words: Mapping[str, Words]
    nothing: Mapping[str, Mapping[str, Words]]
    labels: Mapping[str, Any]

    @classmethod
    def load(cls, mappings: Path) -> Tables:
        """The tables of a folder of maps; a file that is not of this form is a TypeError or KeyError at the start."""
        said = tomllib.loads((mappings / "ccda.toml").read_text(encoding="utf-8"))
        said["templates"] = {oid: Template(**row) for oid, row in said["templates"].items()}
        said["sections"] = {code: SectionKind(**row) for code, row in said["sections"].items()}
        said["graded"] = {part: Graded(**row) for part, row in said["graded"].items()}
        return cls(**said)
