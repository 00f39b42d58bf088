"""The W3C SPARQL 1.1 suite as it stands in its manifests: the tests, and the data they need."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse

BASE = "http://w3c.example/sparql11/"
"""The suite has no address of its own; its relative IRIs are read against this."""
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
}

Node = NamedNode | BlankNode
Term = Any
"""A node or literal of a manifest."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test: its section and name, what kind it is, and its node in the manifest."""

    id: str
    kind: str
    node: Node
    suite: "Suite"

    def action(self, prefix: str, name: str) -> list[Term]:
        """What the action of the test has for a property."""
        return self.suite.all(self.suite.one(self.node, MF, "action"), prefix, name)

    @property
    def query(self) -> Path:
        """The file of the query or update."""
        found = self.action(QT, "query") or self.action(UT, "request")
        return self.suite.path(found[0] if found else self.suite.one(self.node, MF, "action"))

    @property
    def text(self) -> str:
        """The query; its base is the address it has in the suite (RFC 3986, 5.1.3)."""
        return f"BASE <{BASE}{self.id.partition('/')[0]}/> {self.query.read_text(encoding='utf-8')}"

    @property
    def result(self) -> Path:
        """The file with the expected result."""
        return self.suite.path(self.suite.one(self.node, MF, "result"))

    @property
    def data(self) -> list[str]:
        """The files of the default graph, as IRIs."""
        return [term.value for term in self.action(QT, "data")]

    @property
    def graphs(self) -> list[str]:
        """The named graphs, as IRIs; each has the IRI of its file."""
        return [term.value for term in self.action(QT, "graphData")]

    @property
    def services(self) -> dict[str, list[str]]:
        """The other endpoints a test wants, with the files of their default graphs."""
        return {
            self.suite.one(entry, QT, "endpoint").value: [
                term.value for term in self.suite.all(entry, QT, "data")
            ]
            for entry in self.action(QT, "serviceData")
        }


class Suite:
    """The suite in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store()
        self.sections = sorted(path.parent.name for path in folder.glob("*/manifest.ttl"))
        for path in sorted(folder.glob("*/manifest*.ttl")):
            # Each with blank nodes of its own: the files share labels.
            for quad in self.quads(path):
                self.store.add(quad)

    def iri(self, path: Path) -> str:
        """The IRI of a file of the suite."""
        return BASE + path.relative_to(self.folder).as_posix()

    def path(self, term: Term) -> Path:
        """The file with an IRI."""
        return self.folder / str(term.value).removeprefix(BASE)

    def quads(self, path: Path, graph: str = "") -> Iterator[Quad]:
        """The triples of a file, in a named graph if one is given."""
        found = parse(
            path=str(path), format=FORMATS[path.suffix], base_iri=self.iri(path), rename_blank_nodes=True
        )
        for quad in found:
            if graph:
                yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph))
            else:
                yield quad

    def all(self, node: Term, prefix: str, name: str) -> list[Term]:
        """The values of a property, in the order of their text, so that a run is like the next one."""
        if node is None:
            return []  # not any node, as the store would take it
        found = self.store.quads_for_pattern(node, NamedNode(prefix + name), None)
        return sorted((quad.object for quad in found), key=str)

    def one(self, node: Term, prefix: str, name: str) -> Term:
        """The only value of a property, or None."""
        found = self.all(node, prefix, name)
        return found[0] if found else None

    def items(self, node: Term) -> Iterator[Term]:
        """The members of a list."""
        while node is not None and node != NamedNode(RDF + "nil"):
            yield self.one(node, RDF, "first")
            node = self.one(node, RDF, "rest")

    def cases(self) -> Iterator[Case]:
        """All tests in the order of their manifests."""
        for path in sorted(self.folder.glob("*/manifest*.ttl")):
            section = path.parent.name
            entries = self.one(NamedNode(self.iri(path)), MF, "entries")
            for node in self.items(entries):
                kind = self.one(node, RDF, "type").value.removeprefix(MF)
                name = node.value.rpartition("#")[2] or node.value.rpartition("/")[2]
                yield Case(f"{section}/{name}", kind, node, self)

    def data_files(self) -> list[Path]:
        """All files that are data of some query test."""
        wanted = {
            file
            for case in self.cases()
            for file in (
                *case.data,
                *case.graphs,
                *(data for files in case.services.values() for data in files),
            )
        }
        return sorted(self.folder / iri.removeprefix(BASE) for iri in wanted)


@cache
def suite() -> Suite | None:
    """The suite beside the project, None where it is not there."""
    folder = Path(__file__).parents[4] / "shared" / "conformance" / "w3c-sparql11"
    return Suite(folder) if folder.is_dir() else None


def cases(*kinds: str) -> list[Case]:
    """The tests of some kinds, or all of them; none where the suite is not there."""
    found = suite()
    if found is None:
        return []
    return [case for case in found.cases() if not kinds or case.kind in kinds]


def text_of(literal: Literal | None) -> str:
    """The text of a literal of a manifest."""
    return "" if literal is None else literal.value
