"""The page docs/changing-maps.md, followed word for word in copies of the tree: blocks are written, commands run.

`make profiles` and `make serve` are not run: one needs Maven and Node.js, the other does not end.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest

from docs.generate import HERE

# The column of the import's report that counts new records.
CREATED = 1
TREE = ("adapter", "mappings", "fixtures", "profiles", "docs", "tests")
LINE = r"(?P<how>below|in place of|without) the line that begins with `(?P<line>[^`]+)`"
STEP = re.compile(
    rf"\*\*`(?P<path>[^`]+)`\*\*, (?:the whole file|{LINE})(?:\.$|:\s*\n\s*```\w+\n(?P<text>.*?)^ *```$)"
    r"|^ *```sh\n(?P<commands>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


class Step(NamedTuple):
    """A block to write, or commands to run, under one heading of the page."""

    heading: str
    path: str | None
    how: str
    line: str | None
    text: str


def steps(page: str) -> Iterator[Step]:
    """Every step of the page in its order."""
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        for found in STEP.finditer(section):
            text = dedent((found["text"] if found["path"] else found["commands"]) or "")
            yield Step(section.partition("\n")[0], found["path"], found["how"] or "", found["line"], text)


PAGE = (HERE / "changing-maps.md").read_text(encoding="utf-8")


@dataclass
class Followed:
    """A recipe followed in a tree of its own, and what its commands printed, in their order."""

    tree: Path
    printed: list[str]

    def json(self, path: str) -> Any:
        """A file of the tree."""
        return json.loads((self.tree / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def followed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Followed]:
    """Every recipe by its heading; a command that fails fails here. They run side by side: each waits for programs."""
    recipes: dict[str, list[Step]] = {}
    for step in steps(PAGE):
        recipes.setdefault(step.heading, []).append(step)
    trees = {heading: tmp_path_factory.mktemp("tree") for heading in recipes}
    with ThreadPoolExecutor() as pool:
        ended = pool.map(lambda heading: follow(root, trees[heading], recipes[heading]), recipes)
        return dict(zip(recipes, ended, strict=True))


def follow(root: Path, tree: Path, recipe: list[Step]) -> Followed:
    for name in TREE:
        shutil.copytree(root / name, tree / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
    shutil.copy(root / "pyproject.toml", tree)
    printed = []
    for step in recipe:
        if step.path:
            write(tree / step.path, step)
        else:
            printed += [run(tree, line) for line in step.text.splitlines()]
    return Followed(tree, printed)


def write(path: Path, step: Step) -> None:
    if step.line is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    [at] = [number for number, line in enumerate(lines) if re.match(rf"{re.escape(step.line)}(?!\w)", line)]
    lines[at : at + 1] = [*([lines[at]] if step.how == "below" else []), step.text]
    path.write_text("".join(lines), encoding="utf-8")


def run(tree: Path, command: str) -> str:
    words = shlex.split(command)
    said = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    program, *given = words[len(said) :]
    known = {
        ".venv/bin/iop-adapter": [sys.executable, "-m", "adapter"],
        ".venv/bin/python": [sys.executable],
        ".venv/bin/pytest": [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        "rm": ["rm"],
    }
    asked = [sys.executable, "docs/generate.py"] if [program, *given] == ["make", "docs"] else [*known[program], *given]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("IOP_", "TEST_", "PYTEST_"))}
    env |= said | {"PYTHONPATH": str(tree)}
    ended = subprocess.run(asked, cwd=tree, env=env, capture_output=True, text=True)
    assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def test_a_changed_code_is_written_and_the_old_one_still_read(followed: dict[str, Followed]) -> None:
    [shown] = followed["Change a code"].printed
    [line] = [line for line in shown.splitlines() if line.startswith("  expressive ")]
    assert "CodeSystem/therapy|creative-arts Creative arts therapy" in line
    assert "(also read: https://iop-fhir-adapter.org/fhir/CodeSystem/therapy|expressive)" in line
    assert re.search(r"^  yoga +\S+\|yoga Yoga$", shown, re.MULTILINE)


def test_an_added_field_goes_both_ways(followed: dict[str, Followed]) -> None:
    made = followed["Add a field"]
    assert "booking/titled: complete\n" in made.printed
    assert made.json("fixtures/booking/titled/fhir.json")["description"] == "Relapse prevention, part two"
    assert made.json("fixtures/booking/titled/residue.json") == []
    assert "title" in made.json("fixtures/booking/received-ehr/native.json")
    assert "100%" in made.printed[-1]


def test_an_added_concept_has_its_fixtures_its_laws_and_its_page(followed: dict[str, Followed]) -> None:
    made = followed["Add a concept"]
    assert re.search("^vaccination +Immunization ", made.printed[0], re.MULTILINE)
    parked = made.json("fixtures/vaccination/received-ehr/native.json")["incomplete"]
    assert [gap["path"] for gap in parked] == ["Immunization.occurrence"]
    assert "100%" in made.printed[2]
    pages = made.tree / "docs" / "concepts"
    assert "| `lot` | `lotNumber` | text |" in (pages / "vaccination.md").read_text(encoding="utf-8")
    assert "| [vaccination](vaccination.md) | Immunization |" in (pages / "README.md").read_text(encoding="utf-8")


def test_an_added_practice_system_is_imported_and_a_second_time_changes_nothing(
    followed: dict[str, Followed],
) -> None:
    checked, *reports = followed["Add a practice system"].printed
    assert "mappings/sources/northside.toml" in checked
    first, second = (created(report) for report in reports)
    assert first == {"participant": 2, "booking": 2}
    assert second == {"participant": 0, "booking": 0}


def test_no_record_of_the_practice_system_is_incomplete(followed: dict[str, Followed]) -> None:
    rows = [line for line in followed["Add a practice system"].printed[1].splitlines() if "participant" in line]
    assert re.findall(r"\d+", rows[0]) == ["2", "0", "0", "0", "0"]


def created(report: str) -> dict[str, int]:
    """How many records of each concept an import made, as it prints them."""
    lines = (re.findall(r"[\w-]+", line) for line in report.splitlines())
    return {words[0]: int(words[CREATED]) for words in lines if words and words[0] in ("participant", "booking")}


def test_every_block_of_the_page_is_a_step_of_a_recipe() -> None:
    assert sum(1 for step in steps(PAGE) if step.how != "without") == PAGE.count("```") / 2
