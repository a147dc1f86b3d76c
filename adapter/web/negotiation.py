"""What the client sends and wants back: media types, `_format`, `_pretty`, `Prefer`, preconditions.

https://hl7.org/fhir/R4/http.html#general
"""

from __future__ import annotations

import re
from collections.abc import Collection
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple, cast

from adapter.interactions.answer import Prefer
from adapter.interactions.read import NOTHING, Unless
from adapter.problems import Kind, Problem, named
from adapter.web.call import Call

FHIR = frozenset({"application/fhir+json", "application/json", "text/json"})
XML = frozenset({"application/fhir+xml", "application/xml", "text/xml"})
JSON_PATCH = frozenset({"application/json-patch+json"})
RANGES = frozenset({"*/*", "application/*"})
# Whether `_format` asks for XML.
FORMATS = {**dict.fromkeys(FHIR | {"json"}, False), **dict.fromkeys(XML | {"xml"}, True)}
VERSIONS = frozenset({"4.0", "4.0.1"})
FORM = frozenset({"application/x-www-form-urlencoded"})

Pairs = list[tuple[str, str]]


def check_accept(call: Call, produced: frozenset[str] = FHIR) -> None:
    """406 unless the client takes one of the media types that the door produces."""
    accept = call.header(b"accept")
    if accept and not _acceptable(accept, produced):
        raise Problem(Kind.NOT_ACCEPTABLE, f"this answers as {', '.join(sorted(produced))} only")


@lru_cache(maxsize=256)
def _acceptable(accept: str, produced: frozenset[str]) -> bool:
    for offer in accept.split(","):
        name, parameters = media_type(offer)
        wanted = name in produced or name in RANGES or (name == "text/*" and "text/json" in produced)
        if wanted and parameters.get("fhirversion", "4.0") in VERSIONS and not _refused(parameters.get("q", "1")):
            return True
    return False


def prefers_xml(call: Call) -> bool:
    """Whether the client takes XML rather than JSON, which it gets where it does not care; 406 if it takes neither."""
    accept = call.header(b"accept")
    if not accept:
        return False
    preferred = _preferred(accept)
    if preferred is None:
        raise Problem(Kind.NOT_ACCEPTABLE, f"this answers as {', '.join(sorted(FHIR | XML))} only")
    return preferred


@lru_cache(maxsize=256)
def _preferred(accept: str) -> bool | None:
    """Of the offers of greatest weight the first: whether it is XML; None without any that can be met."""
    offers = []
    for offer in accept.split(","):
        name, parameters = media_type(offer)
        if parameters.get("fhirversion", "4.0") in VERSIONS and (name in XML or name in FHIR | RANGES | {"text/*"}):
            offers.append((weight(parameters.get("q", "1")), name in XML))
    best, xml = max(offers, key=lambda offer: offer[0], default=(0.0, False))
    return xml if best else None


def weight(quality: str) -> float:
    """RFC 9110, 12.4.2; what is none counts as 1."""
    return float(quality) if re.fullmatch(r"[01](?:\.[0-9]{0,3})?", quality, re.ASCII) else 1.0


def _refused(quality: str) -> bool:
    return quality.strip("0.") == ""


def media_type(text: str) -> tuple[str, dict[str, str]]:
    """`application/fhir+json; charset=utf-8` as its name and parameters, names in lower case."""
    name, *rest = text.split(";")
    pairs = (part.partition("=") for part in rest)
    return name.strip().lower(), {key.strip().lower(): value.strip().strip('"') for key, _, value in pairs}


def check_content(call: Call, taken: Collection[str]) -> str:
    """The media type of the body; 415 unless it is one of these, as UTF-8, not compressed, of this FHIR version."""
    name, parameters = media_type(call.header(b"content-type") or "")
    if name not in taken:
        raise Problem(Kind.MEDIA_TYPE, f"the Content-Type must be one of {', '.join(sorted(taken))}")
    if parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Problem(Kind.MEDIA_TYPE, "the charset must be utf-8")
    if parameters.get("fhirversion", "4.0") not in VERSIONS:
        raise Problem(Kind.MEDIA_TYPE, "the FHIR version here is 4.0")
    if (call.header(b"content-encoding") or "identity").lower() != "identity":
        raise Problem(Kind.MEDIA_TYPE, "a compressed body is not taken")
    return name


def beside(call: Call, produced: Collection[str]) -> Pairs:
    """The parameters of a request; `call.media` is what of these media types, which are not FHIR's, it asks for, by
    `_format`, which is then not among them, or by `Accept`."""
    pairs = call.parameters()
    said = next((value for name, value in pairs if name == "_format"), None)
    name = media_type((call.header(b"accept") or "") if said is None else said)[0]
    if name not in produced:
        return pairs
    once(pairs, ("_format",))
    call.media = name
    return [pair for pair in pairs if pair[0] != "_format"]


class General(NamedTuple):
    """The parameters of a request without those that any FHIR address may have, and what these say."""

    pairs: Pairs
    pretty: bool
    """print for the eye"""
    xml: bool | None
    """XML or JSON; None: as the header says"""


def general(pairs: Pairs) -> General:
    """Sorts out `_format` and `_pretty`; 406 for a format that is not served."""
    if not pairs:
        return General([], False, None)
    once(pairs, ("_format", "_pretty"))
    rest: Pairs = []
    pretty, xml = False, None
    for name, value in pairs:
        if name == "_format":
            xml = FORMATS.get(media_type(value.replace(" ", "+"))[0])
            if xml is None:
                raise Problem(Kind.NOT_ACCEPTABLE, "this answers as json and as xml, and in none so named", "_format")
        elif name == "_pretty":
            if value not in ("true", "false"):
                raise Problem(Kind.INVALID, "_pretty is true or false", "_pretty", code="value")
            pretty = value == "true"
        else:
            rest.append((name, value))
    return General(rest, pretty, xml)


def once(pairs: Pairs, names: Collection[str]) -> None:
    """400 when one of these, which can mean one thing only, is said twice: neither would be the one that was meant."""
    said = [name for name, _ in pairs if name in names]
    for name in said:
        if said.count(name) > 1:
            raise Problem(Kind.INVALID, f"{name} may be said once", name)


def only(pairs: Pairs, known: Collection[str]) -> None:
    """400 for a parameter that is none of these, and for one of them that is said twice."""
    for name, _ in pairs:
        if name not in known:
            why = f"unknown parameter {named(name)}; known are {', '.join(known)}"
            raise Problem(Kind.INVALID, why, named(name), code="not-supported")
    once(pairs, known)


def none_of(pairs: Pairs) -> None:
    """400 when there is any parameter: this interaction has none of its own."""
    if pairs:
        raise Problem(Kind.INVALID, f"unknown parameter {named(pairs[0][0])}", named(pairs[0][0]), code="not-supported")


def preferences(call: Call) -> dict[str, str]:
    """What `Prefer` says, by name; RFC 7240 has those passed over that nobody here knows."""
    said = (part.strip().partition("=") for part in (call.header(b"prefer") or "").replace(";", ",").split(","))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in said}


def lenient(call: Call) -> bool:
    """Whether an unknown search parameter is to be left out instead of refused."""
    return preferences(call).get("handling") == "lenient"


def prefer(call: Call, default: Prefer = "representation") -> Prefer:
    """The `return` preference."""
    wanted = preferences(call).get("return")
    return cast(Prefer, wanted) if wanted in ("minimal", "representation", "OperationOutcome") else default


def unless(call: Call) -> Unless:
    """If-None-Match, else If-Modified-Since; a date that cannot be read is passed over, as RFC 9110 13.1.3 orders."""
    tags = call.header(b"if-none-match")
    if tags is not None:
        return Unless(frozenset(_weak(tag.strip()) for tag in tags.split(",")))
    since = call.header(b"if-modified-since")
    if since is None:
        return NOTHING
    try:
        return Unless(since=int(parsedate_to_datetime(since).timestamp()))
    except ValueError:
        return NOTHING


def _weak(tag: str) -> str:
    return tag if tag.startswith("W/") or tag == "*" else f"W/{tag}"


_TOKEN = re.compile(rb'\{\}|\[\]|"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^"{}\[\],:]+')


def indented(body: bytes) -> bytes:
    """Compact JSON with line breaks and indentation; every number and string stays as it was."""
    out: list[bytes] = []
    level = 0
    for token in _TOKEN.findall(body):
        if token in (b"}", b"]"):
            level -= 1
            out.append(b"\n" + b"  " * level)
        out.append(token)
        if token in (b"{", b"["):
            level += 1
        if token in (b"{", b"[", b","):
            out.append(b"\n" + b"  " * level)
        elif token == b":":
            out.append(b" ")
    return b"".join(out)
