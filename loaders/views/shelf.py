"""Writes the documents of one profile in one syntax: the whole catalogue, its pages, one per publisher."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from loaders.views.pieces import FRAME, Piece, PieceFile, Stretch, etag, total
from loaders.views.profiles import Profile
from loaders.views.syntaxes import Syntax

DocumentKind = Literal["whole", "page", "publisher"]
COLUMNS = "profile, syntax, kind, key, etag, bytes, plain, crc, items, stretches"


class Document(NamedTuple):
    """A row of the table `documents`; `stretches` is JSON, pieces to be put together."""

    profile: str
    syntax: str
    kind: DocumentKind
    key: str
    etag: str
    bytes: int
    plain: int
    crc: int
    items: int
    stretches: str


class Shelf:
    """One catalogue file, ``catalog.<ending>.gz``, and beside it the heads and ends of its stretches."""

    def __init__(self, folder: Path, profile: Profile, syntax: Syntax) -> None:
        self.profile = profile
        self.syntax = syntax
        self._whole = PieceFile(folder / f"{profile.name}.{syntax.ending}.gz")
        self._parts = PieceFile(folder / f"{profile.name}.parts.{syntax.ending}.gz")
        self._end = self._parts.add(syntax.close())
        self._all: list[Piece] = []
        self._items = 0
        self.documents: list[Document] = []

    def add(self, text: str) -> Piece:
        """Write text to the whole catalogue, as one piece; the first has to open it."""
        written = self._whole.add(text)
        self._all.append(written)
        return written

    @property
    def name(self) -> str:
        """The name of the file of the whole catalogue."""
        return self._whole.name

    def copy(self, piece: Piece, folder: Path) -> Piece:
        """Take a piece of the whole catalogue over from another folder."""
        written = self._whole.copy(piece, folder)
        self._all.append(written)
        return written

    def add_ending(self, text: str) -> Piece:
        """Write what stands at the end of a document that is cut."""
        return self._parts.add(text)

    def copy_ending(self, piece: Piece, folder: Path) -> Piece:
        """Take an ending over from another folder."""
        return self._parts.copy(piece, folder)

    def cut(
        self,
        kind: DocumentKind,
        key: str,
        pieces: Sequence[Piece],
        opening: str,
        after: Piece,
        items: int,
    ) -> None:
        """Make a document of some pieces, which lie one after the other, between a head and an ending."""
        before = self._parts.add(opening)
        stretches = [
            self._parts.stretch([before]),
            *([self._whole.stretch(pieces)] if pieces else []),
            self._parts.stretch([after]),
            self._parts.stretch([self._end]),
        ]
        self._note(kind, key, [before, *pieces, after, self._end], stretches, items)

    def finish(self, items: int) -> None:
        """Write the end of the whole catalogue."""
        self._all.append(self._whole.add(self.syntax.close()))
        self._note("whole", "", self._all, [self._whole.stretch(self._all)], items)

    def close(self) -> None:
        """Close the files."""
        self._whole.close()
        self._parts.close()

    def _note(
        self,
        kind: DocumentKind,
        key: str,
        pieces: Sequence[Piece],
        stretches: Sequence[Stretch],
        items: int,
    ) -> None:
        found = total(pieces)
        self.documents.append(
            Document(
                self.profile.name,
                self.syntax.name,
                kind,
                key,
                etag(pieces),
                sum(piece.length for piece in pieces) + FRAME,
                found.plain,
                found.crc,
                items,
                json.dumps(stretches),
            )
        )
