"""The searches that US Core 6.1.0 requires and recommends, over its own examples: what is found, and nothing else.

The requests are made from the guide's CapabilityStatement and SearchParameters; what they must find is worked out by
rules of R4 written a second time (`us_core_oracle`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import FULL, ROOT
from tests.doors import us_core_package
from tests.doors.serving import BASE, Got, client_of, opened
from tests.doors.us_core_held import Held, copied
from tests.doors.us_core_oracle import Dates, string_matches, token_matches, values
from tests.doors.us_core_package import PACKAGE, Package, Parameter
from tests.doors.us_core_questions import Examiner, spread

Json = dict[str, Any]
FILE = Path(os.environ.get("TEST_SHARED_DATA", ROOT.parent / "shared" / "data")) / PACKAGE
GUIDE = us_core_package.read(FILE) if FILE.is_file() else Package({}, ())
SEARCHES = [(type, search) for type, wanted in GUIDE.wanted.items() for search in wanted.searches]
INCLUDES = [(type, include) for type, wanted in GUIDE.wanted.items() for include in wanted.includes]
REVERSE = [(type, include) for type, wanted in GUIDE.wanted.items() for include in wanted.reverse]
CHAINS = [
    (type, parameter.code, rest)
    for type, wanted in GUIDE.wanted.items()
    for parameter in wanted.parameters.values()
    for rest in parameter.chains
]
MOST = 100_000 if FULL else 40
"""Requests of one search; the nightly run takes them all."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# What is followed by R4's own parameters, which the guide does not define again.
LINKS = {
    "CareTeam:participant": "CareTeam.participant.member",
    "MedicationDispense:medication": "MedicationDispense.medication",
    "MedicationRequest:medication": "MedicationRequest.medication",
    "PractitionerRole:endpoint": "PractitionerRole.endpoint",
    "PractitionerRole:practitioner": "PractitionerRole.practitioner",
}

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"{FILE} is not there")


def named(value: str | tuple[str, ...]) -> str:
    """What a test of this is called."""
    return value if isinstance(value, str) else "+".join(value)


def linked(type: str, path: str) -> Parameter:
    """A reference as R4 defines it."""
    return Parameter(type, path, "reference", path, (), (), any_of=False, all_of=False)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """The examples, as far as the door lets them in, and of each type one more; what they point to may be missing."""
    with opened(tmp_path_factory.mktemp("us-core"), references="pending") as program, client_of(program) as client:
        made = Held(client)
        firsts = {one["resourceType"]: one for one in reversed(GUIDE.examples)}
        made.send([*GUIDE.examples])
        made.send([*map(copied, firsts.values())])
        yield made


def found(got: Got, mode: str = "match") -> list[Json]:
    """The resources of a searchset."""
    assert got.status == 200, got.body
    return [one["resource"] for one in got.json.get("entry", ()) if one["search"]["mode"] == mode]


def test_every_example_is_let_in(held: Held) -> None:
    assert {name: got.body for name, got in held.refused.items()} == {}


@pytest.mark.parametrize("type", GUIDE.wanted)
def test_what_is_expected_of_a_type_is_claimed(type: str, held: Held) -> None:
    wanted = GUIDE.wanted[type]
    claims = {one["type"]: one for one in held.client("GET", "/fhir/metadata").json["rest"][0]["resource"]}[type]
    assert {*wanted.interactions} <= {one["code"] for one in claims["interaction"]}
    assert wanted.parameters.keys() <= {one["name"] for one in claims.get("searchParam", ())} | {"_id"}
    includes, reverse = (claims.get(name, ()) for name in ("searchInclude", "searchRevInclude"))
    assert {":".join(one.split(":")[:2]) for one in wanted.includes} <= {*includes}
    assert {*wanted.reverse} <= {*reverse}


@pytest.mark.parametrize(("type", "search"), SEARCHES, ids=named)
def test_a_search_finds_what_it_must_and_nothing_else(type: str, search: tuple[str, ...], held: Held) -> None:
    dates = Dates(ZoneInfo("America/New_York"))
    examiner = Examiner(GUIDE.wanted[type], held.records[type], BASE, dates)
    hits = set()
    for number, question in enumerate(spread(examiner.questions(search), MOST)):
        query = urlencode([*question, ("_count", "200")])
        got = held.client("GET", f"/fhir/{type}?{query}")
        expected = examiner.expected(question)
        assert sorted(one["id"] for one in found(got)) == sorted(expected), question
        hits.add(bool(expected))
        if number == 0:
            assert held.client("POST", f"/fhir/{type}/_search", query.encode(), FORM).body == got.body
    assert hits == {True, False}


@pytest.mark.parametrize(("type", "code", "rest"), CHAINS)
def test_a_search_follows_a_reference(type: str, code: str, rest: str, held: Held) -> None:
    parameter = GUIDE.wanted[type].parameters[code]
    [target] = {
        one.said["reference"].split("/")[0] for r in held.records[type].values() for one in values(r, parameter)
    }
    other = GUIDE.wanted[target].parameters[rest]
    examiner = Examiner(GUIDE.wanted[target], held.records[target], BASE, Dates(ZoneInfo("America/New_York")))
    hits = set()
    for ((_, asked),) in examiner.questions((rest,)):
        match = token_matches if other.kind == "token" else string_matches
        ids = {
            id
            for id, one in held.records[target].items()
            if any(match(value, asked.replace(r"\,", ",")) for value in values(one, other))
        }
        expected = {
            id
            for id, record in held.records[type].items()
            if any(one.said["reference"] in {f"{target}/{known}" for known in ids} for one in values(record, parameter))
        }
        got = held.client("GET", f"/fhir/{type}?{urlencode({f'{code}.{rest}': asked})}")
        assert {one["id"] for one in found(got)} == expected, asked
        hits.add(bool(expected))
    assert hits == {True, False}


@pytest.mark.parametrize(("type", "include"), INCLUDES)
def test_what_is_referred_to_goes_along(type: str, include: str, held: Held) -> None:
    path, target = ":".join(include.split(":")[:2]), "".join(include.split(":")[2:])
    held_here = {other: records for other, records in held.records.items() if target in ("", other)}
    known = {f"{other}/{id}" for other, records in held_here.items() for id in records}
    expected = {
        one.said["reference"]
        for record in held.records[type].values()
        for one in values(record, linked(type, LINKS[path]))
        if one.said.get("reference") in known
    }
    got = held.client("GET", f"/fhir/{type}?_count=200&_include={include}")
    assert {f"{one['resourceType']}/{one['id']}" for one in found(got, "include")} == expected
    assert len(found(got)) == len(held.records[type])
    assert expected


@pytest.mark.parametrize(("type", "include"), REVERSE)
def test_what_refers_to_it_goes_along(type: str, include: str, held: Held) -> None:
    source, _, code = include.partition(":")
    first, *_, last = held.records[type]
    made = {held.provenance(f"{type}/{id}") for id in (first, last)}
    got = held.client("GET", f"/fhir/{type}?_id={first},{last}&_revinclude={include}")
    expected = {
        id
        for id, record in held.records[source].items()
        for one in values(record, linked(source, f"{source}.{code}"))
        if one.said["reference"] in (f"{type}/{first}", f"{type}/{last}")
    }
    assert made <= expected
    assert {one["id"] for one in found(got, "include")} == expected
    assert {one["id"] for one in found(got)} == {first, last}
