"""The commands about clients, beside a server that runs: what they change is heeded with the next request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.serving import HTTP, Server, environment_of, serving
from tests.command_line import Ended, called, started


class Desk:
    """The command line of whoever registers clients, and a folder for what clients have."""

    def __init__(self, folder: Path, server: Server, environment: dict[str, str]) -> None:
        self.folder, self.server, self._environment = folder, server, environment

    def __call__(self, *arguments: str, good: bool = True) -> str:
        """What a command prints: on standard output if it ends well, else on standard error."""
        return self._printed(called(self._environment, "client", *arguments), good=good)

    def process(self, *arguments: str, good: bool = True) -> str:
        """The same by a process of its own."""
        return self._printed(started(self._environment, "client", *arguments), good=good)

    def _printed(self, ended: Ended, *, good: bool) -> str:
        assert (ended.returncode == 0) == good, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        return ended.stdout if good else ended.stderr

    def keys(self, name: str, *more: str) -> tuple[str, str]:
        """The files of a new key pair: the private one, and the set with the public one."""
        private, public = self.folder / f"{name}.key", self.folder / f"{name}.jwks"
        public.write_text(self("keys", str(private), "--kid", name, *more))
        return str(private), str(public)

    def token(self, key: str, client: str = "ehr", good: bool = True, scope: str = "system/Patient.rs") -> str:
        """An access token, or why there is none."""
        url = ("--url", self.server.base)
        return self("token", "--client", client, "--key", key, "--scope", scope, *url, good=good).strip()

    def active(self, token: str) -> bool:
        """Whether a token proves its client."""
        headers = {"Authorization": f"Bearer {token}"}
        address = f"{self.server.base.removesuffix('/fhir')}/oauth/introspect"
        return HTTP.post(address, data={"token": token}, headers=headers).status_code == 200


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A command line, and a server on a store that it made."""
    folder = tmp_path_factory.mktemp("clients")
    environment = environment_of(folder)
    desk = Desk(folder, Server("", folder / "log"), environment)
    assert "there is no store at" in desk("list", good=False)
    assert not list(folder.glob("*.db*"))
    with serving(folder, environment) as server:
        assert desk("list") == ""
        desk.server = server
        yield desk
    assert server.faults() == []


def add(desk: Desk, id: str, jwks: str, *more: str, kind: str = "provider-ehr", good: bool = True) -> str:
    said = ("--kind", kind, "--organization", "o1", "--jwks", jwks, "--purpose", "TREAT")
    return desk("add", id, *said, "--scope", "system/Patient.rs system/Observation.read", *more, good=good)


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_client_is_registered_and_gets_a_token_while_the_server_runs(desk: Desk, algorithm: str) -> None:
    private, public = desk.keys(f"of-{algorithm}", "--algorithm", algorithm)
    assert Path(private).stat().st_mode & 0o777 == 0o600
    assert "d" not in json.loads(Path(public).read_text())["keys"][0]
    add(desk, algorithm, public)
    token = desk.token(private, algorithm, scope="system/*.rs")
    assert desk.active(token)
    desk.process("disable", algorithm)
    assert not desk.active(token)
    assert "invalid_client" in desk.token(private, algorithm, good=False)
    desk("enable", algorithm)
    assert not desk.active(token)
    assert desk.active(desk.token(private, algorithm))


def test_a_token_may_name_a_person(desk: Desk) -> None:
    private, public = desk.keys("er")
    add(desk, "er", public, "--purpose", "ETREAT")
    asked = ("token", "--client", "er", "--key", private, "--scope", "system/Patient.rs", "--url", desk.server.base)
    for wrong in (("1,Dr. Ines Invented",), ("1", "--purpose", "ETREAT"), (",x", "--purpose", "ETREAT")):
        told = desk(*asked, "--person", *wrong, good=False)
        assert told.startswith("--person: a person is said as ID,NAME, with a --purpose")
    assert desk.active(desk(*asked, "--purpose", "ETREAT", "--person", "1,Dr. Ines Invented").strip())
    assert "up to 128" in desk(*asked, "--purpose", "ETREAT", "--person", f"1,{'x' * 129}", good=False)


def test_old_and_new_keys_are_good_until_the_old_one_is_dropped(desk: Desk) -> None:
    old, old_set = desk.keys("old")
    new, new_set = desk.keys("new")
    add(desk, "rotating", old_set)
    before = desk.token(old, "rotating")
    desk("rotate", "rotating", "--jwks", new_set)
    assert desk.active(desk.token(old, "rotating"))
    assert desk.active(desk.token(new, "rotating"))
    assert "two keys have the name" in desk("rotate", "rotating", "--jwks", new_set, good=False)
    desk("rotate", "rotating", "--drop", "old")
    assert not desk.active(before)
    assert "invalid_client" in desk.token(old, "rotating", good=False)
    assert desk.active(desk.token(new, "rotating"))
    assert "no key of rotating would be left" in desk("rotate", "rotating", "--drop", "new", good=False)
    assert "has no key old" in desk("rotate", "rotating", "--drop", "old", good=False)


def test_a_kind_that_needs_an_agreement_gets_tokens_while_one_stands(desk: Desk) -> None:
    private, public = desk.keys("agreed")
    add(desk, "ours", public, kind="program-ehr")
    assert "may not ask now" in desk.token(private, "ours", good=False)
    assert "its agreement is missing or over" in desk("list")
    desk("agree", "ours", "qsoa,Q-1,2026-01-01")
    token = desk.token(private, "ours")
    assert desk.active(token)
    assert "agreement   qsoa Q-1, from 2026-01-01" in desk("list")
    desk("agree", "ours", "qsoa,Q-1,2020-01-01,2020-12-31")
    assert not desk.active(token)
    assert "agreement   qsoa Q-1, 2020-01-01 to 2020-12-31" in desk("list")


def test_what_a_client_is_registered_for_is_changed_and_its_tokens_end(desk: Desk) -> None:
    private, public = desk.keys("changing")
    assert add(desk, "changing", public) == ""
    before = desk.token(private, "changing")
    desk("change", "changing", "--scope", "system/Encounter.rs", "--name", "Another name")
    assert not desk.active(before)
    assert "invalid_scope" in desk.token(private, "changing", good=False)
    assert desk.active(desk.token(private, "changing", scope="system/Encounter.r"))
    assert "changing: Another name, provider-ehr of Organization/o1" in desk("list")
    assert "scope" in desk("change", "changing", "--scope", "user/Patient.rs", good=False)
    assert "there is no client nobody" in desk("change", "nobody", "--name", "x", good=False)


def test_no_two_clients_have_one_key(desk: Desk) -> None:
    _, public = desk.keys("first")
    add(desk, "first", public)
    _, second = desk.keys("second")
    add(desk, "second", second)
    told = "has one of these keys"
    assert told in add(desk, "third", public, good=False)
    renamed = desk.folder / "renamed.jwks"
    renamed.write_text(Path(public).read_text().replace('"kid": "first"', '"kid": "other"'))
    assert told in desk("rotate", "second", "--jwks", str(renamed), good=False)


WRONG = [
    (("--scope", "system/Patient.sr"), "scope"),
    (("--scope", "system/Nope.rs"), "scope"),
    (("--scope", "user/Patient.rs"), "--scope"),
    (("--agreement", "qsoa,Q"), "--agreement"),
    (("--agreement", "qsoa,Q,2026-02-30"), "--agreement"),
    (("--agreement", "qsoa,Q,2026-02-01,2026-01-01"), "--agreement"),
    (("--agreement", "handshake,Q,2026-02-01"), "--agreement"),
    (("--organization", "o 1"), "organization"),
    (("--kind", "staff"), "--redirect-uri"),
    (("--kind", "privacy-officer", "--scope", "user/*.rs"), "--kind"),
    (("--jwks-url", "http://keys.example/"), "--jwks-url"),
    (("--purpose", "FUN"), "--purpose"),
    (("--kind", "friend"), "--kind"),
]


@pytest.mark.parametrize(("more", "told"), WRONG)
def test_what_is_wrong_is_told_and_registers_nobody(desk: Desk, more: tuple[str, ...], told: str) -> None:
    public = desk.folder / "wrong.jwks"
    if not public.exists():
        desk.keys("wrong")
    assert told in add(desk, "wrong", str(public), *more, good=False)
    assert "wrong:" not in desk("list")


def test_only_good_public_keys_are_registered(desk: Desk) -> None:
    private, _ = desk.keys("seen")
    both = desk.folder / "both.jwks"
    both.write_text(json.dumps({"keys": [json.loads(Path(private).read_text())]}))
    assert "holds a private key" in add(desk, "careless", str(both), good=False)
    both.write_text(json.dumps({"keys": []}))
    assert "holds no key" in add(desk, "careless", str(both), good=False)
    both.write_text("x")
    assert "is not JSON" in add(desk, "careless", str(both), good=False)
    both.write_text(json.dumps({"keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}]}))
    assert "neither RSA" in add(desk, "careless", str(both), good=False)
    assert "is not a private key" in desk.token(str(both), good=False)


def test_a_private_key_is_never_written_over(desk: Desk) -> None:
    private, _ = desk.keys("once")
    held = Path(private).read_bytes()
    assert "File exists" in desk.process("keys", private, good=False)
    assert Path(private).read_bytes() == held


def test_a_server_that_is_not_there_is_told_of(desk: Desk) -> None:
    private, _ = desk.keys("lonely")
    said = ("--client", "x", "--key", private, "--scope", "system/Patient.rs")
    assert "cannot be asked" in desk("token", *said, "--url", "http://127.0.0.1:1/fhir", good=False)
    native = desk.server.native
    assert "cannot be asked" in desk("token", *said, "--url", native, good=False)
