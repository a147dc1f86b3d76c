"""Journey: every published resource of others comes in by the FHIR door, is read natively, and goes out as it came.

What the page docs/inbound.md says of each is what happens here; a stale page fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapter import app
from adapter.fhir.json import dump, parse
from adapter.interactions.program import Program
from adapter.settings import Settings
from adapter.store.splice import prepare
from docs.generate import HERE
from docs.generator.coverage import COLUMNS, VERDICTS, Understood, understood
from docs.generator.inbound_page import inbound_page
from docs.generator.received import PACKAGES, reasons, resources
from tests.doors.serving import Client, Clock, client_of, counted_ids, parts
from tests.store.serving import place

Found = dict[str, list[Understood]]


@dataclass
class Arrived:
    """A store of one package, a client of it, and what became of each resource: the id it was given, or none."""

    client: Client
    program: Program
    ids: list[tuple[Understood, str]]


@pytest.fixture(scope="module")
def found(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What the page is made from."""
    with on_disk(tmp_path_factory.mktemp("maps")) as program:
        return {package: [understood(program, one) for one in resources(shared_data, package)] for package in PACKAGES}


@contextmanager
def on_disk(folder: Path) -> Iterator[Program]:
    """A program with a store of its own, where what is referred to may come later."""
    settings = Settings(
        store=place(folder / "iop.db"), secret_file=folder / "secret", references="pending", resource_limit=8_000_000
    )
    program = app.assemble(settings, *parts(), clock=Clock(), new_id=counted_ids())
    try:
        yield program
    finally:
        program.store.close()


@pytest.fixture(scope="module", params=list(PACKAGES))
def arrived(
    request: pytest.FixtureRequest, found: Found, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arrived]:
    """Every resource of a package that the page says is let in, sent by itself; the others are sent and refused."""
    with on_disk(tmp_path_factory.mktemp("store")) as program, client_of(program) as client:
        ids = []
        for one in found[request.param]:
            got = client(
                "POST", f"/fhir/{one.received.type}", dump(one.received.resource), {"prefer": "return=minimal"}
            )
            let_in = one.verdict in ("mapped", "kept unmapped")
            expected = {201} if let_in else {400, 422} if one.verdict == "refused" else {404, 405}
            assert got.status in expected, (one.received.file, one.received.place, one.verdict, got.body[:300])
            if let_in:
                ids.append((one, got.headers["location"].split("/fhir/")[1].split("/")[1]))
        yield Arrived(client, program, ids)


def test_the_committed_page_is_what_the_adapter_understands(root: Path, found: Found) -> None:
    page = (HERE / "inbound.md").read_text(encoding="utf-8")
    assert inbound_page(root, found) == page, "docs/inbound.md is stale: run `make docs`"


def test_every_resource_of_every_package_is_on_the_page_and_no_refusal_is_undefended(root: Path, found: Found) -> None:
    page = (HERE / "inbound.md").read_text(encoding="utf-8")
    for package, seen in found.items():
        assert len(seen) > 80
        assert all(f"| `{one.received.file}` |" in page for one in seen)
        refused = {one.received.file for one in seen if one.verdict == "refused"}
        assert refused == reasons(root).get(package, {}).keys()
        places = {(one.received.file, one.where) for one in seen if one.verdict == "refused"}
        assert places >= {(file, where) for file, (where, _) in reasons(root).get(package, {}).items()}
    assert {one.verdict for seen in found.values() for one in seen} == set(VERDICTS)


def test_the_page_counts_as_whole_only_what_is_read_whole(found: Found) -> None:
    page = (HERE / "inbound.md").read_text(encoding="utf-8")
    every = [one for seen in found.values() for one in seen]
    count = Counter(one.column for one in every)
    files = sum(len({one.received.file for one in seen}) for seen in found.values())
    assert set(count) == set(COLUMNS)
    row = " | ".join(str(n) for n in ("all", files, len(every), *(count[name] for name in COLUMNS)))
    assert f"| {row} |" in page
    sodium = [one for one in every if one.concept == "drug_result"]
    assert len(sodium) >= 52
    assert {one.column for one in sodium} == {"mapped, incomplete"}


def test_what_came_goes_out_as_it_came(arrived: Arrived) -> None:
    for one, id in arrived.ids:
        got = arrived.client("GET", f"/fhir/{one.received.type}/{id}")
        assert got.status == 200
        assert stored(parse(got.body)) == stored(one.received.resource | {"id": id}, one.received.resource)


def stored(resource: dict[str, Any], sent: dict[str, Any] | None = None) -> bytes:
    """The text that the store compares, digits and order included; of what was sent without an id it comes second."""
    if sent is not None and "id" not in sent:
        resource = {"resourceType": resource["resourceType"], "id": resource["id"]} | resource
    return prepare(resource)


def test_what_a_concept_claims_is_shown_as_its_record_with_its_residue_named(arrived: Arrived) -> None:
    for one, id in arrived.ids:
        if one.verdict == "mapped":
            got = arrived.client("GET", f"/iop/{one.concept}/{id}?with=residue")
            assert got.status == 200, got.body
            body = parse(got.body)
            assert [name for name in body if name not in ("id", "incomplete", "residue")] == list(one.fields)
            assert body["residue"] == [note._asdict() for note in one.residue]
            # What a rule finds goes by its field in the record and by its element in the residue.
            parked = [note for note in one.residue if note.policy == "park"]
            gaps = body.get("incomplete", [])
            assert [gap["reason"] for gap in gaps] == [note.reason for note in parked]
            for gap, note in zip(gaps, parked, strict=True):
                assert gap["path"] == note.path or not gap["path"].startswith(f"{one.received.type}.")


def test_the_record_written_straight_back_makes_no_new_version(arrived: Arrived) -> None:
    for one, id in arrived.ids:
        if one.verdict == "mapped":
            got = arrived.client("GET", f"/iop/{one.concept}/{id}")
            again = arrived.client("PUT", f"/iop/{one.concept}/{id}", got.body, {"if-match": got.headers["etag"]})
            assert again.status == 200, (one.received.file, again.body)
            assert (again.body, again.headers["etag"]) == (got.body, got.headers["etag"])
            assert arrived.client("GET", f"/fhir/{one.received.type}/{id}").json["meta"]["versionId"] == "1"


def test_what_no_concept_claims_is_kept_and_listed(arrived: Arrived) -> None:
    kept = {f"{one.received.type}/{id}" for one, id in arrived.ids if one.verdict == "kept unmapped"}
    assert listed(arrived.client, "/iop/unmapped?limit=200") == kept


def listed(client: Client, url: str) -> set[str]:
    """Every record that a work list names, page by page."""
    named: set[str] = set()
    while url:
        page = client("GET", url).json
        named |= {f"{item['type']}/{item['id']}" for item in page["items"]}
        url = "/iop" + page["next"].split("/iop")[1] if "next" in page else ""
    return named
