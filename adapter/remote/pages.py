"""The pages of a search at a partner's server, each entry looked at before it is taken.

https://hl7.org/fhir/R4/http.html#paging; what belongs to another patient than was asked for is quarantined: named, and
taken by nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from adapter.remote.answers import Resource
from adapter.remote.faults import Wrong
from adapter.remote.partner import Partner

PAGES = 100_000
"""More pages than any search has."""
_PERSONS = ("subject", "patient", "beneficiary", "individual", "for")

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """The records of one page, in their order; what was `left` out of it, as (place, why); whether it is the `last`."""

    records: list[Resource]
    left: list[tuple[str, str]] = field(default_factory=list)
    repeated: int = 0
    last: bool = False
    missing: int = 0
    """On the last page: how many fewer records came than the server had said."""


class Search:
    """One search of one type; `patient` is the id of the only person whose records may be in it, if there is one."""

    def __init__(self, partner: Partner, type: str, pairs: Pairs, patient: str | None = None) -> None:
        self._partner, self._type, self._patient = partner, type, patient
        self._what = f"a search of {type}"
        quirks = partner.quirks
        self._pairs = [*pairs, *([("_count", str(quirks.count))] if quirks.count else [])]
        self._seen: set[str] = set()
        self._came, self._total = 0, None if not quirks.total else -1

    async def pages(self) -> AsyncIterator[Page]:
        """All pages. `Fault` for one that leads elsewhere, or to a page that was there."""
        url: str | None = self._partner.address(self._type, self._pairs)
        been: set[str] = set()
        while url is not None:
            if url in been or len(been) >= PAGES:
                raise self._partner.fault(Wrong.LOOP, f"{self._what}: its pages lead back to one that was there")
            been.add(url)
            bundle = await self._partner.get(url, self._what)
            if bundle.get("type") != "searchset":
                raise self._partner.fault(Wrong.ANOTHER, f"{self._what} is answered by another Bundle")
            entries = _objects(bundle.get("entry"))
            url = self._next(bundle, url, len(entries))
            yield self._page(bundle, entries, last=url is None)

    def _page(self, bundle: Resource, entries: list[Resource], *, last: bool) -> Page:
        records: list[Resource] = []
        left: list[tuple[str, str]] = []
        repeated = 0
        for entry in entries:
            resource = entry.get("resource")
            if _mode(entry) != "match" or (isinstance(resource, dict) and _is_outcome(resource)):
                continue  # what goes along was not asked for, and a remark is no record
            if not isinstance(resource, dict) or not isinstance(resource.get("id"), str):
                left.append((self._type, "an entry without a record, or without its id"))
            elif why := self._why_not(resource):
                left.append((f"{resource.get('resourceType')}/{resource['id']}", why))
            elif resource["id"] in self._seen:
                repeated += 1
            else:
                self._seen.add(resource["id"])
                records.append(resource)
        if repeated and not records and self._partner.quirks.offset is not None:
            raise self._partner.fault(Wrong.LOOP, f"{self._what}: its pages are the same again and again")
        self._came += len(records) + len(left)
        if self._total == -1 and type(bundle.get("total")) is int:
            self._total = bundle["total"]
        missing = max((self._total or 0) - self._came, 0) if last else 0
        return Page(records, left, repeated, last, missing)

    def _why_not(self, resource: Resource) -> str:
        """Why a record may not be taken; "" where it may."""
        if resource.get("resourceType") != self._type:
            return f"is no {self._type}, which was asked for"
        if self._patient is not None and self._patient not in persons(resource, self._partner.base):
            return "is not about the patient who was asked for: quarantined"
        return ""

    def _next(self, bundle: Resource, url: str, entries: int) -> str | None:
        """The address of the next page; None after the last."""
        if (offset := self._partner.quirks.offset) is not None:
            return self._by_offset(offset, url, entries) if entries else None
        link = next((one.get("url") for one in _objects(bundle.get("link")) if one.get("relation") == "next"), None)
        if link is None:
            return None
        found = urljoin(url, link) if isinstance(link, str) else ""
        base, there = urlsplit(self._partner.base), urlsplit(found)
        if self._partner.quirks.rebase:
            found = there._replace(scheme=base.scheme, netloc=base.netloc).geturl()
        elif (there.scheme, there.netloc) != (base.scheme, base.netloc):
            raise self._partner.fault(Wrong.ELSEWHERE, f"{self._what}: its next page is at another server")
        return found

    def _by_offset(self, parameter: str, url: str, entries: int) -> str:
        said = dict(pair.split("=", 1) for pair in urlsplit(url).query.split("&") if "=" in pair)
        step = int(said.get(parameter, "0")) + entries
        rest = [pair for pair in self._pairs if pair[0] != parameter]
        return f"{self._partner.base}/{self._type}?{urlencode([*rest, (parameter, str(step))])}"


def persons(resource: Resource, base: str) -> Iterator[str]:
    """The ids of the patients whom a record says that it is about."""
    if resource["resourceType"] == "Patient":
        yield resource["id"]
    for name in _PERSONS:
        said = resource.get(name)
        literal = said.get("reference") if isinstance(said, dict) else None
        if isinstance(literal, str):
            type, _, id = literal.removeprefix(f"{base}/").partition("/_history/")[0].partition("/")
            if type == "Patient":
                yield id


def _mode(entry: Resource) -> str:
    search = entry.get("search")
    return str(search.get("mode", "match")) if isinstance(search, dict) else "match"


def _is_outcome(resource: Resource) -> bool:
    return resource.get("resourceType") == "OperationOutcome"


def _objects(said: Any) -> list[Resource]:
    return [one for one in (said if isinstance(said, list) else []) if isinstance(one, dict)]
