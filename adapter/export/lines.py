"""The lines of a file: what its client may see of a stretch of the store at the moment, and what cannot be printed.

A file whose lines could not all be printed has another beside it, with an OperationOutcome for each that is missing.
https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---error-status-1
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import orjson

from adapter.consent.gate import release
from adapter.consent.security import shown, texts
from adapter.consent.stretches import of_type
from adapter.export.sight import Meant
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import dump
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.subset import Part as Some
from adapter.interactions.part import cut
from adapter.problems import Issue
from adapter.released import Released
from adapter.store.exports import Found, Part, Stretch, exported, stretches
from adapter.store.version import Line

FAILED = "failed/"
"""Before the type of a file: what of that file could not be printed. It comes behind all types."""


class Lines(NamedTuple):
    """Some lines, what they show, and the records that should be among them and cannot be printed."""

    body: bytes
    shown: Sequence[Line]
    failed: Sequence[Line] = ()


def lines_of(meant: Meant, stretch: Stretch, *, checked: bool) -> Lines:
    """The lines of a stretch that may be seen now; `checked`: each is read again first, so that one that is damaged is
    not sent, and does not keep the others."""
    type = stretch.type
    seen = of_type(meant.seen, milliseconds(meant.program.clock()), type)
    found = exported(meant.program.store, seen, stretch, meant.one.t, meant.chosen(type))
    part = meant.part(type)
    if not checked:
        whole = texts(meant.reader, found)
        printed = whole if part.is_all else [cut(meant.program, text, part) for text in whole]
        return Lines(b"\n".join((*printed, b"")) if printed else b"", found)
    tried = [(version, _printed(meant, version, part)) for version in found]
    body = b"".join(b"%b\n" % text for _, text in tried if text is not None)
    good, bad = ([version for version, text in tried if (text is None) is none] for none in (False, True))
    return Lines(body, good, bad)


def _printed(meant: Meant, version: Line, part: Some) -> bytes | None:
    try:
        text = cut(meant.program, shown(meant.reader, version), part)
        return text if isinstance(orjson.loads(text), dict) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def file_of(meant: Meant, type: str, after: int) -> Found | None:
    """The next file of a type, behind a number: about as many lines as it may have; None when no more is to be seen.

    It begins and ends with a stretch of which something is, so it does not tell what is hidden between files.
    """
    parts, count, failed = [], 0, False
    for stretch in stretches(meant.program.store, type, after):
        lines = lines_of(meant, stretch, checked=True)
        if lines.shown or lines.failed:
            parts.append(Part(stretch.after, stretch.last, len(lines.body), digest_of(lines.body)))
            count, failed = count + len(lines.shown), failed or bool(lines.failed)
        if count >= meant.program.settings.export_lines:
            break
    if not parts:
        return None
    return Found(Stretch(type, parts[0].after, parts[-1].last), tuple(parts), failed)


def digest_of(body: bytes) -> str:
    """What is compared of a part before it is sent as what it was."""
    return sha256(body).hexdigest()[:32]


def part_of_lines(meant: Meant, stretch: Stretch, *, checked: bool) -> Released | None:
    """The lines of a stretch that may be seen now; None where there are none."""
    lines = lines_of(meant, stretch, checked=checked)
    return release(meant.reader, lines.body, lines.shown) if lines.shown else None


def part_of_failures(meant: Meant, stretch: Stretch) -> Released | None:
    """What of a stretch that may be seen now cannot be printed, a line for each; None where there is nothing."""
    failed = lines_of(meant, stretch._replace(type=stretch.type.removeprefix(FAILED)), checked=True).failed
    if not failed:
        return None
    told = (f"{one.type}/{one.id} cannot be written as a line, and is in no file" for one in failed)
    lines = [dump(operation_outcome([Issue("exception", text)])) for text in told]
    return release(meant.reader, b"\n".join((*lines, b"")), failed)
