"""The R4 invariants that the strict schema checks, with a sentence of ours for each.

https://hl7.org/fhir/R4/conformance-rules.html#constraints. `profiles/r4/invariants.json` lists every constraint of
R4 and where it is checked, so that none is left out unseen.
"""

from __future__ import annotations

from .invariants_of_data import BUNDLES, DATATYPES
from .invariants_of_forms import FORMS
from .invariants_of_records import ADMINISTRATIVE, CLINICAL
from .terms import Invariant

ELSEWHERE = {
    "ele-1": "schema",
    "txt-1": "code",
    "txt-2": "code",
    "ref-1": "code",
    "dom-2": "code",
    "dom-3": "code",
    "dom-4": "code",
    "dom-5": "code",
    "sqty-1": "schema",
}
"""Constraints that no single invariant below says: they are in the shape of every object, or in the door itself."""

INVARIANTS: tuple[Invariant, ...] = DATATYPES + CLINICAL + ADMINISTRATIVE + BUNDLES + FORMS
