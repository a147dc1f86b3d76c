"""The way out of the house: the only maker of `Released`, which is all that any writer of an answer accepts.

Law: what is about a person leaves by `release`, with the predicate that its query was narrowed by; what the program
says about itself (capabilities, errors, the description of its API) leaves by `publish`, and names no person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapter.released import Counted, Predicate, Released, Shown

PUBLISHED = "published"


def release(predicate: Predicate, body: bytes, shown: Sequence[Shown], counted: Sequence[Counted] = ()) -> Released:
    """Person data found under `predicate` may leave for that predicate's recipient; `shown` is all that it shows, and
    `counted` what it only counts. A body may be empty, and tell of a record by its status."""
    said = predicate.parameters
    return Released(body, str(said["c_recipient"]), str(said["c_grant"]), shown, counted)


def publish(statement: bytes) -> Released:
    """A statement of the program about itself may leave for anyone; never pass it a record or part of one."""
    return Released(statement, "anyone", PUBLISHED)


def recorded(released: Released, position: int) -> Released:
    """The same, which is in the ledger of disclosures already, at this position."""
    shown, counted = released.shown, released.counted
    return Released(released.body, released.recipient, released.grant, shown, counted, position)


def is_published(released: Released) -> bool:
    """Whether it is a statement of the program about itself."""
    return released.grant == PUBLISHED


def reprint(released: Released, printed: Callable[[bytes], bytes]) -> Released:
    """The same content, for the same recipient, laid out otherwise (`_pretty`)."""
    shown, counted = released.shown, released.counted
    return Released(printed(released.body), released.recipient, released.grant, shown, counted, released.ledger)
