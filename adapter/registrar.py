"""What whoever registers clients, staff and partners does: adds them, lists them, ends them, changes what proves them.

It goes to the database beside whatever serves it, and is heeded with the next request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from adapter import keeper
from adapter.callers import ClientKind, Purpose
from adapter.consent.matrix import Role
from adapter.consent.predicate import everything
from adapter.fhir.dates import milliseconds
from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.limits import Limits
from adapter.problems import Kind, Problem, Unreadable
from adapter.remote.backend import saved
from adapter.remote.quirks import load_quirks
from adapter.remote.webhooks import is_address
from adapter.settings import Settings
from adapter.store.clients import Agreement, Client, Clients
from adapter.store.database import Database
from adapter.store.migrate import migrations
from adapter.store.partners import PartnerRow, Partners
from adapter.store.staff import Account, Staff
from adapter.store.statements import narrowed
from adapter.store.version import Version
from adapter.web.smart import factors
from adapter.web.smart.apps import check_redirect
from adapter.web.smart.keys import check_key, keys_of
from adapter.web.smart.scopes import known, listed, read

AGREEMENTS = ("qsoa", "baa", "contract", "audit")
NEEDED = {ClientKind.PROGRAM_EHR: "qsoa", ClientKind.PAYER: "contract"}
"""The agreement without which a kind gets no token: 42 CFR 2.11 and 2.12(c)(4), and what a payer may be sent."""

Keys = tuple[str | None, str | None]
"""What proves a client: its set of keys, and the address of one."""

_NAMES = everything("whether who is registered is known, and whom a client acts for")
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")


@contextmanager
def clients_of(settings: Settings) -> Iterator[Clients]:
    """The clients of a store; all that is changed is changed together. Problem(NOT_FOUND) where there is no store: one
    is made by whoever serves it, or imports into it, and not by a name that was mistyped."""
    with _database(settings) as database:
        yield Clients(database)


@contextmanager
def staff_of(settings: Settings) -> Iterator[Staff]:
    """The accounts of the staff, likewise."""
    with _database(settings) as database:
        yield Staff(database)


@contextmanager
def partners_of(settings: Settings) -> Iterator[Partners]:
    """The partners whose servers are asked, likewise."""
    with _database(settings) as database:
        yield Partners(database)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    with keeper.asked(settings, older=True) as database:
        steps = migrations("postgres") if settings.shared else migrations()
        current = database.schema() >= steps[-1][0]
    if not current:
        from adapter import app  # its half second is not for the commands that find the tables there

        with app.opened(settings):
            pass  # it has the tables now
    with keeper.opened(settings) as database, database.alone():
        yield database


def new_client(
    settings: Settings,
    id: str,
    kind: ClientKind,
    organization: str,
    name: str,
    scopes: Sequence[str],
    purposes: Sequence[Purpose],
    keys: Keys,
    now: datetime,
    redirects: Sequence[str] = (),
    endpoints: Sequence[str] = (),
) -> Client:
    """A client that can be added; `keys` are its set and the address of one, `redirects` where an app of the staff may
    send people back to, `endpoints` where it may be told of what happens. Problem(INVALID) for what is wrong."""
    for said, what in ((id, "id"), (organization, "organization")):
        if not _ID.fullmatch(said):
            raise _wrong(f"the {what} must be up to 64 letters, digits and . _ ~ -", what)
    if not purposes:
        raise _wrong("name at least one purpose", "purpose")
    _check_proof(settings, kind, keys, redirects)
    said, back = " ".join(dict.fromkeys(purposes)), " ".join(dict.fromkeys(redirects)) or None
    granted = scopes_of(settings, kind, scopes, now)
    at = (back, endpoints_of(endpoints))
    return Client(id, kind, organization, name, granted, said, *keys, True, milliseconds(now), False, *at)


def endpoints_of(endpoints: Sequence[str]) -> str | None:
    """Where a client may be told of what happens, as it is kept; Problem(INVALID) for what nothing is sent to."""
    for one in endpoints:
        if not is_address(one):
            raise _wrong("an endpoint is an https address without a user's name (http on this machine)", "endpoint")
    return " ".join(dict.fromkeys(endpoints)) or None


def new_partner(
    settings: Settings,
    name: str,
    organization: str,
    base: str,
    proof: tuple[str | None, Path | None],
    scope: str,
    quirks: str,
    hosts: Sequence[str],
    now: float,
) -> PartnerRow:
    """A partner that can be added; `proof` is what this program is called there and the file of its key, both or none.
    Problem for what is wrong."""
    for said, what in ((name, "name"), (organization, "organization")):
        if not _ID.fullmatch(said):
            raise _wrong(f"the {what} must be up to 64 letters, digits and . _ ~ -", what)
    load_quirks(settings.mappings / "partners", quirks)
    client, key = proof
    if (client is None) != (key is None):
        raise _wrong("what this program is called there and its key go together: --client and --key", "client")
    if key is not None:
        saved(key)
    if any(not _HOST.fullmatch(host) for host in hosts):
        raise _wrong("a host is a name, with its port if need be, such as login.example.org:8443", "host")
    file = str(key.resolve()) if key else None
    made_ms = int(now * 1000)
    return PartnerRow(
        name, organization, partners_address(base), client, file, scope, quirks, " ".join(hosts), True, made_ms
    )


def partners_address(base: str) -> str:
    """The address of a partner's API, without a slash at its end; without TLS only on loopback."""
    try:
        said = urlsplit(base)
        near = said.scheme == "http" and said.hostname in ("localhost", "127.0.0.1", "::1")
        good = (said.scheme == "https" or near) and said.hostname and said.port != 0
    except ValueError:
        good = False
    if not good or said.query or said.fragment or said.username or not base.isascii() or not base.isprintable():
        raise _wrong("the address of a partner is the https address of its FHIR API, and nothing more", "base")
    return base.rstrip("/")


def scopes_of(settings: Settings, kind: ClientKind, scopes: Sequence[str], now: datetime) -> str:
    """The scopes that a client of a kind is registered for; Problem(INVALID) for those it could never use."""
    granted = read(" ".join(scopes), known(*_served(settings), Limits(settings.base_url, 1, 1, b"", now)))
    level = "user" if kind is ClientKind.STAFF else "system"
    if any(scope.level != level for scope in granted):
        raise _wrong(
            f"scopes of user/ are for staff, who are named, and system/ for others: a {kind} has {level}/", "scope"
        )
    return listed(granted)


def _check_proof(settings: Settings, kind: ClientKind, keys: Keys, redirects: Sequence[str]) -> None:
    """An app of the staff has no keys: people log in. Other systems have no people to send back."""
    if kind is ClientKind.PRIVACY_OFFICER:
        raise _wrong("a privacy officer is a person with that role, who logs in by an app of the kind staff", "kind")
    if kind is ClientKind.STAFF:
        if keys != (None, None) or not redirects:
            raise _wrong("an app of the staff has addresses to send people back to, and no keys", "redirect-uri")
        for address in redirects:
            check_redirect(address)
    elif redirects:
        raise _wrong("only an app of the staff sends people back", "redirect-uri")
    elif keys == (None, None) and not settings.issuer:
        raise _wrong("a client has keys of its own, or an address where they are", "jwks")


def check_organization(settings: Settings, id: str) -> str | None:
    """What to tell of an organization that no consent and no tie can name, because the store has no record of it."""
    if _is_there(settings, "Organization", id):
        return None
    return f"there is no Organization/{id} in this store yet: no consent or care team can name it"


def check_practitioner(settings: Settings, id: str) -> str | None:
    """What to tell of somebody of whom the store has no record: the first who log in are those who write them down."""
    if _is_there(settings, "Practitioner", id):
        return None
    return f"there is no Practitioner/{id} in this store yet: nobody can be in this person's care"


def _is_there(settings: Settings, type: str, id: str) -> bool:
    values = {**_NAMES.parameters, "type": type, "id": id}
    with keeper.asked(settings) as database:
        row = database.execute(narrowed("read", _NAMES), values).fetchone()
    return row is not None and not Version(*row).deleted


def check_keys(clients: Sequence[Client], id: str, jwks: str | None) -> None:
    """Problem(CONFLICT) for a key that another client has: either could say it is the other."""
    own = {_public(key) for key in keys_of(jwks)} if jwks else set()
    for client in clients:
        if client.id != id and client.jwks and own & {_public(key) for key in keys_of(client.jwks)}:
            raise Problem(Kind.CONFLICT, f"the client {client.id} has one of these keys: each needs its own")


def _public(key: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(key.get(name) for name in ("kty", "crv", "x", "y", "n", "e"))


def new_account(name: str, practitioner: str, roles: Sequence[Role], now: datetime) -> Account:
    """An account that nothing proves yet; Problem(INVALID) for what is wrong."""
    if not _NAME.fullmatch(name):
        raise _wrong("a name is up to 64 small letters, digits and . _ @ -", "name")
    if not _ID.fullmatch(practitioner):
        raise _wrong("the practitioner is the id of a Practitioner", "practitioner")
    return Account(name, practitioner, roles_of(roles), None, None, 0, None, None, True, milliseconds(now))


def roles_of(roles: Sequence[Role]) -> str:
    """Roles as they are kept; Problem(INVALID) for none."""
    if not roles:
        raise _wrong("name at least one role", "role")
    return " ".join(role for role in Role if role in roles)


def by_password(settings: Settings, account: Account, password: str) -> tuple[Account, str]:
    """The account as a password and an authenticator prove it, and the address for the latter. No outside issuer does
    any more. Problem(INVALID) for a password that is too short, Problem(NOT_FOUND) without the deployment's key."""
    from adapter import app

    if not settings.secret_file.exists():
        raise Problem(Kind.NOT_FOUND, f"there is no key at {settings.secret_file}", "IOP_SECRET_FILE")
    secret, key = factors.new_secret(), app.secret(settings.secret_file)
    kept, totp = factors.hashed(password), factors.sealed(secret, key)
    proved = account._replace(password=kept, totp=totp, issuer=None, subject=None)
    return proved, factors.address(secret, account.name, settings.program)


def by_issuer(account: Account, issuer: str, subject: str) -> Account:
    """The account as an outside issuer proves it, and nothing else; Problem(INVALID) without one."""
    if not issuer or not subject:
        raise _wrong("an outside subject needs its issuer: IOP_OIDC_ISSUER, or --issuer", "subject")
    return account._replace(password=None, totp=None, issuer=issuer, subject=subject)


def _served(settings: Settings) -> tuple[frozenset[str], Index]:
    from adapter import app
    from adapter.interactions.types import served_by

    definitions = Definitions.load(settings.profiles / "r4")
    index = Index.load(settings.profiles, definitions, ZoneInfo(settings.zone))
    return served_by(app.read_maps(settings), definitions), index


def keys_in(path: Path) -> str:
    """The set of public keys in a file; Problem(INVALID) for one that no assertion could be checked with."""
    try:
        keys = keys_of(path.read_bytes())
        for key in keys:
            check_key(key)
    except Unreadable as why:
        raise _wrong(f"{path} {why}", "jwks") from None
    if not keys:
        raise _wrong(f"{path} holds no key", "jwks")
    return _set(keys)


def keys_at(url: str) -> str:
    """The address of a set of keys; Problem(INVALID) for one that would never be fetched."""
    try:
        said = urlsplit(url)
        good = said.scheme == "https" and said.hostname and said.port != 0 and not (said.username or said.fragment)
    except ValueError:
        good = False
    if not good or not url.isascii() or not url.isprintable() or " " in url:
        raise _wrong("the address of a client's keys is an https address, without a user's name", "jwks-url")
    return url


def rotated(
    client: Client, more: str | None, jwks_uri: str | None, drop: Sequence[str]
) -> tuple[str | None, str | None]:
    """The keys of a client with those of another set beside them, and without those of these names.

    Problem(CONFLICT) when a name would mean two keys, Problem(NOT_FOUND) for one that means none, Problem(INVALID) when
    no key would be left.
    """
    keys = keys_of(client.jwks) if client.jwks else []
    for kid in drop:
        if not any(key["kid"] == kid for key in keys):
            raise Problem(Kind.NOT_FOUND, f"{client.id} has no key {kid}")
    keys = [key for key in keys if key["kid"] not in drop] + (keys_of(more) if more else [])
    address = jwks_uri or client.jwks_uri
    if not keys and address is None:
        raise _wrong(f"no key of {client.id} would be left: disable it instead", "drop")
    return _set(keys) if keys else None, address


def _set(keys: Sequence[object]) -> str:
    names = [(key["kid"], key["kty"]) for key in keys if isinstance(key, dict)]
    if twice := sorted({name for name, kind in names if names.count((name, kind)) > 1}):
        raise Problem(Kind.CONFLICT, f"two keys have the name (kid) {twice[0]}")
    return json.dumps({"keys": keys}, separators=(",", ":"))


def agreement_of(client: str, text: str, settings: Settings) -> Agreement:
    """An agreement said as `KIND,ID,FROM[,[UNTIL][,TYPES]]`: two days in the program's zone, the last one included, and
    the resource types that a contract lets a payer's reviewer be told, with + between."""
    said, zone = text.split(","), ZoneInfo(settings.zone)
    kind, id, first, last, types = [*said, "", ""][:5] if len(said) in (3, 4, 5) else ("",) * 5
    reviewed = _reviewed(kind, types, settings) if types else ""
    try:
        begins = _midnight(date.fromisoformat(first), zone)
        ends = _midnight(date.fromisoformat(last) + timedelta(days=1), zone) if last else None
        good = kind in AGREEMENTS and id and (ends is None or begins < ends)
    except (ValueError, OverflowError):
        good = False
    if not good:
        kinds = ", ".join(AGREEMENTS)
        why = f"say an agreement as KIND,ID,FROM[,[UNTIL][,TYPES]]: KIND one of {kinds}, two days, types with + between"
        raise _wrong(why, "agreement")
    return Agreement(client, kind, id, begins, ends, reviewed)


def _reviewed(kind: str, types: str, settings: Settings) -> str:
    from adapter.consent.renderings import reviewable

    said, known = types.split("+"), reviewable(settings.mappings / "release")
    if kind != NEEDED[ClientKind.PAYER]:
        raise _wrong("only a contract names what a payer's reviewer may be told", "agreement")
    if unknown := [type for type in said if type not in known]:
        raise _wrong(f"a reviewer is told nothing of {unknown[0]!r}: of {'+'.join(sorted(known))} alone", "agreement")
    return " ".join(sorted(set(said)))


def check_agreed(client: Client, agreed: Sequence[Agreement]) -> None:
    """Problem(INVALID) for classes that somebody is told of who is no payer: nothing would come of them."""
    if client.kind != ClientKind.PAYER and any(one.reviewed for one in agreed):
        raise _wrong(f"{client.id} is no payer: its contract names no classes for a reviewer", "agreement")


def _midnight(day: date, zone: ZoneInfo) -> int:
    return milliseconds(datetime.combine(day, time(), zone))


def _wrong(why: str, what: str) -> Problem:
    return Problem(Kind.INVALID, why, f"--{what}")
