"""What is sent with a referral out of the program: what it points to, as far as a consent lets its receiver see it now.

42 CFR 2.31, 2.33; 2.13(a): no more than the referral itself says that it is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from adapter.callers import Purpose
from adapter.consent.predicate import everything, whatever_scopes
from adapter.consent.security import shown
from adapter.exchange.finding import Sight
from adapter.exchange.packing import Files
from adapter.fhir.dates import milliseconds
from adapter.fhir.json import parse
from adapter.fhir.references import references, split
from adapter.interactions.program import Program
from adapter.interactions.search import parsed
from adapter.rules import ANY
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
_LEADS = {"PractitionerRole": frozenset(ORDER), "Coverage": frozenset(("Organization",))}
"""Of whom what a record points to goes, too: who it is and where, and who pays."""
_TREATMENT = Purpose.TREATMENT.value
_WHY = "staff are told what stays behind"


class Packet(NamedTuple):
    """The versions that go, in the order of `ORDER`, and the `files` that go in documents among them; `unsent` are the
    addresses of what no consent lets be seen."""

    versions: list[Version]
    unsent: list[str]
    files: Files


def packet(program: Program, sight: Sight, referral: str, task: str | None) -> Packet | None:
    """What may go to the receiver who sees so much; None where the referral, its Task or the person may not."""
    return _Packer(program, sight).packed(referral, task)


class _Packer:
    def __init__(self, program: Program, sight: Sight) -> None:
        self._program, self._sight, self._predicate = program, sight, sight.records
        self._unsent: list[str] = []
        self._files: dict[str, Resource] = {}

    def packed(self, referral: str, task: str | None) -> Packet | None:
        roots = [self._read("ServiceRequest", referral), *([self._read("Task", task)] if task else [])]
        asked = roots[0] and self._read("Patient", roots[0].patients)
        found = [version for version in (asked, *roots) if version is not None]
        if len(found) <= len(roots) or roots[0] is None:
            return None
        self._unsent.clear()
        found += self._grounds(roots[0])
        for place in self._pointed(roots[0]):
            found += self._with_whom(place) if place[0] in ORDER else []
        known = {(one.type, one.id): one for one in found if one.patients in ("", roots[0].patients)}
        self._unsent += [f"{one.type}/{one.id}" for one in found if one.patients not in ("", roots[0].patients)]
        made = sorted(known.values(), key=lambda one: (ORDER.index(one.type), one.vid))
        for version in made:
            self._attach(version)
        return Packet(made, self._unsent, self._files)

    def _grounds(self, referral: Version) -> list[Version]:
        """The scope of the consents on which the referral goes, 42 CFR 2.32(b)."""
        grounds = self._program.store.grounds(self._predicate, [referral])
        found = (self._program.store.read(self._sight.consents, "Consent", one) for one in {*grounds.values()})
        return [version for version in found if version is not None]

    def _pointed(self, version: Version) -> Iterator[Place]:
        """Where the references of a record of ours lead, each once."""
        found = references(parse(shown(self._predicate, version)))
        said = [split(element["reference"]) for path, element in found if not path.startswith(_ASKED)]
        yield from dict.fromkeys(place for place in said if place and place != (version.type, version.id))

    def _with_whom(self, place: Place) -> Iterator[Version]:
        """A record, and what goes with it."""
        version = self._read(*place)
        if version is not None:
            yield version
            leads = _LEADS.get(version.type, ())
            yield from (one for led in self._pointed(version) if led[0] in leads and (one := self._read(*led)))

    def _attach(self, version: Version) -> None:
        """The files of a document that is sent."""
        for content in parse(version.text).get("content", ()) if version.type == "DocumentReference" else ():
            literal = str(content["attachment"].get("url", "")).removeprefix(f"{self._program.base_url}/")
            place = split(literal)
            if place and place[0] == "Binary":
                file = self._program.store.read(everything(_WHY), *place)
                if file is None or file.deleted:
                    continue
                if literal == "/".join(place) and self._is_his(file, version):
                    held = parse(file.text)
                    self._files[literal] = {name: held[name] for name in ("contentType", "data") if name in held}
                else:
                    self._keep_back("/".join(place))

    def _is_his(self, file: Version, document: Version) -> bool:
        """Whether a file is covered by what covers a document of it: a Binary says of nobody that it is about him, so
        none but documents of his may show it, and it may be labelled no higher, nor be held to another record."""
        proxy = parse(file.text).get("securityContext", {}).get("reference")
        if file.own & ~document.own or proxy not in (None, f"{document.type}/{document.id}"):
            return False
        literals = f"Binary/{file.id},{self._program.link('Binary', file.id)}"
        query = parsed(self._program, everything(_WHY), document.type, [("location", literals)])
        page = self._program.store.search(everything(_WHY), query)
        return page.next is None and all(one.patients == document.patients for one in page.versions)

    def _is_named(self, coverage: Version) -> bool:
        """Whether a consent to the receiver names coverages, or this one: for treatment nobody needs them else."""
        whose, now = coverage.patients, milliseconds(self._program.clock())
        query = parsed(self._program, everything(_WHY), "Consent", [("patient", f"Patient/{whose}")])
        consents = [one.id for one in self._program.store.search(everything(_WHY), query).versions]
        rows = self._program.store.permitted(self._predicate, whose, consents)
        names = [one for one in rows if one.type == "Coverage" or one.record == f"Coverage/{coverage.id}"]
        return any(one.purpose in (_TREATMENT, ANY) and one.valid_from <= now < one.valid_until for one in names)

    def _seen(self, type: str, id: str) -> Version | None:
        if type == "Consent":
            return self._program.store.read(self._sight.consents, type, id)
        if type != "Coverage":
            return self._program.store.read(self._predicate, type, id)
        version = self._program.store.read(whatever_scopes(self._predicate, type), type, id)
        return version if version and not version.deleted and self._is_named(version) else None

    def _read(self, type: str, id: str) -> Version | None:
        version = self._seen(type, id)
        if version is not None and not version.deleted:
            return version
        held = self._program.store.read(everything(_WHY), type, id)
        if held is not None and not held.deleted:
            self._keep_back(f"{type}/{id}")
        return None

    def _keep_back(self, place: str) -> None:
        if place not in self._unsent:
            self._unsent.append(place)
