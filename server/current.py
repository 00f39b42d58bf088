"""The release that is served: noticed when it changes, and gone over to without losing a request."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from loaders.releases.release import Release, current
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
        self.release = choose(data)
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

    async def _go_over(self, name: str) -> None:
        try:
            release = await asyncio.to_thread(self._choose, self._data)
            if release.id == self.release.id:
                raise ReleaseError("it has not been published to the engine yet")
            await self.pool.switch(release)
        except (OdisError, OSError) as error:
            self._failed = (name, asyncio.get_running_loop().time() + AGAIN)
            LOG.error("release %s cannot be served, %s stays: %s", name, self.release.id, error)
            return
        LOG.warning("serving release %s instead of %s", release.id, self.release.id)
        self.release = release
        self.changed(release)
