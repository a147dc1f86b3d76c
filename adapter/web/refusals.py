"""Counts what is refused at the guarded doors and writes it down in the background: 42 CFR 2.16(a), BALP's decisions.

A refusal discloses nothing, so no answer waits for its row, and hidden and absent records are counted alike. However
many requests are refused, a minute leaves few rows: those of one client from one address for one reason are one, and
beyond `MOST` of them the rest is one more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from threading import Lock
from time import monotonic

from adapter.callers import Caller
from adapter.fhir.dates import milliseconds
from adapter.problems import Kind, Problem
from adapter.store.database import Row
from adapter.store.ledger import Ledger
from adapter.store.refusals import row
from adapter.web.call import Call
from adapter.web.smart.bearer import digest_of

log = logging.getLogger(__name__)

REFUSED = frozenset({Kind.LOGIN, Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.THROTTLED})
"""What is a refusal: of everything else the client alone is the cause. A deletion is told to who may see it."""
MOST = 100
"""Rows that one writing adds, and one for what is beyond them."""
SOON, EVERY = 1.0, 60.0
"""Seconds after which a refusal is written down, and between two writings."""
LONGEST = 200
"""Characters of an address or a reason."""
Who = tuple[str | int | None, ...]
First = tuple[str | None, ...]


class Refusals:
    """What was refused by one process since it was last written down."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock
        self._counted: dict[Who, tuple[int, int, First]] = {}
        self._lock = Lock()
        self._written = -EVERY
        self._due = False

    def note(self, call: Call, problem: Problem) -> None:
        """Count a refusal; one without any token is nobody's."""
        if problem.kind not in REFUSED or b"authorization" not in call.headers:
            return
        who = (*_who(call.caller), call.network, call.interaction, call.type, problem.kind.status)
        self._count((*who, problem.message[:LONGEST]), (_token(call), call.path[:LONGEST], call.request_id))
        if not self._due:
            self._due = True
            wait = max(SOON, self._written + EVERY - monotonic())
            asyncio.get_running_loop().call_later(wait, self.write)

    def _count(self, who: Who, first: First) -> None:
        with self._lock:
            if who not in self._counted and len(self._counted) >= MOST:
                who, first = (*_who(None), None, "", "", 0, f"more than {MOST} reasons within a minute"), ("", "", None)
            since, number, known = self._counted.get(who, (milliseconds(self._clock()), 0, first))
            self._counted[who] = since, number + 1, known

    def write(self) -> Future[None] | None:
        """Write down what was counted. Answers what to wait for, if there is anything."""
        with self._lock:
            counted, self._counted = self._counted, {}
            self._due, self._written = False, monotonic()
        if not counted:
            return None
        rows: list[Row] = [row(since, number, who, first) for who, (since, number, first) in counted.items()]
        with suppress(Problem):  # closed: it is the end of the process
            written = self._ledger.refuse(rows)
            written.add_done_callback(lambda done: self._settle(done, sum(int(one[1]) for one in rows)))
            return written
        return None

    def _settle(self, done: Future[None], number: int) -> None:
        if done.exception() is not None:
            log.error("%s refused requests could not be written down", number)


def _who(caller: Caller | None) -> Who:
    if caller is None:
        return "", "", "", None, ""
    return caller.client, caller.kind.value, caller.organization, caller.user, caller.purpose.value


def _token(call: Call) -> str:
    """A short digest of the token, whosesoever it is."""
    if call.caller is not None:
        return call.caller.token
    return digest_of(call.headers[b"authorization"].rpartition(b" ")[2])[:16]
