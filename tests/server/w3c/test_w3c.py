"""The W3C SPARQL 1.1 test suite, over HTTP against a running server (updates: on the store itself)."""

import csv
from collections import Counter
from collections.abc import Iterable
from typing import Any

import httpx2
import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Store, parse
from rdflib import RDF, Graph, Namespace, URIRef

from tests.server.w3c import expected, results
from tests.server.w3c.exchanges import Exchange, exchanges, here, reads
from tests.server.w3c.manifests import BASE, MF, RDFS, UT, Case, Suite, cases
from tests.server.w3c.results import answered, graph, same

pytestmark = pytest.mark.shared
NOTHING = "http://w3c.example/no-such-graph"
HEADERS = {"Accept": "application/sparql-results+xml, application/n-triples"}
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")


def listed(*kinds: str) -> list[Any]:
    """The tests of some kinds, those expected to fail marked as such."""
    return [pytest.param(case, id=case.id, marks=_marks(case)) for case in cases(*kinds)]


def _marks(case: Case) -> list[pytest.MarkDecorator]:
    reason = expected.FAILURES.get(case.id)
    return [pytest.mark.xfail(reason=reason, strict=True)] if reason else []


def test_the_whole_suite_is_here(w3c: Suite) -> None:
    """A manifest that is not read, or a kind that nothing runs, would be missed."""
    counts = Counter(case.kind for case in cases())
    assert counts == {
        "QueryEvaluationTest": 309,
        "UpdateEvaluationTest": 94,
        "PositiveSyntaxTest11": 66,
        "NegativeSyntaxTest11": 48,
        "PositiveUpdateSyntaxTest11": 42,
        "NegativeUpdateSyntaxTest11": 13,
        "ProtocolTest": 34,
        "GraphStoreProtocolTest": 31,
        "CSVResultFormatTest": 3,
        "ServiceDescriptionTest": 3,
    }
    assert sum(counts.values()) == 643
    assert Counter(expected.FAILURES.values()) == {
        expected.ENTAILMENT: 42,
        expected.PROSE: 18,
        expected.WRITE: 7,
        expected.PATHS: 4,
        expected.GRAPH: 3,
        expected.LANGUAGE: 2,
        expected.VALUES: 2,
        expected.VARIABLE: 1,
        expected.BNODE: 1,
    }
    unknown = expected.FAILURES.keys() - {case.id for case in cases()}
    assert not unknown


def address(endpoint: httpx2.Client) -> str:
    """The address of the endpoint."""
    return str(endpoint.base_url.join("/sparql"))


def dataset(case: Case) -> dict[str, list[str]]:
    """The parameters that choose a test's data among all that the store holds."""
    if case.query.read_text(encoding="utf-8").find("FROM") >= 0:
        return {}  # the query chooses for itself
    return {"default-graph-uri": case.data or [NOTHING], "named-graph-uri": case.graphs}


def text(case: Case, endpoint: httpx2.Client) -> str:
    """The query of a test; the endpoints it wants are replaced by graphs of our own server."""
    found = case.text
    for service, files in case.services.items():
        parameters = httpx2.QueryParams({"default-graph-uri": files})
        found = found.replace(f"<{service}>", f"<{address(endpoint)}?{parameters}>")
    return found


@pytest.mark.parametrize("case", listed("QueryEvaluationTest"))
def test_query(case: Case, endpoint: httpx2.Client) -> None:
    """The answer means the same as the expected one."""
    query = text(case, endpoint)
    response = endpoint.get("/sparql", params={"query": query, **dataset(case)}, headers=HEADERS)
    assert response.status_code == 200, response.text
    found = answered(response.content, response.headers["content-type"].split(";")[0])
    wanted = results.expected(case.result)
    assert same(found, wanted, ordered="ORDER BY" in query), f"{found}\n\n{wanted}"


def has_rows(case: Case) -> bool:
    """Whether a test is one of those on aggregates that give rows."""
    return case.id.startswith("aggregates/") and b"<results" in case.result.read_bytes()


@pytest.mark.parametrize("form", ["json", "tsv"])
@pytest.mark.parametrize("case", [case for case in cases("QueryEvaluationTest") if has_rows(case)])
def test_every_format_means_the_same(case: Case, form: str, endpoint: httpx2.Client) -> None:
    """JSON and TSV carry the answer as well as XML does."""
    parameters = {"query": case.text, **dataset(case), "format": form}
    response = endpoint.get("/sparql", params=parameters)
    xml = endpoint.get("/sparql", params={**parameters, "format": "xml"})
    kind = response.headers["content-type"].split(";")[0]
    assert same(
        answered(response.content, kind),
        answered(xml.content, "application/sparql-results+xml"),
        ordered=True,
    )


@pytest.mark.parametrize("case", listed("CSVResultFormatTest"))
def test_csv(case: Case, endpoint: httpx2.Client) -> None:
    """CSV holds the same lines; their order is free."""
    response = endpoint.get("/sparql", params={"query": case.text, **dataset(case), "format": "csv"})
    assert response.status_code == 200, response.text
    wanted = case.result.read_text(encoding="utf-8").splitlines()
    found = response.text.splitlines()
    assert sorted(found[0].split(",")) == sorted(wanted[0].split(","))
    assert rows(found) == rows(wanted)


def rows(lines: list[str]) -> list[list[tuple[str, str]]]:
    """The rows of CSV by column name: the order of columns of SELECT * is free, so are blank node labels."""
    return sorted(
        sorted((name, "_:" if value.startswith("_:") else value) for name, value in row.items())
        for row in csv.DictReader(lines)
    )


@pytest.mark.parametrize("case", listed("PositiveSyntaxTest11"))
def test_good_syntax(case: Case, endpoint: httpx2.Client) -> None:
    """A valid query is answered, or refused for what it asks: never as bad syntax."""
    query = case.text.replace("SERVICE <g>", f"SERVICE <{address(endpoint)}>")
    query = query.replace("SERVICE SILENT <g>", f"SERVICE SILENT <{address(endpoint)}>")
    response = endpoint.post("/sparql", data={"query": query, "default-graph-uri": NOTHING})
    assert response.status_code == 200 or response.json()["type"].endswith("/refused"), response.text


@pytest.mark.parametrize("case", listed("NegativeSyntaxTest11"))
def test_bad_syntax(case: Case, endpoint: httpx2.Client) -> None:
    """An invalid query is refused as such, with its place; some of these are updates."""
    if case.query.suffix == ".ru":
        test_update_syntax(case, endpoint)
        return
    response = endpoint.post("/sparql", data={"query": case.text, "default-graph-uri": NOTHING})
    assert response.status_code == 400, response.text
    assert response.json()["type"].endswith("/syntax")
    assert response.json()["line"] > 0


# ------------------------------------------------------------------ protocol, graph store, description


@pytest.mark.parametrize("case", listed("ProtocolTest"))
def test_protocol(case: Case, endpoint: httpx2.Client) -> None:
    """Each request is answered with a status and format that the manifest allows."""
    found = exchanges(case)
    assert found
    for exchange in found:
        path = exchange.path.replace("/sparql/", "/sparql", 1)
        response = endpoint.request(exchange.method, path, headers=exchange.headers, content=exchange.body)
        assert exchange.allows(response.status_code), response.text
        _check_format(exchange, response)


def _check_format(exchange: Exchange, response: httpx2.Response) -> None:
    kind = response.headers["content-type"].split(";")[0]
    if exchange.format in ("tabular", "boolean"):
        assert kind in ("application/sparql-results+json", "application/sparql-results+xml")
    elif exchange.format == "RDF":
        assert RdfFormat.from_media_type(kind)
    if exchange.boolean is not None:
        assert response.json()["boolean"] is exchange.boolean


@pytest.mark.parametrize("case", listed("GraphStoreProtocolTest"))
def test_graph_store(case: Case, endpoint: httpx2.Client) -> None:
    """The reading requests, over graphs that hold what the writing requests before them would have left.

    The server only reads, so the writing itself is not there to be tested.
    """
    found = reads(case)
    assert found
    for step, (exchange, _) in enumerate(found):
        response = endpoint.request(exchange.method, here(case, step, exchange), headers=exchange.headers)
        assert exchange.allows(response.status_code), response.text
        if exchange.content_type:
            assert response.headers["content-type"] == exchange.content_type
        if exchange.content:
            wanted = graph(parse(exchange.content, RdfFormat.TURTLE, base_iri=BASE))
            assert graph(parse(response.content, RdfFormat.TURTLE)) == wanted


@pytest.mark.parametrize("case", listed("ServiceDescriptionTest"))
def test_service_description(case: Case, endpoint: httpx2.Client) -> None:
    """A GET on the endpoint gives RDF that names the endpoint and follows the vocabulary."""
    response = endpoint.get("/sparql", headers={"Accept": "text/turtle"})
    assert response.status_code == 200
    description = Graph().parse(data=response.text, format="turtle")
    services = list(description.subjects(RDF.type, SD.Service))
    assert len(services) == 1
    endpoints = list(description.objects(services[0], SD.endpoint))
    assert endpoints == [URIRef(address(endpoint))]
    for dataset in description.objects(services[0], SD.defaultDataset):
        assert (dataset, RDF.type, SD.Dataset) in description
        assert all(
            (graph, RDF.type, SD.Graph) in description
            for graph in description.objects(dataset, SD.defaultGraph)
        )
    for named in description.objects(None, SD.namedGraph):
        assert (named, RDF.type, SD.NamedGraph) in description
        assert len(list(description.objects(named, SD.name))) == 1


# ------------------------------------------------------------------ updates: on the store, not over HTTP


def state(case: Case, node: Any) -> Iterable[Quad]:
    """The quads that a test's data or result describe."""
    for file in case.suite.all(node, UT, "data"):
        yield from case.suite.quads(case.suite.path(file))
    for entry in case.suite.all(node, UT, "graphData"):
        name = case.suite.one(entry, RDFS, "label").value
        yield from case.suite.quads(case.suite.path(case.suite.one(entry, UT, "graph")), name)


@pytest.mark.parametrize("case", listed("UpdateEvaluationTest"))
def test_update(case: Case) -> None:
    """The store that a release is built with does updates right, though nobody may send one."""
    store = Store()
    store.extend(state(case, case.suite.one(case.node, MF, "action")))
    store.update(case.query.read_text(encoding="utf-8"), base_iri=BASE)
    found, wanted = Dataset(store), Dataset(state(case, case.suite.one(case.node, MF, "result")))
    for one in (found, wanted):
        one.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    assert found == wanted


@pytest.mark.parametrize("case", listed("PositiveUpdateSyntaxTest11", "NegativeUpdateSyntaxTest11"))
def test_update_syntax(case: Case, endpoint: httpx2.Client) -> None:
    """The store tells good from bad; the endpoint refuses both with 403 or 400."""
    update = case.query.read_text(encoding="utf-8")
    if case.kind.startswith("Positive"):
        _accepts(update)
    else:
        with pytest.raises(SyntaxError):
            Store().update(update, base_iri=BASE)
    headers = {"Content-Type": "application/sparql-update"}
    assert endpoint.post("/sparql", content=update, headers=headers).status_code == 403


def _accepts(update: str) -> None:
    store = Store()
    store.add(
        Quad(NamedNode("a:"), NamedNode("a:"), NamedNode("a:"), NamedNode("http://example.org/faraway"))
    )
    try:
        store.update(update, base_iri=BASE)
    except (RuntimeError, OSError):
        return  # it parsed, and then asked for a graph that is not there
