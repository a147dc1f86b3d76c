"""Who took part in an audited event, by the roles of DICOM and BALP: the client, this server, whoever holds the token.

https://hl7.org/fhir/R4/auditevent-definitions.html#AuditEvent.agent
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple

from adapter.callers import ClientKind

Resource = dict[str, Any]
Coding = Mapping[str, str]

DCM = "http://dicom.nema.org/resources/ontology/DCM"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_CLASS = "http://terminology.hl7.org/CodeSystem/v3-RoleClass"
SOURCE = {"system": DCM, "code": "110153", "display": "Source Role ID"}
DESTINATION = {"system": DCM, "code": "110152", "display": "Destination Role ID"}
APPLICATION = {"system": DCM, "code": "110150", "display": "Application"}
CUSTODIAN = {"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "custodian"}
RECIPIENT = {"system": _PARTICIPATION, "code": "IRCP"}
AUTHOR = {"system": _PARTICIPATION, "code": "AUT"}
_HOLDER = {"system": "https://profiles.ihe.net/ITI/BALP/CodeSystem/UserAgentTypes", "code": "UserOauthAgent"}
_DECIDES = {"system": "http://terminology.hl7.org/CodeSystem/extra-security-role-type", "code": "authserver"}
_FOR_THE_PATIENT = {"system": "http://snomed.info/sct", "code": "429577009"}
_CLASSES = {ClientKind.PAYER.value: "PAYOR"}
PEOPLE = {ClientKind.STAFF.value, ClientKind.PRIVACY_OFFICER.value}
"""Kinds whose person is a Practitioner here."""


class Server(NamedTuple):
    """This server: the program's name, and its base address."""

    name: str
    address: str


class Sender(NamedTuple):
    """Whoever sent a request: kind and id of the client, whom it acts for, whom it names, token, network address."""

    kind: str
    client: str
    organization: str
    person: str | None
    token: str
    network: str | None


def client(role: Coding, who: Sender, name: str = "") -> Resource:
    """The client; as an application it has no name of its own, in BALP's Delete and AuthZconsent."""
    called = {"name": who.client} if who.client and role is not APPLICATION else {}
    network = {"network": _network(who.network)} if who.network else {}
    return {"type": {"coding": [role]}, "who": who_of(who, name), **called, "requestor": not who.client, **network}


def server(role: Coding, here: Server) -> Resource:
    """This server."""
    network = {"address": here.address, "type": "5"}
    return {"type": {"coding": [role]}, "who": {"display": here.name}, "requestor": False, "network": network}


def user(who: Sender, role: Coding) -> Resource:
    """Whoever holds the token: the person whom it names, else the client itself. `policy` is a digest of the token."""
    of_token = {"policy": [who.token]} if who.token else {}
    named = person(who.kind, who.person) if who.person else {"identifier": {"value": who.client or "unknown"}}
    return {"type": {"coding": [role, _HOLDER]}, "who": named, "requestor": True, **of_token}


def organization(who: Sender) -> Resource:
    """The organization that the client acts for."""
    type = {"system": _CLASS, "code": _CLASSES.get(who.kind, "PROV")}
    return {"type": {"coding": [type]}, "who": who_of(who), "requestor": False}


def authorizer(here: Server) -> Resource:
    """This server, as it decides who may see what."""
    return {"type": {"coding": [_DECIDES]}, "who": {"display": here.name}, "requestor": False}


def patient_as_authorizer(id: str) -> Resource:
    """The patient, whose consent or right a disclosure rests on."""
    return {"type": {"coding": [_FOR_THE_PATIENT]}, "who": {"reference": f"Patient/{id}"}, "requestor": False}


def observer(here: Server) -> Resource:
    """Who says so: this server."""
    type = {"system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "4"}
    return {"observer": {"display": here.name}, "type": [type | {"display": "Application Server"}]}


def person(kind: str, id: str) -> Resource:
    """Somebody who is named: of the staff a Practitioner, of others by what their client calls them."""
    return {"reference": f"Practitioner/{id}"} if kind in PEOPLE else {"identifier": {"value": id}}


def who_of(who: Sender, name: str = "") -> Resource:
    """Whom the client acts for."""
    if who.organization:
        return {"reference": f"Organization/{who.organization}", **({"display": name} if name else {})}
    said = {
        "open": "whoever reached the server that was started open",
        "program": "the program's own command or import",
    }
    return {"display": said.get(who.kind, "somebody whom no token proves")}


@lru_cache(256)
def _network(address: str) -> Resource:
    """https://hl7.org/fhir/R4/valueset-network-type.html"""
    try:
        ip_address(address)
    except ValueError:
        return {"address": address, "type": "1"}
    return {"address": address, "type": "2"}
