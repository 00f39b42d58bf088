"""A server before an engine answers as it does from its own store, and as honestly."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from urllib.parse import quote

import httpx2
import pytest

from loaders.engines.client import Engine
from loaders.engines.publish import publish as send
from loaders.releases.release import current
from ontology.errors import EngineError
from server import current as following
from server.settings import ServerSettings
from tests.engines.conftest import THINGS, publish
from tests.engines.engines import VIRTUOSO, oxigraph, virtuoso
from tests.server.live import BASE, serving

Running = tuple[Engine, "Popen[bytes]"]
PREFIXES = f"PREFIX : <{BASE}id/> PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX g: <{BASE}graph/>"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ROWS = {
    "all": "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o",
    "count": COUNT,
    "graphs": "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    "graph": "SELECT ?s ?o { GRAPH g:a { ?s ?p ?o } } ORDER BY ?s ?o",
    "relative graph": "SELECT ?s ?o { GRAPH <graph/b> { ?s ?p ?o } } ORDER BY ?s ?o",
    "graph that is spoken of": "SELECT ?g ?x ?y { ?g :holds ?x GRAPH ?g { ?x :p ?y } } ORDER BY ?g",
    "graph compared": "SELECT ?s { GRAPH ?g { ?s ?p ?o } FILTER(STRENDS(STR(?g), '/graph/a')) } ORDER BY ?s",
    "from": "SELECT ?s ?o FROM g:a { ?s ?p ?o } ORDER BY ?s ?o",
    "from named": "SELECT ?s ?o FROM NAMED g:a { GRAPH ?g { ?s ?p ?o } } ORDER BY ?s ?o",
    "unbound": "SELECT ?s ?w { ?s a :Thing OPTIONAL { ?s :none ?w } } ORDER BY ?s LIMIT 3",
    "literals": 'SELECT ?x { VALUES ?x { "a"@sv "b" 1 1.5 1e3 true "2024-01-01"^^<http://a/b> } }',
    "no rows": "SELECT ?s { ?s :none ?o }",
    "geometry": "SELECT ?w { ?s <http://www.opengis.net/ont/geosparql#asWKT> ?w } ORDER BY ?w",
}
OTHERS = {
    "yes": "ASK { ?s a :Thing }",
    "graphs below": f"ASK {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), '{BASE}graph/b')) }}",
    "no": "ASK { ?s a :None }",
    "construct": "CONSTRUCT { ?s dcterms:title ?t } WHERE { ?s dcterms:title ?t }",
    "construct from a graph": "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH g:a { ?s ?p ?o } }",
}
SEARCH = f"SELECT (<{BASE}def#searchRank>(:x, 'badplats') AS ?r) {{}}"


@contextmanager
def before(data: Path, engine: Engine, **changes: object) -> Iterator[httpx2.Client]:
    """A server before an engine, and a client of it."""
    settings = {"in_memory_limit": 0, "log_requests": False, "engine": engine.query, **changes}
    with (
        serving(ServerSettings(data, **settings)) as address,  # type: ignore[arg-type]
        httpx2.Client(base_url=address, timeout=30) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def engine(data: Path) -> Iterator[Engine]:
    """An engine with the release, and with a graph of somebody else."""
    with oxigraph() as (one, _):
        send(current(data), one)
        with one.client(10) as client:
            turtle = {"Content-Type": "text/turtle"}
            client.put(
                one.graphs, params={"graph": "urn:other"}, content=b"<urn:a> <urn:b> 1 .", headers=turtle
            )
        yield one


@pytest.fixture(scope="module")
def remote(data: Path, engine: Engine) -> Iterator[httpx2.Client]:
    """A client of a server before that engine."""
    with before(data, engine, row_cap=4 * THINGS) as client:
        yield client


@pytest.fixture(scope="module")
def local(data: Path) -> Iterator[httpx2.Client]:
    """A client of a server over the release itself."""
    with before(data, Engine(""), row_cap=4 * THINGS) as client:
        yield client


def ask(client: httpx2.Client, text: str, form: str = "csv") -> httpx2.Response:
    """The answer to a query in a format."""
    return client.get(f"/sparql?query={quote(f'{PREFIXES} {text}')}&format={form}")


@pytest.mark.parametrize("form", ["csv", "json", "xml", "tsv"])
@pytest.mark.parametrize("name", ROWS)
def test_rows_are_the_same(remote: httpx2.Client, local: httpx2.Client, name: str, form: str) -> None:
    """In every format, down to the byte and the ETag."""
    there, here = (ask(client, ROWS[name], form) for client in (remote, local))
    assert here.status_code == 200
    assert there.content == here.content
    assert there.headers["ETag"] == here.headers["ETag"]


@pytest.mark.parametrize("name", OTHERS)
def test_other_answers_are_the_same(remote: httpx2.Client, local: httpx2.Client, name: str) -> None:
    """Yes, no, and graphs, whose triples come in any order."""
    form = "nt" if "CONSTRUCT" in OTHERS[name] else "json"
    there, here = (ask(client, OTHERS[name], form) for client in (remote, local))
    assert here.status_code == 200
    assert sorted(there.content.splitlines()) == sorted(here.content.splitlines())


@pytest.mark.parametrize("form", ["ttl", "jsonld", "rdfxml"])
def test_graphs_come_in_every_format(remote: httpx2.Client, form: str) -> None:
    """Also in those that the engine is not asked for."""
    answer = ask(remote, "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH g:a { ?s ?p ?o } }", form)
    assert answer.status_code == 200
    assert "both" in answer.text


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("SELECT * { ?s ?p }", 400),
        ("SELECT * { ?s foo:bar ?o }", 400),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", 403),
        ("INSERT DATA { <a:a> <a:b> 1 }", 403),
        ("ASK " + "{" * 190 + "}" * 190, 200),
        ("ASK " + "{" * 20_000 + "}" * 20_000, 400),
    ],
)
def test_the_gate_is_the_same(remote: httpx2.Client, local: httpx2.Client, text: str, status: int) -> None:
    """What is no query, or not allowed, is refused with the same words, and place."""
    there, here = (
        client.post("/sparql", data={"query": text, "format": "json"}) for client in (remote, local)
    )
    assert (there.status_code, there.content) == (here.status_code, here.content)
    assert there.status_code == status


def test_several_default_graphs_are_refused(remote: httpx2.Client) -> None:
    """The engine would count what both hold twice."""
    answer = ask(remote, "SELECT * FROM g:a FROM g:b { ?s ?p ?o }")
    assert answer.status_code == 422
    assert "not merged" in answer.text


@pytest.mark.parametrize("clause", ["FROM <urn:other>", "FROM NAMED <urn:other>", ""])
def test_only_the_release_is_seen(remote: httpx2.Client, clause: str) -> None:
    """Whatever else the engine holds."""
    answer = ask(
        remote, f"SELECT * {clause} {{ {{ GRAPH ?g {{ <urn:a> ?p ?o }} }} UNION {{ <urn:a> ?p ?o }} }}"
    )
    assert answer.status_code == 200
    assert len(answer.text.split()) == 1


def test_the_search_is_answered_here(remote: httpx2.Client) -> None:
    """The engine has no such function: the own store answers."""
    assert ask(remote, SEARCH).status_code == 200


def test_the_row_cap_holds(data: Path, engine: Engine) -> None:
    """A longer answer is broken off, not shortened."""
    with before(data, engine, row_cap=2500) as client:
        assert ask(client, "SELECT * { ?s ?p ?o } LIMIT 2500").status_code == 200
        with pytest.raises(httpx2.RemoteProtocolError):
            ask(client, ROWS["all"])


def test_the_deadline_holds(data: Path, engine: Engine) -> None:
    """The engine may go on; nobody waits for it."""
    with before(data, engine, deadline=1.0) as client:
        began = time.monotonic()
        assert ask(client, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }").status_code == 504
        assert time.monotonic() - began < 5


def wait(holds: Callable[[], bool]) -> None:
    """Until something holds, for at most twenty seconds."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_readers_go_over_when_all_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that was built but not yet published is not served; then it is, and nothing fails."""
    monkeypatch.setattr(following, "AGAIN", 0.2)
    first = publish(tmp_path, "Gammal")
    with oxigraph() as (engine, _):
        with pytest.raises(EngineError, match="odis publish"), before(tmp_path, engine):
            pass
        send(first, engine)
        with before(tmp_path, engine, follow_every=0.05) as client:
            second = publish(tmp_path, "Ny")
            time.sleep(0.5)
            assert ask(client, COUNT).headers["ODIS-Release"] == first.id
            send(second, engine)
            title = "SELECT ?t { :thing\\\\/0007 dcterms:title ?t }".replace("\\\\/", "\\/")
            seen: list[tuple[str, str]] = []

            def new() -> bool:
                answer = ask(client, title)
                seen.append((answer.headers["ODIS-Release"], answer.text.split()[1]))
                return seen[-1][0] == second.id

            wait(new)
            assert set(seen) <= {(first.id, "Gammal"), (second.id, "Ny")}


def test_an_engine_that_dies(data: Path) -> None:
    """Midway the answer breaks off; then the server says that the engine is away."""
    with oxigraph() as (engine, process):
        send(current(data), engine)
        with before(data, engine) as client:
            long = f"{PREFIXES} SELECT * {{ ?a a :Thing . ?b a :Thing }}"
            streaming = client.stream("POST", "/sparql", data={"query": long}, headers={"Accept": "text/csv"})
            with pytest.raises(httpx2.RemoteProtocolError), streaming as answer:
                assert answer.status_code == 200
                for number, _ in enumerate(answer.iter_bytes()):
                    if number == 3:
                        process.kill()
            away = ask(client, COUNT)
            assert away.status_code == 503
            assert away.headers["Retry-After"] == "5"
            assert "does not answer" in away.text


@pytest.mark.skipif(VIRTUOSO is None, reason="Virtuoso is not installed")
def test_before_virtuoso(
    data: Path, tmp_path: Path, local: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows; and what it would cut off at its limit is refused."""
    monkeypatch.setenv("ODIS_ENGINE_PASSWORD", "dba")
    with virtuoso(tmp_path) as engine:
        send(current(data), engine)
        with before(data, engine, row_cap=4 * THINGS) as client:
            for name in set(ROWS) - {"literals"}:
                there, here = ask(client, ROWS[name], "tsv"), ask(local, ROWS[name], "tsv")
                assert sorted(there.text.splitlines()) == sorted(here.text.splitlines()), name
            cut = ask(client, f"SELECT ?a ?b {{ ?a a :Thing . ?b a :Thing }} LIMIT {4 * THINGS}")
            assert "cuts answers" in cut.text
