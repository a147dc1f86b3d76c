"""What bounds a request: each limit of the settings holds at every door, and no input leaves memory behind."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FULL
from tests.doors.people import created, path, patient
from tests.doors.serving import Client, client_of, opened
from tests.doors.test_bad_input import MAKE

Json = dict[str, Any]
Request = tuple[str, str, bytes | None, dict[str, str]]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NDJSON = {"Content-Type": "application/x-ndjson"}
PATCH = {"Content-Type": "application/json-patch+json"}
XML = {"Content-Type": "application/fhir+xml"}
JSON = {"Content-Type": "application/json"}


def nested(levels: int) -> Json:
    """An extension that makes a resource of so many levels."""
    made: Json = {"url": "https://clinic.example/x", "valueCode": "x"}
    for _ in range((levels - 3) // 2):
        made = {"url": "https://clinic.example/x", "extension": [made]}
    return made


def test_the_nesting_that_is_taken_is_a_setting_and_holds_at_every_door(tmp_path: Path) -> None:
    with opened(tmp_path, depth_limit=20) as program, client_of(program) as client:
        id = created(client, patient(extension=[nested(19)])).id
        deep = patient(id=id, extension=[nested(25)])
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": deep}]}
        xml = b'<Patient xmlns="http://hl7.org/fhir">' + _xml(12) + b"</Patient>"
        lists: Any = [[]]
        for _ in range(25):
            lists = [lists]
        requests: dict[str, Request] = {
            "create": ("POST", "/fhir/Patient", _body(deep), {}),
            "create of XML": ("POST", "/fhir/Patient", xml, XML),
            "update": ("PUT", f"/fhir/Patient/{id}", _body(deep), {}),
            "transaction": ("POST", "/fhir", _body(bundle), {}),
            "operation": ("POST", "/fhir/Patient/$validate", _body(deep), {}),
            "patch": ("PATCH", f"/fhir/Patient/{id}", _body([{"op": "add", "path": "/x", "value": lists}]), PATCH),
            "record": ("POST", "/iop/participant", _body({"names": lists}), JSON),
            "conversion": ("POST", "/fhir/$to-fhir?concept=participant", _body({"names": lists}), JSON),
        }
        for name, (method, url, body, headers) in requests.items():
            got = client(method, url, body, headers)
            assert (got.status, got.codes) == (400, ["structure"]), name
            assert "deeper than 20 levels" in got.json["issue"][0]["details"]["text"], name
        line = client("POST", "/iop/$import", _body({"concept": "participant", "names": lists}), NDJSON)
        assert line.json["outcome"] == "refused"
        grown = [{"op": "copy", "from": "/extension/0", "path": "/extension/0/extension/0/extension/-"}]
        assert client("PATCH", f"/fhir/Patient/{id}", _body(grown), PATCH).codes == ["too-long"]
        assert client("GET", f"/fhir/Patient/{id}").headers["etag"] == 'W/"1"'


def _body(value: Any) -> bytes:
    return json.dumps(value).encode()


def _xml(levels: int) -> bytes:
    opened, closed = b'<extension url="urn:x">', b"</extension>"
    return opened * levels + b'<valueCode value="x"/>' + closed * levels


@pytest.mark.parametrize(("door", "known"), [("/fhir/Patient", 400), ("/iop/participant", 400), ("/nothing", 404)])
def test_the_length_of_an_address_is_a_setting_and_counts_what_was_sent(door: str, known: int, tmp_path: Path) -> None:
    with opened(tmp_path, url_limit=1024) as program, client_of(program) as client:
        longest = f"{door}?x={'a' * (1024 - len(door) - len('?x='))}"
        assert client("GET", longest).status == known
        over = client("GET", f"{longest}a")
        assert (over.status, over.codes) == (414, ["too-long"])
        head = client("HEAD", f"{longest}a")
        assert (head.status, head.body) == (414, b"")


def test_a_search_whose_next_page_no_address_could_name_is_refused(client: Client) -> None:
    for _ in range(2):
        created(client, patient())
    for values, status in ((20, 200), (100, 400)):
        other = ",".join(f"{n}{'a' * 100}" for n in range(values))
        got = client("POST", "/fhir/Patient/_search", f"_count=1&identifier:not={other}".encode(), FORM)
        assert got.status == status
        if status == 200:
            following = [link["url"] for link in got.json["link"] if link["relation"] == "next"]
            assert client("GET", path(following[0])).status == 200
        else:
            assert got.codes == ["too-costly"]
        # All on one page need no link.
        whole = client("POST", "/fhir/Patient/_search", f"_count=2&identifier:not={other}".encode(), FORM)
        assert (whole.status, len(whole.json["entry"])) == (200, 2)


def test_what_is_told_of_a_long_parameter_is_short(client: Client) -> None:
    for form in (b"a" * 200_000 + b"=1", b"birthdate=" + b"a" * 200_000, b"_sort=" + b"a" * 200_000):
        got = client("POST", "/fhir/Patient/_search", form, FORM)
        assert got.status == 400
        assert len(got.body) < 8_000


LONG = 200_000


def shaped(number: int) -> bytes:
    """A search of many alternatives, so many of each parameter as no search before had."""
    counts = [1 + (number * prime + number // 97) % 97 for prime in (3, 5, 7, 11, 13, 17, 19, 23)]
    return "&".join(
        f"identifier={','.join(f'urn:{n}%7C{at}' for n in range(count))}" for at, count in enumerate(counts)
    ).encode()


REPEATED: dict[str, Callable[[int], Request]] = {
    "a name that is searched": lambda n: ("POST", "/fhir/Patient/_search", b"name=%d" % n + b"a" * LONG, FORM),
    "a system that is searched": lambda n: (
        "POST",
        "/fhir/Patient/_search",
        b"identifier=%d" % n + b"a" * LONG + b"%7C1",
        FORM,
    ),
    "searches that are never alike": lambda n: ("POST", "/fhir/Patient/_search", shaped(n), FORM),
    "an unknown parameter": lambda n: ("POST", "/fhir/Patient/_search", b"%d" % n + b"a" * LONG + b"=1", FORM),
    "other headers": lambda n: ("GET", "/fhir/Patient/x", None, {"Accept": f"text/{n}{'a' * 15_000}"}),
    "a page link of nobody": lambda n: ("GET", f"/fhir/Patient?_page={n}{'A' * 8_000}", None, {}),
    "a name and a system to validate": lambda n: (
        "POST",
        "/fhir/Patient/$validate?mode=create",
        _body(
            patient(name=[{"family": f"{n}" + "a" * LONG}], identifier=[{"system": f"urn:{n}" + "a" * LONG}]),
        ),
        {},
    ),
    "a million members": lambda n: ("POST", "/fhir/Patient", MAKE["million"](), {}),
    "a Bundle of too many entries": lambda n: ("POST", "/fhir", MAKE["many_entries"](), {}),
    "deep JSON": lambda n: ("POST", "/fhir/Patient", MAKE["deep_objects"](), {}),
    "deep XML": lambda n: ("POST", "/fhir/Patient", MAKE["xml_deep"](), XML),
    "crowded XML": lambda n: ("POST", "/fhir/Patient", MAKE["xml_attributes"](), XML),
    "a body too long": lambda n: ("POST", "/fhir/Patient", MAKE["twenty_megabytes"](), {}),
}
ANSWERED = {"a system that is searched", "searches that are never alike", "a name and a system to validate"}
STORED, STORELESS = {"a name that is searched", *ANSWERED}, pytest.mark.storeless
WARM, TIMES, ROUNDS, GROWTH = 10, 200 if FULL else 100, 3, (32 if FULL else 16) << 20
# What takes longest is sent less often: all that it brings would still be more than may stay.
FEWER = {} if FULL else {"a million members": 20, "crowded XML": 40, "a body too long": 10}


def resident() -> int:
    """Bytes of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the memory of a process is read as Linux tells it")
@pytest.mark.parametrize("input", [pytest.param(name, marks=[] if name in STORED else STORELESS) for name in REPEATED])
def test_no_input_leaves_memory_behind(input: str, client: Client) -> None:
    make = REPEATED[input]
    for number in range(WARM):
        assert (client(*make(number)).status == 200) is (input in ANSWERED)
    times, grown = FEWER.get(input, TIMES), list[int]()
    # What a process comes to hold once, it holds; what each request leaves behind grows every time.
    while len(grown) < ROUNDS and (not grown or grown[-1] >= GROWTH):
        gc.collect()
        before = resident()
        for number in range(times):
            client(*make(WARM + len(grown) * times + number))
        gc.collect()
        grown.append(resident() - before)
    assert grown[-1] < GROWTH, grown
