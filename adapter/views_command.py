"""The commands about views: `iop-adapter views --help` lists them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.terminal import chosen_settings, problems_told, tell

if TYPE_CHECKING:
    from adapter.utilization.views import View

views = typer.Typer(no_args_is_help=True, help="Flat tables of exported records: ViewDefinitions of SQL on FHIR v2.")

Exported = Annotated[Path, typer.Argument(help="A folder of TYPE*.ndjson.", exists=True, file_okay=False)]
Out = Annotated[Path | None, typer.Option(help="FILE.csv or FILE.parquet; else CSV on standard output.")]


@views.command("list")
def list_() -> None:
    """Every view, the resource type it is of, and its columns."""
    with problems_told():
        for view in _ours(chosen_settings()):
            typer.echo(f"{view.name} ({view.resource}): {view.title}")
            typer.echo(f"  {', '.join(column.name for column in view.columns)}")


@views.command()
def check(files: Annotated[list[Path] | None, typer.Argument(help="Your own; else ours.", exists=True)] = None) -> None:
    """Read ViewDefinitions, and say by file and place what in them is not understood."""
    with problems_told():
        settings = chosen_settings()
        read = _read(settings, files) if files else _ours(settings)
    typer.echo(f"{len(read)} views: no faults")


@views.command()
def run(
    folder: Exported,
    view: Annotated[str, typer.Option(help="A name of `views list`, or the file of a ViewDefinition of your own.")],
    out: Out = None,
) -> None:
    """Make the table of a view; a line of which none can be made is told and left out, with exit code 1."""
    with problems_told():
        found = _one(chosen_settings(), view)
        from adapter.utilization.views_tables import Rows, write_table

        rows = Rows(found, folder, tell)
        write_table(rows, out, sys.stdout)
    _end(rows.bad)


@views.command()
def query(
    folder: Exported,
    sql: Annotated[str, typer.Argument(help="SELECT ... in DuckDB's SQL, the views being tables.")],
    out: Out = None,
) -> None:
    """Ask several views at once by SQL."""
    with problems_told():
        ours = _ours(chosen_settings(), re.findall(r"\w+", sql))
        try:
            from adapter.utilization.views_duckdb import asked
        except ImportError:
            raise _NO_EXTRA from None
        from adapter.utilization.views_tables import check_out, write_table

        check_out(out)
        with asked(sql, ours, folder, tell) as (found, bad):
            write_table(found, out, sys.stdout)
    _end(bad)


_NO_EXTRA = Problem(Kind.NOT_SUPPORTED, "views need the extra `views`: pip install 'iop-fhir-adapter[views]'")


def _one(settings: Settings, view: str) -> View:
    if view.endswith(".json"):
        return _read(settings, [Path(view)])[0]
    if found := _ours(settings, [view]):
        return found[0]
    raise Problem(Kind.NOT_FOUND, f"{view} is no view; there are {', '.join(path.stem for path in _files(settings))}")


def _files(settings: Settings) -> list[Path]:
    return sorted((settings.mappings / "views").glob("*.json"))


def _ours(settings: Settings, names: Iterable[str] | None = None) -> list[View]:
    """Those of the names, or all; to read a path takes a millisecond, and all views have more than a hundred."""
    named = None if names is None else {name.casefold() for name in names}  # SQL does not tell case apart
    return _read(settings, [file for file in _files(settings) if named is None or file.stem.casefold() in named])


def _read(settings: Settings, files: Iterable[Path]) -> list[View]:
    try:
        from adapter.utilization.views_reading import read_views
    except ImportError:
        raise _NO_EXTRA from None
    from adapter.fhir.elements import Definitions

    return read_views(files, Definitions.load(settings.profiles / "r4"))


def _end(bad: int) -> None:
    if bad:
        tell(f"bad lines: {bad}")
        raise typer.Exit(1)
