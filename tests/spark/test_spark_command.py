"""The commands for Spark where there is none."""

from __future__ import annotations

import sys

import pytest
from typer.testing import CliRunner

from adapter.__main__ import cli


@pytest.mark.parametrize("command", [("convert", "--to", "fhir"), ("weeks",)])
def test_without_the_extra_a_command_says_what_it_needs(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("pyspark", "pyspark.errors", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, module, None)
    ended = CliRunner().invoke(cli, ["spark", *command, "in.ndjson", "--out", "out"])
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "Spark needs the extra `spark` and Java 17: pip install 'iop-fhir-adapter[spark]'" in ended.stderr
