"""Files made of gzip members, so that a stretch of them is a document too.

Members joined are one valid gzip file (RFC 1952, section 2.2). A catalogue is stored once; its pages and the
catalogues of its publishers are stretches of that file between a head and an end of their own, and are sent
as they lie on the disk.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

# No name, no time, unknown system: equal text gives equal bytes.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LEVEL = 6
_READ = 256 * 1024


class Member(NamedTuple):
    """One member: where it lies, how long its text is (bytes), and the SHA-256 of the text."""

    start: int
    length: int
    plain: int
    digest: bytes


class Stretch(NamedTuple):
    """Bytes of one file."""

    file: str
    start: int
    length: int


def member(text: bytes) -> bytes:
    """A whole gzip member; the same for the same text wherever the same zlib is used."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(text) + packer.flush()
    ending = zlib.crc32(text).to_bytes(4, "little") + (len(text) & 0xFFFFFFFF).to_bytes(4, "little")
    return _HEADER + body + ending


class MemberFile:
    """A file that members are added to."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._file: BinaryIO = path.open("wb")
        self._end = 0

    def add(self, text: str) -> Member:
        """Add a member."""
        plain = text.encode()
        packed = member(plain)
        self._file.write(packed)
        written = Member(self._end, len(packed), len(plain), hashlib.sha256(plain).digest())
        self._end += len(packed)
        return written

    def stretch(self, members: Sequence[Member]) -> Stretch:
        """The stretch from the first to the last of members that lie one after the other."""
        end = members[-1].start + members[-1].length
        return Stretch(self.name, members[0].start, end - members[0].start)

    def close(self) -> None:
        """Write everything to the file."""
        self._file.close()


def etag(members: Iterable[Member]) -> str:
    """A name for the text of members put together."""
    return hashlib.sha256(b"".join(found.digest for found in members)).hexdigest()[:32]


def packed(folder: Path, stretches: Iterable[Stretch]) -> Iterator[bytes]:
    """The bytes of stretches one after the other, in blocks."""
    for file, start, length in stretches:
        with (folder / file).open("rb") as opened:
            opened.seek(start)
            left = length
            while left and (block := opened.read(min(_READ, left))):
                left -= len(block)
                yield block


def unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The text of gzip members, in blocks."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for block in blocks:
        data = block
        while data:
            if text := unpacker.decompress(data):
                yield text
            data = unpacker.unused_data
            if unpacker.eof:
                unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
