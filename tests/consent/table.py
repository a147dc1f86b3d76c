"""The consent decision table as data: its forms, and the world of each row that the policy decides."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from adapter.callers import Caller, ClientKind, Purpose
from adapter.consent.grants import Program, grants_of
from adapter.consent.labels import LABELLED, NOTES, Labeller, Origin, mask
from adapter.consent.policy import Decision, decide, side_of
from adapter.consent.validity import Standing
from adapter.fhir.dates import Calendar
from adapter.mapping.sensitive_codes import SensitiveCodes
from adapter.rules import BEGINNING, END, Bond, Facts, Grant, Labels, Tie

Row = dict[str, Any]


def labels_of(
    resource: dict[str, Any], origin: Origin, sensitive: SensitiveCodes, patients: Sequence[str] = ()
) -> Labels:
    """What a resource of an origin tells of."""
    return Labeller(origin, sensitive).labels(resource, patients)


Record = dict[str, Any]
TABLE = tomllib.loads((Path(__file__).parent / "consent_table.toml").read_text(encoding="utf-8"))
ROWS: list[Row] = TABLE["row"]
KINDS = {
    "provider": (ClientKind.PROVIDER_EHR, Purpose.TREATMENT),
    "payer": (ClientKind.PAYER, Purpose.PAYMENT),
    "facility": (ClientKind.FACILITY, Purpose.TREATMENT),
    "program": (ClientKind.PROGRAM_EHR, Purpose.TREATMENT),
    "staff": (ClientKind.STAFF, Purpose.OPERATIONS),
}
NOW = "2026-03-10T12:00:00-06:00"
SESSION = {"type": "Encounter", "id": "session", "labels": ["42CFRPart2", "SUD"], "date": "2026-03-10"}


def form(name: str, drop: tuple[str, ...] = (), **changed: Any) -> Record:
    """A native consent of the table, changed."""
    made = {**deepcopy(TABLE["forms"][name]), **changed}
    return {key: value for key, value in made.items() if key not in drop}


def without(record: Record, missing: str) -> Record:
    """The consent without fields (`a,b`) or without one member of a list (`a:member`)."""
    field, _, member = missing.partition(":")
    if member:
        return {**record, field: [word for word in record[field] if word != member]}
    return {key: value for key, value in record.items() if key not in missing.split(",")}


def consents_of(row: Row) -> list[Record]:
    """The consents on record in a row."""
    return [form(c["form"], tuple(c.get("drop", ())), **c.get("set", {})) for c in row.get("consents", ())]


def caller_of(row: Row) -> Caller:
    """Who asks in a row: its organization has the name of its kind."""
    kind, purpose = KINDS[row["caller"]]
    return Caller("client", kind, row["caller"], Purpose(row.get("purpose", purpose)), (), "token")


def facts_of(row: Row, calendar: Calendar) -> Facts:
    """The record that is asked for: the labels of its origin, and those that the row says."""
    said = row.get("record", SESSION)
    labels = 0 if said.get("unlabelled") else _labels(row, said["labels"])
    date = calendar.interval(said["date"])[0] if "date" in said else None
    side = side_of(KINDS[row["caller"]][0], said["type"])
    return Facts(said["type"], said["id"], frozenset(said.get("patients", ["pat"])), labels, date, side)


def _labels(row: Row, codes: list[str]) -> int:
    origin = Origin(row.get("posture", "part2"), row.get("episode"))
    labels = labels_of({"resourceType": "Basic"}, origin, SensitiveCodes()).own | mask(codes)
    return labels & ~LABELLED if codes and "42CFRPart2" not in codes else labels


def ties_in(row: Row, calendar: Calendar) -> list[Tie]:
    """The ties of a row."""
    return [
        Tie(
            Bond(tie["bond"]),
            tie.get("patient", "pat"),
            tie["organization"],
            "CareTeam/team",
            calendar.interval(tie["from"])[0] if "from" in tie else BEGINNING,
            calendar.interval(tie["until"])[1] if "until" in tie else END,
        )
        for tie in row.get("ties", ())
    ]


def standing_of(row: Row, calendar: Calendar) -> Standing:
    """What the patient's own record says in a row."""
    return Standing(
        *(calendar.interval(row[name])[0] if name in row else None for name in ("own_consent_from", "died"))
    )


def grants_in(row: Row, program: Program, consents: list[Record] | None = None) -> list[Grant]:
    """The grants of the consents of a row, or of others in their place."""
    standing = standing_of(row, program.calendar)
    records = consents_of(row) if consents is None else consents
    return [grant for record in records for grant in grants_of(record, program, standing)[0]]


def answer(row: Row, program: Program, consents: list[Record] | None = None) -> Decision:
    """What the policy answers to a row."""
    return decide(
        caller_of(row),
        facts_of(row, program.calendar),
        grants_in(row, program, consents),
        ties_in(row, program.calendar),
        program.calendar.interval(row.get("now", NOW))[0],
        operations_allowed=row.get("operations_allowed", False),
        consent_free=LABELLED | mask(row.get("consent_free", ())) & ~NOTES,
    )
