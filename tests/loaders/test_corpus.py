"""Every file of the corpus loads, or ends in the error that is right for it."""

import csv
import json
import tomllib
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from loaders.build import BuildResult
from loaders.releases.stores import LOADED, RECORDS
from ontology import iri
from tests.conftest import ROOT
from tests.loaders.quiet import built

TYPE, DATASET = NamedNode(iri("rdf:type")), NamedNode(iri("dcat:Dataset"))
pytestmark = pytest.mark.shared

NO_RDF = "there is no triple in it (read as JSON-LD)"
REFUSED = {
    # A prefix line without its end: no reader can know what was meant.
    "be-smartflanders.ttl": "it cannot be read as Turtle: Parser error at line 7",
    # A prefix that is used and never declared.
    "ckan-dataset.ttl": "it cannot be read as Turtle: Parser error at line 149",
    # A context on the network that is not among ours.
    "fiware-dataset.jsonld": "it names the remote JSON-LD context https://raw.githubusercontent.com/",
    # JSON of another kind.
    "se-processor-catalog.json": NO_RDF,
    "se-processor-full-example.json": NO_RDF,
    "ldes/test1-report.json": NO_RDF,
    "ldes/test3-report.json": NO_RDF,
    "ldes/test6-report.json": NO_RDF,
    "ldes/test16-report.json": NO_RDF,
}
READ_OTHERWISE = {
    # Brackets in the query of an address.
    "de-ckan-catalog-endpoint.rdf": "read leniently",
    # Text where RDF/XML allows none.
    "se-opennorth-handmade-broken.rdf": "read by rdflib",
    # A semicolon between subject and predicate.
    "violations/no-shacltest-invalid-controlled-vocs-dataset.trig": "read by rdflib",
    "violations/no-shacltest-invalid-core-dataset.trig": "read by rdflib",
}
MORE = {
    # A strict reading of JSON-LD drops nodes with an illegal IRI in silence.
    "ckan-catalog_pod.jsonld": 3,
}


@pytest.fixture(scope="module")
def result(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    """One build of the whole corpus."""
    return built(ROOT / "tests" / "corpus.toml", tmp_path_factory.mktemp("corpus"))


def index(shared: Path) -> dict[str, str]:
    """The number of triples of each file by a strict reading; empty or an error where there is none."""
    with (shared / "corpus" / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {
            row["file"].removeprefix("dcat/"): row["triples_pyoxigraph"]
            for row in rows
            if row["file"].startswith("dcat/")
        }


def changes(result: BuildResult, id: str) -> list[dict[str, str]]:
    """The record of repairs of a source."""
    found: list[dict[str, str]] = json.loads((result.release.reports / f"{id}.changes.json").read_text())
    return found


def test_the_configuration_names_every_file(shared: Path) -> None:
    """No file of the corpus is forgotten."""
    table = tomllib.loads((ROOT / "tests" / "corpus.toml").read_text())
    named = {source["title"] for source in table["source"]}
    folder = shared / "corpus" / "dcat"
    assert named == {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert len(named) == 112


def test_each_loads_or_ends_in_its_own_error(result: BuildResult) -> None:
    """103 files load and 9 are refused, each with the sentence that fits."""
    refused = {o.entry.title: o.entry.message for o in result.sources if o.entry.state == "left out"}
    assert refused.keys() == REFUSED.keys()
    assert [title for title, text in REFUSED.items() if text not in refused[title]] == []
    assert len([o for o in result.sources if o.entry.state == "new"]) == 103
    assert result.exit_code == 1


def test_no_triple_is_lost(shared: Path, result: BuildResult) -> None:
    """Each file gives as many different triples as a strict reading finds; where more, it is known why."""
    strict = index(shared)
    different = {
        o.entry.title: o.entry.triples - int(strict[o.entry.title])
        for o in result.sources
        if strict[o.entry.title].isdigit() and o.entry.triples != int(strict[o.entry.title])
    }
    assert different == MORE


SYNTAXES = {
    ".json": (RdfFormat.JSON_LD, "json-ld"),
    ".jsonld": (RdfFormat.JSON_LD, "json-ld"),
    ".nt": (RdfFormat.N_TRIPLES, "nt"),
    ".owl": (RdfFormat.RDF_XML, "xml"),
    ".rdf": (RdfFormat.RDF_XML, "xml"),
    ".trig": (RdfFormat.TRIG, "trig"),
    ".ttl": (RdfFormat.TURTLE, "turtle"),
    ".xml": (RdfFormat.RDF_XML, "xml"),
}
REMOTE = b'"@context": "http'


def by_pyoxigraph(path: Path) -> int:
    """The datasets that a lenient reading by pyoxigraph finds in a file; 0 when it fails."""
    try:
        quads = parse(path=path, format=SYNTAXES[path.suffix][0], base_iri="http://b/", lenient=True)
        return len({q.subject for q in quads if (q.predicate, q.object) == (TYPE, DATASET)})
    except (SyntaxError, RuntimeError):
        return 0


def by_rdflib(path: Path) -> int:
    """The datasets that rdflib finds in a file; 0 when it fails, or would have to ask the network."""
    if REMOTE in path.read_bytes():
        return 0
    found = rdflib.Dataset(default_union=True)
    try:
        found.parse(path, format=SYNTAXES[path.suffix][1], publicID="http://b/")
    except Exception:  # it has no class of its own for what it cannot read
        return 0
    return len(set(found.subjects(rdflib.RDF.type, rdflib.DCAT.Dataset)))


@pytest.mark.filterwarnings("ignore")  # rdflib tells of each literal that it thinks ill-typed
def test_no_dataset_is_lost(shared: Path, result: BuildResult) -> None:
    """No reading by others finds a dataset more, in what was refused neither."""
    end = f"{TYPE} {DATASET} ".encode()
    lost = []
    for outcome in result.sources:
        path = shared / "corpus" / "dcat" / outcome.entry.title
        ours = (outcome.good.folder / "graph.nq").read_bytes().count(end) if outcome.good else 0
        if ours < max(by_pyoxigraph(path), by_rdflib(path)):
            lost.append(outcome.entry.title)
    assert lost == []


def test_what_was_read_otherwise_is_recorded(result: BuildResult) -> None:
    """Only the known files needed a second reading, and the record says which."""
    found = {
        o.entry.title: change["after"]
        for o in result.sources
        if o.good
        for change in changes(result, o.entry.id)
        if change["step"] == "reading"
    }
    assert found == READ_OTHERWISE


def test_the_store_holds_what_the_file_holds(result: BuildResult) -> None:
    """Numbers of the manifest, of graph.nq and of the store agree."""
    manifest = result.release.manifest
    with result.release.graph.open("rb") as file:
        lines = file.readlines()
    assert len(lines) == len(set(lines)) == manifest.quads
    assert lines == sorted(lines)
    store = Store.read_only(str(result.release.store))
    beside = {*LOADED, RECORDS} - {"graph.nq"}
    others = sum(len((result.release.path / name).read_bytes().splitlines()) for name in beside)
    assert len(store) <= manifest.quads + others  # literals that Oxigraph spells alike become one
    assert len(store) > 0.99 * manifest.quads
    assert not any(b"_:" in line.split(b" ", 1)[0] for line in lines)
    check = Store()
    check.bulk_load(path=result.release.graph, format=RdfFormat.N_QUADS)  # strictly: every line is legal
