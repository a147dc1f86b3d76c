"""The authorization matrix of the design, row by row as it was decided, against what the data file says.

Each row has the design's word for each kind of client, in our words; where the data file says another, the row says so
beside the design's word, and why. What the design is silent on is not here: `matrix.toml` says why beside each row.

Not cells of the FHIR door: the token endpoint, introspection, client registration and keys, export jobs and files; SUD
counseling notes, which are of no type and are refused at every door. The design's list of elements that a PATCH may
change is none of the matrix: a PUT could say what a PATCH may not, so both are held to the same checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from adapter.callers import ClientKind
from adapter.consent.matrix import Verdict
from tests.consent.release import matrix, offered

LOOK = "read search-type search-compartment"
SEARCH = "search-type search-compartment"
CHANGE = "update patch"
ENCOUNTERS = "Encounter EpisodeOfCare"
CLINICAL = "Observation QuestionnaireResponse MedicationRequest CarePlan CareTeam Goal"
CLAIMS = "Claim ClaimResponse ExplanationOfBenefit"
ANY_CONTENT = "a packet may hold any type of content; by itself nothing is created"
FOUND_BY = "a Provenance is found by its target, and by no link"


class Row(NamedTuple):
    """`says` are the words for EHR-A, EHR-B, PAY, RES, STF, ADM; `amended`: kind -> (the data file's word, why)."""

    endpoint: str
    interactions: str
    types: str
    says: str
    amended: dict[ClientKind, tuple[str, str]] = {}  # noqa: RUF012 -- read only


A, B, PAY, RES, STF, ADM = ClientKind
NEVER_ALONE = {RES: ("referral", ANY_CONTENT)}
# fmt: off
ROWS = (
    Row("/metadata", "capabilities", "", "open open open open open open"),
    Row("Patient r/s", LOOK, "Patient", "all consent own_members own role all"),
    Row("Patient c", "create", "Patient", "all no no referral role all"),
    Row("Patient u", CHANGE, "Patient", "all no no no role all"),
    Row("Patient $match", "$match", "Patient", "all no no no role all"),
    Row("Encounter, EpisodeOfCare r/s", LOOK, ENCOUNTERS, "all consent own_members no role all"),
    Row("Encounter c", "create", ENCOUNTERS, "all no no no role all", NEVER_ALONE),
    Row("Encounter u", CHANGE, ENCOUNTERS, "all no no no role all"),
    Row("Condition r", "read", "Condition", "all consent own_principal own role all"),
    Row("Condition s", SEARCH, "Condition", "all consent no own role all",
        {PAY: ("own_principal", "the scopes to issue say rs")}),
    Row("Condition c", "create", "Condition", "all no no no role all", NEVER_ALONE),
    Row("Condition u", CHANGE, "Condition", "all no no no role all"),
    Row("Procedure r/s", LOOK, "Procedure", "all consent own_members own role all"),
    Row("Procedure c", "create", "Procedure", "all no no no role all", NEVER_ALONE),
    Row("Procedure u", CHANGE, "Procedure", "all no no no role all"),
    Row("clinical r/s", LOOK, CLINICAL, "all consent no own role all"),
    Row("clinical c", "create", CLINICAL, "all no no no role all", NEVER_ALONE),
    Row("clinical u", CHANGE, CLINICAL, "all no no no role all"),
    Row("DocumentReference/Binary r", "read", "DocumentReference Binary", "all consent no own role all"),
    Row("DocumentReference/Binary s", SEARCH, "DocumentReference Binary", "all no no own role all",
        {B: ("consent", "the scopes to issue say rs: what cannot be searched cannot be found")}),
    Row("DocumentReference/Binary c", "create", "DocumentReference Binary", "all no no referral role all"),
    Row("DocumentReference/Binary u", CHANGE, "DocumentReference Binary", "all no no no role all"),
    Row("ServiceRequest r/s", LOOK, "ServiceRequest", "all consent addressed own role all"),
    Row("ServiceRequest c", "create", "ServiceRequest", "all no no referral role all"),
    Row("ServiceRequest u", "update", "ServiceRequest", "all no no own_open role all"),
    Row("Task r/s", LOOK, "Task", "all consent addressed own role all"),
    Row("Task c", "create", "Task", "all no no referral role all"),
    Row("Task u", "update", "Task", "all no no own_cancel role all"),
    Row("Coverage r/s", LOOK, "Coverage", "all no addressed no role all"),
    Row("Coverage c", "create", "Coverage", "all no no referral role all"),
    Row("Coverage u", CHANGE, "Coverage", "all no no no role all"),
    Row("Claim r/s", LOOK, CLAIMS, "all no addressed no role all"),
    Row("Claim c", "create", CLAIMS, "all no no no no no"),
    Row("Claim u", CHANGE, CLAIMS, "no no no no no no"),
    Row("Consent r/s", LOOK, "Consent", "all naming naming own role all"),
    Row("Consent c", "create", "Consent", "draft no no referral_draft role all"),
    Row("Consent u", CHANGE, "Consent", "no no no no role all"),
    Row("Group r/s", LOOK, "Group", "all no addressed no role all"),
    Row("Group/[id]/$export", "$export", "Group", "all no addressed no no all"),
    Row("Patient/$export", "$export", "Patient", "no no no no no no",
        dict.fromkeys((A, ADM), ("all", "the program's own clients may: fhir-api.md"))),
    Row("$export", "$export", "", "no no no no no no"),
    Row("Subscription c/r/d", "create read delete", "Subscription", "own own own own no all"),
    Row("_history instance", "history-instance", f"Patient {CLINICAL}", "all consent no own role all"),
    Row("_history type", "history-type", "Patient Observation Consent", "no no no no no all"),
    Row("_history system", "history-system", "", "no no no no no all"),
    Row("batch", "batch", "", "all read_only read_only no all all"),
    Row("transaction", "transaction", "", "all no no referral all all"),
    Row("PATCH", "patch", f"Patient {ENCOUNTERS} {CLINICAL} ServiceRequest", "all no no no role all"),
    Row("PATCH Task.status", "patch", "Task", "all no no own_cancel role all"),
    Row("DELETE", "delete", f"Patient {ENCOUNTERS} Condition Procedure {CLINICAL} Task Coverage",
        "all no no no role all"),
    Row("DELETE of a referral", "delete", "ServiceRequest", "all no no own_draft role all"),
    Row("DELETE of a consent", "delete", "Consent", "all no no no role all",
        {A: ("no", "it may make drafts of consents and change none")}),
    Row("AuditEvent", LOOK, "AuditEvent", "no no no no no all"),
    Row("AuditEvent writes", "create update patch delete", "AuditEvent", "no no no no no no"),
    Row("Provenance r", "read", "Provenance", "own with_target no own role all"),
    Row("Provenance s", SEARCH, "Provenance", "no no no no role all", {
        A: ("own", FOUND_BY), B: ("with_target", FOUND_BY), RES: ("own", FOUND_BY)}),
    Row("break-glass", "$emergency-access", "Patient", "no named no no role role",
        dict.fromkeys((STF, ADM), ("no", "they see all as it is"))),
)
# fmt: on


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.endpoint)
def test_the_data_file_says_what_was_decided(row: Row) -> None:
    for kind, decided in zip(ClientKind, row.says.split(), strict=True):
        said, why = row.amended.get(kind, (decided, "as decided"))
        for interaction, type in cells(row):
            assert matrix().verdict(kind, interaction, type) == Verdict(said), f"{kind} {interaction} {type}: {why}"


@pytest.mark.parametrize("row", [row for row in ROWS if row.amended], ids=lambda row: row.endpoint)
def test_an_amendment_is_one(row: Row) -> None:
    decided = dict(zip(ClientKind, row.says.split(), strict=True))
    assert all(said != decided[kind] for kind, (said, _) in row.amended.items())


def cells(row: Row) -> Iterator[tuple[str, str]]:
    for interaction in row.interactions.split():
        for type in row.types.split() or [""]:
            assert (type, interaction) in matrix().clients.cells
            yield interaction, type


def test_how_far_searches_reach() -> None:
    """Amended: chains of depth 2 (decided later), and of the two includes for payers each may be asked either way."""
    limits = [matrix().limits(kind) for kind in ClientKind]
    assert [limit.chain for limit in limits] == [2, 2, 0, 0, 2, 2]
    assert [limit.has for limit in limits] == [1, 1, 0, 0, 1, 1]
    assert [limit.lenient for limit in limits] == [True, True, False, False, True, True]
    assert limits[2].includes == {"Encounter:patient", "Claim:patient"}
    assert limits[3].includes == {"Task:focus"}
    assert all(limits[n].includes == {"*"} for n in (0, 1, 4, 5))


def test_no_kind_but_a_payer_is_told_by_a_payer_s_words_and_so_on() -> None:
    """A word holds for the kinds that it was made for: anything else is a slip in a column."""
    words = {
        PAY: {Verdict.OWN_MEMBERS, Verdict.OWN_PRINCIPAL, Verdict.ADDRESSED},
        B: {Verdict.CONSENT, Verdict.WITH_TARGET, Verdict.NAMED},
        RES: {Verdict.REFERRAL, Verdict.REFERRAL_DRAFT, Verdict.OWN_OPEN, Verdict.OWN_CANCEL, Verdict.OWN_DRAFT},
        STF: {Verdict.ROLE},
        A: {Verdict.DRAFT},
    }
    for row in matrix().clients.cells.values():
        for kind, word in row.words.items():
            assert all(kind is owner for owner, its in words.items() if word in its), f"{kind}: {word}"
            assert word is not Verdict.ALL or kind in (A, STF, ADM)


def test_an_outsider_writes_nothing_but_a_referral() -> None:
    for type, interaction in matrix().clients.cells:
        # Of what it wants to be told is about the client alone.
        if type in {*offered()[0]} - {"Subscription"} and interaction in ("create", "update", "patch", "delete"):
            assert {matrix().verdict(kind, interaction, type) for kind in (B, PAY)} == {Verdict.NO}
            assert matrix().verdict(RES, interaction, type) not in (Verdict.ALL, Verdict.CONSENT, Verdict.DIRECTORY)
