"""When a record became what it is: carried from release to release, tombstones included."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from loaders.views.index import ask
from loaders.views.shelf import Document


@dataclass(frozen=True, slots=True)
class Previous:
    """The views of the release before this one."""

    folder: Path
    published: datetime
    """When that release was made public: what it first held counts from then, not from its making."""


class Times(NamedTuple):
    """When a record got its present form, and when it first came; UTC, ``2026-11-24T08:00:00Z``."""

    stamp: str
    first: str


class Noted(NamedTuple):
    """A record of this release: the hash of its content, its times, whether it was the same before."""

    hash: str
    times: Times
    same: bool


def timestamp(moment: datetime) -> str:
    """A moment as OAI-PMH and XML Schema write it, in whole seconds of UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class History:
    """Compares records with those of the release before (attached to the index as `old`).

    Times are those of the making of releases. When each of these became public is kept beside them: nobody
    could have asked for a record before, so that is what readers are shown (see `read`).
    """

    def __init__(self, index: sqlite3.Connection, created: str, published: str) -> None:
        self._index = index
        self._created = created
        self.added = self.changed = self.removed = 0
        index.execute("INSERT INTO publications SELECT created, published FROM old.publications")
        note_publication(index, "old", published)

    def compare(self, iri: str, digest: str) -> Noted:
        """What is known of a record whose content has this hash."""
        query = "SELECT hash, stamp, first, deleted FROM old.records WHERE iri = ?"
        old = next(ask(self._index, query, iri), None)
        if old is None or old[3]:
            self.added += 1
            return Noted(digest, Times(self._created, self._created), same=False)
        if old[0] != digest:
            self.changed += 1
            return Noted(digest, Times(self._created, old[2]), same=False)
        return Noted(digest, Times(old[1], old[2]), same=True)

    def modified(self, document: Document) -> str:
        """Since when a document has said what it says."""
        found = ask(self._index, _OLD_DOCUMENT, *document[:5])
        return next((row[0] for row in found), self._created)

    def bury(self) -> None:
        """Keep a tombstone of every record that is no more, for ever (OAI-PMH 2.0, section 2.5.1)."""
        rows = []
        for *before, stamp, first, title, deleted in ask(self._index, _GONE):
            rows.append((*before, stamp if deleted else self._created, first, title))
            self.removed += not deleted
        self._index.executemany(_BURY, rows)
        # Who published what is gone keeps a name, so that readers of one publisher learn of it.
        self._index.execute(_OLD_PUBLISHERS)


def note_publication(index: sqlite3.Connection, schema: str, published: str) -> None:
    """Note when the views whose facts are in a schema became public, unless that is known."""
    index.execute(
        "INSERT OR IGNORE INTO publications (created, published) "  # noqa: S608
        f"SELECT value, ? FROM {schema}.facts WHERE name = 'created'",
        (published,),
    )


_OLD_PUBLISHERS = (
    "INSERT OR IGNORE INTO publishers (iri, slug, name, records) "
    "SELECT iri, slug, name, 0 FROM old.publishers"
)
_OLD_DOCUMENT = (
    "SELECT modified FROM old.documents "
    "WHERE profile = ? AND syntax = ? AND kind = ? AND key = ? AND etag = ?"
)
_COLUMNS = "iri, id, kind, publisher, source, hash, stamp, first, title"
_GONE = (
    f"SELECT {_COLUMNS}, deleted FROM old.records AS gone "  # noqa: S608
    "WHERE NOT EXISTS (SELECT 1 FROM main.records AS kept WHERE kept.iri = gone.iri)"
)
_BURY = f"INSERT INTO records ({_COLUMNS}, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"  # noqa: S608
