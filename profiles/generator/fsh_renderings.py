"""The profiles of renderings: what one kind of recipient may see, and that there is nothing else.

R4: https://hl7.org/fhir/R4/profiling.html
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from adapter.consent.cuts import Cut
from adapter.consent.renderings import Rendering
from adapter.fhir.elements import Definitions, Element

from .fsh_text import camel, definition, pascal, quoted

# Of a resource: what every rendering has, or what is no part of its content.
_HEAD = ("id", "meta")


def profiles(rendering: Rendering, definitions: Definitions, elsewhere: Set[str]) -> Iterator[tuple[str, str]]:
    """(id, FSH) of the profile of each type that it shows; extensions `elsewhere` have no definition here."""
    for type in rendering.parameters:
        id = f"iop-{rendering.name}-{type.lower()}"
        about = f"What a {rendering.name} rendering of {type} holds, and nothing else: the minimum for its purpose."
        fields = [
            ("Parent", type),
            ("Id", id),
            ("Title", quoted(f"{type}, {rendering.name}")),
            ("Description", quoted(about)),
        ]
        yield (
            id,
            definition("Profile", pascal(id), fields, _Rules(definitions, elsewhere).of(rendering.cut_of(type), type)),
        )


class _Rules:
    """The rules of objects: what is not kept is not there."""

    def __init__(self, definitions: Definitions, elsewhere: Set[str]) -> None:
        self._definitions, self._elsewhere = definitions, elsewhere

    def of(self, cut: Cut, at: str, path: str = "") -> Iterator[str]:
        """The rules of one object, a definition of R4, at a path."""
        for child in self._definitions.children(at):
            place = f"{path}.{child.name}" if path else child.name
            if child.name in (*_HEAD, "url"):
                continue
            if child.name == "extension" and cut.extensions:
                yield from self._extensions(cut, place)
            elif child.choice:
                yield from _choice(cut, child, place)
            elif child.name not in cut.kept:
                yield f"{place} 0..0"
            elif (inner := cut.kept[child.name]) is not None and child.content is not None:
                yield from self.of(inner, child.content, place)

    def _extensions(self, cut: Cut, place: str) -> Iterator[str]:
        """Those that are named, and no other; where one of them has no definition, no rule can say so."""
        if self._elsewhere.isdisjoint(cut.extensions):
            named = [f"{url} named {camel(url.rpartition('/')[2])} 0..*" for url in cut.extensions]
            yield f"{place} contains {' and '.join(named)}"
            yield f"{place} ^slicing.rules = #closed"


def _choice(cut: Cut, child: Element, place: str) -> Iterator[str]:
    stem = child.name[:-3]
    kept = [kind for kind in child.types if stem + kind[0].upper() + kind[1:] in cut.kept]
    if not kept:
        yield f"{place} 0..0"
    elif len(kept) < len(child.types):
        yield f"{place} only {' or '.join(kept)}"
