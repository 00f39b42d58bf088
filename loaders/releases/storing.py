"""Fills the store of a release, in a process of its own: in bulk, or as the one before with what changed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from loaders.isolate import Step
from loaders.lines import blocks, link
from loaders.views.graph import Graph
from ontology import iri

CHUNK = 64 * 1024 * 1024
"""Bytes loaded at once: the whole file at once takes four times the memory and a tenth less time."""

_TABLE = ".sst"
_OWN = ("LOCK", "LOG")
"""Names of what RocksDB makes for itself whenever it opens a store."""


def load(argument: Mapping[str, Any], step: Step) -> None:
    """Load the N-Quads `files` into a new store in the folder `store`."""
    store = ox.Store(argument["store"])
    step("load")
    for file in argument["files"]:
        _add(store, Path(file))
    step("optimise")
    store.optimize()
    store.flush()


def add(argument: Mapping[str, Any], step: Step) -> None:
    """Load the N-Quads `files` into the store in the folder `store`, beside what it holds."""
    store = ox.Store(argument["store"])
    for file in argument["files"]:
        _add(store, Path(file))
    store.flush()


def patch(argument: Mapping[str, Any], step: Step) -> None:
    """Turn the store in the folder `store` into that of other N-Quads `files`.

    For each of them the lines that went are in `<file>.gone`, and those that came in `<file>.came`.
    """
    step("load")
    store = ox.Store(argument["store"])
    for file in map(Path, argument["files"]):
        _remove(store, file)
        _add(store, file.with_name(f"{file.name}.came"))
    store.flush()


def copy_store(before: Path, store: Path) -> None:
    """Copy a store that nobody writes. RocksDB never changes a table once written, so those are linked."""
    store.mkdir()
    for file in before.iterdir():
        if file.suffix == _TABLE:
            link(file, store / file.name)
        elif not file.name.startswith(_OWN):
            (store / file.name).write_bytes(file.read_bytes())


def _add(store: ox.Store, file: Path) -> None:
    for lines in blocks(file, CHUNK):
        # Every line was written by this build from terms that were checked when they were read.
        store.bulk_load(b"".join(lines), format=ox.RdfFormat.N_QUADS, lenient=True)


def _remove(store: ox.Store, file: Path) -> None:
    graphs = set()
    with Graph(file) as graph:
        for quad in _quads(path=file.with_name(f"{file.name}.gone")):
            store.remove(quad)
            store.extend(_twins(graph, quad))
            graphs.add(quad.graph_name)
    for name in graphs:
        if not any(store.quads_for_pattern(None, None, None, name)):
            store.remove_graph(name)


def _twins(graph: Graph, quad: ox.Quad) -> Iterator[ox.Quad]:
    """The quads of the new file that the store may hold as one with a quad that went.

    The store writes numbers, times and truth values its own way: "01" and "1" are one to it.
    """
    if not isinstance(quad.object, ox.Literal) or quad.object.datatype in _KEPT_AS_WRITTEN:
        return
    for text in graph.statements(str(quad.subject)):
        if text.startswith(f'{quad.predicate} "'):
            for twin in _quads(f"{quad.subject} {text}"):
                if twin.graph_name == quad.graph_name:
                    yield twin


def _quads(text: str | None = None, path: Path | None = None) -> Iterator[ox.Quad]:
    return ox.parse(text, path=path, format=ox.RdfFormat.N_QUADS, lenient=True)


_KEPT_AS_WRITTEN = {ox.NamedNode(iri(name)) for name in ("xsd:string", "rdf:langString")}
