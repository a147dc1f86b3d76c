"""Reads a C-CDA document: the patient, records of what it tells, its labels, and the name of all that became no record.

https://www.hl7.org/ccdasearch (C-CDA R2.1) to R4. Pure: the caller keeps the document as it came, in which everything
that is named as unread can be looked up. No record names another person than the patient, save who prescribed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapter.referral.ccda_tables import Tables
from adapter.referral.demographics import demographics, the_patient
from adapter.referral.desk import Desk, Object
from adapter.referral.document import Limits, Node, read_document
from adapter.referral.entries import Entries, Record, Unread
from adapter.referral.facts import stay
from adapter.referral.security import highest, labels
from adapter.referral.values import Values

__all__ = ["Limits", "Reading", "Record", "Tables", "Unread", "read_ccda"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says: `records` begin with the patient's, and refer to each other by their `full_url`.

    `security` are the labels of the document as a whole; each record has its own in `meta.security`.
    """

    records: tuple[Record, ...]
    security: tuple[Object, ...]
    unread: tuple[Unread, ...]
    identifiers: tuple[Object, ...]
    """What its author calls it, as Identifiers."""
    kind: Object | None
    """Its type as a CodeableConcept, for a DocumentReference."""
    title: str | None
    written: str | None
    """Its effectiveTime as a dateTime."""

    @property
    def patient(self) -> Object:
        """The Patient."""
        return self.records[0].resource

    @property
    def resources(self) -> tuple[Object, ...]:
        """All others."""
        return tuple(record.resource for record in self.records[1:])

    def entries(self) -> list[Object]:
        """Everything as entries of a Bundle, without requests."""
        return [{"fullUrl": record.full_url, "resource": record.resource} for record in self.records]


def read_ccda(data: bytes, tables: Tables, new_id: Callable[[], str], limits: Limits | None = None) -> Reading:
    """The reading of a C-CDA document of any template and version; `new_id` makes UUIDs.

    Raises Problem for what is no such document (see `read_document`), or is about nobody or about several; whatever is
    wrong within it costs only the value or the entry, which is named as unread.
    """
    root = read_document(data, limits or Limits())
    role, values = the_patient(root), Values(tables, root)
    written = values.moment(root.first("effectiveTime"))
    desk = Desk(tables, values, f"urn:uuid:{new_id()}", written)
    kind, heading = values.concept(root.take().first("code")), root.first("title")
    title = values.words(heading) if heading else None
    own = labels(values, root)
    person = Record(desk.patient, _labelled(demographics(values, role), own), role.place)
    encounter = root.first("componentOf", "encompassingEncounter")
    entries = Entries(desk, new_id)
    if encounter and any(encounter.children):
        entries.stay = entries.add(stay(desk, encounter), encounter.place, own)
    for section in root.all("component", "structuredBody", "component", "section"):
        entries.section(section, own)
    unread = (*_header(root, role, encounter), *_body(root), *entries.unread, *_lost(values))
    security = highest(values, (own, *entries.security))
    names = tuple(values.identifiers(root.all("id")))
    return Reading((person, *entries.records), tuple(security), unread, names, kind, title, written)


def _labelled(resource: Object, security: list[Object]) -> Object:
    meta = {"meta": {"security": security}} if security else {}
    return {"resourceType": resource["resourceType"], **meta, **resource}


_HEADER = frozenset(("component", "recordTarget", "componentOf", "confidentialityCode", "id", "templateId", "typeId"))
_HEADER |= {"realmCode"}


def _header(root: Node, role: Node, encounter: Node | None) -> Iterator[Unread]:
    """Who took part, and what the patient's and the stay's own records do not say."""
    parts = (one.name for one in root.children if one.name not in _HEADER and not one.read and one.says_something())
    why = "who made the document, and of what it is part, is told by the document alone"
    yield from _of(root, tuple(dict.fromkeys(parts)), why)
    yield from _of(role, tuple(role.unread()), "no record says this: of other people, none is made")
    if encounter:
        yield from _of(encounter, tuple(encounter.unread()), "no record says this")


def _of(node: Node, parts: tuple[str, ...], why: str) -> Iterator[Unread]:
    if parts:
        yield Unread("header", node.place, why, parts=parts)


def _body(root: Node) -> Iterator[Unread]:
    """A body that is a file, or that is not there."""
    whole = root.first("component", "nonXMLBody")
    if whole:
        text = whole.first("text")
        kind, size = (text.get("mediaType"), text.file) if text else ("", 0)
        yield Unread("body", whole.place, f"the body is a file ({kind or 'of no said type'}, {size:,} characters)")
    elif not root.first("component", "structuredBody"):
        yield Unread("body", root.place, "there is no body")


def _lost(values: Values) -> Iterator[Unread]:
    yield from (Unread("part", lost.place, lost.why) for lost in values.lost)
