"""All shelves of a build: every profile in every syntax, filled side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final, Self

from loaders.views.catalogues import Link
from loaders.views.hydra import page_node
from loaders.views.members import Member
from loaders.views.profiles import PROFILES, Profile
from loaders.views.shelf import Document, DocumentKind, Shelf, Texts
from loaders.views.syntaxes import SYNTAXES
from loaders.views.terms import Node

PAGE: Final = 100
"""Records on a page, and the most in one gzip member."""

Written = dict[Shelf, Member]
"""The member that the same nodes became on each shelf."""
Make = Callable[[Profile], Iterable[Node]]
"""Gives the nodes for a profile."""


@dataclass(slots=True)
class Run:
    """Members that lie one after the other and will be a document: what they hold, what they refer to."""

    members: dict[Shelf, list[Member]] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)

    def add(self, written: Written, links: Iterable[Link], shared: Iterable[str]) -> None:
        """One more member."""
        for shelf, member in written.items():
            self.members.setdefault(shelf, []).append(member)
        self.links.extend(links)
        self.shared.update(shared)

    def missing(self) -> list[str]:
        """What the members refer to and do not hold, sorted."""
        return sorted(self.shared - {f"<{iri}>" for iri, *_ in self.links})


class Shelves:
    """Writes the same content for all profiles and syntaxes."""

    def __init__(self, folder: Path, base: str) -> None:
        self._base = base
        self._texts = Texts()
        self._shelves = {
            profile.name: [Shelf(folder, profile, syntax, self._texts) for syntax in SYNTAXES]
            for profile in PROFILES.values()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for shelf in chain.from_iterable(self._shelves.values()):
            shelf.close()

    def _each(self, make: Make) -> Iterator[tuple[list[Shelf], Iterator[Node]]]:
        for profile in PROFILES.values():
            shaped = (found for node in make(profile) for found in profile.shape(node, self._base))
            yield self._shelves[profile.name], shaped

    def begin(self, make: Make) -> None:
        """Write the catalogues at the head of the whole document, a member for each node."""
        for shelves, nodes in self._each(make):
            first = next(nodes)
            for shelf in shelves:
                shelf.begin(first)
            for node in nodes:
                for shelf in shelves:
                    shelf.add([node])
                self._texts.forget()

    def add(self, make: Make) -> Written:
        """Write nodes as one member."""
        written = {}
        for shelves, nodes in self._each(make):
            ready = list(nodes)
            written.update({shelf: shelf.add(ready) for shelf in shelves})
        self._texts.forget()
        return written

    def cut(self, kind: DocumentKind, key: str, run: Run, head: Make, shared: Iterable[Node]) -> None:
        """Make a document of a run."""
        together = list(shared)
        for (shelves, first), (_, rest) in zip(self._each(head), self._each(lambda _: together), strict=True):
            opening, ending = list(first), list(rest)
            for shelf in shelves:
                shelf.cut(kind, key, run.members.get(shelf, []), opening, ending, len(run.links))
        self._texts.forget()

    def page(self, number: int, pages: int, total: int, run: Run, head: Make, shared: Iterable[Node]) -> None:
        """Make a page of a run, with its place among the pages."""
        together = list(shared)
        for (shelves, first), (_, rest) in zip(self._each(head), self._each(lambda _: together), strict=True):
            opening, ending = list(first), list(rest)
            for shelf in shelves:
                node = page_node(self._base, shelf.profile, shelf.syntax, number, pages, total, PAGE)
                members = run.members.get(shelf, [])
                shelf.cut("page", str(number), members, [*opening, node], ending, len(run.links))
        self._texts.forget()

    def finish(self, items: int) -> Iterator[Document]:
        """Write the ends of the whole catalogues; gives the rows of all documents."""
        for shelf in chain.from_iterable(self._shelves.values()):
            shelf.finish(items)
            yield from shelf.documents


def blocks(nodes: Iterable[Node], size: int) -> Iterator[Sequence[Node]]:
    """Nodes in lists of bounded length."""
    block: list[Node] = []
    for node in nodes:
        block.append(node)
        if len(block) >= size:
            yield block
            block = []
    if block:
        yield block
