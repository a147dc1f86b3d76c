"""Who asks: a client that a token proves, what it may do at most, and what for.

Client kinds are those of the authorization matrix; scopes are SMART's, version 2:
https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ClientKind(StrEnum):
    """What a client is to the program; it decides what there is to ask for, before any consent is looked at."""

    PROGRAM_EHR = "program-ehr"
    """The program's own EHR: a qualified service organization, 42 CFR 2.11 and 2.12(c)(4)."""
    PROVIDER_EHR = "provider-ehr"
    """The EHR of another provider who treats the patient."""
    PAYER = "payer"
    FACILITY = "facility"
    """A residential facility that refers people to the program."""
    STAFF = "staff"
    PRIVACY_OFFICER = "privacy-officer"


class Purpose(StrEnum):
    """What a client asks for, in codes of v3-ActReason."""

    TREATMENT = "TREAT"
    PAYMENT = "HPAYMT"
    OPERATIONS = "HOPERAT"
    EMERGENCY = "ETREAT"
    BREAK_GLASS = "BTG"


EMERGENCIES = frozenset((Purpose.EMERGENCY, Purpose.BREAK_GLASS))
"""Purposes that need a medical emergency, 42 CFR 2.51, and no consent."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One SMART scope: `level/type.letters?arguments`, such as `system/Observation.rs?category=laboratory`.

    `level` is `system` or `user`, `type` a resource type or `*`, `letters` an ordered part of `cruds`.
    """

    level: str
    type: str
    letters: str
    arguments: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        said = "&".join(f"{name}={value}" for name, value in self.arguments)
        return f"{self.level}/{self.type}.{self.letters}" + (f"?{said}" if said else "")


@dataclass(frozen=True, slots=True)
class Caller:
    """A client as one access token proves it.

    `organization` is the id of the Organization it acts for, `token` a short digest of its token (for ledger and log,
    never the token), `user` whom it names, if anybody: of the staff the id of the Practitioner, of others what their
    client calls the person; `roles` are what somebody of the staff is in the program (columns of staff.toml), `name` is
    the name of the person of another.
    """

    client: str
    kind: ClientKind
    organization: str
    purpose: Purpose
    scopes: tuple[Scope, ...]
    token: str
    user: str | None = None
    roles: tuple[str, ...] = ()
    name: str | None = None

    def __hash__(self) -> int:
        # Each request looks up what was worked out for its caller; a text knows its hash, a list of scopes does not.
        return hash(self.token)
