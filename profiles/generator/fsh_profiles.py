"""One profile for each concept map: what the map reads and writes, said as constraints on its parent.

R4: https://hl7.org/fhir/R4/profiling.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapter.fhir.elements import Definitions
from adapter.mapping.codecs import Coding, Reference
from adapter.mapping.concept import MappedConcept
from adapter.mapping.findings import Finding
from adapter.mapping.joints import Several
from adapter.mapping.paths import ANY, Path, Step
from adapter.mapping.rows import Each, Fixed, Row, Shape
from adapter.mapping.slices import Slice
from adapter.mapping.tables import JointTable

from .fsh_extensions import Extensions
from .fsh_slices import Slicing, alone, told_apart
from .fsh_terms import Terms
from .fsh_text import camel, code, definition, pascal, quoted
from .parents import Parent


@dataclass(frozen=True)
class Place:
    """An element of a profile: its FSH path, its id in the parent, and the path of its definition."""

    fsh: str
    id: str
    at: str

    def child(self, name: str, at: str) -> Place:
        return Place(f"{self.fsh}.{name}".lstrip("."), f"{self.id}.{name}", at)


@dataclass
class Rule:
    """What is said of one element."""

    least: int = 0
    most: str = ""
    supported: bool = False
    only: str = ""
    bound: str = ""
    value: str = ""
    more: list[str] = field(default_factory=list)


@dataclass
class Member:
    """A slice that the profile adds to a list: the extension it is (its URL), and how often it may be there."""

    url: str = ""
    least: int = 0
    most: str = "1"


class Profile:
    """The FSH of one concept's profile; extensions defined `elsewhere`, in a guide that is not here, are left open."""

    def __init__(
        self,
        concept: MappedConcept,
        about: Mapping[str, Any],
        parent: Parent,
        terms: Terms,
        extensions: Extensions,
        definitions: Definitions,
        elsewhere: Mapping[str, str],
    ) -> None:
        self.concept, self.about, self.parent, self.definitions = concept, about, parent, definitions
        self.terms, self.extensions, self.elsewhere = terms, extensions, elsewhere
        self.rules: dict[str, Rule] = {}
        self.slicings: dict[str, Slicing] = {}
        self.members: dict[str, dict[str, Member]] = {}
        kind = concept.resource_type
        if parent.type != kind:
            raise SystemExit(f"profiles.toml: {concept.profile} is a {kind}, but its parent is a {parent.type}")
        self._shape(concept.shape, Place("", kind, kind))

    def text(self) -> str:
        """The profile as FSH: slicings first, then what they contain, then every element in the map's order."""
        id = self.concept.profile
        fields = [
            ("Parent", self.parent.url),
            ("Id", id),
            ("Title", quoted(self.about["title"])),
            ("Description", quoted(self.about["description"])),
        ]
        return definition("Profile", pascal(id), fields, self._lines())

    def require(self, path: Path, value: Any, terms: Terms) -> None:
        """A condition of the map's [when] that every resource of the concept satisfies, outside of lists."""
        place = self._reach(Place("", self.concept.resource_type, self.concept.resource_type), path.steps, True)
        if value == "absent":
            self._rule(place).most = "0"
        elif isinstance(value, dict) and value.get("is") == "*" and (found := terms.accepted(value["table"])):
            self._rule(place).bound = f"{found} (required)"

    def _lines(self) -> Iterator[str]:
        for path in sorted({*self.slicings, *self.members}, key=lambda path: (path.count("."), path)):
            for number, (kind, at) in enumerate(self.slicings[path].discriminators if path in self.slicings else ()):
                yield f"{path} ^slicing.discriminator[{number}].type = #{kind}"
                yield f'{path} ^slicing.discriminator[{number}].path = "{at}"'
            if path in self.slicings:
                yield f"{path} ^slicing.rules = #open"
            members = self.members[path].items()
            said = (f"{f'{m.url} named ' if m.url else ''}{name} {m.least}..{m.most}" for name, m in members)
            yield f"{path} contains " + " and ".join(said)
        for path, rule in self.rules.items():
            yield from _said(path, rule)
        yield from self.about.get("rules", ())

    def _rule(self, place: Place) -> Rule:
        return self.rules.setdefault(place.fsh, Rule())

    def _shape(self, shape: Shape, place: Place) -> None:
        for row in shape.rows:
            for number, path in enumerate(row.paths):
                for one in alone(path):
                    self._row(row, number, one, place, required=one is path and not row.optional)
        for each in shape.eaches:
            self._each(each, place)
        for fixed in shape.fixed:
            self._fixed(fixed, place)

    def _row(self, row: Row, number: int, path: Path, place: Place, *, required: bool) -> None:
        required = required and _always(row, number)
        if _extension(path):
            self._extended(row, path, place, required)
            return
        found = self._reach(place, path.steps, required, row.many)
        self._targets(row, found)
        self._binding(row, number, path, found)

    def _each(self, each: Each, place: Place) -> None:
        if not _extension(each.path):
            for path in alone(each.path):
                self._shape(each.shape, self._reach(place, path.steps, False, True))
            return
        outer = self._extended(None, each.path, place, False)
        context = self._context(each.path, place)
        for row in each.shape.rows:
            for path in row.paths:
                self.extensions.use((*outer, *path.steps), context, row, not row.optional, row.many)

    def _extended(self, row: Row | None, path: Path, place: Place, required: bool) -> Sequence[Step]:
        """Note an extension, of a row or of a list of members, in the element that holds it; answers its steps."""
        first = next(i for i, step in enumerate(path.steps) if step.text.startswith("ext("))
        holder, steps = self._reach(place, path.steps[:first], required), path.steps[first:]
        many = row is None or row.many
        self._extension(holder, steps[0], required, many and len(steps) == 1)
        self.extensions.use(steps, self._context(path, place), row, required, many)
        return steps

    def _extension(self, holder: Place, step: Step, required: bool, many: bool) -> None:
        url = str(step.slice.match["url"])
        if url in self.elsewhere:
            return
        list_path = f"{holder.fsh}.extension".lstrip(".")
        name = self.parent.extension(holder.id, url) or camel(step.text[4:-1])
        place = Place(f"{list_path}[{name}]", "", "")
        self._rule(place).supported = True
        if self.parent.extension(holder.id, url):
            self._rule(place).least |= int(required)
            return
        member = self.members.setdefault(list_path, {}).setdefault(name, Member(url))
        member.least |= int(required)
        member.most = "*" if many else member.most

    def _context(self, path: Path, place: Place) -> str:
        """Where an extension stands, as a path of R4's definitions: `CarePlan.activity.detail`."""
        first = next(i for i, step in enumerate(path.steps) if step.text.startswith("ext("))
        return path.steps[first - 1].at if first else place.at

    def _reach(self, place: Place, steps: Sequence[Step], required: bool, many: bool = False) -> Place:
        """The element at the end of `steps`, with everything on the way supported and, where required, there."""
        for number, step in enumerate(steps):
            name = f"{step.key}[x]" if step.kind == "choice" else step.key
            list_place = place = place.child(name, step.at)
            if step.slice is not ANY:
                place = self._sliced(list_place, step.slice, required, many and number == len(steps) - 1)
                self._rule(list_place).supported = True
            rule = self._rule(place)
            rule.supported = True
            if required and place is list_place:
                rule.least = 1
        return place

    def _sliced(self, place: Place, slice: Slice, required: bool, many: bool) -> Place:
        """The slice as a place of its own, added to the parent's slicing where it has none like it."""
        coding, bound = self.terms.of_keys(slice.name, slice.keys) if slice.keys is not None else (None, "")
        known = coding and self.parent.pattern(place.id, coding.get("system", ""), coding["code"])
        name = known or self.about.get("slices", {}).get(f"{place.fsh}:{slice.name}") or camel(slice.name)
        inner = Place(f"{place.fsh}[{name}]", f"{place.id}:{name}", place.at)
        if name in dict(self.parent.slices(place.id)):
            self._rule(inner).least |= int(required)
            return inner
        slicing, rules = told_apart(slice, coding, bound, lambda path: self._kind(place.at, path))
        if not self.parent.sliced(place.id):
            before, where = self.slicings.get(place.fsh), f"{self.concept.profile} {place.fsh}"
            self.slicings[place.fsh] = before.joined(slicing, where) if before else slicing
        member = self.members.setdefault(place.fsh, {}).setdefault(name, Member())
        member.least |= int(required)
        member.most = "*" if many else member.most
        for path, value in rules:
            rule = self.rules.setdefault(f"{inner.fsh}.{path}".rstrip("."), Rule())
            if value == "only":
                urls = self.parent.targets(f"{place.id}.{path}".rstrip("."), slice.to, True)
                rule.only = f"Reference({' or '.join(urls or ())})"
                continue
            rule.more = [*rule.more, *([value] if value not in rule.more else [])]
        return inner

    def _kind(self, at: str, path: str) -> str:
        element = self.definitions.element(f"{at}.{path}")
        return element.types[0] if element else ""

    def _fixed(self, fixed: Fixed, place: Place) -> None:
        path = fixed.path
        if fixed.slice is not None and path.many:
            last = path.steps[-1]
            named = last if last.slice is not ANY else replace(last, slice=fixed.slice)
            self._reach(place, (*path.steps[:-1], named), True)
            return
        found = self._reach(place, path.steps, True)
        self._rule(found).value = _literal(fixed.element, path.types[0])

    def _targets(self, row: Row, place: Place) -> None:
        """What a reference may name; in a slice that is told by it, the slice has said so already."""
        if not isinstance(row.codec, Reference) or self._rule(place).only:
            return
        if urls := self.parent.targets(place.id, row.codec.to):
            self._rule(place).only = f"Reference({' or '.join(urls)})"

    def _binding(self, row: Row, number: int, path: Path, place: Place) -> None:
        found = self._codes(row, number, path)
        primitive = path.types[0] == "code" and path.steps and path.steps[-1].kind != "choice"
        # R4's own required bindings stand: what a table leaves out of them is valid, and parked.
        if not found or primitive or self.parent.strength(place.id) == "required" or self._rule(place).bound:
            return
        if not (path.steps and path.steps[-1].slice.keys):
            self._rule(place).bound = f"{found} (extensible)"

    def _codes(self, row: Row, number: int, path: Path) -> str | None:
        """The value set of the codes that a row reads in one of its elements."""
        codec = row.codec
        if isinstance(codec, Several):
            assert isinstance(codec.table, JointTable)
            if isinstance(codec, Finding) and number == 2:
                return self.terms.of(codec.options.missing.name) if codec.options.missing else None
            column = codec.table.elements[number] if number < len(codec.table.elements) else ""
            return self.terms.of(row.table, column)
        coded = isinstance(codec, Coding) or codec.name == "answer"
        return self.terms.of(row.table) if coded else None


def _said(path: str, rule: Rule) -> Iterator[str]:
    at = path or "."
    flag = " MS" if rule.supported and rule.most != "0" else ""
    if rule.most == "0":
        yield f"{at} 0..0"
    elif rule.least:
        yield f"{at} 1..{flag}"
    elif flag:
        yield f"{at}{flag}"
    if rule.only:
        yield f"{at} only {rule.only}"
    if rule.bound:
        yield f"{at} from {rule.bound}"
    if rule.value:
        yield f"{at} = {rule.value}"
    for line in rule.more:
        yield f"{at}.{line}" if not line.startswith(("=", "^", "from", "only")) else f"{at} {line}"


def _always(row: Row, number: int) -> bool:
    """Whether a required row is always said by this one of its elements."""
    if isinstance(row.codec, Finding):
        return False
    if isinstance(row.codec, Several):
        assert isinstance(row.codec.table, JointTable)
        name = row.codec.table.elements[number]
        return all(name in columns for columns in row.codec.table.rows.values())
    return True


def _extension(path: Path) -> bool:
    return any(step.text.startswith("ext(") for step in path.steps)


def _literal(element: Any, kind: str) -> str:
    if isinstance(element, bool):
        return str(element).lower()
    if isinstance(element, dict):
        coding = element["coding"][0] if "coding" in element else element
        return code(coding.get("system", ""), coding["code"])
    if isinstance(element, int):
        return str(element)
    return f"#{element}" if kind == "code" else quoted(element)
