"""What a change at the FHIR door aims at, where the address has no id, and the patch that it is to be changed by.

https://hl7.org/fhir/R4/http.html#cond-update, #patch
"""

from __future__ import annotations

from adapter.fhir.fhirpath_patch import fhirpath_patch
from adapter.fhir.json_patch import Patcher, json_patch
from adapter.interactions.admission import refused
from adapter.interactions.condition import Condition
from adapter.interactions.doors import received
from adapter.problems import Kind, Problem
from adapter.web.asked import Asked
from adapter.web.negotiation import FHIR, JSON_PATCH, XML, check_content


def sought(asked: Asked) -> Condition:
    """The condition in the address; 405 where there is none."""
    if not asked.pairs:
        raise Problem(
            Kind.METHOD, f"{asked.call.method} goes to one resource: Type/id, or Type?identifier=system|value"
        )
    condition = Condition.of_pairs(asked.program, asked.predicate, asked.type, asked.pairs, "url")
    asked.entrant.check_query(condition.query)
    return condition


async def patcher_in(asked: Asked) -> Patcher:
    """The patch in the body, of either form."""
    settings = asked.program.settings
    limit = settings.resource_limit
    if check_content(asked.call, FHIR | XML | JSON_PATCH) in JSON_PATCH:
        return json_patch(await asked.call.body(limit), limit, settings.depth_limit)
    given = received(asked.program, await asked.body(limit), "Parameters")
    if issues := asked.program.door.check(given):
        raise refused(issues)
    return fhirpath_patch(asked.program.definitions, given)
