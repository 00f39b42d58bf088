"""The W3C SHACL test suite, core and SPARQL constraints, through both engines.

The suite is read in place from its manifests. Compared are conforms and, for each result, focus node, path,
value, component, severity and source shape, as the suite's instructions say.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from ontology.errors import CheckError
from shapes.engines import NAMES, engine
from shapes.graph import Index, severity_name, shapes_graph
from shapes.paths import items, path_text
from shapes.report import Result
from shapes.terms import Term, node_name, sh, type_

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
INCLUDE, ENTRIES, ACTION, RESULT = (
    ox.NamedNode(MF + name) for name in ("include", "entries", "action", "result")
)
DATA, SHAPES, FAILURE = (ox.NamedNode(SHT + name) for name in ("dataGraph", "shapesGraph", "Failure"))

SUITE = Path(__file__).parents[2].parent / "shared/conformance/w3c-shacl/tests"
# The folder holds a 23rd SPARQL test, component/nodeValidator-001, which no manifest lists.
COUNTS = {"core": 98, "sparql": 22}

EXPECTED_FAILURES = {
    ("shacl", "sparql/pre-binding/unsupported-sparql-004"): (
        "The engine runs a sub-SELECT that does not return $this, which section 5.2.1 says must be refused."
    ),
    ("pyshacl", "core/property/uniqueLang-002"): (
        'pySHACL takes sh:uniqueLang "1"^^xsd:boolean for true; section 4.4.5 names only the literal true.'
    ),
    ("pyshacl", "sparql/pre-binding/shapesGraph-001"): (
        "pySHACL does not support $shapesGraph, which section 5.3.1 makes optional."
    ),
}


@dataclass(frozen=True)
class Case:
    """One entry of a manifest."""

    name: str
    file: Path
    node: ox.NamedNode


def triples_of(path: Path) -> list[ox.Triple]:
    """A file of the suite, read with its own address as base."""
    return [q.triple for q in ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())]


def cases(manifest: Path) -> Iterator[Case]:
    """Every test a manifest lists, in it or in the manifests it includes."""
    triples = triples_of(manifest)
    index = Index(triples)
    for triple in triples:
        if triple.predicate == INCLUDE and isinstance(triple.object, ox.NamedNode):
            yield from cases(Path(triple.object.value.removeprefix("file://")))
        elif triple.predicate == ENTRIES:
            for node in items(triple.object, index.objects):
                assert isinstance(node, ox.NamedNode)
                relative = manifest.with_suffix("").relative_to(SUITE)
                yield Case(str(relative), manifest, node)


CASES = list(cases(SUITE / "manifest.ttl")) if SUITE.is_dir() else []


@pytest.mark.shared
def test_the_suite_is_whole(shared: Path) -> None:
    """All 120 tests the manifests list are found, so that none can go missing unseen."""
    assert Counter(case.name.partition("/")[0] for case in CASES) == COUNTS


@pytest.mark.shared
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("name", NAMES)
def test_w3c(case: Case, name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The engine gives the results the suite expects, or refuses what it says must be refused."""
    if reason := EXPECTED_FAILURES.get((name, case.name)):
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    triples = triples_of(case.file)
    index = Index(triples)
    action = next(index.objects(case.node, ACTION))
    expected = next(index.objects(case.node, RESULT))
    data = _graph(next(index.objects(action, DATA)), case, triples)
    graph = shapes_graph(_graph(next(index.objects(action, SHAPES)), case, triples))
    path = tmp_path / "data.nt"
    path.write_text("".join(f"{triple} .\n" for triple in data), encoding="utf-8")
    if expected == FAILURE:
        with pytest.raises(CheckError):
            engine(name)[1](path, "", graph)
        return
    found = Counter(map(_comparable, engine(name)[1](path, "", graph)))
    assert found == Counter(_expected(expected, index, graph.names))


def _graph(node: Term, case: Case, own: list[ox.Triple]) -> list[ox.Triple]:
    assert isinstance(node, ox.NamedNode)
    path = Path(node.value.removeprefix("file://"))
    # One parse for data, shapes and expectation: blank nodes must be the same ones in all three.
    return own if path == case.file else triples_of(path)


def _comparable(result: Result) -> tuple[str | None, ...]:
    return (result.focus, result.path, result.value, result.component, result.severity, result.shape)


def _expected(report: Term, index: Index, names: object) -> Iterator[tuple[str | None, ...]]:
    assert isinstance(names, dict)
    for node in index.objects(report, sh("result")):
        said = {p: o for p, o in index.described(node) if p != type_}
        path, value, shape = said.get(sh("resultPath")), said.get(sh("value")), said[sh("sourceShape")]
        yield (
            str(said[sh("focusNode")]),
            None if path is None else path_text(path, index.objects),
            None if value is None else str(value),
            node_name(said[sh("sourceConstraintComponent")]),
            severity_name(said[sh("resultSeverity")]),
            names.get(str(shape), node_name(shape)),
        )
