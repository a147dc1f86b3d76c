"""The door in: whether a resource is valid R4 4.0.1, with every issue at once.

https://hl7.org/fhir/R4/validation.html. The strict schema is generated from HL7's StructureDefinitions; nothing of it
is read or compiled before the first resource of a type is checked. What is not checked is listed in
`profiles/r4/invariants.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import jsonschema_rs

from adapter.fhir.elements import Definitions
from adapter.fhir.faults import Faults
from adapter.fhir.invariants import Rule
from adapter.fhir.json import plain
from adapter.problems import Issue

Schema = dict[str, Any]
Steps = tuple[str | int, ...]
_REFERENCE = "#/definitions/"
_INNER = {"Bundle": "entry", "Parameters": "parameter"}


class Door:
    """Checks resources; one validator per type is compiled when it is first needed, with what it can reach.

    `modifiers` are the URLs of the modifier extensions this program understands; any other refuses the resource, and
    so does `implicitRules`, because both may change the meaning of everything else.
    """

    def __init__(self, definitions: Definitions, modifiers: frozenset[str] = frozenset()) -> None:
        self._definitions = definitions
        self._modifiers = modifiers
        self._usual: dict[str, Callable[[Any], bool]] = {}
        self._whole: dict[str, jsonschema_rs.Validator] = {}
        self._reached: dict[str, frozenset[str]] = {}

    def check(self, resource: Any) -> list[Issue]:
        """Every issue found in any JSON value as a resource; empty when it is valid.

        Resources inside (contained, entries of a Bundle, parameters) are checked as what they say they are. Expressions
        are FHIRPath from the outermost resource: `Bundle.entry[3].resource.status`.
        """
        return self._check(resource, "", frozenset())

    def _check(self, resource: Any, place: str, local: frozenset[str]) -> list[Issue]:
        issue = self._wrong_type(resource, place)
        if issue:
            return [issue]
        kind = resource["resourceType"]
        place = place or kind
        if "contained" in resource:
            local = local or _contained_ids(resource)
        issues = [] if self._is_usual(resource) else self._shape(resource, place, local)
        if "contained" in resource:
            issues += self._contained(resource, place, local)
        for inner, steps in _inner(resource, _INNER[kind]) if kind in _INNER else ():
            if not self._is_usual(inner) or "contained" in inner or inner["resourceType"] in _INNER:
                issues += self._check(inner, _below(place, steps), frozenset())
        return issues

    def _is_usual(self, resource: dict[str, Any]) -> bool:
        """Whether a resource itself is valid in the usual form: the schema less `_` siblings and ids of elements.

        Those are rare and cost a third of the time. False says nothing yet: the type may be none or not compiled, and
        jsonschema-rs refuses a Lexeme or raises ValueError, as it knows JSON's own types only.
        """
        try:
            return self._usual[resource["resourceType"]](resource)
        except (KeyError, TypeError, ValueError):
            return False

    def _shape(self, resource: dict[str, Any], place: str, local: frozenset[str]) -> list[Issue]:
        """Issues of one resource by the schema, its Lexemes read as numbers."""
        kind = resource["resourceType"]
        if kind not in self._usual:
            self._usual[kind] = self._compile(kind, _usual).is_valid
        resource = plain(resource)
        if self._is_usual(resource):
            return []
        if kind not in self._whole:
            self._whole[kind] = self._compile(kind, _as_it_is)
        return self._faults.explain(list(self._whole[kind].iter_errors(resource)), resource, place, local)

    def _wrong_type(self, resource: Any, place: str) -> Issue | None:
        if not isinstance(resource, dict):
            return Issue("structure", "A resource is a JSON object.", place or None)
        kind = resource.get("resourceType")
        where = f"{place}.resourceType" if place else "resourceType"
        if kind is None:
            return Issue("required", "resourceType is required.", where)
        if not isinstance(kind, str) or kind not in self._definitions.types:
            return Issue("structure", "resourceType is not a resource type of R4.", where)
        return None

    def _contained(self, resource: dict[str, Any], place: str, local: frozenset[str]) -> Iterator[Issue]:
        """dom-2 to dom-5 and the contained resources themselves, whose `#` references are those of the whole."""
        contained = resource["contained"]
        named = set(_fragments(resource))
        for index, inner in enumerate(contained if isinstance(contained, list) else ()):
            where = f"{place}.contained[{index}]"
            yield from self._check(inner, where, local)
            if isinstance(inner, dict):
                yield from _inside(inner, where, named)

    def _compile(self, kind: str, form: Callable[[Schema, bool], Schema]) -> jsonschema_rs.Validator:
        reached = {name: form(self._schema[name], name == kind) for name in self._reach(kind)}
        schema = {"$schema": "http://json-schema.org/draft-04/schema#", "definitions": reached,
                  "$ref": _REFERENCE + kind}
        options = jsonschema_rs.RegexOptions()  # linear time whatever the input
        return jsonschema_rs.validator_for(schema, keywords={"rule": Rule}, pattern_options=options)

    @cached_property
    def _schema(self) -> Schema:
        known: Schema = {"enum": sorted(self._modifiers)} if self._modifiers else {"not": {}}
        return {**self._definitions.schema(), "knownModifier": {**known, "is": "modifier"}}

    @cached_property
    def _faults(self) -> Faults:
        return Faults(self._definitions, self._schema)

    def _reach(self, kind: str) -> set[str]:
        reached, waiting = {kind}, [kind]
        while waiting:
            for name in self._mentions(waiting.pop()) - reached:
                reached.add(name)
                waiting.append(name)
        return reached

    def _mentions(self, name: str) -> frozenset[str]:
        found = self._reached.get(name)
        if found is None:
            found = self._reached[name] = frozenset(_mentioned(self._schema[name]))
        return found


def _as_it_is(schema: Schema, is_resource: bool) -> Schema:
    return schema


def _usual(schema: Schema, is_resource: bool) -> Schema:
    """A definition without the `_name` siblings of primitives and without the ids of elements.

    It accepts exactly what the whole accepts of resources that have neither: what is taken away are elements, and
    conditions on elements that are then not there.
    """
    if "properties" not in schema:
        return schema

    def stays(name: str) -> bool:
        return not name.startswith("_") and (is_resource or name != "id")

    parts = {name: part for name, part in schema.items() if name not in ("properties", "dependencies")}
    for part in ("properties", "dependencies"):
        parts[part] = {name: inner for name, inner in schema.get(part, {}).items() if stays(name)}
    return _without_siblings(parts)  # type: ignore[no-any-return]


def _without_siblings(node: Any) -> Any:
    """A schema node whose alternatives do not ask for a `_name`."""
    if isinstance(node, list):
        return [_without_siblings(child) for child in node]
    if not isinstance(node, dict):
        return node
    made = {name: _without_siblings(child) for name, child in node.items()}
    alternatives = node.get("anyOf")
    if isinstance(alternatives, list):
        made["anyOf"] = [one for one in made["anyOf"] if not one.get("required", [""])[0].startswith("_")]
    return made


def _mentioned(node: Any) -> Iterator[str]:
    """The definitions that a schema node refers to."""
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str):
            yield target.removeprefix(_REFERENCE)
        for child in node.values():
            yield from _mentioned(child)
    elif isinstance(node, list):
        for child in node:
            yield from _mentioned(child)


def _contained_ids(resource: dict[str, Any]) -> frozenset[str]:
    contained = resource["contained"]
    return frozenset(
        inner["id"] for inner in (contained if isinstance(contained, list) else ())
        if isinstance(inner, dict) and isinstance(inner.get("id"), str)
    )


def _inside(inner: dict[str, Any], where: str, named: set[str]) -> Iterator[Issue]:
    if "contained" in inner:
        yield Issue("invariant", "dom-2: a contained resource contains no resources.", f"{where}.contained")
    identity = inner.get("id")
    if not isinstance(identity, str) or (f"#{identity}" not in named and "#" not in _fragments(inner)):
        yield Issue("invariant", "dom-3: a contained resource is referred to by the resource around it.", where)
    meta = inner.get("meta")
    for name, key in (("versionId", "dom-4"), ("lastUpdated", "dom-4"), ("security", "dom-5")):
        if isinstance(meta, dict) and name in meta:
            yield Issue("invariant", f"{key}: a contained resource has no meta.{name}.", f"{where}.meta.{name}")


def _fragments(value: Any) -> Iterator[str]:
    """Every string that could be a reference to something contained: of a Reference, canonical, uri or url."""
    if isinstance(value, str):
        if value.startswith("#"):
            yield value
    elif isinstance(value, (dict, list)):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _fragments(child)


def _inner(holder: dict[str, Any], name: str) -> Iterator[tuple[Any, Steps]]:
    """The resources in the entries of a Bundle or in parameters and their parts, with the steps down to them."""
    rows = holder.get(name)
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, dict):
            continue
        resource, response = row.get("resource"), row.get("response")
        if isinstance(resource, dict):
            yield resource, (name, index, "resource")
        if isinstance(response, dict) and isinstance(response.get("outcome"), dict):
            yield response["outcome"], (name, index, "response", "outcome")
        if "part" in row:
            yield from ((inner, (name, index, *steps)) for inner, steps in _inner(row, "part"))


def _below(place: str, steps: Steps) -> str:
    return place + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
