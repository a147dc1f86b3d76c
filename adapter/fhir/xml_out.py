"""Writes a resource as XML, element by element in the order of its definition: https://hl7.org/fhir/R4/xml.html

What JSON can say and XML cannot is a control character. Numbers keep their digits, and the narrative its very text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump
from adapter.fhir.xml_names import FHIR, Named, Names, is_attribute
from adapter.problems import Kind, Problem

Object = dict[str, Any]

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_SPECIAL = re.compile(r'[&<>"\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]')
# A reader makes one blank of white space in an attribute that is written as itself.
_WRITTEN = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


class XmlWriter:
    """Writes resources of the R4 definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self._types = definitions.types
        self._names = Names.of(definitions)

    def write(self, resource: Object, *, pretty: bool = False) -> bytes:
        """The resource as UTF-8; `pretty` puts each element on a line of its own.

        Raises Problem(NOT_ACCEPTABLE) for a text that XML cannot hold, and ValueError for a member that R4 does not
        have there: what is stored has been through the door.
        """
        parts = self._resource(resource, "\n" if pretty else "", f' xmlns="{FHIR}"')
        return "".join([_HEAD, *parts, "\n" * pretty]).encode()

    def _resource(self, resource: Object, line: str, namespace: str = "") -> Iterator[str]:
        """`line` is what begins a line at this level, empty where all is on one."""
        type = resource["resourceType"]
        said = {name: value for name, value in resource.items() if name != "resourceType"}
        yield from self._object(type, namespace, said, type, line)

    def _object(self, tag: str, attributes: str, value: Object, path: str, line: str) -> Iterator[str]:
        names = self._names.below(path)
        if unknown := value.keys() - names.keys() - {f"_{name}" for name in names}:
            raise ValueError(f"{path} has no element {min(unknown)}")
        inner = line and f"{line}  "
        inside: list[str] = []
        for name, named in names.items():
            if name not in value and f"_{name}" not in value:
                continue
            if is_attribute(path, name, self._types):
                attributes += f' {name}="{_text(value[name])}"'
            else:
                inside += self._members(name, named, value, inner)
        yield f"{line}<{tag}{attributes}>" if inside else f"{line}<{tag}{attributes}/>"
        if inside:
            yield from inside
            yield f"{line}</{tag}>"

    def _members(self, name: str, named: Named, holder: Object, line: str) -> Iterator[str]:
        given, beside = holder.get(name), holder.get(f"_{name}")
        if not named.many:
            given, beside = [given], [beside]
        length = max(len(given or ()), len(beside or ()))
        for one, extra in zip(_filled(given, length), _filled(beside, length), strict=True):
            yield from self._member(name, named, one, extra or {}, line)

    def _member(self, name: str, named: Named, value: Any, extra: Object, line: str) -> Iterator[str]:
        if named.type == "xhtml":
            yield f"{line}{value}"
        elif named.primitive:
            said = "" if value is None else f' value="{_text(value)}"'
            yield from self._object(name, said, extra, "Element", line)
        elif named.type == "Resource":
            yield f"{line}<{name}>"
            yield from self._resource(value, line and f"{line}  ")
            yield f"{line}</{name}>"
        else:
            yield from self._object(name, "", value, named.content, line)


def _filled(items: list[Any] | None, length: int) -> list[Any]:
    """A list of that length: JSON leaves one of the two out where it says nothing."""
    return [*(items or ()), *[None] * (length - len(items or ()))]


def _text(value: Any) -> str:
    """A primitive value as it stands in an attribute."""
    return _SPECIAL.sub(_escaped, value) if isinstance(value, str) else dump(value).decode()


def _escaped(found: re.Match[str]) -> str:
    written = _WRITTEN.get(found[0])
    if written is None:
        raise Problem(
            Kind.NOT_ACCEPTABLE,
            f"a text here holds U+{ord(found[0]):04X}, which XML cannot: ask for JSON",
            code="not-supported",
        )
    return written
