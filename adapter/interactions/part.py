"""Part of a resource: what `_summary` and `_elements` ask of a read, and how it is cut.

https://hl7.org/fhir/R4/search.html#summary
"""

from __future__ import annotations

from collections.abc import Sequence

from adapter.fhir.json import dump, parse
from adapter.fhir.subset import SUMMARIES, WHOLE, Part
from adapter.interactions.program import Program
from adapter.problems import Issue, Kind, Problem, named


def part_asked(program: Program, type: str, pairs: Sequence[tuple[str, str]]) -> Part:
    """What of a resource a read wants; 400 for anything else that it says."""
    if not pairs:
        return WHOLE
    issues, said = [], dict(pairs)
    for name, value in pairs:
        if name not in ("_summary", "_elements"):
            issues.append(Issue("not-supported", f"unknown parameter {named(name)}", named(name)))
        elif sum(other == name for other, _ in pairs) > 1:
            issues.append(Issue("invalid", f"{name} may be said once", name))
        elif name == "_summary" and (value not in SUMMARIES or value == "count"):
            issues.append(Issue("value", "_summary of one resource is true, text, data or false", name))
    elements = tuple(said["_elements"].split(",")) if "_elements" in said else ()
    unknown = [name for name in elements if name not in program.store.index.elements(type)]
    if unknown:
        issues.append(Issue("value", f"_elements names what is no element of {type}", "_elements"))
    if elements and said.get("_summary", "false") != "false":
        issues.append(Issue("invalid", "_elements stands beside a _summary that says otherwise", "_elements"))
    if issues:
        raise Problem(Kind.INVALID, issues[0].message, issues[0].expression, issues=issues)
    return Part(said.get("_summary", "false"), elements)


def cut(program: Program, text: bytes, part: Part) -> bytes:
    """The text of a resource, or of that part of it, with every digit as it was."""
    return text if part.is_all else dump(program.parts.of(parse(text), part))
