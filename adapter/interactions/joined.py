"""Patients that were joined: what names one of them is about the other, and the joined records are not changed apart.

Who says that two records are one person is the floor above (`identity`); here it is kept true whatever is written
later, by whatever door. https://hl7.org/fhir/R4/patient-definitions.html#Patient.link
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from adapter.fhir.references import split
from adapter.interactions.draft import Entry
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.store.joined import Joined
from adapter.store.transaction import Transaction

Resource = dict[str, Any]
KEPT = frozenset({"Patient", "AuditEvent"})
"""Types that go on naming a Patient who was joined: in links, and in what happened to his records."""
_JOINED, _LINKED = b'"replaced-by"', b'"replace'
_ID = r"[A-Za-z0-9\-.]{1,64}"


def names_after(program: Program, transaction: Transaction, type: str, literals: frozenset[bytes]) -> dict[str, str]:
    """For each Patient that these references name and that was joined, whom they should name.

    Only those Patients are looked at whom the checks of references look at too: hardly ever is the database asked.
    """
    found: dict[str, str] = {}
    for literal in literals if type not in KEPT else ():
        if b"Patient/" in literal:
            here = split(literal.decode().removeprefix(program.base_url + "/"))
            stored = transaction.current(*here) if here and here[0] == "Patient" else None
            if stored and _JOINED in stored.body and (into := Joined(transaction.database).survivor(stored.id)):
                found[stored.id] = into
    return found


def repointed(resource: Resource, ids: Mapping[str, str], base: str, type: str = "Patient") -> Resource:
    """The resource with every reference to these records of a type, and every address of theirs, naming the other.

    What a Bundle carries are copies, and what is said in words is its author's: neither is changed.
    """
    address = re.compile(rf"((?:{re.escape(base)}/)?{type}/)({_ID})(?:/_history/{_ID})?")
    swap = partial(_swapped, ids)
    kept = {"entry"} if resource["resourceType"] == "Bundle" else set()
    return {name: said if name in kept else _walked(name, said, address, swap) for name, said in resource.items()}


def _swapped(ids: Mapping[str, str], found: re.Match[str]) -> str:
    """An older version of one record is none of the other."""
    return f"{found[1]}{ids[found[2]]}" if found[2] in ids else found[0]


def _walked(name: str, said: Any, address: re.Pattern[str], swap: Callable[[re.Match[str]], str]) -> Any:
    if isinstance(said, dict):
        return {inner: _walked(inner, value, address, swap) for inner, value in said.items()}
    if isinstance(said, list):
        return [_walked(name, value, address, swap) for value in said]
    if isinstance(said, str):
        if name == "div":
            return re.sub(rf"(?<=[\"'/]){address.pattern}(?=[\"'#?])", swap, said)
        return swap(found) if (found := address.fullmatch(said)) else said
    return said


def check_joined(transaction: Transaction, entry: Entry) -> None:
    """409 for a change of a Patient who was joined into another, and for a deletion of that other.

    422 for taking away the link that says so: to undo the joining is more than that.
    """
    stored = entry.stored
    if entry.type != "Patient" or stored is None or not entry.changed or _LINKED not in stored.body:
        return
    joined = Joined(transaction.database)
    if joined.into(entry.id):
        why = "this record was joined into another (Patient.link): change that one, or undo the joining"
        raise Problem(Kind.CONFLICT, why, "Patient.link", code="business-rule")
    losers = joined.losers(entry.id)
    if losers and entry.after is None:
        why = "another record was joined into this one: undo that before"
        raise Problem(Kind.CONFLICT, why, "Patient.link", code="business-rule")
    said = {link["other"].get("reference") for link in (entry.after or {}).get("link", ()) if "other" in link}
    if not said.issuperset(f"Patient/{loser}" for loser in losers):
        why = "the link to a record that was joined into this one stays as long as it is joined"
        raise Problem(Kind.UNPROCESSABLE, why, "Patient.link", code="business-rule")
