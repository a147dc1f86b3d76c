"""Whether whom a privacy officer names is known: an empty account would say the same of a slip of the pen."""

from __future__ import annotations

from collections.abc import Mapping

from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.rules import END
from adapter.store.clients import Clients
from adapter.store.database import Database
from adapter.store.pages import pages
from adapter.store.reports import Suspects, Told
from adapter.store.statements import narrowed, statement

_RECORDS: Mapping[str, str] = {"patient": "Patient", "practitioner": "Practitioner", "consent": "Consent"}
_TOLD: Mapping[str, str] = {
    "patient": "told_of_patient",
    "client": "told_to_client",
    "practitioner": "told_to_practitioner",
    "token": "told_by_token",
}


def check_known(
    store: Database, ledger: Database, predicate: Predicate, suspects: Suspects, consent: str | None = None
) -> None:
    """Problem(NOT_FOUND) naming what neither the store nor the ledger knows, or ever knew; what is None is not asked.

    A consent that is in the store no more is looked for in what was told of the patient of `suspects`.
    """
    for what, id in {**suspects._asdict(), "consent": consent}.items():
        if id is None or _is_stored(store, predicate, what, id):
            continue
        known = _has_allowed(ledger, suspects.patient, id) if what == "consent" else _is_told(ledger, what, id)
        if not known:
            raise Problem(Kind.NOT_FOUND, f"there is no such {what}, and never was", what)


def _is_stored(store: Database, predicate: Predicate, what: str, id: str) -> bool:
    if what == "client":
        return Clients(store).named(id, 0) is not None
    if what == "token":
        return store.execute(statement("token_seen"), {"token": id}).fetchone() is not None
    values = {**predicate.parameters, "type": _RECORDS[what], "id": id}
    return store.execute(narrowed("read", predicate), values).fetchone() is not None


def _is_told(ledger: Database, what: str, id: str) -> bool:
    if next(pages(ledger, _TOLD[what], {"n": 0}, until=END, **{what: id}), None) is not None:
        return True
    return what == "token" and ledger.execute(statement("token_refused"), (id,)).fetchone() is not None


def _has_allowed(ledger: Database, patient: str | None, consent: str) -> bool:
    if patient is None:
        return False
    rows = pages(ledger, "told_of_patient", {"n": 0}, until=END, patient=patient)
    return any(Told(*row).ground == consent for row in rows)
