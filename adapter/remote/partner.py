"""One partner's FHIR R4 server, asked and sent to: https://hl7.org/fhir/R4/http.html

What it answers is looked at before anybody gets it: a record that is not what was asked for is a fault, and one of a
search that does not belong to it is named and left out. What is about a person is sent only as `Released` for this
partner, once it is in the ledger of disclosures.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from adapter.fhir.references import split
from adapter.released import Released
from adapter.remote.answers import Answer, Resource
from adapter.remote.capability import RELEASE, Capability, capability
from adapter.remote.faults import Fault, Wrong
from adapter.remote.line import Ask, Line
from adapter.remote.quirks import Quirks

KEPT = 256
"""Records whose last answer is kept, to be told by their ETag that they are still the same."""
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_VERSION = re.compile(r'(?:W/)?"([A-Za-z0-9\-.]{1,64})"')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a partner's server has a record, and which version of it that is, where it says so."""

    type: str
    id: str
    version: str | None = None
    made: bool = False


class Partner:
    """A client of one partner; `recipient` is who the partner is in the ledger, `standing` are headers that go with
    whatever is sent about a person."""

    def __init__(
        self,
        name: str,
        base: str,
        recipient: str,
        line: Line,
        quirks: Quirks | None = None,
        standing: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.base, self.recipient = name, base.rstrip("/"), recipient
        self.quirks = quirks or Quirks()
        self._line, self._standing = line, dict(standing or {})
        self._kept: OrderedDict[tuple[str, str], tuple[str, Resource]] = OrderedDict()
        self._offered: Capability | None = None

    async def probe(self) -> Capability:
        """What it can do, asked once. `Fault` for a server that is none of R4."""
        if self._offered is None:
            _, said = await self._line.ask(Ask("GET", f"{self.base}/metadata", "its capabilities"))
            if said is None or said["resourceType"] != "CapabilityStatement":
                raise self.fault(Wrong.NOT_FHIR, "its capabilities are answered by something else")
            found = capability(said)
            if not found.version.startswith(RELEASE):
                raise self.fault(Wrong.UNABLE, "it is no server of FHIR R4 (4.0.1)")
            self._offered = found
        return self._offered

    def forget(self) -> None:
        """Have it asked again what it can do."""
        self._offered = None

    async def read(self, type: str, id: str) -> Resource:
        """A record as it is now; one that has not changed since it was last read is not sent again."""
        return (await self.polled(type, id))[0]

    async def polled(self, type: str, id: str) -> tuple[Resource, bool]:
        """The same, and whether it is another than last time: for a Task that is waited for."""
        key, what = (type, id), f"a {type}"
        known = self._kept.get(key)
        headers = {"if-none-match": known[0]} if known else {}
        answer, said = await self._line.ask(Ask("GET", f"{self.base}/{type}/{quote(id, safe='')}", what, headers))
        if answer.status == 304 and known:
            self._kept.move_to_end(key)
            return known[1], False
        if said is None:
            raise self.fault(Wrong.NOT_FHIR, f"{what} is answered {answer.status} without one")
        if (said["resourceType"], said.get("id")) != key:
            raise self.fault(Wrong.ANOTHER, f"{what} is answered by another record")
        self._keep(key, answer, said)
        return said, known is None or known[1] != said

    async def changed(self, type: str, id: str, version: str | None) -> Resource | None:
        """A record, if it is another than this version of it; None where it still is that one."""
        what = f"a {type}"
        headers = {"if-none-match": f'W/"{version}"'} if version else {}
        answer, said = await self._line.ask(Ask("GET", f"{self.base}/{type}/{quote(id, safe='')}", what, headers))
        if answer.status == 304 and version:
            return None
        if said is None or (said["resourceType"], said.get("id")) != (type, id):
            raise self.fault(Wrong.ANOTHER, f"{what} is answered by something else")
        return None if version and _version(answer, said) == version else said

    def _keep(self, key: tuple[str, str], answer: Answer, said: Resource) -> None:
        self._kept.pop(key, None)
        if answer.etag:
            self._kept[key] = answer.etag, said
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    async def get(self, url: str, what: str) -> Resource:
        """The Bundle at an address of this server."""
        _, said = await self._line.ask(Ask("GET", url, what))
        if said is None or said["resourceType"] != "Bundle":
            raise self.fault(Wrong.ANOTHER, f"{what} is answered by something else than a Bundle")
        return said

    def address(self, type: str, pairs: Sequence[tuple[str, str]]) -> str:
        """The address of a search."""
        return f"{self.base}/{type}?{urlencode(pairs)}" if pairs else f"{self.base}/{type}"

    async def create(self, type: str, released: Released, unless: str | None = None) -> Place:
        """Send a new record; `unless` is the search (`identifier=SYSTEM|VALUE`) by which it may be there already.

        Without `unless` it is sent once, whatever becomes of it.
        """
        headers = {"if-none-exist": unless} if unless else {}
        ask = self._sending("POST", f"{self.base}/{type}", f"a new {type}", released, headers, unless is not None)
        answer, said = await self._line.ask(ask)
        return self._placed(answer, said, type, None, answer.status == 201)

    async def update(self, type: str, id: str, released: Released, version: str | None = None) -> Place:
        """Send a record in the place of its `version`, where that is said."""
        headers = {"if-match": f'W/"{version}"'} if version and self.quirks.if_match else {}
        address = f"{self.base}/{type}/{quote(id, safe='')}"
        answer, said = await self._line.ask(self._sending("PUT", address, f"a changed {type}", released, headers))
        return self._placed(answer, said, type, id, answer.status == 201)

    async def transact(self, sent: Sequence[tuple[str, str | None]], released: Released) -> list[Place]:
        """Send a transaction whose entries can all be sent twice; where each record is now.

        `sent` are the type of each, and its id there if it has one.
        """
        ask = self._sending("POST", self.base, "a transaction", released, {})
        _, said = await self._line.ask(ask)
        entries = said.get("entry") if said else None
        if not said or (said["resourceType"], said.get("type")) != ("Bundle", "transaction-response"):
            raise self.fault(Wrong.ANOTHER, "a transaction is answered by something else")
        if not isinstance(entries, list) or len(entries) != len(sent):
            raise self.fault(Wrong.ANOTHER, "a transaction is answered for another number of entries")
        return [self._responded(entry, *of) for entry, of in zip(entries, sent, strict=True)]

    async def operate(self, name: str, released: Released) -> Resource:
        """What an operation at its base gives for a resource that is sent to it; it must be one that can be sent twice.

        The outputs: Parameters, https://hl7.org/fhir/R4/operations.html#response
        """
        what = f"the operation {name}"
        _, said = await self._line.ask(self._sending("POST", f"{self.base}/${name}", what, released, {}))
        if said is None or said["resourceType"] != "Parameters":
            raise self.fault(Wrong.ANOTHER, f"{what} is answered by something else than its outputs")
        return said

    async def operate_on(self, type: str, name: str, released: Released) -> Resource:
        """What an operation on a type gives for a resource that is sent to it, which is not tried again by itself."""
        what = f"the operation {name} on {type}"
        sending = self._sending("POST", f"{self.base}/{type}/${name}", what, released, {}, again=False)
        _, said = await self._line.ask(sending)
        if said is None:
            raise self.fault(Wrong.ANOTHER, f"{what} is answered without a resource")
        return said

    async def give(self, name: str, released: Released) -> None:
        """Send a resource to an operation at its base of which nothing comes back but whether it was taken; it is not
        tried again by itself."""
        what = f"the operation {name}"
        await self._line.ask(self._sending("POST", f"{self.base}/${name}", what, released, {}, again=False))

    def _sending(
        self, method: str, url: str, what: str, released: Released, headers: Mapping[str, str], again: bool = True
    ) -> Ask:
        """Law: to nobody but its recipient, and not before it is in the ledger."""
        if released.recipient != self.recipient:
            raise self.fault(Wrong.UNABLE, f"{what} was released for somebody else, and is not sent")
        if released.ledger is None:
            raise self.fault(Wrong.UNABLE, f"{what} is not in the ledger of disclosures, and is not sent")
        said = {"content-type": "application/fhir+json", "prefer": "return=minimal", **self._standing, **headers}
        return Ask(method, url, what, said, released.body, again)

    def _responded(self, entry: Any, type: str, id: str | None) -> Place:
        said = entry.get("response") if isinstance(entry, dict) else None
        status = str(said.get("status")) if isinstance(said, dict) else ""
        if not isinstance(said, dict) or status[:1] != "2":
            raise self.fault(Wrong.OUTCOME, "a transaction is answered with an entry that failed")
        headers = {name: str(said[part]) for name, part in (("location", "location"), ("etag", "etag")) if part in said}
        return self._placed(Answer(200, headers, b""), entry.get("resource"), type, id, status[:3] == "201")

    def _placed(self, answer: Answer, said: Resource | None, type: str, id: str | None, made: bool) -> Place:
        """Where a record is: by its Location, else by what is sent back, else where it was sent."""
        location = answer.headers.get("location") or answer.headers.get("content-location") or ""
        found = split(location.removeprefix(self.base).strip("/")) or _at_end(location)
        if found is None and said is not None and isinstance(said.get("id"), str):
            found = said["resourceType"], said["id"]
        found = found or ((type, id) if id else None)
        if found is None or found[0] != type or (id is not None and found[1] != id) or not _ID.fullmatch(found[1]):
            raise self.fault(Wrong.ANOTHER, f"a {type} that was sent is answered without where it is")
        version = location.rpartition("/_history/")[2] if "/_history/" in location else _version(answer, said)
        return Place(type, found[1], version, made)

    def fault(self, wrong: Wrong, message: str) -> Fault:
        """A fault of this partner."""
        return self._line.judge.fault(wrong, message)


def _at_end(location: str) -> tuple[str, str] | None:
    """(type, id) of an address of another form, as servers behind others give it."""
    parts = location.partition("/_history/")[0].split("/")
    return split("/".join(parts[-2:])) if len(parts) > 2 else None


def _version(answer: Answer, said: Resource | None) -> str | None:
    tag = _VERSION.fullmatch(answer.etag or "")
    if tag:
        return tag[1]
    meta = said.get("meta") if said else None
    return str(meta["versionId"]) if isinstance(meta, dict) and "versionId" in meta else None
