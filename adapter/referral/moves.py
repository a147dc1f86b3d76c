"""The table of moves: where a referral may go from where it stands, and what its sender may make of the request.

Read from `mappings/moves.toml`. https://hl7.org/fhir/R4/task.html#statemachine
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.load import Maps
from adapter.mapping.tables import JointTable

TABLE, REQUESTS = "referral_state", "request_status"
_RULES = {**dict.fromkeys(("unknown", "passed", "opens", "ends", "asks", "bound"), TABLE), "withdrawn": REQUESTS}
"""The rules, and of which table their words are."""
_ALONE = ("ends", "asks")


@dataclass(frozen=True, slots=True)
class Moves:
    """`legal` by state; the states that it may have while the person is `unknown`, that one call may have `passed`,
    that `opens` the episode, and that one whose request is withdrawn `ends` in, or after it was `bound` the one that
    `asks` for that.

    `requests` is what its sender may make of a request, and `withdrawn` what withdraws it: codes of
    ServiceRequest.status.
    """

    legal: Mapping[str, tuple[str, ...]]
    unknown: frozenset[str]
    passed: tuple[str, ...]
    opens: frozenset[str]
    ends: str
    asks: str
    bound: frozenset[str]
    requests: Mapping[str, tuple[str, ...]]
    withdrawn: frozenset[str]

    def may(self, before: str, after: str) -> bool:
        """Whether a referral may go from one state to another; it may stay where it is."""
        return before == after or after in self.legal[before]

    def way(self, before: str, after: str) -> tuple[str, ...] | None:
        """The states from one to another, the last one included, through the fewest of those that may be passed; None
        where there is no such way."""
        ways: list[tuple[str, ...]] = [()]
        for way in ways:
            here = way[-1] if way else before
            if after in self.legal[here]:
                return (*way, after)
            ways += [(*way, state) for state in self.passed if state in self.legal[here] and state not in way]
        return None

    def ended(self, state: str) -> str | None:
        """What a referral becomes that its sender withdraws; None where no move leads there."""
        wanted = self.asks if state in self.bound else self.ends
        return wanted if self.may(state, wanted) else None


@lru_cache(8)
def load_moves(folder: Path, maps: Maps) -> Moves:
    """The table in a folder of mappings; Problem(UNPROCESSABLE) with every refusal by file and line: a state that the
    table of states does not have, or one without a row."""
    refusals = Refusals()
    file = Declaration(folder / "moves.toml", "moves.toml", refusals)
    refusals.raise_any()
    words = {name: _words(maps, name) for name in (TABLE, REQUESTS)}
    file.only(file.content, ("moves", "rules", "requests"), "section")
    moves = _moves(file, "moves", "state", words[TABLE])
    requests = _moves(file, "requests", "status", words[REQUESTS])
    rules = _rules(file, words)
    refusals.raise_any()
    codes = words[REQUESTS]
    said = {codes[status]: tuple(codes[one] for one in to) for status, to in requests.items()}
    return Moves(
        legal={state: tuple(to) for state, to in moves.items()},
        unknown=frozenset(rules["unknown"]),
        passed=tuple(rules["passed"]),
        opens=frozenset(rules["opens"]),
        ends=rules["ends"][0],
        asks=rules["asks"][0],
        bound=frozenset(rules["bound"]),
        requests=said,
        withdrawn=frozenset(codes[one] for one in rules["withdrawn"]),
    )


def _words(maps: Maps, name: str) -> Mapping[str, Any]:
    """The words of a table; with its code, each of one that is not of several elements."""
    table = maps.tables[name]
    return table.rows if isinstance(table, JointTable) else {word: one["code"] for word, one in table.codings.items()}


def _moves(file: Declaration, section: str, called: str, words: Collection[str]) -> Mapping[str, list[str]]:
    moves = file.section(section)
    file.only(moves, words, called, section)
    for word in sorted(set(words) - moves.keys()):
        file.refuse(f"no row says where a referral may go that is {word}", section)
    for name, said in moves.items():
        _check_words(file, (section, name), said, words, TABLE if section == "moves" else REQUESTS)
    return moves


def _rules(file: Declaration, words: Mapping[str, Collection[str]]) -> Mapping[str, list[str]]:
    rules = file.section("rules")
    file.only(rules, _RULES, "rule", "rules")
    for name, said in rules.items():
        _check_words(file, ("rules", name), said, words[_RULES.get(name, TABLE)], _RULES.get(name, TABLE))
    for name in _RULES:
        if not rules.get(name) or (name in _ALONE and len(rules[name]) > 1):
            file.refuse(f"{name!r} must name a state" + " alone" * (name in _ALONE), "rules", name)
    return rules


def _check_words(file: Declaration, place: tuple[str, str], said: Any, words: Collection[str], table: str) -> None:
    for word in said if isinstance(said, list) else [said]:
        if word not in words:
            file.refuse(f"{word!r} is no state of {table}", *place)
