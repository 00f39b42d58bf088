"""Content codings of answers: gzip, brotli and zstd, whole or as a stream."""

import zlib
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # it ships no types
import zstandard

GZIP_LEVEL = 5
BROTLI_QUALITY = 4
ZSTD_LEVEL = 3


class Coder(Protocol):
    """Codes one answer part by part; without `finish` the result is recognisably cut off."""

    def part(self, data: bytes, *, flush: bool = False) -> bytes:
        """Code a part; with `flush` all of it can be decoded from what was given so far."""

    def finish(self) -> bytes:
        """The end of the coded answer."""


class Gzip:
    """RFC 1952, without a time stamp, so that equal answers are equal bytes."""

    def __init__(self) -> None:
        self._coder = zlib.compressobj(GZIP_LEVEL, wbits=31)

    def part(self, data: bytes, *, flush: bool = False) -> bytes:
        """Code a part."""
        coded = self._coder.compress(data)
        return coded + self._coder.flush(zlib.Z_SYNC_FLUSH) if flush else coded

    def finish(self) -> bytes:
        """The rest, with checksum and length."""
        return self._coder.flush()


class Brotli:
    """RFC 7932."""

    def __init__(self) -> None:
        self._coder = brotli.Compressor(quality=BROTLI_QUALITY)

    def part(self, data: bytes, *, flush: bool = False) -> bytes:
        """Code a part."""
        coded: bytes = self._coder.process(data)
        return coded + self._coder.flush() if flush else coded

    def finish(self) -> bytes:
        """The rest, with the last block marked."""
        rest: bytes = self._coder.finish()
        return rest


class Zstd:
    """RFC 8878."""

    def __init__(self) -> None:
        self._coder = zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True).compressobj()

    def part(self, data: bytes, *, flush: bool = False) -> bytes:
        """Code a part."""
        coded = self._coder.compress(data)
        return coded + self._coder.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) if flush else coded

    def finish(self) -> bytes:
        """The rest, with the checksum."""
        return self._coder.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH)


CODERS: dict[str, type[Gzip] | type[Brotli] | type[Zstd]] = {"gzip": Gzip, "br": Brotli, "zstd": Zstd}


def coder(name: str) -> Coder | None:
    """A fresh coder for a content coding; None for "", which leaves the answer as it is."""
    return CODERS[name]() if name else None


def whole(name: str, body: bytes) -> bytes:
    """A whole body in a content coding."""
    one = coder(name)
    return one.part(body) + one.finish() if one else body
