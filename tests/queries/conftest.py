"""A store with the sample region in it, in the layout of a release, for all tests of saved queries."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse

import ontology
from loaders.catalogues.changes import Changes
from loaders.catalogues.recorded import change_lines
from loaders.catalogues.repair import repair
from loaders.parts import GRAPH
from loaders.quality.measure import Measuring, measure
from loaders.quality.summary import QUALITY, write_quality
from loaders.releases.records import write_records
from loaders.releases.same import write_links
from loaders.releases.usage import Key, add, write_usage
from loaders.tables.tabular import convert
from loaders.views.index import FILE, attach, create, finish, put
from shapes.check import check, load_profile

BASE = "https://odis.example/"
OTHERS = Path(__file__).parent / "rows"
SAMPLE = Path(__file__).parent.parent.parent / "loaders" / "sample"
USED = date(2026, 11, 24)
ROWS = {
    "stockholm-badplatser": "https://stockholm.example/catalogue/badplatser",
    "nacka-badplatser": "https://nacka.example/catalogue/badplatser",
    "norrtalje-badplatser": "https://norrtalje.example/catalogue/badplatser",
    "storsthlm-badplatser": "https://storsthlm.example/catalogue/badplatser",
}


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The sample region: catalogues, rows of each specification, ontology and quality, in their graphs."""
    folder = tmp_path_factory.mktemp("region")
    store = Store()
    for path in ontology.graph_files():
        _add(store, (quad.triple for quad in parse(path=path)), f"{BASE}graph/ontology")
    for path in sorted((SAMPLE / "catalogues").iterdir()):
        triples = [quad.triple for quad in parse(path=path, rename_blank_nodes=True, base_iri=BASE)]
        triples = [_skolemised(triple, path.stem) for triple in triples]
        _add(store, triples, f"{BASE}graph/source/{path.stem}")
        aside = folder / path.stem
        aside.mkdir()
        for triple in _results(triples, path.stem, aside):
            _store(store, triple, NamedNode(f"{BASE}graph/quality/shacl/{path.stem}"))
        for triple in _repairs(triples, path.stem, aside):
            _store(store, triple, NamedNode(f"{BASE}graph/repairs/{path.stem}"))
    write_quality(sorted(folder.iterdir()), BASE, [], "2026-11-24", folder)
    store.load(path=folder / QUALITY)
    for name, dataset in ROWS.items():
        _convert(store, SAMPLE / "data" / f"{name}.csv", "bathing-places", dataset)
    for path in sorted(OTHERS.glob("*.csv")):
        _convert(store, path, path.stem, f"https://rows.example/{path.stem}")
    _add_twin(store, folder)
    _add_records(store, folder / "records")
    _add_use(store, folder)
    return store


def _add_use(store: Store, folder: Path) -> None:
    """A dataset that was asked about and a query that was called."""
    add(folder, {Key(ROWS["nacka-badplatser"], "query"): 3, Key("query/publishers", "call"): 1}, USED)
    write_usage(folder, BASE, USED, folder / "usage.nq")
    store.load(path=folder / "usage.nq")


def _add_records(store: Store, views: Path) -> None:
    """The catalogue record of one dataset, out of an index of views."""
    views.mkdir()
    index = create(views / FILE)
    row = (ROWS["nacka-badplatser"], "1", "dataset", "", "nacka", *["2026-11-24T08:00:00Z"] * 2)
    put(index, "records", [row], "iri, id, kind, publisher, source, stamp, first")
    attach(index, None)
    finish(index)
    write_records(views, BASE, [], views / "records.nq")
    store.load(path=views / "records.nq")


def _add_twin(store: Store, folder: Path) -> None:
    """A playground that a second source has 33 m away by the same name, and the links between places."""
    twin = folder / "twin.csv"
    twin.write_text("source,id,name,latitude,longitude\n0180,9,Bryggartäppan,59.3123,18.0790\n", "utf-8")
    _convert(store, twin, "playgrounds", "https://rows.example/twin")
    sources = []
    for name in ("playgrounds", "twin"):
        quads = store.quads_for_pattern(None, None, None, NamedNode(f"{BASE}graph/data/playgrounds/{name}"))
        places = folder / f"{name}.nt"
        places.write_text("".join(sorted(f"{quad.triple} .\n" for quad in quads)), encoding="utf-8")
        sources.append([name, str(places)])
    write_links({"sources": sources, "base": BASE, "folder": str(folder)}, lambda step: None)
    store.load(path=folder / GRAPH)


def _convert(store: Store, rows: Path, specification: str, dataset: str) -> None:
    described = ontology.FOLDER / "specifications" / specification
    result = convert(rows, described, source=rows.stem, base=BASE, dataset=dataset)
    _add(store, result.quads, f"{BASE}graph/data/{specification}/{rows.stem}")
    assert result.report.kept > 0


def _add(store: Store, triples: Iterable[Triple], graph: str) -> None:
    """Adds triples to their own graph and to the default graph, which is the merge of all data."""
    for triple in triples:
        _store(store, triple, NamedNode(graph))
        _store(store, triple, DefaultGraph())


def _store(store: Store, triple: Triple, graph: NamedNode | DefaultGraph) -> None:
    store.add(Quad(triple.subject, triple.predicate, triple.object, graph))


def _skolemised(triple: Triple, source: str) -> Triple:
    subject, value = triple.subject, triple.object
    if isinstance(subject, BlankNode):
        subject = NamedNode(f"{BASE}.well-known/genid/{source}-{subject.value}")
    if isinstance(value, BlankNode):
        value = NamedNode(f"{BASE}.well-known/genid/{source}-{value.value}")
    return Triple(subject, triple.predicate, value)


def _repairs(triples: list[Triple], source: str, folder: Path) -> list[Triple]:
    """Repairs a catalogue; gives the record of it."""
    harvested, changes = folder / "harvested.nt", Changes()
    harvested.write_text("".join(sorted(f"{triple} .\n" for triple in triples)), encoding="utf-8")
    repair(harvested, folder / "repaired.nt", changes)
    lines = b"".join(change_lines(changes.all(), f"{BASE}.well-known/genid/{source}-"))
    return [quad.triple for quad in parse(lines, format=RdfFormat.N_TRIPLES)]


def _results(triples: list[Triple], source: str, folder: Path) -> list[Triple]:
    """Checks and measures a catalogue; gives the results of the check."""
    file, quads, told = folder / "data.nt", folder / "data.nq", folder / "report.json"
    graph = f"{BASE}graph/source/{source}"
    file.write_text("".join(f"{triple} .\n" for triple in triples), encoding="utf-8")
    quads.write_text("".join(f"{triple} <{graph}> .\n" for triple in triples), encoding="utf-8")
    report = check(file, load_profile("dcat-ap-se"))
    told.write_text(report.to_json(), encoding="utf-8")
    files = (str(path) for path in (file, told, folder, folder))
    measure(asdict(Measuring(source, BASE, str(quads), graph, *files)), lambda step: None)
    turtle = report.to_turtle().encode()
    return [quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE, rename_blank_nodes=True)]
