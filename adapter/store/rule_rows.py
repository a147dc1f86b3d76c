"""The rows of what one version says of who may see what: `permit` and `tie`."""

from __future__ import annotations

from adapter.fhir.index import Rows
from adapter.store.database import Row
from adapter.store.version import Version


def permit_rows(version: Version, rows: Rows) -> list[Row]:
    """A row of `permit` for each thing that a Consent says."""
    return [
        (
            *(g.patient, version.vid, rule, g.effect.value, g.consent, g.recipient, g.purpose, g.type, g.record),
            *(g.labels, g.data_from, g.data_until, g.valid_from, g.valid_until, version.t),
        )
        for rule, g in enumerate(rows.grants)
    ]


def tie_rows(version: Version, rows: Rows) -> list[Row]:
    """A row of `tie` for each organization that a record ties to a patient."""
    return [
        (t.patient, version.vid, rule, t.bond.value, t.organization, t.valid_from, t.valid_until, version.t)
        for rule, t in enumerate(rows.ties)
    ]
