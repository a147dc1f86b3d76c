"""Where Problems end: one kind, one status, always an OperationOutcome; an unknown error is a fault with a random id.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Iterable

from adapter.consent.gate import publish
from adapter.fhir.json import dump
from adapter.fhir.outcome import operation_outcome
from adapter.interactions.relations import Duplicate
from adapter.problems import Issue, Kind, Problem
from adapter.web.call import Call, DisconnectedError
from adapter.web.writer import FHIR_JSON, Header, Reply

Link = Callable[[str, str], str]

log = logging.getLogger(__name__)


async def answered(call: Call, link: Link, work: Awaitable[Reply], methods: Iterable[str] = ()) -> Reply:
    """The work's reply, or the refusal that its Problem asks for.

    `link` gives the address of the record that a duplicate names; `methods` are those a 405 names as possible.
    """
    try:
        return await work
    except Problem as problem:
        if problem.kind is Kind.FAULT:
            return fault(call, problem)
        given = refusal(problem, [method for method in methods if method != call.method])
        if isinstance(problem, Duplicate):
            given.headers.append((b"location", link(problem.type, problem.id).encode()))
        return given
    except DisconnectedError:
        raise
    except asyncio.CancelledError:  # told to stop, the server waits for answers only so long
        return refusal(Problem(Kind.BUSY, "the server is stopping"))
    except Exception as unknown:
        return fault(call, unknown)


def refusal(problem: Problem, methods: Iterable[str] = ()) -> Reply:
    """The OperationOutcome of a Problem."""
    answer = Reply(problem.kind.status, publish(dump(operation_outcome(problem.issues))), [FHIR_JSON])
    if problem.kind is Kind.METHOD:
        answer.headers.append((b"allow", ", ".join(sorted(methods)).encode()))
    if problem.kind is Kind.LOGIN:
        answer.headers.append(challenge(problem))
    if problem.kind is Kind.BUSY:
        answer.headers.append((b"retry-after", b"1"))
    return answer


def unshown(given: Reply) -> Reply:
    """The answer to a write that is done, without what cannot be recorded."""
    why = "it is done; what was stored is not shown, because that cannot be recorded now"
    told = operation_outcome([Issue("transient", why, severity="warning")])
    about = [header for header in given.headers if header[0] in (b"etag", b"last-modified", b"location")]
    return Reply(given.status, publish(dump(told)), [FHIR_JSON, *about])


def challenge(problem: Problem) -> Header:
    """What a 401 asks for; a token that was understood and is not good is told so. RFC 6750, section 3."""
    refused = ', error="invalid_token"' if problem.issues[0].code in ("security", "expired") else ""
    return (b"www-authenticate", f'Bearer realm="fhir"{refused}'.encode())


def fault(call: Call, unknown: Exception) -> Reply:
    """500 with the id of the log's line in its own header too."""
    problem, id = logged(call, unknown)
    answer = refusal(problem)
    if call.request_id is None:
        answer.headers.append((b"x-request-id", id.encode()))
    return answer


def logged(call: Call, unknown: Exception) -> tuple[Problem, str]:
    """The Problem of an unknown error, and the id that it and the log's line name: the client's own or a random one.

    The log gets the kind of error and the lines of code it went through, never its message: that may quote a record.
    """
    id = call.request_id or secrets.token_hex(8)
    frames = traceback.extract_tb(unknown.__traceback__)
    way = " > ".join(f"{frame.filename.rpartition('adapter/')[2]}:{frame.lineno}" for frame in frames[-8:])
    name = type(unknown.__cause__ or unknown).__name__
    log.error("fault %s: %s %s: %s at %s", id, call.method, call.path, name, way)
    return Problem(Kind.FAULT, f"something went wrong here; the log knows it as {id}"), id
