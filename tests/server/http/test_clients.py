"""Clients that others wrote, unchanged: SPARQLWrapper, rdflib, two from npm, and curl."""

import json
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest
import SPARQLWrapper as Wrapper
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

ROOT = Path(__file__).parents[3]
MODULES = ROOT / "tests" / "clients" / "node_modules"
EX = "https://odis.example/test/"
TITLE = f"SELECT ?t WHERE {{ <{EX}thing/7> <http://purl.org/dc/terms/title> ?t }}"
SELECTS = [Wrapper.JSON, Wrapper.XML, Wrapper.CSV, Wrapper.TSV]


def wrapped(server: str, query: str, form: str, method: str = "GET") -> Any:
    """The answer as SPARQLWrapper gives it."""
    wrapper = Wrapper.SPARQLWrapper(f"{server}/sparql")
    wrapper.setQuery(query)
    wrapper.setMethod(method)
    wrapper.setReturnFormat(form)
    return wrapper.query()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("form", SELECTS)
def test_sparqlwrapper_rows(server: str, form: str, method: str) -> None:
    """Each format of results, over GET and form POST."""
    result = wrapped(server, TITLE, form, method)
    if form == Wrapper.JSON:
        assert result.convert()["results"]["bindings"][0]["t"]["value"] == "Sak 7"
    elif form == Wrapper.XML:
        assert "Sak 7" in result.convert().toxml()
    else:
        assert b"Sak 7" in result.convert()


def test_sparqlwrapper_direct_post(server: str) -> None:
    """The query as the body."""
    wrapper = Wrapper.SPARQLWrapper(f"{server}/sparql")
    wrapper.setQuery("ASK {}")
    wrapper.setMethod(Wrapper.POST)
    wrapper.setRequestMethod(Wrapper.POSTDIRECTLY)
    wrapper.setReturnFormat(Wrapper.JSON)
    converted: Any = wrapper.query().convert()
    assert converted["boolean"] is True


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib inside SPARQLWrapper
@pytest.mark.parametrize("form", [Wrapper.TURTLE, Wrapper.RDFXML, Wrapper.JSONLD])
def test_sparqlwrapper_graphs(server: str, form: str) -> None:
    """Each format of graphs that rdflib reads."""
    converted = wrapped(server, f"CONSTRUCT WHERE {{ <{EX}thing/7> ?p ?o }}", form).convert()
    graph = converted if isinstance(converted, Graph) else Graph().parse(data=converted, format="turtle")
    assert len(graph) == 3


def test_sparqlwrapper_errors(server: str) -> None:
    """A bad query is its own exception, with our explanation in it."""
    with pytest.raises(Wrapper.SPARQLExceptions.QueryBadFormed, match="not valid SPARQL"):
        wrapped(server, "SELECT {", Wrapper.JSON)


def test_rdflib_store(server: str) -> None:
    """rdflib's SPARQLStore: a remote graph used like a local one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        graph = Graph(SPARQLStore(f"{server}/sparql"))
    subject = URIRef(f"{EX}thing/7")
    assert len(list(graph.triples((subject, None, None)))) == 3
    assert [str(row[0]) for row in graph.query(TITLE)] == ["Sak 7"]  # type: ignore[index]
    assert bool(graph.query(f"ASK {{ <{EX}thing/7> ?p ?o }}"))
    assert len(graph.query(f"CONSTRUCT WHERE {{ <{EX}thing/7> ?p ?o }}")) == 3


def test_rdflib_service(server: str) -> None:
    """rdflib's own engine reaches us with SERVICE."""
    rows = list(Graph().query(f"SELECT ?t {{ SERVICE <{server}/sparql> {{ {TITLE} }} }}"))
    assert len(rows) == 1


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl(server: str) -> None:
    """Compression and conditional requests as curl does them."""
    command = ["curl", "-sS", "--compressed", "-G", f"{server}/sparql", "--data-urlencode", "query=" + TITLE]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert json.loads(done.stdout)["results"]["bindings"][0]["t"]["value"] == "Sak 7"


FETCH = """
import { SparqlEndpointFetcher } from 'fetch-sparql-endpoint';
const fetcher = new SparqlEndpointFetcher();
const [endpoint, select, construct] = process.argv.slice(2);
const rows = [];
for await (const row of await fetcher.fetchBindings(endpoint, select)) rows.push(row.t.value);
let triples = 0;
for await (const _ of await fetcher.fetchTriples(endpoint, construct)) triples += 1;
const asked = await fetcher.fetchAsk(endpoint, 'ASK {}');
let refused = '';
try { await fetcher.fetchBindings(endpoint, 'SELECT {'); } catch (error) { refused = error.message; }
console.log(JSON.stringify({ rows, triples, asked, refused }));
"""
SIMPLE = """
import Client from 'sparql-http-client';
const [endpoint, select, construct] = process.argv.slice(2);
const client = new Client({ endpointUrl: endpoint });
const rows = [];
for await (const row of client.query.select(select)) rows.push(row.t.value);
let triples = 0;
for await (const _ of client.query.construct(construct)) triples += 1;
const asked = await client.query.ask('ASK {}');
let refused = '';
try { for await (const _ of client.query.select('SELECT {')); } catch (error) { refused = error.message; }
console.log(JSON.stringify({ rows, triples, asked, refused }));
"""


@pytest.mark.parametrize(
    ("package", "program"), [("fetch-sparql-endpoint", FETCH), ("sparql-http-client", SIMPLE)]
)
def test_npm(server: str, package: str, program: str, tmp_path: Path) -> None:
    """Clients of the JavaScript world, the first that of Comunica.

    `make test` installs them where there is npm.
    """
    if not (MODULES / package).is_dir() or not shutil.which("node"):
        pytest.skip(f"needs {package} from npm")
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "program.mjs").write_text(program)
    construct = f"CONSTRUCT WHERE {{ <{EX}thing/7> ?p ?o }}"
    command = ["node", "program.mjs", f"{server}/sparql", TITLE, construct]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["rows"], found["triples"], found["asked"]) == (["Sak 7"], 3, True)
    assert "400" in found["refused"]
