"""How an export stands, and its files, for the client that asked for it; for anybody else there is none.

A file is read from the store while it goes out, a stretch at a time, and each stretch by the rules of that moment: what
was taken back meanwhile is not in what is still to go. https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from adapter.callers import Caller, ClientKind
from adapter.consent.gate import publish
from adapter.export.asking import address_of
from adapter.export.deletions import DELETED, deletions_of, part_of_deletions
from adapter.export.lines import FAILED, digest_of, part_of_failures, part_of_lines
from adapter.export.sight import Meant, Puller, asked, meant
from adapter.fhir.dates import instant_of
from adapter.fhir.json import dump
from adapter.fhir.outcome import operation_outcome
from adapter.interactions.answer import Answer
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem
from adapter.released import Predicate, Released
from adapter.store.exports import Export, Exports, Part, Stretch, stretches
from adapter.store.ledger import Ledger

NDJSON = "application/fhir+ndjson"


def own(program: Program, caller: Caller, predicate: Predicate, place: str, id: str) -> tuple[Export, list[Stretch]]:
    """An export of this client, asked for at `Group` or `Patient`, and its files as far as they are known.

    Problem(NOT_FOUND) for any other id, and for what its token does not cover any more.
    """
    with program.store.asking() as database:
        kept = Exports(database)
        one, files = kept.named(id), kept.files(id)
    covered = str(predicate.parameters.get("c_types")).split()
    if (
        one is None
        or one.place.partition("/")[0] != place
        or (one.client != caller.client and caller.kind is not ClientKind.PRIVACY_OFFICER)
        or not set(asked(one)["types"]).issubset(covered)
    ):
        raise Problem(Kind.NOT_FOUND, "there is no such export")
    return one, files


def status(program: Program, caller: Caller, predicate: Predicate, place: str, id: str) -> Answer:
    """202 while its files are looked for, then 200 with the list of them; 500 with the reason where that has failed."""
    one, files = own(program, caller, predicate, place, id)
    if one.failure is not None:
        why = Issue("exception", f"the export has failed: {one.failure}; ask for another")
        return Answer(500, publish(dump(operation_outcome([why]))), told=True)
    if not one.done:
        told = (
            ("x-progress", f"{len(files)} files are ready"),
            ("retry-after", str(program.settings.export_poll_seconds)),
        )
        return Answer(202, None, headers=told)
    return Answer(200, publish(dump(_manifest(program, one, files))), media="application/json")


def _manifest(program: Program, one: Export, files: list[Stretch]) -> dict[str, Any]:
    """No count of lines is in it: a consent that is taken back would show by the difference."""
    place = address_of(program, one)
    listed = [(file, f"{place}/{n}") for n, file in enumerate(files, 1)]
    return {
        "transactionTime": instant_of(one.made_ms),
        "request": asked(one)["url"],
        "requiresAccessToken": True,
        "output": [{"type": file.type, "url": url} for file, url in listed if file.type[:1].isupper()],
        "deleted": [{"type": "Bundle", "url": url} for file, url in listed if file.type == DELETED],
        "error": [{"type": "OperationOutcome", "url": url} for file, url in listed if file.type.startswith(FAILED)],
    }


async def forget(program: Program, caller: Caller, predicate: Predicate, place: str, id: str) -> Answer:
    """202: it is gone, whatever was done of it."""
    one, _ = await asyncio.to_thread(own, program, caller, predicate, place, id)
    await asyncio.wrap_future(program.store.write(lambda t: Exports(t.database).drop(one.id)))
    return Answer(202)


class File:
    """One file of an export, a stretch of the store after another."""

    def __init__(self, program: Program, puller: Puller, ledger: Ledger, place: str, id: str, n: str) -> None:
        """Problem(NOT_FOUND) for a file that is not there."""
        self._program, self._puller, self._ledger = program, puller, ledger
        self._one, files = own(program, *puller, place, id)
        self._n = int(n) if n.isdecimal() and len(n) < 9 else 0
        if not self._one.done or not 0 < self._n <= len(files):
            raise Problem(Kind.NOT_FOUND, "there is no such file")
        self._file = files[self._n - 1]
        self._damaged = self._file._replace(type=FAILED + self._file.type) in files
        self.parts = self._found_first(id) if self._one.client == puller.caller.client else ()

    def _found_first(self, id: str) -> tuple[Part, ...]:
        """As its client was to have it: a privacy officer sees other bytes."""
        with self._program.store.asking() as database:
            return Exports(database).parts(id, self._n)

    @property
    def etag(self) -> str | None:
        """Of its bytes as they were found, which are sent under it or not at all; None where they are not known, or
        have been others since."""
        return f'"{digest_of("".join(part.digest for part in self.parts).encode())}"' if self.parts else None

    @property
    def size(self) -> int:
        """How many bytes that is."""
        return sum(part.size for part in self.parts)

    async def forget_parts(self) -> None:
        """What may be seen of it is not what it was: from now on it is what may be seen when it is fetched."""
        self.parts = ()
        forgotten = self._program.store.write(lambda t: Exports(t.database).forget_parts(self._one.id, self._n))
        await asyncio.wrap_future(forgotten)

    def meant(self) -> Meant:
        """What is in it."""
        return meant(self._program, self._puller, self._one)

    def stretches(self, meant: Meant) -> Iterator[Stretch]:
        """Those that it consists of."""
        if self._file.type == DELETED:
            behind = deletions_of(meant, self._file.after)
            return (one._replace(type=DELETED) for one in behind if one.after < self._file.last)
        type = self._file.type.removeprefix(FAILED)
        return (one._replace(type=self._file.type) for one in stretches(self._program.store, type, *self._file[1:]))

    def part(self, meant: Meant, stretch: Stretch) -> Released | None:
        """The lines of a stretch, of what is in it those that may be seen now; None where there are none."""
        if stretch.type == DELETED:
            return part_of_deletions(meant, self._ledger, stretch)
        if stretch.type.startswith(FAILED):
            return part_of_failures(meant, stretch)
        return part_of_lines(meant, stretch, checked=self._damaged)

    def known(self, meant: Meant, part: Part) -> Released | None:
        """The lines of a part, if they are what they were; Problem(PRECONDITION) else."""
        lines = self.part(meant, Stretch(self._file.type, part.after, part.last))
        if digest_of(lines.body if lines else b"") != part.digest:
            raise Problem(Kind.PRECONDITION, "what may be sent of this file is not what it was: fetch it anew")
        return lines
