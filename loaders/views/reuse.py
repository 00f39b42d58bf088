"""Takes over what did not change: parts of the documents and entities of the feed of the release before.

A night's harvest changes a few datasets of many. A part whose subjects say what they said in the release
before is copied as it lies there, packed, and nothing of it is looked at; so a build costs what reading the
graph once costs.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Set
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from loaders.views.index import ask
from loaders.views.needs import changed_subjects, touched
from loaders.views.pieces import Piece, Sum
from ontology import FOLDER

Pieces = dict[str, Piece]
"""A part in every file, by the name of the file."""
_PUT: Final = "INSERT OR REPLACE INTO parts (key, pieces, needs, shared, entities) VALUES (?, ?, ?, ?, ?)"


class Part(NamedTuple):
    """Where a part lies, and what else must be known of it to take it over unread."""

    pieces: Pieces
    needs: bytes
    """The marks of the subjects that it was made from."""
    shared: tuple[str, ...] = ()
    """Subjects that its records refer to and share with others."""
    entities: tuple[str, ...] = ()
    """IRIs of its entities of the feed, perhaps with some that are none."""


@cache
def code_version() -> str:
    """A hash of all that decides how views are written, so that other code never meets old pieces."""
    found = hashlib.sha256((FOLDER / "context.jsonld").read_bytes())
    for file in sorted(files(__package__).iterdir(), key=lambda one: one.name):
        if file.name.endswith((".py", ".csv")):
            found.update(f"{file.name}\0".encode() + file.read_bytes())
    return found.hexdigest()[:32]


class Reuse:
    """The parts of the release before; none when there is none, or when it was written by other code."""

    def __init__(
        self, index: sqlite3.Connection, folder: Path | None, graph_nq: Path, more: Iterable[str]
    ) -> None:
        """`folder` has the views of the release before, `more` are terms that count as changed."""
        self._index = index
        self._changed: Set[bytes] = frozenset()
        self.folder: Path | None = None
        code = next((row[0] for row in ask(index, "SELECT value FROM old.facts WHERE name = 'code'")), "")
        before = folder.with_name(graph_nq.name) if folder else None
        if before and before.is_file() and code == code_version():
            changed = changed_subjects(before, graph_nq, index, more)
            if changed is not None:
                self._changed, self.folder = changed, folder

    def key(self, kind: str, facts: Iterable[object]) -> str:
        """The name of a part: the same for the same records or subjects."""
        text = json.dumps([code_version(), kind, *facts])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def part(self, key: str) -> Part | None:
        """A part of the release before, if it is there and nothing that it was made from has changed."""
        if self.folder is None:
            return None
        query = "SELECT pieces, needs, shared, entities FROM old.parts WHERE key = ?"
        for pieces, needs, shared, entities in ask(self._index, query, key):
            if not touched(needs, self._changed):
                places = {name: _piece(*row) for name, row in json.loads(pieces).items()}
                return Part(places, needs, tuple(json.loads(shared)), tuple(json.loads(entities)))
        return None

    def note(self, key: str, part: Part) -> None:
        """Note where a part lies now."""
        rows = {
            name: (one.start, one.length, one.sum.crc, one.sum.plain, one.digest.hex())
            for name, one in part.pieces.items()
        }
        told = (json.dumps(rows), part.needs, json.dumps(part.shared), json.dumps(part.entities))
        self._index.execute(_PUT, (key, *told))

    def entities(self, iris: Iterable[str]) -> None:
        """Take over entities that did not change."""
        self._index.executemany(_TAKE, ((iri,) for iri in iris))


_TAKE = (
    "INSERT OR IGNORE INTO entities (iri, rank, hash) SELECT iri, rank, hash FROM old.entities WHERE iri = ?"
)


def _piece(start: int, length: int, crc: int, plain: int, digest: str) -> Piece:
    return Piece(start, length, Sum(crc, plain), bytes.fromhex(digest))
