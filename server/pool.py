"""The pool: a worker for each query, and an end for every query that goes too far."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import count
from types import TracebackType

from loaders.release import Release
from server import faults
from server.answer import Answer
from server.lanes import Lanes
from server.link import Link
from server.query import Failure, Query
from server.settings import ServerSettings
from server.workforce import Workforce

__all__ = ["Answer", "Failure", "Pool", "PoolState", "Query", "Running"]

_LOOK_AGAIN = 0.02
"""The shortest time, in seconds, between two looks at what a running query has used."""


@dataclass(frozen=True, slots=True)
class PoolState:
    """The pool at one moment: gauges, and counters since the start. `failures` counts by cause."""

    release: str
    available: bool
    in_memory: bool
    idle: int
    fast: int
    slow: int
    waiting: int
    answered: int
    spawned: int
    restarts: int
    failures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Running:
    """One query that is running; `seconds` of wall time and of CPU."""

    number: int
    query: Query
    seconds: float
    cpu: float
    slow: bool
    release: str


class Pool:
    """Answers queries over a release with worker processes that can be killed.

    `start` before use and `close` at the end. One event loop uses one pool.
    """

    def __init__(self, release: Release, settings: ServerSettings) -> None:
        self._settings = settings
        self._lanes = Lanes(settings)
        self._workforce = Workforce(release, settings, self)
        self._running: dict[Answer, Link] = {}
        self._numbers = count(1)
        self._failures: Counter[str] = Counter()
        self._answered = 0

    async def start(self) -> None:
        """Serve from the store on disk; returns when the first worker is ready. Raises Failure if none is."""
        self._loop = asyncio.get_running_loop()
        await self._workforce.start()

    async def switch(self, release: Release) -> None:
        """Go over to another release without failing a query; raises Failure, and stays, if that has none."""
        await self._workforce.switch(release)

    async def close(self) -> None:
        """Stop all queries and end all processes."""
        for answer in list(self._running):
            self._stop(answer, Failure("stopped", "The server is closing.", retry_after=5))
        await self._workforce.close()

    def run(self, query: Query) -> AbstractAsyncContextManager[Answer]:
        """The answer to `query`, as soon as it is whole or has begun; leaving the block early stops it.

        Entering raises Failure when there is no answer; so does reading the parts when it breaks off.
        """
        return _Run(self, query)

    def running(self) -> tuple[Running, ...]:
        """The queries that are running, the longest first."""
        now = self._loop.time()
        return tuple(
            Running(
                answer.number, answer.query, now - answer.started, answer.cpu, answer.slow, answer.release
            )
            for answer in self._running
        )

    def stop(self, number: int) -> bool:
        """Stop the query of that number; False if it is not running (any more)."""
        for answer in self._running:
            if answer.number == number:
                self._stop(answer, Failure("stopped", "An operator stopped the query.", retry_after=30))
                return True
        return False

    def state(self) -> PoolState:
        """How things stand."""
        current = self._workforce.current
        return PoolState(
            release=current.release if current else self._workforce.release.id,
            available=current is not None,
            in_memory=current is not None and current.in_memory,
            idle=len(current.idle) if current else 0,
            fast=self._lanes.fast,
            slow=self._lanes.slow,
            waiting=self._lanes.waiting,
            answered=self._answered,
            spawned=self._workforce.spawned,
            restarts=self._workforce.restarts,
            failures=dict(self._failures),
        )

    def available(self) -> None:
        """From the workforce: there is an idle worker."""
        now = self._loop.time()
        while (current := self._workforce.current) and current.idle and (turn := self._lanes.next(now)):
            self._lanes.start()
            turn.set_result(current.idle.pop())

    def answered(self, link: Link) -> None:
        """From the workforce: a worker has ended an answer, well or not."""
        if (answer := link.answer) is not None:
            link.answer = None
            self._end(answer)
        self._workforce.give_back(link)

    def lost(self, link: Link) -> None:
        """From the workforce: a worker is gone, and the query with it if it had one."""
        if (answer := link.answer) is not None:
            link.answer = None
            answer.fail(faults.from_exit(link.code, link.last_words))
            self._end(answer)

    async def obtain(self, query: Query) -> Answer:
        """Have a worker begin with `query`, when it is its turn. Raises Failure."""
        try:
            link = await self._worker(query)
        except Failure as failure:
            self._failures[failure.cause] += 1
            raise
        answer = Answer(next(self._numbers), query, link, link.cpu, self._loop)
        answer.slow = query.network
        self._running[answer] = link
        answer.timer = self._loop.call_later(self._first_look(query), self._look, answer)
        link.ask(answer)
        return answer

    def leave(self, answer: Answer) -> None:
        """Nobody reads `answer` any more: stop it if it is not finished."""
        if answer in self._running:
            self._stop(answer, Failure("stopped", "The reader has gone."))

    async def _worker(self, query: Query) -> Link:
        if query.network:
            return await self._worker_with_network(query)
        if self._lanes.free() and (link := self._workforce.take()) is not None:
            self._lanes.start()
            return link
        turn: asyncio.Future[Link] = self._loop.create_future()
        self._lanes.wait(query.client, turn)
        try:
            async with asyncio.timeout(self._settings.queue_wait):
                return await turn
        except TimeoutError:
            raise self._waited_in_vain() from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it came at the same moment: pass it on
                self._lanes.end(query.client, 0.0, self._loop.time(), slow=False)
                self._workforce.give_back(turn.result())
            raise
        finally:
            self._lanes.leave(query.client, turn)

    async def _worker_with_network(self, query: Query) -> Link:
        if refusal := self._lanes.start_slow(query.client):
            raise refusal
        try:
            async with asyncio.timeout(self._settings.queue_wait):
                return await self._workforce.with_network()
        except BaseException as error:
            self._lanes.end(query.client, 0.0, self._loop.time(), slow=True)
            if isinstance(error, TimeoutError):
                raise self._waited_in_vain() from None
            raise

    def _waited_in_vain(self) -> Failure:
        if self._workforce.current is None:
            return Failure("unavailable", "No worker is available at the moment.", retry_after=1)
        return Failure("overload", "The server is busy: the query has waited too long.", retry_after=5)

    def _first_look(self, query: Query) -> float:
        return min(self._settings.fast_cpu, query.deadline)

    def _look(self, answer: Answer) -> None:
        """See to a query that has run for a while: is its time over, has it become slow?"""
        left = answer.started + answer.query.deadline - self._loop.time()
        if left <= 0:
            self._stop(answer, Failure("deadline", "The query was not finished in its time.", retry_after=10))
            return
        again = left
        if not answer.slow:
            used = answer.cpu + answer.held_up
            if used >= self._settings.fast_cpu:
                self._slow_down(answer)
            else:
                again = min(left, max(_LOOK_AGAIN, self._settings.fast_cpu - used))
        if answer in self._running:
            answer.timer = self._loop.call_later(again, self._look, answer)

    def _slow_down(self, answer: Answer) -> None:
        if refusal := self._lanes.slow_down(answer.query.client):
            self._stop(answer, refusal)
            return
        answer.slow = True
        self._workforce.replace(self._running[answer])
        self.available()

    def _stop(self, answer: Answer, failure: Failure) -> None:
        link = self._running[answer]
        link.answer = None
        answer.settle(link.cpu_now())
        answer.fail(failure)
        self._end(answer)
        self._workforce.dismiss(link)
        self.available()

    def _end(self, answer: Answer) -> None:
        if answer.timer is not None:
            answer.timer.cancel()
        del self._running[answer]
        now = self._loop.time()
        self._lanes.end(answer.query.client, now - answer.started, now, slow=answer.slow)
        if answer.failure is None:
            self._answered += 1
        else:
            self._failures[answer.failure.cause] += 1


class _Run(AbstractAsyncContextManager[Answer]):
    """One query, from its turn until its reader has done with it."""

    __slots__ = ("_answer", "_pool", "_query")

    def __init__(self, pool: Pool, query: Query) -> None:
        self._pool = pool
        self._query = query

    async def __aenter__(self) -> Answer:
        self._answer = await self._pool.obtain(self._query)
        try:
            await self._answer.begun()
        except BaseException:
            self._pool.leave(self._answer)
            raise
        return self._answer

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.leave(self._answer)
