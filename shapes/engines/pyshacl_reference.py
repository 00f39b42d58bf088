"""pySHACL: the reference the other engine is compared with, and the one used where that has no wheel.

It runs on rdflib, which by default rewrites literals (`"01"^^xsd:integer` becomes `"1"`) and so reports
values that are not in the data. Terms are therefore parsed by pyoxigraph, and rdflib's switch is held off
while the engine runs.
"""

import logging
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.namespace import SH as RSH

from ontology.errors import CheckError
from shapes.engines.lexical import ill_formed
from shapes.graph import ShapesGraph, severity_name
from shapes.paths import path_text
from shapes.report import Result
from shapes.terms import SH, XSD_STRING, Term, node_name, sh

_SPARQL = sh("SPARQLConstraintComponent")

_switch = threading.RLock()
_rdflib_log = logging.getLogger("rdflib.term")


def validate(data: Path, background: str, shapes: ShapesGraph) -> list[Result]:
    """Runs the engine; see `shapes.engines`.

    Raises:
        CheckError: the engine refuses the shapes or the data, or fails on them.
    """
    with exact_literals():
        data_graph = rdflib.Graph()
        try:
            _fill(data_graph, ox.parse(path=data, format=ox.RdfFormat.N_TRIPLES))
            _fill(data_graph, ox.parse(background, format=ox.RdfFormat.N_TRIPLES))
        except (SyntaxError, OSError) as error:
            raise CheckError(f"{data}: not N-Triples: {error}") from error
        shapes_graph = rdflib.Graph()
        _fill(shapes_graph, shapes.triples)
        _bind_prefixes(shapes_graph, data_graph)
        return list(_results(_run(data_graph, shapes_graph, data), shapes))


def _run(data_graph: rdflib.Graph, shapes_graph: rdflib.Graph, data: Path) -> rdflib.Graph:
    try:
        _, report, text = pyshacl.validate(data_graph, shacl_graph=shapes_graph)
    # The engine lets whatever went wrong inside it through, from its own errors to those of rdflib's parser.
    except Exception as error:
        raise CheckError(f"The SHACL engine pyshacl failed on {data}: {error}") from error
    if not isinstance(report, rdflib.Graph):
        raise CheckError(f"The SHACL engine pyshacl cannot check {data}: {text}")
    return report


def _bind_prefixes(shapes_graph: rdflib.Graph, data_graph: rdflib.Graph) -> None:
    """Makes declared prefixes known to the queries: pySHACL does not follow owl:imports to them (5.2.1)."""
    for node in shapes_graph.objects(None, RSH.declare):
        prefix, namespace = shapes_graph.value(node, RSH.prefix), shapes_graph.value(node, RSH.namespace)
        if prefix is not None and namespace is not None:
            data_graph.bind(str(prefix), rdflib.Namespace(str(namespace)))


@contextmanager
def exact_literals() -> Iterator[None]:
    """Keeps rdflib from rewriting literals, and from complaining about them, for one thread at a time."""
    with _switch, warnings.catch_warnings():
        # A literal that is not what it says is a result of the check, not something to warn about twice.
        warnings.filterwarnings("ignore", module="rdflib")
        before, level = rdflib.NORMALIZE_LITERALS, _rdflib_log.level
        rdflib.NORMALIZE_LITERALS = False
        _rdflib_log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            rdflib.NORMALIZE_LITERALS = before
            _rdflib_log.setLevel(level)


def _fill(graph: rdflib.Graph, statements: Iterable[ox.Triple | ox.Quad]) -> None:
    for statement in statements:
        graph.add(
            (_to_rdflib(statement.subject), _to_rdflib(statement.predicate), _to_rdflib(statement.object))
        )


def _to_rdflib(term: Term) -> rdflib.term.Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if not isinstance(term, ox.Literal):
        raise CheckError(f"pySHACL knows no triple terms such as {term}; use the engine shacl.")
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    # rdflib tells "A" from "A"^^xsd:string although RDF 1.1 does not; the short form is used throughout.
    datatype = None if term.datatype.value == XSD_STRING else rdflib.URIRef(term.datatype.value)
    literal = rdflib.Literal(term.value, datatype=datatype, normalize=False)
    judged = ill_formed(term.value, term.datatype.value)
    if judged is not None:
        # The one place where rdflib keeps its judgement; pySHACL reads it through the public property.
        literal._ill_typed = judged
    return literal


def _from_rdflib(node: rdflib.term.Node) -> Term:
    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if not isinstance(node, rdflib.Literal):
        raise CheckError(f"pySHACL gave a result with {node!r}, which is no RDF term.")
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype or XSD_STRING)))


def _results(report: rdflib.Graph, shapes: ShapesGraph) -> Iterator[Result]:
    root = next(report.subjects(RSH.conforms, None))
    for node in report.objects(root, RSH.result):
        yield _result(report, node, shapes)


def _result(report: rdflib.Graph, node: rdflib.term.Node, shapes: ShapesGraph) -> Result:
    def objects(subject: Term, predicate: ox.NamedNode) -> Iterator[Term]:
        found = report.objects(_to_rdflib(subject), rdflib.URIRef(predicate.value))
        return (_from_rdflib(term) for term in found)

    said = {p: _from_rdflib(o) for p, o in report.predicate_objects(node) if p != RSH.detail}
    component, path, value = (
        said[RSH.sourceConstraintComponent],
        said.get(RSH.resultPath),
        said.get(RSH.value),
    )
    name = node_name(said[RSH.sourceShape])
    messages = shapes.shape(name).messages
    # The engine words a message of its own for every built-in constraint; only those of SPARQL constraints
    # and of user-made components were written by whoever wrote the shapes.
    if not messages and (component == _SPARQL or not node_name(component).startswith(SH)):
        messages = {"": min(map(str, report.objects(node, RSH.resultMessage)), default="")}
    return Result(
        focus=str(said[RSH.focusNode]),
        path=None if path is None else path_text(path, objects),
        value=None if value is None else str(value),
        component=node_name(component),
        severity=severity_name(said[RSH.resultSeverity]),
        shape=name,
        messages=messages,
    )
