"""HTTP exchanges of the W3C suite, and the graphs that its writing requests would leave behind."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from tests.server.w3c.manifests import MF, RDFS, UT, Case, Suite, Term, cases, suite

HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
GRAPHS = "https://odis.example/graph/w3c/"
"""Where the graphs lie that a test reads; a path under /graph/ of the server too."""
READS = ("GET", "HEAD")
DEFAULT = "/gsp?default"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what is expected of its answer; `statuses` are names such as OK or StatusCode4xx."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: frozenset[str]
    format: str
    boolean: bool | None
    content_type: str
    content: str

    def allows(self, status: int) -> bool:
        """Whether a status is one of those expected."""
        names = {200: "OK", 201: "Created", 204: "NoContent", 404: "NotFound"}
        return f"StatusCode{status // 100}xx" in self.statuses or names.get(status) in self.statuses


def exchanges(case: Case) -> list[Exchange]:
    """The requests of a test, in order."""
    requests = case.suite.one(case.suite.one(case.node, MF, "action"), HT, "requests")
    return [_exchange(case.suite, node) for node in case.suite.items(requests)]


def _exchange(suite: Suite, node: Term) -> Exchange:
    response = suite.one(node, HT, "resp")
    boolean = suite.one(response, MF, "expectedBoolean")
    return Exchange(
        method=suite.one(node, HT, "methodName").value,
        path=suite.one(node, HT, "absolutePath").value,
        headers=_headers(suite, node),
        body=_content(suite, node),
        statuses=frozenset(
            term.value.rpartition("#")[2] for term in suite.all(response, MF, "expectedStatus")
        ),
        format=_text(suite.one(response, MF, "expectedFormat")),
        boolean=None if boolean is None else boolean.value == "true",
        content_type=_headers(suite, response).get("content-type", ""),
        content=_content(suite, response).decode(),
    )


def _text(literal: Term) -> str:
    return "" if literal is None else str(literal.value)


def _headers(suite: Suite, node: Term) -> dict[str, str]:
    return {
        suite.one(header, HT, "fieldName").value: suite.one(header, HT, "fieldValue").value
        for header in suite.items(suite.one(node, HT, "headers"))
    }


def _content(suite: Suite, node: Term) -> bytes:
    body = suite.one(node, HT, "body")
    if body is None:
        return b""
    encoding = _text(suite.one(body, CNT, "characterEncoding")) or "utf-8"
    return _text(suite.one(body, CNT, "chars")).encode(encoding)


# ------------------------------------------------------------------ graphs that must be there beforehand


def prepared_graphs() -> Iterator[Quad]:
    """The graphs of the protocol tests, and those that reading requests of graph store tests should find."""
    found = suite()
    assert found is not None
    for case in cases("ProtocolTest"):
        for entry in found.all(case.node, UT, "graphData"):
            path = found.path(found.one(entry, UT, "graph"))
            yield from found.quads(path, found.one(entry, RDFS, "label").value)
    for case in cases("GraphStoreProtocolTest"):
        for step, (_, state) in enumerate(reads(case)):
            graph = DefaultGraph() if state[0] == DEFAULT else NamedNode(graph_of(case, step))
            for quad in state[1]:
                yield Quad(quad.subject, quad.predicate, quad.object, graph)


def graph_of(case: Case, step: int) -> str:
    """The graph in which a reading request finds what it should."""
    return f"{GRAPHS}{case.id}/{step}"


State = tuple[str, list[Quad]]


def reads(case: Case) -> list[tuple[Exchange, State]]:
    """The reading requests of a test, each with name and content of its graph after the writing before it."""
    states: dict[str, list[Quad]] = {}
    found = []
    for exchange in exchanges(case):
        name = unquote(exchange.path)
        if exchange.method in READS:
            found.append((exchange, (name, list(states.get(name, [])))))
        elif exchange.method == "DELETE":
            states.pop(name, None)
        else:
            target = "/gsp?graph=$LOCATION$" if name == "/gsp" else name
            kept = states.get(target, []) if exchange.method == "POST" else []
            states[target] = kept + _sent(exchange)
    return found


def _sent(exchange: Exchange) -> list[Quad]:
    kind = exchange.headers["content-type"]
    bodies = [exchange.body]
    if kind.startswith("multipart/"):
        message = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + exchange.body)
        bodies = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]  # type: ignore[misc]
    return [
        quad
        for body in bodies
        for quad in parse(body, RdfFormat.TURTLE, base_iri="http://www.example/", rename_blank_nodes=True)
    ]


def here(case: Case, step: int, exchange: Exchange) -> str:
    """The address at our server for a reading request of a graph store test."""
    if unquote(exchange.path) == DEFAULT:
        return "/graphs?default"
    graph = graph_of(case, step)
    if re.match(r"/gsp\?graph=", exchange.path):
        # Keep the way the test encodes its graph, since that is what some tests are about.
        return "/graphs?graph=" + (quote(graph, safe="") if "%3A" in exchange.path else graph)
    return "/graph/" + graph.partition("/graph/")[2]
