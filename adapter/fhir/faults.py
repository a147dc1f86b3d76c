"""Turns what the strict schema found into issues: R4 issue code, a sentence, and a FHIRPath expression.

https://hl7.org/fhir/R4/valueset-issue-type.html, https://hl7.org/fhir/R4/operationoutcome-definitions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import jsonschema_rs

from adapter.fhir import invariants
from adapter.fhir.elements import Definitions, Element
from adapter.fhir.json import UNNAMED, element_name
from adapter.problems import Issue

Path = Sequence[str | int]
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_TAIL = re.compile(r"https?://\S+/([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_JSON_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}
FEW = 12
"""So many codes of a value set are named in a message."""


class Found(NamedTuple):
    """One failed keyword: the keyword, where in the resource, the value there, and the schema nodes down to it."""

    keyword: str
    path: Path
    value: Any
    nodes: Sequence[Mapping[str, Any]]
    definition: str
    error: Any

    @property
    def about(self) -> str:
        """What the innermost annotated node checks (its `is`), or nothing."""
        return next((str(node["is"]) for node in reversed(self.nodes) if "is" in node), "")


class Faults:
    """Explains the errors of one schema; `explain` gives one issue for each element and code, as they are asked for."""

    def __init__(self, definitions: Definitions, schema: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._schema = schema

    def explain(
        self,
        errors: Iterable[jsonschema_rs.ValidationError],
        resource: dict[str, Any],
        place: str,
        local: Mapping[str, str],
    ) -> Iterator[Issue]:
        """The issues of a resource that stands at `place`; `local` are the types of what a `#` reference may name.

        Empty where every error turns out to be none: references in unusual forms, and null beside an extension.
        """
        told: set[tuple[str | None, str]] = set()
        for error in errors:
            for issue in self._issues(self._found(error, resource), resource, place, local):
                if (issue.expression, issue.code) not in told:
                    told.add((issue.expression, issue.code))
                    yield issue

    def _found(self, error: jsonschema_rs.ValidationError, resource: dict[str, Any]) -> Found:
        node: Any = self._schema
        nodes = []
        for step in error.schema_path[1:]:
            node = node[step]
            if isinstance(node, dict):
                nodes.append(node)
        keyword, definition = str(error.schema_path[-1]), str(error.schema_path[1])
        return Found(keyword, error.instance_path, _at(resource, error.instance_path), nodes, definition, error)

    def _issues(self, found: Found, resource: dict[str, Any], place: str, local: Mapping[str, str]) -> Iterator[Issue]:
        where = self.expression(resource["resourceType"], found.path, place)
        if found.keyword == "additionalProperties":
            yield from _unknown(found, where)
        elif found.keyword == "rule" or found.about == "ext-1":
            yield from self._broken(found, resource["resourceType"], place)
        elif found.value is None:
            if not _is_padding(resource, found.path):
                yield Issue("structure", "null is not allowed here.", where)
        elif found.keyword == "type" and found.about in ("reference", "absolute url"):
            yield _wrong_type(found, where)
        elif found.about == "reference":
            message = self._reference(found, local)
            if message:
                yield Issue("value", message, where)
        elif found.about:
            yield self._annotated(found, where)
        else:
            yield _plain(found, where)

    def _broken(self, found: Found, type: str, place: str) -> Iterator[Issue]:
        rule = "ext-1" if found.about == "ext-1" else str(found.nodes[-1]["rule"])
        broken = invariants.check(rule)(found.value)
        if broken:
            yield Issue(broken.code, broken.message, self.expression(type, [*found.path, *broken.child], place))

    def _annotated(self, found: Found, where: str) -> Issue:
        kind, _, argument = found.about.partition(" ")
        if kind == "needs":
            return Issue("required", f"{argument} is required.", f"{where}.{argument.removesuffix('[x]')}")
        if kind == "choice":
            return Issue(
                "structure",
                f"{argument} may be there once; more than one type of it is.",
                f"{where}.{argument.removesuffix('[x]')}",
            )
        if kind == "binding":
            return Issue("code-invalid", f"No coding is from the required value set {argument}.", where)
        if kind == "alone":
            return Issue("structure", "An element has a value or children besides its id.", where)
        if kind == "implicitRules":
            return Issue("not-supported", "implicitRules are not understood, so the resource is refused.", where)
        if kind == "absolute":
            return Issue("value", "The url of an extension is absolute, unless it is part of another extension.", where)
        if kind == "modifier":
            return Issue("extension", "This modifier extension is not understood, so the resource is refused.", where)
        return Issue("invariant", f"{kind}: {self._definitions.invariant(found.definition, kind)}.", where)

    def _reference(self, found: Found, local: Mapping[str, str]) -> str | None:
        """What is wrong with a reference that is not in one of the usual forms, if anything is.

        `#id` names a contained resource, `#` the one around it. An absolute URL may be anything, but one that ends like
        a RESTful URL must not end with a type that the element does not allow. R4's literal references have no fragment
        behind an id: what is contained in another resource cannot be referred to.
        """
        text = found.value
        if text.startswith("#"):
            if text[1:] not in local:
                return "ref-1: no contained resource has this id."
            targets = found.definition.partition(":")[2]
            if not targets or local[text[1:]] in targets.split(","):
                return None
            return f"This does not lead to one of {targets.replace(',', ', ')}."
        tail = _TAIL.fullmatch(text)
        is_other = tail is not None and tail[1] in self._definitions.types
        if _ABSOLUTE.fullmatch(text) and not is_other and not text.startswith("urn:uuid:"):
            return None
        targets = found.definition.partition(":")[2].replace(",", ", ")
        return f"This is not a literal reference to {targets or 'a type of R4'}."

    def expression(self, type: str, path: Path, place: str) -> str:
        """The FHIRPath of a JSON path: `valueQuantity` is `value`, `_birthDate` is `birthDate`."""
        parts, definition = [place or type], type
        for step in path:
            if isinstance(step, int):
                parts[-1] += f"[{step}]"
                continue
            element = self._step(definition, step)
            parts.append(element[0])
            definition = element[1]
        return ".".join(filter(None, parts))

    def _step(self, definition: str, key: str) -> tuple[str, str]:
        name = key.removeprefix("_")
        for child in self._definitions.children(definition):
            if child.name == name:
                return name, "Element" if key.startswith("_") else child.content or ""
            if child.choice and (branch := self._branch(definition, child, name)):
                return child.name[:-3], "Element" if key.startswith("_") else branch.content or ""
        return element_name(name) or "", ""

    def _branch(self, definition: str, choice: Element, name: str) -> Element | None:
        found = self._definitions.element(f"{definition}.{name}") if name.startswith(choice.name[:-3]) else None
        return found if found and found.types[0] in choice.types else None


def _at(resource: Any, path: Path) -> Any:
    for step in path:
        resource = resource[step]
    return resource


def _is_padding(resource: dict[str, Any], path: Path) -> bool:
    """Whether a null in a list of primitives only keeps the place of an extension in `_name`."""
    if len(path) < 2 or not isinstance(path[-1], int):
        return False
    beside = _at(resource, path[:-2]).get(f"_{path[-2]}")
    return isinstance(beside, list) and len(beside) > path[-1] and isinstance(beside[path[-1]], dict)


def _unknown(found: Found, where: str) -> Iterator[Issue]:
    for key in found.error.kind.unexpected:
        if name := element_name(key):
            yield Issue("structure", f"R4 has no element {name} here.", f"{where}.{name}")
        else:
            yield Issue("structure", f"{UNNAMED} is here.", where)


def _plain(found: Found, where: str) -> Issue:
    kind = found.error.kind
    match found.keyword:
        case "required":
            return Issue("required", f"{kind.property} is required.", f"{where}.{kind.property}")
        case "type":
            return _wrong_type(found, where)
        case "enum":
            return _wrong_code(found, where)
        case "maxItems" | "maxLength":
            return Issue("too-long", f"This is longer than the {kind.limit} allowed.", where)
        case "minItems":
            return Issue("structure", "An array is not empty in FHIR; leave the element out.", where)
        case "minProperties":
            return Issue("structure", "An object is not empty in FHIR; leave the element out.", where)
        case "minimum" | "maximum":
            bound = "at least" if found.keyword == "minimum" else "at most"
            return Issue("value", f"The value of a {found.definition} is {bound} {kind.limit}.", where)
    if found.value == "":
        return Issue("value", "A string is not empty in FHIR; leave the element out.", where)
    return Issue("value", f"This is not a valid {_type_name(found)}.", where)


def _type_name(found: Found) -> str:
    name = found.definition.partition(":")
    return {"mimetypes": "MIME type", "currencies": "currency code"}.get(name[2], name[0])


def _wrong_type(found: Found, where: str) -> Issue:
    expected = [name for name in found.error.kind.types if name != "null"]
    structural = {"object", "array"} & set(expected) or isinstance(found.value, (dict, list))
    words = " or ".join(_JSON_TYPES[name] for name in expected)
    return Issue("structure" if structural else "value", f"This is not {words}, as R4 wants here.", where)


def _wrong_code(found: Found, where: str) -> Issue:
    name, codes = found.definition.partition(":")[2], found.nodes[-1].get("enum", [])
    listed = f": {', '.join(codes)}" if 0 < len(codes) <= FEW else ""
    return Issue("code-invalid", f"This code is not in the required value set {name}{listed}.", where)
