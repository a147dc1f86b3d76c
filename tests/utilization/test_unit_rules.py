"""The rules of payers: which is for whom, and what of a file is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapter.problems import Problem
from adapter.utilization.unit_rules import DEFAULT, KEYS, Rules, load_units, payers_of
from tests.doors.serving import parts

pytestmark = pytest.mark.storeless
SHIPPED = Path(__file__).resolve().parents[2] / "mappings"
PLAIN = 'title = "t"\nservice = "sud_intensive_outpatient"\n'


def loaded(folder: Path, **files: str) -> Rules:
    (folder / "units").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "units" / f"{name}.toml").write_text(text, "utf-8")
    return load_units(folder, parts()[1])


def test_the_shipped_rules_are_the_day_of_h0015_and_that_of_teds() -> None:
    rules = load_units(SHIPPED, parts()[1])
    assert {rule.name: rule.minimum_minutes for rule in rules.all} == {DEFAULT: 180, "teds": 120}
    assert [rule.name for rule in rules.own] == ["teds"]
    assert rules.of(["anybody"], "medicaid", "2026-03-02").name == DEFAULT


def test_who_is_named_comes_before_its_type_and_a_contract_ends(tmp_path: Path) -> None:
    rules = loaded(
        tmp_path,
        default=PLAIN,
        named=f'{PLAIN}payers = ["urn:payers|7", "abc"]\nuntil = 2026-06-30\n',
        later=f'{PLAIN}payers = ["abc"]\nfrom = 2026-07-01\n',
        typed=f'{PLAIN}payer_types = ["medicaid"]\n',
    )
    assert rules.of(["abc"], "medicaid", "2026-06-30").name == "named"
    assert rules.of(["abc"], "medicaid", "2026-07-01").name == "later"
    assert rules.of(["urn:payers|7"], "", "2026-07-01").name == DEFAULT
    assert rules.of(["other"], "medicaid", "2026-07-01").name == "typed"


def test_a_payer_is_known_by_its_id_and_by_what_its_identifiers_say() -> None:
    organization = {"identifier": [{"system": "urn:payers", "value": "7"}, {"system": "urn:payers"}]}
    assert payers_of("Organization/abc", organization) == ["abc", "urn:payers|7"]
    assert payers_of("Patient/abc", None) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("minutes = 3", "x.toml:3: unknown key 'minutes'"),
        ('service = "bread"', "x.toml:3: 'bread' is no word of billed_service"),
        ('services = { dancing = "sud_program" }', "x.toml:3: 'dancing' is no word of episode_kind"),
        ('kinds = ["dancing"]', "x.toml:3: 'dancing' is no word of session_kind"),
        ('modes = ["flying"]', "x.toml:3: 'flying' is no word of session_mode"),
        ('payer_types = ["rich"]', "x.toml:3: 'rich' is no word of payer_type"),
        ('payers = "abc"', "x.toml:3: 'payers' is a list of strings"),
        ("payers = []", "x.toml:3: 'payers' names nothing"),
        ("minutes_per_unit = 0", "x.toml:3: 'minutes_per_unit' is a whole number, 1 or more"),
        ("minutes_per_unit = 1.5", "x.toml:3: 'minutes_per_unit' is a whole number, 1 or more"),
        ("minimum_minutes = true", "x.toml:3: 'minimum_minutes' is a whole number, 0 or more"),
        ("round_from = 8", "x.toml:3: 'round_from' is no more than 'minutes_per_unit'"),
        ("breaks_count = 1", "x.toml:3: 'breaks_count' is true or false"),
        ('over_midnight = "never"', "x.toml:3: 'over_midnight' is one of each_day, day_of_start"),
        ('from = "2026-01-01"', "x.toml:3: 'from' is a date"),
        ("from = 2026-02-01\nuntil = 2026-01-01", "x.toml:4: 'until' is before 'from'"),
        ('service = "sud_program"', "x.toml:3: a rule with a service says whose it is"),
        ('payers = ["abc"]', "'abc' has another rule for some of these days: "),
        ("[", "not TOML"),
    ],
)
def test_a_wrong_rule_is_refused_by_its_line(tmp_path: Path, line: str, why: str) -> None:
    wrong = f'title = "t"\n# as it stands\n{line}\n'
    with pytest.raises(Problem) as refused:
        loaded(tmp_path, default=PLAIN, other=f'{PLAIN}payers = ["abc"]\n', x=wrong)
    assert why in refused.value.message


def test_there_must_be_a_default_and_it_is_for_all(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"default.toml is needed"):
        loaded(tmp_path, x='title = "t"\n')
    with pytest.raises(Problem, match="the default is for all payers and days"):
        loaded(tmp_path, default=f'{PLAIN}payers = ["abc"]\n')


def test_the_rule_that_the_page_shows_is_one(tmp_path: Path) -> None:
    page = (SHIPPED.parent / "docs" / "units.md").read_text("utf-8")
    rules = loaded(tmp_path, default=PLAIN, shown=page.partition("```toml\n")[2].partition("```")[0])
    assert rules.of(["urn:example:payers|7"], None, "2026-03-02").most_units == 16
    said = set(re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in page.splitlines() if line[:3] == "| `")))
    assert said == KEYS
