"""Rules of screenings: each answer is one of its question, and the total is what the answers make.

Points as their authors publish them: PHQ-9 (J Gen Intern Med 2001; 16: 606), PHQ-2 (Med Care 2003; 41: 1284), GAD-7
(Arch Intern Med 2006; 166: 1092), AUDIT-C (Arch Intern Med 1998; 158: 1789), DAST-10 (Addict Behav 1982; 7: 363). The
answers of TAPS and of the C-SSRS are not added up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from adapter.mapping.facts import Finding, Record, objects

Scale = Mapping[str, int]
"""The words that answer a question, and their points."""


def _scale(*words: str) -> Scale:
    return {word: points for points, word in enumerate(words)}


class Instrument(NamedTuple):
    """The questions of an instrument with their scales (None: not added up), and the most points of its total.

    `items` is None where its questions have no words here, `most` where it has no total in points.
    """

    items: Mapping[str, Scale | None] | None
    most: int | None

    @property
    def scored(self) -> Iterator[tuple[str, Scale]]:
        """The questions whose points are added up."""
        return ((item, scale) for item, scale in (self.items or {}).items() if scale)


_TWO_WEEKS = _scale("not_at_all", "several_days", "more_than_half_the_days", "nearly_every_day")
_PHQ9 = {f"phq9_{number}": _TWO_WEEKS for number in range(1, 10)}
_CSSRS = dict.fromkeys([*(f"cssrs_{number}" for number in range(1, 8)), "cssrs_risk"])
_AUDIT_C = {
    "audit_c_1": _scale(
        "never",
        "monthly_or_less",
        "two_to_four_times_a_month",
        "two_to_three_times_a_week",
        "four_or_more_times_a_week",
    ),
    "audit_c_2": _scale("one_or_two", "three_or_four", "five_or_six", "seven_to_nine", "ten_or_more"),
    "audit_c_3": _scale("never", "less_than_monthly", "monthly", "weekly", "daily_or_almost_daily"),
}
INSTRUMENTS: Mapping[str, Instrument] = {
    "phq9": Instrument({**_PHQ9, "phq9_difficulty": None}, 27),
    "phq9_teen": Instrument(None, 27),
    "phq2": Instrument({name: _PHQ9[name] for name in ("phq9_1", "phq9_2")}, 6),
    "gad7": Instrument({f"gad7_{number}": _TWO_WEEKS for number in range(1, 8)}, 21),
    "audit_c": Instrument({**_AUDIT_C, "heavy_drinking": None}, 12),
    "dast10": Instrument(None, 10),
    "taps": Instrument(dict.fromkeys(f"taps_{number}" for number in range(1, 6)), None),
    "cssrs_screen": Instrument(_CSSRS, None),
    "cssrs_risk": Instrument(_CSSRS, None),
}


def items_answered(record: Record) -> list[Finding]:
    """Each question that is listed has an answer or the reason why there is none: silence is never a zero.

    R4 obs-7: the instrument itself is none of its questions.
    """
    found = []
    for at, item in objects(record, "items"):
        if "total" in record and item.get("item", "") == record.get("instrument"):
            found.append((f"{at}.item", "the instrument itself: its total says it"))
        if ("answer" in item) == ("missing" in item):
            reason = "there is an answer" if "answer" in item else "an answer, or missing with the reason"
            found.append((f"{at}.{'missing' if 'answer' in item else 'answer'}", reason))
    return found


def items_of_instrument(record: Record) -> list[Finding]:
    """Each question is one of the instrument's, and answered within its scale, in points or in its words."""
    items = _instrument(record).items
    if items is None:
        return []
    found = []
    for at, item in objects(record, "items"):
        name = item.get("item")
        if type(name) is str and name not in items:
            found.append((f"{at}.item", f"{name} is no question of {record['instrument']}"))
            continue
        scale, answer = items.get(name) if type(name) is str else None, item.get("answer")
        if scale and (type(answer) in (str, int)) and _points(scale, answer) is None:
            found.append((f"{at}.answer", f"0 to {len(scale) - 1} points, or one of {', '.join(scale)}"))
    return found


def total_of_items(record: Record) -> list[Finding]:
    """The total is one of the instrument, and what its answers make; where some are missing, what they may make."""
    total, instrument = record.get("total"), _instrument(record)
    if instrument is UNKNOWN or type(total) not in (str, int):
        return []
    if instrument.most is None:
        return [("total", f"{record['instrument']} has no total in points")] if type(total) is int else []
    if type(total) is not int or not 0 <= total <= instrument.most:
        return [("total", f"0 to {instrument.most} points for {record['instrument']}")]
    least, most = _sums(instrument, record)
    if least <= total <= most:
        return []
    return [("total", f"{total} points, and the answers make {least}" + f" to {most}" * (most > least))]


UNKNOWN = Instrument(None, None)


def _instrument(record: Record) -> Instrument:
    name = record.get("instrument")
    return INSTRUMENTS.get(name, UNKNOWN) if type(name) is str else UNKNOWN


def _sums(instrument: Instrument, record: Record) -> tuple[int, int]:
    """The least and the most points that the answers can make, those that are not known included."""
    if instrument.items is None:
        return 0, instrument.most or 0
    answers: dict[Any, Any] = {str(item.get("item")): item.get("answer") for _, item in objects(record, "items")}
    least = most = 0
    for name, scale in instrument.scored:
        points = _points(scale, answers.get(name))
        least += points or 0
        most += len(scale) - 1 if points is None else points
    return least, most


def _points(scale: Scale, answer: Any) -> int | None:
    """The points of an answer, None where it is none of the scale."""
    if type(answer) is int:
        return answer if 0 <= answer < len(scale) else None
    return scale.get(answer) if type(answer) is str else None


CHECKS = (items_answered, items_of_instrument, total_of_items)
