"""Queries under way are listed, and can be ended from outside."""

import asyncio

import pytest

from server.running import Gone, Running, Stopped


async def hold(running: Running, reached: asyncio.Event) -> None:
    """Stand for a query that runs until somebody ends it."""
    with running.enter("digest", "ASK {}", "ask", "client"):
        reached.set()
        await asyncio.Event().wait()


async def started(running: Running) -> asyncio.Task[None]:
    """A running query."""
    reached = asyncio.Event()
    task = asyncio.create_task(hold(running, reached))
    await reached.wait()
    return task


def test_a_query_is_listed_while_it_runs() -> None:
    """The list shows what runs now, and nothing else."""

    async def scene() -> None:
        running = Running()
        task = await started(running)
        assert [entry.digest for entry in running] == ["digest"]
        assert running.stop(next(iter(running)).id)
        with pytest.raises(Stopped):
            await task
        assert len(running) == 0

    asyncio.run(scene())


def test_the_end_tells_its_reason() -> None:
    """A client that went away is not the operator's doing; the first reason counts."""

    async def scene() -> None:
        running = Running()
        task = await started(running)
        entry = next(iter(running))
        entry.end("gone")
        entry.end("stopped")
        with pytest.raises(Gone):
            await task

    asyncio.run(scene())


def test_a_cancelled_server_stays_cancelled() -> None:
    """Closing down is not turned into an answer."""

    async def scene() -> None:
        running = Running()
        task = await started(running)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())


def test_an_unknown_query_cannot_be_stopped() -> None:
    """It may have ended in the meantime."""
    assert not Running().stop(7)
