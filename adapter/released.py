"""The types of what may leave: a `Predicate` narrows every query, a `Released` is the only thing that may be sent.

Both are opaque and are made only on the consent floor: `Predicate` in `consent/predicate.py`, `Released` in
`consent/gate.py` (architecture section 4). A test finds every other place that tries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Rights(Protocol):
    """What somebody of the staff may write of what he sees."""

    @property
    def person(self) -> str:
        """Who it is: `Practitioner/ID`."""

    @property
    def gains(self) -> bool:
        """Whether he could do more if more participants were in his care."""

    def word(self, kind: str, concepts: Iterable[str | None]) -> str:
        """Whose records he may `create`, `update` or `delete`, of all these concepts: `all`, `assigned` or `no`."""


class Asker(NamedTuple):
    """Who asks, as what they write is signed: client, its kind, whom it acts for, the person named, token, purpose; the
    address of the network that the request came from, and what its client calls it."""

    client: str
    kind: str
    organization: str
    person: str | None
    token: str
    purpose: str
    network: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition in SQL over the alias `v` (a row of `version`), with its named parameters (prefix `c_`).

    Every statement of the store that reads resource text or index rows is narrowed by one, before LIMIT, so totals
    and pages are counted after consent. There is no default and no empty predicate. `c_t` is the logical time that is
    looked at: who asks for a page of an earlier one says so, and what has been permitted since does not join it. What
    is refused now is refused on it too.
    """

    sql: str
    parameters: dict[str, str | int]
    ground: str = ""
    """Where each record has a ground of its own: SQL for it, of a patient `s.value` that the record is about."""
    among: str = ""
    """Beside `ground`: SQL for the first and the last of the grounds there may be for a patient `s.value`, whatever is
    shown of him that needs one."""
    still: str = ""
    """Beside `ground`: SQL for whether a record `v` may still be shown as far as it is about a patient `s.value`."""
    names: str = ""
    """Where a ground is a consent: SQL for whether a row `g` of what it permits names the reader."""
    reader: str = ""
    """Who reads, what for and under which rules: whatever the reader keeps of an answer is good for these alone."""
    written: Mapping[str, Predicate] | None = None
    """What a record must fulfil to be created, updated or deleted (`c`, `u`, `d`), before and after, where that is less
    than all that may be seen."""
    drafts: frozenset[str] = frozenset()
    """Types of which the reader may make nothing but drafts, in force only once the program's staff say so."""
    rendering: int = 0
    """What is seen of the records: by 0 they are seen whole."""
    beside: tuple[int, ...] = ()
    """What else is seen of some of them."""
    whole: bool = False
    """Whether no record of the program is hidden by it."""
    care: str = ""
    """Where only some patients are in the reader's care: SQL for whether `s.value` is one of them."""
    opened: str = ""
    """Where each patient is asked about: SQL for whether there can be anything to see of a patient `s.value` in records
    of the type `:type`, whatever they are. Of whom there cannot, no record is looked at: how many there are would show
    in the time that it takes."""
    rights: Rights | None = None
    """Where less may be written than seen."""
    asker: Asker | None = None
    """Who asks, where that is known."""

    @property
    def labelled(self) -> bool:
        """Whether the reader is sent the labels that records have here beside those of their senders; a rendering has
        them in its text."""
        return self.asker is not None and (self.rendering == 0 or 0 in self.beside)

    @property
    def sides(self) -> tuple[int, ...]:
        """All that is seen of records."""
        return self.rendering, *self.beside

    @property
    def condition(self) -> str:
        """What a statement is narrowed by: rows of the renderings, and of these what the reader may see."""
        return condition(self.sql, self.sides)


def condition(sql: str, sides: tuple[int, ...]) -> str:
    """Rows of these renderings, and of them what a condition lets be seen."""
    of = f"= {sides[0]}" if len(sides) == 1 else f"IN ({', '.join(map(str, sides))})"
    return f"v.rendering {of} AND ({sql})"


def own_ground(ground: str) -> str:
    """SQL for the ground of a record `v` that is about one patient; NULL for others, or where all have the same."""
    if not ground:
        return "NULL"
    return f"CASE WHEN instr(v.patients, ' ') = 0 THEN {ground.replace('s.value', 'v.patients')} END"


class Shown(Protocol):
    """A version of a record that is in what leaves; `patients` are the ids of those it is about, blanks between."""

    @property
    def vid(self) -> int:
        """Its number in the store."""

    @property
    def type(self) -> str:
        """Its resource type."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> int:
        """Which version."""

    @property
    def patients(self) -> str:
        """Whom it is about."""


class Counted(NamedTuple):
    """So many records of a type about one patient were counted, under one ground; none of them is shown."""

    patient: str
    ground: str
    type: str
    number: int


@dataclass(frozen=True, slots=True)
class Released:
    """Bytes that may leave: for whom, under which grant, which records they show, and which they only count."""

    body: bytes
    recipient: str
    grant: str
    shown: Sequence[Shown] = ()
    counted: Sequence[Counted] = ()
    ledger: int | None = None
    """Its position in the ledger of disclosures, where it is there already."""
