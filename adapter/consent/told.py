"""What an answer tells of each patient and under which consent, as the ledger has it: 42 CFR 2.25, 45 CFR 164.528."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.problems import Kind, Problem
from adapter.released import Counted, Predicate, Shown
from adapter.store.disclosure import Shown as Told
from adapter.store.store import Store


def told(store: Store, predicate: Predicate, shown: Sequence[Shown], since: int | None) -> dict[str, list[Told]]:
    """What is shown of each patient, by the consent it is shown under; "" where it is by none.

    `since` is the store's `stamp` from before it was found. Problem(BUSY) when a consent has just been taken back.
    """
    grounds = store.grounds(predicate, shown, since)
    # Which side of a record was shown, where it was not the record itself: its versions are others.
    side = f" (rendering {predicate.rendering})" if predicate.rendering else ""
    listed: dict[str, dict[str, list[str]]] = {}
    for version in shown:
        line = f"{version.type}/{version.id}/{version.version}{side}"
        for patient in version.patients.split():
            ground = grounds.get((patient, version.vid), "")
            if predicate.ground and not ground:
                raise Problem(Kind.BUSY, "what was found may not be seen any more; ask again")
            listed.setdefault(ground, {}).setdefault(patient, []).append(line)
    made = {ground: [Told(*of) for of in patients.items()] for ground, patients in listed.items()}
    return made or {"": []}


def count(found: dict[str, list[Told]], counted: Sequence[Counted]) -> None:
    """Add those of whom records were counted, and not shown under the same ground."""
    for one in counted:
        listed = found.setdefault(one.ground, [])
        line = f"{one.number} {one.type} counted"
        known = next((n for n, of in enumerate(listed) if of.patient == one.patient), None)
        if known is None:
            listed.append(Told(one.patient, [line]))
        else:
            listed[known] = Told(one.patient, [*listed[known].resources, line])
    if len(found) > 1 and not found.get("", True):
        del found[""]
