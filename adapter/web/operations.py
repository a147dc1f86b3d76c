"""The operations of the FHIR door: their routes, and one plain function for each.

https://hl7.org/fhir/R4/operations.html. GET is there where every parameter can be written into an address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from adapter.fhir.operations import Inputs, Operation
from adapter.identity.match import MATCH, match
from adapter.interactions.answer import Answer
from adapter.interactions.consent_scope import CONSENT_SCOPE, consent_scope
from adapter.interactions.disclosures import BREACH_SCOPE, DISCLOSURES, INTERMEDIARIES, breach_scope, disclosures
from adapter.interactions.emergency_access import EMERGENCY_ACCESS, emergency_access
from adapter.interactions.everything import EPISODE, EVERYTHING, everything
from adapter.interactions.expand import EXPAND, expand
from adapter.interactions.explain import EXPLAIN, explained
from adapter.interactions.lookup import LOOKUP, lookup
from adapter.interactions.to_fhir import TO_FHIR, prepared, to_fhir
from adapter.interactions.to_native import TO_NATIVE, to_native
from adapter.interactions.translate import TRANSLATE, translate
from adapter.interactions.types import served
from adapter.interactions.validate import VALIDATE, validate
from adapter.interactions.validate_code import IN_CODE_SYSTEM, IN_VALUE_SET, in_code_system, in_value_set
from adapter.problems import Kind, Problem
from adapter.web.amendments import rehearsal, unhurried
from adapter.web.asked import Asked, Handler, Route
from adapter.web.smart.scopes import parsed


async def _validate(asked: Asked) -> Answer:
    settings = asked.program.settings
    limit = settings.bundle_limit if asked.type == "Bundle" else settings.resource_limit
    given = await asked.inputs(VALIDATE, limit)
    mode = given.one("mode")
    word = asked.entrant.check(mode, asked.type) if mode in ("create", "update", "delete") else None
    id, other = asked.id if len(asked.parts) > 1 else None, rehearsal(asked, word)
    done = asyncio.wrap_future(validate(asked.program, asked.predicate, asked.type, id, given, other))
    return await (unhurried(done) if other else done)


async def _to_fhir(asked: Asked) -> Answer:
    given = await asked.inputs(TO_FHIR, asked.program.settings.bundle_limit)
    document = await asyncio.wrap_future(prepared(asked.program, asked.predicate, given))
    return to_fhir(asked.program, asked.predicate, given, document)


async def _to_native(asked: Asked) -> Answer:
    given = await asked.inputs(TO_NATIVE, asked.program.settings.bundle_limit)
    return to_native(asked.program, asked.predicate, given)


def _url(asked: Asked) -> str | None:
    """The canonical URL of the instance in the address, if it is one."""
    return asked.program.published.url(asked.type, asked.id) if len(asked.parts) > 1 else None


async def _expand(asked: Asked) -> Answer:
    return expand(asked.program, await asked.inputs(EXPAND), _url(asked))


async def _in_value_set(asked: Asked) -> Answer:
    return in_value_set(asked.program, await asked.inputs(IN_VALUE_SET), _url(asked))


async def _in_code_system(asked: Asked) -> Answer:
    return in_code_system(asked.program, await asked.inputs(IN_CODE_SYSTEM), _url(asked))


async def _lookup(asked: Asked) -> Answer:
    return lookup(asked.program, await asked.inputs(LOOKUP))


async def _translate(asked: Asked) -> Answer:
    return translate(asked.program, await asked.inputs(TRANSLATE), _url(asked))


async def _everything(asked: Asked) -> Answer:
    operation = EVERYTHING if asked.type == "Patient" else EPISODE
    continues = len(asked.pairs) == 1 and asked.pairs[0][0] == "_page"
    given = Inputs({}) if continues else await asked.inputs(operation)
    known = served(asked.program)
    for type in (part for value in given.said.get("_type", ()) for part in str(value).split(",")):
        if type in known:
            asked.entrant.check_read([type])
    return await asked.ask(lambda: everything(asked.program, asked.predicate, asked.type, asked.id, given, asked.pairs))


async def _match(asked: Asked) -> Answer:
    given = await asked.inputs(MATCH)
    return await asked.ask(lambda: match(asked.program, asked.predicate, given))


async def _consent_scope(asked: Asked) -> Answer:
    await asked.inputs(CONSENT_SCOPE)
    return await asked.ask(lambda: consent_scope(asked.program, asked.predicate, asked.id))


async def _emergency_access(asked: Asked) -> Answer:
    given, entrant = await asked.inputs(EMERGENCY_ACCESS), asked.entrant
    request = asked.call.request_id
    return await emergency_access(asked.program, asked.predicate, entrant.caller, entrant.ledger, given, request)


async def _disclosures(asked: Asked) -> Answer:
    operation = DISCLOSURES if asked.call.path.endswith(f"${DISCLOSURES.code}") else INTERMEDIARIES
    given, ledger = await asked.inputs(operation), asked.entrant.ledger
    return await asked.ask(lambda: disclosures(asked.program, asked.predicate, ledger, operation, asked.id, given))


async def _breach_scope(asked: Asked) -> Answer:
    given, ledger = await asked.inputs(BREACH_SCOPE), asked.entrant.ledger
    return await asked.ask(lambda: breach_scope(asked.program, asked.predicate, ledger, given))


async def _explain(asked: Asked) -> Answer:
    matrix = asked.entrant.matrix
    if matrix is None:
        raise Problem(Kind.FORBIDDEN, "this server was started open: there is no rule to explain")
    given = await asked.inputs(EXPLAIN)
    return await asked.ask(lambda: explained(asked.program, asked.predicate, matrix, given, parsed))


def _each(operation: Operation, handler: Handler, on: str, *places: str) -> Iterator[Route]:
    """Routes for GET and POST at each place."""
    for place in places:
        for method in ("GET", "POST"):
            yield Route(method, f"{place}/${operation.code}", "operation", handler, on, operation)


TYPE, INSTANCE = "/*", "/*/*"
OPERATIONS = (
    Route("POST", "/*/$validate", "operation", _validate, "any", VALIDATE),
    Route("POST", "/*/*/$validate", "operation", _validate, "records", VALIDATE),
    Route("GET", "/*/*/$validate", "operation", _validate, "records", VALIDATE),
    Route("POST", "/$to-fhir", "operation", _to_fhir, "system", TO_FHIR),
    Route("POST", "/$to-native", "operation", _to_native, "system", TO_NATIVE),
    *_each(EXPAND, _expand, "ValueSet", TYPE, INSTANCE),
    *_each(IN_VALUE_SET, _in_value_set, "ValueSet", TYPE, INSTANCE),
    *_each(IN_CODE_SYSTEM, _in_code_system, "CodeSystem", TYPE, INSTANCE),
    *_each(LOOKUP, _lookup, "CodeSystem", TYPE),
    *_each(EVERYTHING, _everything, "Patient", INSTANCE),
    *_each(CONSENT_SCOPE, _consent_scope, "Patient", INSTANCE),
    *_each(EPISODE, _everything, "EpisodeOfCare", INSTANCE),
    *_each(DISCLOSURES, _disclosures, "Patient", INSTANCE),
    *_each(INTERMEDIARIES, _disclosures, "Patient", INSTANCE),
    *_each(EXPLAIN, _explain, "system", ""),
    *_each(BREACH_SCOPE, _breach_scope, "system", ""),
    Route("POST", "/*/$match", "operation", _match, "Patient", MATCH),
    Route("POST", "/*/$emergency-access", "operation", _emergency_access, "Patient", EMERGENCY_ACCESS),
    *_each(TRANSLATE, _translate, "ConceptMap", TYPE, INSTANCE),
)
