"""The small form of a referral as it was sent: whether what is said in it can be.

For a facility that has a document and no FHIR. Pure: strings in, checked strings out, every fault named by its field.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from adapter.fhir.json import parse
from adapter.mapping.tables import AnyTable, Table
from adapter.problems import Issue, Kind, Problem, named
from adapter.referral.files import File, wrong_with
from adapter.referral.form_fields import FIELDS, FILES, JSON

_UNKNOWN = f"there is no such field; there are {', '.join((*FILES, JSON, *FIELDS))}"
_LINE, _TEXT = 1_000, 50_000
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]")
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SYSTEM = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s|]{1,255}", re.ASCII)
_NPI = re.compile(r"[0-9]{10}", re.ASCII)

Pair = tuple[str, str]


class Form(NamedTuple):
    """A form whose fields can all be as they are said: code fields as words of their tables; and the files."""

    fields: Mapping[str, str]
    documents: tuple[File, ...]
    consent: File | None


def read_form(pairs: Sequence[Pair], files: Sequence[File], tables: Mapping[str, AnyTable], today: date) -> Form:
    """The form of what was sent; one Problem with all that is wrong, by field (`document[1]` is the second document).

    INVALID for what is unknown or said twice, UNPROCESSABLE for what cannot be so, or where nothing is said.
    """
    said, broken = _apart(pairs)
    broken += [*_strangers(files)]
    wrong = [*_uncountable(files), *_impossible(said, tables, today)]
    wrong += [issue for file, place in placed(files) if file.field in FILES and (issue := wrong_with(file, place))]
    if not (said or files or broken):
        wrong = [Issue("required", "nothing was sent: fields of the form, and documents", JSON)]
    if issues := [*broken, *wrong]:
        kind = Kind.INVALID if broken else Kind.UNPROCESSABLE
        raise Problem(kind, issues[0].message, issues[0].expression, issues=issues)
    words = {name: _word(value, tables[FIELDS[name].table]) or value for name, value in said.items() if _coded(name)}
    consent = next((file for file in files if file.field == "consent"), None)
    return Form(said | words, tuple(file for file in files if file.field == "document"), consent)


def placed(files: Iterable[File]) -> Iterator[tuple[File, str]]:
    """Each file with what it is called in an answer."""
    numbers = Counter[str]()
    for file in files:
        yield file, f"{file.field}[{numbers[file.field]}]" if FILES.get(file.field, 1) > 1 else file.field
        numbers[file.field] += 1


def _apart(pairs: Sequence[Pair]) -> tuple[dict[str, str], list[Issue]]:
    """The fields that say something, and what is wrong with how they are said."""
    said, issues, seen = dict[str, str](), list[Issue](), set[str]()
    for name, value in _spread(pairs, issues):
        if name not in FIELDS:
            why = f"{name} is a file: send it with its name" if name in FILES else _UNKNOWN
            issues.append(Issue("not-supported", why, named(name, "field")))
        elif name in seen:
            issues.append(Issue("invalid", f"{name} may be said once", name))
        elif value.strip():
            said[name] = value.strip()
        seen.add(name)
    return said, issues


def _spread(pairs: Sequence[Pair], issues: list[Issue]) -> Iterator[Pair]:
    """The pairs, and those in the part that holds many."""
    for name, value in pairs:
        if name != JSON:
            yield name, value
            continue
        try:
            held = parse(value.encode(), 4)
        except Problem as problem:
            issues += [Issue(one.code, f"{JSON} is JSON: {one.message}", JSON) for one in problem.issues]
            continue
        if isinstance(held, dict) and all(isinstance(one, str) for one in held.values()):
            yield from held.items()
        else:
            issues.append(Issue("structure", f"{JSON} is a JSON object, of which every value is a string", JSON))


def _strangers(files: Sequence[File]) -> Iterator[Issue]:
    for name in dict.fromkeys(file.field for file in files if file.field not in FILES):
        why = f"{name} is no file: send it without a file name" if name in FIELDS else _UNKNOWN
        yield Issue("not-supported", why, named(name, "field"))


def _uncountable(files: Sequence[File]) -> Iterator[Issue]:
    for field in dict.fromkeys(file.field for file in files):
        most, count = FILES.get(field), sum(file.field == field for file in files)
        if most is not None and count > most:
            yield Issue("too-long", f"{field} may be sent {f'{most} times' if most > 1 else 'once'}", field)


def _impossible(said: Mapping[str, str], tables: Mapping[str, AnyTable], today: date) -> Iterator[Issue]:
    for name, value in said.items():
        field = FIELDS[name]
        if field.table:
            table = tables[field.table]
            if not _word(value, table):
                yield Issue("code-invalid", f"{name} is one of {', '.join(_words(table))}", name)
        elif why := _HOLDS[field.holds](value):
            yield Issue("value", f"{name} {why}", name)
        elif name == "birth_date" and value > today.isoformat():
            yield Issue("value", "birth_date is a day that has been", name)


def _line(value: str) -> str:
    return "is one line of at most 1,000 characters" if len(value) > _LINE or _CONTROL.search(value) else ""


def _text(value: str) -> str:
    long = len(value) > _TEXT or _CONTROL_IN_TEXT.search(value)
    return "is a text of at most 50,000 characters, without control characters" if long else ""


def _day(value: str) -> str:
    try:
        if _DAY.fullmatch(value) and date.fromisoformat(value):
            return ""
    except ValueError:
        pass
    return "is a day of the calendar, as YYYY-MM-DD"


def _number(value: str) -> str:
    system, parted, number = value.rpartition("|")
    right = bool(number.strip()) and (not parted or _SYSTEM.fullmatch(system))
    return _line(value) if right else "is VALUE or SYSTEM|VALUE, with a URI as the system"


def _npi(value: str) -> str:
    """The last of ten digits checks the others: Luhn's sum behind 80840 (45 CFR 162.406)."""
    if _NPI.fullmatch(value):
        doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(value)]
        if (24 + sum(number - 9 * (number > 9) for number in doubled)) % 10 == 0:
            return ""
    return "is a number of ten digits, of which the last checks the others"


_HOLDS: Mapping[str, Callable[[str], str]] = {
    "line": _line,
    "text": _text,
    "day": _day,
    "number": _number,
    "npi": _npi,
}


def _coded(name: str) -> bool:
    return bool(FIELDS[name].table)


def _word(value: str, table: AnyTable) -> str | None:
    """The word of a table for a word or a code of it."""
    assert isinstance(table, Table)
    return value if value in table.codings else table.codes.get(value)


def _words(table: AnyTable) -> Iterable[str]:
    assert isinstance(table, Table)
    return table.codings
