"""A store of unmistakable words, and requests of every kind: nobody is told a word who may not see it.

Neither is whoever runs the server: no error body, log line, metric, span or file beside store and ledger has one.
"""

from __future__ import annotations

import io
import json
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter import logs
from tests.conftest import PROOF
from tests.doors.clients import FORM
from tests.doors.minimal import minimal
from tests.doors.serving import Got, parts
from tests.doors.test_guarded import OURS, THEIRS, Place, Sender, placed
from tests.doors.test_non_interference import Still
from tests.doors.test_watching import Collector, collecting

REQUESTS = {"quick": 300, "ci": 1_000, "full": 20_000}[PROOF]
Json = dict[str, Any]
CANARY = "canary"
"""Every word of the store has it; those of whom the provider may not see have HIDDEN too."""
HIDDEN = "canaryhidden"
ABSENT = "00000000-0000-7000-8000-fffffffffffe"
WORD = re.compile(rb"canary[a-z]*")
WHO = ("nobody", "nobody known", "program-ehr", "provider-ehr", "payer", "facility")
IDS = 12
TYPES = ("Patient", "Encounter", "Observation", "Condition", "Consent", "Basic", "Organization", "Task", "Coverage")
VALUED = {
    "Patient": ("name", "family", "identifier", "address", "telecom", "name:contains", "_id", "birthdate", "gender"),
    "Encounter": ("identifier", "patient.family", "status", "patient", "class"),
    "Observation": ("code", "value-string", "patient.name", "_has:Provenance:target:agent", "category"),
}
"""Search parameters of all kinds, good and bad for a word."""


class World(NamedTuple):
    """Where the words are, who asks, and what operators are told."""

    place: Place
    folder: Path
    senders: dict[str, Sender | None]
    ids: list[str]
    collector: Collector
    log: io.StringIO

    def __repr__(self) -> str:
        return "World()"

    def ask(self, who: str, method: str, url: str, body: Any, headers: dict[str, str]) -> Got:
        """The answer to a client, or to somebody without a token."""
        sender = self.senders[who]
        if sender is None:
            return self.place.guarded(method, url, body, headers)
        return sender(method, url, body, **headers)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Somebody whom the provider may see, somebody whom not, and all that operators can turn on turned on."""
    folder, log, patch = tmp_path_factory.mktemp("canaries"), io.StringIO(), pytest.MonkeyPatch()
    with ExitStack() as stack:
        stack.callback(patch.undo)
        listening = logging.StreamHandler(log)
        before = list(logging.getLogger().handlers), logging.getLogger().level
        logs.begin("json")
        logging.getLogger().handlers.append(listening)
        logging.getLogger().setLevel(logging.DEBUG)
        stack.callback(logging.getLogger().setLevel, before[1])
        stack.callback(logging.getLogger().handlers.__setitem__, slice(None), before[0])
        collector = stack.enter_context(collecting())
        more = {"access_log": True, "traces": collector.url, "references": "pending"}
        place = stack.enter_context(placed(folder, Still(), **more))
        (folder / "temporary").mkdir()
        patch.setattr(tempfile, "tempdir", str(folder / "temporary"))
        ids = [id for word in (f"{CANARY}shown", HIDDEN) for id in person(place, word)]
        place.consent(ids[0])
        senders: dict[str, Sender | None] = {"nobody": None, "nobody known": Sender(place.guarded, "x" * 43)}
        for kind in WHO[2:]:
            senders[kind] = place.client(kind, OURS if kind == "program-ehr" else THEIRS)
        assert len(ids) == IDS - 2
        yield World(place, folder, senders, [*ids, ABSENT, "9"], collector, log)


def person(place: Place, word: str) -> list[str]:
    """A person all of whose words are `word`, with records of some types; the ids."""
    named = {"use": "official", "family": f"{word}family", "given": [f"{word}given"]}
    identifier = [{"system": f"urn:{word}", "value": f"{word}number"}]
    patient = {
        "resourceType": "Patient",
        "name": [named],
        "identifier": identifier,
        "address": [{"city": f"{word}city", "line": [f"{word}line"]}],
        "telecom": [{"system": "phone", "value": f"{word}phone"}],
    }
    id = place.staff("POST", "/fhir/Patient", patient).id
    place.treated(id)
    about, code = {"reference": f"Patient/{id}", "display": f"{word}display"}, {"text": f"{word}code"}
    result = {"resourceType": "Observation", "status": "final", "code": code, "subject": about}
    others = (
        result | {"valueString": f"{word}value", "note": [{"text": f"{word}note"}]},
        {"resourceType": "Basic", "code": code, "subject": about},
        {"resourceType": "Condition", "code": code, "subject": about, "identifier": identifier},
    )
    made = [place.staff("POST", f"/fhir/{one['resourceType']}", one) for one in others]
    assert [got.status for got in made] == [201] * len(others), made
    return [id, place.session(id, identifier=identifier, reasonCode=[code]), *(got.id for got in made)]


WORDS = st.sampled_from([f"{stem}{end}" for stem in (f"{CANARY}shown", HIDDEN) for end in ("family", "number", "")])


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, bytes | None, dict[str, str]]:
    """One request, good or bad, that may say a word; as a value, never as the name of a parameter or an id.

    `@3@` stands for an id of the world.
    """
    type, word = draw(st.sampled_from(TYPES)), draw(WORDS)
    id = f"@{draw(st.integers(0, IDS - 1))}@"
    name = draw(st.sampled_from(VALUED.get(type, ("identifier", "_id", "_lastUpdated", "_sort", "_count"))))
    search = draw(st.sampled_from((f"{name}={word}", f"{name}=urn:{word}|{word}number", f"{name}:exact={word}", "")))
    end = draw(st.sampled_from(("", "/_history", "/_history/1", "/$everything", "/$validate", "/Observation")))
    url = draw(st.sampled_from((f"/fhir/{type}?{search}", f"/fhir/{type}/{id}{end}", f"/fhir?_type={type}&{search}")))
    url = draw(st.sampled_from((*[url] * 8, "/fhir", "/fhir/_history", "/fhir/$to-native", "/iop/participant")))
    made = minimal(parts()[0], type)
    wrong = (made | {"id": word}, made | {"gender": word, "status": word}, {"resourceType": word}, {type: [word] * 3})
    entry = {"request": {"method": "GET", "url": url.removeprefix("/fhir/")}}
    bundle = {"resourceType": "Bundle", "type": draw(st.sampled_from(("batch", "transaction", word))), "entry": [entry]}
    patched = [{"op": "replace", "path": "/gender", "value": word}]
    bodies = (*wrong, bundle, patched, made | {"identifier": [{"system": word, "value": word}]}, {"name": word})
    sent = json.dumps(draw(st.sampled_from(bodies))).encode()
    method = draw(st.sampled_from(("GET",) * 6 + ("POST", "PUT", "PATCH", "DELETE", "FORM", "CUT", "TRACE")))
    if method == "FORM":
        return "POST", f"/fhir/{type}/_search", search.encode(), dict(FORM)
    if method == "CUT":
        return "POST", url, sent[: len(sent) // 2], {"content-type": "application/fhir+json"}
    if method == "DELETE":
        # What is there stays there for the next one.
        return method, url, None, {"if-match": 'W/"9"'}
    if method not in ("POST", "PUT", "PATCH"):
        return method, url, None, draw(st.sampled_from(({}, {"x-request-id": "r1"}, {"if-none-match": word})))
    kinds = ("application/fhir+json", "application/fhir+xml", "application/json-patch+json", "text/plain")
    return method, url, sent, {"content-type": draw(st.sampled_from(kinds)), "if-match": 'W/"9"'}


def told(world: World) -> dict[str, str]:
    """All that operators are told, and what lies beside the store and its ledger."""
    files = [path for path in world.folder.rglob("*") if path.is_file() and not path.name.startswith("iop.db")]
    found = {str(path): path.read_bytes().decode("latin-1") for path in files}
    world.place.guarded.served._watch._traces._provider.force_flush()  # type: ignore[union-attr]
    metrics = world.place.guarded("GET", "/metrics").body.decode()
    return found | {"log": world.log.getvalue(), "metrics": metrics, "spans": str(world.collector.sent)}


def check(who: str, asked: bytes, got: Got) -> None:
    """An answer tells a client no word that it may not have, and did not say itself."""
    said, text = set(WORD.findall(asked.lower())), (str(got.headers).encode() + got.body).lower()
    heard = set(WORD.findall(text)) - said
    if got.status >= 400 or who not in ("program-ehr", "provider-ehr"):
        assert not heard, (who, asked, got)
    else:
        assert who == "program-ehr" or not any(word.startswith(HIDDEN.encode()) for word in heard), (asked, got)


# What sends spans waits for random times where the collector does not answer at once, in a thread of its own.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@settings(max_examples=REQUESTS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(who=st.sampled_from(WHO), request=requests())
def test_no_word_is_told_to_who_may_not_have_it(
    world: World, who: str, request: tuple[str, str, bytes | None, dict[str, str]]
) -> None:
    method, url, body, headers = request
    for number, id in enumerate(world.ids):
        url, body = url.replace(f"@{number}@", id), body and body.replace(f"@{number}@".encode(), id.encode())
    asked = f"{url} {headers}".encode() + (body or b"")
    check(who, asked, world.ask(who, method, url, body, headers))


def test_no_word_is_told_to_who_runs_the_server_also_when_it_fails(world: World) -> None:
    """After all that was asked before."""
    own = world.senders["program-ehr"]
    assert own is not None
    seen = own("GET", f"/fhir/Patient?name={CANARY}")
    assert seen.json["total"] == 2
    assert HIDDEN.encode() in seen.body
    world.place.program.store.close()
    for url in (f"/fhir/Patient?name={HIDDEN}", f"/fhir/Patient/{world.ids[0]}", f"/fhir?_type=Patient&name={CANARY}"):
        got = own("GET", url)
        assert got.status >= 500
        assert f"{HIDDEN}city".encode() not in got.body
    texts = told(world)
    assert len(world.collector.sent) > 0
    assert texts["log"].count("interaction") > 2
    assert [name for name, text in texts.items() if CANARY in text.lower()] == []
