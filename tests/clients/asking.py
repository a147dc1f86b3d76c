"""FHIR requests for a fuzz, drawn from what the CapabilityStatement claims: near what is served, and beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from tests.clients.serving import ROOT

Json = dict[str, Any]
READING, WRITING = ("GET", "HEAD"), ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ANYTHING = st.text(max_size=12)
SCALAR = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), ANYTHING)
VALUES = st.recursive(SCALAR, lambda of: st.lists(of, max_size=2) | st.dictionaries(ANYTHING, of, max_size=2))
DATES = st.sampled_from(
    ["2026", "2026-03", "2026-02-30", "2026-03-02T09:00:00-05:00", "2026-03-02T25:00:00Z", "0000", "now"]
)
PREFIXES = st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap", "zz"])
BY_TYPE: Mapping[str, st.SearchStrategy[str]] = {
    "date": st.builds("{}{}".format, PREFIXES, DATES),
    "number": st.builds("{}{}".format, PREFIXES, st.sampled_from(["5", "1.10", "1e2", "-0", "x"])),
    "quantity": st.builds("{}{}".format, PREFIXES, st.sampled_from(["5", "5.4||mg", "5.4|a|b", "|", "5|"])),
    "token": st.sampled_from(["final", "a|b", "|b", "a|", "|", "true", r"a\|b", "a,b", ","]),
    "reference": st.sampled_from(["Patient/none", "none", "https://clinic.example/Patient/1", "Patient/", "#a"]),
    "composite": st.sampled_from(["a$5", "a", "$", "a$gt5$x"]),
    "uri": st.sampled_from(["urn:x:1", "https://clinic.example/x", "/"]),
    "string": st.sampled_from(["Inv", "é", "a" * 300, r"\,", "  "]),
}
SHAPING: Mapping[str, st.SearchStrategy[str]] = {
    "_count": st.sampled_from(["0", "1", "2", "1000", "-1", "x"]),
    "_sort": st.sampled_from(["_id", "-_lastUpdated", "date,-status", "none", ""]),
    "_summary": st.sampled_from(["true", "false", "count", "text", "data", "x"]),
    "_elements": st.sampled_from(["status", "id,meta", "none", ""]),
    "_total": st.sampled_from(["none", "estimate", "accurate", "x"]),
    "_format": st.sampled_from(["json", "xml", "application/fhir+xml", "text/turtle", "x"]),
    "_pretty": st.sampled_from(["true", "false", "x"]),
    "_has": st.sampled_from(["a"]),
    "_page": st.sampled_from(["", "x", "AAAA"]),
    "_since": DATES,
    "_at": DATES,
    "_type": st.sampled_from(["Patient", "Patient,Observation", "None"]),
    "mode": st.sampled_from(["full", "terminology", "x"]),
}
ACCEPTS = st.sampled_from(
    [
        "application/fhir+json",
        "application/fhir+xml",
        "*/*",
        "text/html",
        "application/fhir+json;fhirVersion=5.0",
        ";q=x",
    ]
)
KINDS = st.sampled_from(
    ["application/fhir+json"] * 4
    + ["application/fhir+xml", "application/json-patch+json", "application/x-www-form-urlencoded", "text/plain", "x"]
)
HEADERS: Mapping[str, st.SearchStrategy[str]] = {
    "Accept": ACCEPTS,
    "Prefer": st.sampled_from(["return=minimal", "return=OperationOutcome", "handling=lenient", "=;,"]),
    "If-Match": st.sampled_from(['W/"1"', '"1"', "1", "*", "x"]),
    "If-None-Match": st.sampled_from(['W/"1"', "*", "x"]),
    "If-Modified-Since": st.sampled_from(["Sun, 01 Mar 2026 00:00:00 GMT", "x"]),
    "If-None-Exist": st.sampled_from(["identifier=a|b", "identifier=a", "gender=male&_count=0", "=", "%"]),
}


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    address: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Statement:
    """The CapabilityStatement, and the ids of some records of each type."""

    def __init__(self, told: Json, known: Mapping[str, list[str]]) -> None:
        self.told, self.known = told, known

    def __repr__(self) -> str:
        return "Statement()"

    @cached_property
    def claims(self) -> dict[str, Json]:
        """What is claimed of each type."""
        return {claim["type"]: claim for claim in self.told["rest"][0]["resource"]}

    @cached_property
    def types(self) -> st.SearchStrategy[str]:
        """A type, those that have records more often; seldom one that is not served."""
        return st.one_of(
            st.sampled_from(sorted(self.known)), st.sampled_from([*self.claims, *self.claims, "Slot", "patient"])
        )

    def ids(self, type: str) -> st.SearchStrategy[str]:
        """An id that is there, is not, or is none."""
        absent = st.sampled_from(["none", "a" * 65, "..", "a b", "\0"])
        there = self.known.get(type)
        return st.one_of(*[st.sampled_from(there)] * 3, absent) if there else absent


@st.composite
def addresses(draw: st.DrawFn, statement: Statement) -> tuple[str, str]:
    """(type, path): of the base, a type, a record, a version, an operation, a compartment, or none of these."""
    type = draw(statement.types)
    id, other = draw(statement.ids(type)), draw(statement.types)
    claimed = [one["name"] for one in statement.claims.get(type, {}).get("operation", ())]
    operation = "$" + draw(st.sampled_from([*claimed, *claimed, "none"]))
    paths = [
        *[[type]] * 4,
        *[[type, id]] * 4,
        *([], ["metadata"], ["_history"], ["$to-fhir"], ["$to-native"], draw(st.lists(ANYTHING, max_size=3))),
        *(
            [type, "_history"],
            [type, id, "_history"],
            [type, id, "_history", draw(st.sampled_from(["1", "0", "x"]))],
        ),
        *(
            [type, operation],
            [type, id, operation],
            [type, "_search"],
            [type, id, other],
            [type, id, other, "_search"],
        ),
    ]
    return type, "/".join(quote(part, safe="$") for part in draw(st.sampled_from(paths)))


@st.composite
def parameters(draw: st.DrawFn, statement: Statement, type: str) -> tuple[str, str]:
    """One pair: a search parameter with a value of its type or any, one that shapes the answer, or an unknown."""
    claims = statement.claims.get(type, {})
    sort = draw(st.sampled_from(["search", "search", "search", "shape", "link", "unknown"]))
    if sort == "search" and claims.get("searchParam"):
        claim = draw(st.sampled_from(claims["searchParam"]))
        modifiers = claim.get("documentation", "").removeprefix("modifiers: ").split(", ")
        suffix = draw(
            st.sampled_from(["", "", "", *(f":{one.lstrip(':')}" for one in modifiers if one), ":x", ".name"])
        )
        return claim["name"] + suffix, draw(st.one_of(BY_TYPE.get(claim["type"], ANYTHING), ANYTHING))
    if sort == "link":
        name = draw(st.sampled_from(["_include", "_revinclude", "_include:iterate"]))
        links = claims.get("searchInclude" if name[1] == "i" else "searchRevInclude", ["*"])
        return name, draw(st.sampled_from([*links, "x", f"{type}:none"]))
    if sort == "shape":
        name = draw(st.sampled_from(sorted(SHAPING)))
        return name, draw(SHAPING[name])
    return draw(ANYTHING), draw(ANYTHING)


@st.composite
def bodies(draw: st.DrawFn, statement: Statement, type: str) -> bytes:
    """A record of a fixture with one thing changed, a Bundle of requests, a patch, or anything."""
    sort = draw(st.sampled_from(["fixture", "fixture", "fixture", "bundle", "patch", "any"]))
    if sort == "any":
        return draw(st.one_of(st.binary(max_size=40), VALUES.map(lambda value: json.dumps(value).encode())))
    if sort == "bundle":
        return json.dumps(draw(bundles(statement))).encode()
    if sort == "patch":
        operation = {"op": draw(st.sampled_from(["replace", "add", "remove", "test", "move"])), "path": "/gender"}
        return json.dumps([operation | ({"value": draw(VALUES)} if draw(st.booleans()) else {})]).encode()
    return json.dumps(draw(changed(draw(st.sampled_from(FIXTURES.get(type, ANY_FIXTURE)))))).encode()


@st.composite
def changed(draw: st.DrawFn, resource: Json) -> Json:
    """The resource as it is, or without one member, or with another value in its place."""
    made = json.loads(json.dumps(resource))
    held, change = made, draw(st.sampled_from(["none", "drop", "other", "deeper", "deeper"]))
    while change != "none" and held:
        name = draw(st.sampled_from(sorted(held))) if isinstance(held, dict) else draw(st.integers(0, len(held) - 1))
        if change == "deeper" and isinstance(held[name], dict | list) and held[name]:
            held = held[name]
            continue
        if change == "drop":
            del held[name]
        else:
            held[name] = draw(VALUES)
        break
    return made


@st.composite
def bundles(draw: st.DrawFn, statement: Statement) -> Json:
    """A batch or transaction of a few requests."""
    entries = []
    for _ in range(draw(st.integers(0, 3))):
        type, path = draw(addresses(statement))
        pairs = draw(st.lists(parameters(statement, type), max_size=1))
        request = {"method": draw(st.sampled_from([*READING, *WRITING])), "url": _with(path, pairs)}
        entry: Json = {"request": request}
        if request["method"] in ("POST", "PUT", "PATCH") or draw(st.integers(0, 9)) == 0:
            entry["resource"] = draw(changed(draw(st.sampled_from(FIXTURES.get(type, ANY_FIXTURE)))))
        entries.append(entry)
    kind = draw(st.sampled_from(["batch", "transaction", "collection"]))
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


@st.composite
def requests(draw: st.DrawFn, statement: Statement, methods: tuple[str, ...]) -> Sent:
    """One request by one of the methods."""
    method = draw(st.sampled_from(methods))
    type, path = draw(addresses(statement))
    most = 3 if method in READING else 1
    pairs = draw(st.lists(parameters(statement, type), max_size=most))
    headers = draw(st.fixed_dictionaries({}, optional=dict(HEADERS))) if draw(st.booleans()) else {}
    body = None
    if method in WRITING and method != "OPTIONS":
        headers["Content-Type"] = draw(KINDS)
        form = headers["Content-Type"].startswith("application/x-www")
        body = urlencode(pairs).encode("ascii", "replace") if form else draw(bodies(statement, type))
    return Sent(method, _with(path, pairs), headers, body)


@st.composite
def writes(draw: st.DrawFn, statement: Statement) -> Sent:
    """A write as a client would do it: a fixture that may have one thing changed, a deletion, or a Bundle."""
    method, type = draw(st.sampled_from(["POST", "PUT", "DELETE", "Bundle"])), draw(st.sampled_from(sorted(FIXTURES)))
    if method == "DELETE":
        return Sent(method, f"{type}/{quote(draw(statement.ids(type)), safe='')}", {})
    headers = {"Content-Type": "application/fhir+json"}
    if method == "Bundle":
        return Sent("POST", "", headers, json.dumps(draw(bundles(statement))).encode())
    fixture = draw(st.sampled_from(FIXTURES[type]))
    address = type if method == "POST" else f"{type}/{fixture['id']}"
    return Sent(method, address, headers, json.dumps(draw(changed(fixture))).encode())


def _with(path: str, pairs: list[tuple[str, str]]) -> str:
    return path + (f"?{urlencode(pairs, errors='replace')}" if pairs else "")


FIXTURES: dict[str, list[Json]] = {}
for _path in sorted(ROOT.glob("fixtures/*/*/fhir.json")):
    _read = json.loads(_path.read_text("utf-8"))
    if isinstance(_read, dict) and "resourceType" in _read:
        FIXTURES.setdefault(_read["resourceType"], []).append(_read)
ANY_FIXTURE = FIXTURES["Patient"]
