"""Goes once through all records, publisher by publisher, and fills the shelves and the books."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import Final, TypeVar
from zlib import crc32

from loaders.views.catalogues import Catalogues, Link, record_term
from loaders.views.entities import Payloads, digest
from loaders.views.history import History, Times
from loaders.views.index import ask, put
from loaders.views.ledger import Ledger
from loaders.views.needs import needs
from loaders.views.pieces import Piece
from loaders.views.profiles import Profile
from loaders.views.records import SERVICE, Record, Records
from loaders.views.reuse import Part, Reuse
from loaders.views.schema_shelf import SchemaShelf
from loaders.views.shelf import COLUMNS
from loaders.views.shelves import PAGE, Place, Run, Shelves, Written
from loaders.views.survey import Survey
from loaders.views.terms import A, Node, name, quote, types, value

Progress = Callable[[str, int, int], None]
"""Called with a step, how much of it is done, and how much there is."""

_CATALOGUE_RANK: Final = 7
_DATE_TIME = name("xsd:dateTime")
_RECORD = name("dcat:CatalogRecord")
_TOPIC = name("foaf:primaryTopic")
_ISSUED = name("dcterms:issued")
_MODIFIED = name("dcterms:modified")


_Item = TypeVar("_Item")
_Timed = tuple[str, Record, Times]
"""Plain IRI, record, and the times it bears."""


@dataclass(slots=True)
class _Pages:
    """The page that is being filled, and how many there will be."""

    count: int
    total: int
    number: int = 0
    run: Run = field(default_factory=Run)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One run over the records in the index."""

    base: str
    index: sqlite3.Connection
    records: Records
    catalogues: Catalogues
    ledger: Ledger
    shelves: Shelves
    schema: SchemaShelf
    history: History
    reuse: Reuse
    additions: Mapping[str, tuple[Node, ...]]
    """What the documents say about some distributions and the graph cannot, by subject."""

    def run(self, found: Survey, progress: Progress) -> None:
        """Write every document and note every record and entity."""
        self.shelves.begin(lambda profile: self.catalogues.whole(profile.records))
        shared = self._note_catalogues()
        pages = _Pages(_page_count(self.index), found.records)
        done = 0
        for publisher, stretches in groupby(_stretches(self.index), key=lambda stretch: stretch[0]):
            own = Run()
            for _, links in stretches:
                self._stretch(links, own, pages)
                done += len(links)
                progress("records", done, found.records)
            shared |= own.shared
            self._publisher(publisher, own)
        if pages.number < pages.count:
            self._page(pages)
        self._end(shared, found)

    def _note_catalogues(self) -> set[str]:
        """Note the catalogues for the feed; gives what they share with records."""
        payloads = Payloads(self.records, self.base)
        shared: set[str] = set()
        for catalogue in (self.catalogues.main, *self.catalogues.parts()):
            about = self.catalogues.about(catalogue)
            payload = payloads.around(about, self.catalogues.one(catalogue, with_records=False))
            self.ledger.note(catalogue, _CATALOGUE_RANK, digest(payload))
            shared.update(self.records.shared(about))
        return shared

    def _stretch(self, links: Sequence[Link], own: Run, pages: _Pages) -> None:
        """Write at most PAGE records of one publisher."""
        key = self.reuse.key("records", [self.base, links])
        part = self.reuse.part(key)
        if part and self.reuse.folder:
            self.ledger.carry([iri for iri, _ in links], part.entities)
            written = self.shelves.copy(part.pieces, self.reuse.folder)
            schema = self.schema.copy(part.pieces[self.schema.name], self.reuse.folder)
        else:
            part, written, schema = self._make(links)
        pieces = {shelf.name: piece for shelf, piece in written.items()}
        self.reuse.note(key, part._replace(pieces={**pieces, self.schema.name: schema}))
        for run in (own, pages.run):
            run.add(written, links, part.shared)
            run.schema.append(schema)
        if len(pages.run.links) >= PAGE:
            self._page(pages)

    def _make(self, links: Sequence[Link]) -> tuple[Part, Written, Piece]:
        gathered = [self.records.record(f"<{iri}>") for iri, _ in links]
        noted = [self.ledger.record(iri, one) for (iri, _), one in zip(links, gathered, strict=True)]
        timed = [(iri, one, found.times) for (iri, _), one, found in zip(links, gathered, noted, strict=True)]
        written = self.shelves.add(partial(self._nodes, timed))
        schema = self.schema.add(gathered)
        shared = sorted({subject for record in gathered for subject in record.shared})
        own = chain.from_iterable(record.own for record in gathered)
        entities = tuple(value(one.node.subject) for record in gathered for one in record.entities)
        marks = needs(self.records, chain(own, self._shared(shared)))
        return Part({}, marks, tuple(shared), entities), written, schema

    def _nodes(self, timed: Sequence[_Timed], profile: Profile) -> Iterator[Node]:
        for iri, record, times in timed:
            yield from record.own
            for nodes in self._additions(record):
                yield from nodes
            if profile.records and SERVICE not in types(record.root.node.pairs):
                yield record_node(self.base, iri, times)

    def _additions(self, record: Record) -> Iterator[tuple[Node, ...]]:
        for entity in record.distributions:
            if nodes := self.additions.get(entity.node.subject):
                yield nodes

    def _page(self, pages: _Pages) -> None:
        """Make a page of what has come together."""
        run, pages.run = pages.run, Run()
        pages.number += 1
        main = self.records.shared(self.catalogues.about(self.catalogues.main))
        run.shared.update(main)
        self.shelves.cut(
            str(pages.number),
            run,
            lambda profile: [self.catalogues.page(run.links, profile.records)],
            self._ending(run),
            Place(pages.number, pages.count, pages.total),
        )
        self.schema.page(pages.number, run.schema, len(run.links))

    def _publisher(self, publisher: str, run: Run) -> None:
        query = "SELECT iri, slug, name FROM publishers WHERE iri = ?"
        for iri, slug, title in ask(self.index, query, publisher):
            make = partial(self.catalogues.publisher, iri, slug, title)
            self.shelves.cut(slug, run, lambda p: make(p.records), self._ending(run))  # noqa: B023
            head = next(make(False))
            self.schema.publisher(slug, value(head.subject), head.pairs, run.schema, len(run.links))

    def _ending(self, run: Run) -> Written:
        """What the pieces of a run refer to and do not hold."""
        subjects = run.missing()
        key = self.reuse.key("ending", [self.base, subjects])
        part = self.reuse.part(key)
        if part and self.reuse.folder:
            written = self.shelves.copy_ending(part.pieces, self.reuse.folder)
        else:
            nodes = list(self._shared(subjects))
            written = self.shelves.add_ending(nodes)
            part = Part({}, needs(self.records, nodes))
        self._note(key, part, written)
        return written

    def _note(self, key: str, part: Part, written: Written) -> None:
        self.reuse.note(key, part._replace(pieces={shelf.name: one for shelf, one in written.items()}))

    def _shared(self, subjects: Iterable[str]) -> Iterator[Node]:
        for subject in subjects:
            yield from self.records.entity(subject).nodes

    def _end(self, shared: set[str], found: Survey) -> None:
        """Write what records share, services aside, which are records, and close every file."""
        for subjects in _blocks(sorted(shared), str):
            self._block(subjects)
        self.ledger.finish()
        documents = chain(self.shelves.finish(found.records), self.schema.finish(found.records))
        rows = ((*row, self.history.modified(row)) for row in documents)
        put(self.index, "documents", rows, f"{COLUMNS}, modified")

    def _block(self, subjects: Sequence[str]) -> None:
        """Write some of what records share, and note it for the feed."""
        key = self.reuse.key("shared", [self.base, subjects])
        part = self.reuse.part(key)
        if part and self.reuse.folder:
            written = self.shelves.copy(part.pieces, self.reuse.folder)
            self.reuse.entities(value(subject) for subject in subjects)
        else:
            nodes = list(self._shared(one for one in subjects if not self._is_service(one)))
            written = self.shelves.add(lambda _: nodes)
            for subject in subjects:
                self.ledger.entity(self.records.entity(subject))
            part = Part({}, needs(self.records, self._shared(subjects)))
        self._note(key, part, written)

    def _is_service(self, subject: str) -> bool:
        return SERVICE in types(self.records.entity(subject).node.pairs)


def record_node(base: str, iri: str, times: Times) -> Node:
    """The dcat:CatalogRecord of a dataset: when its description came, and when it changed last."""
    return Node(
        record_term(base, iri),
        (
            (_ISSUED, quote(times.first, datatype=_DATE_TIME)),
            (_MODIFIED, quote(times.stamp, datatype=_DATE_TIME)),
            (A, _RECORD),
            (_TOPIC, f"<{iri}>"),
        ),
    )


def _stretches(index: sqlite3.Connection) -> Iterator[tuple[str, list[Link]]]:
    """Publisher and at most PAGE of its records, in order."""
    query = "SELECT publisher, iri, kind FROM records WHERE deleted = 0 ORDER BY publisher, iri"
    for publisher, rows in groupby(ask(index, query), key=lambda row: row[0]):
        links: Iterator[Link] = ((iri, kind) for _, iri, kind in rows)
        for block in _blocks(links, itemgetter(0)):
            yield publisher, block


def _blocks(found: Iterable[_Item], name_of: Callable[[_Item], str]) -> Iterator[list[_Item]]:
    """Lists of at most PAGE; names decide where they end, so that one more moves few of the ends."""
    block: list[_Item] = []
    for one in found:
        block.append(one)
        if len(block) >= PAGE or crc32(name_of(one).encode()) % PAGE == 0:
            yield block
            block = []
    if block:
        yield block


def _page_count(index: sqlite3.Connection) -> int:
    """How many pages the stretches will make; there is always one."""
    pages = held = 0
    for _, links in _stretches(index):
        held += len(links)
        if held >= PAGE:
            pages, held = pages + 1, 0
    return pages + bool(held or not pages)
