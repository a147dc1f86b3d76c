"""What follows from a change: further changes, found before anything is written, run to a fixed point in the commit.

A consequence is pure: (before, after, reader) -> changes, or it raises a Problem and nothing is written. It is the
same for every door: FHIR, `/iop`, import, Bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from adapter.fhir.dates import EVER, Interval

if TYPE_CHECKING:
    from adapter.interactions.changes import Change

Resource = dict[str, Any]


class Reader(Protocol):
    """What a consequence may look at: the records as they will be once the changes so far are written."""

    def current(self, type: str, id: str) -> Resource | None:
        """The resource, or nothing when it does not exist or is deleted."""

    def last(self, type: str, id: str) -> Resource | None:
        """The resource as it is stored; of a deleted one as it was before; nothing of one that never was."""

    def staged(self, type: str, id: str) -> bool:
        """Whether a record came with a referral of which intake has not yet said who the person is."""

    def sent(self, type: str, id: str) -> bool:
        """Whether a record came with a referral at all."""

    def covered(self, type: str, id: str) -> bool:
        """Whether part 2 will protect a record, by what all its versions say (`adapter.store.placement`); False where
        that does not depend on the episode."""

    def holders(self, type: str, parameter: str, value: str) -> Sequence[str]:
        """The ids of the live resources that a search by this token or reference would find, in a stable order."""

    def pointing(
        self, type: str, parameter: str, targets: Iterable[tuple[str, str]], within: Interval = EVER
    ) -> Set[str]:
        """The ids of the live resources that will point to one of these (type, id) and have their natural date within
        an interval."""

    def proposals(self, besides: str) -> int:
        """A number that is another once a record of any other type than this has been proposed."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """`follow` hears of each changed resource of the types in `watches`: a create has no before, a delete no after."""

    name: str
    watches: frozenset[str]
    follow: Callable[[Resource | None, Resource | None, Reader], Iterable[Change]]
