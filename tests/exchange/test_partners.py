"""Another adapter, in a process of its own, as a partner's server: pulled from and pushed to by the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapter import app, keeper
from adapter.ingest.sources import identifying_systems
from adapter.settings import Settings
from adapter.store.acts import acts_on
from tests.clients.serving import HTTP, ROOT, Server, environment_of
from tests.clients.serving import serving as process
from tests.command_line import called, command
from tests.doors.test_guarded import tpo
from tests.journeys.receivers import running

Json = dict[str, Any]
OURS, THEIRS = (f"c0000000-0000-4000-8000-00000000000{n}" for n in (1, 2))
KEYS = "https://clinic.example.org/keys"


@dataclass
class Ours:
    """The program whose command line it is."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, code: int = 0) -> str:
        ended = called(self.environment, *arguments)
        assert ended.returncode == code, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        return ended.stdout + ended.stderr

    def report(self, *arguments: str, code: int = 0) -> Json:
        """What a pull or a push says that became of each record."""
        said = self("partner", *arguments, "--json", code=code)
        return dict(json.loads(said[said.index("{") : said.rindex("}") + 1]))

    def signers(self, type: str, id: str) -> list[tuple[str, str, str]]:
        """Who wrote the versions of a record; its Provenances are made of this."""
        with keeper.asked(Settings(store=self.environment["IOP_STORE"])) as database:
            return [(one.client, one.kind, one.organization) for one in acts_on(database, type, id, 0)]

    def begun(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command that goes on beside the test."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command(*arguments), cwd=ROOT, env=self.environment, **quiet)


@contextmanager
def serving(folder: Path, environment: dict[str, str]) -> Iterator[Server]:
    """The same server in this process: what is tried is the command line, and each start of another costs seconds."""
    settings = Settings.model_validate({n[4:].lower(): said for n, said in environment.items() if n[:4] == "IOP_"})
    with app.opened(settings) as program:
        dispatcher = app.asgi(program, open_reason="a test")
        try:
            with running(dispatcher, settings.port):
                yield Server(f"http://127.0.0.1:{settings.port}/fhir", folder / "log", environment)
        finally:
            dispatcher.close()


def made(folder: Path, **more: str) -> Ours:
    folder.mkdir()
    found = {**environment_of(folder), "IOP_PARTNER_NETWORKS": "127.0.0.0/8,::1/128", "IOP_ORGANIZATIONS": OURS, **more}
    return Ours(folder, found)


@pytest.fixture
def ehr(tmp_path: Path) -> Iterator[Server]:
    """A partner's server that shows everything."""
    folder = tmp_path / "ehr"
    folder.mkdir()
    with serving(folder, environment_of(folder)) as server:
        yield server


@pytest.fixture
def ours(tmp_path: Path, ehr: Server) -> Ours:
    """A program with this partner, and a store that is empty."""
    ours = made(tmp_path / "iop")
    with serving(ours.folder, ours.environment) as server:
        for id in (OURS, THEIRS):
            body = {"name": "Invented Health", "active": True}
            put = HTTP.put(f"{server.native}/organization/{id}", json=body)
            assert put.status_code == 201, put.text
    ours("partner", "add", "ehr", "--organization", THEIRS, "--base", ehr.base)
    return ours


def post(server: Server, type: str, **said: Any) -> str:
    answer = HTTP.post(f"{server.base}/{type}", json={"resourceType": type, **said})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def person(server: Server, **said: Any) -> str:
    return post(server, "Patient", gender="unknown", name=[{"family": "Quill"}], **said)


def ill(server: Server, patient: str, **said: Any) -> str:
    return post(server, "Condition", subject={"reference": f"Patient/{patient}"}, code={"text": "Invented"}, **said)


def held(server: Server, type: str, **asked: str) -> list[Json]:
    answer = HTTP.get(f"{server.base}/{type}", params={"_count": "200", **asked})
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.json().get("entry", [])]


def counts(report: Json, type: str) -> tuple[int, ...]:
    return tuple(report["types"].get(type, dict.fromkeys("mcul", 0)).values())


def test_what_a_partner_has_is_pulled_once_and_what_changes_there_is_changed(ehr: Server, ours: Ours) -> None:
    ada = person(ehr)
    first = ill(ehr, ada)
    payor = [{"display": "Invented Plan"}]
    post(ehr, "Coverage", status="active", beneficiary={"reference": f"Patient/{ada}"}, payor=payor)
    report = ours.report("pull", "ehr")
    assert [counts(report, type) for type in ("Patient", "Condition", "Coverage")] == [(1, 0, 0, 0)] * 3
    again = ours.report("pull", "ehr")
    assert [counts(again, type) for type in ("Patient", "Condition", "Coverage")] == [(0, 0, 1, 0)] * 3
    said = HTTP.get(f"{ehr.base}/Condition/{first}").json() | {"code": {"text": "Another"}}
    assert HTTP.put(f"{ehr.base}/Condition/{first}", json=said).status_code == 200
    assert counts(ours.report("pull", "ehr"), "Condition") == (0, 1, 0, 0)
    with serving(ours.folder, ours.environment) as here:
        [patient], [condition] = held(here, "Patient"), held(here, "Condition")
        assert condition["code"] == {"text": "Another"}
        assert condition["subject"] == {"reference": f"Patient/{patient['id']}"}
        assert patient["id"] != ada
    assert ours.signers("Condition", condition["id"]) == [("partner:ehr", "partner", THEIRS)] * 2


@pytest.mark.slow
def test_what_was_changed_here_is_not_written_over_and_is_named(ehr: Server, ours: Ours) -> None:
    first = ill(ehr, person(ehr))
    ours.report("pull", "ehr")
    with serving(ours.folder, ours.environment) as here:
        [mine] = held(here, "Condition")
        mine["code"] = {"text": "As we see it"}
        assert HTTP.put(f"{here.base}/Condition/{mine['id']}", json=mine).status_code == 200
    said = HTTP.get(f"{ehr.base}/Condition/{first}").json() | {"code": {"text": "As they see it"}}
    assert HTTP.put(f"{ehr.base}/Condition/{first}", json=said).status_code == 200
    report = ours.report("pull", "ehr", code=1)
    [(place, why)] = report["left"]
    assert place == f"Condition/{first}"
    assert "changed here" in why
    with serving(ours.folder, ours.environment) as here:
        assert held(here, "Condition")[0]["code"] == {"text": "As we see it"}
        parked = HTTP.get(f"{here.native}/parked").text
        assert "a partner says otherwise" in parked


@pytest.mark.slow
def test_an_imported_record_and_the_partner_s_are_one_by_their_key(ehr: Server, ours: Ours) -> None:
    """Architecture, decision 2."""
    system = sorted(identifying_systems(ROOT / "mappings" / "sources"))[0]
    with serving(ours.folder, ours.environment) as here:
        mine = person(here, identifier=[{"system": system, "value": "k-1"}])
    there = person(ehr, identifier=[{"system": system, "value": "k-1"}])
    ill(ehr, there)
    report = ours.report("pull", "ehr", code=0)
    assert counts(report, "Patient") == (0, 0, 1, 0)
    with serving(ours.folder, ours.environment) as here:
        assert [one["id"] for one in held(here, "Patient")] == [mine]
        assert held(here, "Condition")[0]["subject"] == {"reference": f"Patient/{mine}"}


@pytest.mark.slow
def test_a_record_that_may_not_be_stored_is_named_and_keeps_back_no_other(ehr: Server, ours: Ours) -> None:
    ada = person(ehr)
    ours.report("pull", "ehr")
    ill(ehr, ada)
    with serving(ours.folder, ours.environment) as here:
        [mine] = held(here, "Patient")
        assert HTTP.delete(f"{here.base}/Patient/{mine['id']}").status_code in (200, 204)
    bob = person(ehr)
    ill(ehr, bob)
    changed = HTTP.get(f"{ehr.base}/Patient/{ada}").json() | {"gender": "female"}
    assert HTTP.put(f"{ehr.base}/Patient/{ada}", json=changed).status_code == 200
    report = ours.report("pull", "ehr", code=1)
    assert counts(report, "Patient") == (1, 0, 0, 1)
    assert report["left"][0] == [f"Patient/{ada}", "it was deleted here, and is not brought back"]


@pytest.mark.slow
def test_a_pull_that_is_killed_loses_nothing_and_makes_nothing_twice(ehr: Server, ours: Ours) -> None:
    ada = person(ehr)
    entries = [
        {
            "resource": {
                "resourceType": "Condition",
                "subject": {"reference": f"Patient/{ada}"},
                "code": {"text": f"Invented {n}"},
            },
            "request": {"method": "POST", "url": "Condition"},
        }
        for n in range(1_500)
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert HTTP.post(ehr.base, json=bundle, timeout=60).status_code == 200
    for after in (1.2, 1.5, 1.8, 2.2):
        process = ours.begun("partner", "pull", "ehr")
        time.sleep(after)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    report = ours.report("pull", "ehr")
    assert sum(counts(report, "Condition")) <= 1_500
    assert ours("check-store").endswith("no faults\n")
    with serving(ours.folder, ours.environment) as here:
        answer = HTTP.get(f"{here.base}/Condition", params={"_summary": "count"})
        assert answer.json()["total"] == 1_500
        assert len(held(here, "Patient")) == 1


@pytest.fixture
def proving(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A partner's server at which we must prove who we are, and the key by which we do."""
    folder = tmp_path / "guarded"
    folder.mkdir()
    environment = environment_of(folder)
    theirs = Ours(folder, environment)
    private, public = folder / "us.jwk", folder / "us.jwks"
    with serving(folder, environment) as server:
        assert HTTP.put(f"{server.native}/organization/{OURS}", json={"name": "Us", "active": True}).status_code == 201
    public.write_text(theirs("client", "keys", str(private)))
    said = ("--kind", "program-ehr", "--organization", OURS, "--scope", "system/*.cruds", "--purpose", "TREAT")
    theirs("client", "add", "iop", *said, "--jwks", str(public), "--agreement", "qsoa,1,2026-01-01")
    with process(folder, environment, guarded=True) as server:
        yield server, private


def participant(here: Server) -> str:
    """A person with a visit and a goal, who is treated by the partner's organization."""
    id = person(here)
    subject = {"reference": f"Patient/{id}"}
    member = [{"member": {"reference": f"Organization/{THEIRS}"}}]
    post(here, "CareTeam", status="active", subject=subject, participant=member)
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    visit = post(here, "Encounter", status="finished", **{"class": kind}, subject=subject)
    post(here, "Goal", lifecycleStatus="active", subject=subject, description={"text": "Invented"})
    code, encounter = {"text": "Invented"}, {"reference": f"Encounter/{visit}"}
    post(here, "Observation", status="final", code=code, subject=subject, encounter=encounter, valueInteger=3)
    return id


@pytest.fixture
def sending(tmp_path: Path, proving: tuple[Server, Path]) -> tuple[Ours, str]:
    """A program with that partner, and a person who has consented to nothing yet."""
    server, key = proving
    ours = made(tmp_path / "iop")
    with serving(ours.folder, ours.environment) as here:
        for id in (OURS, THEIRS):
            HTTP.put(f"{here.native}/organization/{id}", json={"name": "Invented Health", "active": True})
        id = participant(here)
    proof = ("--client", "iop", "--key", str(key))
    ours("partner", "add", "ehr", "--organization", THEIRS, "--base", server.base, *proof)
    return ours, id


def consented(ours: Ours, id: str) -> str:
    with serving(ours.folder, ours.environment) as here:
        answer = HTTP.post(f"{here.native}/consent", json=tpo(id))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def revoked(ours: Ours, consent: str) -> None:
    change = {"status": "inactive", "revoked_at": "2026-03-02T09:30:00Z", "revoked_how": "paper"}
    with serving(ours.folder, ours.environment) as here:
        at = f"{here.native}/consent/{consent}"
        answer = HTTP.patch(at, json=change, headers={"if-match": 'W/"1"'})
        assert answer.status_code == 200, answer.text


def told(ours: Ours, id: str) -> list[str]:
    """The lines of the account of disclosures, without their heading."""
    return ours("disclosures", "accounting", id).splitlines()[1:]


def test_what_the_consent_allows_is_pushed_once_and_stands_in_the_ledger(
    proving: tuple[Server, Path], sending: tuple[Ours, str]
) -> None:
    (ours, id), server = sending, proving[0]
    nothing = ours.report("push", "ehr", "--patient", id)
    assert not nothing["types"]
    consent = consented(ours, id)
    report = ours.report("push", "ehr", "--patient", id)
    sent = ("Patient", "Encounter", "Goal", "Observation")
    assert [counts(report, type) for type in sent] == [(1, 0, 0, 0)] * 4
    again = ours.report("push", "ehr", "--patient", id)
    assert [counts(again, type) for type in sent] == [(0, 0, 1, 0)] * 4
    lines = told(ours, id)
    assert len(lines) == 1
    assert "Invented Health" in lines[0]
    with serving(ours.folder, ours.environment) as here:
        [goal] = held(here, "Goal")
        goal["description"] = {"text": "Another"}
        assert HTTP.put(f"{here.base}/Goal/{goal['id']}", json=goal).status_code == 200
    assert counts(ours.report("push", "ehr", "--patient", id), "Goal") == (0, 1, 0, 0)
    forgotten(ours)
    assert counts(ours.report("push", "ehr", "--patient", id), "Goal") == (0, 0, 1, 0)
    revoked(ours, consent)
    assert not ours.report("push", "ehr", "--patient", id)["types"]
    assert server.faults() == []


def forgotten(ours: Ours) -> None:
    """As if the program had been killed before it wrote down where the partner has its records."""
    with keeper.opened(Settings(store=ours.environment["IOP_STORE"])) as database:
        database.execute("DELETE FROM partner_record")


@pytest.mark.slow
def test_what_was_pushed_points_to_what_was_pushed_and_is_known_by_our_identifiers(tmp_path: Path, ehr: Server) -> None:
    ours = made(tmp_path / "iop")
    with serving(ours.folder, ours.environment) as here:
        for id in (OURS, THEIRS):
            HTTP.put(f"{here.native}/organization/{id}", json={"name": "Invented Health", "active": True})
        mine = participant(here)
    ours("partner", "add", "ehr", "--organization", THEIRS, "--base", ehr.base)
    consented(ours, mine)
    ours.report("push", "ehr", "--patient", mine)
    [patient], [encounter], [observation] = (held(ehr, type) for type in ("Patient", "Encounter", "Observation"))
    assert observation["encounter"] == {"reference": f"Encounter/{encounter['id']}"}
    assert observation["subject"] == {"reference": f"Patient/{patient['id']}"}
    assert [one["value"] for one in patient["identifier"]] == [mine]
    assert patient["id"] != mine
    # What is ours is not taken back as if it were theirs.
    report = ours.report("pull", "ehr")
    assert [counts(report, type) for type in ("Patient", "Encounter", "Observation")] == [(0, 0, 1, 0)] * 3


def test_a_partner_that_is_disabled_is_asked_nothing(ehr: Server, ours: Ours) -> None:
    assert "FHIR 4.0.1" in ours("partner", "probe", "ehr")
    ours("partner", "disable", "ehr")
    assert "is disabled" in ours("partner", "pull", "ehr", code=1)
    assert "disabled" in ours("partner", "list")
    ours("partner", "enable", "ehr")
    ours("partner", "pull", "ehr")


BAD: dict[str, tuple[tuple[str, ...], str]] = {
    "no TLS": (("--base", "http://ehr.example/fhir"), "https address"),
    "a query": (("--base", "https://ehr.example/fhir?x=y"), "https address"),
    "a person in the address": (("--base", "https://u:p@ehr.example/fhir"), "https address"),
    "a client without a key": (("--base", "https://ehr.example/fhir", "--client", "x"), "go together"),
    "unknown quirks": (
        ("--base", "https://ehr.example/fhir", "--quirks", "none"),
        "there is behind-another-name, by-patient",
    ),
    "a host that is an address": (("--base", "https://ehr.example/fhir", "--host", "https://x/"), "a host is a name"),
    "a name that is taken": (("--base", "https://ehr.example/fhir"), "there is a partner ehr already"),
}


def test_what_is_wrong_with_a_registration_is_told_and_nothing_is_kept(ours: Ours) -> None:
    for arguments, why in BAD.values():
        assert why in ours("partner", "add", "ehr", "--organization", THEIRS, *arguments, code=1)
    assert "there is no partner nobody" in ours("partner", "pull", "nobody", code=1)
    assert ours("partner", "list").count("Organization/") == 1


def test_without_the_setting_no_partner_is_reached_on_this_machine(ehr: Server, ours: Ours) -> None:
    ours.environment["IOP_PARTNER_NETWORKS"] = ""
    assert "no public address" in ours("partner", "probe", "ehr", code=1)


@pytest.mark.slow
def test_a_server_that_is_searched_patient_by_patient_and_takes_no_conditions_is_served_too(
    tmp_path: Path, ehr: Server
) -> None:
    ours = made(tmp_path / "iop")
    ada = person(ehr)
    ill(ehr, ada, category=[{"coding": [{"code": "problem-list-item"}]}])
    ill(ehr, ada)
    with serving(ours.folder, ours.environment) as here:
        for id in (OURS, THEIRS):
            HTTP.put(f"{here.native}/organization/{id}", json={"name": "Invented Health", "active": True})
        mine = participant(here)
    ours("partner", "add", "ehr", "--organization", THEIRS, "--base", ehr.base, "--quirks", "by-patient")
    report = ours.report("pull", "ehr")
    assert [counts(report, type) for type in ("Patient", "Condition")] == [(1, 0, 0, 0)] * 2
    assert counts(ours.report("pull", "ehr"), "Condition") == (0, 0, 1, 0)
    consented(ours, mine)
    report = ours.report("push", "ehr", "--patient", mine)
    assert [counts(report, type) for type in ("Patient", "Encounter", "Observation")] == [(1, 0, 0, 0)] * 3
    [encounter], [observation] = held(ehr, "Encounter"), held(ehr, "Observation")
    assert observation["encounter"] == {"reference": f"Encounter/{encounter['id']}"}
    forgotten(ours)
    again = ours.report("push", "ehr", "--patient", mine)
    assert [counts(again, type) for type in ("Patient", "Encounter", "Observation")] == [(0, 0, 1, 0)] * 3
    assert len(held(ehr, "Patient")) == 2
