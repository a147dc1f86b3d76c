"""What the roles of one person allow, by the words of `staff.toml`: where they differ, the widest.

42 CFR 2.12(c)(3): within the program, for a need in connection with one's duties.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from adapter.consent.matrix import OTHER, Assignment, Matrix, Role

STAGED = frozenset((Role.INTAKE, Role.PROGRAM_LEAD, Role.PRIVACY_OFFICER))
"""Who sees what came with a referral before it is said who the person is."""
_WIDTH = {Assignment.NO: 0, Assignment.ASSIGNED: 1, Assignment.ALL: 2}


def least(words: Iterable[Assignment]) -> Assignment:
    """The narrowest of several words: what all of them allow."""
    return min(words, key=_WIDTH.__getitem__)


@dataclass(frozen=True)
class Shown:
    """The concepts of which all records are shown, and those of which only the records of one's participants are."""

    all: frozenset[str]
    assigned: frozenset[str]
    whole: bool
    """Whether nothing is hidden."""
    staged: bool = False
    """What came with a referral too, before intake has said who the person is."""


class Duties:
    """What somebody with these roles may do: one word for each concept, or "" for the base, and verb."""

    def __init__(self, matrix: Matrix, roles: Collection[str]) -> None:
        held = [Role(role) for role in roles]
        self._words: Mapping[tuple[str, str], Assignment] = {
            cell: max((matrix.staff(role, *cell) for role in held), key=_WIDTH.__getitem__, default=Assignment.NO)
            for cell in matrix.roles.cells
        }
        self._staged = not STAGED.isdisjoint(held)
        self._shown: dict[tuple[str, str], Shown] = {}

    def word(self, concept: str | None, verb: str) -> Assignment:
        """Whose records of a concept (None: what none claims) may be so treated; `NO` where no row says anything."""
        return self._words.get((OTHER if concept is None else concept, verb), Assignment.NO)

    def allows(self, concepts: Iterable[str | None], verbs: Collection[str]) -> Assignment:
        """What may be done with a record that is of each of these concepts, by each of these verbs."""
        return least(self.word(concept, verb) for concept in concepts for verb in verbs)

    def shown(self, verb: str = "get", concept: str | None = None) -> Shown:
        """What is shown to whoever asks by a verb: what he may get, and no more than the verb's word.

        `concept` "" is the base, whose word bounds all concepts alike.
        """
        asked = verb, concept or ""
        if asked not in self._shown:
            self._shown[asked] = self._found(verb, concept)
        return self._shown[asked]

    def _found(self, verb: str, concept: str | None) -> Shown:
        places = {place for place, deed in self._words if place and deed == "get"}
        bounds = {place: self.word("", verb) if concept == "" else self.word(place, verb) for place in places}
        words = {place: least((self.word(place, "get"), bounds[place])) for place in places}
        of = {word: frozenset(place for place in places if words[place] is word) for word in Assignment}
        return Shown(of[Assignment.ALL], of[Assignment.ASSIGNED], len(of[Assignment.ALL]) == len(places), self._staged)

    @cached_property
    def gains(self) -> bool:
        """Whether somebody with these duties could do more if more participants were in his care."""
        return Assignment.ASSIGNED in self._words.values()


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may write in one request; `verbs` are those by which it changes records that are there."""

    duties: Duties
    person: str
    verbs: tuple[str, ...] = ("put",)

    def word(self, kind: str, concepts: Iterable[str | None]) -> str:
        """Whose records may be made (`create`), changed (`update`) or deleted, of all these concepts."""
        return self.duties.allows(concepts, self.verbs if kind == "update" else (kind,)).value

    @property
    def gains(self) -> bool:
        """Whether the person could do more if more participants were in his care."""
        return self.duties.gains
