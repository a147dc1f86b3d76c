"""The requests that US Core's expectations and its examples give: searches for what is there, and for what is near it.

A question is a list of names and values as they stand in an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise

from tests.doors.us_core_oracle import (
    Dates,
    Json,
    Value,
    reference_matches,
    string_matches,
    texts,
    token_matches,
    values,
)
from tests.doors.us_core_oracle import tokens as tokens_of
from tests.doors.us_core_package import Parameter, Wanted

Question = tuple[tuple[str, str], ...]
_COMMA = re.compile(r"(?<!\\),")
_SECONDS = re.compile(r"(?<=T\d\d:\d\d):[\d.]+")


class Examiner:
    """Asks about the records of one type, and knows the answers."""

    def __init__(self, wanted: Wanted, records: dict[str, Json], base: str, dates: Dates) -> None:
        self._wanted = wanted
        self._records = records
        self._base = base
        self._dates = dates

    def questions(self, search: tuple[str, ...]) -> list[Question]:
        """Every form of each value of each record, the other parameters being what the record says of them."""
        asked: dict[Question, None] = {}
        usual = {code: self._usual(self._parameter(code)) for code in search}
        for record in self._records.values():
            forms = {code: self._told(record, self._parameter(code)) or usual[code] for code in search}
            first = {code: told[0] for code, told in forms.items()}
            asked |= {tuple((first | {code: form}).items()): None for code in search for form in forms[code]}
        return [*asked, *self._of_several([*asked])]

    def expected(self, question: Question) -> set[str]:
        """The ids of the records that must be found, and no other may be."""
        return {
            id for id, record in self._records.items() if all(self._holds(record, *condition) for condition in question)
        }

    def _holds(self, record: Json, code: str, asked: str) -> bool:
        parameter = self._parameter(code)
        here = self._values(record, parameter)
        return any(self._matches(parameter, value, one) for value in here for one in _COMMA.split(asked))

    def _matches(self, parameter: Parameter, value: Value, asked: str) -> bool:
        match parameter.kind:
            case "token":
                return token_matches(value, asked)
            case "reference":
                return reference_matches(value, asked, self._base)
            case "string":
                return string_matches(value, asked.replace(r"\,", ","))
            case _:
                return self._dates.matches(value, asked)

    def _parameter(self, code: str) -> Parameter:
        return self._wanted.parameters[code]

    def _usual(self, parameter: Parameter) -> list[str]:
        """What is asked where a record says nothing of the parameter: what the first that does says."""
        return next(told for one in self._records.values() if (told := self._told(one, parameter)))

    def _told(self, record: Json, parameter: Parameter) -> list[str]:
        """The ways to ask for each value that the record has."""
        return [form for value in self._values(record, parameter) for form in self._forms(parameter, value)]

    def _values(self, record: Json, parameter: Parameter) -> list[Value]:
        return [Value(record["id"])] if parameter.code == "_id" else values(record, parameter)

    def _forms(self, parameter: Parameter, value: Value) -> list[str]:
        match parameter.kind:
            case "token":
                return [*_token_forms(value)]
            case "reference":
                return self._reference_forms(value)
            case "string":
                return [*_string_forms(value)]
            case _:
                return [*self._date_forms(parameter, value)]

    def _reference_forms(self, value: Value) -> list[str]:
        if isinstance(value.said, str):
            return [value.said]
        literal = value.said.get("reference", "none")
        return [literal, literal.rpartition("/")[2], f"{self._base}/{literal}", "none"]

    def _date_forms(self, parameter: Parameter, value: Value) -> Iterator[str]:
        said = value.said if isinstance(value.said, str) else value.said.get("start") or value.said["end"]
        day = self._dates.interval(said[:10])[0] + timedelta(hours=12)
        near = [(day + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)]
        precise = [said, _SECONDS.sub("", said)] if "T" in said else []
        yield from (said, said[:4], said[:7], *near, *precise)
        yield from (f"{prefix}{date}" for prefix in parameter.comparators for date in (*near, *precise, said[:4]))

    def _of_several(self, asked: list[Question]) -> Iterator[Question]:
        """Two values of one parameter: between commas, and the parameter twice, where that is expected."""
        for one, other in pairwise(asked):
            for (code, value), (_, second) in zip(one, other, strict=True):
                rest = tuple(pair for pair in one if pair[0] != code)
                parameter = self._parameter(code)
                if value != second and parameter.any_of:
                    yield (*rest, (code, f"{value},{second}"))
                if value != second and parameter.all_of:
                    yield (*rest, (code, value), (code, second))


def _token_forms(value: Value) -> Iterator[str]:
    for system, code in tokens_of(value):
        if code:
            yield code
            yield f"{code}x"
        if system is not None:
            yield from (f"{system}|{code or ''}", f"https://nowhere.example|{code}")
        if system and code:
            yield from (f"|{code}", f"{system}|")


def _string_forms(value: Value) -> Iterator[str]:
    for text in texts(value):
        whole = text.replace(",", r"\,")
        yield from (whole, whole.upper(), whole[:3].lower(), whole.split()[-1], f"{whole}x")


def spread(asked: Iterable[Question], most: int) -> list[Question]:
    """At most so many of them, from the whole length of the list."""
    listed = list(asked)
    step = max(1, -(-len(listed) // most))
    return listed[::step]
