"""The codes that a terminology operation is asked about: `code` with `system`, `coding`, or `codeableConcept`.

https://hl7.org/fhir/R4/terminology-service.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapter.fhir.operations import Inputs, Parameter
from adapter.fhir.terminology import Coding
from adapter.problems import Issue, Kind, Problem

CODE = Parameter("code", "code", "The code asked about.")
SYSTEM = Parameter("system", "uri", "The code system of the code.")
DISPLAY = Parameter("display", "string", "The display to check beside the code.")
CODING = Parameter("coding", "Coding", "The code asked about, with its system.")
CONCEPT = Parameter("codeableConcept", "CodeableConcept", "The codes asked about: one of them is enough.")
WAYS = ("code", "coding", "codeableConcept")


def asked_codings(given: Inputs, system: str | None = None, known: Sequence[str] = WAYS) -> list[Coding]:
    """What is asked about, in one way only (400); a bare code is of `system`, or else must name its own.

    `known` are the ways that the operation has.
    """
    ways = [way for way in known if way in given]
    if len(ways) != 1:
        why = f"say one of {', '.join(known[:-1])} and {known[-1]}"
        raise Problem(Kind.INVALID, why, (ways or known)[-1], code="invalid" if ways else "required")
    beside = [name for name in ("system", "display") if name in given and ways != ["code"]]
    if beside:
        raise Problem(Kind.INVALID, f"{beside[0]} belongs to code; a coding has its own", beside[0])
    if ways == ["codeableConcept"]:
        return _whole([_coding(one, system) for one in given.one("codeableConcept").get("coding", ())], ways[0])
    if ways == ["coding"]:
        return _whole([_coding(given.one("coding"), system)], ways[0])
    named = given.one("system") or system
    if named is None:
        raise Problem(Kind.INVALID, "a code needs its system", "system", code="required")
    return [Coding(named, given.one("code"), given.one("display") or "")]


def _coding(said: dict[str, Any], system: str | None) -> Coding:
    return Coding(said.get("system", system or ""), said.get("code", ""), said.get("display", ""))


def _whole(codings: list[Coding], way: str) -> list[Coding]:
    """The codings, if each can mean something: a code without its system means nothing, and the reverse."""
    issues = [
        Issue("required", f"a coding needs its {name}", way)
        for coding in codings or [Coding("", "")]
        for name in ("system", "code")
        if not getattr(coding, name)
    ]
    if issues:
        raise Problem(Kind.INVALID, issues[0].message, way, issues=issues)
    return codings


def the_url(given: Inputs, base: str | None) -> str:
    """The URL of what is asked of: by the address of an instance, or said (400 when both, or neither)."""
    said: str | None = given.one("url")
    if base is not None and said is not None:
        raise Problem(Kind.INVALID, "the address has named it already", "url")
    if base is None and said is None:
        raise Problem(Kind.INVALID, "say which by its url", "url", code="required")
    return base or said or ""
