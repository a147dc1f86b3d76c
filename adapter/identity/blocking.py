"""The few records among all that may be of one person: searches of the index by what hardly two people have in common.

Each is narrowed by the reader's predicate before its limit. Who differs in everything that is looked for here, as by a
slip in the family name and another in the birth date, with no number or address in common, is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapter.fhir.dates import Calendar
from adapter.fhir.query import Dates, Either, Field, Match, Query, Range, Term, Tokens
from adapter.fhir.tokens import SEPARATOR
from adapter.identity.evidence import DAY, Evidence, phone

Search = Callable[[Query], Any]
Fields = Mapping[str, Field]
MOST = 100
"""Records that one search gives; of a name that more people have, those are looked at that were written last."""
_US = 10
_WAYS = (
    *("{0}{1}{2}", "{0}-{1}-{2}", "({0}) {1}-{2}", "{0}.{1}.{2}", "{0} {1} {2}", "1-{0}-{1}-{2}"),
    *("+1{0}{1}{2}", "+1-{0}-{1}-{2}", "+1 {0} {1} {2}", "+1 ({0}) {1}-{2}"),
)
"""How people write a telephone number of North America; others are looked for as they are said."""


def queries(fields: Fields, calendar: Calendar, of: Evidence, patient: Mapping[str, Any]) -> Iterator[Query]:
    """The searches that find who may be the person; `fields` are the search parameters of Patient."""
    family = {name.family for name in of.names if name.family} | {part for name in of.names for part in name.parts}
    given = {name.given[0] for name in of.names if name.given}
    either_way = sorted(family | given)
    named = (_words(fields["family"], either_way), _words(fields["given"], either_way))
    if len(of.birth_date or "") == DAY:
        yield _query(_born(fields, of.birth_date or ""))
        if family:
            year = Range("eq", *calendar.interval((of.birth_date or "")[:4]))
            yield _query(_words(fields["family"], sorted(family)), Dates(fields["birthdate"], (year,)))
    if family and given:
        yield _query(*named)
    if numbers := [*_numbers(fields, of, patient)]:
        yield _query(Either(tuple(numbers)))
    if either_way and of.places:
        codes = sorted({code for _, code in of.places})
        yield _query(
            Tokens(fields["address-postalcode"], tuple(Match.string(code, "") for code in codes)), Either(named)
        )


def _query(*terms: Term) -> Query:
    return Query("Patient", terms, count=MOST)


def _words(field: Field, words: list[str]) -> Tokens:
    """A name of which one of these is the whole or the first word, however it is written."""
    return Tokens(field, tuple(Match(None, begins=word + end) for word in words for end in (SEPARATOR, " ")))


def _born(fields: Fields, date: str) -> Tokens:
    """On this day, or the one with day and month the other way round."""
    other = f"{date[:4]}-{date[8:]}-{date[5:7]}"
    return Tokens(fields["born"], tuple(Match.token("", one) for one in dict.fromkeys((date, other))))


def _numbers(fields: Fields, of: Evidence, patient: Mapping[str, Any]) -> Iterator[Tokens]:
    telecoms = [one.get("value") or "" for one in patient.get("telecom", ())]
    phones = {way for said in telecoms if phone(said) for way in _written(said)}
    emails = {said for said in telecoms if said.strip().casefold() in of.emails} | of.emails
    if phones:
        yield Tokens(fields["phone"], tuple(Match.token(None, one) for one in sorted(phones)))
    if emails:
        yield Tokens(fields["email"], tuple(Match.token(None, one) for one in sorted(emails)))
    told = [(one.get("system"), one.get("value")) for one in patient.get("identifier", ())]
    if keys := sorted({(system, value) for system, value in told if system and value}):
        yield Tokens(fields["identifier"], tuple(Match.token(*key) for key in keys))


def _written(said: str) -> Iterator[str]:
    yield said
    digits = phone(said)
    if len(digits) == _US:
        yield from (way.format(digits[:3], digits[3:6], digits[6:]) for way in _WAYS)
