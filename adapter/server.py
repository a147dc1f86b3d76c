"""Runs the server: in this process, or in several that share a PostgreSQL store."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from adapter import app, logs
from adapter.problems import Kind, Problem
from adapter.settings import NO_CUSTODIAN, Settings, own_address, read_settings
from adapter.web.dispatcher import Dispatcher
from adapter.web.metrics import SHARED

if TYPE_CHECKING:
    from uvicorn import Config

# Seconds that a request may still take when told to stop.
GRACE_SECONDS = 10
# Connections that may wait to be accepted.
BACKLOG = 2_048
_REASON = "--open on the command line"
_OPEN = "ADAPTER_OPEN_REASON"


def run(settings: Settings, workers: int, tell: Callable[[str], None], *, open: bool = False) -> None:
    """Blocks until the server is told to stop (SIGINT, SIGTERM), then closes the store. `open`: without authorization.

    Raises Problem(INVALID) for several workers on an SQLite store, which one process has for itself.
    """
    logs.begin(settings.log)
    if workers == 1:
        # Uvicorn repeats the signal once it has stopped; unheard, SIGTERM would end the process with the store open.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        with app.opened(settings) as program:
            served = app.asgi(program, open_reason=_REASON if open else None, works=True)
            _warn(settings, tell, open=open)
            _listen(served, settings, tell)
        return
    if not settings.shared:
        raise Problem(Kind.INVALID, "several workers need a PostgreSQL store: an SQLite file is open in one process")
    # What is wrong is told once, by this process; the tables are made here too.
    with app.opened(settings) as program:
        app.asgi(program, open_reason=_REASON if open else None).close()
        _warn(settings, tell, open=open)
    with TemporaryDirectory(prefix="iop-metrics-") as folder:
        os.environ |= {"IOP_STORE": settings.store_address, "IOP_PORT": str(settings.port), SHARED: folder}
        os.environ[_OPEN] = _REASON if open else ""
        _listen(f"{__name__}:worker", settings, tell, factory=True, workers=workers)


def run_demo(settings: Settings, guarded: Settings, tell: Callable[[str], None]) -> None:
    """Blocks while one store is served twice: openly, as its staff see it, and to clients that prove themselves."""
    logs.begin(settings.log)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with app.opened(settings) as program:
        beside = replace(program, base_url=guarded.base_url, settings=guarded)
        listeners = [_listener(settings), _listener(guarded)]
        served = [app.asgi(program, open_reason=_REASON), app.asgi(beside, works=True)]
        tell(f"Serving {settings.store}: openly at {settings.base_url}, to clients with a token at {guarded.base_url}")
        with suppress(KeyboardInterrupt):
            asyncio.run(_together(served, listeners))


def work(settings: Settings, tell: Callable[[str], None]) -> None:
    """Blocks while what waits is done, until told to stop (SIGINT, SIGTERM)."""
    logs.begin(settings.log)
    with app.opened(settings) as program, app.working(program) as worker:

        async def until_stopped() -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, worker.stop)
            tell(f"Working on {settings.store}; Ctrl+C ends it.")
            await worker.run()

        asyncio.run(until_stopped())


async def _together(served: list[Dispatcher], listeners: list[socket.socket]) -> None:
    """Both until one of them is told to stop."""
    import uvicorn

    servers = [uvicorn.Server(configured(one)) for one in served]
    tasks = [asyncio.create_task(one.serve(sockets=[at])) for one, at in zip(servers, listeners, strict=True)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)


def _warn(settings: Settings, tell: Callable[[str], None], *, open: bool) -> None:
    """What nobody would find out otherwise."""
    if not open and not settings.custodians:
        tell(NO_CUSTODIAN)


def worker() -> Dispatcher:
    """The application of one worker process, which closes its store when it is told to stop."""
    settings = read_settings(os.environ)
    logs.begin(settings.log)
    program = app.build(settings)
    return app.asgi(program, open_reason=os.environ[_OPEN] or None, ended=program.store.close, works=True)


def configured(served: Dispatcher | str, **more: Any) -> Config:
    """How uvicorn serves the application: as it is, because its protocol speaks to it."""
    from uvicorn import Config

    from adapter.web.protocol import BoundedHttp

    kept = {"access_log": False, "log_config": None, "server_header": False, "proxy_headers": False, "ws": "none"}
    return Config(served, **{"http": BoundedHttp, "timeout_graceful_shutdown": GRACE_SECONDS, **kept, **more})


def _listen(served: Dispatcher | str, settings: Settings, tell: Callable[[str], None], **more: Any) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = configured(served, **more)
    listener = _listener(settings)
    here = own_address(settings.host, settings.port)
    tell(f"Serving {settings.store}: FHIR at {here}, natively at {here.removesuffix('fhir')}iop; Ctrl+C ends it.")
    # What reaches the port before a worker does waits in its queue.
    with suppress(KeyboardInterrupt):
        if config.workers > 1:
            Multiprocess(config, sockets=[listener]).run()
        else:
            uvicorn.Server(config).run(sockets=[listener])


def _listener(settings: Settings) -> socket.socket:
    """The socket of the address; Problem(INVALID) where another has it, or it is not this machine's."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        wanted = f"{settings.host}, port {settings.port}"
        raise Problem(Kind.INVALID, f"cannot listen on {wanted}: {os.strerror(error.errno or 0)}", "IOP_PORT") from None
    listener.set_inheritable(True)
    return listener
