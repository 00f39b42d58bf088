"""The index of the views: records with their history, publishers, entities of the feed, documents.

One SQLite file per release. The history (when a record became what it is, what is gone) is carried from the
index of the release before.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

FILE: Final = "index.sqlite"
VERSION: Final = 1
"""The version of the layout; part of every hash, so that a new form of the views counts as a change."""

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE records (
  iri TEXT PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, publisher TEXT NOT NULL, source TEXT NOT NULL,
  hash TEXT NOT NULL DEFAULT '', stamp TEXT NOT NULL DEFAULT '', first TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '', hvd INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE publishers (
  iri TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, records INTEGER NOT NULL
);
CREATE TABLE publications (created TEXT PRIMARY KEY, published TEXT NOT NULL);
CREATE TABLE parts (
  key TEXT PRIMARY KEY, pieces TEXT NOT NULL, needs BLOB NOT NULL,
  shared TEXT NOT NULL, entities TEXT NOT NULL
);
CREATE TABLE agents (iri TEXT PRIMARY KEY);
CREATE TABLE entities (iri TEXT PRIMARY KEY, rank INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE documents (
  profile TEXT NOT NULL, syntax TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL,
  bytes INTEGER NOT NULL, plain INTEGER NOT NULL, crc INTEGER NOT NULL,
  items INTEGER NOT NULL, stretches TEXT NOT NULL, modified TEXT NOT NULL,
  PRIMARY KEY (profile, syntax, kind, key)
);
CREATE TABLE feed (
  page INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL, members INTEGER NOT NULL,
  closed INTEGER NOT NULL, sums TEXT NOT NULL
);
CREATE VIRTUAL TABLE texts USING fts5 (
  title, notes, tags, names, formats, iri UNINDEXED, tokenize = "unicode61 remove_diacritics 0"
);
"""
_INDEXES = """
CREATE UNIQUE INDEX records_id ON records (id);
CREATE INDEX records_publisher ON records (publisher, iri);
CREATE INDEX records_stamp ON records (stamp, iri);
"""


def create(path: Path) -> sqlite3.Connection:
    """A new, empty index; nothing is kept back for a crash, a build that fails throws it away."""
    connection = sqlite3.connect(path, isolation_level=None, uri=True)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE", "cache_size = -16000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(_SCHEMA)
    connection.execute("BEGIN")
    return connection


def attach(connection: sqlite3.Connection, previous: Path | None) -> None:
    """Make the index of the release before readable as `old`; an empty one when there is none."""
    connection.execute("COMMIT")
    if previous and (previous / FILE).is_file():
        connection.execute("ATTACH ? AS old", (f"file:{previous / FILE}?mode=ro&immutable=1",))
    else:
        connection.execute("ATTACH ':memory:' AS old")
        for statement in _SCHEMA.split(";")[:-2]:
            connection.execute(statement.replace("CREATE TABLE ", "CREATE TABLE old.", 1))
    connection.execute("BEGIN")


def finish(connection: sqlite3.Connection) -> None:
    """Add the look-up indexes and close."""
    connection.execute("COMMIT")
    connection.executescript(_INDEXES)
    connection.execute("DETACH old")
    connection.execute("ANALYZE")
    connection.close()


def read(path: Path) -> sqlite3.Connection:
    """Open an index that nobody will ever change, for any thread."""
    connection = sqlite3.connect(
        f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
    )
    return connection


def put(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]], columns: str) -> None:
    """Insert rows."""
    marks = ", ".join("?" for _ in columns.split(","))
    # Table and columns are words of this room, never data.
    connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608


def ask(connection: sqlite3.Connection, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
    """Rows of a query as plain tuples, on a cursor of its own."""
    yield from connection.cursor().execute(query, values)
