"""How each payer counts attendance: rules as data, `mappings/units/*.toml`.

`default.toml` is for whoever no other is for. A rule with `payers` or `payer_types` is for whom these pay first; one
without either, and without a `service`, only counts, for the program's own reports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.load import Maps
from adapter.mapping.tables import Table

DEFAULT = "default"
OVER_MIDNIGHT = ("each_day", "day_of_start")
_WORDS = {"kinds": "session_kind", "modes": "session_mode", "payer_types": "payer_type"}
"""Lists of words, and of which table they are."""
_NUMBERS = {"minutes_per_unit": 1, "round_from": 1, "minimum_minutes": 0, "most_units": 1, "group_most": 1} | {
    "gap_minutes": 0
}
"""Whole numbers, and the least that each may be."""
KEYS = frozenset(
    ("title", "service", "services", "payers", "from", "until", "breaks_count", "over_midnight", *_WORDS, *_NUMBERS)
)
_FIRST, _LAST = "0001-01-01", "9999-12-31"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to count a day; all times in minutes.

    Without `minutes_per_unit` the day is one unit; with it, what is left over is one more from `round_from` minutes on.
    Fewer than `minimum_minutes` are none, and more than `most_units` are no more. Only sessions of these `kinds` and
    `modes` count, and group sessions of no more than `group_most`; recorded breaks where `breaks_count`, and what lies
    between two sessions up to `gap_minutes`. A session over midnight counts on each day or on that of its start.
    `services` has the service of a kind of episode, `service` that of all others.
    """

    name: str
    title: str
    service: str | None = None
    services: Mapping[str, str] = field(default_factory=dict)
    payers: frozenset[str] = frozenset()
    payer_types: frozenset[str] = frozenset()
    begins: str = _FIRST
    ends: str = _LAST
    minutes_per_unit: int | None = None
    round_from: int | None = None
    minimum_minutes: int = 0
    most_units: int | None = None
    kinds: frozenset[str] | None = None
    modes: frozenset[str] | None = None
    group_most: int | None = None
    breaks_count: bool = False
    gap_minutes: int = 0
    each_day: bool = True

    @property
    def said(self) -> str:
        """As a record names it."""
        return f"{self.name}: {self.title}"

    @property
    def own(self) -> bool:
        """Whether it only counts, for the program itself."""
        return self.name != DEFAULT and not self.payers and not self.payer_types

    def holds(self, day: str) -> bool:
        """Whether it is for a day."""
        return self.begins <= day <= self.ends


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a program."""

    all: tuple[Rule, ...]

    @property
    def own(self) -> Iterator[Rule]:
        """Those that only count."""
        return (rule for rule in self.all if rule.own)

    def of(self, payers: Collection[str], payer_type: str | None, day: str) -> Rule:
        """The rule of who pays first on a day: one that names the payer, then its type, then the default."""
        there = [rule for rule in self.all if rule.holds(day)]
        named = next((rule for rule in there if not rule.payers.isdisjoint(payers)), None)
        typed = next((rule for rule in there if payer_type in rule.payer_types), None)
        return named or typed or next(rule for rule in self.all if rule.name == DEFAULT)


@lru_cache(8)
def load_units(folder: Path, maps: Maps) -> Rules:
    """The rules in a folder of mappings; Problem(UNPROCESSABLE) with every refusal by file and line."""
    refusals = Refusals()
    paths = sorted((folder / "units").glob("*.toml"))
    files = [Declaration(path, f"{folder.name}/units/{path.name}", refusals) for path in paths]
    refusals.raise_any()
    if DEFAULT not in {file.name for file in files}:
        refusals.add(f"{folder.name}/units", f"{DEFAULT}.toml is needed: for whoever no other rule is for")
    found = [_rule(file, maps) for file in files]
    for (file, rule), (_, other) in combinations(zip(files, found, strict=True), 2):
        _check_apart(file, rule, other)
    refusals.raise_any()
    return Rules(tuple(found))


def _rule(file: Declaration, maps: Maps) -> Rule:
    said = file.content
    file.only(said, KEYS, "key")
    for name, table in _WORDS.items():
        _check_words(file, name, said.get(name, []), _words(maps, table), table)
    services = said.get("services", {}) if isinstance(said.get("services", {}), dict) else {}
    kinds, billed = _words(maps, "episode_kind"), _words(maps, "billed_service")
    _check_words(file, "services", list(services), kinds, "episode_kind")
    _check_words(file, "services", list(services.values()), billed, "billed_service")
    _check_words(file, "service", [said["service"]] if "service" in said else [], billed, "billed_service")
    numbers = {name: _number(file, name, least) for name, least in _NUMBERS.items()}
    more: dict[str, Any] = {name: number for name, number in numbers.items() if number is not None}
    more |= {name: _list(file, name) for name in ("payers", *_WORDS) if name in said} | _dates(file)
    made = Rule(
        *(file.name, file.text(said, "title"), said.get("service"), services),
        **more,
        breaks_count=_flag(file, "breaks_count"),
        each_day=said.get("over_midnight", OVER_MIDNIGHT[0]) == OVER_MIDNIGHT[0],
    )
    _check_whole(file, made)
    return made


def _check_whole(file: Declaration, rule: Rule) -> None:
    """What one key says against another."""
    if file.content.get("over_midnight", OVER_MIDNIGHT[0]) not in OVER_MIDNIGHT:
        file.refuse(f"'over_midnight' is one of {', '.join(OVER_MIDNIGHT)}", "over_midnight")
    if rule.name == DEFAULT and {"payers", "payer_types", "from", "until"} & file.content.keys():
        file.refuse("the default is for all payers and days")
    if rule.own and (rule.service or rule.services):
        file.refuse("a rule with a service says whose it is: payers or payer_types", "service")
    if rule.services and not rule.service:
        file.refuse("'services' stands beside 'service', which is that of all other kinds of episodes", "services")
    if rule.round_from and rule.round_from > (rule.minutes_per_unit or 0):
        file.refuse("'round_from' is no more than 'minutes_per_unit'", "round_from")
    if rule.begins > rule.ends:
        file.refuse("'until' is before 'from'", "until")


def _check_apart(file: Declaration, rule: Rule, other: Rule) -> None:
    """A payer has one rule on a day."""
    shared = (rule.payers & other.payers) | (rule.payer_types & other.payer_types)
    if shared and rule.begins <= other.ends and other.begins <= rule.ends:
        file.refuse(f"{sorted(shared)[0]!r} has another rule for some of these days: {other.name}.toml", "payers")


def _words(maps: Maps, name: str) -> Collection[str]:
    table = maps.tables[name]
    assert isinstance(table, Table)
    return table.codings.keys()


def _check_words(file: Declaration, key: str, given: Any, words: Collection[str], table: str) -> None:
    for word in given if isinstance(given, list) else [given]:
        if not isinstance(word, str) or word not in words:
            file.refuse(f"{word!r} is no word of {table}", key)


def _list(file: Declaration, key: str) -> frozenset[str]:
    """Words; of payers the ids of Organizations, or what one of their identifiers says: `system|value`."""
    given = file.content.get(key, [])
    if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given):
        file.refuse(f"{key!r} is a list of strings", key)
        return frozenset()
    if key in file.content and not given:
        file.refuse(f"{key!r} names nothing: leave it out", key)
    return frozenset(given)


def _number(file: Declaration, key: str, least: int) -> int | None:
    given = file.content.get(key)
    if given is None:
        return None
    if type(given) is not int or given < least:
        file.refuse(f"{key!r} is a whole number, {least} or more", key)
        return None
    return given


def _flag(file: Declaration, key: str) -> bool:
    given = file.content.get(key, False)
    if type(given) is not bool:
        file.refuse(f"{key!r} is true or false", key)
    return given is True


def _dates(file: Declaration) -> dict[str, str]:
    found = {}
    for key, name in (("from", "begins"), ("until", "ends")):
        given = file.content.get(key)
        if given is not None and type(given) is not date:
            file.refuse(f"{key!r} is a date, such as 2026-01-31", key)
        elif given is not None:
            found[name] = given.isoformat()
    return found


def payers_of(payer: str | None, organization: Mapping[str, Any] | None) -> Sequence[str]:
    """What a rule may call the payer of a coverage by: its id, and what its identifiers say."""
    ids = [payer.removeprefix("Organization/")] if payer and payer.startswith("Organization/") else []
    said = (organization or {}).get("identifier", ())
    return [*ids, *(f"{one.get('system', '')}|{one['value']}" for one in said if "value" in one)]
