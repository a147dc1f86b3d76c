"""Compiles search parameters to readable Python that finds the index rows of a resource.

What of FHIRPath is understood stands in `search_paths`. https://hl7.org/fhir/R4/search.html#table
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapter.fhir import amounts, strings, tokens
from adapter.fhir.dates import Calendar
from adapter.fhir.elements import Definitions
from adapter.fhir.search_paths import Step, branches, child, truth_of
from adapter.problems import Kind, Problem

Token = tuple[int, str]
"""(parameter, value form)"""
Moment = tuple[int, int, int]
"""(parameter, low, high) in milliseconds."""
Amount = tuple[int, str, float, float, str, str]
"""(parameter, form of the code it belongs to or "", low, high, unit as a token, unit as written)"""
Extract = Callable[[dict[str, Any]], tuple[int, list[Token], list[Moment], list[Amount]]]
"""Resource -> (bits of the parameters present, its rows of each kind)."""

_CODED = {"Coding": "coding", "Identifier": "identifier"}
_PLAIN = {"code", "string", "id", "uri", "url", "canonical", "oid", "uuid", "markdown"}
_DATES = {"date": "interval", "dateTime": "interval", "instant": "interval", "Period": "period", "Timing": "timing"}
_STRINGS = {"string": "text", "markdown": "text", "HumanName": "name", "Address": "address"}
_AMOUNTS = {"Quantity": "quantity", "Age": "quantity", "Duration": "quantity", "Money": "money", "Range": "span"}
_NUMBERS = {"decimal": "number", "integer": "number", "positiveInt": "number", "unsignedInt": "number"}
_KINDS = {
    "token": {"CodeableConcept", "Coding", "Identifier", *_PLAIN, "boolean", "ContactPoint", "date"},
    "reference": {"Reference", "canonical", "uri"},
    "date": set(_DATES),
    "string": set(_STRINGS),
    "uri": {"uri", "url", "canonical", "oid", "uuid"},
    "quantity": set(_AMOUNTS),
    "number": set(_NUMBERS),
}
# Not indexed: a series of measurements, which R4 names beside the single one.
_PASSED_OVER = {"SampledData"}
SERVED = frozenset(_KINDS)
"""The kinds of parameters that have rows; a composite has those of its parts beside."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parameter to compile: its number, where its values are, and the bits that say it is present.

    `bits` holds a bit for each parameter with this very expression; `narrower` has (bits, type) of those that are the
    same references of one type only. They have no rows of their own. `parts` are the two (kind, expression) of a
    composite, relative to the element that its own expression names.
    """

    code: str
    kind: str
    number: int
    expression: str
    bits: int
    narrower: tuple[tuple[int, str], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()


def compile_source(type: str, wanted: Iterable[Wanted], definitions: Definitions) -> str:
    """The Python source of `extract(resource)` for one resource type; Problem(FAULT) for FHIRPath not known here."""
    lines = [
        f"def extract(resource):  # {type}",
        "    present, found, dates, amounts = 0, [], [], []",
        "    get, add = resource.get, found.append",
    ]
    for parameter in wanted:
        lines.append(f"    # {parameter.code}: {parameter.expression}")
        for path in branches(parameter.expression):
            if not path or path[-1].cast not in _PASSED_OVER:
                lines += _Writer(parameter, definitions).write(type, path)
    return "\n".join([*lines, "    return present, found, dates, amounts", ""])


def compiled(source: str, calendar: Calendar) -> Extract:
    """The function in a source made by `compile_source`."""
    known = {
        "coding": tokens.of_coding,
        "identifier": tokens.of_identifier,
        "of_type": tokens.of_type,
        "reference": tokens.of_reference,
        "named": tokens.named,
        "pair": tokens.pair,
        "brief": tokens.brief,
        "text": strings.form,
        "name_parts": strings.of_name,
        "address_parts": strings.of_address,
        "quantity": amounts.of_quantity,
        "number": amounts.of_number,
        "money": amounts.of_money,
        "span": amounts.of_range,
        "interval": calendar.interval,
        "period": calendar.period,
        "timing": calendar.timing,
    }
    space: dict[str, Any] = dict(known)
    exec(compile(source, "<search index>", "exec"), space)
    extract: Extract = space["extract"]
    return extract


class _Writer:
    """Writes the statements that find one parameter's values along one path.

    Tokens go to the list called `found` (by its method `add`), dates to `dates`, quantities to `amounts`, or to others
    of these names when they are parts of a composite.
    """

    def __init__(self, parameter: Wanted, definitions: Definitions, add: str = "add", amounts: str = "amounts") -> None:
        self._parameter = parameter
        self._definitions = definitions
        self._lines: list[str] = []
        self._truth = truth_of(parameter.expression) != parameter.expression
        self._add, self._amounts = add, amounts

    def write(self, type: str, path: Sequence[Step], getter: str = "get", depth: int = 1) -> list[str]:
        """The statements, indented to stand in the function; what they read is got by `getter`."""
        if self._truth:
            self._line(depth, "is_so = False")
        self._walk(getter, type, list(path), depth)
        if self._truth:
            self._line(depth, f"present |= {self._parameter.bits}")
            self._token(depth, f"('true' if is_so else 'false') + {tokens.SEPARATOR!r}")
        return self._lines

    def _line(self, depth: int, text: str) -> None:
        self._lines.append("    " * depth + text)

    def _token(self, depth: int, form: str) -> None:
        self._line(depth, f"{self._add}(({self._parameter.number}, {form}))")

    def _walk(self, getter: str, type: str, path: list[Step], depth: int) -> None:
        if not path:
            self._leaf(getter, type, None, depth)
        elif path[0].target:
            self._leaf(getter, type, path[0].target, depth)
        elif path[0].equals:
            member, literal = path[0].equals
            self._line(depth, f"if {getter}({member!r}) == {literal!r}:")
            self._walk(getter, type, path[1:], depth + 1)
        elif path[0].url:
            inner = f"v{depth}"
            self._line(depth, f"for {inner} in {getter}('extension', ()):")
            self._line(depth + 1, f"if {inner}['url'] == {path[0].url!r}:")
            self._walk(f"{inner}.get", "Extension", path[1:], depth + 2)
        else:
            self._name(getter, type, path, depth)

    def _name(self, getter: str, type: str, path: list[Step], depth: int) -> None:
        step, rest = path[0], path[1:]
        element = child(type, step.name or "", self._definitions)
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
            if rest or self._truth or kind in _KINDS[self._parameter.kind]:
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
        value = getter.removesuffix(".get")
        if self._truth:
            return self._line(depth, f"is_so = {f'is_so or {value} is True' if type == 'boolean' else True}")
        if self._parameter.kind == "composite":
            return self._composite(getter, type, depth)
        if type not in _KINDS[self._parameter.kind]:
            raise Problem(Kind.FAULT, f"{self._parameter.expression}: a {self._parameter.kind} cannot be a {type}")
        if type == "Reference":
            return self._reference(value, target, depth)
        self._line(depth, f"present |= {self._parameter.bits}")
        write = {"token": self._coded, "date": self._date, "string": self._string}
        return write.get(self._parameter.kind, self._amount if type in _AMOUNTS | _NUMBERS else self._address)(
            value, type, depth
        )

    def _date(self, value: str, type: str, depth: int) -> None:
        self._line(depth, f"dates.append(({self._parameter.number}, *{_DATES[type]}({value})))")

    def _string(self, value: str, type: str, depth: int) -> None:
        kind = _STRINGS[type]
        if kind == "text":
            return self._token(depth, f"text({value})")
        self._line(depth, f"for c in {kind}_parts({value}):")
        return self._token(depth + 1, "c")

    def _amount(self, value: str, type: str, depth: int) -> None:
        reader = (_AMOUNTS | _NUMBERS)[type]
        if type in _AMOUNTS and type != "Range":
            self._line(depth, f"if 'value' in {value}:")
            depth += 1
        self._line(depth, f"{self._amounts}.append(({self._parameter.number}, '', *{reader}({value})))")

    def _coded(self, value: str, type: str, depth: int) -> None:
        if type == "CodeableConcept":
            self._line(depth, f"for c in {value}.get('coding', ()):")
            return self._token(depth + 1, "coding(c)")
        if type == "boolean":
            return self._token(depth, f"('true' if {value} else 'false') + {tokens.SEPARATOR!r}")
        if type == "ContactPoint":
            return self._token(depth, f"brief({value}.get('value', '')) + {tokens.SEPARATOR!r}")
        if type in _PLAIN or type == "date":
            form = value if type in ("code", "id", "date") else f"brief({value})"
            return self._token(depth, f"{form} + {tokens.SEPARATOR!r}")
        self._token(depth, f"{_CODED[type]}({value})")
        if type == "Identifier":
            self._line(depth, f"for c in of_type({value}):")
            self._token(depth + 1, "c")
        return None

    def _address(self, value: str, type: str, depth: int) -> None:
        """A URL; a canonical one asked for without a version is any version of it."""
        self._token(depth, f"brief({value}) + {tokens.SEPARATOR!r}")
        if type == "canonical":
            self._line(depth, f"if '|' in {value}:")
            self._token(depth + 1, f"brief({value}.partition('|')[0]) + {tokens.SEPARATOR!r}")

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
        self._token(depth + 1, "k")
        for bits, type in wanted.narrower:
            self._line(depth + 1, f"if {self._is(value, type)}:")
            self._line(depth + 2, f"present |= {bits}")
        self._line(depth, f"if 'identifier' in {value}:")
        self._token(depth + 1, f"named({value}['identifier'])")

    @staticmethod
    def _is(value: str, target: str) -> str:
        return f"k.endswith({tokens.SEPARATOR + target!r}) or {value}.get('type') == {target!r}"

    def _composite(self, getter: str, type: str, depth: int) -> None:
        """Both values of one element side by side: the first a token, the second a token or a quantity."""
        wanted = self._parameter
        self._line(depth, "a, b, amounts_b = [], [], []")
        for (kind, expression), sink in zip(wanted.parts, ("a.append", "b.append"), strict=True):
            part = replace(wanted, kind=kind, expression=f"_.{expression}", number=0, bits=0, parts=(), narrower=())
            for path in branches(part.expression):
                self._lines += _Writer(part, self._definitions, sink, "amounts_b").write(type, path, getter, depth)
        self._line(depth, "for _, c in a:")
        self._line(depth + 1, "for _, d in b:")
        self._line(depth + 2, f"present |= {wanted.bits}")
        self._token(depth + 2, "pair(c, d)")
        self._line(depth + 1, "for d in amounts_b:")
        self._line(depth + 2, f"present |= {wanted.bits}")
        self._line(depth + 2, f"amounts.append(({wanted.number}, c, *d[2:]))")
