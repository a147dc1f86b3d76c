"""What operators are told: health, metrics, the access log and traces; and that none of it tells of a person."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from adapter import app, logs
from adapter.interactions.program import Program
from adapter.web.metrics import LABELS, SHARED, Metrics

from .people import created, observation, patient, reference
from .serving import Client, client_of, opened

SECRETS = ("Invented", "Ada", "I-4711-x", "clinic.example")


def used(client: Client) -> str:
    """Some of everything is asked; answers the id of a patient."""
    known = patient(identifier=[{"system": "https://clinic.example/mrn", "value": "I-4711-x"}])
    made = created(client, known)
    created(client, observation(reference(made)))
    assert client("GET", f"/fhir/{reference(made)}").status == 200
    assert client("GET", "/fhir/Patient?identifier=https://clinic.example/mrn|I-4711-x&name=Invented").status == 200
    assert client("GET", "/fhir/Patient/I-4711-x").status == 404
    assert client("GET", "/fhir/Nothing/I-4711-x").status == 404
    assert client("GET", "/iop/participant").status == 200
    assert client("GET", "/iop/nothing/I-4711-x").status == 404
    assert client("POST", "/fhir/Patient", {"resourceType": "Patient", "gender": "Ada"}).status == 422
    return made.id


def metrics(client: Client) -> dict[tuple[str, ...], float]:
    """The samples by name and labels."""
    got = client("GET", "/metrics")
    assert got.status == 200
    assert got.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(got.body.decode())
    order = (*LABELS, "le")
    samples = [sample for family in families for sample in family.samples]
    return {(s.name, *(s.labels[name] for name in order if name in s.labels)): s.value for s in samples}


def test_every_answer_is_counted_by_what_it_was_and_not_by_whom(client: Client) -> None:
    id = used(client)
    told = metrics(client)
    counted = {key[1:]: value for key, value in told.items() if key[0] == "iop_http_request_duration_seconds_count"}
    assert counted["iop", "fhir", "read", "Patient", "200"] == 1
    assert counted["iop", "fhir", "read", "Patient", "404"] == 1
    assert counted["iop", "fhir", "create", "Patient", "422"] == 1
    assert counted["iop", "fhir", "search-type", "Patient", "200"] == 1
    assert counted["iop", "fhir", "", "", "404"] == 1
    assert counted["iop", "iop", "list", "participant", "200"] == 1
    assert told["iop_store_writes_total", "iop"] == 2
    assert told["iop_searches_in_progress", "iop"] == 0
    infinite = [value for key, value in told.items() if key[0].endswith("_bucket") and key[-1] == "+Inf"]
    assert sum(infinite) == sum(counted.values()) == 9
    body = client("GET", "/metrics").body.decode()
    assert not [word for word in (id, *SECRETS) if word in body]


def test_workers_tell_of_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARED, str(tmp_path))
    one, other = Metrics(), Metrics()
    for each in (one, other):
        each.watch("iop", lambda: (1, 2, 3, 4))
        each.count(("iop", "fhir", "read", "Patient", "200"), 0.004)
    monkeypatch.setattr("os.getpid", lambda: 1)
    one.leave()
    monkeypatch.setattr("os.getpid", lambda: 2)
    text = other.text().decode()
    assert 'status="200",type="Patient"} 2.0' in text
    assert 'iop_store_commits_total{program="iop"} 6.0' in text


def test_numbers_that_cannot_be_left_are_told_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(SHARED, str(tmp_path / "gone"))
    metrics = Metrics()
    metrics.leave()
    metrics.leave()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert not metrics.shared


def test_health_tells_whether_the_server_lives_and_whether_it_can_work(client: Client, program: Program) -> None:
    for path in ("/health", "/health/live", "/health/ready"):
        assert (client("GET", path).status, client("GET", path).json) == (200, {"status": "pass"})
    program.store.close()
    assert client("GET", "/health/live").status == 200
    assert (client("GET", "/health/ready").status, client("GET", "/health").json) == (503, {"status": "fail"})


def test_the_access_log_says_what_kind_of_request_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "adapter.access")
    with opened(tmp_path, access_log=True) as program, client_of(program) as client:
        id = used(client)
        client("GET", f"/fhir/Patient/{id}", None, {"x-request-id": "trace-7"})
        client("GET", f"/fhir/Patient/{id}", None, {"x-request-id": "bad id\nwith a line"})
    lines = [record for record in caplog.records if record.name == "adapter.access"]
    assert len(lines) == 11
    said = vars(lines[-2])
    assert [said[name] for name in ("program", "door", "interaction", "type", "status", "request_id")] == [
        *("iop", "fhir", "read", "Patient", 200, "trace-7")
    ]
    assert vars(lines[-1])["request_id"] is None
    text = "\n".join(record.getMessage() for record in lines)
    assert not [word for word in (id, *SECRETS) if word in text]


def test_a_request_keeps_the_name_that_its_client_gave_it(client: Client) -> None:
    for path in ("/fhir/Patient", "/fhir/Patient/none", "/iop/participant", "/iop/nothing"):
        assert client("GET", path, None, {"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
        assert "x-request-id" not in client("GET", path).headers


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_is_lines_for_people_or_for_machines(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.begin(form)
        logging.getLogger("adapter.access").info("some words", extra={"status": 200})
    finally:
        root.handlers[:], root.level = before, level
    line = capsys.readouterr().err.strip().splitlines()[-1]
    if form == "text":
        assert line.endswith("INFO adapter.access: some words")
    else:
        told = json.loads(line)
        assert (told["message"], told["status"], told["levelname"]) == ("some words", 200, "INFO")


class Collector:
    """Receives spans as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        self.sent: list[ExportTraceServiceRequest] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.sent.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        collector.server.shutdown()
        collector.server.server_close()
        thread.join()


def test_each_request_is_a_span_of_its_senders_trace(tmp_path: Path) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with collecting() as collector, opened(tmp_path, traces=collector.url) as program, client_of(program) as client:
        id = used(client)
        client("GET", f"/fhir/Patient/{id}", None, {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    spans = [span for sent in collector.sent for r in sent.resource_spans for s in r.scope_spans for span in s.spans]
    assert len(spans) == 10
    last = next(span for span in spans if span.trace_id.hex() == trace)
    assert (last.name, last.parent_span_id.hex()) == ("read Patient", "00f067aa0ba902b7")
    values = {pair.key: pair.value.string_value or pair.value.int_value for pair in last.attributes}
    assert values["http.response.status_code"] == 200
    assert values["http.request.method"] == "GET"
    assert last.end_time_unix_nano > last.start_time_unix_nano
    text = str(collector.sent)
    assert not [word for word in (id, *SECRETS) if word in text]


def test_traces_that_nobody_collects_disturb_no_answer(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1/traces"
        before = set(threading.enumerate())
        with opened(tmp_path, traces=url) as program, client_of(program) as client:
            used(client)
    assert set(threading.enumerate()) <= before


def test_a_server_of_several_programs_tells_of_each(tmp_path: Path) -> None:
    with opened(tmp_path / "a", program="east") as east, opened(tmp_path / "b", program="west") as west:
        client = Client(app.asgi({"east": east, "west": west}, open_reason="a test"))
        client("GET", "/east/fhir/Patient")
        told = metrics(client)
        client.close()
    counts = {key[1:]: value for key, value in told.items() if key[0].endswith("_seconds_count")}
    assert counts == {("east", "fhir", "search-type", "Patient", "200"): 1}
    assert {key[1] for key in told if key[0] == "iop_store_commits_total"} == {"east", "west"}
