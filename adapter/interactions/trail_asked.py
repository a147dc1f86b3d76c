"""What a search of AuditEvents asks for. https://hl7.org/fhir/R4/auditevent.html#search"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from adapter.fhir.dates import BEGINNING, FOREVER
from adapter.fhir.parameters import PAGE
from adapter.fhir.references import split
from adapter.interactions.audit_events import OUTCOMES, TYPES
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs
from adapter.problems import Kind, Problem, named

Resource = dict[str, Any]
EVENTS = {
    "patient": "reference",
    "date": "date",
    "agent": "reference",
    "entity": "reference",
    "type": "token",
    "outcome": "token",
}
"""What AuditEvents are searched by here."""
MADE: Mapping[str, Mapping[str, str]] = {"AuditEvent": EVENTS, "Provenance": {"target": "reference"}}
"""The types that are made of rows, and their search parameters."""
POSITIONS = ("act", "vid", "told", "batch", "refused")
"""Where a page begins: behind which act, version, disclosure, and refusal of which batch."""
_PREFIXES: Mapping[str, tuple[bool, bool]] = {
    "eq": (True, True),
    "ge": (True, False),
    "gt": (True, False),
    "lt": (False, True),
    "le": (False, True),
}
"""Whether a prefix bounds below, and above."""


class Sought(NamedTuple):
    """What a search asks for: times in ms, `agent` and `entity` as (type, id), the last two by codes."""

    after: Mapping[str, int]
    patient: str | None = None
    since: int = BEGINNING
    until: int = FOREVER
    agent: tuple[str, str] | None = None
    entity: tuple[str, str] | None = None
    types: frozenset[str] = frozenset(TYPES)
    outcomes: frozenset[str] = frozenset(OUTCOMES)

    def may(self, type: str, *outcomes: str) -> bool:
        """Whether events of a type with one of these outcomes are asked for."""
        return type in self.types and not self.outcomes.isdisjoint(outcomes)


def sought_by(program: Program, pairs: Pairs, after: list[int]) -> Sought:
    """Problem(INVALID) for a parameter that is not among EVENTS, or is there twice, or for a value that is none of it:
    to find nothing would say that nobody did anything."""
    said: dict[str, Any] = {}
    names = [name for name, _ in pairs]
    for name, value in pairs:
        if name in ("_count", PAGE):
            continue
        if name not in EVENTS or (name != "date" and names.count(name) > 1):
            why = f"AuditEvents are searched by {', '.join(EVENTS)}, each once (date: twice)"
            raise Problem(Kind.INVALID, why, named(name), code="not-supported")
        said |= _READ[name](program, name, value, said)
    return Sought(dict(zip(POSITIONS, after, strict=True)), **said)


def _patient(program: Program, name: str, value: str, said: Resource) -> Resource:
    found = _split(program, value if "/" in value else f"Patient/{value}")
    if found is None or found[0] != "Patient":
        raise Problem(Kind.INVALID, "patient is an id, or Patient/id", name, code="value")
    return {name: found[1]}


def _reference(program: Program, name: str, value: str, said: Resource) -> Resource:
    found = _split(program, value)
    if found is None or (name == "agent" and found[0] not in ("Practitioner", "Organization")):
        who = "Practitioner/id or Organization/id" if name == "agent" else "Type/id"
        raise Problem(Kind.INVALID, f"{name} is {who}", name, code="value")
    return {name: found}


def _split(program: Program, reference: str) -> tuple[str, str] | None:
    """(type, id) of what is here, by its relative or its whole address."""
    return split(reference.removeprefix(f"{program.base_url}/"))


def _date(program: Program, name: str, value: str, said: Resource) -> Resource:
    prefix = value[:2] if value[:2].isalpha() else "eq"
    try:
        low, high = program.store.index.calendar.asked(value.removeprefix(prefix))
        bounds = _PREFIXES[prefix]
    except (ValueError, KeyError):
        why = "date is a time such as ge2026-03-01 or lt2026-03-02T17:00:00Z"
        raise Problem(Kind.INVALID, why, name, code="value") from None
    made = {"since": high if prefix == "gt" else low} if bounds[0] else {}
    if bounds[1]:
        made["until"] = low if prefix == "lt" else high
    return {
        "since": max(made.get("since", BEGINNING), said.get("since", BEGINNING)),
        "until": min(made.get("until", FOREVER), said.get("until", FOREVER)),
    }


def _codes(program: Program, name: str, value: str, said: Resource) -> Resource:
    """One code or several, each with its system or without, or a system alone."""
    known, found = (TYPES if name == "type" else OUTCOMES), set[str]()
    for one in value.split(","):
        system, bar, code = one.rpartition("|")
        meant = {has for has, of in known.items() if code in (has, "" if bar else has) and (not bar or system == of)}
        if not meant:
            why = f"{name} is one of {', '.join(known)}, or several with commas, each with its system or without"
            raise Problem(Kind.INVALID, why, name, code="value")
        found |= meant
    return {f"{name}s": frozenset(found)}


_READ: Mapping[str, Callable[[Program, str, str, Resource], Resource]] = {
    "patient": _patient,
    "date": _date,
    "agent": _reference,
    "entity": _reference,
    "type": _codes,
    "outcome": _codes,
}
