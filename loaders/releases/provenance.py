"""The provenance graph: where each source graph came from, when, and what was repaired in it.

It is a file of its own, because it holds times: `graph.nq` must be the same whenever it is built.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from loaders.lines import write_sorted
from loaders.releases.release import SourceState
from ontology import iri

_TYPE = NamedNode(iri("rdf:type"))
_DATE_TIME = NamedNode(iri("xsd:dateTime"))


def write_provenance(entries: Iterable[tuple[SourceState, str]], base: str, target: Path) -> int:
    """Write the provenance of sources, each given with the IRI of its graph, as sorted N-Quads."""
    graph = NamedNode(f"{base}graph/provenance")
    quads = (Quad(*triple, graph) for entry, source in entries for triple in _triples(entry, source))
    return write_sorted([[b"%s .\n" % str(quad).encode() for quad in quads]], target)


def _triples(entry: SourceState, source: str) -> Iterator[tuple[NamedNode, NamedNode, NamedNode | Literal]]:
    node = NamedNode(source)
    yield node, _TYPE, NamedNode(iri("prov:Entity"))
    yield node, NamedNode(iri("dcterms:title")), Literal(entry.title)
    yield node, NamedNode(iri("dcterms:identifier")), Literal(entry.id)
    yield node, NamedNode(iri("prov:generatedAtTime")), Literal(entry.harvested, datatype=_DATE_TIME)
    if entry.location.startswith(("http://", "https://")):
        yield node, NamedNode(iri("prov:wasDerivedFrom")), NamedNode(entry.location)
