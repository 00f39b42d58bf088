"""Opens a document past what does not belong to it: a byte order mark, HTTP headers, gzip."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from loaders.tables.rows import Note

_MOST_HEADERS: Final = 200
_GZIP: Final = b"\x1f\x8b"
_BUFFER: Final = 1 << 18


@contextmanager
def open_body(path: Path, note: Note) -> Iterator[io.BufferedReader]:
    """The bytes of the content itself, buffered so that its first part can be peeked at."""
    with io.FileIO(path) as file:
        body = io.BufferedReader(cast(Any, file), _BUFFER)
        if body.peek(2)[:2] == _GZIP:
            body = io.BufferedReader(cast(Any, _Inflated(body, note)), _BUFFER)
        _skip_http_head(body, note)
        if body.peek(3).startswith(b"\xef\xbb\xbf"):
            body.read(3)
        yield body


class _Inflated(io.RawIOBase):
    """The content of a gzip file, as far as it is whole."""

    def __init__(self, file: io.BufferedReader, note: Note) -> None:
        self._file = gzip.GzipFile(fileobj=file)
        self._note = note

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._file.read1(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            self._note("truncated", str(error))
            return 0
        buffer[: len(content)] = content
        return len(content)


def read_tail(path: Path, length: int = 4096) -> bytes:
    """The last bytes of a file; nothing for one that is compressed."""
    with path.open("rb") as file:
        if file.read(2) == _GZIP:
            return b""
        file.seek(max(0, path.stat().st_size - length))
        return file.read()


def _skip_http_head(body: io.BufferedReader, note: Note) -> None:
    """RFC 9112 clause 2.1: a status line, header lines, an empty line, then the content."""
    if not body.peek(5).startswith(b"HTTP/"):
        return
    status = body.readline().decode("latin-1").strip()
    for _ in range(_MOST_HEADERS):
        if body.readline() in (b"\r\n", b"\n", b""):
            break
    note("http-head", status)
