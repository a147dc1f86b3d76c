"""Compiles the FHIRPath of search parameters to readable Python that finds the index rows of a resource.

The part of FHIRPath that R4's token, reference and date parameters use, and no more: names, `|`, `as`, `.as(T)`,
`.ofType(T)`, `.where(resolve() is T)` and `.extension('url')`. Anything else is refused when the index is built.
https://hl7.org/fhir/R4/fhirpath.html and https://hl7.org/fhir/R4/search.html#table
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.fhir import tokens
from adapter.fhir.dates import Calendar
from adapter.fhir.elements import Definitions, Element
from adapter.problems import Kind, Problem

Extract = Callable[[dict[str, Any]], tuple[int, list[tuple[int, str]], list[tuple[int, int, int]]]]
"""Resource -> (bits of the parameters present, token rows (parameter, value), date rows (parameter, low, high))."""

_STEP = re.compile(
    r"\.?(?:(?:as|ofType)\((?P<cast>\w+)\)|where\(resolve\(\) is (?P<target>\w+)\)"
    r"|extension\('(?P<url>[^']+)'\)|(?P<name>\w+))"
)
_NARROW = re.compile(r"\.where\(resolve\(\) is \w+\)")
_CAST = re.compile(r"\((?P<path>[\w.]+) as (?P<type>\w+)\)")

_CODED = {"Coding": "coding", "Identifier": "identifier"}
_PLAIN = {"code", "string", "id", "uri", "url", "canonical", "oid", "uuid", "markdown"}
_DATES = {"date": "interval", "dateTime": "interval", "instant": "interval", "Period": "period", "Timing": "timing"}
_KINDS = {
    "token": {"CodeableConcept", "Coding", "Identifier", *_PLAIN, "boolean", "ContactPoint"},
    "reference": {"Reference", "canonical", "uri"},
    "date": set(_DATES),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parameter to compile: its number, where its values are, and the bits that say it is present.

    `bits` holds a bit for each parameter with this very expression; `narrower` has (bits, type) of those that are the
    same references of one type only. They have no rows of their own.
    """

    code: str
    kind: str
    number: int
    expression: str
    bits: int
    narrower: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path; exactly one of the four is set."""

    name: str | None = None
    cast: str | None = None
    target: str | None = None
    url: str | None = None


def compile_source(type: str, wanted: Iterable[Wanted], definitions: Definitions) -> str:
    """The Python source of `extract(resource)` for one resource type; Problem(FAULT) for FHIRPath not known here."""
    lines = [
        f"def extract(resource):  # {type}",
        "    present, found, dates = 0, [], []",
        "    get, add = resource.get, found.append",
    ]
    for parameter in wanted:
        lines.append(f"    # {parameter.code}: {parameter.expression}")
        for path in branches(parameter.expression):
            lines += _Writer(parameter, definitions).write(type, path)
    return "\n".join([*lines, "    return present, found, dates", ""])


def compiled(source: str, calendar: Calendar) -> Extract:
    """The function in a source made by `compile_source`."""
    known = {
        "coding": tokens.of_coding,
        "identifier": tokens.of_identifier,
        "reference": tokens.of_reference,
        "interval": calendar.interval,
        "period": calendar.period,
        "timing": calendar.timing,
    }
    space: dict[str, Any] = dict(known)
    exec(compile(source, "<search index>", "exec"), space)
    extract: Extract = space["extract"]
    return extract


def branches(expression: str) -> list[tuple[Step, ...]]:
    """The alternatives of an expression, each as steps after the resource type; Problem(FAULT) if not understood."""
    return [_steps(part.strip(), expression) for part in expression.split(" | ")]


def stem(expression: str) -> str:
    """The expression with references of every type: whose rows also answer for one type of them."""
    return _NARROW.sub("", expression)


def targets(expression: str) -> tuple[str, ...]:
    """The types that an expression narrows its references to; none when any branch takes all."""
    ends = [path[-1].target for path in branches(expression)] if expression else [None]
    return tuple(dict.fromkeys(end for end in ends if end)) if all(ends) else ()


def repeats(type: str, expression: str, definitions: Definitions) -> bool:
    """Whether a resource can have several values for this expression."""
    found = branches(expression)
    return len(found) > 1 or any(_repeats(type, path, definitions) for path in found)


def plain(type: str, expression: str, definitions: Definitions) -> tuple[str, ...] | None:
    """The elements of an expression when all are primitive, so that no system stands beside a code; else None."""
    found = [_leaf_of(type, path, definitions) for path in branches(expression)]
    return tuple(place for place, _ in found) if all(kind[:1].islower() for _, kind in found) else None


def _leaf_of(type: str, path: Sequence[Step], definitions: Definitions) -> tuple[str, str]:
    """Where a path ends: the element and its type ("" where it has several)."""
    place = type
    for step in path:
        if step.name:
            element = _child(type, step.name, definitions)
            place, type = (element.path, element.content or "") if element else (place, "")
        else:
            type = step.cast or "Extension"
    return place, type


def _repeats(type: str, path: Sequence[Step], definitions: Definitions) -> bool:
    for number, step in enumerate(path, 1):
        if step.url:
            return True
        if step.name:
            element = _child(type, step.name, definitions)
            if element is None or element.many:
                return True
            more = len(path) > number and path[number].cast
            type = more or element.content or element.path
    return False


def _steps(part: str, expression: str) -> tuple[Step, ...]:
    part = _CAST.sub(r"\g<path>.as(\g<type>)", part)
    at, steps = 0, []
    while at < len(part):
        match = _STEP.match(part, at)
        if match is None or match.end() == at:
            raise Problem(Kind.FAULT, f"search parameter expression not understood: {expression}")
        steps.append(Step(match["name"], match["cast"], match["target"], match["url"]))
        at = match.end()
    return tuple(steps[1:])


def _child(type: str, name: str, definitions: Definitions) -> Element | None:
    return definitions.element(f"{type}.{name}") or definitions.element(f"{type}.{name}[x]")


class _Writer:
    """Writes the statements that find one parameter's values along one path."""

    def __init__(self, parameter: Wanted, definitions: Definitions) -> None:
        self._parameter = parameter
        self._definitions = definitions
        self._lines: list[str] = []

    def write(self, type: str, path: Sequence[Step]) -> list[str]:
        """The statements, indented to stand in the function."""
        self._walk("get", type, list(path), 1)
        return self._lines

    def _line(self, depth: int, text: str) -> None:
        self._lines.append("    " * depth + text)

    def _walk(self, getter: str, type: str, path: list[Step], depth: int) -> None:
        if not path:
            self._leaf(getter, type, None, depth)
        elif path[0].target:
            self._leaf(getter, type, path[0].target, depth)
        elif path[0].url:
            inner = f"v{depth}"
            self._line(depth, f"for {inner} in {getter}('extension', ()):")
            self._line(depth + 1, f"if {inner}['url'] == {path[0].url!r}:")
            self._walk(f"{inner}.get", "Extension", path[1:], depth + 2)
        else:
            self._name(getter, type, path, depth)

    def _name(self, getter: str, type: str, path: list[Step], depth: int) -> None:
        step, rest = path[0], path[1:]
        element = _child(type, step.name or "", self._definitions)
        if element is None:
            raise Problem(Kind.FAULT, f"{self._parameter.expression}: there is no {type}.{step.name}")
        if not element.choice:
            if rest and rest[0].cast:
                rest = rest[1:]
            return self._one(getter, element.name, element.content or element.types[0], element.many, rest, depth)
        allowed: Sequence[str] = element.types
        if rest and rest[0].cast:
            allowed, rest = [rest[0].cast], rest[1:]
        for kind in allowed:
            if rest or kind in _KINDS[self._parameter.kind]:
                name = element.name[:-3] + kind[0].upper() + kind[1:]
                self._one(getter, name, kind, element.many, rest, depth)
        return None

    def _one(self, getter: str, name: str, type: str, many: bool, rest: list[Step], depth: int) -> None:
        inner = f"v{depth}"
        if many:
            self._line(depth, f"for {inner} in {getter}({name!r}, ()):")
            depth += 1
        else:
            self._line(depth, f"{inner} = {getter}({name!r})")
        if not many or type[0].islower():  # a list of primitives may hold null beside an extension
            self._line(depth, f"if {inner} is not None:")
            depth += 1
        self._walk(f"{inner}.get", type, rest, depth)

    def _leaf(self, getter: str, type: str, target: str | None, depth: int) -> None:
        """The rows of one value; `getter` is its `get` method as an expression."""
        wanted, value = self._parameter, getter.removesuffix(".get")
        if type == "Reference":
            return self._reference(value, target, depth)
        self._line(depth, f"present |= {wanted.bits}")
        if wanted.kind == "date":
            self._line(depth, f"dates.append(({wanted.number}, *{_DATES[type]}({value})))")
        elif type == "CodeableConcept":
            self._line(depth, f"for c in {getter}('coding', ()):")
            self._line(depth + 1, f"add(({wanted.number}, coding(c)))")
        elif type in _CODED:
            self._line(depth, f"add(({wanted.number}, {_CODED[type]}({value})))")
        else:
            self._line(depth, f"add(({wanted.number}, {self._plain(value, type)}))")
        if type == "canonical" and wanted.kind == "reference":  # asked for without a version, it is any version of it
            self._line(depth, f"if '|' in {value}:")
            self._line(depth + 1, f"add(({wanted.number}, {value}.partition('|')[0] + {tokens.SEPARATOR!r}))")
        return None

    def _reference(self, value: str, target: str | None, depth: int) -> None:
        """`resolve() is T` is told by the type written in the reference; nothing is fetched."""
        wanted = self._parameter
        mark = f"present |= {wanted.bits}"
        if target is None:
            self._line(depth, mark)
        self._line(depth, f"k = reference({value})")
        self._line(depth, f"if k is not None{f' and ({self._is(value, target)})' if target else ''}:")
        if target is not None:
            self._line(depth + 1, mark)
        self._line(depth + 1, f"add(({wanted.number}, k))")
        for bits, type in wanted.narrower:
            self._line(depth + 1, f"if {self._is(value, type)}:")
            self._line(depth + 2, f"present |= {bits}")

    @staticmethod
    def _is(value: str, target: str) -> str:
        return f"k.endswith({tokens.SEPARATOR + target!r}) or {value}.get('type') == {target!r}"

    def _plain(self, value: str, type: str) -> str:
        if self._parameter.kind == "token" and type == "boolean":
            return f"('true' if {value} else 'false') + {tokens.SEPARATOR!r}"
        if self._parameter.kind == "token" and type == "ContactPoint":
            return f"{value}.get('value', '') + {tokens.SEPARATOR!r}"
        if type in _PLAIN:
            return f"{value} + {tokens.SEPARATOR!r}"
        raise Problem(Kind.FAULT, f"{self._parameter.expression}: a {self._parameter.kind} cannot be a {type}")
