"""A disclosure, as the ledger has it: what left, for whom, of whom, and what allowed it.

42 CFR 2.25 (accounting), 2.24 (intermediaries) and 2.16(b) (breach) ask for it; 45 CFR 164.528(b)(2) says what of it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from adapter.callers import Caller
from adapter.store.database import Row

INSIDE = ("internal", "qsoa")
"""Grounds of what stays within the program and its service organizations, 42 CFR 2.12(c)(3) and (4): no disclosure that
a patient is owed an account of."""


class Shown(NamedTuple):
    """What an answer tells of one patient: each resource as `Type/id/version`. `ground` is the patient's own consent,
    where several are told of under several."""

    patient: str
    resources: Sequence[str]
    ground: str | None = None


class Disclosure(NamedTuple):
    """One answer that leaves.

    `ground` is what allows it: the id of a consent, or a word such as those of `INSIDE`. `notice` is the version of the
    statement that goes with it (42 CFR 2.32), `interaction` FHIR's name (`read`, `search-type`), `request` the
    request's id, `query` what was asked as it came, `network` the address that it came from. `shown` has each patient
    once; none for an answer that tells of no patient.
    """

    caller: Caller
    ground: str
    interaction: str
    shown: Sequence[Shown] = ()
    notice: str | None = None
    request: str | None = None
    query: bytes | None = None
    network: str | None = None


class Entry(NamedTuple):
    """The rows of a disclosure that has no position yet: all but `n` and `at_ms`, and all but `n`."""

    told: Row
    shown: tuple[Row, ...]


def entry(disclosure: Disclosure) -> Entry:
    """The rows of a disclosure; ValueError for a patient named twice."""
    query, request = disclosure.query, disclosure.request
    told = (
        *_asker(disclosure.caller),
        storable(disclosure.ground),
        disclosure.notice,
        storable(disclosure.interaction),
        request and storable(request),
        None if query is None else b64encode(query).decode(),
        disclosure.network and storable(disclosure.network),
    )
    shown = [_shown(one, disclosure.ground) for one in disclosure.shown]
    if len(shown) > 1:
        if len({patient for patient, *_ in shown}) != len(shown):
            raise ValueError("a patient is named twice in one disclosure")
        shown.sort()
    return Entry(told, tuple(shown))


@lru_cache(1_024)
def _asker(caller: Caller) -> Row:
    """Who got it, and what for."""
    said = (caller.client, caller.kind.value, caller.organization, caller.user, caller.token, caller.purpose.value)
    return tuple(None if text is None else storable(text) for text in said)


def _shown(one: Shown, ground: str) -> Row:
    listed = storable("\n".join(one.resources))
    return storable(one.patient), storable(one.ground or ground), len(one.resources), list_digest(listed), listed


def list_digest(listed: str) -> str:
    """The digest of a list as it is kept; the chain holds it and not the list."""
    return blake2b(listed.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def storable(text: str) -> str:
    """A text that any database takes: what a client sends must not keep the rows of others from being written."""
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode()
    return text.replace("\0", "\\0")
