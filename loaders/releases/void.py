"""Statistics of a release in VoID: its classes, properties and graphs with their sizes, from graph.nq."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from ontology import iri

TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
VOID = "http://rdfs.org/ns/void#"
SD = "http://www.w3.org/ns/sparql-service-description#"
_RDF_TYPE = NamedNode(TYPE[1:-1].decode())
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
Line = tuple[bytes, bytes, bytes, bytes]
"""Subject, predicate, object and graph of a line as written; the default graph is b""."""


Shape = tuple[tuple[bytes, ...], tuple[bytes, ...]]
"""The properties of a subject, once for each triple, and its classes."""
_BATCH = 50_000  # shapes held at once


@dataclass(slots=True)
class Statistics:
    """Counts of one graph; a subject is counted once for each of its classes and properties."""

    triples: int = 0
    subjects: int = 0
    classes: Counter[bytes] = field(default_factory=Counter)
    """Instances of each class."""
    properties: Counter[bytes] = field(default_factory=Counter)
    """Triples with each property."""
    users: Counter[bytes] = field(default_factory=Counter)
    """Subjects that have each property."""
    uses: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)
    """Triples with each property on instances of each class."""

    def add(self, shape: Shape, subjects: int) -> None:
        """Count subjects of one shape."""
        predicates, classes = shape
        counts = Counter(predicates)
        self.triples += len(predicates) * subjects
        self.subjects += subjects
        for predicate, count in counts.items():
            self.properties[predicate] += count * subjects
            self.users[predicate] += subjects
        for one in classes:
            self.classes[one] += subjects
            for predicate, count in counts.items():
                self.uses[one, predicate] += count * subjects


def void_quads(graph_nq: Path, base: str) -> Iterator[Quad]:
    """The statistics of sorted, canonical N-Quads as quads of the graph ``<base>graph/void``.

    The default graph is described with partitions by class, by property, and by property within class; each
    named graph with its size. Memory grows with the number of graphs, classes and properties, not of quads.
    """
    graph = NamedNode(f"{base}graph/void")
    for subject, predicate, value in _Description(base, survey(graph_nq, skip=str(graph))).triples():
        yield Quad(subject, predicate, value, graph)


def survey(graph_nq: Path, skip: str = "") -> dict[bytes, Statistics]:
    """The counts of each graph but the one in `skip`, in N-Triples form; the default graph is b""."""
    graphs: dict[bytes, Statistics] = {}
    with graph_nq.open("rb") as file:
        for shapes in _shapes(file):
            for (graph, shape), subjects in shapes.items():
                if graph != skip.encode():
                    graphs.setdefault(graph, Statistics()).add(shape, subjects)
    return graphs


def _shapes(lines: Iterable[bytes]) -> Iterator[dict[tuple[bytes, Shape], int]]:
    """How many subjects have each shape in each graph, in batches: most subjects look like many others."""
    found: dict[tuple[bytes, Shape], int] = {}
    present: dict[bytes, tuple[list[bytes], list[bytes]]] = {}
    last = b""
    for line in lines:
        subject, predicate, value, graph = split(line)
        if subject != last:
            _close(present, found)
            last = subject
            if len(found) > _BATCH:
                yield found
                found = {}
        predicates, classes = present.setdefault(graph, ([], []))
        predicates.append(predicate)
        if predicate == TYPE:
            classes.append(value)
    _close(present, found)
    yield found


def _close(
    present: dict[bytes, tuple[list[bytes], list[bytes]]], found: dict[tuple[bytes, Shape], int]
) -> None:
    for graph, (predicates, classes) in present.items():
        key = graph, (tuple(predicates), tuple(classes))
        found[key] = found.get(key, 0) + 1
    present.clear()


def split(line: bytes) -> Line:
    """Cut a canonical line into its terms; they are left as they are written."""
    subject, predicate, rest = line.split(b" ", 2)
    rest = rest.rstrip()[:-2]  # the closing " ."
    first = rest[:1]
    if first == b'"':
        # Neither a datatype, a language nor a graph can hold a quote: the last one closes the literal.
        end = rest.find(b" ", rest.rindex(b'"'))
    elif rest[:3] == b"<<(":
        end = rest.find(b" ", rest.rindex(b")>>"))
    else:
        end = rest.find(b" ")
    if end < 0:
        return subject, predicate, rest, b""
    return subject, predicate, rest[:end], rest[end + 1 :]


Triples = Iterator[tuple[NamedNode, NamedNode, NamedNode | Literal]]


@dataclass(frozen=True, slots=True)
class _Description:
    """Writes counts down as VoID and as the dataset of a service description."""

    base: str
    graphs: dict[bytes, Statistics]

    def triples(self) -> Triples:
        """The whole description, in an order that depends on nothing but the counts."""
        whole = NamedNode(f"{self.base}id/dataset/odis")
        default = self.graphs.get(b"", Statistics())
        yield from self._head(whole)
        yield from self._sizes(whole, default)
        for namespace in sorted(_namespaces([*default.properties, *default.classes])):
            yield whole, _void("vocabulary"), NamedNode(namespace)
        yield from self._properties(whole, default)
        yield from self._classes(whole, default)
        for name in sorted(name for name in self.graphs if name.startswith(b"<")):
            yield from self._named(whole, name, self.graphs[name])

    def _head(self, whole: NamedNode) -> Triples:
        yield whole, _RDF_TYPE, NamedNode(f"{VOID}Dataset")
        for text, language in (
            ("Öppna data i Stockholms län som länkade data", "sv"),
            ("The open data of Stockholm county as linked data", "en"),
        ):
            yield whole, NamedNode(iri("dcterms:title")), Literal(text, language=language)
        yield whole, _void("sparqlEndpoint"), NamedNode(f"{self.base}sparql")
        yield whole, _void("uriSpace"), Literal(self.base)

    def _sizes(self, node: NamedNode, counts: Statistics) -> Triples:
        yield node, _void("triples"), Literal(counts.triples)
        yield node, _void("distinctSubjects"), Literal(counts.subjects)
        yield node, _void("classes"), Literal(len(counts.classes))
        yield node, _void("properties"), Literal(len(counts.properties))

    def _properties(self, whole: NamedNode, counts: Statistics) -> Triples:
        for name, triples in sorted(counts.properties.items()):
            part = self._part("property", name)
            yield whole, _void("propertyPartition"), part
            yield part, _void("property"), _named(name)
            yield part, _void("triples"), Literal(triples)
            yield part, _void("distinctSubjects"), Literal(counts.users[name])

    def _classes(self, whole: NamedNode, counts: Statistics) -> Triples:
        within: dict[bytes, list[tuple[bytes, int]]] = {}
        for (name, predicate), triples in sorted(counts.uses.items()):
            within.setdefault(name, []).append((predicate, triples))
        for name, entities in sorted(counts.classes.items()):
            if not name.startswith(b"<"):
                continue  # a class without a name cannot be asked for
            part = self._part("class", name)
            yield whole, _void("classPartition"), part
            yield part, _void("class"), _named(name)
            yield part, _void("entities"), Literal(entities)
            for predicate, triples in within[name]:
                inner = self._part("class", name + predicate)
                yield part, _void("propertyPartition"), inner
                yield inner, _void("property"), _named(predicate)
                yield inner, _void("triples"), Literal(triples)

    def _named(self, whole: NamedNode, name: bytes, counts: Statistics) -> Triples:
        part = self._part("graph", name)
        yield whole, _void("subset"), part
        for kind in (f"{VOID}Dataset", f"{SD}NamedGraph", f"{SD}Graph"):
            yield part, _RDF_TYPE, NamedNode(kind)
        yield part, NamedNode(f"{SD}name"), _named(name)
        yield part, NamedNode(f"{SD}graph"), part
        yield from self._sizes(part, counts)

    def _part(self, kind: str, name: bytes) -> NamedNode:
        """A partition by what it is about, so that it keeps its IRI from release to release."""
        digest = hashlib.blake2b(name, digest_size=8).hexdigest()
        return NamedNode(f"{self.base}.well-known/void#{kind}-{digest}")


def _void(name: str) -> NamedNode:
    return NamedNode(VOID + name)


def _named(term: bytes) -> NamedNode:
    """An IRI in N-Triples form as a term; canonical N-Triples escape only what an IRI must not hold."""
    text = term[1:-1].decode()
    return NamedNode(_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text))


def _namespaces(terms: Iterable[bytes]) -> set[str]:
    """The namespaces of IRIs: up to the last # or /."""
    found = set()
    for term in terms:
        if term.startswith(b"<"):
            text = _named(term).value
            found.add(text[: max(text.rfind("#"), text.rfind("/")) + 1])
    return found - {""}
