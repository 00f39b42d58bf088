"""A shapes graph made ready for any engine: parsed once, every shape named, its messages at hand."""

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from ontology.errors import CheckError
from shapes.paths import path_text
from shapes.terms import RDFS, SH, Node, Term, node_name, sh, type_

_MESSAGE, _SEVERITY, _NAME, _DESCRIPTION = (sh(n) for n in ("message", "severity", "name", "description"))
_PATH, _PROPERTY, _NODE = (sh(n) for n in ("path", "property", "node"))
_SEE_ALSO, _LABEL = ox.NamedNode(RDFS + "seeAlso"), ox.NamedNode(RDFS + "label")
_FIELD = ox.NamedNode("https://odis.example/shapes/field")
_SHAPE_TYPES = {sh("NodeShape"), sh("PropertyShape")}
_TARGETS = tuple(
    sh(n) for n in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
)
_FORMATS: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
GENID: Final = "https://odis.example/shapes/genid/"
"""Under this IRI stand names for shapes that are blank nodes in files somebody brought."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What reports and pages say about one shape."""

    name: str
    """IRI, or `_:label`."""
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    messages: Mapping[str, str] = dataclasses.field(default_factory=dict)
    description: Mapping[str, str] = dataclasses.field(default_factory=dict)
    severity: str = "Violation"
    path: str | None = None
    field: str | None = None
    """IRI of the property a rule is about: that of the path, or what `rule:field` says of a node shape."""
    see_also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapesGraph:
    """Parsed shapes with an index of what each shape says."""

    triples: tuple[ox.Triple, ...]
    shapes: Mapping[str, Shape]
    problems: tuple[str, ...] = ()
    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Blank node as labelled in the file to the IRI it was given."""

    def ntriples(self) -> str:
        """The shapes graph as N-Triples."""
        return "".join(f"{triple} .\n" for triple in self.triples)

    def shape(self, name: str) -> Shape:
        """What is known of a shape; an empty description for a shape that is not in the graph."""
        return self.shapes.get(name) or Shape(name)


class Index:
    """Looks up objects and subjects in a list of triples."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._objects: dict[tuple[Term, ox.NamedNode], list[Term]] = defaultdict(list)
        self._predicates: dict[Term, list[tuple[ox.NamedNode, Term]]] = defaultdict(list)
        for triple in triples:
            self._objects[triple.subject, triple.predicate].append(triple.object)
            self._predicates[triple.subject].append((triple.predicate, triple.object))

    def objects(self, subject: Term, predicate: ox.NamedNode) -> Iterator[Term]:
        """Objects of this subject and predicate, in file order."""
        return iter(self._objects.get((subject, predicate), ()))

    def described(self, subject: Term) -> list[tuple[ox.NamedNode, Term]]:
        """All predicates and objects of a subject."""
        return self._predicates.get(subject, [])

    def subjects(self) -> Iterator[Term]:
        """Every subject once."""
        return iter(self._predicates)


def read_shapes(files: Iterable[Path]) -> ShapesGraph:
    """Reads files of shapes into one graph.

    Blank nodes that are shapes get IRIs made from their content, because engines rename blank nodes and
    because a report must name the same shape the same way the next day.
    References to property shapes that are defined nowhere are left out, and `problems` says so: some engines
    stop on them, others ignore them.

    Raises:
        CheckError: a file cannot be read, or there is no shape in any of them.
    """
    triples = [triple for number, path in enumerate(files) for triple in _parse(path, f"f{number}")]
    return shapes_graph(triples)


def shapes_graph(triples: list[ox.Triple]) -> ShapesGraph:
    """The same as `read_shapes`, from triples that are parsed already."""
    names = _names_for_blank_shapes(triples)
    triples = [_renamed(triple, names) for triple in triples]
    index = Index(triples)
    dangling = {t.object for t in triples if t.predicate == _PROPERTY and not _has_path(index, t.object)}
    triples = [t for t in triples if not (t.predicate == _PROPERTY and t.object in dangling)]
    shapes = {node_name(node): _describe(node, index) for node in _shape_nodes(triples)}
    if not shapes:
        raise CheckError("There is no SHACL shape in these files: nothing would be checked.")
    problems = tuple(
        f"{node} is used as a property shape but has no sh:path; it is left out." for node in dangling
    )
    return ShapesGraph(
        tuple(triples), shapes, tuple(sorted(problems)), {str(a): b.value for a, b in names.items()}
    )


def _parse(path: Path, mark: str) -> Iterator[ox.Triple]:
    """Triples of one file, with blank nodes marked so that two files never share one."""
    rdf_format = _FORMATS.get(path.suffix.lower())
    if rdf_format is None:
        raise CheckError(f"{path}: shapes are read from {', '.join(sorted(_FORMATS))}, not {path.suffix!r}.")
    try:
        # The base is fixed: a shape's name must not depend on the folder the file lies in.
        for quad in ox.parse(
            path=path, format=rdf_format, base_iri=f"https://odis.example/shapes/file/{path.name}"
        ):
            subject, obj = _marked(quad.subject, mark), _marked(quad.object, mark)
            yield ox.Triple(subject, quad.predicate, obj)  # type: ignore[arg-type]
    except (SyntaxError, ValueError, OSError) as error:
        raise CheckError(f"{path}: the shapes cannot be read: {error}") from error


def _marked(term: Term, mark: str) -> Term:
    return ox.BlankNode(f"{mark}.{term.value}") if isinstance(term, ox.BlankNode) else term


def _renamed(triple: ox.Triple, names: Mapping[Term, ox.NamedNode]) -> ox.Triple:
    subject = names.get(triple.subject, triple.subject)
    return ox.Triple(subject, triple.predicate, names.get(triple.object, triple.object))


def _shape_nodes(triples: Iterable[ox.Triple]) -> list[Node]:
    """Everything that is a shape by its type, a target, or use as a property or node shape (SHACL 2.1)."""
    found: dict[Node, None] = {}
    for triple in triples:
        if (triple.predicate == type_ and triple.object in _SHAPE_TYPES) or triple.predicate in _TARGETS:
            found[triple.subject] = None
        elif triple.predicate in (_PROPERTY, _NODE) and not isinstance(triple.object, ox.Literal):
            found[triple.object] = None
    return list(found)


def _names_for_blank_shapes(triples: list[ox.Triple]) -> dict[Term, ox.NamedNode]:
    index = Index(triples)
    owners = {t.object: t.subject for t in triples if t.predicate == _PROPERTY}
    names: dict[Term, ox.NamedNode] = {}
    taken: set[str] = set()
    for node in _shape_nodes(triples):
        if not isinstance(node, ox.BlankNode):
            continue
        content = f"{_content(owners.get(node), index)}|{_content(node, index)}"
        digest = hashlib.sha256(content.encode()).hexdigest()[:16]
        # Two equal property shapes on one node shape give two results, so they need two names.
        while digest in taken:
            digest = hashlib.sha256(digest.encode()).hexdigest()[:16]
        taken.add(digest)
        names[node] = ox.NamedNode(GENID + digest)
    return names


def _content(term: Term | None, index: Index, depth: int = 8) -> str:
    """A blank node written out by what it says, so that the text does not depend on its label."""
    if not isinstance(term, ox.BlankNode) or depth == 0:
        return "" if isinstance(term, ox.BlankNode) else str(term)
    parts = sorted(f"{p} {_content(o, index, depth - 1)}" for p, o in index.described(term))
    return "[" + ";".join(parts) + "]"


def _has_path(index: Index, node: Term) -> bool:
    return next(index.objects(node, _PATH), None) is not None


def _describe(node: Node, index: Index) -> Shape:
    path = next(index.objects(node, _PATH), None)
    field = next(index.objects(node, _FIELD), path)
    return Shape(
        name=node_name(node),
        labels=_by_language(index.objects(node, _NAME)) or _by_language(index.objects(node, _LABEL)),
        messages=_by_language(index.objects(node, _MESSAGE)),
        description=_by_language(index.objects(node, _DESCRIPTION)),
        severity=severity_name(next(index.objects(node, _SEVERITY), sh("Violation"))),
        path=path_text(path, index.objects) if path is not None else None,
        field=field.value if isinstance(field, ox.NamedNode) else None,
        see_also=tuple(node_name(o) for o in index.objects(node, _SEE_ALSO) if isinstance(o, ox.NamedNode)),
    )


def _by_language(literals: Iterator[Term]) -> dict[str, str]:
    found = {o.language or "": o.value for o in literals if isinstance(o, ox.Literal)}
    return dict(sorted(found.items()))


def severity_name(term: Term) -> str:
    """`Violation`, `Warning`, `Info`, or the whole IRI of a severity SHACL does not define."""
    return node_name(term).removeprefix(SH)
