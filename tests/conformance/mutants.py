"""Fixtures with one fault each: what a validator is for.

Each kind of fault is a function that changes a copy of a resource and names the place, or answers None where the
resource has no place for it.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import cycle
from typing import Any, NamedTuple

from adapter.fhir.elements import Definitions, Element
from adapter.fhir.json import dump, parse
from tests.conformance.filters import Subject
from tests.conformance.subjects import ROOT, SEED, definitions, fixtures

Resource = dict[str, Any]
EACH, INVARIANTS = 40, 120
"""How many mutants of a kind, and of the one that has many rules."""
NO_SUCH_CODE = "no-such-code"
DATES = ("2026-13-01", "2026-02-30", "yesterday", "26-01-01", "2026-01-01T10:00:00")
STRANGERS = ("Substance", "Slot", "Library", "Media")
BRANCHES = {"string": "x", "boolean": True, "dateTime": "2026-01-01", "integer": 1, "Period": {"start": "2026-01-01"}}
PRIMITIVES = {"uri": "with a blank", "positiveInt": 0, "unsignedInt": -1, "base64Binary": "@@@", "string": "a\u0001b"}


class Place(NamedTuple):
    """An element of a resource: what holds it, its JSON name, its definition, and that of what holds it."""

    holder: Resource
    name: str
    element: Element
    home: str

    @property
    def values(self) -> list[Any]:
        found = self.holder[self.name]
        return found if isinstance(found, list) else [found]

    def put(self, value: Any) -> str:
        """Say this instead, of the first where there are several."""
        if isinstance(self.holder[self.name], list):
            self.holder[self.name][0] = value
        else:
            self.holder[self.name] = value
        return self.element.path


class Mutable:
    """A copy of a resource, with all its places in an order of its own."""

    def __init__(self, resource: Resource, chance: random.Random, known: Definitions) -> None:
        self.resource: Resource = copy.deepcopy(resource)
        self.chance, self.known = chance, known
        self.places = list(self._walk(self.resource, resource["resourceType"]))
        chance.shuffle(self.places)

    def _walk(self, holder: Resource, home: str) -> Iterator[Place]:
        for name in list(holder):
            element = self.known.element(f"{home}.{name}")
            if element is None or name == "contained":
                continue
            place = Place(holder, name, element, home)
            yield place
            for value in place.values:
                if isinstance(value, dict) and element.content:
                    yield from self._walk(value, element.content)

    def of_type(self, *types: str) -> Iterator[Place]:
        """The places of one of these types."""
        return (place for place in self.places if place.element.types[0] in types and not place.element.choice)


Fault = Callable[[Mutable], str | None]


def missing(made: Mutable) -> str | None:
    """A required element of R4 is not there."""
    for place in made.places:
        if place.element.min and len(place.holder) > 1:
            del place.holder[place.name]
            return place.element.path
    return None


def wrong_type(made: Mutable) -> str | None:
    """A number for a text, a text for a number or a truth value."""
    for place in made.places:
        value = place.values[0]
        if not isinstance(value, dict):
            return place.put(7 if isinstance(value, str) else str(value))
    return None


def code_not_bound(made: Mutable) -> str | None:
    """A code that a required binding of R4 does not have."""
    for place in made.places:
        if place.element.codes and "code" in place.element.types:
            return place.put(NO_SUCH_CODE)
    return None


def two_branches(made: Mutable) -> str | None:
    """Two types of one choice."""
    for place in made.places:
        for choice in made.known.children(place.home):
            stem = choice.name.removesuffix("[x]")
            others = [
                kind for kind in choice.types if kind in BRANCHES and stem + kind[0].upper() + kind[1:] != place.name
            ]
            if choice.choice and place.name.startswith(stem) and others:
                kind = made.chance.choice(others)
                place.holder[stem + kind[0].upper() + kind[1:]] = BRANCHES[kind]
                return choice.path
    return None


def wrong_reference(made: Mutable) -> str | None:
    """A reference to a type that may not stand there."""
    for place in made.of_type("Reference"):
        strangers = [type for type in STRANGERS if type not in place.element.targets]
        if strangers and place.element.targets and "Resource" not in place.element.targets:
            return place.put({"reference": f"{strangers[0]}/a0000000-0000-4000-8000-000000000001"})
    return None


def unknown_element(made: Mutable) -> str | None:
    """An element that R4 does not have."""
    place = made.chance.choice(made.places)
    place.holder["colour"] = "red"
    return f"{place.home}.colour"


def empty(made: Mutable) -> str | None:
    """An empty list, object or text."""
    place = made.chance.choice(made.places)
    if isinstance(place.holder[place.name], list):
        place.holder[place.name] = []
    else:
        place.holder[place.name] = {} if isinstance(place.holder[place.name], dict) else ""
    return place.element.path


def bad_date(made: Mutable) -> str | None:
    """A day that is none, or a time without a zone."""
    for place in made.of_type("date", "dateTime", "instant"):
        return place.put(made.chance.choice(DATES))
    return None


def list_for_one(made: Mutable) -> str | None:
    """A list where one value is due."""
    for place in made.places:
        if not place.element.many:
            place.holder[place.name] = [place.holder[place.name]] * 2
            return place.element.path
    return None


def bad_primitive(made: Mutable) -> str | None:
    """A text that is not of its primitive type."""
    for place in made.of_type(*PRIMITIVES):
        return place.put(PRIMITIVES[place.element.types[0]])
    made.resource["id"] = "no id!"
    return "id"


def narrative(made: Mutable) -> str | None:
    """A narrative that may not be shown."""
    content = made.chance.choice(("<script>x</script>", "<p onclick='x'>x</p>", "<iframe/>", "<p>x"))
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{content}</div>'
    made.resource["text"] = {"status": "generated", "div": div}
    return f"text.div {content}"


@cache
def _profiles() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "profiles" / "iop" / "StructureDefinition.json").read_bytes())
    return found


def _rules(made: Mutable) -> list[Resource]:
    """What our profile of the resource says beyond its parent."""
    profiles = _profiles()
    claimed = [url.rpartition("/")[2] for url in made.resource.get("meta", {}).get("profile", ())]
    return [rule for id in claimed if id in profiles for rule in profiles[id]["differential"]["element"]]


def _present(made: Mutable, path: str) -> list[Place]:
    return [place for place in made.places if place.element.path == path]


def missing_for_profile(made: Mutable) -> str | None:
    """What only our profile requires is not there."""
    rules = [rule for rule in _rules(made) if rule.get("min") and ":" not in rule["id"]]
    made.chance.shuffle(rules)
    for rule in rules:
        for place in _present(made, rule["path"]):
            if not place.element.min and len(place.holder) > 1:
                del place.holder[place.name]
                return place.element.path
    return None


def missing_slice(made: Mutable) -> str | None:
    """No member of a list is one of a slice that our profile requires."""
    rules = [
        rule for rule in _rules(made) if rule.get("min") and rule.get("sliceName") and "xtension" not in rule["id"]
    ]
    made.chance.shuffle(rules)
    for rule in rules:
        for place in _present(made, rule["path"]):
            codings = [coding for value in place.values for coding in value.get("coding", [value]) if "code" in coding]
            for coding in codings:
                coding["code"] = NO_SUCH_CODE
            if codings:
                return rule["id"]
    return None


def extension(made: Mutable) -> str | None:
    """An extension of ours with a value of another type, or of nobody's."""
    for place in made.places:
        if place.name == "extension" and place.values[0].get("url", "").startswith("https://iop-"):
            held = place.values[0]
            if made.chance.random() < 0.3:
                held["url"] = "https://nobody.example/StructureDefinition/unknown"
            else:
                kept = {name: value for name, value in held.items() if name == "url"}
                other = "valueDecimal" if "valueDecimal" not in held else "valueString"
                place.put({**kept, other: 1.5 if other == "valueDecimal" else "x"})
            return f"{place.home}.extension {held['url']}"
    return None


def invariant(made: Mutable) -> str | None:
    """A rule of R4 across elements is broken."""
    own, common = BROKEN.get(made.resource["resourceType"], []), list(_anywhere(made))
    key, change = made.chance.choice(own if own and made.chance.random() < 0.7 else common)
    change(made.resource)
    return key


def _anywhere(made: Mutable) -> Iterator[tuple[str, Callable[[Resource], Any]]]:
    """Rules of data types, where the resource has one, and of every resource."""
    for place in made.of_type("Period"):
        yield "per-1", lambda _, at=place: at.put({"start": "2026-02-02", "end": "2026-02-01"})
        break
    for place in made.of_type("Reference"):
        yield "ref-1", lambda _, at=place: at.put({"reference": "#nowhere"})
        break
    for place in made.of_type("Quantity", "SimpleQuantity", "Duration"):
        yield "qty-3", lambda _, at=place: at.put({"value": 1, "code": "mg"})
        break
    lost = {"resourceType": "Organization", "id": "lost", "name": "Nowhere Invented"}
    yield "dom-3", lambda made: made.update(contained=[lost])
    both = {
        "url": "https://iop-fhir-adapter.org/x",
        "valueString": "x",
        "extension": [{"url": "y", "valueString": "x"}],
    }
    yield "ext-1", lambda made: made.setdefault("extension", []).append(both)


def _set(**values: Any) -> Callable[[Resource], None]:
    return lambda resource: resource.update(values)


def _without(*names: str) -> Callable[[Resource], None]:
    def change(resource: Resource) -> None:
        for name in names:
            resource.pop(name, None)

    return change


def _of_code(code: str, system: str) -> Resource:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


_ABSENT = _of_code("unknown", "data-absent-reason")
BROKEN: dict[str, list[tuple[str, Callable[[Resource], None]]]] = {
    "Observation": [
        ("obs-6", _set(valueString="x", dataAbsentReason=_ABSENT)),
        ("obs-7", lambda made: made.update(valueString="x", component=[{"code": made["code"], "valueString": "x"}])),
        ("obs-3", _set(referenceRange=[{"appliesTo": [{"text": "x"}]}])),
    ],
    "Condition": [
        ("con-5", _set(verificationStatus=_of_code("entered-in-error", "condition-ver-status"))),
        ("con-4", lambda made: made.update(abatementDateTime="2026-01-01", clinicalStatus=_ACTIVE)),
        ("con-1", _set(stage=[{"type": {"text": "x"}}])),
    ],
    "Appointment": [
        ("app-2", lambda made: (made.update(status="booked"), made.pop("end", None))),
        ("app-4", _set(status="booked", cancelationReason={"text": "x"})),
        ("app-1", _set(participant=[{"status": "accepted"}])),
    ],
    "AllergyIntolerance": [
        ("ait-1", lambda made: (made.pop("clinicalStatus", None), made.pop("verificationStatus", None))),
        (
            "ait-2",
            _set(
                verificationStatus=_of_code("entered-in-error", "allergyintolerance-verification"),
                clinicalStatus=_of_code("active", "allergyintolerance-clinical"),
            ),
        ),
    ],
    "CarePlan": [("cpl-3", _set(activity=[{"reference": {"display": "x"}, "detail": {"status": "in-progress"}}]))],
    "Goal": [("gol-1", _set(target=[{"detailString": "x"}]))],
    "Patient": [("pat-1", _set(contact=[{"gender": "female"}]))],
    "Organization": [
        ("org-1", _without("name", "identifier")),
        ("org-2", _set(address=[{"use": "home", "city": "x"}])),
    ],
    "QuestionnaireResponse": [
        ("qrs-1", _set(item=[{"linkId": "1", "answer": [{"valueBoolean": True}], "item": [{"linkId": "2"}]}]))
    ],
    "DocumentReference": [("att-1", _set(content=[{"attachment": {"data": "QUJD"}}]))],
    "Consent": [("ppc-1", _without("policy", "policyRule"))],
    "MedicationAdministration": [("mad-1", _set(dosage={"text": "x"}))],
    "CareTeam": [
        (
            "ctm-1",
            _set(participant=[{"member": {"reference": "Patient/x"}, "onBehalfOf": {"reference": "Organization/x"}}]),
        )
    ],
    "Task": [("inv-1", _set(lastModified="2020-01-01", authoredOn="2021-01-01"))],
    "Location": [("Location.position", _set(position={"longitude": 1}))],
}
_ACTIVE = _of_code("active", "condition-clinical")

KINDS: tuple[Fault, ...] = (
    missing,
    wrong_type,
    code_not_bound,
    two_branches,
    wrong_reference,
    unknown_element,
    empty,
    bad_date,
    list_for_one,
    bad_primitive,
    narrative,
    invariant,
    missing_for_profile,
    missing_slice,
    extension,
)


class Mutant(NamedTuple):
    """A fixture with one fault: of which kind, where, and the resource."""

    kind: str
    place: str
    subject: Subject


def mutants(kinds: Iterable[Fault] = KINDS) -> Iterator[Mutant]:
    """Of each kind its number, made from the fixtures of ours by turns; the same for one seed."""
    sources = [subject for subject in fixtures() if "/received-" not in subject.name]
    for kind in kinds:
        chance = random.Random(f"{SEED} {kind.__name__}")
        turns, made = cycle(chance.sample(sources, len(sources))), 0
        while made < (INVARIANTS if kind is invariant else EACH):
            source = next(turns)
            mutable = Mutable(source.resource, chance, definitions())
            if (place := kind(mutable)) is not None:
                made += 1
                name = f"mutant/{kind.__name__}/{made}/{source.name.removeprefix('fixture/')}"
                yield Mutant(kind.__name__, place, Subject(name, parse(dump(mutable.resource))))
