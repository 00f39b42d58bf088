"""Keeps long answers for those who ask the same again: coded, and only once they were asked for twice.

Most long answers are asked for once; coding each of them would cost every client for the few that come again.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import zstandard

from server.sparql.cache import Key, ResultCache

PLAIN = 1024 * 1024
"""Bytes up to which a long answer is kept at once, and as it is."""
PIECE = 256 * 1024
CODING = "zstd"
LEVEL = 1  # a tenth of the size for a few milliseconds a megabyte


class Gathering:
    """Collects an answer on its way to the client; what does not fit the cache is let go of."""

    def __init__(self, cache: ResultCache, key: Key) -> None:
        self._cache = cache
        self._key = key
        self._parts: list[bytes] | None = []
        self._size = 0
        again = cache.seen(key)
        self._coder = zstandard.ZstdCompressor(level=LEVEL).compressobj() if again else None

    async def take(self, part: bytes) -> None:
        """The next part of the answer."""
        if self._parts is None:
            return
        if self._coder is not None:
            part = await asyncio.to_thread(self._coder.compress, part)
        self._size += len(part)
        if self._size > (PLAIN if self._coder is None else self._cache.entry_limit):
            self._parts = None
        else:
            self._parts.append(part)

    def keep(self) -> None:
        """The answer is whole: keep it. One that breaks off never comes here."""
        if self._parts is None:
            return
        if self._coder is None:
            self._cache.put(self._key, b"".join(self._parts))
        else:
            coded = b"".join([*self._parts, self._coder.flush()])
            self._cache.put(replace(self._key, coding=CODING), coded)


async def unpacked(coded: bytes) -> AsyncIterator[bytes]:
    """A kept long answer, piece by piece."""
    pieces = zstandard.ZstdDecompressor().read_to_iter(coded, write_size=PIECE)
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece
