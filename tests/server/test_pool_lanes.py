"""Slow queries do not stand in the way of quick ones."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from server.workers.pool import Failure, Pool, Query

pytestmark = pytest.mark.anyio

CSV = "text/csv"
QUICK = "SELECT (COUNT(*) AS ?n) { ?s a ?c }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
LONG = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?a ?d ?e . ?a ?f ?g }"  # some tenths of a second of CPU

OpenPool = Callable[..., AbstractAsyncContextManager[Pool]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def body(pool: Pool, query: Query) -> bytes:
    """The whole body, however it comes."""
    async with pool.run(query) as answer:
        return b"".join([part async for part in answer.parts()])


def endless(pool: Pool, client: str = "greedy", deadline: float = 30.0) -> "asyncio.Task[bytes]":
    """A query without end, running."""
    return asyncio.create_task(body(pool, Query(ENDLESS, CSV, client=client, deadline=deadline)))


async def stop(*tasks: "asyncio.Task[bytes]") -> list[object]:
    """Let go of queries; what became of each."""
    for task in tasks:
        task.cancel()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_slow_query_frees_its_fast_place(open_pool: OpenPool, until: Until) -> None:
    """A query that uses much CPU moves aside: it yields the processor, and its place to quick ones."""
    async with open_pool(workers=1, slow_slots=1, fast_cpu=0.05) as pool:
        task = endless(pool)
        await until(lambda: pool.state().slow == 1)
        assert pool.state().fast == 0
        (link,) = pool._running.values()
        nice = int(Path(f"/proc/{link.pid}/stat").read_text().rpartition(")")[2].split()[16])
        assert nice == 10
        for _ in range(20):
            assert await body(pool, Query(QUICK, CSV, client="modest")) == b"n\r\n3000\r\n"
        await stop(task)
        await until(lambda: pool.state().slow == 0 and pool.state().idle == 3)


async def test_quick_queries_are_served_under_siege(open_pool: OpenPool, until: Until) -> None:
    """While one client keeps all places busy that it can get, another's quick queries are answered."""
    async with open_pool(workers=2, slow_slots=2, fast_cpu=0.05, client_queue=20) as pool:
        tasks = [endless(pool) for _ in range(10)]
        await until(lambda: pool.state().slow == 2)
        for _ in range(30):
            assert await body(pool, Query(QUICK, CSV, client="modest")) == b"n\r\n3000\r\n"
        await stop(*tasks)


async def test_slow_query_waits_for_a_place_and_is_answered(open_pool: OpenPool, until: Until) -> None:
    """A slow query that finds no place is not failed: it is begun anew when there is one."""
    async with open_pool(workers=1, slow_slots=1, fast_cpu=0.05, queue_wait=60) as pool:
        first = endless(pool, deadline=1.5)
        await until(lambda: pool.state().slow == 1)
        second = asyncio.create_task(body(pool, Query(LONG, CSV, client="patient", deadline=60)))
        await until(lambda: pool.state().waiting == 1)
        with pytest.raises(Failure):
            await first
        assert await second == b"n\r\n192000\r\n"
        assert pool.state().failures == {"deadline": 1}


async def test_waiting_has_an_end(open_pool: OpenPool, until: Until) -> None:
    """Who has waited too long is told why: others hold the places, or it holds its own share itself."""
    async with open_pool(workers=1, slow_slots=2, client_slow=1, fast_cpu=0.05, queue_wait=0.3) as pool:
        tasks = [endless(pool, "a")]
        await until(lambda: pool.state().slow == 1)
        with pytest.raises(Failure) as own:
            await endless(pool, "a")
        tasks.append(endless(pool, "b"))
        await until(lambda: pool.state().slow == 2)
        with pytest.raises(Failure) as others:
            await endless(pool, "c")
        assert (own.value.cause, others.value.cause) == ("client-cap", "overload")
        assert own.value.retry_after
        await stop(*tasks)


async def test_stream_without_a_slow_place_breaks_off(open_pool: OpenPool, until: Until) -> None:
    """A long answer that has begun cannot be begun anew: it breaks off, and says why."""
    async with open_pool(workers=1, slow_slots=1, fast_cpu=0.05) as pool:
        task = endless(pool)
        await until(lambda: pool.state().slow == 1)
        with pytest.raises(Failure) as caught:
            await body(pool, Query("SELECT * { ?a ?b ?c . ?d ?e ?f }", CSV, client="other"))
        assert caught.value.cause == "overload"
        await stop(task)


async def test_queue_is_bounded(open_pool: OpenPool, until: Until) -> None:
    """Queries beyond the queue are refused at once, the others answered."""
    async with open_pool(workers=1, queue=5, client_queue=5) as pool:
        asked = (body(pool, Query(QUICK, CSV, client=str(number))) for number in range(20))
        answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Failure)]
    assert {failure.cause for failure in refused} == {"overload"}
    assert len(refused) == 14
    assert len([answer for answer in answers if answer == b"n\r\n3000\r\n"]) == 6


async def test_those_who_leave_the_queue_take_no_place(open_pool: OpenPool, until: Until) -> None:
    """Who gives up while waiting is forgotten, even at the moment its turn comes."""
    async with open_pool(workers=1, client_queue=100) as pool:
        tasks = [asyncio.create_task(body(pool, Query(QUICK, CSV))) for _ in range(40)]
        while tasks:
            await tasks.pop(0)
            if tasks:
                await stop(tasks.pop(0))
        await until(lambda: pool.state().idle == 3)
        assert (pool.state().fast, pool.state().waiting) == (0, 0)
