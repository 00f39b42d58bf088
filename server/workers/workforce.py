"""Keeps enough workers ready over the right release, from disk at first and then from memory."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Protocol

from loaders.releases.release import Release
from server.settings import ServerSettings
from server.workers.lanes import RESERVED
from server.workers.link import Link
from server.workers.nursery import Nursery
from server.workers.query import Failure
from server.workers.zygote import Plan

_log = logging.getLogger(__name__)

BYTES_PER_QUAD = 400
"""What a quad takes in memory; see docs/decisions."""
_SPARE = 1
"""Workers beyond the places of the fast lane, so that the place of a killed one is filled at once."""
_LOOK_AGAIN = 0.1
"""Seconds between two looks at whether the release before has been let go."""
_BACK_OFF = 0.05, 5.0
"""Seconds before what ended at once is started again: the first time, and at most."""


class Employer(Protocol):
    """Who is told about workers."""

    def available(self) -> None:
        """There is an idle worker."""

    def answered(self, link: Link) -> None:
        """A worker has ended an answer, well or not."""

    def lost(self, link: Link) -> None:
        """A worker is gone; `link.code` says how."""


class Workforce:
    """The workers over one release, and for a while those over the one before.

    `current` is where new queries go; None while a lost zygote is being replaced. Nurseries that come up
    are in `_nurseries` with it, those that only finish what they have begun in `_leaving`.
    """

    def __init__(self, release: Release, settings: ServerSettings, employer: Employer) -> None:
        self.release = release
        self.current: Nursery | None = None
        self.spawned = 0
        self.restarts = 0
        self._settings = settings
        self._employer = employer
        self._nurseries: set[Nursery] = set()
        self._leaving: set[Nursery] = set()
        self._network_wanted: list[asyncio.Future[Link]] = []
        self._building: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._to_memory: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Serve from the store on disk; returns when the first worker is ready. Raises Failure if none is."""
        await self._from_disk(self.release, staff=1)

    async def switch(self, release: Release) -> None:
        """Go over to another release: new queries go to new workers, running ones end where they are.

        Raises Failure, and stays where it was, when the new release gives no worker.
        """
        await self._from_disk(release, staff=self._settings.workers)

    async def close(self) -> None:
        """End all workers and zygotes."""
        self._closing = True
        for task in list(self._building):
            task.cancel()
        await asyncio.gather(*self._building, return_exceptions=True)
        self.current = None
        await asyncio.gather(*self._ending, *(nursery.close() for nursery in self._nurseries | self._leaving))

    def take(self) -> Link | None:
        """An idle worker, the one that was busy last."""
        return self.current.idle.pop() if self.current and self.current.idle else None

    def give_back(self, link: Link) -> None:
        """A worker has nothing to do any more: it waits for the next query, unless it is to be replaced."""
        nursery = self.current
        if nursery and link.owner is nursery and link.fresh and link.counted:
            nursery.idle.append(link)
        else:
            self.dismiss(link)

    def dismiss(self, link: Link) -> None:
        """End a worker at once, whatever it does, and replace it."""
        link.kill()
        self.replace(link)

    def replace(self, link: Link) -> None:
        """Count a worker out, though it may go on with its query, and have another one take its place."""
        link.counted = False
        if self.current:
            self._fill(self.current)

    async def with_network(self) -> Link:
        """A new worker that may open connections; it is used for one query."""
        if self.current is None:
            raise Failure("unavailable", "No worker is available at the moment.", retry_after=1)
        wanted: asyncio.Future[Link] = asyncio.get_running_loop().create_future()
        self._network_wanted.append(wanted)
        self.spawned += 1
        self.current.spawn(network=True)
        return await wanted

    def ready(self, nursery: Nursery, link: Link) -> None:
        """From a nursery: a worker waits for its first query."""
        if link.network:
            self._hand_over(link)
        elif nursery not in self._nurseries:
            link.kill()
        else:
            nursery.idle.append(link)
            if nursery is self.current:
                self._employer.available()

    def answered(self, link: Link) -> None:
        """From a nursery: a worker has ended an answer."""
        self._employer.answered(link)

    def lost(self, nursery: Nursery, link: Link) -> None:
        """From a nursery: a worker is gone."""
        self._employer.lost(link)
        if nursery in self._leaving:
            self._let_go(nursery)
        elif link.up:
            self._fill(nursery)
        else:  # it ended before it was ready; that may go on, so more and more slowly
            first, most = _BACK_OFF
            delay = min(most, first * 2**nursery.still_born)
            asyncio.get_running_loop().call_later(delay, self._fill, nursery)

    def gone(self, nursery: Nursery) -> None:
        """From a nursery: its zygote is gone."""
        self._nurseries.discard(nursery)
        self._leaving.discard(nursery)
        if nursery is not self.current:
            return
        self.current = None
        nursery.idle.clear()
        self._background(nursery.close(), self._ending)
        if not self._closing:
            _log.error("the zygote of release %s is gone; starting another", nursery.release)
            self._background(self._recover(), self._building)

    def _hand_over(self, link: Link) -> None:
        link.counted = False
        while self._network_wanted:
            wanted = self._network_wanted.pop(0)
            if not wanted.done():
                wanted.set_result(link)
                return
        link.kill()

    def _let_go(self, nursery: Nursery) -> None:
        if not nursery.links:
            self._leaving.discard(nursery)
            self._background(nursery.close(), self._ending)

    def _fill(self, nursery: Nursery) -> None:
        if nursery.alive and nursery in self._nurseries and not self._closing:
            for _ in range(self._settings.workers + RESERVED + _SPARE - nursery.staff):
                self.spawned += 1
                nursery.spawn()

    async def _from_disk(self, release: Release, *, staff: int) -> None:
        if self._to_memory is not None:
            self._to_memory.cancel()
        if not await self._establish(release, in_memory=False, staff=staff):
            raise Failure("unavailable", f"No worker starts over release {release.id}.", retry_after=5)
        self._to_memory = self._background(self._move_to_memory(release), self._building)

    async def _move_to_memory(self, release: Release) -> None:
        if self._settings.engine:  # the store is only for what the engine cannot do
            return
        copies = self._settings.workers + self._settings.slow_slots + 1
        if release.manifest.quads * BYTES_PER_QUAD * copies > self._settings.in_memory_limit:
            return
        while self._leaving or self._ending:  # the one before may hold as much memory
            await asyncio.sleep(_LOOK_AGAIN)
        if not await self._establish(release, in_memory=True, staff=self._settings.workers):
            _log.warning("release %s could not be held in memory; serving it from disk", release.id)

    async def _establish(self, release: Release, *, in_memory: bool, staff: int) -> bool:
        """Bring up a zygote with `staff` workers over `release` and send new queries there."""
        nursery = Nursery(self, release.id, self._plan(release, in_memory=in_memory))
        self._nurseries.add(nursery)
        try:
            if await nursery.start():
                self._fill(nursery)
                if await nursery.staffed(staff):
                    self._promote(nursery, release)
                    return True
            _log.error("no worker over release %s: %s", release.id, nursery.last_words)
            return False
        finally:
            if self.current is not nursery:
                self._nurseries.discard(nursery)
                await nursery.close()

    def _promote(self, nursery: Nursery, release: Release) -> None:
        before, self.current, self.release = self.current, nursery, release
        if before is not None:
            self._nurseries.discard(before)
            for link in list(before.idle):
                link.kill()
            before.idle.clear()
            self._leaving.add(before)
            self._let_go(before)
        self._employer.available()

    async def _recover(self) -> None:
        first, most = _BACK_OFF
        delay = first
        while self.current is None:
            self.restarts += 1
            try:
                await self._from_disk(self.release, staff=1)
            except Failure as failure:
                _log.error("%s", failure)
                await asyncio.sleep(delay)
                delay = min(most, delay * 2)

    def _plan(self, release: Release, *, in_memory: bool) -> Plan:
        return Plan(
            store=str(release.store),
            files=tuple(str(path) for path in sorted(release.path.glob("*.nq"))),
            in_memory=in_memory,
            memory=self._settings.memory,
            merge_limit=self._settings.merge_limit,
            engine=self._settings.engine,
            user=self._settings.engine_user,
            base=release.manifest.base,
            release=release.id,
        )

    def _background(
        self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]
    ) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        among.add(task)
        task.add_done_callback(among.discard)
        return task
