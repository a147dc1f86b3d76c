"""The authorization matrix: what each kind of client, and each role of the staff, may ask for, before any consent.

Read from `mappings/release`: `matrix.toml` for /fhir, `staff.toml` for /iop. Whatever stands in neither is refused.
https://hl7.org/fhir/R4/security.html#authorization
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

from adapter.callers import ClientKind
from adapter.consent.grid import Grid, Names, Offered, read
from adapter.mapping.declarations import Declaration, Refusals

OTHER = "other"
"""Stands in `staff.toml` for a resource that no concept claims."""
ANYTHING = frozenset({"*"})
"""Every include that the server advertises."""


class Verdict(StrEnum):
    """What of the records in a cell may be asked for; `[words]` of `matrix.toml` says what each means."""

    NO = "no"
    OPEN = "open"
    TOKEN = "token"
    ALL = "all"
    ROLE = "role"
    DIRECTORY = "directory"
    CONSENT = "consent"
    NAMED = "named"
    OWN_MEMBERS = "own_members"
    OWN_PRINCIPAL = "own_principal"
    ADDRESSED = "addressed"
    NAMING = "naming"
    WITH_TARGET = "with_target"
    OWN = "own"
    OWN_OPEN = "own_open"
    OWN_CANCEL = "own_cancel"
    OWN_DRAFT = "own_draft"
    DRAFT = "draft"
    REFERRAL = "referral"
    REFERRAL_DRAFT = "referral_draft"
    READ_ONLY = "read_only"


class Role(StrEnum):
    """What somebody of the staff does in the program."""

    COUNSELOR = "counselor"
    PRESCRIBER = "prescriber"
    PEER_MENTOR = "peer-mentor"
    BILLING = "billing"
    INTAKE = "intake"
    PROGRAM_LEAD = "program-lead"
    PRIVACY_OFFICER = "privacy-officer"


class Assignment(StrEnum):
    """Whose records a role may; `[words]` of `staff.toml` says what each means."""

    NO = "no"
    ASSIGNED = "assigned"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a search of one kind of client may reach: depths of chains and `_has`, includes and the rest."""

    chain: int
    has: int
    includes: frozenset[str]
    iterate: bool
    lenient: bool

    def includes_by(self, parameter: str) -> bool:
        """Whether `Type:parameter` may be included or included back, if the server has it at all."""
        return self.includes == ANYTHING or parameter in self.includes


@dataclass(frozen=True, slots=True)
class Matrix:
    """Both grids and the limits, as read; a type or concept is "" at the base."""

    _clients: Grid[ClientKind, Verdict]
    _staff: Grid[Role, Assignment]
    _limits: Mapping[ClientKind, Limits]
    version: str = ""
    """Of what both files say."""

    @classmethod
    def load(cls, folder: Path, fhir: Offered, native: Offered) -> Matrix:
        """Read `matrix.toml` and `staff.toml` in a folder, for what the doors of a program offer.

        Problem(UNPROCESSABLE) with every refusal by file and line: a name or word that is not known, a cell that two
        rows own, one that no row owns.
        """
        refusals = Refusals()
        file, roles = (read(folder, name, refusals) for name in ("matrix.toml", "staff.toml"))
        refusals.raise_any()  # of what is no TOML, nothing more is to be said
        clients = Grid(file, Names("types", "interactions"), ClientKind, Verdict, fhir)
        _check_open(file, clients)
        limits = _limits(file, fhir)
        staff = Grid(roles, Names("concepts", "verbs"), Role, Assignment, native)
        refusals.raise_any()
        said = json.dumps([file.content, roles.content], sort_keys=True).encode()
        return cls(clients, staff, limits, blake2b(said, digest_size=16).hexdigest())

    def verdict(self, kind: ClientKind, interaction: str, type: str) -> Verdict:
        """What a kind of client may; `NO` where no row says anything."""
        row = self._clients.cells.get((type, interaction))
        return row.words[kind] if row else Verdict.NO

    def staff(self, role: Role, concept: str, verb: str) -> Assignment:
        """Whose records of a concept a role may; `NO` where no row says anything."""
        row = self._staff.cells.get((concept, verb))
        return row.words[role] if row else Assignment.NO

    def opens(self, interaction: str, type: str) -> str | None:
        """What a cell waits for that is closed to everybody as yet."""
        row = self._clients.cells.get((type, interaction))
        return row.opens if row else None

    def limits(self, kind: ClientKind) -> Limits:
        """How far its searches may reach."""
        return self._limits[kind]

    @property
    def clients(self) -> Grid[ClientKind, Verdict]:
        """The grid of /fhir, to be shown."""
        return self._clients

    @property
    def roles(self) -> Grid[Role, Assignment]:
        """The grid of /iop, to be shown."""
        return self._staff


def _check_open(file: Declaration, grid: Grid[ClientKind, Verdict]) -> None:
    """What is open to one is open to all: without a token nobody knows who asks."""
    for row in {id(row): row for row in grid.cells.values()}.values():
        if Verdict.OPEN in row.words.values() and set(row.words.values()) != {Verdict.OPEN}:
            file.refuse("what is open to one kind of client is open to anybody: say it of all", *row.place)


_SAID: Mapping[str, type] = {"chain": int, "has": int, "includes": list, "iterate": bool, "lenient": bool}


def _limits(file: Declaration, fhir: Offered) -> Mapping[ClientKind, Limits]:
    section, kinds = file.section("limits"), list(ClientKind)
    file.only(section, _SAID, "limit", "limits")
    wrong = {name for name, wanted in _SAID.items() if not _one_each(section.get(name), wanted, len(kinds))}
    for name in wrong:
        file.refuse(f"{name!r} must be one {_SAID[name].__name__} for each of 'columns'", "limits", name)
    for one in () if wrong else chain.from_iterable(section["includes"]):
        if one not in ANYTHING and str(one).partition(":")[0] not in fhir:
            file.refuse(f"{one!r} is neither '*' nor Type:parameter of a type that is served", "limits", "includes")
    if wrong:
        return {}
    return {kind: _limit({name: section[name][n] for name in _SAID}) for n, kind in enumerate(kinds)}


def _one_each(said: Any, wanted: type, number: int) -> bool:
    return isinstance(said, list) and [type(one) for one in said] == [wanted] * number


def _limit(said: Mapping[str, Any]) -> Limits:
    return Limits(said["chain"], said["has"], frozenset(said["includes"]), said["iterate"], said["lenient"])
