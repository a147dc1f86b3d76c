"""The pair of a native record and a FHIR resource: the `Concept` protocol, and the one compiled from a file.

Five laws hold for every concept (tests/laws): untouched, heard, kept, fresh, seen.
R4: https://hl7.org/fhir/R4/resource.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

from adapter.fhir.canonical import profile as canonical
from adapter.fhir.json import same
from adapter.mapping.codecs import Unfit
from adapter.mapping.compile import Compiled
from adapter.mapping.contained import drop_orphans
from adapter.mapping.edits import clone, tidy
from adapter.mapping.facts import Check
from adapter.mapping.faults import ANYTHING, faults, unknown
from adapter.mapping.members import key_of
from adapter.mapping.places import element_place
from adapter.mapping.readings import Reading
from adapter.mapping.residue import Notes, Policies, Residue
from adapter.mapping.rows import Each, Field, Shape, fields
from adapter.problems import Issue, Kind, Problem, placed

Record = dict[str, Any]
# A narrative with these states says nothing but the structured data; an `additional` one may say more, and stays.
_OF_THE_DATA = ("generated", "extensions", "empty")
_STEP = re.compile(r"\.(?![^(]*\))")
NONE: Mapping[str, Any] = MappingProxyType({})
_REFUSED = (Unfit, KeyError, TypeError, AttributeError, ValueError)


@runtime_checkable
class Concept(Protocol):
    """What everything outside the mapping floor knows of a concept; a hard one may be a class of its own."""

    name: str
    resource_type: str
    """the type it writes"""
    resource_types: tuple[str, ...]
    """every type it reads, the one it writes first"""
    profile: str
    hash: str
    fields: tuple[Field, ...]

    @property
    def source(self) -> str:
        """The Python that the map became."""

    def to_fhir(
        self, record: Record, onto: Record | None = None, *, park: bool = False, by_hand: bool = False
    ) -> Record:
        """The resource of `record`: fresh, or `onto` with what differs written into a copy of it.

        Returns `onto` itself when nothing differs, and changes neither argument. `park` lets required fields be
        missing and rules fail (an import), `by_hand` refuses computed fields that are not what is stored (a person).
        Raises Problem(UNPROCESSABLE) with every issue; types, words and rules are checked here, lexical forms by the
        door.
        """

    def to_native(self, resource: Record) -> tuple[Record, list[Residue]]:
        """(record, residue) of a resource the door has let in; `record["incomplete"]` lists what is parked.

        What a rule over several fields finds is in the residue by its element, in `incomplete` by its field.
        """

    def make(self) -> None:
        """Be ready for the first call, which else would wait for it."""

    def field_at(self, expression: str) -> str | None:
        """The native field that owns a FHIR element ("Encounter.period.start"): a door's issue can be told natively."""


class MappedConcept:
    """A concept compiled from a file."""

    def __init__(
        self,
        shape: Shape,
        profile: str,
        policies: Policies,
        compiled: Compiled,
        checks: Mapping[str, Check],
        hash: str,
        claims: Callable[[Record], bool],
        readings: Mapping[str, Reading] = NONE,
    ) -> None:
        self.name, self.resource_type, self.profile, self.hash = shape.name, shape.base, profile, hash
        self.shape, self.policies, self.checks = shape, policies, checks
        self.fields = fields(shape)
        self._computed = frozenset(f.name for f in self.fields if f.computed or any(g.computed for g in f.fields))
        self._compiled = compiled
        self._rules = tuple(checks.values())
        self._readings = {shape.base: Reading(shape, policies, compiled), **readings}
        self.resource_types = tuple(self._readings)
        self.claims = claims

    @property
    def source(self) -> str:
        """The Python that the map became, of every type it reads."""
        return "\n".join(reading.made.source for reading in self._readings.values())

    def make(self) -> None:
        """Compile now what else would be compiled when first used."""
        for reading in self._readings.values():
            reading.made.make()

    def to_fhir(
        self, record: Record, onto: Record | None = None, *, park: bool = False, by_hand: bool = False
    ) -> Record:
        """See `Concept`. A complete record becomes a fresh resource by compiled source alone."""
        if onto is None and not (by_hand and self._computed & record.keys()):
            try:
                resource = self._compiled.build(record)
                for rule in self._rules:
                    if rule(record):
                        break
                else:
                    return resource
            except _REFUSED:
                pass  # the careful way names everything that is wrong
        return self.carefully(record, onto, park=park, by_hand=by_hand)

    def carefully(
        self, record: Record, onto: Record | None = None, *, park: bool = False, by_hand: bool = False
    ) -> Record:
        """What `to_fhir` gives, by the way that checks everything and names what is wrong."""
        return _Writing(self, record, onto, park, by_hand).result()

    def to_native(self, resource: Record) -> tuple[Record, list[Residue]]:
        """See `Concept`."""
        kind = resource["resourceType"]
        reading = self._readings[kind]
        notes = Notes(reading.policies)
        record = reading.made.read(resource, notes, kind)
        for name, value in reading.says.items():
            record.setdefault(name, value)
        incomplete = notes.incomplete()
        for field, reason in self._broken(record, notes):
            notes.park(element_place(reading.shape, resource, field), reason)
            incomplete.append({"path": field, "reason": reason})
        if incomplete:
            record["incomplete"] = incomplete
        return record, notes.found

    def _broken(self, record: Record, notes: Notes) -> list[tuple[str, str]]:
        """What the rules find, save about a field that is parked already."""
        found = [finding for rule in self.checks.values() for finding in rule(record)]
        if not found:
            return []
        parked = {self.field_at(note.path) for note in notes.found if note.policy == "park"}
        return [finding for finding in found if finding[0] not in parked]

    def field_at(self, expression: str) -> str | None:
        """See `Concept`."""
        kind, *parts = _STEP.split(expression)
        place = [part.partition("[")[0] for part in parts]
        shape = self._readings[kind].shape if kind in self._readings else self.shape
        for name, path in shape.paths():
            keys = [f"extension('{s.slice.match['url']}')" if s.key == "extension" else s.key for s in path.steps]
            if place[: len(keys)] == keys or keys[: len(place)] == place:
                return name
        return None

    def edit(self, record: Record, changed: frozenset[str], resource: Record) -> None:
        """Write the changed fields into `resource`, in place."""
        self._compiled.edit(record, changed, resource)

    def complete(self, resource: Record) -> None:
        """Write the fixed elements into `resource` where they are missing, in place."""
        self._compiled.complete(resource)


class _Writing:
    """The careful way of writing one record: everything is checked, only what differs is written."""

    def __init__(self, concept: MappedConcept, record: Record, onto: Record | None, park: bool, by_hand: bool) -> None:
        self.concept, self.record, self.onto, self.park, self.by_hand = concept, record, onto, park, by_hand
        if type(record) is not dict:
            self._refuse([Issue("structure", "A record is an object.")])
        self.was: Record = concept.to_native(onto)[0] if onto is not None else {}
        self.changed = frozenset(
            name for name in concept.shape.names if not _alike(record.get(name), self.was.get(name))
        )

    def result(self) -> Record:
        """The resource; raises Problem(UNPROCESSABLE) with every issue."""
        if not self.changed and self.onto is not None:
            self._refuse([*self._strange(), *self._stale({})])
            return self.onto
        self._refuse(self._elsewhere())
        self._refuse(self._issues())
        resource = clone(self.onto) if self.onto is not None else self._skeleton()
        try:
            self.concept.edit(self.record, self.changed, resource)
        except Unfit as error:
            self._refuse([Issue("processing", f"This record cannot be written onto the stored resource: {error}")])
        if resource.get("text", {}).get("status") in _OF_THE_DATA:
            resource["text"] = _narrative(self.concept.name)
        tidy(resource)
        if self.onto is not None:
            self._settle(self.onto, resource)
        heard = self.concept.to_native(resource)[0]
        self._refuse([*self._unheard(heard), *self._stale(heard)])
        return resource

    def _elsewhere(self) -> list[Issue]:
        """An issue when the stored resource is of a type that the concept reads and does not write."""
        kind = self.concept.resource_type if self.onto is None else self.onto["resourceType"]
        if kind == self.concept.resource_type:
            return []
        why = f"This {self.concept.name} is read from a {kind}: change it there, or write one of your own."
        return [Issue("business-rule", why, field) for field in sorted(self.changed)[:1]]

    def _skeleton(self) -> Record:
        id = {"id": self.record["id"]} if "id" in self.record else {}
        claim = {} if self._is_incomplete() else {"meta": {"profile": [canonical(self.concept.profile)]}}
        resource: Record = {"resourceType": self.concept.resource_type, **id, **claim}
        self.concept.complete(resource)
        return resource

    def _is_incomplete(self) -> bool:
        """Whether a required field is missing or a rule fails: what is written of such a record claims no profile."""
        if not self.park:
            return False
        lacking = faults(self.concept.shape, self.record, {}, self.changed, lambda name: False)
        return bool(lacking) or any(rule(self.record) for rule in self.concept.checks.values())

    def _settle(self, onto: Record, resource: Record) -> None:
        """What an edit of somebody's resource brings along.

        Fixed elements are added only where it would else no longer be this concept: we do not relabel what others
        sent. Contained resources that nothing refers to any more go (R4 dom-3).
        """
        if self.concept.claims(onto) and not self.concept.claims(resource):
            self.concept.complete(resource)
        if self._is_incomplete():
            _unclaim(resource, canonical(self.concept.profile))
        drop_orphans(onto, resource)

    def _refuse(self, issues: list[Issue]) -> None:
        if issues:
            raise Problem(Kind.UNPROCESSABLE, f"This {self.concept.name} cannot be written.", issues=issues)

    def _issues(self) -> list[Issue]:
        issues = self._strange()
        issues += faults(self.concept.shape, self.record, self.was, self.changed, self._may_lack())
        unsound = {_STEP.split(issue.expression or "")[0].partition("[")[0] for issue in issues}
        return issues + self._broken_rules(unsound) + self._typed()

    def _strange(self) -> list[Issue]:
        """Issues of fields that are not the map's, and of another record's id."""
        known = {*self.concept.shape.names, "id", "incomplete"}
        issues = [unknown(name) for name in self.record if name not in known]
        issues += [
            Issue("value", f"{name}: null is not a value: leave the field out", name)
            for name, value in self.record.items()
            if value is None
        ]
        if self.onto is not None and "id" in self.record and self.record["id"] != self.onto.get("id"):
            issues.append(Issue("value", "The id is not the id of the stored record.", "id"))
        if "id" in self.record and (type(self.record["id"]) is not str or not self.record["id"]):
            issues.append(Issue("value", "The id is a string that is not empty.", "id"))
        return issues

    def _may_lack(self) -> Callable[[str], bool]:
        """Whether a required field may be missing: at import, and where the stored resource already lacked it."""
        return lambda name: self.park or (name != ANYTHING and self.onto is not None and name not in self.was)

    def _broken_rules(self, unsound: Collection[str]) -> list[Issue]:
        """Issues of rules, save at import, those that the stored record already has, and what hangs on a field that is
        wrong itself: the words of a rule would repeat what stands in it."""
        if self.park:
            return []
        rules = self.concept.checks.values()
        stored = [finding for rule in rules for finding in rule(self.was)] if self.onto is not None else []
        found = [finding for rule in rules for finding in rule(self.record)]
        if unsound and found:
            sound = {name: value for name, value in self.record.items() if name not in unsound}
            apart = [finding for rule in rules for finding in rule(sound)]
            found = [finding for finding in found if finding in apart]
        return [Issue("business-rule", placed(path, why), path) for path, why in found if (path, why) not in stored]

    def _typed(self) -> list[Issue]:
        """Issues of computed fields that a person gave another value."""
        if not self.by_hand:
            return []
        computed = [row.name for row in self.concept.shape.rows if row.computed and row.name in self.changed]
        typed = [name for name in computed if name in self.record]
        typed += [place for each in self.concept.shape.eaches for place in self._typed_within(each)]
        return [Issue("business-rule", f"{name} is computed: leave it out or as it is stored", name) for name in typed]

    def _typed_within(self, each: Each) -> Iterator[str]:
        """The places of computed fields in the members of a list that a person gave another value."""
        computed = [row.name for row in each.shape.rows if row.computed]
        if not computed or each.name not in self.changed or not isinstance(self.record.get(each.name), list):
            return
        old = {key_of(item, each.keys): item for item in self.was.get(each.name, ())}
        for index, item in enumerate(self.record[each.name]):
            if not isinstance(item, dict):
                continue  # told as a fault of its form
            was = old.get(key_of(item, each.keys), {})
            yield from (
                f"{each.name}[{index}].{name}" for name in computed if not _alike(item.get(name), was.get(name))
            )

    def _stale(self, heard: Record) -> list[Issue]:
        """An issue when the record's `incomplete` is neither what is stored nor what would be."""
        given = self.record.get("incomplete")
        if given is None or given in (self.was.get("incomplete"), heard.get("incomplete")):
            return []
        return [Issue("value", "incomplete is computed: leave it out or as it was read", "incomplete")]

    def _unheard(self, heard: Record) -> list[Issue]:
        """Law 2 at run time: a field that the resulting resource does not say is refused, not lost."""
        return [
            Issue(
                "processing",
                f"{name}: what the stored resource holds besides keeps this value from being read back",
                name,
            )
            for name in self.concept.shape.names
            if not _alike(self.record.get(name), heard.get(name))
        ]


def _alike(a: Any, b: Any) -> bool:
    """JSON equality with digits and types significant, fast for what is usual."""
    return a is b or (type(a) is type(b) and a == b and (type(a) is str or same(a, b)))


def _unclaim(resource: Record, profile: str) -> None:
    """Take the claim of a profile away that has become untrue."""
    meta = resource.get("meta", {})
    if profile not in meta.get("profile", ()):
        return
    kept = {name: value for name, value in meta.items() if name not in ("profile", "_profile")}
    if others := [url for url in meta["profile"] if url != profile]:
        kept["profile"] = others
    if kept:
        resource["meta"] = kept
    else:
        del resource["meta"]


def _narrative(name: str) -> dict[str, str]:
    words = f"A {name.replace('_', ' ')}: see its structured data."
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'}
