"""Looks up subjects in a sorted `graph.nq` without reading it into memory.

The lines of a subject stand together because the file is sorted by bytes. A sparse list of lines (one per
block) leads to the right block, the block is searched: about 20 microseconds a subject, a few megabytes for
a file of any size.
"""

import mmap
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from loaders.views.terms import A, Node, Pair

_SMALLEST_BLOCK = 16 * 1024
_MOST_BLOCKS = 65_536
_READ = 4 * 1024 * 1024
_STRETCH = 8 * 1024
"""What is read at once of the lines of a subject."""


class Graph:
    """The default graph of one release; close it, or use it in a `with` block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = path.stat().st_size
        self._file = path.open("rb")
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) if self._size else b""
        self._starts, self._keys = self._index()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        self._file.close()

    def _index(self) -> tuple[list[int], list[bytes]]:
        """Where every block's first whole line begins, and that line's beginning."""
        step = max(_SMALLEST_BLOCK, self._size // _MOST_BLOCKS)
        starts = [0] if self._size else []
        for position in range(step, self._size, step):
            start = self._map.find(b"\n", position) + 1
            if 0 < start < self._size and start > starts[-1]:
                starts.append(start)
        return starts, [self._subject_at(start) for start in starts]

    def _subject_at(self, start: int) -> bytes:
        return self._map[start : self._map.find(b" ", start) + 1]

    def iterate(self, subject: str) -> Iterator[Pair]:
        """The triples of the default graph about a subject, one after the other."""
        same = "\n"
        for line in self.statements(subject):
            # Right behind a triple of the default graph stand the named graphs that hold it too.
            if not line.startswith(same) and (pair := _default_pair(line)):
                same = line[:-1]
                yield pair

    def node(self, subject: str) -> Node:
        """All triples of the default graph about a subject; none is no error."""
        return Node(subject, tuple(self.iterate(subject)))

    def with_graphs(self, subject: str) -> tuple[Node, frozenset[str]]:
        """A subject as `node` gives it, and the named graphs that say something about it."""
        pairs, graphs = [], set()
        for line in self.statements(subject):
            predicate, _, rest = line.partition(" ")
            term = rest[:-2]
            graph = _graph_in(term) if term[-1] == ">" else ""
            if graph:
                graphs.add(graph)
            else:
                pairs.append((predicate, term))
        return Node(subject, tuple(pairs)), frozenset(graphs)

    def statements(self, subject: str) -> Iterator[str]:
        """The lines about a subject in all graphs, each from the predicate on."""
        return self._lines(f"{subject} ")

    def _lines(self, needle: str) -> Iterator[str]:
        """The lines that begin with the needle, without what comes before the predicate."""
        start = self._find(needle.encode())
        while 0 <= start < self._size:
            end = self._map.rfind(b"\n", start, start + _STRETCH)
            if end < 0:
                end = self._map.find(b"\n", start)
            end = end if end >= 0 else self._size
            for line in self._map[start:end].decode().split("\n"):
                if not line.startswith(needle):
                    return
                yield line[len(needle) :]
            start = end + 1

    def _find(self, needle: bytes) -> int:
        block = max(bisect_left(self._keys, needle) - 1, 0)
        if block >= len(self._starts):
            return -1
        start = self._starts[block]
        if self._map[start : start + len(needle)] == needle:
            return start
        after = self._starts[block + 1] if block + 1 < len(self._starts) else self._size
        found = self._map[start : after + len(needle)].find(b"\n" + needle)
        return start + found + 1 if found >= 0 else -1

    def typed(self, classes: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Subject and class of everything in the default graph that is of one of the classes, in file order.

        A subject with two of the classes comes twice.
        """
        endings = [(f" {A} {found} .\n".encode(), found) for found in sorted(classes)]
        with self.path.open("rb") as file:
            while block := file.read(_READ):
                yield from _typed_lines(block + file.readline(), endings)


def _typed_lines(block: bytes, endings: list[tuple[bytes, str]]) -> Iterator[tuple[str, str]]:
    found = []
    for ending, kind in endings:
        position = block.find(ending)
        while position >= 0:
            start = block.rfind(b"\n", 0, position) + 1
            # A literal may hold the same text: then the line is about another predicate.
            if b" " not in block[start:position]:
                found.append((start, block[start:position].decode(), kind))
            position = block.find(ending, position + 1)
    return ((subject, kind) for _, subject, kind in sorted(found))


def _default_pair(line: str) -> Pair | None:
    """Predicate and object of a line from the predicate on, None when it belongs to a named graph."""
    predicate, _, rest = line.partition(" ")
    term = rest[:-2]
    if term[-1] == ">" and _graph_in(term):
        return None
    return predicate, term


def _graph_in(terms: str) -> str:
    """The graph name at the end of object and graph; neither IRIs nor datatypes hold a space or a quote."""
    _, space, last = terms.rpartition(" ")
    return last if space and last[0] == "<" and '"' not in last else ""
