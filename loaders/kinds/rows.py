"""The rows of a table: one document, or the pages of an EntryScape RowStore, a hundred rows each."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from loaders.harvest.documents import Document
from loaders.harvest.walk import Walk
from loaders.isolate import Step

ACCEPT: Final = "text/csv, application/geo+json;q=0.9, application/json;q=0.8, */*;q=0.5"
"""What a table is asked for, as an `Accept` header."""

_HEAD: Final = 4096  # bytes; a RowStore says how many rows there are before it gives any
_NUMBER: Final = re.compile(rb'"(resultCount|offset|limit)"\s*:\s*(\d+)')


def harvest(walk: Walk, address: str) -> tuple[Document, ...]:
    """The document, and after it the pages that it says there are."""
    documents = [walk.fetch(address, ACCEPT)]
    page = walk.look("rows:look", documents[0])
    start, size, count = page["offset"] + page["limit"], page["limit"], page["count"]
    while size and start < count:
        documents.append(walk.fetch(_page(address, start, size), ACCEPT))
        start += size
    return tuple(documents)


def look(argument: Mapping[str, Any], step: Step) -> dict[str, int]:
    """How many rows a RowStore has, and which of them the document holds; noughts for anything else."""
    with Path(argument["path"]).open("rb") as file:
        head = file.read(_HEAD)
    known = {} if b'"resultCount"' not in head else {key.decode(): int(n) for key, n in _NUMBER.findall(head)}
    return {
        "count": known.get("resultCount", 0),
        "offset": known.get("offset", 0),
        "limit": known.get("limit", 0),
    }


def _page(address: str, start: int, size: int) -> str:
    parts = urlsplit(address)
    kept = [pair for pair in parse_qsl(parts.query, True) if pair[0] not in ("_offset", "_limit")]
    return urlunsplit(parts._replace(query=urlencode([*kept, ("_limit", size), ("_offset", start)])))
