"""The Composition of a referral and its Bundle: sections for people to read, each with the records that it is made of.

https://hl7.org/fhir/R4/composition.html, https://hl7.org/fhir/R4/documents.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from adapter.consent.notice import EXCEPTED, LONG, SHORT
from adapter.consent.security import high_water, shown
from adapter.exchange.addresses import readdressed
from adapter.exchange.aftercare_packet import Packet
from adapter.exchange.packing import Files, as_it_goes, known_as
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import parse
from adapter.interactions.consent_scope import consent_scope
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.version import Version

Resource = dict[str, Any]
LOINC = "http://loinc.org"
_REFERRAL_NOTE = {"system": LOINC, "code": "57133-1", "display": "Referral note"}


class Section(NamedTuple):
    """A section: its title, its LOINC code where there is one, and the types of the records in it."""

    title: str
    code: str | None
    types: tuple[str, ...]


SECTIONS = (
    Section("Reason for referral", "42349-1", ("ServiceRequest",)),
    Section("Diagnoses", "11450-4", ("Condition",)),
    Section("Allergies", "48765-2", ("AllergyIntolerance",)),
    Section("Goals", "61146-7", ("Goal",)),
    Section("Plan", "18776-5", ("CarePlan",)),
    Section("Medications", "10160-0", ("MedicationRequest", "MedicationStatement", "MedicationAdministration")),
    Section("Screens and results", "30954-2", ("Observation", "DiagnosticReport", "QuestionnaireResponse")),
    Section("Coverage", "48768-6", ("Coverage",)),
    Section("Documents", None, ("DocumentReference",)),
)
_VALUES = ("valueQuantity", "valueCodeableConcept", "valueString", "valueInteger", "valueBoolean")
_SAYS: Mapping[str, tuple[str, ...]] = {
    "ServiceRequest": ("code", "reasonCode", "occurrenceDateTime", "occurrencePeriod", "note", "patientInstruction"),
    "Condition": ("code", "clinicalStatus"),
    "AllergyIntolerance": ("code", "clinicalStatus"),
    "Goal": ("description", "lifecycleStatus"),
    "CarePlan": ("title", "description", "status"),
    "MedicationRequest": ("medicationCodeableConcept", "medicationReference", "dosageInstruction", "status"),
    "MedicationStatement": ("medicationCodeableConcept", "medicationReference", "dosage", "status"),
    "MedicationAdministration": ("medicationCodeableConcept", "medicationReference", "effectiveDateTime", "status"),
    "Observation": (
        "code",
        "valueQuantity",
        "valueCodeableConcept",
        "valueString",
        "valueInteger",
        "effectiveDateTime",
    ),
    "DiagnosticReport": ("code", "conclusion", "effectiveDateTime", "status"),
    "QuestionnaireResponse": ("questionnaire", "authored", "status"),
    "Coverage": ("payor", "type", "status"),
    "DocumentReference": ("description", "type", "date"),
}
"""What of a record is put in words, in this order; the whole of it stands in its entry."""


def composed(program: Program, predicate: Predicate, packet: Packet) -> Resource:
    """The document of what may go to one receiver."""
    now, id = instant_of(milliseconds(program.clock())), program.new_id()
    records = [_record(program, predicate, version, packet.files) for version in packet.versions]
    composition = _composition(program, predicate, records, now)
    labels = high_water(predicate, program.settings.posture)
    entries = [{"fullUrl": f"urn:uuid:{composition['id']}", "resource": composition}]
    entries += [{"fullUrl": _at(program, one), "resource": one} for one in records]
    head: Resource = {"resourceType": "Bundle", "id": id, **({"meta": {"security": labels}} if labels else {})}
    head |= {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{id}"}}
    return head | {"type": "document", "timestamp": now, "entry": entries}


def _record(program: Program, predicate: Predicate, version: Version, files: Files) -> Resource:
    """A record as it is, with our identifier, pointing to all by whole addresses, be it in the document or not."""
    resource = as_it_goes(program, parse(shown(predicate, version)), files)
    made: Resource = readdressed(resource, program.base_url, program.link)
    return {**made, "identifier": known_as(program, version, resource)}


def _composition(program: Program, predicate: Predicate, records: Sequence[Resource], now: str) -> Resource:
    referral = next(one for one in records if one["resourceType"] == "ServiceRequest")
    patient = next(one for one in records if one["resourceType"] == "Patient")
    asked = referral.get("requester") or {"display": program.name}
    consents = [_at(program, one) for one in records if one["resourceType"] == "Consent"]
    custodian = {"custodian": asked} if "/Organization/" in asked.get("reference", "") else {}
    return {
        "resourceType": "Composition",
        "id": program.new_id(),
        "status": "final",
        "type": {"coding": [_REFERRAL_NOTE]},
        "subject": {"reference": _at(program, patient)},
        "date": now,
        "author": [asked],
        "title": "Referral",
        "confidentiality": "R",
        **custodian,
        "section": [*_sections(program, records), *notice(program, (predicate,), patient["id"], consents)],
    }


def _sections(program: Program, records: Sequence[Resource]) -> Iterator[Resource]:
    for title, code, types in SECTIONS:
        held = [one for one in records if one["resourceType"] in types]
        if held:
            coded = {"code": {"coding": [{"system": LOINC, "code": code}]}} if code else {}
            entries = [{"reference": _at(program, one)} for one in held]
            yield {"title": title, **coded, "text": narrated(map(_said, held)), "entry": entries}


def notice(
    program: Program, predicates: Iterable[Predicate], patient: str, consents: Sequence[str] = ()
) -> Iterator[Resource]:
    """42 CFR 2.32(a), and (b): a clear explanation of the scope of the consents by which these show a patient's
    records; `consents` are the addresses of those in the document."""
    yield {"title": "Confidentiality", "text": narrated([SHORT, LONG])}
    scopes = dict.fromkeys(one for predicate in predicates for one in _scopes(program, predicate, patient))
    entries = {"entry": [{"reference": one} for one in consents]} if consents else {}
    yield {"title": "What the consent covers", "text": narrated([*scopes, EXCEPTED]), **entries}


def _scopes(program: Program, predicate: Predicate, patient: str) -> Iterator[str]:
    body = consent_scope(program, predicate, patient).body
    said = parse(body.body)["parameter"] if body else []
    yield from (_scope(one["part"]) for one in said if one["name"] == "scope")


def _scope(parts: Sequence[Resource]) -> str:
    """What a consent permits, in words."""
    said = [(one["name"], next(value for name, value in one.items() if name.startswith("value"))) for one in parts]
    return "; ".join(f"{name} {worded(value)}" for name, value in said)


def _said(record: Resource) -> str:
    """A record in a line."""
    words = (worded(record[name]) for name in _SAYS[record["resourceType"]] if name in record)
    return "; ".join(filter(None, words)) or record["resourceType"]


def worded(value: Any) -> str:
    """A value of any of the data types above, in words."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(worded, value)))
    if not isinstance(value, dict):
        return str(value)
    if "start" in value or "end" in value:
        return f"from {value.get('start', '?')} until {value.get('end', '?')}"
    if "low" in value or "high" in value:
        return f"{worded(value.get('low', {})) or '?'} to {worded(value.get('high', {})) or '?'}"
    if "numerator" in value or "denominator" in value:
        return f"{worded(value.get('numerator', {}))} of {worded(value.get('denominator', {}))}"
    if "value" in value and "coding" not in value:
        return " ".join(str(value[name]) for name in ("comparator", "value", "unit") if name in value)
    known = [value.get(name) for name in ("text", "display", "reference")]
    known += [coding.get("display") or coding.get("code") for coding in value.get("coding", ())]
    return next((str(one) for one in known if one), "")


def narrated(lines: Iterable[str]) -> Resource:
    """A narrative: https://hl7.org/fhir/R4/narrative.html"""
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}


def _at(program: Program, record: Resource) -> str:
    return program.link(record["resourceType"], record["id"])
