"""The types of what may leave: a `Predicate` narrows every query, a `Released` is the only thing that may be sent.

Both are opaque and are made only on the consent floor: `Predicate` in `consent/predicate.py`, `Released` in
`consent/gate.py` (architecture section 4). A test finds every other place that tries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Asker(NamedTuple):
    """Who asks, as what they write is signed: client, its kind, whom it acts for, the person named, token, purpose."""

    client: str
    kind: str
    organization: str
    person: str | None
    token: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition in SQL over the alias `v` (a row of `version`), with its named parameters (prefix `c_`).

    Every statement of the store that reads resource text or index rows is narrowed by one, before LIMIT, so totals
    and pages are counted after consent. There is no default and no empty predicate. `c_t` is the logical time that is
    looked at: who asks for a page of an earlier one says so, and what has been permitted since does not join it.
    """

    sql: str
    parameters: dict[str, str | int]
    ground: str = ""
    """Where each record has a ground of its own: SQL for it, of a patient `s.value` that the record is about."""
    asker: Asker | None = None
    """Who asks, where that is known."""


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


@dataclass(frozen=True, slots=True)
class Released:
    """Bytes that may leave: for whom, under which grant, which records they show, and their position in the ledger of
    disclosures."""

    body: bytes
    recipient: str
    grant: str
    shown: Sequence[Shown] = ()
    ledger: int | None = None
