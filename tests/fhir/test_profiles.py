"""The published profiles: made from the maps, complete, with examples, and without HL7's texts."""

from __future__ import annotations

import importlib
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir.canonical import BASE
from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse, same
from adapter.fhir.schema import Door
from adapter.interactions.published import defined
from adapter.mapping.load import Maps, load
from adapter.mapping.terms import terminology

OURS = f"{BASE}/StructureDefinition/"
VETERAN = "http://hl7.org/fhir/us/military-service/StructureDefinition/military-service-veteran-status"
INHERITED = {"snapshot", "mapping"}


@pytest.fixture(scope="module")
def maps(root: Path) -> Maps:
    return load(root / "mappings", Definitions.load(root / "profiles" / "r4"))


@pytest.fixture(scope="module")
def published(root: Path) -> dict[str, dict[str, Any]]:
    """Every published definition by `Type/id`."""
    files = sorted((root / "profiles" / "iop").glob("*.json"))
    return {f"{file.stem}/{id}": made for file in files for id, made in json.loads(file.read_bytes()).items()}


@pytest.fixture(scope="module")
def about(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "profiles" / "profiles.toml").read_text(encoding="utf-8"))


@pytest.fixture
def generator(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(root / "profiles"))
    return importlib.import_module("generate_profiles")


@pytest.fixture
def project(generator: Any) -> Any:
    """The project with its sources, where they are here."""
    sources = importlib.import_module("generator.sources")
    if sources.find() is None:
        pytest.skip("the R4 sources are not here; `make profiles` fetches them")
    try:
        return generator.project(sources.Sources(sources.find()), generator.ARCHIVES, generator.BUILD)
    except generator.package.UsCoreMissing as missing:
        pytest.skip(str(missing))


def test_the_committed_profiles_are_what_the_generator_makes(root: Path, generator: Any, project: Any) -> None:
    compiler = generator.sushi.find(generator.BUILD)
    if compiler is None:
        pytest.skip("SUSHI is not here; `make profiles` installs it")
    made = generator.generate(project, compiler, generator.BUILD)
    folder = root / "profiles"
    there = {str(file.relative_to(folder)) for part in ("fsh", "iop") for file in (folder / part).rglob("*.*")}
    assert set(made) == there | {"rules.json"}
    for name, text in made.items():
        assert text == (folder / name).read_text(encoding="utf-8"), f"{name} differs: run `make profiles`"


def test_the_committed_fsh_is_what_the_maps_say(root: Path, project: Any) -> None:
    for name, text in project.files().items():
        assert text == (root / "profiles" / "fsh" / name).read_text(encoding="utf-8"), f"{name}: run `make profiles`"


def test_a_map_without_a_profile_stops_the_generator(project: Any) -> None:
    del project.about["profiles"]["iop-session"]
    with pytest.raises(SystemExit, match=r"no \[profiles.iop-session\] for mappings/concepts/session.toml"):
        project.files()


def test_a_profile_whose_map_is_not_there_yet_makes_nothing_and_is_named(project: Any) -> None:
    project.about["profiles"]["iop-not-yet"] = {"parent": "Basic", "title": "Not yet", "description": "Nothing."}
    assert "iop-not-yet" in project.waiting()
    assert not [name for name in project.files() if "not-yet" in name]


def test_a_parent_of_another_type_is_refused(project: Any) -> None:
    project.about["profiles"]["iop-session"]["parent"] = "Patient"
    with pytest.raises(SystemExit, match="iop-session is a Encounter, but its parent is a Patient"):
        project.files()


def test_an_extension_that_nothing_defines_is_refused(project: Any) -> None:
    del project.about["elsewhere"][VETERAN]
    with pytest.raises(SystemExit, match="military-service-veteran-status"):
        project.files()


def test_missing_us_core_stops_before_anything_is_written(generator: Any, tmp_path: Path) -> None:
    with pytest.raises(generator.package.UsCoreMissing, match=r"hl7\.fhir\.us\.core-6\.1\.0\.tgz is not in"):
        generator.package.us_core(tmp_path / "packages", tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_every_concept_has_its_profile(maps: Maps, published: dict[str, Any], about: dict[str, Any]) -> None:
    profiles = {
        id for id, made in published.items() if id.startswith("StructureDefinition/") and made["type"] != "Extension"
    }
    renderings = tuple(f"StructureDefinition/iop-{name}-" for name in ("payment", "scope", "review"))
    shown = {id for id in profiles if id.startswith(renderings)}
    assert profiles - shown == {f"StructureDefinition/{concept.profile}" for concept in maps.concepts.values()}
    for concept in maps.concepts.values():
        made = published[f"StructureDefinition/{concept.profile}"]
        assert made["type"] == concept.resource_type
        assert made["title"] == about["profiles"][concept.profile]["title"]


def test_every_row_of_a_map_is_must_support(maps: Maps, published: dict[str, Any]) -> None:
    """Of the first element of each path: the profile says it, or its parent in US Core does."""
    for concept in maps.concepts.values():
        made = published[f"StructureDefinition/{concept.profile}"]
        said = {element["path"].split(".")[1] for element in made["differential"]["element"] if "." in element["path"]}
        heads = {field.path.split(".")[0].split("[")[0].split(" ")[0] for field in concept.fields}
        heads = {head for head in heads if not head.startswith("ext(")}
        stems = {path.removesuffix("[x]") for path in said}
        unsaid = {head for head in heads if not any(head.startswith(stem) for stem in stems)}
        if made["baseDefinition"].startswith("http://hl7.org/fhir/StructureDefinition/"):
            assert not unsaid, concept.name


def test_every_extension_of_the_maps_is_defined_and_every_definition_is_used(
    root: Path, maps: Maps, published: dict[str, Any], about: dict[str, Any]
) -> None:
    declared = tomllib.loads((root / "mappings" / "tables" / "extensions.toml").read_text(encoding="utf-8"))
    whole = {given["url"] for given in declared.values() if given["url"].startswith(("/", "http"))}
    ours = {f"{OURS}{url[1:]}" for url in whole if url.startswith("/")}
    defined = {made["url"] for made in published.values() if made.get("type") == "Extension"}
    assert defined == ours
    rules = json.loads((root / "profiles" / "rules.json").read_bytes())["extensions"]
    assert {url for url in whole if url.startswith("http")} - rules.keys() == about["elsewhere"].keys()


def test_an_extension_has_narrow_contexts_and_one_type(published: dict[str, Any]) -> None:
    for made in (made for made in published.values() if made.get("type") == "Extension"):
        assert made["context"], made["id"]
        for context in made["context"]:
            assert context["type"] == "element"
            assert context["expression"] not in ("Element", "Resource", "DomainResource"), made["id"]
        elements = made["differential"]["element"]
        values = [element for element in elements if element["id"].endswith("value[x]") and element.get("max") != "0"]
        assert values, made["id"]
        assert all(len(element["type"]) == 1 for element in values), made["id"]


def test_no_canonical_is_defined_twice(published: dict[str, Any]) -> None:
    urls = [made["url"] for made in published.values()]
    assert len(urls) == len(set(urls))
    assert all(made["url"] == f"{BASE}/{key}" for key, made in published.items())


def test_every_code_of_ours_is_in_a_code_system_of_ours(published: dict[str, Any]) -> None:
    systems = {
        made["url"]: {concept["code"] for concept in made["concept"]}
        for made in published.values()
        if made["resourceType"] == "CodeSystem"
    }
    assert all(url.startswith(f"{BASE}/CodeSystem/") for url in systems)
    for made in (made for made in published.values() if made["resourceType"] == "ValueSet"):
        for include in made["compose"]["include"]:
            if include["system"].startswith(BASE):
                assert {concept["code"] for concept in include["concept"]} <= systems[include["system"]], made["id"]


def test_every_value_set_that_we_bind_is_published(published: dict[str, Any]) -> None:
    elements = [e for made in published.values() for e in made.get("differential", {}).get("element", ())]
    bound = {element["binding"]["valueSet"] for element in elements if "binding" in element}
    ours = {url for url in bound if url.startswith(BASE)}
    assert ours
    assert ours <= {made["url"] for made in published.values() if made["resourceType"] == "ValueSet"}


def test_what_a_table_only_reads_has_a_concept_map(maps: Maps, published: dict[str, Any]) -> None:
    made = published["ConceptMap/session-kind"]
    pairs = {
        (group["source"], element["code"]): element["target"][0]["code"]
        for group in made["group"]
        for element in group["element"]
    }
    table = maps.tables["session_kind"]
    assert pairs == {
        key: table.codings[word]["code"]
        for key, word in table.words.items()
        if key != (table.codings[word]["system"], table.codings[word]["code"])
    }


def test_search_parameters_and_operations_are_published(root: Path, published: dict[str, Any]) -> None:
    own = tomllib.loads((root / "profiles" / "search.toml").read_text(encoding="utf-8"))["own"]
    for name, given in own.items():
        if "url" in given:  # defined elsewhere
            assert f"SearchParameter/{name}" not in published
        else:
            made = published[f"SearchParameter/{name}"]
            assert (made["base"], made["description"]) == (list(given["expressions"]), given["description"])


def test_no_extension_is_published_without_a_sentence_of_its_own(root: Path, published: dict[str, Any]) -> None:
    said = tomllib.loads((root / "profiles" / "profiles.toml").read_text(encoding="utf-8"))["extensions"]
    ours = {
        one["id"]: one["description"]
        for one in published.values()
        if one["resourceType"] == "StructureDefinition" and one["type"] == "Extension"
    }
    assert ours == said
    assert len(set(ours.values())) == len(ours)


def test_terms_and_operations_are_published_as_they_are_served(maps: Maps, published: dict[str, Any]) -> None:
    served = {f"{r['resourceType']}/{r['id']}": r for r in defined(terminology(maps.tables, maps.concept_maps))}
    kinds = ("ValueSet", "CodeSystem", "ConceptMap", "Measure", "OperationDefinition")
    assert served == {key: made for key, made in published.items() if key.startswith(kinds)}


def test_the_form_of_the_intake_asks_what_the_answers_say(root: Path, maps: Maps, published: dict[str, Any]) -> None:
    form = published["Questionnaire/iop-intake-assessment"]
    assert Door(maps.definitions).check(form) == []
    answered = parse((root / "fixtures" / "intake_assessment" / "full" / "fhir.json").read_bytes())
    assert answered["questionnaire"] == form["url"]
    questions = dict(_questions(form))
    said = dict(_questions(answered))
    assert said.keys() <= questions.keys()
    assert {link: item["text"] for link, item in said.items()} == {link: questions[link]["text"] for link in said}
    value_sets = {made["url"] for made in published.values() if made["resourceType"] == "ValueSet"}
    assert {item["answerValueSet"] for item in questions.values() if "answerValueSet" in item} <= value_sets
    assert questions["rank"]["required"]
    assert questions["substance_entry"]["repeats"]


def _questions(holder: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in holder.get("item", ()):
        yield item["linkId"], item
        yield from _questions(item)


def test_every_profile_has_three_examples_that_its_map_made(root: Path, maps: Maps, published: dict[str, Any]) -> None:
    listed = [
        r
        for r in published["ImplementationGuide/iop-fhir-adapter"]["definition"]["resource"]
        if "exampleCanonical" in r
    ]
    for concept in maps.concepts.values():
        examples = [r["reference"]["reference"] for r in listed if r["exampleCanonical"] == OURS + concept.profile]
        assert len(examples) == 3, concept.name
        for case in ("full", "minimal", "odd"):
            name = f"{concept.name.replace('_', '-')}-{case}.json"
            example = parse((root / "profiles" / "fsh" / "input" / "examples" / name).read_bytes())
            assert same(example, parse((root / "fixtures" / concept.name / case / "fhir.json").read_bytes())), name
            assert f"{example['resourceType']}/{example['id']}" in examples


def test_only_differentials_are_published_without_hl7s_texts(published: dict[str, Any]) -> None:
    for key, made in published.items():
        assert not INHERITED & made.keys(), key
        assert "text" not in made, key
    for element in (e for made in published.values() for e in made.get("differential", {}).get("element", ())):
        assert not {"comment", "requirements", "mapping", "alias", "isModifierReason"} & element.keys(), element["id"]
        assert "definition" not in element or element["path"] == "Extension", element["id"]  # our own sentence


def teardown_module() -> None:
    for name in [name for name in sys.modules if name == "generate_profiles" or name.split(".")[0] == "generator"]:
        del sys.modules[name]
