"""The packet as one document: a Composition for a reviewer to read, and what it is made of.

https://hl7.org/fhir/R4/documents.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from adapter.consent.labels import CONFIDENTIALITY
from adapter.consent.security import high_water
from adapter.exchange.addresses import readdressed
from adapter.exchange.aftercare_composition import narrated, notice, worded
from adapter.exchange.authorization_document import CLAIM, entries_of
from adapter.fhir.dates import Calendar, instant_of
from adapter.interactions.measures import ALL
from adapter.interactions.program import Program
from adapter.review.packet import Review
from adapter.utilization.report import Report, measure_report
from adapter.utilization.report_document import charts_of, tabled

Resource = dict[str, Any]
TITLE = "Concurrent review"
_SECTIONS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("No-shows and outreach", ("Appointment", "Communication")),
    ("Drug tests and scores", ("Observation",)),
    ("Goals", ("Goal",)),
)
_LINES: Mapping[str, tuple[str, ...]] = {
    "Appointment": ("start", "status", "serviceType"),
    "Communication": ("sent", "category", "medium"),
    "Observation": (
        *("effectiveDateTime", "effectivePeriod", "effectiveInstant", "code", "valueQuantity", "valueCodeableConcept"),
        *("valueString", "valueBoolean", "valueInteger", "valueRange", "valueRatio", "interpretation"),
        *("dataAbsentReason", "status"),
    ),
    "Goal": ("description", "lifecycleStatus", "achievementStatus"),
}


class Signed(NamedTuple):
    """By whose approval it goes: what stands for its content, and when that was (ms since 1970)."""

    approval: str
    at_ms: int


def document(program: Program, review: Review, signed: Signed | None = None) -> Resource:
    """The Bundle, its Composition first, attested by an approval, if there is one. Made again for the same approval it
    is the same, byte for byte: https://hl7.org/fhir/R4/documents.html#bundle"""
    moment = signed.at_ms if signed else review.attendance.window.now
    seed = f"{program.link(CLAIM, review.claim.id)}#{signed.approval if signed else program.new_id()}#{moment}"
    now, numbers = instant_of(moment), count(1)

    def new_id() -> str:
        return str(uuid5(NAMESPACE_URL, f"{seed}#{next(numbers)}"))

    id, report = new_id(), _together(review)
    measured = readdressed(measure_report(report), program.base_url, program.link) | {"id": new_id(), "date": now}
    charts = charts_of(new_id, report)
    facts = [readdressed(one.resource, program.base_url, program.link) for one in review.facts if one.resource]
    own = entries_of(program, review.sights.payer, review.own)
    parts = [measured, *charts]
    composition = _composition(program, review, now, (own, facts, parts, report)) | {"id": new_id()}
    attested = {"attester": [{"mode": "professional", "time": now}]} if signed else {}
    composition = {**composition, **attested}
    entries = [{"fullUrl": f"urn:uuid:{composition['id']}", "resource": composition}, *own]
    entries += [{"fullUrl": _at(program, one), "resource": one} for one in facts]
    entries += [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in parts]
    return _head(program, review, id) | {"type": "document", "timestamp": now, "entry": entries}


def _head(program: Program, review: Review, id: str) -> Resource:
    labels = high_water(review.sights.payer, program.settings.posture)
    head: Resource = {"resourceType": "Bundle", "id": id, **({"meta": {"security": labels}} if labels else {})}
    return head | {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{id}"}}


def _together(review: Review) -> Report:
    """The figures of what the payer sees itself, and of what its reviewer is told beyond it, as one report."""
    of, more = review.attendance, review.course
    return of._replace(measure=ALL, figures=[*of.figures, *more.figures], told=[*of.told, *more.told])


def _composition(
    program: Program,
    review: Review,
    now: str,
    parts: tuple[list[Resource], list[Resource], list[Resource], Report],
) -> Resource:
    own, facts, measured, report = parts
    claim, patient, window = own[0], review.claim.patients, report.window
    asked = {"title": "Request", "text": narrated(_asked(claim["resource"])), "entry": [_to(claim["fullUrl"])]}
    counted = [_to(f"urn:uuid:{one['id']}") for one in measured]
    table = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{tabled(report)}</div>'}
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": {"text": TITLE},
        "subject": {"reference": program.link("Patient", patient)},
        "date": now,
        "author": [{"display": program.name}],
        "title": f"{TITLE}, {window.first.isoformat()} until {window.last.isoformat()}",
        "confidentiality": _confidentiality(program, review),
        "section": [
            asked,
            {"title": "Attendance and units", "text": table, "entry": counted},
            *_told(program, facts),
            *notice(program, (review.sights.payer, review.sights.reviewer), patient),
        ],
    }


def _confidentiality(program: Program, review: Review) -> str:
    """The same as of the Bundle: the most that can be in it."""
    labels = high_water(review.sights.payer, program.settings.posture)
    return next((one["code"] for one in labels if one["system"] == CONFIDENTIALITY), "R")


def _asked(claim: Resource) -> Iterator[str]:
    """What is asked for, a line for each service."""
    for item in claim.get("item", ()):
        when = item.get("servicedPeriod") or item.get("servicedDate") or ""
        words = (worded(item.get("productOrService", {})), worded(item.get("quantity", {})), worded(when))
        yield "; ".join(filter(None, words))


def _told(program: Program, facts: Sequence[Resource]) -> Iterator[Resource]:
    """A section of those kinds of which something is told."""
    for title, types in _SECTIONS:
        calendar = Calendar(program.zone)
        held = sorted((one for one in facts if one["resourceType"] in types), key=lambda one: _when(calendar, one))
        if held:
            entries = [_to(_at(program, one)) for one in held]
            yield {"title": title, "text": narrated(_line(program, one) for one in held), "entry": entries}


def _when(calendar: Calendar, fact: Resource) -> int:
    said = (fact.get(name) for name in ("start", "sent", "effectiveDateTime", "effectiveInstant", "startDate"))
    first = next((str(one) for one in said if one), fact.get("effectivePeriod", {}).get("start", ""))
    return calendar.interval(first)[0] if first else 0


def _line(program: Program, fact: Resource) -> str:
    """A fact in a line, each of its words once."""
    words = [worded(fact[name]) for name in _LINES[fact["resourceType"]] if name in fact]
    words += _extended(program, fact.get("extension", ()))
    for target in fact.get("target", ()):
        said = (worded(value) for name, value in target.items() if name != "dueDate")
        due = f"by {target['dueDate']}" if "dueDate" in target else ""
        words.append(" ".join(filter(None, ("target:", *said, due))))
    return "; ".join(filter(None, dict.fromkeys(words)))


def _extended(program: Program, extensions: Sequence[Resource]) -> Iterator[str]:
    """What came of an attempt to reach somebody; how far a goal was at each review."""
    outcome, review = (program.maps.extensions[name].url for name in ("contact_outcome", "goal_review"))
    for one in extensions:
        if one["url"] == outcome:
            yield worded({"coding": [one["valueCoding"]]})
        elif one["url"] == review:
            parts = [value for part in one["extension"] for name, value in part.items() if name.startswith("value")]
            yield " ".join(("reviewed:", *map(worded, parts)))


def _to(address: str) -> Resource:
    return {"reference": address}


def _at(program: Program, record: Resource) -> str:
    return program.link(record["resourceType"], record["id"])
