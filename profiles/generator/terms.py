"""A small vocabulary for writing invariants as JSON Schema (draft 4).

A term is a function from the JSON keys of each element (every branch of a choice, and `_name` beside each primitive)
to a schema for the object that holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Schema = dict[str, Any]
Keys = dict[str, list[str]]
Term = Callable[[Keys], Schema]


UCUM = "http://unitsofmeasure.org"
TERMS = "http://terminology.hl7.org/CodeSystem/"


class Invariant(NamedTuple):
    """One constraint: its key and home, the element that triggers it (None: always), its term, and a message."""

    key: str
    path: str
    trigger: str | None
    term: Term
    message: str

    def schema(self, keys: Keys) -> Schema:
        """The JSON Schema of the term, given the JSON keys of the home's elements."""
        return self.term(keys)


def has(*names: str) -> Term:
    """Each element is there, as a value or by an extension."""
    return lambda keys: _all([_any([{"required": [key]} for key in keys[name]]) for name in names])


def some(*names: str) -> Term:
    """At least one of the elements is there."""
    return lambda keys: _any([{"required": [key]} for name in names for key in keys[name]])


def none(*names: str) -> Term:
    """None of the elements is there."""
    return lambda keys: {"not": some(*names)(keys)}


def one(*names: str) -> Term:
    """Exactly one of the elements is there."""
    return any_of(*(all_of(has(name), none(*(n for n in names if n != name))) for name in names))


def value(name: str, *values: Any) -> Term:
    """The element is there with one of the values."""
    return lambda keys: {"required": [name], "properties": {name: {"enum": list(values)}}}


def coded(name: str, system: str, *codes: str) -> Term:
    """The CodeableConcept has a coding with one of the codes."""
    coding = {"required": ["system", "code"], "properties": {"system": {"enum": [system]}, "code": {"enum": codes}}}
    inner = {"required": ["coding"], "properties": {"coding": {"not": {"items": {"not": coding}}}}}
    return lambda keys: {"required": [name], "properties": {name: inner}}


def child(name: str, schema: Schema) -> Term:
    """Where the element is there, it matches the schema."""
    return lambda keys: {"properties": {name: schema}}


def items(name: str, schema: Schema) -> Term:
    """Where the repeating element is there, every member matches the schema."""
    return child(name, {"items": schema})


def first(name: str, schema: Schema) -> Term:
    """The repeating element is there, and its first member matches the schema."""
    return lambda keys: {"required": [name], "properties": {name: {"items": [schema]}}}


def raw(schema: Schema) -> Term:
    """The schema as it stands."""
    return lambda keys: schema


def rule(name: str) -> Term:
    """Checked by the function of that name in `adapter/fhir/invariants.py`."""
    return raw({"rule": name})


def any_of(*terms: Term) -> Term:
    """At least one term holds."""
    return lambda keys: _any([term(keys) for term in terms])


def all_of(*terms: Term) -> Term:
    """Every term holds."""
    return lambda keys: _all([term(keys) for term in terms])


def not_(term: Term) -> Term:
    """The term does not hold."""
    return lambda keys: {"not": term(keys)}


def needs_one(key: str, path: str, *names: str) -> Invariant:
    return Invariant(key, path, None, some(*names), f"at least one of {', '.join(names)} is there")


def _any(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _all(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}
