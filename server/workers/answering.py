"""One query against one store: the dataset it is asked of, its evaluation, its answer written out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from loaders.search.function import SearchFunction
from server.saved import geojson, spreadsheet
from server.workers import jsonld, rows, xml
from server.workers.output import Output
from server.workers.query import Failure, Query

if TYPE_CHECKING:  # its HTTP client takes long to load, and few need it
    from server.workers.remote import Remote

_RESULTS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
_WRITERS = {
    geojson.GEOJSON.media_type: geojson.write,
    spreadsheet.XLSX.media_type: spreadsheet.write,
}
"""Formats for rows that the engine does not have."""
_GRAPHS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "text/plain": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/json": RdfFormat.JSON_LD,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "text/n3": RdfFormat.N3,
}
Found = QuerySolutions | QueryBoolean | Iterable[Triple]

_WITHOUT_PREFIXES = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_LOOK_AHEAD = 500
"""From so many triples it is decided which prefixes an answer uses."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What answers: the store, the search beside it, and the engine that is asked instead if there is one."""

    store: Store
    search: SearchFunction
    merge_limit: int
    remote: "Remote | None" = None


def answer(query: Query, sources: Sources, output: Output) -> None:
    """Evaluate `query` and write its answer; the caller finishes `output`.

    Raises what the engine or the search raises, Failure, RowCapReached, or NotXml.
    """
    output.reset()
    result = _from_engine(query, sources.remote) if sources.remote else None
    if result is None:
        result = _evaluate(query, sources.store, sources.search, sources.merge_limit)
    if isinstance(result, QuerySolutions | QueryBoolean):
        _write_results(query, result, output)
    else:
        _write_graph(query, result, output)
    sources.search.check()


def _from_engine(query: Query, remote: "Remote") -> "Found | None":
    """What the engine finds; None if it cannot answer, or will not: the own store has the same release."""
    from server.workers.remote import Refused

    try:
        return remote.evaluate(query) if remote.can(query) else None
    except Refused:
        return None


def _evaluate(
    query: Query, store: Store, search: SearchFunction, merge_limit: int
) -> QuerySolutions | QueryBoolean | QueryTriples:
    defaults = [NamedNode(iri) for iri in dict.fromkeys(query.default_graphs)]
    named = [NamedNode(iri) for iri in dict.fromkeys(query.named_graphs)]
    ask = partial(Store.query, base_iri=query.base or None, custom_functions=dict(search.functions))
    if not defaults and not named:
        return ask(store, query.text)
    if len(defaults) > 1:
        store = _merged(store, defaults, named, merge_limit)
        return ask(store, query.text, default_graph=DefaultGraph(), named_graphs=list(named))
    return ask(store, query.text, default_graph=list(defaults), named_graphs=list(named))


def _merged(store: Store, defaults: list[NamedNode], named: list[NamedNode], limit: int) -> Store:
    """A store of its own whose default graph is the RDF merge of several.

    The engine puts the default graphs one after the other and so counts a triple once per graph that holds
    it; SPARQL 1.1 (13.1) asks for the merge.
    """
    merged = Store()
    merged.bulk_extend(_within(_dataset(store, defaults, named), limit))
    return merged


def _dataset(store: Store, defaults: list[NamedNode], named: list[NamedNode]) -> Iterator[Quad]:
    for graph in defaults:
        for quad in store.quads_for_pattern(None, None, None, graph):
            yield Quad(quad.subject, quad.predicate, quad.object)
    for graph in named:
        yield from store.quads_for_pattern(None, None, None, graph)


def _within(quads: Iterable[Quad], limit: int) -> Iterator[Quad]:
    for count, quad in enumerate(quads, 1):
        if count > limit:
            raise Failure(
                "too-large",
                f"Several default graphs are merged for each query, up to {limit:,} triples, and these have "
                "more; ask one of them, or use GRAPH with SELECT DISTINCT, or the server's default graph.",
            )
        yield quad


def _write_results(query: Query, result: QuerySolutions | QueryBoolean, output: Output) -> None:
    writer = _WRITERS.get(query.media_type)
    if writer and isinstance(result, QuerySolutions):
        found = result if query.row_cap is None else rows.capped(result, query.row_cap)
        writer(result.variables, found, output.file)
        return
    form = _RESULTS.get(query.media_type)
    if form is None:
        raise Failure("refused", f"SELECT and ASK cannot be answered as {query.media_type}.")
    cap = query.row_cap if isinstance(result, QuerySolutions) else None
    output.reset(
        rows=None if cap is None else rows.counter(form, cap),
        spelt=xml.speller() if form == QueryResultsFormat.XML else None,
    )
    result.serialize(output.file, format=form)


def _write_graph(query: Query, result: Iterable[Triple], output: Output) -> None:
    form = _GRAPHS.get(query.media_type)
    if form is None:
        raise Failure("refused", f"CONSTRUCT and DESCRIBE cannot be answered as {query.media_type}.")
    triples: Iterable[Triple] = result if query.row_cap is None else rows.capped(result, query.row_cap)
    if form in _WITHOUT_PREFIXES:
        serialize(triples, output.file, format=form)
        return
    if form == RdfFormat.RDF_XML:
        output.reset(spelt=xml.speller())
    triples = iter(triples)
    first = list(islice(triples, _LOOK_AHEAD))
    prefixes = _used(query.prefixes, first)
    if form == RdfFormat.JSON_LD:
        jsonld.write(chain(first, triples), prefixes, output.file)
    else:
        serialize(chain(first, triples), output.file, format=form, prefixes=prefixes)


def _used(prefixes: tuple[tuple[str, str], ...], triples: list[Triple]) -> dict[str, str]:
    """The prefixes that shorten at least one IRI of these triples."""
    iris = set(_iris(triples))
    namespaces = {iri[: max(iri.rfind("/"), iri.rfind("#")) + 1] for iri in iris}
    return {
        prefix: namespace
        for prefix, namespace in prefixes
        if namespace in namespaces
        or (namespace[-1:] not in "/#" and any(iri.startswith(namespace) for iri in iris))
    }


def _iris(triples: Iterable[Triple]) -> Iterator[str]:
    for triple in triples:
        yield triple.predicate.value
        for term in (triple.subject, triple.object):
            if isinstance(term, NamedNode):
                yield term.value
            elif isinstance(term, Triple):
                yield from _iris([term])
            elif (datatype := getattr(term, "datatype", None)) is not None:
                yield datatype.value
