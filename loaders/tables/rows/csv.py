"""Rows of a CSV file with any delimiter and encoding, title rows before the header, ragged rows.

Characters are decoded line by line: a line that is not UTF-8 is read as Windows-1252, so that a file
put together from two systems is read whole.
"""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from typing import Final

from loaders.tables.rows import Hints, Note, Row, Table, plain
from loaders.tables.rows.header import LOOK, find_header, unique_titles

_LONGEST_FIELD: Final = 1 << 24  # a polygon in a cell may be long
_MOST_LINES: Final = 20  # a field of more lines comes of a quotation mark that was never closed
_LINES: Final = re.compile(r"[^\n]*\n|[^\n]+")
_CHUNK: Final = 1 << 16
_DELIMITERS: Final = ",;\t|"
_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SWEDISH: Final = {",": "komma", ";": "semikolon", "\t": "tabb", "|": "lodstreck"}


def read(body: io.BufferedReader, name: str, hints: Hints, note: Note) -> Iterator[Table]:
    """The one table of a CSV file; ``body`` is read as the rows are taken."""
    lines = _lines(body, note)
    first = list(islice(lines, LOOK * 4))
    delimiter = _sniff(first, hints.titles)
    if delimiter != ",":
        note("delimiter", (_SWEDISH.get(delimiter, delimiter), _NAMES.get(delimiter, delimiter)))
    csv.field_size_limit(_LONGEST_FIELD)
    records = _records(chain(first, lines), delimiter, note)
    start = list(islice(records, LOOK))
    if not start:
        return
    index = find_header(start, hints.titles)
    if index:
        note("title-rows", str(index))
    titles = unique_titles(start[index])
    rest = chain(start[index + 1 :], records)
    yield Table(name, titles, _rows(rest, titles, index + 2), separator=delimiter)


def _records(lines: Iterable[str], delimiter: str, note: Note) -> Iterator[list[str]]:
    """Records of a file; a quotation mark that is never closed does not swallow the rows after it."""
    number = 0
    try:
        for number, record in enumerate(csv.reader(lines, delimiter=delimiter), 1):
            swallowing = next((i for i, field in enumerate(record) if field.count("\n") > _MOST_LINES), None)
            if swallowing is None:
                yield record
            else:
                after = (f"efter rad {number}", f"after row {number}")
                note("open-quote", after)
                first, *rest = csv.reader(record[swallowing].split("\n"), delimiter=delimiter)
                yield [*record[:swallowing], *first]
                yield from rest
    except csv.Error:
        note("broken", (f"efter rad {number}", f"after row {number}"))


def _rows(records: Iterable[list[str]], titles: tuple[str, ...], number: int) -> Iterator[Row]:
    width = len(titles)
    for here, record in enumerate(records, number):
        surplus = tuple(record[width:]) if len(record) > width else ()
        if any(record):
            yield Row(here, f"row={here}", dict(zip(titles, record, strict=False)), None, surplus)


def _sniff(lines: list[str], titles: Collection[str]) -> str:
    """The delimiter that gives the most known titles, then that cuts most lines into as many fields."""

    def score(delimiter: str) -> tuple[int, int, int]:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        known = max((sum(plain(cell) in titles for cell in row) for row in rows), default=0)
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=widths.count, default=0)
        return (known, widths.count(usual) * (usual > 1), usual)

    return max(_DELIMITERS, key=score)


def _lines(body: io.BufferedReader, note: Note) -> Iterator[str]:
    """Decoded lines with their ends."""
    head = body.peek(4096)
    wide = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(head[:2])
    lone_returns = b"\r" in head and b"\n" not in head
    if wide:
        note("encoding", wide.upper())
    if wide or lone_returns:
        return _translated(body, wide or "utf-8")
    return _decoded(body, note)


def _translated(body: io.BufferedReader, encoding: str) -> Iterator[str]:
    """Lines of an encoding whose line ends are not the byte ``\\n``."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("replace"), translate=True)
    left = ""
    while chunk := body.read(_CHUNK):
        *lines, left = (left + decoder.decode(chunk)).split("\n")
        yield from (line + "\n" for line in lines)
    yield from _LINES.findall(left + decoder.decode(b"", final=True))


def _decoded(body: Iterable[bytes], note: Note) -> Iterator[str]:
    told = False
    for line in body:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            if not told:
                note("encoding", "Windows-1252")
                told = True
            text = line.decode("cp1252", errors="replace")
        if "\r" in text.rstrip("\r\n"):  # line ends of two kinds in one file
            yield from _LINES.findall(text.replace("\r\n", "\n").replace("\r", "\n"))
        else:
            yield text
