"""Finds out what a document is by its content and opens its tables; an ending can lie."""

from collections.abc import Iterator
from pathlib import Path

from loaders.rows import Hints, Note, Table, csv
from loaders.rows.body import open_body


def open_tables(path: Path, hints: Hints, note: Note) -> Iterator[Table]:
    """The tables of a document, one after the other; the rows of each must be taken before the next."""
    with open_body(path, note) as body:
        yield from csv.read(body, path.stem, hints, note)
