"""Labels that were taken back and come again: what merely repeats them is left out, what says them anew is heard.

A sender says a label anew who knows that the record has it no more: whose change is made of the record as it is (a
patch, or If-Match with its version), or who has since sent the record without it. All else is what was read or kept
from before. 42 CFR 2.12(d): in doubt the label counts, and a copy of what was withdrawn is no doubt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from adapter.consent.security import without_ours
from adapter.fhir.said_labels import said, without
from adapter.interactions.draft import Entry
from adapter.released import Asker, Predicate
from adapter.store.taken_back import Taken, repeat, sent_without, taken_back
from adapter.store.transaction import Transaction
from adapter.store.version import Version

if TYPE_CHECKING:
    from adapter.interactions.changes import Change

_LABELS = b'"security'
"""What stands in every text with labels."""


def heard(transaction: Transaction, entry: Entry, change: Change, predicate: Predicate | None, by: Asker) -> Change:
    """The change without the labels that it merely repeats; `entry.left_out` is what these were."""
    admitted = change.admitted
    if entry.stored is None or admitted is None or _LABELS not in admitted.text or change.meant:
        return change
    record = (entry.type, entry.id)
    taken = {one.label: one for one in taken_back(transaction.database, *record)}
    again = [taken[label] for label in said(admitted.resource) if label in taken] if taken else []
    standing = said(entry.before or {})
    new = [one for one in again if one.label not in standing]
    left = {one.label for one in new if not _is_meant(transaction, entry, change, one, by)}
    if not left:
        return change
    entry.left_out = frozenset(left)
    rest = without(admitted.resource, left)
    resource = without_ours(predicate, entry.stored, rest) if predicate else rest
    return replace(change, resource=resource, admitted=None)


def _is_meant(transaction: Transaction, entry: Entry, change: Change, taken: Taken, by: Asker) -> bool:
    """Whether the sender knows that the record does not say it any more."""
    if change.if_match is not None:
        return True
    return sent_without(transaction.database, (entry.type, entry.id), taken, by.client, by.kind)


def note_repeated(transaction: Transaction, written: Iterable[tuple[Entry, Version]], by: Asker) -> None:
    """Write down what was left out of these."""
    for entry, version in written:
        if entry.left_out:
            record, at_ms = (entry.type, entry.id), transaction.position().now_ms
            repeat(transaction.database, record, version.vid, entry.left_out, by.client, by.kind, at_ms)
