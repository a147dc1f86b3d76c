"""How long a partner's server is waited for, and when it is asked again.

Retry-After: RFC 9110, section 10.2.3, in seconds or as a date.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from adapter.remote.faults import Fault, Wrong

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of one partner; times in seconds.

    `whole` is what one answer may take, its last byte included; `first` and `most` bound the pause before another try,
    which is chosen by chance below a bound that doubles. A Retry-After above `longest` is not waited for: the fault
    says it to whoever can come back. `body` is the most bytes of an answer, `at_once` how many requests are under way,
    `waiting` how many more may wait for their turn. After `failures` in a row the server is not asked for `rest`.
    """

    connect: float = 5.0
    read: float = 20.0
    whole: float = 60.0
    tries: int = 5
    first: float = 0.5
    most: float = 30.0
    longest: float = 120.0
    body: int = 32 << 20
    at_once: int = 4
    waiting: int = 256
    failures: int = 5
    rest: float = 60.0


def retry_after(said: str | None, now: datetime) -> float | None:
    """The seconds to wait that a Retry-After says, none below 0; None where it says nothing that can be read."""
    if said is None:
        return None
    said = said.strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        when = parsedate_to_datetime(said)
        return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


async def persisting(patience: Patience, sleep: Sleep, work: Callable[[], Awaitable[T]]) -> T:
    """What the work gives, tried again while its faults say that this may help; the last fault otherwise."""
    chance = wait_random_exponential(multiplier=patience.first, max=patience.most)

    def pause(state: RetryCallState) -> float:
        return chance(state) + (_fault(state).after or 0.0)

    def worth_it(error: BaseException) -> bool:
        if not isinstance(error, Fault) or error.wrong in (Wrong.RESTING, Wrong.CROWDED):
            return False  # whoever waits in line would only make the line longer
        return error.again and (error.after or 0.0) <= patience.longest

    trying = AsyncRetrying(
        stop=stop_after_attempt(patience.tries),
        wait=pause,
        retry=retry_if_exception(worth_it),
        sleep=sleep,
        reraise=True,
    )

    async def once() -> T:
        return await work()

    return await trying(once)


def _fault(state: RetryCallState) -> Fault:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Fault)
    return error
