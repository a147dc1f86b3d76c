"""Rows of the Treatment Episode Data Set: an episode at admission, or at discharge, in the codes of the public files.

TEDS-A 2021 codebook (SAMHSA, public domain); of discharges what public scripts over TEDS-D 2023 agree on. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from adapter.mapping.concept_maps import ConceptMap
from adapter.utilization.population import Course as Days
from adapter.utilization.population import days_of

UNKNOWN = "-9"
RANKS = ("primary", "secondary", "tertiary")
ADMISSION = (
    *("episode", "participant", "ADMYR", "AGE", "SERVICES", "PSOURCE", "DAYWAIT", "METHUSE", "PSYPROB"),
    *(f"{name}{n}" for n in (1, 2, 3) for name in ("SUB", "ROUTE", "FREQ", "FRSTUSE")),
    *("ALCDRUG", "FREQ_ATND_SELF_HELP"),
)
DISCHARGE = (*ADMISSION, "DISYR", "SERVICES_D", "REASON", "LOS")
NOT_MADE = (
    *("ARRESTS", "EDUC", "EMPLOY", "DETNLF", "DETCRIM", "GENDER", "HLTHINS", "LIVARAG", "MARSTAT", "NOPRIOR", "PREG"),
    *("PRIMINC", "PRIMPAY", "RACE", "ETHNIC", "VET", "DSMCRIT", "IDU"),
)
"""Columns whose value lists nobody here has read: they are left to whoever sends the rows."""
COUNTED = frozenset({"", "substance_use", "co_occurring"})
"""Kinds of episodes: TEDS counts treatment of substance use."""
_AGES = (12, 15, 18, 21, 25, 30, 35, 40, 45, 50, 55, 65)
"""The ages at which the codes 1 to 12 of AGE begin."""
_WAITED = (0, 1, 8, 15, 31)
_FIRST_USED = (0, 12, 15, 18, 21, 25, 30)
_STAYED = (31, 46, 61, 91, 121, 181, 366)
_NONE_USED = "1"
Document = Mapping[str, Any]
Row = dict[str, str]


class Episode(NamedTuple):
    """An episode with its days, its native record, what intake found, and when the person was born."""

    days: Days
    record: Document
    intake: Document | None
    born: date | None


class Doubt(NamedTuple):
    """What is to be looked at before a row is sent: the episode, the column, and why."""

    episode: str
    column: str
    says: str


class Coder:
    """Makes rows by the concept maps `teds_*`, and says what is doubtful about them."""

    def __init__(self, maps: Mapping[str, ConceptMap]) -> None:
        self._maps = maps
        self.doubts: list[Doubt] = []

    def admission(self, one: Episode) -> Row:
        """The row of an admission."""
        found = one.intake or {}
        row = {"episode": one.days.id, "participant": one.days.patient}
        row["ADMYR"] = str(one.days.admitted.year) if one.days.admitted else UNKNOWN
        row["AGE"] = self._aged(one)
        row["SERVICES"] = self._one(one, "SERVICES", "teds_services", _level(one.record))
        row["PSOURCE"] = self._one(one, "PSOURCE", "teds_referral_source", one.record.get("referral_source"))
        row["DAYWAIT"] = _waited(one, found)
        row |= {name: _yes(found.get(said)) for name, said in _YES.items()}
        used = self._substances(one, found)
        row |= used | {"ALCDRUG": _alcohol_or_drugs(used)}
        row["FREQ_ATND_SELF_HELP"] = self._one(one, "FREQ_ATND_SELF_HELP", "teds_self_help", found.get("meetings"))
        self._doubt_unknown(one, row)
        return row

    def discharge(self, one: Episode) -> Row:
        """The row of a discharge: that of its admission, and how it ended."""
        row = self.admission(one)
        row["DISYR"] = str(one.days.discharged.year) if one.days.discharged else UNKNOWN
        row["SERVICES_D"] = row["SERVICES"]
        row["REASON"] = self._one(one, "REASON", "teds_discharge_reason", one.record.get("discharge_reason"))
        self.doubts += [Doubt(one.days.id, "LOS", f"{name} is no whole date") for name in sorted(one.days.vague)]
        row["LOS"] = _stayed(days_of(one.days))
        self._doubt_unknown(one, {name: row[name] for name in ("REASON", "LOS")})
        return row

    def _aged(self, one: Episode) -> str:
        age = _age(one)
        if "admitted_on" in one.days.vague:
            self.doubts.append(Doubt(one.days.id, "AGE", "admitted_on is no whole date"))
        elif age is not None and age < _AGES[0]:
            self.doubts.append(Doubt(one.days.id, "AGE", f"admitted at {age}, and the codes begin at {_AGES[0]}"))
        return str(bisect_right(_AGES, age)) if age is not None and age >= _AGES[0] else UNKNOWN

    def _substances(self, one: Episode, found: Document) -> Row:
        """Of three ranks; who was asked and named none has none, who was not asked is not known."""
        ranked = {each.get("rank"): each for each in found.get("substances", ())}
        row: Row = {}
        for n, rank in enumerate(RANKS, 1):
            said = ranked.get(rank)
            row[f"SUB{n}"] = _NONE_USED if one.intake is not None and said is None else UNKNOWN
            row |= {f"{name}{n}": UNKNOWN for name in ("ROUTE", "FREQ", "FRSTUSE")}
            if said is not None:
                row |= {
                    f"{name}{n}": self._one(one, f"{name}{n}", of, said.get(key)) for name, (of, key) in _USE.items()
                }
                row[f"FRSTUSE{n}"] = self._first_use(one, n, said.get("first_use_age"))
        return row

    def _first_use(self, one: Episode, n: int, age: Any) -> str:
        if not isinstance(age, int):
            return UNKNOWN
        now = _age(one)
        if now is not None and age > now:
            self.doubts.append(Doubt(one.days.id, f"FRSTUSE{n}", f"first used at {age}, admitted at {now}"))
        return str(bisect_right(_FIRST_USED, age))

    def _one(self, one: Episode, column: str, name: str, word: Any) -> str:
        """The code of a word; one of which there are several is for a person to say."""
        if not isinstance(word, str) or word not in self._maps[name].rows:
            return UNKNOWN
        codes = self._maps[name].codes(word)
        if len(codes) > 1:
            self.doubts.append(Doubt(one.days.id, column, f"{word} is one of {', '.join(codes)}"))
        return codes[0] if len(codes) == 1 else UNKNOWN

    def _doubt_unknown(self, one: Episode, row: Row) -> None:
        said = {doubt.column for doubt in self.doubts if doubt.episode == one.days.id}
        for column, value in row.items():
            if value == UNKNOWN and column not in said and _matters(column, row):
                self.doubts.append(Doubt(one.days.id, column, "is not known"))


_YES = {"METHUSE": "opioid_medication_planned", "PSYPROB": "mental_health_problem"}
_USE = {
    "SUB": ("teds_substance", "substance"),
    "ROUTE": ("teds_route", "route"),
    "FREQ": ("teds_frequency", "frequency"),
}


def checked(episodes: Sequence[Episode]) -> Iterator[Doubt]:
    """What is doubtful about episodes beside their codes."""
    begun = Counter((one.days.patient, one.days.admitted) for one in episodes if "admitted_on" not in one.days.vague)
    for one in episodes:
        admitted, discharged = one.days.admitted, one.days.discharged
        if admitted and discharged and discharged < admitted and not one.days.vague:
            yield Doubt(one.days.id, "LOS", "discharged before the admission")
        if admitted and begun[one.days.patient, admitted] > 1:
            yield Doubt(one.days.id, "ADMYR", "the same person is admitted twice on this day")


def counted(episodes: Iterable[Episode]) -> tuple[list[Episode], list[Episode]]:
    """Those that TEDS counts, and those that it does not."""
    known = list(episodes)
    fits = [str(one.record.get("kind", "")) in COUNTED for one in known]
    return [one for one, fit in zip(known, fits, strict=True) if fit], [
        one for one, fit in zip(known, fits, strict=True) if not fit
    ]


def _matters(column: str, row: Row) -> bool:
    """A route, frequency or age of first use is wanted of a substance that there is."""
    known = row.get(f"SUB{column[-1]}", "")
    return not (column[-1] in "123" and not column.startswith("SUB")) or known not in (_NONE_USED, UNKNOWN)


def _level(record: Document) -> Any:
    here = (one for one in record.get("levels_of_care", ()) if one.get("step", "this_program") == "this_program")
    return next((one.get("level") for one in here), None)


def _age(one: Episode) -> int | None:
    if one.born is None or one.days.admitted is None or "admitted_on" in one.days.vague:
        return None
    on = one.days.admitted
    return on.year - one.born.year - ((on.month, on.day) < (one.born.month, one.born.day))


def _waited(one: Episode, found: Document) -> str:
    said = found.get("first_contact_on")
    if one.days.admitted is None or "admitted_on" in one.days.vague or not isinstance(said, str) or len(said) < 10:
        return UNKNOWN
    days = (one.days.admitted - date.fromisoformat(said[:10])).days
    return str(bisect_right(_WAITED, days) - 1) if days >= 0 else UNKNOWN


def _stayed(days: int | None) -> str:
    """Days up to 30, then a code for each stretch: 31 to 37."""
    if days is None:
        return UNKNOWN
    return str(days) if days < _STAYED[0] else str(30 + bisect_right(_STAYED, days))


def _yes(said: Any) -> str:
    return {True: "1", False: "2"}.get(said, UNKNOWN) if isinstance(said, bool) else UNKNOWN


def _alcohol_or_drugs(used: Row) -> str:
    """0 none, 1 alcohol, 2 others, 3 both."""
    codes = {used[f"SUB{n}"] for n in (1, 2, 3)}
    if codes <= {UNKNOWN}:
        return UNKNOWN
    return str(("2" in codes) + 2 * bool(codes - {"2", _NONE_USED, UNKNOWN}))
