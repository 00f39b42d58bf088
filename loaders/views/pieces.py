"""Files made of deflate pieces, so that a stretch of them is a document too.

A piece is deflated on its own and ends on a whole byte. Pieces put together between a gzip header and trailer
are one gzip member, which every client unpacks (many HTTP clients stop after the first of several members).
A catalogue is stored once; its pages and the catalogues of its publishers are stretches of that file with a
head and an end of their own, and are sent as they lie on the disk.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

# RFC 1952, section 2.3: no name, no time, unknown system. Equal text gives equal bytes.
HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"
FRAME: Final = len(HEADER) + len(_LAST_BLOCK) + 8
"""Bytes around the pieces of a document."""
_LEVEL = 6
_READ = 256 * 1024


class Sum(NamedTuple):
    """What a gzip trailer says about a text: CRC-32, and the length in bytes."""

    crc: int = 0
    plain: int = 0

    def plus(self, other: "Sum") -> "Sum":
        """The sum of two texts, one after the other."""
        return Sum(combined(self.crc, other.crc, other.plain), self.plain + other.plain)


class Piece(NamedTuple):
    """One piece: where it lies, its sum, and the SHA-256 of its text."""

    start: int
    length: int
    sum: Sum
    digest: bytes


class Stretch(NamedTuple):
    """Bytes of one file."""

    file: str
    start: int
    length: int


def deflated(text: bytes) -> bytes:
    """A piece; the same for the same text wherever the same zlib is used."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


def sum_of(text: bytes) -> Sum:
    """The sum of a text."""
    return Sum(zlib.crc32(text), len(text))


def trailer(total: Sum) -> bytes:
    """The end of a gzip member whose pieces have this sum."""
    length = total.plain & 0xFFFFFFFF
    return _LAST_BLOCK + total.crc.to_bytes(4, "little") + length.to_bytes(4, "little")


def gzipped(text: bytes) -> bytes:
    """A whole text as gzip."""
    return HEADER + deflated(text) + trailer(sum_of(text))


class PieceFile:
    """A gzip file that pieces are added to."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._file: BinaryIO = path.open("wb")
        self._end = self._file.write(HEADER)
        self._sum = Sum()

    def add(self, text: str) -> Piece:
        """Add a piece."""
        plain = text.encode()
        packed = deflated(plain)
        self._file.write(packed)
        written = Piece(self._end, len(packed), sum_of(plain), hashlib.sha256(plain).digest())
        self._end += len(packed)
        self._sum = Sum(zlib.crc32(plain, self._sum.crc), self._sum.plain + len(plain))
        return written

    def copy(self, piece: Piece, folder: Path) -> Piece:
        """Add a piece as it lies in the file of the same name in another folder."""
        for block in packed(folder, [Stretch(self.name, piece.start, piece.length)]):
            self._file.write(block)
        written = piece._replace(start=self._end)
        self._end += piece.length
        self._sum = self._sum.plus(piece.sum)
        return written

    def stretch(self, pieces: Sequence[Piece]) -> Stretch:
        """The stretch from the first to the last of pieces that lie one after the other."""
        end = pieces[-1].start + pieces[-1].length
        return Stretch(self.name, pieces[0].start, end - pieces[0].start)

    def close(self) -> None:
        """Write the trailer, and everything to the file."""
        if not self._file.closed:
            self._file.write(trailer(self._sum))
            self._file.close()


def etag(pieces: Iterable[Piece]) -> str:
    """A name for the text of pieces put together."""
    return hashlib.sha256(b"".join(found.digest for found in pieces)).hexdigest()[:32]


def total(pieces: Iterable[Piece]) -> Sum:
    """The sum of pieces put together."""
    found = Sum()
    for piece in pieces:
        found = found.plus(piece.sum)
    return found


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
    """The text of pieces, in blocks; what comes is bounded by what goes in, about a thousandfold at most."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for block in blocks:
        data = block
        while data:
            if text := unpacker.decompress(data, 4 * _READ):
                yield text
            data = unpacker.unconsumed_tail


_POLYNOMIAL = 0xEDB88320  # CRC-32 of RFC 1952, section 8, bits reversed


def _multiplied(a: int, b: int) -> int:
    """The product of two polynomials over GF(2) modulo the CRC's, bits reversed."""
    product = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return product


def _powers() -> list[int]:
    """x to the power of 1, 2, 4, 8 …, modulo the polynomial."""
    found = [1 << 30]
    while len(found) < 64:
        found.append(_multiplied(found[-1], found[-1]))
    return found


_POWERS = _powers()


def combined(first: int, second: int, length: int) -> int:
    """The CRC-32 of two texts, one after the other, from theirs and the length (bytes) of the second."""
    shift = 1 << 31
    for bit, power in enumerate(_POWERS[3:]):
        if length >> bit & 1:
            shift = _multiplied(power, shift)
    return _multiplied(shift, first) ^ second
