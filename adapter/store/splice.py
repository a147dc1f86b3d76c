"""The stored text of a resource, and the version and time that are spliced into it without parsing.

`meta.versionId` and `meta.lastUpdated` belong to the server (https://hl7.org/fhir/R4/resource.html#Meta). They are kept
out of the text that is compared and mapped, and put in once, when a version is written, so sending costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from adapter.fhir.json import dump

if TYPE_CHECKING:
    from adapter.store.version import Version

_OURS = ("versionId", "lastUpdated", "_versionId", "_lastUpdated")
_STRINGS = frozenset(("resourceType", "id", "implicitRules", "language"))
_OPEN = b'"meta":{'
_CLOSED = ord("}")
_INSIDE = b'"versionId":"%d","lastUpdated":"%s",'
_WHOLE = b',"meta":{"versionId":"%d","lastUpdated":"%s"}'
_BLANK = b"0000-00-00T00:00:00.000Z"
_LONG, _LONG_WHOLE = (len(form % (0, _BLANK)) - 1 for form in (_INSIDE, _WHOLE[:-1]))
"""How long they are, less the digits of the version."""
_CODING = rb'\{(?:"[^"\\]*+"[:,]?)++\}'
_PLAIN = re.compile(rb'(?:"(?!security")\w+":(?:"[^"\\]*+"|\[(?:(?:"[^"\\]*+"|%b),?)++\]),?)*+' % _CODING)
_LABELS = re.compile(rb'"security":(\[(?:%b,?)++\])' % _CODING)
"""How the members of `meta` before its labels, and these, are written by nearly everybody."""
_TOKENS = re.compile(rb'(?:"(?!security":\[)[^"\\]*+(?:\\.[^"\\]*+)*+"|[^"\[\]{}])*+("security":\[|[\[\]{}])')
"""What tells the members of an object apart, whatever is in them."""


def prepare(resource: dict[str, Any]) -> bytes:
    """The text to store: compact, in the resource's own key order, without the two members that are the server's."""
    meta = resource.get("meta")
    if meta is None or not any(name in meta for name in _OURS):
        return dump(resource)
    kept = {name: value for name, value in meta.items() if name not in _OURS}
    if kept:
        return dump({name: kept if name == "meta" else value for name, value in resource.items()})
    return dump({name: value for name, value in resource.items() if name != "meta"})


def place(resource: dict[str, Any], text: bytes) -> int:
    """Where version and time go in the prepared text of a resource.

    Positive: just inside its `meta`. Negative: it has none, and one goes there, after the id.
    """
    if "meta" not in resource:
        last = "id" if "id" in resource else "resourceType"
        return 1 - len(dump(_until(resource, last) | {last: resource[last]}))
    names = list(resource)
    if _STRINGS.issuperset(names[: names.index("meta")]):
        # A key cannot be spelled inside a string, where its quotes are escaped, so the first one is the resource's own.
        return text.index(_OPEN) + len(_OPEN)
    return len(dump(_until(resource, "meta"))) + len(_OPEN)


def stamp(text: bytes, cut: int, version: int, updated: bytes) -> bytes:
    """The text with `meta.versionId` and `meta.lastUpdated` (an instant of 24 characters) at `cut`."""
    form, at = (_INSIDE, cut) if cut > 0 else (_WHOLE, -cut)
    return b"".join((text[:at], form % (version, updated), text[at:]))


def bare(body: bytes, cut: int, version: int) -> bytes:
    """The text that was stamped; empty for the empty body of a deletion."""
    form, at = (_INSIDE, cut) if cut > 0 else (_WHOLE, -cut)
    return body[:at] + body[at + len(form % (version, _BLANK)) :]


def labelled(body: bytes, cut: int, version: int, security: bytes) -> bytes:
    """A stamped text whose `meta` has no `security`, with this one."""
    at = _after(cut, version)
    put = b'"security":%b,' if cut > 0 else b',"security":%b'
    return b"".join((body[:at], put % security, body[at:]))


def security_at(body: bytes, cut: int, version: int) -> tuple[int, int] | None:
    """Where in a stamped text the array `meta.security` begins and ends; None where there is none."""
    before = _PLAIN.match(body, _after(cut, version)) if cut > 0 else None
    if before is None or body[before.end()] == _CLOSED:
        return None
    labels = _LABELS.match(body, before.end())
    return labels.span(1) if labels else _walked(body, before.end())


def _walked(body: bytes, at: int) -> tuple[int, int] | None:
    """The same from any member of `meta` on."""
    depth = start = 0
    for found in _TOKENS.finditer(body, at):
        token = found[1]
        depth += -1 if token in b"]}" else 1
        if depth < 0 or (start and not depth):
            break
        if depth == 1 and len(token) > 1:
            start = found.end() - 1
    return (start, found.end()) if start else None


def _after(cut: int, version: int) -> int:
    """Where, in a stamped text, what is ours in `meta` ends."""
    return len(str(version)) + (cut + _LONG if cut > 0 else _LONG_WHOLE - cut)


splice: Callable[[Version], bytes] = attrgetter("body")
"""The resource as it is sent; C all the way, so a page costs what joining its bodies costs."""


def _until(resource: dict[str, Any], last: str) -> dict[str, Any]:
    """The members before one."""
    before = {}
    for name, value in resource.items():
        if name == last:
            break
        before[name] = value
    return before
