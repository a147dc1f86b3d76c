"""The OpenAPI description of the native API says what its doors do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from adapter.interactions.forms import forms
from adapter.interactions.program import Program
from tests.doors.records import UUID
from tests.doors.serving import BASE, Client

pytestmark = pytest.mark.storeless

IOP = BASE.replace("/fhir", "/iop")
LINES = {"content-type": "application/x-ndjson"}
Json = dict[str, Any]


def test_the_description_says_what_the_verbs_take_and_answer(client: Client, program: Program) -> None:
    paths = client("GET", "/iop/openapi.json").json["paths"]

    def taken(address: str, method: str) -> set[str]:
        return {parameter["name"] for parameter in paths[address][method].get("parameters", ())}

    importing = paths["/iop/$import"]["post"]
    assert set(importing["requestBody"]["content"]) == {"application/x-ndjson", "application/ndjson"}
    assert set(importing["responses"]["200"]["content"]) == {"application/x-ndjson"}
    assert taken("/iop/$import", "post") == {"atomic"}
    assert taken("/iop/parked", "get") == taken("/iop/unmapped", "get") == {"participant", "limit", "page"}
    assert taken("/iop/pending", "get") == {"limit", "page"}
    assert "through" in taken("/iop/group_meeting", "get")
    assert "through" not in taken("/iop/drug_screen", "get") | taken("/iop/booking", "get")
    for name in forms(program):
        one = paths[f"/iop/{name}/{{id}}"]
        assert {"200", "304"} <= set(one["get"]["responses"])
        assert "If-None-Match" in taken(f"/iop/{name}/{{id}}", "get") & taken(f"/iop/{name}", "get")
        assert "304" in paths[f"/iop/{name}"]["get"]["responses"]
        assert {"200", "201"} <= set(one["put"]["responses"])
        assert set(paths[f"/iop/{name}"]["post"]["responses"]) == {"201", "default"}


def test_every_parameter_of_the_description_is_known_to_its_address(client: Client) -> None:
    wrong = []
    for address, methods in client("GET", "/iop/openapi.json").json["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            if address.startswith("/iop") and parameter["in"] == "query":
                got = client("GET", f"{address.replace('{id}', UUID)}?{parameter['name']}=residue")
                wrong += [(address, parameter["name"])] if got.status == 400 and "not-supported" in got.codes else []
    assert wrong == []


def test_the_description_names_every_concept_with_fields_words_and_an_example(client: Client, program: Program) -> None:
    got = client("GET", "/iop/openapi.json").json
    assert got["openapi"].startswith("3.1")
    for name, form in forms(program).items():
        assert set(got["paths"][f"/iop/{name}/{{id}}"]) == {"get", "put", "patch", "delete"}
        create = got["paths"][f"/iop/{name}"]["post"]
        schema = got["components"]["schemas"][name]
        assert set(schema["properties"]) == {"id", *(field.name for field in form.fields)}
        assert all(f"| {field.name} | {field.path} |" in schema["description"] for field in form.fields)
        assert create["requestBody"]["content"]["application/json"]["example"].keys() <= schema["properties"].keys()
    assert "/fhir/{type}/{id}" in got["paths"]


def test_every_example_of_the_description_is_taken_as_it_stands(client: Client, program: Program) -> None:
    paths = client("GET", "/iop/openapi.json").json["paths"]
    refused = {}
    for name in forms(program):
        example = paths[f"/iop/{name}"]["post"]["requestBody"]["content"]["application/json"]["example"]
        got = client("POST", f"/iop/{name}", example)
        if got.status != 201:
            refused[name] = [(i.get("expression"), i["details"]["text"]) for i in got.json["issue"]]
    assert refused == {}


def test_whatever_is_read_is_as_described(client: Client, program: Program, root: Path) -> None:
    """Both the examples and the fixtures: they hold parts of dates, times of day, and what is incomplete."""
    described = client("GET", "/iop/openapi.json").json
    for name in forms(program):
        media = described["paths"][f"/iop/{name}"]["post"]["requestBody"]["content"]["application/json"]
        assert client("POST", f"/iop/{name}", media["example"]).status == 201
    paths = sorted(root.glob("fixtures/*/*/native.json"))
    lines = [json.dumps({"concept": path.parts[-3]} | json.loads(path.read_text("utf-8"))).encode() for path in paths]
    assert client("POST", "/iop/$import", b"\n".join(lines), LINES).status == 200
    seen = 0
    for name in forms(program):
        answer = described["paths"][f"/iop/{name}"]["get"]["responses"]["200"]["content"]["application/json"]
        schema = answer["schema"] | {"components": described["components"]}
        page = client("GET", f"/iop/{name}?limit=200").json
        wrong = Draft202012Validator(schema, validate_formats=True).iter_errors(page)
        assert [(name, error.message[:200]) for error in wrong] == []
        seen += len(page["records"])
    assert seen > 100


def test_a_method_that_is_not_there_is_told_all_that_are(client: Client) -> None:
    for address, methods in client("GET", "/iop/openapi.json").json["paths"].items():
        if address.startswith("/iop"):
            got = client("OPTIONS", address.replace("{id}", UUID))
            assert got.status == 405
            there = {method.upper() for method in methods}
            assert set(got.headers["allow"].split(", ")) == there | ({"HEAD"} if "GET" in there else set())


WRONG_IN_KIND: list[Any] = [None, {}, [], [None], [[None]], "as said", 5]


def wrong_in_kind(document: Json) -> Iterator[Json]:
    """The document with one value of another kind, in every place of it and of its lists of objects."""
    for name, value in document.items():
        yield from (document | {name: wrong} for wrong in WRONG_IN_KIND)
        for index, item in enumerate(value if isinstance(value, list) else ()):
            others = ([*value[:index], wrong, *value[index + 1 :]] for wrong in WRONG_IN_KIND)
            yield from (document | {name: other} for other in others)
            if isinstance(item, dict):
                inner = ([*value[:index], wrong, *value[index + 1 :]] for wrong in wrong_in_kind(item))
                yield from (document | {name: other} for other in inner)


@pytest.mark.parametrize("name", ["authorization", "drug_screen", "group_meeting"])
def test_a_value_of_another_kind_is_refused_wherever_it_stands(client: Client, name: str) -> None:
    paths = client("GET", "/iop/openapi.json").json["paths"]
    example = paths[f"/iop/{name}"]["post"]["requestBody"]["content"]["application/json"]["example"]
    made = client("POST", f"/iop/{name}", example)
    assert made.status == 201
    address = f"/iop/{name}/{made.id}"
    told = set()
    for document in wrong_in_kind(made.json):
        headers = {"If-Match": client("GET", address).headers["etag"]}
        got = client("PUT", address, document, headers)
        told.add(got.status)
        assert got.status in (200, 400, 422), (got.body, document)
        if got.status != 200:
            assert got.expressions, got.body
    assert 422 in told
