"""The command line: `iop-adapter --help` lists its commands."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapter.callers import Purpose
from adapter.client_commands import clients
from adapter.demo_command import demo
from adapter.export_command import export
from adapter.partner_commands import partners
from adapter.problems import Problem
from adapter.recount_command import recount
from adapter.refer_command import refer
from adapter.settings import NO_CUSTODIAN, Settings
from adapter.spark_command import spark
from adapter.staff_commands import staff
from adapter.terminal import OPEN_REASON, Port, Store, chosen_settings, problems_told, screen, tell
from adapter.views_command import views
from adapter.work_command import work

if TYPE_CHECKING:
    from adapter.store.reports import Period

cli = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
told = typer.Typer(no_args_is_help=True, help="What the ledger tells of who saw whose records, as CSV.")
_GROUPS = {"disclosures": told, "client": clients, "partner": partners, "spark": spark, "staff": staff, "views": views}
for name, commands in _GROUPS.items():
    cli.add_typer(commands, name=name)
for command in (demo, work, refer, export, recount):
    cli.command()(command)


class Direction(StrEnum):
    """What `convert` makes of each line."""

    FHIR = "fhir"
    NATIVE = "native"


Open = Annotated[bool, typer.Option("--open", help="Serve without authorization, on loopback only.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes that serve; more than one need a PostgreSQL store.")]
Patient = Annotated[str, typer.Argument(help="The id of the Patient.")]
Since = Annotated[
    datetime | None, typer.Option(help="From then on, in the program's time zone; else three years back.")
]
Until = Annotated[
    datetime | None,
    typer.Option(help="Before then, of a bare day before its first hour: name the day after. Else now."),
]
Inside = Annotated[
    bool, typer.Option("--inside", help="Also what stayed in the program and its service organizations.")
]
Consent = Annotated[str | None, typer.Option(help="Only what this consent allowed.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("iop-fhir-adapter"))
        raise typer.Exit


@cli.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """The command line: `iop-adapter --help` lists its commands."""


@cli.command()
def serve(open_: Open = False, port: Port = None, store: Store = None, workers: Workers = 1) -> None:
    """Serve a store as FHIR R4 (/fhir) and natively (/iop)."""
    run_server(chosen_settings(port=port, store=store), workers, open=open_)


def run_server(settings: Settings, workers: int = 1, *, open: bool = False) -> None:
    """Blocks until the server is told to stop."""
    from adapter import server

    if open:
        tell(OPEN_REASON)
    with problems_told():
        server.run(settings, workers, tell, open=open)


@cli.command("import")
def import_(
    source: Annotated[
        str, typer.Argument(help="A name in mappings/sources, or `native` for NDJSON of native records.")
    ],
    paths: Annotated[
        list[Path], typer.Argument(help="A folder of CSV files, an SQLite file, NDJSON files.", exists=True)
    ],
    store: Store = None,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import a practice system's files; importing them again changes nothing."""
    from adapter.importer import run_import

    report = run_import(chosen_settings(store=store), source, paths)
    if json:
        typer.echo(report.json())
    else:
        screen.print(report.table())
    if report.refused:
        raise typer.Exit(1)


@cli.command()
def convert(
    to: Annotated[Direction, typer.Option(help="What to make of each line.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="NDJSON files; standard input without one.", exists=True)
    ] = None,
    residue: Annotated[Path | None, typer.Option(help="NDJSON file for what the maps do not cover.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that convert; the lines stay in their order.")] = 1,
) -> None:
    """Convert NDJSON of native records or FHIR resources, line by line, without a store."""
    from adapter.ingest.converting import convert as converting

    with problems_told():
        raise typer.Exit(converting(chosen_settings(), to.value, files or [], residue, workers))


@cli.command("check-mappings")
def check_mappings(
    show: Annotated[str | None, typer.Option(help="Print one concept's review sheet and compiled source.")] = None,
) -> None:
    """Check every map, table and source; refuse with file and line what is wrong in them."""
    settings = chosen_settings()  # first: a wrong one is told without what takes half a second to import
    from adapter import app
    from adapter.ingest.sources import load_sources
    from adapter.mapping import review
    from adapter.remote.quirks import all_quirks

    with problems_told():
        maps = app.read_maps(settings)
        sources = load_sources(settings.mappings / "sources", maps)
        all_quirks(settings.mappings / "partners")
        typer.echo(review.sheet(maps, show) if show else review.summary(maps, list(sources)))


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there.")], store: Store = None
) -> None:
    """Write a store to a file, also while it is served. Keep the key (IOP_SECRET_FILE) with it."""
    from adapter import keeper

    with problems_told():
        tell(_counted(keeper.backup(chosen_settings(store=store), file), "written and read back"))


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.", exists=True)], store: Store = None
) -> None:
    """Fill a new store, of either kind, from a backup."""
    from adapter import keeper

    with problems_told():
        settings = chosen_settings(store=store)
        tell(_counted(keeper.restore(settings, file), "restored and indexed"))
    _warn(settings)


@cli.command()
def reindex(store: Store = None) -> None:
    """Make what searches read anew; an SQLite store must not be served meanwhile."""
    from adapter import keeper

    with problems_told():
        settings = chosen_settings(store=store)
        keeper.reindex(settings)
    tell("the store is indexed anew")
    _warn(settings)


def _warn(settings: Settings) -> None:
    """What the store knows now of who may disclose is what this program was told."""
    if not settings.custodians:
        tell(NO_CUSTODIAN)


@cli.command("check-store")
def check_store(store: Store = None) -> None:
    """Compute every index row of the store again and compare, also while it is served; exit code 1 for any fault."""
    from adapter import keeper

    with problems_told():
        looked = keeper.check_store(chosen_settings(store=store))
    for fault in looked.faults:
        tell(fault)
    if looked.found:
        tell("`iop-adapter reindex` makes index rows anew; what else is told needs a person")
    tell(f"{looked.versions} versions, {looked.rows} index rows: {looked.found or 'no'} faults")
    if looked.faults:
        raise typer.Exit(1)


@cli.command("check-ledger")
def check_ledger(
    head: Annotated[str | None, typer.Option(help="A head noted before, which the chain must still hold.")] = None,
    acts: Annotated[str | None, typer.Option(help="The same of who wrote.")] = None,
    store: Store = None,
) -> None:
    """Recompute the chains of disclosures and of who wrote, also while it is served; exit code 1 for any fault.

    Note the heads it prints elsewhere: only so is an end that was cut off found later.
    """
    from adapter import officer

    with problems_told():
        looked = officer.check_ledger(chosen_settings(store=store), head)
        wrote = officer.check_acts(chosen_settings(store=store), acts)
    for fault in [*looked.faults, *(wrote.faults if wrote else ())]:
        tell(fault)
    typer.echo(f"{looked.disclosures} disclosures, {looked.batches} batches: {looked.found or 'no'} faults")
    typer.echo(f"head {looked.head}")
    if wrote:
        typer.echo(f"{wrote.acts} acts of writing: {wrote.found or 'no'} faults")
        typer.echo(f"acts {wrote.head}")
    if looked.found or (wrote and wrote.found):
        raise typer.Exit(1)


@cli.command()
def explain(
    record: Annotated[str, typer.Argument(help="The record, as Type/ID.")],
    client: Annotated[str, typer.Option(help="Who would see it.")],
    purpose: Annotated[Purpose | None, typer.Option(help="What for; else the first it is registered for.")] = None,
    person: Annotated[str | None, typer.Option(help="ID of the person it names: an emergency needs one.")] = None,
    at: Annotated[datetime | None, typer.Option(help="For which moment, in the program's zone; else now.")] = None,
    store: Store = None,
) -> None:
    """Which rule shows one record to one client, or hides it, by what stands now; exit code 1 where it is hidden."""
    from adapter import officer

    settings = chosen_settings(store=store)
    with problems_told():
        told = officer.explain(settings, officer.question(settings, client, purpose, person, record, at))
    typer.echo(f"{'shown' if told.permitted else 'hidden'}: {told.reason}")
    if told.permitted and (consent := told.explanation.decision.consent):
        typer.echo(f"by Consent/{consent}")
    for line in told.lines:
        typer.echo(f"  {line}")
    if not told.permitted:
        raise typer.Exit(1)


def _period(settings: Settings, since: datetime | None, until: datetime | None) -> Period:
    from adapter import officer

    try:
        return officer.period_of(settings, since, until, datetime.now(UTC))
    except Problem as problem:
        raise typer.BadParameter(problem.message, param_hint="--until") from None


@told.command()
def accounting(
    patient: Patient, since: Since = None, until: Until = None, inside: Inside = False, store: Store = None
) -> None:
    """Who received what of a patient, when and for what: 42 CFR 2.25, three years at most."""
    from adapter import officer

    settings = chosen_settings(store=store)
    period = _period(settings, since, until)
    with problems_told():
        officer.accounting(settings, patient, period, sys.stdout, inside=inside)


@told.command()
def intermediaries(
    patient: Patient, since: Since = None, until: Until = None, consent: Consent = None, store: Store = None
) -> None:
    """Who received what of a patient under a general designation: 42 CFR 2.24, three years at most."""
    from adapter import officer

    settings = chosen_settings(store=store)
    period = _period(settings, since, until)
    with problems_told():
        officer.intermediaries(settings, patient, period, sys.stdout, consent)


@told.command()
def breach(
    since: Since = None,
    until: Until = None,
    client: Annotated[str | None, typer.Option(help="Only what this client saw.")] = None,
    patient: Annotated[str | None, typer.Option(help="Only what was seen of this patient.")] = None,
    practitioner: Annotated[str | None, typer.Option(help="Only what this person saw.")] = None,
    token: Annotated[str | None, typer.Option(help="Only by the token of this digest.")] = None,
    store: Store = None,
) -> None:
    """Who saw what of whom, each resource by id and version: 42 CFR 2.16(b)."""
    from adapter import officer
    from adapter.store.reports import Suspects

    settings = chosen_settings(store=store)
    period = _period(settings, since, until)
    with problems_told():
        officer.breach(settings, period, sys.stdout, Suspects(client, patient, practitioner, token))


@told.command()
def refusals(since: Since = None, until: Until = None, store: Store = None) -> None:
    """Whose requests were refused, how often and why; a record that is hidden and one that is not there are alike."""
    from adapter import officer

    settings = chosen_settings(store=store)
    period = _period(settings, since, until)
    with problems_told():
        officer.refusals(settings, period, sys.stdout)


@told.command()
def emergencies(
    open_: Annotated[bool, typer.Option("--open", help="Only those that are open now.")] = False, store: Store = None
) -> None:
    """Who opened whose records in a medical emergency, and why, tries included: 42 CFR 2.51(c)."""
    from adapter import officer

    with problems_told():
        officer.emergencies(chosen_settings(store=store), sys.stdout, datetime.now(UTC), open_only=open_)


def _counted(rows: dict[str, int], done: str) -> str:
    records = rows.pop("version", 0)
    others = ", ".join(f"{number} {table}" for table, number in rows.items())
    return f"{records} versions {done}" + (f", with {others}" if others else "")


if __name__ == "__main__":
    cli()
