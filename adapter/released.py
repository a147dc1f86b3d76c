"""The types of what may leave: a `Predicate` narrows every query, a `Released` is the only thing that may be sent.

Both are opaque and are made only on the consent floor: `Predicate` in `consent/predicate.py`, `Released` in
`consent/gate.py` (architecture section 4). A test finds every other place that tries.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition in SQL over the alias `v` (a row of `version`), with its named parameters (prefix `c_`).

    Every statement of the store that reads resource text or index rows is narrowed by one, before LIMIT, so totals
    and pages are counted after consent. There is no default and no empty predicate.
    """

    sql: str
    parameters: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Released:
    """Bytes that may leave: for whom, under which grant, and their position in the ledger of disclosures."""

    body: bytes
    recipient: str
    grant: str
    ledger: int | None = None
