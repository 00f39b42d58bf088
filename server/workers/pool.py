"""The pool: a worker for each query, and an end for every query that goes too far."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import count
from types import TracebackType

from loaders.releases.release import Release
from server.settings import ServerSettings
from server.workers import faults
from server.workers.answer import Answer
from server.workers.lanes import Lanes, Turn
from server.workers.link import Link
from server.workers.query import Failure, Query
from server.workers.workforce import Workforce

__all__ = ["Answer", "Failure", "Pool", "PoolState", "Query", "Running"]

_LOOK_AGAIN = 0.03
"""Seconds between two looks at what a query in the fast lane has used."""
_SOONER = 6.0
"""A query counts as slow after so small a part of the time if somebody waits who has had much less."""
_CHANGE_OVER = 0.5
"""Seconds between two looks at whether a slow query has to make room."""
_OTHERS_WAIT = "The server is busy, and the query had run for long while others waited; try again later."
_WALL_FOR_CPU = 10
"""So many seconds of waiting, for the disk or the processor, count as one of CPU: no query holds a fast place
for long."""


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
        closing = Failure("stopped", "The server is closing.", retry_after=5)
        for turn in self._lanes.everyone():
            if not turn.done():
                turn.set_exception(closing)
        for answer in list(self._running):
            self._stop(answer, closing)
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
        while (current := self._workforce.current) and current.idle:
            found = self._lanes.next(self._loop.time())
            if found is None:
                return
            turn, slow = found
            link = current.idle.pop()
            if slow:
                self._workforce.replace(link)
            turn.set_result(link)

    def answered(self, link: Link) -> None:
        """From the workforce: a worker has ended an answer, well or not."""
        if (answer := link.answer) is not None:
            link.answer = None
            self._end(answer)
        self._workforce.give_back(link)
        self.available()

    def lost(self, link: Link) -> None:
        """From the workforce: a worker is gone, and the query with it if it had one."""
        if (answer := link.answer) is not None:
            link.answer = None
            answer.fail(faults.from_exit(link.code, link.last_words))
            self._end(answer)
            self.available()

    async def obtain(self, query: Query) -> Answer:
        """Have a worker answer `query` when it is its turn, until it has begun. Raises Failure.

        A query that was not quick and found no place among the slow ones waits for one and is begun anew.
        """
        slow = query.network
        while True:
            answer = self._begin(query, await self._worker(query, slow=slow), slow=slow)
            try:
                await answer.begun()
            except BaseException:
                self.leave(answer)
                raise
            if not answer.postponed:
                return answer
            slow = True

    def leave(self, answer: Answer) -> None:
        """Nobody reads `answer` any more: stop it if it is not finished."""
        if answer in self._running:
            self._stop(answer, Failure("stopped", "The reader has gone."))

    def _begin(self, query: Query, link: Link, *, slow: bool) -> Answer:
        answer = Answer(next(self._numbers), query, link, link.cpu, self._loop)
        answer.slow = slow
        self._running[answer] = link
        first_look = min(_CHANGE_OVER if slow else self._settings.fast_cpu / _SOONER, query.deadline)
        answer.timer = self._loop.call_later(first_look, self._look, answer)
        link.ask(answer)
        return answer

    async def _worker(self, query: Query, *, slow: bool) -> Link:
        if query.network:
            return await self._worker_with_network(query)
        if (
            not slow
            and self._lanes.open(query.client, self._loop.time())
            and (link := self._workforce.take()) is not None
        ):
            self._lanes.start_fast()
            return link
        try:
            link = await self._turn(query, slow=slow)
        except Failure as failure:
            self._failures[failure.cause] += 1
            raise
        if slow:
            link.yield_to_others()
        return link

    async def _turn(self, query: Query, *, slow: bool) -> Link:
        """Wait until a worker comes, with a place in the lane."""
        turn: Turn = self._loop.create_future()
        self._lanes.wait(query.client, turn, slow=slow)
        timer = self._loop.call_later(self._settings.queue_wait, self._waited_in_vain, query, turn, slow)
        self.available()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:  # too late for its reader
                self._lanes.end(query.client, 0.0, self._loop.time(), slow=slow)
                self._workforce.give_back(turn.result())
                self.available()
            raise
        finally:
            timer.cancel()
            self._lanes.leave(query.client, turn, slow=slow)

    async def _worker_with_network(self, query: Query) -> Link:
        """A worker of its own for a query that may reach others: such a one is never quick."""
        client = query.client
        if not self._lanes.may_be_slow(client):
            raise self._lanes.refusal(client)
        self._lanes.start_slow(client)
        try:
            async with asyncio.timeout(self._settings.queue_wait):
                return await self._workforce.with_network()
        except BaseException as error:
            self._lanes.end(client, 0.0, self._loop.time(), slow=True)
            if isinstance(error, TimeoutError):
                raise Failure("unavailable", "No worker came up in time.", retry_after=5) from None
            raise

    def _waited_in_vain(self, query: Query, turn: Turn, slow: bool) -> None:
        if turn.done():
            return
        if self._workforce.current is None:
            failure = Failure("unavailable", "No worker is available at the moment.", retry_after=1)
        elif slow:
            failure = self._lanes.refusal(query.client)
        else:
            failure = Failure("overload", "The server is busy: the query has waited too long.", retry_after=5)
        turn.set_exception(failure)

    def _look(self, answer: Answer) -> None:
        """See to a query that has run for a while: is its time over, has it become slow?"""
        seconds = self._loop.time() - answer.started
        left = answer.query.deadline - seconds
        if left <= 0:
            self._stop(answer, Failure("deadline", "The query was not finished in its time.", retry_after=10))
            return
        again = min(left, _CHANGE_OVER)
        if answer.slow:
            if self._lanes.must_leave(answer.query.client, seconds, self._loop.time()):
                self._stop(answer, Failure("overload", _OTHERS_WAIT, retry_after=10))
        else:
            self._look_at_quick(answer, seconds)
            again = min(left, _LOOK_AGAIN)
        if answer in self._running:
            answer.timer = self._loop.call_later(again, self._look, answer)

    def _look_at_quick(self, answer: Answer, seconds: float) -> None:
        used = max(answer.cpu + answer.held_up, seconds / _WALL_FOR_CPU)
        client, quick = answer.query.client, self._settings.fast_cpu
        movable = self._lanes.may_be_slow(client) or not answer.begun_already
        wanted = movable and self._lanes.wanted(client, seconds, self._loop.time())
        if used >= (quick / _SOONER if wanted else quick):
            self._slow_down(answer)

    def _slow_down(self, answer: Answer) -> None:
        """The query is not quick: it goes on as a slow one, or waits to be one, or ends here."""
        client = answer.query.client
        if not self._lanes.may_be_slow(client):
            if answer.begun_already:
                self._stop(answer, self._lanes.refusal(client))
            else:
                self._postpone(answer)
            return
        link = self._running[answer]
        answer.slow = True
        self._lanes.slow_down(client)
        link.yield_to_others()
        self._workforce.replace(link)
        self.available()

    def _stop(self, answer: Answer, failure: Failure) -> None:
        link = self._let_go(answer)
        answer.fail(failure)
        self._end(answer)
        self._workforce.dismiss(link)
        self.available()

    def _postpone(self, answer: Answer) -> None:
        link = self._let_go(answer)
        self._account(answer)
        answer.postpone()
        self._workforce.dismiss(link)
        self.available()

    def _let_go(self, answer: Answer) -> Link:
        link = self._running[answer]
        link.answer = None
        answer.settle(link.cpu_now())
        return link

    def _end(self, answer: Answer) -> None:
        self._account(answer)
        if answer.failure is None:
            self._answered += 1
        else:
            self._failures[answer.failure.cause] += 1

    def _account(self, answer: Answer) -> None:
        if answer.timer is not None:
            answer.timer.cancel()
        del self._running[answer]
        now = self._loop.time()
        self._lanes.end(answer.query.client, now - answer.started, now, slow=answer.slow)


class _Run(AbstractAsyncContextManager[Answer]):
    """One query, from its turn until its reader has done with it."""

    __slots__ = ("_answer", "_pool", "_query")

    def __init__(self, pool: Pool, query: Query) -> None:
        self._pool = pool
        self._query = query

    async def __aenter__(self) -> Answer:
        self._answer = await self._pool.obtain(self._query)
        return self._answer

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.leave(self._answer)
