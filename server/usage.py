"""Counts what is asked for, by dataset, publisher and saved query; who asked is never looked at."""

import asyncio
import logging
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from loaders.releases.release import Release
from loaders.releases.usage import Key, Kind, add, fold
from loaders.search import schema
from queries.saved import SavedQuery
from server.http.request import Asked
from server.observe import Exchange

LOG = logging.getLogger(__name__)
EVERY: Final = 10.0
"""Seconds until what was counted is written down."""
MANY: Final = 1000
"""Different events after which it is written at once."""
MOST: Final = 5000
"""Different events that wait for that; in a rush beyond it some go uncounted, rather than fill the memory."""
READ: Final = 16_384
"""Characters of a query in which names are looked for."""
SERVICE, QUERY, SPECIFICATION = "service/", "query/", "specification/"
_IRI = re.compile(r"<([^<>\"{}|\\^`\s]+)>")
_DOWNLOADS: Final[Mapping[str, str]] = {
    "dump": "dump",
    "graph": "graph",
    "graph store": "graph",
    "catalogue": "catalogue",
    "catalogue by ending": "catalogue",
    "catalogue for dataportal.se": "catalogue",
    "change feed": "feed",
    "change feed by ending": "feed",
    "page of the change feed": "feed",
    "OAI-PMH": "oai",
    "CKAN action": "ckan",
    "CKAN action without version": "ckan",
    "high-value datasets": "hvd",
    "high-value datasets as CSV": "hvd",
}
"""Routes that give data of many, by what they are called in the counts."""
_PAGES: Final[Mapping[str, str]] = {
    "dataset": "dataset",
    "publisher": "organisation",
    "specification": "specification",
}
"""Routes of pages, and the table of what they are about."""
_THINGS: Final = frozenset({"thing", "description of any thing", "description of a thing"})
_OF_PUBLISHER: Final = frozenset({"catalogue of a publisher", "catalogue of a publisher for dataportal.se"})


class Event(NamedTuple):
    """Something was answered: by which route, at which path, and the text or IRI it was about."""

    route: str
    path: str
    text: str


class Usage:
    """Gathers events and writes their counts a little later, in a thread."""

    def __init__(
        self,
        data: Path,
        served: Callable[[], Release],
        queries: Mapping[str, SavedQuery],
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._data = data
        self._served = served
        self._queries = queries
        self._today = today
        self._events: Counter[Event] = Counter()
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._folded: date | None = None
        self._told = False

    def note(self, exchange: Exchange, asked: Asked) -> None:
        """Remember a request that was answered; anything but a whole answer is no use."""
        if exchange.status != 200 or exchange.outcome != "ok" or asked.method == "HEAD":
            return
        about = next((value for name, value in asked.parameters if name == "iri"), "")
        self.event(Event(exchange.route, asked.path, exchange.text[:READ] or about[:READ]))

    def event(self, event: Event) -> None:
        """Remember something that was answered; call it from the event loop."""
        new = event not in self._events
        if new and len(self._events) >= MOST:
            return
        self._events[event] += 1
        if new and len(self._events) == MANY:
            self._begin()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY, self._begin)

    def _begin(self) -> None:
        """Have what was gathered written, out of the way of those who ask; later, if that goes on now."""
        self._stop_timer()
        if self._writing is not None and not self._writing.done():
            self._timer = asyncio.get_running_loop().call_later(EVERY, self._begin)
            return
        events, self._events = self._events, Counter()
        writing = asyncio.to_thread(self._write, events)
        self._writing = asyncio.get_running_loop().create_task(writing)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def close(self) -> None:
        """Write what is left."""
        self._stop_timer()
        if self._writing is not None:
            await self._writing
        if self._events:
            await asyncio.to_thread(self._write, self._events)
            self._events = Counter()

    def _write(self, events: Counter[Event]) -> None:
        """Write down what was gathered; what cannot be written is told once, and forgotten."""
        day = self._today()
        try:
            add(self._data, self._counted(events), day)
            if self._folded != day:
                fold(self._data, day)
                self._folded = day
        except (OSError, sqlite3.Error) as error:
            if not self._told:
                LOG.warning("the use of the data is not counted: %s", error)
            self._told = True

    def _counted(self, events: Counter[Event]) -> Counter[Key]:
        release = self._served()
        with _Known.open(release) as known:
            counts: Counter[Key] = Counter()
            for event, times in events.items():
                for key in _keys(event, known, self._queries):
                    counts[key] += times
            return counts


@dataclass(slots=True)
class _Known:
    """What is worth a count of its own: only that is ever written down, whatever a query holds."""

    base: str
    index: sqlite3.Connection | None
    seen: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, release: Release) -> "closing[_Known]":
        """Open the index of a release; without one nothing has a count of its own."""
        file = release.path / schema.FOLDER / schema.FILE
        index = schema.open_index(file) if file.is_file() else None
        return closing(cls(release.manifest.base, index))

    def close(self) -> None:
        """Let go of the index."""
        if self.index is not None:
            self.index.close()

    def subject(self, iri: str) -> str:
        """The dataset or publisher that an IRI names, for a row its dataset; "" for anything else."""
        if iri not in self.seen:
            self.seen[iri] = (
                self._one("SELECT iri FROM dataset WHERE iri = ?", iri)
                or self._one("SELECT iri FROM organisation WHERE iri = ?", iri)
                or self._one("SELECT dataset FROM thing WHERE iri = ?", iri)
            )
        return self.seen[iri]

    def of_page(self, table: str, slug: str) -> str:
        """What the page of this name is about."""
        column = "slug" if table == "specification" else "iri"
        found = self._one(f"SELECT {column} FROM {table} WHERE slug = ?", slug)  # noqa: S608
        return SPECIFICATION + found if found and table == "specification" else found

    def _one(self, query: str, value: str) -> str:
        row = self.index.execute(query, (value,)).fetchone() if self.index else None
        return row[0] if row else ""


def _keys(event: Event, known: _Known, queries: Mapping[str, SavedQuery]) -> Iterator[Key]:
    """What an event adds one to."""
    route, last = event.route, event.path.rstrip("/").rpartition("/")[2]
    if route == "sparql" and event.text:
        yield Key(f"{SERVICE}sparql", "query")
        yield from _named(event.text, known, "query")
    elif route == "saved query" and event.text:
        yield from _called(queries.get(last) or queries.get(last.rpartition(".")[0]), known)
        yield from _named(event.text, known, "call")
    elif route in _DOWNLOADS:
        yield Key(SERVICE + _DOWNLOADS[route], "download")
    elif route in _THINGS:
        iri = event.text or known.base + event.path.lstrip("/")
        yield from (Key(found, "download") for found in [known.subject(iri)] if found)
    elif route in _PAGES or route in _OF_PUBLISHER:
        found = known.of_page(_PAGES.get(route, "organisation"), last)
        kind: Kind = "view" if route in _PAGES else "download"
        yield from (Key(one, kind) for one in [found] if one)


def _called(query: SavedQuery | None, known: _Known) -> Iterator[Key]:
    """A call of a saved query counts for it, and for the data of its group when that is a specification."""
    if query is not None:
        yield Key(QUERY + query.name, "call")
        yield from (Key(one, "call") for one in [known.of_page("specification", query.group)] if one)


def _named(text: str, known: _Known, kind: Kind) -> Iterator[Key]:
    found = {known.subject(iri) for iri in set(_IRI.findall(text))}
    return (Key(subject, kind) for subject in sorted(found) if subject)


def data_of(release: Release) -> Path:
    """The data folder that a release is in."""
    return release.path.parents[1]
