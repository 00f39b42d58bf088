"""Asks for an agent, through the same gate and pool as everybody, and reads a bounded part of the answer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from queries.binding import page
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.saved.geojson import plain
from server.service import Service
from server.sparql.failures import problem_of
from server.sparql.gate import Passed
from server.workers.query import Failure, Query

MOST_ROWS: Final = 500
MOST_CHARACTERS: Final = 40_000
"""What one answer may hold: about ten thousand tokens, which every agent can still read."""
LONGEST: Final = 1000
"""Characters of one value."""
DEADLINE: Final = 20.0
"""Seconds of a query, where the server does not allow less."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""What is read of the answer of the engine; the rest is not waited for."""
_TSV, _NTRIPLES = "text/tab-separated-values", "application/n-triples"


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of plain values, and whether there are more."""

    columns: Sequence[str]
    rows: list[list[Any]]
    more: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one agent; `client` is the key under which the pool is fair."""

    service: Service
    client: str

    async def passed(self, text: str) -> Passed:
        """A query that may be asked; raises Problem for one that may not."""
        passed = await self.service.gate.examine_aside(text)
        await self.service.federation.admit(passed.services)
        return passed

    async def ask(self, passed: Passed) -> bool:
        """The answer of an ASK query."""
        return (await self._body(passed, _TSV)).strip() == b"true"

    async def rows(self, passed: Passed, limit: int, offset: int = 0) -> Rows:
        """Rows of a SELECT query, or the triples of a query that builds a graph, one in each row."""
        limit = min(limit, self.service.settings.row_cap or limit)
        if passed.kind == "graph":
            return await self._triples(passed, limit, offset)
        try:
            body = await self._body(replace(passed, text=page(passed.text, limit + 1, offset)), _TSV)
        except Problem as problem:
            if problem.sort is problems.SYNTAX:  # its place must be told in the text as it was asked
                await self._body(passed, _TSV)
            raise
        found = parse_query_results(body, QueryResultsFormat.TSV)
        assert isinstance(found, QuerySolutions)  # noqa: S101 -- a SELECT
        rows = [[_cut(plain(term)) for term in row] for row in found]
        return short([variable.value for variable in found.variables], rows, limit)

    async def _triples(self, passed: Passed, limit: int, offset: int) -> Rows:
        body = await self._body(passed, _NTRIPLES, offset + limit + 1)
        lines = body.splitlines()[offset : offset + limit + 1]  # of bytes: a text has more kinds of line end
        return short(["triple"], [[_cut(line.decode())] for line in lines], limit)

    async def _body(self, passed: Passed, media_type: str, lines: int | None = None) -> bytes:
        """The body of an answer; with `lines` no more than it takes to have so many."""
        body, seen = bytearray(), 0
        try:
            async with self.service.current.pool.run(self._query(passed, media_type)) as answer:
                async for part in answer.parts():
                    body += part
                    seen += part.count(b"\n") if lines else 0
                    if lines and seen >= lines:
                        break
                    if len(body) > MOST_BYTES:
                        raise _too_long()
        except Failure as failure:
            raise problem_of(failure, passed.text) from failure
        return bytes(body)

    def _query(self, passed: Passed, media_type: str) -> Query:
        return Query(
            text=passed.text,
            media_type=media_type,
            default_graphs=passed.default_graphs,
            named_graphs=passed.named_graphs,
            deadline=min(DEADLINE, self.service.settings.deadline),
            client=self.client,
            network=bool(passed.services),
            base=self.service.current.release.manifest.base,
        )


def short(columns: Sequence[str], rows: list[list[Any]], limit: int) -> Rows:
    """At most `limit` rows, and no more than an agent can read; the first is always there."""
    size, kept = 0, 0
    for row in rows[:limit]:
        size += len(json.dumps(row, ensure_ascii=False))
        if kept and size > MOST_CHARACTERS:
            break
        kept += 1
    return Rows(columns, rows[:kept], kept < len(rows))


def _cut(value: Any) -> Any:
    return f"{value[:LONGEST]}…" if isinstance(value, str) and len(value) > LONGEST else value


def _too_long() -> Problem:
    size = MOST_BYTES // (1024 * 1024)
    return Problem(
        problems.REFUSED,
        Words(
            f"Svaret är längre än {size} MiB. Välj färre kolumner eller rader.",
            f"The answer is longer than {size} MiB. Select fewer columns or rows, or a smaller offset.",
        ),
    )
