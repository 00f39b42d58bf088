"""Pages of a saved query by `?limit=&offset=`, each of which knows for certain whether there is a next."""

import asyncio
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Final
from urllib.parse import quote, urlencode

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from queries.saved import SavedQuery
from server.http import problems
from server.http.coding import whole
from server.http.negotiation import CSV, JSON, XML, Format
from server.http.problems import Problem
from server.http.request import Asked
from server.http.watch import Watch
from server.http.words import Words
from server.saved import geojson, spreadsheet
from server.sparql.cache import Key
from server.sparql.delivery import Delivery

LIMIT, OFFSET = "limit", "offset"
USUAL: Final = 1000
"""Rows of a page when only an offset is given."""
MOST: Final = 10_000
FARTHEST: Final = 10**9
_TSV = "text/tab-separated-values"
_KEPT_AS = "rows of a page"
_ENGINE: Final = {JSON: QueryResultsFormat.JSON, XML: QueryResultsFormat.XML, CSV: QueryResultsFormat.CSV}
_WRITERS: Final = {geojson.GEOJSON: geojson.write, spreadsheet.XLSX: spreadsheet.write}


@dataclass(frozen=True, slots=True)
class Window:
    """The rows that are asked for: `limit` of them after the first `offset`."""

    limit: int
    offset: int


def window(asked: Asked, query: SavedQuery) -> Window | None:
    """The page that a request asks for; None when it asks for the whole answer. Raises Problem.

    A query with a parameter called `limit` or `offset` keeps it for itself.
    """
    given = {name: asked.one(name) for name in own_names(query)}
    if not any(given.values()):
        return None
    if query.form != "select":
        detail = Words(
            f"{query.name} ger ett svar utan rader, som inte delas i sidor.",
            f"The answer of {query.name} has no rows, so it has no pages.",
        )
        raise Problem(problems.BAD_REQUEST, detail, members={"parameter": next(iter(given))})
    limit = _whole(LIMIT, given.get(LIMIT, ""), USUAL, 1, MOST)
    return Window(limit, _whole(OFFSET, given.get(OFFSET, ""), 0, 0, FARTHEST))


def own_names(query: SavedQuery) -> tuple[str, ...]:
    """Of the names of pages those that are no parameters of the query itself."""
    taken = {parameter.name for parameter in query.parameters}
    return tuple(name for name in (LIMIT, OFFSET) if name not in taken)


def _whole(name: str, text: str, usual: int, least: int, most: int) -> int:
    if not text:
        return usual
    if text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most:
        return int(text)
    expected = Words(f"ett heltal från {least} till {most}", f"a whole number from {least} to {most}")
    raise Problem(
        problems.BAD_REQUEST,
        Words(f"{name}: väntade {expected.sv}.", f"{name}: expected {expected.en}."),
        members={"parameter": name, "value": text, "expected": {"sv": expected.sv, "en": expected.en}},
    )


@dataclass(slots=True)
class PageDelivery(Delivery):
    """Answers one page, from a query that gives one row more than the page has."""

    window: Window = Window(USUAL, 0)
    more: bool | None = field(default=None, init=False)
    """Whether there is a next page; None while nobody knows."""

    async def _from_cache(self, release: str) -> bool:
        rows = self.call.service.cache.get(Key(release, self.digest, _KEPT_AS, ""))
        self.call.exchange.cache = "miss" if rows is None else "hit"
        if rows is None:
            return False
        await self._send_page(release, rows)
        return True

    async def _run(self) -> None:
        with Watch(self.call.receive):
            # The page bounds the answer itself, and the row that tells of more does not count.
            query = replace(self.query(_TSV), row_cap=None)
            async with self.call.service.current.pool.run(query) as answer:
                rows = b"".join([part async for part in answer.parts()])
                self.call.exchange.cpu = answer.cpu
        if not self.passed.volatile:
            self.call.service.cache.put(Key(answer.release, self.digest, _KEPT_AS, ""), rows)
        await self._send_page(answer.release, rows)

    async def _send_page(self, release: str, rows: bytes) -> None:
        body, self.more = await asyncio.to_thread(page_of, rows, self.window.limit, self.choice.format)
        coding = self._coding_for(body)
        if coding:
            body = await asyncio.to_thread(whole, coding, body)
        await self._send_whole(release, body, coding)

    def _headers(self, release: str, coding: str = "") -> dict[str, str]:
        return Delivery._headers(self, release, coding) | {"Link": self._links()}

    def _links(self) -> str:
        limit, offset = self.window.limit, self.window.offset
        links = {"first": 0}
        if offset:
            links["prev"] = max(0, offset - limit)
        if self.more:
            links["next"] = offset + limit
        found = [f'<{self._address(place)}>; rel="{relation}"' for relation, place in links.items()]
        return ", ".join(found)

    def _address(self, offset: int) -> str:
        asked = self.call.asked
        kept = [(name, value) for name, value in asked.parameters if name not in (LIMIT, OFFSET)]
        pairs = [*kept, (LIMIT, str(self.window.limit)), (OFFSET, str(offset))]
        return f"{quote(asked.host, safe=':/[]')}{quote(asked.path)}?{urlencode(pairs)}"


def page_of(rows: bytes, limit: int, form: Format) -> tuple[bytes, bool]:
    """Rows as TSV, cut to a page and written in a format; and whether there were more."""
    # In TSV no value holds a line end, so lines are rows.
    lines = rows.splitlines(keepends=True)
    cut = b"".join(lines[: limit + 1])
    return _written(cut, form), len(lines) > limit + 1


def _written(rows: bytes, form: Format) -> bytes:
    if form.media_type == _TSV:
        return rows
    found = parse_query_results(rows, QueryResultsFormat.TSV)
    assert isinstance(found, QuerySolutions)  # noqa: S101 -- a SELECT
    if form in _ENGINE:
        return found.serialize(format=_ENGINE[form]) or b""
    body = BytesIO()
    _WRITERS[form](found.variables, found, body)
    return body.getvalue()
