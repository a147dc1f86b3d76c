"""Reads the conditions of a search: one name and value into one term of a query.

https://hl7.org/fhir/R4/search.html#modifiers, https://hl7.org/fhir/R4/search.html#chaining
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapter.fhir import search_values as values
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.fhir.query import (
    All,
    Amounts,
    Chained,
    Dates,
    Either,
    Field,
    Ids,
    Match,
    Missing,
    PointedTo,
    Tells,
    Term,
    Tokens,
)
from adapter.fhir.search_values import RefusedError
from adapter.rules import EVERY_LABEL

CHAIN = 2
"""Hops of a chained parameter; `_has` may make one."""
_HAS = "_has"
_SECURITY = "_security"


def _either(field: Field, forms: Sequence[str], ours: tuple[tuple[int, int], ...]) -> Either:
    """Labels of the sender's, or ours."""
    said = Tokens(field, tuple(map(Match, forms)))
    return Either((said, Tells(ours)) if ours else (said,))


class TermReader:
    """Reads the terms of one type."""

    def __init__(self, type: str, index: Index, limits: Limits, hops: int = CHAIN) -> None:
        self._type = type
        self._index = index
        self._limits = limits
        self._hops = hops
        self.fields: Mapping[str, Field] = index.parameters(type)

    def read(self, name: str, value: str) -> Term:
        """The term that a parameter asks for; RefusedError says why it cannot be served."""
        if not value:
            raise RefusedError("has no value")
        if name.startswith(f"{_HAS}:"):
            return self._has(name, value)
        first, dot, rest = name.partition(".")
        code, _, modifier = first.partition(":")
        field = self.field(code)
        if dot:
            return self._chained(field, modifier, rest, value)
        return self.term(field, modifier, value)

    def field(self, code: str) -> Field:
        """The search parameter of this code."""
        field = self.fields.get(code)
        if field is None:
            known = ", ".join(self.fields)
            raise RefusedError(f"not a search parameter of {self._type} here; known are {known}", "not-supported")
        return field

    def term(self, field: Field, modifier: str, value: str) -> Term:
        """The term for a parameter of this type with its modifier."""
        points = field.kind == "reference" and modifier in field.targets
        if modifier and modifier not in field.modifiers and not points:
            known = ", ".join(field.modifiers) or "none"
            raise RefusedError(f"this modifier is not served here; known are: {known}", "not-supported")
        if field.code == _SECURITY and self._index.marks:
            return self._label(field, modifier, value)
        if modifier == "missing":
            return Missing(field, values.boolean(value))
        if field.either:
            plain = "" if modifier == "not" else modifier
            return Either(tuple(self.term(one, plain, value) for one in field.either), modifier == "not")
        parts = values.parts(value, self._limits.or_limit)
        if field.code == "_id":
            return Ids(tuple(dict.fromkeys(values.id_of(part) for part in parts)))
        if field.kind == "composite":
            made = tuple(self._composite(field, part) for part in parts)
            return made[0] if len(made) == 1 else Either(made)
        if field.kind == "date":
            return Dates(field, tuple(values.date(part, self._index.calendar, self._limits) for part in parts))
        if field.kind in ("quantity", "number"):
            quantity = field.kind == "quantity"
            return Amounts(field, tuple(values.measure(part, quantity=quantity) for part in parts))
        return Tokens(field, tuple(self._match(field, modifier, part) for part in parts), modifier == "not")

    def _label(self, field: Field, modifier: str, value: str) -> Term:
        """A label of the sender's, or one that the resource gets for what it tells of: those have no rows."""
        if modifier == "missing":
            return Either((Missing(field, False), Tells(((EVERY_LABEL, 0),))), values.boolean(value))
        said = tuple(self._match(field, "", part) for part in values.parts(value, self._limits.or_limit))
        marks = self._index.marks
        levels = dict.fromkeys(form for one in marks if one.below for form in (one.form, *sorted(one.below)))
        asked = [form for form in levels if any(match.fits(form) for match in said)]
        rest = [one for one in marks if one.form not in levels]
        ours = tuple(one[1:3] for one in rest if any(match.fits(one.form) for match in said))
        terms: list[Term] = [Tells(ours)] if ours else []
        terms += [self._shown(field, form) for form in asked]
        if others := tuple(match for match in said if match.exact not in levels):
            # Of a code in any system, not a sender's level that another stands for; beside one, his is passed over.
            of_any, his = Tokens(field, others), Either((Tokens(field, tuple(map(Match, asked))),), negated=True)
            terms.append(All((of_any, his)) if asked else of_any)
        if len(terms) == 1 and isinstance(terms[0], Tokens):
            return replace(terms[0], negated=modifier == "not")
        return Either(tuple(terms), modifier == "not")

    def _shown(self, field: Field, form: str) -> Term:
        """One of the labels of which only the highest is shown, whoever says it."""
        own = tuple(one[1:3] for one in self._index.marks if one.form == form)
        above = [one for one in self._index.marks if form in one.below]
        one = _either(field, (form,), own)
        if not above:
            return one
        higher = _either(field, [mark.form for mark in above], tuple(mark[1:3] for mark in above))
        return All((one, replace(higher, negated=True)))

    def _match(self, field: Field, modifier: str, part: str) -> Match:
        if modifier == "of-type":
            return values.typed(part)
        if field.kind == "string":
            return values.string(part, modifier)
        if field.kind == "uri":
            return Match.token("", values.unescaped(part))
        if field.kind == "token":
            return values.token(field, part)
        if modifier == "identifier":
            return values.logical(part)
        targets = (modifier,) if modifier else field.targets
        return values.reference(targets, field.targets, part, self._limits.base_url)

    def _composite(self, field: Field, part: str) -> Term:
        first, second = values.halves(part)
        a, b = field.parts
        if field.number < 0:
            # Both parts stand in the resource itself, once each: to have both is to have the pair.
            return All((self.term(a, "", first), self.term(b, "", second)))
        code = self._match(a, "", first)
        if b.kind == "quantity":
            return Amounts(field, (values.measure(second, quantity=True)._replace(of=code),))
        return Tokens(field, (Match.both(code, self._match(b, "", second)),))

    def _chained(self, field: Field, type: str, rest: str, value: str) -> Term:
        if field.kind != "reference" or (type and type not in field.targets):
            that = " to that type" if type else ""
            raise RefusedError(f"only a reference can be followed, and {field.code} is none{that}")
        if not self._hops:
            raise RefusedError(f"more than {CHAIN} references one after another are not followed", "too-costly")
        code = rest.partition(".")[0].partition(":")[0]
        types = (type,) if type else tuple(t for t in field.targets if code in self._index.parameters(t))
        if not types:
            raise RefusedError(f"what follows is no search parameter of what {field.code} points to", "not-supported")
        made = [Chained(field, t, self._of(t, self._hops - 1).read(rest, value)) for t in types]
        return made[0] if len(made) == 1 else Either(tuple(made))

    def _has(self, name: str, value: str) -> Term:
        pieces = name.split(":", 3)
        if len(pieces) < 4 or not all(pieces):
            raise RefusedError("is not of the form _has:Type:reference:parameter")
        _, type, code, rest = pieces
        if not self._index.serves(type):
            raise RefusedError("the type after _has is none that is served", "not-supported")
        other = self._of(type, 0)
        field = other.field(code)
        if field.kind != "reference" or (field.targets and self._type not in field.targets):
            raise RefusedError(f"{code} of {type} does not point to {self._type}")
        if rest.startswith(_HAS):
            raise RefusedError("_has inside _has is not served", "too-costly")
        return PointedTo(type, field, other.read(rest, value))

    def _of(self, type: str, hops: int) -> TermReader:
        return TermReader(type, self._index, self._limits, hops)
