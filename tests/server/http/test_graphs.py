"""Whole graphs over HTTP, and how the service describes itself."""

import httpx2
import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import RDF, Graph, Literal, Namespace, URIRef

EX = "https://odis.example/test/"
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")


def triples(response: httpx2.Response) -> int:
    """How many triples a Turtle answer holds."""
    assert response.status_code == 200, response.text
    return len(list(parse(response.content, RdfFormat.TURTLE)))


def test_a_named_graph(client: httpx2.Client) -> None:
    """Graph Store Protocol 4.2: indirect identification."""
    assert triples(client.get("/graphs", params={"graph": f"{EX}graph/a"})) == 2


def test_the_default_graph(client: httpx2.Client) -> None:
    """`?default`, with or without a value."""
    assert triples(client.get("/graphs?default")) == 9000
    assert triples(client.get("/graphs", params={"default": ""})) == 9000


def test_head(client: httpx2.Client) -> None:
    """5.6: the headers of GET; 404 too."""
    assert (
        client.head("/graphs", params={"graph": f"{EX}graph/a"})
        .headers["content-type"]
        .startswith("text/turtle")
    )
    assert client.head("/graphs", params={"graph": f"{EX}graph/none"}).status_code == 404


def test_a_graph_that_is_not_there(client: httpx2.Client) -> None:
    """5.2: 404."""
    response = client.get("/graphs", params={"graph": f"{EX}graph/none"})
    assert response.status_code == 404
    assert response.json()["type"].endswith("/not-found")


@pytest.mark.parametrize("query", ["", "graph=a", "default&graph=a:b", "graph=a:b&graph=a:c"])
def test_one_graph_must_be_named(client: httpx2.Client, query: str) -> None:
    """400 says how."""
    assert client.get(f"/graphs?{query}").status_code == 400


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_graphs_cannot_be_changed(client: httpx2.Client, method: str) -> None:
    """The write side is not there."""
    response = client.request(method, "/graphs?default")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


def test_formats_and_tags(client: httpx2.Client) -> None:
    """The same negotiation and the same tags as for queries."""
    address = {"graph": f"{EX}graph/a"}
    response = client.get("/graphs", params=address, headers={"Accept": "application/n-triples"})
    assert response.headers["content-type"] == "application/n-triples"
    given = {"Accept": "application/n-triples", "If-None-Match": response.headers["etag"]}
    assert client.get("/graphs", params=address, headers=given).status_code == 304
    assert client.get("/graphs", params=address, headers={"Accept": "image/png"}).status_code == 406


def test_a_graph_by_its_own_address(client: httpx2.Client) -> None:
    """4.1: direct identification, of graphs under the base of the release."""
    assert triples(client.get("/graph/void")) == 3
    assert client.get("/graph/none").status_code == 404


def test_statistics(client: httpx2.Client) -> None:
    """VoID at the registered path."""
    assert triples(client.get("/.well-known/void")) == 3


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser uses it
@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "application/ld+json", "*/*"])
def test_the_service_describes_itself(client: httpx2.Client, server: str, accept: str) -> None:
    """A GET without a query gives RDF, with the address that was asked as the endpoint."""
    response = client.get("/sparql", headers={"Accept": accept})
    assert response.status_code == 200
    graph = Graph().parse(data=response.text, format=response.headers["content-type"].split(";")[0])
    service = graph.value(predicate=RDF.type, object=SD.Service)
    assert graph.value(service, SD.endpoint) == URIRef(f"{server}/sparql")
    assert (service, SD.supportedLanguage, SD.SPARQL11Query) in graph
    assert (service, SD.feature, SD.BasicFederatedQuery) not in graph
    assert (service, SD.feature, SD.UnionDefaultGraph) not in graph
    dataset = graph.value(service, SD.defaultDataset)
    default = graph.value(dataset, SD.defaultGraph)
    assert graph.value(default, VOID.triples) == Literal(9000)
    named = graph.value(dataset, SD.namedGraph)
    assert graph.value(named, SD.name) == URIRef(f"{EX}graph/a")


def test_a_forged_host_is_no_address(client: httpx2.Client) -> None:
    """The Host header goes into RDF only when it is one."""
    response = client.get("/sparql", headers={"Host": "a> <b"})
    assert response.status_code == 400
