"""One worker as the front sees it: its connection, the answer it is working on, its end."""

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Protocol, cast

from server.workers.answer import Answer
from server.workers.frames import END, FAILURE, FRAME, HEAD, PART, READY, WHOLE, pack_query, unpack_failure

_SLOW_NICENESS = 10


class Owner(Protocol):
    """Who is told what becomes of a worker."""

    def ready(self, link: "Link") -> None:
        """The worker has started and waits for its first query."""

    def answered(self, link: "Link") -> None:
        """The worker has ended an answer, well or not."""

    def lost(self, link: "Link") -> None:
        """The worker is gone and its exit code known."""

    def kill(self, pid: int) -> None:
        """Kill a worker where the platform has no handles on processes."""


class Link(asyncio.Protocol):
    """The front's end of one worker's connection.

    `cpu` is what the worker has used in its life, in seconds, as it last said; `fresh` whether it takes
    another query; `counted` whether it holds a place of the fast lane. `code` is its exit code, negative
    for a signal, None if that cannot be known.
    """

    def __init__(self, owner: Owner, release: str, pid: int, handle: int | None, *, network: bool) -> None:
        self.release = release
        self.pid = pid
        self.network = network
        self.owner = owner
        self.answer: Answer | None = None
        self.cpu = 0.0
        self.fresh = True
        self.up = False
        self.counted = not network
        self.walls = b""
        self.code: int | None = None
        self.last_words = ""
        self._handle = handle
        self._transport: asyncio.Transport | None = None
        self._closed = self._exited = False
        self._rest = b""
        self._asked_at = 0.0
        self._part_left = 0

    def ask(self, answer: Answer) -> None:
        """Send the query of `answer` to the worker, which must be idle."""
        assert self._transport is not None  # noqa: S101  it has said that it is ready
        self.answer = answer
        self._asked_at = time.monotonic()
        self._transport.write(pack_query(answer.query))

    def kill(self) -> None:
        """End the worker at once, whatever it does."""
        if self._handle is None:
            self.owner.kill(self.pid)
        elif not self._exited:
            with contextlib.suppress(ProcessLookupError):  # reaped, and the news of it on its way
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def yield_to_others(self) -> None:
        """Let the worker go on, but only while nobody else needs the processor."""
        with contextlib.suppress(OSError):  # it has just ended, or the platform forbids it
            os.setpriority(os.PRIO_PROCESS, self.pid, _SLOW_NICENESS)

    def pause(self) -> None:
        """Read no more for now; the worker will block on its next write."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def cpu_now(self) -> float:
        """Seconds of CPU the worker has used in its life; by the clock where the kernel does not tell."""
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_bytes().split()[0]) / 1e9
        except (OSError, IndexError):  # no such file on this platform, or no such process any more
            return self.cpu + time.monotonic() - self._asked_at

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the connection stands."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes of frames; the parts of long answers are handed on as they come."""
        at = 0
        if self._part_left:
            at = self._take_part(data, 0)
        elif self._rest:
            data = self._rest + data
        while len(data) - at >= FRAME.size:
            kind, length, cpu, fresh = FRAME.unpack_from(data, at)
            body = at + FRAME.size
            if kind == PART:
                self._part_left = length
                at = self._take_part(data, body)
                continue
            if len(data) - body < length:
                break
            at = body + length
            self.cpu, self.fresh = cpu, fresh
            self._frame(kind, data[body:at])
        self._rest = data[at:]

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio: the worker has closed its end, most likely by ending."""
        self._closed = True
        self._finish()

    def exited(self, code: int | None, last_words: str) -> None:
        """The zygote has seen the worker end."""
        if self._exited:
            return
        self._exited = True
        self.code, self.last_words = code, last_words
        if self._handle is not None:
            os.close(self._handle)
        self.resume()  # or the end of a connection that was paused is never noticed
        if code is None and self._transport is not None:
            self._transport.abort()
        self._finish()

    def abandon(self) -> None:
        """No connection will come about: the worker is only waited for."""
        self._closed = True
        self._finish()

    def _finish(self) -> None:
        if self._closed and self._exited:
            self.owner.lost(self)

    def _take_part(self, data: bytes, start: int) -> int:
        end = min(len(data), start + self._part_left)
        self._part_left -= end - start
        if self.answer is not None and end > start:
            self.answer.take(data[start:end])
        return end

    def _frame(self, kind: bytes, body: bytes) -> None:
        if kind == READY:
            self.up, self.walls = True, body
            self.owner.ready(self)
            return
        answer = self.answer
        if answer is None:  # given up in the meantime; the worker has been killed
            return
        if kind == HEAD:
            answer.begin()
            return
        answer.settle(self.cpu)
        if kind == WHOLE:
            answer.complete(body)
        elif kind == END:
            answer.take(body)
            answer.finish()
        elif kind == FAILURE:
            answer.fail(unpack_failure(body))
        self.owner.answered(self)
