"""The catalogues of a document: one main catalogue, the harvested ones as its parts, one per publisher."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from loaders.views.graph import Graph
from loaders.views.index import ask
from loaders.views.records import CATALOG, PUBLISHER, Entity, Records
from loaders.views.self_description import main_catalogue, self_description
from loaders.views.survey import LINKS
from loaders.views.terms import A, Node, Pair, digest, name, names, quote, value

DATASET_LINK: Final = name("dcat:dataset")
SERVICE_LINK: Final = name("dcat:service")
RECORD_LINK: Final = name("dcat:record")
HAS_PART: Final = name("dcterms:hasPart")
TITLE: Final = name("dcterms:title")
_DESCRIPTION = name("dcterms:description")

_STRUCTURE = LINKS | names(
    "dcterms:hasPart", "dcterms:isPartOf", "dcat:catalog", "dcat:record", "dcat:resource"
)
"""What we say ourselves: harvesters allow one level of parts, without cycles."""
_LINKS_PER_NODE = 10_000
"""A catalogue of a quarter of a million datasets is written as several descriptions of one subject."""

Link = tuple[str, ...]
"""Plain IRI and kind of something a catalogue lists."""


@dataclass(frozen=True, slots=True)
class Catalogues:
    """Makes catalogue nodes from a graph and the index of its records."""

    graph: Graph
    records: Records
    index: sqlite3.Connection
    base: str
    harvested: tuple[str, ...]

    @property
    def main(self) -> str:
        """The term of the main catalogue."""
        return f"<{main_catalogue(self.base)}>"

    def parts(self) -> list[str]:
        """Harvested catalogues that say something about themselves.

        One that is only typed would be fetched by the national portal, and stop the harvest if that fails.
        """
        return [found for found in self.harvested if found != self.main and self._has_title(found)]

    def _has_title(self, catalogue: str) -> bool:
        return any(predicate == TITLE for predicate, _ in self.graph.iterate(catalogue))

    def whole(self, with_records: bool) -> Iterator[Node]:
        """The main catalogue with everything, then the harvested catalogues with their own."""
        yield from self.one(self.main, with_records)
        for part in self.parts():
            yield from self.one(part, with_records=False)

    def one(self, catalogue: str, with_records: bool) -> Iterator[Node]:
        """A catalogue with what it lists, inner nodes last."""
        entity = self.about(catalogue)
        if catalogue == self.main:
            head = (*entity.node.pairs, *((HAS_PART, part) for part in self.parts()))
            links = ask(self.index, "SELECT iri, kind FROM records WHERE deleted = 0 ORDER BY iri")
        else:
            head = entity.node.pairs
            links = self._known(value(term) for key, term in self.graph.iterate(catalogue) if key in LINKS)
        yield from self.listing(catalogue, head, links, with_records)
        yield from entity.inner

    def about(self, catalogue: str) -> Entity:
        """What a catalogue says about itself, without what it lists."""
        if catalogue == self.main:
            return self.records.around(Node(catalogue, self.about_main()))
        said = (pair for pair in self.graph.iterate(catalogue) if pair[0] not in _STRUCTURE)
        return self.records.around(Node(catalogue, tuple(said)))

    def _known(self, iris: Iterable[str]) -> Iterator[Link]:
        """Those of the IRIs that are records."""
        for iri in iris:
            yield from ask(self.index, "SELECT iri, kind FROM records WHERE iri = ? AND deleted = 0", iri)

    def page(self, links: Iterable[Link], with_records: bool) -> Node:
        """The main catalogue with the few things of one page."""
        return next(self.listing(self.main, self.about_main(), iter(links), with_records))

    def publisher(self, iri: str, slug: str, title: str, with_records: bool) -> Iterator[Node]:
        """A catalogue of what one publisher has."""
        about = (
            *(pair for pair in self.about_main() if pair[0] not in (PUBLISHER, TITLE, _DESCRIPTION)),
            (PUBLISHER, f"<{iri}>"),
            *((key, quote(f"Öppna data från {title}", "sv")) for key in (TITLE, _DESCRIPTION)),
            *((key, quote(f"Open data of {title}", "en")) for key in (TITLE, _DESCRIPTION)),
        )
        query = "SELECT iri, kind FROM records WHERE publisher = ? AND deleted = 0 ORDER BY iri"
        subject = f"<{self.base}id/catalogue/{slug}>"
        yield from self.listing(subject, about, ask(self.index, query, iri), with_records)

    def about_main(self) -> tuple[Pair, ...]:
        """What is said about the main catalogue, in the graph or by ourselves when the graph is silent."""
        said = [pair for pair in self.graph.iterate(self.main) if pair[0] not in _STRUCTURE]
        if not said:
            quads = [quad for quad in self_description(self.base) if str(quad.subject) == self.main]
            pairs = {(str(quad.predicate), str(quad.object)) for quad in quads}
            said = sorted(pair for pair in pairs if pair[0] not in _STRUCTURE)
        return tuple(said)

    def listing(
        self, subject: str, about: Iterable[Pair], links: Iterator[Link], with_records: bool
    ) -> Iterator[Node]:
        """A catalogue and its links, in nodes of bounded size, the first one with all that is not a link."""
        first = sorted({(A, CATALOG), *about})
        block = list(islice(links, _LINKS_PER_NODE))
        while first or block:
            yield Node(subject, tuple(sorted((*first, *self._pairs(block, with_records)))))
            first = []
            block = list(islice(links, _LINKS_PER_NODE))

    def _pairs(self, links: Iterable[Link], with_records: bool) -> Iterator[Pair]:
        for iri, kind in links:
            yield SERVICE_LINK if kind == "service" else DATASET_LINK, f"<{iri}>"
            if with_records and kind != "service":
                yield RECORD_LINK, record_term(self.base, iri)


def record_term(base: str, iri: str) -> str:
    """The term of the catalogue record of a dataset."""
    return f"<{base}id/record/{digest(iri)}>"
