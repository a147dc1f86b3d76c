"""The plan of the house, checked: floors, sizes, names, and everything the README claims that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from adapter.settings import Settings, read_settings, settings_table
from adapter.store.migrate import migrations
from tests.nightly import BY_CONCEPT

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "adapter").rglob("*.py"))
NO_NAMES = {"utils", "helpers", "common", "core", "services", "managers"}


def test_every_module_imports_from_lower_floors_only() -> None:
    ended = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_functions_stay_short_and_documented(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    tree = ast.parse(text)
    assert text == "" or ast.get_docstring(tree), "a module says in its docstring what it is"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = node.body[1:] if ast.get_docstring(node) and node.body[1:] else node.body
            assert (node.end_lineno or 0) - said[0].lineno < 25, f"{node.name} is too long"


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not {path.stem for path in MODULES} & NO_NAMES
    assert not {path.parent.name for path in MODULES} & NO_NAMES


def test_the_readme_lists_every_setting() -> None:
    assert settings_table() in (ROOT / "README.md").read_text()


def test_an_unknown_setting_refuses_the_start() -> None:
    with pytest.raises(ValueError, match="unknown setting IOP_PORTT"):
        read_settings({"IOP_PORTT": "1"})
    assert read_settings({}).port == Settings().port


def test_what_the_nightly_run_takes_concept_by_concept_has_no_test_of_anything_else() -> None:
    for path in BY_CONCEPT:
        tests = [node for node in ast.parse(path.read_text()).body if getattr(node, "name", "").startswith("test_")]
        assert tests
        for node in tests:
            assert isinstance(node, ast.FunctionDef)
            assert any('parametrize("concept"' in ast.unparse(mark).replace("'", '"') for mark in node.decorator_list)


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text()))
    assert {"demo", "test"} <= named <= targets


def test_every_command_that_the_readme_names_exists() -> None:
    shown = subprocess.run([sys.executable, "-m", "adapter", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    for command in set(re.findall(r"\biop-adapter ([a-z][a-z-]+)", (ROOT / "README.md").read_text())):
        assert command in shown.stdout


def test_every_path_that_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / "README.md").read_text())
    assert all((ROOT / link).exists() for link in links)


def test_no_install_step_names_the_host_of_a_registry() -> None:
    hosts = re.compile(r"https?://[^ \"]*(pypi|pythonhosted|npmjs|maven)", re.IGNORECASE)
    names = ("Makefile", "Dockerfile", ".ci/run", "pyproject.toml")
    clients = ROOT / "tests" / "clients"  # what other people's clients are installed from
    others = (*ROOT.glob("requirements*.lock"), *clients.glob("requirements/*"), clients / "js" / "package.json")
    for path in (*(ROOT / name for name in names), *others):
        assert not hosts.search(path.read_text()), path


def test_everything_pinned_for_running_is_pinned_alike_for_developing() -> None:
    base, views, spark, developing = (
        set(re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-views.lock", "requirements-spark.lock", "requirements-dev.lock")
    )
    assert base < views < developing
    assert base < spark


@pytest.mark.parametrize("folder", [(), ("postgres",), ("ledger",), ("ledger_postgres",)])
def test_migrations_are_numbered_one_after_another(folder: tuple[str, ...]) -> None:
    numbers = [number for number, _ in migrations(*folder)]
    assert numbers == list(range(1, len(numbers) + 1))
