"""The index of the served release, opened once: rows, facets as bits, labels, and the graph itself."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import finalize

from loaders.releases.release import Manifest, Release
from loaders.search import schema
from loaders.search.subjects import Text
from loaders.views.graph import Graph
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words

Bits = int
"""A set of datasets: bit n is set for dataset n."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet, and the datasets that have it."""

    key: str
    iri: str
    title: Text
    bits: Bits


@dataclass(frozen=True, slots=True)
class Dataset:
    """A row of the catalogue."""

    id: int
    iri: str
    slug: str
    mark: str
    kind: str
    title: Text
    notes: Text
    publisher: str
    formats: tuple[str, ...]
    issued: str
    modified: str
    hvd: bool
    things: int
    violations: int
    warnings: int
    infos: int

    @property
    def page(self) -> str:
        """The path of its page."""
        return f"/datasets/{self.slug}"


_DATASET = (
    "id, iri, slug, mark, kind, sv, en, notes_sv, notes_en, publisher, formats, issued, modified, hvd,"
    " things, violations, warnings, infos"
)


def _dataset(row: tuple[Any, ...]) -> Dataset:
    number, iri, slug, mark, kind, sv, en, notes_sv, notes_en, publisher, formats, *rest = row
    issued, modified, hvd, things, violations, warnings, infos = rest
    return Dataset(
        id=number,
        iri=iri,
        slug=slug,
        mark=mark,
        kind=kind,
        title=Text(sv, en) or Text(iri, iri),
        notes=Text(notes_sv, notes_en),
        publisher=publisher,
        formats=tuple(formats.split()),
        issued=issued,
        modified=modified,
        hvd=bool(hvd),
        things=things,
        violations=violations,
        warnings=warnings,
        infos=infos,
    )


@dataclass(frozen=True, slots=True)
class Organisation:
    """A publisher, or one of the county's organisations."""

    iri: str
    slug: str
    title: Text
    county: bool
    municipality: str
    homepage: str
    datasets: int
    things: int
    violations: int
    warnings: int

    @property
    def page(self) -> str:
        """The path of its page."""
        return f"/publishers/{self.slug}"


_ORGANISATION = "iri, slug, sv, en, county, municipality, homepage, datasets, things, violations, warnings"


def _organisation(row: tuple[Any, ...]) -> Organisation:
    return Organisation(row[0], row[1], Text(row[2], row[3]), bool(row[4]), *row[5:])


class Shelf:
    """Reads the index and graph of one release; safe in any thread, since neither ever changes."""

    def __init__(self, folder: Path, graph: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.index = schema.open_index(folder / schema.FILE)
        self.graph = Graph(graph)
        finalize(self, _close, self.index, self.graph)  # whoever still reads keeps it open
        self.size = self.one("SELECT count(*) FROM dataset")[0]
        self.facets: Mapping[str, tuple[FacetValue, ...]] = _facets(self.index)
        self.every: Bits = ((1 << self.size) - 1) << 1
        self._orders = {
            "title": range(1, self.size + 1),
            "modified": self._order("modified DESC, id"),
            "quality": self._order("violations DESC, warnings DESC, id"),
        }
        self.label = lru_cache(maxsize=20_000)(self._label)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.index.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> tuple[Any, ...]:
        """The first row of a query; () when there is none."""
        found: tuple[Any, ...] | None = self.index.execute(query, values).fetchone()
        return found or ()

    def _order(self, by: str) -> list[int]:
        return [number for (number,) in self.rows(f"SELECT id FROM dataset ORDER BY {by}")]  # noqa: S608

    def _label(self, iri: str) -> Text:
        row = self.one("SELECT sv, en FROM label WHERE iri = ?", iri) or self.one(
            "SELECT sv, en FROM thing WHERE iri = ?", iri
        )
        return Text(*row) if row else Text()

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
            row[0]: _dataset(row)
            for row in self.rows(f"SELECT {_DATASET} FROM dataset WHERE id IN ({listed})")  # noqa: S608
        }
        return [found[number] for number in wanted]

    def dataset(self, where: str, value: str) -> Dataset | None:
        """The dataset with this `iri`, `slug` or `mark`."""
        row = self.one(f"SELECT {_DATASET} FROM dataset WHERE {where} = ?", value)  # noqa: S608
        return _dataset(row) if row else None

    def selected(self, query: str, *values: object) -> list[Dataset]:
        """Datasets by the end of a query: conditions, order, limit."""
        return [_dataset(row) for row in self.rows(f"SELECT {_DATASET} FROM dataset {query}", *values)]  # noqa: S608

    def facet(self, name: str, key: str) -> FacetValue | None:
        """One value of a facet."""
        return next((value for value in self.facets.get(name, ()) if value.key == key), None)

    # ------------------------------------------------------------------ organisations and pages

    def organisations(self, query: str, *values: object) -> list[Organisation]:
        """Organisations by the end of a query."""
        rows = self.rows(f"SELECT {_ORGANISATION} FROM organisation {query}", *values)  # noqa: S608
        return [_organisation(row) for row in rows]

    def organisation(self, iri: str) -> Organisation | None:
        """The organisation with this IRI."""
        return next(iter(self.organisations("WHERE iri = ?", iri)), None)

    def page(self, iri: str) -> str:
        """The path of the page made for this kind of thing, "" when the page for any thing will do."""
        row = self.one("SELECT page FROM entry WHERE iri = ? AND page <> ''", iri) if iri else ()
        return row[0] if row else ""


def _close(index: sqlite3.Connection, graph: Graph) -> None:
    index.close()
    graph.close()


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
