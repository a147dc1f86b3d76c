"""Builds everything: definitions, maps, store, keys, clock, doors; the only reader of `Settings` values."""

from __future__ import annotations

import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from adapter.consent.derived import Derived
from adapter.consent.matrix import Matrix
from adapter.consent.predicate import everything
from adapter.exchange.aftercare import Aftercare
from adapter.exchange.aftercare_answer import answered
from adapter.exchange.aftercare_telling import Telling
from adapter.exchange.authorization_asking import AUTHORIZE
from adapter.exchange.authorization_sending import Requests
from adapter.exchange.errands import Errands
from adapter.exchange.opening import Lines, Passing
from adapter.export.planning import Planner
from adapter.fhir.dates import Calendar
from adapter.fhir.elements import Definitions
from adapter.fhir.index import Index
from adapter.fhir.profile_rules import ProfileRules
from adapter.fhir.schema import Door
from adapter.fhir.subset import Subsets
from adapter.identity.rules import rules_in
from adapter.ingest.sources import identifying_systems
from adapter.interactions.attempts import Attempts
from adapter.interactions.consequences import Consequence
from adapter.interactions.events import ENDING
from adapter.interactions.head_count import head_count
from adapter.interactions.program import Program
from adapter.interactions.published import Published
from adapter.interactions.types import served
from adapter.interactions.work import Does, InProcess, Worker
from adapter.mapping.load import Maps, load
from adapter.notifications.sending import Sender
from adapter.problems import Kind, Problem
from adapter.referral.course import course
from adapter.referral.documents import load_tables
from adapter.referral.moves import load_moves
from adapter.remote.webhooks import Webhooks
from adapter.review.sending import ATTACH, Packets
from adapter.settings import Database, Settings
from adapter.store.aftercare import AFTERCARE, CHANGE
from adapter.store.exports import EXPORT
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from adapter.store.sqlite import SqliteStore
from adapter.store.store import Options, Store
from adapter.store.subscriptions import NOTIFY
from adapter.store.upkeep import meta
from adapter.utilization.authorization_ends import Endings
from adapter.utilization.authorization_use import Use
from adapter.utilization.days import PROGRAM_DAY, Days
from adapter.utilization.measures_levels import check_levels
from adapter.utilization.population_treatment import codes_in
from adapter.utilization.refusals import Refusals
from adapter.utilization.sessions import Sessions
from adapter.utilization.unit_rules import load_units
from adapter.web.access import Anyone, Clients
from adapter.web.cells import fhir_cells, native_cells
from adapter.web.dispatcher import Dispatcher, Doors, doors, nothing
from adapter.web.fhir import ROUTES
from adapter.web.hosts import allowed_hosts, is_loopback
from adapter.web.insiders import Openly, Staff
from adapter.web.smart.bearer import Bearers
from adapter.web.watch import Watch

SECRET_BYTES = 32
# Random bytes of one id, and ids whose bytes are drawn together.
DRAW, DRAWS = 10, 256
# Sets of maps, or ways to index, that a process keeps what was made of.
_KEPT = 8


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def random_ids() -> Callable[[], str]:
    """Makes UUIDs of version 7 (RFC 9562): in the order of time, so that new rows of an index lie together.

    Chance is drawn for many at once: each draw gives way to other threads, and a write would wait for its turn twice.
    """
    drawn: deque[bytes] = deque()

    def new_id() -> str:
        while True:
            try:
                # Taking from a deque is atomic, so no two threads get the same draw.
                chance = int.from_bytes(drawn.popleft())
                break
            except IndexError:
                fresh = os.urandom(DRAW * DRAWS)
                drawn.extend(fresh[at : at + DRAW] for at in range(0, len(fresh), DRAW))
        millis, low = time.time_ns() // 1_000_000, chance & (1 << 62) - 1
        text = f"{millis << 80 | 7 << 76 | (chance >> 62 & 0xFFF) << 64 | 2 << 62 | low:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    return new_id


def read_maps(settings: Settings) -> Maps:
    """The compiled maps, without a store; a Problem with every refusal."""
    maps = _maps(settings, Definitions.load(settings.profiles / "r4"))
    load_moves(settings.mappings, maps)
    load_units(settings.mappings, maps)
    load_tables(settings.mappings)
    check_levels(settings.mappings, maps)
    codes_in(settings.mappings)
    return maps


def _maps(settings: Settings, definitions: Definitions) -> Maps:
    rules_in(settings.mappings)  # what is wrong in it refuses the start
    return load(settings.mappings, definitions, minutes_tolerance=settings.minutes_tolerance)


def build(settings: Settings) -> Program:
    """One program with its store open; close the store when done, or use `opened`."""
    definitions = Definitions.load(settings.profiles / "r4")
    return assemble(settings, definitions, _maps(settings, definitions))


def assemble(
    settings: Settings,
    definitions: Definitions,
    maps: Maps,
    *,
    clock: Callable[[], datetime] = now,
    new_id: Callable[[], str] | None = None,
    durable: bool = True,
) -> Program:
    """A program of parts already loaded, with its clock and ids; one that is not `durable` forgets all when closed."""
    made = _compiled(maps, settings.mappings, settings.profiles)
    if durable and not settings.secret_file.exists() and _has_a_key(settings):
        why = f"there is no key at {settings.secret_file}, and the store {settings.store} was made with one"
        raise Problem(Kind.NOT_FOUND, why, "IOP_SECRET_FILE")
    key = secret(settings.secret_file)
    return Program(
        name=settings.program,
        base_url=settings.base_url.rstrip("/"),
        zone=ZoneInfo(settings.zone),
        definitions=definitions,
        door=made.door,
        profiles=made.profiles,
        maps=maps,
        store=_store(settings, maps, clock, made.identifying, key, durable),
        clock=clock,
        new_id=new_id or random_ids(),
        secret=key,
        identifying=made.identifying,
        consequences=_consequences(settings, maps, clock, key),
        settings=settings,
        terminology=maps.terminology,
        published=made.published,
        parts=made.parts,
    )


def _consequences(settings: Settings, maps: Maps, clock: Callable[[], datetime], key: bytes) -> tuple[Consequence, ...]:
    """What follows from a change, of every journey."""
    sessions = Sessions(maps, ZoneInfo(settings.zone), settings.custodians)
    refusals = Refusals(index_of(settings, maps), clock)
    days = Days(maps, load_units(settings.mappings, maps), sessions, refusals, key).consequences()
    referrals = (*course(maps, load_moves(settings.mappings, maps), clock), answered(maps))
    return (head_count(maps), *referrals, *days, *Use(maps, sessions).consequences())


class Compiled(NamedTuple):
    """What follows from files alone and is compiled as it is used: the same for every program of these maps."""

    door: Door
    profiles: ProfileRules
    published: Published
    parts: Subsets
    identifying: frozenset[str]


@lru_cache(_KEPT)
def _compiled(maps: Maps, mappings: Path, profiles: Path) -> Compiled:
    definitions = maps.definitions
    return Compiled(
        Door(definitions),
        ProfileRules.load(profiles),
        Published(maps.terminology, profiles / "iop"),
        Subsets(definitions),
        identifying_systems(mappings / "sources") | {PROGRAM_DAY},
    )


def _store(
    settings: Settings,
    maps: Maps,
    clock: Callable[[], datetime],
    identifying: frozenset[str],
    key: bytes,
    durable: bool,
) -> Store:
    index = index_of(settings, maps)
    options = Options(
        identifying=identifying,
        secret=key,
        codes=maps.codes(),
        cursor_minutes=settings.cursor_minutes,
        sort_limit=settings.sort_limit,
        include_limit=settings.include_limit,
        statement_seconds=settings.statement_seconds,
    )
    if isinstance(settings.store, Database):
        from adapter.store.postgres import PostgresStore  # the driver is loaded by those who use it

        return PostgresStore(settings.store.uri, index, clock, options)
    return SqliteStore(settings.store if durable else None, index, clock, options)


def _has_a_key(settings: Settings) -> bool:
    """Whether the store was made, and its ids derived with a key."""
    if isinstance(settings.store, Path):
        return settings.store.exists()
    from adapter.store.postgres_connection import opened as asked

    with asked(settings.store.uri) as database:
        return bool(database.schema()) and meta(database, "secret") is not None


def index_of(settings: Settings, maps: Maps) -> Index:
    """What a program indexes of each resource, and derives from it for who may see it."""
    own = (settings.zone, settings.posture, settings.custodians)
    return _index(maps, settings.profiles, settings.mappings / "release", *own)


@lru_cache(_KEPT)
def _index(maps: Maps, profiles: Path, release: Path, zone: str, posture: str, custodians: frozenset[str]) -> Index:
    rules = Derived(maps, Calendar(ZoneInfo(zone)), posture, custodians, release)
    return Index.load(profiles, maps.definitions, ZoneInfo(zone), rules)


@contextmanager
def opened(settings: Settings) -> Iterator[Program]:
    """A program whose store is closed at the end."""
    program = build(settings)
    try:
        yield program
    finally:
        program.store.close()


def asgi(
    programs: Program | Mapping[str, Program],
    *,
    open_reason: str | None = None,
    ended: Callable[[], None] = nothing,
    works: bool = False,
) -> Dispatcher:
    """The server: one program at `/`, or several, each at `/{name}`.

    Clients prove themselves by tokens, and every answer about a person is in the program's ledger before it leaves;
    with a reason to be `open`, whoever reaches the server sees everything, so that is refused on any address but
    loopback. So are programs with one key: their page links, and the ids they make of a practice's key, would be each
    other's. `ended` is called when the server stops, after the last request. One that `works` does what waits, too,
    where its settings say so.
    """
    mounted = {"": programs} if isinstance(programs, Program) else {f"/{name}": p for name, p in programs.items()}
    if len({program.secret for program in mounted.values()}) < len(mounted):
        raise Problem(Kind.FORBIDDEN, "each program needs a key of its own", "IOP_SECRET_FILE")
    hosts = frozenset[str]().union(*(allowed_hosts(program.settings) for program in mounted.values()))
    watch = Watch(next(iter(mounted.values())).settings)
    if open_reason is not None:
        at = {prefix: _open(program, open_reason, prefix, watch) for prefix, program in mounted.items()}
        return Dispatcher(at, hosts, watch, ended)
    ledgers = [Ledger(place_of(program.settings.store), program.clock) for program in mounted.values()]
    known = [clients(program, ledger) for program, ledger in zip(mounted.values(), ledgers, strict=True)]
    at = {prefix: _guarded(access, prefix, watch) for prefix, access in zip(mounted, known, strict=True)}
    workers = [InProcess(worker(access)) for access in known if works and access.program.settings.work]

    def close() -> None:
        for one in workers:
            one.close()
        for ledger in ledgers:
            ledger.close()
        ended()

    proxies = next(iter(mounted.values())).settings.proxies
    return Dispatcher(at, hosts, watch, close, proxies)


def _open(program: Program, reason: str, prefix: str, watch: Watch) -> Doors:
    """The doors of a program that shows everything to whoever reaches it."""
    if not is_loopback(program.settings.host):
        why = f"without authorization the server listens on loopback only, not on {program.settings.host}"
        raise Problem(Kind.FORBIDDEN, why, "IOP_HOST")
    predicate = everything(reason)
    return doors(program, Anyone(predicate), Openly(predicate), prefix, watch)


def _guarded(access: Clients, prefix: str, watch: Watch) -> Doors:
    """The doors of a program whose clients and staff prove themselves."""
    return doors(access.program, access, Staff(access), prefix, watch, access.refusals.write)


def clients(program: Program, ledger: Ledger) -> Clients:
    """Who may ask, with what they are shown in this ledger."""
    types = served(program)
    return Clients(program, Bearers(program.store), matrix_of(program.settings, program.maps, types), ledger, types)


@contextmanager
def working(program: Program) -> Iterator[Worker]:
    """The worker of a program that another process may serve."""
    ledger = Ledger(place_of(program.settings.store), program.clock)
    try:
        yield worker(clients(program, ledger))
    finally:
        ledger.close()


def worker(access: Clients, passing: Passing | None = None) -> Worker:
    """Does all kinds of jobs of a program; time passes at partners' servers as is said."""
    program, attempts = access.program, Attempts(access.program.clock)
    said = program.settings.notify_networks.split(",")
    webhooks = Webhooks([ip_network(network.strip()) for network in said if network])
    sender = Sender(program, access.ledger, access.subscribers, webhooks, attempts)
    lines = Lines(program, passing)
    errands = Errands(program, access.matrix, access.ledger, lines)
    asked = program, access.matrix, access.ledger, lines
    referred: dict[str, Does] = {AFTERCARE: Aftercare(*asked), CHANGE: Telling(*asked), AUTHORIZE: Requests(*asked)}
    referred[ATTACH] = Packets(*asked)
    planner = Planner(program, access.pullers, access.ledger)

    async def ends() -> None:
        await sender.close()
        await errands.close()

    kinds: dict[str, Does] = {NOTIFY: sender, **referred, EXPORT: planner, ENDING: Endings(program)}
    return Worker(program, {**kinds, **errands.kinds()}, ends, attempts)


def matrix_of(settings: Settings, maps: Maps, types: frozenset[str]) -> Matrix:
    """Who may ask what of the doors; a Problem with every refusal."""
    return _matrix(maps, settings.mappings, types)


@lru_cache(_KEPT)
def _matrix(maps: Maps, mappings: Path, types: frozenset[str]) -> Matrix:
    concepts = [*maps.concepts, *maps.aggregates]
    return Matrix.load(mappings / "release", fhir_cells(types, ROUTES), native_cells(concepts))


def secret(path: Path) -> bytes:
    """The deployment's key; made on first use, readable by its owner only, never seen half written."""
    try:
        held = path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _made(path)
    if len(held) < SECRET_BYTES:
        raise Problem(Kind.FAULT, f"{path} is not a key: it must hold at least {SECRET_BYTES} bytes", "IOP_SECRET_FILE")
    return held


def _made(path: Path) -> bytes:
    """Write the key beside its place and link it there: whoever comes first wins, the others read his."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(secrets.token_bytes(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
