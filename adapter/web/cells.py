"""What the doors offer at each place, from their routes: the cells that the authorization matrix must own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from adapter.consent.matrix import OTHER
from adapter.exchange.aftercare_asking import SEND
from adapter.exchange.aftercare_document import MAKE
from adapter.exchange.aftercare_listing import REFERRAL
from adapter.exchange.authorization_asking import SUBMIT
from adapter.exchange.authorization_document import REQUEST
from adapter.interactions.types import writable
from adapter.interactions.work_lists import LISTS
from adapter.review.asking import APPROVE, REVIEW
from adapter.utilization.program_days import LIST as DAYS
from adapter.web.asked import Route
from adapter.web.native_joining import CONCEPT, JOININGS
from adapter.web.native_verbs import VERBS

COMPARTMENT = "search-compartment"
"""Stands at Patient and finds records of another type: it is a cell of the type that is searched."""
AT_BASE = (
    *("import", *LISTS, "intake", "settle", "proposals", "say", "aftercare", "labels", "take_back", DAYS),
    *("deliveries", "replay", "push", "population", "teds", "openapi"),
)


def fhir_cells(types: Iterable[str], routes: Iterable[Route]) -> Mapping[str, frozenset[str]]:
    """Interactions and operations by resource type; "" is the base."""
    found: dict[str, set[str]] = defaultdict(set)
    routes = tuple(routes)
    found[""].update(route.name for route in routes if route.on == "system")
    for type in types:
        found[type].update(route.name for route in routes if _there(route, type))
    return {type: frozenset(names) for type, names in found.items()}


def native_cells(concepts: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Verbs by concept; "" is `/iop` itself."""
    verbs = frozenset(verb.name for verb in VERBS)
    found = {"": frozenset(AT_BASE)} | dict.fromkeys((*concepts, OTHER), verbs)
    more = {
        CONCEPT: {joining.name for joining in JOININGS},
        REFERRAL: {SEND, MAKE},
        REQUEST: {MAKE, SUBMIT, REVIEW, APPROVE},
    }
    return found | {concept: verbs.union(names) for concept, names in more.items()}


def _there(route: Route, type: str) -> bool:
    return writable(type) if route.interaction == COMPARTMENT else route.serves(type, writable(type))
