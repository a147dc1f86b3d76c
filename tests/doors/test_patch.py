"""PATCH: JSON Patch and FHIRPath Patch, by id and by condition; what cannot be done changes nothing."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from adapter.interactions.program import Program
from tests.doors.people import created, patient
from tests.doors.serving import Client, Got
from tests.doors.test_conditional import KEY, URL
from tests.doors.test_xml import WRITER

Json = dict[str, Any]
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
FHIR = {"Content-Type": "application/fhir+json"}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">Ada</div>'


def op(op: str, path: str, **more: Any) -> Json:
    return {"op": op, "path": path} | more


def parameters(*operations: Json) -> Json:
    """A FHIRPath Patch; each operation by its parts, a dict as a part with value[x] of its own."""
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": _parts(o)} for o in operations]}


def _parts(operation: Json) -> list[Json]:
    return [
        {"name": name, **(value if isinstance(value, dict) else _said(name, value))}
        for name, value in operation.items()
    ]


def _said(name: str, value: Any) -> Json:
    if isinstance(value, int):
        return {"valueInteger": value}
    return {"valueCode" if name == "type" else "valueString": value}


def patched(client: Client, url: str, patch: Any, **headers: str) -> Got:
    if isinstance(patch, list):
        return client("PATCH", url, json.dumps(patch).encode(), JSON_PATCH | headers)
    return client("PATCH", url, patch, FHIR | headers)


def ada(client: Client, **more: Any) -> str:
    """A patient's address."""
    telecom = [{"system": "phone", "value": "1"}, {"system": "email", "value": "a@example.org"}]
    return f"/fhir/Patient/{created(client, patient(telecom=telecom, identifier=[KEY], **more)).id}"


def test_a_json_patch_changes_what_it_names(client: Client) -> None:
    url = ada(client)
    got = patched(client, url, [
        op("test", "/gender", value="female"), op("replace", "/gender", value="male"),
        op("add", "/telecom/-", value={"system": "sms", "value": "2"}), op("remove", "/telecom/0"),
        op("move", "/telecom/0", **{"from": "/telecom/1"}), op("copy", "/name/1", **{"from": "/name/0"}),
    ])  # fmt: skip
    assert (got.status, got.headers["etag"]) == (200, 'W/"2"')
    read = client("GET", url).json
    assert (read["gender"], [one["system"] for one in read["telecom"]], len(read["name"])) == (
        "male",
        ["sms", "email"],
        2,
    )


def test_digits_survive_a_patch(client: Client) -> None:
    extension = b'[{"op":"add","path":"/extension","value":[{"url":"urn:x","valueDecimal":1.10}]}]'
    url = ada(client)
    assert client("PATCH", url, extension, JSON_PATCH).status == 200
    patched(client, url, [op("replace", "/gender", value="male")])
    assert b'"valueDecimal":1.10}' in client("GET", url).body


def test_a_patch_that_changes_nothing_makes_no_version(client: Client) -> None:
    url = ada(client)
    nothing = {"type": "delete", "path": "Patient.photo"}
    for patch in ([op("replace", "/gender", value="female")], parameters(nothing), {"resourceType": "Parameters"}):
        got = patched(client, url, patch)
        assert (got.status, got.headers["etag"]) == (200, 'W/"1"')


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({"type": "replace", "path": "Patient.gender", "value": {"valueCode": "male"}}, {"gender": "male"}),
        ({"type": "add", "path": "Patient", "name": "birthDate", "value": {"valueDate": "1990-01-02"}},
         {"birthDate": "1990-01-02"}),
        ({"type": "add", "path": "Patient.name[0]", "name": "given", "value": {"valueString": "Bea"}},
         {"name": [{"family": "Invented", "given": ["Ada", "Bea"]}]}),
        ({"type": "insert", "path": "Patient.name[0].given", "index": 0, "value": {"valueString": "Bea"}},
         {"name": [{"family": "Invented", "given": ["Bea", "Ada"]}]}),
        ({"type": "move", "path": "Patient.telecom", "source": 1, "destination": 0},
         {"telecom": [{"system": "email", "value": "a@example.org"}, {"system": "phone", "value": "1"}]}),
        ({"type": "delete", "path": "Patient.telecom.where(system = 'phone' and value='1')"},
         {"telecom": [{"system": "email", "value": "a@example.org"}]}),
        ({"type": "delete", "path": "Patient.name[0].given[0]"}, {"name": [{"family": "Invented"}]}),
        ({"type": "delete", "path": "Patient.name[0].family"}, {"name": [{"given": ["Ada"]}]}),
        ({"type": "replace", "path": "Patient.telecom.last().value", "value": {"valueString": "b@example.org"}},
         {"telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "b@example.org"}]}),
        ({"type": "replace", "path": "Patient.telecom.first()",
          "value": {"valueContactPoint": {"system": "sms", "value": "3"}}},
         {"telecom": [{"system": "sms", "value": "3"}, {"system": "email", "value": "a@example.org"}]}),
        ({"type": "add", "path": "Patient", "name": "deceased", "value": {"valueBoolean": False}},
         {"deceasedBoolean": False}),
        ({"type": "add", "path": "Patient", "name": "contact", "value": {"part": [
            {"name": "name", "valueHumanName": {"text": "Friend"}}, {"name": "gender", "valueCode": "male"}]}},
         {"contact": [{"name": {"text": "Friend"}, "gender": "male"}]}),
        ({"type": "add", "path": "Patient", "name": "birthDate",
          "value": {"_valueDate": {"extension": [{"url": "urn:x", "valueCode": "masked"}]}, "valueDate": "1990"}},
         {"birthDate": "1990", "_birthDate": {"extension": [{"url": "urn:x", "valueCode": "masked"}]}}),
    ],
)  # fmt: skip
def test_a_fhirpath_patch_changes_what_it_names(client: Client, patch: Json, says: Json) -> None:
    url = ada(client)
    before = client("GET", url).json
    got = patched(client, url, parameters(patch))
    assert got.status == 200, got.body
    after = client("GET", url).json
    assert {name: after[name] for name in says} == says
    assert {n: v for n, v in after.items() if n not in {*says, "meta"}} == {
        n: v for n, v in before.items() if n not in {*says, "meta"}
    }


def test_what_stands_beside_a_member_moves_with_it(client: Client) -> None:
    beside = {"extension": [{"url": "urn:x", "valueCode": "x"}]}
    url = f"/fhir/Patient/{created(client, patient(name=[{'given': ['A', 'B'], '_given': [beside, None]}])).id}"
    move = {"type": "move", "path": "Patient.name[0].given", "source": 0, "destination": 1}
    got = patched(client, url, parameters(move))
    assert got.json["name"] == [{"given": ["B", "A"], "_given": [None, beside]}]


def test_another_type_may_take_the_place_of_a_choice(client: Client) -> None:
    url = ada(client, deceasedBoolean=True)
    when = {"type": "replace", "path": "Patient.deceased", "value": {"valueDateTime": "2026-01-02"}}
    got = patched(client, url, parameters(when))
    assert (got.json["deceasedDateTime"], "deceasedBoolean" in got.json) == ("2026-01-02", False)


def test_a_patch_may_come_as_xml(client: Client) -> None:
    url = ada(client)
    told = parameters({"type": "replace", "path": "Patient.gender", "value": {"valueCode": "male"}})
    got = client("PATCH", url, WRITER.write(told), {"Content-Type": "application/fhir+xml"})
    assert (got.status, got.json["gender"]) == (200, "male")


CANNOT: dict[str, tuple[Any, int, str]] = {
    "no list": ({"op": "add"}, 400, "resourceType"),
    "an empty list": ([], 400, ""),
    "no operation": ([3], 400, "[0].op"),
    "an operation nobody knows": ([op("swap", "/gender")], 400, "[0].op"),
    "no path": ([{"op": "remove"}], 400, "[0].path"),
    "no value": ([op("add", "/gender")], 400, "[0].value"),
    "no source": ([op("copy", "/gender")], 400, "[0].from"),
    "a path that leads nowhere": ([op("remove", "/photo/0")], 422, "[0].path"),
    "a path through a text": ([op("add", "/gender/x", value=1)], 422, "[0].path"),
    "a path that is no pointer": ([op("remove", "gender")], 422, "[0].path"),
    "a move into itself": ([op("move", "/name/0/x", **{"from": "/name/0"})], 422, "[0].path"),
    "a test that fails": ([op("replace", "/gender", value="male"), op("test", "/gender", value="other")], 422, "[1]"),
    "what R4 does not have": ([op("add", "/nickname", value="A")], 422, "Patient.nickname"),
    "a level for each copy": ([op("copy", "/name/0/text", **{"from": ""})] * 60, 422, ""),
    "a wrong code": ([op("replace", "/gender", value="F")], 422, "Patient.gender"),
    "another id": ([op("replace", "/id", value="mine")], 422, ""),
    "another type": ([op("replace", "/resourceType", value="Person")], 422, ""),
    "the whole": ([op("replace", "", value=[])], 422, ""),
    "too many": ([op("test", "/gender", value="female")] * 501, 413, ""),
    "copies without end": ([op("copy", f"/x{n}", **{"from": ""}) for n in range(40)], 413, "[12]"),
}
AT = "Parameters.parameter[0]"
TEXT, GENDER = {"valueString": "x"}, "Patient.gender"
FHIRPATH: dict[str, tuple[Json, int, str]] = {
    "no type": ({"path": GENDER}, 400, AT),
    "a part nobody knows": ({"type": "delete", "path": GENDER, "why": "x"}, 400, AT),
    "an index that is a text": ({"type": "insert", "path": "Patient.name", "index": "1", "value": TEXT}, 400, AT),
    "an index below 0": ({"type": "insert", "path": "Patient.name", "index": -1, "value": TEXT}, 422, AT),
    "no value": ({"type": "replace", "path": GENDER}, 400, AT),
    "another resource's path": ({"type": "delete", "path": "Person.gender"}, 422, AT),
    "a path that is none": ({"type": "delete", "path": "Patient.name.exists()"}, 422, AT),
    "a where that is none": ({"type": "delete", "path": "Patient.name.where(use != 'old')"}, 422, AT),
    "several": ({"type": "delete", "path": "Patient.telecom"}, 422, AT),
    "a replacement of nothing": ({"type": "replace", "path": "Patient.photo", "value": TEXT}, 422, AT),
    "a replacement of the whole": ({"type": "replace", "path": "Patient", "value": TEXT}, 422, AT),
    "what is there already": ({"type": "add", "path": "Patient", "name": "gender", "value": TEXT}, 422, AT),
    "what R4 does not have": ({"type": "add", "path": "Patient", "name": "nickname", "value": TEXT}, 422, AT),
    "below a text": ({"type": "add", "path": GENDER, "name": "x", "value": TEXT}, 422, AT),
    "below nothing": ({"type": "add", "path": "Patient.contact", "name": "name", "value": TEXT}, 422, AT),
    "behind the end": ({"type": "insert", "path": "Patient.name", "index": 9, "value": TEXT}, 422, AT),
    "no list": ({"type": "move", "path": GENDER, "source": 0, "destination": 0}, 422, AT),
    "a move from behind the end": ({"type": "move", "path": "Patient.name", "source": 7, "destination": 0}, 422, AT),
    "a value of another type": ({"type": "replace", "path": GENDER, "value": {"valueInteger": 3}}, 422, GENDER),
}
CANNOT |= {
    f"FHIRPath: {fault}": (parameters(patch), status, place) for fault, (patch, status, place) in FHIRPATH.items()
}


@pytest.mark.parametrize("fault", CANNOT)
def test_what_cannot_be_done_is_told_and_changes_nothing(fault: str, client: Client, program: Program) -> None:
    patch, status, place = CANNOT[fault]
    url = ada(client)
    before = program.store.t
    got = patched(client, url, patch)
    assert (got.status, [place] if place else []) == (status, got.expressions[:1]), got.body
    assert program.store.t == before


def test_versions_are_checked_and_what_is_gone_or_never_was_is_told(client: Client) -> None:
    url, patch = ada(client), [op("replace", "/gender", value="male")]
    assert patched(client, url, patch, **{"If-Match": 'W/"2"'}).status == 412
    assert patched(client, url, patch, **{"If-Match": 'W/"1"'}).status == 200
    client("DELETE", url)
    assert patched(client, url, patch).status == 410
    assert patched(client, "/fhir/Patient/none", patch).status == 404
    assert client("PATCH", url, b"[]", {"Content-Type": "application/merge-patch+json"}).status == 415
    assert client("PATCH", "/fhir/Patient", b"[]", JSON_PATCH).status == 405


def test_a_patch_of_what_a_search_finds(client: Client) -> None:
    patch = [op("replace", "/gender", value="male")]
    assert patched(client, URL, patch).status == 404
    ada(client)
    assert patched(client, URL, patch).json["gender"] == "male"
    ada(client)
    assert (patched(client, URL, patch).status, patched(client, "/fhir/Patient?gender=male", patch).status) == (
        412,
        400,
    )


@pytest.mark.parametrize("status", ["generated", "extensions"])
def test_a_narrative_of_the_data_goes_when_the_data_changes(client: Client, status: str) -> None:
    url = ada(client, text={"status": status, "div": DIV})
    assert "text" in patched(client, url, [op("replace", "/gender", value="female")]).json
    assert "text" not in patched(client, url, [op("replace", "/gender", value="male")]).json


def test_a_narrative_that_says_more_must_be_patched_along(client: Client) -> None:
    url = ada(client, text={"status": "additional", "div": DIV})
    alone = patched(client, url, [op("replace", "/gender", value="male")])
    assert (alone.status, alone.expressions) == (422, ["Patient.text"])
    div = op("replace", "/text/div", value=DIV.replace("Ada", "Bea"))
    assert patched(client, url, [op("replace", "/gender", value="male"), div]).status == 200


def test_a_patch_makes_no_counseling_note(client: Client) -> None:
    document = {
        "resourceType": "DocumentReference", "status": "current", "type": {"text": "Progress"},
        "content": [{"attachment": {"contentType": "text/plain", "data": base64.b64encode(b"x").decode()}}],
    }  # fmt: skip
    url = f"/fhir/DocumentReference/{created(client, document).id}"
    got = patched(client, url, [op("replace", "/type/text", value="SUD counseling note")])
    assert (got.status, got.expressions) == (422, ["DocumentReference.type"])


def test_of_many_patches_at_once_none_is_lost(client: Client) -> None:
    url = ada(client)
    add = [
        ("PATCH", url, json.dumps([op("add", "/name/0/given/-", value=f"N{n}")]).encode(), JSON_PATCH)
        for n in range(24)
    ]
    assert {got.status for got in client.together(add)} == {200}
    assert len(client("GET", url).json["name"][0]["given"]) == 25


def longer(client: Client, many: int) -> tuple[str, Json]:
    """A patient's address with so many telecoms, and an operation that looks through them all."""
    made = created(client, patient(telecom=[{"system": "phone", "value": str(number)} for number in range(many)]))
    path = f"Patient.telecom.where(value = '{many - 1}').value"
    return f"/fhir/Patient/{made.id}", {"type": "replace", "path": path, "value": {"valueString": str(many - 1)}}


def test_a_patch_that_looks_at_too_much_is_refused_and_a_usual_one_is_not(client: Client) -> None:
    url, operation = longer(client, 300)
    assert patched(client, url, parameters(*[operation] * 300)).status == 200
    url, operation = longer(client, 20_000)
    got = patched(client, url, parameters(*[operation] * 60))
    assert (got.status, got.codes) == (400, ["too-costly"])
    assert patched(client, url, parameters(*[operation] * 10)).status == 200


def test_what_is_empty_around_a_deleted_element_goes_with_it_and_nothing_else(client: Client) -> None:
    url = ada(client, contact=[{"name": {"text": "Friend"}}, {"name": {"text": "Aunt"}}])
    gone = {"type": "delete", "path": "Patient.contact[0].name.text"}
    assert patched(client, url, parameters(gone)).json["contact"] == [{"name": {"text": "Aunt"}}]
    assert "contact" not in patched(client, url, parameters(gone)).json
