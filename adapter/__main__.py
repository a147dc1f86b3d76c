"""The command line: `iop-adapter serve | import | convert | check-mappings | demo`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from adapter import app as building
from adapter.problems import Problem
from adapter.settings import Settings, read_settings

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
errors = Console(stderr=True)


def settings_from_environment(**changes: object) -> Settings:
    """The settings with what the command line says instead; a wrong one ends the program with exit code 2."""
    try:
        return read_settings(os.environ).model_copy(update={k: v for k, v in changes.items() if v is not None})
    except (ValidationError, ValueError) as wrong:
        errors.print(str(wrong), markup=False, highlight=False)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    cli()
