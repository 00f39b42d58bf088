"""The saved queries as RDF: SHACL executables in the form that SPARQL editors read their examples from.

The form is that of the SIB example collections: `sh:SPARQLExecutable` with `sh:select` (`ask`, `construct`,
`describe`), `sh:prefixes`, `schema:keywords` and `schema:target`. The text is that of the example call, so
that it runs as it stands. Parameters are `sh:parameter`s (SHACL Advanced Features, 8). No blank nodes.
"""

from collections.abc import Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Quad

from ontology import PREFIXES, iri
from queries.parameters import Parameter, Type
from queries.saved import SavedQuery, load
from queries.tokens import code, declared_prefixes

_CLASSES = {
    "select": (iri("sh:SPARQLSelectExecutable"), iri("sh:select")),
    "ask": (iri("sh:SPARQLAskExecutable"), iri("sh:ask")),
    "construct": (iri("sh:SPARQLConstructExecutable"), iri("sh:construct")),
    # SHACL has no word for DESCRIBE; this is the one the example collections use.
    "describe": (
        "https://purl.expasy.org/sparql-examples/ontology#SPARQLDescribeExecutable",
        "https://purl.expasy.org/sparql-examples/ontology#describe",
    ),
}
_DATATYPES: Mapping[Type, str] = {
    "string": iri("xsd:string"),
    "text": iri("rdf:langString"),
    "integer": iri("xsd:integer"),
    "decimal": iri("xsd:decimal"),
    "number": iri("xsd:decimal"),
    "double": iri("xsd:double"),
    "date": iri("xsd:date"),
    "dateTime": iri("xsd:dateTime"),
    "year": iri("xsd:gYear"),
    "boolean": iri("xsd:boolean"),
    "point": iri("geo:wktLiteral"),
}
Value = NamedNode | Literal


def quads(base: str, queries: Mapping[str, SavedQuery] | None = None) -> Iterator[Quad]:
    """The description of the saved queries (ours when none are given), in the graph `<base>graph/void`."""
    graph = NamedNode(f"{base}graph/void")
    known = load() if queries is None else queries
    used: dict[str, str] = {}
    for query in known.values():
        used |= declared_prefixes(code(query.text))
        for subject, predicate, value in _query(query, base):
            yield Quad(NamedNode(subject), NamedNode(predicate), value, graph)
    for subject, predicate, value in _prefixes(used, base):
        yield Quad(NamedNode(subject), NamedNode(predicate), value, graph)


def _query(query: SavedQuery, base: str) -> Iterator[tuple[str, str, Value]]:
    subject = f"{base}queries/{query.name}"
    kind, text = _CLASSES[query.form]
    yield subject, iri("rdf:type"), NamedNode(iri("sh:SPARQLExecutable"))
    yield subject, iri("rdf:type"), NamedNode(kind)
    yield subject, text, Literal(query.bind(query.example))
    yield subject, iri("sh:prefixes"), NamedNode(f"{base}queries#prefixes")
    yield subject, iri("schema:target"), NamedNode(f"{base}sparql")
    yield subject, iri("dcterms:identifier"), Literal(query.name)
    yield from _words(subject, iri("rdfs:label"), query.title)
    yield from _words(subject, iri("rdfs:comment"), query.description)
    for tag in query.tags:
        yield subject, iri("schema:keywords"), Literal(tag)
    for order, parameter in enumerate(query.parameters):
        about = f"{subject}#{parameter.name}"
        yield subject, iri("sh:parameter"), NamedNode(about)
        yield about, iri("sh:order"), Literal(order)
        yield from _parameter(about, parameter)


def _parameter(subject: str, parameter: Parameter) -> Iterator[tuple[str, str, Value]]:
    yield subject, iri("rdf:type"), NamedNode(iri("sh:Parameter"))
    yield subject, iri("sh:path"), NamedNode(subject)
    optional = parameter.optional or bool(parameter.default)
    yield subject, iri("sh:optional"), Literal(optional)
    if parameter.type == "iri":
        yield subject, iri("sh:nodeKind"), NamedNode(iri("sh:IRI"))
    else:
        yield subject, iri("sh:datatype"), NamedNode(_DATATYPES.get(parameter.type, parameter.datatype))
    yield from _words(subject, iri("sh:name"), parameter.title)
    yield from _words(subject, iri("sh:description"), parameter.description)
    if parameter.pattern is not None:
        yield subject, iri("sh:pattern"), Literal(f"^(?:{parameter.pattern})$")
    for bound, predicate in ((parameter.minimum, "sh:minInclusive"), (parameter.maximum, "sh:maxInclusive")):
        if bound is not None:
            yield subject, iri(predicate), Literal(bound, datatype=NamedNode(_DATATYPES[parameter.type]))
    for value in parameter.default:
        yield subject, iri("sh:defaultValue"), parameter.term(value)


def _words(subject: str, predicate: str, words: Mapping[str, str]) -> Iterator[tuple[str, str, Value]]:
    for language, text in words.items():
        yield subject, predicate, Literal(text, language=language)


def _prefixes(used: Mapping[str, str], base: str) -> Iterator[tuple[str, str, Value]]:
    subject = f"{base}queries#prefixes"
    yield subject, iri("rdf:type"), NamedNode(iri("owl:Ontology"))
    for prefix, namespace in sorted((PREFIXES | dict(used)).items()):
        node = f"{base}queries#prefix-{prefix}"
        yield subject, iri("sh:declare"), NamedNode(node)
        yield node, iri("sh:prefix"), Literal(prefix)
        yield node, iri("sh:namespace"), Literal(namespace, datatype=NamedNode(iri("xsd:anyURI")))
