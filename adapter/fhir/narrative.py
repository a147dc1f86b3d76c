"""Narrative: the XHTML that a resource may carry, and nothing a browser would run.

https://hl7.org/fhir/R4/narrative.html#xhtml (txt-1, txt-2), https://hl7.org/fhir/R4/security.html#narrative
"""

from __future__ import annotations

import re
from xml.parsers import expat

from adapter.fhir.json import element_name

NAMESPACE = "http://www.w3.org/1999/xhtml"
_XML = "http://www.w3.org/XML/1998/namespace "

ELEMENTS = frozenset(
    (
        "a",
        "abbr",
        "acronym",
        "b",
        "big",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "ul",
        "var",
    )
)
ATTRIBUTES = frozenset(
    (
        "abbr",
        "accesskey",
        "align",
        "alt",
        "axis",
        "bgcolor",
        "border",
        "cellhalign",
        "cellpadding",
        "cellspacing",
        "cellvalign",
        "char",
        "charoff",
        "charset",
        "cite",
        "class",
        "color",
        "colspan",
        "compact",
        "coords",
        "dir",
        "frame",
        "headers",
        "height",
        "href",
        "hreflang",
        "hspace",
        "id",
        "lang",
        "longdesc",
        "name",
        "nowrap",
        "rel",
        "rev",
        "rowspan",
        "rules",
        "scope",
        "shape",
        "span",
        "src",
        "start",
        "style",
        "summary",
        "tabindex",
        "title",
        "type",
        "valign",
        "value",
        "vspace",
        "width",
        "xml:lang",
        "xml:space",
    )
)
_LINKS = frozenset(("href", "src", "cite", "longdesc"))
_ACTIVE_LINK = re.compile(r"^(?:javascript|vbscript|data:(?!image/(?:png|jpe?g|gif)[;,]))", re.IGNORECASE)
_ACTIVE_STYLE = re.compile(
    r"(?:url|src|image|image-set|expression)\s*\(|javascript:|@import|(?:behavior|-moz-binding)\s*:|\\", re.IGNORECASE
)
_OWN_PICTURE = re.compile(
    r"url\(\s*(['\"]?)(?:[\w-][\w.-]*\.(?:png|jpe?g|gif)|#[\w-]+|data:image/(?:png|jpe?g|gif);base64,[\w+/=]+)\1\s*\)",
    re.IGNORECASE | re.ASCII,
)
"""A picture beside the resource, a fragment, or the picture itself: no address that leads to another server. R4 forbids
only what is needed from outside to understand the text, and HL7's own publisher draws the lines of a tree so."""
_STYLE_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.DOTALL)
_UNSEEN = re.compile(r"[\x00-\x20]+")
_CLOSED_BY = {"<!--": "-->", "<![CDATA[": "]]>"}
_SEEN_BY_HTML = re.compile(r"<!--(?:>|->)|<!\[[^>]*>.*<", re.DOTALL)
"""HTML ends a comment, and what it takes for one, earlier than XML does: then what follows would run."""

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
    shown = _shown(div)
    if shown is None:
        return "The narrative hides markup in a comment or a CDATA section."
    if "<!D" in shown or "<!d" in shown or "<?" in shown:
        return "The narrative has a document type or processing instruction."
    reader = _Reader()
    try:
        reader.read(div)
    except _Refused as refused:
        return str(refused)
    except expat.ExpatError as error:
        return f"The narrative is not well-formed XHTML (line {error.lineno}, column {error.offset + 1})."
    return None if reader.has_content else "The narrative is blank."


def _shown(div: str) -> str | None:
    """The XHTML less its comments and CDATA sections; None where a reader of HTML would find markup in one of them.

    What is not closed is left for the XML reader to refuse, so that the whole is looked through once.
    """
    kept, at = [], 0
    while (begin := div.find("<!", at)) >= 0:
        opened = next((mark for mark in _CLOSED_BY if div.startswith(mark, begin)), "")
        end = div.find(_CLOSED_BY[opened], begin + len(opened)) if opened else -1
        if end < 0:
            break
        if _SEEN_BY_HTML.match(div, begin, end):
            return None
        kept.append(div[at:begin])
        at = end + 3
    return "".join(kept) + div[at:]


class _Reader:
    """One pass over the XHTML; the first thing refused ends it."""

    def __init__(self) -> None:
        self.has_content = False
        self._depth = 0

    def read(self, div: str) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(div, True)

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        if uri != NAMESPACE:
            raise _Refused("The narrative has an element of another namespace.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, name = name.rpartition(" ")
        if not self._depth and (namespace, name) != (NAMESPACE, "div"):
            raise _Refused(f"The narrative is one div in the namespace {NAMESPACE}.")
        self._depth += 1
        if name not in ELEMENTS:
            raise _Refused(f"The narrative has an element that is not allowed{_named(name)}.")
        if name == "img" and "src" in attributes:
            self.has_content = True
        for attribute, value in attributes.items():
            _attribute(attribute.replace(_XML, "xml:"), value)

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _text(self, text: str) -> None:
        if text.strip(" \t\r\n"):  # as XML, and so txt-2, counts white space: a no-break space is content
            self.has_content = True


def _attribute(name: str, value: str) -> None:
    if name not in ATTRIBUTES:
        raise _Refused(f"The narrative has an attribute that is not allowed{_named(name)}.")
    if name in _LINKS and _ACTIVE_LINK.match(_UNSEEN.sub("", value)):
        raise _Refused(f"The narrative has active content in the attribute {name}.")
    if name == "style":
        style = _OWN_PICTURE.sub(" ", value)
        if _ACTIVE_STYLE.search(style) or _ACTIVE_STYLE.search(_STYLE_COMMENT.sub("", style)):
            raise _Refused("The narrative has active content in the attribute style.")  # a comment may be in a string


def _named(name: str) -> str:
    return f": {name}" if element_name(name) else ""
