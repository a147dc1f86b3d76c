"""The command that counts program days again after a rule was edited: `iop-adapter recount`."""

from __future__ import annotations

from typing import Annotated

import typer

from adapter.settings import NO_CUSTODIAN
from adapter.terminal import Store, chosen_settings, problems_told, tell


def recount(
    participant: Annotated[str | None, typer.Option(help="The days of this participant alone, by the id.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False,
    store: Store = None,
) -> None:
    """Count program days again by the rules of mappings/units as they are, after one was edited.

    Names each service that is another then. An SQLite store must not be served meanwhile. Exit code 1 where somebody's
    days are refused.
    """
    from adapter import app, keeper
    from adapter.utilization.recounting import recount as counted

    settings = chosen_settings(store=store)
    with problems_told():
        with keeper.asked(settings):
            pass  # one is made by whoever serves it, and not by a name that was mistyped
        if not settings.custodians:
            tell(NO_CUSTODIAN)
    with problems_told(), app.opened(settings) as program:
        found = counted(program, typer.echo, write=not dry_run, participant=participant)
    tell(f"{found.said}{': nothing is written' if dry_run else ''}")
    if found.refused:
        raise typer.Exit(1)
