"""Records of ours as a partner's server is sent them: known by our identifiers, pointing to what is there.

https://hl7.org/fhir/R4/http.html#transaction; what a record says stays, only where it and what it points to are is said
as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from adapter.consent.security import shown
from adapter.exchange.addresses import readdressed
from adapter.fhir.json import dump, parse
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.partners import Link
from adapter.store.version import Version

Resource = dict[str, Any]
_PLACED = frozenset(("ServiceRequest", "Task"))
_PLACER = {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}
"""Whose number it is that a request of ours has: https://hl7.org/fhir/R4/servicerequest.html#notes"""
_HEARD = ("referral_answer", "referral_closure")
"""Extensions of a referral: what the program has written down of its answer."""

Files = Mapping[str, Resource]
"""Attachments (`contentType`, `data`) by the address of the Binary (`Binary/ID`) whose content they hold."""
NONE: Files = MappingProxyType({})


class Parcel(NamedTuple):
    """A version that is to be sent, where it is there already, if it is, and the files that go in it."""

    version: Version
    link: Link | None
    files: Files = NONE

    @property
    def place(self) -> str:
        """Where it is here."""
        return f"{self.version.type}/{self.version.id}"


def condition(program: Program, parcel: Parcel) -> str:
    """The search by which a partner's server finds a record that it was sent before."""
    key = _key(program, parcel.version, parse(parcel.version.text))
    return f"identifier={key.get('system', '')}|{key.get('value', '')}"


def packed(
    program: Program, predicate: Predicate, parcel: Parcel, resolve: Callable[[str, str], str | None]
) -> Resource:
    """The record as it is sent; `resolve` says what a record is called there, None for one that is only here."""

    def said(type: str, id: str) -> str:
        return resolve(type, id) or program.link(type, id)

    version, link = parcel.version, parcel.link
    resource = as_it_goes(program, parse(shown(predicate, version)), parcel.files)
    known = known_as(program, version, resource)
    resource = readdressed(resource, program.base_url, said)
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    made = {name: value for name, value in resource.items() if name not in ("id", "meta", "identifier")}
    head = {"resourceType": made.pop("resourceType")} | ({"id": link.remote} if link else {})
    return head | ({"meta": meta} if meta else {}) | {"identifier": known} | made


def as_it_goes(program: Program, resource: Resource, files: Files) -> Resource:
    """A document with the files themselves in the place of their addresses here; the scope of a consent, which gets an
    identifier, without its profile, which has none; a referral without its answer; any other record as it is."""
    if resource["resourceType"] == "Consent":
        meta = {name: value for name, value in resource.get("meta", {}).items() if name != "profile"}
        return {name: value for name, value in resource.items() if name != "meta"} | ({"meta": meta} if meta else {})
    if resource["resourceType"] == "ServiceRequest":
        return unanswered(program, resource)
    if not files or resource["resourceType"] != "DocumentReference":
        return resource
    base = program.base_url
    content = [{**one, "attachment": _attached(one["attachment"], base, files)} for one in resource["content"]]
    return {**resource, "content": content}


def unanswered(program: Program, resource: Resource) -> Resource:
    """A referral without what was heard of it, which may be of another whom it asked before, and without the narrative
    that may tell of it: no receiver's business (42 CFR 2.13(a))."""
    heard, said = {program.maps.extensions[name].url for name in _HEARD}, resource.get("extension", [])
    kept = [one for one in said if one.get("url") not in heard]
    if len(kept) == len(said):
        return resource
    rest = {name: kept if name == "extension" else value for name, value in resource.items() if name != "text"}
    return rest if kept else {name: value for name, value in rest.items() if name != "extension"}


def _attached(attachment: Resource, base: str, files: Files) -> Resource:
    file = files.get(str(attachment.get("url", "")).removeprefix(f"{base}/"))
    return {name: value for name, value in attachment.items() if name != "url"} | file if file else attachment


def known_as(program: Program, version: Version, resource: Resource) -> Any:
    """What it is called: its own identifiers and ours; of a type that has one alone, its own, else ours."""
    key, held = _key(program, version, resource), resource.get("identifier", [])
    if not _has_many(program, version.type):
        return key
    return [*(one for one in held if (one.get("system"), one.get("value")) != (key["system"], key["value"])), key]


def _key(program: Program, version: Version, resource: Resource) -> Resource:
    """The identifier by which a partner's server knows it again."""
    if not _has_many(program, version.type) and isinstance(held := resource.get("identifier"), dict):
        return held
    placed = {"type": {"coding": [dict(_PLACER)]}} if version.type in _PLACED else {}
    return {**placed, "system": f"{program.base_url}/{version.type}", "value": version.id}


def _has_many(program: Program, type: str) -> bool:
    element = program.definitions.element(f"{type}.identifier")
    return element is None or element.many


def urn(program: Program, parcel: Parcel) -> str:
    """What a new record is called within a transaction."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, program.link(parcel.version.type, parcel.version.id))}"


def entry(program: Program, resource: Resource, parcel: Parcel, *, if_match: bool) -> Resource:
    """Its entry in a transaction, which can be sent twice."""
    type = parcel.version.type
    if parcel.link is None:
        request = {"method": "POST", "url": type, "ifNoneExist": condition(program, parcel)}
        return {"fullUrl": urn(program, parcel), "resource": resource, "request": request}
    request = {"method": "PUT", "url": f"{type}/{parcel.link.remote}"}
    if if_match and parcel.link.remote_version:
        request["ifMatch"] = f'W/"{parcel.link.remote_version}"'
    return {"resource": resource, "request": request}


def transaction(entries: list[Resource]) -> bytes:
    """A transaction of these entries."""
    return dump({"resourceType": "Bundle", "type": "transaction", "entry": entries})
