"""Rows of the ledger, and of who wrote, as AuditEvents in the shapes of IHE's Basic Audit Log Patterns (BALP).

https://hl7.org/fhir/R4/auditevent.html, https://profiles.ihe.net/ITI/BALP/. The addresses of networks are not kept, so
no profile of BALP that asks for them is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from adapter.callers import ClientKind
from adapter.consent.labels import ACT_CODE, CONFIDENTIALITY, REASON, codes, confidentiality, together
from adapter.fhir.dates import instant_of
from adapter.store.acts import Act, Written
from adapter.store.disclosure import INSIDE
from adapter.store.reports import Recipient, Told

Resource = dict[str, Any]

DCM = "http://dicom.nema.org/resources/ontology/DCM"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_REQUEST = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
_REST = {"system": _TYPE, "code": "rest", "display": "RESTful Operation"}
PEOPLE = {ClientKind.STAFF.value, ClientKind.PRIVACY_OFFICER.value}
"""Kinds whose person is a Practitioner here."""
_WORDS = {*INSIDE, "", "hipaa", "emergency"}
"""Grounds that are no consent."""
_LINE = re.compile(r"(?!AuditEvent/)([A-Za-z]+/[A-Za-z0-9\-.]{1,64})/([1-9][0-9]*)(?: \(rendering ([0-9]+)\))?")
"""A version of a record in the list of a disclosure, or of a rendering of it."""
_NATIVE = {"get": "read", "list": "search-type", "put": "update", "import": "transaction"}
"""R4's words for the verbs of /iop; its work lists are searches."""
_REST_WORDS = frozenset(
    {
        *("read", "vread", "update", "patch", "delete", "create", "batch", "transaction", "capabilities"),
        *("history-instance", "history-type", "history-system", "search-type", "search-system"),
    }
)


def disclosed(told: Told, to: Recipient, program: str, security: list[Resource]) -> Resource:
    """A disclosure to somebody, as BALP's PrivacyDisclosure.Source has it."""
    lifecycle = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
    return _event(
        told,
        program,
        security,
        type={"system": DCM, "code": "110106", "display": "Export"},
        subtype=[{"system": lifecycle, "code": "disclose", "display": "Disclose"}],
        action="R",
        agent=[
            agent("110153", "Source Role ID", {"display": program}, requestor=False),
            _recipient(told, to, requestor=True),
            *_person(told),
        ],
        entity=[_patient(told.patient), *_records(told), *_ground(told), *request(told.request)],
    )


def seen(told: Told, to: Recipient, program: str, security: list[Resource]) -> Resource:
    """A read or search by somebody, as BALP's PatientRead and PatientQuery have it."""
    searched = told.interaction.startswith("search") or told.query is not None
    query = [{"type": _coding(_ENTITY, "2"), "role": _coding(_ROLE, "24"), "query": told.query}] if told.query else []
    return _event(
        told,
        program,
        security,
        type=_REST,
        subtype=[_coding(_INTERACTION, interaction_of(told.interaction))],
        action="E" if searched else "R",
        agent=[
            agent("110153", "Source Role ID", {"display": program}, requestor=False),
            _recipient(told, to, requestor=True),
            *_person(told),
        ],
        entity=[_patient(told.patient), *_records(told), *query, *_ground(told), *request(told.request)],
    )


def wrote(act: Act, versions: Sequence[Written], program: str) -> Resource:
    """A request that wrote, as BALP's PatientCreate, PatientUpdate and PatientDelete have it; one for all it wrote."""
    deeds = {deed_of(one) for one in versions}
    deed = deeds.pop() if len(deeds) == 1 else "transaction"
    patients = sorted({patient for one in versions for patient in one.patients.split()})
    purpose = {"purposeOfEvent": [{"coding": [_coding(REASON, act.purpose)]}]} if act.purpose else {}
    return {
        "resourceType": "AuditEvent",
        "id": f"act-{act.first}",
        "meta": {"security": security_for(versions)},
        "type": _REST,
        "subtype": [_coding(_INTERACTION, deed)],
        "action": {"create": "C", "update": "U", "delete": "D"}.get(deed, "E"),
        "recorded": instant_of(act.at_ms),
        "outcome": "0",
        **purpose,
        "agent": [
            agent("110153", "Source Role ID", who_of(act, program), requestor=True, **_named(act.client)),
            agent("110152", "Destination Role ID", {"display": program}, requestor=False),
            *([person(act.kind, act.person)] if act.person else []),
        ],
        "source": observer(program),
        "entity": [*map(_patient, patients), *(entity(address_of(one), "2", "4") for one in versions)],
    }


def deed_of(one: Written) -> str:
    """R4's word for how a version came to be."""
    return "delete" if one.deleted else "create" if one.version == 1 else "update"


def address_of(one: Written) -> str:
    """The address of a version."""
    return f"{one.type}/{one.id}/_history/{one.version}"


def who_of(act: Act, program: str) -> Resource:
    """Whom the client that wrote acts for."""
    if act.organization:
        return {"reference": f"Organization/{act.organization}"}
    said = "whoever reached the server that was started open" if act.kind == "open" else "its own command or import"
    return {"display": f"{program}: {said}"}


def security_for(versions: Sequence[Written]) -> list[Resource]:
    """The labels of all that these versions tell of."""
    both = 0
    for one in versions:
        both = together(both, one.labels)
    return security_of(list(codes(both)), confidentiality(both))


def _named(client: str) -> Resource:
    return {"name": client} if client else {}


def id_of(told: Told) -> str:
    """The event of one patient in one disclosure."""
    return f"told-{told.n}-{blake2b(told.patient.encode(), digest_size=8).hexdigest()}"


def interaction_of(name: str) -> str:
    """R4's word for an interaction: https://hl7.org/fhir/R4/valueset-type-restful-interaction.html"""
    verb = name.partition(" ")[0]
    if verb in _REST_WORDS:
        return verb
    return "operation" if name.startswith("$") else _NATIVE.get(verb, "search-type")


def agent(code: str, display: str, who: Mapping[str, Any], *, requestor: bool, **more: Any) -> Resource:
    """Somebody who took part, by a role of DICOM."""
    type = {"coding": [{"system": DCM, "code": code, "display": display}]}
    return {"type": type, "who": who, **more, "requestor": requestor}


def security_of(policies: list[str], how: str) -> list[Resource]:
    """Labels as meta.security has them."""
    return [{"system": CONFIDENTIALITY, "code": how}, *(_coding(ACT_CODE, code) for code in policies)]


def request(name: str | None) -> list[Resource]:
    """The request, by what its client calls it."""
    if name is None:
        return []
    return [{"what": {"identifier": {"value": name}}, "type": {"system": _REQUEST, "code": "XrequestId"}}]


def _event(told: Told, program: str, security: list[Resource], **more: Any) -> Resource:
    broken = {"outcome": "4", "outcomeDesc": "the recipient went away before the end"}
    agents, entities = more.pop("agent"), more.pop("entity")
    return {
        "resourceType": "AuditEvent",
        "id": id_of(told),
        "meta": {"security": security},
        **more,
        "recorded": instant_of(told.at_ms),
        **(broken if told.interrupted else {"outcome": "0"}),
        "purposeOfEvent": [{"coding": [_coding(REASON, told.purpose)]}],
        "agent": agents,
        "source": observer(program),
        "entity": entities,
    }


def observer(program: str) -> Resource:
    """Who says so: this server."""
    type = {"system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "4"}
    return {"observer": {"display": program}, "type": [type | {"display": "Application Server"}]}


def _recipient(told: Told, to: Recipient, *, requestor: bool) -> Resource:
    who = {"reference": f"Organization/{told.organization}", "display": to.name}
    return agent("110152", "Destination Role ID", who, requestor=requestor, name=told.client)


def _person(told: Told) -> Iterator[Resource]:
    if told.practitioner is not None:
        yield person(told.kind, told.practitioner)


def person(kind: str, id: str) -> Resource:
    """Somebody who is named: of the staff a Practitioner, of others by what their client calls them."""
    type = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}
    who = {"reference": f"Practitioner/{id}"} if kind in PEOPLE else {"identifier": {"value": id}}
    return {"type": type, "who": who, "requestor": False}


def _patient(id: str) -> Resource:
    return entity(f"Patient/{id}", "1", "1")


def _records(told: Told) -> Iterator[Resource]:
    for line in filter(None, told.list.split("\n")):
        found = _LINE.fullmatch(line)
        if found is None:  # a count, or a list of what is none of the store's
            yield {"name": line, "type": _coding(_ENTITY, "2"), "role": _coding(_ROLE, "4")}
            continue
        record, version, rendering = found.groups()
        if rendering:
            side = [{"type": "rendering", "valueString": rendering}, {"type": "version", "valueString": version}]
            yield entity(record, "2", "4") | {"detail": side}
        else:
            yield entity(f"{record}/_history/{version}", "2", "4")


def entity(reference: str, type: str, role: str) -> Resource:
    """Something that was used: https://hl7.org/fhir/R4/valueset-audit-entity-type.html"""
    return {"what": {"reference": reference}, "type": _coding(_ENTITY, type), "role": _coding(_ROLE, role)}


def _ground(told: Told) -> Iterator[Resource]:
    """The consent that allowed it, if it was one."""
    if told.ground not in _WORDS and not told.interaction.startswith("$emergency"):
        yield entity(f"Consent/{told.ground}", "2", "4") | {"description": "the consent that allows it"}


def _coding(system: str, code: str) -> Resource:
    return {"system": system, "code": code}
