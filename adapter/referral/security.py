"""The labels of a document and its sections as those of R4: https://hl7.org/fhir/R4/security-labels.html

A section is at least as confidential as the document. A label that we do not know goes along as it is: what is not
understood narrows who may see a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapter.referral.desk import Object
from adapter.referral.document import Node
from adapter.referral.values import Values

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


def labels(values: Values, node: Node, around: Iterable[Object] = ()) -> list[Object]:
    """The labels of a document or section within what has the labels `around`: one confidentiality, and all others."""
    return _together(values, [*around, *_confidentiality(values, node), *_observed(values, node)])


def highest(values: Values, each: Iterable[Iterable[Object]]) -> list[Object]:
    """The labels of what holds all of these."""
    return _together(values, [label for one in each for label in one])


def _together(values: Values, found: list[Object]) -> list[Object]:
    rising = values.tables.labels["rising"]
    levels = [one["code"] for one in found if one.get("system") == _CONFIDENTIALITY]
    first = [_level(values, max(levels, key=rising.index))] if levels else []
    others = {(one.get("system"), one["code"]): one for one in found if one.get("system") != _CONFIDENTIALITY}
    return [*first, *others.values()]


def _level(values: Values, code: str) -> Object:
    return {"system": _CONFIDENTIALITY, "code": code, "display": values.tables.labels["displays"][code]}


def _confidentiality(values: Values, node: Node) -> Iterator[Object]:
    """confidentialityCode: a level, or a sensitivity where older documents have it, which is restricted."""
    for said in node.all("confidentialityCode"):
        for one in (said, *said.all("translation")):
            if found := values.coding(one):
                yield from _as_labels(values, found)
            elif one.get("nullFlavor") == "MSK":
                yield _level(values, "R")


def _as_labels(values: Values, found: Object) -> Iterator[Object]:
    told = values.tables.labels
    if found.get("system") not in (_CONFIDENTIALITY, None):
        yield found
    elif found["code"] in told["rising"]:
        yield _level(values, found["code"])
    elif found["code"] in told["older"]:
        yield from (_level(values, "R"), {"system": _ACT_CODE, "code": found["code"]})
    else:
        # Not a code of that system, or one that it once had: what is meant is not known.
        yield from (_level(values, "R"), {**found, "system": "urn:oid:2.16.840.1.113883.5.25"})


def _observed(values: Values, node: Node) -> Iterator[Object]:
    """The values of the security observations in it, save those of sections within."""
    for part in _own(node):
        code, value = part.first("code"), part.first("value")
        kinds = values.tables.labels["observations"]
        if part.name != "observation" or value is None or code is None or code.get("code") not in kinds:
            continue
        if found := values.coding(value):
            yield from _as_labels(values, found)


def _own(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.name != "section":
            yield child
            yield from _own(child)
