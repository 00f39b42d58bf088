"""Writes the documents of one profile in one syntax: the whole catalogue, its pages, one per publisher."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from loaders.views.members import Member, MemberFile, Stretch, etag
from loaders.views.profiles import Profile
from loaders.views.syntaxes import Syntax

DocumentKind = Literal["whole", "page", "publisher"]
COLUMNS = "profile, syntax, kind, key, etag, bytes, plain, items, stretches"


class Document(NamedTuple):
    """A row of the table `documents`; `stretches` is JSON, bytes of gzip members to be put together."""

    profile: str
    syntax: str
    kind: DocumentKind
    key: str
    etag: str
    bytes: int
    plain: int
    items: int
    stretches: str


class Shelf:
    """One catalogue file, ``catalog.<ending>.gz``, and beside it the heads and ends of its stretches."""

    def __init__(self, folder: Path, profile: Profile, syntax: Syntax) -> None:
        self.profile = profile
        self.syntax = syntax
        self._whole = MemberFile(folder / f"{profile.name}.{syntax.ending}.gz")
        self._parts = MemberFile(folder / f"{profile.name}.parts.{syntax.ending}.gz")
        self._end = self._parts.add(syntax.close())
        self._all: list[Member] = []
        self._items = 0
        self.documents: list[Document] = []

    def add(self, text: str) -> Member:
        """Write text to the whole catalogue, as one member; the first has to open it."""
        written = self._whole.add(text)
        self._all.append(written)
        return written

    def cut(
        self,
        kind: DocumentKind,
        key: str,
        members: Sequence[Member],
        opening: str,
        ending: str,
        items: int,
    ) -> None:
        """Make a document of some members, which lie one after the other, between a head and shared nodes."""
        before = self._parts.add(opening)
        after = self._parts.add(ending)
        stretches = [
            self._parts.stretch([before]),
            *([self._whole.stretch(members)] if members else []),
            self._parts.stretch([after]),
            self._parts.stretch([self._end]),
        ]
        self._note(kind, key, [before, *members, after, self._end], stretches, items)

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
        members: Sequence[Member],
        stretches: Sequence[Stretch],
        items: int,
    ) -> None:
        self.documents.append(
            Document(
                self.profile.name,
                self.syntax.name,
                kind,
                key,
                etag(members),
                sum(found.length for found in members),
                sum(found.plain for found in members),
                items,
                json.dumps(stretches),
            )
        )
