"""Topics: which change is an event of which, and what of their file is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapter.callers import ClientKind
from adapter.fhir.elements import Definitions
from adapter.mapping.declarations import Declaration, Refusals
from adapter.mapping.topics import Topic, topics

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = Definitions.load(ROOT / "profiles" / "r4")
CONCEPTS = {"referral_task": "Task", "episode": "EpisodeOfCare", "authorization": "ClaimResponse"}


def read(path: Path) -> tuple[dict[str, Topic], list[str]]:
    refusals = Refusals()
    found = topics(Declaration(path, "topics.toml", refusals), DEFINITIONS, CONCEPTS)
    return dict(found), [issue.message for issue in refusals.issues]


SHIPPED, SAID = read(ROOT / "mappings" / "topics.toml")


def episode(status: str | None) -> dict[str, Any] | None:
    return status and {"id": "e", "status": status, "patient": {"reference": "Patient/p"}}  # type: ignore[return-value]


def test_the_shipped_topics_are_those_of_the_design() -> None:
    assert not SAID
    assert SHIPPED["referral-status-changed"].kinds >= {ClientKind.FACILITY}
    told = {name for name, topic in SHIPPED.items() if ClientKind.PAYER in topic.kinds}
    assert told == {"export-ready"}
    assert SHIPPED["export-ready"].job == "export"


@pytest.mark.parametrize(
    ("before", "after", "happened"),
    [
        (None, "active", ["admitted"]),
        (None, "planned", []),
        ("planned", "active", ["admitted"]),
        ("waitlist", "active", ["admitted"]),
        ("onhold", "active", []),
        ("active", "active", []),
        ("active", "finished", ["discharged"]),
        ("onhold", "finished", ["discharged"]),
        (None, "finished", []),
        ("planned", "cancelled", []),
        ("active", None, []),
    ],
)
def test_a_stay_begins_and_ends_once(before: str | None, after: str | None, happened: list[str]) -> None:
    found = [
        n
        for n, t in SHIPPED.items()
        if t.resource == "EpisodeOfCare" and t.happened(episode(before), episode(after), "episode")
    ]
    assert found == happened


def test_an_event_is_about_all_that_its_resource_refers_to() -> None:
    after = {
        "id": "e",
        "status": "active",
        "patient": {"reference": "Patient/p"},
        "referralRequest": [
            {"reference": "ServiceRequest/a"},
            {"display": "by telephone"},
            {"reference": "ServiceRequest/b"},
        ],
    }
    event = SHIPPED["admitted"].happened(None, after, "episode")
    assert event == ("admitted", ("p",), ("e",), ("a", "b"))


def test_only_a_task_about_a_referral_moves_one() -> None:
    topic, task = (
        SHIPPED["referral-status-changed"],
        {"id": "t", "status": "received", "for": {"reference": "Patient/p"}},
    )
    assert topic.happened(None, task, "referral_task")
    assert topic.happened(task, task | {"businessStatus": {"text": "x"}}, "referral_task")
    assert not topic.happened(task, task | {"description": "x"}, "referral_task")
    assert not topic.happened(None, task, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ('concept  = "referral_task"', "is no concept that writes a Task"),
        ('changed  = ["status", "businessStatus"]', "say what has `changed`"),
        ('filters  = { patient = "for", referral = "focus" }', "unknown filter"),
        ('title    = "The status of a referral has changed"', "must be a string"),
        ('for      = ["program-ehr", "provider-ehr", "facility"]', "must name kinds of clients"),
        ('resource = "Task"', "unknown element Tusk.status"),
    ],
)
def test_a_file_that_means_nothing_is_refused_with_its_line(tmp_path: Path, change: str, said: str) -> None:
    instead = {
        'concept  = "referral_task"': 'concept = "episode"',
        'changed  = ["status", "businessStatus"]': "",
        'filters  = { patient = "for", referral = "focus" }': 'filters = { who = "for" }',
        'title    = "The status of a referral has changed"': "title = 1",
        'for      = ["program-ehr", "provider-ehr", "facility"]': 'for = ["nobody"]',
        'resource = "Task"': 'resource = "Tusk"',
    }
    text = (ROOT / "mappings" / "topics.toml").read_text("utf-8")
    assert text.count(change) == 1
    path = tmp_path / "topics.toml"
    path.write_text(text.replace(change, instead[change]))
    found = read(path)[1]
    assert any(said in one and one.startswith("topics.toml:") for one in found), found
