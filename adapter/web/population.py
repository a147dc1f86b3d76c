"""The population at the native door, for who leads the program: `/iop/population`, `/iop/teds`."""

from __future__ import annotations

from typing import Any

from adapter.interactions.answer import Answer
from adapter.utilization.population_seen import KNOWN, LIST, population
from adapter.utilization.teds_export import KNOWN as SAID
from adapter.utilization.teds_export import LIST as TEDS
from adapter.utilization.teds_export import teds
from adapter.web.call import Call
from adapter.web.native_routes import NativeRoute
from adapter.web.native_verbs import Native
from adapter.web.negotiation import only

Json = dict[str, Any]


async def _population(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, KNOWN)
    return await native.desk.ask(lambda: population(native.program, native.predicate, pairs))


async def _teds(native: Native, call: Call) -> Answer:
    pairs = call.parameters()
    only(pairs, SAID)
    return await native.desk.ask(lambda: teds(native.program, native.predicate, pairs))


def described() -> Json:
    """The two days."""
    day: Json = {"in": "query", "required": True, "schema": {"type": "string", "format": "date"}}
    return {"parameters": [{"name": name, **day} for name in KNOWN]}


def _rows() -> Json:
    words = {"at": ["admission", "discharge"], "as": ["json", "csv"]}
    more: list[Json] = [{"name": name, "in": "query", "schema": {"enum": each}} for name, each in words.items()]
    return {"parameters": [*described()["parameters"], *more]}


POPULATION = (
    NativeRoute("GET", "population", LIST, "What became of the people in the program", _population, described),
    NativeRoute("GET", "teds", TEDS, "Rows of the Treatment Episode Data Set, and what to check", _teds, _rows),
)
