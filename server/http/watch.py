"""Notices that a client has gone while its query runs, so that no worker goes on for nobody."""

import asyncio
from types import TracebackType

from server.http.request import Receive

PATIENCE = 0.05
"""Seconds before anybody is watched for: most queries are over by then, and a task for each costs time."""


class Gone(Exception):  # noqa: N818 -- an event, not an error: nobody is left to be told
    """The client went away."""


class Watch:
    """A block that is left with Gone as soon as the client closes its connection."""

    __slots__ = ("_gone", "_handle", "_looking", "_receive", "_task")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone = False
        self._looking: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- only ever entered from a coroutine
        self._task = task
        self._handle = asyncio.get_running_loop().call_later(PATIENCE, self._begin)

    def _begin(self) -> None:
        self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.cancel()
        if self._looking is not None:
            self._looking.cancel()
        if kind is asyncio.CancelledError and self._gone and not self._task.uncancel():
            raise Gone from None
