"""The facets of the catalogue: for each value the datasets that have it, one bit for each dataset."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from loaders.search.naming import key
from loaders.search.subjects import Text

NAMES: Final = ("municipality", "publisher", "theme", "specification", "format", "licence", "quality", "kind")
"""All facets, in the order in which a page shows them."""


class Value(NamedTuple):
    """One value of a facet: the word that stands for it in an address, its IRI if it has one, its name."""

    facet: str
    key: str
    iri: str
    title: Text


class Facets:
    """Collects which dataset has which value."""

    def __init__(self, datasets: int) -> None:
        self._size = datasets // 8 + 1
        self._bits: dict[tuple[str, str], bytearray] = defaultdict(lambda: bytearray(self._size))
        self._values: dict[tuple[str, str], Value] = {}

    def add(self, number: int, values: Iterable[Value]) -> None:
        """Note the values of a dataset."""
        for value in values:
            place = (value.facet, value.key)
            self._values.setdefault(place, value)
            self._bits[place][number >> 3] |= 1 << (number & 7)

    def write(self, index: sqlite3.Connection) -> None:
        """Put the facets into the index; the bits are a whole number in little-endian bytes."""
        index.executemany("INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?, ?)", self._rows())

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for place, value in self._values.items():
            bits = bytes(self._bits[place])
            count = int.from_bytes(bits, "little").bit_count()
            yield (*place, value.iri, value.title.sv, value.title.en, count, bits)


def of_iri(facet: str, iri: str, names: Mapping[str, Text]) -> Value:
    """The value that an IRI stands for; without a name it is called by its address."""
    return Value(facet, key(iri), iri, names.get(iri) or Text(iri, iri))
