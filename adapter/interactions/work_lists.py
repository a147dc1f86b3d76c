"""What waits for a person: what a map could not read, what no map covers, references to records still to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from adapter.consent.gate import release
from adapter.fhir.json import dump
from adapter.fhir.page_links import seal, unseal
from adapter.interactions.answer import Answer
from adapter.interactions.native import native_link
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.store.version import Parked, Pending, Unmapped

Row = Parked | Unmapped | Pending
Read = Callable[[Program, Predicate, str | None, Any, int], Sequence[Row]]


def _parked(program: Program, predicate: Predicate, patient: str | None, after: Any, limit: int) -> Sequence[Row]:
    return program.store.parked(predicate, patient=patient, after=after and Parked(*after), limit=limit)


def _unmapped(program: Program, predicate: Predicate, patient: str | None, after: Any, limit: int) -> Sequence[Row]:
    return program.store.unmapped(predicate, patient=patient, after=after and Unmapped(*after), limit=limit)


def _pending(program: Program, predicate: Predicate, patient: str | None, after: Any, limit: int) -> Sequence[Row]:
    if patient is not None:
        raise Problem(Kind.INVALID, "this list is not kept by participant", "participant", code="not-supported")
    return program.store.pending(predicate, after=after and Pending(*after), limit=limit)


LISTS: Mapping[str, Read] = {"parked": _parked, "unmapped": _unmapped, "pending": _pending}
KNOWN = ("participant", "limit", "page")


def work_list(program: Program, predicate: Predicate, name: str, pairs: Sequence[tuple[str, str]]) -> Answer:
    """200 with `items` and, while there is more, the address of the `next` page; `name` is one of `LISTS`."""
    given = dict(pairs)
    limit = limit_of(program, given.get("limit"))
    patient, after = given.get("participant"), None
    if "page" in given:
        if "participant" in given:
            raise Problem(Kind.INVALID, "a page link keeps its participant; follow it as it is", "participant")
        patient, after = unseal(given["page"], program.link_key(predicate), name, "page")
    rows = LISTS[name](program, predicate, patient, after, limit + 1)
    body: dict[str, Any] = {"items": [_item(row) for row in rows[:limit]]}
    if len(rows) > limit:
        token = seal([patient, list(rows[limit - 1])], program.link_key(predicate), name)
        body["next"] = program.page_link(native_link(program, name), [("page", token), ("limit", str(limit))])
    return Answer(200, release(predicate, dump(body), [*dict.fromkeys(map(_named, rows[:limit]))]))


class Named(NamedTuple):
    """A record that a list names; of one that is not unmapped the version is not said (0)."""

    vid: int
    type: str
    id: str
    version: int
    patients: str


def _named(row: Row) -> Named:
    patient = "" if isinstance(row, Pending) else row.patient
    return Named(0, row.type, row.id, row.version if isinstance(row, Unmapped) else 0, patient)


def limit_of(program: Program, given: str | None) -> int:
    """How many items a page has; 400 for what is no number."""
    if given is None:
        return program.settings.page_size
    if not given.isascii() or not given.isdigit() or given.strip("0") == "":
        raise Problem(Kind.INVALID, "limit is a whole number from 1", "limit", code="value")
    return min(int(given.lstrip("0")[:9]), program.settings.page_limit)


def _item(row: Row) -> dict[str, Any]:
    """A row in the words of the list; what is not said is left out."""
    words = {"patient": "participant", "since": "since_ms", "updated_ms": "updated_ms"}
    return {words.get(name, name): value for name, value in row._asdict().items() if value not in (None, "")}
