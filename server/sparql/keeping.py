"""Keeps long answers, coded, for those who ask the same again.

zstd at its lowest level takes a few milliseconds for ten megabytes, far less than the engine, and less than
handing the parts to another thread would.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import zstandard

from server.sparql.cache import Key, ResultCache

PIECE = 256 * 1024
"""Coded bytes that are unpacked before others have their turn."""
CODING = "zstd"
LEVEL = 1


class Gathering:
    """Collects an answer on its way to the client; what does not fit the cache is let go of."""

    def __init__(self, cache: ResultCache, key: Key) -> None:
        self._cache = cache
        self._key = replace(key, coding=CODING)
        self._parts: list[bytes] | None = []
        self._size = 0
        self._coder = zstandard.ZstdCompressor(level=LEVEL).compressobj()

    def take(self, part: bytes) -> None:
        """The next part of the answer."""
        if self._parts is None:
            return
        coded = self._coder.compress(part)
        self._size += len(coded)
        if self._size > self._cache.entry_limit:
            self._parts = None
        elif coded:
            self._parts.append(coded)

    def keep(self) -> None:
        """The answer is whole: keep it. One that breaks off never comes here."""
        if self._parts is not None:
            self._cache.put(self._key, b"".join([*self._parts, self._coder.flush()]))


async def unpacked(coded: bytes) -> AsyncIterator[bytes]:
    """A kept long answer, piece by piece."""
    for piece in zstandard.ZstdDecompressor().read_to_iter(coded, write_size=PIECE):
        yield piece
        await asyncio.sleep(0)
