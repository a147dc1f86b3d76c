"""What goes to somebody outside by the program's own doing, as the ledger has it: of a consent that its scope was told.

42 CFR 2.25, 2.32(b).
"""

from __future__ import annotations

from collections.abc import Sequence

from adapter.consent.told import count, told
from adapter.released import Counted, Predicate, Shown
from adapter.store.disclosure import Shown as Told
from adapter.store.store import Store

CONSENT = "Consent"


def accounted(store: Store, predicate: Predicate, shown: Sequence[Shown]) -> dict[str, list[Told]]:
    """What is told of each patient, by its ground; a consent tells of its scope on its own ground.

    Problem(BUSY) when a consent has just been taken back.
    """
    found = told(store, predicate, [one for one in shown if one.type != CONSENT], None)
    count(found, [Counted(one.patients, one.id, CONSENT, 1) for one in shown if one.type == CONSENT])
    return found
