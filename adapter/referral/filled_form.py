"""What a form and its files make: the packet that a facility with FHIR would have sent, and what is missing in it.

The ServiceRequest, Patient and documents are written by the maps of their concepts. What the form does not say of the
person is taken from the header of the first C-CDA document. Pure. https://hl7.org/fhir/R4/bundle.html
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from adapter.fhir.json import dump
from adapter.identity.evidence import evidence_of
from adapter.identity.rules import rules_in
from adapter.identity.score import OTHER, compared
from adapter.mapping.concept import Concept
from adapter.problems import Issue, Kind, Problem
from adapter.referral.demographics import demographics, the_patient
from adapter.referral.document import Node
from adapter.referral.documents import DEMOGRAPHICS, XML, load_tables
from adapter.referral.external import ELSEWHERE
from adapter.referral.files import File, clinical, kind_of
from adapter.referral.form import Form, placed
from adapter.referral.form_fields import FIELDS, JSON, SERVICE
from adapter.referral.values import Values

Resource = dict[str, Any]
_PERSON, _REFERRAL, _FORM, _COVER, _PAYER, _WHO = "person", "referral", "consent", "coverage", "the-payer", "requester"
_NPI = "http://hl7.org/fhir/sid/us-npi"
_UNKNOWN = {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK", "display": "unknown"}
_SIGNED = {"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}
_PROPOSED = "the signed form is kept, and proposed: it is in force once the program's intake has seen it"
_FROM = "not said in the form: taken from the document"
_UNSAID = "not said: intake will ask for it"
_NUMBERED = "not said: the referral goes by what was sent, and sent again it is the same one"
_ELEMENTS = {
    "name": ("family", "given"),
    "birthDate": ("birth_date",),
    "gender": ("gender",),
    "telecom": ("phone",),
    "address": ("address_line", "city", "state", "postal_code"),
}
"""Of a Patient, the fields that say it."""
_CONTRADICTED = {
    ("family", OTHER): ("family", ("name",)),
    ("given", OTHER): ("given", ("name",)),
    **dict.fromkeys((("birth_date", how) for how in (OTHER, "digit", "swapped")), ("birth_date", ("birthTime",))),
}
_PLACE = re.compile(r"Bundle\.entry\[([0-9]+)\]\.resource(?:\.([A-Za-z]+))?")


@dataclass(frozen=True, slots=True)
class House:
    """Where a form is filled in: the maps, their folder, and what its sender's own numbers are called by."""

    concepts: Mapping[str, Concept]
    mappings: Path
    organization: str
    address: str
    """The sender's Organization here, as a URL."""


class Filled(NamedTuple):
    """A collection Bundle; what is to be said of the form; which field or file each entry is of; and the document whose
    header told of the person."""

    bundle: Resource
    remarks: tuple[Issue, ...]
    entries: tuple[str, ...]
    header: str | None

    def told(self, issues: Iterable[Issue]) -> Iterator[Issue]:
        """What is said of the Bundle as it is told to who knows the form alone."""
        for issue in issues:
            place = self._place(issue.expression)
            # Said already, by field; and that of its sender nothing but the id is known here is nothing that it said.
            if (issue.message, place) not in ((DEMOGRAPHICS, self.header), (ELSEWHERE, JSON)):
                yield replace(issue, expression=place)

    def _place(self, expression: str | None) -> str | None:
        if expression in ("ServiceRequest.supportingInfo", "ServiceRequest.identifier"):
            return "consent" if expression.endswith("Info") else "identifier"
        found = _PLACE.match(expression or "")
        if found is None:
            return expression
        return _ELEMENTS.get(found[2], (self.entries[int(found[1])],))[0]


def filled(form: Form, house: House) -> Filled:
    """The packet of a form; Problem(UNPROCESSABLE) where it says nobody, or a document tells of another person.

    A document that is no C-CDA although its type says so, or has a DOCTYPE, is refused by its place.
    """
    return _Filling(form, house).done()


class _Header(NamedTuple):
    """What a C-CDA document says of whom it is about, and of what kind it is."""

    place: str
    role: Node
    patient: Resource
    kind: Resource | None


class _Filling:
    def __init__(self, form: Form, house: House) -> None:
        self._said, self._form, self._house = form.fields, form, house
        self._files = [*placed([*form.documents, *([form.consent] if form.consent else [])])]
        self._headers = {place: self._header(file, place) for file, place in self._files if kind_of(file) in XML}
        self._entries: list[tuple[str, Resource]] = []
        self._remarks: list[Issue] = []

    def done(self) -> Filled:
        person = self._person()
        self._add(JSON, person)
        documents = [self._document(file, place) for file, place in self._files]
        self._consent()
        self._insurance()
        self._requester()
        self._add(JSON, self._referral(documents))
        self._missing(person)
        bundle: Resource = {"resourceType": "Bundle", "type": "collection"}
        bundle |= {"entry": [{"resource": resource} for _, resource in self._entries]}
        places = tuple(place for place, _ in self._entries)
        return Filled(bundle, tuple(self._remarks), places, next(iter(self._headers), None))

    def _add(self, place: str, resource: Resource) -> None:
        self._entries.append((place, resource))

    def _made(self, concept: str, id: str, **record: Any) -> Resource:
        """The resource of a record, as far as the form says one: what is not said is for intake to ask."""
        known = {name: value for name, value in record.items() if value not in (None, [], {})}
        return self._house.concepts[concept].to_fhir({"id": id, **known}, park=True)

    def _header(self, file: File, place: str) -> _Header:
        try:
            root = clinical(file.data)
            role = the_patient(root)
        except Problem as problem:
            issues = [Issue(one.code, one.message, place) for one in problem.issues]
            raise Problem(problem.kind, problem.message, place, issues=issues) from None
        values = Values(load_tables(self._house.mappings), root)
        patient = demographics(values, role)
        if patient.get("gender") == "unknown":
            del patient["gender"]
        return _Header(place, role, patient, values.concept(root.first("code")))

    # Who it is about

    def _person(self) -> Resource:
        person = self._of_form()
        for number, header in enumerate(self._headers.values()):
            self._check_same(person, header)
            person = person if number else self._joined(person, header)
        if not (person.get("name") or person.get("identifier")):
            why = "a referral needs the person's name, or a number that the person goes by"
            issues = [Issue("required", why, name) for name in ("family", "medical_record_number")]
            raise Problem(Kind.UNPROCESSABLE, why, "family", issues=issues)
        return person

    def _of_form(self) -> Resource:
        said = self._said
        name = {"family": said.get("family"), "given": said.get("given", "").split()}
        address: Resource = {name: said.get(name) for name in ("city", "state", "postal_code")}
        address |= {"lines": [said["address_line"]]} if "address_line" in said else {}
        return self._made(
            "participant",
            _PERSON,
            names=_listed(name),
            birth_date=said.get("birth_date"),
            sex=said.get("gender"),
            telecoms=_listed({"system": "phone", "value": said["phone"]}) if "phone" in said else None,
            addresses=_listed(address),
            identifiers=[
                *self._number("medical_record_number", "medical_record_number"),
                *self._member(),
            ],
        )

    def _member(self) -> list[Resource]:
        value = self._said.get("member_number")
        return [{"value": value, "type": "member_number"}] if value else []

    def _number(self, name: str, type: str) -> list[Resource]:
        """A number of the sender's own, of a system that no other sender's are of."""
        system, parted, value = self._said.get(name, "").rpartition("|")
        system = system if parted else f"{self._house.address}#{name.replace('_', '-')}"
        return [{"system": system, "value": value.strip(), "type": type}] if value else []

    def _check_same(self, person: Resource, header: _Header) -> None:
        findings = compared(rules_in(self._house.mappings), evidence_of(person), evidence_of(header.patient)).findings
        issues = []
        for field, path in dict.fromkeys(_CONTRADICTED[one] for one in findings if one in _CONTRADICTED):
            node = header.role.first("patient", *path)
            where = f" ({node.place})" if node else ""
            issues.append(Issue("business-rule", f"{header.place} says another{where}: whom is it about?", field))
        if issues:
            raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)

    def _joined(self, person: Resource, header: _Header) -> Resource:
        """The form's person, with what the header says besides; each field that it says is named."""
        joined = {**header.patient, **person}
        for name in ("identifier", "telecom", "address"):
            joined |= {name: both} if (both := [*person.get(name, ()), *header.patient.get(name, ())]) else {}
        named = (header.patient.get("name") or [{}])[0]
        if "name" in person:
            joined["name"] = [{**_part(named, ("family", "given")), **person["name"][0]}]
        told = [part for part in ("family", "given") if part in named and part not in self._said]
        self._remarks += [_information(_FROM, part) for part in told]
        for name, fields in _ELEMENTS.items():
            if name != "name" and header.patient.get(name) and not self._said.keys() & {*fields}:
                self._remarks.append(_information(_FROM, fields[0]))
        self._remarks.append(_information("whatever else it says of the person was taken", header.place))
        return joined

    # What came with it

    def _document(self, file: File, place: str) -> str:
        """The id of the document of a file."""
        id, media = re.sub(r"\W+", "-", place).strip("-"), kind_of(file)
        header, signed = self._headers.get(place), file.field == "consent"
        kind = {"coding": [_SIGNED]} if signed else header.kind if header and header.kind else {"coding": [_UNKNOWN]}
        attachment = {"content_type": media, "url": f"Binary/{id}-file", "title": file.name, "size": len(file.data)}
        document = self._made(
            "document",
            f"{id}-document",
            participant=_PERSON,
            status="current",
            type={"codes": [_UNKNOWN]},
            categories=["clinical_note"],
            title=file.name,
            files=[{"file": attachment}],
        )
        data = b64encode(file.data).decode("ascii")
        self._add(place, document | {"type": kind})
        self._add(place, {"resourceType": "Binary", "id": f"{id}-file", "contentType": media, "data": data})
        return f"DocumentReference/{id}-document"

    def _consent(self) -> None:
        """A form that nobody has read says nothing yet of what it permits: 42 CFR 2.31(a)."""
        if self._form.consent is None:
            return
        system = "http://terminology.hl7.org/CodeSystem/"
        scope = {"coding": [{"system": f"{system}consentscope", "code": "patient-privacy"}]}
        rule = {"coding": [{"system": f"{system}v3-ActCode", "code": "42CFRPart2"}]}
        consent: Resource = {"resourceType": "Consent", "id": _FORM, "status": "proposed", "scope": scope}
        consent |= {"category": [{"coding": [_SIGNED]}], "patient": {"reference": f"Patient/{_PERSON}"}}
        source = {"reference": "DocumentReference/consent-document"}
        self._add("consent", consent | {"sourceReference": source, "policyRule": rule})
        self._remarks.append(_information(_PROPOSED, "consent"))

    def _insurance(self) -> None:
        if payer := self._said.get("payer"):
            self._add("payer", self._made("organization", _PAYER, name=payer, active=True))
            whose = {"participant": _PERSON, "payer": f"Organization/{_PAYER}", "identifiers": self._member()}
            self._add("payer", self._made("coverage", _COVER, status="active", **whose))

    def _requester(self) -> None:
        said = self._said
        if who := {name: said[name] for name in ("requester_name", "requester_npi", "requester_phone") if name in said}:
            name = [{"text": who["requester_name"]}] if "requester_name" in who else None
            npi = [{"system": _NPI, "value": who["requester_npi"], "type": "npi"}] if "requester_npi" in who else None
            phone = who.get("requester_phone")
            telecoms = [{"system": "phone", "value": phone, "use": "work"}] if phone else None
            self._add("requester_name", self._made("clinician", _WHO, names=name, identifiers=npi, telecoms=telecoms))

    def _referral(self, documents: list[str]) -> Resource:
        said, there = self._said, {resource["id"] for _, resource in self._entries}
        sender = f"Organization/{self._house.organization}"
        return self._made(
            "step_down_referral",
            _REFERRAL,
            participant=_PERSON,
            status="active",
            intent="order",
            service=said.get("service", SERVICE),
            requested_level_of_care=said.get("requested_level_of_care"),
            requested_start=said.get("requested_start"),
            priority=said.get("priority"),
            requester=f"Practitioner/{_WHO}" if _WHO in there else sender,
            facility=self._house.organization,
            facility_discharged_on=said.get("discharge_date"),
            reasons=[{"text": said["reason"]}] if "reason" in said else None,
            documents=documents,
            consents=[_FORM] if _FORM in there else None,
            insurance=[f"Coverage/{_COVER}"] if _COVER in there else None,
            identifiers=self._number("identifier", "placer_number") or [self._by_content()],
        )

    def _by_content(self) -> Resource:
        """An identifier for what has none: all that is said, and the documents; its sender is looked at besides.

        One cover sheet goes with many people, and one person is referred twice with the same papers.
        """
        digest = sha256()
        for file, _ in self._files:
            digest.update(sha256(file.data).digest())
        digest.update(dump(sorted(self._said.items())))
        self._remarks.append(_information(_NUMBERED, "identifier"))
        return {"system": f"{self._house.address}#content", "value": digest.hexdigest(), "type": "placer_number"}

    def _missing(self, person: Resource) -> None:
        told = {field for name, fields in _ELEMENTS.items() if person.get(name) for field in fields}
        if names := person.get("name"):
            told -= {part for part in ("family", "given") if not names[0].get(part)}
        for name, field in FIELDS.items():
            if field.wanted and name not in self._said and name not in told:
                self._remarks.append(_missing(name))
        if "service" not in self._said:
            self._remarks.append(_information(f"not said: taken as {SERVICE}", "service"))
        if not self._form.documents:
            self._remarks.append(_missing("document"))


def _listed(said: Resource) -> list[Resource] | None:
    """What says something, as the one of its kind."""
    known = {name: value for name, value in said.items() if value}
    return [known] if known else None


def _part(said: Resource, names: tuple[str, ...]) -> Resource:
    return {name: said[name] for name in names if name in said}


def _information(said: str, place: str) -> Issue:
    return Issue("informational", said, place, "information")


def _missing(place: str) -> Issue:
    return Issue("informational", _UNSAID, place, "warning")
