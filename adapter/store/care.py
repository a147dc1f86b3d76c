"""In whose care patients are, as the writer's connection has it before a piece of work is written."""

from __future__ import annotations

from collections.abc import Collection

import orjson

from adapter.released import Predicate
from adapter.store.statements import statement
from adapter.store.transaction import Transaction


def cared(transaction: Transaction, predicate: Predicate, patients: Collection[str]) -> frozenset[str]:
    """Those of the patients who are in the reader's care now; all, for a reader to whom that makes no difference."""
    if not predicate.care or not patients:
        return frozenset(patients)
    sql = statement("cared").replace("{care}", predicate.care)
    values = {**predicate.parameters, "patients": orjson.dumps(sorted(patients)).decode()}
    return frozenset(patient for (patient,) in transaction.database.execute(sql, values))


def holds(transaction: Transaction, person: str, role: str) -> bool:
    """Whether a person is who stands for a PractitionerRole, now or at another time."""
    values = {"person": person, "role": role}
    return transaction.database.execute(statement("holder"), values).fetchone() is not None
