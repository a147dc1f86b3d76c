"""What is sent with a referral out of the program: what it points to, as far as a consent lets its receiver see it now.

42 CFR 2.31, 2.33; 2.13(a): no more than the referral itself says that it is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from adapter.consent.predicate import everything
from adapter.consent.security import shown
from adapter.fhir.json import parse
from adapter.fhir.references import references, split
from adapter.interactions.program import Program
from adapter.released import Predicate
from adapter.store.version import Version

Resource = dict[str, Any]
Place = tuple[str, str]
ORDER = (
    *("Organization", "Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Coverage", "Consent"),
    *("Condition", "AllergyIntolerance", "Goal", "CarePlan", "Observation", "DiagnosticReport"),
    *("MedicationRequest", "MedicationStatement", "MedicationAdministration", "QuestionnaireResponse"),
    *("DocumentReference", "ServiceRequest", "Task"),
)
"""What goes, in an order in which most of what a record points to is there before it. Nothing of other types does: the
visit in which a referral was agreed and the stay it ends are the program's own."""
_ASKED = "ServiceRequest.performer"
"""Whoever is asked knows who they are."""
_WHY = "staff are told what stays behind"


class Packet(NamedTuple):
    """The versions that go, in the order of `ORDER`; `unsent` are the addresses of what no consent lets be seen."""

    versions: list[Version]
    unsent: list[str]


def packet(program: Program, predicate: Predicate, referral: str, task: str | None) -> Packet | None:
    """What may go to the receiver whose `predicate` it is; None where the referral, its Task or the person may not."""
    return _Packer(program, predicate).packed(referral, task)


class _Packer:
    def __init__(self, program: Program, predicate: Predicate) -> None:
        self._program, self._predicate = program, predicate
        self._unsent: list[str] = []

    def packed(self, referral: str, task: str | None) -> Packet | None:
        roots = [self._read("ServiceRequest", referral), *([self._read("Task", task)] if task else [])]
        asked = roots[0] and self._read("Patient", roots[0].patients)
        found = [version for version in (asked, *roots) if version is not None]
        if len(found) <= len(roots) or roots[0] is None:
            return None
        self._unsent.clear()
        for place in self._pointed(roots[0]):
            found += self._with_whom(place) if place[0] in ORDER else []
        known = {(one.type, one.id): one for one in found if one.patients in ("", roots[0].patients)}
        self._unsent += [f"{one.type}/{one.id}" for one in found if one.patients not in ("", roots[0].patients)]
        made = sorted(known.values(), key=lambda one: (ORDER.index(one.type), one.vid))
        for version in made:
            self._name_files(version)
        return Packet(made, self._unsent)

    def _pointed(self, version: Version) -> Iterator[Place]:
        """Where the references of a record of ours lead, each once."""
        found = references(parse(shown(self._predicate, version)))
        said = [split(element["reference"]) for path, element in found if not path.startswith(_ASKED)]
        yield from dict.fromkeys(place for place in said if place and place != (version.type, version.id))

    def _with_whom(self, place: Place) -> Iterator[Version]:
        """A record; of a role somewhere, who it is and where, too."""
        version = self._read(*place)
        if version is not None:
            yield version
            if version.type == "PractitionerRole":
                yield from (one for led in self._pointed(version) if led[0] in ORDER and (one := self._read(*led)))

    def _name_files(self, version: Version) -> None:
        """A Binary says of no person that it is about him, so no consent covers one: what is in the document goes."""
        for content in parse(version.text).get("content", ()) if version.type == "DocumentReference" else ():
            place = split(content.get("attachment", {}).get("url", ""))
            if place and place[0] == "Binary":
                self._read(*place)

    def _read(self, type: str, id: str) -> Version | None:
        version = self._program.store.read(self._predicate, type, id)
        if version is not None and not version.deleted:
            return version
        held = self._program.store.read(everything(_WHY), type, id)
        if held is not None and not held.deleted and (place := f"{type}/{id}") not in self._unsent:
            self._unsent.append(place)
        return None
