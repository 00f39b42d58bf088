"""The release that is served: noticed when it changes, and gone over to without losing a request.

A release is served only after its checksums were compared, but for the one that is there at the start: that
is compared while it is served, since to read all of it takes longer than a restart may.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from loaders.releases.release import Release, current, named, previous, releases, verify
from ontology.errors import OdisError, ReleaseError
from server.workers.pool import Pool

LOG = logging.getLogger(__name__)
AGAIN = 30.0  # seconds before a release that could not be opened is tried again


class Current:
    """Holds the pool over the current release of a data folder, and follows the link that names it."""

    def __init__(
        self,
        data: Path,
        open_pool: Callable[[Release], Pool],
        every: float,
        changed: Callable[[Release], None] = lambda release: None,
        choose: Callable[[Path], Release] = current,
    ) -> None:
        """`choose` says which release is to be served, and is asked when the link names another one."""
        self.release = _whole(data) if choose is current else choose(data)
        self.verified = False
        """Whether the checksums of what is served were found right."""
        self.pool = open_pool(self.release)
        self.changed = changed
        """Called with each new release after the pool has gone over to it."""
        self._data = data
        self._choose = choose
        self._every = every
        self._task: asyncio.Task[None] | None = None
        self._failed = ("", 0.0)

    @property
    def started(self) -> bool:
        """Whether the workers run."""
        return self._task is not None

    async def start(self) -> None:
        """Start the workers and begin to follow."""
        await self.pool.start()
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop following, and end the workers."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.pool.close()

    async def _follow(self) -> None:
        await self._verify_first()
        while True:
            await asyncio.sleep(self._every)
            name = self._named()
            failed, until = self._failed
            waiting = name == failed and asyncio.get_running_loop().time() < until
            if name and name != self.release.id and not waiting:
                await self._go_over(name)

    def _named(self) -> str:
        try:
            return (self._data / "current").readlink().name
        except OSError:
            return ""  # being replaced just now, or taken away: what is served stays

    async def _verify_first(self) -> None:
        """Compare the checksums of the release of the start; if they differ, go back to one that is whole."""
        try:
            await asyncio.to_thread(verify, self.release)
            self.verified = True
        except ReleaseError as error:
            LOG.error("%s", error)
            if not await self._go_back():
                LOG.error("no other release is whole: %s is served as it is", self.release.id)

    async def _go_back(self) -> bool:
        """Serve the newest whole release before this one, if there is any; an engine has its own."""
        if self._choose is not current:
            return False
        whole, made = await asyncio.to_thread(releases, self._data), self.release.manifest.created
        for name in (release.id for release in whole if release.manifest.created < made):
            if await self._tried(name, partial(named, release_id=name)):
                return True
        return False

    async def _go_over(self, name: str) -> None:
        if not await self._tried(name, self._choose):
            self._failed = (name, asyncio.get_running_loop().time() + AGAIN)

    async def _tried(self, name: str, choose: Callable[[Path], Release]) -> bool:
        """Serve the release of this name, as `choose` gives it, if it is whole; whether that was done."""
        try:
            release = await asyncio.to_thread(choose, self._data)
            if release.id == self.release.id:
                raise ReleaseError("it has not been published to the engine yet")
            await asyncio.to_thread(verify, release)
            await self.pool.switch(release)
        except (OdisError, OSError) as error:
            LOG.error("release %s cannot be served, %s stays: %s", name, self.release.id, error)
            return False
        LOG.warning("serving release %s instead of %s", release.id, self.release.id)
        self.release, self.verified = release, True
        self.changed(release)
        return True


def _whole(data: Path) -> Release:
    """The current release, or the newest before it that is whole if it is damaged."""
    try:
        return current(data)
    except ReleaseError as error:
        try:
            release = previous(data)
        except ReleaseError:
            raise error from None
        LOG.error("%s; serving %s", error, release.id)
        return release
