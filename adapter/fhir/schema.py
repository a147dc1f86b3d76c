"""The door in: whether a resource is valid R4 4.0.1, with every issue at once.

https://hl7.org/fhir/R4/validation.html. The strict schema is generated from HL7's StructureDefinitions; nothing of it
is read or compiled before the first resource of a type is checked. What is not checked is listed in
`profiles/r4/invariants.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs

from adapter.fhir.elements import Definitions
from adapter.fhir.faults import Faults
from adapter.fhir.invariants import Rule
from adapter.fhir.json import DEPTH, dump, plain
from adapter.fhir.outcome import at_most
from adapter.problems import Issue

Schema = dict[str, Any]
Steps = tuple[str | int, ...]
_REFERENCE = "#/definitions/"
_INNER = {"Bundle": "entry", "Parameters": "parameter"}
_NOT_JSON = "This cannot be written as JSON: it is too deep, or text or a number is out of range."
_MORE = "The resource is large: there may be more issues."
_NOWHERE: Mapping[str, str] = {}
HEAVY = 5_000
"""Members of objects and lists beyond which only the first fault of a resource is told: finding them all costs time and
memory for each before the first is known, and R4 resources stay far below."""


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
        """The issues found in any value of up to 10 000 levels, all at once up to a limit; empty when it is valid.

        Resources inside (contained, entries of a Bundle, parameters) are checked as what they say they are. Expressions
        are FHIRPath from the outermost resource: `Bundle.entry[3].resource.status`.
        """
        return [] if self._is_sound(resource) else at_most(self._check(resource, "", _NOWHERE, 0))

    def _is_sound(self, resource: Any) -> bool:
        """Whether a resource and all inside it are valid in the usual form; False says nothing yet.

        The usual form is the schema less `_` siblings and ids of elements, which are rare and cost a third of the time,
        and nothing contained. False also where a type is none or not compiled, the value is nested too deep, and where
        jsonschema-rs raises TypeError or ValueError, as it knows JSON's own types only and refuses a Lexeme.
        """
        try:
            kind = resource["resourceType"]
            if "contained" in resource or not self._usual[kind]([resource]):
                return False
            return kind not in _INNER or self._holds_sound(kind, resource)
        except (KeyError, TypeError, ValueError, RecursionError):
            return False

    def _holds_sound(self, kind: str, holder: dict[str, Any]) -> bool:
        """Whether the resources in a valid Bundle or Parameters are valid in the usual form, each type at one go."""
        if kind == "Parameters":
            return all(self._is_sound(inner) for inner, _ in _inner(holder, "parameter"))
        grouped: dict[str, list[Any]] = {}
        for row in holder.get("entry", ()):
            if "resource" in row:
                inner = row["resource"]
                if "contained" in inner or inner["resourceType"] in _INNER:
                    return False
                grouped.setdefault(inner["resourceType"], []).append(inner)
            if "outcome" in row.get("response", ()):
                return False
        return all(self._usual[inner_kind](found) for inner_kind, found in grouped.items())

    def _check(self, resource: Any, place: str, local: Mapping[str, str], level: int) -> Iterator[Issue]:
        """The issues of a resource so many resources deep; `local` are the types of what `#` references may name."""
        issue = self._wrong_type(resource, place)
        if issue:
            yield issue
            return
        kind = resource["resourceType"]
        place = place or kind
        if level > DEPTH:
            yield Issue("structure", f"Resources are nested deeper than {DEPTH} levels.", place)
            return
        local = local or _local(resource)
        try:
            yield from self._shape(resource, place, local)
        except TypeError:
            yield Issue("structure", _NOT_JSON, place)
            return
        if "contained" in resource:
            yield from self._contained(resource, place, local, level)
        for inner, steps in _inner(resource, _INNER[kind]) if kind in _INNER else ():
            if not self._is_sound(inner):
                yield from self._check(inner, _below(place, steps), _NOWHERE, level + 1)

    def _shape(self, resource: dict[str, Any], place: str, local: Mapping[str, str]) -> Iterator[Issue]:
        """Issues of one resource by the schema, its Lexemes read as numbers; raises TypeError for what is not JSON."""
        kind = resource["resourceType"]
        if kind not in self._usual:
            self._usual[kind] = self._compile(kind, _usual, _list_of).is_valid
        resource = plain(_without_resources(resource) if kind == "Bundle" else resource)
        if self._usual[kind]([resource]):
            return
        if kind not in self._whole:
            self._whole[kind] = self._compile(kind, _as_it_is, _one)
        yield from self._explained(self._whole[kind], resource, place, local)

    def _explained(
        self, validator: jsonschema_rs.Validator, resource: dict[str, Any], place: str, local: Mapping[str, str]
    ) -> Iterator[Issue]:
        """What the whole schema finds; of a heavy resource the first fault only, unless that turns out to be none."""
        if dump(resource).count(b",") > HEAVY:
            try:
                validator.validate(resource)
            except jsonschema_rs.ValidationError as error:
                first = list(self._faults.explain((error,), resource, place, local))
                if first:
                    yield from first
                    yield Issue("informational", _MORE, place, "information")
                    return
        yield from self._faults.explain(validator.iter_errors(resource), resource, place, local)

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

    def _contained(self, resource: dict[str, Any], place: str, local: Mapping[str, str], level: int) -> Iterator[Issue]:
        """dom-2 to dom-5 and the contained resources themselves, whose `#` references are those of the whole."""
        contained = resource["contained"]
        named, seen = set(_fragments(resource)), set()
        for index, inner in enumerate(contained if isinstance(contained, list) else ()):
            where = f"{place}.contained[{index}]"
            if not self._is_sound(inner):
                yield from self._check(inner, where, local, level + 1)
            if not isinstance(inner, dict):
                continue
            yield from _inside(inner, where, named)
            identity = inner.get("id")
            if isinstance(identity, str) and identity in seen:
                yield Issue("duplicate", "Two contained resources have this id.", f"{where}.id")
            seen.add(identity if isinstance(identity, str) else None)

    def _compile(
        self, kind: str, form: Callable[[Schema, bool], Schema], top: Callable[[str], Schema]
    ) -> jsonschema_rs.Validator:
        reached = {name: form(self._schema[name], name == kind) for name in self._reach(kind)}
        schema = {"$schema": "http://json-schema.org/draft-04/schema#", "definitions": reached, **top(kind)}
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


def _one(kind: str) -> Schema:
    return {"$ref": _REFERENCE + kind}


def _list_of(kind: str) -> Schema:
    return {"items": _one(kind)}


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


def _local(resource: dict[str, Any]) -> Mapping[str, str]:
    """The types of what `#id` may refer to in a resource, by id; `#` alone is the resource itself."""
    contained = resource.get("contained")
    inside = [inner for inner in (contained if isinstance(contained, list) else ()) if isinstance(inner, dict)]
    named = {inner["id"]: str(inner.get("resourceType")) for inner in inside if isinstance(inner.get("id"), str)}
    return {**named, "": str(resource["resourceType"])}


def _without_resources(bundle: dict[str, Any]) -> dict[str, Any]:
    """A Bundle whose entries hold only what its own rules look at, since the resources are checked one by one."""
    entries = bundle.get("entry")
    return {**bundle, "entry": [_shell(row) for row in entries]} if isinstance(entries, list) else bundle


def _shell(entry: Any) -> Any:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict):
        return entry
    return {**entry, "resource": {name: resource[name] for name in ("resourceType", "meta") if name in resource}}


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
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, (dict, list)):
            waiting += found.values() if isinstance(found, dict) else found
        elif isinstance(found, str) and found.startswith("#"):
            yield found


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
