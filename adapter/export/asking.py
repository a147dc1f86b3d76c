"""`$export`: bulk data is asked for, by a payer of its roster, by the program's own clients of rosters and of all.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from adapter.callers import Caller
from adapter.consent.gate import publish
from adapter.export.choosing import ELEMENTS, FILTER, elements_asked, filters_asked
from adapter.fhir.dates import Calendar, milliseconds
from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation, Parameter
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.query import Query
from adapter.fhir.references import split
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.interactions.search import Pairs, address
from adapter.interactions.types import served
from adapter.problems import Issue, Kind, Problem, named
from adapter.released import Predicate
from adapter.store.exports import Export, Exports

HOUR_MS = 3_600_000
AT_ONCE, MOST = 2, 100
"""Exports of one client that are under way, and that are kept."""
APART_MS = 60_000
"""How far the clocks of two servers of one program may be apart."""
FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")
UNHEARD = ("includeAssociatedData", "organizeOutputBy", "allowPartialManifests")
"""What the guide has and is not done here."""
NEVER = frozenset({"Group", "AuditEvent", "Provenance", "Subscription"})
"""Types that are made of other rows, or kept apart: no file has them."""
_TAKES = (
    Parameter(
        "_type", "string", "Types of the files, with commas between; else all that the client may see.", many=True
    ),
    Parameter("_since", "instant", "What was written since then, and what could not be seen then; not in the future."),
    Parameter("_until", "instant", "What was written before then."),
    Parameter(
        "_typeFilter",
        "string",
        "Searches, TYPE?PARAMETER=VALUE, with commas between: of the type what matches one.",
        many=True,
    ),
    Parameter(
        "_elements", "string", "Elements that the lines have, NAME or TYPE.NAME, with commas between.", many=True
    ),
    Parameter("_outputFormat", "string", "application/fhir+ndjson, which all files are."),
    Parameter("patient", "Reference", "Only of these patients; who is none of them is passed over.", many=True),
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_URL = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/"
GROUP = Operation("export", f"{_URL}group-export", "All records of the members of a roster", _TAKES, (), clients=True)
PATIENT = Operation("export", f"{_URL}patient-export", "All records of all patients", _TAKES, (), clients=True)


@dataclass(frozen=True, slots=True)
class Kickoff:
    """A request for bulk data: by whom, of what (`Group/ID` or `Patient`), and by which scopes."""

    caller: Caller
    place: str
    scopes: str
    given: Inputs
    pairs: Pairs
    passed_over: tuple[str, ...] = ()


def passing_over(pairs: Pairs, *, lenient: bool) -> tuple[Pairs, tuple[str, ...]]:
    """The parameters without those that are not done here, and the names of these, for whoever may have it so."""
    over = tuple(dict.fromkeys(name for name, _ in pairs if name in UNHEARD)) if lenient else ()
    return [pair for pair in pairs if pair[0] not in over], over


class Checks(NamedTuple):
    """What raises Problem(FORBIDDEN) for what a client may not ask, whoever it is about."""

    read: Callable[[list[str]], None]
    search: Callable[[Query], None]


async def begin(program: Program, predicate: Predicate, asked: Kickoff, checks: Checks) -> Answer:
    """202 with the address where it is told how the export goes on.

    Problem(INVALID) for what is not heard, Problem(FORBIDDEN) for a type that the client may not read or search,
    Problem(THROTTLED) for too many at a time.
    """
    said = await asyncio.to_thread(_said, program, predicate, asked, checks)
    who = (asked.scopes, asked.caller.purpose.value, asked.caller.user)
    life = program.settings.export_hours * HOUR_MS
    made = Export(program.new_id(), asked.caller.client, asked.place, dump(said).decode(), *who, 0, 0, life)
    work = program.store.write(lambda t: Exports(t.database).add(t, made, AT_ONCE, MOST))
    one = await asyncio.wrap_future(work)
    issues = [Issue("informational", "the export is under way", severity="information")]
    issues += [Issue("not-supported", f"{name} was left out", name, severity="warning") for name in asked.passed_over]
    place = address_of(program, one)
    body = publish(dump(operation_outcome(issues)))
    return Answer(202, body, told=True, headers=(("content-location", place),))


def address_of(program: Program, one: Export) -> str:
    """Where it is told how an export goes on."""
    return f"{program.base_url}/{one.place.partition('/')[0]}/$export/{one.id}"


def _said(program: Program, predicate: Predicate, asked: Kickoff, checks: Checks) -> dict[str, Any]:
    given = asked.given
    if given.one("_outputFormat") not in (None, *FORMATS):
        raise Problem(Kind.INVALID, f"the formats are {', '.join(FORMATS)}", "_outputFormat", code="value")
    types = _types(program, predicate, given.all("_type"), checks.read)
    since, until = _since(program, given), _moment(program, given, "_until")
    if since is not None and until is not None and until <= since:
        raise Problem(Kind.INVALID, "_until is not after _since", "_until", code="value")
    return {
        "url": address(program, f"{asked.place}/$export", asked.pairs),
        "types": types,
        "filters": filters_asked(program, predicate, given.all(FILTER), types, checks.search),
        "elements": elements_asked(program, given.all(ELEMENTS), types),
        "since": since,
        "until": until,
        "patients": _patients(program, given.all("patient")) if "patient" in given else None,
    }


def _types(
    program: Program, predicate: Predicate, said: Iterable[str], check: Callable[[list[str]], None]
) -> list[str]:
    """Those that are named, or all that the client can see anything of."""
    wanted = [type for part in said for type in part.split(",")]
    for type in wanted:
        if type not in served(program) or type in NEVER:
            raise Problem(Kind.INVALID, f"no file has the type {named(type)}", "_type", code="not-supported")
        check([type])
    seen = str(predicate.parameters["c_types"]).split()
    if not set(seen) - NEVER:
        check(["Patient"])
    return sorted(set(wanted) or set(seen) - NEVER)


def _since(program: Program, given: Inputs) -> int | None:
    """One that has been, by whichever server's clock: of what is to come nothing could be found."""
    since = _moment(program, given, "_since")
    if since is not None and since > milliseconds(program.clock()) + APART_MS:
        raise Problem(Kind.INVALID, "_since is in the future", "_since", code="value")
    return since


def _moment(program: Program, given: Inputs, name: str) -> int | None:
    """An instant, in ms since 1970: https://hl7.org/fhir/R4/datatypes.html#instant."""
    text = given.one(name)
    if text is None:
        return None
    try:
        if not _INSTANT.fullmatch(text):
            raise ValueError
        return Calendar(program.zone).interval(text)[0]
    except (ValueError, OverflowError):
        why = f"{name} is no instant: date, time with seconds, and time zone"
        raise Problem(Kind.INVALID, why, name, code="value") from None


def _patients(program: Program, said: Iterable[dict[str, Any]]) -> list[str]:
    found = []
    for one in said:
        text = str(one.get("reference", "")).removeprefix(f"{program.base_url}/")
        target = split(text)
        if target is None or target[0] != "Patient":
            raise Problem(Kind.INVALID, "patient is a reference to a Patient of this server", "patient", code="value")
        found.append(target[1])
    return sorted(set(found))
