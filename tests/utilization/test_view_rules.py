"""What SQL on FHIR says of ViewDefinitions, rule by rule, and what is refused because it is not understood."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from adapter.fhir.elements import Definitions
from adapter.problems import Issue, Problem
from adapter.utilization.views_reading import ViewReader

ADA: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "ada",
    "active": True,
    "name": [{"family": "Quill", "given": ["Ada", "M"]}, {"family": "Reed"}],
    "telecom": [{"system": "phone", "value": "9"}],
    "contact": [
        {"name": {"family": "X"}, "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}]},
        {"telecom": [{"system": "phone", "value": "3"}]},
    ],
    "managingOrganization": {"reference": "Organization/o1"},
    "generalPractitioner": [{"reference": "Practitioner/p1/_history/2"}],
    "deceasedBoolean": False,
    "multipleBirthInteger": 2,
    "link": [{"other": {"reference": "Patient/ada"}}],
}
BO: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "bo",
    "active": False,
    "_birthDate": {"extension": [{"url": "urn:x", "valueString": "in spring"}]},
    "managingOrganization": {"reference": "https://elsewhere.example/Organization/o1"},
    "deceasedDateTime": "2020-05",
    "extension": [{"url": "urn:weight", "valueDecimal": Decimal("1.10")}],
}
ID = {"name": "id", "path": "getResourceKey()"}


def column(path: str, name: str = "x", **more: Any) -> dict[str, Any]:
    return {"name": name, "path": path, **more}


PHONES = {"forEach": "telecom", "column": [column("value")]}
CONSTANTS = [
    {"name": "who", "valueString": "Reed"},
    {"name": "born", "valueDate": "1990-05-17"},
    {"name": "died", "valueDateTime": "2020-05"},
    {"name": "other", "valueDateTime": "2020-05-01"},
]
DATED = "a date or time can be asked to be equal (=) to a constant of its type, and nothing else"
COMPARED = "a date or time is compared"
VALUED = "has one value of a primitive type, not"
NAMED = "its name is letters, digits and underscores, a letter first"


def read(definitions: Definitions, select: Any, *, by_library: bool = False, **more: Any) -> tuple[Any, list[str]]:
    """(the view or None, what was refused)."""
    issues: list[Issue] = []
    said = {"name": "v", "resource": "Patient", "select": select, **more}
    view = ViewReader(definitions, "v.json", issues, by_library=by_library).read(json.dumps(said).encode())
    return view, [issue.message.removeprefix("v.json: ") for issue in issues]


def rows(definitions: Definitions, select: Any, **more: Any) -> list[tuple[Any, ...]]:
    """Those of two people, alike by steps of ours and by fhirpathpy."""
    (ours, issues), (theirs, _) = (read(definitions, select, by_library=by, **more) for by in (False, True))
    assert issues == []
    made = [[row for person in (ADA, BO) for row in view.rows(person)] for view in (ours, theirs)]
    assert made[0] == made[1]
    return made[0]


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ([{"column": [ID, column("birthDate")]}], [("ada", None), ("bo", None)]),
        (
            [{"column": [ID]}, {"forEach": "name", "column": [column("family"), column("given.first()", "y")]}],
            [("ada", "Quill", "Ada"), ("ada", "Reed", None)],
        ),
        (
            [{"column": [ID]}, {"forEachOrNull": "name", "column": [column("given", collection=True)]}],
            [("ada", ["Ada", "M"]), ("ada", []), ("bo", None)],
        ),
        (
            [{"forEach": "name.given", "column": [column("$this"), column("%resource.id", "y")]}],
            [("Ada", "ada"), ("M", "ada")],
        ),
        (
            [
                {
                    "forEach": "contact",
                    "column": [column("name.family")],
                    "select": [{"forEach": "telecom", "column": [column("value", "y")]}],
                }
            ],
            [("X", "1"), ("X", "2"), (None, "3")],
        ),
        (
            [
                {"forEach": "name", "column": [column("family")]},
                {"forEach": "telecom", "column": [column("value", "y")]},
            ],
            [("Quill", "9"), ("Reed", "9")],
        ),
        (
            [{"unionAll": [PHONES, {**PHONES, "forEach": "contact.telecom"}], "column": [ID]}],
            [("ada", "9"), ("ada", "1"), ("ada", "2"), ("ada", "3")],
        ),
        (
            [{"column": [column("deceased.ofType(boolean)"), column("deceased.ofType(dateTime)", "y")]}],
            [(False, None), (None, "2020-05")],
        ),
        (
            [{"column": [column("managingOrganization.getReferenceKey()")]}],
            [("o1",), (None,)],
        ),
        ([{"column": [column("managingOrganization.getReferenceKey('Organization')")]}], [("o1",), (None,)]),
        ([{"column": [column("generalPractitioner.getReferenceKey(Practitioner)")]}], [("p1",), (None,)]),
        ([{"column": [column("generalPractitioner.getReferenceKey(Organization)")]}], [(None,), (None,)]),
        ([{"column": [column("(multipleBirth.ofType(integer) + 1) * 2")]}], [(6,), (None,)]),
        ([{"column": [column("name.given.join('-')")]}], [("Ada-M",), (None,)]),
        ([{"column": [column("name.exists(family = 'Reed') and active")]}], [(True,), (False,)]),
        ([{"column": [column("telecom[0].value = '9' or name.empty()")]}], [(True,), (True,)]),
        ([{"column": [column("birthDate.extension('urn:x').value.ofType(string)")]}], [(None,), ("in spring",)]),
        ([{"column": [column("Patient.name.family.join('+')")]}], [("Quill+Reed",), (None,)]),
        ([{"column": [column("Patient.name.first().family")]}], [("Quill",), (None,)]),
        ([{"column": [column("extension('urn:weight').value.ofType(decimal)")]}], [(None,), (1.1,)]),
    ],
)  # fmt: skip
def test_a_selection_makes_the_rows_that_sql_on_fhir_says(
    select: Any, expected: list[tuple[Any, ...]], definitions: Definitions
) -> None:
    assert [tuple(map(_plain, row)) for row in rows(definitions, select)] == expected


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def test_a_decimal_keeps_its_digits(definitions: Definitions) -> None:
    select = [{"column": [column("extension('urn:weight').value.ofType(decimal)", type="decimal")]}]
    assert str(rows(definitions, select)[1][0]) == "1.10"


def test_columns_come_in_the_order_of_the_definition_with_those_of_a_union_last(definitions: Definitions) -> None:
    inner = [{"forEach": "name", "column": [column("family", "c")]}]
    union = [{"column": [column("id", "d")]}, {"column": [column("id", "d")]}]
    first = {"unionAll": union, "select": inner, "column": [column("id", "a"), column("id", "b")]}
    view, _ = read(definitions, [first, {"column": [column("id", "e")]}])
    assert [one.name for one in view.columns] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("active = true", ["ada"]),
        ("active", ["ada"]),
        ("name.exists(family = %who)", ["ada"]),
        ("telecom.where(system = 'email').exists()", []),
        ("birthDate", []),
        ("birthDate = %born", []),
        ("deceased.ofType(dateTime) = %died", ["bo"]),
        ("(deceased.ofType(dateTime) = %other).not()", []),
        ("(deceased.ofType(dateTime) = %died).not()", []),
        ("link.other.getReferenceKey() = getResourceKey()", ["ada"]),
    ],
)
def test_rows_are_of_those_for_whom_all_conditions_hold(where: str, left: list[str], definitions: Definitions) -> None:
    more = {"where": [{"path": where}, {"path": "id.exists()"}], "constant": CONSTANTS}
    assert [row[0] for row in rows(definitions, [{"column": [ID]}], **more)] == left


@pytest.mark.parametrize(
    ("select", "where", "message"),
    [
        ([{"column": [column("name.family")]}], "active.exists()", "view v: column x has 2 values"),
        ([{"column": [column("name.first()")]}], "active.exists()", "view v: column x is no primitive"),
        ([{"column": [ID]}], "name.first().family", "view v: a condition of where is neither true nor false"),
        ([{"column": [column("id + 1")]}], "active.exists()", "view v: id + 1 cannot be evaluated"),
    ],
)
def test_what_does_not_fit_a_cell_or_a_condition_is_refused_when_it_is_met(
    select: Any, where: str, message: str, definitions: Definitions
) -> None:
    view, _ = read(definitions, select, where=[{"path": where}])
    with pytest.raises(Problem) as refused:
        view.rows(ADA)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("birthDte", "Patient has no element birthDte"),
        ("name.famly", "HumanName has no element famly"),
        ("name.where(famly = 'x').given", "HumanName has no element famly"),
        ("deceasedBoolean", "Patient has no element deceasedBoolean"),
        ("name family", "not FHIRPath at character 6"),
        ("name.", "not FHIRPath at character 6"),
        ("name = 'x", "not FHIRPath at character 8"),
        ("", "not FHIRPath at character 1"),
        ("birthDate.lowBoundary()", "lowBoundary() is not supported"),
        ("today()", "today() is not supported"),
        ("name | contact.name", "| is not supported"),
        ("name is HumanName", "is is not supported"),
        ("birthDate = @2020", "only texts, numbers, true and false are supported as literals: @2020"),
        ("birthDate = '1990-05-17'", DATED),
        ("birthDate < 'x'", DATED),
        ("birthDate = %died", "no constant is named died"),
        ("birthDate = %born and id.startsWith('a')", "no constant is named born"),
        ("birthDate = birthDate and id.startsWith('a')", f"{COMPARED} in a path that is left to fhirpathpy"),
        ("%rowIndex", "no constant is named rowIndex"),
        ("deceased.ofType(Bolean)", "ofType(Bolean): R4 has no such type"),
        ("managingOrganization.getReferenceKey(Org)", "getReferenceKey(Org): R4 has no such type"),
        ("name.first(2)", "first() takes no parameters"),
        ("name.where()", "where() takes one parameter"),
        ("name.exists(given, family)", "exists() takes one parameter at most"),
        (5, "a path is a text"),
    ],
)
def test_a_path_that_is_not_understood_is_refused_by_name_when_it_is_read(
    path: Any, message: str, definitions: Definitions
) -> None:
    assert read(definitions, [{"column": [column(path)]}])[1] == [f"select[0].column[0].path: {message}"]


@pytest.mark.parametrize(
    ("select", "more", "message"),
    [
        ([{"column": [ID], "repeat": ["contact"]}], {}, "select[0]: repeat is not supported"),
        ([{"column": [{**ID, "tag": []}]}], {}, "select[0].column[0]: tag is not supported"),
        ([{"column": [{**ID, "type": "Patient"}]}], {}, "select[0].column[0]: Patient is no primitive type"),
        ([{"column": [{**ID, "collection": 1}]}], {}, "select[0].column[0]: collection is true or false"),
        ([{"column": [{**ID, "name": "1st"}]}], {}, f"select[0].column[0]: {NAMED}"),
        ([{"column": [ID, ID]}], {}, "select: two columns are named id"),
        ([{}], {}, "select[0]: selects nothing"),
        ([3], {}, "select[0]: not an object"),
        ("id", {}, "select[0]: not an object"),
        ([], {}, "select: a view has at least one"),
        ([{**PHONES, "forEachOrNull": "name"}], {}, "select[0]: has both forEach and forEachOrNull"),
        ([{"unionAll": [{"column": [ID]}, PHONES]}], {}, "select[0].unionAll[1]: has other columns than the first"),
        ([{"column": [ID]}], {"profile": []}, "ViewDefinition: profile is not supported"),
        ([{"column": [ID]}], {"fhirVersion": ["5.0.0"]}, "fhirVersion: R4 (4.0.1) is not among them"),
        ([{"column": [ID]}], {"resource": "Patent"}, "resource: no resource type of R4"),
        ([{"column": [ID]}], {"resourceType": "Patient"}, "resourceType: not ViewDefinition"),
        ([{"column": [ID]}], {"name": "_v"}, "name: letters, digits and underscores, a letter first"),
        ([{"column": [ID]}], {"where": [{"path": "active", "if": 1}]}, "where[0]: if is not supported"),
        ([{"column": [ID]}], {"where": [{}]}, "where[0]: not an object with path"),
        ([PHONES], {"constant": [{"name": "c", "valueQuantity": {}}]}, f"constant[0]: {VALUED} valueQuantity"),
        ([PHONES], {"constant": [{"name": "c", "valueInteger": True}]}, "constant[0]: the value is no Integer"),
        ([PHONES], {"constant": [{"name": "c"}]}, f"constant[0]: {VALUED} none"),
    ],
)  # fmt: skip
def test_a_definition_that_is_not_understood_is_refused_by_its_place(
    select: Any, more: dict[str, Any], message: str, definitions: Definitions
) -> None:
    assert message in read(definitions, select, **more)[1]


def test_a_resource_that_is_not_r4_is_refused_by_the_path_and_not_by_its_values(definitions: Definitions) -> None:
    view, _ = read(definitions, [{"column": [column("name.family")]}])
    with pytest.raises(Problem) as refused:
        view.rows({"resourceType": "Patient", "name": "Quill"})
    assert refused.value.message == "view v: name.family cannot be evaluated"


@pytest.mark.parametrize("text", [b"{", b"[]", b"null", b"\xff"])
def test_what_is_no_object_is_refused(text: bytes, definitions: Definitions) -> None:
    issues: list[Issue] = []
    assert ViewReader(definitions, "v.json", issues).read(text) is None
    assert issues
