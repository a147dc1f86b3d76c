"""Imports NDJSON of native records: each line a whole record with its `concept`, as `convert --to native` writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from adapter.ingest.batches import Batches
from adapter.ingest.faults import Faults
from adapter.ingest.files import NDJSON, expand
from adapter.ingest.ndjson_rows import json_object, lines
from adapter.ingest.progress import Progress
from adapter.ingest.proposals import Made, Native, Refused
from adapter.ingest.report import Report
from adapter.ingest.writing import reason
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem


def import_native(program: Program, paths: Sequence[Path], report: Report, progress: Progress) -> None:
    """Every line of every file; a bad one is refused alone. A record needs an id, or an identifier that names it."""
    faults = Faults()
    files = list(expand(paths, faults))
    for path in files:
        if path.suffix.lower() not in NDJSON:
            faults.add(path.name, f"native records are NDJSON ({', '.join(NDJSON)}); CSV and SQLite need a source")
    faults.settle()
    with Batches(program, report) as batches:
        for path in files:
            count = report.table_of(path.name)
            for made in _lines(program, path):
                count.read += 1
                concept = made.proposed[0].concept if made.proposed else made.refused[0].concept
                report.record_of(concept).expected += 1
                batches.add_row(path.name, made)
                if count.read % 500 == 0:
                    progress(path.name, count.read, count.read)


def _lines(program: Program, path: Path) -> Iterator[Made]:
    limit = program.settings.resource_limit
    with path.open("rb") as file:
        for number, line in lines(file, limit):
            place = f"{path.name}:{number}"
            try:
                yield Made(place, [_record(program, json_object(line, limit), place)], [], {})
            except Problem as problem:
                yield Made(place, [], [Refused("(native line)", place, reason(problem))], {})


def _record(program: Program, record: dict[str, Any], place: str) -> Native:
    name = record.pop("concept", None)
    if not isinstance(name, str) or not (name in program.maps.concepts or name in program.maps.aggregates):
        known = ", ".join([*program.maps.concepts, *program.maps.aggregates])
        raise Problem(Kind.INVALID, f"the line names no concept ({known})", "concept")
    held = record.get("identifiers")
    names = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    keys = [(one["system"], one["value"]) for one in names if _identifies(program, one)]
    if not isinstance(record.get("id"), str) and (not keys or name in program.maps.aggregates):
        raise Problem(Kind.UNPROCESSABLE, "the record has neither an id nor an identifier that names it", "id")
    return Native(name, record, keys[0] if keys else None, place)


def _identifies(program: Program, identifier: dict[str, Any]) -> bool:
    return identifier.get("system") in program.identifying and isinstance(identifier.get("value"), str)
