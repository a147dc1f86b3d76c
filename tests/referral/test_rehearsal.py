"""What a facility is told of its form and files before it sends them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapter.problems import Problem
from adapter.referral.files import File
from adapter.referral.rehearsal import rehearsed
from adapter.settings import Settings

TO, NOW = "https://iop.example/fhir", datetime(2026, 3, 2, tzinfo=UTC)
QUILL = [("family", "Quill"), ("given", "Ada")]


def test_every_field_that_cannot_be_so_is_refused_at_once() -> None:
    wrong = [("gender", "F?"), ("requester_npi", "1234567890"), ("birth_date", "2026-03-03"), ("colour", "green")]
    with pytest.raises(Problem) as refused:
        rehearsed(Settings(), TO, [*QUILL, *wrong], [], NOW)
    assert [one.expression for one in refused.value.issues] == ["colour", "gender", "requester_npi", "birth_date"]


def test_what_is_missing_and_what_is_too_large_is_told() -> None:
    file = File("document", "note.txt", "text/plain", b"x" * 2_000)
    told = rehearsed(Settings(referral_limit=1_024), TO, QUILL, [file], NOW)
    places = {one.expression: one.message for one in told}
    assert "family" not in places
    assert places["payer"] == "not said: intake will ask for it"
    assert places["document"] == "2,008 bytes are more than the 1,024 that a server takes unless it is told otherwise"
