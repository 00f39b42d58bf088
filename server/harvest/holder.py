"""Holds the views of the served release open, and lets go of them when nobody reads them any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from loaders.releases.release import Release
from loaders.views.read import OpenViews, open_views
from server.http import problems
from server.http.problems import Problem
from server.http.words import Words


@dataclass(slots=True)
class _Opened:
    release: str
    views: OpenViews
    users: int = 0


class ViewsHolder:
    """Opens the views of the release that `served` names, once for all requests.

    `page` gives the address of the page about a thing, from the base and its IRI; without it there are no
    pages, and crawlers and browsers are led to the data.
    """

    def __init__(self, served: Callable[[], Release], page: Callable[[str, str], str] | None = None) -> None:
        self.page = page
        self._served = served
        self._opened: _Opened | None = None
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def use(self) -> AsyncIterator[OpenViews]:
        """The views of the served release; raises Problem when it was built without any."""
        opened = await self._current()
        opened.users += 1
        try:
            yield opened.views
        finally:
            opened.users -= 1
            self._drop(opened)

    async def _current(self) -> _Opened:
        async with self._lock:
            release, before = self._served(), self._opened
            if before is None or before.release != release.id:
                self._opened = _Opened(release.id, await asyncio.to_thread(_open, release))
                if before is not None:
                    self._drop(before)
            assert self._opened is not None  # noqa: S101 -- set just above, for mypy
            return self._opened

    def _drop(self, opened: _Opened) -> None:
        if opened is not self._opened and not opened.users:
            opened.views.close()

    def close(self) -> None:
        """Let go of everything; nobody may be reading."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.views.close()


def _open(release: Release) -> OpenViews:
    folder = release.path / "views"
    if not folder.is_dir():
        raise Problem(
            problems.UNAVAILABLE,
            Words("Utgåvan byggdes utan vyer.", "The release was built without views."),
        )
    return open_views(folder, release.graph, datetime.fromisoformat(release.manifest.created))
