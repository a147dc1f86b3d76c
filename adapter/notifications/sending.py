"""One subscription's job: the handshake, what waits to be told, a sign of life; in order, and each at least once.

What may be told is asked of the consents when it is sent, and is in the ledger of disclosures before its first byte
goes: it tells that somebody is a patient here (42 CFR 2.11, 2.13). Nothing is sent of what was permitted only before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from adapter.consent.notice import VERSION, headers
from adapter.consent.told import told
from adapter.fhir.dates import milliseconds
from adapter.interactions.attempts import DAY_MS, Attempts
from adapter.interactions.program import Program
from adapter.notifications.notice import Type, notification, sign_of_life
from adapter.notifications.sight import Reader, Readers, seen
from adapter.problems import Kind, Problem
from adapter.released import Released
from adapter.remote.webhooks import Message, Outcome, Webhooks, secret_of
from adapter.store.disclosure import Disclosure, entry
from adapter.store.jobs import RESTS, Job, Jobs
from adapter.store.ledger import Ledger
from adapter.store.subscriptions import Delivery, Subscription, Subscriptions
from adapter.store.version import Version

KEPT_MS = 30 * DAY_MS
"""How long what has arrived can be asked for again."""
TURN = 50
"""Notifications after which another subscription has its turn."""
LOOKS = 2
"""Threads that look up what may be told."""

_MAY_NOT = "the client may not be told: it is disabled, or its agreement or address is not registered any more"

T = TypeVar("T")
Ending = Callable[[Jobs, Subscriptions], None]
"""How a job ends: what is written together, for whoever still holds it."""


class Batch(NamedTuple):
    """Events that go together, and the versions by which they may be told."""

    events: Sequence[Delivery]
    versions: Sequence[Version]

    @property
    def id(self) -> str:
        """The same for the same events, each time they are sent."""
        first, last = self.events[0], self.events[-1]
        return first.event if first is last else f"{first.event}.{last.number}"


class Sender:
    """Does the jobs of the subscriptions of one program."""

    def __init__(
        self,
        program: Program,
        ledger: Ledger,
        readers: Readers,
        webhooks: Webhooks,
        attempts: Attempts,
    ) -> None:
        self._program, self._ledger, self._readers, self._webhooks = program, ledger, readers, webhooks
        self._attempts = attempts
        self._looks = ThreadPoolExecutor(LOOKS, thread_name_prefix="what may be told")
        self._headers, self._lease_ms = headers(program.base_url), 1000 * program.settings.lease_seconds

    async def close(self) -> None:
        """After the last job."""
        await self._webhooks.close()
        self._looks.shutdown()

    async def __call__(self, job: Job) -> None:
        """Tell a client what there is to tell, or fail the job."""
        one = await self._look(lambda: self._named(job.key))
        await self._written(await self._worked(job, one) if one else _forgotten(job))

    async def _worked(self, job: Job, one: Subscription) -> Ending:
        if one.end_ms <= self._now():
            return self._over(job, one)
        if await self._look(lambda: self._read(one)) is None:
            return self._given_up(job, one, _MAY_NOT)
        if one.status == "requested":
            outcome = await self._sign_of_life(one, "handshake")
            if not outcome.arrived:
                return self._failed(job, one, outcome)
            one = await self._reached(job, one._replace(status="active"))
        return await self._tell_all(job, one)

    async def _tell_all(self, job: Job, one: Subscription) -> Ending:
        """What waits, in order, a turn of it; then a sign of life if it is time."""
        done: Sequence[Delivery] = ()
        for _ in range(TURN):
            batch = await self._next(job, one, done)
            if batch is None:
                return await self._rested(job, one)
            done = batch.events
            if done:
                outcome = await self._tell(one, batch)
                if not outcome.arrived:
                    return self._failed(job, one, outcome, done)
                one = one._replace(told_ms=self._now(), failure=None)
        return self._interrupted(job, one, done)

    async def _next(self, job: Job, one: Subscription, done: Sequence[Delivery]) -> Batch | None:
        """Note what has arrived, and number what comes next; None when nothing waits.

        A batch is empty when nothing of what came next may be told: it is forgotten.
        """
        reader = await self._look(lambda: self._read(one))
        if reader is None:
            raise Problem(Kind.BUSY, _MAY_NOT)
        numbers = {event.n for event in done}
        versions, waiting = await self._look(lambda: self._waiting(one, reader, one.most + len(done)))
        known = {event.n: event.n in versions for event in waiting if event.n not in numbers}

        def work(jobs: Jobs, kept: Subscriptions) -> list[Delivery]:
            jobs.extend(job, self._now() + self._lease_ms)
            if done:
                jobs.moved(job)
                self._arrived(kept, one, done)
            return kept.number(one.id, known, one.most)

        events = await self._written(work)
        if not known:
            return None
        return Batch(events, [version for event in events for version in versions[event.n]])

    def _waiting(
        self, one: Subscription, reader: Reader, limit: int
    ) -> tuple[Mapping[int, Sequence[Version]], list[Delivery]]:
        with self._program.store.asking() as database:
            waiting = Subscriptions(database).waiting(one.id, limit)
        return seen(self._program, reader.predicate, waiting), waiting

    def _arrived(self, kept: Subscriptions, one: Subscription, done: Sequence[Delivery]) -> None:
        kept.sent(one.id, done)
        kept.stand(one, self._now())

    async def _tell(self, one: Subscription, batch: Batch) -> Outcome:
        """Send a batch, once it is in the ledger."""
        current, reader = await self._look(lambda: (self._named(one.id), self._read(one)))
        if reader is None or current is None:
            return Outcome(False, reached=False, why="the client may not be told any more")
        released = notification(
            *(self._program, reader.predicate, current, batch.events, batch.versions), id=batch.id, now_ms=self._now()
        )
        try:
            await self._recorded(reader, released)
        except Problem as problem:
            if problem.kind is not Kind.BUSY:
                raise
            return Outcome(False, reached=False, why="it could not be recorded that it is told, so it was not", wait=1)
        return await self._sent(one, released, batch.id)

    async def _recorded(self, reader: Reader, released: Released) -> None:
        """Written into the ledger; Problem(BUSY) where that cannot be, or a consent has just been taken back."""
        listed = await self._look(lambda: told(self._program.store, reader.predicate, released.shown, None))
        rows = [
            entry(Disclosure(reader.caller, ground or released.grant, "notification", of, VERSION))
            for ground, of in listed.items()
        ]
        await asyncio.wrap_future(self._ledger.write_together(rows))

    async def _sign_of_life(self, one: Subscription, type: Type) -> Outcome:
        id = f"{one.id}.{type}.{one.told_ms}"
        return await self._sent(one, sign_of_life(self._program, one, type, id, self._now()), id)

    async def _sent(self, one: Subscription, released: Released, id: str) -> Outcome:
        message = Message(one.endpoint, one.client, id, released, self._headers)
        secret = secret_of(self._program.secret, one.id)
        return await self._webhooks.send(message, secret, self._now() // 1000, one.timeout_ms / 1000)

    async def _reached(self, job: Job, one: Subscription) -> Subscription:
        """Note that it was."""
        now = self._now()
        one = one._replace(told_ms=now, failure=None)

        def work(jobs: Jobs, kept: Subscriptions) -> None:
            jobs.extend(job, now + self._lease_ms)
            jobs.moved(job)
            kept.stand(one, now)

        await self._written(work)
        return one

    async def _rested(self, job: Job, one: Subscription) -> Ending:
        """Nothing waits: until something does, or it is time for a sign of life, or it is over."""
        now = self._now()
        if one.heartbeat_ms and one.told_ms + one.heartbeat_ms <= now:
            outcome = await self._sign_of_life(one, "heartbeat")
            if not outcome.arrived:
                return self._failed(job, one, outcome)
            one = one._replace(told_ms=now, failure=None)
        due = min(one.end_ms, one.told_ms + one.heartbeat_ms if one.heartbeat_ms else RESTS)

        def ending(jobs: Jobs, kept: Subscriptions) -> None:
            kept.stand(one, now)
            kept.forget(one.id, now - KEPT_MS)
            jobs.finish(job, now, due)

        return ending

    def _interrupted(self, job: Job, one: Subscription, done: Sequence[Delivery]) -> Ending:
        """Others have their turn."""
        now = self._now()

        def ending(jobs: Jobs, kept: Subscriptions) -> None:
            self._arrived(kept, one, done)
            jobs.finish(job, now, now)

        return ending

    def _over(self, job: Job, one: Subscription) -> Ending:
        now = self._now()

        def ending(jobs: Jobs, kept: Subscriptions) -> None:
            kept.stand(one._replace(status="off", failure=None), now)
            jobs.finish(job, now)

        return ending

    def _failed(self, job: Job, one: Subscription, outcome: Outcome, events: Sequence[Delivery] = ()) -> Ending:
        """Try again later, or have it wait for staff, with all that it was still to tell."""
        now = self._now()

        def ending(jobs: Jobs, kept: Subscriptions) -> None:
            if not outcome.reached:
                kept.take_back(one.id, events)
            again = self._attempts.failed(jobs, job, outcome.why, outcome.wait)
            kept.stand(one._replace(status=one.status if again else "error", failure=outcome.why), now)

        return ending

    def _given_up(self, job: Job, one: Subscription, why: str) -> Ending:
        """It waits for staff at once."""
        now = self._now()

        def ending(jobs: Jobs, kept: Subscriptions) -> None:
            kept.stand(one._replace(status="error", failure=why), now)
            self._attempts.given_up(jobs, job, why)

        return ending

    def _read(self, one: Subscription) -> Reader | None:
        return self._readers(one, self._now(), self._program.maps.topics[one.topic].resource)

    def _named(self, id: str) -> Subscription | None:
        with self._program.store.asking() as database:
            return Subscriptions(database).named(id)

    async def _look(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._looks, work)

    async def _written(self, work: Callable[[Jobs, Subscriptions], T]) -> T:
        written = self._program.store.write(lambda t: work(Jobs(t.database), Subscriptions(t.database)))
        return await asyncio.wrap_future(written)

    def _now(self) -> int:
        return milliseconds(self._program.clock())


def _forgotten(job: Job) -> Ending:
    """The subscription has ended: nobody holds the job, and nobody asks for it."""
    return lambda jobs, kept: jobs.drop(job.kind, job.key)
