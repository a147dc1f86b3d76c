"""Data types of HL7 version 3 as those of R4: times, codes, quantities, identifiers, names, addresses.

https://hl7.org/fhir/R4/datatypes.html. What is read is marked as read; what cannot be said in R4 is left out and told
in `lost` with its place: an impossible date never becomes another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from adapter.fhir.dates import Calendar
from adapter.fhir.json import DIGITS, parse
from adapter.referral.ccda_tables import Tables
from adapter.referral.document import Node

Object = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*)){1,40}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"(\d{4})(\d{2})?(\d{2})?(?:(\d{2})(\d{2})?(\d{2})?(?:\.(\d{1,9}))?)?([+-]\d{4})?", re.ASCII)
_DECIMAL = re.compile(r"\+?(-?)([0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_UNIT = re.compile(r"[!-~]{1,40}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_UTC = Calendar(ZoneInfo("UTC"))


class Lost(NamedTuple):
    """Something of the document that no record says: where, and why."""

    place: str
    why: str


class Values:
    """Reads the values of one document."""

    def __init__(self, tables: Tables, root: Node) -> None:
        self.tables = tables
        self.lost: list[Lost] = []
        self._named: dict[str, Node] = {}
        for node in root.below():
            if name := node.get("ID"):
                self._named.setdefault(name, node)

    def lose(self, node: Node, why: str) -> None:
        """Tell that what stands there is in no record."""
        self.lost.append(Lost(node.place, why))

    # Times

    def moment(self, node: Node | None) -> str | None:
        """A TS as a dateTime, as exact as it is said.

        R4 has no time of day without an offset: of one without, the day is kept and the rest told as lost.
        """
        if node is None or not (text := node.take().get("value")):
            return None
        parts = _TIME.fullmatch(text)
        made = _date(parts) if parts else None
        if not parts or made is None:
            self.lose(node, "this is no date")
            return None
        hour, minute, second, part, offset = parts.group(4, 5, 6, 7, 8)
        if hour is None:
            return made
        if minute is None or offset is None:
            self.lose(node, "a time of day without minutes or without an offset is kept as its day")
            return made
        if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59 or not _is_offset(offset):
            self.lose(node, "this is no time of day")
            return made
        fraction = f".{part}" if part else ""
        return f"{made}T{hour}:{minute}:{second or '00'}{fraction}{offset[:3]}:{offset[3:]}"

    def day(self, node: Node | None) -> str | None:
        """A TS as a date."""
        found = self.moment(node)
        if node is not None and found is not None and len(found) > 10:
            self.lose(node, "the time of day is not kept")
        return found[:10] if found else None

    def interval(self, node: Node | None) -> tuple[str | None, str | None]:
        """(start, end) of an IVL_TS; neither where it ends before it starts."""
        if node is None:
            return None, None
        start, end = self.moment(node.first("low")), self.moment(node.first("high"))
        if start and end and extent(start)[0] >= extent(end)[1]:
            self.lose(node, "this ends before it starts")
            return None, None
        return start, end

    def period(self, node: Node | None) -> Object | None:
        """An IVL_TS as a Period."""
        start, end = self.interval(node)
        return said({"start": start, "end": end})

    def when(self, node: Node | None, name: str) -> Object:
        """A TS or IVL_TS as `nameDateTime` or `namePeriod`; nothing where there is none."""
        if node is None:
            return {}
        if at := self.moment(node) or self.moment(node.first("center")):
            return {f"{name}DateTime": at}
        period = self.period(node)
        return {f"{name}Period": period} if period else {}

    # Codes

    def concept(self, node: Node | None) -> Object | None:
        """A CD as a CodeableConcept: its code, its translations, its original text; None when it says nothing."""
        if node is None:
            return None
        codings = [found for one in (node, *node.all("translation")) if (found := self.coding(one))]
        words = self.words(node.first("originalText")) or (not codings and _string(node.get("displayName"))) or None
        return said({"coding": codings or None, "text": words})

    def coding(self, node: Node | None) -> Object | None:
        """The code of a CD as a Coding, of which a system that we do not know is its OID."""
        if node is None:
            return None
        code = " ".join(_clean(node.take().get("code")).split())
        if node.null or not code:
            return None
        system = self.system(node.get("codeSystem"))
        if system is None and node.get("codeSystem"):
            self.lose(node, "the code's system is no OID")
        version = _string(node.get("codeSystemVersion")) if system else None
        display = _string(node.get("displayName"))
        return said({"system": system, "version": version, "code": code, "display": display})

    def system(self, oid: str) -> str | None:
        """The URI of a code system."""
        return self.tables.systems.get(oid) or _uri(oid)

    def word(self, node: Node | None, table: str) -> str | None:
        """The word of one of our tables for a code, which is read only if there is one."""
        found = self.tables.words[table].get(node.get("code")) if node is not None and not node.null else None
        if found and node is not None:
            node.take()
        return found

    def words(self, node: Node | None) -> str | None:
        """A text: its own, or that of the narrative it points to."""
        if node is None:
            return None
        node.take()
        pointer = node.first("reference")
        if pointer is not None and (target := self._named.get(pointer.take().get("value").removeprefix("#"))):
            return _string(target.text)
        return _string(node.text)

    # Quantities

    def quantity(self, node: Node | None, comparator: str | None = None) -> Object | None:
        """A PQ as a Quantity, digits kept; a unit that is no UCUM stays a word."""
        if node is None or node.null or not (text := node.take().get("value")):
            return None
        value = _number(text)
        if value is None:
            self.lose(node, "this is no decimal number")
            return None
        unit = node.get("unit")
        made: Object = {"value": value, "comparator": comparator, "unit": _string(unit)}
        if unit and _UNIT.fullmatch(unit):
            made |= {"system": UCUM, "code": unit}
        return said(made)

    def span(self, node: Node | None) -> Object | None:
        """An IVL_PQ as a Range."""
        if node is None:
            return None
        return said({"low": self.quantity(node.first("low")), "high": self.quantity(node.first("high"))})

    # Who and where

    def identifiers(self, nodes: Iterable[Node]) -> list[Object]:
        """Every II that says something as an Identifier."""
        return [found for one in nodes if (found := self._identifier(one.take()))]

    def _identifier(self, node: Node) -> Object | None:
        root, extension = node.get("root"), _string(node.get("extension"))
        system = self.tables.issuers.get(root) or _uri(root)
        if node.null or not (root or extension):
            return None
        if system is None:
            self.lose(node, "the identifier's root is no OID or UUID")
            return None
        if extension:
            issuer = _string(node.get("assigningAuthorityName"))
            return said({"system": system, "value": extension, "assigner": {"display": issuer} if issuer else None})
        return {"system": "urn:ietf:rfc:3986", "value": system if system.startswith("urn:") else f"urn:oid:{root}"}

    def name(self, node: Node) -> Object | None:
        """A PN as a HumanName."""
        if node.null:
            return None
        own = _own(node.take())
        made: Object = {"use": self._use(node, "name_use"), "text": own}
        made["family"] = " ".join(self._parts(node, "family")) or None
        made |= {part: self._parts(node, part) or None for part in ("given", "prefix", "suffix")}
        made["period"] = self.period(node.first("validTime"))
        return said(made) if own or any(made[part] for part in ("family", "given")) else None

    def _parts(self, node: Node, name: str) -> list[str]:
        found = []
        for part in node.all(name):
            if part.take().get("qualifier"):
                self.lose(part, "the qualifier of a part of a name is not kept")
            if not part.null and (text := _string(part.text)):
                found.append(text)
        return found

    def address(self, node: Node) -> Object | None:
        """An AD as an Address."""
        if node.null:
            return None
        own = _own(node.take())
        made: Object = {"use": self._use(node, "address_use"), "text": own}
        made["line"] = self._parts(node, "streetAddressLine") or None
        for part, element in _ADDRESS:
            made[element] = ", ".join(self._parts(node, part)) or None
        made["period"] = self.period(node.first("useablePeriod"))
        return said(made) if any(made[element] for element in made.keys() - {"use", "period"}) else None

    def telecom(self, node: Node) -> Object | None:
        """A TEL as a ContactPoint."""
        value = _string(node.take().get("value"))
        if node.null or value is None:
            return None
        scheme, found, rest = value.partition(":")
        system = _SCHEMES.get(scheme.lower()) if found else None
        shown = rest.strip() if system and system != "url" else value
        use = self._use(node, "telecom_use")
        return said({"system": system or "other", "value": shown, "use": use}) if shown else None

    def _use(self, node: Node, table: str) -> str | None:
        """The first use that there is a word for."""
        uses = node.get("use").split()
        words = [word for use in uses if (word := self.tables.words[table].get(use))]
        if len(uses) > 1 or len(words) < len(uses):
            self.lose(node, "not every use of it is kept")
        return words[0] if words else None


_ADDRESS = (
    ("city", "city"),
    ("county", "district"),
    ("state", "state"),
    ("postalCode", "postalCode"),
    ("country", "country"),
)
_SCHEMES = {"tel": "phone", "mailto": "email", "fax": "fax", "http": "url", "https": "url", "sms": "sms"}


def said(members: Object) -> Object | None:
    """The members that have a value; None when none has."""
    return {name: value for name, value in members.items() if value is not None} or None


def extent(moment: str) -> tuple[int, int]:
    """From when to when a dateTime may be, in ms; a day is read as one in UTC."""
    return _UTC.interval(moment)


def _date(parts: re.Match[str]) -> str | None:
    year, month, day = parts.group(1, 2, 3)
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join(part for part in (year, month, day) if part)


def _is_offset(text: str) -> bool:
    hours, minutes = int(text[1:3]), int(text[3:])
    return minutes < 60 and (hours < 14 or (hours, minutes) == (14, 0))


def _number(text: str) -> Any:
    """The number with its digits, in the form that R4 has for it; None when it is none."""
    parts = _DECIMAL.fullmatch(text) if len(text) <= DIGITS else None
    if parts is None or not (parts[2] or parts[3]):
        return None
    return parse(f"{parts[1]}{parts[2].lstrip('0') or '0'}{parts[3] or ''}{parts[4] or ''}".encode())


def _uri(root: str) -> str | None:
    if _OID.fullmatch(root):
        return f"urn:oid:{root}"
    return f"urn:uuid:{root.lower()}" if _UUID.fullmatch(root) else None


def is_root(text: str) -> bool:
    """Whether a text is an OID or a UUID."""
    return _uri(text) is not None


def _own(node: Node) -> str | None:
    """The text of an element that is not in an element in it."""
    return _string(" ".join(_strings(node)))


def _strings(node: Node) -> Iterator[str]:
    return (one for one in node.content if isinstance(one, str))


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text)


def _string(text: str) -> str | None:
    """A string of R4: not empty, blanks made one."""
    return " ".join(_clean(text).split()) or None
