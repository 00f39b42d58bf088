"""Results compared by meaning: rows in any order unless one was asked for, blank nodes by their use."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse,
    parse_query_results,
)

from tests.server.w3c.manifests import BASE, FORMATS

XSD = "http://www.w3.org/2001/XMLSchema#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RESULTS = {".srx": QueryResultsFormat.XML, ".srj": QueryResultsFormat.JSON, ".tsv": QueryResultsFormat.TSV}
MEDIA_TYPES = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a SELECT: each a mapping from variable to term, unbound ones left out."""

    variables: frozenset[str]
    rows: tuple[dict[str, Any], ...]


Result = Table | bool | Dataset


def expected(path: Path) -> Result:
    """The result that stands in a file of the suite."""
    if path.suffix in RESULTS:
        return _results(path.read_bytes(), RESULTS[path.suffix])
    base = BASE + "/".join(path.parts[-2:])
    quads = list(parse(path=str(path), format=FORMATS[path.suffix], base_iri=base))
    sets = [quad.subject for quad in quads if quad.object == NamedNode(f"{RS}ResultSet")]
    return _result_set(quads, sets[0]) if sets else graph(quads)


def _result_set(quads: Sequence[Quad], node: Any) -> Table | bool:
    """A result written as RDF with the vocabulary of the older tests."""

    def values(subject: Any, name: str) -> list[Any]:
        return [quad.object for quad in quads if (quad.subject, quad.predicate.value) == (subject, RS + name)]

    if booleans := values(node, "boolean"):
        return bool(booleans[0].value == "true")
    rows = tuple(
        {
            values(binding, "variable")[0].value: _plain(values(binding, "value")[0])
            for binding in values(solution, "binding")
        }
        for solution in values(node, "solution")
    )
    return Table(frozenset(term.value for term in values(node, "resultVariable")), rows)


def answered(body: bytes, media_type: str) -> Result:
    """The result in an HTTP answer."""
    if media_type in MEDIA_TYPES:
        return _results(body, MEDIA_TYPES[media_type])
    return graph(parse(body, FORMATS[".nt"]))


def _results(body: bytes, form: QueryResultsFormat) -> Table | bool:
    found = parse_query_results(body, form)
    if isinstance(found, QueryBoolean):
        return bool(found)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    rows = tuple(
        {name: _plain(term) for name, term in zip(names, row, strict=True) if term is not None}
        for row in found
    )
    return Table(frozenset(names), rows)


def graph(quads: Iterable[Quad | Triple]) -> Dataset:
    """Triples as a canonical dataset, literals by value."""
    found = Dataset(Quad(quad.subject, quad.predicate, _plain(quad.object)) for quad in quads)
    found.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return found


def _plain(term: Any) -> Any:
    """A term with numbers written one way: the store keeps values, not spellings."""
    if not isinstance(term, Literal) or not term.datatype.value.startswith(XSD):
        return term
    kind = term.datatype.value.removeprefix(XSD)
    try:
        if kind == "boolean":
            return Literal(term.value in ("true", "1"))
        if kind == "integer":
            return Literal(str(int(term.value)), datatype=term.datatype)
        if kind == "decimal":
            return Literal(f"{Decimal(term.value).normalize():f}", datatype=term.datatype)
        if kind in ("double", "float"):
            return Literal(repr(float(term.value)), datatype=term.datatype)
    except (ArithmeticError, ValueError):
        return term
    return term


def same(found: Result, wanted: Result, *, ordered: bool) -> bool:
    """Whether two results mean the same."""
    if isinstance(found, Table) and isinstance(wanted, Table):
        if found.variables != wanted.variables or len(found.rows) != len(wanted.rows):
            return False
        if ordered and _in_order(found.rows) != _in_order(wanted.rows):
            return False
        return _dataset(found.rows) == _dataset(wanted.rows)
    return type(found) is type(wanted) and found == wanted


def _in_order(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: None if isinstance(term, BlankNode) else term for name, term in row.items()} for row in rows
    ]


def _dataset(rows: Iterable[dict[str, Any]]) -> Dataset:
    """Rows as a graph, so that blank nodes are compared across rows; equal rows stay apart."""
    found = Dataset(_cells(rows))
    found.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return found


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[Quad]:
    counted: dict[str, int] = {}
    for row in rows:
        key = repr(sorted(_in_order([row])[0].items(), key=lambda item: item[0]))
        counted[key] = counted.get(key, 0) + 1
        node = BlankNode()
        yield Quad(node, NamedNode("x:row"), Literal(counted[key]))
        for name, term in row.items():
            yield Quad(node, NamedNode(f"x:{name}"), term)
