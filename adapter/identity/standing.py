"""What becomes of a record that somebody else told of once staff say that it is so, or that it is not.

It is tagged as proposed until then, and what can be unconfirmed is. It is never deleted: what is not so is entered in
error, with the reason. https://hl7.org/fhir/R4/resource-definitions.html#Meta.tag
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapter.fhir.dates import instant_of, milliseconds
from adapter.interactions.program import Program
from adapter.mapping.load import Maps
from adapter.mapping.tables import Table
from adapter.problems import Kind, Problem

Resource = dict[str, Any]
_VERIFIED: Mapping[str, str] = {
    "Condition": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
    "AllergyIntolerance": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
}
"""The types that say how sure they are, and by which codes."""
_IN_FORCE: Mapping[tuple[str, str], str] = {
    ("CareTeam", "proposed"): "active",
    ("Coverage", "draft"): "active",
}
_REFUSED: Mapping[str, str] = {"Consent": "rejected"}
"""A form that is not accepted is no error: somebody has signed it."""
_IN_ERROR = "entered-in-error"
_ONLY_OF_WHAT_IS_SO = ("clinicalStatus", "_clinicalStatus", "abatement", "_abatement")


def tag(maps: Maps) -> Resource:
    """The tag of a record of which nobody of the staff has said that it is so."""
    table = maps.tables["record_standing"]
    assert isinstance(table, Table)
    return dict(table.codings["proposed"])


def as_proposed(maps: Maps, resource: Resource) -> Resource:
    """A record as it is taken from what somebody else tells."""
    meta = resource.get("meta", {})
    tagged = resource | {"meta": {**meta, "tag": [*meta.get("tag", ()), tag(maps)]}}
    return tagged | _verified(tagged, "confirmed", "unconfirmed")


def accepted(program: Program, resource: Resource) -> Resource:
    """The record as the program's own.

    Problem(UNPROCESSABLE) with what a Consent lacks to be in force, and for one that is to something else than
    disclosure: nothing here says what that must have.
    """
    own = _untagged(program.maps, resource)
    own |= _verified(own, "unconfirmed", "confirmed")
    if own["resourceType"] == "Consent":
        concept = program.maps.concepts["consent"]
        if program.maps.concept_of(own) is not concept:
            why = "no consent to disclose records by its scope: it cannot be put in force here"
            raise Problem(Kind.UNPROCESSABLE, why, "Consent.scope", code="business-rule")
        record, _ = concept.to_native(own)
        if "decision" not in record:
            why = "it says neither that it permits nor that it denies: write down first what the form says"
            raise Problem(Kind.UNPROCESSABLE, why, "Consent.provision.type", code="required")
        return concept.to_fhir({**record, "status": "active"}, own)
    status = _IN_FORCE.get((own["resourceType"], own.get("status", "")))
    return own | ({"status": status} if status else {})


def rejected(program: Program, resource: Resource, reason: str) -> Resource:
    """The record as one that is not so, with the reason where its type has notes."""
    own = in_error(program, resource)
    if program.definitions.element(f"{own['resourceType']}.note") is None:
        return own
    note = {"time": instant_of(milliseconds(program.clock())), "text": reason}
    return own | {"note": [*own.get("note", ()), note]}


def in_error(program: Program, resource: Resource) -> Resource:
    """The record entered in error, which waits for nobody's word; Problem(UNPROCESSABLE) for a type that cannot say so.

    R4 con-5 and ait-2: what is entered in error has no clinical status; con-4: then it has no end either. The version
    before has them.
    """
    type, resource = resource["resourceType"], _untagged(program.maps, resource)
    if type in _VERIFIED:
        left = {name: said for name, said in resource.items() if not name.startswith(_ONLY_OF_WHAT_IS_SO)}
        return left | {"verificationStatus": {"coding": [{"system": _VERIFIED[type], "code": _IN_ERROR}]}}
    changed = resource | {"status": _REFUSED.get(type, _IN_ERROR)}
    if program.definitions.element(f"{type}.status") is None or program.door.check(changed):
        why = f"a {type} cannot be entered in error: correct it by hand"
        raise Problem(Kind.UNPROCESSABLE, why, type, code="business-rule")
    return changed


def is_in_error(resource: Resource) -> bool:
    """Whether a record is entered in error, or a form refused."""
    type = resource["resourceType"]
    codings = resource.get("verificationStatus", {}).get("coding", ())
    codes = {coding.get("code") for coding in codings if coding.get("system") == _VERIFIED.get(type)}
    return not {_IN_ERROR, _REFUSED.get(type, _IN_ERROR)}.isdisjoint(codes | {resource.get("status")})


def _verified(resource: Resource, was: str, becomes: str) -> Resource:
    system = _VERIFIED.get(resource["resourceType"])
    codings = resource.get("verificationStatus", {}).get("coding", ())
    if system is None or [coding.get("code") for coding in codings] != [was]:
        return {}
    return {"verificationStatus": {"coding": [{"system": system, "code": becomes}]}}


def _untagged(maps: Maps, resource: Resource) -> Resource:
    """Without the tag; R4 has no empty arrays and objects."""
    mark, meta = tag(maps), resource.get("meta", {})
    tags = [one for one in meta.get("tag", ()) if any(one.get(name) != mark[name] for name in ("system", "code"))]
    kept = {name: said for name, said in meta.items() if name != "tag"} | ({"tag": tags} if tags else {})
    return {name: kept if name == "meta" else said for name, said in resource.items() if name != "meta" or kept}
