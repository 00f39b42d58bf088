"""A release says what it is: a dataset of its own, with services and statistics."""

from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store, parse

from loaders.releases.describing import aggregated
from loaders.releases.release import current

BASE = "https://odis.example/"


def test_only_specifications_with_rows_are_datasets_of_the_graph() -> None:
    """Named graphs of rows give the specifications; a user's own specification has no title to show."""
    graphs = [f"{BASE}graph/data/bathing-places/a", f"{BASE}graph/source/b", f"{BASE}graph/data/own/c"]
    found = aggregated(BASE, graphs)
    assert [(one.name, one.title["sv"]) for one in found] == [("bathing-places", "Badplatser")]


def test_the_graph_is_a_dataset_with_a_sparql_service_and_statistics(sample_region: Path) -> None:
    """The default graph holds the self-description, the VoID graph a count that is that of the manifest."""
    release = current(sample_region / "var")
    store = Store.read_only(str(release.store))
    assert store.query(f"""
        PREFIX dcat: <http://www.w3.org/ns/dcat#>
        ASK {{ ?service a dcat:DataService ; dcat:servesDataset <{BASE}id/dataset/odis> ;
                 dcat:endpointURL <{BASE}sparql> }}""")
    triples = NamedNode("http://rdfs.org/ns/void#triples")
    counts = {
        quad.object.value
        for quad in parse(path=release.void, format=RdfFormat.N_QUADS)
        if quad.predicate == triples and str(quad.subject) == f"<{BASE}id/dataset/odis>"
    }
    assert counts == {str(release.manifest.triples)}


def test_a_release_has_the_views_that_portals_read(sample_region: Path) -> None:
    """The catalogue for the national portal and the dump of the whole graph are there."""
    views = current(sample_region / "var").views
    assert (views / "dcat-ap-se.rdf.gz").stat().st_size > 1000
    assert any((views / "dumps").iterdir())
