"""Whether a referral out of the program may be sent, and whom it asks: looked at when staff have it sent, and again
when its turn comes, for they may have changed it meanwhile.

https://hl7.org/fhir/R4/servicerequest.html: `status`, `doNotPerform`, `performer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from adapter.exchange.aftercare_listing import REFERRAL, record_of
from adapter.fhir.json import parse
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.store.version import Version

Resource = dict[str, Any]
Current = Callable[[str, str], Version | None]
"""The newest version of a record, by type and id."""
_ORGANIZED = {"HealthcareService": "providedBy", "PractitionerRole": "organization"}
"""Whom else a referral may ask, and where these say for which organization."""


def sendable(program: Program, referral: Version) -> Resource:
    """The record of a referral that asks somebody for something; Problem(CONFLICT) for one that does not."""
    record = record_of(program, REFERRAL, referral)
    status = record.get("status")
    if status != "active":
        raise Problem(Kind.CONFLICT, f"the referral is {status}: only one that is active is sent", "status")
    if record.get("do_not_perform"):
        raise Problem(Kind.CONFLICT, "the referral says that this is not to be done", "do_not_perform")
    return record


def asked(current: Current, record: Resource) -> frozenset[str]:
    """The organizations that a referral asks, or whose services and people it does."""
    return frozenset(id for performer in record.get("performers", ()) for id in _organizations(current, performer))


def check_asked(organizations: frozenset[str], organization: str, name: str) -> None:
    """Problem(CONFLICT) for a partner, of this name and organization, where only others are asked."""
    if organizations and organization not in organizations:
        raise Problem(Kind.CONFLICT, f"the referral asks others than {name}: see its performers", "performers")


def _organizations(current: Current, performer: Any) -> Iterator[str]:
    type, _, id = (performer if isinstance(performer, str) else "").partition("/")
    if type in _ORGANIZED and (version := current(type, id)) and not version.deleted:
        said = parse(version.text).get(_ORGANIZED[type], {}).get("reference", "")
        type, _, id = said.partition("/")
    if type == "Organization":
        yield id
