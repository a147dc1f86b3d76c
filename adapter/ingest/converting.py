"""Converts NDJSON between native records and FHIR R4 resources, line by line, without a store: a pipe in, a pipe out.

By one process, or several. A native line is a record with its `concept`. What a map does not cover goes, finding by
finding, to the residue. A bad line is told and left out; the others go on. http://hl7.org/fhir/R4/nd-json.html
"""

from __future__ import annotations

import os
import stat
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, fields
from functools import cache
from io import BytesIO, StringIO
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, TextIO
from zoneinfo import ZoneInfo

from adapter.fhir.elements import Definitions
from adapter.fhir.json import dump
from adapter.fhir.schema import Door
from adapter.ingest.ndjson_rows import json_object, lines
from adapter.ingest.writing import reason
from adapter.interactions.counseling import check_no_note
from adapter.interactions.native_time import zoned
from adapter.interactions.to_fhir import resource_of
from adapter.interactions.to_native import record_of
from adapter.mapping.load import Maps, load
from adapter.problems import Kind, Problem
from adapter.settings import Settings, shipped

Direction = Literal["fhir", "native"]
Object = dict[str, Any]


@dataclass(slots=True)
class Converted:
    """Lines read, written and bad: read = written + bad. `residue` is how many findings the maps do not cover."""

    read: int = 0
    written: int = 0
    bad: int = 0
    residue: int = 0


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where lines, residue (nowhere: only counted) and messages go."""

    lines: BinaryIO
    residue: BinaryIO | None
    errors: TextIO


@dataclass(frozen=True, slots=True)
class Rules:
    """What settings a conversion goes by: where maps and definitions are, the program's zone, and limits.

    A process of its own, here or on another machine, makes its converter of them. No folder: the one that ships with
    the package, wherever it is there.
    """

    mappings: Path | None
    profiles: Path | None
    zone: str
    limit: int
    minutes_tolerance: int

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        """Those of a program."""
        mappings, profiles = settings.mappings, settings.profiles
        return cls(
            None if mappings == shipped("mappings") else mappings,
            None if profiles == shipped("profiles") else profiles,
            settings.zone,
            settings.resource_limit,
            settings.minutes_tolerance,
        )


@cache
def converter_of(rules: Rules) -> Converter:
    """The converter of some rules: made in a second, once in each process."""
    definitions = Definitions.load((rules.profiles or shipped("profiles")) / "r4")
    maps = load(rules.mappings or shipped("mappings"), definitions, minutes_tolerance=rules.minutes_tolerance)
    return Converter(maps, Door(definitions), ZoneInfo(rules.zone), rules.limit)


@dataclass(frozen=True, slots=True)
class Converter:
    """What a conversion needs: the maps, the door that checks FHIR, the program's zone, the most bytes of a line."""

    maps: Maps
    door: Door
    zone: ZoneInfo
    limit: int

    def convert(self, direction: Direction, name: str, file: BinaryIO, out: Outputs, done: Converted) -> None:
        """Streams one file in constant memory and adds to `done`; a pipe or terminal gets each line at once."""
        self.convert_lines(direction, name, lines(file, self.limit), out, done)

    def convert_lines(
        self, direction: Direction, name: str, numbered: Iterable[tuple[int, bytes]], out: Outputs, done: Converted
    ) -> None:
        """The same of some lines of a file, each with its number."""
        at_once = _waits(out.lines)
        for number, line in numbered:
            done.read += 1
            try:
                value, residue = self.turned(direction, line)
            except Problem as problem:
                done.bad += 1
                out.errors.write(f"{name}:{number}: {reason(problem)}\n")
                continue
            out.lines.write(dump(value) + b"\n")
            done.written += 1
            done.residue += len(residue)
            if out.residue:
                place = {"file": name, "line": number, "id": value.get("id")}
                out.residue.writelines(dump({**place, **finding}) + b"\n" for finding in residue)
            if at_once:
                out.lines.flush()
        out.lines.flush()

    def turned(self, direction: Direction, line: bytes) -> tuple[Object, list[Object]]:
        """What a line becomes, and what of it no map covers; a Problem for a bad one. Nothing else is looked at."""
        turn = self._to_fhir if direction == "fhir" else self._to_native
        return turn(json_object(line, self.limit))

    def _to_fhir(self, record: Object) -> tuple[Object, list[Object]]:
        name = record.pop("concept", None)
        concept = self.maps.concepts.get(name) if isinstance(name, str) else None
        if concept is None:
            raise Problem(Kind.INVALID, self._no_concept(name), "concept")
        return resource_of(self.door, concept, zoned(self.zone, concept.fields, record)), []

    def _no_concept(self, name: object) -> str:
        known = ", ".join(self.maps.concepts)
        if isinstance(name, str) and name in self.maps.aggregates:
            parts = " and ".join(self.maps.aggregates[name].members)
            return f"{name} is one form over several records: convert those ({parts}), or import it"
        return f"{name} is no concept: {known}" if isinstance(name, str) else f"the line names no concept: {known}"

    def _to_native(self, resource: Object) -> tuple[Object, list[Object]]:
        if issues := self.door.check(resource):
            raise Problem(Kind.UNPROCESSABLE, issues[0].message, issues[0].expression, issues=issues)
        check_no_note(resource)
        concept, record, residue = record_of(self.maps, resource)
        return {"concept": concept.name, **record}, [item._asdict() for item in residue]


_SHARE, _AHEAD = 256, 4
"""Lines that a process is given at once, and how many such shares it may have waiting: so memory stays flat."""


class Share(NamedTuple):
    """Some lines of a file, with their numbers, for a process to convert."""

    direction: Direction
    name: str
    lines: list[tuple[int, bytes]]
    residue: bool


def convert_together(workers: int, rules: Rules, shares: Iterable[Share], out: Outputs, done: Converted) -> None:
    """Converts by several processes; what is written is what one would write, in the same order.

    Problem (BUSY) where one of them dies, as by want of memory: what is in `done` is written, and nothing behind it.
    """
    waiting: deque[Future[_Made]] = deque()
    context = get_context("spawn")  # a fork would share what is open here
    pool = ProcessPoolExecutor(workers, context, initializer=converter_of, initargs=(rules,))
    try:
        for share in shares:
            waiting.append(pool.submit(_made, rules, share))
            if len(waiting) >= workers * _AHEAD:
                _take(waiting.popleft().result(), out, done)
        while waiting:
            _take(waiting.popleft().result(), out, done)
    except BrokenExecutor:
        why = "a process that converts has died, as by want of memory or a signal"
        raise Problem(Kind.BUSY, f"{why}; stopped after {done.read} lines") from None
    finally:
        pool.shutdown(cancel_futures=True)


class _Made(NamedTuple):
    lines: bytes
    residue: bytes
    errors: str
    done: Converted


def _made(rules: Rules, share: Share) -> _Made:
    lines, residue, errors, done = BytesIO(), BytesIO(), StringIO(), Converted()
    out = Outputs(lines, residue if share.residue else None, errors)
    converter_of(rules).convert_lines(share.direction, share.name, share.lines, out, done)
    return _Made(lines.getvalue(), residue.getvalue(), errors.getvalue(), done)


def _take(made: _Made, out: Outputs, done: Converted) -> None:
    out.lines.write(made.lines)
    out.errors.write(made.errors)
    if out.residue:
        out.residue.write(made.residue)
    for field in fields(Converted):
        setattr(done, field.name, getattr(done, field.name) + getattr(made.done, field.name))


def shares_of(direction: Direction, files: Sequence[Path], limit: int, *, residue: bool) -> Iterator[Share]:
    """The lines of files (of standard input without any) in shares; whether their residue is wanted."""
    for name, file in _inputs(files):
        numbered = lines(file, limit)
        while some := list(islice(numbered, _SHARE)):
            yield Share(direction, name, some, residue)


def convert(
    settings: Settings, direction: Direction, files: Sequence[Path], residue: Path | None, workers: int = 1
) -> int:
    """Standard input (or the files) to standard output. The exit code: 0, or 1 if any line was bad.

    A reader that has had enough (`| head`) ends the conversion without complaint, as it ends other filters. A file
    that cannot be read or written is a Problem (BUSY).
    """
    rules, done = Rules.of(settings), Converted()
    try:
        with ExitStack() as stack:
            left = stack.enter_context(residue.open("wb")) if residue else None
            out = Outputs(sys.stdout.buffer, left, sys.stderr)
            if workers > 1:
                shares = shares_of(direction, files, rules.limit, residue=bool(left))
                convert_together(workers, rules, shares, out, done)
            else:
                for name, file in _inputs(files):
                    converter_of(rules).convert(direction, name, file, out, done)
    except BrokenPipeError:
        _give_up_output()
        return 1 if done.bad else 0
    except OSError as wrong:
        _give_up_output()
        what = f"{wrong.filename}: " if wrong.filename else ""
        raise Problem(Kind.BUSY, f"{what}{wrong.strerror}; stopped after {done.read} lines") from wrong
    _tell(done, residue)
    return 1 if done.bad else 0


def _give_up_output() -> None:
    """Python would flush standard output once more at exit and complain; what could not be written stays unwritten."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _inputs(files: Sequence[Path]) -> Iterator[tuple[str, BinaryIO]]:
    if not files:
        yield "stdin", sys.stdin.buffer
    for path in files:
        with path.open("rb") as file:
            yield path.name, file


def _tell(done: Converted, residue: Path | None) -> None:
    if done.bad:
        sys.stderr.write(f"bad lines: {done.bad} of {done.read}\n")
    if done.residue and residue is None:
        sys.stderr.write(f"{done.residue} findings that no map covers were left out; --residue FILE keeps them\n")


def _waits(out: BinaryIO) -> bool:
    """Whether somebody reads the other end while we write: anything but a file on disk or in memory."""
    try:
        return not stat.S_ISREG(os.fstat(out.fileno()).st_mode)
    except OSError:
        return False
