"""Operations: what each takes and gives, its OperationDefinition, and how its parameters are read from a request.

https://hl7.org/fhir/R4/operations.html, https://hl7.org/fhir/R4/parameters.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.fhir.canonical import VERSION
from adapter.problems import Issue, Kind, Problem, named

Resource = dict[str, Any]
# What a parameter of a type may be given as: R4's types that specialise it (https://hl7.org/fhir/R4/datatypes.html).
_SPECIAL: Mapping[str, frozenset[str]] = {
    "uri": frozenset({"uri", "url", "canonical", "oid", "uuid"}),
    "string": frozenset({"string", "code", "id", "markdown"}),
    "code": frozenset({"code", "id"}),
    "integer": frozenset({"integer", "unsignedInt", "positiveInt"}),
    "date": frozenset({"date", "dateTime"}),
    "instant": frozenset({"instant", "dateTime"}),
}
_SIMPLE = {
    "uri": re.compile(r"\S+"),
    "code": re.compile(r"[^\s]+(\s[^\s]+)*"),
    "string": re.compile(r"[\s\S]*\S[\s\S]*"),
    "integer": re.compile(r"[0-9]{1,9}"),
    "boolean": re.compile(r"true|false"),
    "date": re.compile(r"\S+"),
    "instant": re.compile(r"\S+"),
}
# Stands for each resource inside Parameters while their own form is checked.
_STAND_IN: Resource = {"resourceType": "Parameters"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input or output. `type` is a FHIR type, "Resource" for any resource, or "" where it consists of `parts`."""

    name: str
    type: str
    means: str
    required: bool = False
    many: bool = False
    parts: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation by its code (without `$`) and the URL of its definition.

    `body` names the input that a body which is not Parameters is taken for; "" where there is none. `base` is the
    definition of HL7's that ours narrows: it names only those parameters that are heard here. `changes` says that what
    others may see is another afterwards, `comment` what parameters cannot say. `clients`: it is there only where
    clients prove who they are.
    """

    code: str
    url: str
    title: str
    takes: tuple[Parameter, ...]
    gives: tuple[Parameter, ...]
    body: str = ""
    base: str = ""
    changes: bool = False
    comment: str = ""
    clients: bool = False


class Inputs:
    """The parameters of one call, by name, each a list in the order given."""

    def __init__(self, given: Mapping[str, list[Any]]) -> None:
        self._given = given

    @property
    def said(self) -> Mapping[str, list[Any]]:
        """All that is given, by name."""
        return self._given

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def all(self, name: str) -> list[Any]:
        """Every value, none when it is not given."""
        return self._given.get(name, [])

    def one(self, name: str) -> Any:
        """The value of a parameter that may be given once, or None."""
        return next(iter(self.all(name)), None)


def shell(parameters: Resource) -> Resource:
    """Parameters without the resources in them, so that their own form can be checked."""
    listed = parameters.get("parameter")
    if not isinstance(listed, list):
        return parameters
    return parameters | {
        "parameter": [
            {**entry, "resource": _STAND_IN} if isinstance(entry, dict) and "resource" in entry else entry
            for entry in listed
        ]
    }


def inputs(operation: Operation, pairs: Sequence[tuple[str, str]], body: Resource | None) -> Inputs:
    """What a call gives: in its address, and in its body, which is sound Parameters, the `body` input, or absent.

    Raises one Problem (400) for all that is unknown, of another type, given too often or missing.
    """
    known = {parameter.name: parameter for parameter in operation.takes}
    given: dict[str, list[Any]] = {}
    issues: list[Issue] = []
    for name, value, place in (*_addressed(pairs, known, issues), *_sent(operation, body, known, issues)):
        given.setdefault(name, []).append(value)
        if len(given[name]) == 2 and not known[name].many:
            issues.append(Issue("invalid", f"{name} may be said once", place))
    unsaid = {issue.expression for issue in issues}
    issues += [
        Issue("required", f"${operation.code} needs {name}", name)
        for name, parameter in known.items()
        if parameter.required and name not in given and name not in unsaid
    ]
    if issues:
        raise Problem(Kind.INVALID, issues[0].message, issues[0].expression, issues=issues)
    return Inputs(given)


Found = Iterator[tuple[str, Any, str]]


def _addressed(pairs: Iterable[tuple[str, str]], known: Mapping[str, Parameter], issues: list[Issue]) -> Found:
    """(name, value, place) of each pair; only simple types can be written into an address."""
    for name, text in pairs:
        parameter, place = known.get(name), named(name)
        if parameter is None:
            issues.append(Issue("not-supported", f"unknown parameter {place}", place))
        elif parameter.type not in _SIMPLE:
            issues.append(Issue("invalid", f"{name} can be given in a body of Parameters only", place))
        elif not _SIMPLE[parameter.type].fullmatch(text):
            issues.append(Issue("value", f"{name} is no {parameter.type}", place))
        else:
            yield name, _simple(parameter.type, text), place


def _simple(type: str, text: str) -> Any:
    if type == "boolean":
        return text == "true"
    return int(text) if type == "integer" else text


def _sent(operation: Operation, body: Resource | None, known: Mapping[str, Parameter], issues: list[Issue]) -> Found:
    """(name, value, place) of each parameter in the body."""
    if body is None:
        return
    if body.get("resourceType") != "Parameters":
        if operation.body:
            yield operation.body, body, operation.body
        else:
            issues.append(Issue("structure", "the body must be Parameters", "resourceType"))
        return
    for index, entry in enumerate(body.get("parameter", ())):
        name, place = entry["name"], f"Parameters.parameter[{index}]"
        parameter = known.get(name)
        if parameter is None:
            issues.append(Issue("not-supported", f"${operation.code} has no parameter {named(name)}", f"{place}.name"))
            continue
        type, value = _typed(entry)
        if type not in _SPECIAL.get(parameter.type, (parameter.type,)):
            issues.append(Issue("value", f"{name} must be given as {_place_of(parameter.type)}", place))
        else:
            yield name, value, place


def _typed(entry: Resource) -> tuple[str, Any]:
    """The type and value of one parameter: "Resource", a data type, or "" for one that has neither."""
    if "resource" in entry:
        return "Resource", entry["resource"]
    key = next((key for key in entry if key.startswith("value")), "")
    name = key.removeprefix("value")
    # Primitive types begin in lower case: valueUri holds a uri, valueCoding a Coding.
    small = name[:1].lower() + name[1:]
    return (small if small in _PRIMITIVE else name), entry.get(key)


_PRIMITIVE = frozenset().union(*_SPECIAL.values()) | {
    "boolean",
    "decimal",
    "date",
    "dateTime",
    "instant",
    "time",
    "base64Binary",
}


def _place_of(type: str) -> str:
    return "resource" if type == "Resource" else f"value{type[0].upper()}{type[1:]}"


def output(*values: tuple[str, str, Any]) -> Resource:
    """Parameters of (name, type, value) in their order; a type "" has a list of such triples as its value."""
    return {"resourceType": "Parameters", "parameter": [_entry(*value) for value in values]}


def _entry(name: str, type: str, value: Any) -> Resource:
    if not type:
        return {"name": name, "part": [_entry(*part) for part in value]}
    return {"name": name, _place_of(type): value}


def definition(
    operation: Operation, *, system: bool, types: Iterable[str] = (), instance: bool = False, at_type: bool = True
) -> Resource:
    """The OperationDefinition of an operation of ours."""
    listed, id = list(types), operation.url.rpartition("/")[2]
    return {
        "resourceType": "OperationDefinition",
        "id": id,
        "url": operation.url,
        "version": VERSION,
        "name": "".join(word.capitalize() for word in id.split("-")),
        "title": operation.title,
        "status": "active",
        "experimental": False,
        "kind": "operation",
        "affectsState": operation.changes,
        "code": operation.code,
        **({"comment": operation.comment} if operation.comment else {}),
        **({"base": operation.base} if operation.base else {}),
        **({"resource": listed} if listed else {}),
        "system": system,
        "type": bool(listed) and at_type,
        "instance": instance,
        "parameter": [
            *(_defined(parameter, "in") for parameter in operation.takes),
            *(_defined(parameter, "out") for parameter in operation.gives),
        ],
    }


def _defined(parameter: Parameter, use: str) -> Resource:
    return {
        "name": parameter.name,
        "use": use,
        "min": int(parameter.required),
        "max": "*" if parameter.many else "1",
        "documentation": parameter.means,
        **({"type": parameter.type} if parameter.type else {}),
        **({"part": [_defined(part, use) for part in parameter.parts]} if parameter.parts else {}),
    }
