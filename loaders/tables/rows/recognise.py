"""Finds out what a document is by its content and opens its tables; an ending can lie."""

import io
import json as text_json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from loaders.tables.rows import Hints, Note, Table, csv, geopackage, gml, json, sheet
from loaders.tables.rows.body import open_body, read_tail
from ontology.errors import SourceError

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SQLITE: Final = b"SQLite format 3\x00"


def open_tables(path: Path, hints: Hints, note: Note) -> Iterator[Table]:
    """The tables of a document, one after the other; the rows of each must be taken before the next.

    SourceError when the document is empty or of a kind that holds no table.
    """
    with open_body(path, note) as body:
        start = body.peek()[:1024].lstrip()
        if not start:
            raise SourceError(f"{path}: the file is empty")
        if start.startswith(_WORKBOOKS):
            yield from sheet.read(path, hints, note)
        elif start.startswith(_SQLITE):
            yield from geopackage.read(path, note)
        elif start.startswith(b"<"):
            yield from gml.read(path, body)
        elif start[:1] in (b"{", b"["):
            yield from json.read(body, read_tail(path), path.stem, hints, note)
        elif start[:2] in (b'"{', b'"['):
            yield from _wrapped(body, path, hints, note)
        else:
            yield from csv.read(body, path.stem, hints, note)


def _wrapped(body: io.BufferedReader, path: Path, hints: Hints, note: Note) -> Iterator[Table]:
    """A JSON document inside a JSON text, as some programs save the answer of a service."""
    text = body.read().decode("utf-8", errors="replace")
    note("wrapped", "")
    try:
        inner, _ = text_json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except ValueError:
        inner = text.replace('\\"', '"').strip().strip('"')  # cut off inside the text: unescape what is there
    content = inner.encode()
    yield from json.read(_buffered(content), content[-4096:], path.stem, hints, note)


def _buffered(content: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(content), 1 << 18)
