"""The kinds of native document there are: one for each concept, one for each aggregate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from adapter.interactions.native_aggregate import AggregateForm
from adapter.interactions.native_record import RecordForm
from adapter.interactions.program import Program
from adapter.problems import Kind, Problem

AnyForm: TypeAlias = RecordForm | AggregateForm


def forms(program: Program) -> Mapping[str, AnyForm]:
    """Forms by native name."""
    found: dict[str, AnyForm] = {name: RecordForm(program, concept) for name, concept in program.maps.concepts.items()}
    found |= {name: AggregateForm(program, aggregate) for name, aggregate in program.maps.aggregates.items()}
    return dict(sorted(found.items()))


def form(known: Mapping[str, AnyForm], name: str) -> AnyForm:
    """The form of that name; 404 naming those that are."""
    if name not in known:
        raise Problem(Kind.NOT_SUPPORTED, f"there is no concept of this name; there are {', '.join(known)}", "concept")
    return known[name]
