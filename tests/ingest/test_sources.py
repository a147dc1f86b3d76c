"""The source file: what it may say, and that everything else is refused with its file and line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.canonical import BASE
from adapter.ingest.source_form import well_formed
from adapter.ingest.sources import SourceFile, identifying_systems, load_source
from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.load import Maps
from adapter.problems import Problem

pytestmark = pytest.mark.storeless

SOUND = """
source = "acme"
zone = "America/Denver"

[keys]
client = { system = "/sid/acme/client", digits = 4 }
visit = { system = "urn:acme:visit" }

[words.sex]
F = "female"

[tables.clients]
key = "no"
[tables.clients.columns]
no = { key = "client" }
name = "person_name"
sex = "text"
shoe_size = { ignored = "of no use" }
[tables.clients.makes.participant]
when = { sex = ["F"] }
[tables.clients.makes.participant.fields]
names = "name"
sex = { column = "sex", words = "sex" }

[tables.kinds]
key = "kind"
[tables.kinds.columns]
kind = "text"
text = "text"

[tables.visits]
key = "no"
[tables.visits.columns]
no = { key = "visit" }
client = { key = "client" }
kind = "text"
[tables.visits.joins]
kind = { table = "kinds", by = "kind" }
[tables.visits.makes.booking.fields]
participant = { record = "participant", key = "client" }
status = { value = "booked" }
note = "kind.text"

[tables.moods]
ignored = "nobody knows what they mean"
"""

WRONG = {
    "an unknown section": ("[keys]", "[rules]\nx = 1\n[keys]", "unknown section 'rules'"),
    "a name that is not the file's": ('"acme"', '"acne"', "source must be the file's name, 'acme'"),
    "an unknown zone": ("America/Denver", "Mountain", "IANA time zone"),
    "an unknown kind of cell": ('"person_name"', '"nickname"', "unknown kind of cell 'nickname'"),
    "an unknown kind of key": ('key = "client" }\nname', 'key = "patient" }\nname', "a column is a kind of cell"),
    "an unused column": (
        'shoe_size = { ignored = "of no use" }',
        'shoe_size = "text"',
        "column 'shoe_size' is not used",
    ),
    "a reason that is missing": ('ignored = "of no use"', 'ignored = ""', "is not valid under any"),
    "a column that is not there": (
        'names = "name"',
        'names = "full_name"',
        "table 'clients' has no column 'full_name'",
    ),
    "an ignored column in use": ('names = "name"', 'names = "shoe_size"', "no column 'shoe_size' to use"),
    "an unknown concept": ("makes.participant", "makes.patient", "unknown concept 'patient'"),
    "an unknown field": ("names = ", "nick_names = ", "'nick_names' is not a field that a source can give"),
    "a field of the import's own": (
        "status = ",
        "identifiers = ",
        "'identifiers' is not a field that a source can give",
    ),
    "a word that is not ours": ('F = "female"', 'F = "woman"', "'woman' is not a word of sex"),
    "a constant that is not ours": ('"booked"', '"made"', "'made' is not a word of status"),
    "unknown words": ('words = "sex"', 'words = "gender"', "unknown words 'gender'"),
    "words that nobody uses": ("[words.sex]", "[words.mood]\nA = 'b'\n[words.sex]", "words 'mood' are not used"),
    "a reference to the wrong concept": ('"participant", key', '"site", key', "participant cannot point to 'site'"),
    "a reference without a key": (
        'key = "client" }\nstatus',
        'key = "kind" }\nstatus',
        "column 'kind' does not hold a key",
    ),
    "a reference by text": ('{ record = "participant", key = "client" }', '"client"', "a reference is { record"),
    "a join with an unknown table": ('table = "kinds"', 'table = "sorts"', "unknown table 'sorts'"),
    "a join by an unknown column": ('by = "kind"', 'by = "sort"', "no column 'sort'"),
    "an expression": ('names = "name"', 'names = { column = "name", if = "sex" }', "unknown setting 'if'"),
    "a reader that does not exist": ('names = "name"', 'names = { column = "name", as = "guess" }', "reader 'guess'"),
    "a table without key": ('key = "no"\n[tables.visits', "[tables.visits", "needs a key"),
    "a key that is ignored": ('key = "no"\n[tables.clients', 'key = "shoe_size"\n[tables.clients', "not ignored"),
    "an ignored table that does something": (
        'nobody knows what they mean"',
        "x\"\nkey = 'y'",
        "nothing but the reason",
    ),
    "a join by a later one": ('by = "kind"', 'by = "other.kind"', "is of no join above"),
    "a number for a name": ('key = "no"\n[tables.visits.columns', "key = 1\n[tables.visits.columns", "not of type"),
    "not TOML": ("[keys]", "[keys", "not TOML"),
}


@pytest.fixture
def load(tmp_path: Path, maps: Maps) -> Callable[[str], object]:
    """Loads a source file with this text."""

    def run(text: str) -> object:
        (tmp_path / "acme.toml").write_text(text)
        return load_source(tmp_path, "acme", maps)

    return run


def test_a_sound_source_file_is_read(load: Callable[[str], object], tmp_path: Path) -> None:
    load(SOUND)
    assert identifying_systems(tmp_path) == {BASE + "/sid/acme/client", "urn:acme:visit"}


@pytest.mark.parametrize(("old", "new", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_source_file_is_refused_with_file_and_line(
    old: str, new: str, message: str, load: Callable[[str], object]
) -> None:
    assert old in SOUND
    text = SOUND.replace(old, new, 1)
    with pytest.raises(Problem) as problem:
        load(text)
    told = {issue.expression: issue.message for issue in problem.value.issues if message in issue.message}
    assert told, [issue.message for issue in problem.value.issues]
    changed = [number for number, line in enumerate(text.splitlines(), 1) if line not in SOUND.splitlines()]
    lines = {int(place.partition(":")[2]) for place in told if place and place.startswith("sources/acme.toml:")}
    assert len(lines) == len(told)
    assert all(0 < line <= len(text.splitlines()) for line in lines)
    if message not in ("needs a key", "is not valid under any") and "not used" not in message and changed:
        assert min(abs(line - near) for line in lines for near in changed) <= 1


def places(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, child in value.items() if isinstance(value, dict) else ():
        yield (*at, name)
        yield from places(child, (*at, name))


@pytest.mark.parametrize("wrong", [3, True, "zz", "", [], [1], {"zz": 1}, None], ids=repr)
def test_a_source_file_of_any_form_is_read_or_refused_and_never_breaks_the_reader(
    wrong: Any, maps: Maps, tmp_path: Path
) -> None:
    (tmp_path / "acme.toml").write_text(SOUND)
    for *above, name in places(tomllib.loads(SOUND)):
        declared = Declaration(tmp_path / "acme.toml", "acme.toml", Refusals())
        spoilt = declared.content
        for step in above:
            spoilt = spoilt[step]
        spoilt[name] = wrong
        if wrong is None:
            del spoilt[name]
        source = SourceFile(declared, maps).read() if well_formed(declared) else None
        assert declared.refusals.issues or source


def test_rows_that_make_records_are_joined_by_their_key_only(load: Callable[[str], object]) -> None:
    wrong = SOUND.replace(
        'kind = { table = "kinds", by = "kind" }', 'kind = { table = "clients", by = "kind", on = "sex" }'
    )
    with pytest.raises(Problem, match="rows of 'clients' make records"):
        load(wrong)


def test_every_wrong_line_is_told_at_once(load: Callable[[str], object]) -> None:
    with pytest.raises(Problem) as problem:
        load(SOUND.replace('"booked"', '"made"').replace("America/Denver", "Mountain"))
    assert len(problem.value.issues) == 2


def test_every_shipped_source_is_read_with_the_shipped_maps(root: Path, maps: Maps) -> None:
    sources = sorted((root / "mappings" / "sources").glob("*.toml"))
    assert [load_source(path.parent, path.stem, maps).name for path in sources] == [path.stem for path in sources]
