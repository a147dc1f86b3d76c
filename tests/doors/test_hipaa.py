"""A program under HIPAA alone, 45 CFR 164.506: what the law of its state lets go without a consent is a setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.consent.labels import LABELLED, NOTES, PART2, consent_free, mask
from adapter.problems import Problem
from tests.doors.test_guarded import THEIRS, placed

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def seen(folder: Path, sensitivities: str, **more: Any) -> set[str]:
    """Of a plain result and one labelled MH and PSY each: those that a provider who treats the patient is shown, and
    what the privacy officer is told is the same."""
    with placed(folder, consent_free=sensitivities, **more) as place:
        person, found = place.participant(), set[str]()
        place.treated(person)
        provider, officer = place.client("provider-ehr", THEIRS), place.client("privacy-officer", scopes="user/*.cruds")
        for label in ("", "MH", "PSY"):
            made = {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "a result"},
                "subject": {"reference": f"Patient/{person}"},
                **({"meta": {"security": [{"system": ACT, "code": label}]}} if label else {}),
            }
            id = place.staff("POST", "/fhir/Observation", made).headers["location"].split("/")[-3]
            status = provider("GET", f"/fhir/Observation/{id}").status
            told = officer("GET", f"/fhir/$explain?record=Observation/{id}&client=provider-ehr-1").json["parameter"]
            assert told[0] == {"name": "permitted", "valueBoolean": status == 200}
            found |= {label or "plain"} if status == 200 else set()
        return found


@pytest.mark.parametrize(
    ("said", "expected"), [("", {"plain"}), ("PSY", {"plain", "PSY"}), ("MH", {"plain", "MH", "PSY"})]
)
def test_what_is_sensitive_goes_without_a_consent_only_where_the_law_of_the_state_lets_it(
    said: str, expected: set[str], tmp_path: Path
) -> None:
    assert seen(tmp_path, said, posture="hipaa") == expected


def test_in_a_part_2_program_nothing_goes_without_a_consent(tmp_path: Path) -> None:
    assert seen(tmp_path, "") == set()


def test_which_sensitivities_are_meant_is_known() -> None:
    assert consent_free("hipaa", "") == LABELLED
    assert consent_free("hipaa", "BH SDV") == LABELLED | mask(
        ["BH", "SDV", "MH", "PSY", "SUD", "ETH", "ETHUD", "OPIOIDUD"]
    )
    assert [consent_free(posture, "MH") for posture in ("part2", "neither")] == [0, 0]
    assert consent_free("mixed", "MH") == consent_free("hipaa", "MH") == LABELLED | mask(["MH", "PSY"])
    assert not consent_free("hipaa", "BH SDV HIV") & (PART2 | NOTES)
    for wrong in ("PSYTHPN", "42CFRPart2", "MENTAL"):
        with pytest.raises(Problem, match="is none of"):
            consent_free("hipaa", wrong)
