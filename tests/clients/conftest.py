"""One running server for all clients of a test process: each makes the records it needs, and counts only its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.serving import Server, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server, which must have logged no fault by the end."""
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server
    assert server.faults() == []
