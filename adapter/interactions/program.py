"""Everything one program's adapter is made of: its store, maps, keys, clock and settings. There is no global."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from adapter.fhir.elements import Definitions
from adapter.fhir.profile_rules import ProfileRules
from adapter.fhir.schema import Door
from adapter.fhir.subset import Subsets
from adapter.fhir.terminology import Terminology
from adapter.mapping.load import Maps
from adapter.problems import Kind, Problem
from adapter.released import Predicate
from adapter.settings import Settings
from adapter.store.store import Store

if TYPE_CHECKING:
    from adapter.interactions.consequences import Consequence
    from adapter.interactions.published import Published


@dataclass(frozen=True, slots=True)
class Program:
    """One intensive outpatient program as served: several may live in one process and share nothing.

    `base_url` is the address of its `/fhir`, without a slash at the end. `identifying` holds the identifier systems
    whose values name one record (practice keys, a partner's record numbers); `secret` keys derived ids.
    """

    name: str
    base_url: str
    zone: ZoneInfo
    definitions: Definitions
    door: Door
    profiles: ProfileRules
    maps: Maps
    store: Store
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    secret: bytes
    identifying: frozenset[str]
    consequences: tuple[Consequence, ...]
    settings: Settings
    terminology: Terminology
    published: Published
    parts: Subsets

    def link(self, type: str, id: str, version: int | None = None) -> str:
        """The absolute address of a resource, or of one of its versions."""
        address = f"{self.base_url}/{type}/{id}"
        return address if version is None else f"{address}/_history/{version}"

    def link_key(self, predicate: Predicate) -> bytes:
        """What page links of one reader are sealed by: with another reader's, or under other rules, they are none."""
        said = f"{self.store.index.hash}\n{predicate.reader}".encode()
        return blake2b(said, key=self.secret[:64], person=b"reader").digest()

    def page_link(self, address: str, parameters: Sequence[tuple[str, str]]) -> str:
        """The address of a page; Problem(TOO_COSTLY) for one longer than this server takes: nobody could follow it.

        A link carries the whole search, and a search sent as a form may be longer than any address.
        """
        link = f"{address}?{urlencode(parameters)}"
        if len(link) > self.settings.url_limit:
            why = f"the link to the next page would be longer than {self.settings.url_limit} bytes"
            raise Problem(Kind.TOO_COSTLY, f"{why}: ask for fewer values, or for more entries on a page")
        return link
