"""An answer on its way from a worker to its reader, held back when the reader is slow."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

from server.workers.query import Failure, Query

_HIGH, _LOW = 1 << 20, 1 << 18
"""The worker is made to wait when so many bytes wait for the reader, until only so few are left."""


class Source(Protocol):
    """Where an answer comes from: a worker's connection."""

    release: str

    def pause(self) -> None:
        """Read no more for now; the worker will block on its next write."""

    def resume(self) -> None:
        """Read on."""

    def cpu_now(self) -> float:
        """Seconds of CPU the worker has used in its life."""


class Answer:
    """What the reader of one query gets.

    `whole` is the complete body of a small answer, else None and the body comes from `parts`.
    `release` is the id of the release that was asked.
    """

    __slots__ = (
        "_chunks",
        "_cpu",
        "_cpu_before",
        "_first",
        "_loop",
        "_paused_at",
        "_paused_for",
        "_size",
        "_source",
        "_waiter",
        "failure",
        "finished",
        "number",
        "postponed",
        "query",
        "slow",
        "started",
        "timer",
        "whole",
    )

    def __init__(
        self, number: int, query: Query, source: Source, cpu: float, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.number = number
        self.query = query
        self.failure: Failure | None = None
        self.slow = self.postponed = False
        self.timer: asyncio.TimerHandle | None = None
        self.whole: bytes | None = None
        self.finished = False
        self.started = loop.time()
        self._source = source
        self._loop = loop
        self._cpu_before = cpu
        self._cpu: float | None = None
        self._first: asyncio.Future[None] = loop.create_future()
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._waiter: asyncio.Future[None] | None = None
        self._paused_at: float | None = None
        self._paused_for = 0.0

    @property
    def release(self) -> str:
        """The id of the release that was asked."""
        return self._source.release

    @property
    def cpu(self) -> float:
        """Seconds of CPU the worker has used for this answer so far."""
        used = self._source.cpu_now() - self._cpu_before if self._cpu is None else self._cpu
        return max(0.0, used)

    @property
    def held_up(self) -> float:
        """Seconds the worker has had to wait for the reader."""
        if self._paused_at is None:
            return self._paused_for
        return self._paused_for + self._loop.time() - self._paused_at

    async def parts(self) -> AsyncIterator[bytes]:
        """The body, piece by piece; raises Failure where it breaks off, and ends only when it is whole."""
        if self.whole is not None:
            yield self.whole
            return
        while True:
            while self._chunks and self.failure is None:
                yield self._next()
            if self.failure is not None:
                raise self.failure
            if self.finished:
                return
            self._waiter = self._loop.create_future()
            await self._waiter

    async def begun(self) -> None:
        """Wait until the answer is whole or a first part is there; raises Failure if it is neither."""
        await self._first

    def complete(self, body: bytes) -> None:
        """The worker has sent a small answer whole."""
        self.whole = body
        self.finish()

    def begin(self) -> None:
        """The worker has begun a long answer."""
        if not self._first.done():
            self._first.set_result(None)

    def take(self, chunk: bytes) -> None:
        """The worker has sent a piece of a long answer."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > _HIGH and self._paused_at is None:
            self._paused_at = self._loop.time()
            self._source.pause()
        self._wake()

    def finish(self) -> None:
        """The worker has sent all there is."""
        self.finished = True
        self.begin()
        self._wake()

    def postpone(self) -> None:
        """The worker was taken away before the answer began; the query is to be asked again."""
        self.postponed = True
        self.finish()

    @property
    def begun_already(self) -> bool:
        """Whether the reader has been told of the answer."""
        return self._first.done()

    def fail(self, failure: Failure) -> None:
        """There will be no (more of the) answer; what waits for the reader is dropped."""
        self.failure = failure
        self.finished = True
        self._chunks.clear()
        if not self._first.done():
            self._first.set_exception(failure)
            self._first.exception()  # counts as seen, though the reader may have gone
        self._wake()

    def settle(self, cpu: float) -> None:
        """The worker goes on to other things, having used `cpu` seconds in its life until here."""
        self._cpu = cpu - self._cpu_before
        if self._paused_at is not None:  # the end came in the same breath as what made us pause
            self._go_on()

    def _next(self) -> bytes:
        chunk = self._chunks.popleft()
        self._size -= len(chunk)
        if self._paused_at is not None and self._size < _LOW:
            self._go_on()
        return chunk

    def _go_on(self) -> None:
        self._paused_for = self.held_up
        self._paused_at = None
        self._source.resume()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
