"""The patient of a document: recordTarget to Patient. https://hl7.org/fhir/R4/patient.html

Nobody else is read here: guardians, the provider's organization and whoever takes part are named as unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from adapter.problems import Kind, Problem
from adapter.referral.desk import Object
from adapter.referral.document import Node
from adapter.referral.values import Values, said

_RACES = "urn:oid:2.16.840.1.113883.6.238"
_OMB_RACES = frozenset(("1002-5", "2028-9", "2054-5", "2076-8", "2106-3"))
_OMB_ETHNICITIES = frozenset(("2135-2", "2186-5"))
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"


def the_patient(root: Node) -> Node:
    """The patientRole of the one recordTarget; a Problem for a document about nobody or about several."""
    targets = [*root.all("recordTarget")]
    if len(targets) != 1:
        why = "is about more than one patient" if targets else "names no patient (recordTarget)"
        place = targets[1].place if targets else root.place
        raise Problem(Kind.UNPROCESSABLE, f"the document {why}", place, code="business-rule" if targets else "required")
    roles = [*targets[0].all("patientRole")]
    people = [person for role in roles for person in role.all("patient")]
    if len(roles) != 1 or len(people) != 1:
        why = "the document says of one patient who that is (patientRole/patient)"
        raise Problem(Kind.UNPROCESSABLE, why, targets[0].place, code="required")
    return roles[0]


def demographics(values: Values, role: Node) -> Object:
    """The Patient of a patientRole."""
    person = next(role.all("patient"))
    words, gender = values.tables.words["gender"], person.first("administrativeGenderCode")
    races = [_race(values, person, ("raceCode", "sdtc:raceCode"), _OMB_RACES, "race")]
    races.append(_race(values, person, ("ethnicGroupCode", "sdtc:ethnicGroupCode"), _OMB_ETHNICITIES, "ethnicity"))
    made = {
        "identifier": values.identifiers(role.all("id")) or None,
        "extension": [one for one in races if one] or None,
        "name": _each(values.name, person.all("name")),
        "telecom": _each(values.telecom, role.all("telecom")),
        "gender": words.get(gender.take().get("code"), "unknown") if gender and not gender.null else "unknown",
        "birthDate": values.day(person.first("birthTime")),
        **_deceased(values, person),
        "address": _each(values.address, role.all("addr")),
        "maritalStatus": values.concept(person.first("maritalStatusCode")),
        "communication": _each(lambda one: _language(values, one), person.all("languageCommunication")),
    }
    return {"resourceType": "Patient", **(said(made) or {})}


def _each(read: Callable[[Node], Object | None], nodes: Iterable[Node]) -> list[Object] | None:
    return [found for node in nodes if (found := read(node))] or None


def _deceased(values: Values, person: Node) -> Object:
    time, whether = values.moment(person.first("sdtc:deceasedTime")), person.first("sdtc:deceasedInd")
    told = {"true": True, "false": False}.get(whether.take().get("value")) if whether else None
    return {"deceasedDateTime": time} if time and told is not False else {"deceasedBoolean": told}


def _language(values: Values, node: Node) -> Object | None:
    """languageCommunication, in the shortest code of BCP 47."""
    code, preferred = node.first("languageCode"), node.first("preferenceInd")
    if code is None or code.null or not (tag := code.take().get("code")):
        return None
    first, dash, rest = tag.partition("-")
    tag = values.tables.words["language"].get(first.lower(), first) + dash + rest
    told = {"true": True, "false": False}.get(preferred.take().get("value")) if preferred else None
    return said({"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": tag}]}, "preferred": told})


def _race(
    values: Values, person: Node, names: tuple[str, ...], categories: frozenset[str], extension: str
) -> Object | None:
    """The US Core extension for race or ethnicity: categories of OMB, details, and both in words."""
    codes = [found for name in names for one in person.all(name) if (found := values.coding(one))]
    known = [code for code in codes if code.get("system") == _RACES]
    if len(known) < len(codes):
        values.lose(person, f"a code of {extension} that is of another system than CDC's is not kept")
    if not known:
        return None
    parts: list[Object] = [
        {"url": "ombCategory" if code["code"] in categories else "detailed", "valueCoding": code} for code in known
    ]
    words = ", ".join(str(code.get("display", code["code"])) for code in known)
    return {"url": _US_CORE + extension, "extension": [*parts, {"url": "text", "valueString": words}]}
