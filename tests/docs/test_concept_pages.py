"""The pages of the concepts are what the maps say today, and say all that the maps say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from adapter.mapping.rows import CODECS, Field
from adapter.mapping.tables import JointTable
from docs.generate import HERE
from docs.generator import pages
from docs.generator.agreement_page import agreement_page
from docs.generator.authorization_page import authorization_page
from docs.generator.ccda_page import ccda_page
from docs.generator.context import Context, tables_of
from docs.generator.form_page import form_page
from docs.generator.map_file import MapFile
from docs.generator.values import value

PAGES = HERE / "concepts"


def test_the_committed_pages_are_what_the_maps_say(context: Context) -> None:
    made = pages.concept_pages(context)
    assert sorted(made) == sorted(path.name for path in PAGES.iterdir()), "run `make docs`"
    for name, text in made.items():
        assert text == (PAGES / name).read_text(encoding="utf-8"), f"docs/concepts/{name} is stale: run `make docs`"


def test_the_committed_page_of_the_agreement_is_what_the_run_found(root: Path) -> None:
    assert agreement_page(root) == (HERE / "agreement.md").read_text(encoding="utf-8"), "run `make docs`"


def test_the_committed_page_of_the_authorization_matrix_is_what_its_files_say(context: Context) -> None:
    assert authorization_page(context) == (HERE / "authorization.md").read_text(encoding="utf-8"), "run `make docs`"


def test_the_committed_page_of_documents_is_what_their_table_says(root: Path) -> None:
    assert ccda_page(root) == (HERE / "ccda.md").read_text(encoding="utf-8"), "run `make docs`"


def test_the_committed_page_of_the_form_of_a_referral_is_what_it_can_say(context: Context) -> None:
    assert form_page(context) == (HERE / "referral-form.md").read_text(encoding="utf-8"), "run `make docs`"


def test_every_concept_and_every_form_has_its_page_and_its_line_in_the_index(context: Context) -> None:
    index = (PAGES / pages.INDEX).read_text(encoding="utf-8")
    for name in [*context.maps.concepts, *context.maps.aggregates]:
        assert (PAGES / f"{name}.md").is_file()
        assert f"\n| [{name}]({name}.md) |" in index


def test_every_field_stands_on_its_page_with_its_element(context: Context) -> None:
    for name, concept in context.maps.concepts.items():
        page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        for field in fields(concept.fields):
            if field.fields:
                assert f"\n### {field.name}\n\nEach member of `{field.path}`." in page, f"{name}: {field.name}"
            else:
                elements = " + ".join(f"`{path}`" for path in field.path.split(" + "))
                assert f"\n| `{field.name}` | {elements} | " in page, f"{name}: {field.name}"
    for name, form in context.maps.aggregates.items():
        page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        line = next(field for field in form.fields if field.name in ("roster", "results"))
        assert all(f"\n| `{field.name}` | " in page for field in (*form.fields, *line.fields) if field is not line)


def fields(found: Iterable[Field]) -> Iterator[Field]:
    for field in found:
        yield field
        yield from fields(field.fields)


def test_every_code_that_is_written_or_read_stands_on_the_page_of_its_concept(context: Context) -> None:
    shared = (PAGES / "shared-codes.md").read_text(encoding="utf-8")
    for name, file in context.concepts.items():
        page = (PAGES / f"{name}.md").read_text(encoding="utf-8") + shared
        for used in set(tables_of(file.content)):
            table = context.maps.tables[used]
            words = table.rows if isinstance(table, JointTable) else table.codings
            assert all(f"\n| `{word}` | " in page for word in words), f"{name}: {used}"
            for _, code in table.keys:
                assert f"`{code}`" in page or f"#{code}`" in page, f"{name}: {used}: {code}"


def test_every_policy_of_the_residue_stands_on_the_page_with_its_reason(context: Context) -> None:
    for name, file in context.concepts.items():
        page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        for path, policy in file.content["residue"].items():
            place = "everything else" if path == "*" else f"`{path}`"
            comment = file.comment("residue", path)
            assert f"| {place} | {policy} | {comment} |" in page or (f"| {place} | {policy} |" in page and not comment)


def test_every_rule_is_told_in_a_sentence(context: Context) -> None:
    for name, file in context.concepts.items():
        page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        for rule in file.content.get("checks", ()):
            [line] = [line for line in page.splitlines() if line.startswith(f"* `{rule}`: ")]
            assert line.endswith((".", "(mad-1)")), line


def test_there_are_words_for_every_codec() -> None:
    for name, codec in CODECS.items():
        to = ("Patient",) if "to" in codec.needs else ()
        assert value(name, to, None, " or ".join), name


def test_a_codec_without_words_stops_the_generator() -> None:
    with pytest.raises(KeyError, match="telepathy"):
        value("telepathy", (), None, " or ".join)


def test_comments_are_found_beside_their_keys(tmp_path: Path) -> None:
    path = tmp_path / "walk.toml"
    path.write_text(
        "# Walk <-> Procedure: a walk\n# https://example.org/walk\n# Not every step\n# is one.\n\n"
        '[fields]\nroute = { element = "a#b" }   # where to: "home"\npace = {}\n[each.stops]   # rests\nkey = {}\n'
    )
    file = MapFile(path, "walk.toml")
    assert file.head == ["Walk <-> Procedure: a walk.", "Not every step is one."]
    assert file.comment("fields", "route") == 'where to: "home"'
    assert file.comment("fields", "pace") == ""
    assert file.comment("each", "stops") == "rests"
