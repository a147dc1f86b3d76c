"""The page of how often the door and HL7's validator come to the same verdict, from what a conformance run found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docs.generator.markdown import page, table

RESULT = "tests/conformance/agreement.json"
CELLS = ("both refuse", "both accept", "ours refuses", "theirs refuses")
INTRO = """\
Two verdicts on the same resources: the door's, which decides what the adapter stores, and that of HL7's validator
({validator}), run without a terminology server, with US Core 6.1.0 and our profiles. First, fixtures of ours with one
fault each (seed {seed}); then the cases of HL7's own ({cases}) that hold a resource to R4 alone, with the verdict that
HL7 recorded.

`make conformance` finds this anew, and fails if any figure here is another, or a disagreement has no reason. What each
validator says of whole fixtures, of an import's resources and of generated ones is held to the rules of
`tests/conformance/defended.toml` in the same run."""


def agreement_page(root: Path) -> str:
    """The page as Markdown."""
    found = json.loads((root / RESULT).read_bytes())
    kinds = dict(found["kinds"])
    recorded = kinds.pop("recorded")
    return page(
        f"{RESULT}, which a conformance run writes",
        "# Agreement with HL7's validator",
        INTRO.format_map(found),
        "## Fixtures with one fault\n\n" + _table(kinds),
        "## Recorded cases\n\n" + _table({"recorded": recorded}),
        "## Why they differ\n\n" + _reasons(found["reasons"]),
    )


def _table(kinds: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [_row(kind, found["means"], found) for kind, found in kinds.items()]
    if len(kinds) > 1:
        every = {cell: sum(found[cell] for found in kinds.values()) for cell in CELLS}
        rows.append(_row("all", "", every))
    return table(("kind", "what is wrong", "number", *CELLS, "agree"), rows)


def _row(kind: str, means: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    number = sum(found[cell] for cell in CELLS)
    agree = found["both refuse"] + found["both accept"]
    return kind, means, str(number), *(str(found[cell]) for cell in CELLS), f"{100 * agree / number:.1f} %"


def _reasons(reasons: list[dict[str, Any]]) -> str:
    return table(
        ("ours refuses", "theirs refuses", "why"),
        [(str(one.get("ours", "")), str(one.get("theirs", "")), one["why"]) for one in reasons],
    )
