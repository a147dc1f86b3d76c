"""`make nightly`: every proof at its full size, in shards that resume.

A shard is one test file, or one concept of a file in `BY_CONCEPT`, or one part of a file in `IN_PARTS`, run with the
Hypothesis profile `full` and with what is marked `slow`; those that need a store are run once more on PostgreSQL, where
its programs are. Its result, seed and duration are kept in `var/nightly/COMMIT/`; a shard that has passed for this
commit is not run again. Words after `tests/nightly.py` take the shards whose names contain one of them, so that several
processes can share the work.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
# Every test of these is of one concept, and all together are longer than one may want to run at once.
BY_CONCEPT = (TESTS / "conformance" / "test_generated.py", TESTS / "laws" / "test_laws.py")

IN_PARTS = {TESTS / "doors" / "test_revocations.py": 10}
"""Files whose tests all take the number of a part, and how many parts there are."""
STORED = ("store", "doors", "interactions", "journeys", "ingest", "consent/test_predicate.py")
"""What is run on both stores; but two programs in one process are no matter of the store."""
BESIDE = "tests/doors/beside"
POSTGRES = "postgresql: "
TOLD = "timing: "
"""What a line begins with that is printed for a person to read."""


def commit() -> str:
    """The commit under test, marked when the tree differs from it."""
    name = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    dirty = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True)
    return name.stdout.strip() + ("-dirty" if dirty.stdout.strip() else "")


def shards(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Name of each shard that contains one of `words` (all without any), and what pytest is told to run."""
    yield from ((name, told) for name, told in every_shard() if not words or any(word in name for word in words))


def every_shard() -> Iterator[tuple[str, list[str]]]:
    concepts = sorted(path.stem for path in (ROOT / "mappings" / "concepts").glob("*.toml"))
    for path in sorted(TESTS.rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        parts = concepts if path in BY_CONCEPT else [str(number) for number in range(IN_PARTS.get(path, 0))]
        shards = [(f"{name}[{part}]", [name, "-k", f"[{part}]"]) for part in parts] or [(name, [name])]
        yield from shards
        if any(name.startswith(f"tests/{where}") for where in STORED) and not name.startswith(BESIDE) and _postgres():
            yield from ((f"{POSTGRES}{shard}", told) for shard, told in shards)


def _postgres() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb") is not None


def run(name: str, told: list[str], seed: int) -> dict[str, object]:
    """Runs one shard to its end and tells how it went."""
    started = time.time()
    environment = {**os.environ, "TEST_PROOF": "full"} | (
        {"TEST_STORE": "postgresql"} if name.startswith(POSTGRES) else {}
    )
    command = [sys.executable, "-m", "pytest", "-m", "slow or not slow", f"--hypothesis-seed={seed}", *told]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    lines = ended.stdout.strip().splitlines() or ["no output"]
    if ended.returncode:
        print(ended.stdout[-8000:])
    for line in lines:
        if line.startswith(TOLD):
            print(line)
    seconds = round(time.time() - started, 1)
    return {"passed": ended.returncode == 0, "seed": seed, "seconds": seconds, "line": lines[-1]}


def main() -> int:
    """Runs what has not passed yet; the exit code tells whether all have."""
    folder = ROOT / "var" / "nightly" / commit()
    folder.mkdir(parents=True, exist_ok=True)
    seed = int(os.environ.get("TEST_SEED", random.SystemRandom().randrange(1 << 31)))
    failed = 0
    for name, told in shards(sys.argv[1:]):
        kept = folder / (name.replace("/", "-") + ".json")
        result = json.loads(kept.read_text()) if kept.exists() else {}
        if not result.get("passed"):
            result = run(name, told, seed)
            kept.write_text(json.dumps(result))
        failed += not result["passed"]
        verdict = "passed" if result["passed"] else "FAILED"
        print(f"{verdict} {name}: {result['line']} (seed {result['seed']}, {result['seconds']} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
