"""Bulk data into a folder, for one recipient or for the program itself: the same lines as over the network.

Each part is in the ledger before it is written. A file has its name once it is whole; whoever is killed goes on behind
the last whole file, at the same logical time, by the rules of then: first what is there is read again, and a type of
which a part is not what it was, as after a revocation, is written anew. Nobody else on the machine reads them.
https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from adapter.consent.notice import LONG, VERSION
from adapter.consent.told import told
from adapter.export.deletions import DELETED, deletions_of, file_of_deletions, part_of_deletions
from adapter.export.lines import FAILED, digest_of, file_of, part_of_failures, part_of_lines
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

    def keep_what(self, stands: Callable[[Stretch, str], bool]) -> None:
        """Of what was left, the files of the types of which every part, by its digest, stands; no other file stays."""
        gone = {
            _of(file) for file in self._files if "parts" not in file or not all(stands(*one) for one in _parts(file))
        }
        self._files = [file for file in self._files if _of(file) not in gone]
        kept = {file["url"] for file in self._files}
        for path in (*self._path.glob("*.ndjson"), *self._path.glob(f"*{DRAFT}")):
            if path.name not in kept:
                path.unlink()
        self._keep()

    def behind(self, type: str) -> int:
        """The number with which the last file of a type ends."""
        return max((file["last"] for file in self._files if file["of"] == type), default=0)

    def add(self, kind: str, type: str, of: Stretch, parts: Iterator[tuple[Stretch, Released]]) -> str:
        """The next file, in the manifest under this kind; its name."""
        number = sum(file["of"] == of.type for file in self._files) + 1
        name = f"{of.type.replace('/', '-')}.{number:06}.ndjson"
        lines, written = 0, list[list[Any]]()

        def all_of_it(file: IO[bytes]) -> None:
            nonlocal lines
            for stretch, part in parts:
                file.write(part.body)
                lines += part.body.count(b"\n")
                written.append([stretch.after, stretch.last, digest_of(part.body)])

        self._write(name, all_of_it)
        made = {"kind": kind, "type": type, "url": name, "count": lines, "of": of.type, "last": of.last}
        self._files.append({**made, "parts": written})
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


def _of(file: Json) -> str:
    """The type that a file is of, also one of what of it could not be printed."""
    return str(file["of"]).removeprefix(FAILED)


def _parts(file: Json) -> Iterator[tuple[Stretch, str]]:
    return ((Stretch(file["of"], after, last), digest) for after, last, digest in file["parts"])


class Writer:
    """Writes what is meant into a folder; `tell` hears of each file."""

    def __init__(
        self, program: Program, ledger: Ledger, recipient: Recipient, folder: Folder, tell: Callable[[str], None]
    ) -> None:
        self._program, self._ledger, self._to, self._folder, self._tell = program, ledger, recipient, folder, tell

    def write(self, meant: Meant) -> None:
        """All files that are not there yet, and the manifest."""
        self._folder.keep_what(lambda stretch, digest: self._stands(meant, stretch, digest))
        for type in meant.types:
            while found := file_of(meant, type, self._folder.behind(type)):
                if found.failed and self._folder.behind(FAILED + type) < found.file.last:
                    behind = found.file._replace(type=FAILED + type)
                    self._add("error", "OperationOutcome", behind, self._told(meant, behind.type, found.parts))
                self._add("output", type, found.file, self._told(meant, type, found.parts, checked=found.failed))
        if (file := file_of_deletions(meant, self._ledger, self._folder.behind(DELETED))) is not None:
            self._add("deleted", "Bundle", file, self._told(meant, DELETED, deletions_of(meant, file.after)))
        self._folder.end({**self._to.said, "notice": {"version": VERSION, "text": LONG}})

    def _stands(self, meant: Meant, stretch: Stretch, digest: str) -> bool:
        """Whether what may be seen of a part is what was written."""
        part = self._part(meant, stretch)
        return part is not None and digest_of(part.body) == digest

    def _part(self, meant: Meant, stretch: Stretch, *, checked: bool = True) -> Released | None:
        """The lines of a stretch that may be seen now; None where there are none."""
        if stretch.type == DELETED:
            return part_of_deletions(meant, self._ledger, stretch)
        if stretch.type.startswith(FAILED):
            return part_of_failures(meant, stretch)
        return part_of_lines(meant, stretch, checked=checked)

    def _add(self, kind: str, type: str, of: Stretch, parts: Iterator[tuple[Stretch, Released]]) -> None:
        self._tell(self._folder.add(kind, type, of, parts))

    def _told(
        self, meant: Meant, type: str, parts: Iterable[Part | Stretch], *, checked: bool = False
    ) -> Iterator[tuple[Stretch, Released]]:
        """What is read of each part, once it is in the ledger."""
        for one in parts:
            stretch = Stretch(type, one.after, one.last)
            if (part := self._recorded(partial(self._part, meant, stretch, checked=checked))) is not None:
                yield stretch, part

    def _recorded(self, read: Callable[[], Released | None]) -> Released | None:
        """What is read, once it is in the ledger; read anew where something of it has just been taken back."""
        for attempt in range(TRIES):
            stamp = self._program.store.moment
            if (part := read()) is None:
                return None
            try:
                self._record(part, stamp)
                return part
            except Problem as problem:
                if problem.kind is not Kind.BUSY or attempt == TRIES - 1:
                    raise
        return None

    def _record(self, part: Released, stamp: int) -> None:
        found = told(self._program.store, self._to.puller.predicate, part.shown, stamp)
        for ground, listed in found.items():
            by = ground or self._to.ground or part.grant
            self._ledger.write(Disclosure(self._to.puller.caller, by, "$export", listed, VERSION)).result()
