"""A lean HTTP client that keeps connections open and times the first byte and the last of each answer."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

ACCEPT = "application/sparql-results+json, application/n-triples"


@dataclass(slots=True)
class Tally:
    """Times in seconds of all answers, and what else was noted."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    size: int = 0
    failed: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.whole) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The time within which a share of the answers was whole, in milliseconds."""
        return percentile(self.whole, share)


def percentile(values: list[float], share: float) -> float:
    """The value in milliseconds below which a share of the values in seconds lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else float("nan")


class Client:
    """One connection to a query address."""

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, text: str, tally: Tally) -> None:
        """Send a query by POST, read the answer to its end, and note how long it took."""
        body = urlencode({"query": text}).encode()
        head = (
            f"POST {self._place.path} HTTP/1.1\r\nHost: {self._place.netloc}\r\nAccept: {ACCEPT}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        began = time.perf_counter()
        try:
            first = await self._exchange(head + body, tally)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            tally.failed += 1
            await self.close()
            return
        tally.first.append(first - began)
        tally.whole.append(time.perf_counter() - began)

    async def _exchange(self, request: bytes, tally: Tally) -> float:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self._place.hostname, self._place.port, limit=1 << 20
            )
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if head.split(b" ", 2)[1] != b"200":
            raise ValueError(head)
        if b"transfer-encoding: chunked" in head:
            return await _chunks(self._reader, tally)
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        first = time.perf_counter()
        tally.size += len(await self._reader.readexactly(length))
        return first

    async def close(self) -> None:
        """Give the connection up."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None


async def _chunks(reader: asyncio.StreamReader, tally: Tally) -> float:
    first = 0.0
    while size := int(await reader.readline(), 16):
        first = first or time.perf_counter()
        left = size + 2
        while left:
            piece = await reader.read(min(left, 1 << 18))
            if not piece:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(piece)
        tally.size += size
    await reader.readline()
    return first or time.perf_counter()


async def load(url: str, clients: int, seconds: float, query: Callable[[], str]) -> Tally:
    """Let so many clients ask one query after the other for a time."""
    tally = Tally()
    began = time.perf_counter()

    async def user() -> None:
        client = Client(url)
        while time.perf_counter() - began < seconds:
            await client.ask(query(), tally)
        await client.close()

    await asyncio.gather(*(user() for _ in range(clients)))
    tally.seconds = time.perf_counter() - began
    return tally
