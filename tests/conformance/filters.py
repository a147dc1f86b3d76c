"""A validator as a process that is fed resources and answers one verdict a line."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from adapter.fhir.json import dump


class Subject(NamedTuple):
    """A resource that is put before validators, and a name to speak of it."""

    name: str
    resource: dict[str, Any]


class Finding(NamedTuple):
    """What a validator says of a subject."""

    validator: str
    subject: str
    severity: str
    id: str
    place: str
    message: str

    @property
    def is_error(self) -> bool:
        return self.severity in ("error", "fatal")


class Filter:
    """One running validator. It loads while its first subjects wait in the pipe; what it prints goes to a log."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name, self._log = name, log
        with log.open("wb") as errors:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors)

    def findings(self, subjects: Sequence[Subject]) -> list[list[Finding]]:
        """What it says of each, in order; raises RuntimeError when it ends early."""
        writer = threading.Thread(target=self._write, args=(subjects,))
        writer.start()
        try:
            return [self._read(subject) for subject in subjects]
        finally:
            writer.join()

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _write(self, subjects: Iterable[Subject]) -> None:
        assert self._process.stdin
        try:
            for subject in subjects:
                self._process.stdin.write(f"{subject.name}\t".encode() + dump(subject.resource) + b"\n")
                self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the reader tells

    def _read(self, subject: Subject) -> list[Finding]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended at {subject.name}: {self._log.read_text(errors='replace')[-2000:]}")
        verdict = json.loads(line)
        assert verdict["name"] == subject.name
        return [
            Finding(self.name, subject.name, *(issue[key] or "" for key in ("severity", "id", "place", "message")))
            for issue in verdict["issues"]
        ]
