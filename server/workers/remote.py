"""Asks an engine of others in place of the store: its answer is read here and written out as ours are.

So every format, limit and failure is as it is with a store of our own; what only that store can do, such as
the search function, is still asked of it.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from typing import IO, Any, Final, cast
from urllib.parse import urljoin

import httpx2
import pyoxigraph as ox

from loaders.engines.client import ROWS, TRIPLES, Engine, asked, is_virtuoso
from loaders.engines.names import Names
from queries.tokens import Token, code, dataset_clauses, declared_prefixes, form, iri_of
from server.workers.query import Failure, Query

_PART: Final = 64 * 1024
_CUT: Final = ("X-SPARQL-MaxRows", "X-SPARQL-Anytime", "X-SQL-State")
"""Headers with which Virtuoso says that an answer is not whole."""
_SEARCH: Final = "searchRank"
_GEO: Final = re.compile(r"\bgeof:|function/geosparql/")
_AWAY: Final = "The engine behind this server does not answer; ask again."
_BROKE: Final = "The engine behind this server broke its answer off; ask again."
_MERGE: Final = (
    "Several default graphs are not merged by the engine behind this server; ask one of them, or the "
    "server's default graph."
)
_NOT_WHOLE: Final = (
    "The engine behind this server cuts answers of this length off; add a LIMIT or page through it."
)
_UNREADABLE: Final = "The answer of the engine behind this server cannot be read:"
_SAID: Final = 200
"""Characters of an engine's complaint that are passed on."""


@dataclass(frozen=True)
class Remote:
    """The release of `names` in an engine."""

    engine: Engine
    names: Names

    def can(self, query: Query) -> bool:
        """Whether the engine can answer: it has not the search, nor Virtuoso GeoSPARQL's functions."""
        return not (_SEARCH in query.text or (self._virtuoso and _GEO.search(query.text)))

    def evaluate(self, query: Query) -> ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]:
        """The answer, read while it comes. Raises Failure, and SyntaxError as the store would."""
        # Our own parser first: faults get their line and column, and nothing else than SPARQL gets through.
        ox.Store().query(query.text, base_iri=query.base or None)
        if form(query.text) in ("construct", "describe"):
            return self._open(query, TRIPLES).triples()
        return self._open(query, ROWS).results()

    def _open(self, query: Query, accept: str) -> "_Body":
        text, default, named = self._dataset(query)
        return self._ask(self._names.query(text), default, named, accept)

    def _ask(self, text: str, default: str, named: Sequence[str], accept: str) -> "_Body":
        stack = ExitStack()
        for again in (True, False):  # a kept connection may have been closed: that shows in the first try
            try:
                response = stack.enter_context(
                    asked(self._client, self.engine, text, default, named, accept=accept)
                )
                return _Body(_accepted(response), stack, self._names)
            except httpx2.HTTPError as error:
                if not again:
                    raise Failure("unavailable", _AWAY, retry_after=5) from error
        raise AssertionError("the second try ends with an answer or a failure")

    @cached_property
    def _client(self) -> httpx2.Client:
        return self.engine.client(None)  # the deadline is kept by whoever runs this process

    @cached_property
    def _virtuoso(self) -> bool:
        try:
            return is_virtuoso(self._client, self.engine)
        except httpx2.HTTPError as error:
            raise Failure("unavailable", _AWAY, retry_after=5) from error

    @cached_property
    def _names(self) -> Names:
        return replace(self.names, hide_wkt=self._virtuoso)

    def _dataset(self, query: Query) -> tuple[str, str, Sequence[str]]:
        """The text without its dataset, the default graph, and the named graphs.

        Without a dataset graphs are only listed for a query that looks into them.
        """
        pieces = code(query.text)
        text, *stated = _stated(query, pieces)
        default, named = map(self._known, stated)
        if len(default) > 1:
            raise Failure("refused", _MERGE)
        if default or named:
            return text, next(iter(default), self.names.nothing), named
        words = (piece.text.upper() for piece in pieces if piece.kind == "keyword")
        return text, self.names.default, self._graphs if "GRAPH" in words else []

    def _known(self, graphs: Sequence[str]) -> list[str]:
        """Graphs as the engine calls them; whatever else it holds is nothing to this server."""
        there = self._there(graphs)
        return [graph if graph in self._graphs else self.names.nothing for graph in there]

    def _there(self, graphs: Sequence[str]) -> list[str]:
        return [self.names.there(graph.encode()).decode() for graph in dict.fromkeys(graphs)]

    @cached_property
    def _graphs(self) -> Sequence[str]:
        """The named graphs of the release, by their names in the engine."""
        parts = f"GRAPH <{self.names.ready}> {{ ?release ?part ?graph }}"
        text = f"SELECT ?graph {{ {parts} FILTER(?graph != <{self.names.default}>) }}"
        found = cast(ox.QuerySolutions, self._ask(text, "", (), ROWS).results())
        return self._there([str(cast(ox.NamedNode, row["graph"]).value) for row in found])


def _stated(query: Query, pieces: Sequence[Token]) -> tuple[str, Sequence[str], Sequence[str]]:
    """The text without FROM, and the dataset; the protocol's goes before (SPARQL 1.1 Protocol, 2.1.4)."""
    text, prefixes = query.text, declared_prefixes(pieces)
    graphs: dict[bool, list[str]] = {False: [], True: []}
    for clause in reversed(list(dataset_clauses(pieces))):
        text = text[: clause.start] + text[clause.end :]
        graphs[clause.named].append(urljoin(query.base, iri_of(clause.graph, prefixes)))
    if query.default_graphs or query.named_graphs:
        return text, query.default_graphs, query.named_graphs
    return text, graphs[False], graphs[True]


def _accepted(response: httpx2.Response) -> httpx2.Response:
    """An answer that is one, and whole as far as its head says; raises Failure for any other."""
    if any(name in response.headers for name in _CUT):
        raise Failure("too-large", _NOT_WHOLE)
    if response.status_code in (429, 502, 503, 504):
        raise Failure("unavailable", _AWAY, retry_after=10)
    if not response.is_success:
        response.read()
        raise Refused(" ".join(response.text.split())[:_SAID])
    return response


class Refused(Failure):
    """The engine will not evaluate a query that is one: the own store may."""

    def __init__(self, why: str) -> None:
        super().__init__("refused", f"The engine behind this server refuses the query: {why}")


class _Body(io.RawIOBase):
    """The body of an answer as a file, with graphs called as they are in the release."""

    def __init__(self, response: httpx2.Response, stack: ExitStack, names: Names) -> None:
        self._stack = stack
        self._parts = names.back(response.iter_bytes(_PART))
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Give what there is, waiting for some. An error here comes out of whoever reads the rows."""
        while not self._left:
            try:
                part = next(self._parts, None)
            except httpx2.HTTPError as error:
                raise Failure("unavailable", _BROKE, retry_after=5) from error
            if part is None:
                return 0
            self._left = memoryview(part)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def close(self) -> None:
        """Let go of the connection, which ends the query in an engine that looks."""
        self._stack.close()
        super().close()

    def results(self) -> ox.QuerySolutions | ox.QueryBoolean:
        """The body as rows, or yes or no."""
        try:
            return ox.parse_query_results(self._file(), format=ox.QueryResultsFormat.JSON)
        except SyntaxError as error:
            raise Failure("refused", f"{_UNREADABLE} {error}") from error

    def triples(self) -> Iterator[ox.Triple]:
        """The body as triples, each once, for a graph is a set."""
        for quad in ox.parse(self._file(), format=ox.RdfFormat.N_TRIPLES, lenient=True):
            yield quad.triple

    def _file(self) -> IO[bytes]:
        return io.BufferedReader(self, _PART)
