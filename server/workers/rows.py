"""Counting the rows of an answer while it is written, to stop it at the cap.

The engine has no counter, and rows taken out as Python objects cost more than writing the whole answer:
so the rows of a SELECT are counted where they end in the text.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from pyoxigraph import QueryResultsFormat, QuerySolution, Triple

Found = TypeVar("Found", Triple, QuerySolution)


class RowCapReached(Exception):  # noqa: N818  a turn of events inside the worker, never shown
    """The answer has more rows, or triples, than the cap."""


def capped(triples: Iterable[Found], cap: int) -> Iterator[Found]:
    """The triples, or rows, as they come; raises RowCapReached in place of the first one above the cap."""
    for count, triple in enumerate(triples, 1):
        if count > cap:
            raise RowCapReached
        yield triple


def counter(form: QueryResultsFormat, cap: int) -> Callable[[bytes], None]:
    """A function to be shown each piece of a serialised SELECT; raises RowCapReached above the cap."""
    if form == QueryResultsFormat.CSV:
        return _csv_counter(cap)
    if form == QueryResultsFormat.TSV:  # line ends in literals are escaped; the first line names the columns
        return _mark_counter(b"\n", 1, cap + 1)
    if form == QueryResultsFormat.XML:  # in text "<" is escaped
        return _mark_counter(b"<result>", 8, cap)
    # JSON: between two rows. Inside a string the quote would be escaped; after one that ends a string there
    # is "," or "}". Rows without any value have no such mark, and are not counted.
    return _mark_counter(rb'\},\{"[^,}]', 5, cap - 1)


def _mark_counter(mark: bytes, length: int, allowed: int) -> Callable[[bytes], None]:
    find = re.compile(mark).findall
    seen, carried = 0, b""

    def count(data: bytes) -> None:
        nonlocal seen, carried
        data = carried + data  # a mark may be cut in two
        seen += len(find(data))
        carried = data[len(data) - length + 1 :] if len(data) >= length else data
        if seen > allowed:
            raise RowCapReached

    return count


def _csv_counter(cap: int) -> Callable[[bytes], None]:
    seen, quoted = -1, False  # the first line names the columns

    def count(data: bytes) -> None:
        nonlocal seen, quoted
        pieces = data.split(b'"')  # a doubled quote closes and opens: nothing lies between
        seen += sum(piece.count(b"\n") for piece in pieces[int(quoted) :: 2])
        quoted ^= len(pieces) % 2 == 0
        if seen > cap:
            raise RowCapReached

    return count
