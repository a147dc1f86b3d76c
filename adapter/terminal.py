"""What every command does alike: the settings it reads, how it says what is wrong, and where."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from adapter.problems import Problem
from adapter.settings import Settings, read_settings

screen = Console()
errors = Console(stderr=True)

OPEN_REASON = "Open: whoever reaches the port reads and writes every record, and nothing of it is in the ledger."

Store = Annotated[
    str | None,
    typer.Option(
        help="An SQLite file or `postgresql://user@host/name`; else IOP_STORE, which shows no password to others."
    ),
]
Port = Annotated[int | None, typer.Option(help="Port to listen on; else IOP_PORT.")]


def chosen_settings(**changes: object) -> Settings:
    """The settings, with what the command line says instead; a wrong one ends the program with exit code 2."""
    try:
        return read_settings(os.environ, **{name: value for name, value in changes.items() if value is not None})
    except ValidationError as wrong:
        for error in wrong.errors():
            if error["type"] != "default_factory_not_called":  # follows from another error
                name = f"IOP_{'.'.join(map(str, error['loc'])).upper()}"
                tell(f"{name}: {error['msg'].removeprefix('Value error, ')}")
        raise typer.Exit(2) from None
    except ValueError as wrong:
        tell(str(wrong))
        raise typer.Exit(2) from None


@contextmanager
def problems_told() -> Iterator[None]:
    """Ends the program with exit code 1 and what is wrong on standard error, instead of a traceback."""
    try:
        yield
    except Problem as problem:
        for issue in problem.issues:
            told = issue.message.startswith(issue.expression or "")
            tell(issue.message if told else f"{issue.expression}: {issue.message}")
        raise typer.Exit(1) from None
    except BrokenPipeError:
        raise  # whoever reads has had enough, which is no fault; Typer ends quietly
    except OSError as wrong:
        tell(f"{wrong.filename}: {wrong.strerror}" if wrong.filename else str(wrong))
        raise typer.Exit(1) from None


def tell(message: str) -> None:
    """One message on standard error, as it is."""
    errors.print(message, markup=False, highlight=False, soft_wrap=True)
