"""The commands about partners' FHIR servers: `iop-adapter partner --help` lists them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from json import dumps
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.terminal import Store, chosen_settings, problems_told, tell

if TYPE_CHECKING:
    from adapter.exchange.report import Report
    from adapter.interactions.program import Program
    from adapter.remote.partner import Partner
    from adapter.store.partners import PartnerRow, Partners

partners = typer.Typer(no_args_is_help=True, help="Partners' FHIR servers: register, probe, pull from, push to.")

Name = Annotated[str, typer.Argument(help="What the partner is called here.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Every = Annotated[
    int | None,
    typer.Option(min=0, max=44_640, help="Minutes after which it is pulled from again; 0: only when asked."),
]
Follow = Annotated[
    bool | None,
    typer.Option("--follow/--no-follow", help="Push whatever changes here of patients whom it may see."),
]
Queue = Annotated[bool, typer.Option("--queue", help="Leave it to the worker, which tries again what fails.")]


@partners.command()
def add(
    name: Name,
    organization: Annotated[str, typer.Option(help="The id of the Organization that it is, whom a consent names.")],
    base: Annotated[str, typer.Option(help="The https address of its FHIR R4 API.")],
    client: Annotated[str | None, typer.Option(help="What this program is called there (client_id).")] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key, from `client keys`.", exists=True)] = None,
    scope: Annotated[str, typer.Option(help="What it asks for there.")] = "system/*.cruds",
    quirks: Annotated[str, typer.Option(help="A name in mappings/partners.")] = "plain",
    host: Annotated[list[str] | None, typer.Option(help="Another host of it, as where it gives tokens.")] = None,
    every: Every = None,
    follow: Follow = None,
    store: Store = None,
) -> None:
    """Register a partner; its organization sees what a consent lets it see."""
    from adapter import registrar

    settings = chosen_settings(store=store)
    with problems_told():
        proof = (client, key)
        made = registrar.new_partner(settings, name, organization, base, proof, scope, quirks, host or (), time())
        with registrar.partners_of(settings) as known:
            known.add(made)
            known.keep_to(name, every or None, bool(follow), made.made_ms)
        unknown = registrar.check_organization(settings, organization)
    tell(f"{name} is registered at {made.base}")
    if unknown:
        tell(unknown)


@partners.command()
def change(
    name: Name,
    every: Every = None,
    follow: Follow = None,
    base: Annotated[str | None, typer.Option(help="Where its FHIR R4 API is now, with the same records.")] = None,
    store: Store = None,
) -> None:
    """Change how often a partner is pulled from, whether what changes here is pushed, or where it is; what is not said
    stays."""
    from adapter import registrar

    with problems_told(), registrar.partners_of(chosen_settings(store=store)) as known:
        if base is not None:
            known.move(name, registrar.partners_address(base))
        row = known.named(name)
        often = row.every_minutes if every is None else every or None
        known.keep_to(name, often, row.followed is not None if follow is None else follow, int(time() * 1000))
        row = known.named(name)
    tell(f"{name} is {_habits(row)}")


@partners.command("list")
def list_(store: Store = None) -> None:
    """List the partners."""
    from adapter import registrar

    with problems_told(), registrar.partners_of(chosen_settings(store=store)) as known:
        found = known.listed()
    for one in found:
        how = f"as {one.client}" if one.client else "without a token"
        typer.echo(f"{one.name}: Organization/{one.organization} at {one.base}, {how}, {one.quirks}")
        typer.echo(f"  {'enabled' if one.enabled else 'disabled'}; asks for {one.scope}; {_habits(one)}")
    if not found:
        tell("no partner is registered")


@partners.command()
def disable(name: Name, store: Store = None) -> None:
    """Ask a partner nothing and send it nothing from now on."""
    _enable(name, store, enabled=False)


@partners.command()
def enable(name: Name, store: Store = None) -> None:
    """Ask a partner again."""
    _enable(name, store, enabled=True)


@partners.command()
def probe(name: Name, store: Store = None) -> None:
    """Ask a partner's server what it can do."""

    async def work(program: Program, partner: Partner, row: PartnerRow) -> None:
        found = await partner.probe()
        typer.echo(f"{row.name}: FHIR {found.version}, {found.software or 'of no name'}")
        typer.echo(f"  transaction {'yes' if found.transaction else 'no'}")
        for type, offered in sorted(found.types.items()):
            typer.echo(f"  {type}: {', '.join(sorted(offered.interactions))}")

    _asked(chosen_settings(store=store), name, work)


@partners.command()
def pull(
    name: Name,
    since: Annotated[datetime | None, typer.Option(help="What changed there since then; else since last time.")] = None,
    type: Annotated[
        list[str] | None, typer.Option(help="Only records of this type; may be said several times.")
    ] = None,
    queue: Queue = False,
    json: Json = False,
    store: Store = None,
) -> None:
    """Take what has changed at a partner's server; what cannot be taken is named, and ends with exit code 1."""
    if queue:
        if since or type or json:
            raise typer.BadParameter("the worker takes all that has changed since last time", param_hint="--queue")
        return _asked_for(store, name, lambda known: known.pull(name, int(time() * 1000)))
    from adapter.exchange.pulling import Pull

    settings = chosen_settings(store=store)
    start = since.replace(tzinfo=since.tzinfo or ZoneInfo(settings.zone)) if since else None

    async def work(program: Program, partner: Partner, row: PartnerRow) -> None:
        made = Pull(program, partner, row, type or ())
        try:
            await made.run(start)
        finally:
            _print(made.report, json)
        if made.report.left:
            raise typer.Exit(1)

    return _asked(settings, name, work)


@partners.command()
def push(
    name: Name,
    patient: Annotated[str, typer.Option(help="The id of the Patient.")],
    queue: Queue = False,
    json: Json = False,
    store: Store = None,
) -> None:
    """Send what the consent allows of one patient; each disclosure is in the ledger before it leaves."""
    if queue:
        if json:
            raise typer.BadParameter("what becomes of it is told by `partner queue`", param_hint="--queue")
        return _asked_for(store, name, lambda known: known.push(name, patient, int(time() * 1000)))
    from adapter import app
    from adapter.exchange.pushing import Push
    from adapter.interactions.types import served
    from adapter.store.ledger import Ledger
    from adapter.store.ledger_places import place_of

    async def work(program: Program, partner: Partner, row: PartnerRow) -> None:
        matrix = app.matrix_of(program.settings, program.maps, served(program))
        ledger = Ledger(place_of(program.settings.store), program.clock)
        try:
            made = Push(program, partner, row, matrix, ledger)
            try:
                await made.run(patient)
            finally:
                _print(made.report, json)
        finally:
            ledger.close()
        if made.report.left:
            raise typer.Exit(1)

    return _asked(chosen_settings(store=store), name, work)


@partners.command()
def queue(name: Name, json: Json = False, store: Store = None) -> None:
    """List what waits for a partner, what failed, how often it was tried and why, and which records were left."""
    from adapter import keeper
    from adapter.exchange.waiting import Waiting, waiting

    settings = chosen_settings(store=store)
    with problems_told(), keeper.asked(settings) as database:
        found: list[Waiting] = waiting(database, name)
    zone = ZoneInfo(settings.zone)
    if json:
        typer.echo(dumps([one.said(zone) for one in found], indent=2, ensure_ascii=False))
        return
    for one in found:
        for line in one.lines(zone):
            typer.echo(line)
    if not found:
        tell(f"nothing waits for {name}")


def _asked_for(store: str | None, name: str, work: Callable[[Partners], None]) -> None:
    """Have something put into a partner's queue; Problem(FORBIDDEN) for one that is disabled."""
    from adapter import registrar

    with problems_told(), registrar.partners_of(chosen_settings(store=store)) as known:
        if not known.named(name).enabled:
            raise Problem(Kind.FORBIDDEN, f"the partner {name} is disabled")
        work(known)
    tell(f"asked for; `iop-adapter partner queue {name}` tells how it stands")


def _habits(row: PartnerRow) -> str:
    often = f"pulled from every {row.every_minutes} minutes" if row.every_minutes else "pulled from when asked"
    return f"{often}, {'pushed what changes' if row.followed is not None else 'pushed to when asked'}"


def _asked(settings: Settings, name: str, work: Callable[[Program, Partner, PartnerRow], Awaitable[None]]) -> None:
    """Have work done with a program and a partner; what is wrong is told."""
    from adapter import app
    from adapter.exchange.opening import opened, registered

    async def within(program: Program) -> None:
        row = registered(program, name)
        async with opened(program, row) as partner:
            await work(program, partner, row)

    with problems_told(), app.opened(settings) as program:
        asyncio.run(within(program))


def _enable(name: str, store: str | None, *, enabled: bool) -> None:
    from adapter import registrar

    with problems_told(), registrar.partners_of(chosen_settings(store=store)) as known:
        known.enable(name, enabled, int(time() * 1000))
    tell(f"{name} is {'enabled' if enabled else 'asked nothing and sent nothing'}")


def _print(report: Report, json: bool) -> None:
    typer.echo(report.json() if json else "\n".join(report.lines()))
