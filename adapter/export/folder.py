"""Bulk data into a folder, for one recipient or for the program itself: the same lines as over the network.

Each part is in the ledger before it is written. A file has its name once it is whole; whoever is killed goes on behind
the last whole file, at the same logical time, by the rules of then. Nobody else on the machine reads them.
https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from adapter.consent.notice import LONG, VERSION
from adapter.consent.told import told
from adapter.export.deletions import deletions_of, file_of_deletions, part_of_deletions
from adapter.export.lines import FAILED, file_of, part_of_failures, part_of_lines
from adapter.export.sight import Meant, Puller
from adapter.fhir.dates import instant_of
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.released import Released
from adapter.store.disclosure import Disclosure
from adapter.store.exports import Export, Part, Stretch
from adapter.store.ledger import Ledger

MANIFEST, STATE, DRAFT = "manifest.json", ".export.json", ".draft"
TRIES = 5
"""How often a part is read again of which something was taken back while it was read."""
Json = dict[str, Any]


class Recipient(NamedTuple):
    """For whom it is, what it is of, and what its manifest says of that."""

    puller: Puller
    ground: str | None
    """What allows it; None: each record has a ground of its own."""
    said: Json


class Folder:
    """One export in one folder."""

    def __init__(self, path: Path, request: str, one: Export) -> None:
        """Made for this, or left by another one of the same request, which goes on; `one` is a new one.

        Problem(CONFLICT) for a folder that has anything else in it.
        """
        self._path, self._request = path, request
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = self._state()
        self.one = Export(*state["export"]) if state else one
        self._files: list[Json] = state["files"] if state else []
        if state is None and any(path.iterdir()):
            raise Problem(Kind.CONFLICT, f"{path} is not empty, and has no export of this request that goes on")
        self._keep()

    def _state(self) -> Json | None:
        try:
            state: Json = orjson.loads((self._path / STATE).read_bytes())
        except FileNotFoundError:
            return None
        if state["request"] != self._request:
            raise Problem(Kind.CONFLICT, f"{self._path} has an export of another request that is not at its end")
        return state

    def _keep(self) -> None:
        kept = {"request": self._request, "export": list(self.one), "files": self._files}
        self._write(STATE, lambda file: file.write(orjson.dumps(kept)))

    def _write(self, name: str, work: Callable[[IO[bytes]], Any]) -> None:
        """A file that is there once it is whole and on the disk."""
        draft = self._path / f"{name}{DRAFT}"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            work(file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._path / name)
        folder = os.open(self._path, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def behind(self, type: str) -> int:
        """The number with which the last file of a type ends."""
        return max((file["last"] for file in self._files if file["of"] == type), default=0)

    def add(self, kind: str, type: str, of: Stretch, parts: Iterator[Released]) -> str:
        """The next file, in the manifest under this kind; its name."""
        number = sum(file["of"] == of.type for file in self._files) + 1
        name = f"{of.type.replace('/', '-')}.{number:06}.ndjson"
        lines = 0

        def all_of_it(file: IO[bytes]) -> None:
            nonlocal lines
            for part in parts:
                file.write(part.body)
                lines += part.body.count(b"\n")

        self._write(name, all_of_it)
        self._files.append({"kind": kind, "type": type, "url": name, "count": lines, "of": of.type, "last": of.last})
        self._keep()
        return name

    def end(self, said: Json) -> None:
        """All files are there: a manifest with what is said, and nothing goes on."""
        listed = {
            kind: [
                {name: file[name] for name in ("type", "url", "count")} for file in self._files if file["kind"] == kind
            ]
            for kind in ("output", "deleted", "error")
        }
        made = {"transactionTime": instant_of(self.one.made_ms), "request": self._request}
        manifest = {**made, "requiresAccessToken": False, **listed, "extension": said}
        text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
        self._write(MANIFEST, lambda file: file.write(text + b"\n"))
        (self._path / STATE).unlink()


class Writer:
    """Writes what is meant into a folder; `tell` hears of each file."""

    def __init__(
        self, program: Program, ledger: Ledger, recipient: Recipient, folder: Folder, tell: Callable[[str], None]
    ) -> None:
        self._program, self._ledger, self._to, self._folder, self._tell = program, ledger, recipient, folder, tell

    def write(self, meant: Meant) -> None:
        """All files that are not there yet, and the manifest."""
        for type in meant.types:
            while found := file_of(meant, type, self._folder.behind(type)):
                if found.failed and self._folder.behind(FAILED + type) < found.file.last:
                    behind = found.file._replace(type=FAILED + type)
                    self._add("error", "OperationOutcome", behind, self._each(meant, found.parts, behind.type))
                self._add("output", type, found.file, self._each(meant, found.parts, type, checked=found.failed))
        if (file := file_of_deletions(meant, self._ledger, self._folder.behind("deleted"))) is not None:
            self._add("deleted", "Bundle", file, self._gone(meant, file))
        self._folder.end({**self._to.said, "notice": {"version": VERSION, "text": LONG}})

    def _add(self, kind: str, type: str, of: Stretch, parts: Iterator[Released]) -> None:
        self._tell(self._folder.add(kind, type, of, parts))

    def _each(self, meant: Meant, parts: tuple[Part, ...], type: str, *, checked: bool = False) -> Iterator[Released]:
        for part in parts:
            of = Stretch(type, part.after, part.last)
            if type.startswith(FAILED):
                yield from self._told(partial(part_of_failures, meant, of))
            else:
                yield from self._told(partial(part_of_lines, meant, of, checked=checked))

    def _gone(self, meant: Meant, file: Stretch) -> Iterator[Released]:
        for one in deletions_of(meant, file.after):
            yield from self._told(partial(part_of_deletions, meant, self._ledger, one))

    def _told(self, read: Callable[[], Released | None]) -> Iterator[Released]:
        """What is read, once it is in the ledger; read anew where something of it has just been taken back."""
        for attempt in range(TRIES):
            stamp = self._program.store.moment
            if (part := read()) is None:
                return
            try:
                self._record(part, stamp)
            except Problem as problem:
                if problem.kind is not Kind.BUSY or attempt == TRIES - 1:
                    raise
                continue
            yield part
            return

    def _record(self, part: Released, stamp: int) -> None:
        found = told(self._program.store, self._to.puller.predicate, part.shown, stamp)
        for ground, listed in found.items():
            by = ground or self._to.ground or part.grant
            self._ledger.write(Disclosure(self._to.puller.caller, by, "$export", listed, VERSION)).result()
