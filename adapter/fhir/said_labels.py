"""The labels that a resource's sender says of it, and the resource without some of them.

R4: https://hl7.org/fhir/R4/security-labels.html. They stand in `meta.security` and in DocumentReference.securityLabel,
also of what is contained; the labels in a Consent's provision are what it speaks of, and none of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

Label = tuple[str, str]
"""(system, code); the system is "" where none is said."""
_LABELS = ("security", "securityLabel")
_SPOKEN_OF = "provision"


def said(resource: Mapping[str, Any]) -> dict[Label, Mapping[str, Any]]:
    """The labels in a resource in their order, each with the first Coding that says it."""
    found: dict[Label, Mapping[str, Any]] = {}
    for coding in _codings(resource):
        if isinstance(coding.get("code"), str):
            found.setdefault(_label(coding), coding)
    return found


def without(resource: dict[str, Any], labels: Collection[Label]) -> dict[str, Any]:
    """The resource without these; the same object where it says none of them."""
    if not labels or said(resource).keys().isdisjoint(labels):
        return resource
    left: dict[str, Any] = _left(resource, labels)
    return left


def _label(coding: Mapping[str, Any]) -> Label:
    return coding.get("system", ""), coding.get("code", "")


def _codings(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name, member in value.items():
        members = [one for one in (member if isinstance(member, list) else [member]) if isinstance(one, dict)]
        if name in _LABELS and isinstance(member, list):
            for one in members:
                yield from one.get("coding", (one,))
        elif name != _SPOKEN_OF:
            for one in members:
                yield from _codings(one)


def _left(value: Any, labels: Collection[Label]) -> Any:
    if isinstance(value, list):
        return [_left(one, labels) for one in value]
    if not isinstance(value, dict):
        return value
    left = {}
    for name, member in value.items():
        if name in _LABELS and isinstance(member, list):
            member = [kept for one in member if (kept := _kept(one, labels)) is not None]
        elif name != _SPOKEN_OF and isinstance(member, dict | list):
            member = _left(member, labels)
        if member or not (name in _LABELS or name == "meta"):
            left[name] = member
    return left


def _kept(one: Any, labels: Collection[Label]) -> Any:
    """A Coding, or a CodeableConcept, without what is taken out; None where nothing of it is left."""
    if not isinstance(one, dict):
        return one
    if "coding" not in one:
        return None if _label(one) in labels else one
    codings = [coding for coding in one["coding"] if _label(coding) not in labels]
    rest = {name: codings if name == "coding" else value for name, value in one.items() if name != "coding" or codings}
    return rest or None
