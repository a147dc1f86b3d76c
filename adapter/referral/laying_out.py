"""What becomes of the parts of a referral: one record of each, for intake alone until it has said who the person is.

The sender's own words stay its own: what is changed on the way in (a status, a category) is changed in the record, and
not in what its sender sees of it. https://hl7.org/fhir/R4/task.html, BSeR Referral Task, 42 CFR 2.31.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b

from adapter.consent.policy import DIRECTORY
from adapter.consent.predicate import everything
from adapter.fhir.canonical import profile
from adapter.fhir.dates import instant_of, milliseconds
from adapter.fhir.json import dump
from adapter.identity.standing import as_proposed
from adapter.interactions.changes import Change, stamped
from adapter.interactions.program import Program
from adapter.interactions.types import served, writable
from adapter.problems import Issue, Kind, Problem
from adapter.referral.documents import DEMOGRAPHICS, documents
from adapter.referral.external import Pointers
from adapter.referral.packet import FULFILL, WHOLE, Packet, Part, Resource
from adapter.referral.taking import WAITING, as_asked, as_step_down, here_of, labelled, taken
from adapter.released import Predicate

TO_FULFILL = {"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": FULFILL}
CREATED = {"system": "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS", "code": "2.0"}
CREATED["display"] = "Service Request Created"
_WHO = "what the program is called"
_OURS = frozenset(("owner", "statusReason", "output", "encounter", "location", "executionPeriod"))
_EPISODE = profile("iop-episode-link")
_NOT_TAKEN = "not taken: this is for the program to say"
_UNKEPT = "not kept: of this kind of Bundle the parts are"
_BUNDLE = frozenset(("resourceType", "type", "entry"))
_HELD = "kept as it came: no record of this type is made"


@dataclass(frozen=True, slots=True)
class Laid:
    """What is to be written: the changes, where each part will be (`Type/id`; "" for none), and what is to be said.

    `called` is what its sender calls the referral, `digest` that of what was sent; `consented`: whether a consent came
    with it; `proposed` are (type, id, id of the document that it was read from, or "") of records that staff are asked
    about.
    """

    changes: list[Change]
    records: tuple[str, ...]
    referral: str
    task: str
    called: str
    digest: str
    consented: bool
    remarks: list[Issue] = field(default_factory=list)
    proposed: Sequence[tuple[str, str, str]] = ()


def called(referral: Resource, digest: str) -> str:
    """What its sender calls it: its placer's identifier, else its first with a system; else all that it says."""
    held = [one for one in referral.get("identifier", ()) if one.get("system") and one.get("value")]
    placed = [one for one in held if "PLAC" in [c.get("code") for c in one.get("type", {}).get("coding", ())]]
    first = next(iter([*placed, *held]), None)
    return f"{first['system']}|{first['value']}" if first else f"digest:{digest}"


def _remark(said: str, place: str) -> Issue:
    return Issue("informational", said, place, "information")


def _person(patient: Resource) -> Resource:
    """By what one person is told from another."""
    return {name: patient.get(name) for name in ("name", "birthDate")}


def _digest(said: Resource) -> str:
    return blake2b(dump(said), digest_size=32).hexdigest()


def lay_out(program: Program, predicate: Predicate, organization: str, given: Resource, packet: Packet) -> Laid:
    """The records of what an organization sends; Problem(UNPROCESSABLE) for a reference that leads nowhere."""
    return _Layer(program, predicate, organization, given, packet).laid()


class _Layer:
    def __init__(
        self, program: Program, predicate: Predicate, organization: str, given: Resource, packet: Packet
    ) -> None:
        self._program, self._predicate, self._organization = program, predicate, organization
        self._packet, self._given = packet, given
        self._served: Collection[str] = served(program)
        self._remarks: list[Issue] = []
        mappings, new_id = program.settings.mappings, program.new_id
        self._documents = list(documents(packet.parts, packet.names, packet.patient, mappings, new_id))
        self._read_from = [*self._read()]
        self._proposed = [part for _, part in self._read_from]
        self._parts = [*packet.parts, *self._added(), *self._proposed]
        self._at = [self._address(part) for part in self._parts]

    def laid(self) -> Laid:
        persons = {one.reading.records[0].full_url: self._packet.patient for one in self._documents}
        places = dict(enumerate(self._at))
        pointers = Pointers(self._parts, places, self._program.base_url, self._is_known, persons)
        pointers.point()
        if pointers.issues:
            first = pointers.issues[0]
            raise Problem(Kind.UNPROCESSABLE, first.message, first.expression, issues=pointers.issues)
        digest = f"{_digest(_person(self._packet.patient.resource))}.{_digest(self._given)}"
        changes = [change for part, at in zip(self._parts, self._at, strict=True) for change in self._change(part, at)]
        made = {f"{change.type}/{change.id}" for change in changes}
        records = tuple(at if at in made else "" for at in self._at)
        referral, task = self._of(self._packet.referral), self._of(self._task())
        consented = any(True for _ in self._packet.of("Consent"))
        name, remarks = called(self._packet.referral.resource, digest), [*self._remarks, *pointers.external]
        ids = referral.partition("/")[2], task.partition("/")[2]
        return Laid(changes, records, *ids, name, digest, consented, remarks, [*self._asked(made)])

    def _asked(self, made: Collection[str]) -> Iterator[tuple[str, str, str]]:
        """What staff are asked about, of the records that are made: what a document tells, and who treats or pays."""
        documents = {id(part): document for document, part in self._read_from}
        for part, at in zip(self._parts, self._at, strict=True):
            document = documents.get(id(part))
            if at in made and (document is not None or part.type in WAITING):
                type, _, key = at.partition("/")
                yield type, key, self._of(document).partition("/")[2] if document is not None else ""

    def _added(self) -> Iterator[Part]:
        """The Task, where none came; and what is kept as it came."""
        if self._packet.task is None:
            yield Part("Task", None, {"resourceType": "Task"})
        for part in self._packet.parts:
            if not self._is_record(part):
                self._remarks.append(_remark(_HELD, part.place))
                yield from self._kept(part.resource, part.place, f"{part.type} as received")
        unkept = () if self._packet.kind in (*WHOLE, "resource") else sorted(self._given.keys() - _BUNDLE)
        self._remarks += [_remark(_UNKEPT, f"Bundle.{name}") for name in unkept]
        if self._packet.kind in WHOLE:
            yield from self._kept(self._given, "Bundle", "Referral as received")

    def _read(self) -> Iterator[tuple[Part, Part]]:
        """What the C-CDA documents tell, as records, each behind the part that it is from; who the person is says the
        referral's own Patient."""
        for document in self._documents:
            self._remarks += [*document.remarks(), _remark(DEMOGRAPHICS, document.place)]
            for record in document.reading.records[1:]:
                yield document.part, Part(f"{document.place}: {record.place}", record.full_url, record.resource)

    def _kept(self, resource: Resource, place: str, title: str) -> Iterator[Part]:
        """A document with what was sent in it."""
        attachment = {
            "contentType": "application/fhir+json",
            "data": b64encode(dump(resource)).decode(),
            "title": title,
        }
        document: Resource = {"resourceType": "DocumentReference", "status": "current", "description": title}
        unknown = {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK", "display": "unknown"}
        document |= {"type": {"coding": [unknown]}, "content": [{"attachment": attachment}]}
        yield Part(place, None, document)

    def _is_record(self, part: Part) -> bool:
        return part.type in self._served and writable(part.type)

    def _address(self, part: Part) -> str:
        if part in self._packet.senders:
            return f"Organization/{self._organization}"
        return f"{part.type}/{self._program.new_id()}"

    def _of(self, wanted: Part) -> str:
        return next(at for part, at in zip(self._parts, self._at, strict=True) if part is wanted)

    def _task(self) -> Part:
        return self._packet.task or self._parts[len(self._packet.parts)]

    def _is_known(self, type: str, id: str) -> bool:
        """Whether the sender may see a record of the directory here."""
        if type not in DIRECTORY:
            return False
        version = self._program.store.read(self._predicate, type, id)
        return version is not None and not version.deleted

    def _change(self, part: Part, at: str) -> Iterator[Change]:
        """The record of a part, and what its sender sees of it; none of who sends, who is known."""
        if part in self._packet.senders:
            why = "taken as the organization that is registered here; what else is said of it was not taken"
            self._remarks.append(_remark(why, part.place))
            return
        if not self._is_record(part):
            return
        type, _, id = at.partition("/")
        sent = stamped(part.resource, id)
        if part is self._task():
            sent = self._received(sent)
        elif part not in self._packet.parts and part not in self._proposed:
            sent = {**sent, "subject": {"reference": self._of(self._packet.patient)}}
        yield Change("create", type, id, self._taken(part, sent), source=part.place, sent=sent)

    def _taken(self, part: Part, sent: Resource) -> Resource:
        """The record that is made of what was sent."""
        if part is self._packet.referral:
            read = partial(self._program.store.read, everything(_WHO))
            return as_asked(as_step_down(sent), here_of(self._program.settings.custodians, read))
        if part.type == "DocumentReference":
            return labelled(sent, [of for one in self._documents if one.part is part for of in one.reading.security])
        record, said = taken(sent, self._program.base_url)
        if said:
            self._remarks.append(_remark(said, part.place))
        return as_proposed(self._program.maps, record) if part in self._proposed else record

    def _received(self, task: Resource) -> Resource:
        """The Task of the referral, received: its sender's own, or ours."""
        now = instant_of(milliseconds(self._program.clock()))
        asked = self._packet.referral.resource.get("requester") or {"reference": f"Organization/{self._organization}"}
        owner = sorted(self._program.settings.custodians)[:1]
        made = {
            "status": "received",
            "businessStatus": {"coding": [dict(CREATED)]},
            "intent": "order",
            "code": {"coding": [dict(TO_FULFILL)]},
            "focus": {"reference": self._of(self._packet.referral)},
            "for": {"reference": self._of(self._packet.patient)},
            **({"owner": {"reference": f"Organization/{owner[0]}"}} if owner else {}),
        }
        # Who has it, what came of it, and which episode it opened are for the program to say.
        for name in sorted(_OURS & task.keys()):
            self._remarks.append(_remark(_NOT_TAKEN, f"{self._task().place}.{name}"))
        kept = {name: value for name, value in task.items() if name not in _OURS}
        links = [one for one in task.get("extension", ()) if one.get("url") != _EPISODE]
        if len(links) < len(task.get("extension", ())):
            self._remarks.append(_remark(_NOT_TAKEN, f"{self._task().place}.extension"))
            kept = {**kept, "extension": links} if links else {k: v for k, v in kept.items() if k != "extension"}
        first = {name: said for name, said in (("authoredOn", now), ("requester", asked)) if name not in kept}
        return {**kept, **first, **made, "lastModified": now}
