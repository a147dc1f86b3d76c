"""Every setting of a running adapter, read once from the environment (prefix `IOP_`) by `__main__`.

The README's settings table is generated from this class and compared in the test run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict


def shipped(name: str) -> Path:
    """A folder of data files that ships with the package (`mappings`, `profiles`), in a wheel or a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "data" / name
    return inside if inside.is_dir() else package.parent / name


def own_address(host: str, port: int) -> str:
    """The base URL of a server that is reached where it listens. IPv6: RFC 3986 section 3.2.2."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/fhir"


@dataclass(frozen=True)
class Database:
    """Where PostgreSQL is: `postgresql://user:password@host:port/name`, which is printed without its password."""

    uri: str = field(repr=False)

    def __str__(self) -> str:
        said = urlsplit(self.uri)
        return self.uri.replace(f":{said.password}@", ":***@", 1) if said.password else self.uri


def _place(said: object) -> object:
    """Where a store is: the address of a database, else the path of a file."""
    return Database(said) if isinstance(said, str) and said.lower().startswith(("postgresql:", "postgres:")) else said


NO_CUSTODIAN = "IOP_ORGANIZATIONS is empty: no consent lets this program disclose anything to other providers."
"""What nobody would find out otherwise, wherever it is heeded."""


class Settings(BaseSettings):
    """Frozen. A wrong value or an unknown `IOP_` variable refuses the start (`read_settings`)."""

    model_config = SettingsConfigDict(env_prefix="IOP_", frozen=True)

    store: Annotated[Path | Database, BeforeValidator(_place)] = Field(
        Path("var/iop.db"),
        description="The SQLite database file, made on first start; or a PostgreSQL database, "
        "`postgresql://user:password@host/name`.",
    )
    secret_file: Path = Field(
        Path("var/secret"), description="Key for derived ids and page links; generated with mode 600 if absent."
    )
    host: str = Field("127.0.0.1", description="Address to listen on; with `--open` loopback only.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    base_url: str = Field(
        default_factory=lambda said: own_address(said["host"], said["port"]),
        examples=["http://HOST:PORT/fhir"],
        description="Base of every link written; never from the Host header.",
    )
    program: str = Field("iop", pattern="^[a-z][a-z0-9-]{0,62}$", description="Short name of the program served.")
    posture: Literal["part2", "hipaa", "mixed"] = Field(
        "part2",
        description="42 CFR Part 2 or HIPAA alone protects the records; `mixed`: HIPAA alone those of the episodes that"
        " say so, Part 2 all others.",
    )
    consent_free: str = Field(
        "",
        pattern=r"^([A-Z]+( [A-Z]+)*)?$",
        description="Of what HIPAA alone protects: sensitivities (MH, PSY, SUD ...) that the law of the state lets go"
        " without a consent, for treatment, payment and operations.",
    )
    organizations: str = Field(
        "",
        pattern=r"^([A-Za-z0-9\-.]{1,64}( [A-Za-z0-9\-.]{1,64})*)?$",
        description="Ids of the Organizations that are the program, with blanks between: who a consent lets disclose.",
    )
    issuer: str = Field(
        "",
        description="Another issuer of access tokens (RFC 9068) for clients that are registered here, as `iss` says.",
    )
    issuer_jwks: str = Field("", description="The https address of that issuer's public keys.", validate_default=True)
    audience: str = Field("", description="What `aud` of its tokens says; else the base URL.")
    zone: str = Field(
        "America/New_York",
        description="IANA time zone of native times without an offset; the record keeps that fact (`zone_assumed`).",
    )
    mappings: Path = Field(default_factory=lambda: shipped("mappings"), description="Concept maps, tables and sources.")
    profiles: Path = Field(
        default_factory=lambda: shipped("profiles"), description="R4 definitions and search parameters."
    )
    cursor_minutes: int = Field(15, ge=1, description="How long a page link keeps showing the state of its first page.")
    page_size: int = Field(50, ge=1, description="Entries of a search page when `_count` is absent.")
    page_limit: int = Field(200, ge=1, description="Most entries of a page; a larger `_count` is lowered.")
    or_limit: int = Field(100, ge=1, description="Most alternatives of one search parameter.")
    and_limit: int = Field(15, ge=1, description="Most search parameters of one search.")
    statement_seconds: int = Field(5, ge=1, description="How long a search may take before it is given up (504).")
    sort_limit: int = Field(10_000, ge=1, description="Most matches sorted without an index.")
    include_limit: int = Field(1_000, ge=1, description="Most records that go along with a page (`_include`).")
    search_threads: int = Field(4, ge=1, le=64, description="Searches and Bundles that are worked on at a time.")
    search_queue: int = Field(64, ge=0, description="How many more may wait for their turn; others are answered 503.")
    bodies_limit: int = Field(
        256 << 20, ge=1 << 20, description="Most bytes of bodies held at a time; what is more is answered 503."
    )
    resource_limit: int = Field(2 << 20, ge=1024, description="Largest body of one resource, in bytes.")
    bundle_limit: int = Field(10 << 20, ge=1024, description="Largest body of a Bundle or `$import`, in bytes.")
    depth_limit: int = Field(
        64, ge=16, le=64, description="Most levels of objects and arrays that a client may send; R4 needs a dozen."
    )
    url_limit: int = Field(
        8_192, ge=1024, le=64 << 10, description="Longest address of a request in bytes, with its query."
    )
    referral_limit: int = Field(64 << 20, ge=1024, description="Largest body of a referral, in bytes.")
    referral_consent: Literal["staged", "required"] = Field(
        "staged",
        description="A referral without a Consent is taken for intake to ask for one, or refused.",
    )
    entry_limit: int = Field(
        4_000, ge=1, description="Most entries of a batch or transaction, or lines of an `$import`."
    )
    answer_limit: int = Field(
        64 << 20, ge=1024, description="Most bytes that the reads of one Bundle find; those beyond are answered 403."
    )
    oidc_issuer: str = Field(
        "", description="The identity provider by which staff log in (OpenID Connect, its `issuer`); else by password."
    )
    oidc_client_id: str = Field("", validate_default=True, description="What this server is called there.")
    oidc_secret_file: Path | None = Field(
        None, description="The file with its secret there; without one it is a public client."
    )
    log: Literal["text", "json"] = Field("text", description="Form of the log on standard error.")
    proxies: str = Field(
        "",
        description="Addresses or networks of the proxies in front, with commas between: only their X-Forwarded-For is "
        "believed, for the address that the ledger has of a client.",
    )
    work: bool = Field(
        True,
        description="Whether the server itself does what waits (tells clients, asks partners, finds the files of"
        " exports); else `iop-adapter work` does.",
    )
    lease_seconds: int = Field(
        60, ge=1, le=3_600, description="How long work is held by a worker that is not heard of; then another does it."
    )
    export_hours: int = Field(24, ge=1, le=720, description="How long what was asked for by `$export` can be fetched.")
    export_poll_seconds: int = Field(
        1,
        ge=0,
        le=600,
        description="Seconds after which a client is asked to look again whether an export is ready (`Retry-After`);"
        " who looks again in less than half of that is told so (429).",
    )
    export_lines: int = Field(
        20_000, ge=1, description="Lines after which another file of an export is begun; a file may have some more."
    )
    notify_networks: str = Field(
        "",
        description="Networks beside the public internet where clients may be told of what happens, with commas "
        "between (`10.0.0.0/8`); without TLS on this machine alone (`127.0.0.0/8`).",
    )
    partner_networks: str = Field(
        "",
        description="Networks, with commas between, where partners' servers may be though they are not public, such as "
        "`10.1.0.0/16`; loopback among them, which alone needs no TLS.",
    )
    smallest_count: int = Field(
        11,
        ge=1,
        description="The fewest people of whom a number in a summary for a payer is told; of fewer it is withheld.",
    )
    report_seconds: int = Field(
        30, ge=1, le=600, description="How long a summary of a roster may take before it is given up (504)."
    )
    aftercare_due_days: int = Field(
        14, ge=1, le=365, description="Days within which an answer to a referral out of the program is awaited."
    )
    aftercare_poll_minutes: float = Field(
        15, ge=0.01, le=1_440, description="How often a partner is asked where such a referral stands."
    )
    authorization_units_left: int = Field(
        3,
        ge=0,
        description="How much of an approved service is left, in its own unit, when it is told to be running out.",
    )
    authorization_days_left: int = Field(
        7, ge=0, le=365, description="How many days before the end of an authorization it is told to be running out."
    )
    access_log: bool = Field(False, description="Log a line for each request: what kind, how long, no address.")
    traces: str = Field(
        "", description="Where OpenTelemetry spans are sent (OTLP over HTTP, `http://host:4318/v1/traces`)."
    )
    require_if_match: bool = Field(False, description="Refuse FHIR updates without If-Match (428).")
    references: Literal["enforce", "pending"] = Field(
        "enforce", description="What `/fhir` does with a reference to a record that is not there."
    )
    minutes_tolerance: int = Field(5, ge=0, description="Largest gap between typed and computed minutes.")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is not an IANA time zone, such as America/New_York") from None
        return value

    @field_validator("store", "secret_file")
    @classmethod
    def _a_file(cls, value: Path | Database) -> Path | Database:
        if isinstance(value, Database):
            return _addressed(value)
        if re.match(r"[a-z][a-z0-9+]*:/", str(value), re.IGNORECASE):
            raise ValueError("is neither a file nor the address of a PostgreSQL database")
        if value == Path() or value.is_dir():
            raise ValueError("does not name a file")
        return value

    @field_validator("consent_free")
    @classmethod
    def _under_hipaa(cls, value: str, others: ValidationInfo) -> str:
        if value and others.data.get("posture") not in ("hipaa", "mixed"):
            raise ValueError("stands beside IOP_POSTURE=hipaa or mixed, and only there")
        return value

    @property
    def custodians(self) -> frozenset[str]:
        """The ids of the Organizations that are the program."""
        return frozenset(self.organizations.split())

    @property
    def shared(self) -> bool:
        """Whether several processes may open the store."""
        return isinstance(self.store, Database)

    @property
    def store_address(self) -> str:
        """The store as IOP_STORE says it, a password included."""
        return self.store.uri if isinstance(self.store, Database) else str(self.store)

    @field_validator("issuer_jwks")
    @classmethod
    def _with_an_issuer(cls, value: str, others: ValidationInfo) -> str:
        if bool(value) != bool(others.data.get("issuer")):
            raise ValueError("stands beside IOP_ISSUER, and only there")
        if value and not value.startswith("https://"):
            raise ValueError("is not an https address")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _an_issuer(cls, value: str) -> str:
        said = urlsplit(value)
        here = said.scheme == "http" and said.hostname in ("127.0.0.1", "::1")
        if value and (not (said.scheme == "https" or here) or not said.hostname or said.query or said.fragment):
            raise ValueError("is not the https address of an identity provider, such as https://login.example.org")
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _with_the_issuer(cls, value: str, others: ValidationInfo) -> str:
        if bool(value) != bool(others.data.get("oidc_issuer")):
            raise ValueError("IOP_OIDC_ISSUER and IOP_OIDC_CLIENT_ID go together")
        return value

    @field_validator("traces")
    @classmethod
    def _an_endpoint(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("is not the address of a collector, such as http://host:4318/v1/traces")
        return value

    @field_validator("proxies", "notify_networks", "partner_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, value.split(",")):
            try:
                ip_network(part.strip())
            except ValueError:
                raise ValueError(f"{part.strip()[:40]} is no address or network, such as 192.0.2.0/28") from None
        return value

    @field_validator("mappings", "profiles")
    @classmethod
    def _a_folder(cls, value: Path, field: ValidationInfo) -> Path:
        part = {"mappings": "concepts", "profiles": "r4"}[str(field.field_name)]
        if not (value / part).is_dir():
            raise ValueError(f"is no folder of {field.field_name}: {value / part} is not there")
        return value

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        said = urlsplit(value)
        if said.scheme not in ("http", "https") or not said.hostname or said.query or said.fragment:
            raise ValueError("is not the http or https address of a server, such as https://example.org/fhir")
        return value

    @field_validator("page_limit")
    @classmethod
    def _holds_a_page(cls, value: int, others: ValidationInfo) -> int:
        if value < (size := others.data.get("page_size", 1)):
            raise ValueError(f"is less than IOP_PAGE_SIZE, {size}")
        return value


def _addressed(value: Database) -> Database:
    """The address, if it is one; what is wrong is told without it, because it may hold a password."""
    try:
        said = urlsplit(value.uri)
        named = said.path.strip("/") and said.scheme in ("postgresql", "postgres") and said.port != 0
    except ValueError:
        named = False
    if not named:
        raise ValueError("is not the address of a database, such as postgresql://user@host/name")
    return value


def read_settings(environment: Mapping[str, str], **said: object) -> Settings:
    """The settings of this process, with what the command line says instead.

    `ValueError` names a variable that no setting reads, so a typing error is heard.
    """
    known = {f"IOP_{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(name for name in environment if name.startswith("IOP_") and name not in known)
    if unknown:
        raise ValueError(f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    return Settings.model_validate(said)


def settings_table() -> str:
    """The README's table: one Markdown row for each setting."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, what in Settings.model_fields.items():
        default = (what.examples or ["shipped"])[0] if what.default_factory else what.default
        rows.append(f"| `IOP_{name.upper()}` | `{default}` | {what.description}{_bounds(what)} |")
    return "\n".join(rows)


def _bounds(field: FieldInfo) -> str:
    """What a value may be, where that does not go without saying."""
    if get_origin(field.annotation) is Literal:
        return f" One of {', '.join(f'`{word}`' for word in get_args(field.annotation))}."
    least = next((bound.ge for bound in field.metadata if hasattr(bound, "ge")), 0)
    most = next((bound.le for bound in field.metadata if hasattr(bound, "le")), None)
    return f" From {least} to {most}." if most else f" {least} or more." if least not in (0, 1) else ""
