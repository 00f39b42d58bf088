"""Takes over what did not change: stretches of the documents and entities of the feed of the release before.

A night's harvest changes a few datasets of many. A stretch whose records, times and code are those of the
release before is copied as it lies there, packed; so a build costs what reading and hashing the graph costs.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from loaders.views.index import ask
from loaders.views.pieces import Piece, Sum
from ontology import FOLDER

Pieces = dict[str, Piece]
"""A stretch in every catalogue file, by the name of the file."""
_PUT: Final = "INSERT OR REPLACE INTO stretches (key, pieces) VALUES (?, ?)"


@cache
def code_version() -> str:
    """A hash of all that decides how views are written, so that other code never meets old pieces."""
    found = hashlib.sha256((FOLDER / "context.jsonld").read_bytes())
    for file in sorted(files(__package__).iterdir(), key=lambda one: one.name):
        if file.name.endswith((".py", ".csv")):
            found.update(f"{file.name}\0".encode() + file.read_bytes())
    return found.hexdigest()[:32]


class Reuse:
    """The stretches of the release before; none when there is none, or when it was written by other code."""

    def __init__(self, index: sqlite3.Connection, folder: Path | None) -> None:
        self._index = index
        code = next((row[0] for row in ask(index, "SELECT value FROM old.facts WHERE name = 'code'")), "")
        self.folder = folder if code == code_version() else None

    def key(self, facts: Iterable[object]) -> str:
        """The name of a stretch: the same for the same content."""
        text = json.dumps([code_version(), *facts])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def pieces(self, key: str) -> Pieces | None:
        """Where a stretch lies in the files of the release before, if it is there."""
        if self.folder is None:
            return None
        for (found,) in ask(self._index, "SELECT pieces FROM old.stretches WHERE key = ?", key):
            return {
                name: Piece(start, length, Sum(crc, plain), bytes.fromhex(digest))
                for name, (start, length, crc, plain, digest) in json.loads(found).items()
            }
        return None

    def note(self, key: str, pieces: Pieces) -> None:
        """Note where a stretch lies now."""
        rows = {
            name: (one.start, one.length, one.sum.crc, one.sum.plain, one.digest.hex())
            for name, one in pieces.items()
        }
        self._index.execute(_PUT, (key, json.dumps(rows)))

    def entities(self, iris: Iterable[str]) -> None:
        """Take over the entities of a record that did not change."""
        for iri in iris:
            self._index.execute(_TAKE, (iri,))


_TAKE = (
    "INSERT OR IGNORE INTO entities (iri, rank, hash) SELECT iri, rank, hash FROM old.entities WHERE iri = ?"
)
