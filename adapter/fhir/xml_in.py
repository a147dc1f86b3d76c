"""Reads a resource from XML into what its JSON says: https://hl7.org/fhir/R4/xml.html

What is wrong with the XML itself is told here: order, attributes, text between elements, other namespaces. An element
that R4 does not have is handed on as it is, and the door tells it as it tells one of JSON. Nothing is left out but
comments and the hint of a schema's location, which say nothing of the resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from lxml import etree

from adapter.fhir.elements import Definitions
from adapter.fhir.json import DEPTH, element_name, parse
from adapter.fhir.outcome import LIMIT, at_most
from adapter.fhir.xml_names import FHIR, XHTML, Named, Names, is_attribute
from adapter.problems import Issue, Kind, Problem

Object = dict[str, Any]
Node = Any
"""An lxml element, comment or processing instruction."""

_SCHEMA_HINT = "{http://www.w3.org/2001/XMLSchema-instance}"
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_NUMBERS = frozenset(("decimal", "integer", "positiveInt", "unsignedInt"))
_BEFORE = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml\s[^?>]*\?>)?")
# No element of FHIR or XHTML comes near; the time that libxml2 takes grows with their square.
_CROWDED = re.compile(rb"""(?:\s[^\s=<>"']{1,256}\s*=\s*(?:"[^"<]*"|'[^'<]*')){64}""")
_UNKNOWN = Named(-1, "", "", many=False)


class XmlReader:
    """Reads resources by the R4 definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self._types = definitions.types
        self._names = Names.of(definitions)

    def read(self, body: bytes) -> Object:
        """The resource in `body` (UTF-8) as its JSON says it.

        Raises Problem(INVALID) with every fault of the XML; a document type, an entity or a processing instruction is
        refused before anything is parsed.
        """
        reading = _Reading(self._names, self._types, _divs(body))
        made = reading.resource(_root(body), "")
        reading.told()
        return made


def _root(body: bytes) -> Node:
    rest = body[_BEFORE.match(body).end() :]  # type: ignore[union-attr]  # it matches nothing too
    if b"<!DOCTYPE" in rest or b"<!ENTITY" in rest or b"<?" in rest:
        why = "the XML has a document type, an entity or a processing instruction"
        raise Problem(Kind.INVALID, why, code="structure")
    if _CROWDED.search(body):
        raise Problem(Kind.INVALID, "an element of the XML has 64 attributes or more", code="structure")
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line, column = getattr(error, "position", (1, 1))
        why = f"The body is not XML (line {line}, column {column})."
        raise Problem(Kind.INVALID, why, code="structure") from None


def _divs(body: bytes) -> Iterator[str]:
    """The very text of each narrative, in the order of the document."""
    if XHTML.encode() not in body:
        return
    found: list[tuple[int, int]] = []
    open_at: list[int] = []
    parser = expat.ParserCreate(namespace_separator=" ", encoding="utf-8")

    def start(name: str, _: dict[str, str]) -> None:
        if open_at or name == f"{XHTML} div":
            open_at.append(parser.CurrentByteIndex)

    def end(_: str) -> None:
        if open_at:
            begin = open_at.pop()
            if not open_at:
                found.append((begin, parser.CurrentByteIndex))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        return  # the reader tells what is wrong
    for begin, last in found:
        # The end of an empty element is where it begins.
        yield body[begin : body.index(b">", last) + 1].decode(errors="replace")


class _Reading:
    """One pass over one document; `issues` collects what is wrong."""

    def __init__(self, names: Names, types: frozenset[str], divs: Iterator[str]) -> None:
        self._names, self._types, self._divs = names, types, divs
        self.issues: list[Issue] = []

    def told(self) -> None:
        """Raise what is wrong so far."""
        if self.issues:
            first = self.issues[0]
            raise Problem(Kind.INVALID, first.message, first.expression, issues=at_most(self.issues))

    def resource(self, node: Node, at: str) -> Object:
        """The resource of an element; `at` is its place in the JSON, empty for the root."""
        type = self._name(node, at)
        return {"resourceType": type, **self._object(node, type, at or type)}

    def _object(self, node: Node, path: str, at: str, own: tuple[str, ...] = ()) -> Object:
        """The members of an element; `own` are attributes that somebody else reads."""
        made: Object = {}
        names = self._names.below(path)
        for name, value in node.attrib.items():
            if name in names and is_attribute(path, name, self._types):
                made[name] = value
            elif name not in own and not name.startswith(_SCHEMA_HINT):
                self._wrong(f"an attribute that is not there in R4{_shown(name)}", at)
        last = -1
        for child in self._children(node, at):
            name = self._name(child, at)
            named = names.get(name, _UNKNOWN)
            if name in names and is_attribute(path, name, self._types):
                self._wrong(f"{name} is an attribute here", f"{at}.{name}")
            if 0 <= named.place < last:
                self._wrong(f"{name} stands behind what R4 has after it", f"{at}.{name}")
            last = max(last, named.place)
            self._add(made, name, named, child, at)
        return made

    def _add(self, made: Object, name: str, named: Named, child: Node, at: str) -> None:
        """Put what a child says into the object: alone, or as the next of a list."""
        count = len(made[name] if name in made else made.get(f"_{name}", ())) if named.many else 0
        place = f"{at}.{name}[{count}]" if named.many else f"{at}.{name}"
        value, extra = self._value(child, named, place)
        if not named.many and (name in made or f"_{name}" in made):
            self._wrong("this element may be there once", place)
        if named.many:
            _append(made, name, value, count)
            _append(made, f"_{name}", extra, count)
            return
        made |= {name: value} if value is not None else {}
        made |= {f"_{name}": extra} if extra else {}

    def _value(self, child: Node, named: Named, at: str) -> tuple[Any, Object | None]:
        """(value, what JSON says beside it) of an element."""
        if at.count(".") > DEPTH:
            raise Problem(Kind.INVALID, f"The XML is nested deeper than {DEPTH} levels.", code="structure")
        if named.type == "xhtml":
            return self._div(child), None
        if named.type == "Resource":
            inner = list(self._children(child, at))
            if len(inner) != 1 or child.attrib:
                self._wrong("this element holds one resource and nothing else", at)
            return (self.resource(inner[0], at) if inner else {}), None
        if named is _UNKNOWN:
            return self._unknown(child, at), None
        if named.primitive:
            return self._primitive(child, named, at)
        found = self._object(child, named.content, at)
        if not found:
            self._wrong("this element is empty", at)
        return found, None

    def _primitive(self, child: Node, named: Named, at: str) -> tuple[Any, Object | None]:
        extra = self._object(child, "Element", at, own=("value",))
        text = child.get("value")
        if text is None and not extra:
            self._wrong("this element is empty", at)
        return (None if text is None else _typed(text, named.type)), extra or None

    def _unknown(self, child: Node, at: str) -> Any:
        """An element that R4 does not have: enough of it for the door to name it."""
        return child.get("value", {name.rpartition("}")[2]: {} for name in child.attrib})

    def _div(self, child: Node) -> str:
        """The narrative as it was written, or anew where it leans on what stands around it."""
        written = next(self._divs, "")
        try:
            if etree.fromstring(written.encode(), _strict()).tag == f"{{{XHTML}}}div":
                return written
        except etree.XMLSyntaxError:
            pass
        return str(etree.tostring(_bare(child), encoding="unicode", with_tail=False))

    def _children(self, node: Node, at: str) -> Iterator[Node]:
        """The elements of an element; text between them is no FHIR."""
        self._blank(node.text, at)
        for child in node:
            if isinstance(child.tag, str):
                yield child
            self._blank(child.tail, at)

    def _blank(self, text: str | None, at: str) -> None:
        if text and text.strip(" \t\r\n"):
            self._wrong("there is text between elements", at)

    def _name(self, node: Node, at: str) -> str:
        namespace, _, name = node.tag.rpartition("}")
        wanted = XHTML if name == "div" and at else FHIR
        if namespace.removeprefix("{") != wanted:
            self._wrong(f"an element of another namespace than {wanted}{_shown(name)}", at or None)
        return str(name)

    def _wrong(self, why: str, at: str | None) -> None:
        self.issues.append(Issue("structure", f"The XML is not FHIR: {why}.", at))
        if len(self.issues) > LIMIT:
            self.told()


def _append(made: Object, name: str, value: Any, count: int) -> None:
    """The next member of a list; of two lists that go together, the one that has nothing yet waits for something."""
    if name in made:
        made[name].append(value)
    elif value is not None:
        made[name] = [*[None] * count, value]


def _typed(text: str, type: str) -> Any:
    """The JSON value of a primitive; what its type does not allow stays a text, which the door refuses."""
    if type == "boolean" and text in ("true", "false"):
        return text == "true"
    if type in _NUMBERS and _NUMBER.fullmatch(text):
        return parse(text.encode())
    return text


def _strict() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _bare(node: Node) -> Node:
    """A copy in the narrative's own namespace, without the prefixes and declarations of what stands around it."""
    copy = etree.Element(node.tag, dict(node.attrib), nsmap={None: XHTML})
    copy.text = node.text
    for child in node:
        if isinstance(child.tag, str):
            copy.append(_bare(child))
            copy[-1].tail = child.tail
        elif len(copy):
            copy[-1].tail = (copy[-1].tail or "") + (child.tail or "")
        else:
            copy.text = (copy.text or "") + (child.tail or "")
    return copy


def _shown(name: str) -> str:
    return f": {name}" if element_name(name) else ""
