"""A query stops when the client that asked it has gone."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from server.http.watch import Gone, Watch


class Client:
    """The receiving side of a connection that can be closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.asked = 0

    async def receive(self) -> MutableMapping[str, Any]:
        """What an ASGI server tells: an empty body, then nothing until the client closes."""
        self.asked += 1
        if self.asked == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.closed.wait()
        return {"type": "http.disconnect"}


def test_a_client_that_goes_ends_the_block() -> None:
    """The work is cancelled, and told apart from a server that is closing."""

    async def scene() -> None:
        client = Client()
        asyncio.get_running_loop().call_later(0.01, client.closed.set)
        with pytest.raises(Gone):
            async with asyncio.timeout(20):
                with Watch(client.receive):
                    await asyncio.Event().wait()

    asyncio.run(scene())


def test_a_quick_answer_never_looks() -> None:
    """Watching costs a task; most answers are there before it would begin."""

    async def scene() -> None:
        client = Client()
        with Watch(client.receive):
            await asyncio.sleep(0)
        assert client.asked == 0

    asyncio.run(scene())


def test_a_closing_server_is_not_a_client_that_went() -> None:
    """A cancellation from elsewhere stays one."""

    async def work(client: Client) -> None:
        with Watch(client.receive):
            await asyncio.Event().wait()

    async def scene() -> None:
        task = asyncio.create_task(work(Client()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
