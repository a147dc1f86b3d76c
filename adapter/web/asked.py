"""One request at the FHIR door as its handlers see it, and the line of the route table that chose the handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from adapter.fhir.json import dump
from adapter.fhir.operations import Inputs, Operation
from adapter.fhir.xml_in import XmlReader
from adapter.interactions.answer import Answer, version_of
from adapter.interactions.inputs import read_inputs
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.web.access import Entrant
from adapter.web.call import Call
from adapter.web.desk import Desk
from adapter.web.negotiation import FHIR, XML, Pairs, check_content

if TYPE_CHECKING:
    from adapter.web.table import RouteTable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request at the FHIR door: the parts of its address that are not fixed words, and its own parameters.

    It is `due` when it is the rest of what has been written already.
    """

    program: Program
    entrant: Entrant
    desk: Desk
    call: Call
    parts: tuple[str, ...]
    pairs: Pairs
    xml: XmlReader
    table: RouteTable
    due: bool = False

    async def ask(self, work: Callable[[], T]) -> T:
        """What the work answers, done at the desk."""
        return await self.desk.ask(work, due=self.due)

    async def soon(self, work: Callable[[], T]) -> T:
        """The same, at once where that takes no more than a moment; of the store it only asks."""
        return await self.desk.soon(work, self.program.store, due=self.due)

    @property
    def predicate(self) -> Predicate:
        """What is there for the client."""
        return self.entrant.predicate

    @property
    def type(self) -> str:
        """The resource type in the address."""
        return self.parts[0]

    @property
    def id(self) -> str:
        """The id in the address."""
        return self.parts[1]

    def if_match(self) -> int | None:
        """The version that the sender saw, if it says."""
        tag = self.call.header(b"if-match")
        return None if tag is None else version_of(tag, "If-Match")

    async def body(self, limit: int) -> bytes:
        """The FHIR body as JSON, whichever way it came."""
        name = check_content(self.call, FHIR | XML)
        body = await self.call.body(limit)
        return dump(self.xml.read(body)) if body and name in XML else body

    async def inputs(self, operation: Operation, limit: int | None = None) -> Inputs:
        """What the address and the body, which may be empty, give an operation."""
        body = b""
        if self.call.method == "POST":
            body = await self.call.body(limit or self.program.settings.resource_limit)
        if body and check_content(self.call, FHIR | XML) in XML:
            body = dump(self.xml.read(body))
        return read_inputs(self.program, operation, self.pairs, body)


Handler = Callable[[Asked], Awaitable[Answer]]
# Where a route stands: at the base, on the types that clients write, on those that the program publishes, or on both.
Place = Literal["system", "records", "published", "any"]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the door: method, address (`*` stands for a part that the client fills in), R4's name, function.

    `on` says for which types it is there: a `Place`, or one type by its name.
    """

    method: str
    address: str
    interaction: str
    handler: Handler
    on: Place | str = "records"
    operation: Operation | None = None
    lines: bool = False
    """Whether it answers with lines of JSON, which are neither FHIR's JSON nor XML."""
    media: frozenset[str] = frozenset()
    """What else than FHIR's JSON and XML it answers as, where it is asked for."""

    @property
    def shape(self) -> tuple[str, ...]:
        """The address as looked up."""
        return tuple(self.address.strip("/").split("/")) if self.address != "/" else ()

    @property
    def name(self) -> str:
        """R4's name of the interaction, or that of the operation with its `$`."""
        return f"${self.operation.code}" if self.operation else self.interaction

    def of(self, parts: tuple[str, ...]) -> str:
        """The type that is asked for, given the parts of the address; "" at the base."""
        if self.interaction == "search-compartment":
            return parts[2]
        return parts[0] if parts else ""

    def serves(self, type: str, writable: bool) -> bool:
        """Whether it is there for a type that clients may write, or may not."""
        return self.on in ("any", type, "records" if writable else "published")
