"""Text as UTF-8: what a file is really written in, told from its bytes, and the copy that parsers read."""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ontology.errors import SourceError

BLOCK = 1024 * 1024
_BOMS = (  # UTF-32 first: its little-endian mark begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
_GZIP = b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class Text:
    """A file of plain UTF-8; `repair` says what was wrong with the original, or is empty."""

    path: Path
    repair: str = ""


def as_utf8(path: Path, copy: Path, limit: int) -> Text:
    """Give `path` itself when it is plain UTF-8, else `copy`, filled with the same text in UTF-8.

    Gzip is unpacked; `limit` bounds the unpacked size in bytes. Raises SourceError.
    """
    if head(path, 3) == _GZIP:
        unpacked = copy.with_name(copy.name + ".unpacked")
        _unpack(path, unpacked, limit)
        return as_utf8(unpacked, copy, limit)
    start = head(path, 1024)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return _transcode(path, copy, name, "")
    valid = _is_utf8(path)
    declared = _declared(start)
    if declared in ("", "utf-8", "ascii"):
        repair = "the text is not UTF-8; it was read as Windows-1252"
        return Text(path) if valid else _transcode(path, copy, "windows-1252", repair)
    if valid and not _is_ascii(path):
        return _transcode(path, copy, "utf-8", f"the text is UTF-8, though it says that it is {declared}")
    return _transcode(path, copy, declared, "")


def head(path: Path, size: int) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


def _declared(start: bytes) -> str:
    """The encoding that an XML declaration states, by its usual name; "" where none is stated."""
    match = _DECLARED.match(start)
    if not match:
        return ""
    name = match[1].decode()
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise SourceError(f"the XML declaration names an unknown encoding, {name}") from error


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_ascii(path: Path) -> bool:
    return all(block.isascii() for block in _blocks(path))


def _transcode(path: Path, copy: Path, encoding: str, repair: str) -> Text:
    # Five bytes have no meaning in Windows-1252; they become the replacement character.
    errors = "replace" if encoding == "windows-1252" else "strict"
    first = True
    try:
        with path.open(encoding=encoding, errors=errors, newline="") as source, copy.open("wb") as target:
            while block := source.read(BLOCK):
                target.write((_without_declaration(block) if first else block).encode())
                first = False
    except UnicodeError as error:
        raise SourceError(f"the text is not {encoding}, though it begins so: {error}") from error
    except LookupError as error:
        raise SourceError(f"the text is said to be in {encoding}, which is no encoding of text") from error
    return Text(copy, repair)


def _without_declaration(block: str) -> str:
    """The text without the encoding in its XML declaration, which no longer holds."""
    return re.sub(r"""^(\s*<\?xml\s[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""", r"\1", block, count=1)


def _unpack(path: Path, target: Path, limit: int) -> None:
    try:
        with gzip.open(path, "rb") as source, target.open("wb") as file:
            size = 0
            for block in _read(source):
                size += len(block)
                if size > limit:
                    raise SourceError(f"unpacked it has more than the allowed {limit:,} bytes")
                file.write(block)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(f"the gzip file is damaged: {error}") from error


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from _read(file)


def _read(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block
