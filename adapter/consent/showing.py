"""Of which kinds of records there can be anything for a reader to see: what is counted of none of them is no nought."""

from __future__ import annotations

from adapter.released import Predicate


def may_show(predicate: Predicate, type: str, concept: str) -> bool:
    """Whether a reader could see a record of a type that a concept claims, if there were one, whoever it is about."""
    said = predicate.parameters
    if not _among(said.get("c_types"), type):
        return False
    return "c_all" not in said or _among(said["c_all"], concept) or _among(said["c_assigned"], concept)


def _among(words: str | int | None, word: str) -> bool:
    """Whether a word is in a list that has blanks around each; where there is none, all are."""
    return words is None or f" {word} " in str(words)
