"""The SPARQL 1.1 Protocol, clause by clause, against a running server."""

import json
from urllib.parse import quote

import httpx2
import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from server.http.negotiation import FORMATS, Format, Kind

EX = "https://odis.example/test/"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
QUERIES: dict[Kind, str] = {
    "select": f"SELECT ?p ?o {{ <{EX}thing/1> ?p ?o }}",
    "ask": f"ASK {{ <{EX}thing/1> ?p ?o }}",
    "graph": f"CONSTRUCT WHERE {{ <{EX}thing/1> ?p ?o }}",
}
OFFERED = [(kind, offer) for kind, offers in FORMATS.items() for offer in offers]


def count(response: httpx2.Response) -> int:
    """The single number of a JSON result."""
    assert response.status_code == 200, response.text
    return int(response.json()["results"]["bindings"][0]["n"]["value"])


def problem(response: httpx2.Response, status: int, name: str) -> dict[str, object]:
    """The problem document of an answer, checked for what all have in common."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"
    document: dict[str, object] = response.json()
    assert document["type"] == f"https://odis.example/problems/{name}"
    assert document["status"] == status
    assert all(document[member] for member in ("title", "detail", "action"))
    return document


def test_get(client: httpx2.Client) -> None:
    """2.1.1: query via GET."""
    assert count(client.get("/sparql", params={"query": COUNT})) == 9000


def test_form_post(client: httpx2.Client) -> None:
    """2.1.2: query via POST with URL-encoded parameters."""
    assert count(client.post("/sparql", data={"query": COUNT})) == 9000


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_direct(client: httpx2.Client, method: str) -> None:
    """2.1.3: the query is the body; the method QUERY says that nothing is changed."""
    headers = {"Content-Type": "application/sparql-query; charset=UTF-8"}
    assert count(client.request(method, "/sparql", content=COUNT, headers=headers)) == 9000


def test_head(client: httpx2.Client) -> None:
    """HEAD gives the headers of GET, and no body."""
    get = client.get("/sparql", params={"query": COUNT})
    head = client.head("/sparql", params={"query": COUNT})
    assert head.content == b""
    for name in ("content-type", "content-length", "etag", "odis-release"):
        assert head.headers[name] == get.headers[name]


def test_head_of_a_long_answer(client: httpx2.Client) -> None:
    """Nothing of a long answer is sent, and the connection stays usable."""
    query = {"query": "SELECT * { ?s ?p ?o }"}
    assert client.head("/sparql", params=query).status_code == 200
    assert client.head("/sparql", params=query).status_code == 200


def test_options(client: httpx2.Client) -> None:
    """A preflight of a browser is answered for any origin, without credentials."""
    response = client.options("/sparql", headers={"Origin": "https://a.example"})
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers
    assert "QUERY" in response.headers["access-control-allow-methods"]
    assert response.headers["allow"] == "GET, HEAD, POST, QUERY, OPTIONS"
    assert "application/sparql-query" in response.headers["accept-query"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods(client: httpx2.Client, method: str) -> None:
    """405 names the methods there are."""
    response = client.request(method, "/sparql")
    problem(response, 405, "method")
    assert "QUERY" in response.headers["allow"]


@pytest.mark.parametrize(("kind", "offer"), OFFERED, ids=[f"{kind}-{offer.name}" for kind, offer in OFFERED])
def test_every_format(client: httpx2.Client, kind: Kind, offer: Format) -> None:
    """Each format is given by Accept and by name, says its type, and can be read."""
    by_accept = client.get("/sparql", params={"query": QUERIES[kind]}, headers={"Accept": offer.media_type})
    by_name = client.get("/sparql", params={"query": QUERIES[kind], "format": offer.name})
    assert by_accept.status_code == 200
    assert by_accept.headers["content-type"].split(";")[0] == offer.media_type
    assert by_accept.content == by_name.content
    assert by_name.headers["content-disposition"].endswith(f'.{offer.ending}"')
    if kind == "graph":
        form = RdfFormat.from_media_type(offer.media_type)
        assert form is not None
        assert len(list(parse(by_accept.content, form))) == 3
    elif offer.name == "csv":
        assert len(by_accept.text.splitlines()) == (5 if kind == "select" else 1)
    elif (kind, offer.name) != ("ask", "tsv"):
        form_of_results = QueryResultsFormat.from_media_type(offer.media_type)
        assert form_of_results is not None
        results = parse_query_results(by_accept.content, form_of_results)
        assert len(list(results)) == 3 if isinstance(results, QuerySolutions) else bool(results)


def test_there_are_so_many_formats() -> None:
    """A format that vanishes from the tables would vanish from the tests."""
    assert len(OFFERED) == 12


def test_a_download_has_a_name(client: httpx2.Client) -> None:
    """A file with an ending, to be saved instead of shown."""
    response = client.get("/sparql", params={"query": COUNT, "format": "csv", "download": "1"})
    assert response.headers["content-disposition"].startswith('attachment; filename="odis-')
    assert response.headers["content-disposition"].endswith('.csv"')


def test_nothing_acceptable(client: httpx2.Client) -> None:
    """406 lists what there is."""
    response = client.get("/sparql", params={"query": COUNT}, headers={"Accept": "image/png"})
    offers = problem(response, 406, "not-acceptable")["offers"]
    assert isinstance(offers, list)
    assert "text/csv" in offers
    problem(client.get("/sparql", params={"query": COUNT, "format": "turtle"}), 406, "not-acceptable")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "", "application/sparql-query; charset=latin1"]
)
def test_other_bodies(client: httpx2.Client, kind: str) -> None:
    """415 for a body that is no query, or not in UTF-8."""
    headers = {"Content-Type": kind} if kind else {}
    problem(client.post("/sparql", content=COUNT, headers=headers), 415, "unsupported-media-type")


def test_a_coded_body(client: httpx2.Client) -> None:
    """A compressed request could unfold without end."""
    headers = {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"}
    problem(client.post("/sparql", content=b"x", headers=headers), 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("GET", f"/sparql?query={quote(COUNT)}&query={quote(COUNT)}", None),
        ("POST", f"/sparql?query={quote(COUNT)}", f"query={quote(COUNT)}"),
        ("GET", "/sparql?query=%ff", None),
        ("POST", "/sparql", "query=%ff"),
        ("POST", "/sparql", ""),
        ("GET", f"/sparql?query={quote(COUNT)}&timeout=soon", None),
        ("GET", f"/sparql?query={quote(COUNT)}&timeout=-1", None),
        ("GET", f"/sparql?query={quote(COUNT)}&timeout=nan", None),
        ("GET", f"/sparql?query={quote(COUNT)}&default-graph-uri=a", None),
        ("GET", f"/sparql?query={quote(COUNT)}&named-graph-uri=" + quote("a:b> <c"), None),
        ("GET", "/sparql?" + "a=1&" * 1001, None),
    ],
)
def test_bad_requests(client: httpx2.Client, method: str, address: str, body: str | None) -> None:
    """400: a parameter is missing, doubled, unreadable or senseless."""
    headers = {} if body is None else {"Content-Type": "application/x-www-form-urlencoded"}
    problem(client.request(method, address, content=body, headers=headers), 400, "bad-request")


def test_a_syntax_error_shows_its_place(client: httpx2.Client) -> None:
    """Line, column, and the line with the offending text marked; in the language of the client."""
    query = "SELECT *\nWHERE { ?s ?p ?o . FILTER(åäö }"
    response = client.get("/sparql", params={"query": query}, headers={"Accept-Language": "sv"})
    document = problem(response, 400, "syntax")
    assert (document["line"], document["column"]) == (2, 27)
    assert document["excerpt"] == "WHERE { ?s ?p ?o . FILTER(åäö }\n" + " " * 26 + "^^^"
    assert document["title"] == "Frågan är inte giltig SPARQL"
    assert response.headers["content-language"] == "sv"


def test_a_syntax_error_of_the_engine_shows_its_place(client: httpx2.Client) -> None:
    """Also where every token is good and only their order is not."""
    query = "ASK {\n ?å ?p 'åäö' ; }\n}"
    document = problem(client.get("/sparql", params={"query": query}), 400, "syntax")
    assert (document["line"], document["column"]) == (3, 2)
    assert document["excerpt"] == "}\n ^"


def test_the_engine_names_an_unknown_function(client: httpx2.Client) -> None:
    """What cannot be evaluated is refused with the reason, not answered with nothing."""
    response = client.get("/sparql", params={"query": "SELECT (<http://x/f>(1) AS ?y) {}"})
    assert "http://x/f" in str(problem(response, 422, "refused")["detail"])


@pytest.mark.parametrize(
    ("method", "address", "kind", "body"),
    [
        ("GET", "/sparql?update=" + quote("CLEAR ALL"), None, None),
        ("POST", "/sparql", "application/sparql-update", "CLEAR ALL"),
        ("POST", "/sparql", "application/x-www-form-urlencoded", "update=" + quote("CLEAR ALL")),
        ("POST", "/sparql", "application/sparql-query", "INSERT DATA { <a:> <b:> 1 }"),
    ],
)
def test_updates(
    client: httpx2.Client, method: str, address: str, kind: str | None, body: str | None
) -> None:
    """403, however they are sent; nothing is changed."""
    headers = {"Content-Type": kind} if kind else {}
    problem(client.request(method, address, content=body, headers=headers), 403, "read-only")
    assert count(client.get("/sparql", params={"query": COUNT})) == 9000


def test_service_is_denied_by_default(client: httpx2.Client) -> None:
    """403 before anything is asked, whatever the spelling."""
    query = "SELECT * { SeRvIcE#c\n<http://127.0.0.1:9/> { ?s ?p ?o } }"
    assert problem(client.get("/sparql", params={"query": query}), 403, "federation")["service"]


def test_too_large_a_query(client: httpx2.Client) -> None:
    """400 with the limit, before the body is read to its end."""
    headers = {"Content-Type": "application/sparql-query"}
    response = client.post("/sparql", content=b"ASK {} #" + b"x" * 300_000, headers=headers)
    assert problem(response, 400, "too-large")["limit"] == 262_144


@pytest.mark.parametrize(
    "query", ["ASK " + "{" * 5000 + "}" * 5000, "ASK { FILTER(" + "!" * 9000 + "true) }"]
)
def test_too_deep_a_query(client: httpx2.Client, query: str) -> None:
    """400, and the next query is answered."""
    headers = {"Content-Type": "application/sparql-query"}
    problem(client.post("/sparql", content=query, headers=headers), 400, "too-deep")
    assert count(client.get("/sparql", params={"query": COUNT})) == 9000


def test_a_deadline_may_be_lowered(client: httpx2.Client) -> None:
    """504 with Retry-After and what to do; a lower limit is honoured at once."""
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    response = client.get("/sparql", params={"query": query, "timeout": "0.2"})
    problem(response, 504, "deadline")
    assert int(response.headers["retry-after"]) > 0
    assert response.elapsed.total_seconds() < 10


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_problems_in_both_languages(client: httpx2.Client, lang: str) -> None:
    """`?lang=` wins over Accept-Language."""
    response = client.get("/sparql", params={"update": "x", "lang": lang}, headers={"Accept-Language": "de"})
    expected = {"sv": "Tjänsten tar inte emot ändringar", "en": "The service accepts no updates"}
    assert response.json()["title"] == expected[lang]


def test_datasets_of_the_protocol(client: httpx2.Client) -> None:
    """2.1.4: the request's graphs; several are merged, so that a triple counts once."""
    one = {"query": COUNT, "default-graph-uri": f"{EX}graph/a"}
    both = {"query": COUNT, "default-graph-uri": [f"{EX}graph/a", f"{EX}graph/b"]}
    assert count(client.get("/sparql", params=one)) == 2
    assert count(client.get("/sparql", params=both)) == 3
    assert (
        count(client.post(f"/sparql?default-graph-uri={quote(EX + 'graph/a')}", data={"query": COUNT})) == 2
    )


def test_the_dataset_of_the_text(client: httpx2.Client) -> None:
    """Several FROM are merged too, and the request's graphs replace them."""
    query = f"SELECT (COUNT(*) AS ?n) FROM <{EX}graph/a> FROM <{EX}graph/b> WHERE {{ ?s ?p ?o }}"
    assert count(client.get("/sparql", params={"query": query})) == 3
    assert count(client.get("/sparql", params={"query": query, "default-graph-uri": f"{EX}graph/a"})) == 2
    assert count(client.get("/sparql", params={"query": query, "named-graph-uri": f"{EX}graph/a"})) == 0


def test_named_graphs_of_the_protocol(client: httpx2.Client) -> None:
    """Only those named can be reached with GRAPH."""
    query = "SELECT (COUNT(DISTINCT ?g) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert count(client.get("/sparql", params={"query": query})) == 3
    assert count(client.get("/sparql", params={"query": query, "named-graph-uri": f"{EX}graph/b"})) == 1
    assert count(client.get("/sparql", params={"query": query, "default-graph-uri": f"{EX}graph/b"})) == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            'VERSION "1.2" SELECT ?o { BIND(<<( <a:> <b:> "c"@en--ltr )>> AS ?t) BIND(OBJECT(?t) AS ?o) }',
            "ltr",
        ),
        ("SELECT (LANGDIR('x'@ar--rtl) AS ?o) {}", "rtl"),
        ('SELECT (STRLANGDIR("x", "ar", "rtl") AS ?o) {}', "rtl"),
        ("SELECT (isTRIPLE(TRIPLE(<a:>, <b:>, 1)) AS ?o) {}", "true"),
    ],
)
def test_sparql_1_2_passes_through(client: httpx2.Client, query: str, expected: str) -> None:
    """Triple terms, base direction and the version declaration reach the engine."""
    response = client.get("/sparql", params={"query": query})
    assert response.status_code == 200, response.text
    assert expected in response.text


def test_turtle_has_the_prefixes_it_uses(client: httpx2.Client) -> None:
    """Those of the query first, then those of the project, and no others."""
    query = f"PREFIX mine: <{EX}def#> CONSTRUCT WHERE {{ <{EX}thing/1> ?p ?o }}"
    text = client.get("/sparql", params={"query": query}, headers={"Accept": "text/turtle"}).text
    assert "a mine:Thing" in text
    assert "dcterms:title" in text
    assert "dcat:" not in text


def test_every_answer_names_its_release(client: httpx2.Client) -> None:
    """So that two answers can be told to be of the same data."""
    response = client.get("/sparql", params={"query": COUNT})
    ready = client.get("/health/ready").json()
    assert response.headers["odis-release"] == ready["release"]
    assert response.headers["odis-row-cap"] == "10000"


def test_timing_is_told(client: httpx2.Client) -> None:
    """Server-Timing shows where the time went, and then that the cache had it."""
    query = {"query": COUNT + " # timing"}
    first = client.get("/sparql", params=query).headers["server-timing"]
    assert "engine;dur=" in first
    assert "cache;desc=miss" in first
    assert "cache;desc=hit" in client.get("/sparql", params=query).headers["server-timing"]


def test_json_is_labelled_as_it_was_asked_for(client: httpx2.Client) -> None:
    """A client that only knows application/json gets it."""
    response = client.get("/sparql", params={"query": COUNT}, headers={"Accept": "application/json"})
    assert response.headers["content-type"] == "application/json"
    assert json.loads(response.text)["head"]["vars"] == ["n"]
