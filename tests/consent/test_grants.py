"""What consents become: a permission never wider than the form, a refusal never narrower."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.consent.grants import Program, grants_of
from adapter.consent.labels import LABELLED, NOTES, OTHER, PART2, mask, with_narrower
from adapter.consent.validity import Standing
from adapter.fhir.json import parse
from adapter.mapping.load import Maps
from adapter.rules import ANY, BEGINNING, END, EVERY_LABEL, Effect, Grant
from tests.consent.table import form


def of(program: Program, record: dict[str, Any], *effects: Effect) -> list[Grant]:
    grants, _ = grants_of(record, program)
    return [grant for grant in grants if grant.effect in (effects or Effect)]


def places(program: Program, record: dict[str, Any]) -> list[str | None]:
    return [issue.expression for issue in grants_of(record, program)[1]]


def test_a_single_consent_is_a_row_for_each_class_and_purpose(program: Program) -> None:
    rows = of(program, form("tpo"))
    classes = {"class/treating-providers", "class/health-plans", "class/third-party-payers"}
    assert {row.recipient for row in rows} == classes
    assert {row.purpose for row in rows} == {"TREAT", "HPAYMT", "HOPERAT"}
    assert len(rows) == 9
    signed = program.calendar.interval("2026-01-12T17:20:00-07:00")[0]
    labels = PART2 | with_narrower(["SUD", "MH", "HIV"])
    expected = Grant("tpo", "pat", Effect.PERMIT, rows[0].recipient, rows[0].purpose, labels=labels, valid_from=signed)
    assert rows[0] == expected


def test_every_narrowing_of_the_form_is_in_the_row(program: Program) -> None:
    narrowed = form(
        "specific",
        record_types=["session"],
        records=[{"record": "Encounter/e", "meaning": "this_record"}],
        sensitivities=["substance_use"],
        data_from="2026-01-12",
        data_until="2026-06-30",
        starts_on="2026-02-01",
    )
    day = program.calendar.interval
    assert of(program, narrowed) == [
        Grant(
            *("specific", "pat", Effect.PERMIT, "Organization/provider", "TREAT", "Encounter", "Encounter/e"),
            labels=PART2 | with_narrower(["SUD"]),
            data_from=day("2026-01-12")[0],
            data_until=day("2026-06-30")[1],
            valid_from=day("2026-02-01")[0],
            valid_until=day("2026-12-31")[1],
        )
    ]


def test_without_sensitivities_every_label_but_that_of_notes_is_permitted(program: Program) -> None:
    assert {row.labels for row in of(program, form("specific"))} == {EVERY_LABEL & ~NOTES}


def test_sensitivities_do_not_take_in_a_record_that_has_none(program: Program) -> None:
    (row,) = of(program, form("specific", sensitivities=["hiv"], record_types=["result"]))
    assert row.labels == PART2 | mask(["HIV"])
    assert row.labels & LABELLED == 0


@pytest.mark.parametrize(
    ("words", "labels"), [(["normal"], LABELLED), (["normal", "restricted"], EVERY_LABEL & ~NOTES)]
)
def test_normal_confidentiality_takes_in_nothing_restricted(words: list[str], labels: int, program: Program) -> None:
    assert {row.labels for row in of(program, form("specific", confidentiality=words))} == {labels}


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"status": "active", "revoked_at": "2026-03-01"}, "revoked_at"),
        ({"topics": [{"text": "Discharge summary"}]}, "topics"),
        ({"actions": ["collect"]}, "actions"),
        ({"organizations": ["elsewhere"]}, "organizations"),
        ({"disclosers": [{"discloser": "PractitionerRole/b"}]}, "disclosers"),
        ({"incomplete": [{"path": "Consent.provision.purpose[1]", "reason": "?"}]}, "Consent.provision.purpose[1]"),
        ({"exceptions": [{"record_types": ["session"], "decision": "permit"}]}, "exceptions[0].decision"),
        ({"verifications": [{"verified": False, "verified_at": "2026-02-01"}]}, "verifications[0].verified"),
        ({"recipients": [{"recipient": "Practitioner/x"}]}, "recipients[0]"),
        ({"recipients": [{"recipient": "CareTeam/x", "classes": ["treating_providers"]}]}, "recipients[0]"),
        ({"recipients": [{"recipient": {"name": "My doctor"}}]}, "recipients[0]"),
        ({"recipients": [{"recipient": "Organization/x", "intermediary": True}]}, "recipients[0]"),
        ({"record_types": ["session"], "records": [{"record": "Task/t", "meaning": "this_record"}]}, None),
        ({"sensitivities": ["hiv"], "confidentiality": ["normal"]}, None),
        ({"signer_capacity": "executor"}, "signer_capacity"),
        ({"expires_with": "other"}, None),
    ],
)
def test_what_cannot_be_followed_permits_nothing_and_is_told(
    changed: dict[str, Any], place: str | None, program: Program
) -> None:
    record = form("specific", **changed)
    if "expires_with" in changed:
        del record["expires_on"]
        place = "expires_when"
    assert of(program, record) == []
    assert place in places(program, record)


def test_a_name_with_a_class_is_the_name(program: Program) -> None:
    both = form("specific", recipients=[{"recipient": "Organization/provider", "classes": ["treating_providers"]}])
    assert {row.recipient for row in of(program, both)} == {"Organization/provider"}


def test_one_recipient_that_is_left_out_leaves_the_others(program: Program) -> None:
    two = form("specific", recipients=[{"recipient": "Practitioner/x"}, {"recipient": "Organization/provider"}])
    assert {row.recipient for row in of(program, two)} == {"Organization/provider"}
    assert places(program, two) == ["recipients[0]"]


@pytest.mark.parametrize("status", ["draft", "proposed", "rejected", "inactive", "entered_in_error"])
def test_only_an_active_consent_permits(status: str, program: Program) -> None:
    assert grants_of(form("specific", status=status), program) == ((), ())


def test_a_month_in_which_it_was_signed_counts_from_its_end(program: Program) -> None:
    rows = of(program, form("specific", signed_at="2026-02"))
    assert {row.valid_from for row in rows} == {program.calendar.interval("2026-03-01")[0]}


def test_exceptions_are_rows_of_their_own_for_everybody(program: Program) -> None:
    record = form("specific", exceptions=[{"sensitivities": ["hiv"], "purposes": ["treatment"], "decision": "deny"}])
    (row,) = of(program, record, Effect.EXCEPTION)
    expected = Grant("specific", "pat", Effect.EXCEPTION, ANY, "TREAT", labels=OTHER | mask(["HIV"]))
    assert row == expected


def test_a_consent_that_permits_nothing_leaves_no_exceptions(program: Program) -> None:
    assert of(program, form("specific", exceptions=[{"decision": "deny"}], topics=[{"text": "x"}])) == []


def test_a_refusal_that_says_little_refuses_all(program: Program) -> None:
    bare = form("refusal", ("recipients", "purposes", "signed_by", "signed_at"))
    assert of(program, bare) == [Grant("refusal", "pat", Effect.DENY, ANY, ANY)]


@pytest.mark.parametrize(
    "recipient",
    [
        {"recipient": "PractitionerRole/x"},
        {"recipient": {"name": "My employer"}},
        {"recipient": "Organization/x", "intermediary": True},
    ],
)
def test_a_refusal_to_somebody_who_is_no_organization_is_to_all(recipient: dict[str, Any], program: Program) -> None:
    rows = of(program, form("refusal", recipients=[{"recipient": "Organization/x"}, recipient]))
    assert {row.recipient for row in rows} == {ANY}


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("Consent.provision.actor[1]", "recipient", ANY),
        ("Consent.provision.purpose[1]", "purpose", ANY),
        ("Consent.provision.class[0]", "type", ANY),
        ("Consent.provision.securityLabel[1]", "labels", EVERY_LABEL),
        ("Consent.provision.data[0]", "record", ANY),
        ("Consent.provision.dataPeriod", "data_until", END),
        ("Consent.provision.period.end", "valid_until", END),
        ("Consent.provision.something", "recipient", ANY),
        ("Consent.provision", "purpose", ANY),
    ],
)
def test_what_is_not_understood_widens_a_refusal(path: str, field: str, value: Any, program: Program) -> None:
    narrow = form(
        "refusal",
        record_types=["session"],
        sensitivities=["hiv"],
        records=[{"record": "Encounter/e", "meaning": "this_record"}],
        data_until="2026-06-30",
        expires_on="2026-12-31",
    )
    before = of(program, narrow)
    after = of(program, {**narrow, "incomplete": [{"path": path, "reason": "?"}]})
    assert value not in {getattr(row, field) for row in before} or field == "type"
    assert {getattr(row, field) for row in after} == {value}


def test_what_goes_with_a_record_is_refused_with_it_and_permitted_without(program: Program) -> None:
    named = [{"record": "Encounter/e", "meaning": "and_related"}]
    assert {row.record for row in of(program, form("refusal", records=named))} == {ANY}
    assert {row.record for row in of(program, form("specific", records=named))} == {"Encounter/e"}


def test_a_restriction_is_a_refusal_whatever_it_decides_and_ends_by_its_own_end(program: Program) -> None:
    assert {row.effect for row in of(program, form("restriction", decision="permit"))} == {Effect.DENY}
    ended = form("restriction", status="inactive", revoked_at="2026-03-01")
    assert {row.valid_until for row in of(program, ended)} == {program.calendar.interval("2026-03-01")[1]}
    assert {row.valid_until for row in of(program, form("restriction", status="inactive"))} == {END}
    assert places(program, form("restriction", status="inactive")) == ["status"]
    assert of(program, form("restriction", status="entered_in_error")) == []


def test_a_refusal_counts_from_the_beginning_though_signed_later(program: Program) -> None:
    assert {row.valid_from for row in of(program, form("refusal"))} == {BEGINNING}


def test_what_a_signer_signed_ends_with_what_lets_them_sign(program: Program) -> None:
    guardian = form("specific", signed_by=["RelatedPerson/m"], signer_capacity="parent_or_guardian")
    known = Standing(own_consent_from=5, died=9)
    assert grants_of(guardian, program, known)[0] == ()
    late = program.calendar.interval("2026-05-01")[0]
    rows, _ = grants_of(guardian, program, Standing(own_consent_from=late))
    assert {row.valid_until for row in rows} == {late}
    rows, _ = grants_of(form("specific"), program, Standing(died=late))
    assert {row.valid_until for row in rows} == {late}


FIXTURES = {
    "full": (0, set()),
    "minimal": (0, set()),
    "odd": (2, {Effect.DENY}),
    "received-narrower": (0, set()),
    "received-segmented": (0, set()),
    "tpo": (12, {Effect.PERMIT}),
}


def test_the_fixtures_say_what_they_say(root: Path, maps: Maps, program: Program) -> None:
    ours = Program(program.tables, program.calendar, frozenset(("c0000000-0000-4000-8000-000000000001",)))
    found = {}
    for path in sorted((root / "fixtures" / "consent").glob("*/fhir.json")):
        record, _ = maps.concepts["consent"].to_native(parse(path.read_bytes()))
        rows, issues = grants_of(record, ours)
        found[path.parent.name] = len(rows), {row.effect for row in rows}
        assert rows or issues or record["status"] != "active"
    assert found == FIXTURES


def test_a_consent_that_decides_nothing_gives_nothing_unless_it_opts_out(program: Program) -> None:
    undecided = form("specific", ("decision",))
    assert grants_of(undecided, program) == ((), ())
    assert {row.effect for row in of(program, {**undecided, "policy_rule": "opt_out"})} == {Effect.DENY}
