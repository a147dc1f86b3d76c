"""The matrix owns every cell that the app has, once, in words that it knows; a file that does not is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapter.callers import ClientKind
from adapter.consent.matrix import OTHER, Assignment, Role, Verdict
from adapter.fhir.elements import Definitions
from adapter.fhir.operations import Operation
from adapter.interactions.program import Program
from adapter.interactions.types import served, writable
from adapter.mapping.load import Maps, load
from adapter.web.asked import Route
from adapter.web.cells import COMPARTMENT, fhir_cells
from adapter.web.fhir import ROUTES
from tests.consent.release import matrix, offered, refusals
from tests.doors.serving import opened

NEW = Operation("new", "http://example.org/OperationDefinition/new", "New", (), ())


@pytest.mark.parametrize("kind", ClientKind)
def test_every_route_of_a_program_has_a_cell_for_each_kind(kind: ClientKind, tmp_path: Path) -> None:
    with opened(tmp_path) as program:
        cells = [(route.name, type) for route in ROUTES for type in places(program, route)]
    assert len(set(cells)) > 800
    for interaction, type in cells:
        assert (type, interaction) in matrix().clients.cells, f"{interaction} of {type or 'the base'}"
        assert isinstance(matrix().verdict(kind, interaction, type), Verdict)


def places(program: Program, route: Route) -> list[str]:
    """Where a route stands, by its own words."""
    if route.on == "system":
        return [""]
    if route.interaction == COMPARTMENT:
        return [type for type in served(program) if writable(type)]
    return [type for type in served(program) if route.serves(type, writable(type))]


@pytest.mark.parametrize(
    ("route", "named"),
    [
        (replace(ROUTES[0], interaction="new"), "at base: new"),
        (replace(ROUTES[0], interaction="operation", on="records", operation=NEW), "at Account: $new"),
        (replace(ROUTES[0], interaction="read", on="system"), "at base: read"),
    ],
    ids=["interaction", "operation", "known elsewhere"],
)
def test_a_new_route_without_a_row_refuses_the_start(route: Route, named: str, tmp_path: Path) -> None:
    types = [type for type in offered()[0] if type]
    found = refusals(tmp_path, "matrix.toml", {}, fhir_cells(types, (*ROUTES, route)))
    assert f"release/matrix.toml: [cells.base]: no row says who may {named}" in found


def test_a_new_type_without_a_row_refuses_the_start(tmp_path: Path) -> None:
    found = refusals(tmp_path, "matrix.toml", {}, fhir_cells(["Substance"], ROUTES))
    assert len(found) == 1
    assert "no row says who may at Substance: $validate, create, delete, history-instance" in found[0]


def test_a_concept_without_a_row_refuses_the_start(tmp_path: Path) -> None:
    found = refusals(tmp_path, "staff.toml", {'"booking", "session", "group_meeting"': '"booking", "session"'})
    said = "no row says who may at group_meeting: create, delete, get, list, patch, put"
    assert found == [f"release/staff.toml: [cells.base]: {said}"]


FAULTS = [
    pytest.param(
        'columns = ["program-ehr"', 'columns = ["vendor"', "columns: 'columns' must be ['program-ehr', ", id="kind"
    ),
    pytest.param(
        '"Encounter", "EpisodeOfCare"]',
        '"Encounter", "EpisodOfCare"]',
        "visits: unknown in types: 'EpisodOfCare'",
        id="type",
    ),
    pytest.param(
        "[cells.visits]", "[cells.visit]", "[cells.visit]: unknown place or group of places 'visit'", id="group"
    ),
    pytest.param(
        '["vread", "hist', '["vraed", "hist', "past: unknown in interactions: 'vraed'", id="interaction in a group"
    ),
    pytest.param(
        "\nhistory-system ",
        "\nhistory-sytem ",
        "history-sytem: unknown 'history-sytem': nothing of this",
        id="interaction",
    ),
    pytest.param(
        '["own",       "with_target", "no",         "own",      "role",   "all"]\nc',
        '["mine",      "with_target", "no",         "own",      "role",   "all"]\nc',
        "past: unknown word 'mine'; known: no, open, ",
        id="word",
    ),
    pytest.param(
        '"with_target", "no",         "own",      "role",   "all"]\npast',
        '"no"]\npast',
        "look: must be 6 words",
        id="number of words",
    ),
    pytest.param(
        "[cells.EpisodeOfCare]",
        "[cells.EpisodeOfCare]\nread = ['no', 'no', 'no', 'no', 'no', 'no']",
        "read: read of EpisodeOfCare is said already at release/matrix.toml:",
        id="two rows",
    ),
    pytest.param(
        'visits    = ["Encounter"',
        'visits    = ["Patient", "Encounter"',
        "look: read of Patient is said already at",
        id="two groups",
    ),
    pytest.param(
        "[cells.EpisodeOfCare]",
        "[cells.EpisodeOfCare]\n\"$lookup\" = ['no', 'no', 'no', 'no', 'no', 'no']",
        "\"$lookup\": '$lookup' owns no cell",
        id="nowhere",
    ),
    pytest.param(
        'capabilities       = ["open",      "open"',
        'capabilities       = ["open",      "no"',
        "capabilities: what is open to one kind",
        id="open to some",
    ),
    pytest.param('"$export"          = { opens', '"$export"          = { opened', "opened", id="what it waits for"),
    pytest.param("naming         = ", "naming_it      = ", "naming", id="word without a meaning"),
    pytest.param(
        "visits    = [",
        'Patient = ["Patient"]\nvisits    = [',
        "Patient: 'Patient' is no name for a group",
        id="a group that is a type",
    ),
    pytest.param(
        "has      = [1, ", "has      = [true, ", "has: 'has' must be one int for each of 'columns'", id="limits"
    ),
    pytest.param('["Task:focus"]', '["Tusk:focus"]', "includes: 'Tusk:focus' is neither", id="an include"),
    pytest.param("iterate  = [true", "iterates = [true", "unknown limit 'iterates'", id="an unknown limit"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_a_fault_is_refused_at_its_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    found = refusals(tmp_path, "matrix.toml", {old: new})
    assert any(said in message for message in found), "\n".join(found)


def test_a_file_that_is_no_toml_is_refused_for_that_alone(tmp_path: Path) -> None:
    found = refusals(tmp_path, "matrix.toml", {"[limits]": "[limits"})
    assert len(found) == 1
    assert "not TOML" in found[0]


def test_what_is_written_as_it_should_be_is_refused_nowhere(tmp_path: Path) -> None:
    assert refusals(tmp_path, "staff.toml", {}) == []


def test_what_no_row_names_is_refused_to_everybody() -> None:
    for kind in ClientKind:
        assert matrix().verdict(kind, "$new", "Patient") is Verdict.NO
        assert matrix().verdict(kind, "read", "Substance") is Verdict.NO
    for role in Role:
        assert matrix().staff(role, "note", "get") is Assignment.NO


def test_what_waits_is_refused_to_everybody_and_says_what_for() -> None:
    waiting = {cell: row for cell, row in matrix().clients.cells.items() if row.opens}
    known = {("", "$export")}
    assert known <= set(waiting)
    for (type, interaction), row in waiting.items():
        assert matrix().opens(interaction, type) == row.opens
        assert set(row.words.values()) == {Verdict.NO}
    assert matrix().opens("read", "Patient") is None


def test_every_word_is_used_and_has_a_meaning() -> None:
    for grid, words in ((matrix().clients, Verdict), (matrix().roles, Assignment)):
        said = {word for row in grid.cells.values() for word in row.words.values()}
        assert said == set(words)
        assert set(grid.means) == set(words)


@pytest.fixture(scope="module")
def maps(root: Path) -> Maps:
    return load(root / "mappings", Definitions.load(root / "profiles" / "r4"))


class TestStaff:
    """Samples of `staff.toml`, by the laws that it states."""

    def test_a_biller_reads_no_note_score_screen_or_plan(self) -> None:
        for concept in (
            "document",
            "screening",
            "drug_screen",
            "drug_result",
            "breath_test",
            "treatment_plan",
            "medication",
        ):
            for verb in ("list", "get", "create", "put", "patch", "delete"):
                assert matrix().staff(Role.BILLING, concept, verb) is Assignment.NO

    def test_a_peer_mentor_sees_nothing_that_a_screen_found_and_no_note(self) -> None:
        for concept in ("drug_screen", "drug_screen_panel", "drug_result", "breath_test", "document", "medication"):
            assert matrix().staff(Role.PEER_MENTOR, concept, "get") is Assignment.NO

    def test_only_a_prescriber_writes_medication(self) -> None:
        may = [role for role in Role if matrix().staff(role, "medication", "put") is not Assignment.NO]
        assert may == [Role.PRESCRIBER]

    def test_a_counselor_sees_those_in_her_care_alone_but_safety_flags_of_all(self) -> None:
        cells = {place for place, verb in matrix().roles.cells if verb == "get"}
        whole = {place for place in cells if matrix().staff(Role.COUNSELOR, place, "get") is Assignment.ALL}
        assert whole == {
            "safety_flag",
            "clinician",
            "clinician_role",
            "organization",
            "program",
            "site",
            "therapy_group",
        }

    def test_only_the_privacy_officer_deletes_a_consent_and_he_writes_nothing_else(self) -> None:
        may = [role for role in Role if matrix().staff(role, "consent", "delete") is not Assignment.NO]
        assert may == [Role.PRIVACY_OFFICER]
        writes = {
            place
            for place, verb in matrix().roles.cells
            if verb in ("create", "put", "patch", "delete")
            and matrix().staff(Role.PRIVACY_OFFICER, place, verb) is not Assignment.NO
        }
        assert writes == {"consent"}

    def test_who_may_change_a_record_may_read_it(self) -> None:
        rank = list(Assignment)
        for place, verb in matrix().roles.cells:
            for role in Role:
                if verb in ("create", "put", "patch"):
                    written, seen = (rank.index(matrix().staff(role, place, v)) for v in (verb, "get"))
                    assert written <= seen, f"{role} {verb} {place}"

    def test_who_may_make_a_record_by_its_id_may_make_one(self) -> None:
        rank = list(Assignment)
        for place in {place for place, verb in matrix().roles.cells if verb == "put"}:
            for role in Role:
                put, create = (rank.index(matrix().staff(role, place, verb)) for verb in ("put", "create"))
                assert put <= create, f"{role} {place}"

    def test_a_form_gives_no_more_than_the_records_that_it_consists_of(self, maps: Maps) -> None:
        rank = list(Assignment)
        for name, aggregate in maps.aggregates.items():
            for place, verb in matrix().roles.cells:
                for role in Role if place == name else ():
                    least = min(rank.index(matrix().staff(role, member, verb)) for member in aggregate.members)
                    assert rank.index(matrix().staff(role, name, verb)) <= least, f"{role} {verb} {name}"

    def test_what_no_concept_claims_is_nobody_s_to_write(self) -> None:
        assert {matrix().staff(role, OTHER, "put") for role in Role} == {Assignment.NO}
