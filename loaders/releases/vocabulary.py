"""The ontology graph of a release, as sorted lines: made from the Turtle files of the ontology."""

from pathlib import Path

import pyoxigraph as ox

from loaders.catalogues.skolem import has_blank, skolemise
from loaders.lines import write_sorted
from ontology import graph_files
from ontology.errors import ReleaseError


def write_ontology(base: str, target: Path) -> int:
    """Write the triples of the ontology as sorted N-Triples; gives their number. Raises ReleaseError."""
    lines = [line for path in graph_files() for line in _lines(path, base)]
    blank = [line for line in lines if has_blank(line)]
    named = [line for line in lines if not has_blank(line)]
    return write_sorted([named + list(skolemise(blank, f"{base}.well-known/genid/ontology-"))], target)


def _lines(path: Path, base: str) -> list[bytes]:
    try:
        quads = ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=base, rename_blank_nodes=True)
        return [b"%s .\n" % str(quad.triple).encode() for quad in quads]
    except SyntaxError as error:
        raise ReleaseError(f"{path}: a file of the ontology cannot be read: {error.msg}") from error
