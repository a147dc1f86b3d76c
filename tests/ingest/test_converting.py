"""Conversion of NDJSON without a store: both ways, residue beside, bad lines told, memory flat, pipes honoured."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from itertools import count
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from adapter.ingest.converting import (
    Converted,
    Converter,
    Outputs,
    Rules,
    Share,
    convert_together,
    converter_of,
    shares_of,
)
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem
from adapter.settings import Settings
from tests.ingest.practice import imported, texts

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def converter(program: Program) -> Converter:
    return Converter(program.maps, program.door, program.zone, limit=100_000)


def run(converter: Converter, direction: Any, content: bytes) -> tuple[Converted, list[Any], list[Any], list[str]]:
    """(counts, lines out, residue, messages)."""
    lines, residue, errors, done = io.BytesIO(), io.BytesIO(), io.StringIO(), Converted()
    converter.convert(direction, "in", io.BytesIO(content), Outputs(lines, residue, errors), done)
    out = ([json.loads(line) for line in stream.getvalue().splitlines()] for stream in (lines, residue))
    return done, *out, errors.getvalue().splitlines()


def test_what_an_import_stored_goes_to_native_and_back_to_the_byte(
    practice: Path, program: Program, converter: Converter
) -> None:
    imported(program, practice)
    stored = list(texts(program, "Patient", "Appointment", "Encounter", "Observation", "EpisodeOfCare").values())
    done, records, residue, errors = run(converter, "native", b"\n".join(stored))
    assert (done.read, done.written, done.bad, errors) == (len(stored), len(stored), 0, [])
    assert [record for record in records if record["concept"] == "booking"]
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    back = io.BytesIO()
    converter.convert("fhir", "in", io.BytesIO(lines), Outputs(back, None, io.StringIO()), Converted())
    assert [json.loads(line) for line in back.getvalue().splitlines()] == [json.loads(text) for text in stored]
    assert all(finding["policy"] != "park" for finding in residue)


def test_what_no_map_covers_is_told_in_the_residue_with_line_and_id(converter: Converter) -> None:
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female", "name": [{"text": "Ada Quill"}]}
    patient["photo"] = [{"title": "of the sea"}]
    done, records, residue, _ = run(converter, "native", b"\n" + json.dumps(patient).encode())
    assert records[0]["names"] == [{"text": "Ada Quill"}]
    (photo,) = [finding for finding in residue if finding["path"] == "Patient.photo"]
    assert (photo["file"], photo["line"], photo["id"], photo["policy"]) == ("in", 2, "p1", "keep")
    assert done.residue == len(residue)


def test_bad_lines_are_told_with_their_number_and_the_others_go_on(converter: Converter) -> None:
    sound = b'{"concept": "site", "id": "s1", "name": "North"}\n'
    content = sound + b'{"concept": "mood"}\n{"concept":\n[]\n' + sound.replace(b"North", b"x" * 200_000) + sound
    done, resources, _, errors = run(converter, "fhir", content)
    assert (done.read, done.written, done.bad, len(resources)) == (6, 2, 4, 2)
    assert [message.split(": ")[0] for message in errors] == ["in:2", "in:3", "in:4", "in:5"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"resourceType": "Patient", "id": "p", "gendre": "female"}, "gendre"),
        ({"resourceType": "Account", "id": "a", "status": "active"}, "no concept covers this Account"),
        ({"resourceType": "Patient", "id": "p", "gender": "female", "implicitRules": "urn:x"}, "implicitRules"),
        ({"id": "p"}, "resourceType"),
    ],
    ids=["unknown element", "no concept", "implicit rules", "no type"],
)
def test_a_resource_that_the_door_or_the_maps_refuse_is_a_bad_line(
    line: dict[str, Any], message: str, converter: Converter
) -> None:
    done, _, _, errors = run(converter, "native", json.dumps(line).encode())
    assert (done.bad, done.written) == (1, 0)
    assert message in errors[0]


def test_memory_stays_flat_however_long_the_stream(converter: Converter) -> None:
    line = b'{"concept": "site", "id": "s1", "name": "North"}\n'

    class Endless(io.RawIOBase):
        left = 20_000

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            if not self.left:
                return 0
            self.left -= 1
            buffer[: len(line)] = line
            return len(line)

    run(converter, "fhir", line)  # compiles the schema, once
    with Path(os.devnull).open("wb") as nowhere:
        tracemalloc.start()
        done = Converted()
        converter.convert("fhir", "in", io.BufferedReader(Endless()), Outputs(nowhere, None, io.StringIO()), done)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert done.written == 20_000
    assert peak < 4 << 20


def command(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "adapter", "convert", *arguments], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_pipe_gets_each_line_before_the_next_one_is_sent() -> None:
    with command("--to", "fhir") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        for number in range(3):
            process.stdin.write(f'{{"concept": "site", "id": "s{number}", "name": "North"}}\n'.encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == f"s{number}"
        process.stdin.close()
        assert process.wait() == 0
        watchdog.cancel()
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_the_exit_code_tells_of_bad_lines_and_the_messages_go_to_standard_error(tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text('{"concept": "mood"}\n{"concept": "site", "id": "s1", "name": "North"}\n')
    process = command("--to", "fhir", str(tmp_path / "in.ndjson"))
    out, errors = process.communicate()
    assert process.returncode == 1
    assert json.loads(out)["resourceType"] == "Location"
    assert errors.startswith(b"in.ndjson:1: concept: mood is no concept: ")
    assert errors.endswith(b"bad lines: 1 of 2\n")


def test_a_form_over_several_records_is_told_apart_from_a_word_that_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text('{"concept": "drug_screen"}\n{}\n')
    errors = command("--to", "fhir", str(tmp_path / "in.ndjson")).communicate()[1].decode().splitlines()
    assert "one form over several records: convert those (drug_screen_panel and drug_result)" in errors[0]
    assert errors[1].startswith("in.ndjson:2: concept: the line names no concept: ")


def test_a_reader_that_has_had_enough_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text('{"concept": "site", "id": "s1", "name": "North"}\n' * 20_000)
    with command("--to", "fhir", str(tmp_path / "in.ndjson")) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_residue_goes_to_its_file_or_is_counted(tmp_path: Path) -> None:
    patient = '{"resourceType": "Patient", "gender": "female", "name": [{"text": "A"}], "photo": [{"title": "x"}]}\n'
    process = command("--to", "native")
    _, errors = process.communicate(patient.encode())
    assert b"findings that no map covers were left out; --residue FILE keeps them" in errors
    process = command("--to", "native", "--residue", str(tmp_path / "residue.ndjson"))
    _, errors = process.communicate(patient.encode())
    assert errors == b""
    paths = [json.loads(line)["path"] for line in (tmp_path / "residue.ndjson").read_text().splitlines()]
    assert "Patient.photo" in paths


def test_several_processes_write_what_one_writes_in_the_same_order(root: Path, tmp_path: Path) -> None:
    patient = '{"resourceType":"Patient","id":"p%d","gender":"female","photo":[{"title":"of the sea"}]}\n'
    file = tmp_path / "patients.ndjson"
    file.write_text("".join("{\n" if n in (3, 600) else patient % n for n in range(700)))
    rules = Rules.of(Settings(mappings=root / "mappings", profiles=root / "profiles"))
    alone = Outputs(io.BytesIO(), io.BytesIO(), io.StringIO())
    with file.open("rb") as lines:
        converter_of(rules).convert("native", file.name, lines, alone, counted := Converted())
    together = Outputs(io.BytesIO(), io.BytesIO(), io.StringIO())
    convert_together(2, rules, shares_of("native", [file], 10_000, residue=True), together, added := Converted())
    assert counted == added == Converted(read=700, written=698, bad=2, residue=added.residue)
    for one, other in zip(told_to(alone), told_to(together), strict=True):
        assert one == other != ""


def test_a_process_that_dies_ends_it_with_how_far_it_came(root: Path) -> None:
    rules = Rules.of(Settings(mappings=root / "mappings", profiles=root / "profiles"))
    written, done = io.BytesIO(), Converted()

    def shares() -> Iterator[Share]:
        for number in count():
            if done.read == 3:
                os.kill(active_children()[0].pid or 0, signal.SIGKILL)
            yield Share("native", "in", [(number, b'{"resourceType": "Patient"}')], False)

    with pytest.raises(Problem, match="a process that converts has died") as raised:
        convert_together(2, rules, shares(), Outputs(written, None, io.StringIO()), done)
    assert raised.value.kind is Kind.BUSY
    assert raised.value.message.endswith(f"stopped after {done.read} lines")
    assert done.written == len(written.getvalue().splitlines()) == done.read >= 3


def told_to(out: Any) -> tuple[str, ...]:
    """What went to each of three places."""
    return out.lines.getvalue().decode(), out.residue.getvalue().decode(), out.errors.getvalue()
