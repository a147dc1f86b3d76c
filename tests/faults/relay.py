"""What stands between a program and its partner's server: it passes everything on, and may do something before or
after."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

_KEPT = ("content-type", "location", "etag", "last-modified")


@dataclass
class Relay:
    """`before` is called with each request that sends something, `after` once the partner has answered it."""

    base: str = ""
    sent: list[bytes] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None


@contextmanager
def relaying(to: str) -> Iterator[Relay]:
    """A relay to a server, on a free port."""
    relay = Relay()

    class Handler(BaseHTTPRequestHandler):
        def _passed(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            sends = self.command in ("POST", "PUT")
            if sends:
                relay.sent.append(body)
                relay.before()
            said = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            url = to + self.path.removeprefix("/fhir")
            given = httpx.request(self.command, url, headers=said, content=body, timeout=30)
            if sends:
                relay.after()
            self.send_response(given.status_code)
            for name in _KEPT:
                if name in given.headers:
                    self.send_header(name, given.headers[name].replace(to, relay.base))
            self.send_header("content-length", str(len(given.content)))
            self.end_headers()
            self.wfile.write(given.content)

        do_GET = do_POST = do_PUT = _passed

        def log_message(self, format: str, *args: object) -> None:
            """Is silent."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, address: object) -> None:
            """Who was killed does not read on."""

    server = Server(("127.0.0.1", 0), Handler)
    relay.base = f"http://127.0.0.1:{server.server_port}/fhir"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
