"""First reading of a graph: which records there are, whose they are, and in which catalogues."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loaders.views.graph import Graph
from loaders.views.index import ask, put
from loaders.views.records import CATALOG, CREATOR, DATASET, KINDS, PUBLISHER, SERIES, SERVICE
from loaders.views.terms import digest, is_iri, name, value, values

_SOURCE_GRAPH = re.compile(r"<.*/graph/source/([^/>]+)>")
_SLUG = re.compile(r"[A-Za-z0-9-]+")
_NATIONAL = re.compile(r"http://dataportal\.se/organisation/(SE\d{10}(?:-[A-Za-z0-9-]+)?)")
_BATCH = 1000
_ACTORS = frozenset({PUBLISHER, CREATOR})

MAIN_DATASETS = name("dcat:dataset")
LINKS = frozenset({MAIN_DATASETS, name("dcat:service")})
"""Predicates by which a catalogue lists what is in it."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the rest needs to know beforehand; the records themselves are in the index."""

    agents: frozenset[str]
    """Terms of all publishers and creators."""
    catalogues: tuple[str, ...]
    """Terms of all catalogues of the graph, sorted."""
    records: int


def survey(graph: Graph, index: sqlite3.Connection) -> Survey:
    """Put every dataset, series and service into the index, sorted later by publisher."""
    agents: set[str] = set()
    catalogues: set[str] = set()
    rows: list[tuple[object, ...]] = []
    count = 0
    for subject, kinds in _subjects(graph):
        node, graphs = graph.with_graphs(subject)
        agents.update(term for key, term in node.pairs if key in _ACTORS and is_iri(term))
        if kind := next((KINDS[found] for found in (SERIES, DATASET, SERVICE) if found in kinds), None):
            publisher = next(iter(values(node.pairs, PUBLISHER)), "")
            iri = value(subject)
            rows.append((iri, digest(iri), kind, publisher[1:-1], _source(graphs)))
            count += 1
        else:
            catalogues.add(subject)
        if len(rows) >= _BATCH:
            _flush(index, rows)
    _flush(index, rows)
    put(index, "agents", ((agent,) for agent in sorted(agents)), "iri")
    _publishers(graph, index)
    return Survey(frozenset(agents), tuple(sorted(catalogues)), count)


def _subjects(graph: Graph) -> Iterator[tuple[str, set[str]]]:
    """Subjects with all their classes that matter; the classes of one subject come together."""
    current, kinds = "", set[str]()
    for subject, kind in graph.typed([*KINDS, CATALOG]):
        if subject != current:
            if current:
                yield current, kinds
            current, kinds = subject, set()
        kinds.add(kind)
    if current:
        yield current, kinds


def _source(graphs: Iterable[str]) -> str:
    """The first source whose graph says something about a subject."""
    matches = (_SOURCE_GRAPH.fullmatch(found) for found in sorted(graphs))
    return next((match[1] for match in matches if match), "")


def _flush(index: sqlite3.Connection, rows: list[tuple[object, ...]]) -> None:
    put(index, "records", rows, "iri, id, kind, publisher, source")
    rows.clear()


def _publishers(graph: Graph, index: sqlite3.Connection) -> None:
    query = (
        "SELECT publisher, count(*) FROM records WHERE publisher <> '' GROUP BY publisher ORDER BY publisher"
    )
    rows = [(iri, slug(iri), _name(graph, iri), count) for iri, count in ask(index, query)]
    put(index, "publishers", rows, "iri, slug, name, records")


def slug(iri: str) -> str:
    """A publisher in an address: the national identifier, else the end of the IRI and a few digits."""
    if match := _NATIONAL.fullmatch(iri):
        return match[1]
    words = _SLUG.findall(iri.rstrip("/#"))
    return f"{words[-1].lower() if words else 'publisher'}-{digest(iri)[:6]}"


def _name(graph: Graph, iri: str) -> str:
    """What a publisher is called, preferably in Swedish."""
    found = values(graph.node(f"<{iri}>").pairs, name("foaf:name"))
    found.sort(key=lambda term: (not term.endswith("@sv"), term))
    return value(found[0]) if found else iri
