"""All shelves of a build: every profile in every syntax, filled side by side."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final, Self

from loaders.views.catalogues import Link
from loaders.views.hydra import page_node
from loaders.views.pieces import Piece
from loaders.views.profiles import PROFILES, Profile
from loaders.views.shelf import Document, Shelf
from loaders.views.syntaxes import SYNTAXES
from loaders.views.terms import Node

PAGE: Final = 100
"""Records on a page, and the most in one piece."""

Written = dict[Shelf, Piece]
"""The piece that the same nodes became on each shelf."""
Make = Callable[[Profile], Iterable[Node]]
"""Gives the nodes for a profile."""


@dataclass(slots=True)
class Run:
    """Pieces that lie one after the other and will be a document: what they hold, what they refer to."""

    pieces: dict[Shelf, list[Piece]] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)
    schema: list[Piece] = field(default_factory=list)
    """The same stretches in the schema.org view."""

    def add(self, written: Written, links: Iterable[Link], shared: Iterable[str]) -> None:
        """One more piece."""
        for shelf, piece in written.items():
            self.pieces.setdefault(shelf, []).append(piece)
        self.links.extend(links)
        self.shared.update(shared)

    def missing(self) -> list[str]:
        """What the pieces refer to and do not hold, sorted."""
        return sorted(self.shared - {f"<{iri}>" for iri, *_ in self.links})


class Texts:
    """The text of nodes in each syntax; most nodes are the same in all profiles and are written once."""

    def __init__(self) -> None:
        self._known: dict[Node, tuple[str, ...]] = {}

    def join(self, nodes: Iterable[Node]) -> tuple[str, ...]:
        """All nodes, in the order of SYNTAXES."""
        found = [self._texts(node) for node in nodes]
        return tuple(map("".join, zip(*found, strict=True))) if found else ("",) * len(SYNTAXES)

    def _texts(self, node: Node) -> tuple[str, ...]:
        texts = self._known.get(node)
        if texts is None:
            texts = self._known[node] = tuple(syntax.node(node) for syntax in SYNTAXES)
        return texts

    def forget(self) -> None:
        """Give the memory back; done after every stretch of records."""
        self._known.clear()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands among the pages."""

    number: int
    pages: int
    total: int
    """Records on all pages."""


class Shelves:
    """Writes the same content for all profiles and syntaxes."""

    def __init__(self, folder: Path, base: str) -> None:
        self._base = base
        self._texts = Texts()
        self._shelves = {
            profile.name: [Shelf(folder, profile, syntax) for syntax in SYNTAXES]
            for profile in PROFILES.values()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for shelf in self._all():
            shelf.close()

    def _each(self, make: Make) -> Iterator[tuple[list[Shelf], Iterator[Node]]]:
        for profile in PROFILES.values():
            shaped = (found for node in make(profile) for found in profile.shape(node, self._base))
            yield self._shelves[profile.name], shaped

    def begin(self, make: Make) -> None:
        """Write the catalogues at the head of the whole document, a piece for each node."""
        for shelves, nodes in self._each(make):
            first = next(nodes)
            for shelf in shelves:
                shelf.add(shelf.syntax.open(first))
            for node in nodes:
                for shelf in shelves:
                    shelf.add(shelf.syntax.node(node))

    def add(self, make: Make) -> Written:
        """Write nodes as one piece."""
        written = {}
        for shelves, nodes in self._each(make):
            texts = self._texts.join(nodes)
            written.update({shelf: shelf.add(text) for shelf, text in zip(shelves, texts, strict=True)})
        self._texts.forget()
        return written

    def copy(self, pieces: Mapping[str, Piece], folder: Path) -> Written:
        """Take a piece over from the files of another folder."""
        return {shelf: shelf.copy(pieces[shelf.name], folder) for shelf in self._all()}

    def add_ending(self, nodes: Sequence[Node]) -> Written:
        """Write nodes as the ending of documents."""
        written = {}
        for shelves, shaped in self._each(lambda _: nodes):
            texts = self._texts.join(shaped)
            written.update({one: one.add_ending(text) for one, text in zip(shelves, texts, strict=True)})
        self._texts.forget()
        return written

    def copy_ending(self, pieces: Mapping[str, Piece], folder: Path) -> Written:
        """Take an ending over from the files of another folder."""
        return {shelf: shelf.copy_ending(pieces[shelf.name], folder) for shelf in self._all()}

    def _all(self) -> Iterator[Shelf]:
        return chain.from_iterable(self._shelves.values())

    def cut(self, key: str, run: Run, head: Make, ending: Written, place: Place | None = None) -> None:
        """Make a document of a run: the catalogue of a publisher, or the page at a place."""
        for shelves, first in self._each(head):
            opening = next(first)
            for shelf, more in zip(shelves, self._texts.join(first), strict=True):
                text = shelf.syntax.open(opening) + more
                if place:
                    text += shelf.syntax.node(self._page_node(shelf, place))
                shelf.cut(
                    "page" if place else "publisher",
                    key,
                    run.pieces.get(shelf, []),
                    text,
                    ending[shelf],
                    len(run.links),
                )
        self._texts.forget()

    def _page_node(self, shelf: Shelf, place: Place) -> Node:
        return page_node(
            self._base, shelf.profile, shelf.syntax, place.number, place.pages, place.total, PAGE
        )

    def finish(self, items: int) -> Iterator[Document]:
        """Write the ends of the whole catalogues; gives the rows of all documents."""
        for shelf in self._all():
            shelf.finish(items)
            yield from shelf.documents
