"""Opens a document past what does not belong to it: a byte order mark, HTTP headers, gzip."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from loaders.rows import Note

_MOST_HEADERS: Final = 200


@contextmanager
def open_body(path: Path, note: Note) -> Iterator[io.BufferedReader]:
    """The bytes of the content itself, buffered and ready to be peeked at."""
    with path.open("rb") as raw:
        body = raw
        if raw.peek(2)[:2] == b"\x1f\x8b":
            # gzip files read as bytes exactly like buffered ones do, but peek lives in BufferedReader.
            body = io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=raw)), 1 << 16)
        _skip_http_head(body, note)
        yield body


def _skip_http_head(body: io.BufferedReader, note: Note) -> None:
    """RFC 9112 clause 2.1: a status line, header lines, an empty line, then the content."""
    if not body.peek(5).startswith(b"HTTP/"):
        return
    status = body.readline().decode("latin-1").strip()
    for _ in range(_MOST_HEADERS):
        if body.readline() in (b"\r\n", b"\n", b""):
            break
    note("http-head", status)
