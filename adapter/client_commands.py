"""The commands about clients: `iop-adapter client --help` lists them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from adapter.callers import ClientKind, Purpose
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from adapter.terminal import Store, chosen_settings, problems_told, tell

if TYPE_CHECKING:
    from adapter.store.clients import Agreement, Client, Clients

clients = typer.Typer(no_args_is_help=True, help="Who may ask for tokens: register, list, end; keys and agreements.")


class Algorithm(StrEnum):
    """What a key signs by."""

    ES384 = "ES384"
    RS384 = "RS384"


Id = Annotated[str, typer.Argument(help="The client's id (client_id).")]
Jwks = Annotated[
    Path | None, typer.Option(help="A file with the client's public keys (JWKS).", exists=True, dir_okay=False)
]
JwksUrl = Annotated[str | None, typer.Option(help="The https address where the client publishes its keys.")]
Redirects = Annotated[
    list[str] | None, typer.Option(help="Where an app of the staff may send people back to; on loopback any port.")
]
Endpoints = Annotated[
    list[str] | None, typer.Option("--endpoint", help="Where it may be told of what happens; may be repeated.")
]
Agreements = Annotated[
    list[str] | None,
    typer.Option(
        "--agreement",
        help="KIND,ID,FROM[,[UNTIL][,TYPES]] with KIND qsoa, baa, contract or audit, days, and the resource types that"
        " a contract lets a payer's reviewer be told, + between.",
    ),
]


@clients.command()
def add(
    id: Id,
    kind: Annotated[ClientKind, typer.Option(help="What it is to the program.")],
    organization: Annotated[str, typer.Option(help="The id of the Organization it acts for.")],
    scope: Annotated[list[str], typer.Option(help="What it may be granted at most; may be said several times.")],
    purpose: Annotated[list[Purpose], typer.Option(help="What it may ask for; the first when it does not say.")],
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    jwks: Jwks = None,
    jwks_url: JwksUrl = None,
    agreement: Agreements = None,
    redirect_uri: Redirects = None,
    endpoint: Endpoints = None,
    store: Store = None,
) -> None:
    """Register a client; it needs keys, and some kinds an agreement (program-ehr: qsoa, payer: contract).

    An app by which staff log in (kind staff) has no keys, but addresses to send people back to.
    """
    from adapter import registrar

    settings = chosen_settings(store=store)
    with problems_told():
        keys = (registrar.keys_in(jwks) if jwks else None, registrar.keys_at(jwks_url) if jwks_url else None)
        scopes = [word for said in scope for word in said.split()]
        now = datetime.now(UTC)
        said = (id, kind, organization, name or id, scopes, purpose, keys, now, redirect_uri or (), endpoint or ())
        made = registrar.new_client(settings, *said)
        agreed = [registrar.agreement_of(id, text, settings) for text in agreement or ()]
        registrar.check_agreed(made, agreed)
        with registrar.clients_of(settings) as known:
            registrar.check_keys(known.listed(_now_ms()), id, made.jwks)
            known.add(made)
            for one in agreed:
                known.agree(one)
            stands = _named(known, id).agreed
        unknown = registrar.check_organization(settings, organization)
    tell(f"{id} is registered for {made.scopes}" + ("" if stands else _missing(kind)))
    if unknown:
        tell(unknown)


@clients.command()
def change(
    id: Id,
    scope: Annotated[list[str] | None, typer.Option(help="What it may be granted at most, instead of before.")] = None,
    purpose: Annotated[list[Purpose] | None, typer.Option(help="What it may ask for, instead of before.")] = None,
    organization: Annotated[str | None, typer.Option(help="The id of the Organization it acts for.")] = None,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    endpoint: Endpoints = None,
    store: Store = None,
) -> None:
    """Change what a client is registered for; the tokens that it has are void. Its kind stays: register another."""
    from adapter import registrar

    if not (scope or purpose or organization or name or endpoint):
        raise typer.BadParameter("nothing to change: say --scope, --purpose, --organization, --name or --endpoint")
    with _changed(store) as (known, settings):
        client = _named(known, id)
        words = [word for said in scope or () for word in said.split()]
        scopes = registrar.scopes_of(settings, ClientKind(client.kind), words, datetime.now(UTC)) if words else None
        purposes = " ".join(dict.fromkeys(purpose)) if purpose else None
        client = client._replace(scopes=scopes or client.scopes, purposes=purposes or client.purposes)
        client = client._replace(endpoints=registrar.endpoints_of(endpoint) if endpoint else client.endpoints)
        known.change(client._replace(organization=organization or client.organization, name=name or client.name))
        unknown = registrar.check_organization(settings, organization) if organization else None
    tell(f"{id} is changed; its tokens are void")
    if unknown:
        tell(unknown)


@clients.command("list")
def list_(store: Store = None) -> None:
    """List the clients, and whether they get tokens now."""
    from adapter import registrar

    settings = chosen_settings(store=store)
    with problems_told(), registrar.clients_of(settings) as known:
        found = [(client, known.agreements(client.id)) for client in known.listed(_now_ms())]
    for client, agreements in found:
        typer.echo("\n".join(_sheet(client, agreements, ZoneInfo(settings.zone))))
    if not found:
        tell("no client is registered")


@clients.command()
def disable(id: Id, store: Store = None) -> None:
    """Refuse a client from now on, with the tokens that it has."""
    with _changed(store) as (known, _):
        known.enable(id, False)
    tell(f"{id} gets no tokens, and those it had are void")


@clients.command()
def enable(id: Id, store: Store = None) -> None:
    """Let a client that was disabled ask again."""
    with _changed(store) as (known, _):
        known.enable(id, True)
        client = _named(known, id)
    tell(f"{id} is enabled" + ("" if client.agreed else _missing(ClientKind(client.kind))))


@clients.command()
def agree(
    id: Id,
    agreement: Annotated[
        list[str], typer.Argument(help="KIND,ID,FROM[,[UNTIL][,TYPES]]; an ID that is known gets new days and types.")
    ],
    store: Store = None,
) -> None:
    """Write down an agreement with a client, or when one ends."""
    from adapter import registrar

    with _changed(store) as (known, settings):
        agreed = [registrar.agreement_of(id, text, settings) for text in agreement]
        registrar.check_agreed(_named(known, id), agreed)
        for one in agreed:
            known.agree(one)
        client = _named(known, id)
        told = " ".join(f"; {_told(one)}" for one in agreed if client.kind == ClientKind.PAYER)
    tell(f"{id} gets {'' if client.stands else 'no '}tokens now{told}")


@clients.command()
def rotate(
    id: Id,
    jwks: Jwks = None,
    jwks_url: JwksUrl = None,
    drop: Annotated[list[str] | None, typer.Option(help="The name (kid) of a key that is to end.")] = None,
    store: Store = None,
) -> None:
    """Give a client new keys beside the old ones, which stay good until they are dropped."""
    from adapter import registrar

    with _changed(store) as (known, _):
        client = _named(known, id)
        more = registrar.keys_in(jwks) if jwks else None
        keys = registrar.rotated(client, more, registrar.keys_at(jwks_url) if jwks_url else None, drop or ())
        registrar.check_keys(known.listed(_now_ms()), id, keys[0])
        known.set_keys(id, *keys)
        if drop:
            known.revoke(id)  # whoever had the key may have a token
        said = _keys(_named(known, id))
    tell(f"{id} has the keys {said}" + ("; its tokens are void" if drop else ""))


@clients.command()
def keys(
    file: Annotated[Path, typer.Argument(help="The file for the private key; it must not be there.")],
    algorithm: Annotated[Algorithm, typer.Option(help="What it signs by.")] = Algorithm.ES384,
    kid: Annotated[str | None, typer.Option(help="Its name; a random one else.")] = None,
) -> None:
    """Make a key pair as a client does: the private key to a file, the public one (JWKS) to standard output."""
    from adapter.remote import backend

    with problems_told():
        key = backend.new_key(algorithm, kid)
        backend.save(key, file)
    typer.echo(backend.public_set(key))


@clients.command()
def token(
    client: Annotated[str, typer.Option(help="The client's id.")],
    key: Annotated[Path, typer.Option(help="Its private key, from `client keys`.", exists=True, dir_okay=False)],
    scope: Annotated[list[str], typer.Option(help="What it asks for; may be said several times.")],
    purpose: Annotated[Purpose | None, typer.Option(help="What for; else the first it is registered for.")] = None,
    person: Annotated[
        str | None, typer.Option(help="ID,NAME of the person who asks; an emergency needs one, and --purpose.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="The FHIR API; else IOP_BASE_URL.")] = None,
) -> None:
    """Ask a running server for an access token, as a client does, and print it."""
    from adapter.remote import backend

    base = url or chosen_settings().base_url
    id, _, name = (person or "").partition(",")
    with problems_told():
        if person and not (id and name and purpose):
            raise Problem(Kind.INVALID, "a person is said as ID,NAME, with a --purpose", "--person")
        who = (id, name) if person else None
        got = backend.ask_token(base, client, backend.saved(key), " ".join(scope), purpose, time, who)
    typer.echo(got["access_token"])
    tell(f"for {got.get('expires_in')} seconds: {got.get('scope')}")


@contextmanager
def _changed(store: str | None) -> Iterator[tuple[Clients, Settings]]:
    """The clients, to change; what is wrong ends the program with exit code 1 and changes nothing."""
    from adapter import registrar

    settings = chosen_settings(store=store)
    with problems_told(), registrar.clients_of(settings) as known:
        yield known, settings


def _now_ms() -> int:
    return int(time() * 1000)


def _named(known: Clients, id: str) -> Client:
    client = known.named(id, _now_ms())
    if client is None:
        raise Problem(Kind.NOT_FOUND, f"there is no client {id}")
    return client


def _missing(kind: ClientKind) -> str:
    from adapter.registrar import NEEDED

    return f"; it gets no token until an agreement of the kind {NEEDED[kind]} stands (iop-adapter client agree)"


def _keys(client: Client) -> str:
    from adapter.web.smart.keys import keys_of

    names = [str(key["kid"]) for key in keys_of(client.jwks)] if client.jwks else []
    return ", ".join((*names, client.jwks_uri) if client.jwks_uri else names)


def _sheet(client: Client, agreements: list[Agreement], zone: ZoneInfo) -> Iterator[str]:
    """What is known of a client, a line for each thing."""
    why = "" if client.stands else ": it is disabled" if not client.enabled else ": its agreement is missing or over"
    yield f"{client.id}: {client.name}, {client.kind} of Organization/{client.organization}"
    yield f"  tokens      {'yes' if client.stands else 'no'}{why}"
    yield f"  purposes    {client.purposes}"
    yield f"  scopes      {client.scopes}"
    yield f"  sends back  {client.redirect_uris}" if client.redirect_uris else f"  keys        {_keys(client)}"
    if client.endpoints:
        yield f"  is told at  {client.endpoints}"
    for one in agreements:
        told = f"; {_told(one)}" if one.reviewed else ""
        yield f"  agreement   {one.kind} {one.agreement}, {_days(one, zone)}{told}"


def _told(agreement: Agreement) -> str:
    said = agreement.reviewed.replace(" ", ", ") or "nothing beyond what the payer sees"
    return f"by {agreement.agreement} a reviewer is told {said}"


def _days(agreement: Agreement, zone: ZoneInfo) -> str:
    first = datetime.fromtimestamp(agreement.from_ms / 1000, zone).date()
    if agreement.until_ms is None:
        return f"from {first}"
    return f"{first} to {datetime.fromtimestamp((agreement.until_ms - 1) / 1000, zone).date()}"
