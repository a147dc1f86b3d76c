"""The command that does what waits: `iop-adapter work`."""

from __future__ import annotations

from adapter.terminal import Store, chosen_settings, problems_told, tell


def work(store: Store = None) -> None:
    """Do what waits: tell clients, ask partners, prepare exports. On PostgreSQL, beside servers with IOP_WORK=false."""
    from adapter import server

    settings = chosen_settings(store=store)
    with problems_told():
        server.work(settings, tell)
