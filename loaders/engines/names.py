"""How the graphs of a release are called in an engine that holds several releases beside each other.

Every IRI below `<base>graph/` moves below `<base>graph/<id>/graph/`, in the data and in the text of a query
alike, and back in the answer. It is one mapping of one string that keeps beginnings, endings and order of
IRIs, so joins, comparisons, prefixes and sorting hold. The default graph gets a name too, for most engines
have none of their own.

Virtuoso turns WKT literals into geometries of its own, rounded and of another datatype; so there their
datatype goes by another name, by the same mapping.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ontology import iri

_ROOM: Final = "graph/"
READY: Final = ".ready"
_WKT: Final = iri("geo:wktLiteral")


@dataclass(frozen=True)
class Names:
    """The names of the graphs of the release `release` of the graph at `base`."""

    base: str
    release: str
    hide_wkt: bool = False
    """Whether the engine must not know WKT literals as such."""

    @property
    def own(self) -> str:
        """What all names of this release begin with."""
        return f"{self.base}{_ROOM}{self.release}/{_ROOM}"

    @property
    def default(self) -> str:
        """The graph that holds what is the default graph of the release."""
        return f"{self.own}.default"

    @property
    def ready(self) -> str:
        """The graph that is there as soon as all the others are, and names them."""
        return f"{self.own}{READY}"

    @property
    def nothing(self) -> str:
        """A graph that there is not."""
        return f"{self.own}.nothing"

    @cached_property
    def _pairs(self) -> list[tuple[bytes, bytes]]:
        """What is called how here and there."""
        pairs = [(f"{self.base}{_ROOM}", self.own)]
        if self.hide_wkt:
            pairs.append((_WKT, f"{self.base}{_ROOM}.wktLiteral"))
        return [(here.encode(), there.encode()) for here, there in pairs]

    def graph(self, graph: str) -> str:
        """What a graph of the release is called there; "" is the default graph."""
        return self.there(graph.encode()).decode() if graph else self.default

    def all(self, graphs: Iterable[str]) -> list[str]:
        """The same of many, in order."""
        return sorted(map(self.graph, graphs))

    def there(self, text: bytes) -> bytes:
        """Data or a query as the engine takes it."""
        for here, there in self._pairs:  # the datatype last: it must not be moved as a graph is
            text = text.replace(here, there)
        return text

    def query(self, text: str) -> str:
        """A query as the engine takes it: relative names of graphs are made absolute first."""
        absolute = text.replace(f"<{_ROOM}", f"<{self.base}{_ROOM}")
        return f"BASE <{self.base}>\n{self.there(absolute.encode()).decode()}"

    def back(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes of an answer as they would be without the engine; a name may be cut in two."""
        left = b""
        for part in parts:
            text = left + part
            for here, there in self._pairs:
                text = text.replace(there, here)
            kept = max(_beginning(text, there) for _, there in self._pairs)
            left = text[len(text) - kept :]
            yield text[: len(text) - kept]
        yield left


def _beginning(text: bytes, name: bytes) -> int:
    """How many bytes at the end of `text` may be the beginning of `name`."""
    for length in range(min(len(name) - 1, len(text)), 0, -1):
        if text.endswith(name[:length]):
            return length
    return 0
