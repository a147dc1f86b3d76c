"""On which ground each patient's part in what was found is shown: a consent, an emergency, or none that is needed.

The ledger of disclosures has it beside what was shown: 42 CFR 2.25, 45 CFR 164.528(b)(2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from adapter.released import Predicate, Shown
from adapter.store.database import Database
from adapter.store.statements import statement
from adapter.store.version import Version

Grounds = dict[tuple[str, int], str]
"""By the patient and the number of the version."""


def grounds(database: Database, predicate: Predicate, shown: Sequence[Shown], *, same: bool) -> Grounds:
    """Those of versions that the predicate has let through, now; none for what may not be seen any more.

    `same`: nothing has been written since they were let through. Then what was found with a version holds, and where
    there is one ground alone on which anything of a patient may be shown, it is that of all that needs one.
    """
    if not same:
        return _each(database, predicate, [one.vid for one in shown])
    found = {(one.patients, one.vid): one.ground for one in shown if isinstance(one, Version) and one.ground}
    whose = {one.patients for one in shown if (one.patients, one.vid) not in found and _needs_one(predicate, one)}
    alone = _alone(database, predicate, whose)
    found |= {(one.patients, one.vid): alone[one.patients] for one in shown if one.patients in alone}
    return found | _each(database, predicate, [one.vid for one in shown if (one.patients, one.vid) not in found])


def found_with(shown: Sequence[Shown]) -> Grounds | None:
    """Those that were found with the versions, where all were: nobody needs to be asked while nothing is written."""
    found = {}
    for one in shown:
        if not isinstance(one, Version) or not one.ground:
            return None
        found[one.patients, one.vid] = one.ground
    return found


def _needs_one(predicate: Predicate, one: Shown) -> bool:
    """Whether it is about one patient and by its own labels not free of consent."""
    if not one.patients or " " in one.patients or not isinstance(one, Version):
        return False
    return bool(one.own & ~int(predicate.parameters.get("c_free", 0)))


def _alone(database: Database, predicate: Predicate, patients: set[str]) -> Mapping[str, str]:
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
