"""HTTP with bounds: a request can neither grow without end nor take for ever to arrive, nor be one too many.

The head of an answer is sent together with the first bytes of its body: two system calls for each answer
would cost as much as all that is done to find it.
"""

import asyncio
import logging
import resource
import time
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOG = logging.getLogger(__name__)
HEAD_BYTES = 128 * 1024
"""The longest request line and headers together; an address alone may have 64 KiB."""
SECONDS = 30.0
"""In which a request has to arrive, its body included."""
SPARE = 256
"""Descriptors that are kept free of connections: for the workers, and for files."""
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nConnection: close\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 55\r\n\r\n"
    b"The server has as many connections as it may; ask again"
)
TOLD_EVERY = 60.0
"""Seconds for which nothing more is said about connections that were turned away."""


def _most() -> int:
    """As many connections as the descriptors of this process allow."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return allowed - min(SPARE, allowed // 2) if allowed != resource.RLIM_INFINITY else 1_000_000


class HeadWithBody:
    """A transport that holds the head of an answer back until its body comes, or the loop turns."""

    __slots__ = ("_head", "_later", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""
        self._later: asyncio.Handle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send bytes, soon if they are a head, together with what was held back if they are not."""
        if self._head:
            self._transport.writelines((self._take(), data))
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._later = self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Send what is held back, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            self._transport.write(self._take())

    def _take(self) -> bytes:
        head, self._head = self._head, b""
        if self._later is not None:
            self._later.cancel()
        return head


class BoundedHttp(HttpToolsProtocol):
    """Refuses a head that is too long with 400, and closes a connection whose request does not come.

    Connections beyond those that there are descriptors for are answered with 503 at once.
    """

    _most = _most()
    _told: ClassVar[float] = -TOLD_EVERY
    _head = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(HeadWithBody(transport, self.loop))  # type: ignore[arg-type]
        if len(self.connections) > self._most:
            self._turn_away(transport)
        else:
            self._arm()

    def _turn_away(self, transport: asyncio.Transport) -> None:
        transport.write(FULL)
        transport.close()
        now = time.monotonic()
        if now - BoundedHttp._told >= TOLD_EVERY:
            BoundedHttp._told = now
            LOG.warning("%d connections are all that there may be; more get 503 (see ulimit -n)", self._most)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._disarm()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._head = 0
        self._arm()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._disarm()
        super().on_message_complete()

    def _count(self, more: int) -> None:
        self._head += more
        if self._head > HEAD_BYTES:
            raise ValueError("request head too long")  # httptools turns it into a refused request

    def _arm(self) -> None:
        self._disarm()
        self._timer = self.loop.call_later(SECONDS, self._late)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self.transport.close()
