"""Rows of the ledger, of who wrote and of what was refused, as AuditEvents of IHE's Basic Audit Log Patterns (BALP).

https://hl7.org/fhir/R4/auditevent.html, https://profiles.ihe.net/ITI/BALP/. An event names the profiles that it
fulfils: what is no read, search or write of one record has none of its kind, and what came from no known address has
only that of its token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Any, NamedTuple

from adapter.callers import ClientKind
from adapter.consent.labels import ACT_CODE, CONFIDENTIALITY, REASON, codes, confidentiality, together
from adapter.fhir.dates import instant_of
from adapter.interactions.audit_agents import (
    APPLICATION,
    AUTHOR,
    CUSTODIAN,
    DCM,
    DESTINATION,
    RECIPIENT,
    SOURCE,
    Sender,
    Server,
    authorizer,
    client,
    observer,
    organization,
    patient_as_authorizer,
    server,
    user,
)
from adapter.store.acts import Act, Written
from adapter.store.refusals import Refused
from adapter.store.reports import WORDS, Recipient, Told
from adapter.store.taken_back import Taken

Resource = dict[str, Any]

BALP = "https://profiles.ihe.net/ITI/BALP"
_PROFILE = f"{BALP}/StructureDefinition/IHE.BasicAudit."
_TOKEN = "OAUTHaccessTokenUse.Opaque"
_DECISION = f"{BALP}/CodeSystem/AuthZsubType"
_REQUEST = f"{BALP}/CodeSystem/BasicAuditEntityType"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_RESOURCE = "http://hl7.org/fhir/resource-types"
_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
_REST = {"system": _TYPE, "code": "rest", "display": "RESTful Operation"}
_EXPORT = {"system": DCM, "code": "110106", "display": "Export"}
_ALERT = {"system": DCM, "code": "110113", "display": "Security Alert"}
_REFUSED = {"display": "Request refused"}
REST, ALERT = _REST["code"], _ALERT["code"]
TYPES = {one["code"]: one["system"] for one in (_REST, _ALERT)}
"""Types of events that are made here and searched by, beside that of accounts of disclosures, and their systems."""
SUCCESS, MINOR, SERIOUS = "0", "4", "8"
"""Outcomes: an answer that was not taken to its end is a minor failure, a refusal a serious one."""
OUTCOMES = dict.fromkeys((SUCCESS, MINOR, SERIOUS, "12"), "http://terminology.hl7.org/CodeSystem/audit-event-outcome")
"""All that there are: https://hl7.org/fhir/R4/valueset-audit-event-outcome.html"""
_LINE = re.compile(r"(?!AuditEvent/)([A-Za-z]+)/([A-Za-z0-9\-.]{1,64})/([1-9][0-9]*)(?: \(rendering ([0-9]+)\))?")
"""A version of a record in the list of a disclosure, or of a rendering of it."""
_NATIVE = {"get": "read", "list": "search-type", "put": "update", "import": "transaction"}
"""R4's words for the verbs of /iop; its work lists are searches."""
_REST_WORDS = frozenset(
    {
        *("read", "vread", "update", "patch", "delete", "create", "batch", "transaction", "capabilities"),
        *("history-instance", "history-type", "history-system", "search-type", "search-system"),
    }
)
_EXECUTED = frozenset({"operation", "batch", "transaction"})
_OF_ONE = frozenset({"read", "vread", "history-instance"})
_DEEDS = {"create": ("C", "Create"), "update": ("U", "Update"), "delete": ("D", "Delete")}


class Line(NamedTuple):
    """A record in the list of a disclosure: which version, and of which side of it, if it was not the record itself."""

    type: str
    id: str
    version: str
    rendering: str | None


def disclosed(id: str, told: Told, to: Recipient, here: Server) -> Resource:
    """A disclosure to somebody: BALP's PrivacyDisclosure.Source."""
    entities = [_patient(told.patient), *_records(told, _RESOURCE), *_ground(told), *request(told.request)]
    kind = ["PrivacyDisclosure.Source"] if told.network and len(entities) > 1 else []
    return _event(
        id,
        here,
        _claims(kind, told.token, RESTRICTED),
        type=_EXPORT,
        subtype=[{"system": _LIFECYCLE, "code": "disclose", "display": "Disclose"}],
        action="R",
        **_told(told),
        agent=[
            server(SOURCE, here),
            client(DESTINATION, _sender(told), to.name),
            user(_sender(told), RECIPIENT),
            patient_as_authorizer(told.patient),
        ],
        entity=entities,
    )


def seen(id: str, told: Told, to: Recipient, here: Server) -> Resource:
    """A read or search by somebody: BALP's PatientRead and PatientQuery, where it is one of these."""
    word = interaction_of(told.interaction)
    searched, one = word.startswith("search"), word in _OF_ONE and len(_shown(told)) == 1
    known = bool(told.network) and not told.interrupted
    kind = ["PatientRead"] * one or ["PatientQuery"] * (searched and told.query is not None)
    data = _one(told) if one else list(_records(told, _RESOURCE))
    sides = (DESTINATION, SOURCE) if searched else (SOURCE, DESTINATION)
    return _event(
        id,
        here,
        _claims(kind if known else [], told.token, RESTRICTED),
        type=_REST,
        subtype=[_coding(_INTERACTION, word)],
        action="E" if searched or word in _EXECUTED else "R",
        **_told(told),
        agent=[
            server(sides[0], here),
            client(sides[1], _sender(told), to.name),
            user(_sender(told), RECIPIENT),
        ],
        entity=[_patient(told.patient), *data, *_query(told, searched), *_ground(told), *request(told.request)],
    )


def decided(id: str, told: Told, here: Server) -> Resource:
    """That a consent let something be disclosed: BALP's AuthZconsent, which knows providers only."""
    who = _sender(told)
    known = told.network and told.kind == ClientKind.PROVIDER_EHR
    return _event(
        id,
        here,
        _claims(["AuthZconsent"] if known else [], told.token, RESTRICTED),
        type=_ALERT,
        subtype=[_coding(_DECISION, "AuthZ-Consent")],
        action="E",
        recorded=instant_of(told.at_ms),
        outcome=SUCCESS,
        **_purpose(told.purpose),
        agent=[client(APPLICATION, who), user(who, RECIPIENT), organization(who), authorizer(here)],
        entity=[_patient(told.patient), *_ground(told)],
    )


def refused(id: str, what: Refused, here: Server) -> Resource:
    """That requests were refused, and why: what the client was told is the same whatever is stored.

    It is no event of BALP's: whether a consent, a role or a slip of the pen was behind it is not in the row.
    """
    asked = [_coding(_INTERACTION, interaction_of(what.interaction))] if what.interaction else []
    who = Sender(what.kind, what.client, what.organization, what.person, what.token, what.network)
    times = f"{what.number} times since {instant_of(what.since_ms)}" if what.number > 1 else "once"
    first = {"name": what.address, "type": _coding(_ENTITY, "2"), "role": _coding(_ROLE, "24")}
    return _event(
        id,
        here,
        _claims([], what.token, RESTRICTED),
        type=_ALERT,
        subtype=[_REFUSED, *asked],
        action="E",
        recorded=instant_of(what.at_ms),
        outcome=SERIOUS,
        outcomeDesc=f"{what.status}: {what.reason}; {times}",
        **_purpose(what.purpose),
        agent=[client(APPLICATION, who), user(who, RECIPIENT), authorizer(here)],
        entity=[*([first] if what.address else []), *request(what.request)],
    )


def wrote(id: str, act: Act, one: Written, here: Server, taken: Sequence[Taken] = ()) -> Resource:
    """That a request wrote a version: BALP's PatientCreate, PatientUpdate and PatientDelete, and those about nobody;
    and which labels it took back."""
    deed, patients = deed_of(one), one.patients.split()
    action, name = _DEEDS[deed]
    kind = [f"{'Patient' if patients else ''}{name}"] if act.network and len(patients) < 2 else []
    who = Sender(act.kind, act.client, act.organization, act.person, act.token, act.network)
    gone = deed == "delete"
    why = f"taken back: {' '.join(f'{each.system}|{each.code}' for each in taken)}; {taken[0].reason}" if taken else ""
    return _event(
        id,
        here,
        _claims(kind, act.token, security_for([one.labels])),
        type=_REST,
        subtype=[_coding(_INTERACTION, deed)],
        action=action,
        recorded=instant_of(act.at_ms),
        outcome=SUCCESS,
        **({"outcomeDesc": why} if why else {}),
        **_purpose(act.purpose),
        agent=[
            client(APPLICATION if gone else SOURCE, who),
            server(CUSTODIAN if gone else DESTINATION, here),
            *([user(who, AUTHOR)] if act.client else []),
        ],
        entity=[*map(_patient, patients), entity(address_of(one), _ENTITY, "2"), *request(act.request)],
    )


def by_consent(told: Told) -> bool:
    """Whether it was a consent that let it be disclosed."""
    return told.ground not in WORDS and not told.interaction.startswith("$emergency")


def deed_of(one: Written) -> str:
    """R4's word for how a version came to be."""
    return "delete" if one.deleted else "create" if one.version == 1 else "update"


def address_of(one: Written) -> str:
    """The address of a version."""
    return f"{one.type}/{one.id}/_history/{one.version}"


def security_for(sensitivities: Iterable[int]) -> list[Resource]:
    """The labels of all that tells of these."""
    both = reduce(together, sensitivities, 0)
    return security_of(list(codes(both)), confidentiality(both))


def interaction_of(name: str) -> str:
    """R4's word for an interaction: https://hl7.org/fhir/R4/valueset-type-restful-interaction.html"""
    verb = name.partition(" ")[0]
    if verb in _REST_WORDS:
        return verb
    operation = name.startswith("$") or verb == "operation"
    return "operation" if operation else _NATIVE.get(verb, "search-type")


def security_of(policies: Sequence[str], how: str) -> list[Resource]:
    """Labels as meta.security has them."""
    return [{"system": CONFIDENTIALITY, "code": how}, *(_coding(ACT_CODE, code) for code in policies)]


def request(name: str | None) -> list[Resource]:
    """The request, by what its client calls it."""
    if name is None:
        return []
    return [{"what": {"identifier": {"value": name}}, "type": _coding(_REQUEST, "XrequestId")}]


def entity(reference: str, system: str, type: str) -> Resource:
    """Something that was used: https://hl7.org/fhir/R4/valueset-audit-entity-type.html"""
    return {"what": {"reference": reference}, "type": _coding(system, type), "role": _coding(_ROLE, "4")}


def _event(id: str, here: Server, meta: Resource, **more: Any) -> Resource:
    agents, entities = more.pop("agent"), more.pop("entity")
    made = {"resourceType": "AuditEvent", "id": id, "meta": meta, **more}
    return {**made, "agent": agents, "source": observer(here), **({"entity": entities} if entities else {})}


def _claims(kind: Sequence[str], token: str, security: list[Resource]) -> Resource:
    """The profiles that an event fulfils, and its labels."""
    profiles = [f"{_PROFILE}{name}" for name in (*kind, *([_TOKEN] if token else []))]
    return {**({"profile": profiles} if profiles else {}), "security": security}


def _told(told: Told) -> Resource:
    broken = {"outcome": MINOR, "outcomeDesc": "the recipient went away before the end"}
    outcome = broken if told.interrupted else {"outcome": SUCCESS}
    return {"recorded": instant_of(told.at_ms), **outcome, **_purpose(told.purpose)}


def _purpose(code: str) -> Resource:
    return {"purposeOfEvent": [{"coding": [_coding(REASON, code)]}]} if code else {}


def _sender(told: Told) -> Sender:
    return Sender(told.kind, told.client, told.organization, told.practitioner, told.token, told.network)


def _patient(id: str) -> Resource:
    return {"what": {"reference": f"Patient/{id}"}, "type": _coding(_ENTITY, "1"), "role": _coding(_ROLE, "1")}


def _shown(told: Told) -> set[tuple[str, str]]:
    """The records that a disclosure showed, whichever versions."""
    return {line[:2] for line in _lines(told) if isinstance(line, Line)}


def _lines(told: Told) -> Iterator[Line | str]:
    """Each line of a list; what is no version of a record of the store is a count, or a list of something else."""
    for line in filter(None, told.list.split("\n")):
        found = _LINE.fullmatch(line)
        yield Line(*found.groups()) if found else line


def _one(told: Told) -> list[Resource]:
    """The one record that was shown, in one version or several: BALP's Read has one object."""
    lines = [line for line in _lines(told) if isinstance(line, Line)]
    if len(lines) == 1:
        return list(_records(told, _ENTITY))
    details = [{"type": "version", "valueString": line.version} for line in lines]
    return [entity(f"{lines[0].type}/{lines[0].id}", _ENTITY, "2") | {"detail": details}]


def _records(told: Told, system: str) -> Iterator[Resource]:
    """What was shown; in a search by the types of the records, because BALP's Query has one object, which is itself."""
    for line in _lines(told):
        if isinstance(line, str):
            yield {"name": line, "role": _coding(_ROLE, "4")}
            continue
        type = "2" if system == _ENTITY else line.type
        if line.rendering is None:
            yield entity(f"{line.type}/{line.id}/_history/{line.version}", system, type)
        else:
            side = [("rendering", line.rendering), ("version", line.version)]
            details = [{"type": name, "valueString": value} for name, value in side]
            yield entity(f"{line.type}/{line.id}", system, type) | {"detail": details}


def _query(told: Told, searched: bool) -> list[Resource]:
    if told.query is None:
        return []
    type = {"type": _coding(_ENTITY, "2")} if searched else {}
    return [{**type, "role": _coding(_ROLE, "24"), "query": told.query}]


def _ground(told: Told) -> list[Resource]:
    """The consent that allowed it, if it was one."""
    if not by_consent(told):
        return []
    consent = entity(f"Consent/{told.ground}", _RESOURCE, "Consent")
    return [consent | {"description": "the consent that allows it"}]


def _coding(system: str, code: str) -> Resource:
    return {"system": system, "code": code}


RESTRICTED = security_of(["42CFRPart2"], "R")
"""What is said of an event that tells of disclosures."""
