"""Things of a specification out of RDF: CONSTRUCT queries that are data, then the columns' own readers.

A specification may have such queries beside its metadata, one for each vocabulary that its things come in.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Triple

from loaders.tables import edtf
from loaders.tables.codes import code_lists
from loaders.tables.columns import ColumnReader
from loaders.tables.csvw import XSD, Column, Specification, read_specification
from loaders.tables.findings import TabularReport
from loaders.tables.templates import whole_name
from ontology import iri
from ontology.errors import SourceError

_TYPE: Final = iri("rdf:type")
_GIVEN: Final = re.compile(r"\?_(\w+)\b")


def queries_of(specification: Path, given: Path | None) -> list[Path]:
    """The CONSTRUCT queries of a source: the one it names, else those beside the specification's metadata."""
    found = [given] if given else sorted(specification.parent.glob("*.rq"))
    if not found:
        raise SourceError(f"{specification.parent.name} has no CONSTRUCT query; name one as `map`")
    return found


def construct(texts: Iterable[Path], queries: Iterable[Path], known: Mapping[str, str]) -> list[Triple]:
    """What the queries make of N-Triples; `known` are the values of `?_base` and `?_source` in them."""
    store = ox.Store()
    for text in texts:
        store.bulk_load(path=str(text), format=ox.RdfFormat.N_TRIPLES, lenient=True)
    return sorted({triple for query in queries for triple in _answer(store, query, known)}, key=str)


def _answer(store: ox.Store, query: Path, known: Mapping[str, str]) -> Iterator[Triple]:
    text = _GIVEN.sub(
        lambda found: str(Literal(known[found[1]])) if found[1] in known else found[0],
        query.read_text(encoding="utf-8"),
    )
    try:
        answer = store.query(text)
    except SyntaxError as error:
        raise SourceError(f"{query.name}: it is no SPARQL query: {error}") from error
    if not isinstance(answer, ox.QueryTriples):
        raise SourceError(f"{query.name}: expected a CONSTRUCT query")
    yield from answer


def finish(
    triples: Iterable[Triple], specification: Path, document: str, dataset: str | None
) -> tuple[list[Triple], TabularReport]:
    """The triples with their texts read as the columns say, each thing joined to its origin and dataset.

    Dates become EDTF and words the concepts of code lists; what cannot be read is left out and reported.
    """
    described = read_specification(specification)
    report = TabularReport(document.rpartition("/")[2], described.name)
    readers = _readers(described)
    read = [part for triple in triples for part in _read(triple, readers, report)]
    things = sorted(set(_things(read, described)))
    report.rows = report.kept = len(things)
    joined = [triple for thing in things for triple in _origin(thing, document, dataset)]
    found = [*_one_date(read, readers), *joined]
    report.triples = len(found)
    return found, report


def _readers(described: Specification) -> dict[str, ColumnReader]:
    """The reader of each property of a thing whose values are more than free text."""
    columns = [c for schema in described.schemas for c in schema.columns if not c.virtual and not c.about]
    lists = code_lists((c.code_list for c in columns if c.code_list), described.path)
    return {
        whole_name(column.property): ColumnReader(column, column.titles[0], lists.get(column.code_list or ""))
        for column in columns
        if column.property and (_is_typed(column) or column.code_list)
    }


def _is_typed(column: Column) -> bool:
    return column.datatype.iri != XSD + "string"


def _read(triple: Triple, readers: Mapping[str, ColumnReader], report: TabularReport) -> Iterator[Triple]:
    reader = readers.get(triple.predicate.value)
    if reader is None or not isinstance(triple.object, Literal):
        yield triple
        return
    cell = reader.read(triple.object.value.strip("[]() "))
    for finding in cell.findings:
        report.add(finding._replace(value=triple.object.value))
    for term in cell.terms:
        yield Triple(triple.subject, triple.predicate, term)


def _things(triples: Iterable[Triple], described: Specification) -> Iterator[str]:
    """The subjects of the specification's own classes."""
    kinds = {
        whole_name(value)
        for schema in described.schemas
        for column in schema.columns
        if column.virtual and not column.about and column.property and whole_name(column.property) == _TYPE
        for value in column.values
    }
    for triple in triples:
        match triple:
            case Triple(NamedNode(thing), NamedNode(name), NamedNode(kind)) if (
                name == _TYPE and kind in kinds
            ):
                yield thing


def _origin(thing: str, document: str, dataset: str | None) -> Iterator[Triple]:
    subject = NamedNode(thing)
    yield Triple(subject, NamedNode(iri("prov:wasDerivedFrom")), NamedNode(document))
    if dataset:
        yield Triple(subject, NamedNode(iri("dcterms:isPartOf")), NamedNode(dataset))


def _one_date(triples: Iterable[Triple], readers: Mapping[str, ColumnReader]) -> Iterator[Triple]:
    """Of several dates of a thing the most exact stays: a year before a decade, a decade before a century."""
    dates = {name for name, reader in readers.items() if reader.column.datatype.iri == edtf.IRI}
    found: dict[tuple[str, str], list[Triple]] = defaultdict(list)
    for triple in triples:
        if triple.predicate.value in dates:
            found[str(triple.subject), triple.predicate.value].append(triple)
        else:
            yield triple
    for several in found.values():
        yield min(several, key=lambda triple: (str(triple.object).count("X"), str(triple.object)))
