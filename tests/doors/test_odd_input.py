"""Odd input that is let in, and what must not come of it: rows of the acceptance list that end well."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from tests.doors.people import created, patient
from tests.doors.serving import BASE, Client

Json = dict[str, Any]
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_make_another_method_of_a_request(client: Client, header: str) -> None:  # A23
    id = created(client, patient()).id
    assert client("GET", f"/fhir/Patient/{id}", headers={header: "DELETE"}).status == 200
    assert client("POST", "/fhir/Patient", patient(), {header: "DELETE"}).status == 201
    assert client("GET", f"/fhir/Patient/{id}").status == 200


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded"])
def test_links_are_of_the_configured_base_whatever_is_forwarded(client: Client, header: str) -> None:  # A24
    forged = {header: "host=evil.example" if header == "Forwarded" else "evil.example"}
    for _ in range(2):
        made = client("POST", "/fhir/Patient", patient(), forged)
        assert made.headers["location"].startswith(f"{BASE}/Patient/")
    got = client("GET", "/fhir/Patient?_count=1", headers=forged)
    links = [link["url"] for link in got.json["link"]] + [entry["fullUrl"] for entry in got.json["entry"]]
    assert len(links) == 3
    assert all(link.startswith(f"{BASE}/Patient") for link in links)


def test_a_part_of_the_bytes_is_not_served(client: Client) -> None:  # A25
    id = created(client, patient()).id
    whole = client("GET", f"/fhir/Patient/{id}")
    ranges = "bytes=" + ",".join(f"{n}-{n}" for n in range(1_000))
    part = client("GET", f"/fhir/Patient/{id}", headers={"Range": ranges})
    assert (part.status, part.body) == (200, whole.body)
    assert "content-range" not in part.headers


def test_contained_resources_may_refer_to_each_other(client: Client) -> None:  # C20
    finding = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    inside = [finding | {"id": a, "hasMember": [{"reference": f"#{b}"}]} for a, b in ("ab", "ba")]
    made = created(client, finding | {"contained": inside, "hasMember": [{"reference": "#a"}]})
    got = client("GET", f"/fhir/Observation?_id={made.id}&_include=Observation:has-member")
    assert [entry["resource"]["contained"] for entry in got.json["entry"]] == [inside]


@pytest.mark.parametrize(
    "address", ["http://192.0.2.1/latest", "file:///etc/passwd", "gopher://x.example/", "javascript:x()"]
)
def test_the_address_of_a_file_is_kept_and_no_more(client: Client, address: str) -> None:  # C22
    photo = [{"contentType": "image/png", "url": address}]
    made = created(client, patient(photo=photo))
    assert client("GET", f"/fhir/Patient/{made.id}").json["photo"] == photo


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xml;q=0.9,*/*;q=0.8", "*/*", ""])
def test_a_web_page_is_never_served_as_one(client: Client, accept: str) -> None:  # C24
    page = {"resourceType": "Binary", "contentType": "text/html", "data": b64encode(b"<script>x()</script>").decode()}
    id = created(client, page).id
    got = client("GET", f"/fhir/Binary/{id}", headers={"Accept": accept})
    assert got.status == (406 if accept == "text/html" else 200)
    assert got.headers["content-type"].split(";")[0] in ("application/fhir+json", "application/fhir+xml")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert b"<script" not in got.body


@pytest.mark.parametrize(
    "name", ["\u202eInvented", "Inv\u0435nted", "Invented \U0001f600", "Ine\u0301s", "In\u00e9s", "A\u200dB", "\ufb01n"]
)
def test_a_name_comes_back_as_it_was_written(client: Client, name: str) -> None:  # C28
    sent = json.dumps(patient(name=[{"family": name}]), ensure_ascii=False).encode()
    made = client("POST", "/fhir/Patient", sent)
    assert made.status == 201
    assert f'"family":"{name}"'.encode() in client("GET", f"/fhir/Patient/{made.id}").body


def test_labels_and_tags_are_patched_as_they_are_updated(client: Client) -> None:  # D14
    id = created(client, patient()).id
    tag = [{"system": "https://clinic.example/tags", "code": "x"}]
    patch = json.dumps([{"op": "add", "path": "/meta/tag", "value": tag}]).encode()
    got = client("PATCH", f"/fhir/Patient/{id}", patch, {"Content-Type": "application/json-patch+json"})
    assert (got.status, got.json["meta"]["tag"], got.json["meta"]["versionId"]) == (200, tag, "2")
    whole = json.dumps([{"op": "remove", "path": "/meta"}]).encode()
    got = client("PATCH", f"/fhir/Patient/{id}", whole, {"Content-Type": "application/json-patch+json"})
    assert (got.status, "tag" in got.json["meta"], got.json["meta"]["versionId"]) == (200, False, "3")


def test_what_was_deleted_is_deleted_again(client: Client) -> None:  # D26
    id = created(client, patient()).id
    assert [client("DELETE", f"/fhir/Patient/{id}").status for _ in range(2)] == [204, 204]
    assert client("GET", f"/fhir/Patient/{id}/_history").json["total"] == 2


@pytest.mark.parametrize("text", ["' OR 1=1--", "%", "_", "%25", '"', "a;DROP TABLE x", r"\\", r"\|", r"\$"])
def test_a_search_means_its_text_to_the_letter(client: Client, text: str) -> None:  # E18
    created(client, patient(identifier=[{"system": "https://clinic.example/mrn", "value": "1"}]))
    meant = text.replace(r"\\", "\\").replace(r"\|", "|").replace(r"\$", "$")
    wanted = created(client, patient(identifier=[{"system": "https://clinic.example/mrn", "value": meant}])).id
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    asked = f"identifier={_escaped(text)}".encode()
    got = client("POST", "/fhir/Patient/_search", asked, form)
    assert [entry["resource"]["id"] for entry in got.json["entry"]] == [wanted]


def _escaped(text: str) -> str:
    """As a form says it."""
    return "".join(f"%{byte:02X}" for byte in text.encode())
