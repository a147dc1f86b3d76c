"""No error tells again a value that was sent: a name, a number or a date in it would lie in logs and on screens.

What may be told is where: the name of an element or a parameter, as far as it has the form of one, and codes of ours.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from adapter.interactions.forms import forms
from adapter.interactions.native_record import RecordForm
from adapter.web.fhir import ROUTES
from tests.doors.clients import FORM, TYPE, asking
from tests.doors.minimal import minimal
from tests.doors.serving import Got, parts
from tests.doors.test_guarded import OURS, THEIRS, Place, Sender, placed
from tests.doors.test_non_interference import Still
from tests.store.serving import POSTGRES

Json = dict[str, Any]
WORD, DAY, NUMBER = "quilfenby", "1931-07-19", "48151623"
SENT = re.compile(rb"quilfenby|1931|48151623", re.IGNORECASE)
VALUES = (
    WORD,
    f"urn:{WORD}|{WORD}",
    f"Patient/{WORD}",
    f"{WORD}/1",
    f"https://{WORD}.example/Patient/1",
    f"{WORD}$gt{NUMBER}x",
    f"{DAY}T{WORD}",
    f"zz{DAY}",
    f"{NUMBER}x",
    f"gt{NUMBER}|urn:{WORD}",
    f"{WORD},,{DAY}",
    f"{WORD}\\",
    f"|{'' if WORD is None else '|'}{NUMBER}|",
    f"{WORD} {DAY}+01:00",
    "x" * 300 + WORD,
)
"""Values of a search, of all kinds."""
WRONG: tuple[Any, ...] = (
    WORD,
    [WORD],
    int(NUMBER),
    DAY,
    {"reference": f"Patient/{WORD}", "display": WORD},
    {"coding": [{"system": f"urn:{WORD}", "code": WORD, "display": WORD}], "text": WORD},
    {"value": f"{NUMBER}x", "unit": WORD, "system": WORD, "start": DAY, "end": "1931-01-01"},
    [{"system": WORD, "value": WORD, "use": WORD, "period": {"start": DAY, "end": "1931-01-01"}}],
    [{"url": WORD, "valueString": WORD}],
    "",
    None,
)
"""What stands in an element and does not belong there, mostly."""


CHECKED = pytest.mark.skipif(POSTGRES, reason="of what is checked before any store is asked")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with placed(tmp_path_factory.mktemp("echo"), Still()) as place:
        yield place


@pytest.fixture(scope="module")
def own(place: Place) -> Sender:
    """The program's own EHR, which may ask and write most."""
    return place.client("program-ehr", OURS)


# What is told again all the same, and why.
TOLD = (
    # The answer to $validate, which is no error: an analyst needs the code to put it into a table, and staff read the
    # same words on their work list. It is not logged.
    re.compile(rb"It would be parked, the record being incomplete: [^\"]*"),
)


def silent(got: Got, *asked: Any) -> Got:
    """The answer, which repeats nothing that was sent if it is an error or tells of one."""
    if got.status >= 400 or b'"OperationOutcome"' in got.body[:60]:
        told = str({name: said for name, said in got.headers.items() if name != "location"}).encode() + got.body
        for allowed in TOLD:
            told = allowed.sub(b"", told)
        assert not SENT.findall(told), (asked, got.status, got.body[:3_000])
    return got


def types() -> list[str]:
    return sorted(parts()[0].types - {"Parameters", "Bundle", "Binary"})


def test_no_value_of_a_search_is_told_again(place: Place, own: Sender) -> None:
    refused = 0
    for type in types():
        codes = iter(place.program.store.index.parameters(type))
        while chunk := list(islice(codes, 6)):
            for value in VALUES:
                url = f"/fhir/{type}?" + "&".join(f"{code}={quote(value)}" for code in chunk)
                refused += silent(own("GET", url), url).status == 400
    assert refused > 1_000


CONTROLS = ("_sort", "_count", "_total", "_summary", "_elements", "_include", "_page", "_revinclude", "_id", "_type")
CONTROLS += ("_has:Encounter:patient:date", "_lastUpdated", "name:contains", "identifier:of-type", "_format", "_pretty")
ADDRESSES = (
    *(f"Patient?{name}={{}}" for name in ("_sort", "_count", "_total", "_summary", "_elements", "_include", "_page")),
    *(
        f"Patient?{name}={{}}"
        for name in ("_revinclude", "_has:Encounter:patient:date", "_lastUpdated", "_id", "_type")
    ),
    *(
        f"Patient?{name}={{}}"
        for name in ("name:contains", "identifier:of-type", "_format", "_pretty", "_since", "_at")
    ),
    *("Patient?_include=Patient:{}", "Patient?_include={}:patient", "Encounter?_include=Encounter:patient:{}"),
    *("Encounter?patient.birthdate={}", "Encounter?patient:identifier={}", "Encounter?patient._id={}"),
    *("Patient?birthdate=zz{}", "Patient?name={}&_count=x", "?_type={}", "?_type=Patient&_id={}x!", "?_id={}!"),
    *("Patient/1?_elements={}", "Patient/1?_summary={}", "Patient/1/_history?_since={}", "Patient/_history?_at={}"),
    *("_history?_count={}", "Patient/{}!", "Patient/{}/{}", "Patient/1/_history/{}!", "{}", "{}/1", "Patient/1/{}"),
    *("Patient/1/$everything?start={}", "Patient/1/$everything?_type={}", "Patient/1/$everything?_count={}"),
    *("${}", "Patient/${}", "Patient/1/${}", "ValueSet?{}={}", "ValueSet?url={}&_count={}", "CodeSystem/{}!"),
    *("ValueSet/$expand?url={}", "CodeSystem/$lookup?system={}&code={}", "ConceptMap/$translate?url={}&code={}"),
    *("ValueSet/$validate-code?url={}&code={}", "CodeSystem/$validate-code?url={}&code={}&display={}"),
    *("metadata?mode={}", "StructureDefinition?url={}&name={}", "Patient?{} x={}", "Patient/1?{} x={}", "?{} x={}"),
    *("Patient/_history?{} x={}", "ValueSet?{} x={}", "Patient/1/$everything?{} x={}", "Patient/$export?{}={}"),
    *("AuditEvent?patient={}", "AuditEvent?date={}", "AuditEvent/{}!", "Patient/1/$disclosures?since={}"),
    *("$client-disclosures?client={}&since={}", "Patient/1/$explain?client={}&purpose={}", "Patient/{}/$consent-scope"),
)
"""Where a value may stand in an address."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


@pytest.mark.parametrize("kind", ["program-ehr", "provider-ehr", "payer", "facility", "privacy-officer", "nobody"])
def test_no_part_of_an_address_is_told_again(place: Place, kind: str) -> None:
    sender: Any = place.guarded if kind == "nobody" else place.client(kind, OURS if kind == "program-ehr" else THEIRS)
    for address in ADDRESSES:
        for value in (WORD, DAY, f"{NUMBER}x", f"urn:{WORD}|{DAY}", f"{WORD} {DAY}"):
            for method in METHODS if value == WORD else ("GET",):
                url = "/fhir/" + address.format(*[quote(value)] * 3).replace("/fhir/?", "/fhir?")
                if f"?{WORD}=" not in url:  # what could be the name of a parameter is told
                    silent(sender(method, url, {"resourceType": WORD} if method[0] == "P" else None), method, url)


def test_a_name_that_could_be_one_is_told_and_no_other(own: Sender) -> None:
    for place in ("Patient", "Patient/1", "Patient/1/_history", "ValueSet", "Patient/1/$everything"):
        assert WORD.encode() in own("GET", f"/fhir/{place}?{WORD}=1").body
        silent(own("GET", f"/fhir/{place}?{WORD}{'x' * 200}=1"), place)
        silent(own("GET", f"/fhir/{place}?{quote(WORD + ' ' + DAY)}=1"), place)
        silent(own("GET", f"/fhir/{place}?{quote(f'name:{WORD}é')}=1"), place)


HEADERS = ("if-match", "if-none-match", "if-modified-since", "if-none-exist", "prefer", "accept", "content-type")
HEADERS += ("authorization", "x-request-id", "idempotency-key", "range", "accept-charset", "content-encoding", "origin")


def test_no_header_is_told_again(place: Place, own: Sender) -> None:
    body = minimal(parts()[0], "Patient")
    for name in HEADERS:
        for value in (WORD, f'W/"{WORD}"', f"identifier={WORD}", f"handling={WORD}", f"name={DAY}", f"{WORD}/{DAY}"):
            for method, url in (("GET", "Patient"), ("GET", "Patient/1"), ("POST", "Patient"), ("PUT", "Patient/1")):
                sent = {"content-type": "application/fhir+json"} if method[0] == "P" else {}
                headers = {"authorization": f"Bearer {own.token}", **sent, name: value}
                got = place.guarded(method, f"/fhir/{url}", body if method[0] == "P" else None, headers)
                if name != "x-request-id":  # it is the sender's own, to find the answer by
                    silent(got, name, value, method, url)


@CHECKED
def test_nothing_in_a_body_is_told_again(own: Sender) -> None:
    definitions, refused = parts()[0], 0
    for type in types():
        names = [child.name.removesuffix("[x]") for child in definitions.children(type)]
        choices = [
            f"{child.name.removesuffix('[x]')}{of[0].upper()}{of[1:]}"
            for child in definitions.children(type)
            if child.choice
            for of in child.types[:3]
        ]
        for wrong in WRONG:
            body = minimal(definitions, type) | {name: wrong for name in (*names, *choices) if name != "resourceType"}
            refused += silent(own("POST", f"/fhir/{type}", body), type, wrong).status in (400, 422)
            silent(own("POST", f"/fhir/{type}/$validate", body), type, wrong)
    assert refused > 700


FIELDS = ("participant", "status", "period", "identifiers", "names", "codes", "planned_start", "session", "birth_date")
OFTEN = ("Patient", "Encounter", "Observation", "Consent", "Coverage", "Task", "Condition", "CareTeam", "Group")


@CHECKED
def test_nor_when_one_element_alone_is_wrong(own: Sender) -> None:
    """What is found only in what is sound otherwise: references, invariants, identities, concepts of ours."""
    definitions = parts()[0]
    for type in OFTEN:
        for child in definitions.children(type):
            for wrong in WRONG:
                body = minimal(definitions, type) | {child.name: wrong}
                if child.name not in ("resourceType", "id"):
                    silent(own("POST", f"/fhir/{type}", body), type, child.name, wrong)
                    silent(own("POST", f"/fhir/{type}/$validate?mode=create", body), type, child.name, wrong)
                    asked = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": body}]}
                    silent(own("POST", "/fhir/$to-native", asked), type, child.name, wrong)


def test_nothing_in_a_native_record_is_told_again(place: Place, own: Sender) -> None:
    refused = 0
    for name, form in forms(place.program).items():
        of = form.concept.fields if isinstance(form, RecordForm) else ()
        for wrong in WRONG:
            record = dict.fromkeys((*FIELDS, *(f.name for f in of)), wrong)
            asked = {"resourceType": "Parameters", "parameter": [{"name": "concept", "valueCode": name}]}
            asked["parameter"].append({"name": "record", "valueString": json.dumps(record)})
            got = own("POST", "/fhir/$to-fhir", asked)
            refused += got.status in (400, 422)
            silent(got, name, wrong)
    assert refused > 100


def entry(method: str, url: str, resource: Json | None = None, **more: str) -> Json:
    made: Json = {"request": {"method": method, "url": url, **more}}
    return made | ({"resource": resource} if resource else {})


def bundles() -> Iterator[Json]:
    """Bundles that are wrong somewhere."""
    patient: Json = {"resourceType": "Patient"}
    about = {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": f"Patient?identifier={WORD}"}}
    entries: tuple[Any, ...] = (
        entry("GET", WORD),
        entry("GET", f"Patient/{WORD}!"),
        entry("GET", f"Patient?birthdate={WORD}"),
        entry("GET", f"Patient?{WORD}%20x=1"),
        entry("GET", f"https://{WORD}.example/Patient"),
        entry(WORD, "Patient"),
        entry("POST", "Patient", patient, ifNoneExist=f"name={WORD}"),
        entry("POST", "Patient", patient, ifNoneExist=f"birthdate={WORD}"),
        entry("PUT", f"Patient/{WORD}", patient | {"id": WORD}),
        entry("PUT", f"Patient?identifier={WORD}", patient, ifMatch=WORD),
        entry("DELETE", f"Patient/{WORD}"),
        entry("DELETE", f"Patient?identifier={WORD}|{WORD}"),
        entry("POST", "Patient", {"resourceType": WORD}),
        entry("POST", "Basic", about),
        entry("POST", "Basic", about | {"subject": {"reference": f"urn:uuid:{WORD}"}}),
        entry("POST", "Basic", about | {"subject": {"reference": f"Patient/{WORD}"}}),
        entry("POST", "Patient", patient | {"name": WORD, "birthDate": f"{DAY}x"}),
        {**entry("POST", "Patient", patient), "fullUrl": WORD},
        {**entry("POST", "Patient", patient), WORD: WORD, "link": WORD},
        WORD,
    )
    for one in entries:
        for type in ("batch", "transaction"):
            yield {"resourceType": "Bundle", "type": type, "entry": [one]}
            yield {"resourceType": "Bundle", "type": type, "entry": [one, one]}
    yield {"resourceType": "Bundle", "type": WORD}
    yield {"resourceType": "Bundle", "type": "batch", "entry": WORD}


def without_names(told: bytes) -> bytes:
    """Of what is told, without the name of an element that R4 does not have: it must be told which."""
    return told.replace(f"R4 has no element {WORD} here".encode(), b"").replace(f".{WORD}".encode(), b"")


def test_nothing_in_a_bundle_is_told_again(own: Sender) -> None:
    for bundle in bundles():
        got = own("POST", "/fhir", bundle)
        told = b"".join(re.findall(rb'"OperationOutcome".*?\]\}', without_names(got.body)))
        assert not SENT.findall(told if got.status < 400 else without_names(got.body)), (bundle, got.body)


def patches() -> Iterator[tuple[Any, str]]:
    """Patches that are wrong somewhere, and their media type."""
    jsons: tuple[Any, ...] = (
        WORD,
        [WORD],
        [{"op": WORD, "path": WORD}],
        [{"op": "replace", "path": f"/{WORD}", "value": WORD}],
        [{"op": "test", "path": "/gender", "value": WORD}],
        [{"op": "add", "path": "/gender", "value": WORD}],
        [{"op": "add", "path": "/birthDate", "value": f"{DAY}x"}],
        [{"op": "add", "path": "/name", "value": [WORD]}],
        [{"op": "move", "from": f"/{WORD}", "path": WORD}],
        [{"op": "add", "path": "/generalPractitioner", "value": [{"reference": f"Practitioner/{WORD}"}]}],
    )
    yield from ((one, "application/json-patch+json") for one in jsons)
    for said in (
        {"type": WORD, "path": WORD},
        {"type": "add", "path": WORD, "name": WORD},
        {"type": "replace", "path": f"Patient.{WORD}", "value": WORD},
        {"type": "replace", "path": f"Patient.name.where(family = '{WORD}').family", "value": WORD},
        {"type": "delete", "path": f"Patient.name[{NUMBER}]"},
        {"type": "add", "path": "Patient", "name": "birthDate", "value": WORD},
        {"type": WORD, WORD: WORD},
    ):
        parts = [
            {"name": name, ("valueCode" if name == "type" else "valueString"): value} for name, value in said.items()
        ]
        yield (
            {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]},
            "application/fhir+json",
        )


def test_nothing_in_a_patch_is_told_again(own: Sender) -> None:
    made = own("POST", "/fhir/Patient", {"resourceType": "Patient", "gender": "other"})
    for patch, media in patches():
        for url in (f"Patient/{made.id}", f"Patient?identifier=urn:{WORD}|{WORD}"):
            silent(own("PATCH", f"/fhir/{url}", patch, **{"content-type": media}), url, patch)
        data = b64encode(json.dumps(patch).encode()).decode()
        resource = {"resourceType": "Binary", "contentType": media, "data": data}
        given = patch if media.endswith("fhir+json") else resource
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry("PATCH", f"Patient/{made.id}", given)]}
        silent(own("POST", "/fhir", bundle), bundle)


TEXTS = (
    f'{{"resourceType":"Patient","name":[{{"family":"{WORD}"',
    f'{{"resourceType":"Patient","gender":"other","gender":"{WORD}"}}',
    f'{{"resourceType":"{WORD}"}}',
    f'"{WORD}"',
    f'{{"resourceType":"Patient","birthDate":{NUMBER}e999}}',
    f'{{"resourceType":"Patient","name":[{{"family":"{WORD}\\ud800"}}]}}',
    f'<Patient xmlns="http://hl7.org/fhir"><name><family value="{WORD}"></Patient>',
    f'<Patient xmlns="http://hl7.org/fhir"><birthDate value="{DAY}x"/><gender value="{WORD}"/></Patient>',
    f'<Patient xmlns="http://hl7.org/fhir"><gender value="{WORD}" {WORD}é="{WORD}"/>{WORD}</Patient>',
    f'<Patient xmlns="urn:{WORD}"/>',
    f'<!DOCTYPE {WORD}><Patient xmlns="http://hl7.org/fhir"/>',
    WORD,
)


def test_no_text_that_cannot_be_read_is_told_again(own: Sender) -> None:
    for text in TEXTS:
        for media in (
            "application/fhir+json",
            "application/fhir+xml",
            "application/json-patch+json",
            WORD,
            f"{WORD}/x",
        ):
            for method, url in (
                ("POST", "Patient"),
                ("POST", ""),
                ("POST", "Patient/$validate"),
                ("PATCH", "Patient/1"),
            ):
                silent(own(method, f"/fhir/{url}".rstrip("/"), text.encode(), **{"content-type": media}), text, media)
    for form in (f"birthdate={WORD}", f"{WORD}%20x={WORD}", f"_sort={WORD}", f"name=%zz{WORD}", f"name={WORD}%ff"):
        silent(own("POST", "/fhir/Patient/_search", form.encode(), **FORM), form)


def test_no_input_of_an_operation_is_told_again(own: Sender, place: Place) -> None:
    officer = place.client("privacy-officer", OURS)
    for route in ROUTES:
        if route.operation is None:
            continue
        address = route.address.replace("/*", "/Patient", 1).replace("/*", "/1", 1)
        for parameter in route.operation.takes:
            for key, value in (
                ("valueString", WORD),
                ("valueUri", WORD),
                ("valueDate", f"{DAY}x"),
                ("valueCode", WORD),
            ):
                body = {"resourceType": "Parameters", "parameter": [{"name": parameter.name, key: value}]}
                for sender in (own, officer):
                    silent(sender("POST", f"/fhir{address}", body), address, body)
                    silent(sender("GET", f"/fhir{address}?{parameter.name}={quote(value)}"), address, parameter.name)


TOKENS: Mapping[str, tuple[str, ...]] = {
    "grant_type": (WORD,),
    "client_assertion_type": (WORD,),
    "client_assertion": (WORD, f"{WORD}.{WORD}.{WORD}", f"{NUMBER}.{DAY}"),
    "scope": (WORD, f"system/{WORD}.rs", f"system/Patient.rs?{WORD}={DAY}", f"system/Patient.rs?birthdate={WORD}"),
    "client_id": (WORD,),
    "code": (WORD,),
    "redirect_uri": (f"https://{WORD}.example",),
    WORD: (WORD,),
}


def test_nothing_that_is_asked_of_the_log_in_is_told_again(place: Place, own: Sender) -> None:
    for name, values in TOKENS.items():
        for value in values:
            for grant in ("client_credentials", "authorization_code", "refresh_token"):
                given = {"grant_type": grant, "client_assertion_type": TYPE, "scope": "system/Patient.rs"}
                form = urlencode(given | {name: value}).encode()
                for address in ("token", "introspect", "revoke"):
                    silent(place.guarded("POST", f"/oauth/{address}", form, FORM), address, form)
            silent(place.guarded("GET", f"/oauth/authorize?response_type=code&{name}={quote(value)}"), name, value)
    for claim in ("iss", "sub", "aud", "jti", "exp", "iat"):
        form = asking(place.program, 7_000, id=WORD, claims={claim: WORD}).said_form()
        silent(place.guarded("POST", "/oauth/token", form.encode(), FORM), claim)
