"""The layout of the index."""

import sqlite3
from pathlib import Path
from typing import Final

FILE: Final = "index.sqlite"
FOLDER: Final = "search"
FORMAT: Final = "1"

_SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE label (iri TEXT PRIMARY KEY, sv TEXT NOT NULL, en TEXT NOT NULL) WITHOUT ROWID;

-- Datasets are numbered 1, 2, 3 ... in the order of their titles: bit n of a facet is dataset n.
CREATE TABLE dataset (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, slug TEXT NOT NULL UNIQUE, mark TEXT NOT NULL,
  kind TEXT NOT NULL,
  sv TEXT NOT NULL, en TEXT NOT NULL, notes_sv TEXT NOT NULL, notes_en TEXT NOT NULL,
  publisher TEXT NOT NULL, formats TEXT NOT NULL,
  issued TEXT NOT NULL, modified TEXT NOT NULL, hvd INTEGER NOT NULL, things INTEGER NOT NULL,
  violations INTEGER NOT NULL, warnings INTEGER NOT NULL, infos INTEGER NOT NULL
);
CREATE TABLE member (series TEXT NOT NULL, dataset INTEGER NOT NULL);
CREATE TABLE facet (
  name TEXT NOT NULL, key TEXT NOT NULL, iri TEXT NOT NULL, sv TEXT NOT NULL, en TEXT NOT NULL,
  count INTEGER NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (name, key)
) WITHOUT ROWID;
CREATE TABLE organisation (
  iri TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, sv TEXT NOT NULL, en TEXT NOT NULL,
  county INTEGER NOT NULL, municipality TEXT NOT NULL, homepage TEXT NOT NULL, datasets INTEGER NOT NULL,
  things INTEGER NOT NULL, violations INTEGER NOT NULL, warnings INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE municipality (iri TEXT PRIMARY KEY, code TEXT NOT NULL, sv TEXT NOT NULL, en TEXT NOT NULL);
CREATE TABLE part (municipality TEXT PRIMARY KEY, sv TEXT NOT NULL, en TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE specification (
  slug TEXT PRIMARY KEY, iri TEXT NOT NULL, class TEXT NOT NULL, sv TEXT NOT NULL, en TEXT NOT NULL,
  notes_sv TEXT NOT NULL, notes_en TEXT NOT NULL, datasets INTEGER NOT NULL, things INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE coverage (
  organisation TEXT NOT NULL, specification TEXT NOT NULL, datasets INTEGER NOT NULL, things INTEGER NOT NULL,
  PRIMARY KEY (organisation, specification)
) WITHOUT ROWID;
CREATE TABLE thing (
  id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, class TEXT NOT NULL, sv TEXT NOT NULL, en TEXT NOT NULL,
  municipality TEXT NOT NULL, dataset TEXT NOT NULL, wkt TEXT NOT NULL, longitude REAL, latitude REAL
);
CREATE TABLE rule (
  id INTEGER PRIMARY KEY, shape TEXT NOT NULL, path TEXT NOT NULL, level TEXT NOT NULL,
  sv TEXT NOT NULL, en TEXT NOT NULL, count INTEGER NOT NULL DEFAULT 0, datasets INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE finding (
  owner TEXT NOT NULL, rule INTEGER NOT NULL, count INTEGER NOT NULL, focus TEXT NOT NULL, value TEXT NOT NULL
);
-- Points for the quality of metadata, of 405 (eu) and of 375 (se): of datasets and distributions, and means
-- of catalogues, publishers, municipalities and everything, whose iri is ''.
CREATE TABLE score (
  iri TEXT PRIMARY KEY, kind TEXT NOT NULL, datasets INTEGER NOT NULL, eu REAL NOT NULL, se REAL NOT NULL,
  stars REAL NOT NULL, failing INTEGER NOT NULL, unmeasured REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE lack (iri TEXT NOT NULL, metric TEXT NOT NULL, datasets INTEGER NOT NULL);
CREATE TABLE dimension (iri TEXT NOT NULL, name TEXT NOT NULL, points REAL NOT NULL);
CREATE TABLE history (
  iri TEXT NOT NULL, day TEXT NOT NULL, datasets INTEGER NOT NULL, eu REAL NOT NULL, se REAL NOT NULL,
  stars REAL NOT NULL, failing INTEGER NOT NULL, PRIMARY KEY (iri, day)
) WITHOUT ROWID;
-- What is new in a dataset or organisation, and what was mended, since the release before.
CREATE TABLE change (
  owner TEXT NOT NULL, what TEXT NOT NULL, level TEXT NOT NULL, sv TEXT NOT NULL, en TEXT NOT NULL,
  count INTEGER NOT NULL
);
CREATE TABLE synonym (phrase TEXT NOT NULL, other TEXT NOT NULL);

CREATE TABLE entry (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, iri TEXT NOT NULL, page TEXT NOT NULL,
  sv TEXT NOT NULL, en TEXT NOT NULL, about_sv TEXT NOT NULL, about_en TEXT NOT NULL, weight REAL NOT NULL
);
CREATE VIRTUAL TABLE texts USING fts5 (
  title, tags, names, notes, parts, title_en, tags_en, notes_en,
  content = '', tokenize = "unicode61 remove_diacritics 0"
);
CREATE VIRTUAL TABLE terms USING fts5vocab (texts, row);
CREATE VIRTUAL TABLE spelling USING fts5 (word, tokenize = 'trigram');
"""
_INDEXES: Final = """
CREATE INDEX member_series ON member (series);
CREATE INDEX dataset_mark ON dataset (mark);
CREATE INDEX dataset_publisher ON dataset (publisher, id);
CREATE INDEX dataset_modified ON dataset (modified DESC, id);
CREATE INDEX dataset_worst ON dataset (violations DESC, warnings DESC, id);
CREATE INDEX thing_class ON thing (class, municipality, sv);
CREATE INDEX thing_dataset ON thing (dataset, sv);
CREATE INDEX thing_place ON thing (latitude, longitude);
CREATE INDEX finding_owner ON finding (owner);
CREATE INDEX finding_rule ON finding (rule, owner);
CREATE INDEX lack_iri ON lack (iri);
CREATE INDEX dimension_iri ON dimension (iri);
CREATE INDEX change_owner ON change (owner);
CREATE INDEX synonym_phrase ON synonym (phrase);
CREATE INDEX entry_iri ON entry (iri);
"""


def create(path: Path) -> sqlite3.Connection:
    """A new, empty index; nothing is kept back for a crash, a build that fails throws it away."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -64000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(_SCHEMA)
    connection.execute("BEGIN")
    return connection


def finish(connection: sqlite3.Connection) -> None:
    """Add what look-ups need, and close."""
    connection.execute("INSERT INTO meta VALUES ('format', ?)", (FORMAT,))
    connection.execute("INSERT INTO texts (texts) VALUES ('optimize')")
    connection.execute("COMMIT")
    connection.executescript(_INDEXES)
    connection.execute("ANALYZE")
    connection.close()


def open_index(path: Path) -> sqlite3.Connection:
    """An index that nobody will ever change, open for reading in any thread."""
    return sqlite3.connect(
        f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
    )
