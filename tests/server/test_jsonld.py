"""Graph answers as compact JSON-LD: nothing is lost, whatever the IRIs look like."""

import io
import json

import pytest
import rdflib
from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rdflib.compare import isomorphic

from ontology import iri
from server.workers import jsonld
from server.workers.query import Failure

PREFIXES = {
    "dcat": iri("dcat:"),
    "geo": iri("geo:"),
    "rdf": iri("rdf:"),
    "xsd": iri("xsd:"),
    "urn": "urn:example:",
    "open": "https://example.org/no-delimiter",
}
A, TYPE = NamedNode("https://example.org/a"), NamedNode(iri("rdf:type"))
DCAT = NamedNode(iri("dcat:") + "Dataset")
TERMS = [
    Literal("1"),
    Literal("1", datatype=NamedNode(iri("xsd:integer"))),
    Literal("01", datatype=NamedNode(iri("xsd:integer"))),
    Literal("99999999999999999999", datatype=NamedNode(iri("xsd:integer"))),
    Literal("true", datatype=NamedNode(iri("xsd:boolean"))),
    Literal("1.50", datatype=NamedNode(iri("xsd:decimal"))),
    Literal('å \n"\\\u2028', language="sv"),
    Literal("POINT(18 59)", datatype=NamedNode(iri("geo:") + "wktLiteral")),
    NamedNode("geo:59.3,18.0"),
    NamedNode("urn:example://x"),
    NamedNode("urn:other:x"),
    NamedNode("mailto:a@example.org"),
    NamedNode(iri("dcat:") + "a/b:c"),
    NamedNode(iri("dcat:")),
    NamedNode("https://example.org/no-delimiter/x"),
    BlankNode("b0"),
    DCAT,
]


def written(triples: list[Triple]) -> bytes:
    """What the writer makes of triples."""
    file = io.BytesIO()
    jsonld.write(triples, PREFIXES, file)
    return file.getvalue()


def graph(triples: list[Triple]) -> rdflib.Graph:
    """The triples in rdflib, by N-Triples."""
    text = "".join(f"{triple} .\n" for triple in triples)
    return rdflib.Graph().parse(data=text, format="nt")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # of rdflib inside itself
@pytest.mark.parametrize("term", TERMS, ids=str)
def test_every_term_comes_back(term: Literal | NamedNode | BlankNode) -> None:
    """As object, and where it can be, as subject and as predicate; for two readers that are not ours."""
    triples = [Triple(A, NamedNode(iri("dcat:") + "p"), term), Triple(A, TYPE, DCAT)]
    if isinstance(term, NamedNode):
        triples += [Triple(term, TYPE, DCAT), Triple(A, term, Literal("x")), Triple(A, TYPE, term)]
    text = written(triples)
    found = {quad.triple for quad in parse(text, format=RdfFormat.JSON_LD, rename_blank_nodes=False)}
    assert {str(triple) for triple in found} == {str(triple) for triple in triples}
    assert isomorphic(rdflib.Graph().parse(data=text, format="json-ld"), graph(triples))


def test_direction_of_text_is_kept() -> None:
    """RDF 1.2 literals with a direction have a form in JSON-LD 1.1."""
    text = written([Triple(A, A, Literal("x", language="ar", direction=BaseDirection.RTL))])
    assert json.loads(text)["@graph"][0][A.value] == {"@language": "ar", "@value": "x", "@direction": "rtl"}


def test_iris_are_short_and_nodes_whole() -> None:
    """Prefixes shorten names and types; a node with one value for a property has no list."""
    triples = [Triple(A, TYPE, DCAT), Triple(A, NamedNode(iri("dcat:") + "p"), Literal("x", language="sv"))]
    node = {"@id": A.value, "@type": "dcat:Dataset", "dcat:p": {"@language": "sv", "@value": "x"}}
    assert json.loads(written(triples))["@graph"] == [node]


def test_no_triples_are_still_a_document() -> None:
    """An empty answer is JSON-LD without nodes."""
    assert json.loads(written([]))["@graph"] == []


def test_a_large_node_is_written_in_parts() -> None:
    """Memory stays: a node with very many values goes on in another object."""
    count = jsonld.MOST * 2 + 1
    nodes = json.loads(written([Triple(A, A, Literal(str(number))) for number in range(count)]))["@graph"]
    assert [node["@id"] for node in nodes] == [A.value] * 3


def test_triples_about_triples_are_refused() -> None:
    """What JSON-LD cannot say is told, not left out."""
    with pytest.raises(Failure, match="Turtle"):
        written([Triple(A, A, Triple(A, A, A))])
