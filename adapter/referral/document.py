"""A clinical document (HL7 CDA Release 2) as elements that know where they stand and whether they were read.

https://www.hl7.org/implement/standards/product_brief.cfm?product_id=7. Of the XML nothing is fetched or expanded: a
document type is refused as soon as it is seen. Files in base64 are measured and not kept, because the document itself
is kept as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from adapter.problems import Kind, Problem

V3 = "urn:hl7-org:v3"
_PREFIXES = {V3: "", "urn:hl7-org:sdtc": "sdtc:", "http://www.w3.org/2001/XMLSchema-instance": "xsi:"}
# What says how a statement hangs together with others, and nothing of the patient.
_FORM = frozenset(("classCode", "moodCode", "typeCode", "determinerCode", "contextControlCode", "nullFlavor"))
_FORM |= {"contextConductionInd", "inversionInd", "independentInd", "negationInd", "xsi:type", "nullificationInd"}
_FORMAL = frozenset(("templateId", "id", "realmCode", "typeId", "sequenceNumber"))
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a document may be: bytes of all, levels of elements, and elements."""

    size: int = 64 << 20
    depth: int = 100
    elements: int = 200_000


class Node:
    """An element: its name (`sdtc:` before those of the extensions, `{URI}` before those of others), attributes, and
    text and elements in order. `read` is set by whoever makes something of it."""

    __slots__ = ("attributes", "content", "file", "name", "number", "parent", "read")

    def __init__(self, name: str, attributes: Mapping[str, str], parent: Node | None) -> None:
        self.name, self.attributes, self.parent = name, attributes, parent
        self.content: list[Node | str] = []
        self.number = 0
        """Which of several of its name it is; 0 for the only one."""
        self.file = 0
        """Characters of base64 that were here."""
        self.read = False

    def get(self, name: str) -> str:
        """An attribute without blanks around it, "" when there is none."""
        return self.attributes.get(name, "").strip()

    @property
    def null(self) -> bool:
        """Whether it says that it says nothing."""
        return "nullFlavor" in self.attributes

    @property
    def children(self) -> Iterator[Node]:
        """Its elements."""
        return (one for one in self.content if isinstance(one, Node))

    def all(self, *path: str) -> Iterator[Node]:
        """Every element on a path of names below this one."""
        for child in self.children:
            if child.name == path[0]:
                if len(path) == 1:
                    yield child
                else:
                    yield from child.all(*path[1:])

    def first(self, *path: str) -> Node | None:
        """The first of them, if there is one."""
        return next(self.all(*path), None)

    def below(self) -> Iterator[Node]:
        """Every element below, in the order of the document."""
        for child in self.children:
            yield child
            yield from child.below()

    @property
    def text(self) -> str:
        """All text in it, blanks made one."""
        return _SPACE.sub(" ", "".join(self._texts())).strip()

    def _texts(self) -> Iterator[str]:
        for one in self.content:
            if isinstance(one, str):
                yield one
            else:
                # Cells and paragraphs of a narrative stand apart though there is no blank between them.
                yield from (" ", *one._texts(), " ")

    @property
    def place(self) -> str:
        """Where it stands, as an XPath of local names: `/ClinicalDocument/component/structuredBody/component[3]`."""
        if self.parent is None:
            return f"/{self.name}"
        return f"{self.parent.place}/{self.name}" + (f"[{self.number}]" if self.number else "")

    def take(self) -> Node:
        """Itself, as one that was read."""
        self.read = True
        return self

    def unread(self, path: str = "") -> Iterator[str]:
        """The path below of everything that says something and was not read, each once."""
        return iter(dict.fromkeys(self._unread(path)))

    def _unread(self, path: str) -> Iterator[str]:
        for child in self.children:
            if child.name in _FORMAL or not child.says_something():
                continue
            here = f"{path}/{child.name}" if path else child.name
            if child.read or any(one.read for one in child.below()):
                yield from child._unread(here)
            else:
                yield here

    def says_something(self) -> bool:
        """Whether there is a value or text in it, and not only form, or that something is in the narrative."""
        if self.name == "statusCode" and self.get("code") == "completed":
            return False
        inner = [*self.children]
        if self.file or not self.attributes.keys() <= _FORM or len(inner) < len(self.content):
            return True
        if self.name == "text" and len(inner) == 1 and inner[0].name == "reference":
            return False
        return any(child.name not in _FORMAL and child.says_something() for child in inner)


def read_document(data: bytes, limits: Limits) -> Node:
    """The root of a clinical document.

    Raises Problem: TOO_LONG beyond the size, INVALID (code `structure`) for what is no XML, has a document type, is
    nested too deep or has too many elements, UNPROCESSABLE for XML that is no ClinicalDocument of HL7 version 3.
    """
    if len(data) > limits.size:
        raise Problem(Kind.TOO_LONG, f"the document is larger than {limits.size:,} bytes")
    builder = _Builder(limits)
    try:
        builder.parse(data)
    except (expat.ExpatError, LookupError, ValueError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "offset", 0) + 1
        raise Problem(
            Kind.INVALID, f"the document is not XML (line {line}, column {column})", code="structure"
        ) from None
    root = builder.root
    if root.name != "ClinicalDocument":
        name = root.name.rpartition("}")[2]
        why = f"of another namespace than {V3}" if name == "ClinicalDocument" else "another than ClinicalDocument"
        raise Problem(Kind.UNPROCESSABLE, f"this is no clinical document: its root is {why}", "/")
    return root


class _Builder:
    """Makes nodes of what the parser tells."""

    root: Node

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._here: Node | None = None
        self._count = 0
        self._counts: list[dict[str, int]] = []
        """How many of each name there are so far, in each of the open elements."""
        self._text: list[str] = []

    def parse(self, data: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(data, True)

    def _doctype(self, *_: object) -> None:
        raise Problem(Kind.INVALID, "the document has a document type (DOCTYPE), which is not read", code="structure")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._counts) >= self._limits.depth:
            self._refuse(f"the document is nested deeper than {self._limits.depth} levels")
        if self._count > self._limits.elements:
            self._refuse(f"the document has more than {self._limits.elements:,} elements")
        self._flush()
        node = Node(_element(name), {_attribute(key): value for key, value in attributes.items()}, self._here)
        if self._here is None:
            self.root = node
        else:
            self._here.content.append(node)
            count = self._counts[-1]
            node.number = count[node.name] = count.get(node.name, 0) + 1
        self._here = node
        self._counts.append({})

    def _refuse(self, why: str) -> None:
        raise Problem(Kind.INVALID, why, self.root.name, code="structure")

    def _end(self, _: str) -> None:
        self._flush()
        assert self._here is not None
        count = self._counts.pop()
        for child in self._here.children:
            child.number = 0 if count[child.name] == 1 else child.number
        self._here = self._here.parent

    def _characters(self, text: str) -> None:
        if self._here is not None and self._here.attributes.get("representation") == "B64":
            self._here.file += len(text)
        else:
            self._text.append(text)

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if self._here is not None and text and not text.isspace():
            self._here.content.append(text)


def _element(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}{local}" if prefix is not None else f"{{{namespace}}}{local}"


def _attribute(name: str) -> str:
    """Attributes of the version's own have no namespace."""
    return _element(name) if " " in name else name
