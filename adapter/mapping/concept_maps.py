"""Our words in the codes that states and agencies count by: TEDS, Colorado's BHA (FHIR: ConceptMap).

A code table is one-to-one and both ways; a concept map goes out only, may lose meaning, and says row by row how much.
One file for each, `mappings/concept_maps/NAME.toml`:

    table  = "level_of_care"      # ours; each of its words has a row
    target = "https://..."        # the system of the codes; "/NAME" is one we had to name ourselves
    title, grade, source          # as in a table; a row may have a grade and source of its own
    [rows]
    WORD = { code, display, equivalence, comment }        # or a list of these

`equivalence` is R4's and is said of the target: "wider" is a code that means more than the word. Whoever reads the code
must be told what it does not say, so narrower, inexact and unmatched need a comment.
R4: https://hl7.org/fhir/R4/conceptmap.html, https://hl7.org/fhir/R4/valueset-concept-map-equivalence.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapter.fhir.canonical import code_system
from adapter.mapping.declarations import Declaration
from adapter.mapping.tables import GRADES, AnyTable, Table

_KEYS = ("table", "target", "title", "grade", "source", "rows")
_ROW = ("code", "display", "equivalence", "comment", "grade", "source")
EQUIVALENCES = (
    "relatedto",
    "equivalent",
    "equal",
    "wider",
    "subsumes",
    "narrower",
    "specializes",
    "inexact",
    "unmatched",
    "disjoint",
)
EXPLAINED = ("narrower", "inexact", "unmatched")
EXACT = ("equal", "equivalent")


@dataclass(frozen=True, slots=True)
class Target:
    """What one word becomes: a code of the target system, or None and why (`unmatched`)."""

    code: str | None
    equivalence: str
    grade: str
    source: str
    display: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ConceptMap:
    """The words of one table of ours -> codes of one other system."""

    name: str
    title: str
    table: Table
    target: str
    rows: Mapping[str, tuple[Target, ...]]

    def codes(self, word: str) -> tuple[str, ...]:
        """The codes of a word, none where it is unmatched; KeyError for what is no word of the table."""
        return tuple(target.code for target in self.rows[word] if target.code is not None)


def concept_map(declared: Declaration, tables: Mapping[str, AnyTable]) -> ConceptMap | None:
    """The concept map of one file, or None after refusals."""
    before = len(declared.refusals.issues)
    declared.only(declared.content, _KEYS, "key of a concept map")
    title, target = declared.text(declared.content, "title"), declared.text(declared.content, "target")
    declared.text(declared.content, "source")
    _graded(declared, declared.content.get("grade"))
    table = tables.get(str(declared.content.get("table")))
    if not isinstance(table, Table):
        declared.refuse(f"{declared.content.get('table')!r} is no table of words and single codes", "table")
        return None
    if "/ValueSet/" in target:
        declared.refuse("target is a code system, not a value set", "target")
    rows = {word: tuple(_targets(declared, word, given)) for word, given in declared.section("rows").items()}
    _complete(declared, table, rows)
    _told_apart(declared, rows)
    system = code_system(target[1:]) if target.startswith("/") else target
    return ConceptMap(declared.name, title, table, system, rows) if len(declared.refusals.issues) == before else None


def displays_agree(declared: Mapping[str, Declaration], maps: Mapping[str, ConceptMap]) -> None:
    """Refuse a code that two maps, or two rows, display in two ways."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for name, found in maps.items():
        for word, target in ((word, target) for word, targets in found.rows.items() for target in targets):
            if target.code is None:
                continue
            display, other = seen.setdefault((found.target, target.code), (target.display, f"{name}.{word}"))
            if display != target.display:
                why = f"{target.code} is displayed as {target.display!r} here and as {display!r} in {other}"
                declared[name].refuse(why, "rows", word)


def _graded(declared: Declaration, grade: Any, *place: str) -> None:
    if grade not in GRADES:
        declared.refuse(
            f"grade must be one of {', '.join(GRADES)}: what nobody has seen is not shipped", *place, "grade"
        )


def _targets(declared: Declaration, word: str, given: Any) -> Iterator[Target]:
    """The targets of one row, each told what is wrong with it."""
    several = given if isinstance(given, list) else [given]
    if not several:
        declared.refuse(f"{word}: an empty list; unmatched says that there is no code", "rows", word)
    for one in several:
        if not isinstance(one, dict):
            declared.refuse(f"{word}: a row is {{ code, display, equivalence, comment }}", "rows", word)
            continue
        declared.only(one, _ROW, "key of a row", "rows", word)
        _judged(declared, word, one, alone=len(several) == 1)
        grade, source = (
            one.get("grade", declared.content.get("grade")),
            one.get("source", declared.content.get("source")),
        )
        if "grade" in one:
            _graded(declared, grade, "rows", word)
        texts = {name: str(one[name]) for name in ("display", "comment") if name in one}
        yield Target(one.get("code"), str(one.get("equivalence")), str(grade), str(source), **texts)


def _judged(declared: Declaration, word: str, one: Mapping[str, Any], *, alone: bool) -> None:
    """Refuse an unknown equivalence, a code where there is none or none where there is one, and silence."""
    equivalence = one.get("equivalence")
    if equivalence not in EQUIVALENCES:
        declared.refuse(f"{word}: equivalence is one of {', '.join(EQUIVALENCES)}", "rows", word)
    if equivalence == "unmatched" and ("code" in one or not alone):
        declared.refuse(f"{word}: unmatched has no code and stands alone", "rows", word)
    if equivalence != "unmatched" and not (isinstance(one.get("code"), str) and one["code"]):
        declared.refuse(f"{word}: a code is a string that is not empty", "rows", word)
    if equivalence in EXPLAINED and not one.get("comment"):
        declared.refuse(f"{word}: {equivalence} needs a comment", "rows", word)


def _complete(declared: Declaration, table: Table, rows: Mapping[str, Any]) -> None:
    """Refuse words that the table does not have, and words of the table that are left out."""
    for word in rows.keys() - table.codings.keys():
        declared.refuse(f"{word!r} is not a word of table {table.name}", "rows", word)
    if missing := [word for word in table.codings if word not in rows]:
        declared.refuse(f"table {table.name} has words without a row: {', '.join(missing)} (unmatched says so)", "rows")


def _told_apart(declared: Declaration, rows: Mapping[str, tuple[Target, ...]]) -> None:
    """Refuse one code twice in a row, and one code that means exactly two words."""
    exact: dict[str, str] = {}
    for word, targets in rows.items():
        codes = [target.code for target in targets]
        if len(set(codes)) < len(codes):
            declared.refuse(f"{word}: one code twice", "rows", word)
        for target in targets:
            if target.code and target.equivalence in EXACT and (other := exact.setdefault(target.code, word)) != word:
                declared.refuse(f"{target.code} cannot be {target.equivalence} to {other!r} and {word!r}", "rows", word)
