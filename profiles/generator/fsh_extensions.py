"""Our own extensions: where the maps use each, what its value or parts are, and one definition of each.

R4: https://hl7.org/fhir/R4/defining-extensions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapter.fhir.canonical import BASE
from adapter.mapping.codecs import Coding, Reference
from adapter.mapping.paths import Step
from adapter.mapping.rows import Row

from .fsh_terms import Terms
from .fsh_text import definition, pascal, quoted, words

OURS = f"{BASE}/StructureDefinition/"


@dataclass
class Said:
    """What the maps say of one extension or part, over all its uses."""

    types: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    sets: set[str] = field(default_factory=set)
    parts: dict[str, Said] = field(default_factory=dict)
    contexts: set[str] = field(default_factory=set)
    many: bool = False
    required: bool = True

    @property
    def card(self) -> str:
        return f"{int(self.required)}..{'*' if self.many else 1}"


class Extensions:
    """Every extension of ours that the maps use, by canonical."""

    def __init__(self, terms: Terms, descriptions: Mapping[str, str]) -> None:
        self._terms, self._descriptions = terms, descriptions
        self.found: dict[str, Said] = {}

    def use(self, steps: Sequence[Step], context: str, row: Row | None, required: bool, many: bool) -> None:
        """Note a use: extension steps from the outermost on, in an element; `row` is None for a list of members."""
        said = self.found.setdefault(str(steps[0].slice.match["url"]), Said())
        said.contexts.add(context)
        for number, step in enumerate(steps[1:], 1):
            said = said.parts.setdefault(str(step.slice.match["url"]), Said())
            said.required &= required
            said.many |= many and number == len(steps) - 1
        if row is not None:
            self._value(said, row, steps[-1])

    def _value(self, said: Said, row: Row, last: Step) -> None:
        path = next(path for path in row.paths if path.steps and path.steps[-1] is last)
        said.types.add(path.types[0])
        if isinstance(row.codec, Reference):
            said.targets |= set(row.codec.to)
        column = path.text if row.codec.name == "joint" else ""
        if (column or isinstance(row.codec, Coding) or path.types[0] == "code") and row.table:
            # A code alone means nothing outside its value set; a Coding says its system, so others can be told apart.
            bound = self._terms.accepted if path.types[0] == "code" else self._terms.of
            said.sets.add(bound(row.table, column) or "")

    def definitions(self) -> Iterator[str]:
        """Every definition as FSH."""
        for url, said in sorted(self.found.items()):
            if url.startswith(OURS):
                id = url.removeprefix(OURS)
                if id not in self._descriptions:
                    raise ValueError(f"profiles.toml: [extensions] has no sentence for {id}")
                yield definition(
                    "Extension",
                    pascal(id),
                    [
                        ("Id", id),
                        ("Title", quoted(words(id.removeprefix("iop-")))),
                        ("Description", quoted(self._descriptions[id])),
                        ("Context", ", ".join(sorted(said.contexts))),
                    ],
                    [*_rules(said)],
                )


def _rules(said: Said) -> Iterator[str]:
    if not said.parts:
        yield from value_rules(said, "")
        return
    yield "extension contains " + " and ".join(f"{name} {part.card}" for name, part in said.parts.items())
    for name, part in said.parts.items():
        yield from value_rules(part, f"extension[{name}].")


def value_rules(said: Said, at: str) -> Iterator[str]:
    """The rules of one value: its only type, what it refers to, the codes it is bound to."""
    [kind] = said.types
    targets = " or ".join(sorted(said.targets))
    yield f"{at}value[x] 1..1"
    yield f"{at}value[x] only {f'Reference({targets})' if kind == 'Reference' and targets else kind}"
    if len(said.sets) == 1 and (bound := next(iter(said.sets))):
        yield f"{at}value[x] from {bound} ({'required' if kind == 'code' else 'extensible'})"
