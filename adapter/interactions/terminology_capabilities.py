"""What this server knows of codes: /metadata?mode=terminology.

https://hl7.org/fhir/R4/terminologycapabilities.html, https://hl7.org/fhir/R4/http.html#capabilities
"""

from __future__ import annotations

from typing import Any

from adapter.consent.gate import publish
from adapter.fhir.canonical import VERSION
from adapter.fhir.json import dump
from adapter.fhir.terminology import CodeSystem
from adapter.interactions.answer import Answer
from adapter.interactions.capabilities import statement
from adapter.interactions.expand import EXPAND
from adapter.interactions.program import Program


def terminology_capabilities(program: Program) -> Answer:
    """200 with the TerminologyCapabilities: every code system of which codes are known, whole or not."""
    systems = program.terminology.systems.values()
    known = {
        "codeSystem": [_system(one) for one in sorted(systems, key=lambda one: one.url)],
        "expansion": {
            "hierarchical": False,
            "paging": True,
            "incomplete": False,
            "parameter": [{"name": one.name, "documentation": one.means} for one in EXPAND.takes],
        },
        "validateCode": {"translations": False},
        "translation": {"needsMap": True},
    }
    return Answer(200, publish(dump(statement(program, "TerminologyCapabilities") | known)))


def _system(system: CodeSystem) -> dict[str, Any]:
    """Of a code system that is not ours, what is known is a fragment of a version that no table names."""
    version = {"version": [{"code": VERSION, "isDefault": True}]} if system.complete else {}
    return {"uri": system.url, **version, "subsumption": False}
