"""The way through the documents of one source: page after page, within bounds, nothing fetched twice."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from loaders.harvest.documents import Document, short
from loaders.harvest.fetcher import RDF, Bounds, Fetcher
from loaders.lines import link
from ontology.errors import SourceError

MOST: Final = 20_000
"""Documents of one source; a server that leads on for ever ends here."""

Look = Callable[[str, Any], Any]
"""Calls `module:function` with an argument in an isolated process: nothing foreign is read in the build."""


class Walk:
    """Fetches the documents of one source.

    `before` are the documents of the last good version, `unfinished` those of a harvest that broke off: the
    server is asked only whether they changed. `bounds` hold for all documents together. `documents` are those
    fetched so far, in order; those that a harvest does not return are no part of the source.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        look: Look,
        folder: Path,
        bounds: Bounds,
        before: Iterable[Document] = (),
        unfinished: Iterable[Document] = (),
        hosts: Iterable[str] = (),
    ) -> None:
        self.before = tuple(one for one in before if one.path.is_file())
        self.known: Mapping[str, Document] = {one.name: one for one in (*self.before, *unfinished)}
        self.documents: list[Document] = []
        self._names: set[str] = set()
        self._fetcher = fetcher
        self._look = look
        self._folder = folder
        self._bounds = bounds
        self._end = time.monotonic() + bounds.seconds
        self._size = 0
        self._hosts = set(hosts)

    def fetch(self, address: str, accept: str = RDF, *, known: bool = True) -> Document:
        """The next document; without `known` the server is not asked whether it changed.

        Raises SourceError when it cannot be had, was fetched already, or lies where the source may not lead.
        """
        self._check(address)
        before = self.known.get(address) if known else None
        left = Bounds(
            max(self._bounds.size - self._size, 1),
            max(self._end - time.monotonic(), 0.001),
            self._bounds.private,
        )
        return self._kept(self._fetcher.fetch(address, self._target(), left, before, accept))

    def reuse(self, document: Document) -> Document:
        """A document of an earlier harvest, without a request."""
        target = self._target()
        link(document.path, target)
        return self._kept(replace(document, path=target))

    def look(self, function: str, document: Document, **more: Any) -> dict[str, Any]:
        """What a function of `loaders.kinds` tells of a document; SourceError names the document."""
        argument = {"path": str(document.path), "address": document.address, "hint": document.hint, **more}
        try:
            found: dict[str, Any] = self._look(f"loaders.kinds.{function}", argument)
        except SourceError as error:
            raise SourceError(f"{short(document.name)}: {error}") from error
        return found

    def _target(self) -> Path:
        return self._folder / f"document{len(self.documents)}"

    def _kept(self, document: Document) -> Document:
        self.documents.append(document)
        self._names.add(document.name)
        self._size += document.path.stat().st_size
        return document

    def _check(self, address: str) -> None:
        if address in self._names:
            raise SourceError(f"its pages lead in a circle, back to {address}")
        if len(self.documents) >= MOST:
            raise SourceError(f"it has more than {MOST:,} pages")
        host = urlsplit(address).netloc.lower()
        first = urlsplit(self.documents[0].name).netloc.lower() if self.documents else host
        if host != first and host not in self._hosts:
            raise SourceError(
                f"it leads to {address} on another host; if that is meant, add {host!r} to its `hosts`"
            )
