"""Rows of a CSV file with any delimiter and encoding, title rows before the header, ragged rows.

Characters are decoded line by line: a line that is not UTF-8 is read as Windows-1252, so that a file
put together from two systems is read whole.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Final

from loaders.rows import Hints, Note, Row, Table
from loaders.rows.header import LOOK, find_header, unique_titles

_CHUNK: Final = 1 << 16
_DELIMITERS: Final = ",;\t|"
_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SWEDISH: Final = {",": "komma", ";": "semikolon", "\t": "tabb", "|": "lodstreck"}


def read(body: io.BufferedReader, name: str, hints: Hints, note: Note) -> Iterator[Table]:
    """The one table of a CSV file; ``body`` is read as the rows are taken."""
    lines = _lines(body, hints, note)
    first = list(islice(lines, LOOK * 4))
    delimiter = hints.delimiter or _sniff(first)
    if delimiter != ",":
        note("delimiter", (_SWEDISH.get(delimiter, delimiter), _NAMES.get(delimiter, delimiter)))
    # A stray quotation mark must not swallow the rest of the file: fields longer than this are an error.
    records = csv.reader(chain(first, lines), delimiter=delimiter)
    start = list(islice(records, LOOK))
    if not start:
        return
    index = find_header(start, hints.titles)
    if index:
        note("title-rows", str(index))
    titles = unique_titles(start[index])
    rest = chain(start[index + 1 :], records)
    yield Table(name, titles, _rows(rest, titles, index + 2), separator=delimiter)


def _rows(records: Iterable[list[str]], titles: tuple[str, ...], number: int) -> Iterator[Row]:
    width = len(titles)
    for here, record in enumerate(records, number):
        surplus = tuple(record[width:]) if len(record) > width else ()
        if any(record):
            yield Row(here, f"row={here}", dict(zip(titles, record, strict=False)), None, surplus)


def _sniff(lines: list[str]) -> str:
    """The delimiter that cuts most lines into the same number of several fields."""

    def score(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(widths), key=widths.count, default=0)
        return (widths.count(usual) * (usual > 1), usual)

    return max(_DELIMITERS, key=score)


def _lines(body: io.BufferedReader, hints: Hints, note: Note) -> Iterator[str]:
    """Decoded lines with their ends."""
    head = body.peek(4096)
    wide = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(head[:2])
    lone_returns = b"\r" in head and b"\n" not in head
    if wide or lone_returns or (hints.encoding and not _is_utf8(hints.encoding)):
        encoding = wide or hints.encoding or "utf-8-sig"
        if wide:
            note("encoding", encoding.upper())
        return _translated(body, encoding)
    return _decoded(body, note)


def _translated(body: io.BufferedReader, encoding: str) -> Iterator[str]:
    """Lines of an encoding whose line ends are not the byte ``\\n``."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("replace"), translate=True)
    left = ""
    while chunk := body.read(_CHUNK):
        *lines, left = (left + decoder.decode(chunk)).split("\n")
        yield from (line + "\n" for line in lines)
    left += decoder.decode(b"", final=True)
    if left:
        yield left


def _is_utf8(encoding: str) -> bool:
    return encoding.casefold().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig")


def _decoded(body: Iterable[bytes], note: Note) -> Iterator[str]:
    told = False
    for line in body:
        try:
            yield line.decode()
        except UnicodeDecodeError:
            if not told:
                note("encoding", "Windows-1252")
                told = True
            yield line.decode("cp1252", errors="replace")
