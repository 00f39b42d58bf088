"""Opens the views of a release for those who serve them: documents, records with their history, the feed."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from loaders.views.dumps import Dump
from loaders.views.feed import FeedSyntax
from loaders.views.graph import Graph
from loaders.views.history import Times, timestamp
from loaders.views.index import FILE, ask, read
from loaders.views.pieces import FRAME, HEADER, Stretch, Sum, deflated, packed, sum_of, trailer, unpacked
from loaders.views.records import Records
from loaders.views.shelf import DocumentKind
from loaders.views.terms import digest


@dataclass(frozen=True, slots=True)
class Stored:
    """A document that lies ready as pieces in some files; `size` is its length as gzip, in bytes."""

    etag: str
    size: int
    sum: Sum
    items: int
    stretches: tuple[Stretch, ...]
    modified: str
    """Since when it has said what it says."""
    end: bytes = b""
    """Text that follows the stretches."""


class Row(NamedTuple):
    """A record as the index knows it; IRIs without brackets, times as OAI-PMH writes them."""

    iri: str
    id: str
    kind: str
    publisher: str
    source: str
    stamp: str
    first: str
    title: str
    hvd: int
    deleted: int

    @property
    def times(self) -> Times:
        """When it got its present form, and when it first came."""
        return Times(self.stamp, self.first)


class Publisher(NamedTuple):
    """Someone who publishes records, and how many."""

    iri: str
    slug: str
    name: str
    records: int


class FeedPage(NamedTuple):
    """A page of the feed and the times of its first and last activity."""

    page: int
    first: str
    last: str
    members: int
    closed: int
    sums: str
    """JSON: CRC-32 and length of the text by syntax, the end aside."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records: changed from … until (inclusive), of one publisher, after an IRI; "" means any."""

    since: str = ""
    until: str = ""
    publisher: str = ""
    after: str = ""
    deleted: bool = False
    """Whether tombstones come too."""
    hvd: bool = False
    """Only high-value datasets."""
    kinds: tuple[str, ...] = ("dataset", "series")


class OpenViews:
    """The views of one release, read-only; safe to use from several threads."""

    def __init__(self, folder: Path, graph_nq: Path, published: datetime) -> None:
        self.folder = folder
        self.index: sqlite3.Connection = read(folder / FILE)
        facts = dict(ask(self.index, "SELECT name, value FROM facts"))
        self.base = facts["base"]
        self.created = facts["created"]
        known = ask(self.index, "SELECT published FROM publications WHERE created = ?", self.created)
        self.published = next((row[0] for row in known), timestamp(published))
        """Shown for whatever first appeared in this release, or in the earlier one that had the same views:
        nobody could have seen it before."""
        self.dumps = tuple(Dump(*one) for one in json.loads(facts["dumps"]))
        self.graph = Graph(graph_nq)
        agents = frozenset(agent for (agent,) in ask(self.index, "SELECT iri FROM agents"))
        self.records = Records(self.graph, self.base, agents)

    def close(self) -> None:
        """Give the files back."""
        self.index.close()
        self.graph.close()

    def document(self, profile: str, syntax: str, kind: DocumentKind, key: str = "") -> Stored | None:
        """A stored document; None when there is no such page or publisher."""
        query = (
            "SELECT etag, bytes, crc, plain, items, stretches, modified FROM documents "
            "WHERE profile = ? AND syntax = ? AND kind = ? AND key = ?"
        )
        for etag, size, crc, plain, items, stretches, modified in ask(
            self.index, query, profile, syntax, kind, key
        ):
            parts = tuple(Stretch(*part) for part in json.loads(stretches))
            return Stored(etag, size, Sum(crc, plain), items, parts, self.shown(modified))
        return None

    def text(self, document: Stored) -> Iterator[bytes]:
        """A document, in blocks."""
        yield from unpacked(packed(self.folder, document.stretches))
        if document.end:
            yield document.end

    def gzip(self, document: Stored) -> Iterator[bytes]:
        """A document as one gzip member, in blocks."""
        yield HEADER
        yield from packed(self.folder, document.stretches)
        if document.end:
            yield deflated(document.end)
        yield trailer(document.sum)

    def publishers(self, *, former: bool = False) -> list[Publisher]:
        """All publishers by IRI; `former` ones, of whom only tombstones are left, too."""
        query = "SELECT iri, slug, name, records FROM publishers WHERE records >= ? ORDER BY iri"
        return [Publisher(*row) for row in ask(self.index, query, 0 if former else 1)]

    def publisher(self, slug: str) -> Publisher | None:
        """The publisher of a short name."""
        query = "SELECT iri, slug, name, records FROM publishers WHERE slug = ?"
        return next((Publisher(*row) for row in ask(self.index, query, slug)), None)

    def row(self, iri: str) -> Row | None:
        """The record of an IRI, a tombstone perhaps."""
        return next(self._rows("iri = ?", [iri], "LIMIT 1"), None)

    def row_by_id(self, identifier: str) -> Row | None:
        """The record of a short identifier, a tombstone perhaps."""
        return next(self._rows("id = ?", [identifier], "LIMIT 1"), None)

    def buried(self, mark: str) -> Row | None:
        """The tombstone whose short identifier begins with some hexadecimal digits."""
        return next(self._rows("deleted AND id LIKE ?", [f"{mark}%"], "LIMIT 1"), None)

    def rows(self, wanted: Filter, limit: int, offset: int = 0) -> list[Row]:
        """Records by IRI, at most `limit` from the given place on."""
        where, values = _where(wanted)
        return list(self._rows(where, values, f"ORDER BY iri LIMIT {limit:d} OFFSET {offset:d}"))

    def count(self, wanted: Filter) -> int:
        """How many records a filter leaves."""
        where, values = _where(wanted)
        query = f"SELECT count(*) FROM ({self._select()}) WHERE {where}"  # noqa: S608
        return int(next(ask(self.index, query, *values))[0])

    def earliest(self) -> str:
        """The earliest time any record bears."""
        query = f"SELECT min(stamp) FROM ({self._select()})"  # noqa: S608
        return next(ask(self.index, query))[0] or self.published

    def _rows(self, where: str, values: Sequence[str], ending: str) -> Iterator[Row]:
        query = f"SELECT * FROM ({self._select()}) WHERE {where} {ending}"  # noqa: S608
        return (Row(*row) for row in ask(self.index, query, *values))

    def shown(self, stamp: str) -> str:
        """A time as it is shown: nothing of this release could be seen before it was public."""
        if stamp == self.created:
            return self.published
        found = ask(self.index, "SELECT published FROM publications WHERE created = ?", stamp)
        return next((row[0] for row in found), stamp)

    def _select(self) -> str:
        return self.selection("", "records")

    def selection(self, more: str, source: str) -> str:
        """SQL for rows with the times they are shown with, from a table or join that has the records.

        Both times are ours and hold no quotes.
        """
        shown = [
            f"CASE {column} WHEN '{self.created}' THEN '{self.published}' "  # noqa: S608
            f"ELSE coalesce((SELECT published FROM publications WHERE created = {column}), {column}) END"
            for column in ("stamp", "first")
        ]
        ending = f", {more}" if more else ""
        return (
            f"SELECT records.iri, records.id, kind, publisher, source, {shown[0]} AS stamp, "  # noqa: S608
            f"{shown[1]} AS first, records.title, hvd, deleted{ending} FROM {source}"
        )

    def feed_pages(self) -> list[FeedPage]:
        """All pages of the feed, the open one last."""
        query = "SELECT page, first, last, members, closed, sums FROM feed ORDER BY page"
        return [FeedPage(*row) for row in ask(self.index, query)]

    def feed_page(self, number: int) -> FeedPage | None:
        """A page of the feed."""
        query = "SELECT page, first, last, members, closed, sums FROM feed WHERE page = ?"
        return next((FeedPage(*row) for row in ask(self.index, query, number)), None)

    def feed_page_of(self, published: str) -> FeedPage | None:
        """The page with the activities of a moment."""
        query = (
            "SELECT page, first, last, members, closed, sums FROM feed "
            "WHERE first <= ? AND last >= ? ORDER BY page"
        )
        return next((FeedPage(*row) for row in ask(self.index, query, published, published)), None)

    def feed_text(self, page: FeedPage, syntax: FeedSyntax) -> Stored:
        """A page of the feed in a syntax."""
        file = f"feed/{page.page:06}.{syntax.ending}.deflate"
        size = (self.folder / file).stat().st_size
        end = syntax.close().encode()
        sum_ = Sum(*json.loads(page.sums)[syntax.name]).plus(sum_of(end))
        length = FRAME + size + (len(deflated(end)) if end else 0)
        etag = digest(f"{page.first} {page.last} {page.members} {syntax.name}")
        return Stored(etag, length, sum_, page.members, (Stretch(file, 0, size),), page.last, end)


def _where(wanted: Filter) -> tuple[str, list[str]]:
    kinds = ", ".join(f"'{kind}'" for kind in wanted.kinds)
    parts, values = [f"kind IN ({kinds})"], []
    for condition, found in (
        ("stamp >= ?", wanted.since),
        ("stamp <= ?", wanted.until),
        ("publisher = ?", wanted.publisher),
        ("iri > ?", wanted.after),
    ):
        if found:
            parts.append(condition)
            values.append(found)
    if wanted.hvd:
        parts.append("hvd = 1")
    if not wanted.deleted:
        parts.append("deleted = 0")
    return " AND ".join(parts), values


def open_views(folder: Path, graph_nq: Path, published: datetime) -> OpenViews:
    """Open the views of a release that was made public at `published`."""
    return OpenViews(folder, graph_nq, published)
