"""The rules by which two people, and two visits, are compared, read from `mappings/identity.toml`.

The grades are R4's: https://hl7.org/fhir/R4/valueset-match-grade.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from adapter.mapping.declarations import Declaration, Refusals

FILE = "identity.toml"


class Grade(StrEnum):
    """How sure it is that two records are of one person."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    CERTAINLY_NOT = "certainly-not"


WORDS: Mapping[str, Sequence[str]] = {
    "family": ("same", "alike", "part", "former", "other"),
    "given": ("same", "alike", "initial", "other"),
    "swapped": ("same",),
    "second_given": ("same",),
    "birth_date": ("same", "swapped", "digit", "within", "other"),
    "sex": ("same", "other"),
    "phone": ("same",),
    "email": ("same",),
    "address": ("same", "postal"),
    "identifier": ("same", "other"),
    "social_security": ("same", "last4", "other"),
}
"""What each kind of evidence may come to."""
_MOST = 64
"""Points; more could not be told from certainty."""
_DAY = 1440
"""Minutes: two visits that begin so far apart are two."""


@dataclass(frozen=True, slots=True)
class Visits:
    """When two sessions of one participant are proposed as one: they overlap by more than the share `overlap` of the
    shorter, or are of one kind and start within so many `minutes`."""

    overlap: float
    minutes: float


@dataclass(frozen=True, slots=True)
class Rules:
    """As read: `points` by kind of evidence and what it came to."""

    prior: float
    points: Mapping[tuple[str, str], float]
    ceilings: Mapping[str, float]
    alike: Mapping[str, float]
    grades: Mapping[Grade, float]
    visits: Visits

    def grade(self, score: float) -> Grade:
        """The grade of a score."""
        return next((grade for grade, least in self.grades.items() if score >= least), Grade.CERTAINLY_NOT)


@lru_cache(8)
def rules_in(mappings: Path) -> Rules:
    """The rules of a folder of mappings; a Problem with every refusal by file and line."""
    refusals = Refusals()
    file = Declaration(mappings / FILE, f"{mappings.name}/{FILE}", refusals)
    refusals.raise_any()
    made = _Reader(file).rules()
    refusals.raise_any()
    return made


class _Reader:
    """Reads the file, noting every refusal."""

    def __init__(self, file: Declaration) -> None:
        self._file = file

    def rules(self) -> Rules:
        """The rules, of no use once something was refused."""
        known = ("prior", "grades", "ceilings", "alike", "points", "visits")
        self._file.only(self._file.content, known, "section")
        prior = self._number(self._file.content, "prior", 0, _MOST)
        ceilings = self._shares("ceilings", ("contradicted", "unsure"))
        alike = self._shares("alike", ("family", "given", "line"))
        grades = self._grades()
        made = Rules(prior, self._points(), ceilings, alike, grades, self._visits())
        self._check_ceilings(made)
        return made

    def _grades(self) -> Mapping[Grade, float]:
        listed = [grade for grade in Grade if grade is not Grade.CERTAINLY_NOT]
        said = self._shares("grades", [grade.value for grade in listed])
        least = [said[grade] for grade in listed]
        if least != sorted(set(least), reverse=True):
            self._file.refuse("each grade must begin below the one before: certain, probable, possible", "grades")
        return dict(zip(listed, least, strict=True))

    def _visits(self) -> Visits:
        said = self._file.section("visits")
        self._file.only(said, ("overlap", "minutes"), "name", "visits")
        overlap = self._number(said, "overlap", 0, 1, "visits")
        return Visits(overlap, self._number(said, "minutes", 0, _DAY, "visits"))

    def _points(self) -> Mapping[tuple[str, str], float]:
        points = self._file.section("points")
        self._file.only(points, WORDS, "kind of evidence", "points")
        made: dict[tuple[str, str], float] = {}
        for kind, words in WORDS.items():
            said = points.get(kind)
            if not isinstance(said, dict):
                self._file.refuse(f"[points.{kind}] is missing, or no table", "points", kind)
                continue
            self._file.only(said, words, "word", "points", kind)
            for word in words:
                low, high = (-_MOST, 0) if word == "other" else (0, _MOST)
                made[kind, word] = self._number(said, word, low, high, "points", kind)
        return made

    def _check_ceilings(self, made: Rules) -> None:
        """Who is contradicted, or not sure, is never certain, whatever the sum."""
        certain = made.grades[Grade.CERTAIN]
        for name, most in made.ceilings.items():
            if most >= certain:
                self._file.refuse(f"{name!r} must be below the least score of 'certain'", "ceilings", name)

    def _shares(self, section: str, names: Sequence[str]) -> Mapping[str, float]:
        said = self._file.section(section)
        self._file.only(said, names, "name", section)
        return {name: self._number(said, name, 0, 1, section) for name in names}

    def _number(self, said: Mapping[str, Any], name: str, low: float, high: float, *place: str) -> float:
        value = said.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self._file.refuse(f"{name!r} must be a number from {low} to {high}", *place, name)
        return 0.0
