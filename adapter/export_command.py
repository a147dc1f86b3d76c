"""The command that writes bulk data into a folder: `iop-adapter export`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from adapter.callers import Purpose
from adapter.terminal import Store, chosen_settings, problems_told, tell


def export(
    folder: Annotated[Path, typer.Argument(help="Where it goes: a folder that is not there, is empty, or was begun.")],
    client: Annotated[str | None, typer.Option("--as", help="The client whom it is for: what it may have.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="All records as kept, for the program alone.")] = False,
    purpose: Annotated[Purpose | None, typer.Option(help="What for; else the first it is registered for.")] = None,
    type: Annotated[list[str] | None, typer.Option(help="Of these types only.")] = None,
    group: Annotated[str | None, typer.Option(help="A roster of the client, by its id.")] = None,
    since: Annotated[datetime | None, typer.Option(help="What is new since then, in the program's zone.")] = None,
    store: Store = None,
) -> None:
    """Write NDJSON files with a manifest into a folder, for a client or for the program itself; goes on where it was
    broken off. An SQLite store must not be served meanwhile."""
    if (client is None) != whole:
        raise typer.BadParameter("say for whom: `--as CLIENT`, or `--whole` for the program itself", param_hint="--as")
    if whole and group is not None:
        raise typer.BadParameter("the whole has no roster", param_hint="--group")
    from adapter import exporter

    settings = chosen_settings(store=store)
    moment = since and (since if since.tzinfo else since.replace(tzinfo=ZoneInfo(settings.zone)))
    if moment and moment > datetime.now(ZoneInfo(settings.zone)):
        raise typer.BadParameter("it is in the future", param_hint="--since")
    with problems_told():
        exporter.export(settings, folder, exporter.Wanted(client, purpose, type or (), group, moment), tell)
    tell(exporter.WARNING if whole else f"{folder}: for {client} alone; the notice of 42 CFR 2.32 is in the manifest")
