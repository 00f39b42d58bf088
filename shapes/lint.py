"""Looks for mistakes in shapes that engines pass over in silence."""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from shapes.graph import Index, ShapesGraph
from shapes.terms import SH, Term, node_name, sh, type_

_TERMS: Final = """
    NodeShape PropertyShape targetClass targetNode targetSubjectsOf targetObjectsOf property path name
    description message severity Violation Warning Info deactivated order group defaultValue
    inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath
    class datatype nodeKind IRI BlankNode Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral
    minCount maxCount minExclusive minInclusive maxExclusive maxInclusive minLength maxLength pattern flags
    languageIn uniqueLang equals disjoint lessThan lessThanOrEquals not and or xone node qualifiedValueShape
    qualifiedMinCount qualifiedMaxCount qualifiedValueShapesDisjoint closed ignoredProperties hasValue in
    sparql select ask prefixes declare prefix namespace SPARQLConstraint SPARQLAskValidator
    SPARQLSelectValidator ConstraintComponent parameter Parameter optional validator nodeValidator
    propertyValidator labelTemplate shapesGraph entailment PropertyGroup
"""
TERMS: Final = frozenset(_TERMS.split())
"""The terms of SHACL Core and SHACL-SPARQL; a misspelt one is no constraint at all."""

_TARGETS = tuple(map(sh, ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")))
_CLASSES: Final[tuple[Term, ...]] = (
    ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#Class"),
    ox.NamedNode("http://www.w3.org/2002/07/owl#Class"),
)
_DESCRIPTIVE: Final = "path name description message severity deactivated order group defaultValue property"
_NOT_CONSTRAINTS: Final = {*map(sh, _DESCRIPTIVE.split()), *_TARGETS}


def problems(graph: ShapesGraph) -> list[str]:
    """What is wrong with these shapes, one sentence each, in a fixed order.

    Found are: references to property shapes that do not exist, `sh:` terms SHACL does not have, property
    shapes that no target reaches, and property shapes without a single constraint.
    """
    index = Index(graph.triples)
    found = [*graph.problems, *_unknown_terms(graph), *_unreachable(graph, index), *_empty(graph, index)]
    return sorted(found)


def unexplained(graph: ShapesGraph, languages: tuple[str, ...] = ("en", "sv")) -> list[str]:
    """Shapes that give results without a name, a message in each language, and a link to the clause."""
    return sorted(
        f"{name} lacks {', '.join(lacking)}."
        for name in reporting(graph)
        if (lacking := _lacking(graph, name, languages))
    )


def reporting(graph: ShapesGraph) -> list[str]:
    """Names of the shapes that can stand in a result as its source shape."""
    index = Index(graph.triples)
    reached = _reached(graph, index)
    return sorted(node_name(node) for node in reached if _constraints(node, index))


def _lacking(graph: ShapesGraph, name: str, languages: tuple[str, ...]) -> list[str]:
    shape = graph.shape(name)
    lacking = [f"a message in {tag}" for tag in languages if not shape.messages.get(tag)]
    lacking += [f"a name in {tag}" for tag in languages if not shape.labels.get(tag)]
    return lacking if shape.see_also else [*lacking, "a link to its clause (rdfs:seeAlso)"]


def _unknown_terms(graph: ShapesGraph) -> Iterator[str]:
    used = {term for t in graph.triples for term in (t.predicate, t.object) if isinstance(term, ox.NamedNode)}
    for term in used:
        name = term.value.removeprefix(SH)
        if term.value.startswith(SH) and name not in TERMS and not name.endswith("ConstraintComponent"):
            yield f"sh:{name} is not a term of SHACL; nothing happens where it stands."


def _reached(graph: ShapesGraph, index: Index) -> set[Term]:
    """Shapes with a target of their own, and property shapes that those hold."""
    waiting: list[Term] = [t.subject for t in graph.triples if t.predicate in _TARGETS]
    # A shape that is also a class targets its own instances (SHACL 2.1.3.3).
    waiting += [t.subject for t in graph.triples if t.predicate == type_ and t.object in _CLASSES]
    reached: set[Term] = set()
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting.extend(index.objects(node, sh("property")))
    return reached


def _unreachable(graph: ShapesGraph, index: Index) -> Iterator[str]:
    # What stands inside sh:or, sh:node and the like is reached from there, and is written as a blank node.
    used = _reached(graph, index) | {t.object for t in graph.triples if t.predicate != sh("property")}
    inner = [t.object for t in graph.triples if t.predicate == sh("property") and t.subject not in used]
    for triple in graph.triples:
        node = triple.subject
        named = isinstance(node, ox.NamedNode) and "/genid/" not in node.value
        if triple.predicate == sh("path") and named and node not in used and node not in inner:
            yield f"{node} is reached by no target, so it never checks anything."


def _empty(graph: ShapesGraph, index: Index) -> Iterator[str]:
    for triple in graph.triples:
        node = triple.subject
        holds = bool(_constraints(node, index)) or any(index.objects(node, sh("property")))
        if triple.predicate == sh("path") and not holds:
            yield f"{node} has a path but no constraint, so it never reports anything."


def _constraints(node: Term, index: Index) -> list[ox.NamedNode]:
    return [p for p, _ in index.described(node) if p.value.startswith(SH) and p not in _NOT_CONSTRAINTS]
