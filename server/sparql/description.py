"""The description of the service (SPARQL 1.1 Service Description) as a graph."""

import re
from collections.abc import Iterator

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse_query_results,
    serialize,
)

from loaders.search.function import RANK
from server.http import problems
from server.http.documents import send_document
from server.http.endpoint import Call
from server.http.negotiation import Choice, content_type
from server.http.problems import Problem
from server.http.words import Words
from server.sparql.exemplars import exemplars
from server.sparql.failures import problem_of
from server.workers.query import Failure, Query

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"
VOID = "http://rdfs.org/ns/void#"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_RESULT_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD",
)  # fmt: skip
_LANGUAGES = ("SPARQL11Query",)
_ENGINE: dict[str, RdfFormat] = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
_AUTHORITY = re.compile(r"https?://[A-Za-z0-9.\-_\[\]:]+")


async def describe(call: Call, choice: Choice) -> None:
    """Send the description in the chosen format."""
    endpoint = endpoint_address(call)
    triples = list(_service(call, endpoint)) + list(_dataset(call, endpoint, await _named_graphs(call)))
    triples += await exemplars(call)
    body = serialize(triples, format=_ENGINE[choice.format.name], prefixes=_PREFIXES)
    await send_document(call, content_type(choice.media_type), body or b"")


_PREFIXES = {"sd": SD, "formats": FORMATS, "void": VOID}


def endpoint_address(call: Call) -> str:
    """The address under which the client reached the endpoint."""
    if not _AUTHORITY.fullmatch(call.asked.host):
        detail = Words("Host i begäran är ingen adress.", "Host of the request is no address.")
        raise Problem(problems.BAD_REQUEST, detail)
    return f"{call.asked.host}/sparql"


def _service(call: Call, endpoint: str) -> Iterator[Triple]:
    service = NamedNode(f"{endpoint}#service")
    yield Triple(service, RDF_TYPE, NamedNode(f"{SD}Service"))
    yield Triple(service, NamedNode(f"{SD}endpoint"), NamedNode(endpoint))
    for language in _LANGUAGES:
        yield Triple(service, NamedNode(f"{SD}supportedLanguage"), NamedNode(SD + language))
    for name in _RESULT_FORMATS:
        yield Triple(service, NamedNode(f"{SD}resultFormat"), NamedNode(FORMATS + name))
    yield Triple(service, NamedNode(f"{SD}extensionFunction"), RANK)
    yield Triple(RANK, RDF_TYPE, NamedNode(f"{SD}Function"))
    if call.service.settings.service_hosts:
        yield Triple(service, NamedNode(f"{SD}feature"), NamedNode(f"{SD}BasicFederatedQuery"))


def _dataset(call: Call, endpoint: str, graphs: list[tuple[str, str]]) -> Iterator[Triple]:
    service, dataset = NamedNode(f"{endpoint}#service"), NamedNode(f"{endpoint}#dataset")
    default = NamedNode(f"{endpoint}#default-graph")
    yield Triple(service, NamedNode(f"{SD}defaultDataset"), dataset)
    yield Triple(dataset, RDF_TYPE, NamedNode(f"{SD}Dataset"))
    yield Triple(dataset, NamedNode(f"{SD}defaultGraph"), default)
    yield from _graph(default, call.service.current.release.manifest.triples)
    for name, triples in graphs:
        entry, graph = BlankNode(), BlankNode()
        yield Triple(dataset, NamedNode(f"{SD}namedGraph"), entry)
        yield Triple(entry, RDF_TYPE, NamedNode(f"{SD}NamedGraph"))
        yield Triple(entry, NamedNode(f"{SD}name"), NamedNode(name))
        yield Triple(entry, NamedNode(f"{SD}graph"), graph)
        yield from _graph(graph, int(triples))


def _graph(node: NamedNode | BlankNode, triples: int) -> Iterator[Triple]:
    yield Triple(node, RDF_TYPE, NamedNode(f"{SD}Graph"))
    yield Triple(node, RDF_TYPE, NamedNode(f"{VOID}Dataset"))
    yield Triple(node, NamedNode(f"{VOID}triples"), Literal(triples))


async def _named_graphs(call: Call) -> list[tuple[str, str]]:
    """The named graphs with their sizes, from the statistics that were written at build."""
    base = call.service.current.release.manifest.base
    text = (
        f"SELECT ?name ?triples {{ GRAPH <{base}graph/void> {{ ?entry <{SD}name> ?name ; "
        f"<{SD}graph>/<{VOID}triples> ?triples }} }} ORDER BY ?name"
    )
    query = Query(text, "text/tab-separated-values", client=call.asked.client)
    try:
        async with call.service.current.pool.run(query) as answer:
            body = b"".join([part async for part in answer.parts()])
    except Failure as failure:
        raise problem_of(failure, text) from failure
    rows = parse_query_results(body, QueryResultsFormat.TSV)
    assert isinstance(rows, QuerySolutions)  # noqa: S101 -- a SELECT
    return [(row["name"].value, row["triples"].value) for row in rows]
