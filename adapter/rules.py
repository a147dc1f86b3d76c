"""What consents, coverages and care relations say, as plain rows: the same for the oracle and for the store.

Times are ms since 1970; `BEGINNING` and `END` stand for none. A set of sensitivities is a number with a bit for each
label (`consent/labels.py`), so that both databases compare sets as numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

BEGINNING, END = -(1 << 62), 1 << 62
ANY = "*"
EVERY_LABEL = (1 << 62) - 1
COVERED = 1 << 1
"""Among sensitivities: 42 CFR part 2 protects it."""
SOMEHOW = 1 << 2
"""Among sensitivities: its sender says that it is sensitive, in a way for which there is no bit."""


class Effect(StrEnum):
    """What a grant does where it applies."""

    PERMIT = "permit"
    DENY = "deny"
    EXCEPTION = "exception"
    """Takes the records that it applies to out of the other grants of its consent."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing that one consent says of one patient's records: 42 CFR 2.31(a), or 2.26 for a restriction.

    `recipient` is `Organization/ID` or `class/CODE` (of the code system recipient-class) or `*` (any: only in a DENY or
    EXCEPTION); `purpose` a code of v3-ActReason or `*`; `type` a resource type or `*`; `record` `Type/ID` or `*`.
    A PERMIT covers a record when all of its labels are in `labels`; a DENY or EXCEPTION applies when one of them is.
    The record's date is in [data_from, data_until), now in [valid_from, valid_until).
    """

    consent: str
    patient: str
    effect: Effect
    recipient: str
    purpose: str
    type: str = ANY
    record: str = ANY
    labels: int = EVERY_LABEL
    data_from: int = BEGINNING
    data_until: int = END
    valid_from: int = BEGINNING
    valid_until: int = END


class Bond(StrEnum):
    """What ties an organization, or somebody of the staff, to a patient."""

    TREATS = "treats"
    """It treats the patient: a member of the care team, or the general practitioner."""
    COVERS = "covers"
    """It pays for the patient: the payor of a Coverage."""
    CARES = "cares"
    """Somebody of the staff has the patient in his care, as himself or in one of his roles."""
    HOLDS = "holds"
    """Somebody of the staff is who stands for a PractitionerRole: it is in the place of the patient."""
    PRINCIPAL = "principal"
    """A visit, an episode or a claim says that a Condition is its principal diagnosis: `Condition/ID` is in the place
    of the patient, and the patient in that of the organization."""


@dataclass(frozen=True, slots=True)
class Tie:
    """An organization's tie to a patient, said by one record (`source`, `Type/ID`), in [valid_from, valid_until).

    Of CARES and HOLDS the `organization` is `Practitioner/ID` or, of CARES, `PractitionerRole/ID`; so is the `patient`
    of HOLDS. PRINCIPAL says of itself what it has in them.
    """

    bond: Bond
    patient: str
    organization: str
    source: str
    valid_from: int = BEGINNING
    valid_until: int = END


@dataclass(frozen=True, slots=True)
class Emergency:
    """A medical emergency, 42 CFR 2.51: one person at one client may read one patient's records in [opened, closed).

    `id` is what the ledger has as the ground of what is shown under it.
    """

    id: str
    patient: str
    client: str
    person: str
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is asked about one version of one record.

    `patients` are the ids of those it is about, `labels` its sensitivities (0: it was never labelled), `date` its
    natural date in ms (None: it has none). `rendering` is which side of it this is (0: the record itself), `addressees`
    the ids of the organizations that this is held to (None: to none), `concept` the native name of what it is (None: no
    map claims it). `staged`: it came with a referral, and intake has not said who the person is.
    """

    type: str
    id: str
    patients: frozenset[str]
    labels: int
    date: int | None = None
    rendering: int = 0
    addressees: frozenset[str] | None = None
    concept: str | None = None
    staged: bool = False


class Labels(NamedTuple):
    """What a resource tells of, and to whom: its sensitivities; the records (type, id) of which its text says more than
    where they are, so that it tells of whatever they tell of; and the ids of the organizations that it is held to, with
    blanks between (None: to none).

    Where that depends on the episode: `episodes` are the ids of those it points to (one that is not here is ""), and
    `outside` its sensitivities if part 2 protects none of them (0: it is protected whatever they are)."""

    own: int
    names: tuple[tuple[str, str], ...] = ()
    addressees: str | None = None
    episodes: tuple[str, ...] = ()
    outside: int = 0

    def told(self, *, outside: bool) -> int:
        """Its sensitivities, in or outside part 2."""
        return self.outside if outside else self.own


class Mark(NamedTuple):
    """A label of meta.security that a resource gets for what it tells of: it has one of the sensitivities in `some`,
    and none of those in `none`. Codes `below` it in the same system are not shown beside it."""

    system: str
    code: str
    some: int
    none: int = 0
    below: tuple[str, ...] = ()


class Shown(NamedTuple):
    """What one kind of recipient may see of a record: a resource of its own, and what that tells of (None: that must be
    found)."""

    resource: dict[str, Any]
    labels: Labels | None


SENT, TOLD = 2, 3
"""What a sender sees of what it sent: as it wrote it, and, where a consent lets it be told, how it goes on."""
SCOPE = 4
"""What those whom a Consent names see of it."""
EVERY_PARAMETER = frozenset({"*"})


class Rendering(Protocol):
    """What one kind of recipient may see of a record, made when the record is written.

    `number` stands for it in the store and is never given another meaning; `parameters` are the search parameters that
    may be used, by type: those of what it shows.
    """

    @property
    def onto(self) -> int:
        """The rendering that it is made onto, and shares an index with; 0 where it is made of the record alone."""

    @property
    def kept(self) -> bool:
        """Whether it is written by itself, and not made of the record."""

    @property
    def first(self) -> int:
        """The number of its first version of a record."""

    @property
    def shared(self) -> frozenset[str]:
        """Types of which whoever sees it sees the records themselves."""

    @property
    def number(self) -> int:
        """Which it is."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def parameters(self) -> Mapping[str, frozenset[str]]:
        """What may be asked by."""

    def of(
        self,
        type: str,
        resource: dict[str, Any],
        told: int = 0,
        onto: dict[str, Any] | None = None,
        *,
        outside: bool = False,
    ) -> Shown | None:
        """What is to be seen of a resource that tells of this (0: not known), `onto` what is seen by another rendering;
        None for one that has no such side. `outside`: part 2 does not protect it."""

    def addressees(self, type: str, shown: dict[str, Any]) -> str | None:
        """The ids of the organizations that may see it, blanks between; None where it is not held to any."""


class Rules(Protocol):
    """What follows from a resource alone for who may see what; the index has it as rows.

    `hash` changes whenever something else would follow from the same resources. `renderings` are made of each. `marks`
    are the labels that follow from sensitivities, and stand in no text. `by_episode`: whether part 2 protects a record
    depends on the episode that it belongs to.
    """

    hash: str
    by_episode: bool
    renderings: Sequence[Rendering]
    marks: Sequence[Mark]

    def labels(self, type: str, resource: dict[str, Any], patients: Collection[str]) -> Labels:
        """What it tells of, and to whom; `patients` are the ids of those it is about."""

    def frees(self, episode: dict[str, Any]) -> bool:
        """Whether an EpisodeOfCare says that part 2 does not protect what belongs to it."""

    def together(self, labels: int, more: int) -> int:
        """The sensitivities of a record of which one version has these, and another those."""

    def grants(self, type: str, resource: dict[str, Any]) -> tuple[Grant, ...]:
        """What a Consent permits and denies."""

    def ties(self, type: str, resource: dict[str, Any]) -> tuple[Tie, ...]:
        """Whom it ties to a patient."""


class NoRules:
    """Nothing is labelled, permitted or tied: nobody who needs a consent sees anything."""

    hash = ""
    by_episode = False
    renderings: Sequence[Rendering] = ()
    marks: Sequence[Mark] = ()

    def labels(self, type: str, resource: dict[str, Any], patients: Collection[str]) -> Labels:
        """None."""
        return Labels(0)

    def frees(self, episode: dict[str, Any]) -> bool:
        """No."""
        return False

    def together(self, labels: int, more: int) -> int:
        """None."""
        return 0

    def grants(self, type: str, resource: dict[str, Any]) -> tuple[Grant, ...]:
        """None."""
        return ()

    def ties(self, type: str, resource: dict[str, Any]) -> tuple[Tie, ...]:
        """None."""
        return ()


class Face:
    """The `Rules` of a rendering: it is labelled by what it shows, in its text, and permits and ties nothing."""

    by_episode = False
    renderings: Sequence[Rendering] = ()
    marks: Sequence[Mark] = ()

    def __init__(self, rules: Rules, rendering: Rendering) -> None:
        self._rules, self._rendering = rules, rendering
        self.hash = rules.hash

    def labels(self, type: str, resource: dict[str, Any], patients: Collection[str]) -> Labels:
        """What it shows tells of, and to whom."""
        told, addressees = self._rules.labels(type, resource, patients), self._rendering.addressees(type, resource)
        return Labels(told.own, addressees=addressees, outside=told.outside)

    def frees(self, episode: dict[str, Any]) -> bool:
        """No: the record itself says it."""
        return False

    def together(self, labels: int, more: int) -> int:
        """As for a record."""
        return self._rules.together(labels, more)

    def grants(self, type: str, resource: dict[str, Any]) -> tuple[Grant, ...]:
        """None."""
        return ()

    def ties(self, type: str, resource: dict[str, Any]) -> tuple[Tie, ...]:
        """None."""
        return ()
