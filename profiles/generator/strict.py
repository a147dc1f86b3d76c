"""The strict JSON Schema (draft 4) of every R4 definition, which says what HL7's own JSON schema leaves out.

Objects and arrays are never empty, choices are exclusive, a required primitive is a value or an extension, required
bindings are enumerated, references point to the types allowed. Draft 4 because there an integer is not `1.0`.
https://hl7.org/fhir/R4/json.html

Besides draft 4's own keywords a node may hold `rule` (checked by `adapter/fhir/invariants.py`) and `is` (what it
checks, for the message: an invariant's key or `choice NAME`, `needs NAME`, `binding NAME`, `alone`).
"""

from __future__ import annotations

from typing import Any

from .invariants import INVARIANTS, Invariant
from .primitives import ABSOLUTE, NO_SPACE, OPEN_CODES, PRIMITIVES, reference
from .rows import Definition, Row, Table, set_name

Schema = dict[str, Any]
WIDE = 12
ITEMS = 50_000
"""No list of a resource is longer; R4 sets no limit, so this one is ours."""
REQUIRED_BINDING_TYPES = ("CodeableConcept", "Coding")


class Strict:
    """Builds every definition of one element table; `definitions` holds the result by name."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.definitions: dict[str, Schema] = {}
        for name, schema in PRIMITIVES.items():
            self.definitions[name] = schema
        for path, definition in table.definitions.items():
            if definition.kind in ("resource", "complex-type", "backbone"):
                self.definitions[path] = self._object(definition)
        sibling = {k: v for k, v in self.definitions["Element"].items() if k != "dependencies"}
        self.definitions["Sibling"] = sibling
        self.definitions["NullableSibling"] = {**sibling, "type": ["object", "null"]}
        self.definitions["id:element"] = NO_SPACE
        self._extensions()

    def _object(self, definition: Definition) -> Schema:
        properties: Schema = {}
        rules = _Rules()
        if definition.kind == "resource":
            properties["resourceType"] = {"enum": [definition.path]}
            rules.required.append("resourceType")
        for row in definition.rows:
            self._element(row, properties, rules)
        if definition.kind != "resource":
            rules.depend("id", {"minProperties": 2, "is": "alone"})
        for invariant in INVARIANTS:
            if invariant.path == definition.path:
                rules.invariant(invariant, {row.name: _keys(row) for row in definition.rows})
        return {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": properties,
            **rules.schema(),
        }

    def _element(self, row: Row, properties: Schema, rules: _Rules) -> None:
        keys = _keys(row)
        for kind in row.types:
            name = _key(row, kind)
            one = self._type(row, kind)
            properties[name] = _array(one) if row.many else one
            if kind in PRIMITIVES and kind != "xhtml":
                self._sibling(row, name, properties, rules)
        if row.min and len(keys) == 1:
            rules.required.append(keys[0])
        elif row.min:
            rules.all.append({"anyOf": [{"required": [key]} for key in keys], "is": f"needs {row.name}"})
        if row.choice and row.path != "Extension.value[x]":  # ext-1 says it there, without 50 times 50 pairs
            _exclusive(row, rules)

    def _sibling(self, row: Row, name: str, properties: Schema, rules: _Rules) -> None:
        """`_name`: id and extensions of a primitive; beside an array, one of the same length padded with null."""
        one = {"$ref": f"#/definitions/{'NullableSibling' if row.many else 'Sibling'}"}
        properties["_" + name] = _array(one) if row.many else one
        if name == "implicitRules":
            properties["_" + name] = self._type(row, name)
            return
        rules.depend("_" + name, {"rule": f"{'siblings' if row.many else 'sibling'} {name}"})

    def _type(self, row: Row, kind: str) -> Schema:
        if row.name == "implicitRules":
            return {"not": {}, "is": "implicitRules"}
        if kind == "Resource":
            return {"type": "object"}
        if kind == "Reference" and row.targets:
            return self._reference(row.targets)
        is_bound = row.binding and row.path != "CapabilityStatement.format"  # which may be xml, json and ttl too
        if is_bound and kind in ("code", *REQUIRED_BINDING_TYPES):
            return self._bound(set_name(row.binding or ""), kind)
        return {"$ref": f"#/definitions/{_definition(row, kind)}"}

    def _bound(self, name: str, kind: str) -> Schema:
        known = f"{kind}:{name}"
        if known not in self.definitions:
            if kind != "code":
                self.definitions[known] = self._coded(name, kind)
            elif name in OPEN_CODES:
                self.definitions[known] = OPEN_CODES[name]
            else:
                self.definitions[known] = {"enum": [code for _, code in self._table.codes[name]]}
        return {"$ref": f"#/definitions/{known}"}

    def _coded(self, name: str, kind: str) -> Schema:
        """A CodeableConcept with at least one coding from a closed set, or a Coding from it."""
        base = self._object(self._table.definitions[kind])
        if name not in self._table.codes:
            return base
        systems: dict[str, list[str]] = {}
        for system, code in self._table.codes[name]:
            systems.setdefault(system, []).append(code)
        one_of = coding_in(systems)
        check = one_of if kind == "Coding" else some_coding(one_of)
        return {**base, "allOf": [*base.get("allOf", []), {**check, "is": f"binding {name}"}]}

    def _reference(self, targets: tuple[str, ...]) -> Schema:
        anything = "Resource" in targets
        name = "Reference" if anything else f"Reference:{','.join(targets)}"
        if name not in self.definitions or anything:
            base = self._object(self._table.definitions["Reference"])
            allowed = tuple(self._table.resources) if anything else targets
            base["properties"]["reference"] = {**reference(allowed), "is": "reference"}
            self.definitions[name] = base
        return {"$ref": f"#/definitions/{name}"}

    def _extensions(self) -> None:
        """Extensions outside of others, whose url is absolute, and every `modifierExtension`.

        The door puts the URLs of the modifiers that it understands into `knownModifier`.
        """
        self.definitions["knownModifier"] = {"enum": [""], "is": "modifier"}
        known = {"$ref": "#/definitions/knownModifier"}
        for name, url in (("Extension:absolute", ABSOLUTE), ("modifierExtension", known)):
            base = self._object(self._table.definitions["Extension"])
            base["properties"]["url"] = url
            self.definitions[name] = base


class _Rules:
    """What an object's schema says beyond its properties, gathered before it is written."""

    def __init__(self) -> None:
        self.required: list[str] = []
        self.all: list[Schema] = []
        self._dependencies: dict[str, list[Schema]] = {}

    def depend(self, key: str, schema: Schema) -> None:
        """`schema` must hold where `key` is there."""
        self._dependencies.setdefault(key, []).append(schema)

    def invariant(self, invariant: Invariant, keys: dict[str, list[str]]) -> None:
        """Add one invariant, under the element that triggers it or for the whole object."""
        schema = {**invariant.schema(keys), "is": invariant.key}
        if invariant.trigger is None:
            self.all.append(schema)
        for key in keys[invariant.trigger] if invariant.trigger else ():
            self.depend(key, schema)

    def schema(self) -> Schema:
        """The keywords, those that are empty left out."""
        dependencies = {k: found[0] if len(found) == 1 else {"allOf": found} for k, found in self._dependencies.items()}
        written = {"required": self.required, "dependencies": dependencies, "allOf": self.all}
        return {name: value for name, value in written.items() if value}


def coding_in(systems: dict[str, list[str]]) -> Schema:
    """A Coding with one of the codes, by system."""
    pairs = [
        {"required": ["system", "code"], "properties": {"system": {"enum": [system]}, "code": {"enum": codes}}}
        for system, codes in systems.items()
    ]
    return pairs[0] if len(pairs) == 1 else {"anyOf": pairs}


def some_coding(coding: Schema) -> Schema:
    """A CodeableConcept of which at least one coding matches (draft 4 has no `contains`)."""
    return {"required": ["coding"], "properties": {"coding": {"not": {"items": {"not": coding}}}}}


def _definition(row: Row, kind: str) -> str:
    """The name of the definition of an element: that of its type, unless R4 says more of it."""
    if row.content and not row.choice:
        return row.content
    if row.name == "modifierExtension":
        return row.name
    if row.name == "id" and kind == "string":  # of an element, which R4 says in words has no spaces
        return "id:element"
    if kind == "Extension" and row.path != "Extension.extension":
        return "Extension:absolute"
    return "SimpleQuantity" if kind == "Quantity" and "SimpleQuantity" in row.profiles else kind


def _array(one: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": ITEMS, "items": one}


def _key(row: Row, kind: str) -> str:
    return row.name[:-3] + kind[0].upper() + kind[1:] if row.choice else row.name


def _keys(row: Row) -> list[str]:
    """Every JSON key by which an element can be there: each branch of a choice, and each primitive's `_` sibling."""
    names = [(kind, _key(row, kind)) for kind in row.types]
    siblings = ["_" + name for kind, name in names if kind in PRIMITIVES and kind != "xhtml"]
    return [name for _, name in names] + siblings


def _exclusive(row: Row, rules: _Rules) -> None:
    """At most one branch: each forbids those after it, which says it of every pair once; wide choices are counted."""
    if len(row.types) > WIDE:
        rules.all.append({"rule": f"choice {row.name}"})
        return
    for index, kind in enumerate(row.types[:-1]):
        own = _key(row, kind)
        others = [key for key in _keys(row) if key.removeprefix("_") in {_key(row, k) for k in row.types[index + 1 :]}]
        none = {"not": {"anyOf": [{"required": [key]} for key in others]}, "is": f"choice {row.name}"}
        for key in (own, "_" + own) if kind in PRIMITIVES else (own,):
            rules.depend(key, none)
