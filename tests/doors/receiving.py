"""A receiver of notifications on this machine: it keeps what it is sent, and answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass
class Sent:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """The Bundle."""
        made: Json = json.loads(self.body)
        return made

    @property
    def said(self) -> Json:
        """What its first entry says, by name; of events a list."""
        parameters = self.json["entry"][0]["resource"]["parameter"]
        found: Json = {"events": []}
        for one in parameters:
            value = next((value for key, value in one.items() if key.startswith("value")), None)
            if one["name"] == "notification-event":
                parts = {part["name"]: next(v for k, v in part.items() if k != "name") for part in one["part"]}
                found["events"].append(parts)
            else:
                found[one["name"]] = value
        return found

    @property
    def numbers(self) -> list[int]:
        """The numbers of its events."""
        return [int(event["event-number"]) for event in self.said["events"]]


@dataclass
class Receiver:
    """`answers` is asked for each request: a status, and headers; or it does what it likes with the handler, and
    answers None."""

    url: str = ""
    sent: list[Sent] = field(default_factory=list)
    answers: Callable[[Any], tuple[int, dict[str, str]] | None] = lambda handler: (204, {})

    @property
    def events(self) -> list[Sent]:
        """Those that tell of events."""
        return [one for one in self.sent if one.said["type"] == "event-notification"]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.sent.append(Sent(self.path, headers, body))
            answer = receiver.answers(self)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer[0])
            for name, value in {"content-length": "0", **answer[1]}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Is silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/told"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
