"""The statistics written at build agree with what SPARQL counts on the same data."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
)

from loaders.releases.void import split, survey, void_quads

BASE = "https://odis.example/"
GRAPH = """\
<http://x/a> <http://p/title> "en \\"titel\\" <x> ." .
<http://x/a> <http://p/title> "same"@sv <http://g/1> .
<http://x/a> <http://p/title> "two"@sv .
<http://x/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://c/One> .
<http://x/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://c/One> <http://g/1> .
<http://x/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://c/Two> .
<http://x/b> <http://p/size> "5"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://x/b> <http://p/size> "5"^^<http://www.w3.org/2001/XMLSchema#integer> <http://g/2> .
<http://x/b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://c/One> .
_:c <http://p/title> _:d .
_:c <http://p/says> <<( <http://x/a> <http://p/title> "a b"@en )>> .
_:c <http://p/says> <<( <http://x/a> <http://p/title> "a b"@en )>> <http://g/2> .
<http://old> <http://p/title> "statistics of another time" <https://odis.example/graph/void> .
"""


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """A file as a release has it: sorted lines."""
    path = tmp_path / "graph.nq"
    path.write_text("".join(sorted(GRAPH.splitlines(keepends=True))), encoding="utf-8")
    return path


@pytest.fixture
def store(graph: Path) -> Store:
    """The graph and its statistics, as SPARQL sees them."""
    store = Store()
    store.load(path=str(graph), format=RdfFormat.N_QUADS)
    store.clear_graph(NamedNode(f"{BASE}graph/void"))
    store.extend(void_quads(graph, BASE))
    return store


def rows(store: Store, query: str) -> set[tuple[str, ...]]:
    """The rows of a SELECT as strings."""
    solutions = store.query(f"PREFIX void: <http://rdfs.org/ns/void#> {query}")
    assert isinstance(solutions, QuerySolutions)
    return {tuple(str(term) for term in row) for row in solutions}


SAME = [
    (
        "SELECT ?c ?n { GRAPH ?g { [] void:classPartition [ void:class ?c ; void:entities ?n ] } }",
        "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c",
        2,
    ),
    (
        "SELECT ?p ?n ?m { GRAPH ?g { ?d void:uriSpace [] ; void:propertyPartition "
        "[ void:property ?p ; void:triples ?n ; void:distinctSubjects ?m ] } }",
        "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { ?s ?p ?o } GROUP BY ?p",
        4,
    ),
    (
        "SELECT ?c ?p ?n { GRAPH ?g { [] void:class ?c ; "
        "void:propertyPartition [ void:property ?p ; void:triples ?n ] } }",
        "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p",
        5,
    ),
    (
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> SELECT ?name ?n ?m "
        "{ GRAPH ?g { ?e sd:name ?name ; sd:graph/void:triples ?n ; void:distinctSubjects ?m } }",
        "SELECT ?g (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { GRAPH ?g { ?s ?p ?o } "
        f"FILTER(?g != <{BASE}graph/void>) }} GROUP BY ?g",
        2,
    ),
    (
        "SELECT ?n ?m { GRAPH ?g { ?d void:uriSpace [] ; void:triples ?n ; void:distinctSubjects ?m } }",
        "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { ?s ?p ?o }",
        1,
    ),
]


@pytest.mark.parametrize(
    ("described", "counted", "count"), SAME, ids=["class", "property", "both", "graph", "all"]
)
def test_the_description_agrees_with_the_data(store: Store, described: str, counted: str, count: int) -> None:
    """Each figure is what a query would count."""
    found = rows(store, described)
    assert found == rows(store, counted)
    assert len(found) == count


def test_the_description_depends_on_the_data_alone(graph: Path) -> None:
    """The same graph gives the same statements in the same order: no blank nodes, no times."""
    first = list(void_quads(graph, BASE))
    assert first == list(void_quads(graph, BASE))
    assert not any(isinstance(term, BlankNode) for quad in first for term in (quad.subject, quad.object))
    assert {quad.graph_name for quad in first} == {NamedNode(f"{BASE}graph/void")}


def test_vocabularies_are_named(store: Store) -> None:
    """The namespaces of classes and properties."""
    found = rows(store, "SELECT ?v { GRAPH ?g { [] void:vocabulary ?v } }")
    assert found == {("<http://p/>",), ("<http://c/>",), ("<http://www.w3.org/1999/02/22-rdf-syntax-ns#>",)}


def test_an_empty_release_has_statistics(tmp_path: Path) -> None:
    """Zero is a figure too."""
    path = tmp_path / "graph.nq"
    path.write_bytes(b"")
    assert survey(path) == {}
    assert any(quad.object == Literal(0) for quad in void_quads(path, BASE))


TERMS = st.sampled_from(
    [
        NamedNode("http://x/å"),
        BlankNode("b"),
        Literal('a "b" ^^<x> @sv <g> .'),
        Literal('\\ \n\t"', language="sv"),
        Literal("1", datatype=NamedNode("http://x/type")),
        Triple(NamedNode("http://x/s"), NamedNode("http://x/p"), Literal(')>> "q" <y>')),
    ]
)


@given(TERMS, st.sampled_from([DefaultGraph(), NamedNode("http://g/1"), BlankNode("g")]))
def test_any_line_is_cut_into_its_terms(
    value: NamedNode | BlankNode | Literal | Triple, graph: DefaultGraph | NamedNode | BlankNode
) -> None:
    """Whatever a literal holds, its end is found."""
    quad = Quad(NamedNode("http://x/s"), NamedNode("http://x/p"), value, graph)
    where = b"" if isinstance(graph, DefaultGraph) else str(graph).encode()
    store = Store()
    store.add(quad)
    line = store.dump(format=RdfFormat.N_QUADS)
    assert line is not None
    subject, predicate, term, name = split(line)
    assert (subject, predicate, name) == (b"<http://x/s>", b"<http://x/p>", where)
    assert term and line.startswith(b" ".join((subject, predicate, term)))
