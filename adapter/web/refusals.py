"""Counts what is refused at the guarded doors and writes it down in the background: 42 CFR 2.16(a), BALP's decisions.

A refusal discloses nothing, so no answer waits for its row, and hidden and absent records are counted alike. However
many requests are refused, a minute leaves few rows: those of one client from one address for one reason are one, and
beyond `MOST` of them the rest is one more for each client. Whom no token proves has room of their own, so that they
cannot take that of the others: one row for an address and a reason, whatever was asked for, and beyond `FEW` one more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from threading import Lock
from time import monotonic

from adapter.callers import Caller
from adapter.fhir.dates import milliseconds
from adapter.problems import Kind, Problem
from adapter.store.database import Row
from adapter.store.ledger import Ledger
from adapter.store.refusals import row
from adapter.web.call import Aim, Call
from adapter.web.smart.bearer import digest_of

log = logging.getLogger(__name__)

REFUSED = frozenset({Kind.LOGIN, Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.THROTTLED})
"""What is a refusal: of everything else the client alone is the cause. A deletion is told to who may see it."""
MOST, FEW = 100, 10
"""Rows that one writing adds of clients that are proven, and of others; and those for what is beyond them."""
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
        self._unproven: dict[Who, tuple[int, int, First]] = {}
        self._lock = Lock()
        self._written = -EVERY
        self._due = False

    def note(self, call: Call, problem: Problem, aim: Aim) -> None:
        """Count a refusal; one without any token is nobody's."""
        if problem.kind not in REFUSED or b"authorization" not in call.headers:
            return
        try:
            what = (aim.interaction, aim.type) if call.caller else ("", "")
            who = (*_who(call.caller), call.network, *what, problem.kind.status, problem.message[:LONGEST])
            self._count(call.caller, who, (_token(call), aim.path[:LONGEST], call.request_id))
            self._wake()
        except Exception as error:  # the answer is the same, noted or not
            log.error("a refused request could not be noted: %s", type(error).__name__)

    def _count(self, caller: Caller | None, who: Who, first: First) -> None:
        with self._lock:
            counted, most = (self._counted, MOST) if caller else (self._unproven, FEW)
            if who not in counted and len(counted) >= most:
                of = (caller.client, caller.kind.value, caller.organization) if caller else ("", "", "")
                who = (*of, None, "", None, "", "", 0, f"more than {most} reasons within a minute")
                first = ("", "", None)
            since, number, known = counted.get(who, (milliseconds(self._clock()), 0, first))
            counted[who] = since, number + 1, known

    def _wake(self) -> None:
        """See to it that what was counted is written down."""
        with self._lock:
            if not self._due:
                wait = max(SOON, self._written + EVERY - monotonic())
                asyncio.get_running_loop().call_later(wait, self.write)
                self._due = True

    def write(self) -> Future[None] | None:
        """Write down what was counted. Answers what to wait for, if there is anything."""
        with self._lock:
            counted = self._counted | self._unproven
            self._counted, self._unproven = {}, {}
            self._due, self._written = False, monotonic()
        if not counted:
            return None
        rows: list[Row] = [row(since, number, who, first) for who, (since, number, first) in counted.items()]
        number = sum(number for _, number, _ in counted.values())
        try:
            written = self._ledger.refuse(rows)
        except Exception as error:
            self._lost(number, error)
            return None
        written.add_done_callback(lambda done: self._settle(done, number))
        return written

    def _settle(self, done: Future[None], number: int) -> None:
        if (error := done.exception()) is not None:
            self._lost(number, error)

    def _lost(self, number: int, error: BaseException) -> None:
        why = error.message if isinstance(error, Problem) else type(error).__name__
        log.error("%s refused requests could not be written down: %s", number, why)


def _who(caller: Caller | None) -> Who:
    if caller is None:
        return "", "", "", None, ""
    return caller.client, caller.kind.value, caller.organization, caller.user, caller.purpose.value


def _token(call: Call) -> str:
    """A short digest of the token, whosesoever it is."""
    if call.caller is not None:
        return call.caller.token
    return digest_of(call.headers[b"authorization"].rpartition(b" ")[2])[:16]
