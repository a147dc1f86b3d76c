"""Lists of codes that tell of something sensitive: refused with file and line when they lie, and the shipped ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapter.mapping.load import Maps
from adapter.mapping.sensitive_codes import SensitiveCodes
from adapter.problems import Problem

FILE = "tables/sensitive_codes.toml"
LIST = '[icd]\nsystem = "urn:icd"\ngrade = "B"\nsource = "somewhere"\n'
SENSITIVITY = 'system = "urn:s"\ngrade = "A"\n[rows]\nhiv = { code = "HIV" }\n'
Spoil = Callable[..., Maps]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (LIST + '[icd.starts]\nB20 = ["hiv"]\n[icd.codes]\nX = ["plague"]\n', "toml:8: 'plague' is no word of"),
        (LIST.replace('"B"', '"U"'), "toml:3: grade must be one of A, A-, B"),
        (LIST.replace('source = "somewhere"', ""), "toml:1: 'source' must be a string"),
        (LIST + 'ends = ["x"]', "toml:5: unknown key of a list of codes 'ends'"),
        ('[tables]\nnone = ["hiv"]', "toml:2: unknown table 'none'"),
    ],
)
def test_a_list_that_cannot_be_right_is_refused(loaded: Spoil, text: str, why: str) -> None:
    loaded("tables/sensitivity.toml", "", SENSITIVITY)
    with pytest.raises(Problem) as refused:
        loaded(FILE, "", text)
    assert why in str(refused.value)


def test_codes_are_found_whole_by_their_beginning_and_by_the_table_that_reads_them(loaded: Spoil) -> None:
    loaded("tables/sensitivity.toml", "", SENSITIVITY)
    text = LIST + '[icd.starts]\nB20 = ["hiv"]\n[icd.codes]\nZ = ["hiv"]\n[tables]\ncheck = ["hiv"]\n'
    found = loaded(FILE, "", text).sensitive
    told = [("urn:icd", "B20.1"), ("urn:icd", "Z"), ("urn:check", "rinse")]
    assert [found.labels(*key) for key in told] == [{"HIV"}] * 3
    assert [found.labels(*key) for key in [("urn:icd", "B2"), ("urn:icd", "Z1"), ("", "B20")]] == [frozenset()] * 3


def test_maps_without_such_lists_have_none(loaded: Spoil) -> None:
    assert loaded().sensitive == SensitiveCodes()
