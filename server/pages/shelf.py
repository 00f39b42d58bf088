"""The index of the served release, opened once: rows, facets as bits, labels, and the graph itself."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import finalize

from loaders.releases.release import Manifest, Release
from loaders.search import schema
from loaders.search.subjects import Text
from loaders.views.graph import Graph
from loaders.views.read import OpenViews, Row, open_views
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words
from server.pages.entries import (
    DATASET,
    ORGANISATION,
    Bits,
    Dataset,
    FacetValue,
    Organisation,
    dataset_of,
    organisation_of,
)


class Shelf:
    """Reads the index and graph of one release; safe in any thread, since neither ever changes."""

    def __init__(self, folder: Path, graph: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.index = schema.open_index(folder / schema.FILE)
        self.graph = Graph(graph)
        self._views = _views(folder.parent / "views", graph, manifest)
        finalize(self, _close, self.index, self.graph, self._views)  # whoever still reads keeps it open
        self.size = self.one("SELECT count(*) FROM dataset")[0]
        self.facets: Mapping[str, tuple[FacetValue, ...]] = _facets(self.index)
        self.every: Bits = ((1 << self.size) - 1) << 1
        self._orders = {
            "title": range(1, self.size + 1),
            "modified": self._order("modified DESC, id"),
            "quality": self._order("violations DESC, warnings DESC, id"),
        }
        # Of the index, not of self: a circle would keep the files of old releases open until it is swept.
        self.label = lru_cache(maxsize=20_000)(partial(_label, self.index))

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.index.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> tuple[Any, ...]:
        """The first row of a query; () when there is none."""
        found: tuple[Any, ...] | None = self.index.execute(query, values).fetchone()
        return found or ()

    def _order(self, by: str) -> list[int]:
        return [number for (number,) in self.rows(f"SELECT id FROM dataset ORDER BY {by}")]  # noqa: S608

    # ------------------------------------------------------------------ datasets

    def page_of(self, bits: Bits, order: str, start: int, size: int) -> list[Dataset]:
        """Some datasets of a set, in an order."""
        data = bits.to_bytes(self.size // 8 + 2, "little")
        inside = (number for number in self._orders[order] if data[number >> 3] >> (number & 7) & 1)
        return self.datasets(_slice(inside, start, size))

    def datasets(self, numbers: Iterable[int]) -> list[Dataset]:
        """The datasets with these numbers, in this order."""
        wanted = list(numbers)
        listed = ", ".join(map(str, wanted))
        found = {
            row[0]: dataset_of(row)
            for row in self.rows(f"SELECT {DATASET} FROM dataset WHERE id IN ({listed})")  # noqa: S608
        }
        return [found[number] for number in wanted]

    def dataset(self, where: str, value: str) -> Dataset | None:
        """The dataset with this `iri`, `slug` or `mark`."""
        row = self.one(f"SELECT {DATASET} FROM dataset WHERE {where} = ?", value)  # noqa: S608
        return dataset_of(row) if row else None

    def selected(self, query: str, *values: object) -> list[Dataset]:
        """Datasets by the end of a query: conditions, order, limit."""
        return [dataset_of(row) for row in self.rows(f"SELECT {DATASET} FROM dataset {query}", *values)]  # noqa: S608

    def facet(self, name: str, key: str) -> FacetValue | None:
        """One value of a facet."""
        return next((value for value in self.facets.get(name, ()) if value.key == key), None)

    def record(self, iri: str) -> Row | None:
        """Since when ODIS has a dataset, and since when as it is now; None when it keeps no history of it."""
        return self._views.row(iri) if self._views else None

    def buried(self, *, iri: str = "", mark: str = "") -> Row | None:
        """The tombstone of a dataset that is no more, by its IRI or the mark in the address of its page."""
        if self._views is None:
            return None
        row = self._views.row(iri) if iri else self._views.buried(mark)
        return row if row and row.deleted else None

    # ------------------------------------------------------------------ organisations and pages

    def organisations(self, query: str, *values: object) -> list[Organisation]:
        """Organisations by the end of a query."""
        rows = self.rows(f"SELECT {ORGANISATION} FROM organisation {query}", *values)  # noqa: S608
        return [organisation_of(row) for row in rows]

    def organisation(self, iri: str) -> Organisation | None:
        """The organisation with this IRI."""
        return next(iter(self.organisations("WHERE iri = ?", iri)), None)

    def page(self, iri: str) -> str:
        """The path of the page made for this kind of thing, "" when the page for any thing will do."""
        row = self.one("SELECT page FROM entry WHERE iri = ? AND page <> ''", iri) if iri else ()
        return row[0] if row else ""


_LABELS = (
    "SELECT sv, en FROM label WHERE iri = ?",
    "SELECT sv, en FROM thing WHERE iri = ?",
    "SELECT sv, en FROM entry WHERE iri = ?",  # a specification
)


def _label(index: sqlite3.Connection, iri: str) -> Text:
    for query in _LABELS:
        if row := index.execute(query, (iri,)).fetchone():
            return Text(*row)
    return Text()


def _close(index: sqlite3.Connection, graph: Graph, views: OpenViews | None) -> None:
    index.close()
    graph.close()
    if views:
        views.close()


def _views(folder: Path, graph: Path, manifest: Manifest) -> OpenViews | None:
    """The views portals read, which know the history of each dataset; None when the release has none."""
    return open_views(folder, graph, datetime.fromisoformat(manifest.created)) if folder.is_dir() else None


def _slice(numbers: Iterator[int], start: int, size: int) -> Iterator[int]:
    for position, number in enumerate(numbers):
        if position >= start + size:
            return
        if position >= start:
            yield number


def _facets(index: sqlite3.Connection) -> dict[str, tuple[FacetValue, ...]]:
    found: dict[str, list[FacetValue]] = {}
    query = "SELECT name, key, iri, sv, en, bits FROM facet ORDER BY name, count DESC, sv"
    for name, key, iri, sv, en, bits in index.execute(query):
        value = FacetValue(key, iri, Text(sv, en), int.from_bytes(bits, "little"))
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def has_index(release: Release) -> bool:
    """Whether a release was built with an index."""
    return (release.path / schema.FOLDER / schema.FILE).is_file()


class Shelves:
    """Gives the shelf of the release that is served; the one before closes with its last reader."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._opened: tuple[str, Shelf] | None = None

    def of(self, release: Release) -> Shelf:
        """The shelf of a release; raises Problem when the release was built without an index."""
        with self._lock:
            if self._opened is None or self._opened[0] != release.id:
                if not has_index(release):
                    raise Problem(problems.UNAVAILABLE, _WITHOUT)
                self._opened = (
                    release.id,
                    Shelf(release.path / schema.FOLDER, release.graph, release.manifest),
                )
            return self._opened[1]


_WITHOUT = Words(
    "Utgåvan byggdes utan sökindex; bygg en ny.",
    "The release was built without a search index; build a new one.",
)
