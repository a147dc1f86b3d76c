"""The command line as a person or a script meets it: exit codes, what goes to which stream, start and stop."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from adapter.settings import read_settings
from adapter.store.ledger import Ledger
from adapter.store.ledger_places import place_of
from tests.command_line import ROOT, Ended, called, command, started
from tests.ingest.practice import altered, trimmed
from tests.store.told import disclosure

SITE = '{"concept": "site", "id": "s1", "name": "North"}\n'


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    """The environment of an adapter whose store is in this folder."""
    return {**os.environ, "IOP_STORE": f"{folder}/iop.db", "IOP_SECRET_FILE": f"{folder}/secret", **more}


def run(folder: Path, *arguments: object, said: str = "", **more: str) -> Ended:
    """A command in a process of its own."""
    return started(surroundings(folder, **more), *arguments, said=said)


def call(folder: Path, *arguments: object, said: str = "", **more: str) -> Ended:
    """The same command in this process."""
    return called(surroundings(folder, **more), *arguments, said=said)


def test_serve_is_refused_on_an_address_that_others_reach(tmp_path: Path) -> None:
    ended = run(tmp_path, "serve", "--open", IOP_HOST="0.0.0.0")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "IOP_HOST: without authorization the server listens on loopback only" in ended.stderr


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("IOP_PORTT", "1", "unknown setting IOP_PORTT; known are IOP_"),
        ("IOP_PORT", "eighty", "IOP_PORT: Input should be a valid integer"),
        ("IOP_PORT", "0", "IOP_PORT: Input should be greater than or equal to 1"),
        ("IOP_ZONE", "Mars/Olympus", "IOP_ZONE: is not an IANA time zone"),
        ("IOP_ZONE", "", "IOP_ZONE: is not an IANA time zone"),
        ("IOP_STORE", "", "IOP_STORE: does not name a file"),
        ("IOP_STORE", "MySQL://u:p@h/n", "IOP_STORE: is neither a file nor the address of a PostgreSQL database"),
        ("IOP_STORE", "PostgreSQL://u:p@h", "IOP_STORE: is not the address of a database"),
        ("IOP_SECRET_FILE", "/", "IOP_SECRET_FILE: does not name a file"),
        ("IOP_MAPPINGS", "/nosuch", "IOP_MAPPINGS: is no folder of mappings: /nosuch/concepts is not there"),
        ("IOP_PROFILES", "/nosuch", "IOP_PROFILES: is no folder of profiles: /nosuch/r4 is not there"),
        ("IOP_BASE_URL", "foo", "IOP_BASE_URL: is not the http or https address of a server"),
        ("IOP_BASE_URL", "ftp://example.org/fhir", "IOP_BASE_URL: is not the http or https address of a server"),
        ("IOP_CONSENT_FREE", "MH", "IOP_CONSENT_FREE: stands beside IOP_POSTURE=hipaa or mixed, and only there"),
        ("IOP_PAGE_SIZE", "500", "IOP_PAGE_LIMIT: is less than IOP_PAGE_SIZE, 500"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_and_nothing_else_is_told(
    name: str, value: str, message: str, tmp_path: Path
) -> None:
    ended = call(tmp_path, "check-mappings", **{name: value})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(message)
    assert ended.stderr.count("\n") == 1


def test_the_sources_are_checked_with_the_maps(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    source = tmp_path / "mappings" / "sources" / "bhsim.toml"
    source.write_text(source.read_text().replace("[keys]", "[kyes]", 1))
    ended = call(tmp_path, "check-mappings", IOP_MAPPINGS=str(tmp_path / "mappings"))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("sources/bhsim.toml:")


def test_links_are_written_with_the_address_that_is_listened_on_unless_another_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read_settings({}).base_url == "http://127.0.0.1:8000/fhir"
    assert read_settings({}, port=9001).base_url == "http://127.0.0.1:9001/fhir"
    assert read_settings({}, host="::1", port=9001).base_url == "http://[::1]:9001/fhir"
    monkeypatch.setenv("IOP_PORT", "9002")
    assert read_settings(os.environ).base_url == "http://127.0.0.1:9002/fhir"
    monkeypatch.setenv("IOP_BASE_URL", "https://records.example.org/fhir")
    assert read_settings(os.environ, port=9001).base_url == "https://records.example.org/fhir"


def test_check_mappings_counts_the_shipped_maps_and_shows_one_of_them(tmp_path: Path) -> None:
    ended = run(tmp_path, "check-mappings")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "participant" in ended.stdout
    shown = call(tmp_path, "check-mappings", "--show", "session")
    assert "minutes_attended" in shown.stdout


def test_a_wrong_map_is_refused_with_its_place_told_once(tmp_path: Path) -> None:
    maps = tmp_path / "mappings"
    subprocess.run(["cp", "-r", ROOT / "mappings", maps], check=True)
    site = maps / "concepts" / "site.toml"
    site.write_text(site.read_text() + "\n[moods]\nx = 1\n")
    ended = run(tmp_path, "check-mappings", IOP_MAPPINGS=str(maps))
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.count("site.toml:") == 1
    assert "moods" in line


def test_convert_is_a_pipe_there_and_back(tmp_path: Path) -> None:
    there = run(tmp_path, "convert", "--to", "fhir", said=SITE)
    back = call(tmp_path, "convert", "--to", "native", said=there.stdout)
    assert (there.returncode, there.stderr, back.returncode) == (0, "", 0)
    assert json.loads(there.stdout)["resourceType"] == "Location"
    assert json.loads(back.stdout) == json.loads(SITE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("--residue", "/nonexistent/residue"), ("/proc/self/mem",)], ids=["out", "in"])
def test_a_file_that_cannot_be_opened_or_read_ends_a_conversion_in_one_line(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    ended = run(tmp_path, "convert", "--to", "fhir", *arguments, said=SITE)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.endswith("stopped after 0 lines\n")
    assert ended.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_full_disk_ends_a_conversion_in_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            command("convert", "--to", "fhir"), cwd=ROOT, env=surroundings(tmp_path), input=SITE.encode(), stdout=full,
            stderr=subprocess.PIPE,
        )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr == b"No space left on device; stopped after 1 lines\n"


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small practice's files."""
    from adapter.ingest.demo import demo_data

    folder = tmp_path_factory.mktemp("practice")
    return trimmed(demo_data(folder, clients=12), folder / "practice.db")


def test_the_report_of_an_import_is_json_alone_and_its_progress_is_told_elsewhere(
    practice: Path, tmp_path: Path
) -> None:
    first = run(tmp_path, "import", "bhsim", practice, "--json")
    assert first.returncode == 0, first.stderr
    assert "importing rows" in first.stderr
    records = json.loads(first.stdout)["records"]
    again = json.loads(call(tmp_path, "import", "bhsim", practice, "--json").stdout)["records"]
    assert records["participant"]["made"] == again["participant"]["unchanged"] == 3
    assert not any(count["made"] + count["changed"] for count in again.values())


def test_an_import_that_refused_a_row_or_all_files_says_so_with_its_exit_code(practice: Path, tmp_path: Path) -> None:
    odd = altered(practice, tmp_path / "odd.db", "UPDATE individuals SET sex = 'U' WHERE rowid = 1")
    ended = call(tmp_path, "import", "bhsim", odd)
    assert ended.returncode == 1
    assert "sex is not one of [words.sex]" in " ".join(ended.stdout.split())
    (tmp_path / "moods.csv").write_text("a\n1\n")
    ended = run(tmp_path, "import", "bhsim", tmp_path / "moods.csv")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "moods.csv: table 'moods' is not in the source bhsim" in ended.stderr


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def serving(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A server that answers by now."""
    with subprocess.Popen(
        command("serve", "--open", "--port", port), cwd=ROOT, env=surroundings(folder), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        watchdog = threading.Timer(120, process.kill)
        watchdog.start()
        try:
            while process.poll() is None and not _listens(port):
                threading.Event().wait(0.05)
            yield process
        finally:
            process.kill()
            watchdog.cancel()


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def asked(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return json.loads(answer.read())


def test_a_server_started_on_a_store_answers_stops_when_told_and_can_be_started_again(
    practice: Path, tmp_path: Path
) -> None:
    assert call(tmp_path, "import", "bhsim", practice).returncode == 0
    port = free_port()
    for _ in range(2):
        with serving(tmp_path, port) as server:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as health:
                assert health.status == 200
            page = asked(port, "/fhir/Patient?_count=2")
            assert [len(page["entry"]), len(page["link"])] == [2, 2]
            assert all(link["url"].startswith(f"http://127.0.0.1:{port}/fhir/") for link in page["link"])
            server.send_signal(signal.SIGTERM)
            out, errors = server.communicate(timeout=60)
            assert (server.returncode, out, errors.count("\n")) == (0, "", 2)
            warned, served = errors.splitlines()
            assert warned.startswith("Open: whoever reaches the port reads and writes every record")
            assert served.startswith(f"Serving {tmp_path}/iop.db: FHIR at http://127.0.0.1:{port}/fhir, natively at ")
        assert not (tmp_path / "iop.db-wal").exists()  # the store was closed, not left behind


def test_the_version_is_told(tmp_path: Path) -> None:
    ended = run(tmp_path, "--version")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip() == version("iop-fhir-adapter")


def test_a_key_that_is_not_there_is_not_made_for_a_store_that_is(tmp_path: Path) -> None:
    line = tmp_path / "one.ndjson"
    line.write_text('{"concept": "site", "id": "a0000000-0000-4000-8000-000000000001", "name": "North"}\n')
    assert call(tmp_path, "import", "native", line).returncode == 0
    ended = call(tmp_path, "import", "native", line, IOP_SECRET_FILE=f"{tmp_path}/secrte")
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"IOP_SECRET_FILE: there is no key at {tmp_path}/secrte")
    assert not (tmp_path / "secrte").exists()
    (tmp_path / "other").write_bytes(b"x" * 32)
    ended = call(tmp_path, "import", "native", line, IOP_SECRET_FILE=f"{tmp_path}/other")
    assert ended.stderr.startswith("IOP_SECRET_FILE: the key is not the one")


def test_the_keepers_commands_take_a_store_by_name(tmp_path: Path) -> None:
    line = tmp_path / "one.ndjson"
    line.write_text('{"concept": "site", "id": "a0000000-0000-4000-8000-000000000001", "name": "North"}\n')
    named = ("--store", tmp_path / "named.db")
    assert call(tmp_path, "import", "native", line, *named).returncode == 0
    assert not (tmp_path / "iop.db").exists()
    assert run(tmp_path, "check-store", *named).stderr.startswith("2 versions")
    ended = call(tmp_path, "backup", tmp_path / "nowhere" / "b", *named)
    assert (ended.returncode, ended.stderr) == (1, f"there is no folder {tmp_path}/nowhere\n")
    assert run(tmp_path, "backup", tmp_path / "b", *named).returncode == 0
    assert run(tmp_path, "restore", tmp_path / "b", "--store", tmp_path / "again.db").returncode == 0
    assert run(tmp_path, "reindex", "--store", tmp_path / "again.db").returncode == 0


def test_the_ledger_is_checked_and_told_of_while_it_is_open(tmp_path: Path) -> None:
    ended = call(tmp_path, "check-ledger")
    assert (ended.returncode, ended.stderr) == (1, f"IOP_STORE: there is no ledger of the store at {tmp_path}/iop.db\n")
    home = {"concept": "site", "id": "a0000000-0000-4000-8000-000000000001", "name": "=North"}
    (tmp_path / "one.ndjson").write_text(json.dumps(home))
    assert call(tmp_path, "import", "native", tmp_path / "one.ndjson").returncode == 0
    ledger = Ledger(place_of(tmp_path / "iop.db"), lambda: datetime.now(UTC))
    ledger.write(disclosure("p1", client="=payer")).result(30)
    looked = run(tmp_path, "check-ledger")
    assert (looked.returncode, looked.stderr) == (0, "")
    said, head, wrote, acts = looked.stdout.splitlines()
    assert said == "1 disclosures, 1 batches: no faults"
    assert wrote == "1 acts of writing: no faults"
    assert call(tmp_path, "check-ledger", "--acts", f"{acts.removeprefix('acts ')[:-4]}0000").returncode == 1
    assert call(tmp_path, "check-ledger", "--acts", "x").stderr.startswith("--acts: a head is NUMBER:DIGEST")
    assert call(tmp_path, "check-ledger", "--head", head.removeprefix("head ")).returncode == 0
    assert call(tmp_path, "check-ledger", "--head", f"7{head.removeprefix('head 1')}").returncode == 1
    assert call(tmp_path, "check-ledger", "--head", "x").stderr.startswith("--head: a head is NUMBER:DIGEST")
    check_slips(tmp_path)
    account = run(tmp_path, "disclosures", "accounting", "p1").stdout.splitlines()
    assert account[0] == "date,recipient,address,description,purpose"
    assert account[1].endswith(',\'=payer,,"1 Encounter, 1 Observation",payment (HPAYMT)')
    assert len(call(tmp_path, "disclosures", "intermediaries", "p1").stdout.splitlines()) == 2
    assert len(call(tmp_path, "disclosures", "breach", "--client", "=payer").stdout.splitlines()) == 2
    assert len(call(tmp_path, "disclosures", "breach", "--until", "2026-01-01").stdout.splitlines()) == 1
    early = call(tmp_path, "disclosures", "accounting", "p1", "--since", "2020-01-01")
    assert early.stderr == "since: an account goes back 3 years at most\n"
    ledger.close()
    with sqlite3.connect(tmp_path / "iop.db.ledger") as other:
        other.execute("UPDATE disclosure SET client = 'another'")
    other.close()
    ended = call(tmp_path, "check-ledger")
    assert ended.returncode == 1
    assert ended.stderr.startswith("batch 1 (disclosures 1 to 1): its digest is not that of its rows")
    with sqlite3.connect(tmp_path / "iop.db") as other:
        other.execute("DELETE FROM act")
    other.close()
    assert "no act says who wrote it" in call(tmp_path, "check-ledger").stderr


def test_a_recipient_without_a_record_is_called_what_its_client_is_registered_as(tmp_path: Path) -> None:
    keys = tmp_path / "er.jwks"
    keys.write_text(call(tmp_path, "client", "keys", tmp_path / "er.jwk").stdout)
    said = ("--kind", "provider-ehr", "--organization", "o1", "--scope", "system/*.rs", "--purpose", "TREAT")
    named = ("--name", "Invented Hospital", "--jwks", keys)
    home = {"concept": "site", "id": "a0000000-0000-4000-8000-000000000001", "name": "North"}
    (tmp_path / "one.ndjson").write_text(json.dumps(home))
    assert call(tmp_path, "import", "native", tmp_path / "one.ndjson").returncode == 0
    assert call(tmp_path, "client", "add", "er", *said, *named).returncode == 0
    ledger = Ledger(place_of(tmp_path / "iop.db"), lambda: datetime.now(UTC))
    for client in ("er", "unknown"):
        ledger.write(disclosure("p1", client=client)).result(30)
    ledger.close()
    _, known, unknown = call(tmp_path, "disclosures", "accounting", "p1").stdout.splitlines()
    assert (known.split(",")[1], unknown.split(",")[1]) == ("Invented Hospital", "unknown")


def check_slips(folder: Path) -> None:
    """Who or what was never there, and times that are swapped, are told."""
    slips = [("accounting", "p11"), ("intermediaries", "p11"), ("intermediaries", "p1", "--consent", "x")]
    slips += [("breach", f"--{what}", "x") for what in ("client", "patient", "practitioner", "token")]
    for slip in slips:
        told = call(folder, "disclosures", *slip)
        assert (told.returncode, told.stdout) == (1, "")
        assert "and never was" in told.stderr
    for words in (("accounting", "p1"), ("intermediaries", "p1"), ("breach",), ("refusals",)):
        told = call(folder, "disclosures", *words, "--since", "2026-03-02", "--until", "2026-03-02")
        assert (told.returncode, told.stdout) == (2, "")
        assert "is not after since" in told.stderr


def test_a_store_of_an_older_form_is_told_before_anything_is_written_out(tmp_path: Path) -> None:
    home = {"concept": "site", "id": "a0000000-0000-4000-8000-000000000001", "name": "North"}
    (tmp_path / "one.ndjson").write_text(json.dumps(home))
    assert call(tmp_path, "import", "native", tmp_path / "one.ndjson").returncode == 0
    Ledger(place_of(tmp_path / "iop.db"), lambda: datetime.now(UTC)).close()
    for file, older in (("iop.db.ledger", 2), ("iop.db", 8)):
        with closing(sqlite3.connect(tmp_path / file)) as other:
            ((form,),) = other.execute("PRAGMA user_version").fetchall()
            other.execute(f"PRAGMA user_version = {older}")
        commands = [("check-ledger",), ("disclosures", "emergencies"), ("backup", tmp_path / "b")]
        if file.endswith("ledger"):
            commands.append(("disclosures", "refusals"))
        for words in commands:
            ended = call(tmp_path, *words)
            assert (ended.returncode, ended.stdout) == (1, "")
            assert ended.stderr.startswith(f"IOP_STORE: it is of an older form ({older};")
        with closing(sqlite3.connect(tmp_path / file)) as other:
            other.execute(f"PRAGMA user_version = {form}")
    assert call(tmp_path, "check-ledger").returncode == 0
    assert len(call(tmp_path, "disclosures", "refusals").stdout.splitlines()) == 1


def test_a_decision_is_explained(tmp_path: Path) -> None:
    person = "c0000000-0000-4000-8000-0000000000aa"
    native = tmp_path / "people.ndjson"
    ada = {"names": [{"family": "Quill", "given": ["Ada"]}], "sex": "unknown"}
    native.write_text(json.dumps({"concept": "participant", "id": person, **ada}) + "\n")
    assert call(tmp_path, "import", "native", native).returncode == 0
    keys = tmp_path / "er.jwks"
    keys.write_text(call(tmp_path, "client", "keys", tmp_path / "er.jwk").stdout)
    said = ("--kind", "provider-ehr", "--organization", "o1", "--scope", "system/*.rs", "--purpose", "TREAT")
    assert call(tmp_path, "client", "add", "er", *said, "--jwks", keys).returncode == 0
    told = run(tmp_path, "explain", "--client", "er", f"Patient/{person}")
    assert (told.returncode, told.stdout.splitlines()[0]) == (1, "hidden: no tie to the patient")
    assert "  labels: 42CFRPart2, SUD; R" in told.stdout.splitlines()
    for wrong in (("--client", "x", f"Patient/{person}"), ("--client", "er", "Patient/x"), ("--client", "er", "x")):
        ended = call(tmp_path, "explain", *wrong)
        assert (ended.returncode, ended.stdout, "Traceback" in ended.stderr) == (1, "", False)


def test_a_port_that_another_has_is_told_and_nothing_is_said_to_be_served(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run(tmp_path, "serve", "--port", port)
    assert (ended.returncode, ended.stdout) == (1, "")
    warned, refused = ended.stderr.splitlines()
    assert warned.startswith("IOP_ORGANIZATIONS is empty")
    assert refused == f"IOP_PORT: cannot listen on 127.0.0.1, port {port}: Address already in use"
