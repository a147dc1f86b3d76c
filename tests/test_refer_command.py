"""`iop-adapter refer`, as a facility's engineer runs it, against a server that runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.referral.form_fields import FIELDS
from tests.clients.serving import Server, environment_of, serving
from tests.command_line import Ended, called, started
from tests.doors.forms import PDF, SUMMARY

SCOPES = "system/*.rs system/Bundle.c"


class House:
    """The command line of a facility, which knows nothing of the server but its address."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment, self.server = folder, environment, Server("", folder / "log")
        (folder / "scan.pdf").write_bytes(PDF)

    def run(self, *arguments: str) -> Ended:
        """A command, as it ended."""
        return called(self.environment, *arguments)

    def refer(self, *arguments: str, key: str = "key", to: str = "", process: bool = False) -> Ended:
        """What `refer` says, here or in a process of its own."""
        known = ("--to", to or self.server.base, "--client", "house", "--key", str(self.folder / key))
        ended = (started if process else called)(self.environment, "refer", *known, *arguments)
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended

    def file(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    made = House(folder, environment_of(folder))
    with serving(folder, made.environment, guarded=True) as server:
        made.server = server
        for name in ("key", "other"):
            (folder / f"{name}.jwks").write_text(made.run("client", "keys", made.file(name)).stdout)
        said = ("--kind", "facility", "--organization", "o1", "--scope", SCOPES, "--purpose", "TREAT")
        assert made.run("client", "add", "house", *said, "--jwks", made.file("key.jwks")).returncode == 0
        yield made
    assert made.server.faults() == []


def test_a_document_is_sent_and_sent_again_it_is_the_same_referral(house: House) -> None:
    said = ("--document", str(SUMMARY), "--document", house.file("scan.pdf"), "--consent", house.file("scan.pdf"))
    sent = (*said, "--reason", "Steps down", "--wait", "0.2")
    first, again = (house.refer(*sent, process=process) for process in (True, False))
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    address, stands = first.stdout.splitlines()
    assert address.startswith(f"{house.server.base}/Task/")
    assert stands == "received Service Request Created"
    assert "payer: not said" in first.stderr
    assert "family: not said in the form: taken from the document" in first.stderr
    assert "reason: not said" not in first.stderr
    assert "  form: " not in first.stderr  # of the sender's organization nothing is known but its id
    assert again.stdout == first.stdout
    assert "taken before" in again.stderr
    for task in (address, address.rpartition("/")[2]):
        assert house.refer("--status", task).stdout == first.stdout


def test_what_a_server_says_against_it_is_told_and_ends_with_1(house: House) -> None:
    refused = house.refer("--document", str(SUMMARY), "--birth-date", "1990-01-01")
    assert refused.returncode == 1
    assert "birth_date: document[0] says another (/ClinicalDocument/recordTarget" in refused.stderr
    assert house.refer("--gender", "F", "--family", "Quill").returncode == 1
    unknown = house.refer("--family", "Quill", key="other")
    assert unknown.returncode == 1
    assert "invalid_client" in unknown.stderr
    assert house.refer("--status", "nobody").returncode == 1
    assert house.refer("--family", "Quill", to="http://127.0.0.1:1/fhir").returncode == 1


def test_nothing_is_sent_without_tls_to_another_machine(house: House) -> None:
    ended = house.refer("--family", "Quill", to="http://192.0.2.1/fhir")
    assert ended.returncode == 1
    assert "elsewhere" in ended.stderr


def test_a_form_may_be_in_a_file_and_what_would_be_sent_is_shown(house: House) -> None:
    form = house.folder / "form.toml"
    form.write_text('family = "Quill"\nbirth_date = 1990-05-17\nphone = "555-0101"\n')
    said = ("--form", str(form), "--phone", "555-0102", "--document", house.file("scan.pdf"))
    shown = house.refer(*said, "--dry-run")
    assert shown.returncode == 0
    assert shown.stdout.splitlines() == [
        f"POST {house.server.base}/$submit-referral",
        "  family: Quill",
        "  birth_date: 1990-05-17",
        "  phone: 555-0102",
        f"  document: scan.pdf (application/pdf, {len(PDF)} bytes)",
    ]
    assert "  payer: not said: intake will ask for it" in shown.stderr
    assert "  phone: not said" not in shown.stderr
    assert "only the server can say:" in shown.stderr
    taken = house.refer(*said)
    assert (taken.returncode, "taken before" in taken.stderr) == (0, False)


def test_what_would_be_refused_is_said_without_the_server_and_ends_with_1(house: House) -> None:
    said = ("--document", str(SUMMARY), "--birth-date", "1990-01-01", "--dry-run")
    ended = house.refer(*said, to="http://127.0.0.1:1/fhir")
    assert ended.returncode == 1
    assert "birth_date: document[0] says another (/ClinicalDocument/recordTarget" in ended.stderr


def test_a_wrong_command_ends_with_2(house: House) -> None:
    form = house.folder / "wrong.toml"
    for text in ('colour = "green"', "family = 7", "family ="):
        form.write_text(text)
        assert house.refer("--form", str(form)).returncode == 2
    assert house.refer(process=True).returncode == 2
    assert house.refer("--family", "Quill", "--status", "1").returncode == 2
    assert house.refer("--document", house.file("nothing.pdf")).returncode == 2
    assert house.run("refer", "--family", "Quill").returncode == 2


def test_a_file_that_no_server_would_take_is_not_sent(house: House) -> None:
    (house.folder / "called.pdf").write_bytes(b"PK\x03\x04")
    ended = house.refer("--document", house.file("called.pdf"), "--dry-run")
    assert ended.returncode == 1
    assert "called.pdf: what is in the file is not what its type says" in ended.stderr


def test_every_field_of_the_form_is_an_option(house: House) -> None:
    house.environment["COLUMNS"] = "200"
    shown = house.run("refer", "--help").stdout
    for name in FIELDS:
        assert f"--{name.replace('_', '-')}" in shown, name
