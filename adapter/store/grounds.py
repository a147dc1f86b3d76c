"""On which ground each patient's part in what was found is shown: a consent, an emergency, or none that is needed.

The ledger of disclosures has it beside what was shown: 42 CFR 2.25, 45 CFR 164.528(b)(2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import repeat

import orjson

from adapter.released import Predicate, Shown
from adapter.store.database import Database
from adapter.store.statements import statement
from adapter.store.version import Line, Version

Grounds = dict[tuple[str, int], str]
"""By the patient and the number of the version."""

_READ = (Version, Line)


def grounds(database: Database, predicate: Predicate, shown: Sequence[Shown], *, same: bool) -> Grounds:
    """Those of versions that the predicate has let through, now; none for what may not be seen any more.

    `same`: nothing has been written since they were let through. Then what was found with a version holds, and where
    there is one ground alone on which anything of a patient may be shown, it is that of all that is about him alone and
    by its own labels needs one.
    """
    if not same:
        return _each(database, predicate, [one.vid for one in shown])
    found: Grounds = {}
    needing: dict[str, list[int]] = defaultdict(list)
    others = []
    free = int(predicate.parameters.get("c_free", 0))
    for one in shown:
        if not isinstance(one, _READ):
            others.append(one.vid)
        elif one.ground:
            found[one.patients, one.vid] = one.ground
        elif one.own & ~free and one.patients and " " not in one.patients:
            needing[one.patients].append(one.vid)
        else:
            others.append(one.vid)
    alone = _alone(database, predicate, needing)
    for patient, vids in needing.items():
        if patient in alone:
            found.update(dict.fromkeys(zip(repeat(patient), vids, strict=False), alone[patient]))
        else:
            others += vids
    return found | _each(database, predicate, others)


def found_with(shown: Sequence[Shown]) -> Grounds | None:
    """Those that were found with the versions, where all were: nobody needs to be asked while nothing is written."""
    found = {}
    for one in shown:
        if not isinstance(one, _READ) or not one.ground:
            return None
        found[one.patients, one.vid] = one.ground
    return found


def _alone(database: Database, predicate: Predicate, patients: Collection[str]) -> Mapping[str, str]:
    """The only ground of those patients that have no more."""
    if not patients:
        return {}
    sql = statement("grounds_among").replace("{among}", predicate.among)
    said = {**predicate.parameters, "patients": orjson.dumps(sorted(patients)).decode()}
    return {patient: first for patient, first, last in database.execute(sql, said) if first and first == last}


def _each(database: Database, predicate: Predicate, vids: Sequence[int]) -> Grounds:
    """Those of each version by itself."""
    if not vids:
        return {}
    sql = statement("grounds").replace("{ground}", predicate.ground).replace("{still}", predicate.still)
    rows = database.execute(sql, {**predicate.parameters, "vids": orjson.dumps(vids).decode()}).fetchall()
    return {(patient, vid): ground for patient, vid, ground in rows if ground is not None}
