"""What a rendering keeps of a resource is what its file names, at every depth, and never more."""

from __future__ import annotations

import os
import random
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.consent.labels import ACT_CODE, CONFIDENTIALITY, Labeller, Origin
from adapter.consent.policy import NAMED, RENDERING
from adapter.consent.renderings import Rendering, load_renderings
from adapter.fhir.elements import Definitions
from adapter.fhir.json import parse
from adapter.mapping.load import Maps
from adapter.mapping.slices import Extension
from adapter.problems import Problem
from adapter.rules import SCOPE

ROOT = Path(__file__).resolve().parents[2]
SAID = tomllib.loads((ROOT / "mappings" / "release" / "payment.toml").read_text("utf-8"))
TYPES = [name for name in SAID if name not in ("number", "kinds", "datatypes")]
RESOURCES = {"quick": 300, "ci": 1_000, "full": 10_000}[os.environ.get("TEST_PROOF", "quick")]
CANARY = "canary"
DEEP = 6
CATEGORIES = "http://terminology.hl7.org/CodeSystem/condition-category"
CODED = {"encounter_diagnosis": {"system": CATEGORIES, "code": "encounter-diagnosis"}}


@pytest.fixture(scope="module")
def payment(maps: Maps) -> Rendering:
    found, _ = load_renderings(ROOT / "mappings" / "release", maps, lambda resource, outside: 1)
    return found


@pytest.fixture(scope="module")
def scope(maps: Maps) -> Rendering:
    _, found = load_renderings(ROOT / "mappings" / "release", maps, lambda resource, outside: 1)
    return found


class Filler:
    """Objects with every element that R4 gives them, and every extension that the maps know; texts are canaries."""

    def __init__(self, definitions: Definitions, extensions: list[Extension]) -> None:
        self._definitions, self._extensions = definitions, extensions

    def resource(self, type: str) -> dict[str, Any]:
        return {"resourceType": type, "id": "r"} | self.whole(type, 0)

    def whole(self, at: str, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"extension": self._extended(depth)}
        for child in self._definitions.children(at):
            kinds = child.types if child.choice else (None,)
            if child.name in ("id", "meta", "extension", "modifierExtension", "contained", "url"):
                continue
            for kind in kinds:
                name = child.name[:-3] + kind[0].upper() + kind[1:] if kind else child.name
                content = kind or child.content or ""
                value = self._value(name, content, depth)
                made[name] = [value, value] if child.many else value
        return made

    def _value(self, name: str, content: str, depth: int) -> Any:
        if name == "reference":
            return f"Organization/{CANARY}"
        if content[:1].islower() or depth > DEEP or content in ("Resource", "Narrative", "xhtml"):
            return CANARY if depth <= DEEP else {}
        return self.whole(content, depth + 1)

    def _extended(self, depth: int) -> list[dict[str, Any]]:
        if depth > 2:
            return [{"url": "urn:other", "valueString": CANARY}]
        leaves = [
            {"url": one.url, one.key: self._value("", one.value, DEEP - 1), "id": CANARY}
            for one in self._extensions
            if one.key and one.value
        ]
        groups = [{"url": one.url, "extension": leaves, "id": CANARY} for one in self._extensions if not one.key]
        return [*leaves, *groups, {"url": "urn:other", "valueString": CANARY}]


@pytest.fixture(scope="module")
def full(maps: Maps) -> dict[str, dict[str, Any]]:
    filler = Filler(maps.definitions, list(maps.extensions.values()))
    return {type: shared_with_none(type, filler.resource(type)) for type in TYPES}


def shared_with_none(type: str, resource: dict[str, Any]) -> dict[str, Any]:
    """Of one payer alone, so that a rendering of it is made."""
    for name in SAID[type].get("single", ()):
        resource[name] = resource[name][:1]
    for name, flag in SAID[type].get("only", {}).items():
        resource[name] = [one | {flag: True} for one in resource[name]]
    for name, wanted in SAID[type].get("within", {}).items():
        resource[name] = [{**one, "coding": [CODED[wanted["is"]]]} for one in resource[name]]
    return resource


def paths(value: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The place of every member of an object; an extension is a place by its URL."""
    found = set()
    for name, member in value.items():
        for one in member if isinstance(member, list) else [member]:
            step = f"ext({one['url']})" if name == "extension" else name
            found.add((*path, step))
            if isinstance(one, dict):
                found |= paths(one, (*path, step))
    return found


class Allowed:
    """The file read otherwise than the program reads it: whether a place is named, or is in what is kept of a type."""

    def __init__(self, maps: Maps) -> None:
        self._maps = maps
        self._urls = {one.url: name for name, one in maps.extensions.items()}

    def place(self, type: str, path: tuple[str, ...]) -> bool:
        named = [tuple(re.findall(r"ext\(\w+\)|\w+", said)) for said in SAID[type]["elements"]]
        ours = tuple(f"ext({self._urls[step[4:-1]]})" if step.startswith("ext(") else step for step in path)
        whole = ours[:-1] if ours[-1] == "url" else ours
        if any(whole == said[: len(whole)] for said in named):
            return True
        return any(ours[: len(said)] == said and self._inside(type, said, ours[len(said) :]) for said in named)

    def _inside(self, type: str, said: tuple[str, ...], rest: tuple[str, ...]) -> bool:
        if said[-1].startswith("ext("):
            known = self._maps.extensions[said[-1][4:-1]]
            return rest[0] in ("url", known.key) and self._kept(known.value or "", rest[1:])
        element = self._maps.definitions.element(".".join((type, *said)))
        return self._kept(element.content if element and element.content else "", rest)

    def _kept(self, datatype: str, rest: tuple[str, ...]) -> bool:
        """Whether what is kept of a data type has this; of a group in one, everything but extensions and ids."""
        if not rest:
            return True
        names = SAID["datatypes"].get(datatype)
        if names is None and "." not in datatype:
            return False
        if (names is not None and rest[0] not in names) or rest[0] in ("id", "extension") or "(" in rest[0]:
            return False
        element = self._maps.definitions.element(f"{datatype}.{rest[0]}")
        return self._kept(element.content if element and element.content else "", rest[1:])


def seen(rendering: Rendering, type: str, resource: dict[str, Any]) -> dict[str, Any] | None:
    shown = rendering.of(type, resource)
    return None if shown is None else dict(shown.resource)


def stray(payment: Rendering, allowed: Allowed, type: str, resource: dict[str, Any]) -> list[tuple[str, ...]]:
    shown = seen(payment, type, resource)
    if shown is None:
        return []
    assert (shown.pop("resourceType"), shown.pop("id")) == (type, "r")
    shown.pop("meta")
    return [path for path in paths(shown) if not allowed.place(type, path)]


@pytest.mark.parametrize("type", TYPES)
def test_of_a_resource_with_everything_what_is_named_is_left(
    type: str, payment: Rendering, maps: Maps, full: dict[str, dict[str, Any]]
) -> None:
    shown = seen(payment, type, full[type])
    assert shown is not None
    assert stray(payment, Allowed(maps), type, full[type]) == []
    named = {said.partition(".")[0] for said in SAID[type]["elements"] if not said.startswith("ext(")}
    assert named <= shown.keys()
    lost = {said for said in SAID[type]["elements"] if said.startswith("ext(")}
    assert len(lost) == 0 or len(shown["extension"]) >= len(lost)


def thinned(value: Any, choose: st.DataObject) -> Any:
    """A part of a value: some of what it has."""
    if isinstance(value, list):
        return [thinned(one, choose) for one in value[: choose.draw(st.integers(1, 2))]]
    if not isinstance(value, dict):
        return value
    names = sorted(value)
    kept = choose.draw(st.integers(0, (1 << len(names)) - 1)) if names else 0
    return {name: thinned(value[name], choose) for n, name in enumerate(names) if kept >> n & 1 or name == "url"}


@settings(max_examples=RESOURCES, deadline=None)
@given(type=st.sampled_from(TYPES), choose=st.data())
def test_of_any_part_of_it_no_more_is_left(
    type: str, choose: st.DataObject, payment: Rendering, maps: Maps, full: dict[str, dict[str, Any]]
) -> None:
    some = {name: thinned(value, choose) for name, value in full[type].items() if choose.draw(st.booleans())}
    resource = some | {"resourceType": type, "id": "r"}
    assert stray(payment, Allowed(maps), type, resource) == []
    again = seen(payment, type, resource)
    if again is not None:
        assert seen(payment, type, again) == again


def test_a_clause_that_is_kept_whole_is_found(payment: Rendering, maps: Maps, full: dict[str, dict[str, Any]]) -> None:
    """The check bites: with one more element in what is left, it is told of."""
    shown = seen(payment, "Encounter", full["Encounter"])
    assert shown is not None
    assert not Allowed(maps).place("Encounter", ("reasonCode",))
    assert not Allowed(maps).place("Encounter", ("subject", "display"))
    assert not Allowed(maps).place("Encounter", ("type", "text"))
    assert Allowed(maps).place("Encounter", ("type", "coding", "code"))


@pytest.fixture(scope="module", params=["part2", "hipaa"])
def labelling(request: pytest.FixtureRequest, maps: Maps) -> tuple[Labeller, Rendering]:
    """The labels of a program of this posture, and what its payers see."""
    labeller = Labeller(Origin(request.param), maps.sensitive)

    def told(resource: dict[str, Any], outside: bool) -> int:
        return labeller.labels(resource).told(outside=outside)

    made, _ = load_renderings(ROOT / "mappings" / "release", maps, told)
    return labeller, made


FIXTURES = sorted(path for path in ROOT.glob("fixtures/*/*/fhir.json") if path.read_bytes()[:1] == b"{")
SAID_OF = [
    *(((ACT_CODE, code)) for code in ("HIV", "PSYTHPN", "STD", "NORDSCLCD")),
    *((CONFIDENTIALITY, code) for code in "NRV"),
    *(("http://hl7.org/fhir/sid/icd-10-cm", "F10.20"), ("urn:somebody", "secret")),
]


def codings(value: Any) -> list[Any]:
    """Every list of codes in a resource."""
    found = [value["coding"]] if isinstance(value, dict) and "coding" in value else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*found, *(one for member in inner for one in codings(member))]


@pytest.mark.parametrize("seed", range(RESOURCES // 10))
def test_what_a_rendering_tells_of_is_what_its_text_tells_whatever_is_known_of_the_whole(
    seed: int, labelling: tuple[Labeller, Rendering]
) -> None:
    """Neither from the sensitivities of the whole nor from what is remembered does it come otherwise."""
    (labeller, rendering), chance = labelling, random.Random(seed)
    for path in chance.sample(FIXTURES, 30):
        resource = parse(path.read_bytes())
        said = [{"system": system, "code": code} for system, code in chance.sample(SAID_OF, chance.randrange(3))]
        if chance.random() < 0.5:
            resource["meta"] = {"security": said}
        elif lists := codings(resource):
            chance.choice(lists).extend(said)
        known = labeller.labels(resource, ["own"]).own
        shown = rendering.of(resource["resourceType"], resource, known)
        assert shown == rendering.of(resource["resourceType"], resource)
        if shown is not None and shown.labels is not None:
            assert shown.labels.own == labeller.labels(shown.resource).own, path


def test_a_modifier_extension_leaves_nothing(payment: Rendering, full: dict[str, dict[str, Any]]) -> None:
    assert payment.of("Encounter", full["Encounter"] | {"modifierExtension": [{"url": "urn:not"}]}) is None


def diagnosis(**more: Any) -> dict[str, Any]:
    listed = [{"coding": [CODED["encounter_diagnosis"]]}, {"coding": [{"system": CATEGORIES, "code": "other"}]}]
    code = {"coding": [{"system": "urn:codes", "code": "1", "display": CANARY}], "text": CANARY}
    who = {"reference": "Patient/p"}
    return {"resourceType": "Condition", "id": "r", "subject": who, "category": listed, "code": code} | more


def test_a_diagnosis_is_shown_as_one_of_an_encounter_by_its_code_or_not_at_all(payment: Rendering) -> None:
    shown = seen(payment, "Condition", diagnosis(note=[{"text": CANARY}]))
    assert shown is not None
    assert shown.keys() == {"resourceType", "id", "meta", "subject", "category", "code"}
    assert shown["category"] == diagnosis()["category"][:1]
    assert CANARY not in str(shown)
    for words in ({"text": "said"}, {"coding": [{"display": "said"}]}, {"coding": [{"code": "1"}]}, {}):
        assert seen(payment, "Condition", diagnosis(code=words)) is None
    assert seen(payment, "Condition", diagnosis(category=diagnosis()["category"][1:])) is None
    assert seen(payment, "Condition", diagnosis(category=[])) is None


CONSENT = {
    "resourceType": "Consent",
    "id": "r",
    "status": "active",
    "scope": {"coding": [{"system": "urn:scope", "code": "patient-privacy"}]},
    "category": [{"coding": [{"system": "urn:category", "code": "INFAO"}], "text": CANARY}],
    "patient": {"reference": "Patient/p", "display": CANARY},
    "dateTime": "2026-02-01",
    "performer": [{"reference": f"RelatedPerson/{CANARY}"}],
    "organization": [{"reference": f"Organization/{CANARY}"}],
    "sourceReference": {"reference": f"DocumentReference/{CANARY}"},
    "policyRule": {"coding": [{"code": "OPTIN", "display": CANARY}]},
    "verification": [{"verified": True, "verificationDate": CANARY}],
    "identifier": [{"value": CANARY}],
    "text": {"status": "generated", "div": CANARY},
}
PROVISION = {
    "type": "permit",
    "period": {"end": "2026-12-31"},
    "actor": [{"role": {"text": CANARY}, "reference": {"reference": f"Organization/{CANARY}"}}],
    "purpose": [{"system": "urn:purpose", "code": "TREAT", "display": CANARY}],
    "class": [{"system": "urn:type", "code": "Encounter"}],
    "provision": [{"type": "deny", "securityLabel": [{"code": CANARY}]}],
    "extension": [{"url": "urn:words", "valueString": CANARY}],
}


def test_of_a_consent_its_scope_is_left_and_nobody_is_named(scope: Rendering) -> None:
    shown = seen(scope, "Consent", CONSENT | {"provision": PROVISION})
    assert shown is not None
    assert CANARY not in str(shown)
    head = {"resourceType", "id", "meta", "status", "scope", "category", "patient"}
    assert shown.keys() == {*head, "dateTime", "policyRule", "provision"}
    assert shown["provision"].keys() == {"type", "period", "purpose", "class"}


def test_a_consent_that_would_read_wider_by_its_scope_has_none(scope: Rendering) -> None:
    for more in ({"data": [{"meaning": "instance"}]}, {"code": [{"text": "these"}]}):
        assert seen(scope, "Consent", CONSENT | {"provision": PROVISION | more}) is None
    assert seen(scope, "Consent", CONSENT | {"policyRule": {"text": "in words"}}) is None
    assert seen(scope, "Consent", {name: said for name, said in CONSENT.items() if name != "policyRule"}) is None


def test_those_who_see_records_by_a_rendering_are_those_of_its_file(payment: Rendering, scope: Rendering) -> None:
    assert dict.fromkeys(payment.kinds, payment.number) == RENDERING
    assert (scope.kinds, scope.number) == (NAMED, SCOPE)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('[Nowhere]\nelements = ["status"]', "'Nowhere' is no resource type"),
        ('[Goal]\nelements = ["lifecycleStatus", "nothing"]', "Goal has no element 'nothing' that can be kept"),
        ('[Goal]\nelements = ["description"]', "lifecycleStatus changes what the rest of a Goal means"),
        ('[Goal]\nelements = ["lifecycleStatus", "note"]', "what is kept of a Annotation is not said in [datatypes]"),
        ('[Goal]\nelements = ["lifecycleStatus", "ext(nothing)"]', "ext(nothing) is not declared so"),
        ('[Goal]\nelements = ["lifecycleStatus"]\nsearch = ["nothing"]', "Goal has no search parameter 'nothing'"),
        ('[Goal]\nelements = ["lifecycleStatus"]\naddressee = "subject"', "'subject' is not among the elements"),
        ('[Goal]\nkeeps = ["lifecycleStatus"]', "unknown key 'keeps'"),
        ('[Goal]\nelements = ["lifecycleStatus"]\nvoid = { status = "x" }', "void says a status and an identifier"),
        ('[Goal]\nelements = ["lifecycleStatus"]\ncoded = ["category"]', "'category' is not among the elements"),
        (
            '[Goal]\nelements = ["lifecycleStatus", "category"]\nwithin = { category = { table = "x", is = "y" } }',
            "'category' names no row of a table",
        ),
    ],
)
def test_a_file_that_says_what_is_not_is_refused_by_line(line: str, reason: str, maps: Maps, tmp_path: Path) -> None:
    told = (ROOT / "mappings" / "release" / "payment.toml").read_text("utf-8") + f"\n{line}\n"
    (tmp_path / "payment.toml").write_text(told)
    (tmp_path / "scope.toml").write_text((ROOT / "mappings" / "release" / "scope.toml").read_text("utf-8"))
    with pytest.raises(Problem) as refused:
        load_renderings(tmp_path, maps, lambda resource, outside: 1)
    assert reason in str([issue.message for issue in refused.value.issues])
    assert "release/payment.toml:" in str(refused.value.issues)
