"""Finds records by words, publisher, tag, format and time, for those who speak CKAN's search."""

from dataclasses import dataclass
from typing import Literal

from loaders.views.index import ask
from loaders.views.read import OpenViews, Row

Order = Literal["relevance", "title", "name", "modified"]


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; every part narrows the rest, "" means any."""

    words: tuple[str, ...] = ()
    publisher: str = ""
    """Plain IRI."""
    tag: str = ""
    format: str = ""
    since: str = ""
    until: str = ""
    order: Order = "relevance"
    descending: bool = False


_ORDERS = {"relevance": "rank", "title": "title", "name": "id", "modified": "stamp"}


def find(views: OpenViews, wanted: Search, limit: int, offset: int) -> tuple[int, list[Row]]:
    """How many records there are, and those at one place of the list."""
    where, values = _conditions(wanted)
    inner = views.selection("rank" if _match(wanted) else "records.iri AS rank", _source(wanted))
    total = next(ask(views.index, f"SELECT count(*) FROM ({inner}) WHERE {where}", *values))[0]  # noqa: S608
    direction = "DESC" if wanted.descending else "ASC"
    # Whatever the order, the IRI decides between equals: pages must not overlap.
    order = f"ORDER BY {_ORDERS[wanted.order]} {direction}, iri LIMIT {limit:d} OFFSET {offset:d}"
    rows = ask(views.index, f"SELECT * FROM ({inner}) WHERE {where} {order}", *values)  # noqa: S608
    return total, [Row(*row[:-1]) for row in rows]


def counts(views: OpenViews, wanted: Search) -> dict[str, int]:
    """How many records of a search each publisher has, by plain IRI."""
    where, values = _conditions(wanted)
    inner = views.selection("records.iri AS rank", _source(wanted))
    query = f"SELECT publisher, count(*) FROM ({inner}) WHERE {where} GROUP BY publisher"  # noqa: S608
    return {publisher: int(number) for publisher, number in ask(views.index, query, *values) if publisher}


def _source(wanted: Search) -> str:
    return "records JOIN texts USING (iri) WHERE texts MATCH ?" if _match(wanted) else "records"


def _match(wanted: Search) -> str:
    """The search in FTS5's language; every word is quoted, so that nothing in it is an operator."""
    parts = [f"{_quoted(word)}*" for word in wanted.words]
    parts += [f"tags : {_quoted(wanted.tag)}"] if wanted.tag else []
    parts += [f"formats : {_quoted(wanted.format)}"] if wanted.format else []
    return " AND ".join(parts)


def _quoted(word: str) -> str:
    escaped = word.replace('"', '""').replace("\0", " ")
    return f'"{escaped}"'


def _conditions(wanted: Search) -> tuple[str, list[str]]:
    parts, values = ["deleted = 0", "kind IN ('dataset', 'series')"], []
    if match := _match(wanted):
        values.append(match)
    for condition, found in (
        ("publisher = ?", wanted.publisher),
        ("stamp >= ?", wanted.since),
        ("stamp <= ?", wanted.until),
    ):
        if found:
            parts.append(condition)
            values.append(found)
    return " AND ".join(parts), values
