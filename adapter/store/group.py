"""A thread that takes all that waits, deals with it at once, and only then says that it is done.

A group costs one fsync, so many small writes are as durable as one and nearly as cheap as none.
https://sqlite.org/wal.html#performance_considerations
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, NamedTuple, TypeVar

from adapter.problems import Kind, Problem

log = logging.getLogger(__name__)

GROUP = 256
"""Most items in one commit."""

Item = TypeVar("Item")
Outcome = tuple[Any, BaseException | None]


class Waiting(NamedTuple, Generic[Item]):
    """Something to deal with and the future that waits for it."""

    item: Item
    future: Future[Any]


class Group(ABC, Generic[Item]):
    """`_commit` deals with what waited; `_rest` is called after it and every `idle` seconds without any.

    Whatever fails in either is logged by its kind, and does not stop the thread.
    """

    def __init__(self, name: str, idle: float) -> None:
        self._name = name
        self._idle = idle
        self._more = False
        self.commits = self.committed = 0
        """Commits since the start, and the items in them."""
        self._queue: SimpleQueue[Waiting[Item] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=f"{name} writer", daemon=True)
        self._open = True

    @property
    def alive(self) -> bool:
        """Whether it takes work."""
        return self._open and self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How much waits."""
        return self._queue.qsize()

    def start(self) -> None:
        """Begin to take work."""
        self._thread.start()

    def close(self) -> None:
        """Finish what waits, then stop; harmless when called twice."""
        if self._open:
            self._open = False
            self._queue.put(None)
            self._thread.join()
            self._let_go()

    @abstractmethod
    def _commit(self, items: Sequence[Item]) -> list[Outcome]:
        """The outcome of each; what this raises is that of all."""

    @abstractmethod
    def _give_up(self) -> None:
        """Undo what was begun."""

    @abstractmethod
    def _rest(self) -> bool:
        """Do a part of what nobody waits for; answers whether there is more of it."""

    @abstractmethod
    def _problem_of(self, error: BaseException) -> BaseException:
        """What to tell whoever waited for what failed so."""

    @abstractmethod
    def _let_go(self) -> None:
        """The end, after the last commit."""

    def _enqueue(self, item: Item) -> Future[Any]:
        """Queue one; Problem(BUSY) once closed."""
        if not self._open:
            raise Problem(Kind.BUSY, f"the {self._name} is closed")
        future: Future[Any] = Future()
        self._queue.put(Waiting(item, future))
        return future

    def _run(self) -> None:
        going = True
        while going:
            going, taken = self._take()
            if taken:
                self._settle(taken, self._committing([waiting.item for waiting in taken]))
            self._more = going and self._resting()

    def _resting(self) -> bool:
        """Whatever fails in what nobody waits for must not stop the thread."""
        try:
            return self._rest()
        except Exception as error:
            # The kind of error only: its message may quote a record.
            log.error("upkeep of the %s failed: %s", self._name, type(error).__name__)
            return False

    def _take(self) -> tuple[bool, list[Waiting[Item]]]:
        """Wait for work, not for ever, then take all that is there; False when asked to stop."""
        taken: list[Waiting[Item]] = []
        try:
            one = self._queue.get(timeout=0 if self._more else self._idle)
            while one is not None:
                if one.future.set_running_or_notify_cancel():
                    taken.append(one)
                if len(taken) == GROUP:
                    return True, taken
                one = self._queue.get_nowait()
        except Empty:
            return True, taken
        return False, taken

    def _committing(self, items: Sequence[Item]) -> list[Outcome]:
        """The outcomes, also when something fails that no item did: nobody may wait for ever."""
        try:
            return self._commit(items)
        except Exception as error:
            log.error("the writer of the %s failed: %s", self._name, type(error).__name__)
            self._give_up()
            return [(None, error) for _ in items]

    def _settle(self, taken: Iterable[Waiting[Item]], outcomes: Iterable[Outcome]) -> None:
        for waiting, (result, error) in zip(taken, outcomes, strict=True):
            if error is None:
                waiting.future.set_result(result)
            else:
                waiting.future.set_exception(self._problem_of(error))
