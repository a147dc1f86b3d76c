"""What a native value looks like, in plain words, for each codec of the maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from adapter.mapping.rows import CODECS
from adapter.mapping.structures import Structure
from docs.generator.markdown import article

_PLAIN: Mapping[str, str] = {
    "text": "text",
    "markdown": "text, in paragraphs",
    "uri": "an address or URI",
    "url": "an address",
    "time": "a time of day",
    "moment": "date and time, as written (dateTime)",
    "instant": "date and time, as written (instant)",
    "date": "a date, month or year",
    "boolean": "`true` or `false`",
    "integer": "a whole number",
    "decimal": "a number, digits as written",
    "code": "a word of the table",
    "coding": "a word of the table",
    "concept": "a word of the table",
    "joint": "a word of the table, which stands for all these elements together",
    "note": "text; who wrote it and when stay in the resource",
    "boolean_or_moment": "`true`, `false`, or date and time",
    "finding": "`{finding, value, unit, comparator}` with a word of the table, or `{missing}` with the reason",
    "sole_identifier": "a list of one identifier",
    "score": "a whole number of points",
    "answer": "points, or a word of the table",
    "minutes": "whole minutes",
    "hours": "a number of hours, 0 to 168",
    "rating": "a whole number, 0 to 4",
    "schedule": "`{times, per, every, minutes, days, at, count, period}`",
    "codes": "codes of any system as they stand: `{codes, text}`",
    "concept_or_codes": "a word of the table, else the codes as they stand: `{codes, text}`",
    "counted": "`{value, unit}` with a word of the table, else as it stands",
    "dose": "`{value, unit}` in a unit of UCUM, else as it stands",
    # Only in forms over several records:
    "word": "a word of those below",
    "id": "the id of the record",
    "reference": "the id of a record",
    "differs": "what one record says otherwise than the form: `{record, field, value}`",
    "incomplete": "what is parked, and why: `{path, reason}`",
}
Targets = Callable[[Sequence[str]], str]
"""The types a reference may point to, written with the concepts they are."""


def value(codec: str, to: Sequence[str], unit: str | None, targets: Targets) -> str:
    """What a native value of this codec is; KeyError for a codec this page has no words for."""
    if codec == "quantity":
        return f"a number of `{unit}`" if unit else "`{value, unit, comparator}`, the unit in UCUM"
    if to:
        return _reference(codec, to, targets)
    if codec in _PLAIN:
        return _PLAIN[codec]
    made = CODECS[codec]
    if issubclass(made, Structure):
        return f"`{{{', '.join(made.parts)}}}`"
    raise KeyError(codec)


def _reference(codec: str, to: Sequence[str], targets: Targets) -> str:
    reference = f"{'the id' if len(to) == 1 else '`Type/id`'} of {article(to[0])} {targets(to)}"
    return {
        "reference": reference,
        "named_reference": f"{reference}, or `{{name}}`",
        "boolean_or_reference": f"`true`, `false`, or {reference}",
        "codes_or_reference": f"codes as they stand, `{{codes, text}}`, or {reference}",
    }[codec]
