"""The commands about the accounts of the staff: `iop-adapter staff --help` lists them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from adapter.consent.matrix import Role
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.terminal import Store, chosen_settings, problems_told, tell

if TYPE_CHECKING:
    from adapter.store.staff import Account, Staff

staff = typer.Typer(no_args_is_help=True, help="Who of the staff may log in: accounts, their roles, what proves them.")

Name = Annotated[str, typer.Argument(help="The name that somebody logs in by.")]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input; else one is made and printed.")
]
Subject = Annotated[
    str | None, typer.Option(help="Who he is to the outside issuer (sub); then he has no password here.")
]
Issuer = Annotated[str | None, typer.Option(help="That issuer; else IOP_OIDC_ISSUER.")]


@staff.command()
def add(
    name: Name,
    practitioner: Annotated[str, typer.Option(help="The id of the Practitioner who he is in the records.")],
    role: Annotated[list[Role], typer.Option(help="What he does in the program; may be said several times.")],
    password_stdin: Stdin = False,
    subject: Subject = None,
    issuer: Issuer = None,
    store: Store = None,
) -> None:
    """Open an account; prints the password, if it was made here, and the address for an authenticator app, once."""
    from adapter import registrar

    settings = chosen_settings(store=store)
    with problems_told():
        made = registrar.new_account(name, practitioner, role, datetime.now(UTC))
        with registrar.staff_of(settings) as known:
            proved, told = _proved(settings, made, subject, issuer, stdin=password_stdin)
            known.add(proved)
        unknown = registrar.check_practitioner(settings, practitioner)
    _show(told)
    tell(f"{name} may log in as Practitioner/{practitioner}: {made.roles}")
    if unknown:
        tell(unknown)


@staff.command("list")
def list_(store: Store = None) -> None:
    """List the accounts."""
    from adapter import registrar

    settings = chosen_settings(store=store)
    with problems_told(), registrar.staff_of(settings) as known:
        found = known.listed()
    for account in found:
        typer.echo("\n".join(_sheet(account)))
    if not found:
        tell("nobody of the staff has an account")


@staff.command()
def reset(
    name: Name, password_stdin: Stdin = False, subject: Subject = None, issuer: Issuer = None, store: Store = None
) -> None:
    """Replace what proves somebody; his tokens end, and a name that was locked is not any more."""
    with _changed(store, name) as (known, account, settings):
        proved, told = _proved(settings, account, subject, issuer, stdin=password_stdin)
        known.set_proof(proved)
    _show(told)
    tell(f"{name} proves himself anew; the tokens he had are void")


@staff.command()
def disable(name: Name, store: Store = None) -> None:
    """Refuse somebody from now on, with the tokens that he has."""
    with _changed(store, name) as (known, account, _):
        known.enable(account, False)
    tell(f"{name} cannot log in, and the tokens he had are void")


@staff.command()
def enable(name: Name, store: Store = None) -> None:
    """Let somebody who was disabled log in again."""
    with _changed(store, name) as (known, account, _):
        known.enable(account, True)
    tell(f"{name} may log in")


@staff.command()
def roles(
    name: Name,
    role: Annotated[list[Role], typer.Argument(help="All that he does in the program from now on.")],
    store: Store = None,
) -> None:
    """Say what somebody does in the program; heeded with his next request."""
    from adapter import registrar

    with _changed(store, name) as (known, account, _):
        said = registrar.roles_of(role)
        known.set_roles(account.name, said)
    tell(f"{name} is {said}")


@staff.command()
def token(
    client: Annotated[str, typer.Option(help="The app's id, registered with http://127.0.0.1/back.")],
    scope: Annotated[list[str] | None, typer.Option(help="What it asks for; may be said several times.")] = None,
    url: Annotated[str | None, typer.Option(help="The FHIR API; else IOP_BASE_URL.")] = None,
) -> None:
    """Log in by a browser, as an app does it, and print the access token."""
    from adapter.remote import person

    base = url or chosen_settings().base_url
    with problems_told():
        got = person.ask_token(base, client, " ".join(scope or ["user/*.cruds"]), _open)
    typer.echo(got["access_token"])
    tell(f"for {got.get('expires_in')} seconds: {got.get('scope')}")


def _open(address: str) -> None:
    tell(f"Log in by opening this address in a browser on this machine:\n{address}")


@contextmanager
def _changed(store: str | None, name: str) -> Iterator[tuple[Staff, Account, Settings]]:
    """The accounts and one of them, to change; what is wrong ends the program with exit code 1 and changes nothing."""
    from adapter import registrar

    settings = chosen_settings(store=store)
    with problems_told(), registrar.staff_of(settings) as known:
        account = known.named(name)
        if account is None:
            raise Problem(Kind.NOT_FOUND, f"nobody of the staff has the name {name}")
        yield known, account, settings


def _proved(
    settings: Settings, account: Account, subject: str | None, issuer: str | None, *, stdin: bool
) -> tuple[Account, list[str]]:
    """The account as it is proved from now on, and what he must be told."""
    from adapter import registrar
    from adapter.web.smart import factors

    if subject is not None:
        return registrar.by_issuer(account, issuer or settings.oidc_issuer, subject), []
    made = None if stdin else factors.new_password()
    password = made or typer.get_text_stream("stdin").readline().rstrip("\r\n")
    proved, address = registrar.by_password(settings, account, password)
    return proved, [f"password  {made}"] * (made is not None) + [f"one-time codes  {address}"]


def _show(told: list[str]) -> None:
    for line in told:
        typer.echo(line)
    if told:
        tell("this is shown once: give it to nobody else")


def _sheet(account: Account) -> Iterator[str]:
    """What is known of an account, a line for each thing."""
    yield f"{account.name}: Practitioner/{account.practitioner}{'' if account.enabled else ', disabled'}"
    yield f"  roles       {account.roles}"
    proof = f"{account.issuer}, as {account.subject}" if account.issuer else "password and one-time code"
    yield f"  proved by   {proof}"
