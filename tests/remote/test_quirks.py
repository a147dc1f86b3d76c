"""The files of partners' quirks: those that are shipped are read, and faults are refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapter.problems import Kind, Problem
from adapter.remote.quirks import Quirks, Searching, all_quirks, load_quirks

pytestmark = pytest.mark.storeless


def test_every_shipped_file_is_read_and_says_what_it_is_about(root: Path) -> None:
    found = all_quirks(root / "mappings" / "partners")
    assert found["plain"] == Quirks("plain", found["plain"].about)
    assert all(quirks.about for quirks in found.values())
    condition = found["by-patient"].search("Condition")
    assert (condition.patient, len(condition.needs["category"])) == ("patient", 3)
    assert found["by-patient"].search("Patient") == Searching()


def test_a_name_that_is_no_file_names_the_others(root: Path) -> None:
    for name in ("nowhere", "../release/matrix", ""):
        with pytest.raises(Problem, match="plain") as found:
            load_quirks(root / "mappings" / "partners", name)
        assert found.value.kind is Kind.NOT_FOUND


BAD = {
    "": "odd.toml:1: 'about' must be",
    "about = 1": "odd.toml:1: 'about'",
    'about = "x"\nserver = 1': "odd.toml:2: [server] must be a table",
    'about = "x"\n[server]\ntransactions = false': "odd.toml:3: unknown setting 'transactions'",
    'about = "x"\n[server]\ntotal = "no"': "odd.toml:3: 'total' must be true or false",
    'about = "x"\n[paging]\ncount = -1': "odd.toml:3: 'count' must be a number",
    'about = "x"\n[paging]\ncount = true': "odd.toml:3: 'count' must be a number",
    'about = "x"\n[paging]\noffset = "a b"': "odd.toml:3: 'offset' must be the name",
    'about = "x"\n[headers]\nAuthorization = "x"': "odd.toml:3: the header 'Authorization'",
    'about = "x"\n[headers]\nX-Key = "a\\nb"': "odd.toml:3: the header 'X-Key' must be a text of one line",
    'about = "x"\n[search]\nCondition = 1': "odd.toml:3: a search is a table",
    'about = "x"\n[search.condition]\npatient = "patient"': "odd.toml:2: a search is a table",
    'about = "x"\n[search.Condition]\nneeds = 1': "odd.toml:3: 'needs' must be a table",
    'about = "x"\n[search.Condition]\nneeds.category = []': "odd.toml:3: 'needs' must be a table",
    'about = "x"\n[search.Condition]\npatients = "x"': "odd.toml:3: unknown setting 'patients'",
    "about = [": "odd.toml:1: not TOML",
}


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_is_refused_with_file_and_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text(text)
    with pytest.raises(Problem) as found:
        load_quirks(tmp_path, "odd")
    assert f"partners/{BAD[text]}" in found.value.message
