"""Bundles: what we send is joined from stored bytes, what we receive is read entry by entry.

https://hl7.org/fhir/R4/bundle.html; reference resolution: https://hl7.org/fhir/R4/bundle.html#references
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from adapter.fhir.json import dump
from adapter.fhir.references import references, split
from adapter.problems import Issue, Kind, Problem

Resource = dict[str, Any]


Found = Iterable[tuple[str, bytes]]
"""(fullUrl, resource text)"""
Labels = Sequence[Mapping[str, str]]
"""What a Bundle has in meta.security."""


def searchset(
    entries: Found,
    links: Sequence[tuple[str, str]],
    total: int | None,
    included: Found = (),
    outcome: bytes | None = None,
    security: Labels = (),
) -> bytes:
    """A searchset: the matches, what goes along with them, and an OperationOutcome about the search; and its labels."""
    head = _head("searchset", security)
    if total is not None:
        head["total"] = total
    head["link"] = [{"relation": relation, "url": url} for relation, url in links]
    made = [b'{"fullUrl":%b,"resource":%b,"search":{"mode":"match"}}' % (dump(url), text) for url, text in entries]
    made += [b'{"fullUrl":%b,"resource":%b,"search":{"mode":"include"}}' % (dump(url), text) for url, text in included]
    if outcome:
        made.append(b'{"resource":%b,"search":{"mode":"outcome"}}' % outcome)
    return _closed(head, b",".join(made))


class Graded(NamedTuple):
    """A match as far as it is one: its address and text, a score from 0 to 1, and a code of R4's match-grade."""

    full_url: str
    text: bytes
    score: float
    grade: str


MATCH_GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


def graded(entries: Iterable[Graded], links: Sequence[tuple[str, str]], security: Labels = ()) -> bytes:
    """A searchset of matches, each with how sure it is. https://hl7.org/fhir/R4/patient-operation-match.html"""
    made = [
        b'{"fullUrl":%b,"resource":%b,"search":%b}' % (dump(one.full_url), one.text, dump(_search(one)))
        for one in entries
    ]
    head = _head("searchset", security)
    head["total"] = len(made)
    head["link"] = [{"relation": relation, "url": url} for relation, url in links]
    return _closed(head, b",".join(made))


def _search(one: Graded) -> Resource:
    return {"extension": [{"url": MATCH_GRADE, "valueCode": one.grade}], "mode": "match", "score": one.score}


def collection(entries: Found, links: Sequence[tuple[str, str]], security: Labels = ()) -> bytes:
    """A collection of (fullUrl, resource text); and its labels."""
    head = _head("collection", security)
    head["link"] = [{"relation": relation, "url": url} for relation, url in links]
    joined = b",".join(b'{"fullUrl":%b,"resource":%b}' % (dump(url), text) for url, text in entries)
    return _closed(head, joined)


class Past(NamedTuple):
    """One version in a history: its address, how it came to be, what that answered, and its text unless deleted."""

    full_url: str
    request: Mapping[str, str]
    response: Mapping[str, str]
    resource: bytes | None


def history_bundle(
    entries: Iterable[Past], links: Sequence[tuple[str, str]], total: int | None, security: Labels = ()
) -> bytes:
    """A history: R4 wants a request and a response in every entry."""
    head = _head("history", security)
    if total is not None:
        head["total"] = total
    head["link"] = [{"relation": relation, "url": url} for relation, url in links]
    return _closed(head, b",".join(map(_past, entries)))


def _past(entry: Past) -> bytes:
    resource = b'"resource":%b,' % entry.resource if entry.resource is not None else b""
    address, request, response = dump(entry.full_url), dump(entry.request), dump(entry.response)
    return b'{"fullUrl":%b,%b"request":%b,"response":%b}' % (address, resource, request, response)


class Answered(NamedTuple):
    """What became of one entry: entry.response, and the text of its resource or of its outcome, if it has one."""

    response: Mapping[str, Any]
    resource: bytes | None = None
    outcome: bytes | None = None


def response_bundle(kind: str, entries: Iterable[Answered], security: Labels = ()) -> bytes:
    """A batch-response or transaction-response: R4 wants the order of the request."""
    joined = b",".join(map(_response, entries))
    return _closed(_head(f"{kind}-response", security), joined)


def _response(entry: Answered) -> bytes:
    response = dump(entry.response)
    if entry.outcome:
        response = response[:-1] + b',"outcome":' + entry.outcome + b"}"
    resource = b'"resource":%b,' % entry.resource if entry.resource else b""
    return b'{%b"response":%b}' % (resource, response)


def _head(type: str, security: Labels) -> Resource:
    return {"resourceType": "Bundle", **({"meta": {"security": security}} if security else {}), "type": type}


def _closed(head: Mapping[str, Any], entries: bytes) -> bytes:
    # R4 forbids an empty array, so a Bundle of nothing has no `entry`.
    opened = dump(head)[:-1]
    return opened + b',"entry":[' + entries + b"]}" if entries else opened + b"}"


class Entry(NamedTuple):
    """One entry of a batch or transaction: where it stands, what it asks, and its resource."""

    place: str
    full_url: str | None
    method: str
    url: str
    resource: Resource | None
    if_match: str | None
    if_none_exist: str | None
    if_none_match: str | None
    if_modified_since: str | None


def check_names(listed: Any) -> None:
    """No two entries may have one fullUrl (400): what refers to it would mean both. Takes any JSON."""
    seen: set[str] = set()
    for number, entry in enumerate(listed if isinstance(listed, list) else ()):
        name = entry.get("fullUrl") if isinstance(entry, dict) else None
        if isinstance(name, str) and name in seen:
            raise Problem(
                Kind.INVALID, "two entries have this fullUrl", f"Bundle.entry[{number}].fullUrl", code="duplicate"
            )
        if isinstance(name, str):
            seen.add(name)


def entries(bundle: Resource) -> list[Entry]:
    """The entries of a batch or transaction that has passed the door; raises one Problem for all that is malformed."""
    issues: list[Issue] = []
    made = []
    for number, entry in enumerate(bundle.get("entry", ())):
        place = f"Bundle.entry[{number}]"
        request = entry.get("request")
        if request is None:
            issues.append(Issue("required", "an entry must say what it asks", f"{place}.request"))
            continue
        made.append(
            Entry(
                place,
                entry.get("fullUrl"),
                request["method"],
                request["url"],
                entry.get("resource"),
                request.get("ifMatch"),
                request.get("ifNoneExist"),
                request.get("ifNoneMatch"),
                request.get("ifModifiedSince"),
            )
        )
    if issues:
        raise Problem(Kind.INVALID, issues[0].message, issues[0].expression, issues=issues)
    return made


def point(resource: Resource, full_url: str | None, names: Mapping[str, str]) -> None:
    """Rewrite, in place, every reference to an entry of the Bundle (`names`: fullUrl -> Type/id) as Type/id.

    A relative reference counts as relative to the base of the entry's own fullUrl, as R4 says.
    """
    base = _base(full_url)
    for _, element in references(resource):
        literal = element.get("reference")
        if not literal:
            continue
        plain, mark, fragment = literal.partition("#")
        known = names.get(plain) or (names.get(base + plain) if base and split(plain) else None)
        if known:
            element["reference"] = known + mark + fragment


def conditional_references(resource: Resource) -> Iterable[tuple[str, Resource, str, str]]:
    """References by search, `Type?identifier=...`, as (path, element, type, condition)."""
    for path, element in references(resource):
        type, mark, condition = element.get("reference", "").partition("?")
        if mark and type.isalpha():
            yield path, element, type, condition


def _base(full_url: str | None) -> str | None:
    """`https://server/fhir/` of `https://server/fhir/Patient/1`."""
    parts = (full_url or "").rsplit("/", 2)
    return parts[0] + "/" if len(parts) == 3 and split("/".join(parts[1:])) else None
