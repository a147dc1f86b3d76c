"""The loader refuses what could make a map ambiguous: every refusal names its file and line, all of them at once."""

from __future__ import annotations

import linecache
from pathlib import Path

import pytest

from adapter.problems import Problem
from tests.mapping.conftest import Spoil

CONCEPT = "concepts/breath_test.toml"
OTHER = """\
native = "other"
resource = "Observation"
profile = "iop-other"
[when]
{when}
[fields]
participant = {{ element = "subject", as = "reference", to = "Patient" }}
[residue]
"*" = "keep"
"""
# (file, text, what it becomes, how the refused line begins, the reason).
ROW = "optional = true }\n\n[each"
REFUSED = [
    (
        CONCEPT,
        ROW,
        'optional = true }\nagain = { element = "subject", as = "reference", to = "Patient" }\n\n[each',
        "again",
        "both own subject",
    ),
    (CONCEPT, 'element = "method.text"', 'element = "valueString"', "given", "both own valueString"),
    (CONCEPT, 'element = "method.text"', 'element = "."', "given", "does not fit . of type Observation"),
    (CONCEPT, 'as = "code"', 'as = "cod"', "status", "unknown codec 'cod'"),
    (CONCEPT, 'element = "subject"', 'element = "subjekt"', "participant", "unknown element Observation.subjekt"),
    (
        CONCEPT,
        'key           = { check = { element = "code", as = "concept", table = "check" } }\n',
        "",
        "[each",
        "a list needs a key",
    ),
    (CONCEPT, '"method.text"', '"method.coding[0].code"', "given", "a positional index is not allowed"),
    (CONCEPT, '"method.text"', '"method.coding[slice=loinc].code"', "given", "unknown slice 'loinc'"),
    (CONCEPT, '"method.text"', '"ext(nothing)"', "given", "unknown extension 'nothing'"),
    (CONCEPT, '"method.text"', '"method..text"', "given", "not a path"),
    (CONCEPT, '"method.text"', '"value[x].text"', "given", "nothing can follow a choice"),
    (CONCEPT, '"method.text"', '"status.ext(device_seal)"', "given", "extensions of a primitive"),
    (CONCEPT, 'table = "check"', 'table = "checks"', "key", "unknown table 'checks'"),
    (CONCEPT, 'unit = "g/dL"', 'units = "g/dL"', "result", "unknown option of a row 'units'"),
    (CONCEPT, 'to = "Patient"', 'to = "Person"', "participant", "subject cannot refer to Person"),
    (CONCEPT, 'to = "Patient"', 'unit = "1"', "participant", "the codec reference needs to"),
    (
        CONCEPT,
        'element = "effective[x]", as = "moment"',
        'element = "effective[x]", as = "text"',
        "collected_at",
        "does not fit effective[x]",
    ),
    (
        CONCEPT,
        'as = "text", optional = true }\n\n[residue]',
        'as = "text", list = true }\n\n[residue]',
        "fields.result",
        "list = true needs",
    ),
    (
        CONCEPT,
        "optional = true }\n\n[residue]",
        "optional = 1 }\n\n[residue]",
        "fields.result",
        "optional is true or false",
    ),
    (CONCEPT, "[fields]", 'status = "finished"\n[fields]', 'status = "f', "'finished' is not valid for status"),
    (CONCEPT, 'element       = "component"', 'element       = "code"', "element", "code does not repeat"),
    (
        CONCEPT,
        'profile  = "iop-breath-test"',
        'profile  = "iop-breath-test"\nmapping = 1',
        "mapping",
        "unknown section 'mapping'",
    ),
    (
        CONCEPT,
        'profile  = "iop-breath-test"',
        'profile  = "iop-breath-test"\nchecks = ["nothing"]',
        "checks",
        "unknown check 'nothing'",
    ),
    (CONCEPT, 'note = "show"', 'note = "hide"', "note", "unknown policy 'hide'"),
    (CONCEPT, 'note = "show"', 'notes = "show"', "notes", "unknown element Observation.notes"),
    (CONCEPT, '"*"  = "keep"\n', "", "[residue]", "[residue] must say what happens to everything else"),
    (CONCEPT, 'native   = "breath_test"', 'native   = "breath"', "native", "native must be 'breath_test'"),
    (CONCEPT, 'resource = "Observation"', 'resource = "Observations"', "resource", "unknown resource 'Observations'"),
    (CONCEPT, "[when]\n", '[when]\nvalue = "there"\n', "value", "unknown element Observation.value"),
    (CONCEPT, "[when]\n", '[when]\nspecimen = "breath"\n', "specimen", "'breath' is no slice of specimen"),
    (CONCEPT, "[when]\n", '[when]\nstatus = { canonical = "urn:q" }\n', "status", "a canonical is one URL"),
    (CONCEPT, "given        =", "id           =", "id", "'id' cannot be the name of a field"),
    (CONCEPT, "given        =", "Given        =", "Given", "'Given' cannot be the name of a field"),
    (CONCEPT, "[fields]", "[fields", "[fields", "not TOML"),
    ("tables/check.toml", 'code = "wait"', 'code = "rinse"', "waited", "not one-to-one: urn:check|rinse"),
    ("tables/check.toml", 'grade = "A"', 'grade = "U"', "grade", "grade U"),
    (
        "tables/check.toml",
        'display = "Mouth rinsed" }',
        'display = "Mouth rinsed", grade = "U" }',
        "mouth_rinsed",
        "grade U",
    ),
    ("tables/check.toml", "waited =", "Waited =", "Waited", "not snake_case"),
    ("tables/check.toml", 'code = "wait", ', "", "waited", "'code' must be a string"),
    (
        "tables/result_status.toml",
        'final = { code = "final" }',
        'final = { code = "finished" }',
        "status",
        "required binding without finished",
    ),
    (
        "tables/result_status.toml",
        'accept = [{ code = "amended" }]',
        'accept = [{ code = "final" }]',
        "corrected",
        "not one-to-one",
    ),
    (
        "tables/result_status.toml",
        'accept = [{ code = "amended" }]',
        'accept = [{ code = "amended", retired = "2020" }]',
        "corrected",
        "retired = true, or leave it out",
    ),
    (
        "tables/result_status.toml",
        'accept = [{ code = "amended" }]',
        'accept = [{ code = "amended", since = "2020" }]',
        "corrected",
        "key of an accepted code",
    ),
    (
        "tables/result_status.toml",
        'code = "preliminary" }',
        'code = "final", system = "urn:other" }',
        "status",
        "two words for one code",
    ),
    (
        "tables/slices.toml",
        'is = "laboratory"',
        'is = "lab"',
        "[category.laboratory]",
        "'lab' is not a word of table category",
    ),
    (
        "tables/slices.toml",
        'match = { system = "urn:number" }',
        'match = { system = "urn:number" }\nindex = 1',
        "index",
        "unknown key of a slice",
    ),
    ("tables/extensions.toml", 'value = "string"', "", "[device_seal]", "either value = TYPE or parts = true"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "why"), REFUSED)
def test_a_spoiled_map_is_refused_with_its_file_and_line(
    loaded: Spoil, folder: Path, file: str, old: str, new: str, line: str, why: str
) -> None:
    with pytest.raises(Problem) as refused:
        loaded(file, old, new)
    [(where, _)] = [issue.message.split(": ", 1) for issue in refused.value.issues if why in issue.message][:1]
    shown, number = where.rsplit(":", 1)
    assert shown == f"mappings/{file if line != 'status' else CONCEPT}"
    text = (folder.parent / shown).read_text().splitlines()[int(number) - 1]
    assert text.startswith(line)


def test_the_sound_maps_load(loaded: Spoil) -> None:
    assert list(loaded().concepts) == ["breath_test"]


def test_all_refusals_come_at_once(loaded: Spoil) -> None:
    with pytest.raises(Problem):
        loaded(CONCEPT, 'note = "show"', 'note = "hide"')
    with pytest.raises(Problem) as refused:
        loaded("tables/check.toml", 'grade = "A"', 'grade = "U"')
    assert len(refused.value.issues) >= 2


@pytest.mark.parametrize(
    "when",
    [
        "",
        'component = "present"',
        'category = { table = "category", is = "survey" }',
        'category = { table = "category", is = ["survey", "laboratory"], not = "survey" }',
    ],
)
def test_two_concepts_that_might_claim_one_resource_are_refused(loaded: Spoil, when: str) -> None:
    with pytest.raises(Problem, match=r"might be other and breath_test"):
        loaded("concepts/other.toml", "", OTHER.format(when=when))


@pytest.mark.parametrize(
    "when",
    [
        'category = { table = "category", is = "survey", not = "laboratory" }',
        'category = "absent"',
        'category = { table = "category", not = "laboratory" }',
    ],
)
def test_concepts_that_contradict_each_other_are_accepted(loaded: Spoil, when: str) -> None:
    assert len(loaded("concepts/other.toml", "", OTHER.format(when=when)).concepts) == 2


FORM = """\
native = "{name}"
resource = "QuestionnaireResponse"
profile = "iop-{name}"
[when]
questionnaire = {{ canonical = "{url}" }}
[fixed]
questionnaire = "{url}"
[fields]
status = {{ element = "status", as = "code", table = "form_status" }}
booking = {{ element = "partOf[slice=booking]", as = "reference", to = "Observation", optional = true }}
[residue]
"*" = "keep"
"""
FORM_STATUS = 'grade = "A"\n[rows]\ncompleted = { code = "completed" }\n'
BOOKING = '[partOf.booking]\nreference = "."\nto = "Observation"\n'


@pytest.fixture
def forms(loaded: Spoil) -> Spoil:
    """The sound maps and one of answers to a questionnaire."""
    loaded("tables/form_status.toml", "", FORM_STATUS)
    loaded("tables/slices.toml", "[category.laboratory]", f"{BOOKING}[category.laboratory]")
    loaded("concepts/form.toml", "", FORM.format(name="form", url="https://example.org/q/one"))
    return loaded


def test_answers_are_told_apart_by_their_questionnaire_in_any_version(forms: Spoil) -> None:
    maps = forms("concepts/other.toml", "", FORM.format(name="other", url="https://example.org/q/two"))
    answers = {"resourceType": "QuestionnaireResponse", "id": "1", "status": "completed"}
    for url, name in (("one", "form"), ("one|2.0", "form"), ("two", "other")):
        found = maps.concept_of({**answers, "questionnaire": f"https://example.org/q/{url}"})
        assert found is maps.concepts[name]
    assert maps.concept_of({**answers, "questionnaire": "https://example.org/q/three"}) is None
    assert maps.concept_of(answers) is None


def test_two_maps_of_one_questionnaire_are_refused(forms: Spoil) -> None:
    with pytest.raises(Problem, match=r"might be other and form"):
        forms("concepts/other.toml", "", FORM.format(name="other", url="https://example.org/q/one"))


@pytest.mark.parametrize(
    ("said", "residue"),
    [
        ("https://example.org/q/one", []),
        ("https://example.org/q/one|2.0", [("keep", "of a version")]),
        ("https://example.org/q/one-more", [("park", "not what this concept always has")]),
    ],
)
def test_a_fixed_canonical_is_itself_in_any_version_which_is_seen(
    forms: Spoil, said: str, residue: list[tuple[str, str]]
) -> None:
    resource = {"resourceType": "QuestionnaireResponse", "id": "1", "status": "completed", "questionnaire": said}
    record, found = forms().concepts["form"].to_native(resource)
    assert record["status"] == "completed"
    assert [(note.policy, note.reason) for note in found] == residue
    assert forms().concepts["form"].to_fhir(record, resource) is resource


def test_what_a_fixed_code_says_besides_is_seen(loaded: Spoil) -> None:
    fixed = '[fixed]\ncode = { table = "check", is = "waited" }\n[fields]\n'
    other = OTHER.format(when='category = "absent"').replace("[fields]\n", fixed)
    concept = loaded("concepts/other.toml", "", other).concepts["other"]
    resource = concept.to_fhir({"id": "1", "participant": "p"})
    resource["code"]["text"] = "waited a quarter of an hour"
    assert [(note.path, note.policy) for note in concept.to_native(resource)[1]] == [("Observation.code.text", "keep")]


def test_a_slice_may_look_at_the_member_itself(forms: Spoil) -> None:
    parts = [{"reference": "Procedure/p"}, {"reference": "Observation/o"}]
    form = {"resourceType": "QuestionnaireResponse", "id": "1", "status": "completed", "partOf": parts}
    concept = forms().concepts["form"]
    record, residue = concept.to_native(form)
    assert record["booking"] == "o"
    assert [note.path for note in residue] == ["QuestionnaireResponse.partOf[0]"]
    moved = concept.to_fhir({**record, "booking": "other"}, form)
    assert moved["partOf"] == [parts[0], {"reference": "Observation/other"}]


def test_slices_that_are_not_known_to_exclude_each_other_are_refused(loaded: Spoil) -> None:
    rows = (
        'one = { element = "identifier[slice=number].value", as = "text" }\n'
        'two = { element = "identifier[slice=any_number].value", as = "text" }\n'
    )
    with pytest.raises(Problem, match="not known to exclude each other"):
        loaded(CONCEPT, "[fields]\n", f"[fields]\n{rows}")


def test_a_table_that_is_refused_is_not_unknown_to_its_maps(loaded: Spoil) -> None:
    with pytest.raises(Problem) as refused:
        loaded("tables/check.toml", 'grade = "A"', 'grade = "U"')
    assert [issue.message for issue in refused.value.issues if "tables/check.toml" not in issue.message] == []
    with pytest.raises(Problem, match="unknown table 'chekc'"):
        loaded(CONCEPT, 'table = "check"', 'table = "chekc"')


def test_an_accepted_code_is_among_those_that_are_read(loaded: Spoil) -> None:
    codes = loaded("tables/check.toml", 'code = "wait"', 'code = "waited", accept = [{ code = "wait" }]').codes()
    assert {code for file, _, code in codes if file == "tables/check.toml"} == {"rinse", "wait", "waited"}


def test_the_hash_changes_with_the_map_and_its_tables_and_with_nothing_else(loaded: Spoil) -> None:
    first = loaded().concepts["breath_test"].hash
    assert loaded(CONCEPT, "native   =", "# a remark\nnative   =").concepts["breath_test"].hash == first
    second = loaded("tables/check.toml", "Mouth rinsed", "Mouth was rinsed").concepts["breath_test"].hash
    assert second != first
    assert loaded(CONCEPT, 'note = "show"', 'note = "park"').concepts["breath_test"].hash not in (first, second)


def test_the_compiled_source_is_in_tracebacks(loaded: Spoil) -> None:
    concept = loaded().concepts["breath_test"]
    source = concept.source
    assert linecache.getlines("<map breath_test>") == source.splitlines(keepends=True)


def test_a_map_is_compiled_once_however_many_programs_ask_for_it(loaded: Spoil) -> None:
    concept = loaded().concepts["breath_test"]
    concept.make()
    made = linecache.cache["<map breath_test>"]
    concept.make()
    assert linecache.cache["<map breath_test>"] is made
