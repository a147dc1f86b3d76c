"""What every test may ask for: the repository's folders and, where present, other people's FHIR data."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
LONG = frozenset(
    ("faults", "exchange", "journeys", "test_command_line.py", "test_client_commands.py", "test_staff_commands.py")
)
"""Where the tests are that take longest: they start processes."""
# What these run is installed by the run itself: `make conformance` and `make clients`.
INSTALLED = (ROOT / "tests" / "conformance", ROOT / "tests" / "clients" / "installed")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Published packages and examples that are read, never copied: `TEST_SHARED_DATA`, else beside the repository."""
    folder = Path(os.environ.get("TEST_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no shared test data at {folder}")
    return folder


# Every heavy proof has its sizes: quick in `make test`, more in .ci/run (TEST_PROOF=ci), full in `make nightly`
# (TEST_PROOF=full).
PROOF = os.environ.get("TEST_PROOF", "quick")
FULL = PROOF == "full"
# One test in so many, where all have run on the other database (.ci/run; `make nightly` runs all).
SAMPLE = 1 if FULL else int(os.environ.get("TEST_SAMPLE", "1"))
WHOLE = frozenset(("store", "consent"))
"""Where of the tests none is left out."""
for proof, size in {"quick": 25, "ci": 25, "full": 2_000}.items():
    settings.register_profile(proof, max_examples=size, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(PROOF)


# As in a server (`Dispatcher`): else a fifth of the time goes into looking at maps and definitions that stay. But a
# process that runs tests makes many programs, tens of megabytes of cycles each.
gc.set_threshold(50_000, 20, 5)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves other people's programs to the targets that ask for their folder by name."""
    if collection_path not in INSTALLED:
        return None
    asked = any(Path(name.partition("::")[0]).resolve().is_relative_to(collection_path) for name in config.args)
    return None if asked else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the `slow` ones to `make nightly`, unless they are asked for by `-m`, and runs `storeless` ones once.

    Those that take longest are what each process begins with, so that none waits for one of them in the end.
    """
    left = set() if FULL or "slow" in (config.option.markexpr or "") else {"slow"}
    left |= {"storeless"} if os.environ.get("TEST_STORE") == "postgresql" else set()
    items[:] = [item for item in items if left.isdisjoint(item.keywords) and _is_drawn(item)]
    parts = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    short = [item for item in items if LONG.isdisjoint(item.path.relative_to(TESTS).parts)]
    long = [item for item in items if not LONG.isdisjoint(item.path.relative_to(TESTS).parts)]
    # A file is one process's: what its tests share is set up once.
    files = {path: number for number, path in enumerate(dict.fromkeys(item.path for item in long))}
    size = -(-len(items) // parts)
    items.clear()
    for part in range(parts):
        own = [item for item in long if files[item.path] % parts == part]
        filled = size - len(own)
        items += own + short[:filled]
        short = short[filled:]
    items += short


def _is_drawn(item: pytest.Item) -> bool:
    """Whether a test is run where one in `SAMPLE` is, the same in each run; those of the store itself, and of what it
    lets through, all run."""
    whole = SAMPLE == 1 or not WHOLE.isdisjoint(item.path.relative_to(TESTS).parts)
    return whole or crc32(item.nodeid.encode()) % SAMPLE == 0


def pytest_collection_finish() -> None:
    """What is loaded by now stays, and the collector looks at it no more."""
    gc.collect()
    gc.freeze()
