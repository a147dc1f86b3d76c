"""What of an authorization is used and left: computed from the services that were delivered, in the commit of each.

R4: https://hl7.org/fhir/R4/claimresponse.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from adapter.fhir.dates import BEGINNING, FOREVER
from adapter.interactions.changes import Change
from adapter.interactions.consequences import Consequence, Reader
from adapter.mapping.facts import number, objects
from adapter.mapping.load import Maps
from adapter.mapping.times import minutes_of
from adapter.utilization.allocation import UNITS, Line, Service, allocate, amount, is_in_force
from adapter.utilization.days import PROCEDURE, SERVICE
from adapter.utilization.sessions import Sessions, record_of

Resource = dict[str, Any]
CLAIM_RESPONSE, AUTHORIZATION = "ClaimResponse", "authorization"
_USE = ("used", "left")


class Use:
    """The consequences; what was looked at for one commit is known again: a large import changes many days."""

    def __init__(self, maps: Maps, sessions: Sessions) -> None:
        self._maps, self._sessions = maps, sessions
        self._known: WeakKeyDictionary[Reader, dict[str, Resource]] = WeakKeyDictionary()

    def consequences(self) -> tuple[Consequence, ...]:
        """What `app` registers."""
        watched = frozenset({PROCEDURE, CLAIM_RESPONSE})
        return (Consequence("use of authorizations", watched, self._follow),)

    def _follow(self, before: Resource | None, after: Resource | None, reader: Reader) -> Iterator[Change]:
        named = "subject" if (after or before or {}).get("resourceType") == PROCEDURE else "patient"
        said = {str(one.get(named, {}).get("reference", "")) for one in (before, after) if one is not None}
        if after is not None and len(said) == 1 and self._known.get(reader, {}).get(after["id"]) is after:
            return
        for participant in sorted(text.removeprefix("Patient/") for text in said if text.startswith("Patient/")):
            yield from self._used(participant, reader)

    def _used(self, participant: str, reader: Reader) -> Iterator[Change]:
        held = [*self._authorizations(participant, reader)]
        if not held:
            return
        lines = [line for record, _ in held for line in self._lines(record)]
        allocate(lines, self._services(participant, lines, reader))
        for record, resource in held:
            due = _with_use(record, [line for line in lines if line.authorization == record["id"]])
            changed = self._maps.concepts[AUTHORIZATION].to_fhir(due, resource, park=True)
            self._know(reader, changed)
            if changed is not resource:
                yield Change("update", CLAIM_RESPONSE, record["id"], changed)

    def _know(self, reader: Reader, resource: Resource) -> None:
        """It is taken account of as it is."""
        self._known.setdefault(reader, {})[resource["id"]] = resource

    def _authorizations(self, participant: str, reader: Reader) -> Iterator[tuple[Resource, Resource]]:
        """(record, resource) of all of a participant, those of no effect too."""
        for id in sorted(reader.pointing(CLAIM_RESPONSE, "patient", [("Patient", participant)])):
            resource = reader.current(CLAIM_RESPONSE, id)
            record = record_of(self._maps, AUTHORIZATION, resource)
            if resource and record:
                yield record | {"id": id}, resource

    def _lines(self, record: Resource) -> Iterator[Line]:
        """What is approved; nothing of one that is parked, or not in force."""
        if not is_in_force(record) or "incomplete" in record:
            return
        whole = self._sessions.period(record)
        for _, service in objects(record, "services"):
            approved = service.get("amount") or {}
            unit = "" if "unit_text" in approved else str(approved.get("unit", "units"))
            if "service" in service and unit in UNITS:
                own = service.get("period", {})
                within = self._sessions.period({"starts_on": own["start"]} if "start" in own else {})
                ends = self._sessions.period({"ends_on": own["end"]} if "end" in own else {})
                begins, until = max(whole[0], within[0]), min(whole[1], ends[1])
                code, most = repr(service["service"]), amount(approved.get("value"))
                yield Line(record["id"], service["number"], code, unit, most, (begins, until))

    def _services(self, participant: str, lines: Sequence[Line], reader: Reader) -> Iterator[Service]:
        """What was delivered in the time of the lines."""
        if not lines:
            return
        within = min(line.within[0] for line in lines), max(line.within[1] for line in lines)
        within = max(within[0], BEGINNING), min(within[1], FOREVER)
        ids = reader.pointing(PROCEDURE, "patient", [("Patient", participant)], within)
        resources = [resource for id in ids if (resource := reader.current(PROCEDURE, id))]
        for resource in resources:
            self._know(reader, resource)
        found = (record_of(self._maps, SERVICE, one) | {"id": one["id"]} for one in resources)
        for record in found:
            if _is_delivered(record) and (day := self._day(record)):
                code, named = repr(record.get("service")), record.get("authorization", "")
                amounts = (_units(record), _visits(record), _minutes(record))
                yield Service(record["id"], day, self._sessions.interval(day)[0], code, named, *amounts)

    def _day(self, record: Resource) -> str:
        said = record.get("day") or record.get("period", {}).get("start", "")
        return self._sessions.begins(said) if len(said) >= len("2026-01-01") else ""


def _is_delivered(record: Resource) -> bool:
    """Whether a service counts: it was delivered, is not parked, and attendance does not say that it was none."""
    said = record.get("status") == "completed" and "incomplete" not in record
    return said and number(record.get("units_counted")) != 0


def _units(record: Resource) -> Decimal:
    said = amount(record.get("units", record.get("units_counted")))
    return Decimal(1) if said is None else said


def _visits(record: Resource) -> int:
    return max(1, ("session" in record) + len(record.get("more_sessions", ())))


def _minutes(record: Resource) -> Decimal | None:
    """What was counted of attendance, else units by their length, else the time that it took."""
    counted, each = amount(record.get("minutes_counted")), record.get("minutes_per_unit")
    if counted is not None:
        return counted
    if type(each) is int:
        return _units(record) * each
    took = minutes_of(record.get("period"))
    return None if took is None else Decimal(str(took))


def _with_use(record: Resource, lines: Iterable[Line]) -> Resource:
    """The authorization with what is used and left of each service, and nothing where that is not known."""
    by_number = {line.number: line for line in lines}
    services = []
    for service in record.get("services", ()):
        made = {name: said for name, said in service.items() if name not in _USE}
        if line := by_number.get(service.get("number")):
            made |= {} if line.used is None else {"used": _said(line.used)}
            made |= {} if line.left is None else {"left": _said(line.left)}
        services.append(made)
    return record | ({"services": services} if services else {})


def _said(value: Decimal) -> int | float:
    """To two digits, as a number is written."""
    whole = int(value)
    return whole if value == whole else float(round(value, 2))
