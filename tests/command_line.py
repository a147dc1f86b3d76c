"""The command line in a process of its own, as a person or a script starts it, and in the test's own process.

That it starts, ends with its exit code and keeps its two streams apart is proved by processes. What else a command says
and does is the same in the test's process, where nothing is imported and no definition read anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from typer.main import get_command

from adapter.__main__ import cli

ROOT = Path(__file__).resolve().parent.parent
# No command takes longer.
SECONDS = 120

Ended = subprocess.CompletedProcess[str]


def command(*arguments: object) -> list[str]:
    """What a process of the command line is started with."""
    return [sys.executable, "-m", "adapter", *map(str, arguments)]


def started(environment: Mapping[str, str], *arguments: object, said: str = "") -> Ended:
    """A command in a process of its own, as it ended."""
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=environment, input=said, capture_output=True, text=True, timeout=SECONDS
    )


@cache
def _commands() -> Callable[..., object]:
    """All commands, which are made of their functions once."""
    return get_command(cli)


def called(environment: Mapping[str, str], *arguments: object, said: str = "") -> Ended:
    """The same command in this process; what a process would print as a traceback is raised."""
    words, out, errors = [str(one) for one in arguments], *(TextIOWrapper(BytesIO(), "utf-8") for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
        patch.chdir(ROOT)
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr("sys.stdin", TextIOWrapper(BytesIO(said.encode()), "utf-8"))
        with pytest.raises(SystemExit) as ended:
            _commands()(words, prog_name="python -m adapter")
    return subprocess.CompletedProcess(words, int(ended.value.code or 0), _text(out), _text(errors))


def _text(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
