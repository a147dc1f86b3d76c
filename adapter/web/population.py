"""The population at the native door, for who leads the program: `/iop/population`."""

from __future__ import annotations

from typing import Any

from adapter.interactions.answer import Answer
from adapter.utilization.population_seen import KNOWN, LIST, population
from adapter.web.call import Call
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import Native
from adapter.web.negotiation import none_of, once

Json = dict[str, Any]


async def _population(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    none_of([(name, value) for name, value in pairs if name not in KNOWN])
    once(pairs, KNOWN)
    return await native.desk.ask(lambda: population(native.program, native.predicate, pairs))


def described() -> Json:
    """The two days."""
    day: Json = {"in": "query", "required": True, "schema": {"type": "string", "format": "date"}}
    return {"parameters": [{"name": name, **day} for name in KNOWN]}


POPULATION = (
    NativeRoute("GET", "population", LIST, "What became of the people in the program", _population, described),
)
