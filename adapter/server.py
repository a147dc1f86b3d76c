"""Runs the server: in this process, or in several that share a PostgreSQL store."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

from adapter import app, logs
from adapter.problems import Kind, Problem
from adapter.settings import Settings, own_address, read_settings
from adapter.web.dispatcher import Dispatcher
from adapter.web.metrics import SHARED

# Connections served at one time by a process, more are answered 503; seconds that a request may still take when told
# to stop.
CONNECTIONS, GRACE_SECONDS = 1_000, 10
_REASON = "--open on the command line"


def run(settings: Settings, workers: int, tell: Callable[[str], None]) -> None:
    """Blocks until the server is told to stop (SIGINT, SIGTERM), then closes the store.

    Raises Problem(INVALID) for several workers on an SQLite store, which one process has for itself.
    """
    logs.begin(settings.log)
    if workers == 1:
        # Uvicorn repeats the signal once it has stopped; unheard, SIGTERM would end the process with the store open.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        with app.opened(settings) as program:
            served = app.asgi(program, open_reason=_REASON)
            _say_where(settings, tell)
            _listen(served, settings)
        return
    if not settings.shared:
        raise Problem(Kind.INVALID, "several workers need a PostgreSQL store: an SQLite file is open in one process")
    # What is wrong is told once, by this process; the tables are made here too.
    with app.opened(settings) as program:
        app.asgi(program, open_reason=_REASON)
    with TemporaryDirectory(prefix="iop-metrics-") as folder:
        os.environ |= {"IOP_STORE": settings.store_address, "IOP_PORT": str(settings.port), SHARED: folder}
        _say_where(settings, tell)
        _listen(f"{__name__}:worker", settings, factory=True, workers=workers)


def worker() -> Dispatcher:
    """The application of one worker process, which closes its store when it is told to stop."""
    settings = read_settings(os.environ)
    logs.begin(settings.log)
    program = app.build(settings)
    return app.asgi(program, open_reason=_REASON, ended=program.store.close)


def _say_where(settings: Settings, tell: Callable[[str], None]) -> None:
    here = own_address(settings.host, settings.port)
    tell(f"Serving {settings.store}: FHIR at {here}, natively at {here.removesuffix('fhir')}iop; Ctrl+C ends it.")


def _listen(served: Dispatcher | str, settings: Settings, **more: Any) -> None:
    import uvicorn

    uvicorn.run(
        served,
        host=settings.host,
        port=settings.port,
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **more,
    )
