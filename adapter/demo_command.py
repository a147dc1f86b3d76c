"""The command that shows what all this is for: `iop-adapter demo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from adapter.terminal import OPEN_REASON, Port, chosen_settings, problems_told, screen, tell


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo's files and stores are kept.")] = Path("demo"),
    clients: Annotated[int, typer.Option(min=1, help="How many clients the practice system has.")] = 200,
    port: Port = None,
) -> None:
    """Generate a practice system's records, import them, and serve them on loopback: openly, and to clients with tokens
    at the next port; beside it a facility that refers to the program, and a clinic that it refers on to."""
    from adapter import neighbours, server, stage
    from adapter.importer import run_import
    from adapter.ingest.demo import demo_data, things_to_try

    kept = {"store": folder / "iop.db", "secret_file": folder / "secret", "organizations": stage.PROGRAM}
    kept |= neighbours.NEAR
    settings = chosen_settings(port=port, **kept)
    guarded = chosen_settings(port=settings.port + 1, **kept)
    with problems_told():
        neighbours.check_ports(settings)
        database, records = demo_data(folder, clients), stage.prepared(folder)
    screen.print(run_import(settings, "bhsim", [database]).table())
    for made, file in ((settings, records), *neighbours.prepared(settings, folder)):
        if run_import(made, "native", [file]).refused:
            raise AssertionError("the stage of the demo is not in order")
    with problems_told():
        stage.register(settings, folder)
        beside = neighbours.register(settings, guarded, folder)
    again = f"To play it again from the start: stop this, and delete {folder}.\n\n"
    steps = again + stage.steps(settings, guarded.base_url, folder, _command())
    for said in (things_to_try(settings), steps, neighbours.steps(settings, folder)):
        screen.print(said, markup=False, highlight=False, soft_wrap=True)
    tell(OPEN_REASON)
    with problems_told(), neighbours.served(beside):
        server.run_demo(settings, guarded, tell)


def _command() -> str:
    """How this command line was called."""
    called = Path(sys.argv[0])
    return f"{sys.executable} -m adapter" if called.name == "__main__.py" else str(called)
