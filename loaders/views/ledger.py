"""Keeps the books of a build: hash and times of every record, hash of every entity, texts to search."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from loaders.views.entities import Payloads, digest, rank
from loaders.views.formats import FORMAT, MEDIA_TYPE, recognise
from loaders.views.history import History, Noted
from loaders.views.index import VERSION, put
from loaders.views.records import SERVICE, Entity, Record, Records
from loaders.views.reuse import Reuse
from loaders.views.terms import Node, Pair, is_iri, literal, name, types, value, values

HVD: Final = "<http://data.europa.eu/eli/reg_impl/2023/138/oj>"
_LAW = name("dcatap:applicableLegislation")
_TITLE = name("dcterms:title")
_NOTES = name("dcterms:description")
_TAG = name("dcat:keyword")
_NAME = name("foaf:name")


class Ledger:
    """Notes records and entities in the index."""

    def __init__(
        self, index: sqlite3.Connection, records: Records, history: History, reuse: Reuse, base: str
    ) -> None:
        self._index = index
        self._reuse = reuse
        self._records = records
        self._history = history
        self._payloads = Payloads(records, base)
        self._shared_hash = lru_cache(maxsize=4096)(self._hash_shared)
        index.execute("CREATE TEMP TABLE carried (iri TEXT PRIMARY KEY)")

    def record(self, iri: str, record: Record) -> Noted:
        """Note a record; gives what is known of it now."""
        noted = self._history.compare(iri, self._hash(record))
        pairs = record.root.node.pairs
        hvd = int((_LAW, HVD) in pairs)
        stamp, first = noted.times
        self._index.execute(_UPDATE, (noted.hash, stamp, first, preferred(pairs, _TITLE), hvd, iri))
        self._search(iri, record)
        if noted.same and self._reuse.folder:
            self._reuse.entities(value(one.node.subject) for one in record.entities)
        else:
            for entity in record.entities:
                self.entity(entity)
        return noted

    def carry(self, iris: Sequence[str], entities: Iterable[str]) -> None:
        """Note records that are what they were, with their entities."""
        self._index.executemany(_CARRY, ((iri,) for iri in iris))
        self._index.executemany("INSERT INTO carried VALUES (?)", ((iri,) for iri in iris))
        self._reuse.entities(entities)

    def finish(self) -> None:
        """Note the texts of the records that were carried, in one go: nothing leads from an IRI to them."""
        if self._reuse.folder:
            self._index.execute(_CARRY_TEXTS)

    def _hash(self, record: Record) -> str:
        found = hashlib.sha256(f"{VERSION}\n".encode())
        for node in record.own:
            found.update(_lines(node))
        for subject in record.shared:
            found.update(self._shared_hash(subject))
        return found.hexdigest()[:32]

    def _hash_shared(self, subject: str) -> bytes:
        found = hashlib.sha256()
        for node in self._records.entity(subject).nodes:
            found.update(_lines(node))
        return found.digest()

    def entity(self, entity: Entity) -> None:
        """Note an entity of the feed, if it is one; two records may share a distribution."""
        place = rank(entity.node)
        if place is not None:
            self.note(entity.node.subject, place, digest(self._payloads.of(entity)))

    def note(self, subject: str, place: int, hash_: str) -> None:
        """Note an entity whose hash is known."""
        self._index.execute(_ENTITY, (value(subject), place, hash_))

    def _search(self, iri: str, record: Record) -> None:
        """Note the texts a dataset is found by; services are found through their datasets."""
        if SERVICE in types(record.root.node.pairs):
            return
        pairs = record.root.node.pairs
        row = (
            *(" \n".join(_texts(pairs, key)) for key in (_TITLE, _NOTES, _TAG)),
            " \n".join(self._names(record)),
            " \n".join(sorted(set(formats(record)))),
            iri,
        )
        put(self._index, "texts", [row], _TEXTS)

    def _names(self, record: Record) -> Iterator[str]:
        for subject in record.shared:
            yield from _texts(self._records.entity(subject).node.pairs, _NAME)


_UPDATE = "UPDATE records SET hash = ?, stamp = ?, first = ?, title = ?, hvd = ? WHERE iri = ?"
_CARRY = (
    "UPDATE records SET (hash, stamp, first, title, hvd) = "
    "(SELECT hash, stamp, first, title, hvd FROM old.records AS before WHERE before.iri = records.iri) "
    "WHERE iri = ?"
)
_TEXTS = "title, notes, tags, names, formats, iri"
_CARRY_TEXTS = (
    f"INSERT INTO texts ({_TEXTS}) SELECT {_TEXTS} FROM old.texts "  # noqa: S608
    "WHERE iri IN (SELECT iri FROM carried)"
)
_ENTITY = "INSERT OR IGNORE INTO entities (iri, rank, hash) VALUES (?, ?, ?)"


def formats(record: Record) -> Iterator[str]:
    """The file types of a record's distributions, as short as people say them: CSV, SHP."""
    for entity in record.distributions:
        stated = [*values(entity.node.pairs, FORMAT), *values(entity.node.pairs, MEDIA_TYPE)]
        found = [recognise(term).code or value(term) for term in stated]
        yield from found[:1]


def _lines(node: Node) -> bytes:
    return "".join(f"{node.subject} {predicate} {term}\n" for predicate, term in node.pairs).encode()


def _texts(pairs: Iterable[Pair], predicate: str) -> list[str]:
    return [value(term) for key, term in pairs if key == predicate and not is_iri(term)]


def preferred(pairs: Iterable[Pair], predicate: str, language: str = "sv") -> str:
    """The text of a property in a language if there is one, else in English, else in any; "" if none."""
    order = {language: 0, "en": 1, "": 2}
    found = [literal(term) for key, term in pairs if key == predicate and not is_iri(term)]
    best = min(found, key=lambda one: (order.get(one.language, 3), one.language, one.text), default=None)
    return best.text if best else ""
