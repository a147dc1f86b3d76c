"""The table of moves: where a referral may go from where it stands. Read from `mappings/moves.toml`.

https://hl7.org/fhir/R4/task.html#statemachine
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.load import Maps
from adapter.mapping.tables import JointTable

TABLE = "referral_state"
_RULES = ("unknown", "passed", "opens", "ends")


@dataclass(frozen=True, slots=True)
class Moves:
    """`legal` by state; the states that it may have while the person is `unknown`, that one call may have `passed`,
    that `opens` the episode, and that one whose request is revoked `ends` in."""

    legal: Mapping[str, tuple[str, ...]]
    unknown: frozenset[str]
    passed: tuple[str, ...]
    opens: frozenset[str]
    ends: str

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


@lru_cache(8)
def load_moves(folder: Path, maps: Maps) -> Moves:
    """The table in a folder of mappings; Problem(UNPROCESSABLE) with every refusal by file and line: a state that the
    table of states does not have, or one without a row."""
    refusals = Refusals()
    file = Declaration(folder / "moves.toml", "moves.toml", refusals)
    refusals.raise_any()
    table = maps.tables[TABLE]
    states = table.rows.keys() if isinstance(table, JointTable) else table.codings.keys()
    moves, rules = file.section("moves"), file.section("rules")
    file.only(file.content, ("moves", "rules"), "section")
    file.only(moves, states, "state", "moves")
    file.only(rules, _RULES, "rule", "rules")
    for state in sorted(states - moves.keys()):
        file.refuse(f"no row says where a referral may go that is {state}", "moves")
    for section, rows in (("moves", moves), ("rules", rules)):
        for name, said in rows.items():
            for state in said if isinstance(said, list) else [said]:
                if state not in states:
                    file.refuse(f"{state!r} is no state of {TABLE}", section, name)
    for name in _RULES:
        if not rules.get(name) or (name == "ends" and len(rules[name]) > 1):
            file.refuse(f"{name!r} must name a state" + " alone" * (name == "ends"), "rules", name)
    refusals.raise_any()
    legal = {state: tuple(said) for state, said in moves.items()}
    passed, opens = tuple(rules["passed"]), frozenset(rules["opens"])
    return Moves(legal, frozenset(rules["unknown"]), passed, opens, rules["ends"][0])
