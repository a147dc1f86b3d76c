"""Sensitivity labels as a number with a bit for each, and the labels of a record: where it is from, what it tells.

R4: https://hl7.org/fhir/R4/security-labels.html. Labels are only ever added (42 CFR 2.12(d): the protection follows
the record); everything of a part 2 program tells of a substance use disorder, because being its patient does (2.11).
What a text says in words is not read: whoever writes it labels it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from adapter.fhir.references import ELEMENTS
from adapter.mapping.sensitive_codes import SensitiveCodes
from adapter.problems import Kind, Problem
from adapter.rules import COVERED, EVERY_LABEL, SOMEHOW, Labels, Mark

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"  # whom it is for, and HTEST: of no sensitivity

LABELLED = 1 << 0
"""It was labelled, and tells of nothing sensitive; so that 0 is left for what was never labelled."""
PART2 = COVERED
"""42 CFR part 2 protects it: the policy label 42CFRPart2."""
OTHER = SOMEHOW
"""Its sender says that it is sensitive in a way for which there is no bit: only who may see all may see it."""
OTHERS = 1 << 3
"""It names a patient whom it is not about, and whose consent nobody has asked: no consent covers it (2.13(a))."""
# Stored: a bit is never given another meaning. Codes of the table sensitivity, and the policy.
_BITS: Mapping[str, int] = {
    "42CFRPart2": PART2,
    "SUD": 1 << 8,
    "ETH": 1 << 9,
    "ETHUD": 1 << 10,
    "OPIOIDUD": 1 << 11,
    "MH": 1 << 12,
    "BH": 1 << 13,
    "PSY": 1 << 14,
    "PSYTHPN": 1 << 15,
    "SDV": 1 << 16,
    "HIV": 1 << 17,
}
NOTES = _BITS["PSYTHPN"]
"""A counseling or psychotherapy note, 42 CFR 2.31(b)."""
# What a word on a form takes in besides itself. SUD and the older ETH name the same; behavioral health is, in
# v3-ActCode, over mental health and substance use; that mental health takes in psychiatry is our reading.
_WIDER: Mapping[str, tuple[str, ...]] = {
    "SUD": ("ETH", "ETHUD", "OPIOIDUD"),
    "ETH": ("SUD", "ETHUD", "OPIOIDUD"),
    "MH": ("PSY",),
    "BH": ("MH", "PSY", "SUD", "ETH", "ETHUD", "OPIOIDUD"),
}
Object = Mapping[str, Any]

_LABELS = frozenset(("security", "securityLabel"))
_CODES = 1 << 14
"""Codes of which is remembered what they tell of."""
_POINTERS = frozenset(("reference", "type"))
"""What a reference has that only points."""
_LITERAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?$")
"""Relative, or the address of a record here or elsewhere."""
_EPISODE = "EpisodeOfCare"
_OURS = re.compile(r"EpisodeOfCare/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_LINKS, _LINKED = frozenset(("episodeOfCare",)), ("/workflow-episodeOfCare", "/iop-episode-link")
"""Elements, and extensions by the end of their url, that say to which episode something belongs."""
_PROTECTED = frozenset(("Consent",))
"""What is under part 2 whatever episode it points to: whom a consent is asked of is told by it (42 CFR 2.31)."""
# What is said of these tells of no sensitivity of a record: of whom a resource is about, it tells anyway.
_NOBODYS = frozenset(
    ("Endpoint", "HealthcareService", "Location", "Organization", "Patient", "Practitioner", "PractitionerRole")
)
# What a label may be in v3-ActCode that says how to handle a record, and not what it tells of.
_HANDLING = frozenset(("NORDSCLCD", "NORDSLCD", "NORDSCLCDS", "NODSCLCD", "NOREUSE", "DELAU", "PERSISTLABEL", "CPLYCD"))
_HANDLING |= {"REDACT", "MASK", "MINEC", "PRIVMARK", "42CFRPart2CD", "HIPAAAuth", "HIPAAAuthCD", "OPTIN", "OPTOUT"}


HIPAA = "hipaa"
"""The posture of what part 2 does not protect, but 45 CFR 164 alone."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record is from: the posture of the program, of its episode, and what the program says of it.

    `substance_use` False: a part 2 program that declares the record to tell of no substance use disorder.
    """

    posture: str | None = None
    episode: str | None = None
    substance_use: bool = True

    @property
    def part2(self) -> bool:
        """Whether 42 CFR part 2 protects it: always, save in what is declared to be under HIPAA alone."""
        posture = self.episode if self.by_episode else self.posture
        return posture != HIPAA

    @property
    def by_episode(self) -> bool:
        """Whether that depends on the episode."""
        return self.posture == "mixed"

    @property
    def labels(self) -> int:
        """The labels that every record from there has."""
        if not self.part2:
            return 0
        return PART2 | _BITS["SUD"] if self.substance_use else PART2


def together(labels: int, more: int) -> int:
    """The labels of a record of which one version has these, and another those: they are only ever added."""
    both = labels | more
    return both & ~LABELLED if both & ~(LABELLED | PART2) else both


def mask(codes: Iterable[str]) -> int:
    """The bits of codes of v3-ActCode; one that has no bit of its own is `OTHER`."""
    found = 0
    for code in codes:
        found |= _BITS.get(code, OTHER)
    return found


def codes(mask: int) -> tuple[str, ...]:
    """The codes of v3-ActCode whose bits are set; `LABELLED` and `OTHER` have none."""
    return tuple(code for code, bit in _BITS.items() if mask & bit)


def confidentiality(mask: int) -> str:
    """The code of v3-Confidentiality that goes with labels: what is sensitive, or was never labelled, is restricted."""
    if mask & NOTES:
        return "V"
    return "N" if mask == LABELLED else "R"


RISING = ("U", "L", "M", "N", "R", "V")
"""https://terminology.hl7.org/CodeSystem-v3-Confidentiality.html, of which a resource has one (DS4P)."""
MARKS = (
    # What goes with labels, as `confidentiality` says it, and as a column of the store can be asked for it.
    Mark(CONFIDENTIALITY, "V", NOTES, below=RISING[:5]),
    Mark(CONFIDENTIALITY, "R", EVERY_LABEL & ~(LABELLED | NOTES), NOTES, RISING[:4]),
    Mark(CONFIDENTIALITY, "N", LABELLED, EVERY_LABEL & ~LABELLED, RISING[:3]),
    *(Mark(ACT_CODE, code, bit) for code, bit in _BITS.items()),
)
"""Every label that follows from sensitivities."""


def with_narrower(codes: Iterable[str]) -> int:
    """The bits of what the sensitivities on a form take in."""
    given = tuple(codes)
    return mask((*given, *(inner for code in given for inner in _WIDER.get(code, ()))))


def consent_free(posture: str, sensitivities: str) -> int:
    """The labels that a record may have and still go without a consent, 45 CFR 164.506: none in a part 2 program; under
    HIPAA alone, be it for some episodes, those that the law of the state lets go (codes of v3-ActCode, with blanks
    between). That part 2 protects it is never among them.

    Problem(INVALID) for one that is not known here, or is of notes, which need an authorization (45 CFR 164.508(a)(2)).
    """
    if Origin(posture, HIPAA).part2:
        return 0
    given, known = sensitivities.split(), [code for code, bit in _BITS.items() if bit not in (PART2, NOTES)]
    for code in given:
        if code not in known:
            raise Problem(Kind.INVALID, f"{code} is none of {', '.join(known)}", "IOP_CONSENT_FREE")
    return LABELLED | with_narrower(given)


def told_by_codes(resource: Object, sensitive: SensitiveCodes) -> dict[tuple[str, str], int]:
    """The codes in a resource that tell of something sensitive, (system, code), and what of."""
    codings, _, _ = _said(resource)
    found = {(coding.get("system", ""), coding["code"]): 0 for coding in codings}
    told = {key: mask(sensitive.labels(*key)) for key in found}
    return {key: labels for key, labels in told.items() if labels}


class Labeller:
    """Labels resources of one origin by their codes, their sender, and whom they name."""

    def __init__(self, origin: Origin, sensitive: SensitiveCodes) -> None:
        self._origin, self._sensitive, self._by_episode = origin.labels, sensitive, origin.by_episode
        self._tells = lru_cache(_CODES)(self._told)

    def labels(self, resource: Mapping[str, Any], patients: Collection[str] = ()) -> Labels:
        """What one resource tells of, with what it contains; `patients` are the ids of those it is about.

        Its own sensitivities are never 0. A reference that says more than where its target is (a `display`, an
        identifier) names it; one that names a patient whom the resource is not about is `OTHERS`. Where it depends on
        the episode, its own are those in part 2.
        """
        codings, labels, references = _said(resource)
        found, restricted, tells = 0, False, self._tells
        for coding in codings:
            found |= tells(coding.get("system"), coding["code"])
        for label in labels:
            system, code = label.get("system", ""), label.get("code")
            if code is not None and not (system == ACT_CODE and tells(system, code)):
                restricted |= system == CONFIDENTIALITY and code == "R"
                found |= OTHER if _is_sensitive(system, code) else 0
        names = dict.fromkeys(key for one in references if (key := _named(one, patients)))
        if any(type == "Patient" and id not in patients for type, id in names) or _holds_a_patient(resource):
            found |= OTHERS
        if resource.get("resourceType") == "Consent":
            found &= ~NOTES  # it may speak of such notes, and is none
        own, told = _whole(found | self._origin, restricted), tuple(name for name in names if name[0] not in _NOBODYS)
        if not self._by_episode:
            return Labels(own, told)
        kept = found & PART2 or resource.get("resourceType") in _PROTECTED
        return Labels(own, told, None, _episodes(resource), 0 if kept else _whole(found, restricted))

    def _told(self, system: str | None, code: str) -> int:
        """What one code tells of: by the lists, or because it is a label."""
        return mask(self._sensitive.labels(system or "", code)) | (_BITS.get(code, 0) if system == ACT_CODE else 0)


def _whole(found: int, restricted: bool) -> int:
    """What it tells of, which is never nothing."""
    if found & ~PART2:
        return found
    # R alone, from a sender who does not say why, is a sensitivity of a kind that we do not know.
    return found | (OTHER if restricted else LABELLED)


def _episodes(resource: Object) -> tuple[str, ...]:
    """The ids of the episodes that a resource points to, itself where it is one; "" for any that is not here."""
    found = {resource.get("id", "")} if resource.get("resourceType") == _EPISODE else set[str]()
    waiting = [resource]
    for n, value in enumerate(waiting):
        literal = value.get("reference")
        if type(literal) is str and _EPISODE in literal:
            ours = _OURS.fullmatch(literal)
            found.add(ours[1] if ours else "")
        elif value.get("type") == _EPISODE or (n and value.get("resourceType") == _EPISODE):
            found.add("")
        for key, member in value.items():
            kind = type(member)
            if kind is dict or kind is list:
                inner = (member,) if kind is dict else [one for one in member if type(one) is dict]
                waiting += inner
                if key in _LINKS or value.get("url", "").endswith(_LINKED):
                    found.update("" for one in inner if "reference" not in one)
    return tuple(sorted(found))


def _named(reference: Object, patients: Collection[str]) -> tuple[str, str] | None:
    """The record that a reference names, not that it only points to: ("Patient", "") for a patient who is not here.

    A name without an address is text of the resource's own, unless it says that it is a patient's. None for those of
    whom nothing is told by it (`_NOBODYS`), save a patient who is none of these.
    """
    literal = reference.get("reference")
    if literal and "type" not in reference:
        type, _, id = literal.partition("/")
        if type in _NOBODYS and (type != "Patient" or id in patients):
            return None
    if reference.keys() <= _POINTERS or not reference.keys() <= ELEMENTS:
        return None
    found = _LITERAL.search(literal) if literal else None
    if found:
        return found[1], found[2]
    return ("Patient", "") if reference.get("type") == "Patient" else None


def _holds_a_patient(resource: Mapping[str, Any]) -> bool:
    """Whether it contains somebody: whoever it is about is no part of it."""
    return any(part.get("resourceType") == "Patient" for part in resource.get("contained", ()))


def _is_sensitive(system: str, code: str) -> bool:
    """Whether a label for which there is no bit narrows who may see the record: what is not understood does."""
    if system == CONFIDENTIALITY:
        return code == "V"
    return system != REASON and not (system == ACT_CODE and code in _HANDLING)


def _said(resource: Object) -> tuple[list[Object], list[Object], list[Object]]:
    """Everything in a resource that has a code, the labels in it, and its references, at any depth."""
    codings, labels, references = list[Object](), list[Object](), list[Object]()
    # Each write pays for this walk: types are compared as they are.
    waiting = [resource]
    for value in waiting:
        for key, member in value.items():
            kind = type(member)
            if kind is str:
                if key == "code":
                    codings.append(value)
                elif (key == "reference" and len(value) > 1) or (key == "type" and member == "Patient"):
                    references.append(value)
            elif kind is dict or kind is list:
                inner = (member,) if kind is dict else [one for one in member if type(one) is dict]
                waiting += inner
                if key in _LABELS:
                    # DocumentReference has them as concepts, all else as codings.
                    labels += [one for label in inner for one in label.get("coding", (label,))]
    return codings, labels, references
