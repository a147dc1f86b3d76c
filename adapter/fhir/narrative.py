"""Narrative: the XHTML that a resource may carry, and nothing a browser would run.

https://hl7.org/fhir/R4/narrative.html#xhtml (txt-1, txt-2), https://hl7.org/fhir/R4/security.html#narrative
"""

from __future__ import annotations

import re
from xml.parsers import expat

NAMESPACE = "http://www.w3.org/1999/xhtml"

ELEMENTS = frozenset((
    "a", "abbr", "acronym", "b", "big", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "dfn",
    "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "q", "samp",
    "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "ul", "var",
))
ATTRIBUTES = frozenset((
    "abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellhalign", "cellpadding", "cellspacing",
    "cellvalign", "char", "charoff", "charset", "cite", "class", "color", "colspan", "compact", "coords", "dir",
    "frame", "headers", "height", "href", "hreflang", "hspace", "id", "lang", "longdesc", "name", "nowrap", "rel",
    "rev", "rowspan", "rules", "scope", "shape", "span", "src", "start", "style", "summary", "tabindex", "title",
    "type", "valign", "value", "vspace", "width", "xml:lang", "xml:space",
))
_LINKS = frozenset(("href", "src", "cite", "longdesc"))
_ACTIVE_LINK = re.compile(r"^(?:javascript|vbscript|data:(?!image/(?:png|jpe?g|gif)[;,]))", re.IGNORECASE)
_ACTIVE_STYLE = re.compile(r"url\s*\(|expression\s*\(|javascript:|@import|behavior|-moz-binding|\\", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20]+")

_INLINE = r"[^<>&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
_SIMPLE = re.compile(
    rf'<div xmlns="{NAMESPACE}">(?=\s*+(?:<(?:p|b|h[1-6])>)?\s*+[^<>&\s])'
    rf"(?:{_INLINE}++|<(p|b|i|em|strong|span|li|h[1-6])>{_INLINE}*+</\1>|<br ?/>)*+</div>"
)
"""Plain text with a few flat elements and no attributes, which is most narratives: nothing in it can be wrong."""


class _Refused(Exception):
    """Carries the sentence that says what is wrong."""


def fault(div: str) -> str | None:
    """What is wrong with a narrative, or None.

    Names the first element or attribute that R4 does not allow; refuses document types, processing instructions,
    malformed XML, active content in links and styles, and a narrative without text or image.
    """
    if _SIMPLE.fullmatch(div):
        return None
    if "<!D" in div or "<!d" in div or "<?" in div:
        return "The narrative has a document type or processing instruction."
    reader = _Reader()
    try:
        reader.read(div)
    except _Refused as refused:
        return str(refused)
    except expat.ExpatError as error:
        return f"The narrative is not well-formed XHTML (line {error.lineno}, column {error.offset + 1})."
    return None if reader.has_content else "The narrative is blank."


class _Reader:
    """One pass over the XHTML; the first thing refused ends it."""

    def __init__(self) -> None:
        self.has_content = False
        self._depth = 0

    def read(self, div: str) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(div, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._depth:
            _root(name, attributes)
        self._depth += 1
        if name not in ELEMENTS:
            raise _Refused(f"The narrative has an element that is not allowed: {name[:40]}.")
        if name == "img":
            self.has_content = True
        for attribute, value in attributes.items():
            _attribute(attribute, value)

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _text(self, text: str) -> None:
        if not text.isspace():
            self.has_content = True


def _root(name: str, attributes: dict[str, str]) -> None:
    if name != "div" or attributes.get("xmlns") != NAMESPACE:
        raise _Refused(f"The narrative is one div in the namespace {NAMESPACE}.")


def _attribute(name: str, value: str) -> None:
    if name == "xmlns":
        if value != NAMESPACE:
            raise _Refused("The narrative has an element of another namespace.")
    elif name not in ATTRIBUTES:
        raise _Refused(f"The narrative has an attribute that is not allowed: {name[:40]}.")
    elif name in _LINKS and _ACTIVE_LINK.match(_UNSEEN.sub("", value)):
        raise _Refused(f"The narrative has active content in the attribute {name}.")
    elif name == "style" and _ACTIVE_STYLE.search(value):
        raise _Refused("The narrative has active content in the attribute style.")
