"""Where the references of a referral lead: to its other parts, to the directory here, or to records its sender keeps.

https://hl7.org/fhir/R4/references.html#literal: one to a record elsewhere stays as its address, an identifier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from adapter.fhir.references import split
from adapter.problems import Issue
from adapter.referral.packet import Names, Part, Resource, attachments, base_of, pointed

ADDRESS = "urn:ietf:rfc:3986"
"""The system of identifiers that are addresses: https://hl7.org/fhir/R4/datatypes.html#Identifier."""
ELSEWHERE = "this is kept by its address, as a record that its sender keeps"

Known = Callable[[str, str], bool]


class Pointers:
    """Points the references of all parts of one referral; `issues` are those that lead nowhere, `external` those that
    were made identifiers."""

    def __init__(
        self,
        parts: Sequence[Part],
        addresses: Mapping[int, str],
        base_url: str,
        known: Known,
        aliases: Mapping[str, Part],
    ) -> None:
        """`addresses`: where each part will be (`Type/id`), by its number; `known` tells whether the sender may see
        a record of the directory here; `aliases` are other names of parts."""
        self._parts, self._base, self._known, self._aliases = parts, base_url, known, aliases
        self._names = Names(parts)
        self._addresses = {id(part): addresses[n] for n, part in enumerate(parts) if n in addresses}
        self.issues: list[Issue] = []
        self.external: list[Issue] = []

    def point(self) -> None:
        """Change every reference in its part."""
        for part in self._parts:
            for place, element, literal in list(pointed(part)):
                self._point(part, place, element, literal)
            for attachment in attachments(part.resource):
                inner = self._names.part_of(part, attachment["url"])
                if inner is not None and id(inner) in self._addresses:
                    attachment["url"] = self._addresses[id(inner)]

    def _point(self, part: Part, place: str, element: Resource, literal: str) -> None:
        inner = self._aliases.get(literal) or self._names.part_of(part, literal)
        if inner is not None and id(inner) in self._addresses:
            element["reference"] = self._addresses[id(inner)]
            return
        if literal.startswith(("#", "urn:")):
            why = "this names nothing that came with the referral"
            self.issues.append(Issue("not-found", why, f"{place}.reference"))
            return
        here = literal.removeprefix(f"{self._base}/")
        key = split(here)
        if key is not None and self._known(*key):
            element["reference"] = here
            return
        address = literal if key is None or here != literal else f"{base_of(part.name)}{literal}"
        element.update(dict(_external(element, key[0] if key else None, address)))
        del element["reference"]
        self.external.append(Issue("informational", ELSEWHERE, f"{place}.reference", severity="information"))


def _external(element: Resource, type: str | None, address: str) -> Iterator[tuple[str, object]]:
    """What is said of a record elsewhere: its address, beside the identifier it may have."""
    if type is not None and "type" not in element:
        yield "type", type
    if "identifier" not in element:
        yield "identifier", {"system": ADDRESS, "value": address}
    elif "display" not in element:
        yield "display", address
