"""From disk to memory, and from one release to the next, without a failed request."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from loaders.releases.release import Manifest, Release
from server.workers.pool import Failure, Pool, Query

pytestmark = pytest.mark.anyio

CSV = "text/csv"
TITLE = "SELECT ?o { <https://odis.example/test/thing/7> <http://purl.org/dc/terms/title> ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
ROOMY = 1 << 30

OpenPool = Callable[..., AbstractAsyncContextManager[Pool]]
MakeRelease = Callable[..., Release]
Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def title(pool: Pool) -> tuple[str, str]:
    """What the pool answers, and the release it says that is from."""
    async with pool.run(Query(TITLE, CSV)) as answer:
        assert answer.whole is not None
        return answer.whole.split()[1].decode(), answer.release


class Asking:
    """Somebody who asks all the time, several times at once, until stopped."""

    def __init__(self, pool: Pool) -> None:
        self.answers: list[tuple[str, str]] = []
        self.marked: set[tuple[str, str]] = set()
        """Answers to what was asked after `mark`."""
        self._marking = False
        self._pool = pool
        self._on = True
        self._tasks = [asyncio.create_task(self._ask()) for _ in range(4)]

    async def _ask(self) -> None:
        while self._on:
            marking = self._marking
            self.answers.append(await title(self._pool))
            if marking:
                self.marked.add(self.answers[-1])

    def mark(self) -> None:
        """From now on a question is one of those after."""
        self._marking = True

    async def stop(self) -> None:
        """Raises what any of the queries raised."""
        self._on = False
        await asyncio.gather(*self._tasks)


async def test_moves_to_memory_without_a_failed_request(open_pool: OpenPool, until: Until) -> None:
    """The first answers come from disk, later ones from memory, all of them alike."""
    async with open_pool(in_memory_limit=ROOMY) as pool:
        assert not pool.state().in_memory
        asking = Asking(pool)
        await until(lambda: pool.state().in_memory)
        enough = len(asking.answers) + 50
        await until(lambda: len(asking.answers) > enough)
        await asking.stop()
        assert set(asking.answers) == {("Sak", "first")}
        assert pool.state().failures == {}
        await until(lambda: pool.state().idle == 4 and not pool._workforce._leaving)


@pytest.mark.parametrize("limit", [0, 1_000_000])
async def test_stays_on_disk_when_memory_would_not_do(open_pool: OpenPool, until: Until, limit: int) -> None:
    """A release whose estimated size does not fit the setting is served from disk."""
    async with open_pool(in_memory_limit=limit) as pool:
        await until(lambda: not pool._workforce._building)
        assert not pool.state().in_memory
        assert (await title(pool))[0] == "Sak"


async def test_stays_on_disk_when_the_files_differ(
    open_pool: OpenPool, make_release: MakeRelease, until: Until
) -> None:
    """If the N-Quads do not hold what the store holds, memory would answer otherwise: so not."""
    release = make_release("differs")
    with release.graph.open("a") as graph:
        graph.write("<a:more> <a:than> <a:stored> .\n")
    async with open_pool(release, in_memory_limit=ROOMY) as pool:
        await until(lambda: not pool._workforce._building)
        assert not pool.state().in_memory
        assert (await title(pool))[0] == "Sak"


@pytest.mark.parametrize("limit", [0, ROOMY], ids=["disk", "memory"])
async def test_switch_without_a_failed_request(
    open_pool: OpenPool, make_release: MakeRelease, until: Until, limit: int
) -> None:
    """Every answer is from the old or from the new release and says truly from which; none fails."""
    old, new = make_release("old", "Gammal"), make_release("new", "Ny")
    async with open_pool(old, in_memory_limit=limit) as pool:
        if limit:
            await until(lambda: pool.state().in_memory)
        asking = Asking(pool)
        await until(lambda: len(asking.answers) > 10)
        await pool.switch(new)
        assert pool.state().release == "new"
        asking.mark()  # those under way may still be from the old one
        enough = len(asking.answers) + 24
        await until(lambda: len(asking.answers) > enough)
        await asking.stop()
        assert set(asking.answers) == {("Gammal", "old"), ("Ny", "new")}
        assert asking.marked == {("Ny", "new")}
        if limit:
            await until(lambda: pool.state().in_memory)
        await until(lambda: not pool._workforce._leaving)
        assert all(nursery.release == "new" for nursery in pool._workforce._nurseries)


async def test_running_query_ends_on_the_old_release(
    open_pool: OpenPool, make_release: MakeRelease, until: Until
) -> None:
    """A query that runs during the switch keeps its worker; the old zygote ends with the last of them."""
    old, new = make_release("old"), make_release("new")
    async with open_pool(old) as pool:
        running = asyncio.create_task(pool.obtain(Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV)))
        answer = await running
        zygote = pool._workforce.current.pid if pool._workforce.current else None
        await pool.switch(new)
        parts = answer.parts()
        for _ in range(30):
            await anext(parts)
        assert answer.release == "old"
        assert Path(f"/proc/{zygote}").exists()
        pool.leave(answer)
        await until(lambda: not Path(f"/proc/{zygote}").exists())


async def test_old_release_may_be_removed(open_pool: OpenPool, make_release: MakeRelease) -> None:
    """What is served does not need its directory, so old releases can be pruned at any time."""
    release = make_release("doomed")
    async with open_pool(release) as pool:
        for path in sorted(release.path.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        assert (await title(pool))[0] == "Sak"


async def test_switch_to_a_broken_release_changes_nothing(open_pool: OpenPool, tmp_path: Path) -> None:
    """A release that gives no worker is refused, and the one before is served on."""
    broken = Release(tmp_path / "none", Manifest(base="https://odis.example/", triples=0, quads=0, id="none"))
    async with open_pool() as pool:
        with pytest.raises(Failure) as caught:
            await pool.switch(broken)
        assert caught.value.cause == "unavailable"
        assert await title(pool) == ("Sak", "first")
        assert pool.state().release == "first"


async def test_recovers_in_memory(open_pool: OpenPool, until: Until) -> None:
    """A zygote that dies with the release in memory is replaced, from disk at first, then in memory again."""
    async with open_pool(in_memory_limit=ROOMY) as pool:
        await until(lambda: pool.state().in_memory)
        assert pool._workforce.current is not None
        zygote = pool._workforce.current.pid
        assert zygote is not None
        os.kill(zygote, signal.SIGKILL)
        await until(lambda: pool.state().restarts == 1)
        assert (await title(pool))[0] == "Sak"
        await until(lambda: pool.state().in_memory)
        assert (await title(pool))[0] == "Sak"
