"""Read one version of a resource: https://hl7.org/fhir/R4/http.html#vread"""

from __future__ import annotations

from adapter.fhir.subset import WHOLE, Part
from adapter.interactions.answer import Answer, found
from adapter.interactions.program import Program
from adapter.interactions.read import NOTHING, Unless, unchanged
from adapter.problems import Kind, Problem
from adapter.released import Predicate


def vread(
    program: Program,
    predicate: Predicate,
    type: str,
    id: str,
    version: int,
    unless: Unless = NOTHING,
    part: Part = WHOLE,
) -> Answer:
    """That version, or that part of it, also of a resource deleted since; 410 for the deletion itself."""
    held = program.store.vread(predicate, type, id, version)
    if held is None:
        raise Problem(Kind.NOT_FOUND, "there is no such version of the resource")
    if held.deleted:
        raise Problem(Kind.GONE, "this version is the deletion of the resource", shown=(held,))
    return unchanged(predicate, held, unless) or found(program, predicate, held, part)
