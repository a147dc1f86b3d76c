"""The running validators, and the defence of what they call errors. Only `make conformance` collects this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.conformance import tools
from tests.conformance.defended import Defence
from tests.conformance.filters import Filter, Finding, Subject
from tests.conformance.subjects import SEED

MAKERS = {"java": tools.java, "medplum": tools.medplum, "pyrofile": tools.pyrofile}
Ask = Callable[[str, list[Subject]], list[list[Finding]]]


def pytest_report_header() -> str:
    return f"conformance: seed {SEED}"


@pytest.fixture(scope="session")
def filters() -> Iterator[dict[str, Filter | str]]:
    """Each validator, running; or the reason why it is not here."""
    found: dict[str, Filter | str] = {}
    with ExitStack() as stack:
        for name, make in MAKERS.items():
            try:
                given = tools.definitions()
                found[name] = Filter(name, make(given), tools.BUILD / f"{name}.log")
                stack.callback(found[name].close)
            except tools.Missing as missing:
                found[name] = str(missing)
        yield found


@pytest.fixture(scope="session")
def ask(filters: dict[str, Filter | str]) -> Ask:
    """What a validator says of subjects; skips, with the reason, where it is not here."""

    def asked(name: str, subjects: list[Subject]) -> list[list[Finding]]:
        validator = filters[name]
        if isinstance(validator, str):
            pytest.skip(f"{name}: {validator}")
        return validator.findings(subjects)

    return asked


@pytest.fixture(scope="session")
def defence() -> Defence:
    return Defence()
